import { MAX_EVIDENCE_REFERENCES, type SqlDialect } from '../../model/index.ts'

/** References are cheap to list, but a finding keeps no more than this. */
const DEFAULT_DISTINCT_VALUES = 100

/** One number of a dotted address, leading zeros allowed as `isInternalAddress` allows them. */
const OCTET = '(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])'
/** The same ranges as `isInternalAddress` of the model, as one RE2 expression; a property test holds the two together. */
const INTERNAL_ADDRESS =
  '(?i)^\\s*(?:(?:::ffff:)?(?:' +
  [
    `(?:0?10|127|0{1,3})\\.${OCTET}\\.${OCTET}\\.${OCTET}`,
    `(?:22[4-9]|23[0-9]|24[0-9]|25[0-5])\\.${OCTET}\\.${OCTET}\\.${OCTET}`,
    `172\\.0?(?:1[6-9]|2[0-9]|3[01])\\.${OCTET}\\.${OCTET}`,
    `192\\.168\\.${OCTET}\\.${OCTET}`,
    `169\\.254\\.${OCTET}\\.${OCTET}`,
    `100\\.(?:0?6[4-9]|0?[7-9][0-9]|1[01][0-9]|12[0-7])\\.${OCTET}\\.${OCTET}`,
  ].join('|') +
  ')(?:%.*)?\\s*$|::1?(?:%.*)?\\s*$|(?:f[cd]|fe[89ab]|ff)[^%]*:)'

/** A text literal. NUL ends a statement for the parser, so it is joined in by its code; a lone surrogate has no UTF-8 form. */
export function literal(text: string): string {
  const parts = text
    .toWellFormed()
    .split('\0')
    .map(part => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(' || chr(0) || ')})`
}

/** "name": a column, view or table name. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The dialect of DuckDB. */
export const duckDbDialect: SqlDialect = {
  // A heap of so many for each group: a list put in order holds every record of the group, and cannot spill (1.2 GB of five million, then 0.1).
  records(limit = MAX_EVIDENCE_REFERENCES, where) {
    const filter = where === undefined ? '' : ` filter (where ${where})`
    const order = 'row("time" is null, "time", evidence, record, "byteOffset")'
    return `coalesce(arg_min(evidence || ':' || record || ':' || "byteOffset", ${order}, ${Math.floor(limit)})${filter}, []::varchar[])`
  },
  distinctList(expression, limit = DEFAULT_DISTINCT_VALUES) {
    return `coalesce(list_slice(list_sort(list(distinct ${expression}) filter (where ${expression} <> '')), 1, ${Math.floor(limit)}), []::varchar[])`
  },
  quantile: (expression, q) => `quantile_cont(${expression}, ${q})`,
  matches: (expression, pattern) => `regexp_matches(${expression}, ${literal(pattern)})`,
  captured: (expression, pattern) => `coalesce(regexp_extract(${expression}, ${literal(pattern)}, 1), '')`,
  replaceAll: (expression, pattern, instead) => `regexp_replace(${expression}, ${literal(pattern)}, ${literal(instead)}, 'g')`,
  // One literal: a list of values costs the parser far more than the join costs the engine.
  recordTable: references =>
    `(select split_part(place, ':', 1) as evidence, cast(split_part(place, ':', 2) as bigint) as record from (select unnest(string_split(${literal(references.join(' '))}, ' ')) as place) as places) as wanted_places`,
  literal,
  isInternalAddress: expression => `regexp_matches(${expression}, ${literal(INTERNAL_ADDRESS)})`,
}
