import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textPart, textSample } from '../../../test/text-part.ts'
import { isoFromMicros, type SecurityEvent } from '../../model/index.ts'
import { reader } from './reader.ts'

const HEADER = ['#separator \\x09', '#set_separator\t,', '#empty_field\t(empty)', '#unset_field\t-']
const tsv = (log: string, fields: string, types: string, ...rows: string[]) =>
  [...HEADER, `#path\t${log}`, `#fields\t${fields}`, `#types\t${types}`, ...rows, '#close\t2024-01-01'].join('\n')
const ENDS = 'id.orig_h\tid.orig_p\tid.resp_h\tid.resp_p'
const END_TYPES = 'addr\tport\taddr\tport'
const read = (text: string, path = 'conn.log') => readText(reader, text, { path })
const firstOf = (text: string): Readonly<Record<string, unknown>> => {
  const [event] = read(text).events
  return { kind: event?.kind, time: event?.time === undefined ? '' : isoFromMicros(event.time), ...columnsOf(event) }
}

const CONN = {
  kind: 'network_activity',
  time: '2024-01-02T03:04:05.123456Z',
  action: 'flow',
  protocol: 'tcp',
  srcIp: '10.0.0.5',
  srcPort: 50112,
  dstIp: '203.0.113.9',
  dstPort: 443,
  bytesOut: 900,
  bytesIn: 0,
  packetsOut: 9,
  packetsIn: 4,
  duration: 2_100_000,
  state: 'SF',
  service: 'gssapi,smb',
  uid: 'C1',
  initiatorKnown: true,
  timePrecision: 1,
  bytesKind: 'payload',
}
const CONN_FIELDS = `ts\tuid\t${ENDS}\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\tresp_pkts`
const CONN_TYPES = `time\tstring\t${END_TYPES}\tenum\tstring\tinterval\tcount\tcount\tstring\tstring\tcount\tcount`
const CONN_ROW = '1704164645.123456\tC1\t10.0.0.5\t50112\t203.0.113.9\t443\ttcp\tgssapi,smb\t2.100000\t900\t0\tSF\tShADadfF\t9\t4'
const CONN_TAIL = `"proto":"tcp","service":"gssapi,smb","duration":2.1,"orig_bytes":900,"resp_bytes":0,"conn_state":"SF","history":"ShADadfF","orig_pkts":9,"resp_pkts":4`

describe('one connection, however it is written', () => {
  test.each([
    ['TSV', tsv('conn', CONN_FIELDS, CONN_TYPES, CONN_ROW)],
    [
      'TSV with an extension column first and labels last',
      tsv(
        'conn',
        `_node_name\t${CONN_FIELDS}\tlabel\tdetailedlabel`,
        `string\t${CONN_TYPES}\tstring\tstring`,
        `w1\t${CONN_ROW}\tBenign\t(empty)`,
      ),
    ],
    ['TSV with ids in underscores', tsv('conn', CONN_FIELDS.replaceAll('id.', 'id_'), CONN_TYPES, CONN_ROW)],
    [
      'TSV with another separator',
      [
        '#separator ,',
        '#path,conn',
        `#fields,${CONN_FIELDS.replaceAll('\t', ',')}`,
        CONN_ROW.replace('gssapi,smb', 'gssapi\\x2csmb').replaceAll('\t', ','),
      ].join('\n'),
    ],
    [
      'JSON with dots',
      `{"_path":"conn","ts":1704164645.123456,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":50112,"id.resp_h":"203.0.113.9","id.resp_p":443,${CONN_TAIL}}`,
    ],
    [
      'JSON with underscores and ISO time, kind by its fields',
      `{"ts":"2024-01-02T03:04:05.123456Z","uid":"C1","id_orig_h":"10.0.0.5","id_orig_p":50112,"id_resp_h":"203.0.113.9","id_resp_p":443,${CONN_TAIL}}`,
    ],
    [
      'JSON with nested ids',
      `{"@stream":"conn","ts":1704164645.123456,"uid":"C1","id":{"orig_h":"10.0.0.5","orig_p":50112,"resp_h":"203.0.113.9","resp_p":443},${CONN_TAIL}}`,
    ],
  ])('%s', (_name, text) => {
    const { sensor, ...event } = firstOf(text)
    expect(event).toEqual(CONN)
    expect(read(text).diagnostics).toEqual([])
    expect(read(text).events[0]?.identity).toBe(read(tsv('conn', CONN_FIELDS, CONN_TYPES, CONN_ROW)).events[0]?.identity)
    expect(reader.recognise(textSample(text))).toBeGreaterThan(95)
  })
})

