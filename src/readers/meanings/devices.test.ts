import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import type { Reader } from '../../model/index.ts'
import { reader as freeradius } from '../freeradius/reader.ts'
import { reader as nps } from '../nps/reader.ts'
import { readers as openVpnReaders } from '../openvpn/reader.ts'
import { reader as syslog } from '../syslog/reader.ts'

const openvpn = openVpnReaders.find(({ format }) => format === 'openvpn') as Reader

/** Lines are written after the makers' documentation, none is from a real device. */
const NAMES = [
  'kind',
  'action',
  'outcome',
  'user',
  'protocol',
  'srcIp',
  'srcPort',
  'dstIp',
  'dstPort',
  'natDstIp',
  'natDstPort',
  'assignedIp',
  'initiatorKnown',
  'rule',
  'object',
]
const said = (line: string, reader = syslog) =>
  readText(reader, line, { facts: { year: 2023 } }).events.map(event => {
    const columns = columnsOf(event)
    return [event.product, ...NAMES.map(name => columns[name]).filter(value => value !== undefined)].join(' ')
  })

test.each([
  [
    'pfSense blocks',
    'Aug 15 05:34:25 gw01 filterlog[4711]: 5,,,1000000103,igb0,match,block,in,4,0x0,,51,1,0,none,6,tcp,60,203.0.113.9,192.0.2.1,5022,4566,0,S,1,,64240,,mss',
    ['filterlog network_activity deny tcp 203.0.113.9 5022 192.0.2.1 4566 true 1000000103'],
  ],
  [
    'OPNsense passes, IPv6',
    '<134>1 2023-08-15T05:34:25+10:00 gw01 filterlog 4711 - [meta sequenceId="1"] 77,,,fae559338f65e11c53669fc3642c93c2,igb1,match,pass,out,6,0x00,0xe7b1c,64,udp,17,40,2001:db8::5,2001:db8::9,5353,53,32',
    ['filterlog network_activity open udp 2001:db8::5 5353 2001:db8::9 53 fae559338f65e11c53669fc3642c93c2'],
  ],
  [
    'UFW blocks',
    'Aug 15 05:34:25 gw02 kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=00:11 SRC=203.0.113.9 DST=10.0.0.5 LEN=60 TOS=0x00 PREC=0x00 TTL=51 ID=1 DF PROTO=TCP SPT=5022 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0',
    ['netfilter network_activity deny tcp 203.0.113.9 5022 10.0.0.5 22 true [UFW BLOCK]'],
  ],
  [
    'nftables logs an answer',
    'Aug 15 05:34:25 gw02 kernel: nft-forward IN=eth1 OUT=eth0 SRC=10.0.0.5 DST=203.0.113.9 LEN=60 PROTO=TCP SPT=22 DPT=5022 WINDOW=0 ACK SYN URGP=0',
    ['netfilter network_activity open tcp 10.0.0.5 22 203.0.113.9 5022 false nft-forward'],
  ],
  ['another word of the kernel', 'Aug 15 05:34:25 gw02 kernel: eth0: link up', ['syslog other_activity']],
  [
    'MikroTik forwards a port',
    'Aug 15 05:34:25 gw03 firewall,info dnat dstnat: in:ether1 out:(unknown 0), connection-state:new,dnat src-mac 00:11:22:33:44:55, proto TCP (SYN), 203.0.113.9:5022->192.0.2.1:8443, NAT 203.0.113.9:5022->(192.0.2.1:8443->10.0.0.5:443), len 52',
    ['mikrotik network_activity open tcp 203.0.113.9 5022 192.0.2.1 8443 10.0.0.5 443 true dnat'],
  ],
  [
    'MikroTik log-in',
    'Aug 15 05:34:25 gw03 system,info,account user admin logged in from 203.0.113.9 via winbox',
    ['mikrotik authentication logon success admin winbox 203.0.113.9'],
  ],
  [
    'MikroTik wrong password',
    'Aug 15 05:34:25 gw03 system,error,critical login failure for user root from 203.0.113.9 via ssh',
    ['mikrotik authentication logon failure root ssh 203.0.113.9'],
  ],
  [
    'MikroTik change',
    'Aug 15 05:34:25 gw03 system,info nat rule added by winbox-3.40/tcp-msg(winbox):admin@203.0.113.9 (/ip firewall nat add action=dst-nat)',
    ['mikrotik device_config add admin 203.0.113.9 nat rule'],
  ],
  [
    'MikroTik tunnel',
    'Aug 15 05:34:25 gw03 l2tp,ppp,info,account ora logged in, 10.0.200.5 from 203.0.113.9',
    ['mikrotik tunnel_activity up ora l2tp 203.0.113.9 10.0.200.5'],
  ],
  [
    'pfSense web interface',
    "Aug 15 05:34:25 gw01 php-fpm[362]: /index.php: Successful login for user 'admin' from: 203.0.113.9 (Local Database)",
    ['pfsense authentication logon success admin web 203.0.113.9'],
  ],
  [
    'pfSense change',
    'Aug 15 05:34:25 gw01 php-fpm[362]: /firewall_nat_edit.php: Configuration Change: admin@203.0.113.9 (Local Database): Firewall: NAT: Port Forward - saved/edited a port forward rule.',
    ['pfsense device_config set admin 203.0.113.9 /firewall_nat_edit.php'],
  ],
  [
    'OpenVPN in syslog',
    'Aug 15 05:34:25 vpn01 openvpn[99]: 203.0.113.9:5022 [ora] Peer Connection Initiated with [AF_INET]203.0.113.9:5022',
    ['openvpn authentication logon success ora ssl-vpn 203.0.113.9', 'openvpn tunnel_activity up ora openvpn 203.0.113.9'],
  ],
  [
    'FreeRADIUS in syslog',
    'Aug 15 05:34:25 rad01 radiusd[99]: (7) Login OK: [ora/<via Auth-Type = mschap>] (from client vpn01 port 0 cli 203.0.113.9)',
    ['freeradius authentication logon success ora radius 203.0.113.9'],
  ],
])('%s', (_name, line, expected) => {
  expect(said(line)).toEqual(expected)
})

