import { type EventQueries, eventKinds, listOf, MICROS_PER_DAY, MICROS_PER_HOUR, textOf } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { overKinds, textList } from './sql.ts'

/** Within a day findings that share a place are one visit: operators work in sessions of hours, and a second intruder at the same time is rare. */
export const SAME_VISIT = MICROS_PER_DAY
/** Less than this apart nobody asks what happened in between. */
export const SAME_SITTING = 2 * MICROS_PER_HOUR
/** Share of the hours between two findings that must hold records, so that somebody else's visit in between would have been seen. */
const WATCHED_SHARE = 0.5

/** In which hours the evidence and the machines of findings recorded anything. */
export class Presence {
  readonly #byItem: ReadonlyMap<string, ReadonlySet<number>>
  readonly #byMachine: ReadonlyMap<string, ReadonlySet<number>>

  constructor(byItem: ReadonlyMap<string, ReadonlySet<number>>, byMachine: ReadonlyMap<string, ReadonlySet<number>>) {
    this.#byItem = byItem
    this.#byMachine = byMachine
  }

  /** Are the findings one visit: close together, or on one day with records in between? Two short recordings hours apart say nothing about each other. */
  sameVisit(a: CaseFinding, b: CaseFinding): boolean {
    const apart = gap(a, b)
    return apart <= SAME_SITTING || (apart <= SAME_VISIT && this.watchedBetween(a, b))
  }

  /** Do at least half of the hours between the findings hold records of their machines or evidence items? */
  watchedBetween(a: CaseFinding, b: CaseFinding): boolean {
    const [earlier, later] = a.from <= b.from ? [a, b] : [b, a]
    if (!Number.isFinite(gap(a, b))) return false
    const first = Math.floor(earlier.to / MICROS_PER_HOUR) + 1
    const last = Math.floor(later.from / MICROS_PER_HOUR) - 1
    if (last < first) return true
    const sets = [a, b].flatMap(entry => [
      ...itemsOf(entry).map(item => this.#byItem.get(item)),
      ...entry.machines.map(machine => this.#byMachine.get(machine)),
    ])
    let watched = 0
    for (let hour = first; hour <= last; hour++) if (sets.some(hours => hours?.has(hour))) watched++
    return watched >= (last - first + 1) * WATCHED_SHARE
  }
}

/** Microseconds between two findings; 0 when they overlap, NaN or infinite when one has no time. */
export const gap = (a: CaseFinding, b: CaseFinding): number => Math.max(0, a.from - b.to, b.from - a.to)

/** Findings are compared with each other many times, and one may rest on thousands of records. */
const knownItems = new WeakMap<CaseFinding, readonly string[]>()

function itemsOf(entry: CaseFinding): readonly string[] {
  let items = knownItems.get(entry)
  if (!items) {
    items = [...new Set(entry.finding.evidence.map(ref => ref.evidence))].slice(0, 8)
    knownItems.set(entry, items)
  }
  return items
}

/** Reads the hours with records of the evidence items that findings rest on, and of their machines, on the reference clock. */
export async function presenceOf(
  queries: EventQueries,
  findings: readonly CaseFinding[],
  clocks: ClockBook,
  machineOf: (host: string, moment: number) => string,
): Promise<Presence> {
  const items = new Set(findings.flatMap(itemsOf))
  const machines = new Set(findings.flatMap(entry => entry.machines))
  const byItem = new Map<string, Set<number>>()
  const byMachine = new Map<string, Set<number>>()
  if (items.size === 0) return new Presence(byItem, byMachine)
  const add = (map: Map<string, Set<number>>, key: string, hour: number): void => {
    const known = map.get(key)
    if (known) known.add(hour)
    else map.set(key, new Set([hour]))
  }
  const hours = overKinds(
    eventKinds,
    kind =>
      `select evidence, host, cast(floor("time" / ${MICROS_PER_HOUR}) as bigint) as hour from ${kind}
       where "time" is not null and (host <> '' or evidence in (${textList(queries.dialect, [...items].sort())}))
       group by evidence, host, cast(floor("time" / ${MICROS_PER_HOUR}) as bigint)`,
  )
  const rows = await queries.rows(
    `select evidence, host, ${queries.dialect.distinctList('cast(hour as varchar)', MOST_HOURS)} as hours from (${hours}) as all_hours
     group by evidence, host`,
  )
  for (const row of rows) {
    const evidence = textOf(row, 'evidence')
    const host = textOf(row, 'host')
    const offset = clocks.offset(evidence, host)
    for (const text of listOf(row, 'hours')) {
      const hour = shiftedHour(Number(text), offset)
      if (items.has(evidence)) add(byItem, evidence, hour)
      if (host === '') continue
      const machine = machineOf(host, hour * MICROS_PER_HOUR)
      if (machines.has(machine)) add(byMachine, machine, hour)
    }
  }
  return new Presence(byItem, byMachine)
}

/**
 * The hour that a recorded hour is on the reference clock. Offsets of whole zones are measured a few milliseconds short: the nearest hour
 * it is, or everything recorded would count for the hour before, when nobody watched.
 */
export function shiftedHour(hour: number, offset: number): number {
  return Math.round(hour + offset / MICROS_PER_HOUR)
}

/** Hours kept for one source: eleven years; a source with more is a wrong clock. */
const MOST_HOURS = 100_000
