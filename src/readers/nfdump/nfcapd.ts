import { type ByteSource, MICROS_PER_MILLISECOND, type Micros, originalFields } from '../../model/index.ts'
import type { Complaint } from '../carriers/part-diagnostics.ts'
import { protocolName } from '../meanings/flow.ts'
import type { NfRecord } from '../meanings/netflow-record.ts'
import { Numbers } from './bytes.ts'
import { actionOf } from './csv.ts'

/** What a file is read into. */
export interface NfcapdSink {
  record(record: NfRecord): void
  complaint(offset: number, complaint: Complaint): void
}

const MAGIC = 0xa50c
const CONVERT =
  '`nfdump -J 0 -r FILE -w COPY` writes it uncompressed, `nfdump -r FILE -o json > FILE.json` as text; give the result'
const compressed = (how: string): Complaint => ({
  code: 'nfcapd/compressed',
  level: 'error',
  message: `the file's blocks are compressed (${how}), which is not read`,
  hint: CONVERT,
})
const ENCRYPTED: Complaint = { code: 'nfcapd/encrypted', level: 'error', message: 'the file is encrypted', hint: CONVERT }
const LAYOUT: Complaint = {
  code: 'nfcapd/unknown-layout',
  level: 'error',
  message: 'the file has a layout other than 1 and 2 (nfdump 1.8 writes 3)',
  hint: '`nfdump -r FILE -o json > FILE.json` with the nfdump that wrote it; give the result',
}
const CUT: Complaint = {
  code: 'nfcapd/cut-file',
  level: 'warning',
  message: 'the file ends inside a block; what lies before was read',
  hint: 'it was copied while nfcapd wrote it; copy it again after it was rotated',
}
const BROKEN: Complaint = {
  code: 'nfcapd/broken-record',
  level: 'error',
  message: 'a record has an impossible size; the rest of its block is not read',
}
const OLD_RECORD: Complaint = {
  code: 'nfcapd/old-record',
  level: 'error',
  message: 'a flow of nfdump 1.5 is not read',
  hint: CONVERT,
}

/** Is it a file of nfcapd? github.com/phaag/nfdump, nffile.h: the magic number in either byte order, then the layout. */
export function isNfcapd(head: Uint8Array): boolean {
  const magic = ((head[1] ?? 0) << 8) | (head[0] ?? 0)
  const little = magic === MAGIC
  if (!little && magic !== 0x0ca5) return false
  const layout = new Numbers(little).u16(head, 2)
  return head.length >= 40 && layout >= 1 && layout <= 3
}

/** Windows of whole records: one has at most 65,535 bytes. */
const WINDOW_BYTES = 1 << 17

/** Hands over the flows of a file. */
export function readNfcapd(bytes: ByteSource, sink: NfcapdSink): void {
  const head = bytes.read(0, 40).slice()
  const numbers = new Numbers(head[0] === 0x0c)
  const layout = numbers.u16(head, 2)
  if (layout === 1) {
    // Header of 140 bytes, then the sums.
    const how = numbers.u32(head, 4)
    const kind = (how & 1) !== 0 ? 'LZO' : (how & 8) !== 0 ? 'bzip2' : (how & 16) !== 0 ? 'LZ4' : ''
    if (kind === '') readBlocks(bytes, 276, bytes.size, numbers, sink)
    else sink.complaint(0, compressed(kind))
  } else if (layout === 2) {
    const kind = ['', 'LZO', 'bzip2', 'LZ4', 'zstd'][head[16] ?? 0] ?? 'unknown'
    // Behind the blocks of flows lies an appendix of names and sums.
    const appendix = numbers.u64(head, 24)
    const end = appendix > 40 && appendix < bytes.size ? appendix : bytes.size
    if (kind !== '') sink.complaint(0, compressed(kind))
    else if ((head[17] ?? 0) !== 0) sink.complaint(0, ENCRYPTED)
    else readBlocks(bytes, 40, end, numbers, sink)
  } else sink.complaint(0, LAYOUT)
}

