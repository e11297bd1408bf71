import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  type OriginalRecord,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { jsonObjects } from '../carriers/json-objects.ts'
import { jsonFieldsOf } from '../carriers/json-value.ts'
import { type Complaint, excerptOf, PartDiagnostics, type Place } from '../carriers/part-diagnostics.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { flowIdentity } from '../meanings/flow.ts'
import { FlowJoiner, type JoinedFlow, type JoinSink } from '../meanings/flow-join.ts'
import { aloneFlow, type NfRecord, netflowFields, possibleBytes, unwrapped } from '../meanings/netflow-record.ts'
import { type CsvLayout, csvRecord, headerless, headerOf, isStatistic } from './csv.ts'
import { isNfdumpObject, jsonRecord } from './json.ts'
import { isNfcapd, readNfcapd } from './nfcapd.ts'

const LATE: Complaint = {
  code: 'nfdump/late-times',
  level: 'warning',
  message:
    "flows end long after their record arrived: the router's 32-bit uptime had wrapped (2^32 ms, 49.7 days); whole wraps were taken off",
}
const SWAPPED: Complaint = {
  code: 'nfdump/swapped-times',
  level: 'warning',
  message: 'a flow ends before it begins (softflowd 1.1.0 exchanges the two in IPFIX); its times are taken the other way round',
}
const REPEATED: Complaint = {
  code: 'nfdump/repeated',
  level: 'note',
  message: 'the same record stands there again (exported on the way in and on the way out); it is counted once',
}
const BYTES: Complaint = {
  code: 'nfdump/impossible-bytes',
  level: 'warning',
  message:
    'fewer than 20 bytes a packet: no count of bytes (nfdump 1.7.4 and some before write packets there with -o ndjson); bytes are left out',
  hint: 'export with -o json',
}
const SAMPLED: Complaint = {
  code: 'nfdump/sampled',
  level: 'warning',
  message: 'the exporter looked at a share of the packets only: short flows are missing, counts are estimates',
}
const NO_TIME: Complaint = { code: 'nfdump/no-time', level: 'warning', message: 'a record has no time; it is kept without one' }
const STATISTIC: Complaint = {
  code: 'nfdump/statistic',
  level: 'error',
  message: 'these are sums of many flows (nfdump -s), which name neither both ends nor times',
  hint: 'export the flows: nfdump -R FOLDER -o json',
}
const unreadable = (line: string): Complaint => ({
  code: 'nfdump/unreadable-record',
  level: 'warning',
  message: `not a flow record: ${excerptOf(line)}`,
})
const WHOLE_SECONDS: Complaint = {
  code: 'nfdump/whole-seconds',
  level: 'note',
  message: 'times have whole seconds: connections that were passed on cannot be paired by time for certain',
  hint: 'export with nfdump -o json, which has milliseconds',
}

