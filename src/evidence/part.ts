import { isAscii } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ByteSource, EvidenceId, EvidencePart, Line, SourceFacts, TextEncoding } from '../model/index.ts'
import { MAX_LINE_BYTES } from '../model/index.ts'
import { decodeText, markLength } from './encoding.ts'
import type { PartRange } from './survey.ts'

/** All that makes a part of an item: plain data, so that it can be sent to a worker. */
export interface PartPlan extends PartRange {
  readonly evidence: EvidenceId
  /** As shown to the user. */
  readonly path: string
  /** Number of the part, from 0. */
  readonly part: number
  readonly facts: SourceFacts
  readonly encoding: TextEncoding
}

/** Opens one part for a reader, synchronously: readers are loops over bytes and lines. `file` holds the inflated bytes. */
export function openPart(file: string, plan: PartPlan): { readonly part: EvidencePart; close(): void } {
  const fd = openSync(file, 'r')
  const { size } = fstatSync(fd)
  const end = Math.min(plan.end, size)
  const { firstLine, ...rest } = plan
  const part: EvidencePart = {
    ...rest,
    end,
    bytes: new FileBytes(fd, size),
    lines: () => (plan.encoding === 'utf-16le' || plan.encoding === 'utf-16be' ? wideLines : byteLines)(fd, plan, end),
  }
  let open = true
  return {
    part,
    close: () => {
      if (open) closeSync(fd)
      open = false
    },
  }
}

/** The bytes of a file, for who looks at it before it is an item of the evidence. */
export function openBytes(file: string): { readonly bytes: ByteSource; close(): void } {
  const fd = openSync(file, 'r')
  return { bytes: new FileBytes(fd, fstatSync(fd).size), close: () => closeSync(fd) }
}

/** An EVTX chunk is 64 KiB: four of them a read. */
const WINDOW_BYTES = 256 * 1024

/** Random access with a window of bytes read ahead, so that small reads in order cost no system call each. */
class FileBytes implements ByteSource {
  readonly size: number
  readonly #fd: number
  #window: Buffer = Buffer.alloc(0)
  /** The window before this one, to be filled again. */
  #spare: Buffer = Buffer.alloc(0)
  #start = 0
  #filled = 0

  constructor(fd: number, size: number) {
    this.#fd = fd
    this.size = size
  }

  read(offset: number, length: number): Uint8Array {
    const from = Math.max(0, Math.min(offset, this.size))
    const wanted = Math.max(0, Math.min(length, this.size - from))
    if (from < this.#start || from + wanted > this.#start + this.#filled) this.#fill(from, wanted)
    const at = from - this.#start
    return this.#window.subarray(at, Math.min(at + wanted, this.#filled))
  }

  #fill(offset: number, wanted: number): void {
    const capacity = Math.min(Math.max(wanted, WINDOW_BYTES), Math.max(this.size - offset, wanted))
    // The caller may still hold the last answer until it has this one, so a window is never written over while it is handed out:
    // two take turns.
    const next = this.#spare.length >= capacity ? this.#spare : Buffer.allocUnsafe(capacity)
    this.#spare = this.#window
    this.#window = next
    this.#start = offset
    this.#filled = readFully(this.#fd, this.#window, 0, capacity, offset)
  }
}

