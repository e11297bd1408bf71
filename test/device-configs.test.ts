import { expect, test } from 'vitest'
import { configChanged, configDrift } from '../src/detect/edge-device/config-drift.ts'
import { configRules } from '../src/detect/edge-device/config-rules.ts'
import { dangerousSetting } from '../src/detect/edge-device/dangerous-setting.ts'
import { type EvidenceId, isoFromMicros, micros, type SecurityEvent } from '../src/model/index.ts'
import { reader } from '../src/readers/device-config/reader.ts'
import { at } from './case-events.ts'
import { eventOf } from './record-detector.ts'
import { saidIn, storeOf } from './set-detector.ts'
import { readText } from './text-part.ts'

const ios = (...lines: readonly string[]) =>
  `version 15.2\nservice timestamps log datetime\nhostname gw01\naaa new-model\nlogging host 10.0.0.9\narchive\n log config\n  logging enable\n${lines.join('\n')}\n`
const asa = (...lines: readonly string[]) =>
  `: Saved\nASA Version 9.8(2)\nhostname fw02\nlogging enable\nlogging host inside 10.0.0.9\n${lines.join('\n')}\n`
const forti = (...lines: readonly string[]) =>
  `#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin\nconfig system global\nset hostname fw01\nend\nconfig log syslogd setting\nset status enable\nset server 10.0.0.9\nend\n${lines.join('\n')}\n`
const router = (...lines: readonly string[]) =>
  `# aug/15/2023 05:34:25 by RouterOS 6.48.6\n# model = RB750\n/ip service set telnet disabled=yes\n/system logging action set remote remote=10.0.0.9\n/system identity set name=gw03\n${lines.join('\n')}\n`
const nvram = (...lines: readonly string[]) =>
  `wan_proto=dhcp\nwan_ipaddr=192.0.2.1\nlan_ipaddr=192.168.1.1\nlan_hostname=home1\nhttp_enable=1\nwl_unit=0\nlan_netmask=255.255.255.0\nproductid=RT-AC66U\nntp_server0=10.0.0.9\n${lines.join('\n')}\n`

const events = (text: string, evidence = 'e1', path = 'gw.cfg') =>
  readText(reader, text, { path }).events.map(
    event =>
      ({
        ...event,
        series: `device-config|${evidence}`,
        source: { ...event.source, evidence: evidence as EvidenceId },
      }) as SecurityEvent,
  )

const told = (text: string) =>
  events(text).flatMap(event => {
    const match = event.kind === 'device_config' ? dangerousSetting.detect(event) : undefined
    return match ? [`${match.severity}: ${match.title}`] : []
  })

test('there are at least thirty rules, each with reasons, both sides', () => {
  expect(configRules.length).toBeGreaterThanOrEqual(30)
  expect(new Set(configRules.map(({ id }) => id)).size).toBe(configRules.length)
  for (const { why, innocent, technique } of configRules) {
    expect(why.length).toBeGreaterThan(20)
    expect(innocent.length).toBeGreaterThan(8)
    expect(technique).toMatch(/^T\d{4}(?:\.\d{3})?$/)
  }
})

