import { dataName, systemName } from '../meanings/windows-names.ts'
import type { Slot, TemplateField } from './element-parser.ts'
import { type EvtxShape, ShapeTable } from './shape.ts'
import { BINXML_TYPE } from './values.ts'

/** Where in the event a definition stands: the elements above it. */
export interface Place {
  readonly path: readonly string[]
  readonly key: string
}

/** The event itself. */
export const EVENT_ITSELF: Place = { path: [], key: '' }

/** A field of a record under the name rules know it by, with the way to its value. */
export interface PlanField {
  readonly name: string
  /** The name before fields of the same name were told apart. */
  readonly wanted: string
  /** `"name":` as it stands in the stored JSON. */
  readonly key: string
  /** A Data element without a name: they are numbered. */
  readonly unnamed: boolean
  /** Where binary XML in its value stands. */
  readonly place: Place
  readonly parts: readonly (string | Slot)[]
  /** The optional value without which the field is not there. */
  readonly onlyWith: Slot | undefined
  /** The text, where the definition holds all of it. */
  readonly literal: string | undefined
  /** `"name":"text"` where the text is a literal. */
  readonly literalJson: string | undefined
  /** The slot, where the value is exactly one. */
  readonly slot: Slot | undefined
  /** Text of the record read before: most fields repeat it. */
  last: string
}

/** Two definitions of one record have a name in common. */
const AMBIGUOUS = 'ambiguous'

/** The fields a definition gives at one place of the event, in document order. */
export interface Plan {
  readonly fields: readonly PlanField[]
  readonly byName: ReadonlyMap<string, PlanField>
  /** Number of the value that holds embedded binary XML (EventData or UserData); -1 for none. */
  readonly embedded: number
  /** The field that is a value alone, by the value's number: where its binary XML stands. */
  readonly holders: ReadonlyMap<number, PlanField>
  /** How often one slot is used at most: bounds how much text a small record can become. */
  readonly repeats: number
  /** Names of records made of this definition alone, and with an embedded one. */
  shape: EvtxShape | typeof AMBIGUOUS | undefined
  readonly shapesWith: WeakMap<Plan, EvtxShape | typeof AMBIGUOUS>
}

/** The name of a text or attribute at `path` (which begins with Event), as Sigma's taxonomy flattens events. */
function fieldName(path: readonly string[], attribute: string | undefined, named: string | undefined): string {
  const [, section = path[0] ?? '', ...rest] = path
  if (section === 'System') return systemName(joined(rest), attribute)
  const name = named ?? placeName(section, rest)
  return dataName(section, attribute === undefined ? name : name ? `${name}_${attribute}` : attribute)
}

/** Characters of a name made of the elements above: real ones have some 60, and a hostile definition nests long names without end. */
const MAX_PATH_LENGTH = 1024

function joined(names: readonly string[]): string {
  let text = ''
  for (const name of names) {
    if (text.length > MAX_PATH_LENGTH) break
    text += text === '' ? name : `_${name}`
  }
  return text
}

/** UserData has one element of the provider's own around the fields; other sections keep their name before them. */
function placeName(section: string, rest: readonly string[]): string {
  if (rest.length === 0) return section
  if (section === 'EventData') return joined(rest)
  if (section === 'UserData') return joined(rest.length > 1 ? rest.slice(1) : rest)
  return `${section}_${joined(rest)}`
}

const isUnnamedData = (path: readonly string[], field: TemplateField) =>
  path.at(-1) === 'Data' && path[1] === 'EventData' && field.attribute === undefined && field.dataName === undefined

/** An element without content that only frames others ("<Correlation/>", "<EventData/>") says nothing; an empty Data or UserData leaf does. */
const isEmptyFrame = (path: readonly string[], field: TemplateField) =>
  field.parts.length === 1 && field.parts[0] === '' && path.at(-1) !== 'Data' && !(path[1] === 'UserData' && path.length > 3)

/** Numbers unnamed Data (one is "Data", several "Data1", "Data2"…) and fields of the same name ("X", "X_2"…). */
export function distinctNames(fields: readonly { readonly name: string; readonly unnamed: boolean }[]): readonly string[] {
  let unnamed = 0
  for (const field of fields) if (field.unnamed) unnamed++
  const times = new Map<string, number>()
  const taken = new Set<string>()
  let number = 0
  return fields.map(field => {
    const wanted = field.unnamed ? (unnamed > 1 ? `Data${++number}` : 'Data') : field.name
    let nth = (times.get(wanted) ?? 0) + 1
    let name = nth === 1 ? wanted : `${wanted}_${nth}`
    // "X_2" may be the own name of another field.
    while (taken.has(name)) name = `${wanted}_${++nth}`
    times.set(wanted, nth)
    taken.add(name)
    return name
  })
}

export function planOf(fields: readonly TemplateField[], prefix: readonly string[]): Plan {
  const drafts = fields
    .map(field => ({ field, path: [...prefix, ...field.path] }))
    .filter(({ field, path }) => !isEmptyFrame(path, field))
    .map(({ field, path }) => ({
      field,
      path,
      name: fieldName(path, field.attribute, field.dataName),
      unnamed: isUnnamedData(path, field),
    }))
  const names = distinctNames(drafts)
  const uses = new Map<number, number>()
  const planned = drafts.map(({ field, path, name: wanted, unnamed }, index): PlanField => {
    const name = names[index] ?? ''
    const key = `${JSON.stringify(name)}:`
    const texts = field.parts.filter(part => typeof part === 'string')
    const [only] = field.parts
    const literal = texts.length === field.parts.length ? texts.join('') : undefined
    for (const part of field.parts) if (typeof part !== 'string') uses.set(part.index, (uses.get(part.index) ?? 0) + 1)
    return {
      name,
      wanted,
      key,
      unnamed,
      place: { path, key: path.join('/') },
      parts: field.parts,
      onlyWith: field.onlyWith,
      literal: field.onlyWith ? undefined : literal,
      literalJson: literal === undefined || field.onlyWith ? undefined : key + JSON.stringify(literal),
      slot: field.parts.length === 1 && typeof only === 'object' ? only : undefined,
      last: '',
    }
  })
  return {
    fields: planned,
    byName: new Map(planned.map(field => [field.name, field])),
    embedded: planned.find(field => field.slot?.type === BINXML_TYPE)?.slot?.index ?? -1,
    holders: new Map(planned.toReversed().flatMap(field => (field.slot ? [[field.slot.index, field] as const] : []))),
    repeats: Math.max(0, ...uses.values()),
    shape: undefined,
    shapesWith: new WeakMap(),
  }
}

const shapes = new ShapeTable()

/** The names of records made of these two definitions; undefined when a name occurs in both, so that names depend on the record. */
export function shapeOf(root: Plan, inner: Plan | undefined): EvtxShape | undefined {
  const known = inner === undefined ? root.shape : root.shapesWith.get(inner)
  if (known !== undefined) return known === AMBIGUOUS ? undefined : known
  const names = [...root.fields, ...(inner?.fields ?? [])].map(field => field.name)
  const shape = new Set(names).size === names.length ? shapes.intern(names) : AMBIGUOUS
  if (inner === undefined) root.shape = shape
  else root.shapesWith.set(inner, shape)
  return shape === AMBIGUOUS ? undefined : shape
}

/** The shape of records whose names depend on their values. */
export const shapeOfNames = (names: readonly string[]): EvtxShape => shapes.intern(names)
