import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Line,
  type Micros,
  originalLine,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import { isUnsetClock, type Zone } from '../carriers/clock.ts'
import { type Complaint, excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { flowIdentity } from '../meanings/flow.ts'
import { FlowJoiner, type JoinedFlow, type JoinSink } from '../meanings/flow-join.ts'
import { flowFields } from './map.ts'
import { type ArgusLayout, type ArgusRecord, argusRecord, headerOf, isBlankTable } from './parse.ts'

const NO_TIME: Complaint = { code: 'argus/no-time', level: 'warning', message: 'a record has no time; it is kept without one' }
const UNSET_CLOCK: Complaint = {
  code: 'argus/unset-clock',
  level: 'warning',
  message:
    'times lie near 1970: the clock was not set, or a capture without real times was replayed; they are kept, and can be compared only with each other',
}
const MANAGEMENT: Complaint = {
  code: 'argus/management-record',
  level: 'note',
  message: 'a record of Argus about itself (proto man) is no traffic and is left out',
}
const REPEATED: Complaint = {
  code: 'argus/repeated',
  level: 'note',
  message: 'the same record stands there again; it is counted once',
}
const NO_HEADER: Complaint = {
  code: 'argus/no-header',
  level: 'error',
  message: 'the columns have no names; rows are kept as text only',
  hint: 'print them with `ra -r FILE -c , -n` and keep the first line',
}
const BLANKS: Complaint = {
  code: 'argus/blank-table',
  level: 'error',
  message: 'columns are separated by blanks, and empty ones cannot be told; rows are kept as text only',
  hint: 'print them with `ra -r FILE -c , -n`',
}
const unreadable = (line: string): Complaint => ({
  code: 'argus/unreadable-record',
  level: 'warning',
  message: `not a flow record: ${excerptOf(line)}`,
})

/** Argus records as text (ra, binetflow): openargus.org, ra(1). */
export const reader: Reader = {
  format: 'argus',
  title: 'Argus flows as text (ra, binetflow)',
  version: 1,
  split: { by: 'lines' },
  about: {
    reads: 'Records of Argus printed by ra with a separator, such as the binetflow files of public captures.',
    exported: '`ra -r FILE -c , -n > flows.binetflow`, with the line of column names; `-u` for times in UTC.',
    shows: 'Who spoke with whom, when to the microsecond, how much each way, TCP flags of both sides.',
    cannotShow: 'Names, contents; payload sizes, as bytes are those of whole frames.',
    clock: 'No host; times in the zone of the machine that ran ra (--source zone:…), UTC with `-u`.',
    builtFrom: 'real sample',
    checkedOn: 'two files of the evidence collection, with commas and with tabs.',
  },
  recognise,
  read: (part, sink) => new ArgusReader(part, sink).read(),
}

function recognise({ lines, encoding }: EvidenceSample): number {
  const [first = ''] = lines
  if (encoding === undefined) return 0
  if (isBlankTable(first)) return 80
  const layout = headerOf(first)
  if (layout === undefined) return 0
  const own = ['Dir', 'State', 'TotPkts', 'SrcBytes', 'Sport', 'StartTime'].filter(name =>
    layout.names.some(title => title.toLowerCase() === name.toLowerCase()),
  )
  return own.length >= 4 ? 97 : own.length >= 2 ? 70 : 0
}

/** The header line is looked for in so much of the item. */
const HEADER_BYTES = 8_192

class ArgusReader implements JoinSink<ArgusRecord> {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  readonly #zone: Zone
  readonly #host: string
  readonly #joiner: FlowJoiner<ArgusRecord>

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#zone = sourceZone(part, this.#diagnostics)
    this.#host = part.facts.host ?? ''
    this.#joiner = new FlowJoiner(this)
  }

  read(): void {
    let layout = this.#part.start > 0 ? this.#firstHeader() : undefined
    for (const line of this.#part.lines()) {
      if (line.text.trim() === '') continue
      const header = headerOf(line.text)
      if (header !== undefined) layout = header
      else if (isBlankTable(line.text)) this.#keep(line, BLANKS)
      else if (layout === undefined) this.#keep(line, NO_HEADER)
      else this.#record(line, layout)
    }
    this.#joiner.finish()
    this.#diagnostics.finish()
  }

  /** Parts behind the first have no header line of their own. */
  #firstHeader(): ArgusLayout | undefined {
    const head = new TextDecoder().decode(this.#part.bytes.read(0, HEADER_BYTES))
    const [first = ''] = head.split(/\r?\n/).filter(line => line !== '')
    return headerOf(first)
  }

  #record(line: Line, layout: ArgusLayout): void {
    const record = argusRecord(line.text, layout, this.#zone, { record: line.number, offset: line.offset })
    if (record === 'management') this.#diagnostics.once(line, MANAGEMENT)
    else if (record === 'not IP') this.#keep(line, undefined)
    else if (record === 'unreadable') this.#keep(line, unreadable(line.text))
    else {
      if (record.start === undefined) this.#diagnostics.once(line, NO_TIME)
      else if (isUnsetClock(record.start as Micros)) this.#diagnostics.once(line, UNSET_CLOCK)
      this.#joiner.add(record)
    }
  }

  repeated(record: ArgusRecord): void {
    this.#diagnostics.once({ number: record.record, offset: record.offset }, REPEATED)
  }

  flow(flow: JoinedFlow<ArgusRecord>): void {
    const { piece, start } = flow
    const fields = flowFields(flow)
    const { protocol = '', srcIp = '', srcPort, dstIp = '', dstPort, bytesOut, bytesIn } = fields
    this.#sink.event({
      ...fields,
      source: { evidence: this.#part.evidence, record: piece.record, offset: piece.offset },
      time: start as Micros | undefined,
      host: this.#host,
      series: `argus|${this.#host}|flow`,
      identity: flowIdentity({ protocol, srcIp, srcPort, dstIp, dstPort, time: start, bytesOut, bytesIn }),
      product: 'argus',
      code: '',
      original: piece.original,
    } as SecurityEvent)
  }

  /** ARP and link control are kept for searches; they are no conversations of addresses. */
  #keep(line: Line, complaint: Complaint | undefined): void {
    if (complaint !== undefined) this.#diagnostics.each(line, complaint)
    this.#sink.event({
      kind: 'other_activity',
      source: { evidence: this.#part.evidence, record: line.number, offset: line.offset },
      time: undefined,
      host: this.#host,
      series: `argus|${this.#host}|flow`,
      identity: contentHash(line.text),
      product: 'argus',
      code: '',
      original: originalLine(line.text),
      message: line.text.slice(0, 2_000),
    })
  }
}
