import { CHUNK_BYTES, u16, u32 } from './layout.ts'
import type { Plan } from './plan.ts'
import { ElementParser, type Fault, planAt, type Template, type TemplateCache } from './template.ts'
import { ARRAY_FLAG, BINXML_TYPE } from './values.ts'

/** Deepest embedding of binary XML in values; the deepest real one seen is 3. */
const MAX_EMBEDDING = 16
/** Instances in one record; a hostile record could nest thousands of empty ones. */
const MAX_INSTANCES = 256
/** Bytes of definitions parsed for one chunk: sixteen times a chunk that is nothing but definitions. */
const MAX_DEFINITION_BYTES = 16 * CHUNK_BYTES
/** One value used more often in one definition multiplies a small record into a large one; providers use a value up to 4 times. */
const MAX_REPEATS = 16

/** A definition together with one record's values: positions and types only. */
export class Instance {
  readonly bytes: Buffer
  readonly plan: Plan
  /** Embedded binary XML at the definition's usual place. */
  inner: Instance | undefined
  /** Holds arrays or unusual nesting, so that its fields are not those of the plan. */
  isIrregular = false
  private readonly descriptors: number
  private readonly starts: readonly number[]
  private nested: Map<number, readonly Instance[]> | undefined

  constructor(bytes: Buffer, plan: Plan, descriptors: number, starts: readonly number[]) {
    this.bytes = bytes
    this.plan = plan
    this.descriptors = descriptors
    this.starts = starts
  }

  get count(): number {
    return this.starts.length
  }

  /** Type of a value; NULL for a slot the record has no value for. */
  typeOf(index: number): number {
    return index < this.starts.length ? (this.bytes[this.descriptors + index * 4 + 2] as number) : 0
  }

  sizeOf(index: number): number {
    return index < this.starts.length ? u16(this.bytes, this.descriptors + index * 4) : 0
  }

  startOf(index: number): number {
    return this.starts[index] ?? 0
  }

  nestedAt(index: number): readonly Instance[] {
    return this.nested?.get(index) ?? []
  }

  /** Notes what a value of binary XML holds. */
  addNested(index: number, instances: readonly Instance[]): void {
    const { embedded } = this.plan
    const [first] = instances
    if (embedded?.slot?.index === index && instances.length === 1 && !this.inner) this.inner = first
    else if (instances.length > 0) this.isIrregular = true
    this.nested ??= new Map()
    this.nested.set(index, instances)
  }
}

/** Reads the instances of one chunk. Definitions and names of the chunk are parsed once. */
export class InstanceParser {
  private readonly bytes: Buffer
  private readonly cache: TemplateCache
  private readonly names = new Map<number, string>()
  private readonly definitions = new Map<number, Template | Fault>()
  private definitionBytes = 0
  private instances = 0
  fault: Fault | undefined

  constructor(bytes: Buffer, cache: TemplateCache) {
    this.bytes = bytes
    this.cache = cache
  }

  /** All instances of a record's binary XML; `fault` says what stopped the reading. */
  record(at: number, end: number): readonly Instance[] {
    this.fault = undefined
    this.instances = 0
    return this.fragments(at, end, [], 0)
  }

  private fail(fault: string, at: number): void {
    this.fault ??= { fault, at }
  }

  /** A sequence of fragments: usually one template instance, sometimes several, or elements without a definition. */
  private fragments(start: number, end: number, prefix: readonly string[], depth: number): readonly Instance[] {
    const found: Instance[] = []
    let at = start
    while (at < end && !this.fault) {
      const token = (this.bytes[at] as number) & 0xbf
      if (token === 0x00) break
      if (token === 0x0f) at += 4
      else if (token === 0x0c) at = this.template(at, end, prefix, depth, found)
      else if (token === 0x01) at = this.bare(at, end, prefix, found)
      else this.fail(`token 0x${token.toString(16)} where a fragment begins`, at)
    }
    return found
  }

  /** An element that stands in the record itself. */
  private bare(at: number, end: number, prefix: readonly string[], found: Instance[]): number {
    const parser = new ElementParser(this.bytes, this.names, at, end)
    parser.element([])
    if (parser.fault) this.fault ??= parser.fault
    else found.push(new Instance(this.bytes, planAt(this.cache.intern(parser.signature, parser.fields), prefix), 0, []))
    return parser.at
  }

  private template(at: number, end: number, prefix: readonly string[], depth: number, found: Instance[]): number {
    if (at + 14 > end) {
      this.fail('template instance cut short', at)
      return end
    }
    const offset = u32(this.bytes, at + 6)
    const template = this.definitionAt(offset)
    if ('fault' in template) {
      this.fault ??= template
      return end
    }
    // The definition stands right here when the chunk meets it for the first time.
    const values = offset === at + 10 ? offset + 24 + u32(this.bytes, offset + 20) : at + 10
    return this.values(values, end, planAt(template, prefix), depth, found)
  }

  private values(at: number, end: number, plan: Plan, depth: number, found: Instance[]): number {
    const count = at + 4 <= end ? u32(this.bytes, at) : 0
    const descriptors = at + 4
    if (at + 4 > end || count > (end - descriptors) >>> 2) {
      this.fail('more values than the record has room for', at)
      return end
    }
    if (plan.repeats > MAX_REPEATS) {
      this.fail(`definition uses one value ${plan.repeats} times`, at)
      return end
    }
    if (++this.instances > MAX_INSTANCES) {
      this.fail(`more than ${MAX_INSTANCES} definitions in one record`, at)
      return end
    }
    const starts: number[] = new Array(count)
    let position = descriptors + count * 4
    let special = false
    for (let index = 0; index < count; index++) {
      starts[index] = position
      const descriptor = descriptors + index * 4
      position += (this.bytes[descriptor] as number) | ((this.bytes[descriptor + 1] as number) << 8)
      if ((this.bytes[descriptor + 2] as number) > 0x20) special = true
    }
    if (position > end) {
      this.fail('values reach beyond the record', descriptors)
      return end
    }
    const instance = new Instance(this.bytes, plan, descriptors, starts)
    if (special) this.special(instance, depth)
    found.push(instance)
    return position
  }

  /** Arrays make an instance irregular; embedded binary XML is read now, so that its faults are known with the record's. */
  private special(instance: Instance, depth: number): void {
    for (let index = 0; index < instance.count && !this.fault; index++) {
      const type = instance.typeOf(index)
      if ((type & ARRAY_FLAG) !== 0) instance.isIrregular = true
      else if (type === BINXML_TYPE) {
        const start = instance.startOf(index)
        const size = instance.sizeOf(index)
        if (size === 0) continue
        if (depth >= MAX_EMBEDDING) {
          this.fail(`binary XML embedded deeper than ${MAX_EMBEDDING}`, start)
          return
        }
        const holder = instance.plan.fields.find(field => field.slot?.index === index)
        if (holder) instance.addNested(index, this.fragments(start, start + size, holder.path, depth + 1))
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
    const end = offset + 24 + size
    if (end > this.bytes.length) return fault('definition reaches beyond the chunk')
    this.definitionBytes += size
    if (this.definitionBytes > MAX_DEFINITION_BYTES) return fault('the definitions of this chunk overlap each other')
    let at = offset + 24
    while (at < end && this.bytes[at] === 0x0f) at += 4
    const parser = new ElementParser(this.bytes, this.names, at, end)
    parser.element([])
    return parser.fault ?? this.cache.intern(parser.signature, parser.fields)
  }
}