test.each([
  ['nothing dangerous, IOS', ios('ip ssh version 2', 'line vty 0 4', ' access-class 10 in', ' transport input ssh'), []],
  ['nothing dangerous, ASA', asa('ssh 10.0.0.0 255.0.0.0 inside'), []],
  [
    'nothing dangerous, FortiOS',
    forti('config system interface', 'edit internal', 'set allowaccess ping https ssh', 'next', 'end'),
    [],
  ],
  [
    'nothing dangerous, RouterOS',
    router('/ip firewall filter', 'add action=accept chain=input connection-state=established'),
    [],
  ],
  ['nothing dangerous, NVRAM', nvram('sshd_enable=2', 'telnetd_enable=0', 'upnp_enable=0'), []],
  ['telnet', ios('line vty 0 4', ' access-class 10 in', ' transport input telnet'), ['medium: gw01: telnet is open (line vty)']],
  [
    'lines from anywhere',
    ios('line vty 0 4', ' transport input ssh', ' exec-timeout 0 0'),
    ['low: gw01: its lines take log-ins from any address, its lines never time out (line vty)'],
  ],
  [
    'web interface',
    ios('ip http server', 'ip http secure-server'),
    [
      'low: gw01: its web interface is reachable in the clear (ip http server)',
      'low: gw01: its web interface is on (ip http secure-server)',
    ],
  ],
  [
    'web interface on a high port',
    ios('ip http port 18443'),
    ['medium: gw01: its web interface listens on an unusual port (ip http port)'],
  ],
  ['SSH on 57722', ios('ip ssh port 57722 rotary 1'), ['high: gw01: SSH listens on a port known from intrusions (ip ssh port)']],
  [
    'SNMP',
    ios('snmp-server community public RO', 'snmp-server community s3cret RW'),
    [
      'medium: gw01: SNMP answers to a default community (snmp-server community)',
      'high: gw01: SNMP may change the configuration (snmp-server community)',
    ],
  ],
  [
    'a tunnel',
    ios('interface Tunnel9', ' tunnel destination 203.0.113.9'),
    ['low: gw01: a tunnel goes out from it (interface Tunnel9)'],
  ],
  ['Smart Install', ios('vstack'), ['medium: gw01: Smart Install is on (vstack)']],
  ['no Smart Install', ios('no vstack'), []],
  [
    'a script that hides',
    ios('event manager applet x', ' event cli pattern "show running" sync yes', ' action 1 puts ""'),
    ['critical: gw01: a script on it hides what is shown, a script runs on it by itself (event manager applet x)'],
  ],
  [
    'Guest Shell',
    ios('iox', 'app-hosting appid guestshell'),
    ['low: gw01: programs of others run on it (iox)', 'low: gw01: programs of others run on it (app-hosting appid guestshell)'],
  ],
  [
    'a capture',
    ios('monitor capture x interface Gi0/0 both'),
    ['medium: gw01: it records or streams packets (monitor capture x)'],
  ],
  [
    'a remote mirror',
    ios('monitor session 1 type erspan-source'),
    ['low: gw01: it copies traffic to another place (monitor session 1)'],
  ],
  ['files handed out', ios('tftp-server flash:x'), ['low: gw01: it hands out files (tftp-server flash:x)']],
  [
    'a forwarded desktop',
    ios('ip nat inside source static tcp 10.0.0.5 3389 192.0.2.1 3389'),
    ['medium: gw01: a port for administration is forwarded inside (ip nat inside)'],
  ],
  [
    'a readable password',
    ios('enable password 7 0822455D0A16'),
    ['low: gw01: passwords are stored readably (enable password …)'],
  ],
  ['permit any', ios('access-list 101 permit ip any any'), ['low: gw01: a rule lets everything through (access-list 101)']],
  [
    'boot over the network',
    ios('boot system tftp x 10.0.0.9'),
    ['medium: gw01: it loads its system from the network (boot system tftp)'],
  ],
  ['SSH 1', ios('ip ssh version 1'), ['medium: gw01: SSH of version 1 is allowed (ip ssh version)']],
  ['an open resolver', ios('ip dns server'), ['low: gw01: it answers name requests of everybody (ip dns server)']],
  [
    'nothing recorded',
    'version 15.2\nhostname gw01\nservice timestamps log datetime\n',
    ['low: gw01: its log stays on the device, what administrators type is not recorded, log-ins are not checked by a server'],
  ],
  [
    'an ASA open to all',
    asa('ssh 0.0.0.0 0.0.0.0 outside'),
    ['high: fw02: it can be administered from the internet (ssh 0.0.0.0 0.0.0.0)'],
  ],
  [
    'an ASA without logs',
    ': Saved\nASA Version 9.8(2)\nhostname fw02\n',
    ['medium: fw02: its logging is switched off, its log stays on the device'],
  ],
  [
    'an account of a directory on an ASA',
    asa('aaa-server LDAP (inside) host 10.0.0.5', ' ldap-login-dn cn=svc'),
    ['low: fw02: the password of a directory account is stored on it (aaa-server LDAP)'],
  ],
  [
    'FortiGate administered from outside',
    forti('config system interface', 'edit wan1', 'set allowaccess ping https ssh', 'next', 'end'),
    ['high: fw01: it can be administered from the internet (system interface wan1)'],
  ],
  [
    'by its role',
    forti('config system interface', 'edit port7', 'set allowaccess ping https', 'set role wan', 'next', 'end'),
    ['high: fw01: it can be administered from the internet (system interface port7)'],
  ],
  [
    'FortiGate open inbound',
    forti(
      'config firewall policy',
      'edit 9',
      'set srcintf wan1',
      'set dstintf internal',
      'set srcaddr all',
      'set dstaddr all',
      'set action accept',
      'set service ALL',
      'next',
      'end',
    ),
    ['high: fw01: a rule lets everything in from the internet (firewall policy 9)'],
  ],
  [
    'FortiGate administrator from anywhere',
    forti('config system admin', 'edit x', 'set accprofile super_admin', 'next', 'end'),
    ['low: fw01: an administrator may come from any address (system admin x)'],
  ],
  [
    'FortiGate without a log server',
    forti().replace('set status enable', 'set status disable'),
    ['low: fw01: its log stays on the device', 'medium: fw01: its logging is switched off (log syslogd setting)'],
  ],
  [
    'FortiGate VPN with old TLS',
    forti('config vpn ssl settings', 'set ssl-min-proto-ver tls1-0', 'end'),
    ['low: fw01: the VPN accepts old encryption (vpn ssl settings)'],
  ],
  [
    'MikroTik SOCKS',
    router('/ip socks', 'set enabled=yes port=4153'),
    ['high: gw03: it passes on the connections of others (ip socks)'],
  ],
  [
    'MikroTik that fetches',
    router('/system scheduler', 'add interval=30s name=u on-event="/tool fetch url=http://x"'),
    ['high: gw03: a script on it loads something from elsewhere, a script runs on it by itself (system scheduler u)'],
  ],
  [
    'MikroTik that streams',
    router('/tool sniffer', 'set streaming-enabled=yes streaming-server=203.0.113.9'),
    ['medium: gw03: it records or streams packets (tool sniffer)'],
  ],
  ['MikroTik with telnet', router().replace('/ip service set telnet disabled=yes\n', ''), ['medium: gw03: telnet is open']],
  ['MikroTik UPnP', router('/ip upnp', 'set enabled=yes'), ['low: gw03: programs inside may open ports by themselves (ip upnp)']],
  [
    'MikroTik rule off',
    router('/ip firewall filter', 'add action=drop chain=input disabled=yes in-interface=ether1'),
    ['low: gw03: a blocking rule is switched off (ip firewall filter action=drop chain=input in-interface=ether1)'],
  ],
  [
    'ASUS of AyySSHush',
    nvram('sshd_enable=1', 'sshd_port=53282', 'sshd_authkeys=ssh-rsa AAAA', 'wrs_protect_enable=0'),
    [
      'high: home1: it can be administered from the internet (nvram sshd_enable)',
      'high: home1: SSH listens on a port known from intrusions (nvram sshd_port)',
      'low: home1: an SSH key may log in (nvram sshd_authkeys)',
      'low: home1: its own protection is switched off (nvram wrs_protect_enable)',
    ],
  ],
  [
    'a default password',
    nvram('http_passwd=admin'),
    ['high: home1: the password is the one it was sold with (nvram http_passwd)'],
  ],
])('%s', (_name, text, expected) => {
  expect(told(text)).toEqual(expected)
})

