import { isJsonFields, type JsonFields, jsonFieldsOf, plainText } from '../carriers/json-value.ts'
import { knownName } from './names.ts'
import type { Row } from './row.ts'

const MAX_DEPTH = 5
const MAX_MEMBERS = 1024

/**
 * Members by dotted name; lists of plain values joined by commas, lists of names and values as members (Microsoft's ExtendedProperties);
 * JSON text within a member is opened, as CloudTrail's export has it.
 */
export function flatRow(object: JsonFields): Row {
  const row: Record<string, string> = Object.create(null)
  let count = 0
  const add = (value: unknown, name: string, depth: number): void => {
    if (count >= MAX_MEMBERS || depth > MAX_DEPTH) return
    const inner = typeof value === 'string' && value.startsWith('{"') ? jsonFieldsOf(value) : pairsOf(value)
    if (isJsonFields(value) || inner) {
      for (const [key, member] of Object.entries(inner ?? (value as JsonFields)))
        add(member, name === '' ? key : `${name}.${key}`, depth + 1)
      return
    }
    const text = Array.isArray(value)
      ? value.map(item => plainText(item) ?? (isJsonFields(item) ? JSON.stringify(item) : '')).join(',')
      : plainText(value)
    if (text === undefined) return
    count++
    row[name] = text
  }
  add(object, '', 0)
  return row
}

/** [{"Name":"UserAgent","Value":"curl"}] as {"UserAgent":"curl"}; undefined where a list is none of pairs, each name once. */
function pairsOf(value: unknown): JsonFields | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_MEMBERS) return undefined
  const pairs: Record<string, unknown> = Object.create(null)
  for (const item of value) {
    if (!isJsonFields(item)) return undefined
    const name = plainText(item['Name'] ?? item['name'])
    const held = item['Value'] ?? item['value'] ?? (Object.hasOwn(item, 'Value') || Object.hasOwn(item, 'value') ? '' : undefined)
    if (name === undefined || name === '' || held === undefined || Object.keys(item).length !== 2 || name in pairs)
      return undefined
    pairs[name] = held
  }
  return pairs
}

/** "protoPayload.requestMetadata.callerIp" is also known as "callerIp", where no other member is called so; the name of a schema needs no other. */
export function withShortNames(row: Row): Row {
  const all: Record<string, string> = Object.assign(Object.create(null), row)
  for (const [name, value] of Object.entries(row)) {
    const short = name.slice(name.lastIndexOf('.') + 1)
    if (short !== name && all[short] === undefined && knownName(name) === undefined) all[short] = value
  }
  return all
}

/** Columns of a table whose cells are JSON objects, as AuditData of Microsoft's unified audit log or AdditionalFields of Defender. */
export function jsonColumnsOf(names: readonly string[], rows: readonly Row[]): readonly string[] {
  return names.filter(name => {
    const cells = rows.map(row => row[name] ?? '').filter(Boolean)
    return cells.length > 0 && cells.filter(cell => cell.startsWith('{') && jsonFieldsOf(cell)).length * 2 > cells.length
  })
}

/** The row with what its cells of JSON hold, by dotted name and by last part; a cell that is no JSON stays as it is. */
export function withJsonCells(row: Row, columns: readonly string[]): Row {
  if (columns.length === 0) return row
  const all: Record<string, string> = Object.assign(Object.create(null), row)
  for (const column of columns) {
    const cell = row[column] ?? ''
    const fields = cell.startsWith('{') ? jsonFieldsOf(cell) : undefined
    if (!fields) continue
    delete all[column]
    const members: Row = Object.fromEntries(Object.entries(flatRow(fields)).map(([name, value]) => [`${column}.${name}`, value]))
    for (const [name, value] of Object.entries(withShortNames(members))) all[name] ??= value
  }
  return all
}
