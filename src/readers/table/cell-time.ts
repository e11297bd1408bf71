import { type Micros, micros, microsFromIso } from '../../model/index.ts'
import { civilMicros, leadingIso } from '../carriers/civil-time.ts'
import { clfClock, type Zone, zoneOf } from '../carriers/clock.ts'

export const UTC = zoneOf(undefined)

/** Which of day and month stands first in dates such as 08/09/2023. */
export type DateOrder = 'day-first' | 'month-first'

const SLASHED = /^(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d\d),? (\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AP])\.?M\.?)?$/i
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/
const NAMED = /^(?:\w{3},? )?(\w{3}) (\d{1,2}),? (\d{4}),?(?: @)? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ?([AP]M))?$/i
const DAY_NAMED = /^(?:\w{3},? )?(\d{1,2})[ -](\w{3})[ -](\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ?([AP]M))?$/i

/** A date without a time of day, and a time of day without a date: some exports have a column for each. */
export const isDate = (text: string) =>
  /^(?:\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d\d)|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}[ -]\w{3}[ -]\d{4})$/.test(text)
export const isTimeOfDay = (text: string) => /^\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AP]M)?$/i.test(text)

/** What writings of a time a table has met: which of day and month comes first cannot be told from one value. */
export interface TimeReading {
  readonly time: Micros | undefined
  /** "08/09/2023" where the order is not known: read as month first. */
  readonly isAmbiguous: boolean
  /** Only possible the other way round than the order that was given. */
  readonly isAgainstOrder: boolean
  /** The text names its zone. */
  readonly hasZone: boolean
}

const reading = (time: Micros | undefined, hasZone: boolean): TimeReading => ({
  time,
  isAmbiguous: false,
  isAgainstOrder: false,
  hasZone,
})

/** Time of a cell: ISO 8601, bracketed, seconds to nanoseconds since 1970, slashed and dotted dates, "Aug 15, 2023 @ 05:34:25.000". */
export function timeOfCell(text: string, zone: Zone, order?: DateOrder): TimeReading {
  const plain = text.trim().replace(/^\[(.*)\]$/, '$1')
  if (/^\d{9,11}(?:\.\d{1,9})?$/.test(plain)) return reading(micros(Math.round(Number(plain) * 1_000_000)), true)
  if (/^\d{12,19}$/.test(plain)) {
    const scale = plain.length <= 14 ? 1000 : plain.length <= 17 ? 1 : 0.001
    return reading(micros(Math.round(Number(plain) * scale)), true)
  }
  if (/^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/.test(plain)) {
    const iso = microsFromIso(plain.replace(' ', 'T')) ?? leadingIso(plain, zone)?.time
    if (iso !== undefined) return reading(iso, true)
  }
  const iso = leadingIso(plain, zone) ?? leadingIso(plain.replace(/^(\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d)$/, '$1:00'), zone)
  if (iso) return reading(iso.time, false)
  const slashed = SLASHED.exec(plain)
  if (slashed) return slashedTime(slashed, zone, order)
  const dotted = DOTTED.exec(plain)
  if (dotted) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = '0', fraction] = dotted
    return reading(civilMicros({ year, month, day, hour, minute, second, fraction }, zone), false)
  }
  const named = NAMED.exec(plain)
  if (named) {
    const [, month = '', day = '', year = '', hour = '', minute = '', second = '', fraction, half] = named
    return reading(civilMicros({ year, month, day, hour, minute, second, fraction, half }, zone), false)
  }
  const dayNamed = DAY_NAMED.exec(plain)
  if (dayNamed) {
    const [, day = '', month = '', year = '', hour = '', minute = '', second = '', fraction, half] = dayNamed
    return reading(civilMicros({ year, month, day, hour, minute, second, fraction, half }, zone), false)
  }
  return reading(clfClock(zone)(plain), /[+-]\d{4}$/.test(plain))
}

function slashedTime(match: RegExpExecArray, zone: Zone, order: DateOrder | undefined): TimeReading {
  const [, first = '', , second = '', years = '', hour = '', minute = '', seconds = '0', fraction, letter] = match
  const only = onlyOrder(Number(first), Number(second))
  const isDayFirst = (only ?? order) === 'day-first'
  const [day, month] = isDayFirst ? [first, second] : [second, first]
  // Two digits: none of these logs is older than 1970.
  const year = years.length === 4 ? years : Number(years) + (Number(years) < 70 ? 2000 : 1900)
  return {
    time: civilMicros(
      { year, month, day, hour, minute, second: seconds, fraction, half: letter === undefined ? undefined : `${letter}M` },
      zone,
    ),
    isAmbiguous: only === undefined && order === undefined && first !== second,
    isAgainstOrder: only !== undefined && order !== undefined && only !== order,
    hasZone: false,
  }
}

/** The one order in which two numbers can be day and month; undefined when both are possible. */
function onlyOrder(first: number, second: number): DateOrder | undefined {
  if (first > 12 && second <= 12) return 'day-first'
  return second > 12 && first <= 12 ? 'month-first' : undefined
}

/** The order that these values of one column are in, when one of them can be read in one way only. */
export function dateOrderOf(values: Iterable<string>): DateOrder | undefined {
  for (const value of values) {
    const [, first, second] = /^(\d{1,2})[/-](\d{1,2})[/-]\d/.exec(value.trim()) ?? []
    const only = onlyOrder(Number(first), Number(second))
    if (only) return only
  }
  return undefined
}