/** Ids of extensions in order, by the map's number: layout 1 keeps flows without names. */
type ExtensionMaps = Map<number, readonly number[]>

function readBlocks(bytes: ByteSource, from: number, end: number, numbers: Numbers, sink: NfcapdSink): void {
  const maps: ExtensionMaps = new Map()
  let count = 0
  for (let offset = from; offset < end; ) {
    const header = bytes.read(offset, 12)
    if (header.length < 12) {
      sink.complaint(offset, CUT)
      return
    }
    const size = numbers.u32(header, 4)
    const blockEnd = offset + 12 + size
    if (blockEnd > bytes.size) sink.complaint(offset, CUT)
    count = readRecords(bytes, offset + 12, Math.min(blockEnd, bytes.size), numbers, maps, count, sink)
    offset = blockEnd
  }
}

/** The number of the last record of the block. */
function readRecords(
  bytes: ByteSource,
  from: number,
  end: number,
  numbers: Numbers,
  maps: ExtensionMaps,
  before: number,
  sink: NfcapdSink,
): number {
  let count = before
  for (let offset = from; offset < end; ) {
    const window = bytes.read(offset, Math.min(WINDOW_BYTES, end - offset))
    let at = 0
    while (at + 4 <= window.length) {
      const size = numbers.u16(window, at + 2)
      if (size < 4 || offset + at + size > end) {
        sink.complaint(offset + at, BROKEN)
        return count
      }
      if (at + size > window.length) break
      const record = window.subarray(at, at + size)
      const place = { record: count + 1, offset: offset + at }
      const found = recordOf(record, numbers, maps, place, sink)
      if (found) {
        count++
        sink.record(found)
      }
      at += size
    }
    if (at === 0) return count
    offset += at
  }
  return count
}

const COMMON_RECORD_15 = 1
const EXTENSION_MAP = 2
const COMMON_RECORD = 10
const V3_RECORD = 11

function recordOf(
  data: Uint8Array,
  numbers: Numbers,
  maps: ExtensionMaps,
  place: { readonly record: number; readonly offset: number },
  sink: NfcapdSink,
): NfRecord | undefined {
  switch (numbers.u16(data, 0)) {
    case V3_RECORD:
      return v3Record(data, numbers, place)
    case COMMON_RECORD:
      return commonRecord(data, numbers, maps, place)
    case EXTENSION_MAP: {
      const ids: number[] = []
      for (let at = 8; at + 2 <= data.length && numbers.u16(data, at) !== 0; at += 2) ids.push(numbers.u16(data, at))
      if (maps.size < 1_024) maps.set(numbers.u16(data, 4), ids)
      return undefined
    }
    case COMMON_RECORD_15:
      sink.complaint(place.offset, OLD_RECORD)
      return undefined
    default:
      // Exporters, samplers and their counters.
      return undefined
  }
}

/** What both layouts tell of a flow. */
interface Plain {
  readonly first: number
  readonly last: number
  readonly received: number
  readonly packets: number
  readonly bytes: number
  readonly packetsBack: number
  readonly bytesBack: number
  readonly protocol: number
  readonly flags: number
  readonly srcPort: number
  readonly dstPort: number
  readonly srcIp: string
  readonly dstIp: string
  readonly sensor: string
  readonly isSampled: boolean
  readonly event: number
  readonly natSrcIp: string
  readonly natDstIp: string
  readonly natSrcPort: number
  readonly natDstPort: number
  readonly user: string
}

const NOTHING: Plain = {
  first: 0,
  last: 0,
  received: 0,
  packets: 0,
  bytes: 0,
  packetsBack: 0,
  bytesBack: 0,
  protocol: 0,
  flags: 0,
  srcPort: 0,
  dstPort: 0,
  srcIp: '',
  dstIp: '',
  sensor: '',
  isSampled: false,
  event: 0,
  natSrcIp: '',
  natDstIp: '',
  natSrcPort: 0,
  natDstPort: 0,
  user: '',
}

