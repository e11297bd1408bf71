import { constants, zstdCompressSync } from 'node:zlib'
import { hybridBound, writeHybrid } from './hybrid.ts'
import { ThriftWriter } from './thrift.ts'

/** Numbers of Parquet's own: github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift. */
export const PARQUET_TYPE = { boolean: 0, int64: 2, double: 5, byteArray: 6 } as const
const DATA_PAGE = 0
const DICTIONARY_PAGE = 2
export const PLAIN = 0
const RLE = 3
const RLE_DICTIONARY = 8
const CODEC = { none: 0, zstd: 6 } as const

/** Level 1 packs our rows about a tenth worse than the usual 3, in two thirds of the time. */
const ZSTD_LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** Packing less than this costs more than it saves: most kinds of most files are a handful of rows. */
const WORTH_PACKING = 512

/** Least and greatest value as their plain bytes, for readers that skip what cannot match. */
export interface ColumnBounds {
  readonly least: Uint8Array
  readonly greatest: Uint8Array
}

/** One column of one row group, ready to be written. */
export interface ColumnChunk {
  readonly type: number
  readonly codec: number
  readonly encodings: readonly number[]
  readonly values: number
  readonly nulls: number
  readonly bounds: ColumnBounds | undefined
  /** The dictionary first where `hasDictionary`. */
  readonly pages: readonly Uint8Array[]
  readonly hasDictionary: boolean
  readonly dictionaryBytes: number
  readonly plainBytes: number
  readonly packedBytes: number
}

/** Pages of the present row group of one column. Packed as soon as they are full, so that memory holds the small form. */
export class Pages {
  #codec: number = CODEC.zstd
  #pages: Uint8Array[] = []
  #values = 0
  #plainBytes = 0
  #packedBytes = 0
  readonly #encodings = new Set<number>()

  get packedBytes(): number {
    return this.#packedBytes
  }

  /** `isLast`: no page of this chunk was before and none follows, so a small one may stay unpacked. */
  addData(bytes: Uint8Array, values: number, encoding: typeof PLAIN | 'dictionary', isLast: boolean): void {
    if (isLast && this.#pages.length === 0 && bytes.length < WORTH_PACKING) this.#codec = CODEC.none
    const number = encoding === 'dictionary' ? RLE_DICTIONARY : PLAIN
    this.#encodings.add(number)
    this.#values += values
    this.#pages.push(
      ...this.#page(bytes, DATA_PAGE, header =>
        header.struct(5, data => data.i32(1, values).i32(2, number).i32(3, RLE).i32(4, RLE)),
      ),
    )
  }

  /** The chunk, and room for the next one. */
  finish(type: number, nulls: number, bounds: ColumnBounds | undefined, dictionary?: DictionaryPage): ColumnChunk {
    let dictionaryPages: readonly Uint8Array[] = []
    if (dictionary) {
      this.#encodings.add(PLAIN)
      dictionaryPages = this.#page(dictionary.bytes, DICTIONARY_PAGE, header =>
        header.struct(7, page => page.i32(1, dictionary.values).i32(2, PLAIN)),
      )
    }
    const chunk: ColumnChunk = {
      type,
      codec: this.#codec,
      encodings: [...this.#encodings, RLE],
      values: this.#values,
      nulls,
      bounds,
      pages: [...dictionaryPages, ...this.#pages],
      hasDictionary: dictionary !== undefined,
      dictionaryBytes: dictionaryPages.reduce((sum, piece) => sum + piece.length, 0),
      plainBytes: this.#plainBytes,
      packedBytes: this.#packedBytes,
    }
    this.#codec = CODEC.zstd
    this.#pages = []
    this.#values = 0
    this.#plainBytes = 0
    this.#packedBytes = 0
    this.#encodings.clear()
    return chunk
  }

  /** Header and body; the body is copied where it is not packed, because the caller writes its buffer anew. */
  #page(bytes: Uint8Array, kind: number, describe: (header: ThriftWriter) => void): readonly Uint8Array[] {
    const body = this.#codec === CODEC.zstd ? zstdCompressSync(bytes, ZSTD_LEVEL) : bytes.slice()
    const header = new ThriftWriter().i32(1, kind).i32(2, bytes.length).i32(3, body.length)
    describe(header)
    const head = header.finish()
    this.#plainBytes += head.length + bytes.length
    this.#packedBytes += head.length + body.length
    return [head, body]
  }
}

/** Values of a dictionary, plain. */
export interface DictionaryPage {
  readonly bytes: Uint8Array
  readonly values: number
}

/** A column while its rows come in. */
export interface ColumnWriter {
  readonly type: number
  /** Every row has a value: a text nobody knows is ''. */
  readonly required: boolean
  add(value: unknown): void
  /** The same for several rows: one call a batch finds the column's code and tables in the processor's caches. */
  addAll(values: readonly unknown[]): void
  /** Packed bytes held for the present row group. */
  held(): number
  /** Ends the row group. */
  finish(): ColumnChunk
}

/** Which rows have a value; grows with the rows, because most tables are small. */
class Presence {
  #flags = new Uint8Array(64)
  #rows = 0
  nulls = 0

