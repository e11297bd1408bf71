import { isTemporal } from './definition.ts'
import { byTimeAndPlace, type FeedHit, keyOfValues, type Placed, sameRecord } from './feed.ts'
import { defaultFiringLimits, type Firing, FiringKeeper, type FiringLimits } from './firing.ts'
import type { CorrelationPlan, LinkedCorrelation } from './plan.ts'
import { CorrelationWindows, type Occurrence, type WindowBudget } from './window.ts'

/** Bounds of memory; reaching one is said with the correlation it cut. */
export interface CorrelationLimits extends FiringLimits {
  /** Records in all windows of one pass together: about 800 bytes each with what they hold. */
  readonly windowEntries: number
}

export const defaultCorrelationLimits: CorrelationLimits = { ...defaultFiringLimits, windowEntries: 250_000 }

/** What a limit cost one correlation. */
export interface CorrelationCut {
  readonly correlation: LinkedCorrelation
  /** `window`: records were let go before their timespan was over, so hits may be missing. `firings`: hits were not kept. `records`: some hits list fewer records than they rest on. */
  readonly what: 'window' | 'firings' | 'records'
  readonly count: number
}

/** What the correlations of a plan found. */
export interface CorrelationOutcome {
  /** Hits of correlations that stand for themselves, in order of time. */
  readonly firings: readonly Firing[]
  readonly cuts: readonly CorrelationCut[]
}

/** The hits of the given rules in order of time and place (`byTimeAndPlace`), in batches; asked once for every level of correlations. */
export type FeedSource = (rules: readonly string[]) => AsyncIterable<readonly FeedHit[]> | Iterable<readonly FeedHit[]>

/** Share of the fullest window that is let go at once when all windows together are full. */
const SHED_SHARE = 1 / 8

/** Runs all correlations of a plan over the hits of their rules: those on rules first, then those on correlations, level by level. */
export async function runCorrelations(
  plan: CorrelationPlan,
  feed: FeedSource,
  limits: CorrelationLimits = defaultCorrelationLimits,
  signal?: AbortSignal,
): Promise<CorrelationOutcome> {
  const asked = new Set(
    plan.correlations.filter(({ type }) => isTemporal(type)).flatMap(({ legs }) => legs.map(leg => leg.source)),
  )
  const keeper = new FiringKeeper(limits, ({ key }) => asked.has(key))
  const cuts: CorrelationCut[] = []
  const levels = Map.groupBy(plan.correlations, correlation => correlation.level)
  for (const level of [...levels.keys()].sort((a, b) => a - b)) {
    const budget: WindowBudget = { used: 0 }
    const windows = (levels.get(level) ?? []).map(correlation => new CorrelationWindows(correlation, keeper, budget))
    await runLevel(windows, keeper.firings, feed, budget, limits.windowEntries, signal)
    for (const { correlation, shedEntries } of windows)
      if (shedEntries > 0) cuts.push({ correlation, what: 'window', count: shedEntries })
  }
  for (const correlation of plan.correlations) {
    const leftOut = keeper.leftOut.get(correlation.key) ?? 0
    if (leftOut > 0) cuts.push({ correlation, what: 'firings', count: leftOut })
    if (keeper.shortened.has(correlation.key)) cuts.push({ correlation, what: 'records', count: 0 })
  }
  const firings = keeper.firings
    .filter(({ correlation }) => correlation.alone)
    .toSorted(
      (a, b) =>
        byTimeAndPlace(a, b) ||
        compare(a.correlation.key, b.correlation.key) ||
        compare(keyOfValues(a.group), keyOfValues(b.group)),
    )
  return { firings, cuts }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

async function runLevel(
  windows: readonly CorrelationWindows[],
  firings: readonly Firing[],
  feed: FeedSource,
  budget: WindowBudget,
  most: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const bySource = new Map<string, CorrelationWindows[]>()
  const rules = new Set<string>()
  const correlations = new Set<string>()
  for (const window of windows) {
    for (const leg of window.correlation.legs) (leg.isCorrelation ? correlations : rules).add(leg.source)
    for (const source of window.sources) {
      const list = bySource.get(source)
      if (list) list.push(window)
      else bySource.set(source, [window])
    }
  }
  const inner = firings
    .filter(({ correlation }) => correlations.has(correlation.key))
    .flatMap(occurrencesOf)
    .sort(byTimeAndPlace)
  const deliver = (record: readonly Occurrence[]) => {
    const [only, ...more] = record
    if (!only) return
    if (more.length === 0) for (const window of bySource.get(only.source) ?? []) window.offer(record)
    else {
      const touched = new Set(record.flatMap(({ source }) => bySource.get(source) ?? []))
      for (const window of windows)
        if (touched.has(window)) window.offer(record.filter(({ source }) => bySource.get(source)?.includes(window)))
    }
    while (budget.used > most) fullest(windows)?.shed(SHED_SHARE)
  }
  await forEachRecord(inner, feed([...rules].sort()), rules.size > 0, deliver, signal)
  for (const window of windows) window.finish()
}

const fullest = (windows: readonly CorrelationWindows[]): CorrelationWindows | undefined =>
  windows.reduce<CorrelationWindows | undefined>((most, window) => (most && most.size >= window.size ? most : window), undefined)

function occurrencesOf(firing: Firing): readonly Occurrence[] {
  const { time, evidence, record, offset, correlation, hits, made, goesOn } = firing
  const source = correlation.key
  return [
    { time, evidence, record, offset, source, begins: true, hits: hits.slice(0, made), firing },
    ...goesOn.map(place => ({ ...place, source, begins: false, firing })),
  ]
}

/** Merges hits of rules and of correlations, and hands over everything about one record at once. */
async function forEachRecord(
  inner: readonly Occurrence[],
  batches: AsyncIterable<readonly FeedHit[]> | Iterable<readonly FeedHit[]>,
  hasRules: boolean,
  deliver: (record: readonly Occurrence[]) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let record: Occurrence[] = []
  let next = 0
  const take = (occurrence: Occurrence) => {
    const [first] = record
    if (first && !(first.time === occurrence.time && sameRecord(first, occurrence))) {
      if (byTimeAndPlace(first, occurrence) > 0) throw new Error('hits for correlations must come in order of time and place')
      deliver(ordered(record))
      record = []
    }
    // A record that gives several events is still one: its second hit of the same rule is the same.
    if (occurrence.firing || !record.some(one => one.source === occurrence.source)) record.push(occurrence)
  }
  const takeInnerUpTo = (place: Placed | undefined) => {
    for (let one = inner[next]; one && (place === undefined || byTimeAndPlace(one, place) <= 0); one = inner[next]) {
      take(one)
      next += 1
    }
  }
  if (hasRules)
    for await (const batch of batches) {
      signal?.throwIfAborted()
      for (const hit of batch) {
        takeInnerUpTo(hit)
        const { time, evidence, record: number, offset, rule } = hit
        take({ time, evidence, record: number, offset, source: rule, begins: true, hits: [hit] })
      }
    }
  takeInnerUpTo(undefined)
  deliver(ordered(record))
}

/** Hits on one record in an order of their own, so that it does not matter how they were stored. */
function ordered(record: readonly Occurrence[]): readonly Occurrence[] {
  return record.length < 2
    ? record
    : record.toSorted((a, b) => compare(a.source, b.source) || Number(b.begins) - Number(a.begins))
}
