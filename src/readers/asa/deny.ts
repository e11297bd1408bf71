import type { EventFields } from '../../model/index.ts'
import { endpoints } from './connections.ts'
import type { MessageReader } from './map.ts'
import { durationOf, type End, endOf } from './parse.ts'

const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'icmp6',
}

function refused(protocol: string, src: End, dst: End, rule: string, state: string): readonly EventFields[] {
  return [
    {
      kind: 'network_activity',
      action: 'deny',
      protocol: PROTOCOL_NUMBERS[protocol] ?? protocol.toLowerCase(),
      ...endpoints(src, dst),
      rule,
      state,
      initiatorKnown: true,
    },
  ]
}

/** "from A to B", the wording of most refusals; `protocol` is its place in the match or the word itself. */
function fromTo(pattern: RegExp, protocol: string, state: string): MessageReader {
  return message => {
    const match = pattern.exec(message)
    const { src = '', dst = '', proto, why } = match?.groups ?? {}
    return match ? refused(proto ?? protocol, endOf(src), endOf(dst), '', why ?? state) : undefined
  }
}

const ACCESS_GROUP =
  /^Deny (?:protocol )?(\S+) src (\S+?)(?:\(([^()]*)\))? dst (\S+?)(?:\(([^()]*)\))?(?: \(?type \d+, code \d+\)?)? by access-group "([^"]*)"/
const ACCESS_LIST = /^access-list (\S+) (permitted|denied|est-allowed) (\S+) (\S+?\(\d+\))(?:\(([^()]*)\))? -> (\S+?\(\d+\))/

function accessGroup(message: string): readonly EventFields[] | undefined {
  const match = ACCESS_GROUP.exec(message)
  return match ? refused(match[1] ?? '', endOf(match[2] ?? ''), endOf(match[4] ?? ''), match[6] ?? '', 'access-group') : undefined
}

function accessList(message: string): readonly EventFields[] | undefined {
  const match = ACCESS_LIST.exec(message)
  if (!match) return undefined
  const [, rule = '', verdict = '', protocol = '', src = '', user = '', dst = ''] = match
  const denied = refused(protocol, endOf(src), endOf(dst), rule, verdict)
  return denied.map(event => ({ ...event, ...(verdict === 'denied' ? {} : { action: 'open' }), user }) as EventFields)
}

/** ICMP connections have no id: 302020 Built, 302021 Teardown. */
function icmp(action: 'open' | 'close'): MessageReader {
  return message => {
    const match =
      /^(?:Built|Teardown) (?:(inbound|outbound) )?ICMP connection for faddr (\S+?)(?:\([^()]*\))? gaddr (\S+) laddr (\S+)/.exec(
        message,
      )
    if (!match) return undefined
    const [, direction, faddr = '', gaddr = '', laddr = ''] = match
    const [outer, mapped, inner] = [endOf(faddr), endOf(gaddr), endOf(laddr)]
    const isOut = direction === 'outbound'
    const nat = mapped.ip === inner.ip ? {} : isOut ? { natSrcIp: mapped.ip } : { natDstIp: mapped.ip }
    const ends = isOut ? endpoints(inner, outer) : endpoints(outer, inner)
    return [{ kind: 'network_activity', action, protocol: 'icmp', ...ends, ...nat, initiatorKnown: direction !== undefined }]
  }
}

/**
 * A translation is made or given up (305011, 305012): "Built dynamic TCP translation from inside:10.0.0.5/1234 to outside:192.0.2.1/5678".
 * It names the inner end and what it looks like outside, so that a flow recorded outside can be led back; the other party is not in it.
 */
function translation(action: 'open' | 'close'): MessageReader {
  return message => {
    const match =
      /^(?:Built|Teardown) (static|dynamic) (\S+) translation from (\S+?)(?:\([^()]*\))? to (\S+?)(?:\([^()]*\))?(?: duration (\d+:\d+:\d+))?$/.exec(
        message,
      )
    if (!match) return undefined
    const [, how = '', protocol = '', from = '', to = '', duration] = match
    const [real, mapped] = [endOf(from), endOf(to)]
    return [
      {
        kind: 'network_activity',
        action,
        protocol: protocol.toLowerCase(),
        srcIp: real.ip,
        srcPort: real.port,
        srcHost: real.name,
        natSrcIp: mapped.ip,
        natSrcPort: mapped.port,
        state: `${how} translation`,
        service: 'nat',
        duration: duration === undefined ? undefined : durationOf(duration),
      },
    ]
  }
}

/** "[ Scanning] drop rate-1 exceeded": the device's own threat detection, without an address. */
function threatRate(message: string): readonly EventFields[] | undefined {
  const match = /^\[ ?(.*?)\] drop rate-\d+ exceeded/.exec(message)
  return match
    ? [{ kind: 'detection_finding', title: `drop rate exceeded: ${match[1] ?? ''}`, category: 'threat-detection' }]
    : undefined
}

