/** The LZMA2 decoder of .xz files (tukaani.org/xz/xz-file-format.txt, and the public domain "LZMA specification" of Igor Pavlov). */

const MATCH = 0
const REP = MATCH + (12 << 4)
const REP_G0 = REP + 12
const REP_G1 = REP_G0 + 12
const REP_G2 = REP_G1 + 12
const REP0_LONG = REP_G2 + 12
const SLOT = REP0_LONG + (12 << 4)
const SPECIAL = SLOT + 4 * 64
const ALIGN = SPECIAL + 115
const LENGTH = ALIGN + 16
const LENGTH_SIZE = 2 + 128 + 128 + 256
const REP_LENGTH = LENGTH + LENGTH_SIZE
const LITERAL = REP_LENGTH + LENGTH_SIZE
const HALF = 1024

/** Thrown within this file for data that no encoder writes; the one who calls makes a sentence of it. */
export class Lzma2Error extends Error {}

/** Decodes chunk after chunk; the window of what was written last lives as long as the decoder. */
export class Lzma2Decoder {
  readonly #window: Uint8Array
  #at = 0
  /** Bytes since the window was emptied. */
  #total = 0
  #probabilities = new Uint16Array(0)
  #literalBits = 0
  #literalMask = 0
  #positionMask = 0
  #state = 0
  #distances: [number, number, number, number] = [0, 0, 0, 0]
  #range = 0
  #code = 0
  #input: Uint8Array = new Uint8Array(0)
  #read = 0
  #out: Uint8Array = new Uint8Array(0)
  #written = 0

  constructor(windowBytes: number) {
    this.#window = new Uint8Array(windowBytes)
  }

  /** Bytes that were not packed. */
  copy(bytes: Uint8Array, isReset: boolean): void {
    if (isReset) this.#total = 0
    for (const byte of bytes) this.#keep(byte)
  }

  /** A packed chunk: what it resets (0 nothing, 1 the state, 2 and the properties, 3 and the window), its bytes, and how many it holds. */
  decode(resets: number, properties: number, input: Uint8Array, size: number): Uint8Array {
    if (resets === 3) this.#total = 0
    if (resets >= 2) this.#setProperties(properties)
    if (this.#probabilities.length === 0 || input.length < 5) throw new Lzma2Error('a chunk lacks its properties')
    if (resets >= 1) this.#resetState()
    this.#input = input
    this.#read = 5
    this.#range = 0xffffffff
    this.#code = ((input[1] ?? 0) * 0x1000000 + ((input[2] ?? 0) << 16) + ((input[3] ?? 0) << 8) + (input[4] ?? 0)) >>> 0
    this.#out = new Uint8Array(size)
    this.#written = 0
    while (this.#written < size) this.#symbol(size)
    if (this.#read > input.length) throw new Lzma2Error('a chunk is shorter than what it holds')
    return this.#out
  }

  #setProperties(properties: number): void {
    const literalBits = properties % 9
    const literalPosition = Math.floor(properties / 9) % 5
    const position = Math.floor(properties / 45)
    if (position > 4 || literalBits + literalPosition > 4) throw new Lzma2Error('impossible properties')
    this.#literalBits = literalBits
    this.#literalMask = (1 << literalPosition) - 1
    this.#positionMask = (1 << position) - 1
    this.#probabilities = new Uint16Array(LITERAL + (0x300 << (literalBits + literalPosition)))
  }

  #resetState(): void {
    this.#probabilities.fill(HALF)
    this.#state = 0
    this.#distances = [0, 0, 0, 0]
  }

  #keep(byte: number): void {
    this.#window[this.#at] = byte
    this.#at = this.#at + 1 === this.#window.length ? 0 : this.#at + 1
    this.#total++
  }

