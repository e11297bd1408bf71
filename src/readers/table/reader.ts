import type { EventSink, EvidencePart, EvidenceSample, FormatAbout, Reader, TextEncoding } from '../../model/index.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { jsonObjects } from '../carriers/json-objects.ts'
import { isJsonFields, type JsonFields, jsonFieldsOf } from '../carriers/json-value.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { dateOrderOf, timeOfCell, UTC } from './cell-time.ts'
import { emitter, sayMapping } from './emit.ts'
import { flatRow, withShortNames } from './flat-row.ts'
import { type Head, rowOf, tableHead } from './head.ts'
import { type Mapping, mappingOf, timeText } from './mapping.ts'
import type { Row } from './row.ts'
import { decoded, MAX_ROW, TableRows } from './table-rows.ts'

const COMMON = {
  exported: 'From a SIEM or any tool as CSV with its header or as JSON, one object a line; all fields, times with their zone.',
  shows:
    'What the columns say: requests, program starts, connections, log-ins, look-ups, files; the diagnostic `table/mapping` tells which column was read as what, and how sure that is.',
  cannotShow:
    'What the export left out, and what a column means that no schema and no correction names; all cells stay in `original` and can be searched.',
  clock: 'Host where a column names it; zone where the times carry it, else that of the source facts.',
  builtFrom: 'real sample',
  page: 'table',
} as const satisfies Partial<FormatAbout>

const tableReader: Reader = {
  format: 'table',
  title: 'any CSV or TSV with a time',
  version: 4,
  split: { by: 'lines' },
  about: {
    reads:
      'CSV, TSV, semicolon and bar separated tables whose header names a time and an address, URL, account, host or command, in the words of Elastic, OCSF, Splunk, Sentinel, Chronicle or ordinary ones.',
    ...COMMON,
    checkedOn: 'a table of NetworkMiner (plaso project) and tables made in the words of each schema.',
  },
  recognise: sample => scoreOf(tableHead(sample.lines)),
  read: readTable,
}

const objectReader: Reader = {
  format: 'table-json',
  title: 'any JSON records with a time',
  version: 4,
  split: { by: 'nothing' },
  about: {
    reads:
      'JSON records (one a line, an array, one behind the other) that name a time and an address, URL, account, host or command, nested or with dotted names: cloud audit logs (AWS CloudTrail, Azure, Google Cloud, Microsoft 365) and exports of a SIEM among them.',
    ...COMMON,
    checkedOn:
      'audit logs of AWS, Azure, Google Cloud and Microsoft 365 (plaso project) and records made in the words of each schema.',
  },
  recognise: sample => scoreOf(objectHead(sample)),
  read: readObjects,
}

/** Tables and records of anybody, mapped by the names of their columns. */
export const readers: readonly Reader[] = [tableReader, objectReader]

const LOOKED_AT = 30

/** Below every reader that knows a format of its own; the surer the names, the higher. */
const SCORES = { certain: 58, likely: 54, unsure: 42 } as const

function scoreOf(head: Head | undefined): number {
  const mapping = head && mappingOf(head.names, {}, head.rows)
  if (!head || !mapping?.isWorthReading) return 0
  const times = head.rows.filter(row => timeOfCell(timeText(row, mapping.columns), UTC).time !== undefined).length
  return times * 2 > head.rows.length ? SCORES[mapping.sureness] : 0
}

/** The first lines of the item, whichever part is read. */
function firstLines(part: EvidencePart): readonly string[] {
  const text = decoded(part.bytes.read(0, Math.min(part.bytes.size, 65_536)), part.encoding)
  const lines = text.split('\n').filter(line => line.trim() !== '')
  return text.length >= 65_536 ? lines.slice(0, -1) : lines
}

function readTable(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const head = tableHead(firstLines(part), Object.values(part.facts.columns ?? {}))
  const mapping = head && mappingOf(head.names, part.facts.columns, head.rows)
  if (!head || !mapping) {
    diagnostics.once({ offset: part.start }, NO_MAPPING)
    diagnostics.finish()
    return
  }
  if (part.start === 0) sayMapping(mapping, diagnostics)
  const order = mapping.dateOrder ?? dateOrderOf(timesAtBothEnds(part, head, mapping))
  const rows = new TableRows(part, sink, diagnostics, { head, mapping, order })
  for (const line of part.lines()) rows.line({ ...line, text: line.text.replace(/\r$/, '') })
  rows.end()
  diagnostics.finish()
}

