import { type Aggregate, aggregateOf, type Contribution, numberIn } from './aggregates.ts'
import { isJudgedWhenComplete } from './criteria.ts'
import { isTemporal } from './definition.ts'
import { combinations, type FeedHit, keyOfValues, type Placed, recordKey } from './feed.ts'
import type { Firing, FiringKeeper, OpenFiring } from './firing.ts'
import { entriesOf, LegOrder, stepsOf } from './leg-order.ts'
import type { Leg, LinkedCorrelation } from './plan.ts'
import { Queue } from './queue.ts'

/** A hit of a rule, or of a correlation, as another correlation sees it. */
export interface Occurrence extends Placed {
  /** Key of the rule or correlation. */
  readonly source: string
  /** False when a correlation goes on to hold: it is still there, but it is not one more. */
  readonly begins: boolean
  /** The hits by which its groups and values are known. */
  readonly hits: readonly FeedHit[]
  readonly firing?: Firing
}

/** One record, once in each group it belongs to. */
export interface Entry extends Contribution, Placed {
  readonly number: number
  readonly occurrences: readonly Occurrence[]
  readonly group: Group
}

interface Group {
  readonly key: string
  readonly values: readonly string[]
  readonly entries: Queue<Entry>
  readonly aggregate: Aggregate
  readonly order: LegOrder<Entry> | undefined
  open: OpenFiring | undefined
  /** Number of the last record of the last complete window that was judged. */
  judged: number
  /** Time of the latest record that was let go too early. */
  shed: number
}

interface Joining {
  readonly values: readonly string[]
  legs: number
  readonly contributed: string[]
  readonly occurrences: Set<Occurrence>
}

/** How many records all windows together may hold. */
export interface WindowBudget {
  used: number
}

/**
 * The sliding windows of one correlation, one a group. Records come in order of time and place. A window never holds records further
 * apart than the timespan; what is older is let go in every group as soon as any record is later.
 *
 * Conditions that more records can only help are judged at every record; a group fires at the record that makes its condition true.
 * All others (upper bounds, averages, ranks, negations) are judged on complete windows: sets of records no further apart than the timespan
 * to which no record of the group could be added. After it fired, a group fires again only when more than a timespan has passed;
 * until then, records with which the condition still holds join the same hit.
 */
export class CorrelationWindows {
  readonly correlation: LinkedCorrelation
  readonly #keeper: FiringKeeper
  readonly #budget: WindowBudget
  readonly #groups = new Map<string, Group>()
  readonly #entries = new Queue<Entry>()
  readonly #legs: ReadonlyMap<string, readonly (Leg & { readonly bit: number })[]>
  readonly #temporal: boolean
  readonly #counted: 'nothing' | 'values' | 'numbers'
  readonly #whenComplete: boolean
  readonly #newOrder: () => LegOrder<Entry> | undefined
  #next = 0
  /** Records let go before their time, because all windows together held too many. */
  shedEntries = 0

