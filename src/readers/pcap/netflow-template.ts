import { u16, u32 } from './bytes.ts'

/** Information elements that are read: iana.org/assignments/ipfix; the first 127 are those of NetFlow 9. */
export const FIELD = {
  bytes: 1,
  packets: 2,
  protocol: 4,
  tcpFlags: 6,
  sourcePort: 7,
  sourceIpv4: 8,
  targetPort: 11,
  targetIpv4: 12,
  lastSwitched: 21,
  firstSwitched: 22,
  outBytes: 23,
  outPackets: 24,
  sourceIpv6: 27,
  targetIpv6: 28,
  icmpType: 32,
  samplingInterval: 34,
  samplerInterval: 50,
  minTtl: 52,
  totalBytes: 85,
  totalPackets: 86,
  icmp6Type: 139,
  startSeconds: 150,
  endSeconds: 151,
  startMilliseconds: 152,
  endMilliseconds: 153,
  startMicroseconds: 154,
  endMicroseconds: 155,
  startNanoseconds: 156,
  endNanoseconds: 157,
  startDelta: 158,
  endDelta: 159,
  systemStart: 160,
  ipTtl: 192,
  natSourceIpv4: 225,
  natTargetIpv4: 226,
  natSourcePort: 227,
  natTargetPort: 228,
  initiatorBytes: 231,
  responderBytes: 232,
  firewallEvent: 233,
  natSourceIpv6: 281,
  natTargetIpv6: 282,
  initiatorPackets: 298,
  responderPackets: 299,
  samplingSpace: 306,
  observed: 323,
} as const

/** Numbers of vendors' own elements begin here, so that they are never taken for IANA's. */
const ENTERPRISE = 1 << 16
/** RFC 7011, section 7: the length stands before the value. */
const VARIABLE = 65_535
/** More fields than any exporter has. */
const MAX_FIELDS = 256

interface TemplateField {
  readonly id: number
  readonly length: number
}

/** How the records of a set are laid out. */
export interface Template {
  readonly isOptions: boolean
  readonly fields: readonly TemplateField[]
  /** Bytes of the shortest record. */
  readonly leastBytes: number
}

/** Values of one record by element. */
export type ExportedRecord = ReadonlyMap<number, Uint8Array>

/** The template at `at`; undefined when it is broken. RFC 3954, sections 5.2 and 6.1; RFC 7011, section 3.4. */
export function templateOf(
  data: Uint8Array,
  at: number,
  end: number,
  isOptions: boolean,
  isIpfix: boolean,
): { readonly id: number; readonly template: Template; readonly next: number } | undefined {
  const id = u16(data, at)
  let count = u16(data, at + 2)
  let position = at + 4
  if (isOptions) {
    if (at + 6 > end) return undefined
    // NetFlow 9 gives the bytes of scope and options, IPFIX the number of all fields and of those of the scope.
    if (!isIpfix) count = (u16(data, at + 2) + u16(data, at + 4)) / 4
    position = at + 6
  }
  if (id < 256 || count === 0 || count > MAX_FIELDS || !Number.isInteger(count)) return undefined
  const fields: TemplateField[] = []
  const scope = isOptions && !isIpfix ? u16(data, at + 2) / 4 : 0
  for (let index = 0; index < count; index++) {
    if (position + 4 > end) return undefined
    const type = u16(data, position)
    const length = u16(data, position + 2)
    position += 4
    let element = type
    if (isIpfix && (type & 0x8000) !== 0) {
      if (position + 4 > end) return undefined
      element = ENTERPRISE + (u32(data, position) % 100_000) * 65_536 + (type & 0x7fff)
      position += 4
    }
    // What a scope of NetFlow 9 counts (system, interface) has numbers of its own.
    fields.push({ id: index < scope ? ENTERPRISE - 1 - index : element, length })
  }
  const leastBytes = fields.reduce((sum, { length }) => sum + (length === VARIABLE ? 1 : length), 0)
  return leastBytes === 0 ? undefined : { id, template: { isOptions, fields, leastBytes }, next: position }
}

/** One record; undefined when it is cut. */
export function readRecord(
  { fields }: Template,
  data: Uint8Array,
  at: number,
  end: number,
): { readonly record: ExportedRecord; readonly next: number } | undefined {
  const record = new Map<number, Uint8Array>()
  let position = at
  for (const { id, length } of fields) {
    let bytes = length
    if (length === VARIABLE) {
      bytes = data[position] ?? 0
      position++
      if (bytes === 255) {
        bytes = u16(data, position)
        position += 2
      }
    }
    if (position + bytes > end) return undefined
    // Copied: the capture's window is used again while the flow waits for its other half.
    if (!record.has(id)) record.set(id, data.slice(position, position + bytes))
    position += bytes
  }
  return { record, next: position }
}
