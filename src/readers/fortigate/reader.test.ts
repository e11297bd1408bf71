import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

// 2023-08-15T05:34:25Z is 1692077665.
const HEAD = 'date=2023-08-15 time=15:34:25 devname="FW01" devid="FGT60F0000000001" eventtime=1692077665123456789 tz="+1000"'
const traffic = (rest: string) => `${HEAD} logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" ${rest}`
const event = (logid: string, subtype: string, rest: string) =>
  `${HEAD} logid="${logid}" type="event" subtype="${subtype}" level="information" vd="root" ${rest}`
const utm = (subtype: string, rest: string) =>
  `${HEAD} logid="0419016384" type="utm" subtype="${subtype}" level="alert" vd="root" ${rest}`

const FLOW =
  'srcip=203.0.113.9 srcport=5022 dstip=192.0.2.2 dstport=443 sessionid=41 proto=6 action="close" policyid=4 service="HTTPS" duration=84 sentbyte=2129 rcvdbyte=56819 sentpkt=5 rcvdpkt=54'
const FLOW_COLUMNS = {
  kind: 'network_activity',
  action: 'flow',
  protocol: 'tcp',
  srcIp: '203.0.113.9',
  srcPort: 5022,
  dstIp: '192.0.2.2',
  dstPort: 443,
  bytesOut: 2129,
  bytesIn: 56819,
  packetsOut: 5,
  packetsIn: 54,
  duration: 84_000_000,
  state: 'close',
  service: 'HTTPS',
  uid: '41',
  sensor: 'fw01',
  initiatorKnown: true,
  rule: '4',
}
const LOGIN = {
  kind: 'authentication',
  action: 'logon',
  outcome: 'success',
  user: 'ora',
  srcIp: '203.0.113.9',
  target: 'fw01',
  protocol: 'ssl-vpn',
}
const TUNNEL = {
  kind: 'tunnel_activity',
  protocol: 'ssl-vpn',
  user: 'ora',
  srcIp: '203.0.113.9',
  tunnelId: '77',
  group: 'staff',
  uid: '77',
}
const VPN = 'remip=203.0.113.9 user="ora" group="staff" tunnelid=77'

