import {
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  microsFromIso,
  type Reader,
} from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { windowsEvent } from '../meanings/windows.ts'
import { EventFieldsBuilder, originalOfFields } from '../meanings/windows-names.ts'
import { readEventXml } from '../meanings/windows-xml.ts'
import { type EventText, eventTexts } from './event-texts.ts'

/** Event XML of wevtutil, evtx_dump, forwarders and Sysmon for Linux: learn.microsoft.com/windows/win32/wes/eventschema-schema. */
export const reader: Reader = {
  format: 'windows-xml',
  title: 'Windows events as XML',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'Event XML in a file of its own, one `<Event>` behind the other or in a list: `wevtutil qe`, "Save all events as" of the event viewer, Sysmon for Linux.',
    exported: '`wevtutil qe Security /f:xml > security.xml`. The EVTX file itself is better.',
    shows: 'As [evtx](evtx.md).',
    cannotShow: 'As [evtx](evtx.md).',
    clock: 'Host in every record; times are UTC.',
    builtFrom: 'real sample',
    checkedOn: 'a real Sysmon for Linux log; the export of the event viewer on made samples.',
  },
  recognise,
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    let events = 0
    for (const text of eventTexts(part.bytes, part.start, part.end, part.encoding)) {
      events++
      readOne(text, part, sink, diagnostics)
    }
    if (events === 0 && part.start < part.end) diagnostics.once({ offset: part.start }, NO_EVENTS)
    diagnostics.finish()
  },
}

const CUT: Complaint = {
  code: 'windows-xml/cut-event',
  level: 'error',
  message: 'an event has no end, or is larger than any event, and was left out',
  hint: 'export the events again, or give the log itself (EVTX)',
}
const NO_EVENT_ID: Complaint = {
  code: 'windows-xml/no-event-id',
  level: 'warning',
  message: 'an event states no event id; it is kept',
}
const NO_TIME: Complaint = {
  code: 'windows-xml/no-time',
  level: 'warning',
  message: 'an event states no time, or an impossible one',
}
const NO_EVENTS: Complaint = { code: 'windows-xml/no-events', level: 'warning', message: 'the file holds no event' }

function recognise({ encoding, lines }: EvidenceSample): number {
  if (encoding === undefined) return 0
  const text = lines.join('\n').slice(0, 65536)
  if (!/^\ufeff?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<Events[^>]{0,200}>\s*)?(?:Record \d+\s*)?<Event[\s>]/.test(text)) return 0
  return text.includes('<System>') && text.includes('<EventID') ? 94 : 0
}

/** Before 1980 lies no event, but broken clocks do. */
const FIRST = Date.UTC(1980, 0, 1) * 1000

function eventTime(fields: Readonly<Record<string, string>>): Micros | undefined {
  const time = microsFromIso(fields['TimeCreated'] ?? '')
  return time !== undefined && time >= FIRST ? time : undefined
}

function readOne(text: EventText, part: EvidencePart, sink: EventSink, diagnostics: PartDiagnostics): void {
  if (text.isCut) {
    diagnostics.each(text, CUT)
    return
  }
  const builder = new EventFieldsBuilder()
  readEventXml(text.text, builder)
  const fields = builder.finish()
  const time = eventTime(fields)
  const utcTime = microsFromIso(fields['UtcTime'] ?? '')
  const recordId = /^[1-9]\d{0,14}$/.test(fields['EventRecordID'] ?? '') ? Number(fields['EventRecordID']) : undefined
  if (fields['EventID'] === undefined) diagnostics.each(text, NO_EVENT_ID)
  if (time === undefined) diagnostics.once(text, NO_TIME)
  sink.event(
    windowsEvent(
      {
        original: originalOfFields(fields),
        provider: fields['Provider_Name'] ?? '',
        channel: fields['Channel'] ?? '',
        computer: fields['Computer'] ?? '',
        eventId: fields['EventID'] ?? '',
        recordId,
        time,
        ...(utcTime === undefined || utcTime === time ? {} : { alsoRecorded: { UtcTime: utcTime } }),
      },
      { evidence: part.evidence, record: text.number, offset: text.offset },
      part.facts.host,
    ),
  )
}
