import type { EvidencePart, Micros } from '../../model/index.ts'
import { isUnsetClock, type Zone } from './clock.ts'
import type { PartDiagnostics, Place } from './part-diagnostics.ts'
import type { Stamp } from './syslog-envelope.ts'
import { timeOfStamp, UNKNOWN_YEAR, type YearKeeper, yearKeeperOf } from './yearless.ts'

/**
 * Times of the stamps of one part, in file order: years that a stamp does not have are followed, and it is said once where they come from.
 * Undefined for a time that cannot be, and for that of a device whose clock was never set.
 */
export function stampTimes(
  part: EvidencePart,
  zone: Zone,
  diagnostics: PartDiagnostics,
  format: string,
): (stamp: Stamp, place: Place) => Micros | undefined {
  let years: YearKeeper | undefined
  return (stamp, place) => {
    const time = timeOfStamp(stamp, zone, yearless => {
      years ??= yearKeeperOf(part)
      sayYear(years, place, diagnostics, format)
      return years.yearOf(yearless)
    })
    return time === undefined || (stamp.year !== undefined && isUnsetClock(time)) ? undefined : time
  }
}

function sayYear(years: YearKeeper, place: Place, diagnostics: PartDiagnostics, format: string): void {
  if (years.basis === 'unknown')
    diagnostics.once(place, {
      code: `${format}/no-year`,
      level: 'warning',
      message: `the log has no years, and none is known; ${UNKNOWN_YEAR} is used so that the order stays right`,
      hint: "give the year of the first record: --source 'GLOB=year:2023'",
    })
  if (years.basis === 'file name')
    diagnostics.once(place, {
      code: `${format}/year-from-name`,
      level: 'note',
      message: 'the log has no years; they follow from the date in the file name',
      hint: "give the year of the first record if that is wrong: --source 'GLOB=year:2023'",
    })
}
