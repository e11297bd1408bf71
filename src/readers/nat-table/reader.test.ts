import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAs, recording } from '../../../test/recordings.ts'
import { columnsOf, eventsOfKind, readText, textSample } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { reader } from './reader.ts'

/** "src > dst, is really natDst, as natSrc, opener known?" of a connection. */
function told(event: SecurityEvent): string {
  const { kind, srcIp, srcPort, dstIp, dstPort, natSrcIp, natSrcPort, natDstIp, natDstPort, initiatorKnown, command } =
    columnsOf(event)
  if (kind !== 'network_activity') return `setting: ${command}`
  return [
    `${srcIp}:${srcPort} > ${dstIp}:${dstPort}`,
    natDstIp === undefined ? '' : `is ${natDstIp}:${natDstPort}`,
    natSrcIp === undefined ? '' : `as ${natSrcIp}:${natSrcPort}`,
    initiatorKnown === true ? '' : 'guessed',
  ]
    .filter(text => text !== '')
    .join(', ')
}

const IOS = `GW01#show ip nat translations
Pro Inside global      Inside local       Outside local      Outside global
tcp 192.0.2.1:8443     10.0.0.9:443       ---                ---
tcp 192.0.2.1:8443     10.0.0.9:443       198.51.100.7:51122 198.51.100.7:51122
tcp 192.0.2.1:50112    10.0.0.5:50112     203.0.113.9:443    203.0.113.9:443
tcp 192.0.2.1:25       10.0.0.6:25        198.51.100.8:41000 198.51.100.8:41000
--- 192.0.2.6          10.0.0.16          ---                ---
`
const ASA = `fw02# show xlate
3 in use, 12 most used
Flags: D - DNS, e - extended, I - identity, i - dynamic, r - portmap,
       s - static, T - twice, N - net-to-net
TCP PAT from inside:10.0.0.9 443-443 to outside:192.0.2.1 8443-8443
    flags sr idle 0:00:12 timeout 0:00:00
TCP PAT from inside:10.0.0.5/50112 to outside:192.0.2.1/50112 flags ri idle 0:00:02 timeout 0:00:30
NAT from inside:10.0.0.16 to outside:192.0.2.6
    flags s idle 1:02:12 timeout 0:00:00
fw02# show conn
4 in use, 20 most used
TCP outside 198.51.100.7:51122 inside 10.0.0.9:443, idle 0:00:12, bytes 18155, flags UIOB
TCP outside  198.51.100.7:51123 inside  10.0.0.16:3389, idle 0:00:12, bytes 100, flags UIOB
TCP outside 203.0.113.9:443 inside 10.0.0.5:50112, idle 0:00:02, bytes 2932, flags UxIO
UDP outside 203.0.113.53:53 inside 10.0.0.5:40000, idle 0:00:02, bytes 140, flags -
`
const DETAIL = `fw02# show conn detail
TCP PAT from inside:10.0.0.9/443 to outside:192.0.2.1/8443 flags srT idle 0:00:12 timeout 0:00:00
TCP outside: 198.51.100.7/51122 inside: 10.0.0.9/443,
    flags UIOB , idle 12s, uptime 1m2s, timeout 1h0m, bytes 18155
`
const FORTI_LIST = `fw01 # get system session list
PROTO   EXPIRE SOURCE           SOURCE-NAT       DESTINATION      DESTINATION-NAT
tcp     3599   10.0.0.5:50112   192.0.2.1:50112  203.0.113.9:443  -
tcp     3585   198.51.100.7:51122 -              192.0.2.1:8443   10.0.0.9:443
udp     170    10.0.0.5:40000   -                10.0.0.53:53     -
`
const FORTI = `fw01 # diagnose sys session list
session info: proto=6 proto_state=01 duration=142 expire=3596 timeout=3600 flags=00000000 sockflag=00000000 sockport=0 av_idx=0 use=4
origin-shaper=
class_id=0 ha_id=0 policy_dir=0 tunnel=/ vlan_cos=0/255
state=log may_dirty f00
statistic(bytes/packets/allow_err): org=9376/61/1 reply=3930/32/1 tuples=3
tx speed(Bps/kbps): 65/0 rx speed(Bps/kbps): 27/0
orgin->sink: org pre->post, reply pre->post dev=7->5/5->7 gwy=10.0.0.9/198.51.100.1
hook=pre dir=org act=dnat 198.51.100.7:51122->192.0.2.1:8443(10.0.0.9:443)
hook=post dir=org act=snat 198.51.100.7:51122->10.0.0.9:443(10.0.0.1:61001)
hook=post dir=reply act=snat 10.0.0.9:443->198.51.100.7:51122(192.0.2.1:8443)
misc=0 policy_id=26 auth_info=0 chk_client_info=0 vd=0
serial=00007c33 tos=ff/ff app_list=0 app=0 url_cat=0

session info: proto=17 proto_state=01 duration=29 expire=150 timeout=0 flags=00000000 sockflag=00000000 sockport=0 av_idx=0 use=3
statistic(bytes/packets/allow_err): org=147/1/1 reply=268/1/1 tuples=2
hook=post dir=org act=snat 10.0.0.5:63996->203.0.113.53:53(192.0.2.1:63996)
hook=pre dir=reply act=dnat 203.0.113.53:53->192.0.2.1:63996(10.0.0.5:63996)
total session 2
`
const PF = `gw02# pfctl -ss -v
all tcp 10.0.0.9:443 (192.0.2.1:8443) <- 198.51.100.7:51122       ESTABLISHED:ESTABLISHED
   age 00:01:02, expires in 23:59:59, 10:12 pkts, 1234:4321 bytes, rule 55
all tcp 198.51.100.7:51122 -> 10.0.0.9:443       ESTABLISHED:ESTABLISHED
   age 00:01:02, expires in 23:59:59, 10:12 pkts, 1234:4321 bytes, rule 60
em0 tcp 192.0.2.1:50112 (10.0.0.5:50112) -> 203.0.113.9:443       ESTABLISHED:FIN_WAIT_2
   age 00:00:01, expires in 00:15:00, 4:3 pkts, 400:300 bytes, rule 70
all tcp 2001:db8::9[443] <- 2001:db8:1::7[51122]       ESTABLISHED:ESTABLISHED
`
const OLD_PF = `all tcp 10.0.0.9:443 <- 192.0.2.1:8443 <- 198.51.100.7:51122       ESTABLISHED:ESTABLISHED
all tcp 10.0.0.5:50112 -> 192.0.2.1:62000 -> 203.0.113.9:443       ESTABLISHED:ESTABLISHED
`
const ROUTEROS = `[admin@rt01] > /ip firewall connection print detail
Flags: E - expected, S - seen-reply, A - assured, C - confirmed, D - dying,
F - fasttrack, s - srcnat, d - dstnat
 0  SAC  d  protocol=tcp src-address=198.51.100.7:51122 dst-address=192.0.2.1:8443
           reply-src-address=10.0.0.9:443 reply-dst-address=198.51.100.7:51122
           tcp-state=established timeout=23h59m59s orig-packets=5 orig-bytes=1234 repl-packets=6
           repl-bytes=4321 orig-rate=0bps repl-rate=0bps

 1  SACFs   protocol=udp src-address=10.0.0.5:40000 dst-address=203.0.113.53:53 reply-src-address=203.0.113.53:53
           reply-dst-address=192.0.2.1:40000 timeout=10s
`
const LINES = `[1692077665.123456]	    [NEW] tcp      6 120 SYN_SENT src=198.51.100.7 dst=192.0.2.1 sport=51122 dport=8443 [UNREPLIED] src=10.0.0.9 dst=198.51.100.7 sport=443 dport=51122
[1692077725.500000]	[DESTROY] tcp      6 src=198.51.100.7 dst=192.0.2.1 sport=51122 dport=8443 packets=6 bytes=322 src=10.0.0.9 dst=198.51.100.7 sport=443 dport=51122 packets=4 bytes=218 [ASSURED]
icmp     1 29 src=10.0.0.5 dst=203.0.113.9 type=8 code=0 id=7 src=203.0.113.9 dst=192.0.2.1 type=0 code=0 id=7 mark=0 use=1
`

