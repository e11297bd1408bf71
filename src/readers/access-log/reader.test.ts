import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, eventsOfKind, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

const AT = '[15/Aug/2023:05:34:25 +1000]'
const COMBINED = `203.0.113.9 - - ${AT} "POST /up/a.aspx?x=1&y=2 HTTP/1.1" 200 512 "https://site.example/in" "Mozilla/5.0 (X11)"`
const BASE = { kind: 'http_activity', clientIp: '203.0.113.9', method: 'GET', path: '/', status: 200, bytes: 5 }

test.each([
  ['common', `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`, BASE],
  ['a user', `203.0.113.9 - EXAMPLE\\\\ora ${AT} "GET / HTTP/1.1" 200 5`, { ...BASE, user: 'EXAMPLE\\\\ora' }],
  ['a user with spaces', `203.0.113.9 - ora smith ${AT} "GET / HTTP/1.1" 200 5`, { ...BASE, user: 'ora smith' }],
  [
    'combined',
    COMBINED,
    {
      ...BASE,
      method: 'POST',
      path: '/up/a.aspx',
      query: 'x=1&y=2',
      bytes: 512,
      referrer: 'https://site.example/in',
      userAgent: 'Mozilla/5.0 (X11)',
    },
  ],
  ['Tomcat, no answer body', `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 302 -`, { ...BASE, status: 302, bytes: 0 }],
  ['Tomcat, a time without unit', `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 17`, BASE],
  [
    'nginx request time',
    `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "curl/8" 0.017`,
    { ...BASE, userAgent: 'curl/8', duration: 17_000 },
  ],
  [
    'nginx rt=',
    `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "curl/8" rt=0.017 uct="-"`,
    { ...BASE, userAgent: 'curl/8', duration: 17_000 },
  ],
  [
    'X-Forwarded-For behind',
    `10.0.0.2 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "-" "203.0.113.9, 2001:db8::1"`,
    { ...BASE, clientIp: '10.0.0.2', forwardedFor: '203.0.113.9, 2001:db8::1' },
  ],
  [
    'X-Forwarded-For as client',
    `203.0.113.9, 10.0.0.2 - ora ${AT} "GET / HTTP/1.1" 200 5`,
    { ...BASE, user: 'ora', forwardedFor: '203.0.113.9, 10.0.0.2' },
  ],
  [
    'virtual host first',
    `www.example:443 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`,
    { ...BASE, virtualHost: 'www.example', serverPort: 443 },
  ],
  [
    'virtual host first, no port',
    `www.example 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`,
    { ...BASE, virtualHost: 'www.example' },
  ],
  [
    'virtual host last',
    `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "curl/8" www.example:8443`,
    { ...BASE, userAgent: 'curl/8', virtualHost: 'www.example', serverPort: 8443 },
  ],
  ['IPv6', `2001:db8::9 - - ${AT} "GET / HTTP/1.1" 200 5`, { ...BASE, clientIp: '2001:db8::9' }],
  ['IPv4 in IPv6', `::ffff:203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`, BASE],
  ['client port', `203.0.113.9:51234 - - ${AT} "GET / HTTP/1.1" 200 5`, BASE],
  ['client by name', `home.example - - ${AT} "GET / HTTP/1.1" 200 5`, { ...BASE, clientIp: 'home.example' }],
  [
    'escaped quotes',
    `203.0.113.9 - - ${AT} "GET /?q=\\"a\\" HTTP/1.1" 200 5 "-" "a \\"b\\" c"`,
    { ...BASE, query: 'q="a"', userAgent: 'a "b" c' },
  ],
  [
    'nginx hex escapes',
    `203.0.113.9 - - ${AT} "GET /?q=\\x22a HTTP/1.1" 200 5 "-" "\\x22\\x07"`,
    { ...BASE, query: 'q="a', userAgent: '"\\x07' },
  ],
  ['quotes not escaped', `203.0.113.9 - - ${AT} "GET /?q=alert("x") HTTP/1.0" 200 5`, { ...BASE, query: 'q=alert("x")' }],
  ['a backslash not escaped', `203.0.113.9 - - ${AT} "GET /..\\" 200 5`, { ...BASE, path: '/..\\' }],
  ['spaces in the target', `203.0.113.9 - - ${AT} "GET /a b c HTTP/1.1" 200 5`, { ...BASE, path: '/a b c' }],
  ['HTTP/0.9', `203.0.113.9 - - ${AT} "GET /" 200 5`, BASE],
  ['no request', `203.0.113.9 - - ${AT} "-" 408 -`, { kind: 'http_activity', clientIp: '203.0.113.9', status: 408, bytes: 0 }],
  [
    'a TLS hello',
    `203.0.113.9 - - ${AT} "\\x16\\x03\\x01" 400 226 "-" "-"`,
    { kind: 'http_activity', clientIp: '203.0.113.9', path: '\\x16\\x03\\x01', status: 400, bytes: 226 },
  ],
  ['no status', `203.0.113.9 - - ${AT} "GET / HTTP/1.1" - 5`, { ...BASE, status: undefined }],
  ['behind a syslog header', `<190>Aug 15 05:34:25 web01 nginx: 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`, BASE],
  [
    'Confluence',
    `${AT} ora http-nio-8090-exec-6 203.0.113.9 GET / HTTP/1.1 200 12ms 5 https://site.example/ Mozilla/5.0 (X11)`,
    { ...BASE, referrer: 'https://site.example/', userAgent: 'Mozilla/5.0 (X11)', user: 'ora', duration: 12_000 },
  ],
  [
    'Confluence since 7.11',
    `${AT} 198.51.100.4 ora http-nio-8090-exec-6 203.0.113.9 GET / HTTP/1.1 200 12ms 5 - curl/8`,
    { ...BASE, userAgent: 'curl/8', user: 'ora', duration: 12_000, forwardedFor: '198.51.100.4' },
  ],
  [
    'cut in the agent',
    `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (comp`,
    { ...BASE, userAgent: 'Mozilla/5.0 (comp' },
  ],
  [
    'a forged tail in the request',
    `203.0.113.9 - - ${AT} "GET /\\" 200 1 \\"x HTTP/1.1" 404 5`,
    { ...BASE, path: '/" 200 1 "x', status: 404 },
  ],
])('%s', (_name, line, expected) => {
  const { events, diagnostics } = readText(reader, `${line}\r\n`)
  expect(diagnostics).toEqual([])
  expect(events.map(columnsOf)).toEqual(
    [Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined))].map(({ kind, ...rest }) => ({
      kind,
      ...rest,
    })),
  )
  expect(events.map(event => event.time && isoFromMicros(event.time))).toEqual(['2023-08-14T19:34:25.000000Z'])
})

