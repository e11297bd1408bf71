import type { EventKind, EventQueries, Row, SqlDialect } from '../model/index.ts'

/** Lists longer than this go into several queries, so that a statement stays small enough for every engine; each query reads all events again. */
const LIST_CHUNK = 4_000
/** References are short, and go into a statement as one text. */
const REFERENCE_CHUNK = 50_000

/** 'a', 'b', 'c' for `in (…)`. */
export function textList(sql: SqlDialect, values: readonly string[]): string {
  return values.map(value => sql.literal(value)).join(', ')
}

/** Runs a query once for every chunk of `values` and returns all rows; none when there are no values. */
export async function rowsFor(
  queries: EventQueries,
  values: Iterable<string>,
  query: (list: string, sql: SqlDialect) => string,
): Promise<readonly Row[]> {
  const all = [...new Set(values)].filter(value => value !== '').sort()
  const rows: Row[] = []
  for (let start = 0; start < all.length; start += LIST_CHUNK)
    rows.push(...(await queries.rows(query(textList(queries.dialect, all.slice(start, start + LIST_CHUNK)), queries.dialect))))
  return rows
}

/** The same select over several kinds of events, one result. `select` and `where` may only name columns that all of them have. */
export function overKinds(kinds: readonly EventKind[], select: (kind: EventKind) => string): string {
  return kinds.map(kind => `(${select(kind)})`).join('\nunion all\n')
}

/**
 * Runs a query over the events of the given record references ("evidence:record"): `where` picks them by columns. The rows come in the
 * order of the query; of one that has none use `byPlace`.
 */
export async function rowsOfRecords(
  queries: EventQueries,
  references: Iterable<string>,
  query: (where: string) => string,
): Promise<readonly Row[]> {
  const all = [...new Set(references)].sort()
  const rows: Row[] = []
  for (let start = 0; start < all.length; start += REFERENCE_CHUNK) {
    const wanted = queries.dialect.recordTable(all.slice(start, start + REFERENCE_CHUNK))
    const where = '(evidence, record) in (select evidence, record from wanted_record)'
    rows.push(...(await queries.rows(`with wanted_record as (select evidence, record from ${wanted}) ${query(where)}`)))
  }
  return rows
}

/** Rows by evidence and record, and all that have one place by their content: engines join in any order. */
export function byPlace(rows: readonly Row[]): readonly Row[] {
  return rows
    .map(row => ({ row, evidence: String(row['evidence']), record: Number(row['record']), content: JSON.stringify(row) }))
    .toSorted((a, b) => compare(a.evidence, b.evidence) || a.record - b.record || compare(a.content, b.content))
    .map(({ row }) => row)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Part before the first `mark`, lower case. */
const before = (mark: string, text: string) =>
  `lower(case when position('${mark}' in ${text}) > 0 then substring(${text}, 1, position('${mark}' in ${text}) - 1) else ${text} end)`

/** First label of a host name, lower case, as an expression. */
export const shortNameSql = (column: string) => before('.', column)

/** Account without domain, lower case, as an expression: of "DOM\\name" what follows the backslash, of "name@REALM" what comes before the @. */
export function bareAccountSql(sql: SqlDialect, column: string): string {
  return before('@', `substring(${column}, position(${sql.literal('\\')} in ${column}) + 1)`)
}
