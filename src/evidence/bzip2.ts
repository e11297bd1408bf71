import { closeSync, openSync, readSync } from 'node:fs'

/** Blocks say their own size in units of this. */
const BLOCK_UNIT = 100_000
const BLOCK_MAGIC = [0x314159, 0x265359] as const
const END_MAGIC = [0x177245, 0x385090] as const
const GROUP_SYMBOLS = 50
/** Code lengths of the reference program end at 17, those of the format at 20. */
const MAX_CODE_LENGTH = 20
const CHUNK_BYTES = 1 << 18

/** What is wrong with the file, in words for its reader. */
class Bzip2Problem extends Error {}

/** Bits of a file, the highest of each byte first. */
class Bits {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafe(1 << 18)
  #filled = 0
  #at = 0
  #held = 0
  #count = 0

  constructor(file: string) {
    this.#fd = openSync(file, 'r')
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** The next byte of the file; -1 at its end. */
  #byte(): number {
    if (this.#at === this.#filled) {
      this.#filled = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null)
      this.#at = 0
      if (this.#filled === 0) return -1
    }
    return this.#buffer[this.#at++] ?? 0
  }

  /** The next bits as a number, 24 at most. */
  take(bits: number): number {
    while (this.#count < bits) {
      const byte = this.#byte()
      if (byte < 0) throw new Bzip2Problem('the compressed data ends early')
      this.#held = ((this.#held & 0xffffff) << 8) | byte
      this.#count += 8
    }
    this.#count -= bits
    return (this.#held >>> this.#count) & ((1 << bits) - 1)
  }

  /** A whole byte at a byte's border; -1 at the end of the file. What is left of the last byte is passed over. */
  alignedByte(): number {
    this.#count -= this.#count % 8
    return this.#count > 0 ? this.take(8) : this.#byte()
  }

  number32(): number {
    return this.take(16) * 0x10000 + this.take(16)
  }
}

/**
 * All streams of a bzip2 file, one after the other; returns what was wrong, '' when nothing was. The format has no specification of its
 * author; it is told in github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf. Written here because Node has no decoder of it.
 */
export async function* inflateBzip2(file: string): AsyncGenerator<Buffer, string> {
  const bits = new Bits(file)
  try {
    for (let streams = 0; ; streams++) {
      const size = beginsStream(bits, streams > 0)
      if (size === 0) return ''
      yield* stream(bits, size)
    }
  } catch (error) {
    if (error instanceof Bzip2Problem) return error.message
    throw error
  } finally {
    bits.close()
  }
}

/** Bytes of a block of the stream that begins here; 0 at the end of the file. */
function beginsStream(bits: Bits, isLater: boolean): number {
  let first = bits.alignedByte()
  // Tapes and careless copies pad with zeros.
  while (isLater && first === 0) first = bits.alignedByte()
  if (isLater && first < 0) return 0
  const level = first === 0x42 && bits.take(8) === 0x5a && bits.take(8) === 0x68 ? bits.take(8) - 0x30 : 0
  if (level < 1 || level > 9) throw new Bzip2Problem(isLater ? 'other data follows the last stream' : 'no stream begins here')
  return level * BLOCK_UNIT
}

async function* stream(bits: Bits, blockBytes: number): AsyncGenerator<Buffer, void> {
  const links = new Uint32Array(blockBytes)
  let all = 0
  for (;;) {
    const [high, low] = [bits.take(24), bits.take(24)]
    const said = bits.number32()
    if (high === END_MAGIC[0] && low === END_MAGIC[1]) {
      if (said !== all) throw new Bzip2Problem('the checksum does not match')
      return
    }
    if (high !== BLOCK_MAGIC[0] || low !== BLOCK_MAGIC[1]) throw new Bzip2Problem('no block begins where one should')
    const block = new Block(bits, links)
    for (let chunk = block.next(); chunk; chunk = block.next()) yield chunk
    if (block.checksum !== said) throw new Bzip2Problem('the checksum of a block does not match')
    all = (((all << 1) | (all >>> 31)) ^ said) >>> 0
  }
}

/** One block: its bytes stand in the order of what follows them (Burrows-Wheeler), and are walked along the links between them. */
class Block {
  readonly #links: Uint32Array
  #place: number
  #left: number
  #crc = 0xffffffff
  /** Bytes of one kind in a row so far; after four of them a byte says how many more follow. */
  #run = 0
  #last = -1
  /** Repetitions that did not fit into the chunk before. */
  #more = 0

  constructor(bits: Bits, links: Uint32Array) {
    if (bits.take(1) === 1) throw new Bzip2Problem('it is packed in a way that is not read (randomised blocks, before 1997)')
    const origin = bits.take(24)
    this.#left = readSymbols(bits, links)
    if (origin >= this.#left) throw new Bzip2Problem('a block begins outside of itself')
    this.#links = links
    this.#place = (links[origin] ?? 0) >>> 8
  }

  get checksum(): number {
    return ~this.#crc >>> 0
  }

  /** The next bytes; undefined after the last ones. */
  next(): Buffer | undefined {
    if (this.#left === 0 && this.#more === 0) return undefined
    const out = Buffer.allocUnsafe(CHUNK_BYTES)
    let at = 0
    while (at < CHUNK_BYTES) {
      if (this.#more > 0) {
        const count = Math.min(this.#more, CHUNK_BYTES - at)
        for (let i = 0; i < count; i++) out[at++] = this.#last
        this.#more -= count
      } else if (this.#left > 0) {
        const byte = this.#step()
        if (this.#run === 4) {
          this.#more = byte
          this.#run = 0
        } else {
          this.#run = byte === this.#last ? this.#run + 1 : 1
          this.#last = byte
          out[at++] = byte
        }
      } else break
    }
    const chunk = out.subarray(0, at)
    this.#crc = crcOf(chunk, this.#crc)
    return chunk
  }

  #step(): number {
    const link = this.#links[this.#place] ?? 0
    this.#place = link >>> 8
    this.#left--
    return link & 0xff
  }
}

/** Reads the symbols of a block and links each byte to the one that follows it; gives their number. */
function readSymbols(bits: Bits, links: Uint32Array): number {
  const alphabet = usedBytes(bits)
  if (alphabet.length === 0) throw new Bzip2Problem('a block without bytes')
  const groups = bits.take(3)
  const selectorCount = bits.take(15)
  if (groups < 2 || groups > 6 || selectorCount === 0) throw new Bzip2Problem('impossible tables')
  const selectors = readSelectors(bits, groups, selectorCount)
  const codes = Array.from({ length: groups }, () => new Code(readLengths(bits, alphabet.length + 2)))
  const end = alphabet.length + 1
  const counts = new Uint32Array(256)
  let count = 0
  let run = 0
  let weight = 1
  for (let at = 0; ; at++) {
    const code = codes[selectors[Math.floor(at / GROUP_SYMBOLS)] ?? groups]
    if (!code) throw new Bzip2Problem('a block has more symbols than it says')
    const symbol = code.next(bits)
    if (symbol <= 1) {
      // Runs are numbers in base two whose digits are one and two.
      run += weight << symbol
      weight *= 2
      if (run > links.length) throw new Bzip2Problem('a block holds more than it may')
      continue
    }
    if (run > 0) {
      if (count + run > links.length) throw new Bzip2Problem('a block holds more than it may')
      const byte = alphabet[0] ?? 0
      links.fill(byte, count, count + run)
      counts[byte] = (counts[byte] ?? 0) + run
      count += run
      run = 0
      weight = 1
    }
    if (symbol === end) break
    if (count >= links.length) throw new Bzip2Problem('a block holds more than it may')
    const byte = alphabet[symbol - 1] ?? 0
    alphabet.copyWithin(1, 0, symbol - 1)
    alphabet[0] = byte
    links[count++] = byte
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  linkBytes(links, counts, count)
  return count
}

function linkBytes(links: Uint32Array, counts: Uint32Array, count: number): void {
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    const own = counts[byte] ?? 0
    counts[byte] = sum
    sum += own
  }
  for (let i = 0; i < count; i++) {
    const byte = (links[i] ?? 0) & 0xff
    const place = counts[byte] ?? 0
    links[place] = ((links[place] ?? 0) | (i << 8)) >>> 0
    counts[byte] = place + 1
  }
}

/** The bytes that occur in a block: a bit for each range of sixteen that has any, then a bit for each byte. */
function usedBytes(bits: Bits): Uint8Array {
  const ranges = bits.take(16)
  const used: number[] = []
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue
    const map = bits.take(16)
    for (let i = 0; i < 16; i++) if ((map & (0x8000 >> i)) !== 0) used.push(range * 16 + i)
  }
  return Uint8Array.from(used)
}

/** Which code each group of symbols is written in, by its place in a list of those used last. */
function readSelectors(bits: Bits, groups: number, count: number): Uint8Array {
  const order = Array.from({ length: groups }, (_, index) => index)
  return Uint8Array.from({ length: count }, () => {
    let place = 0
    while (bits.take(1) === 1) if (++place >= groups) throw new Bzip2Problem('impossible tables')
    const [group = 0] = order.splice(place, 1)
    order.unshift(group)
    return group
  })
}

/** Lengths of the codes of all symbols, each told by its difference to the one before. */
function readLengths(bits: Bits, symbols: number): Uint8Array {
  let length = bits.take(5)
  return Uint8Array.from({ length: symbols }, () => {
    for (;;) {
      if (length < 1 || length > MAX_CODE_LENGTH) throw new Bzip2Problem('impossible tables')
      if (bits.take(1) === 0) return length
      length += bits.take(1) === 0 ? 1 : -1
    }
  })
}

/** A canonical prefix code. */
class Code {
  /** For each length the first number that is longer, and what to take from a number to have the place of its symbol. */
  readonly #limits = new Int32Array(MAX_CODE_LENGTH + 1)
  readonly #bases = new Int32Array(MAX_CODE_LENGTH + 1)
  readonly #symbols: Uint16Array
  readonly #shortest: number

  constructor(lengths: Uint8Array) {
    const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b)
    this.#symbols = Uint16Array.from(order)
    this.#shortest = lengths[order[0] ?? 0] ?? 1
    let number = 0
    let place = 0
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      const own = order.filter(symbol => lengths[symbol] === length).length
      this.#bases[length] = number - place
      number += own
      place += own
      this.#limits[length] = number
      number *= 2
    }
  }

  next(bits: Bits): number {
    let length = this.#shortest
    let number = bits.take(length)
    while (number >= (this.#limits[length] ?? 0)) {
      if (++length > MAX_CODE_LENGTH) throw new Bzip2Problem('a code that stands for nothing')
      number = (number << 1) | bits.take(1)
    }
    const symbol = this.#symbols[number - (this.#bases[length] ?? 0)]
    if (symbol === undefined) throw new Bzip2Problem('a code that stands for nothing')
    return symbol
  }
}

/** CRC-32 of the same polynomial as gzip's, the highest bit first. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})

function crcOf(bytes: Uint8Array, start: number): number {
  let crc = start
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ (CRC[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return crc
}
