import type {
  EventFields,
  EventSink,
  EvidencePart,
  EvidenceSample,
  Line,
  Micros,
  OriginalRecord,
  Reader,
  SecurityEvent,
} from '../../model/index.ts'
import { contentHash, originalLine } from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { flowIdentity } from '../meanings/flow.ts'
import type { Field } from './columns.ts'
import { type JsonRow, jsonColumns, jsonOriginal, jsonRowOf } from './json.ts'
import { isZeekRow, logOfPath, logOfRow } from './logs.ts'
import { mapperOf } from './map.ts'
import type { RowMapper } from './mapper.ts'
import { DEFAULT_LAYOUT, type JsonField, jsonFields, type Layout, TsvOriginal, tsvColumns, withHeaderLine } from './tsv.ts'

const CUT_LINE: Complaint = {
  code: 'zeek/cut-line',
  level: 'warning',
  message: 'a line longer than we read was cut; it is kept as text only',
}
const NO_TIME: Complaint = {
  code: 'zeek/no-time',
  level: 'warning',
  message: 'a record has no time, or one that is not a time; it is kept without one',
}
const NO_FIELDS: Complaint = {
  code: 'zeek/no-fields',
  level: 'error',
  message: 'a record stands before any #fields line, so its columns have no names; it is kept as text only',
  hint: 'put the header lines of the original log before it (the lines that begin with #)',
}
const CELLS: Complaint = {
  code: 'zeek/wrong-cell-count',
  level: 'warning',
  message: 'a record has fewer or more cells than #fields names; missing ones count as unset',
  hint: 'the log was probably cut while it was written; copy it again',
}
const NO_JSON: Complaint = {
  code: 'zeek/unreadable-line',
  level: 'warning',
  message: 'a line is neither a JSON object nor a TSV record; it is kept as text only',
}

/** One log of one part bound for reading; rows of it differ in nothing but their values. */
interface Bound<Row> {
  readonly log: string
  readonly time: Field<Row, Micros | undefined>
  readonly written: Field<Row, Micros | undefined>
  readonly system: Field<Row, string>
  readonly map: RowMapper<Row>
}

/** Zeek logs, TSV and JSON: docs.zeek.org/en/master/log-formats.html. */
export const reader: Reader = {
  format: 'zeek',
  title: 'Zeek log',
  version: 2,
  split: { by: 'lines', headerPrefix: '#' },
  about: {
    reads:
      'Zeek logs as TSV or JSON, rotated and compressed: conn, dns, http, ssl, x509, files, dce_rpc, smb, kerberos, ntlm, rdp, ssh, dhcp, socks, tunnel and others.',
    exported:
      'Copy the folders of `logs/`, compressed ones included; `conn`, `dns`, `http`, `ssl`, `x509`, `files`, `dce_rpc`, `smb_*`, `kerberos`, `ntlm`, `rdp` are used by detectors.',
    shows:
      'Who spoke with whom, for how long, how much; calls of services and tasks over SMB and DCE-RPC; names, certificates, files by hash.',
    cannotShow: 'What does not pass the sensor, contents of TLS and SMB 3 with encryption, which process spoke.',
    clock:
      "Host rarely (the sensor); `ts` is UTC. A sensor's clock may still be wrong, and is compared with the machines' own logs (see [decisions](../decisions/clocks.md)).",
    builtFrom: 'real sample',
    checkedOn: 'real logs: APT 29 emulation (day 1), a defence contest (wrccdc), a proxy, Mordor sets, TSV and JSON.',
  },
  recognise,
  read: (part, sink) => new PartReader(part, sink).read(),
}