/** Layout 2: a list of elements, each with its number and length (nfxV3.h). */
function v3Record(data: Uint8Array, numbers: Numbers, place: { readonly record: number; readonly offset: number }): NfRecord {
  const plain: { -readonly [Name in keyof Plain]: Plain[Name] } = { ...NOTHING, isSampled: ((data[10] ?? 0) & 2) !== 0 }
  const count = numbers.u16(data, 4)
  let at = 12
  for (let index = 0; index < count && at + 4 <= data.length; index++) {
    const length = numbers.u16(data, at + 2)
    if (length < 4 || at + length > data.length) break
    const from = at + 4
    switch (numbers.u16(data, at)) {
      case 1:
        plain.first = numbers.u64(data, from)
        plain.last = numbers.u64(data, from + 8)
        plain.received = numbers.u64(data, from + 16)
        plain.packets = numbers.u64(data, from + 24)
        plain.bytes = numbers.u64(data, from + 32)
        plain.srcPort = numbers.u16(data, from + 40)
        plain.dstPort = numbers.u16(data, from + 42)
        plain.protocol = data[from + 44] ?? 0
        plain.flags = data[from + 45] ?? 0
        break
      case 2:
        plain.srcIp = numbers.ipv4(data, from)
        plain.dstIp = numbers.ipv4(data, from + 4)
        break
      case 3:
        plain.srcIp = numbers.ipv6(data, from)
        plain.dstIp = numbers.ipv6(data, from + 16)
        break
      case 5:
        plain.packetsBack = numbers.u64(data, from + 8)
        plain.bytesBack = numbers.u64(data, from + 16)
        break
      case 12:
        plain.sensor = numbers.ipv4(data, from)
        break
      case 13:
        plain.sensor = numbers.ipv6(data, from)
        break
      case 19:
        plain.event = data[from + 14] ?? 0
        break
      case 20:
        plain.natSrcIp = numbers.ipv4(data, from)
        plain.natDstIp = numbers.ipv4(data, from + 4)
        break
      case 22:
        plain.natSrcPort = numbers.u16(data, from)
        plain.natDstPort = numbers.u16(data, from + 2)
        break
      case 24:
        plain.user = new TextDecoder().decode(data.subarray(from, Math.min(from + 66, at + length))).split('\0')[0] ?? ''
        break
      default:
    }
    at += length
  }
  return nfRecord(plain, place)
}

/** Bytes of the extensions of layout 1 (nffile.h of nfdump 1.6), by number. */
const EXTENSION_BYTES: Readonly<Record<number, number>> = {
  4: 4,
  5: 8,
  6: 4,
  7: 8,
  8: 4,
  9: 4,
  10: 16,
  11: 4,
  12: 16,
  13: 4,
  14: 4,
  15: 8,
  16: 4,
  17: 8,
  18: 4,
  19: 8,
  20: 16,
  21: 16,
  22: 40,
  23: 4,
  24: 16,
  25: 4,
  26: 8,
  27: 8,
}

/** Layout 1: fixed fields, addresses and counters of stated width, then the extensions its map lists. */
function commonRecord(
  data: Uint8Array,
  numbers: Numbers,
  maps: ExtensionMaps,
  place: { readonly record: number; readonly offset: number },
): NfRecord | undefined {
  if (data.length < 44) return undefined
  const flags = numbers.u16(data, 4)
  const plain: { -readonly [Name in keyof Plain]: Plain[Name] } = { ...NOTHING, isSampled: (flags & 128) !== 0 }
  plain.first = numbers.u32(data, 12) * 1000 + numbers.u16(data, 8)
  plain.last = numbers.u32(data, 16) * 1000 + numbers.u16(data, 10)
  plain.flags = data[21] ?? 0
  plain.protocol = data[22] ?? 0
  plain.srcPort = numbers.u16(data, 24)
  plain.dstPort = numbers.u16(data, 26)
  let at = 32
  if ((flags & 1) !== 0) {
    plain.srcIp = numbers.ipv6(data, at)
    plain.dstIp = numbers.ipv6(data, at + 16)
    at += 32
  } else {
    plain.srcIp = numbers.ipv4(data, at)
    plain.dstIp = numbers.ipv4(data, at + 4)
    at += 8
  }
  const counter = (isWide: boolean): number => {
    const value = isWide ? numbers.u64(data, at) : numbers.u32(data, at)
    at += isWide ? 8 : 4
    return value
  }
  plain.packets = counter((flags & 2) !== 0)
  plain.bytes = counter((flags & 4) !== 0)
  for (const id of maps.get(numbers.u16(data, 6)) ?? []) {
    const length = EXTENSION_BYTES[id]
    if (length === undefined || at + length > data.length) break
    if (id === 14 || id === 15) plain.packetsBack = id === 14 ? numbers.u32(data, at) : numbers.u64(data, at)
    else if (id === 16 || id === 17) plain.bytesBack = id === 16 ? numbers.u32(data, at) : numbers.u64(data, at)
    else if (id === 23) plain.sensor = numbers.ipv4(data, at)
    else if (id === 24) plain.sensor = numbers.ipv6(data, at)
    else if (id === 27) plain.received = numbers.u64(data, at)
    at += length
  }
  return nfRecord(plain, place)
}

