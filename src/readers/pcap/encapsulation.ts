import { u8, u16 } from './bytes.ts'
import { type Headers, UDP } from './ip.ts'
import { etherPayload, etherType, ppp } from './link-layer.ts'

/** IP protocol numbers of packets inside packets. */
const IP_IN_IP = 4
const IPV6_IN_IP = 41
const GRE = 47
/** Protocol types of GRE beside those of Ethernet. */
const BRIDGED_ETHERNET = 0x6558
const ERSPAN_2 = 0x88be
const ERSPAN_3 = 0x22eb
const PPTP = 0x880b
/** VXLAN (RFC 7348), its port in Linux before it had one, and GENEVE (RFC 8926). */
const VXLAN_PORTS: ReadonlySet<number> = new Set([4789, 8472])
const GENEVE_PORT = 6081
/** Deeper than this nobody wraps, but whoever wants to keep a reader busy. */
export const MAX_WRAPS = 4

/** What wraps a packet, and where the IP header of the packet inside begins. */
export interface Wrapped {
  readonly by: 'gre' | 'erspan' | 'vxlan' | 'geneve' | 'ipip'
  readonly at: number
}

/** The packet inside a packet; undefined when there is none that can be read. Fragments are not put together, so they have none. */
export function wrapped(headers: Headers): Wrapped | undefined {
  if (headers.fragment !== 'none') return undefined
  switch (headers.protocol) {
    case IP_IN_IP:
    case IPV6_IN_IP:
      return found('ipip', headers.ipPayloadAt, headers.end)
    case GRE:
      return gre(headers)
    case UDP:
      return overUdp(headers)
    default:
      return undefined
  }
}

/** RFC 2784 and 2890; version 1 is that of PPTP (RFC 2637), whose contents are mostly encrypted or compressed and then tell nothing. */
function gre({ data, ipPayloadAt: at, end }: Headers): Wrapped | undefined {
  if (at + 4 > end) return undefined
  const flags = u16(data, at)
  const type = u16(data, at + 2)
  const version = flags & 7
  if (version > 1) return undefined
  const optional = (bit: number) => ((flags & bit) === 0 ? 0 : 4)
  const inside = at + 4 + optional(0x8000) + optional(0x2000) + optional(0x1000) + (version === 1 ? optional(0x0080) : 0)
  if (version === 1) return type === PPTP ? found('gre', pppAfterAddress(data, inside), end) : undefined
  if (type === BRIDGED_ETHERNET) return found('gre', etherPayload(data, inside + 12, end), end)
  // ERSPAN type I has no header of its own and no sequence number, type II has 8 bytes, type III 12 and perhaps 8 more.
  if (type === ERSPAN_2) return found('erspan', etherPayload(data, inside + (optional(0x1000) > 0 ? 8 : 0) + 12, end), end)
  if (type === ERSPAN_3)
    return found('erspan', etherPayload(data, inside + ((u8(data, inside + 11) & 1) === 1 ? 20 : 12) + 12, end), end)
  return found('gre', etherType(data, type, inside, end), end)
}

function pppAfterAddress(data: Uint8Array, at: number): number {
  return u8(data, at) === 0xff && u8(data, at + 1) === 0x03 ? ppp(data, at + 2) : ppp(data, at)
}

function overUdp({ data, payloadAt: at, end, dstPort }: Headers): Wrapped | undefined {
  if (VXLAN_PORTS.has(dstPort)) {
    // Only the flag of a valid network identifier is set, and what is reserved is zero: other traffic of that port hardly looks so.
    const isVxlan =
      at + 8 < end && u8(data, at) === 0x08 && u8(data, at + 1) === 0 && u16(data, at + 2) === 0 && u8(data, at + 7) === 0
    return isVxlan ? found('vxlan', etherPayload(data, at + 8 + 12, end), end) : undefined
  }
  if (dstPort !== GENEVE_PORT || at + 8 > end || u8(data, at) >> 6 !== 0) return undefined
  const inside = at + 8 + (u8(data, at) & 0x3f) * 4
  const type = u16(data, at + 2)
  return found(
    'geneve',
    type === BRIDGED_ETHERNET ? etherPayload(data, inside + 12, end) : etherType(data, type, inside, end),
    end,
  )
}

function found(by: Wrapped['by'], at: number, end: number): Wrapped | undefined {
  return at < 0 || at + 20 > end ? undefined : { by, at }
}
