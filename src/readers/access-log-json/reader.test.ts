import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

const BASE = {
  kind: 'http_activity',
  clientIp: '203.0.113.9',
  method: 'POST',
  path: '/up/a.jsp',
  query: 'x=1',
  status: 200,
  userAgent: 'curl/8',
}
const T = '2023-08-15T05:34:25.123000Z'

const NGINX = {
  time_local: '15/Aug/2023:15:34:25 +1000',
  msec: '1692077665.123',
  remote_addr: '203.0.113.9',
  remote_user: '-',
  request: 'POST /up/a.jsp?x=1 HTTP/1.1',
  status: '200',
  body_bytes_sent: '612',
  request_length: '77',
  request_time: '0.005',
  http_referer: 'https://site.example/',
  http_user_agent: 'curl/8',
  http_x_forwarded_for: '198.51.100.4',
  server_name: 'www.example',
}

test.each([
  [
    'nginx',
    NGINX,
    {
      ...BASE,
      bytes: 612,
      requestBytes: 77,
      referrer: 'https://site.example/',
      virtualHost: 'www.example',
      duration: 5000,
      forwardedFor: '198.51.100.4',
    },
    '2023-08-15T05:34:25.000000Z',
  ],
  [
    'nginx in parts',
    {
      '@timestamp': '2023-08-15T15:34:25.123+10:00',
      remote_addr: '203.0.113.9',
      request_method: 'POST',
      request_uri: '/up/a.jsp?x=1',
      status: 200,
      http_user_agent: 'curl/8',
    },
    BASE,
    T,
  ],
  [
    'Caddy',
    {
      level: 'info',
      ts: 1692077665.123,
      logger: 'http.log.access',
      msg: 'handled request',
      request: {
        remote_ip: '203.0.113.9',
        remote_port: '5022',
        method: 'POST',
        host: 'www.example',
        uri: '/up/a.jsp?x=1',
        headers: { 'User-Agent': ['curl/8'], Referer: ['https://site.example/'] },
      },
      bytes_read: 7,
      user_id: '',
      duration: 0.0009,
      size: 612,
      status: 200,
    },
    { ...BASE, bytes: 612, requestBytes: 7, referrer: 'https://site.example/', virtualHost: 'www.example', duration: 900 },
    T,
  ],
  [
    'Traefik',
    {
      ClientAddr: '203.0.113.9:5022',
      ClientHost: '203.0.113.9',
      ClientUsername: 'ora',
      DownstreamContentSize: 612,
      DownstreamStatus: 200,
      Duration: 5_000_000,
      RequestHost: 'www.example',
      RequestMethod: 'POST',
      RequestPath: '/up/a.jsp?x=1',
      StartUTC: '2023-08-15T05:34:25.123000000Z',
      'request_User-Agent': 'curl/8',
      time: '2023-08-15T05:34:26Z',
    },
    { ...BASE, bytes: 612, user: 'ora', virtualHost: 'www.example', duration: 5000 },
    T,
  ],
  [
    'Elastic Common Schema',
    {
      '@timestamp': T,
      source: { ip: '203.0.113.9' },
      http: { request: { method: 'POST' }, response: { status_code: 200, body: { bytes: 612 } } },
      url: { path: '/up/a.jsp', query: 'x=1', domain: 'www.example' },
      user_agent: { original: 'curl/8' },
      host: { name: 'WEB01.example' },
      event: { duration: 5_000_000 },
    },
    { ...BASE, bytes: 612, virtualHost: 'www.example', duration: 5000 },
    T,
  ],
  [
    'Elastic Common Schema, dotted',
    {
      '@timestamp': T,
      'source.address': '203.0.113.9',
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.original': '/up/a.jsp?x=1',
      'user_agent.original': 'curl/8',
    },
    BASE,
    T,
  ],
  [
    'Envoy',
    {
      start_time: T,
      method: 'POST',
      path: '/up/a.jsp?x=1',
      response_code: 200,
      bytes_sent: 612,
      duration: 5,
      user_agent: 'curl/8',
      authority: 'www.example',
      downstream_remote_address: '203.0.113.9:5022',
    },
    { ...BASE, bytes: 612, virtualHost: 'www.example', duration: 5000 },
    T,
  ],
  [
    'Tomcat',
    {
      host: '203.0.113.9',
      logicalUserName: '-',
      user: 'ora',
      time: '[15/Aug/2023:15:34:25 +1000]',
      request: 'POST /up/a.jsp?x=1 HTTP/1.1',
      statusCode: '200',
      size: '612',
      requestHeaders: { 'User-Agent': 'curl/8' },
    },
    { ...BASE, bytes: 612, user: 'ora' },
    '2023-08-15T05:34:25.000000Z',
  ],
])('%s', (_name, record, expected, time) => {
  const line = JSON.stringify(record)
  const { events, diagnostics } = readText(reader, line)
  expect(diagnostics).toEqual([])
  expect(events.map(columnsOf)).toEqual([expected])
  expect(events.map(event => event.time && isoFromMicros(event.time))).toEqual([time])
  expect([events[0]?.original.get('cs-uri-stem'), events[0]?.original.text()]).toEqual(['/up/a.jsp', line])
  expect(reader.recognise(textSample(line))).toBe(90)
})

