import type { TimePart } from './ast.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const ISO = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2}))?/
const CLF = /^\[?(\d{1,2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}):(\d{2})/
/** Seconds (Zeek's with a fraction) or milliseconds since 1970 of the years 2001 to 2286, so that no other number is taken for a time. */
const EPOCH = /^(\d{10})(?:\d{3})?(?:\.\d+)?$/

interface Clock {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour?: number
  readonly minute?: number
}

/** The part of a date as it is written, without any change of zone; undefined when the text is no date or has no such part. */
export function timePartOf(text: string, part: TimePart): number | undefined {
  const clock = clockOf(text.trim())
  if (clock === undefined) return undefined
  return part === 'week' ? isoWeek(clock) : clock[part]
}

function clockOf(text: string): Clock | undefined {
  const iso = ISO.exec(text)
  if (iso) {
    const [year = 0, month = 0, day = 0, hour, minute] = iso
      .slice(1)
      .map(piece => (piece === undefined ? undefined : Number(piece)))
    return checked({ year, month, day, ...(hour === undefined || minute === undefined ? {} : { hour, minute }) })
  }
  const clf = CLF.exec(text)
  if (clf) {
    const [, day, month = '', year, hour, minute] = clf
    return checked({
      year: Number(year),
      month: MONTHS.indexOf(month.toLowerCase()) + 1,
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
    })
  }
  const epoch = EPOCH.exec(text)
  if (!epoch) return undefined
  const date = new Date(Number(epoch[1]) * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

const checked = (clock: Clock): Clock | undefined =>
  clock.month >= 1 && clock.month <= 12 && clock.day >= 1 && clock.day <= 31 && (clock.hour ?? 0) < 24 && (clock.minute ?? 0) < 60
    ? clock
    : undefined

/** Week of ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek({ year, month, day }: Clock): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
  const yearStart = new Date(0)
  yearStart.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return Math.ceil(((date.getTime() - yearStart.getTime()) / 86_400_000 + 1) / 7)
}
