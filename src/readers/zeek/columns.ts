import type { Micros } from '../../model/index.ts'

/** Reads one field of a row; ways to read are bound once per layout, so that a row costs no name look-up. */
export type Field<Row, Value> = (row: Row) => Value

/** Typed access to the fields of a log, whatever way its rows are written (TSV cells or a JSON object). */
export interface Columns<Row> {
  /** '' when unset. */
  text(name: string): Field<Row, string>
  /** Canonical address; '' when unset. */
  address(name: string): Field<Row, string>
  /** Whole number; undefined when unset or no number. */
  int(name: string): Field<Row, number | undefined>
  /** Interval in microseconds. */
  interval(name: string): Field<Row, number | undefined>
  time(name: string): Field<Row, Micros | undefined>
  flag(name: string): Field<Row, boolean | undefined>
  /** Elements of a set or vector; a single value is a list of one. */
  list(name: string): Field<Row, readonly string[]>
  /** Names of all fields the row has set, in canonical spelling ("id.orig_h"), with their values as canonical text. */
  all(row: Row): readonly (readonly [string, string])[]
}

/** Canonical text of a number: at most six decimals, so that 0.000431 and 0.00043106 (TSV and JSON of one interval) are the same. */
export function canonicalNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Math.round(value * 1e6) / 1e6)
}

/** Fields of nested records; Zeek joins them with a dot, ROCK and some Elastic exports with an underscore. */
const NESTED =
  /^(?:(id)_((?:orig|resp)_[hp])|(certificate)_(\w+)|(san)_(dns|uri|email|ip)|(times)_(modified|accessed|created|changed)|(version)_(major|minor[23]?|addl)|(basic_constraints)_(ca|path_len)|(data_channel|remote_location)_(\w+)|(request|bound)_(host|name)|(seen)_(indicator|indicator_type|where|node))$/

/** "id_orig_h" gives "id.orig_h"; names that are not fields of nested records stay. */
export function canonicalName(name: string): string {
  if (!name.includes('_') || name.includes('.')) return name
  const match = NESTED.exec(name)
  if (!match) return name
  const [outer, inner] = match.slice(1).filter(part => part !== undefined)
  return `${outer}.${inner}`
}

/** Largest time we take as one: the year 2255, where microseconds stop being safe integers. */
const LAST_SECOND = 9e9

/** Micros of seconds since 1970; undefined when impossible. */
export function microsFromSeconds(seconds: number): Micros | undefined {
  if (!(seconds >= 0 && seconds < LAST_SECOND)) return undefined
  return Math.round(seconds * 1e6) as Micros
}

/** A whole number of the range we keep exactly. */
export function wholeNumber(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : Number.isFinite(value) && Math.abs(value) < 2 ** 53 ? Math.round(value) : undefined
}