  add(isThere: boolean): void {
    if (this.#rows === this.#flags.length) {
      const larger = new Uint8Array(this.#flags.length * 4)
      larger.set(this.#flags)
      this.#flags = larger
    }
    this.#flags[this.#rows++] = isThere ? 1 : 0
    if (!isThere) this.nulls += 1
  }

  get rows(): number {
    return this.#rows
  }

  /** Definition levels with their length before them, and the plain values behind. */
  page(values: Uint8Array): Uint8Array {
    const bytes = Buffer.allocUnsafe(4 + hybridBound(this.#rows, 1) + values.length)
    const end = writeHybrid(this.#flags, this.#rows, 1, bytes, 4)
    bytes.writeUInt32LE(end - 4, 0)
    bytes.set(values, end)
    return bytes.subarray(0, end + values.length)
  }

  clear(): void {
    this.#rows = 0
    this.nulls = 0
  }
}

const HIGH = 2 ** 32

/** Whole numbers; what is none is unknown. */
export class IntColumn implements ColumnWriter {
  readonly type = PARQUET_TYPE.int64
  readonly required = false
  readonly #pages = new Pages()
  readonly #presence = new Presence()
  #view = new DataView(new ArrayBuffer(512))
  #used = 0
  #least = Number.POSITIVE_INFINITY
  #greatest = Number.NEGATIVE_INFINITY

  add(value: unknown): void {
    this.addAll([value])
  }

  addAll(values: readonly unknown[]): void {
    while (this.#used + 8 * values.length > this.#view.byteLength) this.#view = larger(this.#view)
    const view = this.#view
    const presence = this.#presence
    let used = this.#used
    for (let row = 0; row < values.length; row++) {
      const value = values[row]
      const whole = typeof value === 'number' ? Math.round(value) : Number.NaN
      const isWhole = Number.isSafeInteger(whole)
      presence.add(isWhole)
      if (!isWhole) continue
      view.setInt32(used, whole, true)
      view.setInt32(used + 4, Math.floor(whole / HIGH), true)
      used += 8
      if (whole < this.#least) this.#least = whole
      if (whole > this.#greatest) this.#greatest = whole
    }
    this.#used = used
  }

  held(): number {
    return this.#used
  }

  finish(): ColumnChunk {
    const { rows, nulls } = this.#presence
    this.#pages.addData(this.#presence.page(new Uint8Array(this.#view.buffer, 0, this.#used)), rows, PLAIN, true)
    const bounds = nulls === rows ? undefined : { least: int64(this.#least), greatest: int64(this.#greatest) }
    this.#presence.clear()
    this.#used = 0
    this.#least = Number.POSITIVE_INFINITY
    this.#greatest = Number.NEGATIVE_INFINITY
    return this.#pages.finish(this.type, nulls, bounds)
  }
}

function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

/** Real numbers; what is not finite is unknown. */
export class RealColumn implements ColumnWriter {
  readonly type = PARQUET_TYPE.double
  readonly required = false
  readonly #pages = new Pages()
  readonly #presence = new Presence()
  #view = new DataView(new ArrayBuffer(512))
  #used = 0

  add(value: unknown): void {
    const isReal = typeof value === 'number' && Number.isFinite(value)
    this.#presence.add(isReal)
    if (!isReal) return
    if (this.#used === this.#view.byteLength) this.#view = larger(this.#view)
    this.#view.setFloat64(this.#used, value, true)
    this.#used += 8
  }

  addAll(values: readonly unknown[]): void {
    for (let row = 0; row < values.length; row++) this.add(values[row])
  }

  held(): number {
    return this.#used
  }

  finish(): ColumnChunk {
    const { rows, nulls } = this.#presence
    this.#pages.addData(this.#presence.page(new Uint8Array(this.#view.buffer, 0, this.#used)), rows, PLAIN, true)
    this.#presence.clear()
    this.#used = 0
    return this.#pages.finish(this.type, nulls, undefined)
  }
}

function larger(view: DataView<ArrayBuffer>): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(view.byteLength * 4)
  bytes.set(new Uint8Array(view.buffer))
  return new DataView(bytes.buffer)
}

/** True, false or unknown. */
export class FlagColumn implements ColumnWriter {
  readonly type = PARQUET_TYPE.boolean
  readonly required = false
  readonly #pages = new Pages()
  readonly #presence = new Presence()
  #bits: number[] = []
  #count = 0

  add(value: unknown): void {
    const isSaid = typeof value === 'boolean'
    this.#presence.add(isSaid)
    if (!isSaid) return
    const at = this.#count++
    if ((at & 7) === 0) this.#bits.push(0)
    if (value) this.#bits[at >> 3] = (this.#bits[at >> 3] as number) | (1 << (at & 7))
  }

  addAll(values: readonly unknown[]): void {
    for (let row = 0; row < values.length; row++) this.add(values[row])
  }

  held(): number {
    return this.#bits.length
  }

  finish(): ColumnChunk {
    const { rows, nulls } = this.#presence
    this.#pages.addData(this.#presence.page(Uint8Array.from(this.#bits)), rows, PLAIN, true)
    this.#presence.clear()
    this.#bits = []
    this.#count = 0
    return this.#pages.finish(this.type, nulls, undefined)
  }
}
