import { expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { webLogEmptied } from './web-log-emptied.ts'

const DAY = 24 * 60
const DAYS = 5
/** The first twelve hours of the third day, as the log counts from six in the morning. */
const inside = (at: number) => at >= 2 * DAY && at < 2 * DAY + 12 * 60
const busy = ordinaryVisits(DAYS * 480, DAYS * DAY)
const quiet = ordinaryVisits(DAYS * 40, DAYS * DAY).filter(({ at }) => at % DAY >= 12 * 60)
const log = (visits: readonly Visit[], ...more: readonly Visit[]) =>
  accessEvents([...visits.filter(({ at }) => !inside(at)), ...more])
const BEGIN = Date.UTC(2024, 2, 4, 6) * 1000
/** Another log of the machine: a record every half hour. */
const system = (runs: (at: number) => boolean, host = 'web01.example'): readonly SecurityEvent[] =>
  Array.from({ length: DAYS * 48 }, (_, index) => index * 30)
    .filter(runs)
    .map(at =>
      eventOf<'other_activity'>(
        { kind: 'other_activity', message: 'running' },
        { host, time: BEGIN + at * 60_000_000, record: 100_000 + at, product: 'syslog' },
      ),
    )
const work: Visit = { at: 2 * DAY + 12 * 60 + 0.01, from: '203.0.113.9', ask: 'POST /img/a.aspx' }
const SAID = 'access.log has no line for 12 hours that are busy on other days'

test.each<[string, readonly SecurityEvent[], readonly string[]]>([
  ['half a day is gone, the machine went on', [...log(busy), ...system(() => true)], [`medium: ${SAID}`]],
  ['the first line left is that of a shell', [...log(busy, work), ...system(() => true)], [`high: ${SAID}`]],
  // look-alikes
  ['one silent night of a quiet site', [...log(quiet), ...system(() => true)], []],
  ['the machine was off', [...log(busy), ...system(at => !inside(at))], []],
  ['another machine went on', [...log(busy), ...system(() => true, 'db01.example')], []],
  ['written all the time', [...accessEvents(busy), ...system(() => true)], []],
  ['closed every night', [...accessEvents(busy.filter(({ at }) => at % DAY >= 12 * 60)), ...system(() => true)], []],
])('%s', async (_name, events, found) => {
  expect(saidIn(await foundBy(webLogEmptied, events))).toEqual(found)
})
