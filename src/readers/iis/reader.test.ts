import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, eventsOfKind, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

const FIELDS =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken'
const LINE =
  '2023-08-15 05:34:25 192.0.2.2 POST /up/a.aspx x=1 443 EXAMPLE\\ora 203.0.113.9 Mozilla/5.0+(X11;+Linux) https://site.example/a+b 200 0 0 62'
const EXPECTED = {
  kind: 'http_activity',
  clientIp: '203.0.113.9',
  method: 'POST',
  path: '/up/a.aspx',
  query: 'x=1',
  status: 200,
  referrer: 'https://site.example/a+b',
  userAgent: 'Mozilla/5.0 (X11; Linux)',
  user: 'EXAMPLE\\ora',
  serverIp: '192.0.2.2',
  serverPort: 443,
  duration: 62_000,
}

const timesOf = (text: string, item = {}) =>
  readText(reader, text, item).events.map(event => event.time && isoFromMicros(event.time))

test('a line with all its fields', () => {
  const { events, diagnostics } = readText(reader, `${FIELDS}\r\n${LINE}\r\n`, {
    path: 'W3SVC1/u_ex230815.log',
    facts: { host: 'WEB01', zone: '+10:00' },
  })
  expect(diagnostics).toEqual([])
  expect(events.map(columnsOf)).toEqual([EXPECTED])
  const [event] = events
  expect([event?.source.record, event?.host, event?.series, event?.time && isoFromMicros(event.time)]).toEqual([
    2,
    'web01',
    'iis|web01|u_ex.log',
    '2023-08-15T05:34:25.000000Z',
  ])
  expect(['cs-uri-stem', 'cs-user-agent', 'sc-substatus', 'none'].map(name => event?.original.get(name))).toEqual([
    '/up/a.aspx',
    'Mozilla/5.0+(X11;+Linux)',
    '0',
    undefined,
  ])
  expect(event?.original.text()).toBe(LINE)
})

test.each([
  ['an empty word beside the user', LINE.replace(' EXAMPLE\\ora', '  EXAMPLE\\ora'), EXPECTED],
  ['spaces in the query', LINE.replace('x=1', 'x=1|22|a b c'), { ...EXPECTED, query: 'x=1|22|a b c' }],
])('%s', (_name, text, expected) => {
  expect(readText(reader, `${FIELDS}\n${text}`).events.map(columnsOf)).toEqual([expected])
})

test('fields change in the middle, comments stand between, headers repeat', () => {
  const text = [
    '#Software: Microsoft Internet Information Services 10.0',
    '#Version: 1.0',
    FIELDS,
    LINE,
    '#Remark: restarted',
    '#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs-bytes cs-host s-computername X-Forwarded-For',
    '2023-08-15 05:34:26 10.0.0.2 GET / 404 1245 310 www.example WEB02 203.0.113.9,+10.0.0.7',
    FIELDS,
    LINE,
  ].join('\n')
  const { events, diagnostics } = readText(reader, text)
  expect(diagnostics).toEqual([])
  expect(events.map(event => [event.source.record, event.host])).toEqual([
    [4, ''],
    [7, 'web02'],
    [9, ''],
  ])
  expect(columnsOf(events[1])).toEqual({
    kind: 'http_activity',
    clientIp: '10.0.0.2',
    method: 'GET',
    path: '/',
    status: 404,
    bytes: 1245,
    requestBytes: 310,
    virtualHost: 'www.example',
    forwardedFor: '203.0.113.9, 10.0.0.7',
  })
})

test('a later part gets the fields above it', () => {
  const text = `${FIELDS}\n${LINE}\n${LINE}\n`
  const { events } = readText(reader, text, { start: FIELDS.length + LINE.length + 2, headerLines: [FIELDS] })
  expect(events.map(event => [event.source.record, columnsOf(event)])).toEqual([[3, EXPECTED]])
})

test('a log without date counts midnights from #Date', () => {
  const text = [
    '#Date: 2023-08-15 22:00:00',
    '#Fields: time c-ip cs-method cs-uri-stem sc-status',
    '22:00:01 203.0.113.9 GET / 200',
    '00:00:02 203.0.113.9 GET / 200',
    '23:59:59 203.0.113.9 GET / 200',
    '00:00:03 203.0.113.9 GET / 200',
  ].join('\n')
  expect(timesOf(text)).toEqual([
    '2023-08-15T22:00:01.000000Z',
    '2023-08-16T00:00:02.000000Z',
    '2023-08-16T23:59:59.000000Z',
    '2023-08-17T00:00:03.000000Z',
  ])
})

