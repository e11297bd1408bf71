import { ChunkNames, elementFits } from './element-parser.ts'
import { RECORD_HEADER_BYTES, u16, u32 } from './layout.ts'
import { ARRAY_FLAG, arrayTexts, BINXML_TYPE, NULL_TYPE, utf16Text, valueText } from './values.ts'

/** Longest XML of one record; the longest real ones have some 100,000 characters. */
const MAX_XML = 4 << 20
/** Elements and values nested in each other, as in the reader's own bounds. */
const MAX_DEPTH = 300

/** Values of one instance: where each one stands. */
interface Values {
  readonly descriptors: number
  readonly starts: readonly number[]
}

const NO_VALUES: Values = { descriptors: 0, starts: [] }

/** Text between tags or in an attribute: one piece, the items of an array, or a value that is not there. */
type Piece = string | readonly string[] | undefined

/**
 * A record's binary XML as XML text, token by token ([MS-EVEN6] 2.2.12): the tree itself, where `EvtxRecord` gives named fields.
 * Undefined where it cannot be followed to its end.
 */
export function recordXml(chunk: Buffer, headerAt: number, size: number): string | undefined {
  const writer = new XmlWriter(chunk)
  const text = writer.fragments(headerAt + RECORD_HEADER_BYTES, headerAt + size - 4, 0)
  return writer.isBroken || text === '' ? undefined : text
}

