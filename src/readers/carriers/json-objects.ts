import type { ByteSource, TextEncoding } from '../../model/index.ts'

/** One top-level object of a JSON text: of an array, of a stream of lines, or of objects written one behind the other (RFC 8259, RFC 7464 without separators). */
export interface JsonObject {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Byte offset of its "{". */
  readonly offset: number
  /** Set when `text` is only its beginning: it is larger than the limit, or the input ends inside it. */
  readonly cut: 'too-large' | 'unfinished' | undefined
}

/** Larger objects are no log records: the largest event with its script block has less than 100 KiB. Wrapped exports of small logs fit. */
export const MAX_OBJECT_BYTES = 8 << 20
/** How much of an object that is too large is kept, so that it can be told what it was. */
const KEPT_OF_CUT = 4096
const BLOCK_BYTES = 1 << 20

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const LINE_FEED = 0x0a

/**
 * The top-level objects between two byte offsets. Reads in blocks, holds at most one object, looks at each byte once. Brackets and
 * commas around objects are stepped over; what stands between them and is none of these is passed over, too.
 */
export function* jsonObjects(bytes: ByteSource, start: number, end: number, encoding: TextEncoding): Generator<JsonObject> {
  const scanner = new ObjectScanner(encoding)
  for (let offset = start; offset < end; ) {
    const block = bytes.read(offset, Math.min(BLOCK_BYTES, end - offset))
    if (block.length === 0) break
    yield* scanner.block(block, offset)
    offset += block.length
  }
  yield* scanner.end()
}

class ObjectScanner {
  private readonly decoder: InstanceType<typeof TextDecoder>
  /** Bytes of a character of JSON's own syntax, and which of them is not zero. */
  private readonly step: 1 | 2
  private readonly low: 0 | 1
  private depth = 0
  private inString = false
  private isEscaped = false
  private isLineStart = false
  private isTooLarge = false
  private began = 0
  private size = 0
  private count = 0
  private pieces: Uint8Array[] = []

  constructor(encoding: TextEncoding) {
    this.decoder = new TextDecoder(encoding === 'latin1' ? 'windows-1252' : encoding)
    this.step = encoding.startsWith('utf-16') ? 2 : 1
    this.low = encoding === 'utf-16be' ? 1 : 0
  }

  *block(block: Uint8Array, offset: number): Generator<JsonObject> {
    let from = this.depth > 0 ? 0 : -1
    for (let at = 0; at < block.length; at += this.step) {
      const code = this.codeAt(block, at)
      if (this.depth === 0) {
        if (code !== OPEN_BRACE) continue
        this.open(offset + at)
        from = at
        continue
      }
      if (this.isTooLarge && this.isLineStart && code === OPEN_BRACE && !this.isEscaped) {
        // An object that never closes must not swallow the rest: the next line that begins with "{" begins anew.
        this.isLineStart = false
        yield this.close('too-large')
        this.open(offset + at)
        from = at
        continue
      }
      this.isLineStart = code === LINE_FEED
      if (!this.closes(code)) {
        if (!this.isTooLarge && offset + at - this.began >= MAX_OBJECT_BYTES) {
          this.keep(block, from, at)
          this.isTooLarge = true
        }
        continue
      }
      if (!this.isTooLarge) this.keep(block, from, at + this.step)
      from = -1
      yield this.close(this.isTooLarge ? 'too-large' : undefined)
    }
    if (this.depth > 0 && !this.isTooLarge && from >= 0) this.keep(block, from, block.length)
  }

  *end(): Generator<JsonObject> {
    if (this.depth > 0) yield this.close(this.isTooLarge ? 'too-large' : 'unfinished')
  }

  private codeAt(block: Uint8Array, at: number): number {
    if (this.step === 1) return block[at] as number
    return block[at + 1 - this.low] === 0 ? (block[at + this.low] as number) : 0
  }

  /** Follows strings and nesting; true when this character closes the object. */
  private closes(code: number): boolean {
    if (this.inString) {
      if (this.isEscaped) this.isEscaped = false
      else if (code === BACKSLASH) this.isEscaped = true
      else if (code === QUOTE) this.inString = false
      return false
    }
    if (code === QUOTE) this.inString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) return --this.depth === 0
    return false
  }

  private open(offset: number): void {
    this.depth = 1
    this.inString = false
    this.isEscaped = false
    this.isTooLarge = false
    this.began = offset
    this.size = 0
    this.pieces = []
  }

  private keep(block: Uint8Array, from: number, to: number): void {
    this.pieces.push(block.slice(from, to))
    this.size += to - from
  }

  private close(cut: JsonObject['cut']): JsonObject {
    this.depth = 0
    this.isTooLarge = false
    const all = new Uint8Array(this.size)
    let at = 0
    for (const piece of this.pieces) {
      all.set(piece, at)
      at += piece.length
    }
    this.pieces = []
    const text = this.decoder.decode(cut ? all.subarray(0, KEPT_OF_CUT) : all)
    return { text, number: ++this.count, offset: this.began, cut }
  }
}
