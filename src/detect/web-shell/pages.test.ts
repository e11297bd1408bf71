import { describe, expect, test } from 'vitest'
import { accessEvents, ordinaryVisits, type Visit } from '../../../test/access-lines.ts'
import { eventOf } from '../../../test/record-detector.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { lonePage } from './lone-page.ts'
import { managerLogin } from './manager-login.ts'
import { scanner } from './scanner.ts'
import { servedArchive } from './served-archive.ts'
import { pageUploaded, uploadThenPage } from './upload-then-page.ts'

const DAY = 24 * 60
const background = ordinaryVisits(400, DAY)
const INTRUDER = '203.0.113.9'
const log = (...visits: readonly (readonly Visit[])[]) => accessEvents([...background, ...visits.flat()])
const posts = (page: string, from: string, sizes: readonly number[], extra: Partial<Visit> = {}): readonly Visit[] =>
  sizes.map((bytes, index) => ({ at: 900 + index, from, ask: `POST ${page}`, bytes, ...extra }))
const scan = (from: string): readonly Visit[] =>
  Array.from({ length: 120 }, (_, index) => ({ at: 300 + index / 60, from, ask: `GET /old${index}.php`, status: 404 }))
const OUTPUT = [120, 4810, 310, 90_122, 700]

describe('a page used like a web shell', () => {
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'late, unlinked, answers of all sizes',
      posts('/img/a.aspx', INTRUDER, OUTPUT),
      [`high: /img/a.aspx is used like a web shell by ${INTRUDER} (5 posts)`],
    ],
    [
      'commands in the address',
      [{ at: 900, from: INTRUDER, ask: 'GET /x.php?c=whoami' }],
      [`high: /x.php is used like a web shell by ${INTRUDER} (0 posts)`],
    ],
    [
      'a form with equal answers, there from the beginning',
      [
        { at: 0, from: INTRUDER, ask: 'GET /form.php', referrer: 'https://www.example/' },
        ...posts('/form.php', INTRUDER, [500, 500, 501]),
      ],
      [`low: /form.php is used like a web shell by ${INTRUDER} (3 posts)`],
    ],
    [
      'an administrator alone on a page of the application, with answers of all sizes',
      [
        { at: 2, from: INTRUDER, ask: 'GET /admin.php', referrer: 'https://www.example/login.php' },
        ...posts('/admin.php', INTRUDER, OUTPUT, { referrer: 'https://www.example/admin.php' }),
      ],
      [`low: /admin.php is used like a web shell by ${INTRUDER} (5 posts)`],
    ],
    [
      'the program behind the form of an administration page that one person began to use',
      [
        { at: 899, from: INTRUDER, ask: 'GET /portal/admin.php', referrer: 'https://www.example/login.php' },
        ...posts('/portal/inc/upload.php', INTRUDER, [88, 88, 91, 88], { referrer: 'https://www.example/portal/admin.php' }),
      ],
      [`low: /portal/inc/upload.php is used like a web shell by ${INTRUDER} (4 posts)`],
    ],
    [
      'a referrer that names a page the client was never served',
      posts('/portal/inc/a.php', INTRUDER, [88, 88, 91, 88], { referrer: 'https://www.example/portal/admin.php' }),
      [`high: /portal/inc/a.php is used like a web shell by ${INTRUDER} (4 posts)`],
    ],
    [
      'a form elsewhere whose program answers with the output of commands',
      [
        { at: 899, from: INTRUDER, ask: 'GET /portal/x.html' },
        ...posts('/portal/inc/a.php', INTRUDER, OUTPUT, { referrer: 'https://www.example/portal/x.html' }),
      ],
      [`high: /portal/inc/a.php is used like a web shell by ${INTRUDER} (5 posts)`],
    ],
    [
      'an interface of one machine',
      posts('/api/report', INTRUDER, [20, 20, 20, 20, 20, 20]),
      [`low: /api/report is used like a web shell by ${INTRUDER} (6 posts)`],
    ],
    ['a form many use', ['203.0.113.9', '203.0.113.10', '203.0.113.11'].flatMap(from => posts('/form.php', from, OUTPUT)), []],
    ['posts that were refused', posts('/img/a.aspx', INTRUDER, OUTPUT, { status: 403 }), []],
    ['two posts', posts('/img/a.aspx', INTRUDER, [10, 20_000]), []],
    ['commands that met nothing', [{ at: 900, from: INTRUDER, ask: 'GET /x.php?c=whoami', status: 404 }], []],
    ['a scanner that tries forms', [...scan(INTRUDER), ...posts('/login.php', INTRUDER, [10, 9000, 30])], []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(lonePage, log(visits)))).toEqual(found)
  })

  test('requests that our machines send out are not visits to our server', async () => {
    const out = (path: string, serverIp: string, record: number) =>
      eventOf<'http_activity'>(
        { kind: 'http_activity', clientIp: '10.0.0.8', serverIp, method: 'POST', path, status: 200, bytes: record * 900 },
        { host: '', product: 'zeek', record, time: 1_700_000_000_000_000 + record * 1_000_000 },
      )
    const outside = [1, 2, 3, 4, 5, 6].map(record => out('/gate.php', '203.0.113.7', record))
    const proxied = [1, 2, 3, 4, 5, 6].map(record => out('http://ocsp.example/gate.php', '10.0.0.3', record + 10))
    const own = [1, 2, 3, 4, 5, 6].map(record => out('/gate.php', '10.0.0.3', record + 20))
    const found = await Promise.all([outside, proxied, own].map(events => foundBy(lonePage, events)))
    expect(found.map(drafts => drafts.map(({ object }) => object))).toEqual([[], [], ['/gate.php']])
  })

  test('names the records that prove it, and a scanner that passed by does not hide it', async () => {
    const events = log(posts('/img/a.aspx', INTRUDER, OUTPUT), scan('203.0.113.77'), [
      { at: 310, from: '203.0.113.77', ask: 'GET /img/a.aspx', status: 404 },
    ])
    const [draft] = await foundBy(lonePage, events)
    expect(draft?.addresses).toEqual([INTRUDER])
    expect(draft?.evidence.map(({ record }) => record)).toEqual(
      events.flatMap(event =>
        event.kind === 'http_activity' && event.path === '/img/a.aspx' && event.clientIp === INTRUDER
          ? [event.source.record]
          : [],
      ),
    )
    expect(draft?.hosts).toEqual(['web01.example'])
  })
})

