import type { SqlDialect } from '../../model/index.ts'

/** What differs from one run of a scheduled command to the next: ids, addresses, dates and long numbers. First match first. */
const CHANGING: readonly (readonly [pattern: string, instead: string])[] = [
  ['\\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\}?', '{id}'],
  ['\\b[0-9]{1,3}(?:\\.[0-9]{1,3}){3}\\b', '{address}'],
  ['[0-9]{4}[-_.][0-9]{2}[-_.][0-9]{2}(?:[t _-]?[0-9]{2}[-_.:]?[0-9]{2}(?:[-_.:]?[0-9]{2})?)?', '{date}'],
  // five digits are still a port, an event id or a process; six and more are dates, counters and hashes
  ['\\b(?:0x)?[0-9a-f]*[0-9][0-9a-f]{5,}\\b', '{number}'],
  ['\\s+', ' '],
]

/** A longer line differs in its end only by chance. */
const SHAPE_LENGTH = 400

/** File name of a program, lower case, as an expression. */
export const programSql = (sql: SqlDialect, column = '"image"') => sql.replaceAll(`lower(${column})`, '^.*[/\\\\]', '')

/** A command as runs of it are counted: program and arguments in lower case, without quotes, carets and what changes from run to run. */
export function commandShapeSql(sql: SqlDialect): string {
  const line = `lower(case when "commandLine" = '' then ${programSql(sql)} else "commandLine" end)`
  const plain = sql.replaceAll(line, `["'^\`]`, '')
  const even = CHANGING.reduce((text, [pattern, instead]) => sql.replaceAll(text, pattern, instead), plain)
  return `substring(trim(${even}), 1, ${SHAPE_LENGTH})`
}
