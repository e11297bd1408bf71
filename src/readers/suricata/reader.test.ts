import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

const record = (type: string, detail: object, more: object = {}) =>
  JSON.stringify({
    timestamp: '2023-07-31T18:25:57.132880+0200',
    flow_id: 1757513436629127,
    event_type: type,
    src_ip: '203.0.113.9',
    src_port: 39004,
    dest_ip: '10.0.0.9',
    dest_port: 443,
    proto: 'TCP',
    [type]: detail,
    ...more,
  })
const read = (text: string) => readText(reader, text, { path: 'eve.json' })
const ends = { srcIp: '203.0.113.9', srcPort: 39004, dstIp: '10.0.0.9', dstPort: 443 }
const uid = '1757513436629127'

test.each([
  [
    'flow',
    record('flow', {
      pkts_toserver: 6,
      pkts_toclient: 4,
      bytes_toserver: 603,
      bytes_toclient: 524,
      start: '2023-07-31T18:23:16.657543+0200',
      end: '2023-07-31T18:23:17.880624+0200',
      state: 'closed',
    }),
    {
      kind: 'network_activity',
      time: '2023-07-31T16:23:16.657543Z',
      action: 'flow',
      protocol: 'tcp',
      ...ends,
      bytesOut: 603,
      bytesIn: 524,
      packetsOut: 6,
      packetsIn: 4,
      duration: 1_223_081,
      state: 'closed',
      uid,
      initiatorKnown: true,
      timePrecision: 1,
      bytesKind: 'frame',
    },
  ],
  [
    'http',
    record('http', { hostname: 'a.example', url: '/x?y=1', http_user_agent: 'ua', http_method: 'GET', status: 200, length: 7 }),
    {
      kind: 'http_activity',
      clientIp: ends.srcIp,
      serverIp: ends.dstIp,
      serverPort: 443,
      method: 'GET',
      path: '/x',
      query: 'y=1',
      status: 200,
      bytes: 7,
      userAgent: 'ua',
      virtualHost: 'a.example',
      uid,
    },
  ],
  [
    'an alert',
    record('alert', {
      action: 'allowed',
      gid: 1,
      signature_id: 2017515,
      signature: 'ET INFO x',
      category: 'Misc activity',
      severity: 3,
    }),
    {
      kind: 'detection_finding',
      title: 'ET INFO x',
      signature: '1:2017515',
      severity: 3,
      category: 'Misc activity',
      ...ends,
      verdict: 'allowed',
      uid,
    },
  ],
  [
    'a DNS query of version 1',
    record('dns', { type: 'query', rrname: 'a.example', rrtype: 'A' }),
    { kind: 'dns_activity', srcIp: ends.srcIp, serverIp: ends.dstIp, query: 'a.example', queryType: 'A', uid },
  ],
  [
    'a DNS answer from the server, version 3',
    record(
      'dns',
      {
        type: 'response',
        rcode: 'NOERROR',
        queries: [{ rrname: 'a.example', rrtype: 'A' }],
        answers: [{ rdata: '192.0.2.1' }, { rdata: '192.0.2.2' }],
      },
      { src_port: 53 },
    ),
    {
      kind: 'dns_activity',
      srcIp: ends.dstIp,
      serverIp: ends.srcIp,
      query: 'a.example',
      queryType: 'A',
      responseCode: 'NOERROR',
      answers: '192.0.2.1,192.0.2.2',
      uid,
    },
  ],
  [
    'tls',
    record('tls', {
      sni: 'a.example',
      subject: 'CN=a',
      issuerdn: 'CN=b',
      version: 'TLS 1.2',
      fingerprint: '2d:d1',
      ja3: { hash: 'j' },
    }),
    {
      kind: 'tls_activity',
      ...ends,
      serverName: 'a.example',
      subject: 'CN=a',
      issuer: 'CN=b',
      version: 'TLS 1.2',
      fingerprint: '2dd1',
      ja3: 'j',
      uid,
    },
  ],
  [
    'ssh',
    record('ssh', { client: { software_version: 'OpenSSH_9', hassh: { hash: 'h' } }, server: { software_version: 'dropbear' } }),
    { kind: 'ssh_activity', ...ends, client: 'OpenSSH_9', server: 'dropbear', hassh: 'h', uid },
  ],
  [
    'a file open over SMB',
    record('smb', { command: 'SMB2_COMMAND_CREATE', share: '\\\\dc01\\ADMIN$', filename: 'a.exe', ntlmssp: { user: 'ann' } }),
    {
      kind: 'smb_activity',
      action: 'open',
      ...ends,
      share: '\\\\dc01\\ADMIN$',
      path: 'a.exe',
      operation: 'SMB2_COMMAND_CREATE',
      user: 'ann',
      uid,
    },
  ],
  [
    'a service created by a call over SMB',
    record('smb', {
      command: 'SMB2_COMMAND_IOCTL',
      dcerpc: { request: 'REQUEST', opnum: 12, interfaces: [{ uuid: '367abb81-9844-35f1-ad32-98f038001003' }] },
    }),
    { kind: 'smb_activity', action: 'pipe', ...ends, operation: 'svcctl::CreateServiceW', uid },
  ],
  [
    'rdp',
    record('rdp', { event_type: 'initial_request', cookie: 'mstshash=ann' }),
    { kind: 'rdp_activity', action: 'connect', ...ends, user: 'ann', result: 'initial_request', uid },
  ],
  [
    'a refused Kerberos ticket',
    record('krb5', {
      msg_type: 'KRB_ERROR',
      cname: 'ann',
      realm: 'EXAMPLE.ORG',
      sname: 'krbtgt/EXAMPLE.ORG',
      error_code: 'KDC_ERR_PREAUTH_REQUIRED',
    }),
    {
      kind: 'authentication',
      action: 'ticket',
      outcome: 'failure',
      user: 'ann@EXAMPLE.ORG',
      srcIp: ends.srcIp,
      srcPort: 39004,
      target: 'krbtgt/EXAMPLE.ORG',
      protocol: 'kerberos',
      reason: 'KDC_ERR_PREAUTH_REQUIRED',
    },
  ],
  [
    'a file that was sent',
    record('fileinfo', { filename: '/up/a.7z', size: 9, md5: 'd' }, { http: { http_method: 'PUT' } }),
    {
      kind: 'file_activity',
      action: 'write',
      path: '/up/a.7z',
      size: 9,
      hashes: 'MD5=d',
      srcIp: ends.srcIp,
      dstIp: ends.dstIp,
      uid,
    },
  ],
  [
    'stats',
    record('stats', { uptime: 1 }),
    { kind: 'other_activity', message: 'stats', srcIp: ends.srcIp, dstIp: ends.dstIp, uid },
  ],
  [
    'a type of tomorrow',
    record('pigeon', { wings: 2 }),
    { kind: 'other_activity', message: 'pigeon {"wings":2}', srcIp: ends.srcIp, dstIp: ends.dstIp, uid },
  ],
])('%s', (_name, line, expected) => {
  const { events, diagnostics } = read(line)
  const [event] = events
  const { time = '2023-07-31T16:25:57.132880Z', ...columns } = expected as { readonly time?: string }
  expect(columnsOf(event)).toEqual(columns)
  expect(event?.time === undefined ? '' : isoFromMicros(event.time)).toBe(time)
  expect([diagnostics, event?.product, reader.recognise(textSample(line))]).toEqual([[], 'suricata', 97])
})