test('record, offset, series, host and Sigma names', () => {
  const { events } = readText(reader, `ä\n\n${COMBINED}\n`, { path: 'web01/access.log.2.gz', facts: { host: 'WEB01.example' } })
  const [event] = events
  expect([event?.source.record, event?.source.offset, event?.series, event?.host]).toEqual([
    3,
    4,
    'access-log|web01.example|access.log',
    'web01.example',
  ])
  expect(['cs-uri', 'cs-uri-stem', 'sc-status', 'c-ip', 'nothing'].map(name => event?.original.get(name))).toEqual([
    '/up/a.aspx?x=1&y=2',
    '/up/a.aspx',
    '200',
    '203.0.113.9',
    undefined,
  ])
  expect(event?.original.text()).toBe(COMBINED)
})

test('a clock that was never set gives no time and says so once', () => {
  const line = '203.0.113.9 - - [01/Jan/1970:03:00:00 +0300] "-" 400 -'
  const { events, diagnostics } = readText(reader, `${line}\n${line}\n`)
  expect(events.map(event => event.time)).toEqual([undefined, undefined])
  expect(diagnostics.map(({ code, record, count }) => [code, record, count])).toEqual([['access-log/bad-time', 1, 2]])
})

test('every unreadable line is counted', () => {
  const { events, diagnostics } = readText(reader, 'nonsense\n'.repeat(25))
  expect(events).toEqual([])
  expect(diagnostics.map(({ record, count }) => [record, count])).toEqual([
    ...Array.from({ length: 20 }, (_, index) => [index + 1, undefined]),
    [21, 5],
  ])
})