const opened = (page: string, at = 901.5, from = INTRUDER): Visit => ({ at, from, ask: `GET ${page}` })

describe('an upload and then a new page', () => {
  const upload: Visit = { at: 900, from: INTRUDER, ask: 'POST /manager/html/upload?x=1', user: 'admin' }
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'a deployed shell in use',
      [upload, opened('/error/cmd.jsp'), ...posts('/error/cmd.jsp', INTRUDER, [1], { at: 905 })],
      [`high: ${INTRUDER} uploaded through /manager/html/upload and 90 s later opened the new page /error/cmd.jsp`],
    ],
    [
      'a deployed page only looked at',
      [upload, opened('/shop/start.jsp')],
      [`medium: ${INTRUDER} uploaded through /manager/html/upload and 90 s later opened the new page /shop/start.jsp`],
    ],
    [
      'a script written by PUT',
      [{ at: 900, from: INTRUDER, ask: 'PUT /a.jsp/', status: 201 }, opened('/a.jsp')],
      [`medium: ${INTRUDER} uploaded through /a.jsp/ and 90 s later opened the new page /a.jsp`],
    ],
    ['a page everybody knows', [upload, opened('/news.php')], []],
    ['an hour later', [upload, opened('/error/cmd.jsp', 961)], []],
    ['another client', [upload, opened('/error/cmd.jsp', 901.5, '203.0.113.10')], []],
    [
      'an editor uploads a picture and opens a page of his own',
      [{ ...upload, ask: 'POST /wp-admin/async-upload.php' }, opened('/wp-admin/edit.php')],
      [],
    ],
    ['a picture', [upload, opened('/img/new.png')], []],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(uploadThenPage, log(visits)))).toEqual(found)
  })
})

