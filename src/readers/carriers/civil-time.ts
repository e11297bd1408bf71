import { type Micros, microsFromParts } from '../../model/index.ts'
import { monthOf, type Zone } from './clock.ts'

/** Numbers of a time as text, in the order of the calendar; month may be an English name. */
export interface CivilText {
  readonly year: string | number
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
  readonly second: string
  /** Digits behind the second. */
  readonly fraction?: string | undefined
  /** "Z", "UTC", "+10:00", "-0700"; undefined where the text names none. */
  readonly zone?: string | undefined
  /** "AM" or "PM". */
  readonly half?: string | undefined
}

/** Micros of a civil time: its own zone where it names one, else the source's. */
export function civilMicros(text: CivilText, zone: Zone): Micros | undefined {
  const month = /^\d+$/.test(text.month) ? Number(text.month) : monthOf(text.month.slice(0, 3))
  const half = text.half?.toUpperCase()
  const hour = half === undefined ? Number(text.hour) : (Number(text.hour) % 12) + (half === 'PM' ? 12 : 0)
  const civil = {
    year: Number(text.year),
    month,
    day: Number(text.day),
    hour,
    minute: Number(text.minute),
    second: Number(text.second),
  }
  const fraction = text.fraction ? Number(text.fraction.padEnd(6, '0').slice(0, 6)) : 0
  // A zone takes any numbers; what is no date must not become one.
  const utc = microsFromParts(civil, fraction)
  if (utc === undefined) return undefined
  const offset = zoneMinutes(text.zone)
  if (offset === undefined) return zone.microsOf(civil, fraction)
  return microsFromParts(civil, fraction, offset)
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === '') return undefined
  if (/^(?:z|utc|gmt)$/i.test(zone)) return 0
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  return match ? (Number(match[2]) * 60 + Number(match[3] ?? 0)) * (match[1] === '-' ? -1 : 1) : undefined
}

const ISO = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?/

/** A time such as "2023-08-15 05:34:25,123" at the beginning of a text, and how long it is. */
export function leadingIso(text: string, zone: Zone): { readonly time: Micros | undefined; readonly length: number } | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const [all, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction, named] = match
  return { time: civilMicros({ year, month, day, hour, minute, second, fraction, zone: named }, zone), length: all.length }
}
