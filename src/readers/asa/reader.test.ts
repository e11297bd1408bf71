import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros, type Micros } from '../../model/index.ts'
import { reader } from './reader.ts'

const at = (message: string, time = '05:34:25') => `<166>Aug 15 2023 ${time} FW02 : %ASA-${message}`
const iso = (time: Micros | undefined) => time && isoFromMicros(time)

const BUILT =
  '6-302013: Built inbound TCP connection 77 for outside:203.0.113.9/5022 (203.0.113.9/5022) to dmz:10.0.0.5/443 (192.0.2.2/443)'
const TEARDOWN =
  '6-302014: Teardown TCP connection 77 for outside:203.0.113.9/5022 to dmz:10.0.0.5/443 duration 0:02:05 bytes 4711 TCP FINs from outside'
const FLOW = {
  kind: 'network_activity',
  protocol: 'tcp',
  srcIp: '203.0.113.9',
  srcPort: 5022,
  dstIp: '10.0.0.5',
  dstPort: 443,
  uid: '77',
  sensor: 'fw02',
}
const ENDED = { bytesTotal: 4711, duration: 125_000_000, state: 'TCP FINs from outside' }
const DENY = { ...FLOW, uid: undefined, action: 'deny', initiatorKnown: true }
const SESSION = 'Group <staff> User <ora> IP <203.0.113.9>'
const TUNNEL = { kind: 'tunnel_activity', protocol: 'ssl-vpn', user: 'ora', srcIp: '203.0.113.9', group: 'staff' }
const LOGON = { kind: 'authentication', action: 'logon', outcome: 'success', user: 'ora', srcIp: '203.0.113.9' }

describe('connections', () => {
  test('beginning and end are one flow, at the end, with both lines', () => {
    const { events, diagnostics } = readText(reader, `${at(BUILT)}\n${at(TEARDOWN, '05:36:30')}`)
    expect(diagnostics).toEqual([])
    expect(events.map(columnsOf)).toEqual([
      { ...FLOW, action: 'flow', natDstIp: '192.0.2.2', natDstPort: 443, initiatorKnown: true, ...ENDED },
    ])
    const [event] = events
    expect([event?.source.record, iso(event?.time), iso(event?.alsoRecorded?.['start'])]).toEqual([
      2,
      '2023-08-15T05:36:30.000000Z',
      '2023-08-15T05:34:25.000000Z',
    ])
    expect(event?.original.text()).toBe(`${at(TEARDOWN, '05:36:30')}\n${at(BUILT)}`)
  })
  test.each([
    ['only the beginning', [BUILT], [{ ...FLOW, action: 'open', natDstIp: '192.0.2.2', natDstPort: 443, initiatorKnown: true }]],
    ['only the end', [TEARDOWN], [{ ...FLOW, action: 'close', initiatorKnown: false, ...ENDED }]],
    [
      'an id used again',
      [BUILT, BUILT, TEARDOWN],
      [
        { ...FLOW, action: 'open', natDstIp: '192.0.2.2', natDstPort: 443, initiatorKnown: true },
        { ...FLOW, action: 'flow', natDstIp: '192.0.2.2', natDstPort: 443, initiatorKnown: true, ...ENDED },
      ],
    ],
    [
      'outbound: the inner side opened it',
      [
        '6-302013: Built outbound TCP connection 77 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:10.0.0.5/5022 (192.0.2.2/61022)',
      ],
      [
        {
          ...FLOW,
          action: 'open',
          srcIp: '10.0.0.5',
          srcPort: 5022,
          dstIp: '203.0.113.9',
          dstPort: 443,
          natSrcIp: '192.0.2.2',
          natSrcPort: 61022,
          initiatorKnown: true,
        },
      ],
    ],
    [
      'UDP, IPv6, a user',
      [
        '6-302015: Built inbound UDP connection 77 for outside:2001:db8::9/5022 (2001:db8::9/5022)(LOCAL\\ora) to inside:fd00::5/53 (fd00::5/53) (ora)',
      ],
      [
        {
          ...FLOW,
          action: 'open',
          protocol: 'udp',
          srcIp: '2001:db8::9',
          dstIp: 'fd00::5',
          dstPort: 53,
          initiatorKnown: true,
          user: 'ora',
        },
      ],
    ],
  ])('%s', (_name, messages, expected) => {
    const { events, diagnostics } = readText(reader, messages.map(message => at(message)).join('\n'))
    expect(diagnostics).toEqual([])
    expect(events.map(columnsOf)).toEqual(expected)
  })
  test('two devices in one file do not share ids', () => {
    const { events } = readText(reader, `${at(BUILT)}\n${at(TEARDOWN).replace('FW02', 'FW03')}`)
    expect(events.map(event => [event.host, columnsOf(event)['action']])).toEqual([
      ['fw03', 'close'],
      ['fw02', 'open'],
    ])
  })
})