/** "[ 203.0.113.9] is attacking. …", "… is targeted". */
function threatHost(message: string): readonly EventFields[] | undefined {
  const match =
    /^\[ ?([0-9a-fA-F.:]+)\] is (attacking|targeted)/.exec(message) ??
    /^(?:Host|Subnet) ([0-9a-fA-F.:]+) is (attacking|targeted)/.exec(message)
  if (!match) return undefined
  const { ip } = endOf(match[1] ?? '')
  return [
    {
      kind: 'detection_finding',
      title: `threat detection: ${match[2]}`,
      category: 'threat-detection',
      ...(match[2] === 'attacking' ? { srcIp: ip } : { dstIp: ip }),
    },
  ]
}

function intrusion(message: string): readonly EventFields[] | undefined {
  const match = /^IPS:(\d+) (.*) from (\S+) to (\S+) on interface (\S+)/.exec(message)
  if (!match) return undefined
  const [, signature = '', title = '', from = '', to = ''] = match
  const { srcIp, dstIp } = endpoints(endOf(from), endOf(to))
  return [{ kind: 'detection_finding', title, signature, category: 'ips', srcIp, dstIp }]
}

const FROM_TO = '(?<src>\\S+) to (?<dst>\\S+)'

/** Refused traffic and ICMP. */
export const denyMessages: readonly (readonly [string, MessageReader])[] = [
  [
    '106001',
    fromTo(
      new RegExp(`^Inbound (?<proto>\\S+) connection denied from ${FROM_TO} flags (?<why>.*?) {1,2}on interface`),
      '',
      'denied',
    ),
  ],
  [
    '106002',
    fromTo(
      new RegExp(`^(?<proto>\\S+) [Cc]onnection denied by outbound list \\S+ src ${FROM_TO.replace(' to ', ' dest ')}`),
      '',
      'denied',
    ),
  ],
  ['106006', fromTo(new RegExp(`^Deny inbound (?<proto>\\S+) from ${FROM_TO} on interface`), '', 'inbound')],
  ['106007', fromTo(new RegExp(`^Deny inbound (?<proto>\\S+) from ${FROM_TO} due to (?<why>.*?)\\.?$`), '', 'inbound')],
  ['106010', fromTo(/^Deny inbound (?:protocol )?(?<proto>\S+) src (?<src>\S+) dst (?<dst>\S+)/, '', 'inbound')],
  ['106014', fromTo(/^Deny inbound (?<proto>\S+) src (?<src>\S+) dst (?<dst>\S+)/, '', 'inbound')],
  [
    '106015',
    fromTo(
      new RegExp(`^Deny (?<proto>\\S+) \\(no connection\\) from ${FROM_TO} flags (?<why>.*?) {1,2}on interface`),
      '',
      'no connection',
    ),
  ],
  ['106016', fromTo(/^Deny IP spoof from \((?<src>[^)]+)\) to (?<dst>\S+) on interface/, 'ip', 'spoof')],
  ['106017', fromTo(new RegExp(`^Deny IP due to Land Attack from ${FROM_TO}`), 'ip', 'land attack')],
  [
    '106021',
    fromTo(new RegExp(`^Deny (?<proto>\\S+) reverse path check from ${FROM_TO} on interface`), '', 'reverse path check'),
  ],
  ['106023', accessGroup],
  ['106100', accessList],
  ['106102', accessList],
  ['710003', fromTo(new RegExp(`^(?<proto>\\S+) access denied by ACL from ${FROM_TO}`), '', 'to the device')],
  ['710005', fromTo(new RegExp(`^(?<proto>\\S+) request discarded from ${FROM_TO}`), '', 'to the device')],
  ['305011', translation('open')],
  ['305012', translation('close')],
  [
    '305006',
    fromTo(
      /^(?:\S+ )?(?:portmap|static|regular|dynamic) translation creation failed for (?<proto>\S+) src (?<src>\S+) dst (?<dst>\S+)/,
      'ip',
      'no-translation',
    ),
  ],
  [
    '305013',
    fromTo(
      /^Asymmetric NAT rules matched for forward and reverse flows; Connection for (?<proto>\S+) src (?<src>\S+?)(?:\([^)]*\))? dst (?<dst>\S+?)(?:\([^)]*\))? denied/,
      'ip',
      'asymmetric-nat',
    ),
  ],
  ['733100', threatRate],
  ['733101', threatHost],
  ['302020', icmp('open')],
  ['302021', icmp('close')],
  ...Array.from({ length: 52 }, (_, index): readonly [string, MessageReader] => [
    `4000${String(index).padStart(2, '0')}`,
    intrusion,
  ]),
]
