import { inflateRawSync } from 'node:zlib'
import type { ByteSource } from '../model/index.ts'

/** One entry of a zip's central directory. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970; 0 when the entry has none. DOS times name no zone and are taken as UTC. */
  readonly time: number
  /** Where its own record begins, and how many bytes of it are packed content. */
  readonly offset: number
  readonly packed: number
  /** Compression method (APPNOTE.TXT 4.4.5); encrypted entries have none. */
  readonly method: number | undefined
}

/** APPNOTE.TXT 4.3.16: the record at the end, after which only a comment may come. */
const END = 0x06054b50
const END_BYTES = 22
const MOST_COMMENT = 65_535
/** APPNOTE.TXT 4.3.12. */
const ENTRY = 0x02014b50
const ENTRY_BYTES = 46
/** The largest programs have some fifty thousand classes. */
const MOST_ENTRIES = 200_000
const MOST_DIRECTORY = 64 << 20

/** The entries of a zip as its directory lists them; undefined when it has none that could be read. */
export function zipEntries(source: ByteSource): readonly ZipEntry[] | undefined {
  const tail = whole(source, Math.max(0, source.size - END_BYTES - MOST_COMMENT), source.size)
  const end = endOf(tail)
  if (end === undefined) return undefined
  const [size, offset] = [end.getUint32(12, true), end.getUint32(16, true)]
  if (size > MOST_DIRECTORY || offset + size > source.size) return undefined
  const directory = whole(source, offset, offset + size)
  const view = viewOf(directory)
  const found: ZipEntry[] = []
  let at = 0
  while (at + ENTRY_BYTES <= directory.length && view.getUint32(at, true) === ENTRY && found.length < MOST_ENTRIES) {
    const name = view.getUint16(at + 28, true)
    found.push({
      name: new TextDecoder().decode(directory.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + name)).replaceAll('\\', '/'),
      bytes: view.getUint32(at + 24, true),
      time: dosTime(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
      offset: view.getUint32(at + 42, true),
      packed: view.getUint32(at + 20, true),
      method: (view.getUint16(at + 8, true) & 1) === 1 ? undefined : view.getUint16(at + 10, true),
    })
    at += ENTRY_BYTES + name + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return found.length === 0 ? undefined : found
}

/** APPNOTE.TXT 4.3.7. */
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8

/** The content of an entry, at once; undefined when it has more than `most` bytes, is packed in another way, or is damaged. */
export function zipContent(
  source: ByteSource,
  { offset, packed, bytes, method }: ZipEntry,
  most: number,
): Uint8Array | undefined {
  if (bytes > most || packed > most || (method !== STORED && method !== DEFLATED)) return undefined
  const head = whole(source, offset, offset + LOCAL_BYTES)
  const view = viewOf(head)
  if (view.getUint32(0, true) !== LOCAL) return undefined
  const from = offset + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  if (from + packed > source.size) return undefined
  const content = whole(source, from, from + packed)
  if (method === STORED) return content
  try {
    return inflateRawSync(content, { maxOutputLength: most })
  } catch (error) {
    if (error instanceof Error) return undefined // cut, broken, or larger than it says: zlib has one class of error for all
    throw error
  }
}

function endOf(tail: Uint8Array): DataView | undefined {
  const view = viewOf(tail)
  for (let at = tail.length - END_BYTES; at >= 0; at--)
    if (view.getUint32(at, true) === END) return new DataView(tail.buffer, tail.byteOffset + at)
  return undefined
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** A range in a buffer of its own; a source may give less at a time. */
function whole(source: ByteSource, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from)
  for (let at = from; at < to; ) {
    const piece = source.read(at, to - at)
    if (piece.length === 0) break
    bytes.set(piece, at - from)
    at += piece.length
  }
  return bytes
}

function dosTime(date: number, time: number): number {
  const [month, day] = [(date >> 5) & 15, date & 31]
  if (month < 1 || month > 12 || day < 1) return 0
  return Date.UTC(1980 + (date >> 9), month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2)
}