test.each([
  ['a finished session', traffic(FLOW), [FLOW_COLUMNS]],
  [
    'destination NAT',
    traffic(`${FLOW} trandisp="dnat" tranip=10.0.0.5 tranport=8443`),
    [{ ...FLOW_COLUMNS, natDstIp: '10.0.0.5', natDstPort: 8443 }],
  ],
  [
    'source NAT',
    traffic(`${FLOW} trandisp="snat" transip=192.0.2.1 transport=60001`),
    [{ ...FLOW_COLUMNS, natSrcIp: '192.0.2.1', natSrcPort: 60001 }],
  ],
  ['denied', traffic(FLOW.replace('"close"', '"deny"')), [{ ...FLOW_COLUMNS, action: 'deny', state: 'deny' }]],
  ['a session that goes on', traffic(FLOW).replace('0000000013', '0000000020'), [{ ...FLOW_COLUMNS, action: 'open' }]],
  [
    'VPN log-in',
    event(
      '0101039424',
      'vpn',
      `action="tunnel-up" tunneltype="ssl-web" ${VPN} reason="login successfully" msg="SSL tunnel established"`,
    ),
    [
      { ...LOGIN, logonId: '77', reason: 'login successfully' },
      { ...TUNNEL, action: 'up', reason: 'login successfully' },
    ],
  ],
  [
    'VPN tunnel with its address',
    event(
      '0101039947',
      'vpn',
      `action="tunnel-up" tunneltype="ssl-tunnel" tunnelip=10.20.200.54 ${VPN} dst_host="N/A" reason="tunnel established"`,
    ),
    [{ ...TUNNEL, action: 'up', assignedIp: '10.20.200.54', reason: 'tunnel established' }],
  ],
  [
    'VPN tunnel down',
    event(
      '0101039425',
      'vpn',
      `action="tunnel-down" tunneltype="ssl-tunnel" ${VPN} reason="N/A" duration=60 sentbyte=10 rcvdbyte=20`,
    ),
    [{ ...TUNNEL, action: 'down', duration: 60_000_000, bytesOut: 20, bytesIn: 10 }],
  ],
  [
    'VPN log-in refused',
    event('0101039426', 'vpn', `action="ssl-login-fail" tunneltype="ssl-web" ${VPN} reason="sslvpn_login_permission_denied"`),
    [
      { ...LOGIN, outcome: 'failure', logonId: '77', reason: 'sslvpn_login_permission_denied' },
      { ...TUNNEL, action: 'failure', reason: 'sslvpn_login_permission_denied' },
    ],
  ],
  [
    'VPN counters',
    event('0101039949', 'vpn', `action="tunnel-stats" tunneltype="ssl-tunnel" ${VPN}`),
    [{ ...TUNNEL, action: 'seen' }],
  ],
  [
    'VPN connection',
    event('0101039943', 'vpn', 'action="ssl-new-con" tunneltype="ssl" tunnelid=0 remip=203.0.113.9 user="N/A" group="N/A"'),
    [{ kind: 'tunnel_activity', protocol: 'ssl-vpn', action: 'seen', srcIp: '203.0.113.9', tunnelId: '0', uid: '0' }],
  ],
  [
    'IPsec negotiation refused',
    event(
      '0101037124',
      'vpn',
      'action="negotiate" status="failure" remip=203.0.113.9 locip=192.0.2.1 vpntunnel="site2" reason="probable pre-shared key mismatch"',
    ),
    [
      {
        kind: 'tunnel_activity',
        protocol: 'ipsec',
        action: 'failure',
        srcIp: '203.0.113.9',
        dstIp: '192.0.2.1',
        group: 'site2',
        reason: 'probable pre-shared key mismatch',
      },
    ],
  ],
  [
    'administrator signs in',
    event(
      '0100032001',
      'system',
      'user="admin" ui="https(203.0.113.9)" method="https" srcip=203.0.113.9 dstip=192.0.2.1 action="login" status="success" reason="none"',
    ),
    [{ ...LOGIN, user: 'admin', protocol: 'web', process: 'https(203.0.113.9)', reason: 'none' }],
  ],
  [
    'administrator refused, address only in ui',
    event('0100032002', 'system', 'user="root" ui="ssh(203.0.113.9)" action="login" status="failed" reason="name_invalid"'),
    [{ ...LOGIN, outcome: 'failure', user: 'root', protocol: 'ssh', process: 'ssh(203.0.113.9)', reason: 'name_invalid' }],
  ],
  [
    'administrator signs out',
    event('0100032003', 'system', 'user="admin" ui="console" action="logout" status="success"'),
    [
      {
        kind: 'authentication',
        action: 'logoff',
        outcome: 'success',
        user: 'admin',
        target: 'fw01',
        protocol: 'console',
        process: 'console',
      },
    ],
  ],
  [
    'configuration',
    event(
      '0100044547',
      'system',
      'user="admin" ui="GUI(203.0.113.9)" action="Add" cfgtid=5 cfgpath="system.admin" cfgobj="svc" cfgattr="accprofile[super_admin]" msg="Add system.admin svc"',
    ),
    [
      {
        kind: 'device_config',
        action: 'add',
        user: 'admin',
        srcIp: '203.0.113.9',
        interface: 'gui',
        object: 'system.admin svc',
        attribute: 'accprofile[super_admin]',
      },
    ],
  ],
  [
    'log cleared',
    event(
      '0100032011',
      'system',
      'user="admin" ui="ssh(203.0.113.9)" logdesc="Disk log deleted" msg="User admin deleted disk logs"',
    ),
    [{ kind: 'log_activity', action: 'cleared', log: 'fortigate', user: 'admin', detail: 'User admin deleted disk logs' }],
  ],
  [
    'configuration taken away',
    event(
      '0100032138',
      'system',
      'user="admin" ui="ssh(203.0.113.9)" action="backup" logdesc="Configuration backed up" msg="System config file has been downloaded"',
    ),
    [
      {
        kind: 'device_config',
        action: 'download',
        user: 'admin',
        srcIp: '203.0.113.9',
        interface: 'ssh',
        object: 'Configuration backed up',
        command: 'System config file has been downloaded',
      },
    ],
  ],
  [
    'intrusion prevention',
    utm(
      'ips',
      'srcip=203.0.113.9 srcport=1 dstip=192.0.2.2 dstport=443 sessionid=9 action="dropped" severity="critical" attack="Some.Overflow" attackid=43799 msg="web_server"',
    ),
    [
      {
        kind: 'detection_finding',
        title: 'Some.Overflow',
        signature: '43799',
        severity: 1,
        category: 'ips',
        srcIp: '203.0.113.9',
        srcPort: 1,
        dstIp: '192.0.2.2',
        dstPort: 443,
        verdict: 'dropped',
        uid: '9',
      },
    ],
  ],
  [
    'a page let through is no alert',
    utm(
      'webfilter',
      'srcip=10.0.0.5 dstip=192.0.2.2 dstport=443 hostname="www.example" url="/a?b=1" action="passthrough" sessionid=9',
    ),
    [
      {
        kind: 'http_activity',
        clientIp: '10.0.0.5',
        path: '/a',
        query: 'b=1',
        virtualHost: 'www.example',
        serverIp: '192.0.2.2',
        serverPort: 443,
        uid: '9',
      },
    ],
  ],
  [
    'a lookup',
    utm('dns', 'srcip=10.0.0.5 dstip=10.0.0.1 qname="www.example" qtype="A" ipaddr="192.0.2.2" action="pass"'),
    [
      {
        kind: 'dns_activity',
        srcIp: '10.0.0.5',
        serverIp: '10.0.0.1',
        query: 'www.example',
        queryType: 'A',
        answers: '192.0.2.2',
      },
    ],
  ],
  [
    'anything else',
    event('0100020099', 'system', 'logdesc="Interface status changed" msg="Link monitor: Interface wan1 was turned up"'),
    [{ kind: 'other_activity', message: 'Interface status changed: Link monitor: Interface wan1 was turned up' }],
  ],
])('%s', (_name, line, expected) => {
  const { events, diagnostics } = readText(reader, line)
  expect(diagnostics).toEqual([])
  expect(events.map(columnsOf)).toEqual(expected)
  expect([events[0]?.host, events[0]?.original.get('devname'), events[0]?.original.text()]).toEqual(['fw01', 'FW01', line])
})

