import { u16, u32 } from './layout.ts'
import { utf16Text } from './values.ts'

/** A place where a record's own value goes. An optional one without value leaves out the element or attribute around it. */
export interface Slot {
  readonly index: number
  readonly type: number
  readonly optional: boolean
}

/** One text or attribute of a definition: where it stands, and the pieces it is made of. */
export interface TemplateField {
  readonly path: readonly string[]
  readonly attribute: string | undefined
  /** The Name attribute of a Data element; undefined for a Data element without one. */
  readonly dataName: string | undefined
  readonly parts: readonly (string | Slot)[]
  /** For an attribute: the optional value that is its element's whole content. Without it there is no element, so no attribute either. */
  readonly onlyWith: Slot | undefined
}

/** Why a piece of binary XML cannot be read. */
export interface Fault {
  readonly fault: string
  readonly at: number
}

/**
 * A place in a definition where chunks differ though the definition is the same: names stand there in full or are pointed to, and
 * sizes follow from that.
 */
export type Hole =
  | { readonly at: number; readonly is: 'name'; readonly name: string }
  | { readonly at: number; readonly is: 'element size'; readonly hasAttributes: boolean }
  | { readonly at: number; readonly is: 'list size' }

/** Deepest nesting of elements; providers use up to about 20. */
const MAX_DEPTH = 256
/** Longest name of an element or attribute; the longest seen has some 60. Longer ones, pointed to again and again, would multiply. */
const MAX_NAME = 256

interface Attributes {
  readonly dataName: string | undefined
  readonly fields: readonly Omit<TemplateField, 'onlyWith'>[]
}

/** Names of one chunk by offset, each decoded once. */
export class ChunkNames {
  private readonly known = new Map<number, string>()
  private readonly bytes: Buffer
  /** Only names whose hash is right: in remains of older use, bytes at a name's offset may be anything. */
  private readonly strict: boolean

  constructor(bytes: Buffer, strict = false) {
    this.bytes = bytes
    this.strict = strict
  }

  /** The name at an offset: next offset, hash, length, characters and a NUL inside the chunk; undefined when there is none. */
  at(offset: number): string | undefined {
    const known = this.known.get(offset)
    if (known !== undefined) return known
    const { bytes } = this
    if (offset + 10 > bytes.length) return undefined
    const length = u16(bytes, offset + 6)
    const end = offset + 8 + length * 2
    if (length > MAX_NAME || end + 2 > bytes.length || u16(bytes, end) !== 0) return undefined
    const name = utf16Text(bytes, offset + 8, length * 2)
    if (this.strict && nameHash(name) !== u16(bytes, offset + 4)) return undefined
    this.known.set(offset, name)
    return name
  }
}

/** The hash of a name in a chunk's string table: 65599 times the former hash plus the character, low 16 bits. */
function nameHash(name: string): number {
  let hash = 0
  for (let index = 0; index < name.length; index++) hash = (Math.imul(hash, 65599) + name.charCodeAt(index)) >>> 0
  return hash & 0xffff
}

/** Does an element begin here: its size, then its name? The name stands right behind, or before in the chunk. */
export function elementFits(bytes: Buffer, names: ChunkNames, at: number, end: number, hasAttributes: boolean): boolean {
  if (at + 8 > end) return false
  const size = u32(bytes, at)
  const name = u32(bytes, at + 4)
  if (size > end - at - 4 || size < 5 + (hasAttributes ? 4 : 0)) return false
  return (name === at + 8 || name < at) && names.at(name) !== undefined
}

/** Reads the elements of a definition (or of a record that uses none) into fields. `fault` is set when the bytes are no binary XML. */
export class ElementParser {
  private readonly bytes: Buffer
  private readonly names: ChunkNames
  private readonly end: number
  at: number
  fault: Fault | undefined
  readonly fields: TemplateField[] = []
  /** Everything that makes the content, for recognising the same definition in another chunk. */
  signature = ''
  readonly holes: Hole[] = []
  /** A dependency number was left out somewhere, so that reading rests on a guess. */
  isGuessed = false

  constructor(bytes: Buffer, names: ChunkNames, at: number, end: number) {
    this.bytes = bytes
    this.names = names
    this.at = at
    this.end = end
  }

  private fail(fault: string): void {
    this.fault ??= { fault, at: this.at }
  }

  /** Moves `count` bytes on and says where they begin; a fault when the range ends before. */
  private take(count: number): number {
    const at = this.at
    if (at + count > this.end) {
      this.fail('binary XML ends in the middle of a token')
      this.at = this.end
      return at
    }
    this.at += count
    return at
  }

  private peek(): number {
    return this.at < this.end ? (this.bytes[this.at] ?? 0) & 0xbf : 0
  }

  private token(): number {
    return (this.bytes[this.take(1)] ?? 0) & 0xbf
  }

  private name(): string {
    const at = this.take(4)
    if (this.fault) return ''
    const offset = u32(this.bytes, at)
    const name = this.names.at(offset)
    if (name === undefined) {
      this.fail(`name offset 0x${offset.toString(16)} points to no name`)
      return ''
    }
    this.holes.push({ at, is: 'name', name })
    if (offset === at + 4) this.take(10 + u16(this.bytes, offset + 6) * 2)
    return name
  }

  private text(): string {
    const length = u16(this.bytes, this.take(2)) * 2
    const at = this.take(length)
    return this.fault ? '' : utf16Text(this.bytes, at, length)
  }

