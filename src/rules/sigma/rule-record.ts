import type { EventKind, SecurityEvent } from '../../model/index.ts'
import { fieldOf } from './log-source.ts'

/** Everything a log-source gate may depend on; few distinct ones occur. */
export interface EventKey {
  readonly product: string
  readonly code: string
  readonly channel: string
  readonly provider: string
  readonly kind: EventKind
}

/** A record as a rule sees it. */
export interface RuleRecord {
  /** Value of a field under Sigma's name, after field mapping; several when the record holds a list; undefined when it is not there. */
  get(field: string): string | readonly string[] | undefined
  /** All values, for keywords. */
  values(): Iterable<string>
}

/** An event as rules see it. */
export function ruleRecord(event: SecurityEvent): RuleRecord {
  return {
    get: field => fieldOf(event, field),
    values: () => {
      const names = event.original.names()
      return names.length === 0 ? [event.original.text()] : names.map(name => event.original.get(name) ?? '')
    },
  }
}
