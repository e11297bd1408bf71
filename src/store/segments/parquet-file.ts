import { closeSync, openSync, writeSync } from 'node:fs'
import type { ColumnType } from '../../model/index.ts'
import { type ColumnChunk, type ColumnWriter, FlagColumn, IntColumn, RealColumn } from './column.ts'
import { OriginalColumn, TextColumn } from './text-column.ts'
import { ThriftWriter } from './thrift.ts'

/** Rows in one row group: as many as engines read at once on one thread. */
const ROW_GROUP_ROWS = 40_960
/** A row group of wide rows ends when so much packed text is held, which bounds the memory whatever the rows. */
const ROW_GROUP_BYTES = 16 << 20

const MAGIC = Buffer.from('PAR1')
const REQUIRED = 0
const OPTIONAL = 1
/** Converted type of text. */
const UTF8 = 0

/** One column of a table; `original` is the text of the record itself. */
export interface Column {
  readonly name: string
  readonly type: ColumnType | 'original'
}

interface PlacedChunk {
  readonly column: Column
  readonly chunk: ColumnChunk
  readonly offset: number
}

interface RowGroup {
  readonly rows: number
  readonly chunks: readonly PlacedChunk[]
}

/**
 * A Parquet file (github.com/apache/parquet-format), written column by column while the rows come in: no engine, no spool file and no
 * text form of numbers in between. Rows are added by adding one value to every column and then calling `endRow`.
 */
export class ParquetFile {
  readonly columns: readonly ColumnWriter[]
  readonly #file: string
  readonly #described: readonly Column[]
  readonly #groups: RowGroup[] = []
  #descriptor: number | undefined
  #bytes = 0
  #rows = 0
  #groupRows = 0

  constructor(file: string, columns: readonly Column[]) {
    this.#file = file
    this.#described = columns
    this.columns = columns.map(({ type }) => columnWriter(type))
  }

  get rows(): number {
    return this.#rows
  }

  endRow(): void {
    this.#rows += 1
    this.#groupRows += 1
    // Adding up what is held is worth its time every few rows only.
    if (this.#groupRows >= ROW_GROUP_ROWS || ((this.#groupRows & 63) === 0 && this.#held() > ROW_GROUP_BYTES)) this.#endGroup()
  }

  /** The same for several rows; few enough of them that a row group may hold so many more. */
  endRows(count: number): void {
    this.#rows += count
    this.#groupRows += count
    if (this.#groupRows >= ROW_GROUP_ROWS || this.#held() > ROW_GROUP_BYTES) this.#endGroup()
  }

  /** The open file, for waiting until it is on the disk. */
  get descriptor(): number {
    if (this.#descriptor === undefined) {
      this.#descriptor = openSync(this.#file, 'w')
      this.#write(MAGIC)
    }
    return this.#descriptor
  }

  /** Writes what is left and the footer; returns the file's size. It stays open. */
  finish(): number {
    if (this.#groupRows > 0) this.#endGroup()
    const footer = this.#footer()
    const length = Buffer.alloc(4)
    length.writeUInt32LE(footer.length)
    this.#write(Buffer.concat([footer, length, MAGIC]))
    return this.#bytes
  }

  /** Harmless when called again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #held(): number {
    let held = 0
    for (const column of this.columns) held += column.held()
    return held
  }

  #endGroup(): void {
    const chunks: PlacedChunk[] = []
    const pieces: Uint8Array[] = []
    let offset = Math.max(this.#bytes, MAGIC.length)
    this.columns.forEach((writer, index) => {
      const chunk = writer.finish()
      chunks.push({ column: this.#described[index] as Column, chunk, offset })
      pieces.push(...chunk.pages)
      offset += chunk.packedBytes
    })
    this.#write(Buffer.concat(pieces))
    this.#groups.push({ rows: this.#groupRows, chunks })
    this.#groupRows = 0
  }

  #write(bytes: Uint8Array): void {
    const { descriptor } = this
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written)
    this.#bytes += bytes.length
  }

  #footer(): Uint8Array {
    const root = { name: 'schema', children: this.#described.length }
    const schema = [root, ...this.#described.map((column, index) => ({ ...column, writer: this.columns[index] as ColumnWriter }))]
    return new ThriftWriter()
      .i32(1, 1)
      .structList(2, schema, (to, element) => {
        if ('children' in element) to.text(4, element.name).i32(5, element.children)
        else {
          to.i32(1, element.writer.type)
            .i32(3, element.writer.required ? REQUIRED : OPTIONAL)
            .text(4, element.name)
          if (element.type === 'text' || element.type === 'original') to.i32(6, UTF8)
        }
      })
      .i64(3, this.#rows)
      .structList(4, this.#groups, (to, group) => {
        to.structList(1, group.chunks, (one, placed) => one.i64(2, placed.offset).struct(3, meta => describeChunk(meta, placed)))
          .i64(
            2,
            sum(group.chunks, ({ chunk }) => chunk.plainBytes),
          )
          .i64(3, group.rows)
      })
      .text(6, 'barograph')
      .finish()
  }
}

function describeChunk(to: ThriftWriter, { column, chunk, offset }: PlacedChunk): void {
  to.i32(1, chunk.type)
    .i32List(2, chunk.encodings)
    .textList(3, [column.name])
    .i32(4, chunk.codec)
    .i64(5, chunk.values)
    .i64(6, chunk.plainBytes)
    .i64(7, chunk.packedBytes)
    .i64(9, offset + chunk.dictionaryBytes)
  if (chunk.hasDictionary) to.i64(11, offset)
  const { bounds, nulls } = chunk
  to.struct(12, statistics => {
    statistics.i64(3, nulls)
    if (bounds) statistics.binary(5, bounds.greatest).binary(6, bounds.least)
  })
}

function columnWriter(type: Column['type']): ColumnWriter {
  switch (type) {
    case 'text':
      return new TextColumn()
    case 'original':
      return new OriginalColumn()
    case 'int':
      return new IntColumn()
    case 'real':
      return new RealColumn()
    case 'flag':
      return new FlagColumn()
    default:
      return type satisfies never
  }
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
