import type { EventSink, EvidencePart, Line, TextEncoding } from '../../model/index.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { excerptOf, type PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { timeOfCell, UTC } from './cell-time.ts'
import { type Emit, emitter, type TableForm } from './emit.ts'
import { withJsonCells } from './flat-row.ts'
import { isCellOpen, isNoRow, rowOf } from './head.ts'
import { mappingOf, timeText } from './mapping.ts'
import { knownName } from './names.ts'

/** Text of bytes, the signs of Windows among those of Latin-1. */
export const decoded = (bytes: Uint8Array, encoding: TextEncoding) =>
  new TextDecoder(encoding === 'latin1' ? 'windows-1252' : encoding).decode(bytes)

/** A cell over several lines goes on until its quote closes; a quote that never does must not swallow the table. */
export const MAX_ROW = 65_536

/** Puts the rows of one part together from its lines and hands over what they say. */
export class TableRows {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  #form: TableForm
  #emit: Emit
  /** Rows at the beginning of the item that are still to be passed over: titles and the header. */
  #toPass: number
  /** Lines of the row that is being put together. */
  #open: Line[] = []
  #openBytes = 0
  /** Lines at the beginning of a later part that may be the end of the last row of the part before. */
  #unsettled: Line[] | undefined
  #isFirstRow: boolean

  constructor(part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics, form: TableForm) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = diagnostics
    this.#form = form
    this.#emit = emitter(part, sink, diagnostics, form, 'table')
    this.#toPass = part.start === 0 ? form.head.before + 1 : 0
    this.#unsettled = part.start === 0 ? undefined : []
    this.#isFirstRow = part.start === 0
  }

  line(line: Line): void {
    if (this.#unsettled !== undefined) this.#settle(line)
    else this.#take(line)
  }

  end(): void {
    for (const line of this.#unsettled?.splice(0) ?? []) this.#take(line)
    if (this.#open.length > 0) this.#readOn()
    this.#row()
  }

  /** A row that began in the part before is read there; the first line with a time is a row of this part. */
  #settle(line: Line): void {
    const held = this.#unsettled ?? []
    const isRow = this.#timeOf(csvCells(line.text, this.#form.head.separator)) !== undefined
    held.push(line)
    if (!isRow && held.reduce((sum, one) => sum + one.text.length, 0) < MAX_ROW) return
    this.#unsettled = undefined
    const isTail = isRow && held.slice(0, -1).some(one => one.text.includes('"'))
    for (const one of isTail ? [line] : held) this.#take(one)
  }

  /** What follows the part belongs to it until the cell that is open closes. */
  #readOn(): void {
    const { bytes, end, encoding } = this.#part
    if (end >= bytes.size) return
    const [first] = this.#open
    for (const text of decoded(bytes.read(end, MAX_ROW), encoding).split('\n')) {
      if (!first || !this.#isOpen() || this.#openBytes > MAX_ROW) return
      this.#open.push({ ...first, text: text.replace(/\r$/, '') })
      this.#openBytes += text.length
    }
  }

  #take(line: Line): void {
    const { text } = line
    if (this.#open.length === 0 && (text.trim() === '' || isNoRow(text))) return
    this.#open.push(line)
    this.#openBytes += text.length
    if (line.cut)
      this.#diagnostics.each(line, {
        code: 'table/cut-line',
        level: 'warning',
        message: 'the line is longer than 1 MiB and was cut; its last cells are lost',
      })
    // Only a quote can close what is open.
    const isOver = this.#open.length > 1 && !text.includes('"') ? false : !this.#isOpen()
    if (isOver || this.#openBytes >= MAX_ROW) this.#row()
  }

  #isOpen = () => isCellOpen(this.#open.map(({ text }) => text).join('\n'), this.#form.head.separator)

  /** The row that was put together; lines that do not make one together are rows each, so that one stray quote costs one row. */
  #row(): void {
    const lines = this.#open.splice(0)
    this.#openBytes = 0
    const [first] = lines
    if (!first) return
    if (this.#toPass > 0) {
      this.#toPass--
      return
    }
    const { columns, separator } = this.#form.head
    const text = lines.map(line => line.text).join('\n')
    const cells = csvCells(text, separator)
    if (lines.length === 1 || (Math.abs(cells.length - columns.length) <= 1 && !lines.slice(1).some(line => this.#isRow(line))))
      this.#cells(cells, text, first)
    else for (const line of lines) if (line.text.trim() !== '') this.#cells(csvCells(line.text, separator), line.text, line)
  }

  /** Is a line by itself a row with a time? Then it is none of the lines of a cell. */
  #isRow({ text }: Line): boolean {
    const { columns, separator } = this.#form.head
    const cells = csvCells(text, separator)
    return cells.length === columns.length && this.#timeOf(cells) !== undefined
  }

  #cells(cells: readonly string[], text: string, line: Line): void {
    const { head } = this.#form
    const isFirst = this.#isFirstRow
    this.#isFirstRow = false
    if (cells.length < 2)
      this.#diagnostics.each(line, {
        code: 'table/unreadable-row',
        level: 'warning',
        message: `not a row of this table: ${excerptOf(text)}`,
      })
    else if (this.#timeOf(cells) !== undefined || !this.#isOtherHeader(cells, line, isFirst))
      this.#emit(withJsonCells(rowOf(head.columns, cells), head.jsonColumns), text, line)
  }

  #timeOf(cells: readonly string[]) {
    const { head, mapping, order } = this.#form
    return timeOfCell(timeText(rowOf(head.columns, cells), mapping.columns), UTC, order).time
  }

  /** A row without a time that names columns: the header again, units under it, or that of another table behind this one. */
  #isOtherHeader(cells: readonly string[], line: Line, isFirst: boolean): boolean {
    const { head } = this.#form
    const names = cells.map(cell => cell.trim())
    if (names.length === head.columns.length && names.every((name, index) => name === head.columns[index])) {
      this.#diagnostics.once(line, {
        code: 'table/header-again',
        level: 'note',
        message: 'the header stands in the table again; passed over',
      })
      return true
    }
    if (isFirst && names.every(name => !/\d/.test(name)) && names.filter(Boolean).length * 2 > names.length) {
      this.#diagnostics.once(line, {
        code: 'table/second-header',
        level: 'note',
        message: `a second line of names or units under the header; passed over: ${excerptOf(line.text)}`,
      })
      return true
    }
    const known = names.filter(name => knownName(name, names) !== undefined).length
    if (known < 3 || known * 2 < names.length || !names.some(name => knownName(name)?.role === 'time')) return false
    const { columns } = this.#part.facts
    const mapping = mappingOf(names, columns)
    if (!mapping) return false
    this.#form = { head: { ...head, columns: names, names, jsonColumns: [], rows: [] }, mapping, order: this.#form.order }
    this.#emit = emitter(this.#part, this.#sink, this.#diagnostics, this.#form, 'table')
    this.#diagnostics.each(line, {
      code: 'table/other-header',
      level: 'warning',
      message: `another table begins here, whose rows are read as ${mapping.kind}: ${mapping.said.join(', ')}`.slice(0, 2000),
      hint: 'Give the tables as files of their own: in a file of more than 32 MB only rows near a header are read by it.',
    })
    return true
  }
}
