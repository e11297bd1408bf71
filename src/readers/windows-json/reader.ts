import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Reader,
  type SecurityEvent,
  type SourceRef,
} from '../../model/index.ts'
import { type Zone, zoneOf } from '../carriers/clock.ts'
import { type JsonObject, jsonObjects } from '../carriers/json-objects.ts'
import { type JsonFields, jsonFieldsOf } from '../carriers/json-value.ts'
import { type Place as AnyPlace, type Complaint, excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { windowsEvent } from '../meanings/windows.ts'
import { originalOfFields } from '../meanings/windows-names.ts'
import { azureEvent, isAzureRow } from './azure.ts'
import { type ExportedEvent, exportedEvent, listedObjects, looseFields } from './shapes.ts'
import { chooseTimes } from './times.ts'

/** Place of an object: line number or ordinal. */
type Place = AnyPlace & { readonly number: number }

/** One object a line: parts are read side by side. */
const lineReader: Reader = {
  format: 'windows-json',
  title: 'Windows events as JSON lines',
  version: 1,
  split: { by: 'lines' },
  about: {
    reads:
      'Windows events as JSON, one object a line: Winlogbeat, Elastic Agent, nxlog, evtx_dump, Azure Monitor, Splunk, `Get-WinEvent | ConvertTo-Json -Compress`; other tables of an Azure export (Syslog with audit records, VMConnection).',
    exported:
      'From a SIEM as JSON, one event a line, with all fields and the record number; `evtx_dump -o jsonl`. The EVTX file itself is better: nothing is lost.',
    shows: 'As [evtx](evtx.md).',
    cannotShow:
      'What the export left out. Without the record number copies of a record cannot be told from repetitions, and holes in the numbering cannot be seen.',
    clock: 'Host in every record; zone mostly, else that of the source facts.',
    builtFrom: 'real sample',
    checkedOn:
      'Mordor sets (flat, Azure), the regression samples of the Sigma project (evtx_dump, compared field by field with the EVTX files); Winlogbeat and PowerShell shapes on records made after their documentation.',
  },
  recognise: recogniseLines,
  read(part, sink) {
    const reading = new ReadObjects(part, sink)
    for (const line of part.lines()) {
      const text = line.text.trim()
      if (text === '') continue
      if (line.cut) reading.complain(line, CUT)
      else reading.text(text, line)
    }
    reading.finish()
  },
}

/** An array, objects over many lines, or one object around a list: read from the beginning to the end. */
const streamReader: Reader = {
  format: 'windows-json-stream',
  title: 'Windows events as a JSON array or a sequence of JSON objects',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'The same events in a JSON array, over several lines, or in one object around a list: `Get-WinEvent | ConvertTo-Json`, exports of Elasticsearch and Azure.',
    exported: '`Get-WinEvent -LogName Security | ConvertTo-Json -Depth 6 > security.json`, also as UTF-16.',
    shows: 'As [evtx](evtx.md).',
    cannotShow:
      'What the export left out. Without the record number copies of a record cannot be told from repetitions, and holes in the numbering cannot be seen.',
    clock: 'Host in every record; zone mostly, else that of the source facts.',
    builtFrom: 'real sample',
    checkedOn:
      'Mordor sets (flat, Azure), the regression samples of the Sigma project (evtx_dump, compared field by field with the EVTX files); Winlogbeat and PowerShell shapes on records made after their documentation.',
    page: 'windows-json',
  },
  recognise: recogniseStream,
  read(part, sink) {
    const reading = new ReadObjects(part, sink)
    let objects = 0
    for (const object of jsonObjects(part.bytes, part.start, part.end, part.encoding)) {
      objects++
      if (object.cut) reading.complain(object, object.cut === 'too-large' ? CUT : UNFINISHED)
      else reading.text(object.text, object)
    }
    if (objects === 0 && part.start < part.end) reading.complain({ number: 1, offset: part.start }, NO_OBJECTS)
    reading.finish()
  },
}

/** Windows events in the JSON shapes people have: Winlogbeat, nxlog, evtx_dump, Azure Monitor, Get-WinEvent and alike. */
export const readers: readonly Reader[] = [lineReader, streamReader]

