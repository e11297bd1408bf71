import {
  type ClockOffset,
  MICROS_PER_DAY,
  MICROS_PER_SECOND,
  type Micros,
  micros,
  type SourceRef,
  shortHostName,
} from '../../model/index.ts'
import type { Anchors } from './anchors.ts'
import type { ExportOffset } from './export-offset.ts'
import { type ClockUnit, folderOf, isSensor, unitKey } from './units.ts'

/** The clocks of a case: how much to add to a recorded time so that times of different sources can be compared. */
export interface ClockBook {
  /** Microseconds to add to times of this evidence item and host. */
  offset(evidence: string, host: string): number
  /** A recorded time on the reference clock. */
  ordered(time: Micros | undefined, ref: SourceRef | undefined, host: string): Micros | undefined
  /** Every source whose offset was estimated, for the report. */
  readonly offsets: readonly ClockOffset[]
}

interface Estimate {
  readonly total: number
  /** The part that belongs to the machine and so to its other logs as well, not to a wrong export of one item. */
  readonly machine: number
  readonly basis: string
}

/** A clock estimated here also holds for other logs of the same machine or sensor that begin or end within a day: longer, and it drifts or is set. */
const SAME_CLOCK_REACH = MICROS_PER_DAY

/**
 * One offset per source from the moments that several sources recorded. Within each group of connected clocks the reference is the
 * sensor on the wire with most anchors (it times others' packets, nobody sets it to hide something), else the clock with most anchors.
 */
export function clockBook(units: readonly ClockUnit[], anchors: readonly Anchors[], exports: readonly ExportOffset[]): ClockBook {
  const byKey = new Map(units.map(unit => [unitKey(unit.evidence, unit.host), unit]))
  const estimates = new Map<string, Estimate>()
  const exportOf = new Map(exports.map(entry => [unitKey(entry.evidence, entry.host), entry]))
  for (const [key, entry] of exportOf)
    estimates.set(key, {
      total: entry.offset,
      machine: 0,
      basis: `${entry.count} Sysmon records whose own UtcTime stands ${seconds(entry.offset)} s from the exported time (spread ${seconds(entry.spread)} s): the export's clock or zone is wrong`,
    })
  for (const [key, estimate] of anchored(byKey, anchors, exportOf)) estimates.set(key, estimate)
  for (const unit of units) inherit(unit, byKey, estimates)
  return {
    offset: (evidence, host) => estimates.get(unitKey(evidence, host))?.total ?? 0,
    ordered(time, ref, host) {
      if (time === undefined) return undefined
      return micros(time + (ref ? (estimates.get(unitKey(ref.evidence, host))?.total ?? 0) : 0))
    },
    offsets: [...estimates]
      .map(([key, estimate]) => ({
        source: sourceName(byKey.get(key)),
        offset: estimate.total / MICROS_PER_SECOND,
        basis: estimate.basis,
      }))
      .toSorted((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : a.offset - b.offset)),
  }
}

const seconds = (micro: number) => String(Math.round(micro / 10_000) / 100)

function sourceName(unit: ClockUnit | undefined): string {
  if (!unit) return 'unknown source'
  return unit.host === '' ? unit.path : `${unit.host} (${unit.path})`
}

interface Edge {
  readonly to: string
  /** Add to a time of `to`'s clock minus the same moment on ours: our offset is theirs plus this. */
  readonly ahead: number
  readonly anchors: Anchors
}

