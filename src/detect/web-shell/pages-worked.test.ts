import { describe, expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { exploitThenPage } from './exploit-then-page.ts'
import { largeAnswers } from './large-answers.ts'
import { lonePage } from './lone-page.ts'
import { staticAnswers } from './static-answers.ts'
import { tunnelPage } from './tunnel-page.ts'

const DAY = 24 * 60
const INTRUDER = '203.0.113.9'
const log = (...visits: readonly (readonly Visit[])[]) => accessEvents([...ordinaryVisits(400, DAY), ...visits.flat()])
/** `perMinute` requests a minute for some minutes. */
const stream = (ask: string, minutes: number, perMinute: number, extra: Partial<Visit> = {}, sizes = 40): readonly Visit[] =>
  Array.from({ length: minutes * perMinute }, (_, index) => ({
    at: 900 + index / perMinute,
    from: INTRUDER,
    ask,
    bytes: 10 + ((index * 37) % sizes) * 11,
    ...extra,
  }))

describe('a page used as a tunnel', () => {
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'the words of a tunnel page',
      stream('POST /img/t.aspx?cmd=read', 4, 120),
      [`high: ${INTRUDER} used /img/t.aspx as a tunnel: 480 requests, up to 120 a minute`],
    ],
    [
      'no words, but packets of all lengths through a page nobody asked for before',
      stream('POST /img/t.aspx', 4, 120),
      [`medium: ${INTRUDER} used /img/t.aspx as a tunnel: 480 requests, up to 120 a minute`],
    ],
    // look-alikes
    ['long polling: slow, one answer', stream('GET /poll.ashx', 60, 4, {}, 1), []],
    [
      'an application that asks for news all the time',
      stream('GET /news.ashx', 4, 120, { referrer: 'https://www.example/app' }),
      [],
    ],
    ['monitoring: one answer', stream('GET /health.aspx', 4, 120, {}, 1), []],
    ['a web hook fed record by record: few answers', stream('POST /hook.ashx', 4, 120, {}, 3), []],
    [
      'an interface there from the beginning',
      stream('POST /api.ashx', 4, 120).map((visit, index) => ({ ...visit, at: 1 + index / 120 })),
      [],
    ],
    [
      'mobile phones of many people',
      [1, 2, 3].flatMap(last => stream('POST /m.ashx', 4, 120, { from: `203.0.113.${last}` })),
      [],
    ],
    ['one busy minute', stream('POST /img/t.aspx', 1, 120), []],
    ['refused', stream('POST /img/t.aspx?cmd=read', 4, 120, { status: 403 }), []],
    ['a crawler with many pages', stream('GET /', 4, 120).map((visit, index) => ({ ...visit, ask: `GET /p${index}.php` })), []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(tunnelPage, log(visits)))).toEqual(found)
  })
})

const post = (page: string, sizes: readonly number[], extra: Partial<Visit> = {}): readonly Visit[] =>
  sizes.map((bytes, index) => ({ at: 900 + index, from: INTRUDER, ask: `POST ${page}`, bytes, ...extra }))

describe('a picture path that answers like a program', () => {
  const GIF = '/addEndpoint/html/lookup.gif'
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'a library that answers there',
      post(GIF, [40, 9000, 300]),
      [`high: ${GIF} answers posts of ${INTRUDER} like a program (3 posts)`],
    ],
    ['two posts', post(GIF, [40, 9000]), [`medium: ${GIF} answers posts of ${INTRUDER} like a program (2 posts)`]],
    // look-alikes
    ['Apache gives a picture to a post as to a get', post(GIF, [1350, 1350, 1350]), []],
    ['a beacon that answers with its one point', post('/t.gif', [43, 43, 43, 43]), []],
    ['uploads under their own name', post('/store/photo.jpg', [0, 0, 0], { status: 201 }), []],
    ['refused', post(GIF, [40, 9000, 300], { status: 405 }), []],
    [
      'charts drawn for everybody',
      ['1', '2', '3'].flatMap(last => post('/chart.png', [900, 9000], { from: `203.0.113.${last}` })),
      [],
    ],
    ['pages of a framework', post('/order.html', [40, 9000, 300]), []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(staticAnswers, log(visits)))).toEqual(found)
  })
})

