import { csvCells } from '../carriers/csv-line.ts'
import { jsonColumnsOf, withJsonCells } from './flat-row.ts'
import { knownName } from './names.ts'
import type { Row } from './row.ts'

/** How a table begins. */
export interface Head {
  /** Byte at which the first record may begin. */
  readonly start: number
  /** What stands in the header, cell by cell. */
  readonly columns: readonly string[]
  /** Names of all that a row holds: columns, and members of the JSON in them. */
  readonly names: readonly string[]
  readonly separator: string
  /** Rows above the header that are none: a title, when the report was made. */
  readonly before: number
  readonly jsonColumns: readonly string[]
  readonly rows: readonly Row[]
}

const SEPARATORS = [',', '\t', ';', '|'] as const
/** Fewer columns than this are a list, not a log. */
const FEWEST_COLUMNS = 3
const LOOKED_AT = 30
const MAX_NAME = 128
/** A title, its author, the time of the report, the period: what portals write above their tables. */
const MOST_BEFORE = 5

/** The head of a table whose first lines these are; `stated` are columns that the user named. Undefined when it is no table. */
export function tableHead(lines: readonly string[], stated: readonly string[] = []): Head | undefined {
  const written = lines.filter(line => !isNoRow(line)).map(line => line.replace(/\r$/, ''))
  const [first = ''] = written
  if (/^\ufeff?\s*[[{<]/.test(first)) return undefined
  for (let before = 0; before <= MOST_BEFORE && before + 1 < written.length; before++) {
    const header = (written[before] ?? '').replace(/^\ufeff/, '')
    for (const separator of SEPARATORS) {
      if (!hasTwice(header, separator)) continue
      const columns = csvCells(header, separator).map(name => name.trim())
      const isFit = columns.length >= FEWEST_COLUMNS && (namesTime(columns, stated) || /[{]"/.test(written[before + 1] ?? ''))
      const head = isFit ? headOf(columns, separator, written.slice(before + 1), before) : undefined
      if (head) return head
    }
  }
  return undefined
}

/** A header of three columns holds its separator twice; most first lines of files do not. */
function hasTwice(text: string, separator: string): boolean {
  const at = text.indexOf(separator)
  return at >= 0 && text.includes(separator, at + 1)
}

function namesTime(columns: readonly string[], stated: readonly string[]): boolean {
  return columns.some(name => knownName(name)?.role === 'time' || stated.some(one => one.toLowerCase() === name.toLowerCase()))
}

function headOf(columns: readonly string[], separator: string, rest: readonly string[], before: number): Head | undefined {
  if (new Set(columns).size < columns.length - 2 || columns.some(name => name.length > MAX_NAME)) return undefined
  const texts = joinedRows(rest, separator).slice(0, LOOKED_AT)
  const cells = texts.map(text => csvCells(text, separator)).filter(row => Math.abs(row.length - columns.length) <= 1)
  if (cells.length === 0 || cells.length * 2 < texts.length) return undefined
  // Headers repeated and lines of units are no rows; whatever has a time has digits.
  const rows = cells.filter(row => row.some(cell => /\d/.test(cell))).map(row => rowOf(columns, row))
  const jsonColumns = jsonColumnsOf(columns, rows)
  const opened = rows.map(row => withJsonCells(row, jsonColumns))
  const names =
    jsonColumns.length === 0
      ? columns
      : [...new Set([...columns.filter(name => !jsonColumns.includes(name)), ...opened.flatMap(row => Object.keys(row))])]
  return { start: 0, columns, names, separator, before, jsonColumns, rows: opened }
}

/** Lines put together where a cell goes over several; the last one may be cut and is left out then. */
function joinedRows(lines: readonly string[], separator: string): string[] {
  const rows: string[] = []
  let open: string | undefined
  for (const line of lines) {
    const text: string = open === undefined ? line : `${open}\n${line}`
    open = isCellOpen(text, separator) ? text : undefined
    if (open === undefined) rows.push(text)
  }
  // A quote that never closes is none: then each line is a row.
  return open !== undefined && rows.length === 0 ? [...lines] : rows
}

/** Does a row end within a quoted cell? Quotes elsewhere than at the beginning of a cell are text. */
export function isCellOpen(text: string, separator: string): boolean {
  for (let at = 0; text.includes('"', at); ) {
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1)
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
      if (end < 0) return true
      at = end + 1
    }
    const next = text.indexOf(separator, at)
    if (next < 0) return false
    at = next + separator.length
  }
  return false
}

/** Comments, and the line by which Excel is told the separator. */
export const isNoRow = (line: string) => line.startsWith('#') || /^\ufeff?"?sep=[,;|\t]"?\s*$/i.test(line)

/** Cells under the names of their columns; a name that is missing or comes twice has its place behind it. */
export function rowOf(names: readonly string[], cells: readonly string[]): Row {
  const row: Record<string, string> = Object.create(null)
  for (const [index, name] of names.entries())
    row[name === '' || row[name] !== undefined ? `${name}${index + 1}` : name] = cells[index] ?? ''
  return row
}
