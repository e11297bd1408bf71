import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type FormatAbout,
  originalFields,
  type Reader,
  type SecurityEvent,
  type TextEncoding,
} from '../../model/index.ts'
import { type Zone, zoneOf } from '../carriers/clock.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { jsonObjects } from '../carriers/json-objects.ts'
import { isJsonFields, type JsonFields, jsonFieldsOf, plainText } from '../carriers/json-value.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { type Mapping, mappingOf } from './mapping.ts'
import { knownName, saysUtc } from './names.ts'
import { fieldsOfRow, type Row, timeOfCell } from './row.ts'

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
  version: 3,
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
  version: 3,
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

/** How a table begins. */
interface Head {
  /** Byte at which the first record may begin. */
  readonly start: number
  readonly names: readonly string[]
  readonly separator: string
  readonly rows: readonly Row[]
}

const SEPARATORS = [',', '\t', ';', '|'] as const
/** Fewer columns than this are a list, not a log. */
const FEWEST_COLUMNS = 3
const LOOKED_AT = 30
const MAX_NAME = 128

/** Below every reader that knows a format of its own; the surer the names, the higher. */
const SCORES = { certain: 58, likely: 54, unsure: 42 } as const
const UTC = zoneOf(undefined)

function scoreOf(head: Head | undefined): number {
  const mapping = head && mappingOf(head.names, {}, head.rows)
  if (!head || !mapping?.isWorthReading) return 0
  const column = mapping.columns.time ?? ''
  const times = head.rows.filter(row => timeOfCell(row[column] ?? '', UTC).time !== undefined).length
  return times * 2 > head.rows.length ? SCORES[mapping.sureness] : 0
}

function tableHead(lines: readonly string[]): Head | undefined {
  const [first = '', ...rest] = lines.filter(line => !isNoRow(line)).slice(0, LOOKED_AT)
  const header = first.replace(/^\ufeff/, '').replace(/\r$/, '')
  if (/^\s*[[{<]/.test(header) || rest.length === 0) return undefined
  for (const separator of SEPARATORS) {
    const names = csvCells(header, separator).map(name => name.trim())
    if (names.length < FEWEST_COLUMNS || new Set(names).size < names.length - 2 || names.some(name => name.length > MAX_NAME))
      continue
    const rows = rest
      .map(line => csvCells(line.replace(/\r$/, ''), separator))
      .filter(cells => Math.abs(cells.length - names.length) <= 1)
    // Cells over several lines make rows of other lengths; most must fit.
    if (rows.length * 2 < rest.length) continue
    return { start: 0, names, separator, rows: rows.map(cells => rowOf(names, cells)) }
  }
  return undefined
}

/** Comments, and the line by which Excel is told the separator. */
const isNoRow = (line: string) => line.startsWith('#') || /^\ufeff?"?sep=[,;|\t]"?\s*$/i.test(line)

function rowOf(names: readonly string[], cells: readonly string[]): Row {
  const row: Record<string, string> = Object.create(null)
  for (const [index, name] of names.entries())
    row[name === '' || row[name] !== undefined ? `${name}${index + 1}` : name] = cells[index] ?? ''
  return row
}

/** The first lines of the item, whichever part is read. */
function firstLines(part: EvidencePart): readonly string[] {
  const text = new TextDecoder(part.encoding === 'latin1' ? 'windows-1252' : part.encoding).decode(
    part.bytes.read(0, Math.min(part.bytes.size, 65_536)),
  )
  const lines = text.split('\n').filter(line => line.trim() !== '')
  return text.length >= 65_536 ? lines.slice(0, -1) : lines
}

/** A cell over several lines goes on until its quote closes; a quote that never does must not swallow the table. */
const MAX_ROW = 65_536

function readTable(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const head = tableHead(firstLines(part))
  const mapping = head && mappingOf(head.names, part.facts.columns, head.rows)
  if (!head || !mapping) {
    diagnostics.once({ offset: part.start }, NO_MAPPING)
    diagnostics.finish()
    return
  }
  if (part.start === 0) sayMapping(mapping, diagnostics)
  const emit = emitter(part, sink, diagnostics, mapping, 'table')
  let isHeadPassed = part.start > 0
  let open: { text: string; number: number; offset: number } | undefined
  for (const line of part.lines()) {
    const text = line.text.replace(/\r$/, '')
    if (open) open.text += `\n${text}`
    else if (text.trim() === '' || isNoRow(text)) continue
    else if (!isHeadPassed) isHeadPassed = true
    else open = { text, number: line.number, offset: line.offset }
    if (!open || (isQuoteOpen(open.text) && open.text.length < MAX_ROW)) continue
    const cells = csvCells(open.text, head.separator)
    if (cells.length < 2)
      diagnostics.each(open, {
        code: 'table/unreadable-row',
        level: 'warning',
        message: `not a row of this table: ${excerptOf(open.text)}`,
      })
    else emit(rowOf(head.names, cells), open.text, open)
    open = undefined
  }
  if (open) emit(rowOf(head.names, csvCells(open.text, head.separator)), open.text, open)
  diagnostics.finish()
}

const isQuoteOpen = (text: string) => (text.match(/"/g)?.length ?? 0) % 2 === 1

const NO_MAPPING = {
  code: 'table/no-mapping',
  level: 'warning',
  message: 'no column of the table is a time; nothing of it is in the result',
  hint: 'name the columns in sources.yaml of the case: columns: { time: NAME, srcIp: NAME }',
} as const

/** Says how the table is read; a guess is a warning. */
function sayMapping(mapping: Mapping, diagnostics: PartDiagnostics): void {
  const { kind, kindColumns, columns, sureness, said, unused, refused } = mapping
  const left =
    unused.length === 0
      ? ''
      : `; only kept: ${unused.slice(0, 20).join(', ')}${unused.length > 20 ? ` and ${unused.length - 20} more` : ''}`
  diagnostics.once(
    { offset: 0 },
    {
      code: 'table/mapping',
      level: sureness === 'unsure' ? 'warning' : 'note',
      message: excerpt(
        `rows are read as ${kind}${kindColumns.length > 0 ? `, or as their ${kindColumns.join(', ')} says` : ''}, confidence ${CONFIDENCE[sureness]}: ${said.join(', ')}${left}`,
      ),
      hint: 'correct it in sources.yaml of the case: columns: { kind: authentication, time: NAME, srcIp: NAME, user: NAME }',
    },
  )
  if (/^(?:result\.)?_raw$/.test(columns.message ?? ''))
    diagnostics.once(
      { offset: 0 },
      {
        code: 'table/raw-lines',
        level: 'warning',
        message: 'the rows hold lines of another log in _raw; they are kept as text, and what they mean is not read',
        hint: 'Export them alone, so that they are read as the log they are: in Splunk, Export Results with the format Raw Events.',
      },
    )
  if (refused.length > 0)
    diagnostics.once(
      { offset: 0 },
      {
        code: 'table/bad-correction',
        level: 'warning',
        message: `columns in sources.yaml that this table does not have, or that mean nothing: ${refused.join(', ')}`,
      },
    )
}

const CONFIDENCE = { certain: 'high', likely: 'moderate', unsure: 'low' } as const
const excerpt = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '.').slice(0, 2000)

type Emit = (row: Row, text: string, place: { readonly number: number; readonly offset: number }) => void

function emitter(part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics, mapping: Mapping, format: string): Emit {
  const isUtc = saysUtc(mapping.columns.time ?? '')
  const zone: Zone = isUtc ? UTC : sourceZone(part, diagnostics)
  const partHost = part.facts.host?.toLowerCase() ?? ''
  const stem = rotationStem(part.path)
  return (row, text, { number, offset }) => {
    const { time, isAmbiguous, hasZone } = timeOfCell(row[mapping.columns.time ?? ''] ?? '', zone)
    if (time === undefined)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/bad-time',
          level: 'note',
          message: `no time in "${excerptOf(row[mapping.columns.time ?? ''] ?? '')}"; the row is kept without one`,
        },
      )
    else if (isAmbiguous)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/ambiguous-date',
          level: 'warning',
          message: 'dates such as 08/09/2023 were read with the month first',
          hint: 'export the times as ISO 8601',
        },
      )
    if (time !== undefined && !hasZone && !isUtc && part.facts.zone === undefined)
      diagnostics.once(
        { number, offset },
        {
          code: 'table/no-zone',
          level: 'warning',
          message: 'times name no zone and were taken as UTC',
          hint: "give the zone: --source 'GLOB=zone:Europe/Berlin'",
        },
      )
    const named = (row[mapping.columns.host ?? ''] ?? '').trim().toLowerCase()
    const host = /^[^\s,]{1,253}$/.test(named) && named !== '-' ? named : partHost
    sink.event({
      ...fieldsOfRow(row, mapping),
      source: { evidence: part.evidence, record: number, offset },
      time,
      host,
      series: `${format}|${host}|${stem}`,
      identity: contentHash(text),
      product: 'table',
      code: (row[mapping.columns.eventId ?? ''] ?? '').slice(0, 64),
      original: originalFields(row),
    } as SecurityEvent)
  }
}