const known = (address: string): string => (address === '0.0.0.0' || address === '::' ? '' : address)
const microsOf = (milliseconds: number): Micros | undefined =>
  milliseconds > 0 && milliseconds < 9e12 ? ((milliseconds * MICROS_PER_MILLISECOND) as Micros) : undefined

function nfRecord(plain: Plain, place: { readonly record: number; readonly offset: number }): NfRecord {
  const protocol = protocolName(String(plain.protocol))
  const isIcmp = protocol === 'icmp' || protocol === 'icmp6'
  const isTwoWay = plain.packetsBack > 0
  const { srcIp, dstIp, packets, bytes } = plain
  return {
    protocol,
    srcIp,
    // nfcapd keeps type and code in the destination port.
    srcPort: isIcmp ? plain.dstPort >> 8 : plain.srcPort,
    dstIp,
    dstPort: isIcmp ? plain.dstPort & 255 : plain.dstPort,
    start: microsOf(plain.first),
    end: microsOf(plain.last),
    bytes,
    packets,
    bytesBack: isTwoWay ? plain.bytesBack : undefined,
    packetsBack: isTwoWay ? plain.packetsBack : undefined,
    flags: protocol === 'tcp' && plain.flags !== 0 ? plain.flags : undefined,
    sensor: plain.sensor,
    precision: MICROS_PER_MILLISECOND,
    ...place,
    original: originalFields(originalOf(plain)),
    action: plain.event === 0 ? 'flow' : actionOf(String(plain.event)),
    natSrcIp: known(plain.natSrcIp),
    natSrcPort: plain.natSrcPort || undefined,
    natDstIp: known(plain.natDstIp),
    natDstPort: plain.natDstPort || undefined,
    user: plain.user,
    received: microsOf(plain.received),
    isSampled: plain.isSampled,
    sampling: undefined,
    ttl: undefined,
  }
}

/** Names as `nfdump -o json` has them. */
function originalOf(plain: Plain): Readonly<Record<string, string>> {
  const wide = plain.srcIp.includes(':') ? '6' : '4'
  const fields: Record<string, string> = {
    first: String(plain.first),
    last: String(plain.last),
    in_packets: String(plain.packets),
    in_bytes: String(plain.bytes),
    proto: String(plain.protocol),
    tcp_flags: String(plain.flags),
    src_port: String(plain.srcPort),
    dst_port: String(plain.dstPort),
    [`src${wide}_addr`]: plain.srcIp,
    [`dst${wide}_addr`]: plain.dstIp,
  }
  if (plain.received > 0) fields['received'] = String(plain.received)
  if (plain.packetsBack > 0) {
    fields['out_packets'] = String(plain.packetsBack)
    fields['out_bytes'] = String(plain.bytesBack)
  }
  if (plain.sensor !== '') fields[plain.sensor.includes(':') ? 'ip6_router' : 'ip4_router'] = plain.sensor
  return fields
}