test('every log kind has its event', () => {
  const ids = '"ts":1704164645.0,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":50112,"id.resp_h":"10.0.0.9","id.resp_p":445'
  const ends = { srcIp: '10.0.0.5', srcPort: 50112, dstIp: '10.0.0.9', dstPort: 445, uid: 'C1' }
  const { dstIp, dstPort, uid, ...source } = ends
  const cases: readonly (readonly [string, string, Record<string, unknown>])[] = [
    [
      'dce_rpc',
      '"named_pipe":"\\\\pipe\\\\ntsvcs","endpoint":"svcctl","operation":"CreateServiceW"',
      { kind: 'smb_activity', action: 'pipe', ...ends, path: '\\pipe\\ntsvcs', operation: 'svcctl::CreateServiceW' },
    ],
    [
      'smb_mapping',
      '"path":"\\\\\\\\DC01\\\\ADMIN$","share_type":"DISK"',
      { kind: 'smb_activity', action: 'share', ...ends, share: '\\\\DC01\\ADMIN$', operation: 'DISK' },
    ],
    [
      'smb_files',
      '"action":"SMB::FILE_WRITE","path":"\\\\\\\\DC01\\\\C$","name":"a.exe","size":7',
      {
        kind: 'smb_activity',
        action: 'write',
        ...ends,
        share: '\\\\DC01\\C$',
        path: 'a.exe',
        operation: 'SMB::FILE_WRITE',
        bytes: 7,
      },
    ],
    [
      'kerberos',
      '"request_type":"TGS","client":"ann/EXAMPLE.ORG","service":"cifs/dc01","success":false,"error_msg":"KDC_ERR_PREAUTH_FAILED"',
      {
        kind: 'authentication',
        action: 'ticket',
        outcome: 'failure',
        user: 'ann@EXAMPLE.ORG',
        ...source,
        target: 'cifs/dc01',
        protocol: 'kerberos',
        reason: 'KDC_ERR_PREAUTH_FAILED',
      },
    ],
    [
      'ntlm',
      '"username":"ann","domainname":"EXAMPLE","hostname":"PC1","server_dns_computer_name":"dc01.example","success":true',
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'success',
        user: 'EXAMPLE\\ann',
        ...source,
        srcHost: 'PC1',
        target: 'dc01.example',
        protocol: 'ntlm',
      },
    ],
    [
      'rdp',
      '"cookie":"ann","result":"encrypted","client_name":"PC1"',
      { kind: 'rdp_activity', action: 'connect', ...ends, user: 'ann', clientName: 'PC1', result: 'encrypted' },
    ],
    [
      'ssh',
      '"auth_success":true,"auth_attempts":1,"client":"SSH-2.0-a","server":"SSH-2.0-b","hassh":"h"',
      { kind: 'ssh_activity', ...ends, client: 'SSH-2.0-a', server: 'SSH-2.0-b', hassh: 'h', authSuccess: true, authAttempts: 1 },
    ],
    [
      'ssl',
      '"server_name":"a.example","validation_status":"self signed certificate","established":true,"cert_chain_fps":["f1","f2"],"ja3":"j"',
      {
        kind: 'tls_activity',
        ...ends,
        serverName: 'a.example',
        validation: 'self signed certificate',
        established: true,
        fingerprint: 'f1',
        ja3: 'j',
      },
    ],
    [
      'http',
      '"method":"PUT","host":"a.example","uri":"/dav/x.7z?a=1","status_code":201,"request_body_len":9,"response_body_len":5,"proxied":["X-FORWARDED-FOR -> 192.0.2.4"],"orig_mime_types":["application/x-7z-compressed"]',
      {
        kind: 'http_activity',
        clientIp: '10.0.0.5',
        serverIp: '10.0.0.9',
        serverPort: 445,
        method: 'PUT',
        path: '/dav/x.7z',
        query: 'a=1',
        status: 201,
        requestBytes: 9,
        bytes: 5,
        virtualHost: 'a.example',
        forwardedFor: '192.0.2.4',
        mimeType: 'application/x-7z-compressed',
        uid,
      },
    ],
    [
      'dns',
      '"query":"a.example","qtype_name":"A","rcode_name":"NOERROR","answers":["192.0.2.1","192.0.2.2"]',
      {
        kind: 'dns_activity',
        srcIp: '10.0.0.5',
        serverIp: '10.0.0.9',
        query: 'a.example',
        queryType: 'A',
        responseCode: 'NOERROR',
        answers: '192.0.2.1,192.0.2.2',
        uid,
      },
    ],
    [
      'files',
      '"fuid":"F1","source":"SMB","is_orig":true,"filename":"a.7z","seen_bytes":7,"mime_type":"application/x-7z-compressed","md5":"d1","sha1":"d2"',
      {
        kind: 'file_activity',
        action: 'write',
        path: 'a.7z',
        size: 7,
        hashes: 'MD5=d1,SHA1=d2',
        srcIp: '10.0.0.5',
        dstIp: '10.0.0.9',
        mimeType: 'application/x-7z-compressed',
        uid,
      },
    ],
    [
      'dhcp',
      '"mac":"AA:bb:cc:00:11:22","assigned_addr":"10.0.0.77","host_name":"PC1","server_addr":"10.0.0.1","lease_time":600.0',
      {
        kind: 'dhcp_activity',
        mac: 'aa:bb:cc:00:11:22',
        assignedIp: '10.0.0.77',
        clientName: 'PC1',
        serverIp: '10.0.0.1',
        leaseSeconds: 600,
      },
    ],
    [
      'notice',
      '"note":"SSL::Invalid_Server_Cert","msg":"validation failed","sub":"CN=x","src":"10.0.0.5","dst":"10.0.0.9","p":445',
      {
        kind: 'detection_finding',
        title: 'validation failed (CN=x)',
        signature: 'SSL::Invalid_Server_Cert',
        category: 'zeek notice',
        ...ends,
      },
    ],
    [
      'socks',
      '"version":5,"user":"ann","status":"succeeded","request.host":"192.0.2.7","request_p":3389',
      {
        kind: 'tunnel_activity',
        action: 'seen',
        protocol: 'socks5',
        user: 'ann',
        srcIp: '10.0.0.5',
        dstIp: '10.0.0.9',
        target: '192.0.2.7',
        targetPort: 3389,
        reason: 'succeeded: to 192.0.2.7:3389',
        uid,
      },
    ],
    [
      'tunnel',
      '"tunnel_type":"Tunnel::GRE","action":"Tunnel::DISCOVER"',
      { kind: 'tunnel_activity', action: 'seen', protocol: 'gre', srcIp: '10.0.0.5', dstIp: '10.0.0.9', uid },
    ],
    [
      'quic',
      '"version":"1","server_name":"a.example","client_initial_dcid":"x"',
      { kind: 'tls_activity', ...ends, version: 'QUIC 1', serverName: 'a.example' },
    ],
    [
      'x509',
      '"fingerprint":"f1","certificate.subject":"CN=a","certificate.issuer":"CN=b"',
      { kind: 'tls_activity', fingerprint: 'f1', subject: 'CN=a', issuer: 'CN=b' },
    ],
    [
      'modbus',
      '"func":"WRITE_SINGLE_REGISTER","unit":3',
      { kind: 'other_activity', message: 'func=WRITE_SINGLE_REGISTER unit=3', srcIp: '10.0.0.5', dstIp: '10.0.0.9', uid },
    ],
    ['nobody_knows', '"a":{"b":1}', { kind: 'other_activity', message: 'a.b=1', srcIp: '10.0.0.5', dstIp: '10.0.0.9', uid }],
  ]
  for (const [log, fields, expected] of cases) {
    const { time, ...event } = firstOf(`{"_path":"${log}",${ids},${fields}}`)
    expect({ log, ...event }).toEqual({ log, ...expected })
  }
})

