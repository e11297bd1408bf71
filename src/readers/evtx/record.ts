import { type Micros, microsFromIso, type OriginalRecord, type TextSpan } from '../../model/index.ts'
import { joinedData } from '../meanings/windows-names.ts'
import type { Slot } from './element-parser.ts'
import type { Instance } from './instance.ts'
import { u32 } from './layout.ts'
import { distinctNames, type PlanField, shapeOf, shapeOfNames } from './plan.ts'
import { writeRecordJson } from './record-json.ts'
import type { EvtxShape } from './shape.ts'
import {
  ARRAY_FLAG,
  arrayTexts,
  BINXML_TYPE,
  eventTimeOf,
  FILETIME_TYPE,
  isFormatted,
  NULL_TYPE,
  STRING_TYPE,
  utf16Length,
  utf16Text,
  valueText,
} from './values.ts'
import { recordXml } from './xml.ts'

const encoder = new TextEncoder()

/** One field of a record whose shape is not the plain one. */
interface Entry {
  readonly name: string
  readonly unnamed: boolean
  readonly text: string
}

/**
 * A record of an event log. Positions are known, values are not decoded before somebody asks for them: `get` decodes one field.
 * Plain records (one definition, one embedded) answer from the plans of their definitions; records with arrays or unusual nesting
 * are laid out once when first asked.
 */
export class EvtxRecord implements OriginalRecord {
  /** Number in the record's header; the event's own is the field EventRecordID. */
  readonly recordId: number
  /** Byte offset in the file. */
  readonly offset: number
  private readonly headerAt: number
  private readonly root: Instance
  private readonly inner: Instance | undefined
  /** Names where the definitions alone decide them; undefined for records that must be laid out. */
  private readonly plain: EvtxShape | undefined
  private laidOut: { readonly shape: EvtxShape; readonly texts: readonly string[] } | undefined

  /** `headerAt` is where the record's header stands in the chunk. */
  constructor(recordId: number, offset: number, headerAt: number, root: Instance) {
    this.recordId = recordId
    this.offset = offset
    this.headerAt = headerAt
    this.root = root
    this.inner = root.inner
    this.plain = plainShape(root)
    this.laidOut = undefined
  }

  /** The tree of the record as XML text; undefined where a definition it needs is gone from its chunk. */
  xml(): string | undefined {
    const { bytes } = this.root
    return recordXml(bytes, this.headerAt, u32(bytes, this.headerAt + 4))
  }

  /** Time the service wrote the record, from the record's header. */
  get written(): Micros | undefined {
    return eventTimeOf(this.root.bytes, this.headerAt + 16)
  }

  get shape(): EvtxShape {
    return this.plain ?? this.layOut().shape
  }

  at(index: number): string | undefined {
    if (!this.plain) return this.layOut().texts[index]
    const { fields } = this.root.plan
    const field = fields[index]
    if (field) return fieldText(this.root, field)
    const innerField = this.inner?.plan.fields[index - fields.length]
    return this.inner && innerField ? fieldText(this.inner, innerField) : undefined
  }

  spanAt(index: number, span: TextSpan): boolean {
    if (!this.plain) return false
    const { fields } = this.root.plan
    const isInner = index >= fields.length
    const instance = isInner ? this.inner : this.root
    const field = instance?.plan.fields[isInner ? index - fields.length : index]
    const slot = field?.slot
    if (!instance || !slot || field.onlyWith || instance.typeOf(slot.index) !== STRING_TYPE) return false
    span.bytes = instance.bytes
    span.at = instance.startOf(slot.index)
    span.length = utf16Length(instance.bytes, span.at, instance.sizeOf(slot.index))
    return true
  }

  isFormattedAt(index: number): boolean {
    if (!this.plain) return false
    const { fields } = this.root.plan
    const isInner = index >= fields.length
    const instance = isInner ? this.inner : this.root
    const slot = instance?.plan.fields[isInner ? index - fields.length : index]?.slot
    return instance !== undefined && slot !== undefined && isFormatted(instance.typeOf(slot.index))
  }

  get(name: string): string | undefined {
    const index = this.shape.indexOf(name)
    if (index >= 0) return this.at(index)
    return name === 'Data' ? joinedData(other => this.get(other)) : undefined
  }

  names(): readonly string[] {
    if (!this.plain) return this.layOut().shape.names
    const names: string[] = []
    for (const instance of this.plainInstances())
      for (const field of instance.plan.fields) if (isPresent(instance, field)) names.push(field.name)
    return names
  }

  text(): string {
    let json = ''
    if (this.plain)
      for (const instance of this.plainInstances()) {
        for (const field of instance.plan.fields) {
          const item = fieldJson(instance, field)
          if (item !== undefined) json += (json ? ',' : '{') + item
        }
      }
    else {
      const { shape, texts } = this.layOut()
      for (const [index, name] of shape.names.entries())
        json += `${json ? ',' : '{'}${JSON.stringify(name)}:${JSON.stringify(texts[index] ?? '')}`
    }
    return json ? `${json}}` : '{}'
  }

