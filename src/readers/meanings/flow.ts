import { canonicalAddress, contentHash } from '../../model/index.ts'

/** What names a flow whoever recorded it: both ends, start and bytes, so that two sensors' or two exports' copies are one. */
export interface FlowKey {
  readonly protocol: string
  readonly srcIp: string
  readonly srcPort: number | undefined
  readonly dstIp: string
  readonly dstPort: number | undefined
  readonly time: number | undefined
  readonly bytesOut: number | undefined
  readonly bytesIn: number | undefined
}

/** Identity of a flow record, the same in every format that carries it. */
export function flowIdentity(flow: FlowKey): number {
  const { protocol, srcIp, srcPort, dstIp, dstPort, time, bytesOut, bytesIn } = flow
  return contentHash(
    `${protocol}|${srcIp}|${srcPort ?? ''}|${dstIp}|${dstPort ?? ''}|${time ?? ''}|${bytesOut ?? ''}|${bytesIn ?? ''}`,
  )
}

/** Canonical text of an address as a sensor wrote it; dotted IPv4, nearly every value, costs one scan. */
export function flowAddress(text: string): string {
  return text.includes(':') ? canonicalAddress(text) : text
}

/** IANA protocol numbers that flow exports use in place of names: iana.org/assignments/protocol-numbers. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '2': 'igmp',
  '6': 'tcp',
  '17': 'udp',
  '41': 'ipv6',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'icmp6',
  '89': 'ospf',
  '132': 'sctp',
}

/** Lower-case protocol name of a name or an IANA number; an unknown number stays a number. */
export function protocolName(text: string): string {
  if (text === 'tcp' || text === 'udp') return text
  const lower = text.trim().toLowerCase()
  if (lower === 'ipv6-icmp' || lower === 'icmpv6') return 'icmp6'
  return PROTOCOLS[lower] ?? lower
}

/** Path and query of a request target; both '' when there is none. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}
