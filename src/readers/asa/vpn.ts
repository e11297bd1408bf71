import type { EventFields } from '../../model/index.ts'
import { endpoints } from './connections.ts'
import type { MessageReader } from './map.ts'
import { durationOf, endOf } from './parse.ts'

/** "Group <g> User <u> IP <a> …": the head of AnyConnect and WebVPN messages; some write "Group <g>, User <u>, IP <a>". */
const HEAD =
  /^(?:TunnelGroup <[^>]*> )?Group(?:Policy)? <(?<group>[^>]*)>,? User <(?<user>[^>]*)>,? IP <(?<ip>[^>]*)>,? (?<rest>.*)$/s

interface Session {
  readonly group: string
  readonly user: string
  readonly srcIp: string
  readonly rest: string
}

function sessionOf(message: string): Session | undefined {
  const groups = HEAD.exec(message)?.groups
  if (!groups) return undefined
  const user = groups['user'] ?? ''
  return {
    group: groups['group'] ?? '',
    user: /^\*+$/.test(user) ? '' : user,
    srcIp: endOf(groups['ip'] ?? '').ip,
    rest: groups['rest'] ?? '',
  }
}

function tunnel(
  action: string,
  { group, user, srcIp }: Session,
  more: Partial<EventFields<'tunnel_activity'>> = {},
): EventFields {
  return { kind: 'tunnel_activity', action, protocol: 'ssl-vpn', user, srcIp, group, ...more }
}

function logon(action: string, outcome: string, { user, srcIp }: Session, reason = ''): EventFields {
  return { kind: 'authentication', action, outcome, user, srcIp, protocol: 'ssl-vpn', reason }
}

function withSession(read: (session: Session) => readonly EventFields[] | undefined): MessageReader {
  return message => {
    const session = sessionOf(message)
    return session && read(session)
  }
}

/** 113039, 716001: the session begins, which is the log-in. */
const started = withSession(session =>
  /session started/.test(session.rest) ? [logon('logon', 'success', session), tunnel('up', session)] : undefined,
)

/** 722051: "IPv4 Address <10.0.0.9> IPv6 address <::> assigned to session". */
const assigned = withSession(session => {
  const match = /IPv4 Address <([^>]*)> IPv6 address <([^>]*)> assigned/i.exec(session.rest)
  if (!match) return undefined
  const isV4 = match[1] !== '' && match[1] !== '0.0.0.0'
  return [tunnel('assigned', session, { assignedIp: (isV4 ? match[1] : match[2]) ?? '' })]
})

/** 716002: "WebVPN session terminated: User Requested." */
const terminated = withSession(session => {
  const match = /session terminated: (.*?)\.?$/.exec(session.rest)
  return match ? [tunnel('down', session, { reason: match[1] ?? '' })] : undefined
})

/** 716038, 716039: "Authentication: rejected, Session Type: WebVPN." */
const judged = withSession(session => {
  const match = /^Authentication: (successful|rejected), (.*?)\.?$/.exec(session.rest)
  if (!match) return undefined
  return match[1] === 'successful' ? [logon('validate', 'success', session)] : [logon('logon', 'failure', session, match[2])]
})

/** 722022, 722023: transport connections inside a session. */
const transport = withSession(session =>
  /SVC connection|client connection/i.test(session.rest) ? [tunnel('seen', session, { reason: session.rest })] : undefined,
)

/** 113019: "Group = g, Username = u, IP = a, Session disconnected. Session Type: SSL, Duration: 0h:05m:10s, Bytes xmt: 1, Bytes rcv: 2, Reason: User Requested". */
function disconnected(message: string): readonly EventFields[] | undefined {
  const match =
    /^Group = (.*?) ?, Username = (.*?) ?, IP = (\S*?) ?, Session disconnected\. Session Type: (.*?), Duration: (.*?), Bytes xmt: (\d{1,15}), Bytes rcv: (\d{1,15})(?:, Reason: (.*))?$/.exec(
      message,
    )
  if (!match) return undefined
  const [, group = '', user = '', ip = '', type = '', duration = '', sent, received, reason = ''] = match
  return [
    {
      kind: 'tunnel_activity',
      action: 'down',
      protocol: /ipsec|ike|l2l|lan-to-lan/i.test(type) ? 'ipsec' : 'ssl-vpn',
      user,
      srcIp: endOf(ip).ip,
      group,
      duration: durationOf(duration),
      // The device counts what it transmitted to the client.
      bytesOut: Number(received),
      bytesIn: Number(sent),
      reason,
      client: type,
    },
  ]
}

