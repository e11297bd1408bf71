/** Result of unpacking: text of one character a byte, and whether the limit cut it. */
export interface Inflated {
  readonly text: string
  readonly cut: boolean
}

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
]
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13]
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Raw deflate (RFC 1951) of text that holds one byte a character, at most `limit` bytes of it; undefined when it is no deflate data. */
export function inflateRaw(data: string, start: number, limit: number): Inflated | undefined {
  return new Inflater(data, start, limit).run()
}

/** zlib (RFC 1950), gzip (RFC 1952) or raw deflate, as its first bytes say. */
export function inflateAny(data: string, limit: number): Inflated | undefined {
  const first = data.charCodeAt(0)
  const second = data.charCodeAt(1)
  if (first === 0x1f && second === 0x8b) return inflateRaw(data, gzipHeader(data), limit)
  if ((first & 15) === 8 && ((first << 8) | second) % 31 === 0) return inflateRaw(data, 2, limit)
  return inflateRaw(data, 0, limit)
}

function gzipHeader(data: string): number {
  const flags = data.charCodeAt(3)
  let at = 10
  if (flags & 4) at += 2 + data.charCodeAt(at) + (data.charCodeAt(at + 1) << 8)
  for (const flag of [8, 16]) if (flags & flag) at = data.indexOf('\0', at) + 1 || data.length
  return flags & 2 ? at + 2 : at
}

class Tree {
  readonly counts = new Uint16Array(16)
  readonly symbols: Uint16Array

  constructor(lengths: readonly number[]) {
    this.symbols = new Uint16Array(lengths.length)
    for (const length of lengths) this.counts[length] = (this.counts[length] ?? 0) + 1
    this.counts[0] = 0
    const offsets = new Uint16Array(16)
    for (let i = 1; i < 15; i++) offsets[i + 1] = (offsets[i] ?? 0) + (this.counts[i] ?? 0)
    for (const [symbol, length] of lengths.entries()) {
      if (length === 0) continue
      const at = offsets[length] ?? 0
      this.symbols[at] = symbol
      offsets[length] = at + 1
    }
  }
}

const FIXED_LENGTHS = new Tree(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)))
const FIXED_DISTANCES = new Tree(new Array<number>(30).fill(5))

class Inflater {
  readonly #data: string
  readonly #limit: number
  readonly #out: Uint8Array
  #length = 0
  #at: number
  #bit = 0
  #failed = false

  constructor(data: string, start: number, limit: number) {
    this.#data = data
    this.#at = start
    this.#limit = Math.min(limit, Math.max(4_096, data.length * 1_100))
    this.#out = new Uint8Array(this.#limit)
  }

  run(): Inflated | undefined {
    for (let last = false; !last && !this.#failed && this.#length < this.#limit; ) {
      last = this.#bits(1) === 1
      const type = this.#bits(2)
      if (type === 0) this.#stored()
      else if (type === 1) this.#block(FIXED_LENGTHS, FIXED_DISTANCES)
      else if (type === 2) this.#dynamic()
      else this.#failed = true
    }
    // Data that breaks off after a while still shows what it was made to hide.
    if (this.#length === 0 || (this.#failed && this.#length < 16)) return undefined
    return { text: latin1(this.#out.subarray(0, this.#length)), cut: this.#failed || this.#length >= this.#limit }
  }

  #bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      if (this.#at >= this.#data.length) {
        this.#failed = true
        return 0
      }
      value |= ((this.#data.charCodeAt(this.#at) >> this.#bit) & 1) << i
      if (++this.#bit === 8) {
        this.#bit = 0
        this.#at++
      }
    }
    return value
  }

  #symbol({ counts, symbols }: Tree): number {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= 15; length++) {
      code |= this.#bits(1)
      if (this.#failed) return -1
      const count = counts[length] ?? 0
      if (code - count < first) return symbols[index + (code - first)] ?? -1
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    this.#failed = true
    return -1
  }

  #stored(): void {
    if (this.#bit > 0) {
      this.#bit = 0
      this.#at++
    }
    const length = this.#data.charCodeAt(this.#at) | (this.#data.charCodeAt(this.#at + 1) << 8)
    this.#at += 4
    if (Number.isNaN(length) || this.#at >= this.#data.length) this.#failed = true
    for (let i = 0; i < length && this.#at < this.#data.length && this.#length < this.#limit; i++)
      this.#out[this.#length++] = this.#data.charCodeAt(this.#at++)
  }

  #dynamic(): void {
    const literals = this.#bits(5) + 257
    const distances = this.#bits(5) + 1
    const codes = this.#bits(4) + 4
    const codeLengths = new Array<number>(19).fill(0)
    for (let i = 0; i < codes; i++) codeLengths[CODE_ORDER[i] ?? 0] = this.#bits(3)
    const tree = new Tree(codeLengths)
    const lengths: number[] = []
    while (lengths.length < literals + distances && !this.#failed) {
      const symbol = this.#symbol(tree)
      if (symbol < 0) return
      if (symbol < 16) lengths.push(symbol)
      else {
        const [value, times] =
          symbol === 16 ? [lengths.at(-1) ?? 0, 3 + this.#bits(2)] : [0, symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7)]
        for (let i = 0; i < times; i++) lengths.push(value)
      }
    }
    this.#block(new Tree(lengths.slice(0, literals)), new Tree(lengths.slice(literals, literals + distances)))
  }

  #block(literals: Tree, distances: Tree): void {
    while (!this.#failed && this.#length < this.#limit) {
      const symbol = this.#symbol(literals)
      if (symbol < 0 || symbol === 256) return
      if (symbol < 256) {
        this.#out[this.#length++] = symbol
        continue
      }
      const length = (LENGTH_BASE[symbol - 257] ?? 0) + this.#bits(LENGTH_BITS[symbol - 257] ?? 0)
      const code = this.#symbol(distances)
      const distance = (DISTANCE_BASE[code] ?? 0) + this.#bits(DISTANCE_BITS[code] ?? 0)
      if (distance === 0 || distance > this.#length) {
        this.#failed = true
        return
      }
      for (let i = 0; i < length && this.#length < this.#limit; i++, this.#length++)
        this.#out[this.#length] = this.#out[this.#length - distance] ?? 0
    }
  }
}

/** Bytes as text of one character a byte. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return text
}