  writeText(target: Uint8Array, at: number): number {
    if (this.plain) return writeRecordJson(this.root, target, at)
    const text = this.text()
    const { read, written } = encoder.encodeInto(text, target.subarray(at))
    return read === text.length ? at + written : -1
  }

  /** A field that is a time, without the way through text; undefined when it is none or an impossible one. */
  timeOf(name: string): Micros | undefined {
    const field = this.root.plan.byName.get(name)
    const index = field?.slot?.index ?? -1
    if (index >= 0 && this.root.typeOf(index) === FILETIME_TYPE && this.root.sizeOf(index) === 8)
      return eventTimeOf(this.root.bytes, this.root.startOf(index))
    return microsFromIso(this.get(name) ?? '')
  }

  private plainInstances(): readonly Instance[] {
    return this.inner ? [this.root, this.inner] : [this.root]
  }

  private layOut(): { readonly shape: EvtxShape; readonly texts: readonly string[] } {
    if (!this.laidOut) {
      const entries: Entry[] = []
      for (let instance: Instance | undefined = this.root; instance; instance = instance.next) expand(instance, entries)
      this.laidOut = { shape: shapeOfNames(distinctNames(entries)), texts: entries.map(entry => entry.text) }
    }
    return this.laidOut
  }
}

/** The shape of a record without arrays, with at most one embedded definition in its usual place, and with no name twice. */
function plainShape(root: Instance): EvtxShape | undefined {
  const { inner } = root
  if (root.next || root.isIrregular || inner?.isIrregular || inner?.inner) return undefined
  return shapeOf(root.plan, inner?.plan)
}

/** `"name":"text"` of a field of a plain record; undefined when the record leaves it out. */
function fieldJson(instance: Instance, field: PlanField): string | undefined {
  if (field.literalJson !== undefined) return field.literalJson
  const text = fieldText(instance, field)
  return text === undefined ? undefined : field.key + JSON.stringify(text)
}

/** Does the record have the field? Says what `fieldText` would, without decoding. */
function isPresent(instance: Instance, { slot, onlyWith }: PlanField): boolean {
  if (onlyWith && instance.typeOf(onlyWith.index) === NULL_TYPE) return false
  if (!slot) return true
  const type = instance.typeOf(slot.index)
  return type === NULL_TYPE ? !slot.optional : type !== BINXML_TYPE
}

/** Text of a field of a plain record; undefined when the record leaves it out. */
function fieldText(instance: Instance, field: PlanField): string | undefined {
  if (field.literal !== undefined) return field.literal
  const { slot, onlyWith } = field
  if (onlyWith && instance.typeOf(onlyWith.index) === NULL_TYPE) return undefined
  if (slot)
    return instance.typeOf(slot.index) === STRING_TYPE ? repeatedText(instance, slot.index, field) : slotText(instance, slot)
  let text = ''
  for (const part of field.parts) text += typeof part === 'string' ? part : (slotText(instance, part) ?? '')
  return text
}

/** Longest text that is compared with the one before: names of computers, accounts and programs, not command lines. */
const MAX_REPEATED_BYTES = 256

/** Text of a field that mostly is what it was in the record before: comparing costs a fraction of decoding. */
function repeatedText(instance: Instance, index: number, field: PlanField): string {
  const { bytes } = instance
  const at = instance.startOf(index)
  const size = instance.sizeOf(index)
  const { last } = field
  if (last !== '' && last.length * 2 === size && isText(last, bytes, at)) return last
  const text = utf16Text(bytes, at, size)
  if (size <= MAX_REPEATED_BYTES) field.last = text
  return text
}

function isText(text: string, bytes: Uint8Array, at: number): boolean {
  for (let index = 0, byte = at; index < text.length; index++, byte += 2)
    if (((bytes[byte] as number) | ((bytes[byte + 1] as number) << 8)) !== text.charCodeAt(index)) return false
  return true
}

function slotText(instance: Instance, slot: Slot): string | undefined {
  const type = instance.typeOf(slot.index)
  if (type === NULL_TYPE) return slot.optional ? undefined : ''
  if (type === BINXML_TYPE) return undefined
  return valueText(instance.bytes, type, instance.startOf(slot.index), instance.sizeOf(slot.index))
}

/** Adds the fields of an instance in document order: an array repeats its element, embedded binary XML gives its own fields. */
function expand(instance: Instance, entries: Entry[]): void {
  const opened = new Set<number>()
  for (const field of instance.plan.fields) {
    const { slot, wanted: name, unnamed } = field
    const type = slot ? instance.typeOf(slot.index) : NULL_TYPE
    if (slot && type === BINXML_TYPE) {
      // Once is enough: a definition that names the same value many times would multiply it without end.
      if (!opened.has(slot.index))
        for (let nested = instance.nestedAt(slot.index); nested; nested = nested.next) expand(nested, entries)
      opened.add(slot.index)
    } else if (slot && (type & ARRAY_FLAG) !== 0) {
      const start = instance.startOf(slot.index)
      for (const text of arrayTexts(instance.bytes, type, start, instance.sizeOf(slot.index)))
        entries.push({ name, unnamed, text })
    } else {
      const text = fieldText(instance, field)
      if (text !== undefined) entries.push({ name, unnamed, text })
    }
  }
}