function recognise(sample: EvidenceSample): number {
  const { lines } = sample
  const [first = ''] = lines
  if (first.startsWith('#separator ')) return 100
  if (lines.some(line => /^#fields\s/.test(line)) && lines.some(line => /^#(?:types|path)\s/.test(line))) return 98
  if (!first.trimStart().startsWith('{')) return 0
  const whole = lines.slice(0, 20)
  const fit = whole.filter(line => {
    const row = jsonRowOf(line)
    return row !== undefined && isZeekRow(row)
  }).length
  if (fit === 0) return 0
  return fit === whole.length ? 96 : fit * 2 > whole.length ? 80 : 30
}

class PartReader {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  readonly #hint: string
  readonly #json = new Map<string, Bound<JsonRow>>()
  #layout: Layout = DEFAULT_LAYOUT
  #tsv: Bound<readonly string[]> | undefined
  #jsonFields: readonly JsonField[] = []
  #series = 'zeek||'
  #seriesHost = ''
  #seriesLog = ''

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#hint = logOfPath(part.path)
    for (const line of part.headerLines) this.#header(line)
  }

  read(): void {
    for (const line of this.#part.lines()) this.#line(line)
    this.#diagnostics.finish()
  }

  #header(line: string): void {
    this.#layout = withHeaderLine(this.#layout, line)
    this.#tsv = undefined
  }

  #line(line: Line): void {
    const { text } = line
    if (text.startsWith('#')) this.#header(text)
    else if (line.cut) this.#keep(line, CUT_LINE)
    else if (text.startsWith('{')) {
      const row = jsonRowOf(text)
      if (row === undefined) this.#keep(line, NO_JSON)
      else this.#jsonRecord(row, line)
    } else if (text.trim() !== '') {
      if (this.#layout.fields.length === 0) this.#keep(line, NO_FIELDS)
      else this.#tsvRecord(line)
    }
  }

  #tsvRecord(line: Line): void {
    const cells = line.text.split(this.#layout.separator)
    if (cells.length !== this.#layout.fields.length) this.#diagnostics.once(line, CELLS)
    if (this.#tsv === undefined) {
      this.#tsv = bind(this.#layout.log.toLowerCase() || this.#hint, tsvColumns(this.#layout))
      this.#jsonFields = jsonFields(this.#layout)
    }
    this.#emit(this.#tsv, cells, new TsvOriginal(this.#layout, this.#jsonFields, cells), line)
  }

  #jsonRecord(row: JsonRow, line: Line): void {
    const log = logOfRow(row) || this.#hint
    let bound = this.#json.get(log)
    if (bound === undefined) {
      bound = bind(log, jsonColumns)
      // Hostile `_path` values must not fill the memory: beyond this many logs the readers are bound anew each time.
      if (this.#json.size < MAX_LOGS) this.#json.set(log, bound)
    }
    this.#emit(bound, row, jsonOriginal(row, line.text), line)
  }

  #emit<Row>(bound: Bound<Row>, row: Row, original: OriginalRecord, line: Line): void {
    const time = bound.time(row)
    if (time === undefined) this.#diagnostics.once(line, NO_TIME)
    const fields = bound.map(row)
    const written = bound.written(row)
    // A worker name of a cluster ("worker-eth0-1") is a sensor, not a machine that events happened on; a system name is one.
    const host = this.#part.facts.host ?? bound.system(row).toLowerCase()
    const event = {
      // first, because an object literal that begins with a spread is copied as a whole
      ...fields,
      source: { evidence: this.#part.evidence, record: line.number, offset: line.offset },
      time,
      host,
      series: this.#seriesOf(host, bound.log),
      identity: identityOf(bound.log, time, fields),
      product: 'zeek',
      code: bound.log,
      original,
    }
    this.#sink.event((written === undefined ? event : { ...event, alsoRecorded: { written } }) as SecurityEvent)
  }

  #seriesOf(host: string, log: string): string {
    if (host !== this.#seriesHost || log !== this.#seriesLog) {
      this.#seriesHost = host
      this.#seriesLog = log
      this.#series = `zeek|${host}|${log}`
    }
    return this.#series
  }

  #keep(line: Line, complaint: Complaint): void {
    this.#diagnostics.once(line, complaint)
    const host = this.#part.facts.host ?? ''
    this.#sink.event({
      kind: 'other_activity',
      source: { evidence: this.#part.evidence, record: line.number, offset: line.offset },
      time: undefined,
      host,
      series: this.#seriesOf(host, this.#hint),
      product: 'zeek',
      code: this.#hint,
      identity: contentHash(line.text),
      original: originalLine(line.text),
      message: line.text.slice(0, 2_000),
    })
  }
}

/** More logs than any Zeek installation writes. */
const MAX_LOGS = 200

function bind<Row>(log: string, columns: Parameters<typeof mapperOf<Row>>[1]): Bound<Row> {
  const systemNames = ['@system', '_system_name'].map(name => columns.text(name))
  return {
    log,
    time: columns.time('ts'),
    written: columns.time('_write_ts'),
    system: row => systemNames.map(name => name(row)).find(name => name !== '') ?? '',
    map: mapperOf(log, columns),
  }
}

/** The same for TSV and JSON of one record: from what was read, not from the line. */
function identityOf(log: string, time: number | undefined, fields: EventFields): number {
  if (fields.kind === 'network_activity')
    return flowIdentity({
      protocol: fields.protocol ?? '',
      srcIp: fields.srcIp ?? '',
      srcPort: fields.srcPort,
      dstIp: fields.dstIp ?? '',
      dstPort: fields.dstPort,
      time,
      bytesOut: fields.bytesOut,
      bytesIn: fields.bytesIn,
    })
  return contentHash(`${log}|${time ?? ''}|${Object.values(fields).join('|')}`)
}