describe('the upload of a page', () => {
  const form: Visit = { at: 900, from: INTRUDER, ask: 'POST /support/upload.aspx' }
  const page = '/support/files/status.aspx'

  test.each<readonly [string, readonly Visit[], readonly string[]]>([
    [
      'a form, then the page in use',
      [form, opened(page), ...posts(page, INTRUDER, [1, 2, 3], { at: 905 })],
      [`high: ${INTRUDER} put the new page ${page} in place through /support/upload.aspx`],
    ],
    ['the page is only looked at', [form, opened(page)], []],
    ['an editor uploads a document', [form, opened('/support/files/notice.pdf')], []],
    [
      'a console is told by its log-in',
      [
        { ...form, ask: 'POST /manager/html/upload' },
        opened('/error/cmd.jsp'),
        ...posts('/error/cmd.jsp', INTRUDER, [1, 2, 3], { at: 905 }),
      ],
      [],
    ],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(pageUploaded, log(visits)))).toEqual(found)
  })
})

describe('scanners', () => {
  test.each<[string, readonly Visit[], readonly string[]]>([
    ['many paths that are not there', scan(INTRUDER), [`low: ${INTRUDER} scanned the web server web01.example`]],
    [
      'a tool that says its name',
      [1, 2, 3].map(at => ({ at, from: INTRUDER, ask: 'GET /', agent: 'sqlmap/1.7' })),
      [`low: ${INTRUDER} scanned the web server web01.example`],
    ],
    ['a visitor with an old link', [1, 2, 3].map(at => ({ at, from: INTRUDER, ask: `GET /old${at}.html`, status: 404 })), []],
    [
      'a crawler that finds most of what it asks for',
      Array.from({ length: 200 }, (_, index) => ({
        at: index,
        from: INTRUDER,
        ask: `GET /p${index}.html`,
        status: index % 4 === 0 ? 404 : 200,
      })),
      [],
    ],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(scanner, log(visits)))).toEqual(found)
  })
})

test.each<[string, readonly Visit[], readonly string[]]>([
  [
    'one administrator',
    [{ at: 900, from: '10.0.0.5', ask: 'GET /manager/html', user: 'admin' }],
    ['low: admin signed in to the application server console from 10.0.0.5'],
  ],
  [
    'two places and an upload',
    [
      { at: 900, from: '10.0.0.5', ask: 'GET /manager/html', user: 'admin' },
      { at: 901, from: INTRUDER, ask: 'POST /manager/html/upload', user: 'admin' },
    ],
    [`medium: admin signed in to the application server console from 10.0.0.5 and ${INTRUDER} and uploaded 1 archive`],
  ],
  ['refused', [{ at: 900, from: INTRUDER, ask: 'GET /manager/html', status: 401 }], []],
])('console: %s', async (_name, visits, found) => {
  expect(saidIn(await foundBy(managerLogin, log(visits)))).toEqual(found)
})

describe('a large file that was put there', () => {
  const fetched = (ask: string, bytes: number, extra: Partial<Visit> = {}): Visit => ({
    at: 1000,
    from: INTRUDER,
    ask: `GET ${ask}`,
    bytes,
    ...extra,
  })
  test.each<[string, readonly Visit[], readonly string[]]>([
    [
      'fetched by the user of a lone page',
      [...posts('/img/a.aspx', INTRUDER, OUTPUT), fetched('/files/lock.lic', 36_250_112)],
      [`high: ${INTRUDER} fetched /files/lock.lic (36.3 MB), which nobody asked for before`],
    ],
    [
      'fetched by somebody else',
      [fetched('/files/offer.zip', 5_000_000)],
      [`low: ${INTRUDER} fetched /files/offer.zip (5.0 MB), which nobody asked for before`],
    ],
    ['a small file', [...posts('/img/a.aspx', INTRUDER, OUTPUT), fetched('/files/logo.gif', 9_000)], []],
    ['not there', [...posts('/img/a.aspx', INTRUDER, OUTPUT), fetched('/files/lock.lic', 36_250_112, { status: 404 })], []],
    ['there from the beginning', [fetched('/files/lock.lic', 36_250_112, { at: 1 }), fetched('/files/lock.lic', 36_250_112)], []],
    [
      'a download for everybody',
      ['203.0.113.9', '203.0.113.10', '203.0.113.11'].map(from => fetched('/files/offer.zip', 5_000_000, { from })),
      [],
    ],
  ])('%s', async (_name, visits, found) => {
    expect(saidIn(await foundBy(servedArchive, log(visits)))).toEqual(found)
  })
})
