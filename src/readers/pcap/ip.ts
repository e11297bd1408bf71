import { s32, u8, u16 } from './bytes.ts'

export const ICMP = 1
export const TCP = 6
export const UDP = 17
export const ICMP6 = 58

/** Headers of one packet up to the transport layer; one object for all packets, because each is only looked at once. */
export interface Headers {
  version: number
  protocol: number
  /** Addresses as four signed 32-bit words; IPv4 as in ::ffff:a.b.c.d. */
  src0: number
  src1: number
  src2: number
  src3: number
  dst0: number
  dst1: number
  dst2: number
  dst3: number
  /** ICMP: type and code of the asking side. */
  srcPort: number
  dstPort: number
  ttl: number
  /** IP header and payload as the header says, whatever was captured. */
  ipBytes: number
  /** Bytes of this packet's transport payload (for other protocols: of the IP payload), as the headers say. */
  payloadBytes: number
  payloadAt: number
  /** End of the payload that was captured. */
  payloadEnd: number
  flags: number
  sequence: number
  acknowledged: number
  /** A later fragment has no ports of its own. */
  fragment: 'none' | 'first' | 'later'
  fragmentId: number
  /** Where the IP payload begins, for packets inside packets. */
  ipPayloadAt: number
  /** End of what was captured of this packet. */
  end: number
  data: Uint8Array
}

export function emptyHeaders(): Headers {
  return {
    version: 0,
    protocol: 0,
    src0: 0,
    src1: 0,
    src2: 0,
    src3: 0,
    dst0: 0,
    dst1: 0,
    dst2: 0,
    dst3: 0,
    srcPort: 0,
    dstPort: 0,
    ttl: 0,
    ipBytes: 0,
    payloadBytes: 0,
    payloadAt: 0,
    payloadEnd: 0,
    flags: 0,
    sequence: 0,
    acknowledged: 0,
    fragment: 'none',
    fragmentId: 0,
    ipPayloadAt: 0,
    end: 0,
    data: new Uint8Array(0),
  }
}

/** More extension headers than any sender puts in. */
const MAX_EXTENSIONS = 8
const MAPPED = 0xffff

/**
 * Reads the IP and transport headers at `at`; false when there is no whole one. RFC 791, 8200, 9293, 768, 792, 4443.
 * Sizes come from the headers, so that a short snapshot length does not change them; `wireEnd` is the end of the packet on the wire,
 * for headers whose length was left to the network card (0).
 */
export function readHeaders(into: Headers, data: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  into.data = data
  into.end = end
  into.fragment = 'none'
  into.fragmentId = 0
  into.srcPort = 0
  into.dstPort = 0
  into.flags = 0
  const version = u8(data, at) >> 4
  if (version === 4) return readIpv4(into, data, at, end, wireEnd)
  if (version === 6) return readIpv6(into, data, at, end, wireEnd)
  return false
}

function readIpv4(into: Headers, data: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  const header = (u8(data, at) & 0x0f) * 4
  if (header < 20 || at + 20 > end) return false
  const stated = u16(data, at + 2)
  const length = stated === 0 ? wireEnd - at : stated
  if (length < header) return false
  into.version = 4
  into.ttl = u8(data, at + 8)
  into.protocol = u8(data, at + 9)
  into.src0 = 0
  into.src1 = 0
  into.src2 = MAPPED
  into.src3 = s32(data, at + 12)
  into.dst0 = 0
  into.dst1 = 0
  into.dst2 = MAPPED
  into.dst3 = s32(data, at + 16)
  into.ipBytes = length
  const part = u16(data, at + 6)
  if ((part & 0x3fff) !== 0) {
    into.fragment = (part & 0x1fff) === 0 ? 'first' : 'later'
    into.fragmentId = u16(data, at + 4)
  }
  // Frames are padded to 60 bytes: the IP length ends the packet, not the frame.
  return readTransport(into, data, at + header, length - header, Math.min(end, at + length))
}

