import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import type { Transform } from 'node:stream'
import { constants, crc32, createInflateRaw, createZstdDecompress, inflateRawSync } from 'node:zlib'

/** How the bytes of one frame are packed. */
export type Packing = 'stored' | 'deflate' | 'zstd'

/** What came of inflating: packed bytes used up, and what was wrong ('' when all was well). The bytes before a fault have been handed out. */
export interface InflateEnd {
  readonly consumed: number
  readonly problem: string
}

/** Chunks queued before the decoder has to wait; small enough that a bomb is stopped within a few megabytes. */
const QUEUE_BYTES = 4 << 20

/** A collection is thousands of small members: opening streams for each costs several times what inflating it does. */
const SMALL_PACKED_BYTES = 256 * 1024
/** What unpacks to more goes through the streams, where limits end it chunk by chunk. */
const SMALL_INFLATED_BYTES = 4 << 20

/**
 * The bytes of one deflate stream or Zstandard frame that begins at `start`, and where it ended. Written by hand around the decoder
 * because the ready-made stream adapters drop what was inflated just before a fault, and Node's stop after the first frame.
 */
export async function* inflateFrame(
  file: string,
  packing: Packing,
  start: number,
  end = Infinity,
): AsyncGenerator<Buffer, InflateEnd> {
  if (start >= end) return { consumed: 0, problem: packing === 'stored' ? '' : 'the data ends where it should begin' }
  const small = packing === 'zstd' ? undefined : smallFrame(file, packing, start, end)
  if (small) {
    if (small.bytes.length > 0) yield small.bytes
    return { consumed: small.consumed, problem: '' }
  }
  const input = createReadStream(file, { start, ...(end === Infinity ? {} : { end: end - 1 }) })
  const output = packing === 'stored' ? input : input.pipe(decoderOf(packing))
  const queue: Buffer[] = []
  let queued = 0
  let over = false
  let problem = ''
  let wake: () => void = () => undefined
  const finish = (error?: Error) => {
    if (!over && error) problem = error.message
    over = true
    wake()
  }
  output.on('data', (chunk: Buffer) => {
    queue.push(chunk)
    queued += chunk.length
    if (queued > QUEUE_BYTES) output.pause()
    wake()
  })
  output.once('end', () => finish())
  output.on('error', finish)
  if (output !== input) input.on('error', finish)
  let given = 0
  try {
    for (;;) {
      const chunk = queue.shift()
      if (chunk) {
        queued -= chunk.length
        given += chunk.length
        yield chunk
        continue
      }
      if (over) break
      const woken = new Promise<void>(resolve => {
        wake = resolve
      })
      output.resume()
      await woken
    }
    return { consumed: output === input ? given : (output as ReturnType<typeof createInflateRaw>).bytesWritten, problem }
  } finally {
    input.destroy()
    output.destroy()
  }
}

/** A small frame at once; undefined when it is not small, or when something is wrong with it, which the streams tell exactly. */
function smallFrame(file: string, packing: 'stored' | 'deflate', start: number, end: number) {
  if (end !== Infinity && end - start > SMALL_PACKED_BYTES) return undefined
  const packed = peek(file, start, Math.min(end - start, SMALL_PACKED_BYTES + 1))
  if (packed.length > SMALL_PACKED_BYTES) return undefined
  if (packing === 'stored') return { bytes: packed, consumed: packed.length }
  try {
    const { buffer, engine } = inflateRawSync(packed, { maxOutputLength: SMALL_INFLATED_BYTES, info: true }) as unknown as {
      readonly buffer: Buffer
      readonly engine: { readonly bytesWritten: number }
    }
    return { bytes: buffer, consumed: engine.bytesWritten }
  } catch (error) {
    if (error instanceof Error) return undefined // cut, broken, or large: zlib has one class of error for all
    throw error
  }
}

function decoderOf(packing: 'deflate' | 'zstd'): Transform {
  // Z_SYNC_FLUSH: a stream that was cut off gives what it has; the missing trailer shows the cut.
  if (packing === 'deflate') return createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 64 * 1024 })
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: MAX_ZSTD_WINDOW_LOG } })
}

/** 128 MiB of window, the most the format's reference program accepts without being told to. */
const MAX_ZSTD_WINDOW_LOG = 27

/** CRC-32 and length of what passes by. */
export class Checksum {
  crc = 0
  bytes = 0

