import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { Lzma2Decoder, Lzma2Error } from './lzma2.ts'

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
/** The window of `xz -9`; a file that asks for more wants our memory. */
const MAX_WINDOW = 64 << 20
const WINDOW_BYTES = 1 << 18

/** What is wrong with the file, in words for its reader. */
class XzProblem extends Error {}

/** Bytes of a file in order. */
class Input {
  offset = 0
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafe(WINDOW_BYTES)
  #filled = 0
  #at = 0

  constructor(file: string) {
    this.#fd = openSync(file, 'r')
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** The next bytes, a copy; undefined when the file ends before. */
  tryTake(length: number): Buffer | undefined {
    if (this.#filled - this.#at < length) {
      this.#buffer.copyWithin(0, this.#at, this.#filled)
      this.#filled -= this.#at
      this.#at = 0
      for (;;) {
        const count = readSync(this.#fd, this.#buffer, this.#filled, this.#buffer.length - this.#filled, null)
        this.#filled += count
        if (count === 0 || this.#filled >= length) break
      }
      if (this.#filled < length) return undefined
    }
    const bytes = Buffer.from(this.#buffer.subarray(this.#at, this.#at + length))
    this.#at += length
    this.offset += length
    return bytes
  }

  take(length: number): Buffer {
    const bytes = this.tryTake(length)
    if (!bytes) throw new XzProblem('the compressed data ends early')
    return bytes
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  /** Section 1.2: seven bits a byte, the lowest first, nine bytes at most. */
  number(): number {
    let value = 0
    for (let i = 0; i < 9; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) === 0) return value
    }
    throw new XzProblem('a number is too long')
  }
}

/** All streams of an .xz file, one after the other (tukaani.org/xz/xz-file-format.txt); returns what was wrong, '' when nothing was. */
export async function* inflateXz(file: string): AsyncGenerator<Buffer, string> {
  const input = new Input(file)
  try {
    for (let streams = 0; ; streams++) {
      const check = beginsStream(input, streams > 0)
      if (check === undefined) return ''
      while (yield* block(input, check));
    }
  } catch (error) {
    if (error instanceof XzProblem || error instanceof Lzma2Error) return error.message
    throw error
  } finally {
    input.close()
  }
}

/** Kind of checksum of a stream that begins here; undefined at the end of the file. */
function beginsStream(input: Input, isLater: boolean): number | undefined {
  let head = input.tryTake(4)
  // Zeros between streams, section 2.2.
  while (isLater && head?.readUInt32LE(0) === 0) head = input.tryTake(4)
  if (!head && isLater) return undefined
  const rest = input.take(8)
  const all = Buffer.concat([head ?? Buffer.alloc(0), rest])
  if (MAGIC.some((byte, index) => all[index] !== byte))
    throw new XzProblem(isLater ? 'other data follows the last stream' : 'no stream begins here')
  if (crc32(all.subarray(6, 8)) !== all.readUInt32LE(8)) throw new XzProblem('the head of the stream is damaged')
  return (all[7] ?? 0) & 15
}

/** One block; false at the index, which ends the stream. */
async function* block(input: Input, check: number): AsyncGenerator<Buffer, boolean> {
  const begin = input.offset
  const size = input.byte()
  if (size === 0) {
    skipIndex(input, begin)
    return false
  }
  const head = input.take(size * 4 + 3)
  if (crc32(Buffer.concat([Buffer.from([size]), head.subarray(0, -4)])) !== head.readUInt32LE(head.length - 4))
    throw new XzProblem('the head of a block is damaged')
  const decoder = new Lzma2Decoder(windowOf(head))
  const sum = new Sum(check)
  for (;;) {
    const control = input.byte()
    if (control === 0) break
    let bytes: Buffer
    if (control < 0x80) {
      if (control > 2) throw new XzProblem('a chunk of no known kind')
      bytes = input.take(input.take(2).readUInt16BE(0) + 1)
      decoder.copy(bytes, control === 1)
    } else {
      const sizes = input.take(4)
      const length = ((control & 0x1f) << 16) + sizes.readUInt16BE(0) + 1
      const resets = (control >> 5) & 3
      const properties = resets >= 2 ? input.byte() : 0
      bytes = Buffer.from(decoder.decode(resets, properties, input.take(sizes.readUInt16BE(2) + 1), length).buffer)
    }
    sum.add(bytes)
    yield bytes
  }
  while ((input.offset - begin) % 4 !== 0) input.byte()
  if (!sum.matches(input.take(CHECK_BYTES[check] ?? 0))) throw new XzProblem('the checksum does not match')
  return true
}

/** Bytes of a checksum by its kind, section 2.1.1.2. */
const CHECK_BYTES: readonly number[] = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]

/** Bytes of window that a block needs; only plain LZMA2, as xz writes logs and tar archives. */
function windowOf(head: Buffer): number {
  const flags = head[0] ?? 0
  let at = 1
  const number = () => {
    let value = 0
    for (let i = 0; i < 9; i++) {
      const byte = head[at++] ?? 0
      value += (byte & 0x7f) * 2 ** (7 * i)
      if ((byte & 0x80) === 0) break
    }
    return value
  }
  if (flags & 0x40) number()
  if (flags & 0x80) number()
  const filter = number()
  const properties = number()
  if ((flags & 3) !== 0 || filter !== 0x21 || properties !== 1)
    throw new XzProblem('it is packed in a way that is not read (a filter beside LZMA2)')
  const bits = head[at] ?? 0
  const bytes = bits > 40 ? Infinity : bits === 40 ? 0xffffffff : (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11)
  if (bytes > MAX_WINDOW) throw new XzProblem(`it needs ${bytes} bytes of memory to unpack, more than \`xz -9\` does`)
  return bytes
}

function skipIndex(input: Input, begin: number): void {
  const records = input.number()
  for (let i = 0; i < records; i++) {
    input.number()
    input.number()
  }
  while ((input.offset - begin) % 4 !== 0) input.byte()
  input.take(4)
  if (input.take(12).subarray(10).toString('latin1') !== 'YZ') throw new XzProblem('the end of the stream is damaged')
}

/** The checksum of a block: CRC-32, CRC-64 (what xz writes), SHA-256; others are passed over. */
class Sum {
  readonly #check: number
  #crc = 0
  #crc64: [number, number] = [0xffffffff, 0xffffffff]
  readonly #sha = createHash('sha256')

  constructor(check: number) {
    this.#check = check
  }

  add(bytes: Buffer): void {
    if (this.#check === 1) this.#crc = crc32(bytes, this.#crc)
    if (this.#check === 4) this.#crc64 = crc64(bytes, this.#crc64)
    if (this.#check === 10) this.#sha.update(bytes)
  }

  matches(said: Buffer): boolean {
    switch (this.#check) {
      case 1:
        return said.readUInt32LE(0) === this.#crc
      case 4:
        return said.readUInt32LE(0) === ~this.#crc64[0] >>> 0 && said.readUInt32LE(4) === ~this.#crc64[1] >>> 0
      case 10:
        return this.#sha.digest().equals(said)
      default:
        return true
    }
  }
}

/** ECMA-182, reflected, as two halves: low, high. */
const [CRC64_LOW, CRC64_HIGH] = crc64Tables()

function crc64Tables(): readonly [Uint32Array, Uint32Array] {
  const low = new Uint32Array(256)
  const high = new Uint32Array(256)
  for (let value = 0; value < 256; value++) {
    let [l, h] = [value, 0]
    for (let bit = 0; bit < 8; bit++) {
      const carry = l & 1
      l = ((l >>> 1) | (h << 31)) >>> 0
      h >>>= 1
      if (carry) {
        l = (l ^ 0xd7870f42) >>> 0
        h = (h ^ 0xc96c5795) >>> 0
      }
    }
    low[value] = l
    high[value] = h
  }
  return [low, high]
}

function crc64(bytes: Buffer, [low, high]: readonly [number, number]): [number, number] {
  let [l, h] = [low, high]
  for (const byte of bytes) {
    const index = (l ^ byte) & 0xff
    l = (((l >>> 8) | (h << 24)) ^ (CRC64_LOW[index] ?? 0)) >>> 0
    h = ((h >>> 8) ^ (CRC64_HIGH[index] ?? 0)) >>> 0
  }
  return [l, h]
}
