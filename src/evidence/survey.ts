import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Split, TextEncoding } from '../model/index.ts'
import { decodeText, markLength } from './encoding.ts'
import { MAX_HEADER_LINES, PART_BYTES } from './limits.ts'
import { hashFile } from './spill.ts'

/** Where one part of an item lies; what `openPart` needs beside names and facts. */
export interface PartRange {
  readonly start: number
  readonly end: number
  /** 1-based number of the part's first line; 1 for formats without lines. */
  readonly firstLine: number
  readonly headerLines: readonly string[]
}

/** What one pass over an item tells. */
export interface Survey {
  readonly sha256: string
  readonly bytes: number
  /** Lines, a last one without end included; 0 for formats that are not cut by lines. */
  readonly lines: number
  readonly parts: readonly PartRange[]
}

/** Large enough that one read costs more than its call, small enough to stay in the processor's cache. */
const CHUNK_BYTES = 1 << 20

/** Hashes an item, counts its lines and cuts it into independent parts, in one pass. `onBytes` is told how many bytes went by. */
export async function surveyFile(
  file: string,
  split: Split,
  encoding: TextEncoding | undefined,
  onBytes?: (bytes: number) => void,
  partBytes = PART_BYTES,
): Promise<Survey> {
  const hash = createHash('sha256')
  const counter = split.by === 'lines' ? new LineCounter(encoding ?? 'utf-8', split.headerPrefix, partBytes) : undefined
  const handle = await open(file)
  let bytes = 0
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, bytes)
      if (bytesRead === 0) break
      const chunk = buffer.subarray(0, bytesRead)
      hash.update(chunk)
      counter?.take(chunk, bytes)
      bytes += bytesRead
      onBytes?.(bytesRead)
    }
  } finally {
    await handle.close()
  }
  const sha256 = hash.digest('hex')
  if (counter) return { sha256, bytes, ...counter.finish(file, bytes) }
  return { sha256, bytes, lines: 0, parts: split.by === 'lines' ? wholePart(bytes) : cutUnread(bytes, split, partBytes) }
}

/** The parts of an item that is not cut by lines, without reading it. */
export function cutUnread(
  bytes: number,
  split: Split & { by: 'blocks' | 'nothing' },
  partBytes = PART_BYTES,
): readonly PartRange[] {
  return split.by === 'blocks' ? blockParts(bytes, split, partBytes) : wholePart(bytes)
}

function wholePart(bytes: number): PartRange[] {
  return [{ start: 0, end: bytes, firstLine: 1, headerLines: [] }]
}

/** The first part begins after the header, which every part reads through its byte source; all cuts lie between blocks. */
function blockParts(bytes: number, { headerBytes, blockBytes }: Split & { by: 'blocks' }, partBytes: number): PartRange[] {
  const step = Math.max(1, Math.floor(partBytes / blockBytes)) * blockBytes
  const parts: PartRange[] = []
  for (let start = Math.min(headerBytes, bytes); start < bytes || parts.length === 0; start += step)
    parts.push({ start, end: Math.min(bytes, start + step), firstLine: 1, headerLines: [] })
  return parts
}

const LINE_FEED = 10

/** Where a part begins, with the offsets of the lines before it that may be header lines. */
interface Cut {
  readonly start: number
  readonly firstLine: number
  readonly headers: readonly number[]
}

/** Counts lines chunk by chunk, remembers where header lines and parts begin. */
class LineCounter {
  readonly #wide: 'utf-16le' | 'utf-16be' | undefined
  readonly #encoding: TextEncoding
  readonly #prefix: Buffer
  readonly #partBytes: number
  #lineFeeds = 0
  #lastLineEnd = 0
  readonly #cuts: Cut[] = [{ start: 0, firstLine: 1, headers: [] }]
  #candidates: number[] = []

