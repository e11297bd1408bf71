import { expect, test } from 'vitest'
import { at, flow } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { reader as assets } from '../../readers/assets/reader.ts'
import { reader as deviceConfig } from '../../readers/device-config/reader.ts'
import { reader as natTable } from '../../readers/nat-table/reader.ts'
import { configuredForwarding } from './configured-forwarding.ts'

const config = (text: string) => readText(deviceConfig, text, { path: 'gw.cfg' }).events
const IOS = (rule: string) =>
  config(
    `version 15.2\nhostname GW01\ninterface Gi0/0\n ip address 192.0.2.1 255.255.255.0\ninterface Gi0/1\n ip address 10.0.0.1 255.255.255.0\n${rule}\nline vty 0 4\nend\n`,
  )
const ASA = `ASA Version 9.8(2)
!
hostname fw02
interface GigabitEthernet1/1
 nameif outside
 ip address 192.0.2.1 255.255.255.0
`
const OBJECT =
  'object network rdp\n host 10.0.0.5\nobject network rdp\n nat (inside,outside) static interface service tcp 3389 8443\n'
const OLD_STATIC = 'static (inside,outside) tcp interface 8443 10.0.0.5 3389 netmask 255.255.255.255\n'
const FORTIOS = `#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin
config system global
    set hostname "fw01"
end
config firewall vip
    edit "rdp"
        set extip 192.0.2.1
        set mappedip "10.0.0.5"
        set extintf "wan1"
        set portforward enable
        set extport 8443
        set mappedport 3389
    next
end
`
const ROUTEROS = `# 2023-08-15 by RouterOS 6.48
/ip address
add address=192.0.2.1/24 interface=ether1
/ip firewall nat
add action=dst-nat chain=dstnat dst-port=8443 in-interface=ether1 protocol=tcp to-addresses=10.0.0.5 to-ports=3389
/system identity
set name=rt01
`
const nvram = (rules: string) =>
  `computer_name=rt03\nwan_ipaddr=192.0.2.1\nlan_ipaddr=10.0.0.1\nrouter_name=rt03\nos_version=1\nhttp_enable=1\n${rules}\nwl_ssid=x\ntime_zone=UTC\nlog_level=1\n`
const command = (commandLine: string) =>
  at('process_activity', -100, { action: 'start', image: '/usr/bin/x', commandLine }, { host: 'rt01' }) as SecurityEvent

/** In at 8443 of the router, and at once from it (or still with the client's own port) to the machine behind it. */
const through = (
  options: { from?: string; by?: string; port?: number; door?: number; second?: number; srcPort?: number } = {},
) => {
  const { from = '198.51.100.7', by = '192.0.2.1', port = 3389, door = 8443, second = 10, srcPort = 40_000 } = options
  return [
    flow(second, from, '192.0.2.1', door, { srcPort, duration: 60_000_000 }, 'outside'),
    flow(second + 0.01, by, '10.0.0.5', port, { srcPort, duration: 60_000_000 }, 'inside'),
  ]
}
const ONE = 'low: 192.0.2.1:8443 led a connection of 198.51.100.7 on to 10.0.0.5:3389, as it is set to'