  private slot(optional: boolean): Slot {
    const at = this.take(3)
    const slot = { index: u16(this.bytes, at), type: this.bytes[at + 2] ?? 0, optional }
    this.signature += `\u0001${slot.index},${slot.type},${optional ? 1 : 0}`
    return slot
  }

  private literal(text: string): string {
    this.signature += `\u0002${text}`
    return text
  }

  private entity(): string {
    const name = this.name()
    return this.literal(Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? '') : `&${name};`)
  }

  /** Value of an attribute or piece of an element's content; undefined when the token is something else. */
  private part(token: number): string | Slot | undefined {
    switch (token) {
      case 0x05:
        if (this.bytes[this.take(1)] !== 0x01) this.fail('literal value that is not text')
        return this.literal(this.text())
      case 0x07:
        return this.literal(this.text())
      case 0x08:
        return this.literal(String.fromCharCode(u16(this.bytes, this.take(2))))
      case 0x09:
        return this.entity()
      case 0x0d:
        return this.slot(false)
      case 0x0e:
        return this.slot(true)
      default:
        return undefined
    }
  }

  /** A processing instruction says nothing about the event. */
  private instruction(token: number): boolean {
    if (token === 0x0a) this.name()
    else if (token === 0x0b) this.text()
    else return false
    return true
  }

  /** Some producers leave out the dependency number behind the token; the version whose size and name make sense is right. */
  private elementStart(hasAttributes: boolean): void {
    for (const dependency of [2, 0]) {
      const at = this.at + dependency
      if (!elementFits(this.bytes, this.names, at, this.end, hasAttributes)) continue
      if (dependency === 0) this.isGuessed = true
      this.holes.push({ at, is: 'element size', hasAttributes })
      this.at = at + 4
      return
    }
    this.fail('element without a readable start')
  }

  /** The list ends with the token that closes the element's start, whatever its size says. */
  private attributes(path: readonly string[], isData: boolean): Attributes {
    this.holes.push({ at: this.take(4), is: 'list size' })
    const fields: Omit<TemplateField, 'onlyWith'>[] = []
    let dataName: string | undefined
    while (!this.fault && this.peek() === 0x06) {
      this.take(1)
      const name = this.name()
      this.signature += `\u0003${name}`
      const parts: (string | Slot)[] = []
      while (!this.fault && !ENDS_ATTRIBUTE.has(this.peek())) {
        const part = this.part(this.token())
        if (part === undefined) this.fail('attribute without a value')
        else parts.push(part)
      }
      if (isData && name === 'Name' && parts.every(part => typeof part === 'string')) dataName = parts.join('')
      else if (!name.startsWith('xml')) fields.push({ path, attribute: name, dataName: undefined, parts })
    }
    return { dataName, fields }
  }

  /** Reads one element, token included. */
  element(above: readonly string[]): void {
    const hasAttributes = ((this.bytes[this.at] ?? 0) & 0x40) !== 0
    if (this.token() !== 0x01) {
      this.fail('no element where one must be')
      return
    }
    if (above.length >= MAX_DEPTH) {
      this.fail(`elements nested deeper than ${MAX_DEPTH}`)
      return
    }
    this.elementStart(hasAttributes)
    if (this.fault) return
    const name = this.name()
    this.signature += `\u0004${name}`
    const path = [...above, name]
    const attributes = hasAttributes ? this.attributes(path, name === 'Data' || name === 'ComplexData') : NO_ATTRIBUTES
    const before = this.fields.length
    const onlyWith = this.content(path, attributes)
    if (attributes.fields.length > 0)
      this.fields.splice(before, 0, ...attributes.fields.map(field => ({ ...field, dataName: attributes.dataName, onlyWith })))
    this.signature += '\u0005'
  }

  /** What stands inside the element; gives the optional value that is all of it. */
  private content(path: readonly string[], { dataName, fields }: Attributes): Slot | undefined {
    const start = this.token()
    if (start === 0x03) {
      if (fields.length === 0) this.fields.push({ path, attribute: undefined, dataName, parts: EMPTY, onlyWith: undefined })
      return undefined
    }
    if (start !== 0x02) {
      this.fail('element start that is not closed')
      return undefined
    }
    const parts: (string | Slot)[] = []
    let children = 0
    while (!this.fault) {
      if (this.peek() === 0x01) {
        this.element(path)
        children++
        continue
      }
      const token = this.token()
      if (token === 0x04) break
      if (this.instruction(token)) continue
      const part = this.part(token)
      if (part === undefined) this.fail(`token 0x${token.toString(16)} inside an element`)
      else parts.push(part)
    }
    // White space between child elements is layout, not a value.
    const isLayout = children > 0 && parts.every(part => typeof part === 'string' && part.trim() === '')
    if (!isLayout && (parts.length > 0 || fields.length === 0))
      this.fields.push({ path, attribute: undefined, dataName, parts, onlyWith: undefined })
    const [only] = parts
    return children === 0 && parts.length === 1 && typeof only === 'object' && only.optional ? only : undefined
  }

  /** Instructions before an element. */
  prolog(): void {
    while (
      !this.fault &&
      this.at < this.end &&
      this.instruction(this.peek() === 0x0a || this.peek() === 0x0b ? this.token() : 0)
    );
  }
}

const EMPTY: readonly string[] = ['']
const NO_ATTRIBUTES: Attributes = { dataName: undefined, fields: [] }
/** Next attribute, close of the start, empty element. */
const ENDS_ATTRIBUTE: ReadonlySet<number> = new Set([0x06, 0x02, 0x03])
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
