import type { OriginalRecord, RecordShape, SecurityEvent } from '../../../model/index.ts'
import { type EventKey, eventKeyOf } from '../log-source/index.ts'

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

/** Positions of names in a shape, kept for each shape: there are few. */
export class ShapePositions {
  readonly #byShape = new WeakMap<RecordShape, ReadonlyMap<string, number>>()

  of(shape: RecordShape): ReadonlyMap<string, number> {
    let positions = this.#byShape.get(shape)
    if (!positions) {
      positions = new Map(shape.names.map((name, index) => [name, index]))
      this.#byShape.set(shape, positions)
    }
    return positions
  }
}