test.each([
  [
    '2-106001: Inbound TCP connection denied from 203.0.113.9/5022 to 10.0.0.5/443 flags SYN  on interface outside',
    [{ ...DENY, state: 'SYN' }],
  ],
  [
    '2-106006: Deny inbound UDP from 203.0.113.9/5022 to 10.0.0.5/443 on interface outside',
    [{ ...DENY, protocol: 'udp', state: 'inbound' }],
  ],
  [
    '6-106015: Deny TCP (no connection) from 203.0.113.9/5022 to 10.0.0.5/443 flags RST  on interface outside',
    [{ ...DENY, state: 'RST' }],
  ],
  [
    '4-106023: Deny tcp src outside:203.0.113.9/5022 dst dmz:10.0.0.5/443 by access-group "outside_in" [0x0, 0x0]',
    [{ ...DENY, rule: 'outside_in', state: 'access-group' }],
  ],
  [
    '4-106023: Deny icmp src outside:203.0.113.9 dst dmz:10.0.0.5 (type 8, code 0) by access-group "outside_in" [0x0, 0x0]',
    [{ ...DENY, protocol: 'icmp', srcPort: undefined, dstPort: undefined, rule: 'outside_in', state: 'access-group' }],
  ],
  [
    '4-106023: Deny protocol 47 src outside:203.0.113.9 dst dmz:10.0.0.5 by access-group "outside_in"',
    [{ ...DENY, protocol: 'gre', srcPort: undefined, dstPort: undefined, rule: 'outside_in', state: 'access-group' }],
  ],
  [
    '6-106100: access-list outside_in denied tcp outside/203.0.113.9(5022) -> dmz/10.0.0.5(443) hit-cnt 1 first hit [0x1, 0x2]',
    [{ ...DENY, rule: 'outside_in', state: 'denied' }],
  ],
  [
    '6-106100: access-list outside_in permitted tcp outside/203.0.113.9(5022) -> dmz/10.0.0.5(443) hit-cnt 1 first hit',
    [{ ...DENY, action: 'open', rule: 'outside_in', state: 'permitted' }],
  ],
  ['3-710003: TCP access denied by ACL from 203.0.113.9/5022 to outside:10.0.0.5/443', [{ ...DENY, state: 'to the device' }]],
  [
    '6-302020: Built inbound ICMP connection for faddr 203.0.113.9/0 gaddr 192.0.2.2/0 laddr 10.0.0.5/0 type 8 code 0',
    [
      {
        ...FLOW,
        uid: undefined,
        action: 'open',
        protocol: 'icmp',
        srcPort: 0,
        dstPort: 0,
        natDstIp: '192.0.2.2',
        initiatorKnown: true,
      },
    ],
  ],
  [
    '6-113004: AAA user authentication Successful : server =  10.0.0.2 : user = ora',
    [{ kind: 'authentication', action: 'validate', outcome: 'success', user: 'ora', target: '10.0.0.2', protocol: 'aaa' }],
  ],
  [
    '6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.0.0.2 : user = ora : user IP = 203.0.113.9',
    [{ ...LOGON, outcome: 'failure', target: '10.0.0.2', protocol: 'aaa', reason: 'AAA failure' }],
  ],
  [
    '6-113012: AAA user authentication Successful : local database : user = ora',
    [{ kind: 'authentication', action: 'validate', outcome: 'success', user: 'ora', protocol: 'local' }],
  ],
  [
    '6-113015: AAA user authentication Rejected : reason = User was not found : local database : user = ***** : user IP = 203.0.113.9',
    [{ ...LOGON, outcome: 'failure', user: undefined, protocol: 'local', reason: 'User was not found' }],
  ],
  [
    '4-113019: Group = staff, Username = ora, IP = 203.0.113.9, Session disconnected. Session Type: SSL, Duration: 1d 0h:05m:10s, Bytes xmt: 10, Bytes rcv: 20, Reason: User Requested',
    [{ ...TUNNEL, action: 'down', duration: 86_710_000_000, bytesOut: 20, bytesIn: 10, reason: 'User Requested', client: 'SSL' }],
  ],
  [
    `6-113039: ${SESSION} AnyConnect parent session started.`,
    [
      { ...LOGON, protocol: 'ssl-vpn' },
      { ...TUNNEL, action: 'up' },
    ],
  ],
  [
    `6-716001: ${SESSION} WebVPN session started.`,
    [
      { ...LOGON, protocol: 'ssl-vpn' },
      { ...TUNNEL, action: 'up' },
    ],
  ],
  [`6-716002: ${SESSION} WebVPN session terminated: Idle Timeout.`, [{ ...TUNNEL, action: 'down', reason: 'Idle Timeout' }]],
  [
    `6-716039: ${SESSION} Authentication: rejected, Session Type: WebVPN.`,
    [{ ...LOGON, outcome: 'failure', protocol: 'ssl-vpn', reason: 'Session Type: WebVPN' }],
  ],
  [
    `4-722051: ${SESSION} IPv4 Address <10.250.8.91> IPv6 address <::> assigned to session`,
    [{ ...TUNNEL, action: 'assigned', assignedIp: '10.250.8.91' }],
  ],
  [
    '6-725002: Device completed SSL handshake with client outside:203.0.113.9/5022 to 192.0.2.1/443 for TLSv1.2 session',
    [
      {
        kind: 'tls_activity',
        srcIp: '203.0.113.9',
        srcPort: 5022,
        dstIp: '192.0.2.1',
        dstPort: 443,
        version: 'TLSv1.2',
        established: true,
      },
    ],
  ],
  [
    '6-725006: Device failed SSL handshake with client outside:203.0.113.9/5022',
    [{ kind: 'tls_activity', srcIp: '203.0.113.9', srcPort: 5022, established: false }],
  ],
  [
    '6-605005: Login permitted from 203.0.113.9/5022 to outside:192.0.2.1/ssh for user "ora"',
    [{ ...LOGON, srcPort: 5022, target: '192.0.2.1', protocol: 'ssh' }],
  ],
  [
    '6-605004: Login denied from 203.0.113.9/5022 to outside:192.0.2.1/https for user "*****"',
    [{ ...LOGON, outcome: 'failure', user: undefined, srcPort: 5022, target: '192.0.2.1', protocol: 'web' }],
  ],
  [
    '6-605005: Login permitted from serial to console for user "ora"',
    [{ kind: 'authentication', action: 'logon', outcome: 'success', user: 'ora', protocol: 'console' }],
  ],
  [
    "5-111008: User 'ora' executed the 'configure terminal' command.",
    [{ kind: 'device_config', action: 'command', user: 'ora', command: 'configure terminal' }],
  ],
  [
    "7-111009: User 'ora' executed cmd: show running-config",
    [{ kind: 'device_config', action: 'command', user: 'ora', command: 'show running-config' }],
  ],
  [
    "5-111010: User 'ora', running 'CLI' from IP 203.0.113.9, executed 'username svc privilege 15'",
    [
      {
        kind: 'device_config',
        action: 'command',
        user: 'ora',
        srcIp: '203.0.113.9',
        interface: 'cli',
        command: 'username svc privilege 15',
      },
    ],
  ],
  [
    '5-111001: Begin configuration: 203.0.113.9 writing to tftp://203.0.113.9/x',
    [
      {
        kind: 'device_config',
        action: 'download',
        srcIp: '203.0.113.9',
        object: 'tftp://203.0.113.9/x',
        command: 'Begin configuration: 203.0.113.9 writing to tftp://203.0.113.9/x',
      },
    ],
  ],
  [
    '5-502103: User priv level changed: Uname: enable_15 From: 1 To: 15',
    [{ kind: 'authentication', action: 'privileges', outcome: 'success', user: 'enable_15', reason: 'privilege level 1 to 15' }],
  ],
  [
    '5-502101: New user added to local dbase: Uname: svc Priv: 15 Encpass: x',
    [{ kind: 'account_change', action: 'create', targetUser: 'svc' }],
  ],
  [
    '5-199001: Reload command executed from 203.0.113.9.',
    [{ kind: 'device_config', action: 'restart', srcIp: '203.0.113.9', command: 'Reload command executed from 203.0.113.9.' }],
  ],
  [
    '6-110002: Failed to locate egress interface for TCP from inside:10.0.0.5/1 to 192.0.2.2/1',
    [
      {
        kind: 'other_activity',
        message: 'Failed to locate egress interface for TCP from inside:10.0.0.5/1 to 192.0.2.2/1',
        srcIp: '10.0.0.5',
      },
    ],
  ],
  ['6-302013: Built something new', [{ kind: 'other_activity', message: 'Built something new' }]],
])('%s', (message, expected) => {
  const { events, diagnostics } = readText(reader, at(message))
  expect(diagnostics).toEqual([])
  expect(events.map(columnsOf)).toEqual(
    expected.map(columns => Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))),
  )
  expect([events[0]?.host, events[0]?.code, events[0]?.original.text()]).toEqual(['fw02', message.slice(2, 8), at(message)])
})

