import type { SecurityEvent } from '../../../model/index.ts'

/** What a field holds: nothing, a text, or several of which any may fit. */
export type FieldValue = string | readonly string[] | undefined

/** Where the value of a rule's field is to be found in a record. */
export type FieldSource =
  /** The first of these fields of the original that is there, as it is written. */
  | { readonly names: readonly string[] }
  /** Worked out from the named fields of the original. */
  | { readonly names: readonly string[]; readonly from: (get: (name: string) => string | undefined) => FieldValue }
  /** From the typed columns of the event. */
  | { readonly names: readonly []; readonly column: (event: SecurityEvent) => FieldValue }

/** How a rule for one log source sees the fields of one sort of record. */
export interface FieldView {
  /** Short name for people and for tables: "security-4688". */
  readonly id: string
  sourceOf(field: string): FieldSource
  /** Can a record of this sort have the field? `undefined`: nobody wrote down which fields it has. */
  has(field: string): boolean | undefined
}

/** The value a source has in an event. */
export function fieldValue(source: FieldSource, event: SecurityEvent): FieldValue {
  if ('column' in source) return source.column(event)
  const { original } = event
  if ('from' in source) return source.from(name => original.get(name))
  for (const name of source.names) {
    const value = original.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

/**
 * A view of a table: the fields it names are found as it says, all others as logged. With `schema`, fields that are neither in the
 * table nor in the schema are ones the log source cannot have.
 */
export function tableView(
  id: string,
  table: Readonly<Record<string, FieldSource>>,
  schema: ReadonlySet<string> | undefined,
  otherwise: (field: string) => FieldSource = field => ({ names: [field] }),
): FieldView {
  const sources = new Map(Object.entries(table))
  return {
    id,
    sourceOf(field) {
      let source = sources.get(field)
      if (!source) {
        source = otherwise(field)
        // Rules are many but written by people: their fields are few.
        sources.set(field, source)
      }
      return source
    },
    has: field =>
      schema === undefined ? (Object.hasOwn(table, field) ? true : undefined) : Object.hasOwn(table, field) || schema.has(field),
  }
}
