import { type ChunkNames, ElementParser, elementFits, type Fault, type Hole, type TemplateField } from './element-parser.ts'
import { u16, u32 } from './layout.ts'
import { type Place, type Plan, planOf } from './plan.ts'

/** A definition of an event's XML with slots for the values; the same content is one object, however often files repeat it. */
export class Template {
  readonly fields: readonly TemplateField[]
  /** Values a record of it has at least. */
  readonly slots: number
  private readonly plans = new Map<string, Plan>()

  constructor(fields: readonly TemplateField[]) {
    this.fields = fields
    let slots = 0
    for (const { parts } of fields)
      for (const part of parts) if (typeof part === 'object') slots = Math.max(slots, part.index + 1)
    this.slots = slots
  }

  /** The field plan at a place of the event: the event itself, or what is embedded in it. */
  planAt(place: Place): Plan {
    let plan = this.plans.get(place.key)
    if (!plan) {
      plan = planOf(this.fields, place.path)
      this.plans.set(place.key, plan)
    }
    return plan
  }
}

/** Layout of a definition: offset of the next, GUID (whose first word is the number instances name it by), size, binary XML. */
const DEFINITION_HEADER_BYTES = 24
const GUID_AT = 4
const SIZE_AT = 20

/** Characters of all definitions held: all 88 of a measured machine have some 100,000. */
const MAX_TEMPLATE_LENGTH = 2 << 20
/** Definitions of one number that are compared byte by byte; versions of a provider may share it. */
const MAX_ALIKE = 8

/**
 * Definitions by content, over all chunks. Real machines have some thousand; a hostile file could make any number, so the table
 * begins anew when the definitions in it grow too long together.
 */
export class TemplateCache {
  private readonly bySignature = new Map<string, Template>()
  private readonly byNumber = new Map<number, KnownDefinition[]>()
  private length = 0

  /** The definition at `offset` of a chunk, or why it cannot be read. */
  read(bytes: Buffer, names: ChunkNames, offset: number): Template | Fault {
    const end = offset + DEFINITION_HEADER_BYTES + u32(bytes, offset + SIZE_AT)
    let at = offset + DEFINITION_HEADER_BYTES
    while (at < end && bytes[at] === 0x0f) at += 4
    const number = u32(bytes, offset + GUID_AT)
    for (const known of this.byNumber.get(number) ?? []) if (known.isAt(bytes, names, at, end)) return known.template
    const parser = new ElementParser(bytes, names, at, end)
    parser.prolog()
    parser.element([])
    if (parser.fault) return parser.fault
    const template = this.intern(parser.signature, parser.fields)
    if (!parser.isGuessed) this.remember(number, new KnownDefinition(bytes, at, parser.at, parser.holes, template))
    return template
  }

  /** One object for each content. */
  intern(signature: string, fields: readonly TemplateField[]): Template {
    const found = this.bySignature.get(signature)
    if (found) return found
    this.grow(signature.length)
    const template = new Template(fields)
    this.bySignature.set(signature, template)
    return template
  }

  private remember(number: number, definition: KnownDefinition): void {
    this.grow(definition.length)
    const alike = this.byNumber.get(number) ?? []
    if (alike.push(definition) > MAX_ALIKE) alike.shift()
    this.byNumber.set(number, alike)
  }

  private grow(length: number): void {
    this.length += length
    if (this.length <= MAX_TEMPLATE_LENGTH) return
    this.bySignature.clear()
    this.byNumber.clear()
    this.length = length
  }
}

/**
 * The bytes a definition had where it was read first. Elsewhere it is the same definition when the bytes between its holes are the
 * same and the holes hold the same names: much faster than reading it again, and never another answer.
 */
class KnownDefinition {
  readonly template: Template
  private readonly bytes: Uint8Array
  private readonly start: number
  private readonly holes: readonly Hole[]

  constructor(bytes: Buffer, start: number, end: number, holes: readonly Hole[], template: Template) {
    this.template = template
    this.bytes = Uint8Array.prototype.slice.call(bytes, start, end)
    this.start = start
    this.holes = holes
  }

  get length(): number {
    return this.bytes.length
  }

  isAt(bytes: Buffer, names: ChunkNames, start: number, end: number): boolean {
    const own = this.bytes
    let at = start
    let ownAt = 0
    for (const hole of this.holes) {
      const run = hole.at - this.start - ownAt
      if (at + run + 4 > end || !sameBytes(bytes, at, own, ownAt, run)) return false
      at += run
      ownAt += run
      if (hole.is === 'element size' && !elementFits(bytes, names, at, end, hole.hasAttributes)) return false
      const isName = hole.is === 'name'
      if (isName && names.at(u32(bytes, at)) !== hole.name) return false
      at += isName ? nameBytes(bytes, at, at) : 4
      ownAt += isName ? nameBytes(own, ownAt, hole.at) : 4
    }
    const rest = own.length - ownAt
    return at + rest <= end && sameBytes(bytes, at, own, ownAt, rest)
  }
}

/** Bytes a name takes at a place that is `offset` of its chunk: the pointer alone, or the name too where it points right behind itself. */
function nameBytes(bytes: Uint8Array, at: number, offset: number): number {
  return u32(bytes, at) === offset + 4 ? 14 + u16(bytes, at + 10) * 2 : 4
}

function sameBytes(a: Uint8Array, at: number, b: Uint8Array, bAt: number, count: number): boolean {
  for (let index = 0; index < count; index++) if (a[at + index] !== b[bAt + index]) return false
  return true
}
