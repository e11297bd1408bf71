import type { Brand } from './brand.ts'

/** Microseconds since 1970-01-01T00:00:00Z; a safe integer until the year 2255. */
export type Micros = Brand<number, 'Micros'>

export const MICROS_PER_MILLISECOND = 1_000
export const MICROS_PER_SECOND = 1_000_000
export const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
export const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE
export const MICROS_PER_DAY = 24 * MICROS_PER_HOUR

/** Micros from a count of microseconds; rounds to a whole one. */
export function micros(value: number): Micros {
  return Math.round(value) as Micros
}

/** Micros from milliseconds since 1970 UTC, for instance of `Date.UTC`. */
export function microsFromMillis(millis: number): Micros {
  return micros(millis * MICROS_PER_MILLISECOND)
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/

/**
 * Micros of an ISO 8601 date-time ("2023-08-15T05:34:25.123456Z", "…+10:00"); undefined when it is none.
 * `zoneMinutes` (east positive) is used where the text names no zone. Digits beyond microseconds are cut.
 */
export function microsFromIso(text: string, zoneMinutes = 0): Micros | undefined {
  const usual = usualIso(text, zoneMinutes)
  if (usual !== undefined) return usual
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  return microsFromParts(
    {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    },
    Number(fraction.padEnd(6, '0').slice(0, 6)),
    zone === undefined ? zoneMinutes : zoneOffsetMinutes(zone),
  )
}

const ZERO = 48

/** The number in the `count` digits at `at`; NaN where another character stands. */
function digitsAt(text: string, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - ZERO
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** "2023-08-15 05:34:25.123" with up to six digits, or with T and Z: the two forms nearly all logs use, read without an expression. */
function usualIso(text: string, zoneMinutes: number): Micros | undefined {
  const isZulu = text.endsWith('Z')
  const end = isZulu ? text.length - 1 : text.length
  const places = end - 20
  if (end !== 19 && (places < 1 || places > 6 || text[19] !== '.')) return undefined
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':' || (text[10] !== 'T' && text[10] !== ' '))
    return undefined
  const fraction = end === 19 ? 0 : digitsAt(text, 20, places) * 10 ** (6 - places)
  const civil = {
    year: digitsAt(text, 0, 4),
    month: digitsAt(text, 5, 2),
    day: digitsAt(text, 8, 2),
    hour: digitsAt(text, 11, 2),
    minute: digitsAt(text, 14, 2),
    second: digitsAt(text, 17, 2),
  }
  if (Number.isNaN(fraction + civil.hour + civil.minute + civil.second)) return undefined
  return microsFromParts(civil, fraction, isZulu ? 0 : zoneMinutes)
}

/** The parts of a civil date and time; `month` and `day` count from 1. */
export interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Micros of a civil time `zoneMinutes` east of UTC; undefined when a part is out of range (31 February, 25:00). A second of 60 is the next minute. */
export function microsFromParts(civil: CivilTime, microseconds = 0, zoneMinutes = 0): Micros | undefined {
  const { year, month, day, hour, minute, second } = civil
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined
  // A log stays on its day for thousands of records.
  const name = year * 10_000 + month * 100 + day
  if (name !== lastDate) {
    const date = new Date(0)
    date.setUTCFullYear(year, month - 1, day)
    if (date.getUTCMonth() !== month - 1) return undefined
    lastMidnight = date.getTime() / 1000
    lastDate = name
  }
  const seconds = lastMidnight + hour * 3600 + (minute - zoneMinutes) * 60 + second
  return Number.isFinite(seconds) ? micros(seconds * MICROS_PER_SECOND + microseconds) : undefined
}

let lastDate = Number.NaN
let lastMidnight = 0

/** Minutes east of UTC of "Z", "UTC", "+1000" or "-05:30"; 0 for anything else. */
export function zoneOffsetMinutes(zone: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (!match) return 0
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}

/** ISO 8601 UTC with six fraction digits, the one way times are printed: "2023-08-15T05:34:25.123456Z". */
export function isoFromMicros(time: Micros): string {
  const seconds = Math.floor(time / MICROS_PER_SECOND)
  const day = Math.floor(seconds / SECONDS_PER_DAY)
  if (day !== lastDay) {
    const date = new Date(day * SECONDS_PER_DAY * 1000)
    if (Number.isNaN(date.getTime())) return 'unknown time'
    lastDayText = date.toISOString().slice(0, -'00:00:00.000Z'.length)
    lastDay = day
  }
  const second = seconds - day * SECONDS_PER_DAY
  const minute = Math.floor(second / 60)
  const fraction = String(time - seconds * MICROS_PER_SECOND).padStart(6, '0')
  return `${lastDayText}${TWO[Math.floor(minute / 60)]}:${TWO[minute % 60]}:${TWO[second % 60]}.${fraction}Z`
}

const SECONDS_PER_DAY = 86_400
const TWO = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
let lastDay = Number.NaN
let lastDayText = ''