/** Text of times from the first and the last rows of the item: the 13th of a month is often not among the first. */
function timesAtBothEnds({ bytes, encoding }: EvidencePart, head: Head, { columns }: Mapping): readonly string[] {
  const tail = decoded(bytes.read(Math.max(0, bytes.size - MAX_ROW), MAX_ROW), encoding)
    .split('\n')
    .slice(1)
  const last = tail.map(line => rowOf(head.columns, csvCells(line.replace(/\r$/, ''), head.separator)))
  return [...head.rows, ...last].map(row => timeText(row, columns))
}

const NO_MAPPING = {
  code: 'table/no-mapping',
  level: 'warning',
  message: 'no column of the table is a time; nothing of it is in the result',
  hint: 'name the columns in sources.yaml of the case: columns: { time: NAME, srcIp: NAME }',
} as const

/** Names of nested records by which they are found: the whole dotted name, and its last parts where these are known and free. */
function objectHead({ head, encoding, lines }: Pick<EvidenceSample, 'head' | 'encoding' | 'lines'>): Head | undefined {
  if (encoding === undefined || !/^[\ufeff\s]*[[{]/.test(lines[0] ?? '')) return undefined
  const plain = recordsFrom(head, encoding, 0)
  if (plain && mappingOf(plain.names, {}, plain.rows)) return plain
  const start = encoding === 'utf-8' || encoding === 'latin1' ? startOfWrapped(head) : undefined
  return (start === undefined ? undefined : recordsFrom(head, encoding, start)) ?? plain
}

function recordsFrom(head: Uint8Array, encoding: TextEncoding, start: number): Head | undefined {
  const source = { size: head.length, read: (offset: number, length: number) => head.subarray(offset, offset + length) }
  const rows: Row[] = []
  for (const object of jsonObjects(source, start, head.length, encoding)) {
    const fields = object.cut ? undefined : jsonFieldsOf(object.text)
    if (fields) rows.push(withShortNames(flatRow(unwrapped(fields))))
    if (rows.length >= LOOKED_AT) break
  }
  if (rows.length === 0) return undefined
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))]
  return { start, columns: names, names, separator: '', before: 0, jsonColumns: [], rows }
}

/** Answers of search interfaces hold their records in one list: Elasticsearch's hits, Splunk's results, Microsoft's value. */
const WRAPPED =
  /^[\s\xef\xbb\xbf]*\{[\s\S]{0,16384}?"(?:hits|results|value|records|items|events|logs|rows|entries|data)"\s*:\s*\[\s*(?=\{)/i

/** The byte where the list of records begins in one object that holds it; the head is text of one byte a character of JSON's syntax. */
function startOfWrapped(head: Uint8Array): number | undefined {
  const [before] = WRAPPED.exec(Buffer.from(head).toString('latin1')) ?? []
  return before?.length
}

/** The record within what a search interface says of it: `_source` of Elasticsearch, `result` of Splunk. */
function unwrapped(fields: JsonFields): JsonFields {
  const { _source: source, result } = fields
  if (isJsonFields(source) && fields['_index'] !== undefined) return source
  return isJsonFields(result) && fields['preview'] !== undefined ? result : fields
}

function readObjects(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const first = firstLines(part)
  const begin = part.bytes.read(0, Math.min(part.bytes.size, 65_536)).slice()
  const head = objectHead({ head: begin, encoding: part.encoding, lines: first })
  const mapping = head && mappingOf(head.names, part.facts.columns, head.rows)
  if (!head || !mapping) {
    diagnostics.once({ offset: part.start }, NO_MAPPING)
    diagnostics.finish()
    return
  }
  sayMapping(mapping, diagnostics)
  const order = mapping.dateOrder ?? dateOrderOf(head.rows.map(row => timeText(row, mapping.columns)))
  const emit = emitter(part, sink, diagnostics, { head, mapping, order }, 'table-json')
  for (const object of jsonObjects(part.bytes, Math.max(part.start, head.start), part.end, part.encoding)) {
    const fields = object.cut ? undefined : jsonFieldsOf(object.text)
    if (fields) emit(withShortNames(flatRow(unwrapped(fields))), object.text, object)
    else
      diagnostics.each(object, {
        code: 'table/unreadable-row',
        level: 'warning',
        message: `not a JSON record: ${excerptOf(object.text)}`,
      })
  }
  diagnostics.finish()
}
