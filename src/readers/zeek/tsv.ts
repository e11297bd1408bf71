import type { OriginalRecord } from '../../model/index.ts'
import { flowAddress } from '../meanings/flow.ts'
import { type Columns, canonicalName, canonicalNumber, type Field, microsFromSeconds, wholeNumber } from './columns.ts'

/** How a Zeek ASCII log is laid out: docs.zeek.org/en/master/log-formats.html. */
export interface Layout {
  /** `#path`, '' when the header does not say. */
  readonly log: string
  readonly separator: string
  readonly setSeparator: string
  readonly emptyField: string
  readonly unsetField: string
  readonly fields: readonly string[]
  readonly types: readonly string[]
}

export const DEFAULT_LAYOUT: Layout = {
  log: '',
  separator: '\t',
  setSeparator: ',',
  emptyField: '(empty)',
  unsetField: '-',
  fields: [],
  types: [],
}

/** The layout after one more header line; lines that are no header ("#close") change nothing. */
export function withHeaderLine(layout: Layout, line: string): Layout {
  if (line.startsWith('#separator')) {
    // A new file begins here (rotated logs that were joined): nothing of the old header holds any longer.
    const separator = unescapeBytes(line.slice('#separator'.length).trim())
    return { ...DEFAULT_LAYOUT, separator: separator === '' ? '\t' : separator }
  }
  const [name = '', ...values] = line.split(layout.separator)
  const [value = ''] = values
  switch (name) {
    case '#set_separator':
      return { ...layout, setSeparator: unescapeBytes(value) || ',' }
    case '#empty_field':
      return { ...layout, emptyField: value }
    case '#unset_field':
      return { ...layout, unsetField: value }
    case '#path':
      return { ...layout, log: value }
    case '#fields':
      return { ...layout, fields: values }
    case '#types':
      return { ...layout, types: values }
    default:
      return layout
  }
}

const ESCAPES = /(?:\\x[0-9a-fA-F]{2})+|\\\\/g
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Undoes the ASCII writer's escapes: \xHH runs are UTF-8 bytes, \\ is one backslash. Runs that are no UTF-8 stay as written, as Zeek's JSON has them. */
export function unescapeBytes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(ESCAPES, run => {
    if (run === '\\\\') return '\\'
    const bytes = Uint8Array.from(run.slice(2).split('\\x'), hex => Number.parseInt(hex, 16))
    try {
      return decoder.decode(bytes)
    } catch {
      return run
    }
  })
}

/** Binds the fields of a layout; rows are the cells of one line. */
export function tsvColumns(layout: Layout): Columns<readonly string[]> {
  const { fields, unsetField, emptyField, setSeparator } = layout
  const at = new Map(fields.map((name, index) => [canonicalName(name), index]))
  const raw =
    (name: string): Field<readonly string[], string> =>
    row => {
      const cell = row[at.get(name) ?? -1]
      return cell === undefined || cell === unsetField || cell === emptyField ? '' : cell
    }
  const bound = <Value>(name: string, absent: Value, read: (cell: string) => Value): Field<readonly string[], Value> => {
    const index = at.get(name)
    if (index === undefined) return () => absent
    return row => {
      const cell = row[index]
      return cell === undefined || cell === unsetField || cell === emptyField ? absent : read(cell)
    }
  }
  const number = <Value>(name: string, make: (value: number) => Value | undefined) =>
    bound<Value | undefined>(name, undefined, cell => make(Number(cell)))
  const elements = (cell: string): readonly string[] => cell.split(setSeparator).map(unescapeBytes)
  return {
    text: name => bound(name, '', unescapeBytes),
    address: name => bound(name, '', flowAddress),
    int: name => number(name, wholeNumber),
    interval: name => number(name, seconds => wholeNumber(seconds * 1e6)),
    time: name => number(name, microsFromSeconds),
    flag: name => bound<boolean | undefined>(name, undefined, cell => (cell === 'T' ? true : cell === 'F' ? false : undefined)),
    list: name => bound<readonly string[]>(name, [], elements),
    all: row =>
      fields.flatMap((name, index): [string, string][] => {
        const cell = raw(canonicalName(name))(row)
        if (cell === '') return []
        return [[canonicalName(name), canonicalCell(cell, layout.types[index] ?? 'string', elements)]]
      }),
  }
}

function canonicalCell(cell: string, type: string, elements: (cell: string) => readonly string[]): string {
  if (/^(?:set|vector)\[/.test(type)) return elements(cell).join(',')
  if (type === 'bool') return cell === 'T' ? 'true' : 'false'
  if (type === 'time' || type === 'interval' || type === 'double') {
    const value = Number(cell)
    return Number.isNaN(value) ? cell : canonicalNumber(value)
  }
  return unescapeBytes(cell)
}

/** How one field is written as JSON; made once a layout. */
export interface JsonField {
  readonly index: number
  /** ',"name":' */
  readonly name: string
  json(cell: string): string
}

const NUMERIC = new Set(['time', 'interval', 'double', 'count', 'int', 'port'])
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

/** How the fields of a layout are written as JSON. */
export function jsonFields(layout: Layout): readonly JsonField[] {
  const { emptyField, setSeparator, types } = layout
  const text = (cell: string): string => (cell === emptyField ? '""' : jsonText(unescapeBytes(cell)))
  const number = (cell: string): string => (PLAIN_NUMBER.test(cell) ? cell : text(cell))
  const flag = (cell: string): string => (cell === 'T' ? 'true' : cell === 'F' ? 'false' : text(cell))
  const list = (cell: string): string =>
    cell === emptyField ? '[]' : JSON.stringify(cell.split(setSeparator).map(unescapeBytes))
  return layout.fields.map((field, index) => {
    const type = types[index] ?? 'string'
    const json = NUMERIC.has(type) ? number : type === 'bool' ? flag : /^(?:set|vector)\[/.test(type) ? list : text
    return { index, name: `,${JSON.stringify(field)}:`, json }
  })
}

/** The row as JSON with the names of its header line; unset fields are left out, as Zeek's own JSON writer does. A class, because every row makes one. */
export class TsvOriginal implements OriginalRecord {
  readonly #layout: Layout
  readonly #fields: readonly JsonField[]
  readonly #cells: readonly string[]

  constructor(layout: Layout, fields: readonly JsonField[], cells: readonly string[]) {
    this.#layout = layout
    this.#fields = fields
    this.#cells = cells
  }

  get(name: string): string | undefined {
    const wanted = canonicalName(name)
    const index = this.#layout.fields.findIndex(field => canonicalName(field) === wanted)
    if (index < 0 || !this.#isSet(index)) return undefined
    const cell = this.#cells[index] ?? ''
    return cell === this.#layout.emptyField ? '' : unescapeBytes(cell)
  }

  names(): readonly string[] {
    return this.#layout.fields.filter((_, index) => this.#isSet(index))
  }

  text(): string {
    const { unsetField } = this.#layout
    let text = ''
    for (const { index, name, json } of this.#fields) {
      const cell = this.#cells[index]
      if (cell !== undefined && cell !== unsetField) text += name + json(cell)
    }
    return `{${text.slice(1)}}`
  }

  #isSet(index: number): boolean {
    const cell = this.#cells[index]
    return cell !== undefined && cell !== this.#layout.unsetField
  }
}

/** Text that needs no escape in JSON, nearly all of it. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/

function jsonText(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text)
}