/** nfdump and nfcapd: github.com/phaag/nfdump. Text, JSON and its own files; all become the same flows. */
export const readers: readonly Reader[] = [
  {
    format: 'nfdump-csv',
    title: 'NetFlow as CSV (nfdump)',
    version: 1,
    split: { by: 'lines' },
    about: {
      page: 'nfdump',
      reads: 'nfdump -o csv: the 48 columns up to version 1.7.2, the named columns since, -o csv-fast.',
      exported: '`nfdump -R FOLDER -o json` is better: CSV up to 1.7.2 has whole seconds.',
      shows: 'Who spoke with whom, when and how much, as routers and firewalls export it.',
      cannotShow: 'Names, contents, payload sizes; what a sampling exporter did not look at.',
      clock: 'No host; times in the zone of the machine that ran nfdump (--source zone:…).',
      builtFrom: 'real sample',
      checkedOn: 'exports of nfdump 1.7.1 and 1.6 files of the evidence collection.',
    },
    recognise: recogniseCsv,
    read: (part, sink) => new NfReader(part, sink).csv(),
  },
  {
    format: 'nfdump-json',
    title: 'NetFlow as JSON (nfdump)',
    version: 1,
    split: { by: 'nothing' },
    about: {
      page: 'nfdump',
      reads: 'nfdump -o json and -o ndjson: one array, or objects one behind the other (-q, -B), or one a line.',
      exported: '`nfdump -R FOLDER -o json > flows.json`, of one file `nfdump -r FILE -o json`.',
      shows: 'Who spoke with whom, when to the millisecond and how much, with address translation where the device tells it.',
      cannotShow: 'Names, contents, payload sizes; what a sampling exporter did not look at.',
      clock: 'No host; times in the zone of the machine that ran nfdump (--source zone:…).',
      builtFrom: 'real sample',
      checkedOn: 'exports of nfdump 1.7.1.',
    },
    recognise: recogniseJson,
    read: (part, sink) => new NfReader(part, sink).json(),
  },
  {
    format: 'nfcapd',
    title: 'NetFlow file of nfcapd',
    version: 1,
    split: { by: 'nothing' },
    about: {
      page: 'nfdump',
      reads: 'Files of nfcapd and nfpcapd, layout 1 (1.6) and 2 (1.7), not compressed.',
      exported: 'Copy the files; compressed ones: `nfdump -J 0 -r FILE -w COPY`, or `nfdump -r FILE -o json`.',
      shows: 'Who spoke with whom, when to the millisecond and how much, with address translation where the device tells it.',
      cannotShow: 'Names, contents, payload sizes; what a sampling exporter did not look at.',
      clock: 'No host; times are UTC.',
      builtFrom: 'real sample',
      checkedOn: 'files of nfcapd 1.7.1 and a file of layout 1 of the evidence collection, compared with nfdump.',
    },
    recognise: ({ head }) => (isNfcapd(head) ? 100 : 0),
    read: (part, sink) => new NfReader(part, sink).binary(),
  },
]

function recogniseCsv({ lines, encoding }: EvidenceSample): number {
  if (encoding === undefined) return 0
  const [first = ''] = lines
  if (isStatistic(first)) return 90
  if (headerless(first) !== undefined) return 90
  const layout = headerOf(first)
  if (layout === undefined) return 0
  // Names that other tools' tables have too are not enough.
  const own = ['ts', 'td', 'ibyt', 'firstSeen', 'ipkt', 'exid'].filter(name => layout.names.includes(name))
  return own.length >= 2 || first.startsWith('cnt,af,firstSeen') ? 97 : own.length === 1 ? 70 : 0
}