test.each<[string, readonly SecurityEvent[], readonly string[]]>([
  ['Cisco IOS', [...IOS('ip nat inside source static tcp 10.0.0.5 3389 interface Gi0/0 8443'), ...through()], [ONE]],
  [
    'Cisco IOS, the onward leg bears the inner address of the router',
    [...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443 extendable'), ...through({ by: '10.0.0.1' })],
    [ONE],
  ],
  [
    'no source translation: the onward leg bears the client’s own address and port',
    [...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'), ...through({ by: '198.51.100.7' })],
    [ONE],
  ],
  [
    'Cisco IOS, a static row of its table',
    [...readText(natTable, 'rt01#show ip nat translations\ntcp 192.0.2.1:8443  10.0.0.5:3389  ---  ---\n').events, ...through()],
    [ONE],
  ],
  [
    'ASA, a static row of its table',
    [
      ...readText(
        natTable,
        'TCP PAT from inside:10.0.0.5 3389-3389 to outside:192.0.2.1 8443-8443\n    flags sr idle 0:00:12 timeout 0:00:00\n',
      ).events,
      ...through(),
    ],
    [ONE],
  ],
  ['ASA, object', [...config(ASA + OBJECT), ...through()], [ONE]],
  ['ASA before 8.3', [...config(ASA + OLD_STATIC), ...through()], [ONE]],
  ['FortiOS', [...config(FORTIOS), ...through()], [ONE]],
  ['RouterOS', [...config(ROUTEROS), ...through()], [ONE]],
  ['ASUS', [...config(nvram('vts_rulelist=<a>80>10.0.0.9>80>TCP><rdp>8443>10.0.0.5>3389>TCP>')), ...through()], [ONE]],
  ['DD-WRT', [...config(nvram('forward_spec=a:on:tcp:80>10.0.0.9:80 rdp:on:both:8443>10.0.0.5:3389')), ...through()], [ONE]],
  ['Tomato', [...config(nvram('portforward=1<3<<80<80<10.0.0.9<a>1<3<<8443<3389<10.0.0.5<rdp')), ...through()], [ONE]],
  [
    'the packet filter of Linux',
    [command('iptables -t nat -A PREROUTING -p tcp --dport 8443 -j DNAT --to-destination 10.0.0.5:3389'), ...through()],
    [ONE],
  ],
  ['nft', [command('nft add rule ip nat prerouting tcp dport 8443 dnat to 10.0.0.5:3389'), ...through()], [ONE]],
  ['socat', [command('socat TCP-LISTEN:8443,fork,reuseaddr TCP:10.0.0.5:3389'), ...through()], [ONE]],
  [
    'socat as a service',
    [
      at('service_activity', 0, {
        action: 'found',
        name: 'x',
        path: '/usr/bin/socat TCP4-LISTEN:8443,fork TCP4:10.0.0.5:3389',
      }) as SecurityEvent,
      ...through(),
    ],
    [ONE],
  ],
  [
    'netsh',
    [command('netsh interface portproxy add v4tov4 listenport=8443 connectaddress=10.0.0.5 connectport=3389'), ...through()],
    [ONE],
  ],
  [
    'the registry value of the port proxy',
    [
      at('registry_activity', 0, {
        action: 'set-value',
        key: 'HKLM\\System\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp',
        valueName: '0.0.0.0/8443',
        value: '10.0.0.5/3389',
      }) as SecurityEvent,
      ...through(),
    ],
    [ONE],
  ],
  [
    'a published web server: the operator’s own reverse proxy',
    [
      ...IOS('ip nat inside source static tcp 10.0.0.5 443 192.0.2.1 443'),
      ...[1, 2, 3, 4, 5, 6].flatMap(i =>
        through({ from: `198.51.100.${i}`, door: 443, port: 443, second: i * 100, srcPort: 40_000 + i }),
      ),
    ],
    ['informational: 192.0.2.1:443 led 6 connections of 6 addresses on to 10.0.0.5:443, as it is set to'],
  ],
  [
    'a jump host of the asset list',
    [
      ...readText(assets, 'id,ip,role\njump01,192.0.2.1,jump host\n', { path: 'assets.csv' }).events,
      ...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'),
      ...through(),
    ],
    [ONE.replace('low', 'informational')],
  ],
  ['only the setting', IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'), []],
  ['only the flows', through(), []],
  ['another machine behind the port', [...IOS('ip nat inside source static tcp 10.0.0.6 3389 192.0.2.1 8443'), ...through()], []],
  [
    'the machine behind was reached at another time',
    [...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'), through()[0], through({ second: 60 })[1]].filter(
      event => event !== undefined,
    ),
    [],
  ],
  [
    'somebody else reached the machine behind at that moment',
    [...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'), ...through({ by: '10.0.0.77' })],
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(configuredForwarding, events))).toEqual(expected)
})

test('the hop is proven, and names the setting that shows it', async () => {
  const [found] = await foundBy(configuredForwarding, [
    ...IOS('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443'),
    ...through(),
  ])
  expect(found?.hops).toEqual([
    {
      from: '198.51.100.7',
      via: '192.0.2.1',
      viaPort: 8443,
      to: '10.0.0.5',
      toPort: 3389,
      grade: 'proven',
      basis:
        'by its own configuration (“ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 8443”) and by connections on both sides of it',
      count: 1,
      firstTime: expect.any(Number),
      lastTime: expect.any(Number),
    },
  ])
  expect(found?.evidence).toHaveLength(3)
})
