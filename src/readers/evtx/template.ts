import { u16, u32 } from './layout.ts'
import { type Plan, planOf } from './plan.ts'
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
}

/** A definition of an event's XML with slots for the values; the same content is one object, however often files repeat it. */
export interface Template {
  readonly fields: readonly TemplateField[]
  readonly plans: Map<string, Plan>
}

/**
 * Definitions by content, over all chunks. Real machines have some thousand; a hostile file could make any number, so the table
 * begins anew when the definitions in it grow too long together.
 */
export class TemplateCache {
  private readonly known = new Map<string, Template>()
  private length = 0

  intern(signature: string, fields: readonly TemplateField[]): Template {
    const found = this.known.get(signature)
    if (found) return found
    this.length += signature.length
    if (this.length > MAX_TEMPLATE_LENGTH) {
      this.known.clear()
      this.length = signature.length
    }
    const template = { fields, plans: new Map() }
    this.known.set(signature, template)
    return template
  }
}

/** Characters of all definitions held: all 88 of a measured machine have some 100,000. */
const MAX_TEMPLATE_LENGTH = 4 << 20
/** Deepest nesting of elements; providers use up to about 20. */
const MAX_DEPTH = 256

/** Why a piece of binary XML cannot be read. */
export interface Fault {
  readonly fault: string
  readonly at: number
}

interface Attributes {
  readonly dataName: string | undefined
  readonly fields: readonly TemplateField[]
}

/** Reads the elements of a definition (or of a record that uses none) into fields. `fault` is set when the bytes are no binary XML. */
export class ElementParser {
  private readonly bytes: Buffer
  private readonly names: Map<number, string>
  private readonly end: number
  at: number
  fault: Fault | undefined
  readonly fields: TemplateField[] = []
  /** Everything that makes the content, for recognising the same definition in another chunk. */
  signature = ''

  constructor(bytes: Buffer, names: Map<number, string>, at: number, end: number) {
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

  private token(): number {
    return (this.bytes[this.take(1)] ?? 0) & 0xbf
  }

  private name(): string {
    const at = this.take(4)
    if (this.fault) return ''
    const offset = u32(this.bytes, at)
    const inline = offset === this.at
    let name = this.names.get(offset)
    if (name === undefined) {
      if (!nameFits(this.bytes, offset)) {
        this.fail(`name offset 0x${offset.toString(16)} points to no name`)
        return ''
      }
      name = utf16Text(this.bytes, offset + 8, u16(this.bytes, offset + 6) * 2)
      this.names.set(offset, name)
    }
    if (inline) this.take(10 + u16(this.bytes, offset + 6) * 2)
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
        return this.literal(ENTITIES[this.name()] ?? '')
      case 0x0d:
        return this.slot(false)
      case 0x0e:
        return this.slot(true)
      default:
        return undefined
    }
  }

  /** Some producers leave out the dependency number behind the token; the version whose size and name make sense is right. */
  private elementStart(hasAttributes: boolean): void {
    for (const dependency of [2, 0]) {
      const at = this.at + dependency
      if (at + 8 > this.end) continue
      const size = u32(this.bytes, at)
      const nameOffset = u32(this.bytes, at + 4)
      if (at + 4 + size > this.end || size < 5 + (hasAttributes ? 4 : 0)) continue
      if (nameOffset !== at + 8 && nameOffset >= at) continue
      if (!nameFits(this.bytes, nameOffset)) continue
      this.at = at + 4
      return
    }
    this.fail('element without a readable start')
  }

  private attributes(path: readonly string[], isData: boolean): Attributes {
    const size = u32(this.bytes, this.take(4))
    const end = this.at + size
    const fields: TemplateField[] = []
    let dataName: string | undefined
    if (end > this.end) this.fail('attribute list longer than its element')
    while (!this.fault && this.at < end) {
      if (this.token() !== 0x06) {
        this.fail('attribute list with another token')
        break
      }
      const name = this.name()
      this.signature += `\u0003${name}`
      const parts: (string | Slot)[] = []
      while (!this.fault && this.at < end && (this.bytes[this.at] ?? 0) !== 0x06 && (this.bytes[this.at] ?? 0) !== 0x46) {
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
    const isData = name === 'Data' || name === 'ComplexData'
    const attributes = hasAttributes ? this.attributes(path, isData) : NO_ATTRIBUTES
    for (const field of attributes.fields) this.fields.push(field)
    this.content(path, attributes)
    this.signature += '\u0005'
  }

  private content(path: readonly string[], attributes: Attributes): void {
    const { dataName } = attributes
    const start = this.token()
    if (start === 0x03) {
      if (attributes.fields.length === 0) this.fields.push({ path, attribute: undefined, dataName, parts: EMPTY })
      return
    }
    if (start !== 0x02) {
      this.fail('element start that is not closed')
      return
    }
    const parts: (string | Slot)[] = []
    let children = 0
    while (!this.fault) {
      const next = (this.bytes[this.at] ?? 0) & 0xbf
      if (next === 0x01) {
        this.element(path)
        children++
        continue
      }
      const token = this.token()
      if (token === 0x04) break
      if (token === 0x0a) this.name()
      else if (token === 0x0b) this.text()
      else {
        const part = this.part(token)
        if (part === undefined) this.fail(`token 0x${token.toString(16)} inside an element`)
        else parts.push(part)
      }
    }
    // White space between child elements is layout, not a value.
    const isLayout = children > 0 && parts.every(part => typeof part === 'string' && part.trim() === '')
    if (!isLayout && (parts.length > 0 || attributes.fields.length === 0))
      this.fields.push({ path, attribute: undefined, dataName, parts })
  }
}

const EMPTY: readonly string[] = ['']
const NO_ATTRIBUTES: Attributes = { dataName: undefined, fields: [] }
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Is there a name at this offset: next offset, hash, length, characters and a NUL inside the chunk? */
function nameFits(bytes: Buffer, offset: number): boolean {
  if (offset + 10 > bytes.length) return false
  const end = offset + 8 + u16(bytes, offset + 6) * 2
  return end + 2 <= bytes.length && u16(bytes, end) === 0
}

/** The field plan of a template at a place of the event ("" for the event itself, "Event" for what is embedded in it). */
export function planAt(template: Template, prefix: readonly string[]): Plan {
  const key = prefix.join('/')
  let plan = template.plans.get(key)
  if (!plan) {
    plan = planOf(template.fields, prefix)
    template.plans.set(key, plan)
  }
  return plan
}
