import { inflateZstd } from '../../evidence/index.ts'
import type { ByteSource } from '../../model/index.ts'
import { inflateLz4Block } from './lz4.ts'
import type { JournalFields } from './map.ts'

// systemd.io/JOURNAL_FILE_FORMAT: a header, then objects of eight-byte alignment; entries point to data objects that many share.

const SIGNATURE = 'LPKSHHRH'
const COMPACT = 16
const DATA = 1
const ENTRY = 3
const LAST_TYPE = 7
const PACKED = { xz: 1, lz4: 2, zstd: 4 } as const

/** Objects larger than this are broken sizes; a core dump in a field is some hundred megabytes and is left out. */
const MAX_VALUE_BYTES = 1 << 20
const MAX_ITEMS = 1024
/** Values that many entries share (host, unit, boot id), kept as text. */
const KEPT_VALUES = 20_000
const KEPT_LENGTH = 256

export interface JournalEntry {
  readonly fields: JournalFields
  readonly offset: number
  readonly sequence: number
  /** Fields that are there and could not be read (packed in a way we do not read, or broken). */
  readonly unread: number
}

/** What is wrong with a journal file. */
export type JournalDamage = { readonly kind: 'no-journal' } | { readonly kind: 'broken-object'; readonly offset: number }

export const isJournalFile = (head: Uint8Array) => new TextDecoder('latin1').decode(head.subarray(0, 8)) === SIGNATURE

/** Every entry of a journal file in the order it was written; ends with what stopped the reading, undefined when it came to the end. */
export function* journalEntries(bytes: ByteSource): Generator<JournalEntry, JournalDamage | undefined> {
  const header = bytes.read(0, 256).slice()
  if (header.length < 208 || !isJournalFile(header)) return { kind: 'no-journal' }
  const view = viewOf(header)
  const isCompact = (view.getUint32(12, true) & COMPACT) !== 0
  const tail = safeNumber(view.getBigUint64(136, true))
  const data = dataReader(bytes, isCompact)
  let at = safeNumber(view.getBigUint64(88, true))
  while (at + 16 <= bytes.size && (tail === 0 || at <= tail)) {
    const head = bytes.read(at, 16).slice()
    const type = head[0] ?? 0
    const size = safeNumber(viewOf(head).getBigUint64(8, true))
    // The file is longer than what is written: room kept for later.
    if (type === 0 && size === 0) return undefined
    if (type > LAST_TYPE || size < 16 || at + size > bytes.size) return { kind: 'broken-object', offset: at }
    if (type === ENTRY && size >= 64) yield entryAt(bytes, at, size, isCompact, data)
    at += (size + 7) & ~7
    if (!Number.isSafeInteger(at) || at <= 0) return { kind: 'broken-object', offset: 0 }
  }
  return undefined
}

type ReadData = (offset: number) => readonly [name: string, value: string] | undefined

function entryAt(bytes: ByteSource, at: number, size: number, isCompact: boolean, data: ReadData): JournalEntry {
  const step = isCompact ? 4 : 16
  const body = bytes.read(at, Math.min(size, 64 + MAX_ITEMS * step)).slice()
  const view = viewOf(body)
  const fields: Record<string, string> = Object.create(null)
  fields['__REALTIME_TIMESTAMP'] = String(view.getBigUint64(24, true))
  fields['__MONOTONIC_TIMESTAMP'] = String(view.getBigUint64(32, true))
  let unread = 0
  for (let item = 64; item + step <= body.length; item += step) {
    const offset = isCompact ? view.getUint32(item, true) : safeNumber(view.getBigUint64(item, true))
    const pair = offset === 0 ? undefined : data(offset)
    if (!pair) unread++
    else if (fields[pair[0]] === undefined) fields[pair[0]] = pair[1]
  }
  return { fields, offset: at, sequence: safeNumber(view.getBigUint64(16, true)), unread }
}

function dataReader(bytes: ByteSource, isCompact: boolean): ReadData {
  const kept = new Map<number, readonly [string, string]>()
  const text = new TextDecoder()
  const payloadAt = isCompact ? 72 : 64
  return offset => {
    const known = kept.get(offset)
    if (known) return known
    if (offset + payloadAt > bytes.size) return undefined
    const head = bytes.read(offset, 16).slice()
    const size = safeNumber(viewOf(head).getBigUint64(8, true))
    const length = size - payloadAt
    if (head[0] !== DATA || length < 1 || length > MAX_VALUE_BYTES) return undefined
    const payload = bytes.read(offset + payloadAt, length).slice()
    const plain = unpacked(payload, head[1] ?? 0)
    const equals = plain?.indexOf(61) ?? -1
    if (!plain || equals <= 0) return undefined
    const pair = [text.decode(plain.subarray(0, equals)).slice(0, 128), text.decode(plain.subarray(equals + 1))] as const
    if (plain.length <= KEPT_LENGTH) {
      if (kept.size >= KEPT_VALUES) kept.clear()
      kept.set(offset, pair)
    }
    return pair
  }
}

function unpacked(payload: Uint8Array, flags: number): Uint8Array | undefined {
  if ((flags & PACKED.zstd) !== 0) return inflateZstd(payload, MAX_VALUE_BYTES)
  if ((flags & PACKED.lz4) !== 0) {
    if (payload.length < 9) return undefined
    const size = safeNumber(viewOf(payload).getBigUint64(0, true))
    return size > MAX_VALUE_BYTES ? undefined : inflateLz4Block(payload.subarray(8), size)
  }
  return (flags & PACKED.xz) !== 0 ? undefined : payload
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const safeNumber = (value: bigint) => (value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value))