/** Offsets of all clocks that anchors tie together, spread from each group's reference along the best supported pairs. */
function anchored(
  byKey: ReadonlyMap<string, ClockUnit>,
  anchors: readonly Anchors[],
  exportOf: ReadonlyMap<string, ExportOffset>,
): ReadonlyMap<string, Estimate> {
  const edges = new Map<string, Edge[]>()
  const add = (from: string, edge: Edge) => edges.set(from, [...(edges.get(from) ?? []), edge])
  for (const entry of anchors) {
    const one = unitKey(entry.one.evidence, entry.one.host)
    const other = unitKey(entry.other.evidence, entry.other.host)
    if (!byKey.has(one) || !byKey.has(other)) continue
    add(one, { to: other, ahead: entry.difference, anchors: entry })
    add(other, { to: one, ahead: -entry.difference, anchors: entry })
  }
  const weight = (key: string) => (edges.get(key) ?? []).reduce((sum, edge) => sum + edge.anchors.count, 0)
  const sensorFirst = (key: string) => Number(!isSensor(byKey.get(key) ?? NO_UNIT))
  const keys = [...edges.keys()].sort((a, b) => sensorFirst(a) - sensorFirst(b) || weight(b) - weight(a) || (a < b ? -1 : 1))
  const found = new Map<string, Estimate>()
  for (const reference of keys) {
    if (found.has(reference)) continue
    found.set(reference, { total: 0, machine: 0, basis: 'the reference the other clocks of its group are compared with' })
    // Always goes on along the pair with most anchors (Prim), so that a weak pair never carries a clock that a strong one can.
    const open = [...(edges.get(reference) ?? [])].map(edge => ({ from: reference, edge }))
    for (;;) {
      open.sort((a, b) => b.edge.anchors.count - a.edge.anchors.count || (a.edge.to < b.edge.to ? -1 : 1))
      const next = open.shift()
      if (!next) break
      const { from, edge } = next
      if (found.has(edge.to)) continue
      const total = (found.get(from)?.total ?? 0) - edge.ahead
      found.set(edge.to, {
        total,
        machine: total - (exportOf.get(edge.to)?.offset ?? 0),
        basis: `median of ${edge.anchors.count} ${edge.anchors.basis}, spread ${seconds(edge.anchors.spread)} s, against ${sourceName(byKey.get(from))}`,
      })
      for (const further of edges.get(edge.to) ?? []) if (!found.has(further.to)) open.push({ from: edge.to, edge: further })
    }
  }
  return found
}

const NO_UNIT: ClockUnit = { evidence: '', host: '', path: '', products: [], firstTime: 0, lastTime: 0, events: 0 }

/** A log without anchors of its own keeps the time of the machine or sensor it comes from. */
function inherit(unit: ClockUnit, byKey: ReadonlyMap<string, ClockUnit>, estimates: Map<string, Estimate>): void {
  const own = unitKey(unit.evidence, unit.host)
  if (estimates.has(own)) return
  const donors = [...estimates].flatMap(([key, estimate]) => {
    const donor = byKey.get(key)
    return donor && estimate.machine !== 0 && sameMachine(unit, donor, estimate) ? [{ donor, estimate }] : []
  })
  if (donors.length === 0) return
  const values = donors.map(({ estimate }) => estimate.machine).sort((a, b) => a - b)
  const middle = values[Math.floor(values.length / 2)] ?? 0
  if (donors.some(({ estimate }) => Math.abs(estimate.machine - middle) > SAME_CLOCK_AGREES)) return
  estimates.set(own, {
    total: middle,
    machine: 0,
    basis: `same machine as ${sourceName(donors[0]?.donor)}, no anchors of its own`,
  })
}

/** Estimates for one machine must agree this well before another log of it may inherit them. */
const SAME_CLOCK_AGREES = 5 * MICROS_PER_SECOND

/** A web log often says "web01" where the event logs of the machine say "web01.example". */
function sameName(a: string, b: string): boolean {
  return (
    a === b ||
    (shortHostName(a) === shortHostName(b) && (a.includes('.') !== b.includes('.') || a.toLowerCase() === b.toLowerCase()))
  )
}

function sameMachine(unit: ClockUnit, donor: ClockUnit, estimate: Estimate): boolean {
  if (isSensor(unit) !== isSensor(donor) || !sameName(unit.host, donor.host)) return false
  if (unit.host === '' && folderOf(unit.path) !== folderOf(donor.path)) return false
  const shift = estimate.total - estimate.machine // the donor's export may be wrong; its true time is what counts
  return (
    unit.firstTime <= donor.lastTime + shift + SAME_CLOCK_REACH && donor.firstTime + shift <= unit.lastTime + SAME_CLOCK_REACH
  )
}
