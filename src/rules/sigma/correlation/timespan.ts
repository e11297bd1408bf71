import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../../model/index.ts'

/** Months and years have no fixed length; these are the means of the Gregorian calendar, as pySigma has them. */
const UNITS: Readonly<Record<string, number>> = {
  s: MICROS_PER_SECOND,
  m: MICROS_PER_MINUTE,
  h: MICROS_PER_HOUR,
  d: MICROS_PER_DAY,
  w: 7 * MICROS_PER_DAY,
  M: 2_629_746 * MICROS_PER_SECOND,
  y: 31_556_952 * MICROS_PER_SECOND,
}

/** Evidence does not reach further, and times stay exact. */
const LONGEST = 100 * 31_556_952 * MICROS_PER_SECOND

/** Microseconds of "90m", "2h", "1d"; a text is the reason why it is none. */
export function parseTimespan(text: string): number | string {
  const [, count = '', unit = ''] = /^(\d{1,9})([a-zA-Z]+)$/.exec(text) ?? []
  const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
  if (size === undefined) return `timespan "${text}" is not a number with one of the letters s, m, h, d, w, M, y`
  const span = Number(count) * size
  if (span === 0) return 'a timespan of zero holds nothing together'
  return span > LONGEST ? `timespan "${text}" is longer than 100 years` : span
}
