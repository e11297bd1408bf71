import { type EventSink, type EvidencePart, type FormatAbout, type Line, originalFields, type Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import type { Zone } from '../carriers/clock.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { windowsEvent } from '../meanings/windows.ts'
import { fieldsOfMessage } from './message.ts'

const COMMON = {
  shows: 'As [evtx](evtx.md), as far as the English text of each event tells it.',
  cannotShow: 'Data that the text leaves out; texts of other languages are kept as text only. The EVTX file itself is better.',
  builtFrom: 'documentation',
  page: 'windows-text',
} as const satisfies Partial<FormatAbout>

/** "08/15/2023 05:34:25 AM", with or without fraction and zone. */
const STAMP = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,7}))? ?([AP]M)?(?: ?([+-]\d{4}|Z|UTC))?$/

function timeOf(text: string, zone: Zone) {
  const match = STAMP.exec(text.trim())
  if (!match) return undefined
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', fraction, half, named] = match
  return civilMicros({ year, month, day, hour, minute, second, fraction, half, zone: named }, zone)
}

/** Splunk's WinEventLog input: a time, then NAME=value lines, then Message= over several lines. */
const splunk: Reader = {
  format: 'windows-text',
  title: 'Windows events as text (Splunk WinEventLog)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'Raw text of the WinEventLog input of Splunk: a time, then `LogName=`, `EventCode=`, `ComputerName=` … and the text of the event.',
    exported: 'From Splunk: Export, Raw Events. With `renderXml = true` it is read as [windows-xml](windows-xml.md).',
    ...COMMON,
    clock: 'Host in every record; local time without zone: give it.',
    checkedOn: "records made after Splunk's documentation.",
  },
  recognise: ({ lines, encoding }) => {
    if (encoding === undefined) return 0
    const text = lines.slice(0, 40).join('\n')
    return /^LogName=\S/m.test(text) && /^EventCode=\d/m.test(text) ? 96 : 0
  },
  read(part, sink) {
    const reading = new Reading(part, sink, 'windows-text')
    let lines: string[] = []
    let first: Line | undefined
    const settle = () => {
      if (first) readSplunk(lines, first, reading)
      lines = []
    }
    for (const line of part.lines()) {
      const text = line.text.replace(/\r$/, '')
      // A record begins with its time; the message of the one before may hold anything but a line that is a time alone.
      if (STAMP.test(text) || (lines.length === 0 && text.startsWith('LogName='))) {
        settle()
        first = line
      }
      if (first && lines.length < 5000) lines.push(text)
    }
    settle()
    reading.finish()
  },
}

function readSplunk(lines: readonly string[], line: Line, reading: Reading): void {
  const head: Record<string, string> = Object.create(null)
  let at = STAMP.test(lines[0] ?? '') ? 1 : 0
  for (; at < lines.length; at++) {
    const pair = /^(\w{2,40})=(.*)$/.exec(lines[at] ?? '')
    if (!pair) break
    head[pair[1] ?? ''] ??= pair[2] ?? ''
    if (pair[1] === 'Message') break
  }
  const message = [head['Message'] ?? '', ...lines.slice(at + 1)].join('\n')
  if (head['EventCode'] === undefined) {
    reading.refuse(line, lines.join(' '))
    return
  }
  reading.event(
    {
      channel: head['LogName'] ?? '',
      provider: head['SourceName'] ?? '',
      eventId: head['EventCode'],
      computer: head['ComputerName'] ?? '',
      recordId: head['RecordNumber'] ?? '',
      stamp: lines[0] ?? '',
      message,
    },
    line,
  )
}

/** "Save all events as" CSV of the event viewer, English: Level, Date and Time, Source, Event ID, Task Category, then the text. */
const VIEWER = /^\ufeff?"?Level"?,"?Date and Time"?,"?Source"?,"?Event ID"?,"?Task Category"?/