test('HTTP.sys errors', () => {
  const text =
    '#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n' +
    '2023-08-15 05:34:25 203.0.113.9 5022 192.0.2.2 80 HTTP/1.1 GET /a?b=1 400 - Hostname -'
  expect(reader.recognise(textSample(text))).toBe(97)
  expect(readText(reader, text).events.map(columnsOf)).toEqual([
    {
      kind: 'http_activity',
      clientIp: '203.0.113.9',
      method: 'GET',
      path: '/a',
      query: 'b=1',
      status: 400,
      serverIp: '192.0.2.2',
      serverPort: 80,
    },
  ])
})

test('a file that lost its head', () => {
  const { events, diagnostics } = readText(reader, `${LINE}\nnonsense`)
  expect(events.map(columnsOf)).toEqual([EXPECTED])
  expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([
    ['iis/unreadable-line', 2],
    ['iis/no-fields', 1],
  ])
})

test.each([
  ['an IIS log', `${FIELDS}\n${LINE}`, 97],
  [
    'headers in another order',
    `#Date: 2021-04-01 00:00:21\n${FIELDS}\n#Software: Microsoft Internet Information Services 10.0\n${LINE}`,
    97,
  ],
  ['no head', LINE, 75],
  ['Zeek', '#separator \\x09\n#set_separator\t,\n#path\thttp\n#fields\tts\tuid\tmethod\thost\turi', 0],
  [
    'Windows firewall',
    '#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Fields: date time action protocol src-ip dst-ip src-port dst-port',
    0,
  ],
  [
    'a proxy',
    '#Software: SGOS 6.5\n#Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-method cs-uri-scheme cs-host cs-uri-path cs-uri',
    0,
  ],
  ['a mail server', '#Software: Microsoft Exchange Server\n#Fields: date-time,connector-id,session-id,sequence-number', 0],
])('recognises %s', (_name, text, score) => {
  expect(reader.recognise(textSample(text))).toBe(score)
})

describe('hostile lines', () => {
  const pieces = fc.constantFrom(
    FIELDS,
    LINE,
    '#Fields: ',
    '#Date: 2023-08-15 05:34:25',
    'time c-ip ',
    '2023-08-15 ',
    '05:34:25 ',
    '- ',
    ' ',
    '200',
  )
  test('never throw, and each event points to its line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.array(pieces, { maxLength: 8 }).map(list => list.join('')),
          ),
          { maxLength: 20 },
        ),
        lines => {
          const text = lines.map(line => line.replace(/[\r\n\ufeff]/g, '')).join('\n')
          for (const { source, original } of readText(reader, text).events)
            expect(text.split('\n')[source.record - 1]).toBe(original.text())
        },
      ),
      { numRuns: 300 },
    )
  })
  test('a long line and a long field list end soon', () => {
    const started = performance.now()
    readText(reader, `${FIELDS}\n${LINE} ${'a '.repeat(200_000)}\n#Fields: ${'a '.repeat(100_000)}\n${'a '.repeat(100_000)}`)
    // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

const folder = sharedData('log-formats', 'plaso', 'iis')
test.skipIf(!folder)('real IIS 6, 7 and 10 logs: every line', () => {
  const seen = readdirSync(folder ?? '')
    .toSorted()
    .map(name => {
      const text = readFileSync(join(folder ?? '', name), 'utf8')
      const { events, diagnostics } = readText(reader, text, { path: name })
      const lines = text.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#')).length
      return [
        name,
        reader.recognise(textSample(text)),
        events.length - lines,
        diagnostics.length,
        events.every(event => event.time !== undefined),
      ]
    })
  expect(seen).toEqual(
    [
      'iis10.log',
      'iis10_cookies.log',
      'iis10_edge_cases.log',
      'iis6.log',
      'iis7_owa.log',
      'iis7_sqli.log',
      'iis_without_date.log',
    ].map(name => [name, 97, 0, 0, true]),
  )
  const edge = readText(reader, readFileSync(join(folder ?? '', 'iis10_edge_cases.log'), 'utf8')).events
  expect(eventsOfKind(edge, 'http_activity')[0]?.user).toBe('random\\ranuser1')
})
