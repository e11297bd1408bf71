import { dataName, systemName } from '../meanings/windows-names.ts'
import { EvtxShape } from './shape.ts'
import type { Slot, TemplateField } from './template.ts'
import { BINXML_TYPE } from './values.ts'

/** A field of a record under the name rules know it by, with the way to its value. */
export interface PlanField {
  /** Its name where no other field of the record has the same one. */
  readonly name: string
  /** `"name":` as it stands in the stored JSON. */
  readonly key: string
  /** A Data element without a name: they are numbered. */
  readonly unnamed: boolean
  readonly path: readonly string[]
  readonly parts: readonly (string | Slot)[]
  /** The text, where the definition holds all of it. */
  readonly literal: string | undefined
  /** `"name":"text"` where the text is a literal. */
  readonly literalJson: string | undefined
  /** The slot, where the value is exactly one. */
  readonly slot: Slot | undefined
}

/** The fields a definition gives at one place of the event, in document order. */
export interface Plan {
  readonly fields: readonly PlanField[]
  readonly byName: ReadonlyMap<string, PlanField>
  /** The field that holds embedded binary XML (EventData or UserData). */
  readonly embedded: PlanField | undefined
  /** How often one slot is used at most: bounds how much text a small record can become. */
  readonly repeats: number
  /** Names of records made of this definition and an embedded one (or none); undefined where a name of one hides one of the other. */
  readonly shapes: Map<Plan | undefined, EvtxShape | undefined>
}

/** The name of a text or attribute at `path` (which begins with Event), as Sigma's taxonomy flattens events. */
function fieldName(path: readonly string[], attribute: string | undefined, named: string | undefined): string {
  const [, section = path[0] ?? '', ...rest] = path
  if (section === 'System') return systemName(rest.join('_'), attribute)
  const name = named ?? placeName(section, rest)
  return dataName(section, attribute === undefined ? name : name ? `${name}_${attribute}` : attribute)
}

/** UserData has one element of the provider's own around the fields; other sections keep their name before them. */
function placeName(section: string, rest: readonly string[]): string {
  if (rest.length === 0) return section
  if (section === 'EventData') return rest.join('_')
  if (section === 'UserData') return rest.length > 1 ? rest.slice(1).join('_') : (rest[0] ?? '')
  return `${section}_${rest.join('_')}`
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
  const planned = drafts.map(({ field, path, unnamed }, index): PlanField => {
    const name = names[index] ?? ''
    const key = `${JSON.stringify(name)}:`
    const texts = field.parts.filter(part => typeof part === 'string')
    const [only] = field.parts
    const literal = texts.length === field.parts.length ? texts.join('') : undefined
    for (const part of field.parts) if (typeof part !== 'string') uses.set(part.index, (uses.get(part.index) ?? 0) + 1)
    return {
      name,
      key,
      unnamed,
      path,
      parts: field.parts,
      literal,
      literalJson: literal === undefined ? undefined : key + JSON.stringify(literal),
      slot: field.parts.length === 1 && typeof only === 'object' ? only : undefined,
    }
  })
  return {
    fields: planned,
    byName: new Map(planned.map(field => [field.name, field])),
    embedded: planned.find(field => field.slot?.type === BINXML_TYPE),
    repeats: Math.max(0, ...uses.values()),
    shapes: new Map(),
  }
}

/** The shape of records made of these two definitions; undefined when a name occurs in both, so that names depend on the record. */
export function shapeOf(root: Plan, inner: Plan | undefined): EvtxShape | undefined {
  if (root.shapes.has(inner)) return root.shapes.get(inner)
  const names = [...root.fields, ...(inner?.fields ?? [])].map(field => field.name)
  const shape = new Set(names).size === names.length ? new EvtxShape(names) : undefined
  root.shapes.set(inner, shape)
  return shape
}