function readFully(fd: number, buffer: Buffer, at: number, length: number, position: number): number {
  let filled = 0
  while (filled < length) {
    const count = readSync(fd, buffer, at + filled, length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const READ_BYTES = 256 * 1024
/** The longest line that is whole, and its line end: what is longer than this without one is cut. */
const MAX_HELD_BYTES = MAX_LINE_BYTES + 2

/**
 * Lines of an 8-bit encoding in [start, end). Chunks of whole lines that are ASCII become one string whose pieces are the lines: V8 shares
 * their characters, which is several times faster than decoding each line alone.
 */
function* byteLines(fd: number, plan: PartPlan, end: number): Generator<Line> {
  const { encoding } = plan
  let buffer = Buffer.allocUnsafe(READ_BYTES)
  let held = 0
  let position = plan.start
  let number = plan.firstLine
  // The beginning of this line was given out as cut; its rest is skipped.
  let skipping = false
  if (position === 0) position = markLength(peekHead(fd), encoding)
  for (;;) {
    const room = Math.min(buffer.length - held, end - position - held)
    const count = room > 0 ? readFully(fd, buffer, held, room, position + held) : 0
    const filled = held + count
    if (filled === 0) return
    const last = count < room || position + filled >= end
    const newline = buffer.lastIndexOf(LINE_FEED, filled - 1)
    const whole = newline < 0 || newline >= filled ? 0 : newline + 1
    if (whole > 0) {
      const chunk = buffer.subarray(0, whole)
      let from = 0
      if (skipping) {
        from = chunk.indexOf(LINE_FEED) + 1
        skipping = false
        number++
      }
      number = yield* linesOf(chunk.subarray(from), position + from, number, encoding)
    }
    if (last) {
      const rest = buffer.subarray(whole, filled)
      if (rest.length > 0 && !skipping) yield lineOf(rest, position + whole, number, encoding)
      return
    }
    if (whole === 0) {
      if (skipping) {
        position += filled
        held = 0
        continue
      }
      if (filled >= MAX_HELD_BYTES) {
        yield lineOf(buffer.subarray(0, filled), position, number, encoding)
        skipping = true
        position += filled
        held = 0
        continue
      }
      if (filled === buffer.length) buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, MAX_HELD_BYTES))
      held = filled
      continue
    }
    buffer.copyWithin(0, whole, filled)
    held = filled - whole
    position += whole
  }
}

function peekHead(fd: number): Buffer {
  const head = Buffer.alloc(3)
  return head.subarray(0, readSync(fd, head, 0, 3, 0))
}

/** The lines of a chunk that ends with a line feed; returns the number of the line after it. */
function* linesOf(chunk: Buffer, offset: number, firstLine: number, encoding: TextEncoding): Generator<Line, number> {
  let number = firstLine
  if (encoding === 'latin1' || isAscii(chunk)) {
    const text = chunk.toString('latin1')
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      const stop = at > from && text.charCodeAt(at - 1) === CARRIAGE_RETURN ? at - 1 : at
      const cut = stop - from > MAX_LINE_BYTES
      yield { text: text.substring(from, cut ? from + MAX_LINE_BYTES : stop), number: number++, offset: offset + from, cut }
      from = at + 1
    }
    return number
  }
  let from = 0
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
    yield lineOf(chunk.subarray(from, at), offset + from, number++, encoding)
    from = at + 1
  }
  return number
}

/** One line from its bytes without the line feed. */
function lineOf(bytes: Buffer, offset: number, number: number, encoding: TextEncoding): Line {
  const stop = bytes.length > 0 && bytes[bytes.length - 1] === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
  const cut = stop > MAX_LINE_BYTES
  const length = cut ? MAX_LINE_BYTES : stop
  return { text: bytes.toString(encoding === 'latin1' ? 'latin1' : 'utf8', 0, length), number, offset, cut }
}

/** Lines of UTF-16, which is one part: decoded a block at a time, a line feed being one 16-bit unit. */
function* wideLines(fd: number, plan: PartPlan, end: number): Generator<Line> {
  const { encoding } = plan
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let position = plan.start + (plan.start === 0 ? markLength(peekHead(fd), encoding) : 0)
  let number = plan.firstLine
  let lineStart = position
  let kept = ''
  let cut = false
  for (;;) {
    const count = readFully(fd, buffer, 0, Math.min(READ_BYTES, end - position), position)
    if (count <= 0) break
    const text = decodeText(buffer.subarray(0, count & ~1), encoding)
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      const line = cut ? kept : kept + text.slice(from, at)
      yield wideLine(line, lineStart, number++, cut)
      kept = ''
      cut = false
      from = at + 1
      lineStart = position + 2 * from
    }
    if (!cut) {
      kept += text.slice(from)
      if (kept.length > MAX_LINE_BYTES / 2) {
        kept = kept.slice(0, MAX_LINE_BYTES / 2)
        cut = true
      }
    }
    position += count
    if (count < READ_BYTES) break
  }
  if (kept !== '') yield wideLine(kept, lineStart, number, cut)
}

function wideLine(text: string, offset: number, number: number, cut: boolean): Line {
  const tooLong = text.length > MAX_LINE_BYTES / 2
  const kept = tooLong ? text.slice(0, MAX_LINE_BYTES / 2) : text
  return { text: kept.endsWith('\r') ? kept.slice(0, -1) : kept, number, offset, cut: cut || tooLong }
}
