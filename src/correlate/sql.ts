import type { EventKind, EventQueries, Row, SqlDialect } from '../model/index.ts'

/** Lists longer than this go into several queries, so that a statement stays small enough for every engine. */
const LIST_CHUNK = 500

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

/** Runs a query once for every chunk of record references ("evidence:record"); `where` picks them by columns, so that segments can be skipped. */
export async function rowsOfRecords(
  queries: EventQueries,
  references: Iterable<string>,
  query: (where: string) => string,
): Promise<readonly Row[]> {
  const all = [...new Set(references)].sort()
  const rows: Row[] = []
  for (let start = 0; start < all.length; start += LIST_CHUNK) {
    const byEvidence = new Map<string, string[]>()
    for (const reference of all.slice(start, start + LIST_CHUNK)) {
      const colon = reference.lastIndexOf(':')
      const evidence = reference.slice(0, colon)
      byEvidence.set(evidence, [...(byEvidence.get(evidence) ?? []), reference.slice(colon + 1)])
    }
    const where = [...byEvidence].map(
      ([evidence, records]) => `(evidence = ${queries.dialect.literal(evidence)} and record in (${records.join(', ')}))`,
    )
    rows.push(...(await queries.rows(query(`(${where.join(' or ')})`))))
  }
  return rows
}

/** Part before the first `mark`, lower case. */
const before = (mark: string, text: string) =>
  `lower(case when position('${mark}' in ${text}) > 0 then substring(${text}, 1, position('${mark}' in ${text}) - 1) else ${text} end)`

/** First label of a host name, lower case, as an expression. */
export const shortNameSql = (column: string) => before('.', column)

/** Account without domain, lower case, as an expression: of "DOM\\name" what follows the backslash, of "name@REALM" what comes before the @. */
export function bareAccountSql(sql: SqlDialect, column: string): string {
  return before('@', `substring(${column}, position(${sql.literal('\\')} in ${column}) + 1)`)
}
