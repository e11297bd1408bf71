import { type ByteSource, type Micros, micros } from '../model/index.ts'

/** Cells lie behind the base block; their offsets count from there. Format: github.com/libyal/libregf, "Windows NT Registry File (REGF) format". */
const BINS = 4096
/** Names and data of one cell; larger values hold programs, which are nothing for us. */
const MAX_VALUE_BYTES = 64 * 1024
/** What is asked of a hive of a large server takes some ten thousand cells; lists that lead to themselves end here. */
const MAX_CELLS = 200_000
const MAX_CELL_BYTES = 256 << 20
/** Lists of lists: the format has one level. */
const MAX_LIST_DEPTH = 3
/** Data larger than this lies in several cells. */
const BIG_DATA_BYTES = 16_344
/** 1601-01-01, where FILETIME begins, to 1970-01-01 in units of 100 ns. */
const UNIX_EPOCH = 116_444_736_000_000_000n
const LATEST = 4_102_444_800_000_000n

/** One value of a key. */
export interface HiveValue {
  /** '' for the default value. */
  readonly name: string
  /** REG_SZ is 1, REG_EXPAND_SZ 2, REG_BINARY 3, REG_DWORD 4, REG_MULTI_SZ 7. */
  readonly type: number
  readonly data: Buffer
}

/** A registry hive (regf), read cell by cell; whatever is broken in it is not there. */
export class Hive {
  readonly #bytes: ByteSource
  #cells = MAX_CELLS
  #room = MAX_CELL_BYTES

  private constructor(bytes: ByteSource) {
    this.#bytes = bytes
  }

  /** The hive; undefined when the bytes do not begin as one. */
  static open(bytes: ByteSource): Hive | undefined {
    const base = Buffer.from(bytes.read(0, 8))
    return base.length === 8 && base.toString('latin1', 0, 4) === 'regf' ? new Hive(bytes) : undefined
  }

  /** Was it written out whole? If not, the latest changes lie in the .LOG1 and .LOG2 beside it. */
  isClean(): boolean {
    const [first, second] = this.#at(4, 8, 2)
    return first === second
  }

