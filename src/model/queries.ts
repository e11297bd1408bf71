/** A value as a query returns it; BIGINT comes as number (all our integers are below 2^53), lists of text as arrays. */
export type SqlValue = string | number | boolean | null | readonly string[]
/** One result row by column name. */
export type Row = Readonly<Record<string, SqlValue>>

/**
 * Read access to all events of a case, independent of the engine. Each kind of event is a view of its name with the columns of
 * `commonColumns` and `eventColumns` (camelCase, quoted or not), each record once however many copies the evidence holds.
 * View `evidence_item` has (evidence, path, format, sha256, bytes, records, events, firstTime, lastTime).
 * View `rule_hit` has the columns of `hitColumns`: what rules and record and content detectors saw, duplicates left out.
 * View `rule_feed` has the columns of `feedColumns`: hits of rules that correlations refer to.
 */
export interface EventQueries {
  readonly dialect: SqlDialect
  rows(query: string): Promise<readonly Row[]>
}

/**
 * A table that queries of set detectors share: made of the views, and of the prepared tables before it, when a query first needs it, and
 * gone when no further one does.
 */
export interface PreparedTable {
  /** Unlike every kind of event and every other prepared table. */
  readonly name: string
  query(sql: SqlDialect): string
}

/** The few places where engines differ. Everything else in a query is written so that DuckDB and ClickHouse both take it. */
export interface SqlDialect {
  /**
   * Aggregate: record references "evidence:record:offset" of the group as a list of text, ordered by time, evidence, record,
   * at most `limit` (10,000 when absent). With `where`, only rows that meet it.
   */
  records(limit?: number, where?: string): string
  /** Aggregate: sorted list of the distinct non-empty values of a text expression, at most `limit` (100 when absent). */
  distinctList(expression: string, limit?: number): string
  /** Aggregate: exact quantile (0..1) of a numeric expression. */
  quantile(expression: string, q: number): string
  /** Does text `expression` match the regular expression (RE2 syntax; case-insensitive with prefix (?i))? */
  matches(expression: string, pattern: string): string
  /** The first group of the first match of the regular expression (RE2 syntax) in text `expression`; '' when it does not match. */
  captured(expression: string, pattern: string): string
  /** Text `expression` with every match of the regular expression (RE2 syntax) replaced by a text without backslashes. */
  replaceAll(expression: string, pattern: string, instead: string): string
  /** An item of FROM with the columns evidence and record, one row for each of the references "evidence:record" (without blanks). */
  recordTable(references: readonly string[]): string
  /** 'it''s': a text literal. */
  literal(text: string): string
  /** Is the address (text) private, loopback, link-local, multicast or otherwise not routed on the internet (IPv4 and IPv6)? '' is not. */
  isInternalAddress(expression: string): string
}
