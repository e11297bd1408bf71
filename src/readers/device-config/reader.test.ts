import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

/** Configurations are written after the makers' documentation; none is from a real device. */
const IOS = `Building configuration...

Current configuration : 1234 bytes
!
! Last configuration change at 05:34:25 UTC Tue Aug 15 2023 by ora
!
version 15.2
service timestamps log datetime msec
hostname GW01
!
enable secret 9 $9$xyz
username ora privilege 15 secret 9 $9$abc
!
banner motd ^C
Interface notice: no entry
hostname not-this
^C
interface Tunnel9
 description to branch
 ip address 10.255.0.1 255.255.255.252
 tunnel source GigabitEthernet0/0
 tunnel destination 203.0.113.9
!
interface GigabitEthernet0/0
 ip address 192.0.2.1 255.255.255.0
!
ip http server
access-list 101 permit ip any any
access-list 101 deny ip any any log
line vty 0 4
 transport input telnet ssh
!
end
`
const ASA = `: Saved
: Serial Number: JAD123
: Hardware:   ASA5516, 8192 MB RAM, CPU Atom C2000 series 2416 MHz
: Written by enable_15 at 05:34:25.123 UTC Tue Aug 15 2023
!
ASA Version 9.8(2)
!
hostname fw02
interface GigabitEthernet1/1
 nameif outside
 security-level 0
 ip address 192.0.2.1 255.255.255.0
ssh 0.0.0.0 0.0.0.0 outside
`
const FORTI = `#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin
#conf_file_ver=123
config system global
    set hostname "fw01"
    set admin-ssh-port 2222
end
config system interface
    edit "wan1"
        set ip 192.0.2.1 255.255.255.0
        set allowaccess ping https ssh
        set role wan
        config ipv6
            set ip6-allowaccess ping
        end
    next
    edit "internal"
        set allowaccess ping
    next
end
config vpn certificate local
    edit "x"
        set private-key "-----BEGIN
abc
-----END"
        set comments "after"
    next
end
`
const ROUTER = `# aug/15/2023 05:34:25 by RouterOS 6.48.6
# software id = ABCD-EFGH
#
# model = RB750Gr3
/ip firewall nat
add action=dst-nat chain=dstnat comment="a \\"b\\"" dst-port=8443 \\
    in-interface=ether1 protocol=tcp to-addresses=10.0.0.5 to-ports=443
/ip service set telnet disabled=yes
/system identity
set name=GW03
`
const NVRAM = `wan_proto=dhcp
wan_ipaddr=192.0.2.1
lan_ipaddr=192.168.1.1
lan_hostname=RT-AC66U-1
http_enable=1
http_passwd=admin
sshd_enable=1
sshd_port=53282
telnetd_enable=0
productid=RT-AC66U
firmver=3.0.0.4
ddns_enable_x=1
`

const devices = (text: string) =>
  readText(reader, text)
    .events.slice(0, 1)
    .map(({ host, code, time, ...event }) => [
      host,
      code,
      time === undefined ? '' : isoFromMicros(time),
      event.kind === 'device_config' ? `${event.command}|${event.user}` : '',
    ])

test.each([
  ['IOS', IOS, ['gw01', 'ios', '2023-08-15T05:34:25.000000Z', 'Cisco 15.2|ora'], 93],
  ['ASA', ASA, ['fw02', 'asa', '2023-08-15T05:34:25.000000Z', 'Cisco ASA5516 9.8(2)|enable_15'], 93],
  ['FortiOS', FORTI, ['fw01', 'fortios', '', 'Fortinet FortiGate 60F 6.4.9|admin'], 97],
  ['RouterOS', ROUTER, ['gw03', 'routeros', '2023-08-15T05:34:25.000000Z', 'MikroTik RB750Gr3 6.48.6|'], 97],
  ['NVRAM', NVRAM, ['rt-ac66u-1', 'nvram', '', 'ASUS RT-AC66U 3.0.0.4|'], 85],
])('%s: the device itself', (_name, text, expected, score) => {
  expect(devices(text)).toEqual([expected])
  expect(reader.recognise(textSample(text))).toBe(score)
  expect(readText(reader, text).diagnostics).toEqual([])
})

const sections = (text: string) =>
  readText(reader, text)
    .events.slice(1)
    .map(event => (event.kind === 'device_config' ? `${event.source.record} ${event.object}` : ''))

test('sections of an indented configuration; what a banner says is no section', () => {
  expect(sections(IOS)).toEqual([
    '1 Building configuration...',
    '3 Current configuration :',
    '7 version 15.2',
    '8 service timestamps log',
    '9 hostname GW01',
    '11 enable secret 9',
    '12 username ora',
    '14 banner motd ^C',
    '18 interface Tunnel9',
    '24 interface GigabitEthernet0/0',
    '27 ip http server',
    '28 access-list 101',
    '29 access-list 101',
    '30 line vty',
    '33 end',
  ])
  const tunnel = readText(reader, IOS).events.find(event => event.source.record === 18)
  expect(tunnel?.original.get('tunnel destination')).toBe('tunnel destination 203.0.113.9')
  expect(tunnel?.original.text()).toContain('tunnel destination 203.0.113.9')
})

test('sections of FortiOS: nested ones, and values over several lines', () => {
  expect(sections(FORTI)).toEqual([
    '3 system global',
    '8 system interface wan1',
    '12 system interface wan1 ipv6',
    '16 system interface internal',
    '21 vpn certificate local x',
  ])
  const events = readText(reader, FORTI).events
  expect(events[2]?.original.get('allowaccess')).toBe('ping https ssh')
  expect(events[5]?.original.get('private-key')).toBe('-----BEGIN\nabc\n-----END')
  expect(events[5]?.original.get('comments')).toBe('after')
})

test('sections of RouterOS: joined lines, one-line commands', () => {
  expect(sections(ROUTER)).toEqual([
    '6 ip firewall nat action=dst-nat chain=dstnat dst-port=8443 in-interface=ether1 protocol=tcp to-addresses=10.0.0.5 to-ports=443',
    '8 ip service telnet',
    '10 system identity GW03',
  ])
})

test.each([
  ['an environment', 'PATH=/bin\nHOME=/root\nSHELL=/bin/sh\nUSER=x\nLANG=C\nTERM=x\nPWD=/\nEDITOR=vi\n'],
  ['a log', 'Aug 15 05:34:25 gw01 sshd[7]: hello\n'.repeat(5)],
  ['nginx', 'server {\n  listen 80;\n}\n'],
  ['a shell script', 'set -e\nconfig x\nedit y\nend\n'],
  ['YAML', 'version: 3\ninterface: x\nhostname: y\n'],
])('%s is no configuration of a device', (_name, text) => {
  expect(reader.recognise(textSample(text))).toBe(0)
})

test('whatever is in the file', () => {
  const base = fc.constantFrom(IOS, ASA, FORTI, ROUTER, NVRAM)
  fc.assert(
    fc.property(base, fc.nat(600), fc.nat(60), fc.string({ unit: 'binary', maxLength: 20 }), (text, at, drop, piece) => {
      readText(reader, text.slice(0, at) + piece + text.slice(at + drop))
    }),
    { numRuns: 300 },
  )
})
