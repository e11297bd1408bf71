import type { SecurityEvent } from '../../model/index.ts'
import { type EventKey, eventKeyOf, type FieldView, fieldValue, keywordTexts } from './log-source/index.ts'

/** A record as a rule sees it. */
export interface RuleRecord {
  /** Value of a field under Sigma's name, after field mapping; several when the record holds a list; undefined when it is not there. */
  get(field: string): string | readonly string[] | undefined
  /** All values, for keywords. */
  values(): Iterable<string>
}

/** An event as rules of one log source see it: the view says where their fields are found. */
export class SeenRecord implements RuleRecord {
  readonly key: EventKey
  readonly view: FieldView
  readonly #event: SecurityEvent

  constructor(event: SecurityEvent, view: FieldView, key: EventKey = eventKeyOf(event)) {
    this.#event = event
    this.view = view
    this.key = key
  }

  get(field: string): string | readonly string[] | undefined {
    return fieldValue(this.view.sourceOf(field), this.#event)
  }

  values(): readonly string[] {
    return keywordTexts(this.#event)
  }
}