describe('times', () => {
  const iso = (text: string, facts = {}) =>
    readText(reader, text, { facts }).events.map(({ time, alsoRecorded = {} }) => [
      time && isoFromMicros(time),
      Object.fromEntries(Object.entries(alsoRecorded).map(([name, value]) => [name, isoFromMicros(value)])),
    ])
  const DEVICE = { device: '2023-08-15T05:34:25.000000Z' }
  test.each([
    ['nanoseconds', traffic(FLOW), {}, '2023-08-15T05:34:25.123456Z', DEVICE],
    ['seconds', traffic(FLOW).replace('123456789 ', ' '), {}, '2023-08-15T05:34:25.000000Z', DEVICE],
    ['no eventtime', traffic(FLOW).replace(/eventtime=\d+ /, ''), {}, '2023-08-15T05:34:25.000000Z', {}],
    [
      'no eventtime, no zone',
      traffic(FLOW).replace(/eventtime=\d+ tz="\+1000" /, ''),
      { zone: 'Pacific/Guam' },
      '2023-08-15T05:34:25.000000Z',
      {},
    ],
    ['zone as UTC+10', traffic(FLOW).replace(/eventtime=\d+ tz="\+1000"/, 'tz="UTC+10"'), {}, '2023-08-15T05:34:25.000000Z', {}],
    [
      'a header without year around New Year',
      `<189>Jan  1 00:00:01 collector ${traffic(FLOW).replace('1692077665123456789', '1672531199000000000')}`,
      {},
      '2022-12-31T23:59:59.000000Z',
      { ...DEVICE, header: '2023-01-01T00:00:01.000000Z' },
    ],
  ])('%s', (_name, line, facts, time, others) => {
    expect(iso(line, facts)).toEqual([[time, others]])
  })
  test('none', () => {
    const { events, diagnostics } = readText(reader, 'logid="0000000013" type="traffic" subtype="forward" devname="fw01"')
    expect([events.map(({ time }) => time), diagnostics.map(({ code }) => code)]).toEqual([[undefined], ['fortigate/bad-time']])
  })
})

test.each([
  ['plain', traffic(FLOW), 97],
  ['with priority', `<189>${traffic(FLOW)}`, 97],
  ['with header', `Aug 15 05:34:25 192.0.2.1 ${traffic(FLOW)}`, 97],
  ['half of it other devices', `${traffic(FLOW)}\nAug 15 05:34:25 gw01 sshd[1]: x`, 89],
  ['another key=value log', 'time=2023-08-15 level=info msg="started" type=x', 0],
  ['audit', 'type=SYSCALL msg=audit(1.1:1): arch=c000003e', 0],
])('recognises %s', (_name, text, score) => {
  expect(reader.recognise(textSample(text))).toBe(score)
})

test('hostile lines never throw, and each event points to its line', () => {
  const pieces = fc.constantFrom(
    HEAD,
    'logid=',
    '"',
    '\\',
    ' ',
    'type="event" ',
    'subtype="vpn" ',
    'action="tunnel-up" ',
    'ui="ssh(" ',
    '=',
    '<189>',
    'cfgpath="a" ',
    'tz="+1"',
    'eventtime=99999999999999999 ',
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map(list => list.join('')),
        ),
        { maxLength: 20 },
      ),
      lines => {
        const text = lines.map(line => line.replace(/[\r\n]/g, '')).join('\n')
        for (const { source, original } of readText(reader, text).events)
          expect(text.split('\n')[source.record - 1]).toBe(original.text())
      },
    ),
    { numRuns: 300 },
  )
})
