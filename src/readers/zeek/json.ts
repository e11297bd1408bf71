import { type Micros, microsFromIso, type OriginalRecord } from '../../model/index.ts'
import { flowAddress } from '../meanings/flow.ts'
import { type Columns, canonicalName, canonicalNumber, type Field, microsFromSeconds, wholeNumber } from './columns.ts'

/** One record of Zeek's JSON writer, in any of the spellings people have. */
export type JsonRow = Readonly<Record<string, unknown>>

/** The object a line holds; undefined when the line is no JSON object. */
export function jsonRowOf(line: string): JsonRow | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isRow(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRow(value: unknown): value is JsonRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a field whether it is written "id.orig_h", "id_orig_h" or {"id":{"orig_h":…}}; undefined when unset. */
export function fieldOf(row: JsonRow, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name] ?? undefined
  const dot = name.indexOf('.')
  if (dot < 0) return undefined
  const underscored = `${name.slice(0, dot)}_${name.slice(dot + 1)}`
  if (Object.hasOwn(row, underscored)) return row[underscored] ?? undefined
  const nested = row[name.slice(0, dot)]
  const inner = name.slice(dot + 1)
  return isRow(nested) && Object.hasOwn(nested, inner) ? (nested[inner] ?? undefined) : undefined
}

const textOfValue = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return canonicalNumber(value)
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value)
}

function timeOfValue(value: unknown): Micros | undefined {
  if (typeof value === 'number') return microsFromSeconds(value)
  if (typeof value !== 'string') return undefined
  return microsFromIso(value) ?? (/^\d+(?:\.\d+)?$/.test(value) ? microsFromSeconds(Number(value)) : undefined)
}

const numberOfValue = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
}

function listOfValue(value: unknown): readonly string[] {
  if (value === undefined || value === '') return []
  return Array.isArray(value) ? value.map(textOfValue) : [textOfValue(value)]
}

/** Typed access to JSON rows. */
export const jsonColumns: Columns<JsonRow> = {
  text: name => bind(name, textOfValue),
  address: name => bind(name, value => (typeof value === 'string' ? flowAddress(value) : '')),
  int: name => bind(name, value => mapNumber(numberOfValue(value), wholeNumber)),
  interval: name => bind(name, value => mapNumber(numberOfValue(value), seconds => wholeNumber(seconds * 1e6))),
  time: name => bind(name, timeOfValue),
  flag: name => bind(name, value => (typeof value === 'boolean' ? value : undefined)),
  list: name => bind(name, listOfValue),
  all: row =>
    [...flatEntries(row)].flatMap(([name, value]): [string, string][] => {
      const text = canonicalValue(value)
      return text === '' || ENVELOPE.has(name) ? [] : [[name, text]]
    }),
}

function bind<Value>(name: string, read: (value: unknown) => Value): Field<JsonRow, Value> {
  return row => read(fieldOf(row, name))
}

function mapNumber(value: number | undefined, make: (value: number) => number | undefined): number | undefined {
  return value === undefined ? undefined : make(value)
}

/** Keys a log shipper adds around the record; they say how it travelled, not what happened. */
const ENVELOPE = new Set(['_path', '_write_ts', '@stream', '@proc', '@timestamp', '@version', '_index', '_id'])

/** A record nests one level in Zeek; deeper objects are kept as JSON text. */
function* flatEntries(row: JsonRow): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(row))
    if (isRow(value)) for (const [inner, nested] of Object.entries(value)) yield [`${name}.${inner}`, nested] as const
    else yield [canonicalName(name), value] as const
}

function canonicalValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(canonicalValue).join(',')
  const time = typeof value === 'string' && value.endsWith('Z') ? microsFromIso(value) : undefined
  return time === undefined ? textOfValue(value) : canonicalNumber(time / 1e6)
}

/** The record as logged; fields answer to "id.orig_h" however the log spells them. */
export function jsonOriginal(row: JsonRow, line: string): OriginalRecord {
  return {
    get: name => {
      const value = fieldOf(row, canonicalName(name)) ?? (Object.hasOwn(row, name) ? row[name] : undefined)
      return value === undefined || value === null ? undefined : textOfValue(value)
    },
    names: () => Object.keys(row),
    text: () => line,
  }
}