test('lines that cannot be read are kept and counted', () => {
  const { events, diagnostics } = read(`${record('flow', {})}\nnot json\n{"event_type":"flow"}\n{"half":`)
  expect(events.map(event => [event.source.record, event.kind])).toEqual([
    [1, 'network_activity'],
    [2, 'other_activity'],
    [3, 'network_activity'],
    [4, 'other_activity'],
  ])
  expect(diagnostics.map(({ code, record: line, count }) => [code, line, count])).toEqual([
    ['suricata/unreadable-line', 2, 2],
    ['suricata/no-time', 3, undefined],
  ])
})

test('the original answers to dotted names', () => {
  const [event] = read(record('alert', { signature: 's', metadata: { tag: ['a'] } })).events
  expect([
    event?.original.get('alert.signature'),
    event?.original.get('alert.metadata.tag'),
    event?.original.get('alert.x'),
  ]).toEqual(['s', '["a"]', undefined])
})

test.each([
  ['Zeek', '{"_path":"conn","ts":1704164645.0,"uid":"C1","id.orig_h":"10.0.0.5"}'],
  ['JSON of something else', '{"timestamp":"2023-07-31T18:25:57Z","event_type":"order","total":3}'],
  ['text', 'event_type timestamp flow_id'],
])('%s is not EVE', (_name, text) => {
  expect(reader.recognise(textSample(text))).toBe(0)
})

test('random and mutated records never throw, and every event points to its line', () => {
  const types = [
    'flow',
    'http',
    'dns',
    'tls',
    'ssh',
    'smb',
    'dcerpc',
    'rdp',
    'krb5',
    'fileinfo',
    'alert',
    'netflow',
    'drop',
    'dhcp',
    'stats',
    '__proto__',
    'constructor',
  ]
  const records = fc
    .tuple(fc.constantFrom(...types), fc.jsonValue())
    .map(([type, value]) => `{"timestamp":"2023-07-31T18:25:57Z","event_type":"${type}","${type}":${JSON.stringify(value)}}`)
  const mutated = fc
    .tuple(records, fc.nat(120), fc.nat(9), fc.string({ unit: 'binary', maxLength: 5 }))
    .map(([text, at, drop, piece]) => text.slice(0, at) + piece + text.slice(at + drop))
  fc.assert(
    fc.property(fc.oneof(records, mutated, fc.string({ unit: 'binary', maxLength: 200 })), text => {
      reader.recognise(textSample(text))
      for (const event of read(text).events) {
        expect(event.source.record).toBeLessThanOrEqual(text.split('\n').length)
        expect(Number.isSafeInteger(event.identity)).toBe(true)
        event.original.text()
        for (const name of event.original.names()) event.original.get(name)
      }
    }),
    { numRuns: 500 },
  )
})

const flows = sharedData('slips-flows', 'test6-malicious.suricata.json.gz')
describe.skipIf(!flows)('shared data', () => {
  test('every record of the scanned host has its event', () => {
    const { events, diagnostics } = read(flows ? gunzipSync(readFileSync(flows)).toString('utf8') : '')
    const counts = Object.groupBy(events, event => event.code)
    expect(Object.fromEntries(Object.entries(counts).map(([code, list = []]) => [code, list.length]))).toEqual({
      alert: 745,
      dns: 680,
      flow: 3512,
      http: 56,
      tls: 1,
      fileinfo: 3,
      anomaly: 3,
    })
    expect(diagnostics).toEqual([])
  })
})
