import { type ChunkNames, ElementParser, type Fault } from './element-parser.ts'
import { CHUNK_BYTES, u32 } from './layout.ts'
import { EVENT_ITSELF, type Place, type Plan } from './plan.ts'
import { Template, type TemplateCache } from './template.ts'
import { ARRAY_FLAG, BINXML_TYPE } from './values.ts'

/** Deepest embedding of binary XML in values; the deepest real one seen is 3. */
const MAX_EMBEDDING = 16
/** Instances in one record; a hostile record could nest thousands of empty ones. */
const MAX_INSTANCES = 256
/** Bytes of definitions parsed for one chunk: definitions that do not overlap have less than one chunk of them. */
const MAX_DEFINITION_BYTES = 4 * CHUNK_BYTES
/** One value used more often in one definition multiplies a small record into a large one; providers use a value up to 4 times. */
const MANY_REPEATS = 16
/** Bytes that a record whose values are used many times may become. */
const MAX_REPEATED_BYTES = 1 << 20
/** Values whose positions share one block of memory. */
const POSITIONS = 2048

/** A definition together with one record's values: positions and types only. */
export class Instance {
  readonly bytes: Buffer
  readonly plan: Plan
  readonly count: number
  /** Binary XML at the definition's usual place. */
  inner: Instance | undefined
  /** What follows in the same value or record. */
  next: Instance | undefined
  /** Holds arrays or unusual nesting, so that its fields are not those of the plan. */
  isIrregular = false
  private readonly descriptors: number
  private readonly starts: Uint16Array
  private readonly first: number
  private nested: Map<number, Instance> | undefined

  constructor(bytes: Buffer, plan: Plan, descriptors: number, count: number, starts: Uint16Array, first: number) {
    this.bytes = bytes
    this.plan = plan
    this.descriptors = descriptors
    this.count = count
    this.starts = starts
    this.first = first
    this.inner = undefined
    this.next = undefined
    this.nested = undefined
  }

  /** Type of a value; NULL for a slot the record has no value for. */
  typeOf(index: number): number {
    return index < this.count ? (this.bytes[this.descriptors + index * 4 + 2] as number) : 0
  }

  sizeOf(index: number): number {
    if (index >= this.count) return 0
    const at = this.descriptors + index * 4
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8)
  }

  startOf(index: number): number {
    return index < this.count ? (this.starts[this.first + index] as number) : 0
  }

  /** First instance of the binary XML a value holds. */
  nestedAt(index: number): Instance | undefined {
    return index === this.plan.embedded ? this.inner : this.nested?.get(index)
  }

  /** Notes what a value of binary XML holds. */
  addNested(index: number, head: Instance): void {
    if (index === this.plan.embedded) {
      this.inner = head
      if (head.next) this.isIrregular = true
      return
    }
    this.isIrregular = true
    this.nested ??= new Map()
    this.nested.set(index, head)
  }
}

/** Finds a definition that is no longer where a record says, by its number and the types of the record's values. */
export type Rescue = (number: number, types: readonly number[], place: Place) => Template

const NO_POSITIONS = new Uint16Array(0)

/** Reads the instances of one chunk. Definitions and names of the chunk are read once. */
export class InstanceParser {
  private readonly bytes: Buffer
  private readonly cache: TemplateCache
  private readonly names: ChunkNames
  private readonly definitions = new Map<number, Template | Fault>()
  private definitionBytes = 0
  private instances = 0
  private positions = NO_POSITIONS
  private used = 0
  fault: Fault | undefined
  private readonly rescue: Rescue | undefined

  /** With `rescue` a definition that is gone does not end a record. */
  constructor(bytes: Buffer, names: ChunkNames, cache: TemplateCache, rescue?: Rescue) {
    this.bytes = bytes
    this.names = names
    this.cache = cache
    this.rescue = rescue
  }

  /** Definitions the records read so far were made of, with the number instances name them by. */
  *known(): Iterable<readonly [number, Template]> {
    for (const [offset, template] of this.definitions)
      if (!('fault' in template)) yield [u32(this.bytes, offset + 4), template] as const
  }

  /** The first instance of a record's binary XML; `fault` says what stopped the reading. */
  record(at: number, end: number): Instance | undefined {
    this.fault = undefined
    this.instances = 0
    return this.fragments(at, end, EVENT_ITSELF, 0)
  }

  private fail(fault: string, at: number): void {
    this.fault ??= { fault, at }
  }

  /** A sequence of fragments: usually one template instance, sometimes several, or elements without a definition. */
  private fragments(start: number, end: number, place: Place, depth: number): Instance | undefined {
    let head: Instance | undefined
    let last: Instance | undefined
    let at = start
    while (at < end && !this.fault) {
      const token = (this.bytes[at] as number) & 0xbf
      if (token === 0x00) {
        if (!this.isFragment(at + 1, end)) break
        at += 1
      } else if (token === 0x0f) at += 4
      else if (token === 0x0a || token === 0x0b) at = this.instructions(at, end)
      else if (token === 0x0c || token === 0x01) {
        this.end = at
        const found = token === 0x0c ? this.template(at, end, place, depth) : this.bare(at, end, place)
        if (!found) break
        if (last) last.next = found
        else head = found
        last = found
        at = this.end
      } else this.fail(`token 0x${token.toString(16)} where a fragment begins`, at)
    }
    return head
  }

  /** Where what was read last ends. */
  private end = 0

  /** Behind the end of one fragment follows filling, or a further fragment with its header. */
  private isFragment(at: number, end: number): boolean {
    return at + 8 < end && u32(this.bytes, at) === 0x0001010f
  }