test('escapes, unset and empty values of the ASCII writer', () => {
  const row = '1704164645.0\tC1\t10.0.0.5\t1\t10.0.0.9\t445\t\\\\\\\\DC01\\\\caf\\xc3\\xa9 \\x2d \\xff\t(empty)'
  const text = tsv('smb_mapping', `ts\tuid\t${ENDS}\tpath\tshare_type`, `time\tstring\t${END_TYPES}\tstring\tset[string]`, row)
  const [event] = read(text).events
  expect(columnsOf(event)['share']).toBe('\\\\DC01\\café - \\xff')
  expect(JSON.parse(event?.original.text() ?? '')).toMatchObject({ 'id.orig_h': '10.0.0.5', 'id.orig_p': 1, share_type: [] })
  expect(event?.original.get('id_orig_h')).toBe('10.0.0.5')
  expect(event?.original.get('share_type')).toBe('')
  expect(event?.original.get('nothing')).toBeUndefined()
})

test('a second header changes the columns, and header lines of earlier parts hold', () => {
  const joined = `${tsv('conn', CONN_FIELDS, CONN_TYPES, CONN_ROW)}\n${tsv('dns', `ts\tuid\t${ENDS}\tquery`, `time\tstring\t${END_TYPES}\tstring`, '1704164646.0\tC2\t10.0.0.5\t5\t10.0.0.9\t53\ta.example')}`
  expect(read(joined).events.map(event => [event.kind, event.code])).toEqual([
    ['network_activity', 'conn'],
    ['dns_activity', 'dns'],
  ])
  const lines = tsv('conn', CONN_FIELDS, CONN_TYPES).split('\n')
  const events: SecurityEvent[] = []
  reader.read(textPart(CONN_ROW, { headerLines: lines }), { event: event => events.push(event), diagnostic: () => {} })
  expect(events.map(event => event.kind)).toEqual(['network_activity'])
})

