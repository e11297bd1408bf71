import type { SecurityEvent } from '../../model/index.ts'
import { foldCase } from './fold-case.ts'
import { type EventKey, eventKeyOf, type FieldValue, type FieldView, fieldValue, keywordTexts } from './log-source/index.ts'
import type { Folding } from './value-pattern.ts'

/** A record as a rule sees it. */
export interface RuleRecord extends Folding {
  /** Value of a field under Sigma's name, after field mapping; several when the record holds a list; undefined when it is not there. */
  get(field: string): string | readonly string[] | undefined
  /** All values, for keywords. */
  values(): Iterable<string>
}

/** An event as rules of one log source see it: the view says where their fields are found. A value asked for is read once. */
export class SeenRecord implements RuleRecord {
  readonly key: EventKey
  readonly view: FieldView
  readonly #event: SecurityEvent
  readonly #values = new Map<string, FieldValue>()
  readonly #folded = new Map<string, string>()
  #texts: readonly string[] | undefined

  constructor(event: SecurityEvent, view: FieldView, key: EventKey = eventKeyOf(event)) {
    this.#event = event
    this.view = view
    this.key = key
  }

  get(field: string): FieldValue {
    let value = this.#values.get(field)
    if (value === undefined && !this.#values.has(field)) {
      value = fieldValue(this.view.sourceOf(field), this.#event)
      this.#values.set(field, value)
    }
    return value
  }

  folded(text: string): string {
    let folded = this.#folded.get(text)
    if (folded === undefined) {
      folded = foldCase(text)
      this.#folded.set(text, folded)
    }
    return folded
  }

  values(): readonly string[] {
    this.#texts ??= keywordTexts(this.#event)
    return this.#texts
  }
}