class XmlWriter {
  private readonly bytes: Buffer
  private readonly names: ChunkNames
  private at = 0
  private written = 0
  isBroken = false

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.names = new ChunkNames(bytes)
  }

  fragments(start: number, end: number, depth: number): string {
    let text = ''
    this.at = start
    while (this.at < end && !this.isBroken) {
      const token = (this.bytes[this.at] as number) & 0xbf
      if (token === 0x0f) this.at += 4
      else if (token === 0x00) {
        if (this.at + 9 >= end || u32(this.bytes, this.at + 1) !== 0x0001010f) break
        this.at += 1
      } else if (token === 0x0a || token === 0x0b) text += this.instruction(end)
      else if (token === 0x0c) text += this.instance(end, depth)
      else if (token === 0x01) text += this.element(end, NO_VALUES, depth)
      else return this.broken()
    }
    return text
  }

  private broken(): string {
    this.isBroken = true
    return ''
  }

  /** Counts what is written: one value used again and again must not fill the memory. */
  private counted(text: string): string {
    this.written += text.length
    return this.written > MAX_XML ? this.broken() : text
  }

  private instance(end: number, depth: number): string {
    const at = this.at
    const definition = at + 14 <= end ? u32(this.bytes, at + 6) : this.bytes.length
    if (definition + 24 > this.bytes.length || depth > MAX_DEPTH) return this.broken()
    const definitionEnd = definition + 24 + u32(this.bytes, definition + 20)
    const valuesAt = definition === at + 10 ? definitionEnd : at + 10
    if (definitionEnd > this.bytes.length || valuesAt + 4 > end) return this.broken()
    const count = u32(this.bytes, valuesAt)
    const descriptors = valuesAt + 4
    if (count > (end - descriptors) >>> 2) return this.broken()
    const starts: number[] = []
    let position = descriptors + count * 4
    for (let index = 0; index < count; index++) {
      starts.push(position)
      position += u16(this.bytes, descriptors + index * 4)
    }
    if (position > end) return this.broken()
    this.at = definition + 24
    while (this.bytes[this.at] === 0x0f) this.at += 4
    let text = ''
    while (!this.isBroken && isInstruction(this.bytes[this.at] ?? 0)) text += this.instruction(definitionEnd)
    text += this.element(definitionEnd, { descriptors, starts }, depth + 1)
    this.at = position
    return text
  }

  private name(end: number): string {
    const offset = this.at + 4 <= end ? u32(this.bytes, this.at) : this.bytes.length
    const name = this.names.at(offset)
    if (name === undefined) return this.broken()
    this.at += offset === this.at + 4 ? 14 + u16(this.bytes, offset + 6) * 2 : 4
    // A name that is none would change the tree for whoever reads the XML.
    return name.replace(/[^\p{L}\p{N}_.:-]/gu, '_').replace(/^(?![\p{L}_])/u, '_')
  }

  private text(end: number): string {
    const length = u16(this.bytes, this.at) * 2
    const start = this.at + 2
    if (start + length > end) return this.broken()
    this.at = start + length
    return utf16Text(this.bytes, start, length)
  }

  private instruction(end: number): string {
    const token = (this.bytes[this.at++] ?? 0) & 0xbf
    if (token === 0x0b) {
      // Data without a target belongs to nothing.
      this.text(end)
      return ''
    }
    const target = this.name(end)
    let data = ''
    if (this.bytes[this.at] === 0x0b) {
      this.at += 1
      data = this.text(end)
    }
    return this.isBroken ? '' : this.counted(`<?${target} ${inert(data).replaceAll('?>', '? >')}?>`)
  }

  /** Reads one element; an array repeats it, an optional value that is not there takes it away. */
  private element(end: number, values: Values, depth: number): string {
    const hasAttributes = ((this.bytes[this.at] ?? 0) & 0x40) !== 0
    if (((this.bytes[this.at] ?? 0) & 0xbf) !== 0x01 || depth > MAX_DEPTH) return this.broken()
    const dependency = [2, 0].find(bytes => elementFits(this.bytes, this.names, this.at + 1 + bytes, end, hasAttributes))
    if (dependency === undefined) return this.broken()
    this.at += 5 + dependency
    const name = this.name(end)
    const attributes = hasAttributes ? this.attributes(end, values, depth) : ''
    const token = (this.bytes[this.at++] ?? 0) & 0xbf
    if (token === 0x03) return this.counted(`<${name}${attributes}/>`)
    if (token !== 0x02) return this.broken()
    const pieces: Piece[] = []
    let isGone = false
    while (!this.isBroken) {
      const next = (this.bytes[this.at] ?? 0) & 0xbf
      if (next === 0x01) pieces.push(this.element(end, values, depth + 1))
      else if (next === 0x04) break
      else if (isInstruction(next)) pieces.push(this.instruction(end))
      else {
        const piece = this.piece(end, values, depth)
        if (piece === undefined) isGone = true
        pieces.push(piece)
      }
    }
    this.at += 1
    if (isGone && pieces.length === 1) return ''
    const array = pieces.find(piece => typeof piece === 'object')
    const contents = array
      ? array.map(item => pieces.map(piece => (piece === array ? item : one(piece))).join(''))
      : [pieces.map(one).join('')]
    return this.counted(contents.map(content => `<${name}${attributes}>${content}</${name}>`).join(''))
  }

  private attributes(end: number, values: Values, depth: number): string {
    this.at += 4
    let text = ''
    while (!this.isBroken && ((this.bytes[this.at] ?? 0) & 0xbf) === 0x06) {
      this.at += 1
      const name = this.name(end)
      const pieces: Piece[] = []
      while (!this.isBroken && ![0x06, 0x02, 0x03].includes((this.bytes[this.at] ?? 0) & 0xbf))
        pieces.push(this.piece(end, values, depth))
      if (pieces.length !== 1 || pieces[0] !== undefined) text += ` ${name}="${pieces.map(one).join('')}"`
    }
    return text
  }

  private piece(end: number, values: Values, depth: number): Piece {
    if (this.at + 3 > end) return this.broken()
    const token = (this.bytes[this.at++] ?? 0) & 0xbf
    switch (token) {
      case 0x05:
        this.at += 1
        return this.counted(escaped(this.text(end)))
      case 0x07:
        return this.counted(escaped(this.text(end)))
      case 0x08:
        this.at += 2
        return escaped(String.fromCharCode(u16(this.bytes, this.at - 2)))
      case 0x09:
        return `&${this.name(end)};`
      case 0x0d:
      case 0x0e:
        this.at += 3
        return this.value(values, u16(this.bytes, this.at - 3), token === 0x0e, depth)
      default:
        return this.broken()
    }
  }

  private value({ descriptors, starts }: Values, index: number, isOptional: boolean, depth: number): Piece {
    const start = starts[index]
    const type = start === undefined ? NULL_TYPE : (this.bytes[descriptors + index * 4 + 2] ?? 0)
    if (start === undefined || type === NULL_TYPE) return isOptional ? undefined : ''
    const size = u16(this.bytes, descriptors + index * 4)
    if (type === BINXML_TYPE) {
      const back = this.at
      const text = this.fragments(start, start + size, depth + 1)
      this.at = back
      return text
    }
    if ((type & ARRAY_FLAG) !== 0) return arrayTexts(this.bytes, type, start, size).map(text => this.counted(escaped(text)))
    return this.counted(escaped(valueText(this.bytes, type, start, size)))
  }
}

const isInstruction = (token: number) => (token & 0xbf) === 0x0a || (token & 0xbf) === 0x0b

const one = (piece: Piece): string => (typeof piece === 'string' ? piece : piece === undefined ? '' : piece.join(''))

/** XML 1.0 has no way to write most control characters: they become U+FFFD, as halves of surrogate pairs do. */
const inert = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd').toWellFormed()

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** Text as it stands in an element or attribute. */
export const escaped = (text: string): string => inert(text).replace(/[&<>"]/g, character => ESCAPES[character] ?? '')