  #put(byte: number): void {
    this.#out[this.#written++] = byte
    this.#keep(byte)
  }

  #back(distance: number): number {
    const at = this.#at - distance - 1
    return this.#window[at < 0 ? at + this.#window.length : at] ?? 0
  }

  #bit(index: number): number {
    const probability = this.#probabilities[index] ?? HALF
    const bound = (this.#range >>> 11) * probability
    let bit = 0
    if (this.#code < bound) {
      this.#range = bound
      this.#probabilities[index] = probability + ((2048 - probability) >> 5)
    } else {
      this.#code -= bound
      this.#range -= bound
      this.#probabilities[index] = probability - (probability >> 5)
      bit = 1
    }
    if (this.#range < 0x1000000) this.#normalise()
    return bit
  }

  #normalise(): void {
    this.#range *= 256
    this.#code = this.#code * 256 + (this.#input[this.#read++] ?? 0)
  }

  #tree(base: number, bits: number): number {
    let node = 1
    for (let i = 0; i < bits; i++) node = (node << 1) | this.#bit(base + node)
    return node - (1 << bits)
  }

  #reverseTree(base: number, bits: number): number {
    let node = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + node)
      node = (node << 1) | bit
      value |= bit << i
    }
    return value
  }

  #symbol(size: number): void {
    const position = this.#total & this.#positionMask
    const state = this.#state
    if (this.#bit(MATCH + (state << 4) + position) === 0) {
      this.#literal()
      return
    }
    let length: number
    if (this.#bit(REP + state) === 1) {
      if (this.#total === 0) throw new Lzma2Error('a repetition of nothing')
      if (this.#bit(REP_G0 + state) === 0) {
        if (this.#bit(REP0_LONG + (state << 4) + position) === 0) {
          this.#state = state < 7 ? 9 : 11
          this.#checkDistance()
          this.#put(this.#back(this.#distances[0]))
          return
        }
      } else this.#takeEarlierDistance(state)
      length = this.#length(REP_LENGTH, position)
      this.#state = state < 7 ? 8 : 11
    } else {
      const [first, second, third] = this.#distances
      length = this.#length(LENGTH, position)
      this.#state = state < 7 ? 7 : 10
      this.#distances = [this.#distance(length), first, second, third]
    }
    this.#checkDistance()
    if (this.#written + length + 2 > size) throw new Lzma2Error('a repetition goes beyond its chunk')
    const distance = this.#distances[0]
    for (let i = 0; i < length + 2; i++) this.#put(this.#back(distance))
  }

  #checkDistance(): void {
    const distance = this.#distances[0]
    if (distance >= this.#total || distance >= this.#window.length) throw new Lzma2Error('a repetition of what was never there')
  }

  #takeEarlierDistance(state: number): void {
    const [first, second, third, fourth] = this.#distances
    if (this.#bit(REP_G1 + state) === 0) this.#distances = [second, first, third, fourth]
    else if (this.#bit(REP_G2 + state) === 0) this.#distances = [third, first, second, fourth]
    else this.#distances = [fourth, first, second, third]
  }

  #literal(): void {
    const before = this.#total === 0 ? 0 : this.#back(0)
    const context = ((this.#total & this.#literalMask) << this.#literalBits) + (before >> (8 - this.#literalBits))
    const base = LITERAL + 0x300 * context
    let node = 1
    if (this.#state >= 7) {
      this.#checkDistance()
      let match = this.#back(this.#distances[0])
      let offset = 0x100
      do {
        match <<= 1
        const expected = match & offset
        const bit = this.#bit(base + offset + expected + node)
        node = (node << 1) | bit
        offset &= bit === 1 ? expected : ~expected
      } while (node < 0x100)
    } else while (node < 0x100) node = (node << 1) | this.#bit(base + node)
    this.#put(node & 0xff)
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
  }

  /** Two less than the length. */
  #length(base: number, position: number): number {
    if (this.#bit(base) === 0) return this.#tree(base + 2 + position * 8, 3)
    if (this.#bit(base + 1) === 0) return 8 + this.#tree(base + 130 + position * 8, 3)
    return 16 + this.#tree(base + 258, 8)
  }

  #distance(length: number): number {
    const slot = this.#tree(SLOT + Math.min(length, 3) * 64, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const begin = ((2 | (slot & 1)) << bits) >>> 0
    if (slot < 14) return begin + this.#reverseTree(SPECIAL + begin - slot, bits)
    let direct = 0
    for (let i = 0; i < bits - 4; i++) {
      this.#range = Math.floor(this.#range / 2)
      const bit = this.#code >= this.#range ? 1 : 0
      if (bit === 1) this.#code -= this.#range
      direct = direct * 2 + bit
      if (this.#range < 0x1000000) this.#normalise()
    }
    return begin + direct * 16 + this.#reverseTree(ALIGN, 4)
  }
}