test('host, series, own field names', () => {
  const line = JSON.stringify({ ...NGINX, hostname: 'WEB01' })
  const [event] = readText(reader, line, { path: 'logs/access.json-20230815.gz' }).events
  expect([event?.host, event?.series, event?.original.get('server_name')]).toEqual([
    'web01',
    'access-log-json|web01|access.json',
    'www.example',
  ])
})

test('other messages stay, broken lines are said', () => {
  const { events, diagnostics } = readText(reader, `{"level":"info","ts":1692077665.1,"msg":"server running"}\n{"ts":\n[1]\n`)
  expect(events.map(columnsOf)).toEqual([{ kind: 'other_activity', message: 'server running' }])
  expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([
    ['access-log-json/unreadable-line', 2],
    ['access-log-json/unreadable-line', 3],
  ])
})

test.each([
  [
    'Zeek',
    { ts: 1692077665.1, uid: 'C1', 'id.orig_h': '203.0.113.9', method: 'GET', host: 'a.example', uri: '/', status_code: 200 },
    0,
  ],
  [
    'Suricata',
    { timestamp: T, flow_id: 1, event_type: 'http', src_ip: '203.0.113.9', http: { http_method: 'GET', status: 200 } },
    0,
  ],
  ['Winlogbeat', { '@timestamp': T, winlog: { channel: 'Security', event_id: 4624 }, source: { ip: '203.0.113.9' } }, 0],
  ['an application', { time: T, level: 'info', msg: 'x', status: 200 }, 0],
])('leaves %s to others', (_name, record, score) => {
  expect(reader.recognise(textSample(JSON.stringify(record)))).toBe(score)
})

describe('hostile lines', () => {
  test('never throw, and each event points to its line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json(),
            fc.jsonValue().map(value => JSON.stringify({ ...NGINX, request: value })),
          ),
        ),
        lines => {
          const text = lines.map(line => line.replace(/[\r\n]/g, '')).join('\n')
          for (const { source, original } of readText(reader, text).events)
            expect(text.split('\n')[source.record - 1]).toBe(original.text())
        },
      ),
      { numRuns: 200 },
    )
  })
  test('deep and wide objects end soon', () => {
    const started = performance.now()
    readText(reader, `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`)
    readText(reader, JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))))
    // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

const azure = sharedData('log-formats', 'plaso', 'azure_application_gateway_access.json')
test.skipIf(!azure)('a real Azure Application Gateway log', () => {
  const text = readFileSync(azure ?? '', 'utf8')
  const { events, diagnostics } = readText(reader, text)
  expect([
    reader.recognise(textSample(text)),
    events.length,
    events.every(event => event.kind === 'http_activity'),
    diagnostics,
  ]).toEqual([90, 2, true, []])
})
