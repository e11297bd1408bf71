import { expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { silentControl } from './silent-control.ts'

const CLIENT = '203.0.113.9'
const OUTPUT = [120, 4810, 310, 90_122, 700, 2200, 64, 18_000, 950, 410, 77]
const asked = (page: string, sizes: readonly number[], extra: Partial<Visit> = {}): readonly Visit[] =>
  sizes.map((bytes, index) => ({ at: 900 + index, from: CLIENT, ask: `GET ${page}`, bytes, ...extra }))
const log = (visits: readonly Visit[]) => accessEvents([...ordinaryVisits(400, 24 * 60), ...visits])

test.each<[string, readonly Visit[], readonly string[]]>([
  [
    'commands in a cookie',
    asked('/inc/cache.php', OUTPUT),
    [`medium: /inc/cache.php answers ${CLIENT} differently though nothing is asked in the address (11 requests)`],
  ],
  // look-alikes
  [
    'a health check',
    asked(
      '/health.php',
      Array.from({ length: 60 }, (_, index) => (index % 9 === 0 ? 17 : 16)),
    ),
    [],
  ],
  [
    'a feed that one reader follows',
    asked(
      '/feed.php',
      OUTPUT.map(size => 20_000 + (size % 900)),
    ),
    [],
  ],
  ['a list of the application', asked('/orders.php', OUTPUT, { referrer: 'https://www.example/' }), []],
  [
    'an interface that was there from the beginning',
    [...asked('/export.php', [400], { at: 1 }), ...asked('/export.php', OUTPUT)],
    [],
  ],
  ['a mobile back end', ['9', '10', '11'].flatMap(last => asked('/api/news.php', OUTPUT, { from: `203.0.113.${last}` })), []],
  ['a report with its question in the address', asked('/report.php?day=1', OUTPUT), []],
  ['a few looks', asked('/inc/cache.php', OUTPUT.slice(0, 6)), []],
])('%s', async (_name, visits, found) => {
  expect(saidIn(await foundBy(silentControl, log(visits)))).toEqual(found)
})