test.each([
  [
    '2023-08-15 05:34:25 ora/203.0.113.9:5022 MULTI_sva: pool returned IPv4=10.8.0.6, IPv6=(Not enabled)',
    ['openvpn tunnel_activity assigned ora openvpn 203.0.113.9 10.8.0.6'],
  ],
  [
    'Tue Aug 15 05:34:25 2023 us=123456 203.0.113.9:5022 TLS Auth Error: Auth Username/Password verification failed for peer',
    ['openvpn authentication logon failure ssl-vpn 203.0.113.9'],
  ],
  [
    '2023-08-15 05:34:25 MULTI: Learn: 10.8.0.6 -> ora/203.0.113.9:5022',
    ['openvpn tunnel_activity assigned ora openvpn 203.0.113.9 10.8.0.6'],
  ],
  [
    '2023-08-15 05:34:25 ora/203.0.113.9:5022 SIGTERM[soft,remote-exit] received, client-instance exiting',
    ['openvpn tunnel_activity down ora openvpn 203.0.113.9'],
  ],
])('OpenVPN %s', (line, expected) => {
  expect(said(line, openvpn)).toEqual(expected)
  expect(openvpn.recognise(textSample(line))).toBe(90)
})

test('FreeRADIUS keeps no password as a name', () => {
  const line =
    'Tue Aug 15 05:34:25 2023 : Auth: (7) Login incorrect (pap: Cleartext password does not match): [ora/hunter2] (from client vpn01 port 0 cli 00-11-22-33-44-55)'
  expect(said(line, freeradius)).toEqual(['freeradius authentication logon failure ora radius'])
  expect(freeradius.recognise(textSample(line))).toBe(94)
})

test('NPS', () => {
  const event = (fields: string) =>
    `<Event><Timestamp data_type="4">08/15/2023 05:34:25.123</Timestamp><Computer-Name data_type="1">NPS01</Computer-Name>${fields}</Event>`
  const accept = event(
    '<Packet-Type data_type="0">2</Packet-Type><SAM-Account-Name data_type="1">ISLAS\\ora</SAM-Account-Name><Calling-Station-Id data_type="1">203.0.113.9</Calling-Station-Id><Client-Friendly-Name data_type="1">vpn01</Client-Friendly-Name><Reason-Code data_type="0">0</Reason-Code>',
  )
  const start = event(
    '<Packet-Type data_type="0">4</Packet-Type><Acct-Status-Type data_type="0">1</Acct-Status-Type><User-Name data_type="1">ora</User-Name><Framed-IP-Address data_type="3">10.0.200.5</Framed-IP-Address><Tunnel-Client-Endpt data_type="1">203.0.113.9</Tunnel-Client-Endpt>',
  )
  expect(said(`${accept}\n${start}`, nps)).toEqual([
    'nps authentication logon success ISLAS\\ora radius 203.0.113.9',
    'nps tunnel_activity up ora radius 203.0.113.9 10.0.200.5',
  ])
  expect(nps.recognise(textSample(accept))).toBe(95)
})

test('whatever is in the message', () => {
  const word = fc.constantFrom('filterlog', 'kernel', 'openvpn', 'radiusd', 'php-fpm', 'system,info', 'firewall,info x')
  fc.assert(
    fc.property(
      word,
      fc.string({ unit: fc.constantFrom(',', ' ', 'IN=', 'SRC=', '1', ':', '->', '(', ')', '[', ']', 'a', '/', 'in', '4') }),
      (program, text) => {
        expect(said(`Aug 15 05:34:25 gw01 ${program}: ${text}`).length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 300 },
  )
})
