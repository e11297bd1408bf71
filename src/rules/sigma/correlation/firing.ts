import { MAX_EVIDENCE_REFERENCES, type Micros } from '../../../model/index.ts'
import { type FeedHit, type Placed, recordKey } from './feed.ts'
import type { LinkedCorrelation } from './plan.ts'
import type { Entry } from './window.ts'

/** A hit of a correlation: the place of the event that made its condition true, and the hits it rests on. */
export interface Firing extends Placed {
  readonly correlation: LinkedCorrelation
  /** Values of the group-by fields, as first written. */
  readonly group: readonly string[]
  /** In order of time and place; the latest ones where there are too many to keep. */
  readonly hits: readonly FeedHit[]
  /** Distinct records, also those that are not kept. */
  readonly total: number
  readonly firstTime: Micros
  readonly lastTime: Micros
  /** How many of `hits` made it fire; the others joined later. */
  readonly made: number
  /** Later events with which it still held, for correlations that ask whether it is there. */
  readonly goesOn: readonly (Placed & { readonly hits: readonly FeedHit[] })[]
}

/** What may be kept, beside windows: bounds of memory, not of meaning. */
export interface FiringLimits {
  /** Hits of one correlation. A rule that fires more often says nothing new with each. */
  readonly firings: number
  /** Records listed with one hit. */
  readonly hitsEach: number
  /** Records listed with all hits together. */
  readonly hitsOverall: number
}

export const defaultFiringLimits: FiringLimits = {
  firings: 20_000,
  hitsEach: MAX_EVIDENCE_REFERENCES,
  hitsOverall: 200_000,
}

type Growing<Value> = { -readonly [Key in keyof Value]: Value[Key] extends readonly (infer Item)[] ? Item[] : Value[Key] }

/** Keeps what correlations fired, within limits, and counts what it does not keep. */
export class FiringKeeper {
  readonly #limits: FiringLimits
  readonly #firings: Growing<Firing>[] = []
  readonly #perCorrelation = new Map<string, number>()
  readonly #isAsked: (correlation: LinkedCorrelation) => boolean
  #hits = 0
  /** Records that a hit gets whatever is used up: it must show the event that made it fire, and one of each leg. */
  #owed = 0
  /** Hits not kept, by correlation. */
  readonly leftOut = new Map<string, number>()
  /** Correlations some of whose hits list fewer records than they rest on. */
  readonly shortened = new Set<string>()

  /** `isAsked` says whether another correlation wants to know how long one goes on. */
  constructor(limits: FiringLimits, isAsked: (correlation: LinkedCorrelation) => boolean) {
    this.#limits = limits
    this.#isAsked = isAsked
  }

  get firings(): readonly Firing[] {
    return this.#firings
  }

  fire(correlation: LinkedCorrelation, group: readonly string[], at: Entry, entries: readonly Entry[]): OpenFiring {
    const { time, evidence, record, offset } = at
    const place = { time, evidence, record, offset }
    const firing: Growing<Firing> = {
      ...place,
      correlation,
      group: [...group],
      hits: [],
      total: 0,
      firstTime: time,
      lastTime: time,
      made: 0,
      goesOn: [],
    }
    const count = (this.#perCorrelation.get(correlation.key) ?? 0) + 1
    this.#perCorrelation.set(correlation.key, count)
    const isKept = count <= this.#limits.firings
    if (isKept) this.#firings.push(firing)
    else this.leftOut.set(correlation.key, (this.leftOut.get(correlation.key) ?? 0) + 1)
    const open = new OpenFiring(firing, hit => isKept && this.#keep(firing, hit), isKept && this.#isAsked(correlation))
    const most = Math.min(this.#limits.hitsEach, Math.max(1, this.#limits.hitsOverall - this.#hits))
    this.#owed = Math.max(correlation.legs.length, most)
    open.begin(at, entries, most)
    if (isKept && firing.total > firing.hits.length) this.shortened.add(correlation.key)
    this.#owed = 0
    return open
  }

  #keep(firing: Growing<Firing>, hit: FeedHit): boolean {
    const { length } = firing.hits
    if (length >= this.#owed && (length >= this.#limits.hitsEach || this.#hits >= this.#limits.hitsOverall)) {
      this.shortened.add(firing.correlation.key)
      return false
    }
    this.#hits += 1
    firing.hits.push(hit)
    return true
  }
}

/** A hit that may still grow. */
export class OpenFiring {
  readonly #firing: Growing<Firing>
  readonly #keep: (hit: FeedHit) => boolean
  readonly #isAsked: boolean
  readonly #entries = new Set<number>()
  /** Records of hits of other correlations, which may rest on the same ones; undefined where there are none. */
  readonly #records: Set<string> | undefined
  /** Number of the last record that was looked at. */
  seen = -1

  constructor(firing: Growing<Firing>, keep: (hit: FeedHit) => boolean, isAsked: boolean) {
    this.#firing = firing
    this.#keep = keep
    this.#isAsked = isAsked
    this.#records = firing.correlation.level > 1 ? new Set() : undefined
  }

  get firing(): Firing {
    return this.#firing
  }

  begin(at: Entry, entries: readonly Entry[], most: number): void {
    this.seen = at.number
    // The last ones, and of every leg the last: a hit without one of its legs could not be understood.
    const kept = entries.length <= most ? entries : latest(entries, most)
    this.#firing.total += this.#records ? 0 : entries.length - kept.length
    for (const entry of kept) this.#add(entry)
    this.#firing.firstTime = entries[0]?.time ?? at.time
    this.#firing.made = this.#firing.hits.length
  }

  /** The condition still holds with `at`; `entries` are the records that belong to it. */
  extend(at: Entry, entries: readonly Entry[]): void {
    this.seen = at.number
    for (const entry of entries) if (!this.#entries.has(entry.number)) this.#add(entry)
    if (at.time > this.#firing.lastTime) this.#firing.lastTime = at.time
    if (!this.#isAsked) return
    const { time, evidence, record, offset, occurrences } = at
    this.#firing.goesOn.push({ time, evidence, record, offset, hits: occurrences.flatMap(occurrence => occurrence.hits) })
  }

  #add(entry: Entry): void {
    const hits = entry.occurrences.flatMap(({ firing, hits: own }) => firing?.hits ?? own)
    if (this.#records === undefined) this.#firing.total += 1
    let isKept = true
    for (const hit of hits) {
      const key = recordKey(hit)
      const isNew = this.#records?.has(key) !== true
      if (this.#records && isNew) this.#firing.total += 1
      if (this.#records?.has(`${key} ${hit.rule}`)) continue
      if (!this.#keep(hit)) isKept = false
      else {
        this.#records?.add(key)
        this.#records?.add(`${key} ${hit.rule}`)
      }
      if (hit.time < this.#firing.firstTime) this.#firing.firstTime = hit.time
      if (hit.time > this.#firing.lastTime) this.#firing.lastTime = hit.time
    }
    if (isKept) this.#entries.add(entry.number)
  }
}

function latest(entries: readonly Entry[], most: number): readonly Entry[] {
  const kept: Entry[] = []
  let legs = 0
  for (const entry of entries.toReversed()) {
    const brings = entry.legs & ~legs
    if (kept.length >= most && brings === 0) continue
    legs |= entry.legs
    kept.push(entry)
  }
  return kept.reverse()
}