test('a log without zone takes the zone of the facts', () => {
  const { events } = readText(reader, '203.0.113.9 - - [15/Aug/2023:05:34:25] "GET / HTTP/1.1" 200 5', {
    facts: { zone: 'Pacific/Guam' },
  })
  expect(events.map(event => event.time && isoFromMicros(event.time))).toEqual(['2023-08-14T19:34:25.000000Z'])
})

test.each([
  ['all lines', COMBINED, 95],
  ['some garbage', `${COMBINED}\nx\n${COMBINED}`, 75],
  ['mostly something else', `x\nx\nx\n${COMBINED}`, 30],
  ['prose', 'It was a dark and stormy night', 0],
])('recognises %s', (_name, text, score) => {
  expect(reader.recognise(textSample(text))).toBe(score)
})

describe('hostile lines', () => {
  const pieces = fc.constantFrom(
    '"',
    '\\"',
    '[',
    ']',
    ' ',
    '-',
    AT,
    '"GET / HTTP/1.1"',
    '200',
    '5',
    '203.0.113.9',
    '\\',
    'a.example:1',
    ',',
    '\t',
  )
  test('never throw, and each event points to its line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.array(pieces).map(list => list.join('')),
          ),
          { maxLength: 20 },
        ),
        lines => {
          const text = lines.map(line => line.replace(/[\r\n]/g, '')).join('\n')
          const { events } = readText(reader, text)
          const bytes = new TextEncoder().encode(text)
          for (const { source, original } of events) {
            const found = new TextDecoder().decode(bytes.subarray(source.offset)).split('\n', 1)[0]
            expect(found).toBe(original.text())
            expect(text.split('\n')[source.record - 1]).toBe(original.text())
          }
        },
      ),
      { numRuns: 300 },
    )
  })
  test.each(['"', '\\"', ' "', '[15/Aug/2023:05:', '" 200', 'a, '])('a long line of %s ends soon', piece => {
    const line = `203.0.113.9 - - ${AT} "GET /${piece.repeat(200_000)}`
    const started = performance.now()
    readText(reader, `${line}\n${piece.repeat(200_000)}`)
    // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

const tomcat = sharedData('web-tomcat-jsp-shell', 'localhost_access_log.txt')
test.skipIf(!tomcat)('real Tomcat log: every line, one without a time', () => {
  const { events, diagnostics } = readText(reader, readFileSync(tomcat ?? '', 'utf8'))
  expect([events.length, eventsOfKind(events, 'http_activity').filter(({ path }) => path === '/error/cmd.jsp').length]).toEqual([
    2661, 21,
  ])
  expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([['access-log/bad-time', 26]])
})

const apache = sharedData('web-and-auth-elastic', 'apache_access_10000.log.gz')
test.skipIf(!apache)('real Apache log: every line', () => {
  const { events, diagnostics } = readText(reader, gunzipSync(readFileSync(apache ?? '')).toString('utf8'))
  expect([events.length, diagnostics.length, events.filter(event => event.time === undefined).length]).toEqual([10_000, 0, 0])
})

const plaso = sharedData('log-formats', 'plaso')
test.skipIf(!plaso).each([
  ['apache_access.log', 'pyllyukko@EXAMPLE.COM'],
  ['confluence_access.log', 'user'],
  ['confluence_access_post7.11.log', 'testuser'],
])('every line of %s', (name, user) => {
  const text = readFileSync(join(plaso ?? '', name), 'utf8')
  const { events, diagnostics } = readText(reader, text)
  expect([events.length, diagnostics, reader.recognise(textSample(text))]).toEqual([text.trimEnd().split('\n').length, [], 95])
  expect(eventsOfKind(events, 'http_activity').at(-1)?.user).toBe(user)
})