test('no secret is told', () => {
  const texts = events(ios('snmp-server community s3cret RW', 'username ora privilege 15 password 7 0822455D')).flatMap(event => {
    const match = event.kind === 'device_config' ? dangerousSetting.detect(event) : undefined
    return match ? [match.title, match.why ?? ''] : []
  })
  expect(texts.join(' ')).not.toMatch(/s3cret|0822455D/)
})

async function drift(earlier: string, later: string, paths: readonly [string, string] = ['gw-20230801.cfg', 'gw-20230815.cfg']) {
  const store = await storeOf([...events(earlier, 'e2', paths[0]), ...events(later, 'e1', paths[1])])
  try {
    return { dangerous: await store.find(configDrift), all: await store.find(configChanged) }
  } finally {
    store.close()
  }
}

test('what came and what went, with the lines before and after', async () => {
  const { dangerous, all } = await drift(
    ios('username ora privilege 15 secret 9 aaa', 'ntp clock-period 1', 'interface Tunnel1', ' tunnel destination 10.0.0.1'),
    ios(
      'username ora privilege 15 secret 9 aaa',
      'username sup privilege 15 secret 9 bbb',
      'ntp clock-period 2',
      'interface Tunnel1',
      ' tunnel destination 203.0.113.9',
      'ip http secure-server',
    ).replace('logging host 10.0.0.9\n', ''),
  )
  expect(saidIn(dangerous)).toEqual([
    'high: gw01: a tunnel goes out from it, new in its configuration (interface Tunnel1)',
    'high: gw01: its web interface is on, new in its configuration (ip http secure-server)',
    'high: gw01: its log stays on the device, new in its configuration (logging host 10.0.0.9)',
    'high: gw01: an account may do everything, an account is there, new in its configuration (username sup)',
  ])
  const account = dangerous.find(({ object }) => object.includes('username'))
  expect(account?.why).toContain(
    'Changed between 2023-08-01 00:00 and 2023-08-15 00:00. Before: nothing. After: "username sup privilege 15 secret …".',
  )
  expect(saidIn(all)).toEqual([
    'informational: gw01: 4 sections of its configuration changed between 2023-08-01 00:00 and 2023-08-15 00:00',
  ])
})