  private instructions(at: number, end: number): number {
    const parser = new ElementParser(this.bytes, this.names, at, end)
    parser.prolog()
    this.fault ??= parser.fault
    return parser.at
  }

  /** An element that stands in the record itself. */
  private bare(at: number, end: number, place: Place): Instance | undefined {
    const parser = new ElementParser(this.bytes, this.names, at, end)
    parser.element([])
    this.end = parser.at
    if (parser.fault) {
      this.fault ??= parser.fault
      return undefined
    }
    // Its texts are this record's own: it will hardly come again.
    const template = new Template(parser.fields)
    return this.counted(at) ? new Instance(this.bytes, template.planAt(place), 0, 0, NO_POSITIONS, 0) : undefined
  }

  private template(at: number, end: number, place: Place, depth: number): Instance | undefined {
    if (at + 14 > end) {
      this.fail('template instance cut short', at)
      return undefined
    }
    const offset = u32(this.bytes, at + 6)
    const template = this.rescue ? this.rescued(at, end, place, this.rescue) : this.definitionAt(offset)
    if ('fault' in template) {
      this.fault ??= template
      return undefined
    }
    // The definition stands right here when the chunk meets it for the first time.
    const values = offset === at + 10 ? offset + 24 + u32(this.bytes, offset + 20) : at + 10
    return this.values(values, end, template.planAt(place), depth)
  }

  /** In remains of older use, a definition is the record's only where the number is right and every value has its place. */
  private rescued(at: number, end: number, place: Place, rescue: Rescue): Template | Fault {
    const number = u32(this.bytes, at + 2)
    const offset = u32(this.bytes, at + 6)
    if (offset === at + 10) return this.definitionAt(offset)
    const count = at + 14 <= end ? u32(this.bytes, at + 10) : 0
    if (count > (end - at - 14) >>> 2) return { fault: 'more values than the record has room for', at }
    const types = Array.from({ length: count }, (_, index) => this.bytes[at + 16 + index * 4] ?? 0)
    if (offset + 24 <= this.bytes.length && u32(this.bytes, offset + 4) === number) {
      const template = this.definitionAt(offset)
      if (!('fault' in template) && template.slots <= count) return template
    }
    return rescue(number, types, place)
  }

  private counted(at: number): boolean {
    if (++this.instances <= MAX_INSTANCES) return true
    this.fail(`more than ${MAX_INSTANCES} definitions in one record`, at)
    return false
  }

  private values(at: number, end: number, plan: Plan, depth: number): Instance | undefined {
    const count = at + 4 <= end ? u32(this.bytes, at) : 0
    const descriptors = at + 4
    if (descriptors > end || count > (end - descriptors) >>> 2) {
      this.fail('more values than the record has room for', at)
      return undefined
    }
    if (plan.repeats > MANY_REPEATS && plan.repeats * (end - at) > MAX_REPEATED_BYTES) {
      this.fail(`definition uses one value ${plan.repeats} times`, at)
      return undefined
    }
    if (!this.counted(at)) return undefined
    if (this.used + count > this.positions.length) {
      this.positions = new Uint16Array(Math.max(POSITIONS, count))
      this.used = 0
    }
    const { bytes, positions, used } = this
    let position = descriptors + count * 4
    let special = false
    for (let index = 0, descriptor = descriptors; index < count; index++, descriptor += 4) {
      positions[used + index] = position
      position += (bytes[descriptor] as number) | ((bytes[descriptor + 1] as number) << 8)
      if ((bytes[descriptor + 2] as number) > 0x20) special = true
    }
    if (position > end) {
      this.fail('values reach beyond the record', descriptors)
      return undefined
    }
    this.used = used + count
    const instance = new Instance(bytes, plan, descriptors, count, positions, used)
    if (special) this.special(instance, depth)
    this.end = position
    return instance
  }

  /** Arrays make an instance irregular; embedded binary XML is read now, so that its faults are known with the record's. */
  private special(instance: Instance, depth: number): void {
    for (let index = 0; index < instance.count && !this.fault; index++) {
      const type = instance.typeOf(index)
      if (type < BINXML_TYPE) continue
      if ((type & ARRAY_FLAG) !== 0) instance.isIrregular = true
      else if (type === BINXML_TYPE) {
        const start = instance.startOf(index)
        const size = instance.sizeOf(index)
        if (size === 0) continue
        if (depth >= MAX_EMBEDDING) {
          this.fail(`binary XML embedded deeper than ${MAX_EMBEDDING}`, start)
          return
        }
        const holder = instance.plan.holders.get(index)
        const head = holder && this.fragments(start, start + size, holder.place, depth + 1)
        if (head) instance.addNested(index, head)
      }
    }
  }

  private definitionAt(offset: number): Template | Fault {
    const known = this.definitions.get(offset)
    if (known) return known
    const read = this.readDefinition(offset)
    this.definitions.set(offset, read)
    return read
  }

  private readDefinition(offset: number): Template | Fault {
    const fault = (text: string): Fault => ({ fault: text, at: offset })
    if (offset + 24 > this.bytes.length) return fault(`definition offset 0x${offset.toString(16)} lies outside the chunk`)
    const size = u32(this.bytes, offset + 20)
    if (offset + 24 + size > this.bytes.length) return fault('definition reaches beyond the chunk')
    this.definitionBytes += size
    if (this.definitionBytes > MAX_DEFINITION_BYTES) return fault('the definitions of this chunk overlap each other')
    return this.cache.read(this.bytes, this.names, offset)
  }
}
