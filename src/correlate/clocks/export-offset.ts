import { type EventKind, type EventQueries, MICROS_PER_MINUTE, MICROS_PER_SECOND, numberOf, textOf } from '../../model/index.ts'
import { overKinds } from '../sql.ts'

/** How far the time of an export is from the time that Sysmon itself wrote into the same records. */
export interface ExportOffset {
  readonly evidence: string
  readonly host: string
  /** Microseconds to add to the export's time. */
  readonly offset: number
  readonly spread: number
  readonly count: number
}

/** Event logs are written within seconds; a whole minute of constant distance is a wrong clock or time zone of the export. */
const WRONG = MICROS_PER_MINUTE
const MINIMUM_RECORDS = 5
/** A late collector scatters; a wrong zone does not. */
const MOST_SPREAD = 10 * MICROS_PER_SECOND

/** Kinds that Sysmon writes most of; they are enough to see a constant offset. */
const SYSMON_KINDS: readonly EventKind[] = ['process_activity', 'network_activity', 'file_activity', 'registry_activity']

/** Digits of a time in microseconds, from 2001 to 2286. */
const DIGITS = 16

/** Exports whose event time stands a constant distance from Sysmon's own UtcTime (a 12-hour clock without PM, a forgotten zone). */
export async function exportOffsets(queries: EventQueries): Promise<readonly ExportOffset[]> {
  const sql = queries.dialect
  const name = sql.literal('"UtcTime":')
  const distance = `cast(substring("alsoRecorded", position(${name} in "alsoRecorded") + 10, ${DIGITS}) as bigint) - "time"`
  const select = (kind: EventKind) =>
    `select evidence, host, ${distance} as distance from ${kind}
     where product = 'sysmon' and "time" is not null and ${sql.matches('"alsoRecorded"', `"UtcTime":\\d{${DIGITS}}`)}`
  const rows = await queries.rows(`
    select evidence, host, count(*) as n, ${sql.quantile('distance', 0.5)} as median, ${sql.quantile('distance', 0.25)} as low, ${sql.quantile('distance', 0.75)} as high
    from (${overKinds(SYSMON_KINDS, select)}) as d group by evidence, host order by evidence, host`)
  return rows
    .map(row => ({
      evidence: textOf(row, 'evidence'),
      host: textOf(row, 'host'),
      offset: Math.round(numberOf(row, 'median')),
      spread: Math.round((numberOf(row, 'high') - numberOf(row, 'low')) / 2),
      count: numberOf(row, 'n'),
    }))
    .filter(({ count, offset, spread }) => count >= MINIMUM_RECORDS && Math.abs(offset) >= WRONG && spread <= MOST_SPREAD)
}
