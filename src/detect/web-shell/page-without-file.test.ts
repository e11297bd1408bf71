import { expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { pageWithoutFile } from './page-without-file.ts'

const CLIENT = '203.0.113.9'
const PAGES = ['news.php', 'about.php', 'contact.php', 'login.php', 'account.php', 'search.php']
const files = (names: readonly string[]) =>
  names.map((name, index) =>
    eventOf<'file_activity'>(
      { kind: 'file_activity', action: 'found', path: `export.zip!/www/${name}` },
      { product: 'file', record: 50_000 + index },
    ),
  )
const visited = PAGES.flatMap((page, index) =>
  [1, 2, 3].map(last => ({ at: index * 10 + last, from: `198.51.100.${last}`, ask: `GET /${page}` })),
)
const posts = (page: string, extra: Partial<Visit> = {}): readonly Visit[] =>
  [1, 2, 3].map(index => ({ at: 900 + index, from: CLIENT, ask: `POST ${page}`, bytes: index * 100, ...extra }))
const log = (visits: readonly Visit[]) => accessEvents([...ordinaryVisits(200, 24 * 60), ...visited, ...visits])

test.each<[string, readonly string[], readonly Visit[], readonly string[]]>([
  [
    'a page nobody can find',
    PAGES,
    posts('/favicon.jsp'),
    [`medium: /favicon.jsp answered 3 posts of ${CLIENT}, and no file in the evidence is called so`],
  ],
  // look-alikes
  ['the file is there', [...PAGES, 'tool.php'], posts('/tool.php'), []],
  ['a part of the web root was copied', PAGES.slice(0, 3), posts('/tool.php'), []],
  ['no web root was copied', [], posts('/tool.php'), []],
  ['not there for the visitor either', PAGES, posts('/favicon.jsp', { status: 404 }), []],
  ['an address that many use', PAGES, ['7', '8', '9'].flatMap(last => posts('/route.php', { from: `203.0.113.${last}` })), []],
])('%s', async (_name, names, visits, found) => {
  expect(saidIn(await foundBy(pageWithoutFile, [...files(names), ...log(visits)]))).toEqual(found)
})
