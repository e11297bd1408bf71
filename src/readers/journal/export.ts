import type { ByteSource } from '../../model/index.ts'
import type { JournalFields } from './map.ts'

/** One entry of a journal in its export format, or what was wrong with it. */
export interface ExportedEntry {
  readonly fields: JournalFields
  readonly offset: number
  /** Something of it could not be read. */
  readonly damaged: boolean
}

/** Entries have some dozen fields; a core dump in one may have megabytes and is left out. */
const MAX_FIELDS = 1024
const MAX_FIELD_BYTES = 1 << 20
const BLOCK_BYTES = 1 << 18
const LINE_FEED = 10
const EQUALS = 61

/** systemd.io/JOURNAL_EXPORT_FORMATS: NAME=text lines, or NAME, a length of eight bytes and that many bytes; an empty line ends an entry. */
export function* exportedEntries(bytes: ByteSource, start: number, end: number): Generator<ExportedEntry> {
  const cursor = new Cursor(bytes, start, end)
  let fields: Record<string, string> = Object.create(null)
  let count = 0
  let offset = start
  let damaged = false
  const text = new TextDecoder()
  while (!cursor.isAtEnd) {
    if (count === 0) offset = cursor.at
    const line = cursor.line()
    if (line.length === 0) {
      if (count > 0) yield { fields, offset, damaged }
      fields = Object.create(null)
      count = 0
      damaged = false
      continue
    }
    count++
    const equals = line.indexOf(EQUALS)
    const name = text.decode(equals < 0 ? line : line.subarray(0, equals)).slice(0, 128)
    const value = equals < 0 ? cursor.sized() : line.subarray(equals + 1)
    if (value === undefined || count > MAX_FIELDS) damaged = true
    else if (fields[name] === undefined) fields[name] = text.decode(value)
  }
  if (count > 0) yield { fields, offset, damaged }
}

/** Reads on through an item in blocks. */
class Cursor {
  readonly #bytes: ByteSource
  readonly #end: number
  at: number
  #block: Uint8Array = new Uint8Array(0)
  #begin = 0

  constructor(bytes: ByteSource, start: number, end: number) {
    this.#bytes = bytes
    this.at = start
    this.#end = Math.min(end, bytes.size)
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end
  }

  /** Bytes from here, at least one while there are any. */
  #here(): Uint8Array {
    if (this.at < this.#begin || this.at >= this.#begin + this.#block.length) {
      this.#block = this.#bytes.read(this.at, Math.min(BLOCK_BYTES, this.#end - this.at)).slice()
      this.#begin = this.at
    }
    return this.#block.subarray(this.at - this.#begin)
  }

  /** Up to the next line feed, which is stepped over; the rest of a longer line is dropped. */
  line(): Uint8Array {
    const pieces: Uint8Array[] = []
    let length = 0
    while (!this.isAtEnd) {
      const here = this.#here()
      if (here.length === 0) {
        this.at = this.#end
        break
      }
      const stop = here.indexOf(LINE_FEED)
      const piece = stop < 0 ? here : here.subarray(0, stop)
      if (length < MAX_FIELD_BYTES) pieces.push(piece)
      length += piece.length
      this.at += piece.length + (stop < 0 ? 0 : 1)
      if (stop >= 0) break
    }
    return joined(pieces)
  }

  /** A length of eight bytes and that many bytes; undefined when there are fewer, or more than a field may have. */
  sized(): Uint8Array | undefined {
    const head = this.#take(8)
    if (head.length < 8) return undefined
    const view = new DataView(head.buffer, head.byteOffset, 8)
    const length = Number(view.getBigUint64(0, true))
    if (length > this.#end - this.at) return undefined // no length: what follows is read as lines again
    if (length > MAX_FIELD_BYTES) {
      this.at += length + 1
      return undefined
    }
    const value = this.#take(length)
    this.at++
    return value
  }

  #take(length: number): Uint8Array {
    const pieces: Uint8Array[] = []
    let left = length
    while (left > 0 && !this.isAtEnd) {
      const piece = this.#here().subarray(0, left)
      if (piece.length === 0) break
      pieces.push(piece)
      left -= piece.length
      this.at += piece.length
    }
    return joined(pieces)
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (only && pieces.length === 1) return only
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
