import type { SecurityEvent } from '../../../model/index.ts'
import { type EventKey, eventKeyOf } from './event-key.ts'
import { type FieldValue, type FieldView, fieldValue } from './field-view.ts'
import { keywordTexts } from './keyword-texts.ts'

/** A record as rules of one log source see it. */
export class SeenRecord {
  readonly key: EventKey
  readonly view: FieldView
  readonly #event: SecurityEvent

  constructor(event: SecurityEvent, view: FieldView, key: EventKey = eventKeyOf(event)) {
    this.#event = event
    this.view = view
    this.key = key
  }

  get(field: string): FieldValue {
    return fieldValue(this.view.sourceOf(field), this.#event)
  }

  values(): readonly string[] {
    return keywordTexts(this.#event)
  }
}
