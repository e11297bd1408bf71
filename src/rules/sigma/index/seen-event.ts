import type { OriginalRecord, SecurityEvent, UnmappedRecord } from '../../../model/index.ts'
import { type EventKey, eventKeyOf, unmappedKeyOf } from '../log-source/index.ts'

/** A record on its way through the rules: its key and its fields; the typed event is made only when a rule's view needs a column. */
export interface SeenEvent {
  readonly key: EventKey
  readonly original: OriginalRecord
  event(): SecurityEvent
}

/** An event that is there already. */
export function seenEvent(event: SecurityEvent): SeenEvent {
  return { key: eventKeyOf(event), original: event.original, event: () => event }
}

/** A record that may not have to become an event. */
export function seenRecord(record: UnmappedRecord): SeenEvent {
  return { key: unmappedKeyOf(record), original: record.original, event: () => record.event() }
}