  /** When it was last written out. */
  written(): Micros | undefined {
    const head = Buffer.from(this.#bytes.read(12, 8))
    return head.length < 8 ? undefined : fromFileTime(head.readBigUInt64LE(0))
  }

  root(): HiveKey | undefined {
    const [offset = 0] = this.#at(36, 4, 1)
    return this.keyAt(offset)
  }

  /** The key at the end of a path below the root, upper and lower case alike. */
  key(...path: readonly string[]): HiveKey | undefined {
    return path.reduce<HiveKey | undefined>((key, name) => key?.key(name), this.root())
  }

  keyAt(offset: number): HiveKey | undefined {
    const cell = this.cell(offset, 76 + 512)
    return cell.length >= 76 && cell.toString('latin1', 0, 2) === 'nk' ? new HiveKey(this, cell) : undefined
  }

  /** At most `limit` bytes of a cell; none where there is no allocated one. */
  cell(offset: number, limit: number): Buffer {
    if (this.#cells-- <= 0 || this.#room <= 0 || offset >= 0x7fff_ffff) return Buffer.alloc(0)
    const at = BINS + offset
    const head = Buffer.from(this.#bytes.read(at, 4))
    const size = head.length < 4 ? 0 : -head.readInt32LE(0) - 4
    if (size <= 0) return Buffer.alloc(0)
    const content = Buffer.from(this.#bytes.read(at + 4, Math.min(size, limit)))
    this.#room -= content.length
    return content
  }

  #at(offset: number, bytes: number, count: number): readonly number[] {
    const head = Buffer.from(this.#bytes.read(offset, bytes))
    return head.length < bytes ? [] : Array.from({ length: count }, (_, index) => head.readUInt32LE(index * 4))
  }
}

/** One key of a hive. */
export class HiveKey {
  readonly #hive: Hive
  readonly #cell: Buffer

  constructor(hive: Hive, cell: Buffer) {
    this.#hive = hive
    this.#cell = cell
  }

  get name(): string {
    return nameAt(this.#cell, 76, this.#cell.readUInt16LE(72), (this.#cell.readUInt16LE(2) & 0x20) !== 0)
  }

  /** When the key itself, one of its values, or the list of its keys was last changed. */
  get changed(): Micros | undefined {
    return fromFileTime(this.#cell.readBigUInt64LE(4))
  }

  *keys(): Generator<HiveKey> {
    const count = this.#cell.readUInt32LE(20)
    if (count > 0) yield* this.#listed(this.#cell.readUInt32LE(28), 0)
  }

  *#listed(offset: number, depth: number): Generator<HiveKey> {
    const list = this.#hive.cell(offset, 4 + 0xffff * 8)
    if (list.length < 4) return
    const kind = list.toString('latin1', 0, 2)
    const step = kind === 'lf' || kind === 'lh' ? 8 : kind === 'li' || kind === 'ri' ? 4 : 0
    const count = list.readUInt16LE(2)
    for (let index = 0; step > 0 && index < count && 8 + index * step <= list.length; index++) {
      const at = list.readUInt32LE(4 + index * step)
      if (kind !== 'ri') {
        const key = this.#hive.keyAt(at)
        if (key) yield key
      } else if (depth < MAX_LIST_DEPTH) yield* this.#listed(at, depth + 1)
    }
  }

  key(name: string): HiveKey | undefined {
    const wanted = name.toLowerCase()
    for (const key of this.keys()) if (key.name.toLowerCase() === wanted) return key
    return undefined
  }

  *values(): Generator<HiveValue> {
    const count = this.#cell.readUInt32LE(36)
    if (count === 0) return
    const list = this.#hive.cell(this.#cell.readUInt32LE(40), Math.min(count * 4, 4 * 0xffff))
    for (let at = 0; at + 4 <= list.length; at += 4) {
      const value = this.#value(list.readUInt32LE(at))
      if (value) yield value
    }
  }

  value(name: string): HiveValue | undefined {
    const wanted = name.toLowerCase()
    for (const value of this.values()) if (value.name.toLowerCase() === wanted) return value
    return undefined
  }

  #value(offset: number): HiveValue | undefined {
    const cell = this.#hive.cell(offset, 20 + 32_768)
    if (cell.length < 20 || cell.toString('latin1', 0, 2) !== 'vk') return undefined
    const size = cell.readUInt32LE(4)
    // The highest bit says that the data lie where their offset would.
    const data =
      size >= 0x8000_0000
        ? cell.subarray(8, 8 + Math.min(4, size - 0x8000_0000))
        : this.#data(cell.readUInt32LE(8), Math.min(size, MAX_VALUE_BYTES))
    const name = nameAt(cell, 20, cell.readUInt16LE(2), (cell.readUInt16LE(16) & 1) !== 0)
    return { name, type: cell.readUInt32LE(12), data: Buffer.from(data) }
  }

  #data(offset: number, size: number): Buffer {
    if (size <= BIG_DATA_BYTES) return this.#hive.cell(offset, size)
    const head = this.#hive.cell(offset, 8)
    if (head.length < 8 || head.toString('latin1', 0, 2) !== 'db') return this.#hive.cell(offset, size)
    const list = this.#hive.cell(head.readUInt32LE(4), head.readUInt16LE(2) * 4)
    const pieces: Buffer[] = []
    for (let at = 0; at + 4 <= list.length && pieces.length * BIG_DATA_BYTES < size; at += 4)
      pieces.push(this.#hive.cell(list.readUInt32LE(at), BIG_DATA_BYTES))
    return Buffer.concat(pieces).subarray(0, size)
  }
}

/** The text of REG_SZ, REG_EXPAND_SZ and the first of REG_MULTI_SZ, up to its NUL: what follows is left over from a longer value. */
export function hiveText(value: HiveValue | undefined): string {
  if (value === undefined || ![1, 2, 7].includes(value.type)) return ''
  const text = value.data.subarray(0, value.data.length & ~1).toString('utf16le')
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/** The number of a REG_DWORD, signed. */
export function hiveNumber(value: HiveValue | undefined): number | undefined {
  return value?.type === 4 && value.data.length >= 4 ? value.data.readInt32LE(0) : undefined
}

function nameAt(cell: Buffer, at: number, length: number, isLatin1: boolean): string {
  const bytes = cell.subarray(at, at + length)
  return isLatin1 ? bytes.toString('latin1') : bytes.subarray(0, bytes.length & ~1).toString('utf16le')
}

function fromFileTime(time: bigint): Micros | undefined {
  const unix = (time - UNIX_EPOCH) / 10n
  return unix > 0n && unix < LATEST ? micros(Number(unix)) : undefined
}
