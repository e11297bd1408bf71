import { type CivilTime, MICROS_PER_MINUTE, type Micros, micros, microsFromParts } from '../../model/index.ts'

/** How civil times of a log that names no zone become UTC. */
export interface Zone {
  /** Does the fact name a zone we know? When not, times are taken as UTC and the reader says so. */
  readonly known: boolean
  microsOf(civil: CivilTime, microseconds?: number): Micros | undefined
}

const UTC: Zone = { known: true, microsOf: (civil, microseconds = 0) => microsFromParts(civil, microseconds) }
/** Offsets change at most hourly; a year of hours is 8,784. */
const CACHED_HOURS = 10_000

/** The zone of `SourceFacts.zone`: "±hh:mm", "UTC", "Z", or an IANA name such as "Pacific/Guam"; UTC when absent. */
export function zoneOf(name: string | undefined): Zone {
  if (name === undefined || name === '' || /^(?:z|utc|gmt|etc\/utc)$/i.test(name)) return UTC
  const fixed = /^(?:utc|gmt)?([+-])(\d{1,2}):?(\d\d)?$/i.exec(name)
  if (fixed) {
    const minutes = (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0)) * (fixed[1] === '-' ? -1 : 1)
    return { known: true, microsOf: (civil, microseconds = 0) => microsFromParts(civil, microseconds, minutes) }
  }
  try {
    return namedZone(new Intl.DateTimeFormat('en-US', { ...ZONE_FORMAT, timeZone: name }))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { ...UTC, known: false }
  }
}

const ZONE_FORMAT: Intl.DateTimeFormatOptions = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
}

function namedZone(format: Intl.DateTimeFormat): Zone {
  const offsets = new Map<number, number>()
  const offsetMinutes = (millis: number): number => {
    const hour = Math.floor(millis / 3_600_000)
    const known = offsets.get(hour)
    if (known !== undefined) return known
    if (offsets.size > CACHED_HOURS) offsets.clear()
    const part = new Map(format.formatToParts(hour * 3_600_000).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0
    const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
    const offset = Math.round((local - hour * 3_600_000) / 60_000)
    offsets.set(hour, offset)
    return offset
  }
  return {
    known: true,
    microsOf(civil, microseconds = 0) {
      const local = microsFromParts(civil, microseconds)
      if (local === undefined || Math.abs(local) > 8e15) return undefined
      // The offset is asked for at the UTC instant, which is not known yet: one correction settles it outside the hour of a change.
      const first = offsetMinutes(local / 1000)
      const second = offsetMinutes(local / 1000 - first * 60_000)
      return micros(local - second * MICROS_PER_MINUTE)
    },
  }
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Month 1..12 of an English short name; 0 when it is none. */
export function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1
}

/** Web and syslog servers did not exist before: an earlier time is an unset clock (1970, 1980), not an event time. */
const EARLIEST = Date.UTC(1990, 0, 1) * 1000

/** Is it the time of a clock that was never set? */
export function isUnsetClock(time: Micros): boolean {
  return time < EARLIEST
}

/** Parser of the bracketed time of access logs, "15/Aug/2023:05:34:25 +1000", with or without fraction and zone. */
export function clfClock(zone: Zone): (text: string) => Micros | undefined {
  let lastText = ''
  let lastTime: Micros | undefined
  let dayText = ''
  let dayMinutes: number | undefined
  const day = (text: string): number | undefined => {
    if (text === dayText) return dayMinutes
    dayText = text
    const match = /^(\d\d)\/(\w{3})\/(\d{4})$/.exec(text)
    const midnight = match
      ? microsFromParts({
          year: Number(match[3]),
          month: monthOf(match[2] ?? ''),
          day: Number(match[1]),
          hour: 0,
          minute: 0,
          second: 0,
        })
      : undefined
    dayMinutes = midnight === undefined ? undefined : midnight / MICROS_PER_MINUTE
    return dayMinutes
  }
  return text => {
    // Neighbouring lines mostly carry the same second.
    if (text === lastText) return lastTime
    lastText = text
    lastTime = parseClf(text, day, zone)
    return lastTime
  }
}

const CLF_REST = /^:(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ([+-])(\d\d):?(\d\d)| (?:UTC|GMT|Z))?$/

function parseClf(text: string, day: (text: string) => number | undefined, zone: Zone): Micros | undefined {
  const minutes = day(text.slice(0, 11))
  if (minutes === undefined) return undefined
  const match = CLF_REST.exec(text.slice(11))
  if (!match) return undefined
  const [, h, m, s, fraction = '', sign, zoneHours, zoneMinutes] = match
  const [hour, minute, second] = [Number(h), Number(m), Number(s)]
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const microseconds = fraction === '' ? 0 : Number(fraction.padEnd(6, '0').slice(0, 6))
  if (sign !== undefined) {
    const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1)
    return micros((minutes + hour * 60 + minute - offset) * MICROS_PER_MINUTE + second * 1_000_000 + microseconds)
  }
  if (text.endsWith('UTC') || text.endsWith('GMT') || text.endsWith('Z'))
    return micros((minutes + hour * 60 + minute) * MICROS_PER_MINUTE + second * 1_000_000 + microseconds)
  const civil = {
    year: Number(text.slice(7, 11)),
    month: monthOf(text.slice(3, 6)),
    day: Number(text.slice(0, 2)),
    hour,
    minute,
    second,
  }
  return zone.microsOf(civil, microseconds)
}