  constructor(correlation: LinkedCorrelation, keeper: FiringKeeper, budget: WindowBudget) {
    const { type, condition, legs } = correlation
    this.correlation = correlation
    this.#keeper = keeper
    this.#budget = budget
    this.#legs = Map.groupBy(
      legs.map((leg, index) => ({ ...leg, bit: 1 << index })),
      leg => leg.source,
    )
    this.#temporal = isTemporal(type)
    this.#counted = this.#temporal || type === 'event_count' ? 'nothing' : isAboutTexts(correlation) ? 'values' : 'numbers'
    this.#whenComplete = isJudgedWhenComplete(type, condition.criteria, condition.expression)
    const steps = type === 'temporal_ordered' ? stepsOf(condition, legs.length) : undefined
    this.#newOrder = () => (steps ? new LegOrder<Entry>(condition, steps) : undefined)
  }

  get sources(): readonly string[] {
    return [...this.#legs.keys()]
  }

  get size(): number {
    return this.#entries.size
  }

  /** Takes everything that one record gives; records come in order. */
  offer(occurrences: readonly Occurrence[]): void {
    const [first] = occurrences
    if (!first) return
    this.#letGoBefore(first.time - this.correlation.timespan)
    for (const [key, joining] of this.#joining(occurrences)) {
      const group = this.#group(key, joining.values)
      const { time, evidence, record, offset } = first
      const number = this.#next++
      const entry: Entry = {
        time,
        evidence,
        record,
        offset,
        number,
        legs: joining.legs,
        values: joining.contributed,
        occurrences: [...joining.occurrences],
        group,
      }
      group.entries.push(entry)
      this.#entries.push(entry)
      this.#budget.used += 1
      group.aggregate.add(entry)
      const chain = group.order?.advance(entry, number, group.entries.first?.number ?? number)
      if (this.#whenComplete) continue
      if (group.order) {
        if (chain) this.#fire(group, entry, entriesOf(chain))
      } else if (group.aggregate.holds()) this.#fire(group, entry, undefined)
    }
  }

  /** Judges what is left. */
  finish(): void {
    this.#letGoBefore(Number.POSITIVE_INFINITY)
  }

  /** Lets the oldest records go before their time. */
  shed(share: number): void {
    for (let left = Math.ceil(this.#entries.size * share); left > 0; left--) {
      const entry = this.#entries.first
      if (!entry) return
      entry.group.shed = entry.time
      this.shedEntries += 1
      this.#letGo(entry)
    }
  }

  #joining(occurrences: readonly Occurrence[]): ReadonlyMap<string, Joining> {
    const groups = new Map<string, Joining>()
    const counted = new Set<string>()
    for (const occurrence of occurrences) {
      if (!occurrence.begins && !this.#temporal) continue
      for (const leg of this.#legs.get(occurrence.source) ?? [])
        for (const hit of occurrence.hits) {
          const fields = leg.fields[hit.rule]
          if (fields === undefined) continue
          const values = this.#valuesOf(hit, fields.values)
          if (values === undefined) continue
          for (const group of combinations(hit, fields.group)) {
            const key = keyOfValues(group)
            const joining = groups.get(key) ?? { values: group, legs: 0, contributed: [], occurrences: new Set() }
            groups.set(key, joining)
            if (this.#temporal) joining.legs |= leg.bit
            joining.occurrences.add(occurrence)
            // One record that several rules matched brings its value once.
            const once = `${key}\n${recordKey(hit)}`
            if (this.#counted !== 'nothing' && !counted.has(once)) joining.contributed.push(...values)
            counted.add(once)
          }
        }
    }
    return groups
  }

  /** What the hit brings; undefined when it lacks what is counted, so that it is no part of the window. */
  #valuesOf(hit: FeedHit, fields: readonly string[]): readonly string[] | undefined {
    if (this.#counted === 'nothing') return []
    const values = combinations(hit, fields).map(list => (this.#counted === 'numbers' ? (list[0] ?? '') : keyOfValues(list)))
    const usable = this.#counted === 'numbers' ? values.filter(value => numberIn(value) !== undefined) : [...new Set(values)]
    return usable.length === 0 ? undefined : usable
  }

  #group(key: string, values: readonly string[]): Group {
    const known = this.#groups.get(key)
    if (known) return known
    const group: Group = {
      key,
      values,
      entries: new Queue(),
      aggregate: aggregateOf(this.correlation),
      order: this.#newOrder(),
      open: undefined,
      judged: -1,
      shed: Number.NEGATIVE_INFINITY,
    }
    this.#groups.set(key, group)
    return group
  }

  #letGoBefore(time: number): void {
    for (let entry = this.#entries.first; entry && entry.time < time; entry = this.#entries.first) {
      if (this.#whenComplete) this.#judgeComplete(entry.group, entry)
      this.#letGo(entry)
    }
  }

  /** The oldest record of all is also the oldest of its group. */
  #letGo(entry: Entry): void {
    const { group } = entry
    this.#entries.shift()
    this.#budget.used -= 1
    group.entries.shift()
    group.aggregate.remove(entry)
    // A hit it had lies further back than the timespan, so nothing needs to be remembered of the group.
    if (group.entries.size === 0) this.#groups.delete(group.key)
  }

  /** Nothing can join a window any more when its first record goes. One that ends like the former is part of that. */
  #judgeComplete(group: Group, first: Entry): void {
    const last = group.entries.last
    if (!last || last.number === group.judged) return
    group.judged = last.number
    if (last.time <= group.shed + this.correlation.timespan) return
    if (group.order) {
      const found = group.order.inWindow(first.number, group.aggregate.present ?? 0)
      if (found) this.#fire(group, last, found === 'whole window' ? undefined : entriesOf(found))
    } else if (group.aggregate.holds()) this.#fire(group, last, undefined)
  }

  /** `evidence` are the records it rests on; without them all records of the window that the condition is about. */
  #fire(group: Group, at: Entry, evidence: readonly Entry[] | undefined): void {
    const { open, aggregate } = group
    const isMeant = aggregate.isMeant === undefined ? undefined : (entry: Entry) => aggregate.isMeant?.(entry) === true
    if (open && at.time <= open.firing.time + this.correlation.timespan) {
      const more = evidence ?? (this.#whenComplete ? group.entries.after(entry => entry.number <= open.seen) : [at])
      open.extend(at, isMeant ? more.filter(isMeant) : more)
      return
    }
    const all = evidence ?? group.entries.list()
    group.open = this.#keeper.fire(this.correlation, group.values, at, isMeant ? all.filter(isMeant) : all)
  }
}

function isAboutTexts({ type, condition }: LinkedCorrelation): boolean {
  return type === 'value_count' || (type === 'value_percentile' && condition.percentile === undefined)
}