const CUT: Complaint = {
  code: 'windows-json/cut-object',
  level: 'error',
  message: 'an object is larger than any event and was left out',
  hint: 'export the events again, one object a line',
}
const UNFINISHED: Complaint = {
  code: 'windows-json/unfinished-object',
  level: 'error',
  message: 'the file ends inside an object, which was left out',
  hint: 'copy the file again: its end is missing',
}
const NO_OBJECTS: Complaint = { code: 'windows-json/no-objects', level: 'warning', message: 'the file holds no JSON object' }
const NO_TIME: Complaint = {
  code: 'windows-json/no-time',
  level: 'warning',
  message: 'an event states no time, or an impossible one; it is kept without one',
}
const NO_ZONE: Complaint = {
  code: 'windows-json/no-zone',
  level: 'warning',
  message: 'times name no zone and were taken as UTC',
  hint: "give the zone: --source 'GLOB=zone:Europe/Berlin'",
}
const OTHER_SHAPE: Complaint = {
  code: 'windows-json/other-object',
  level: 'note',
  message: 'an object that is no Windows event was kept as other activity',
}

const UTC = zoneOf(undefined)

/** Turns the objects of one part into events. */
class ReadObjects {
  private readonly part: EvidencePart
  private readonly sink: EventSink
  private readonly diagnostics: PartDiagnostics
  private readonly zone: Zone
  private readonly isZoneKnown: boolean
  /** Ordinal of the next object of a list inside one object. */
  private listed = 0

  constructor(part: EvidencePart, sink: EventSink) {
    this.part = part
    this.sink = sink
    this.diagnostics = new PartDiagnostics(part, sink)
    this.zone = zoneOf(part.facts.zone)
    this.isZoneKnown = part.facts.zone !== undefined && this.zone.known
  }

  complain(place: Place, complaint: Complaint): void {
    this.diagnostics.each(place, complaint)
  }

  finish(): void {
    this.diagnostics.finish()
  }

  /** A text that should be one object; several on one line are taken one by one. */
  text(text: string, place: Place): void {
    const object = jsonFieldsOf(text)
    if (object) {
      this.object(object, place)
      return
    }
    const several = severalObjects(text)
    if (several.length === 0) this.unreadable(text, place)
    for (const { text: one, cut } of several) {
      const inner = cut ? undefined : jsonFieldsOf(one)
      if (inner) this.object(inner, place)
      else this.unreadable(one, place)
    }
  }

  private unreadable(text: string, place: Place): void {
    const message = `not JSON: ${excerptOf(text)}`
    this.diagnostics.each(place, { code: 'windows-json/unreadable-object', level: 'error', message })
  }

  private object(object: JsonFields, place: Place): void {
    const exported = exportedEvent(object)
    const list = exported ? undefined : listedObjects(object)
    if (!list) this.event(object, exported, place)
    else for (const item of list) this.event(item, exportedEvent(item), { number: ++this.listed, offset: place.offset })
  }

  private event(object: JsonFields, exported: ExportedEvent | undefined, place: Place): void {
    const source: SourceRef = { evidence: this.part.evidence, record: place.number, offset: place.offset }
    const event = exported ? this.windowsEvent(exported, source, place) : this.unknown(object, source, place)
    if (event.time === undefined) this.diagnostics.once(place, NO_TIME)
    this.sink.event(event)
  }

  private windowsEvent({ fields, times }: ExportedEvent, source: SourceRef, place: Place): SecurityEvent {
    const { time, alsoRecorded } = this.times(times, place)
    return windowsEvent(
      {
        original: originalOfFields(fields),
        provider: fields['Provider_Name'] ?? '',
        channel: fields['Channel'] ?? '',
        computer: fields['Computer'] ?? '',
        eventId: fields['EventID'] ?? '',
        recordId: /^\d{1,15}$/.test(fields['EventRecordID'] ?? '') ? Number(fields['EventRecordID']) : undefined,
        time,
        ...(alsoRecorded ? { alsoRecorded } : {}),
      },
      source,
      this.part.facts.host,
    )
  }

