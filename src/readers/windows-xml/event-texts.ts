import type { ByteSource, TextEncoding } from '../../model/index.ts'

/** One `<Event>…</Event>` of a file. */
export interface EventText {
  readonly text: string
  /** From 1. */
  readonly number: number
  readonly offset: number
  /** Larger than any event, or without its end. */
  readonly isCut: boolean
}

/** The longest event seen, a script block, has less than 100 KiB. */
const MAX_EVENT_BYTES = 1 << 20
const BLOCK_BYTES = 1 << 20

/** The events between two byte offsets. Holds at most one event and one block, and looks at each byte a fixed number of times. */
export function* eventTexts(bytes: ByteSource, start: number, end: number, encoding: TextEncoding): Generator<EventText> {
  const scanner = new EventScanner(start, encoding)
  for (let at = start; at < end; ) {
    const block = bytes.read(at, Math.min(BLOCK_BYTES, end - at))
    if (block.length === 0) break
    at += block.length
    yield* scanner.block(block)
  }
  yield* scanner.end()
}

/** Code units that may follow the name of the element. */
const AFTER_NAME = new Set([0x3e, 0x20, 0x09, 0x0a, 0x0d])

class EventScanner {
  private readonly decoder: InstanceType<typeof TextDecoder>
  private readonly encoding: TextEncoding
  private readonly beginMark: Buffer
  private readonly endMark: Buffer
  private held: Buffer = Buffer.alloc(0)
  /** Offset in the file of the first byte held. */
  private heldAt: number
  /** No end mark lies before this byte of what is held. */
  private searched = 0
  private number = 0

  constructor(start: number, encoding: TextEncoding) {
    this.heldAt = start
    this.encoding = encoding
    this.decoder = new TextDecoder(encoding === 'latin1' ? 'windows-1252' : encoding)
    this.beginMark = this.encode('<Event')
    this.endMark = this.encode('</Event>')
  }

  *block(block: Uint8Array): Generator<EventText> {
    this.held = Buffer.concat([this.held, block])
    let from = 0
    for (;;) {
      const begin = this.nextBegin(from)
      if (begin < 0) {
        // The beginning of a mark may stand at the end of the block.
        this.drop(Math.max(from, this.held.length - this.beginMark.length - 2))
        return
      }
      const end = this.held.indexOf(this.endMark, Math.max(begin, this.searched))
      this.searched = end < 0 ? Math.max(0, this.held.length - this.endMark.length) : 0
      if (end < 0 && this.held.length - begin <= MAX_EVENT_BYTES) {
        this.drop(begin)
        return
      }
      // Events do not nest: the last beginning before an end belongs to it, earlier ones have lost theirs.
      const last = this.lastBegin(begin, end < 0 ? this.held.length : end)
      if (last > begin) yield this.cut(begin)
      if (end < 0) {
        if (last === begin) yield this.cut(begin)
        this.drop(last > begin ? last : this.held.length - this.endMark.length)
        return
      }
      const stop = end + this.endMark.length
      if (stop - last > MAX_EVENT_BYTES) yield this.cut(last)
      else yield { ...this.cut(last), text: this.decoder.decode(this.held.subarray(last, stop)), isCut: false }
      from = stop
    }
  }

  *end(): Generator<EventText> {
    const begin = this.nextBegin(0)
    if (begin >= 0) yield this.cut(begin)
  }

  private cut(begin: number): EventText {
    return { text: '', number: ++this.number, offset: this.heldAt + begin, isCut: true }
  }

  /** Forgets what lies before `count`. */
  private drop(count: number): void {
    this.held = this.held.subarray(count)
    this.heldAt += count
    this.searched = Math.max(0, this.searched - count)
  }

  private nextBegin(from: number): number {
    let at = this.held.indexOf(this.beginMark, from)
    while (at >= 0 && !this.isBegin(at)) at = this.held.indexOf(this.beginMark, at + this.beginMark.length)
    return at
  }

  /** The last beginning between `first` and `before`; `first` is one. */
  private lastBegin(first: number, before: number): number {
    let at = this.held.lastIndexOf(this.beginMark, before - 1)
    while (at > first && !this.isBegin(at)) at = this.held.lastIndexOf(this.beginMark, at - 1)
    return Math.max(at, first)
  }

  private isBegin(at: number): boolean {
    const next = at + this.beginMark.length
    if (next + 1 >= this.held.length) return false
    const unit = this.encoding.startsWith('utf-16')
      ? this.encoding === 'utf-16le'
        ? this.held.readUInt16LE(next)
        : this.held.readUInt16BE(next)
      : (this.held[next] ?? 0)
    return AFTER_NAME.has(unit)
  }

  private encode(text: string): Buffer {
    if (!this.encoding.startsWith('utf-16')) return Buffer.from(text, 'latin1')
    const bytes = Buffer.from(text, 'utf16le')
    return this.encoding === 'utf-16be' ? bytes.swap16() : bytes
  }
}