describe('tables of connections', () => {
  test.each([
    [
      'IOS: a static row says who is led in; a port that only looks like a service leaves it a guess',
      IOS,
      'gw01',
      [
        'setting: tcp 192.0.2.1:8443 10.0.0.9:443 --- ---',
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '10.0.0.5:50112 > 203.0.113.9:443, as 192.0.2.1:50112, guessed',
        '198.51.100.8:41000 > 192.0.2.1:25, is 10.0.0.6:25, guessed',
        'setting: --- 192.0.2.6 10.0.0.16 --- ---',
      ],
    ],
    [
      'ASA: connections of show conn with the translations of show xlate',
      ASA,
      'fw02',
      [
        'setting: TCP PAT from inside:10.0.0.9 443-443 to outside:192.0.2.1 8443-8443 flags sr idle 0:00:12 timeout 0:00:00',
        'setting: NAT from inside:10.0.0.16 to outside:192.0.2.6 flags s idle 1:02:12 timeout 0:00:00',
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '198.51.100.7:51123 > 192.0.2.6:3389, is 10.0.0.16:3389',
        '10.0.0.5:50112 > 203.0.113.9:443',
        '10.0.0.5:40000 > 203.0.113.53:53, guessed',
      ],
    ],
    [
      'ASA in detail',
      DETAIL,
      'fw02',
      [
        'setting: TCP PAT from inside:10.0.0.9/443 to outside:192.0.2.1/8443 flags srT idle 0:00:12 timeout 0:00:00',
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
      ],
    ],
    [
      'FortiOS, the short list',
      FORTI_LIST,
      'fw01',
      [
        '10.0.0.5:50112 > 203.0.113.9:443, as 192.0.2.1:50112',
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '10.0.0.5:40000 > 10.0.0.53:53',
      ],
    ],
    [
      'FortiOS, sessions with both ends changed',
      FORTI,
      'fw01',
      [
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443, as 10.0.0.1:61001',
        '10.0.0.5:63996 > 203.0.113.53:53, as 192.0.2.1:63996',
      ],
    ],
    [
      'pf with sizes',
      PF,
      'gw02',
      [
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '198.51.100.7:51122 > 10.0.0.9:443',
        '10.0.0.5:50112 > 203.0.113.9:443, as 192.0.2.1:50112',
        '2001:db8:1::7:51122 > 2001:db8::9:443',
      ],
    ],
    [
      'pf before 4.7: three ends in a row',
      OLD_PF,
      '',
      ['198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443', '10.0.0.5:50112 > 203.0.113.9:443, as 192.0.2.1:62000'],
    ],
    [
      'RouterOS, records over several lines',
      ROUTEROS,
      'rt01',
      ['198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443', '10.0.0.5:40000 > 203.0.113.53:53, as 192.0.2.1:40000'],
    ],
    [
      'conntrack as it happens',
      LINES,
      '',
      [
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '198.51.100.7:51122 > 192.0.2.1:8443, is 10.0.0.9:443',
        '10.0.0.5:undefined > 203.0.113.9:undefined, as 192.0.2.1:undefined',
      ],
    ],
  ])('%s', (_name, text, host, expected) => {
    const { events, diagnostics } = readText(reader, text)
    expect(reader.recognise(textSample(text))).toBe(94)
    expect(diagnostics).toEqual([])
    expect(events.map(told)).toEqual(expected)
    expect([...new Set(events.map(event => event.host))]).toEqual([host])
  })

  test('sizes, age and state where the table has them', () => {
    const [flow] = eventsOfKind(readText(reader, FORTI).events, 'network_activity')
    expect([flow?.bytesOut, flow?.packetsOut, flow?.bytesIn, flow?.packetsIn, flow?.duration]).toEqual([
      9376, 61, 3930, 32, 142_000_000,
    ])
    const [state] = eventsOfKind(readText(reader, PF).events, 'network_activity')
    expect([state?.bytesOut, state?.bytesIn, state?.duration, state?.state]).toEqual([1234, 4321, 62_000_000, 'ESTABLISHED'])
    const [conn] = eventsOfKind(readText(reader, ASA).events, 'network_activity')
    expect([conn?.bytesTotal, conn?.state]).toEqual([18_155, 'flags UIOB'])
    const [opened, ended] = eventsOfKind(readText(reader, LINES).events, 'network_activity')
    expect([opened?.time, opened?.action, opened?.state, ended?.time, ended?.action, ended?.bytesIn]).toEqual([
      1_692_077_665_123_456,
      'open',
      'UNREPLIED',
      1_692_077_725_500_000,
      'close',
      218,
    ])
  })

  test('the table of a Linux router that leads two ports on and hides the machines inside', () => {
    const { reader: found, events } = readAs('nf_conntrack', recording('nat-table/nf_conntrack'))
    expect(found?.format).toBe('nat-table')
    expect(events.map(event => told(event).replace(/:\d{5}\b/g, ':*'))).toEqual([
      '198.51.100.7:* > 198.51.100.1:8443, is 10.0.0.9:443',
      '10.0.0.9:* > 198.51.100.7:80, as 198.51.100.1:*',
      '198.51.100.7:* > 198.51.100.1:8443, is 10.0.0.9:443',
      '198.51.100.7:* > 198.51.100.1:2222, is 10.0.0.9:22, as 10.0.0.1:*',
    ])
  })

  test('lines that are no rows are told', () => {
    const { events, diagnostics } = readText(reader, `${FORTI_LIST}--More--\ntcp nonsense\n`)
    expect([events.length, diagnostics.map(({ code }) => code)]).toEqual([
      3,
      ['nat-table/unreadable-line', 'nat-table/unreadable-line'],
    ])
  })

  test.each([
    ['a log of a firewall', 'Aug 15 05:34:25 gw01 kernel: IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=1 DPT=22\n'],
    ['a configuration', 'hostname GW01\nip nat inside source static tcp 10.0.0.9 443 192.0.2.1 8443\n'],
    ['text', 'tcp is a protocol\nudp is another one\n'],
  ])('%s is none', (_name, text) => {
    expect(reader.recognise(textSample(text))).toBe(0)
  })

  test('random text never throws', () => {
    const pieces = [
      ...IOS.split('\n'),
      ...ASA.split('\n'),
      ...FORTI.split('\n'),
      ...PF.split('\n'),
      ...ROUTEROS.split('\n'),
      LINES,
    ]
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...pieces)), { maxLength: 30 }), lines => {
        readText(reader, lines.join('\n'))
        reader.recognise(textSample(lines.join('\n')))
      }),
    )
  })

  test('a long line of one form costs no more than its length', () => {
    const begun = performance.now()
    for (const line of [
      `tcp 6 1 ${'src=1 '.repeat(50_000)}`,
      `all tcp ${'1:'.repeat(50_000)}`,
      ` 0 ${'a '.repeat(50_000)}protocol`,
    ])
      readText(reader, `${line}\n${line}\n`)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})
