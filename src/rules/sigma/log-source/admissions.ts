import type { EventKind } from '../../../model/index.ts'
import type { Admission } from './gate.ts'

// Small words admissions are written with.

export const kinds = (...names: readonly EventKind[]): ReadonlySet<EventKind> => new Set(names)

/** Syslog messages of programs; which file they came in does not matter. */
export const syslogOf = (...programs: readonly string[]): Admission => ({
  what: `syslog messages of ${programs.join(', ')}`,
  product: 'syslog',
  variants: new Set(programs),
})

/** All records of a product. */
export const whole = (product: string, what = `${product} messages`): Admission => ({ what, product })

/** What a table has under a name somebody wrote. */
export function listed<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
