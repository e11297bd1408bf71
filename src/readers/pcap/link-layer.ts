import { u8, u16, u32, u32le } from './bytes.ts'
import type { CapturedPacket } from './captured-packet.ts'

/** Ether types. */
const IPV4 = 0x0800
const IPV6 = 0x86dd
const VLAN = 0x8100
const PROVIDER_VLAN = 0x88a8
const OLD_PROVIDER_VLAN = 0x9100
const MPLS = 0x8847
const MPLS_MULTICAST = 0x8848
const PPPOE = 0x8864
/** PPP protocol numbers. */
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057

/** More labels than any carrier stacks. */
const MAX_TAGS = 8

/** LINKTYPE_ numbers (tcpdump.org/linktypes.html) whose packets hold IP for us. */
const READ_LINKS: ReadonlySet<number> = new Set([0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 117, 228, 229, 239, 276])

export function isLinkRead(link: number): boolean {
  return READ_LINKS.has(link)
}

/** Where the IP header of a packet begins; -1 when it holds none (ARP, LLDP, spanning tree) or the link is not read. */
export function networkHeaderAt(packet: CapturedPacket): number {
  const { data, at, end } = packet
  switch (packet.link) {
    case 1:
      return etherPayload(data, at + 12, end)
    case 113:
      return etherPayload(data, at + 14, end)
    case 276:
      // LINUX_SLL2: the protocol comes first.
      return etherType(data, u16(data, at), at + 20, end)
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return at
    case 0:
      // LINKTYPE_NULL: the family in the byte order of the machine that captured.
      return isFamily(packet.little ? u32le(data, at) : u32(data, at)) ? at + 4 : -1
    case 108:
      return isFamily(u32(data, at)) ? at + 4 : -1
    case 9:
    case 50:
      return u8(data, at) === 0xff && u8(data, at + 1) === 0x03 ? ppp(data, at + 2) : ppp(data, at)
    case 51:
      return ppp(data, at + 6)
    case 104:
      // Cisco HDLC: address, control, ether type.
      return etherType(data, u16(data, at + 2), at + 4, end)
    case 117:
      // PFLOG (pf of OpenBSD, pfSense): the header says its own length, padded to four.
      return at + ((u8(data, at) + 3) & ~3)
    case 239:
      return nflog(data, at, end)
    default:
      return -1
  }
}

/** The same; `at` is the ether type field. */
export function etherPayload(data: Uint8Array, at: number, end: number): number {
  return etherType(data, u16(data, at), at + 2, end)
}

/** Where the IP header is behind an ether type and its tags; -1 when there is none. */
export function etherType(data: Uint8Array, first: number, from: number, end: number): number {
  let type = first
  let at = from
  for (let tags = 0; tags < MAX_TAGS && at < end; tags++) {
    switch (type) {
      case IPV4:
      case IPV6:
        return at
      case VLAN:
      case PROVIDER_VLAN:
      case OLD_PROVIDER_VLAN:
        type = u16(data, at + 2)
        at += 4
        break
      case MPLS:
      case MPLS_MULTICAST:
        // The last label says so; what follows tells its kind by its first four bits.
        if ((u8(data, at + 2) & 1) === 1) type = ipVersionAt(data, at + 4)
        at += 4
        break
      case PPPOE:
        return ppp(data, at + 6)
      default:
        return -1
    }
  }
  return -1
}

function ipVersionAt(data: Uint8Array, at: number): number {
  const version = u8(data, at) >> 4
  return version === 4 ? IPV4 : version === 6 ? IPV6 : 0
}

/** Where the IP header is behind a PPP protocol number; -1 when there is none. */
export function ppp(data: Uint8Array, at: number): number {
  // Protocol field compression leaves out the zero byte.
  if (u8(data, at) === PPP_IPV4 || u8(data, at) === PPP_IPV6) return at + 1
  const protocol = u16(data, at)
  return protocol === PPP_IPV4 || protocol === PPP_IPV6 ? at + 2 : -1
}

/** AF_INET is 2 everywhere, AF_INET6 differs: 10 Linux, 23 Windows, 24, 28, 30 the BSDs and macOS. */
function isFamily(family: number): boolean {
  return family === 2 || family === 10 || family === 23 || family === 24 || family === 28 || family === 30
}

/** NFLOG: attributes in the host's byte order, the packet is attribute 9. */
function nflog(data: Uint8Array, at: number, end: number): number {
  let position = at + 4
  for (let count = 0; count < 32 && position + 4 <= end; count++) {
    const length = u8(data, position) | (u8(data, position + 1) << 8)
    if (u8(data, position + 2) === 9) return position + 4
    if (length < 4) return -1
    position += (length + 3) & ~3
  }
  return -1
}
