import type { OriginalRecord } from '../../model/index.ts'
import {
  type ColumnBounds,
  type ColumnChunk,
  type ColumnWriter,
  type DictionaryPage,
  PARQUET_TYPE,
  Pages,
  PLAIN,
} from './column.ts'
import { hybridBound, writeHybrid } from './hybrid.ts'

/** A page goes to the packer when it holds this much. */
const PAGE_BYTES = 1 << 20
/** A UTF-16 unit takes at most three bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3
/** Up to this length a loop over the characters is faster than the call into the runtime (measured on command lines and paths). */
const SHORT_TEXT = 48
/** Bytes of a value's length before it. */
const LENGTH_BYTES = 4

/** Plain values (length, bytes) one after the other in one growing buffer. */
class PlainTexts {
  buffer: Buffer = Buffer.allocUnsafeSlow(256)
  used = 0

  /** Writes a value, returns where it begins. */
  add(value: string): number {
    const start = this.used
    this.reserve(LENGTH_BYTES + value.length * MAX_BYTES_PER_UNIT)
    const at = start + LENGTH_BYTES
    let end = value.length <= SHORT_TEXT ? this.#ascii(value, at) : -1
    if (end < 0) end = at + this.buffer.write(value, at, 'utf8')
    this.#close(start, end)
    return start
  }

  /** The text of a record, as bytes where it can write them. */
  addOriginal(record: OriginalRecord): void {
    if (!record.writeText) {
      this.add(record.text())
      return
    }
    this.reserve(LENGTH_BYTES)
    let end = record.writeText(this.buffer, this.used + LENGTH_BYTES)
    while (end < 0) {
      this.reserve(2 * this.buffer.length - this.used)
      end = record.writeText(this.buffer, this.used + LENGTH_BYTES)
    }
    this.#close(this.used, end)
  }

  reserve(bytes: number): void {
    const wanted = this.used + bytes
    if (wanted <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, Math.min(this.buffer.length * 4, 2 * PAGE_BYTES)))
    this.buffer.copy(larger, 0, 0, this.used)
    this.buffer = larger
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.used)
  }

  #close(start: number, end: number): void {
    const { buffer } = this
    const length = end - start - LENGTH_BYTES
    buffer[start] = length
    buffer[start + 1] = length >>> 8
    buffer[start + 2] = length >>> 16
    buffer[start + 3] = length >>> 24
    this.used = end
  }

  /** Copies ASCII; -1 when the text has anything else. */
  #ascii(value: string, from: number): number {
    const { buffer } = this
    let at = from
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) return -1
      buffer[at++] = code
    }
    return at
  }
}

/** Text that hardly repeats: the records themselves. */
export class OriginalColumn implements ColumnWriter {
  readonly type = PARQUET_TYPE.byteArray
  readonly required = true
  readonly #pages = new Pages()
  readonly #texts = new PlainTexts()
  #rows = 0

  add(value: unknown): void {
    this.#texts.addOriginal(value as OriginalRecord)
    this.#rows += 1
    if (this.#texts.used >= PAGE_BYTES) this.#endPage(false)
  }

  addAll(values: readonly unknown[]): void {
    for (let row = 0; row < values.length; row++) this.add(values[row])
  }

  held(): number {
    return this.#pages.packedBytes
  }

  finish(): ColumnChunk {
    if (this.#rows > 0) this.#endPage(true)
    return this.#pages.finish(this.type, 0, undefined)
  }

  #endPage(isLast: boolean): void {
    this.#pages.addData(this.#texts.bytes(), this.#rows, PLAIN, isLast)
    this.#texts.used = 0
    this.#rows = 0
  }
}

/** A dictionary with more entries than this gains nothing over plain text. */
const MAX_ENTRIES = 1 << 15
const MAX_DICTIONARY_BYTES = 1 << 20
/** After so many rows a column shows whether its values repeat. */
const TRIAL_ROWS = 2_048
/** More distinct values than this share of the rows: identifiers, times, addresses of their own. */
const REPEATING_SHARE = 0.6

/** Text by dictionary as long as values repeat, plain from there on. */
export class TextColumn implements ColumnWriter {
  readonly type = PARQUET_TYPE.byteArray
  readonly required = true
  readonly #pages = new Pages()
  readonly #plain = new PlainTexts()
  #dictionary: Map<string, number> | undefined = new Map()
  readonly #entries = new PlainTexts()
  #entryCount = 0
  #codes = new Uint16Array(64)
  /** Rows of the present page. */
  #rows = 0
  #repeats = true
  #last = ''
  #lastCode = -1

  add(value: unknown): void {
    this.addAll([value])
  }

