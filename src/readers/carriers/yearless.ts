import type { EvidencePart, Micros } from '../../model/index.ts'
import { microsFromParts } from '../../model/index.ts'
import { monthOf, type Zone } from './clock.ts'
import { rotationDate } from './rotation.ts'
import type { Stamp } from './syslog-envelope.ts'

/** A leap year nobody mistakes for a real one: used where no year is known. */
export const UNKNOWN_YEAR = 1972

/** Gives years to stamps that have none, record after record in file order. */
export interface YearKeeper {
  /** Where the first record's year comes from. */
  readonly basis: 'facts' | 'file name' | 'unknown'
  yearOf(stamp: Pick<Stamp, 'month' | 'day'>): number
}

/** Direction and first day are told by the beginning of the item. */
const HEAD_BYTES = 65_536
/** A log that wrote less than this in a whole year would not have been cut into parts of 32 MiB. */
const STRIDE_BYTES = 1 << 20
/** Long enough to hold one whole line of any daemon. */
const PEEK_BYTES = 16_384
/** Clocks step back by hours, and merged logs by weeks; going back by more than a month means that a year has passed. */
const MONTH_DAYS = 31
/** Lines of one second around New Year may change places: Jan 1 then Dec 31 is a day back, not a year ahead (days counted as 31 a month). */
const NEW_YEAR_DAYS = 369
const YEAR_ORDER = 12 * 31 * 86_400
/** Devices without a clock battery boot on January 1. */
const BOOT_DAY = dayOf({ month: 1, day: 2 })

const YEARLESS = /^(?:<\d{1,3}>)?:? ?[*.]?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)/

interface Peek {
  readonly month: number
  readonly day: number
  /** Orders stamps of one year. */
  readonly order: number
}

function dayOf({ month, day }: Pick<Stamp, 'month' | 'day'>): number {
  return month * 31 + day
}

/**
 * Years for a log without years. `facts.year` is the year of the item's first record, else the date in a rotated file's name is used
 * (a log ends on the day it is rotated), else `UNKNOWN_YEAR`. For a later part the item is probed up to where the part begins.
 */
export function yearKeeperOf(part: EvidencePart): YearKeeper {
  const head = stampsIn(part, 0, HEAD_BYTES, Number.POSITIVE_INFINITY)
  const isNewestFirst = goesBack(head)
  const first = head[0]
  const rotation = rotationDate(part.path)
  const { basis, year } = firstYear(part.facts.year, rotation, first, isNewestFirst)
  const keeper = followYears(basis, year, isNewestFirst)
  if (part.start > 0) {
    for (let at = 0; at < part.start; at += STRIDE_BYTES)
      for (const stamp of stampsIn(part, at, Math.min(PEEK_BYTES, part.start - at), 1)) keeper.yearOf(stamp)
  }
  return keeper
}

function firstYear(
  given: number | undefined,
  rotation: string,
  first: Peek | undefined,
  isNewestFirst: boolean,
): { readonly basis: YearKeeper['basis']; readonly year: number } {
  if (given !== undefined) return { basis: 'facts', year: given }
  if (rotation === '' || !first) return { basis: 'unknown', year: UNKNOWN_YEAR }
  const [year = 0, month = 0, day = 0] = rotation.split('-').map(Number)
  const isBefore = isNewestFirst || dayOf(first) <= dayOf({ month, day })
  return { basis: 'file name', year: isBefore ? year : year - 1 }
}

/** Follows years by month order, in either direction. */
function followYears(basis: YearKeeper['basis'], firstYear: number, isNewestFirst: boolean): YearKeeper {
  let year = firstYear
  let last: number | undefined
  let beforeTurn: { readonly day: number; readonly year: number } | undefined
  const step = isNewestFirst ? -1 : 1
  return {
    basis,
    yearOf(stamp) {
      const day = dayOf(stamp)
      if (last === undefined) {
        last = day
        return year
      }
      const ahead = (day - last) * step
      if (ahead >= NEW_YEAR_DAYS) return year - step
      if (ahead < -MONTH_DAYS) {
        beforeTurn = { day: last, year }
        year += step
      } else if (!isNewestFirst && beforeTurn && ahead > MONTH_DAYS && last <= BOOT_DAY && day >= beforeTurn.day) {
        // The turn was a device that booted on January 1 until its clock was set.
        year = beforeTurn.year
        beforeTurn = undefined
      } else if (day > BOOT_DAY) beforeTurn = undefined
      last = day
      return year
    },
  }
}

/** More steps back than ahead in the beginning of the item: newest lines first. */
function goesBack(stamps: readonly Peek[]): boolean {
  let balance = 0
  for (let at = 1; at < stamps.length; at++) {
    const step = (stamps[at]?.order ?? 0) - (stamps[at - 1]?.order ?? 0)
    // From December to January is a step ahead.
    balance += Math.abs(step) > YEAR_ORDER / 2 ? -Math.sign(step) : Math.sign(step)
  }
  return balance < 0
}

function stampsIn(part: EvidencePart, start: number, length: number, limit: number): readonly Peek[] {
  const text = new TextDecoder(part.encoding).decode(part.bytes.read(start, Math.min(length, part.bytes.size - start)))
  const lines = text.split('\n')
  const found: Peek[] = []
  // The first piece is the end of a line, except at the beginning of the item.
  for (let at = start === 0 ? 0 : 1; at < lines.length && found.length < limit; at++) {
    const match = YEARLESS.exec(lines[at]?.replace(/^\ufeff/, '') ?? '')
    const month = monthOf(match?.[1] ?? '')
    if (!match || month === 0) continue
    const [day = 0, hour = 0, minute = 0, second = 0] = match.slice(2).map(Number)
    found.push({ month, day, order: ((dayOf({ month, day }) * 24 + hour) * 60 + minute) * 60 + second })
  }
  return found
}

/** Micros of a stamp: its own year and zone where it has them, else the year of `yearOf` and the source's zone. */
export function timeOfStamp(stamp: Stamp, zone: Zone, yearOf: (stamp: Stamp) => number): Micros | undefined {
  const civil = { ...stamp, year: stamp.year ?? yearOf(stamp) }
  return stamp.zoneMinutes === undefined
    ? zone.microsOf(civil, stamp.microseconds)
    : microsFromParts(civil, stamp.microseconds, stamp.zoneMinutes)
}

/** Micros of a header's stamp when the record beside it has a time of its own: the year is the one that brings the two together. */
export function timeOfStampNear(stamp: Stamp, zone: Zone, time: Micros | undefined): Micros | undefined {
  if (stamp.year !== undefined) return timeOfStamp(stamp, zone, () => UNKNOWN_YEAR)
  if (time === undefined) return undefined
  const year = new Date(time / 1000).getUTCFullYear()
  const candidates = [year - 1, year, year + 1]
    .map(candidate => timeOfStamp(stamp, zone, () => candidate))
    .filter(found => found !== undefined)
  return candidates.toSorted((a, b) => Math.abs(a - time) - Math.abs(b - time))[0]
}
