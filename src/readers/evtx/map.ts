import type { EvidencePart, Micros, SecurityEvent, UnmappedRecord } from '../../model/index.ts'
import { microsFromIso } from '../../model/index.ts'
import { productOf, windowsEvent } from '../meanings/windows.ts'
import type { Whence } from './carve.ts'
import type { EvtxRecord } from './record.ts'

/** An event log record as a typed event. Time is TimeCreated; Sysmon's own clock and the time of writing are kept beside it. */
export function recordEvent(record: EvtxRecord, part: EvidencePart, whence: Whence): SecurityEvent {
  // A carved record may have lost its field names; when it was written is its header's.
  const time = record.timeOf('TimeCreated') ?? (whence !== 'whole' ? record.written : undefined)
  const alsoRecorded = otherTimes(record, time)
  // An exported log numbers its record headers anew; the event keeps the number it had in the log it came from.
  const stated = record.get('EventRecordID') ?? ''
  const recordId = /^[1-9]\d{0,14}$/.test(stated) ? Number(stated) : record.recordId
  return windowsEvent(
    {
      original: record,
      provider: record.get('Provider_Name') ?? '',
      channel: record.get('Channel') ?? '',
      computer: record.get('Computer') ?? '',
      eventId: record.get('EventID') ?? '',
      recordId,
      time,
      ...(alsoRecorded ? { alsoRecorded } : {}),
      ...(whence === 'whole' ? {} : { carved: true, nameless: whence === 'carved, nameless' }),
    },
    { evidence: part.evidence, record: recordId, offset: record.offset },
    part.facts.host,
  )
}

/** Channels and providers in lower case: a machine has a few hundred, hostile logs make them anew. */
const lowered = new Map<string, string>()
const MAX_LOWERED = 4096

function lower(text: string): string {
  let found = lowered.get(text)
  if (found === undefined) {
    found = text.toLowerCase()
    if (lowered.size >= MAX_LOWERED) lowered.clear()
    lowered.set(text, found)
  }
  return found
}

/** What can be said of a record before anything else of it is decoded. */
export function unmapped(record: EvtxRecord, part: EvidencePart, whence: Whence): UnmappedRecord {
  const channel = lower(record.get('Channel') ?? '')
  const provider = lower(record.get('Provider_Name') ?? '')
  const code = record.get('EventID') ?? ''
  let event: SecurityEvent | undefined
  return {
    original: record,
    product: productOf(provider, channel),
    code,
    channel,
    provider,
    // Rules that read typed columns ask for it field by field.
    event: () => {
      event ??= recordEvent(record, part, whence)
      return event
    },
  }
}

function otherTimes(record: EvtxRecord, time: Micros | undefined): Record<string, Micros> | undefined {
  const utcTime = record.get('UtcTime')
  const own = utcTime === undefined ? undefined : microsFromIso(utcTime)
  const written = record.written === time ? undefined : record.written
  if (own === undefined && written === undefined) return undefined
  return { ...(own === undefined ? {} : { UtcTime: own }), ...(written === undefined ? {} : { recordWritten: written }) }
}