  addAll(values: readonly unknown[]): void {
    const plainFrom = this.#dictionary ? this.#addCodes(this.#dictionary, values) : 0
    for (let row = plainFrom; row < values.length; row++) {
      const value = values[row]
      this.#plain.add(typeof value === 'string' ? value : '')
      this.#rows += 1
      if (this.#plain.used >= PAGE_BYTES) this.#endPlain(false)
    }
  }

  /** Returns how many values the dictionary took: all, or those until it was given up. Most values are what they were in the row before. */
  #addCodes(dictionary: Map<string, number>, values: readonly unknown[]): number {
    const codes = this.#roomForCodes(values.length)
    let rows = this.#rows
    let last = this.#last
    let code = this.#lastCode
    let taken = 0
    let isGivenUp = false
    while (taken < values.length && !isGivenUp) {
      const value = values[taken++]
      const text = typeof value === 'string' ? value : ''
      if (code < 0 || text !== last) {
        code = dictionary.get(text) ?? this.#newEntry(dictionary, text)
        last = text
      }
      codes[rows++] = code
      isGivenUp =
        this.#entryCount >= MAX_ENTRIES ||
        this.#entries.used >= MAX_DICTIONARY_BYTES ||
        (rows === TRIAL_ROWS && this.#entryCount > TRIAL_ROWS * REPEATING_SHARE)
    }
    this.#rows = rows
    this.#last = last
    this.#lastCode = code
    if (isGivenUp) this.#giveUpDictionary()
    return taken
  }

  #roomForCodes(more: number): Uint16Array {
    let room = this.#codes.length
    while (room < this.#rows + more) room *= 4
    if (room > this.#codes.length) {
      const larger = new Uint16Array(room)
      larger.set(this.#codes)
      this.#codes = larger
    }
    return this.#codes
  }

  held(): number {
    return this.#pages.packedBytes + this.#entries.used
  }

  finish(): ColumnChunk {
    let bounds: ColumnBounds | undefined
    if (this.#dictionary) {
      if (this.#rows > 0) this.#endCodes(true)
      bounds = this.#bounds()
    } else if (this.#rows > 0) this.#endPlain(true)
    const dictionary: DictionaryPage | undefined =
      this.#entryCount > 0 ? { bytes: this.#entries.bytes(), values: this.#entryCount } : undefined
    const chunk = this.#pages.finish(this.type, 0, bounds, dictionary)
    this.#dictionary = this.#repeats ? new Map() : undefined
    this.#entries.used = 0
    this.#entryCount = 0
    this.#lastCode = -1
    return chunk
  }

  /** The key is a text of its own: the value may be a piece of a line, which is a piece of a block that it would keep in memory. */
  #newEntry(dictionary: Map<string, number>, text: string): number {
    const start = this.#entries.add(text)
    const key = this.#entries.buffer.toString('utf8', start + LENGTH_BYTES, this.#entries.used)
    const code = this.#entryCount++
    dictionary.set(key, code)
    return code
  }

  #giveUpDictionary(): void {
    this.#endCodes(false)
    this.#dictionary = undefined
    this.#repeats = false
    this.#last = ''
  }

  #endCodes(isLast: boolean): void {
    const width = Math.max(1, 32 - Math.clz32(this.#entryCount - 1))
    const bytes = Buffer.allocUnsafe(1 + hybridBound(this.#rows, width))
    bytes[0] = width
    const end = writeHybrid(this.#codes, this.#rows, width, bytes, 1)
    // A small page of codes says nothing about the size of the dictionary that is packed with it.
    this.#pages.addData(bytes.subarray(0, end), this.#rows, 'dictionary', isLast && this.#entries.used < PAGE_BYTES >> 11)
    this.#rows = 0
  }

  #endPlain(isLast: boolean): void {
    this.#pages.addData(this.#plain.bytes(), this.#rows, PLAIN, isLast)
    this.#plain.used = 0
    this.#rows = 0
  }

  /** Least and greatest value of the dictionary, as bytes compare. */
  #bounds(): ColumnBounds | undefined {
    const { buffer, used } = this.#entries
    let least: Buffer | undefined
    let greatest: Buffer | undefined
    for (let at = 0; at < used; ) {
      const start = at + LENGTH_BYTES
      const end = start + buffer.readInt32LE(at)
      const value = buffer.subarray(start, end)
      if (!least || value.compare(least) < 0) least = value
      if (!greatest || value.compare(greatest) > 0) greatest = value
      at = end
    }
    if (!least || !greatest || greatest.length > MAX_BOUND_BYTES || least.length > MAX_BOUND_BYTES) return undefined
    return { least: Buffer.from(least), greatest: Buffer.from(greatest) }
  }
}

/** Longer bounds would make the footer larger than what they save. */
const MAX_BOUND_BYTES = 64