const MAX_DEPTH = 5
const MAX_MEMBERS = 1024

/** Members by dotted name; lists of plain values joined by commas; JSON text within a member is opened, as CloudTrail's export has it. */
export function flatRow(object: JsonFields): Row {
  const row: Record<string, string> = Object.create(null)
  let count = 0
  const add = (value: unknown, name: string, depth: number): void => {
    if (count >= MAX_MEMBERS || depth > MAX_DEPTH) return
    const inner = typeof value === 'string' && value.startsWith('{"') ? jsonFieldsOf(value) : undefined
    if (isJsonFields(value) || inner) {
      for (const [key, member] of Object.entries(inner ?? (value as JsonFields)))
        add(member, name === '' ? key : `${name}.${key}`, depth + 1)
      return
    }
    const text = Array.isArray(value)
      ? value.map(item => plainText(item) ?? (isJsonFields(item) ? JSON.stringify(item) : '')).join(',')
      : plainText(value)
    if (text === undefined) return
    count++
    row[name] = text
  }
  add(object, '', 0)
  return row
}

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
  return { start, names: [...new Set(rows.flatMap(row => Object.keys(row)))], separator: '', rows }
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

/** "protoPayload.requestMetadata.callerIp" is also known as "callerIp", where no other member is called so; the name of a schema needs no other. */
function withShortNames(row: Row): Row {
  const all: Record<string, string> = Object.assign(Object.create(null), row)
  for (const [name, value] of Object.entries(row)) {
    const short = name.slice(name.lastIndexOf('.') + 1)
    if (short !== name && all[short] === undefined && knownName(name) === undefined) all[short] = value
  }
  return all
}

function readObjects(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const first = firstLines(part)
  const begin = part.bytes.read(0, Math.min(part.bytes.size, 65_536)).slice()
  const head = objectHead({ head: begin, encoding: part.encoding, lines: first })
  const mapping = head && mappingOf(head.names, part.facts.columns, head.rows)
  if (!mapping) {
    diagnostics.once({ offset: part.start }, NO_MAPPING)
    diagnostics.finish()
    return
  }
  sayMapping(mapping, diagnostics)
  const emit = emitter(part, sink, diagnostics, mapping, 'table-json')
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