function recogniseJson({ lines, head, encoding }: EvidenceSample): number {
  if (encoding === undefined) return 0
  const [first = ''] = lines
  if (!/^\s*[[{]/.test(first)) return 0
  const bytes = { size: head.length, read: (offset: number, length: number) => head.subarray(offset, offset + length) }
  for (const { text } of jsonObjects(bytes, 0, head.length, encoding)) {
    const fields = jsonFieldsOf(text)
    return fields !== undefined && isNfdumpObject(fields) ? 95 : 0
  }
  return 0
}

/** The header line is looked for in so much of the item. */
const HEADER_BYTES = 8_192

class NfReader implements JoinSink<NfRecord> {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  readonly #zone: Zone
  readonly #joiner: FlowJoiner<NfRecord>
  readonly #host: string

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#zone = sourceZone(part, this.#diagnostics)
    this.#joiner = new FlowJoiner(this)
    this.#host = part.facts.host ?? ''
  }

  csv(): void {
    let layout = this.#part.start > 0 ? this.#firstHeader() : undefined
    for (const line of this.#part.lines()) {
      const { text } = line
      if (text.trim() === '') continue
      // The last three lines are sums.
      if (text === 'Summary') break
      if (isStatistic(text)) {
        this.#diagnostics.once(line, STATISTIC)
        break
      }
      const header = headerOf(text)
      if (header !== undefined) {
        layout = header
        continue
      }
      layout ??= headerless(text)
      const place = { record: line.number, offset: line.offset }
      const record = layout === undefined ? undefined : csvRecord(text, layout, this.#zone, place)
      if (record === undefined) this.#keep(line, text)
      else this.#add(record)
    }
    this.#finish()
  }

  json(): void {
    const { bytes, start, end, encoding } = this.#part
    for (const { text, number, offset } of jsonObjects(bytes, start, end, encoding)) {
      const fields = jsonFieldsOf(text)
      const record = fields === undefined ? undefined : jsonRecord(fields, this.#zone, { record: number, offset })
      if (record === undefined) this.#keep({ number, offset }, text)
      else this.#add(record)
    }
    this.#finish()
  }

  binary(): void {
    readNfcapd(this.#part.bytes, {
      record: record => this.#add(record),
      complaint: (offset, complaint) => this.#diagnostics.each({ offset }, complaint),
    })
    this.#finish()
  }

  /** Parts behind the first have no header line of their own. */
  #firstHeader(): CsvLayout | undefined {
    const head = new TextDecoder().decode(this.#part.bytes.read(0, HEADER_BYTES))
    const [first = ''] = head
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .filter(line => line !== '')
    return headerOf(first)
  }

  #add(record: NfRecord): void {
    const place: Place = { number: record.record, offset: record.offset }
    const { start, end, isLate, isSwapped } = unwrapped(record.start, record.end, record.received)
    if (isLate) this.#diagnostics.once(place, LATE)
    if (start === undefined) this.#diagnostics.once(place, NO_TIME)
    if (isSwapped) this.#diagnostics.once(place, SWAPPED)
    if (record.precision >= 1e6) this.#diagnostics.once(place, WHOLE_SECONDS)
    if (record.isSampled) this.#diagnostics.once(place, SAMPLED)
    if (record.bytes !== undefined && possibleBytes(record.bytes, record.packets) === undefined)
      this.#diagnostics.once(place, BYTES)
    const corrected = isLate || isSwapped ? { ...record, start, end } : record
    if (record.action === 'flow') this.#joiner.add(corrected)
    else this.flow(aloneFlow(corrected))
  }

  repeated(record: NfRecord): void {
    this.#diagnostics.once({ number: record.record, offset: record.offset }, REPEATED)
  }

  flow(flow: JoinedFlow<NfRecord>): void {
    const { piece, start, records, answerRecord } = flow
    const fields = netflowFields(flow)
    const { protocol, srcIp, srcPort, dstIp, dstPort, received } = piece
    const { bytesOut, bytesIn } = fields
    const event = {
      ...fields,
      source: { evidence: this.#part.evidence, record: piece.record, offset: piece.offset },
      time: start as Micros | undefined,
      host: this.#host,
      series: `nfdump|${this.#host}|flow`,
      identity: flowIdentity({ protocol, srcIp, srcPort, dstIp, dstPort, time: start, bytesOut, bytesIn }),
      product: 'netflow',
      code: '',
      original: records > 1 ? joinedOriginal(piece.original, records, answerRecord) : piece.original,
    }
    this.#sink.event((received === undefined ? event : { ...event, alsoRecorded: { received } }) as SecurityEvent)
  }

  #keep(place: Place, text: string): void {
    this.#diagnostics.each(place, unreadable(text))
    const line = text.slice(0, 2_000)
    this.#sink.event({
      kind: 'other_activity',
      source: { evidence: this.#part.evidence, record: place.number ?? 0, offset: place.offset },
      time: undefined,
      host: this.#host,
      series: `nfdump|${this.#host}|flow`,
      identity: contentHash(text),
      product: 'netflow',
      code: '',
      original: { get: () => undefined, names: () => [], text: () => line },
      message: line,
    })
  }

  #finish(): void {
    this.#joiner.finish()
    this.#diagnostics.finish()
  }
}

/** The opener's first record, and how many more there are: their numbers are in the file. */
function joinedOriginal(original: OriginalRecord, records: number, answer: number | undefined): OriginalRecord {
  const more: Readonly<Record<string, string>> = {
    joined_records: String(records),
    ...(answer === undefined ? {} : { answer_record: String(answer) }),
  }
  return {
    get: name => (Object.hasOwn(more, name) ? more[name] : original.get(name)),
    names: () => [...original.names(), ...Object.keys(more)],
    text: () => `${original.text().slice(0, -1)},${JSON.stringify(more).slice(1)}`,
  }
}