test('troubles are counted, and the record is kept', () => {
  const text = [
    CONN_ROW,
    ...tsv(
      'conn',
      CONN_FIELDS,
      CONN_TYPES,
      CONN_ROW.split('\t').slice(0, 8).join('\t'),
      CONN_ROW.replace('1704164645.123456', 'soon'),
    ).split('\n'),
    '{"broken":',
    '{"broken":',
  ].join('\n')
  const { events, diagnostics } = read(text)
  expect(events.map(event => [event.source.record, event.kind])).toEqual([
    [1, 'other_activity'],
    [9, 'network_activity'],
    [10, 'network_activity'],
    [12, 'other_activity'],
    [13, 'other_activity'],
  ])
  expect(diagnostics.map(({ code, record, count }) => [code, record, count])).toEqual([
    ['zeek/no-fields', 1, undefined],
    ['zeek/wrong-cell-count', 9, undefined],
    ['zeek/no-time', 10, undefined],
    ['zeek/unreadable-line', 12, 2],
  ])
})

test.each([
  ['an access log', '192.0.2.1 - - [15/Aug/2023:05:34:25 +0000] "GET / HTTP/1.1" 200 1 "-" "-"'],
  ['Suricata', '{"timestamp":"2023-07-31T18:25:57.132880+0000","flow_id":1,"event_type":"flow","src_ip":"192.0.2.1"}'],
  [
    'an IIS log',
    '#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip\n2023-01-01 00:00:00 10.0.0.1',
  ],
  ['JSON of something else', '{"ts":1704164645.0,"level":"info","msg":"started"}'],
])('%s is not Zeek', (_name, text) => {
  expect(reader.recognise(textSample(text))).toBe(0)
})

test('random and mutated text never throws, and every event points to its line', () => {
  const logs = [
    tsv('conn', CONN_FIELDS, CONN_TYPES, CONN_ROW),
    `{"_path":"dns","ts":1,"uid":"C","id":{"orig_h":"a"},"answers":[1,{"b":2}]}`,
  ]
  const mutated = fc
    .tuple(fc.constantFrom(...logs), fc.nat(400), fc.nat(40), fc.string({ unit: 'binary', maxLength: 12 }))
    .map(([log, at, drop, piece]) => log.slice(0, at) + piece + log.slice(at + drop))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), mutated), text => {
      reader.recognise(textSample(text))
      const lines = text.split('\n')
      for (const event of read(text).events) {
        expect(event.source.record).toBeGreaterThan(0)
        expect(event.source.record).toBeLessThanOrEqual(lines.length)
        expect(Number.isSafeInteger(event.identity)).toBe(true)
        if (event.original.names().length > 0) expect(() => JSON.parse(event.original.text())).not.toThrow()
        for (const name of event.original.names()) event.original.get(name)
      }
    }),
    { numRuns: 500 },
  )
})

const wrccdc = sharedData('zeek-wrccdc')
describe.skipIf(!wrccdc)('TSV and JSON of the same log (shared data)', () => {
  const load = (folder: string, name: string) => {
    const path = join(wrccdc ?? '', folder, name)
    return read(gunzipSync(readFileSync(path)).toString('utf8'), path).events.map(event => ({
      time: event.time,
      code: event.code,
      series: event.series,
      identity: event.identity,
      ...columnsOf(event),
    }))
  }
  const names = wrccdc ? readdirSync(join(wrccdc, 'json')) : ['not here: shared data']
  test.each(names)('%s', name => {
    const fromJson = load('json', name)
    expect(fromJson.length).toBeGreaterThan(0)
    expect(load('tsv', name.replace('.json.gz', '.log.gz'))).toEqual(fromJson)
  })
})

test.each([
  'conn.15:00:00-16:00:00.log.gz',
  'logs/2023-08-15/conn.00:00:00-01:00:00.log',
  'NASHUA_conn.log',
  'conn_20230815.log',
  'conn.log.labeled',
])('a rotated log without #path is known by its name: %s', path => {
  const text =
    '#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n1692072600.5\tC1\t10.0.0.5\t1025\t192.0.2.7\t443\ttcp\n'
  const [event] = readText(reader, text, { path }).events
  expect([event?.kind, event?.code, event?.series]).toEqual(['network_activity', 'conn', 'zeek||conn'])
})