test('one forwarded port more in FortiOS; passwords encrypted anew are no change', async () => {
  const { dangerous } = await drift(
    forti(
      'config system admin',
      'edit x',
      'set trusthost1 10.0.0.0 255.0.0.0',
      'set accprofile super_admin',
      'set password ENC aaa',
      'next',
      'end',
    ),
    forti(
      'config system admin',
      'edit x',
      'set trusthost1 10.0.0.0 255.0.0.0',
      'set accprofile super_admin',
      'set password ENC bbb',
      'next',
      'end',
      'config firewall vip',
      'edit v',
      'set mappedip 10.0.0.5',
      'set mappedport 3389',
      'next',
      'end',
    ),
  )
  expect(saidIn(dangerous)).toEqual([
    'high: fw01: a port for administration is forwarded inside, a port is forwarded inside, new in its configuration (firewall vip v)',
  ])
})

test('without dates the order is not claimed', async () => {
  const { all } = await drift(nvram('sshd_port=22'), nvram('sshd_port=2222'), ['a/home.txt', 'b/home.txt'])
  expect(all[0]?.title).toContain('which is the later one is not known')
})

test('the same configuration twice, and two devices', async () => {
  expect((await drift(ios('vstack'), ios('vstack'))).dangerous).toEqual([])
  expect((await drift(ios('vstack'), asa('ssh 0.0.0.0 0.0.0.0 outside'))).dangerous).toEqual([])
})

test('a device that logs its changes made it at one of them; whoever the tunnel leads to is named', async () => {
  const changed = (time: string, host: string) =>
    eventOf<'device_config'>(
      { kind: 'device_config', action: 'set', user: 'ora', command: 'Configured from console by ora on vty0' },
      { time: at(time), host, product: 'cisco-ios', code: 'SYS-5-CONFIG_I' },
    )
  const logged = [
    changed('2023-07-30T10:00:00Z', 'gw01'),
    changed('2023-08-09T03:10:00Z', 'gw01'),
    changed('2023-08-11T12:00:00Z', 'gw02'),
    changed('2023-08-20T10:00:00Z', 'gw01'),
  ]
  const store = await storeOf([
    ...events(ios(), 'e2', 'gw-20230801.cfg'),
    ...events(ios('interface Tunnel1', ' tunnel destination 203.0.113.9'), 'e1', 'gw-20230815.cfg'),
    ...logged,
  ])
  try {
    const [tunnel] = await store.find(configDrift)
    expect(tunnel?.addresses).toEqual(['203.0.113.9'])
    expect([tunnel?.firstTime, tunnel?.lastTime].map(time => isoFromMicros(micros(time ?? 0)))).toEqual([
      '2023-08-09T03:10:00.000000Z',
      '2023-08-09T03:10:00.000000Z',
    ])
  } finally {
    store.close()
  }
})