const viewer: Reader = {
  format: 'windows-csv',
  title: 'Windows events as CSV (event viewer)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'CSV that the event viewer of an English Windows saves ("Save All Events As", CSV).',
    exported: '"Save All Events As" in the event viewer. XML or EVTX from the same dialogue keep much more.',
    ...COMMON,
    clock: 'Host never: give it. Local time without zone, month first: give the zone.',
    checkedOn: 'files made after the form of the event viewer.',
  },
  recognise: ({ lines, encoding }) => (encoding !== undefined && VIEWER.test(lines[0] ?? '') ? 96 : 0),
  read(part, sink) {
    const reading = new Reading(part, sink, 'windows-csv')
    let open: { text: string; line: Line } | undefined
    for (const line of part.lines()) {
      const text = line.text.replace(/\r$/, '')
      if (open) open = { ...open, text: `${open.text}\n${text}` }
      else if (text.trim() === '' || VIEWER.test(text)) continue
      else open = { text, line }
      if ((open.text.match(/"/g)?.length ?? 0) % 2 === 1 && open.text.length < 65_536) continue
      const [, stamp = '', provider = '', eventId = '', , message = ''] = csvCells(open.text)
      if (/^\d{1,6}$/.test(eventId))
        reading.event({ channel: channelOf(provider), provider, eventId, computer: '', recordId: '', stamp, message }, open.line)
      else reading.refuse(open.line, open.text)
      open = undefined
    }
    if (open) reading.refuse(open.line, open.text)
    reading.finish()
  },
}

/** The viewer leaves the channel out; of the providers that matter it follows from the name. */
function channelOf(provider: string): string {
  if (/security-auditing|eventlog/i.test(provider)) return 'Security'
  if (/sysmon/i.test(provider)) return 'Microsoft-Windows-Sysmon/Operational'
  return /service control manager/i.test(provider) ? 'System' : ''
}

interface TextEvent {
  readonly channel: string
  readonly provider: string
  readonly eventId: string
  readonly computer: string
  readonly recordId: string
  readonly stamp: string
  readonly message: string
}

/** Full names of providers that texts shorten: mappings are by provider. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'microsoft windows security auditing.': 'Microsoft-Windows-Security-Auditing',
  sysmon: 'Microsoft-Windows-Sysmon',
  eventlog: 'Microsoft-Windows-Eventlog',
}

class Reading {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #format: string
  readonly #diagnostics: PartDiagnostics
  readonly #zone: Zone

  constructor(part: EvidencePart, sink: EventSink, format: string) {
    this.#part = part
    this.#sink = sink
    this.#format = format
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#zone = sourceZone(part, this.#diagnostics)
  }

  event({ channel, provider: named, eventId, computer, recordId, stamp, message }: TextEvent, line: Line): void {
    const provider = PROVIDERS[named.toLowerCase()] ?? named
    const time = timeOf(stamp, this.#zone)
    if (time === undefined)
      this.#diagnostics.once(line, {
        code: `${this.#format}/bad-time`,
        level: 'note',
        message: `no time in "${excerptOf(stamp)}"; the event is kept without one`,
      })
    const data = fieldsOfMessage(message, /sysmon/i.test(provider) || /sysmon/i.test(channel))
    const original = originalFields({
      EventID: eventId,
      Channel: channel,
      Provider_Name: provider,
      Computer: computer,
      ...data,
      Message: message.slice(0, 8192),
    })
    this.#sink.event(
      windowsEvent(
        {
          original,
          provider,
          channel,
          computer,
          eventId,
          recordId: /^\d{1,15}$/.test(recordId) ? Number(recordId) : undefined,
          time,
        },
        { evidence: this.#part.evidence, record: line.number, offset: line.offset },
        this.#part.facts.host,
      ),
    )
  }

  refuse(line: Line, text: string): void {
    this.#diagnostics.each(line, {
      code: `${this.#format}/unreadable-record`,
      level: 'warning',
      message: `no event: ${excerptOf(text)}`,
    })
  }

  finish(): void {
    this.#diagnostics.finish()
  }
}

/** Windows events whose data lies in their text. */
export const readers: readonly Reader[] = [splunk, viewer]
