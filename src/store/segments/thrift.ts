/**
 * Writes the compact protocol of Apache Thrift, in which Parquet keeps page headers and the footer:
 * github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. Only what Parquet needs of it.
 */
const STOP = 0
const I32 = 5
const I64 = 6
const BINARY = 8
const LIST = 9
const STRUCT = 12
/** List headers hold sizes below this in one byte. */
const LONG_LIST = 15

export class ThriftWriter {
  readonly #bytes: number[] = []
  /** Field ids are written as the distance to the one before; one level a struct. */
  readonly #lastIds: number[] = [0]

  /** The bytes of a finished top-level struct. */
  finish(): Uint8Array {
    this.#bytes.push(STOP)
    return Uint8Array.from(this.#bytes)
  }

  i32(id: number, value: number): this {
    return this.#field(id, I32).#zigzag(value)
  }

  i64(id: number, value: number): this {
    return this.#field(id, I64).#zigzag(value)
  }

  text(id: number, value: string): this {
    return this.binary(id, Buffer.from(value))
  }

  binary(id: number, value: Uint8Array): this {
    return this.#field(id, BINARY).#plainBinary(value)
  }

  struct(id: number, write: (inside: this) => void): this {
    return this.#field(id, STRUCT).#inside(write)
  }

  i32List(id: number, values: readonly number[]): this {
    this.#list(id, I32, values.length)
    for (const value of values) this.#zigzag(value)
    return this
  }

  textList(id: number, values: readonly string[]): this {
    this.#list(id, BINARY, values.length)
    for (const value of values) this.#plainBinary(Buffer.from(value))
    return this
  }

  structList<Item>(id: number, items: readonly Item[], write: (inside: this, item: Item) => void): this {
    this.#list(id, STRUCT, items.length)
    for (const item of items) this.#inside(inside => write(inside, item))
    return this
  }

  #inside(write: (inside: this) => void): this {
    this.#lastIds.push(0)
    write(this)
    this.#lastIds.pop()
    this.#bytes.push(STOP)
    return this
  }

  #field(id: number, type: number): this {
    const last = this.#lastIds.length - 1
    // Parquet's structs have fewer than sixteen fields, so the distance always fits beside the type.
    this.#bytes.push(((id - (this.#lastIds[last] ?? 0)) << 4) | type)
    this.#lastIds[last] = id
    return this
  }

  #list(id: number, type: number, size: number): void {
    this.#field(id, LIST)
    if (size < LONG_LIST) this.#bytes.push((size << 4) | type)
    else {
      this.#bytes.push((LONG_LIST << 4) | type)
      this.#varint(size)
    }
  }

  #plainBinary(value: Uint8Array): this {
    this.#varint(value.length)
    for (const byte of value) this.#bytes.push(byte)
    return this
  }

  #zigzag(value: number): this {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value)
    return this
  }

  /** Seven bits a byte, lowest first; by division, because sizes of files go beyond 32 bits. */
  #varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#bytes.push((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes.push(rest)
  }
}