function readIpv6(into: Headers, data: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (at + 40 > end) return false
  const stated = u16(data, at + 4)
  let rest = stated === 0 ? wireEnd - at - 40 : stated
  into.version = 6
  into.ttl = u8(data, at + 7)
  into.src0 = s32(data, at + 8)
  into.src1 = s32(data, at + 12)
  into.src2 = s32(data, at + 16)
  into.src3 = s32(data, at + 20)
  into.dst0 = s32(data, at + 24)
  into.dst1 = s32(data, at + 28)
  into.dst2 = s32(data, at + 32)
  into.dst3 = s32(data, at + 36)
  into.ipBytes = rest + 40
  let next = u8(data, at + 6)
  let position = at + 40
  const stop = Math.min(end, position + rest)
  for (let count = 0; count < MAX_EXTENSIONS; count++) {
    let length: number
    if (next === 0 || next === 43 || next === 60 || next === 135) length = (u8(data, position + 1) + 1) * 8
    else if (next === 51) length = (u8(data, position + 1) + 2) * 4
    else if (next === 44) {
      length = 8
      const part = u16(data, position + 2)
      if ((part & 0xfff9) !== 0) {
        into.fragment = part >> 3 === 0 ? 'first' : 'later'
        into.fragmentId = s32(data, position + 4)
      }
    } else break
    if (position + 8 > stop || length > rest) return false
    next = u8(data, position)
    position += length
    rest -= length
    if (into.fragment === 'later') break
  }
  into.protocol = next
  return readTransport(into, data, position, rest, stop)
}

/** `length` is what the IP header says of the payload, `end` where the captured part of it ends. */
function readTransport(into: Headers, data: Uint8Array, at: number, length: number, end: number): boolean {
  into.ipPayloadAt = at
  into.payloadAt = at
  into.payloadBytes = length
  into.payloadEnd = Math.max(at, end)
  into.sequence = 0
  into.acknowledged = 0
  if (into.fragment === 'later') return true
  switch (into.protocol) {
    case TCP: {
      // A snapshot length that cuts here tells neither sizes nor directions.
      if (at + 14 > end) return false
      const header = (u8(data, at + 12) >> 4) * 4
      if (header < 20) return false
      into.srcPort = u16(data, at)
      into.dstPort = u16(data, at + 2)
      into.sequence = s32(data, at + 4)
      into.acknowledged = s32(data, at + 8)
      into.flags = u8(data, at + 13)
      skip(into, header)
      return true
    }
    case UDP:
      if (at + 4 > end) return false
      into.srcPort = u16(data, at)
      into.dstPort = u16(data, at + 2)
      skip(into, 8)
      return true
    case ICMP:
    case ICMP6:
      if (at + 2 > end) return false
      into.srcPort = u8(data, at)
      into.dstPort = u8(data, at + 1)
      skip(into, 8)
      return true
    default:
      return true
  }
}

function skip(into: Headers, header: number): void {
  into.payloadAt = into.ipPayloadAt + header
  into.payloadBytes = Math.max(0, into.payloadBytes - header)
  into.payloadEnd = Math.max(into.payloadAt, into.payloadEnd)
}

/** Canonical text of an address of four words: dotted for IPv4, RFC 5952 for IPv6. */
export function addressText(version: number, w0: number, w1: number, w2: number, w3: number): string {
  if (version === 4) return `${(w3 >>> 24) & 255}.${(w3 >>> 16) & 255}.${(w3 >>> 8) & 255}.${w3 & 255}`
  const groups = [w0, w1, w2, w3].flatMap(word => [(word >>> 16) & 0xffff, word & 0xffff])
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === MAPPED) return addressText(4, 0, 0, 0, w3)
  let best = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  const texts = groups.map(group => group.toString(16))
  if (best.at < 0) return texts.join(':')
  return `${texts.slice(0, best.at).join(':')}::${texts.slice(best.at + best.length).join(':')}`
}
