import type { Micros } from './time.ts'

/** What a log can show of a machine. */
export const sightKinds = ['log-ons', 'processes', 'connections', 'web requests'] as const
export type SightKind = (typeof sightKinds)[number]

/** One log that shows something of one machine, and when it was written. */
export interface Sight {
  /** The machine by the name its own log gives it, or by the address under which a sensor or another device recorded it. */
  readonly machine: string
  /** What wrote it: "security", "zeek", "fortigate" … */
  readonly source: string
  /** Written by the machine itself. */
  readonly own: boolean
  readonly kinds: readonly SightKind[]
  readonly firstTime: Micros
  readonly lastTime: Micros
  /** A silence of up to so many microseconds is usual for it and says nothing; without end where it wrote too little to tell. */
  readonly usualSilence: number
  /** It begins with the note that it was emptied: what it had recorded before is gone. */
  readonly emptied: boolean
}