const MESSAGE = '%ASA-5-111008: x'
test.each([
  ['the device alone', `<166>Aug 15 2023 05:34:25: ${MESSAGE}`, {}, '', '2023-08-15T05:34:25.000000Z', undefined, []],
  [
    'the device with its name',
    `<166>Aug 15 2023 05:34:25 FW02 : ${MESSAGE}`,
    {},
    'fw02',
    '2023-08-15T05:34:25.000000Z',
    undefined,
    [],
  ],
  [
    'the device in UTC',
    `<166>Aug 15 2023 05:34:25 UTC: ${MESSAGE}`,
    { zone: '+10:00' },
    '',
    '2023-08-15T05:34:25.000000Z',
    undefined,
    [],
  ],
  [
    'a collector',
    `Aug 15 05:34:25 192.0.2.1 ${MESSAGE}`,
    { year: 2023 },
    '192.0.2.1',
    '2023-08-15T05:34:25.000000Z',
    undefined,
    [],
  ],
  [
    'collector and device',
    `Jan  1 00:00:02 192.0.2.1 Dec 31 2022 23:59:59 FW02 : ${MESSAGE}`,
    {},
    'fw02',
    '2022-12-31T23:59:59.000000Z',
    '2023-01-01T00:00:02.000000Z',
    [],
  ],
  [
    'collector in ISO form and device',
    `2023-08-15T05:34:27+00:00 192.0.2.1 Aug 15 2023 15:34:25: ${MESSAGE}`,
    { zone: 'Pacific/Guam' },
    '192.0.2.1',
    '2023-08-15T05:34:25.000000Z',
    '2023-08-15T05:34:27.000000Z',
    [],
  ],
  ['RFC 5424 time', `<166>2023-08-15T05:34:25Z FW02 : ${MESSAGE}`, {}, 'fw02', '2023-08-15T05:34:25.000000Z', undefined, []],
  ['RFC 5424', `<166>1 2023-08-15T05:34:25Z FW02 asa - - - ${MESSAGE}`, {}, 'fw02', '2023-08-15T05:34:25.000000Z', undefined, []],
  [
    'a zone name, no year',
    `<166>:Aug 15 05:34:25 MSK: %ASA-sys-5-111008: x`,
    { year: 2023, zone: 'Europe/Moscow' },
    '',
    '2023-08-15T02:34:25.000000Z',
    undefined,
    ['asa/zone-name'],
  ],
  ['no time', MESSAGE, { host: 'FW09' }, 'fw09', undefined, undefined, ['asa/bad-time']],
  ['a clock never set', `<166>Jan 01 1970 00:01:25: ${MESSAGE}`, {}, '', undefined, undefined, ['asa/bad-time']],
])('header: %s', (_name, line, facts, host, time, header, codes) => {
  const { events, diagnostics } = readText(reader, line, { facts })
  expect(events.map(event => [event.host, iso(event.time), iso(event.alsoRecorded?.['header']), event.code])).toEqual([
    [host, time, header, '111008'],
  ])
  expect(diagnostics.map(({ code }) => code)).toEqual(codes)
})