  async *over<End>(chunks: AsyncGenerator<Buffer, End>): AsyncGenerator<Buffer, End> {
    let ended = false
    try {
      for (;;) {
        const step = await chunks.next()
        if (step.done) {
          ended = true
          return step.value
        }
        this.crc = crc32(step.value, this.crc)
        this.bytes += step.value.length
        yield step.value
      }
    } finally {
      if (!ended) await chunks[Symbol.asyncDispose]()
    }
  }
}

/** Reads a few bytes of a file at an offset; fewer at its end, none where hostile numbers point beyond any file. */
export function peek(file: string, offset: number, length: number): Buffer {
  if (!Number.isSafeInteger(offset) || offset < 0) return Buffer.alloc(0)
  const fd = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(length)
    return buffer.subarray(0, readSync(fd, buffer, 0, length, offset))
  } finally {
    closeSync(fd)
  }
}

/** What a gzip header says: RFC 1952 section 2.3. */
export interface GzipHeader {
  readonly length: number
  /** Seconds since 1970 UTC; 0 when the writer did not know. */
  readonly modified: number
}

const FHCRC = 2
const FEXTRA = 4
const FNAME = 8
const FCOMMENT = 16
/** 64 KiB of extra field, and names no file system has. */
const MAX_GZIP_HEADER = 128 * 1024

/** The gzip header at `offset`; undefined when there is none. */
export function gzipHeader(file: string, offset: number): GzipHeader | undefined {
  const short = peek(file, offset, 4096)
  return parseGzipHeader(short) ?? (short.length === 4096 ? parseGzipHeader(peek(file, offset, MAX_GZIP_HEADER)) : undefined)
}

function parseGzipHeader(head: Buffer): GzipHeader | undefined {
  if (head.length < 10 || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) return undefined
  const flags = head[3] ?? 0
  let at = 10
  if (flags & FEXTRA) at += 2 + (at + 2 <= head.length ? head.readUInt16LE(at) : head.length)
  for (const field of [FNAME, FCOMMENT]) {
    if (!(flags & field)) continue
    const zero = head.indexOf(0, at)
    if (zero < 0) return undefined
    at = zero + 1
  }
  if (flags & FHCRC) at += 2
  return at <= head.length ? { length: at, modified: head.readUInt32LE(4) } : undefined
}

/** What a member must be to need no unpacking again. */
export interface KnownContent {
  readonly bytes: number
  readonly crc: number
}

/** Length and checksum a gzip file ends with; they are those of the whole only when it has one member, so compare before trusting. */
export function gzipTrailer(file: string, size: number): KnownContent | undefined {
  const trailer = peek(file, size - 8, 8)
  return trailer.length < 8 ? undefined : { crc: trailer.readUInt32LE(0), bytes: trailer.readUInt32LE(4) }
}

/** All members of a gzip file one after the other (RFC 1952 section 2.2); returns what was wrong, '' when nothing was. */
export async function* inflateGzip(file: string, size: number): AsyncGenerator<Buffer, string> {
  let offset = 0
  for (let member = 1; ; member++) {
    const header = gzipHeader(file, offset)
    // Tape padding and other trailing bytes after the last member belong to nobody (gzip(1) ignores them too).
    if (!header) return member > 1 ? '' : 'the gzip header is incomplete'
    const sum = new Checksum()
    const { consumed, problem } = yield* sum.over(inflateFrame(file, 'deflate', offset + header.length, size))
    if (problem !== '') return problem
    offset += header.length + consumed
    const trailer = peek(file, offset, 8)
    if (trailer.length < 8) return 'the compressed data ends early'
    if (trailer.readUInt32LE(0) !== sum.crc || trailer.readUInt32LE(4) !== sum.bytes % 2 ** 32)
      return 'the checksum does not match'
    offset += 8
    if (offset >= size) return ''
  }
}

/** All frames of a Zstandard file, skippable ones left out (RFC 8878 section 3.1); returns what was wrong, '' when nothing was. */
export async function* inflateZstd(file: string, size: number): AsyncGenerator<Buffer, string> {
  let offset = 0
  let frames = 0
  while (offset < size) {
    const head = peek(file, offset, 8)
    const magic = head.length >= 4 ? head.readUInt32LE(0) : 0
    if (head.length === 8 && (magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      offset += 8 + head.readUInt32LE(4)
      continue
    }
    if (magic !== 0xfd2fb528) return frames > 0 ? 'other data follows the last frame' : 'no frame begins here'
    const { consumed, problem } = yield* inflateFrame(file, 'zstd', offset)
    if (problem !== '' || consumed === 0) return problem || 'the compressed data ends early'
    offset += consumed
    frames++
  }
  return frames > 0 && offset <= size ? '' : 'the compressed data ends early'
}