  private times(stated: Parameters<typeof chooseTimes>[0], place: Place) {
    const times = chooseTimes(stated, this.zone, UTC, this.isZoneKnown)
    if (times.isZoneGuessed) this.diagnostics.once(place, NO_ZONE)
    return times
  }

  /** Rows of other tables of the same export, and what nobody knows: kept with all members. */
  private unknown(object: JsonFields, source: SourceRef, place: Place): SecurityEvent {
    const fields = looseFields(object)
    const times = this.times(
      ['TimeCreated', '@timestamp', 'TimeGenerated', 'EventTime', 'timestamp', 'time'].map(name => ({
        name,
        value: object[name],
      })),
      place,
    )
    if (isAzureRow(object)) return azureEvent(object, fields, times, source, this.part.facts.host)
    this.diagnostics.once(place, OTHER_SHAPE)
    const original = originalOfFields(fields)
    const host = (fields['Computer'] ?? fields['host.name'] ?? fields['Hostname'] ?? this.part.facts.host ?? '').toLowerCase()
    return {
      kind: 'other_activity',
      source,
      time: times.time,
      ...(times.alsoRecorded ? { alsoRecorded: times.alsoRecorded } : {}),
      host,
      series: `windows-json|${host}|other`,
      identity: contentHash(original.text()),
      product: 'windows',
      code: fields['EventID'] ?? '',
      original,
      message: (fields['message'] ?? fields['Message'] ?? '').slice(0, 512),
    }
  }
}

/** Objects written one behind the other on one line. */
function severalObjects(text: string): readonly JsonObject[] {
  const bytes = new TextEncoder().encode(text)
  const source = { size: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length) }
  return [...jsonObjects(source, 0, bytes.length, 'utf-8')]
}

const isMine = (object: JsonFields | undefined) =>
  object !== undefined && (exportedEvent(object) !== undefined || isAzureRow(object))

/** Members that hardly anything but a Windows event has, for objects longer than the sample. */
const TELLING =
  /"(?:EventID|EventId|event_id|EventCode|EventRecordID)"\s*:[\s\S]*"(?:Channel|LogName|ProviderName|SourceName|provider_name|Provider|ProviderGuid)"\s*:|"winlog"\s*:|"(?:Channel|LogName|SourceName|Provider|provider_name)"\s*:[\s\S]*"(?:EventID|EventId|event_id|EventCode|EventRecordID)"\s*:/

function recogniseLines({ encoding, lines }: EvidenceSample): number {
  if (encoding === undefined || !lines[0]?.trimStart().startsWith('{')) return 0
  const looked = lines.slice(0, 20)
  const whole = looked.map(line => jsonFieldsOf(line)).filter(object => object !== undefined)
  const mine = whole.filter(object => listedObjects(object) === undefined && isMine(object)).length
  // The first line must be a whole object: else objects go over several lines, and cannot be cut at line ends.
  if (whole.length === 0 || jsonFieldsOf(looked[0] ?? '') === undefined) return 0
  if (mine === 0) return 0
  return mine === looked.length ? 93 : mine * 2 > looked.length ? 80 : 40
}

function recogniseStream({ encoding, head, lines }: EvidenceSample): number {
  if (encoding === undefined || !/^\s*[[{]/.test(lines[0] ?? '')) return 0
  const firstLine = jsonFieldsOf(lines[0] ?? '')
  // One object a line is the other reader's, which can read parts side by side.
  if (firstLine && lines.length > 1 && isMine(firstLine)) return 35
  const source = { size: head.length, read: (offset: number, length: number) => head.subarray(offset, offset + length) }
  let first: JsonObject | undefined
  for (const object of jsonObjects(source, 0, head.length, encoding)) {
    first = object
    break
  }
  if (!first) return 0
  const object = first.cut ? undefined : jsonFieldsOf(first.text)
  if (object) return isMine(object) || listedObjects(object)?.some(isMine) ? 90 : 0
  return TELLING.test(new TextDecoder(encoding === 'latin1' ? 'windows-1252' : encoding).decode(head)) ? 60 : 0
}