  constructor(encoding: TextEncoding, headerPrefix: string | undefined, partBytes: number) {
    this.#encoding = encoding
    this.#wide = encoding === 'utf-16le' || encoding === 'utf-16be' ? encoding : undefined
    this.#prefix = Buffer.from(headerPrefix ?? '', 'latin1')
    this.#partBytes = partBytes
    if (this.#prefix.length > 0) this.#candidates.push(0)
  }

  take(chunk: Buffer, offset: number): void {
    if (this.#wide) this.#takeWide(chunk, offset)
    else this.#takeBytes(chunk, offset)
  }

  #takeBytes(chunk: Buffer, offset: number): void {
    const first = this.#prefix[0]
    let nextCut = (this.#cuts.at(-1)?.start ?? 0) + this.#partBytes
    let at = chunk.indexOf(LINE_FEED)
    let lineFeeds = this.#lineFeeds
    while (at >= 0) {
      lineFeeds++
      const start = offset + at + 1
      if (start >= nextCut) {
        this.#cuts.push({ start, firstLine: lineFeeds + 1, headers: this.#candidates.slice(-MAX_HEADER_LINES) })
        nextCut = start + this.#partBytes
      }
      // A line that begins with the next chunk is looked at later too; what is no header line is dropped in the end.
      if (first !== undefined && (at + 1 === chunk.length || chunk[at + 1] === first)) this.#candidate(start)
      this.#lastLineEnd = start
      at = chunk.indexOf(LINE_FEED, at + 1)
    }
    this.#lineFeeds = lineFeeds
  }

  #candidate(start: number): void {
    // A file of nothing but header lines must not fill the memory.
    if (this.#candidates.push(start) > 2 * MAX_HEADER_LINES) this.#candidates = this.#candidates.slice(-MAX_HEADER_LINES)
  }

  #takeWide(chunk: Buffer, offset: number): void {
    const low = this.#wide === 'utf-16le' ? 0 : 1
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) {
      if (((offset + at) & 1) !== low || chunk[at + 1 - 2 * low] !== 0) continue
      this.#lineFeeds++
      this.#lastLineEnd = offset + at + 2 - low
    }
  }

  finish(file: string, bytes: number): { lines: number; parts: PartRange[] } {
    const lines = this.#lineFeeds + (bytes > this.#lastLineEnd ? 1 : 0)
    // A text that ends exactly where a part would begin has no further part.
    const cuts = this.#cuts.filter(({ start }) => start === 0 || start < bytes)
    const headers = new HeaderLines(file, this.#prefix, this.#encoding)
    try {
      const parts = cuts.map(({ start, firstLine, headers: offsets }, index) => ({
        start,
        end: cuts[index + 1]?.start ?? bytes,
        firstLine,
        headerLines: offsets.map(offset => headers.at(offset)).filter(text => text !== undefined),
      }))
      return { lines, parts }
    } finally {
      headers.close()
    }
  }
}

/** Header lines are short; a longer one is data that begins with the same character. */
const MAX_HEADER_LINE_BYTES = 16 * 1024

/** Reads candidate header lines again, each once. */
class HeaderLines {
  readonly #file: string
  readonly #prefix: Buffer
  readonly #encoding: TextEncoding
  readonly #texts = new Map<number, string | undefined>()
  readonly #buffer = Buffer.allocUnsafe(MAX_HEADER_LINE_BYTES)
  #fd: number | undefined

  constructor(file: string, prefix: Buffer, encoding: TextEncoding) {
    this.#file = file
    this.#prefix = prefix
    this.#encoding = encoding
  }

  /** The header line that begins at `offset`; undefined when the line there is none. */
  at(offset: number): string | undefined {
    if (!this.#texts.has(offset)) this.#texts.set(offset, this.#read(offset))
    return this.#texts.get(offset)
  }

  #read(offset: number): string | undefined {
    this.#fd ??= openSync(this.#file, 'r')
    const read = this.#buffer.subarray(0, readSync(this.#fd, this.#buffer, 0, this.#buffer.length, offset))
    const line = read.subarray(offset === 0 ? markLength(read, this.#encoding) : 0)
    if (!line.subarray(0, this.#prefix.length).equals(this.#prefix)) return undefined
    const end = line.indexOf(LINE_FEED)
    const text = decodeText(end < 0 ? line : line.subarray(0, end), this.#encoding)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}

/** Is the file still what it was when it was hashed? */
export async function verifyFile(file: string, sha256: string): Promise<boolean> {
  return (await hashFile(file)) === sha256
}