/** 713119, 713120 and 713050: IPsec sessions, "Group = g, [Username = u,] IP = a, PHASE 1 COMPLETED". */
function ipsec(action: string, wording: RegExp): MessageReader {
  return message => {
    const match = /^Group = (.*?), (?:Username = (.*?), )?IP = (\S+?), (.*)$/.exec(message)
    if (!match || !wording.test(match[4] ?? '')) return undefined
    const [, group = '', user = '', ip = '', rest = ''] = match
    return [{ kind: 'tunnel_activity', action, protocol: 'ipsec', user, srcIp: endOf(ip).ip, group, reason: rest }]
  }
}

/** 725002, 725003, 725006: TLS with the device itself. */
function handshake(message: string): readonly EventFields[] | undefined {
  const match =
    /^Device (completed|failed|.*resume) SSL handshake with (?:client|server) (\S+?)(?: to (\S+?))?(?: for (TLS\S*|DTLS\S*|SSL\S*) session)?\.?$/.exec(
      message,
    ) ??
    /^Device (request to resume) previous session.*? (?:client|server) (\S+?)(?: to (\S+?))?(?: for (TLS\S*|DTLS\S*) session)?\.?$/.exec(
      message,
    )
  if (!match) return undefined
  const { srcIp, srcPort, dstIp, dstPort } = endpoints(endOf(match[2] ?? ''), endOf(match[3] ?? ''))
  return [{ kind: 'tls_activity', srcIp, srcPort, dstIp, dstPort, version: match[4] ?? '', established: match[1] !== 'failed' }]
}

/** 713228: "Group = g, Username = u, IP = a, Assigned private IP address 10.0.200.5 to remote user". */
function assignedIpsec(message: string): readonly EventFields[] | undefined {
  const match = /^Group = (.*?), Username = (.*?), IP = (\S+?), Assigned private IP address ([0-9a-fA-F.:]+) to remote user/.exec(
    message,
  )
  if (!match) return undefined
  const [, group = '', user = '', ip = '', assignedIp = ''] = match
  return [{ kind: 'tunnel_activity', action: 'assigned', protocol: 'ipsec', user, srcIp: endOf(ip).ip, group, assignedIp }]
}

/** 602303, 602304: security associations, "IPSEC: An inbound remote access SA (SPI= 0x1) between 192.0.2.1 and 203.0.113.9 (user= ora) has been created." */
function association(action: string): MessageReader {
  return message => {
    const match = /^IPSEC: An? (?:in|out)bound (.*?) ?SA \(SPI= ?(\S+?)\) between (\S+) and (\S+)(?: \(user= ?([^)]*)\))?/.exec(
      message,
    )
    if (!match) return undefined
    const [, way = '', spi = '', dst = '', src = '', user = ''] = match
    return [
      {
        kind: 'tunnel_activity',
        action,
        protocol: 'ipsec',
        user: user === endOf(src).ip ? '' : user,
        srcIp: endOf(src).ip,
        dstIp: endOf(dst).ip,
        tunnelId: spi,
        reason: way,
      },
    ]
  }
}

/** Remote access. */
export const vpnMessages: readonly (readonly [string, MessageReader])[] = [
  ['113019', disconnected],
  ['113039', started],
  ['716001', started],
  ['716002', terminated],
  ['716038', judged],
  ['716039', judged],
  ['722022', transport],
  ['722023', transport],
  ['722051', assigned],
  ['713119', ipsec('up', /PHASE 1 COMPLETED/)],
  ['713120', ipsec('seen', /PHASE 2 COMPLETED/)],
  ['713050', ipsec('down', /Connection terminated/)],
  ['713228', assignedIpsec],
  ['602303', association('seen')],
  ['602304', association('down')],
  ['725002', handshake],
  ['725003', handshake],
  ['725006', handshake],
]