describe('answers larger than the page gives', () => {
  const big = (count: number, from = INTRUDER): readonly Visit[] =>
    Array.from({ length: count }, (_, index) => ({ at: 900 + index, from, ask: 'POST /news.php', bytes: 8_000_000 }))
  test.each<[string, readonly Visit[], readonly string[]]>([
    ['one client, once', big(1), [`low: ${INTRUDER} got 8.0 MB from /news.php, which usually answers with 4,093 bytes`]],
    // look-alikes
    ['an export that several use', [...big(1), ...big(1, '203.0.113.10')], []],
    ['a page made for large answers', big(10), []],
    ['a page hardly anybody uses', [{ at: 900, from: INTRUDER, ask: 'GET /export.php', bytes: 8_000_000 }], []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(largeAnswers, log(visits)))).toEqual(found)
  })
})

describe('an exploit, a drop, a look and a series of posts', () => {
  const SHELL = '/html/promotion/status.jsp'
  const look: Visit = { at: 901, from: INTRUDER, ask: `GET ${SHELL}` }
  const work = post(SHELL, [40, 9000, 300], { at: 905 }).map((visit, index) => ({ ...visit, at: 905 + index }))
  const drop = (extra: Partial<Visit> = {}): Visit => ({ at: 900, from: INTRUDER, ask: 'POST /html/error.jsp', ...extra })
  const said = (severity: string) => [
    `${severity}: ${INTRUDER} posted to /html/error.jsp, 60 s later opened the new page ${SHELL} and posted to it 3 times`,
  ]
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'the dropper is gone later',
      [drop(), look, ...work, { at: 1200, from: INTRUDER, ask: 'GET /html/error.jsp', status: 404 }],
      said('high'),
    ],
    ['the hole breaks the request', [drop({ status: 500 }), look, ...work], said('high')],
    ['the dropper stays', [drop(), look, ...work], said('medium')],
    [
      'a developer led there by the application',
      [drop(), { ...look, referrer: 'https://www.example/admin' }, ...work],
      said('low'),
    ],
    // look-alikes
    [
      'a user logs on and fills in a form of his own',
      [drop(), ...['7', '8'].map(last => drop({ from: `203.0.113.${last}` })), look, ...work],
      [],
    ],
    ['the attempt was refused', [drop({ status: 403 }), look, ...work], []],
    ['a look only', [drop(), look], []],
    ['hours before', [drop({ at: 700 }), look, ...work], []],
    ['the page is used by others', [drop(), look, ...work, { at: 950, from: '203.0.113.7', ask: `GET ${SHELL}` }], []],
    ['an old page', [drop(), { ...look, at: 1 }, look, ...work], []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(exploitThenPage, log(visits)))).toEqual(found)
  })
})

test.each<[string, readonly Visit[], readonly (readonly [string, boolean | undefined])[]]>([
  [
    'commands that the page ignores are an attempt',
    [1, 2, 3].map(at => ({ at: 900 + at, from: INTRUDER, ask: at === 1 ? 'GET /x.php' : 'GET /x.php?c=whoami', bytes: 512 })),
    [[`low: ${INTRUDER} sent commands to /x.php, which answered as it always does`, false]],
  ],
  [
    'commands that it answers otherwise',
    [1, 2, 3].map(at => ({
      at: 900 + at,
      from: INTRUDER,
      ask: at === 1 ? 'GET /x.php' : 'GET /x.php?c=whoami',
      bytes: 500 + at,
    })),
    [[`high: /x.php is used like a web shell by ${INTRUDER} (0 posts)`, true]],
  ],
])('%s', async (_name, visits, found) => {
  const drafts = await foundBy(lonePage, log(visits))
  expect(drafts.map(({ severity, title, succeeded }) => [`${severity}: ${title}`, succeeded])).toEqual(found)
})
