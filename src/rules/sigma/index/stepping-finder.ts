import { type AtomSink, type Finder, tellPlaced, type WantedLiteral } from './finder.ts'

/** Shorter literals leave no room for steps that are worth it. */
const LEAST_LENGTH = 8
/** From this length on windows of eight letters leave room for long steps; hashes have so many windows of four that all occur. */
const LONG_LENGTH = 24
const MAX_STEP = 16

/** Can these literals be found without looking at every letter? They must be long and ASCII. */
export function areStepped(wanted: readonly WantedLiteral[]): boolean {
  return wanted.length > 0 && wanted.every(({ literal }) => literal.length >= LEAST_LENGTH && !/[^\0-\x7f]/.test(literal))
}

/** Ints of an entry: hash of the window, where it begins in the literal, begin and length of the literal in the pool, the atoms, next entry. */
const ENTRY = 9
const BEFORE = 1
const BEGIN = 2
const LENGTH = 3
const ATOMS = 4
const NEXT = 8

const BITS_A_WINDOW = 24
const SHARE_SHIFT = 4

const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte))
const spread = (hash: number, shift: number) => Math.imul(hash, 0x9e3779b1) >>> shift
const joined = (first: number, second: number) => Math.imul(first, 0x85ebca6b) ^ second

/**
 * Finds long literals by looking at a few windows of a value only: of a literal of length n every window that begins at a multiple of
 * the step lies inside it once, wherever it stands, when the step is at most n less the window's length. Each literal is therefore known
 * by a window for every distance its beginning can have from the next multiple. Letters between the windows are not looked at, also
 * not whether they are ASCII: folding makes no ASCII letter of another one.
 */
export class SteppingFinder implements Finder {
  readonly #window: number
  readonly #step: number
  readonly #bits: Uint32Array
  readonly #shift: number
  readonly #heads: Int32Array
  readonly #entries: Int32Array
  readonly #pool: Uint8Array

  constructor(wanted: readonly WantedLiteral[]) {
    const shortest = Math.min(...wanted.map(({ literal }) => literal.length))
    this.#window = shortest >= LONG_LENGTH ? 8 : 4
    this.#step = Math.min(MAX_STEP, shortest - this.#window + 1)
    const pool: number[] = []
    // Entry 0 stays empty: 0 ends a list.
    const entries: number[] = new Array(ENTRY).fill(0)
    for (const { literal, atoms } of wanted) {
      const begin = pool.length
      for (let index = 0; index < literal.length; index++) pool.push(literal.charCodeAt(index))
      for (let before = 0; before < this.#step; before++)
        entries.push(this.#hashOf(literal, before), before, begin, literal.length, ...atoms, 0)
    }
    this.#entries = Int32Array.from(entries)
    this.#pool = Uint8Array.from(pool)
    const windows = this.#entries.length / ENTRY - 1
    const size = 2 ** Math.max(8, Math.ceil(Math.log2(windows * BITS_A_WINDOW + 1)))
    this.#bits = new Uint32Array(size / 32)
    this.#shift = 32 - Math.log2(size)
    this.#heads = new Int32Array(size >> SHARE_SHIFT)
    for (let entry = ENTRY; entry < this.#entries.length; entry += ENTRY) this.#add(entry)
  }

  get size(): number {
    return this.#bits.byteLength + this.#heads.byteLength + this.#entries.byteLength + this.#pool.byteLength
  }

  #add(entry: number): void {
    const at = spread(this.#entries[entry] as number, this.#shift)
    this.#bits[at >>> 5] = (this.#bits[at >>> 5] as number) | (1 << (at & 31))
    this.#entries[entry + NEXT] = this.#heads[at >>> SHARE_SHIFT] as number
    this.#heads[at >>> SHARE_SHIFT] = entry
  }

  #hashOf(text: string, begin: number): number {
    const first = gramOf(text, begin)
    return this.#window === 4 ? first : joined(first, gramOf(text, begin + 4))
  }

  scanBytes(bytes: Uint8Array, at: number, length: number, sink: AtomSink): boolean {
    const bits = this.#bits
    const shift = this.#shift
    const step = this.#step
    const isLong = this.#window === 8
    const last = length - this.#window
    for (let begin = 0; begin <= last; begin += step) {
      let hash = gramAt(bytes, at + 2 * begin)
      if (isLong) hash = joined(hash, gramAt(bytes, at + 2 * begin + 8))
      const here = spread(hash, shift)
      if ((((bits[here >>> 5] as number) >>> (here & 31)) & 1) !== 0) this.#compare(here, hash, bytes, at, begin, length, sink)
    }
    return true
  }

  #compare(here: number, hash: number, bytes: Uint8Array, at: number, begin: number, length: number, sink: AtomSink): void {
    const entries = this.#entries
    const pool = this.#pool
    for (let entry = this.#heads[here >>> SHARE_SHIFT] as number; entry !== 0; entry = entries[entry + NEXT] as number) {
      if (entries[entry] !== hash) continue
      const start = begin - (entries[entry + BEFORE] as number)
      const size = entries[entry + LENGTH] as number
      if (start < 0 || start + size > length) continue
      const letters = entries[entry + BEGIN] as number
      let index = 0
      for (let from = at + 2 * start; index < size; index++, from += 2)
        if (FOLD[bytes[from] as number] !== pool[letters + index] || bytes[from + 1] !== 0) break
      if (index === size) tellPlaced(entries, entry + ATOMS, start === 0, start + size === length, sink)
    }
  }

  scanText(text: string, sink: AtomSink): void {
    for (let begin = 0; begin + this.#window <= text.length; begin += this.#step) {
      const hash = this.#hashOf(text, begin)
      const here = spread(hash, this.#shift)
      if ((((this.#bits[here >>> 5] as number) >>> (here & 31)) & 1) !== 0) this.#compareText(here, hash, text, begin, sink)
    }
  }

  #compareText(here: number, hash: number, text: string, begin: number, sink: AtomSink): void {
    const entries = this.#entries
    const pool = this.#pool
    for (let entry = this.#heads[here >>> SHARE_SHIFT] as number; entry !== 0; entry = entries[entry + NEXT] as number) {
      if (entries[entry] !== hash) continue
      const start = begin - (entries[entry + BEFORE] as number)
      const size = entries[entry + LENGTH] as number
      if (start < 0 || start + size > text.length) continue
      const letters = entries[entry + BEGIN] as number
      let index = 0
      while (index < size && foldUnit(text.charCodeAt(start + index)) === pool[letters + index]) index++
      if (index === size) tellPlaced(entries, entry + ATOMS, start === 0, start + size === text.length, sink)
    }
  }
}

const foldUnit = (unit: number) => (unit < 128 ? (FOLD[unit] as number) : unit)

/** Four letters as one number; letters that are not ASCII are left for the comparison to refuse. */
function gramOf(text: string, begin: number): number {
  return (
    ((FOLD[text.charCodeAt(begin) & 0xff] as number) << 24) |
    ((FOLD[text.charCodeAt(begin + 1) & 0xff] as number) << 16) |
    ((FOLD[text.charCodeAt(begin + 2) & 0xff] as number) << 8) |
    (FOLD[text.charCodeAt(begin + 3) & 0xff] as number)
  )
}

function gramAt(bytes: Uint8Array, at: number): number {
  return (
    ((FOLD[bytes[at] as number] as number) << 24) |
    ((FOLD[bytes[at + 2] as number] as number) << 16) |
    ((FOLD[bytes[at + 4] as number] as number) << 8) |
    (FOLD[bytes[at + 6] as number] as number)
  )
}
