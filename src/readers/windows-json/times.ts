import { type Micros, microsFromIso, microsFromMillis } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { isJsonFields, ownField } from '../carriers/json-value.ts'
import type { StatedTime } from './shapes.ts'

const CIVIL = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?$/
/** What .NET prints without a culture: month before day. */
const DOTNET = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,7}))? ?(AM|PM)?$/i
const HAS_ZONE = /(?:Z|UTC|[+-]\d\d:?\d\d)$/
/** ConvertTo-Json of Windows PowerShell 5: "/Date(1597734362123)/". */
const DATE_CALL = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/

/** Before 1980 and after 2200 lies no event. */
const FIRST = Date.UTC(1980, 0, 1) * 1000
const LAST = Date.UTC(2200, 0, 1) * 1000
const possible = (time: Micros | undefined) => (time !== undefined && time >= FIRST && time < LAST ? time : undefined)

interface ReadTime {
  readonly name: string
  readonly time: Micros
  readonly hasZone: boolean
}

function readTime(value: unknown, zone: Zone): { readonly time: Micros | undefined; readonly hasZone: boolean } {
  // PowerShell 5 wraps dates: {"value": "/Date(…)/", "DateTime": "Tuesday, …"}
  if (isJsonFields(value)) return readTime(ownField(value, 'value'), zone)
  if (typeof value === 'number') return { time: microsFromMillis(value > 1e11 ? value : value * 1000), hasZone: true }
  if (typeof value !== 'string') return { time: undefined, hasZone: false }
  const call = DATE_CALL.exec(value)
  if (call) return { time: microsFromMillis(Number(call[1])), hasZone: true }
  if (HAS_ZONE.test(value)) return { time: microsFromIso(value), hasZone: true }
  return { time: civilTime(value, zone), hasZone: false }
}

function civilTime(text: string, zone: Zone): Micros | undefined {
  const iso = CIVIL.exec(text)
  if (iso) {
    const [, year, month, day, hour, minute, second, fraction = ''] = iso
    return zone.microsOf(civil(year, month, day, hour, minute, second), microseconds(fraction))
  }
  const [, month, day, year, hour, minute, second, fraction = '', half] = DOTNET.exec(text) ?? []
  if (year === undefined) return undefined
  const hours = half ? (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0) : Number(hour)
  return zone.microsOf(civil(year, month, day, String(hours), minute, second), microseconds(fraction))
}

const microseconds = (fraction: string) => Number(fraction.padEnd(6, '0').slice(0, 6))

type Text = string | undefined
const civil = (year: Text, month: Text, day: Text, hour: Text, minute: Text, second: Text) => ({
  year: Number(year),
  month: Number(month),
  day: Number(day),
  hour: Number(hour),
  minute: Number(minute),
  second: Number(second),
})

/** Names that are never the event's own time. UtcTime is UTC by definition; the others are of transport. */
const BESIDE = new Set(['UtcTime', 'EventReceivedTime', 'TimeWritten', 'TimeCollected', 'event.created', 'event.ingested'])

/** What an event's times are. */
export interface EventTimes {
  readonly time: Micros | undefined
  readonly alsoRecorded: Readonly<Record<string, Micros>> | undefined
  /** The time was written without a zone and none is known: it was taken as UTC. */
  readonly isZoneGuessed: boolean
}

/**
 * The event's own time is the first stated one that names its zone, else the first one at all, in the zone of the source. All
 * others that differ are kept beside it, so that a constant offset between two clocks of one export can be seen.
 */
export function chooseTimes(stated: readonly StatedTime[], zone: Zone, utc: Zone, isZoneKnown: boolean): EventTimes {
  const read: ReadTime[] = []
  for (const { name, value } of stated) {
    const { time, hasZone } = readTime(value, name === 'UtcTime' ? utc : zone)
    const sound = possible(time)
    if (sound !== undefined) read.push({ name, time: sound, hasZone })
  }
  const own = read.filter(({ name }) => !BESIDE.has(name))
  const chosen = own.find(({ hasZone }) => hasZone) ?? own[0]
  const others = read.filter(item => item !== chosen && item.time !== chosen?.time)
  return {
    time: chosen?.time,
    alsoRecorded: others.length > 0 ? Object.fromEntries(others.map(({ name, time }) => [name, time])) : undefined,
    isZoneGuessed: chosen !== undefined && !chosen.hasZone && !isZoneKnown,
  }
}