test.each([
  ['ASA', at(BUILT), 97],
  ['half of it other devices', `${at(BUILT)}\nAug 15 05:34:25 gw01 sshd[1]: x`, 89],
  ['IOS', '<189>12: Aug 15 05:34:25: %SYS-5-CONFIG_I: Configured from console', 0],
  ['text about it', 'see the manual, message %ASA-6-302013, for more', 0],
])('recognises %s', (_name, text, score) => {
  expect(reader.recognise(textSample(text))).toBe(score)
})

describe('hostile lines', () => {
  const pieces = fc.constantFrom(
    '<166>',
    'Aug 15 2023 05:34:25 ',
    'fw02 : ',
    '%ASA-',
    '6-302013: ',
    '6-302014: ',
    '4-106023: ',
    '4-113019: ',
    'Built inbound TCP connection 1 for ',
    'Teardown TCP connection 1 for ',
    'a:1.1.1.1/1 ',
    '(b) ',
    'to ',
    'duration 0:00:01 bytes 1',
    'Group <',
    '> User <',
    'src ',
    'dst ',
  )
  test('never throw, and each event points to its line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.array(pieces, { maxLength: 14 }).map(list => list.join('')),
          ),
          { maxLength: 20 },
        ),
        lines => {
          const text = lines.map(line => line.replace(/[\r\n]/g, '')).join('\n')
          for (const { source, original } of readText(reader, text).events)
            expect(text.split('\n')[source.record - 1]).toBe(original.text().split('\n')[0])
        },
      ),
      { numRuns: 300 },
    )
  })
  test.each([
    ['6-302013: Built inbound TCP connection 1 for ', '(a) to '],
    ['6-302014: Teardown TCP connection 1 for ', 'a:1.1.1.1/1 to (a) '],
    ['4-106023: Deny tcp src ', 'a dst (b) '],
    ['4-113019: Group = ', ', Username = , IP = '],
    ['6-113005: AAA user authentication Rejected : ', 'user = : '],
    ['6-113039: Group <', '> User <a> IP <'],
    ['5-111010: ', "User '', running '"],
    ['6-725002: Device ', 'resume SSL handshake with client '],
    ['6-999999: ', 'User '],
  ])('%s%s without end', (start, piece) => {
    const started = performance.now()
    readText(reader, at(start + piece.repeat(100_000)))
    // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
