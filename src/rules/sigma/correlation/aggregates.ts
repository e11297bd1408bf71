import { holdsFor, meetsAll } from './criteria.ts'
import type { CorrelationCondition, Criterion } from './definition.ts'
import { expressionHolds } from './leg-expression.ts'
import { OrderedValues, percentileOf } from './ordered-values.ts'
import type { LinkedCorrelation } from './plan.ts'

/** What a window knows of one record: which legs it matched (as bits) and the values it brings. */
export interface Contribution {
  readonly legs: number
  readonly values: readonly string[]
}

/** Keeps what the condition is about while records join and leave the window. */
export interface Aggregate {
  add(entry: Contribution): void
  remove(entry: Contribution): void
  holds(): boolean
  /** Is the condition about this record? Absent when it is about all of the window. */
  isMeant?(entry: Contribution): boolean
  /** Legs in the window, as bits, where the condition is about legs. */
  readonly present?: number
}

/** The aggregate of every kind but `temporal_ordered`, where the order matters. */
export function aggregateOf({ type, condition, legs }: Pick<LinkedCorrelation, 'type' | 'condition' | 'legs'>): Aggregate {
  switch (type) {
    case 'event_count':
      return new EventCount(condition.criteria)
    case 'value_count':
      return new ValueCount(condition.criteria)
    case 'temporal':
    case 'temporal_ordered':
      return new LegPresence(condition, legs.length)
    case 'value_sum':
    case 'value_avg':
      return new Total(condition.criteria, type === 'value_avg')
    case 'value_median':
      return new Rank(condition.criteria, 50)
    case 'value_percentile':
      return condition.percentile === undefined
        ? new ValueShare(condition.criteria)
        : new Rank(condition.criteria, condition.percentile)
    default:
      return type satisfies never
  }
}

class EventCount implements Aggregate {
  readonly #criteria: readonly Criterion[]
  #count = 0

  constructor(criteria: readonly Criterion[]) {
    this.#criteria = criteria
  }

  add(): void {
    this.#count += 1
  }

  remove(): void {
    this.#count -= 1
  }

  holds(): boolean {
    return meetsAll(this.#count, this.#criteria)
  }
}

/** How often each value is there. */
class Tally {
  readonly counts = new Map<string, number>()

  /** The count before and after. */
  change(value: string, by: 1 | -1): readonly [number, number] {
    const before = this.counts.get(value) ?? 0
    const after = before + by
    if (after > 0) this.counts.set(value, after)
    else this.counts.delete(value)
    return [before, after]
  }
}

class ValueCount implements Aggregate {
  readonly #criteria: readonly Criterion[]
  readonly #tally = new Tally()

  constructor(criteria: readonly Criterion[]) {
    this.#criteria = criteria
  }

  add({ values }: Contribution): void {
    for (const value of values) this.#tally.change(value, 1)
  }

  remove({ values }: Contribution): void {
    for (const value of values) this.#tally.change(value, -1)
  }

  holds(): boolean {
    return meetsAll(this.#tally.counts.size, this.#criteria)
  }
}

/** Is one value so rare, or so common, among all values of the window? */
class ValueShare implements Aggregate {
  readonly #criteria: readonly Criterion[]
  readonly #tally = new Tally()
  /** How many values occur so often. */
  readonly #occurrences = new Map<number, number>()
  #total = 0

  constructor(criteria: readonly Criterion[]) {
    this.#criteria = criteria
  }

  add({ values }: Contribution): void {
    for (const value of values) this.#change(value, 1)
  }

  remove({ values }: Contribution): void {
    for (const value of values) this.#change(value, -1)
  }

  #change(value: string, by: 1 | -1): void {
    const [before, after] = this.#tally.change(value, by)
    this.#total += by
    if (before > 0) this.#count(before, -1)
    if (after > 0) this.#count(after, 1)
  }

  #count(occurrences: number, by: 1 | -1): void {
    const left = (this.#occurrences.get(occurrences) ?? 0) + by
    if (left > 0) this.#occurrences.set(occurrences, left)
    else this.#occurrences.delete(occurrences)
  }

  holds(): boolean {
    return this.#occurrences.keys().some(count => this.#isWanted(count))
  }

  isMeant({ values }: Contribution): boolean {
    return values.some(value => this.#isWanted(this.#tally.counts.get(value) ?? 0))
  }

  #isWanted(count: number): boolean {
    return meetsAll((100 * count) / this.#total, this.#criteria)
  }
}

/** Parts of one that sums are kept in: exact, so that what joins and leaves again leaves nothing behind. */
const UNITS = 1_000_000n

function unitsOf(value: number): bigint {
  const whole = Math.trunc(value)
  return BigInt(whole) * UNITS + BigInt(Math.round((value - whole) * Number(UNITS)))
}

/** A decimal, hexadecimal or scientific number as logs write them; undefined for anything else. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim()
  if (!/^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?|0x[\da-f]{1,16})$/i.test(trimmed)) return undefined
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : undefined
}

class Total implements Aggregate {
  readonly #criteria: readonly Criterion[]
  readonly #average: boolean
  #sum = 0n
  #count = 0n

  constructor(criteria: readonly Criterion[], average: boolean) {
    this.#criteria = criteria
    this.#average = average
  }

  add({ values }: Contribution): void {
    for (const value of values) this.#change(value, 1n)
  }

  remove({ values }: Contribution): void {
    for (const value of values) this.#change(value, -1n)
  }

  #change(text: string, by: 1n | -1n): void {
    const value = numberIn(text)
    if (value === undefined) return
    this.#sum += by * unitsOf(value)
    this.#count += by
  }

  holds(): boolean {
    if (this.#count === 0n) return false
    const times = this.#average ? this.#count : 1n
    return this.#criteria.every(({ operator, value }) => {
      const limit = unitsOf(value) * times
      return holdsFor(operator, this.#sum < limit ? -1 : this.#sum > limit ? 1 : 0)
    })
  }
}

class Rank implements Aggregate {
  readonly #criteria: readonly Criterion[]
  readonly #percent: number
  readonly #values = new OrderedValues()

  constructor(criteria: readonly Criterion[], percent: number) {
    this.#criteria = criteria
    this.#percent = percent
  }

  add({ values }: Contribution): void {
    for (const text of values) {
      const value = numberIn(text)
      if (value !== undefined) this.#values.add(value)
    }
  }

  remove({ values }: Contribution): void {
    for (const text of values) {
      const value = numberIn(text)
      if (value !== undefined) this.#values.remove(value)
    }
  }

  holds(): boolean {
    const value = percentileOf(this.#values, this.#percent)
    return value !== undefined && meetsAll(value, this.#criteria)
  }
}

/** Which legs are in the window, in any order. */
class LegPresence implements Aggregate {
  readonly #condition: CorrelationCondition
  readonly #counts: number[]
  #present = 0

  constructor(condition: CorrelationCondition, legs: number) {
    this.#condition = condition
    this.#counts = Array.from({ length: legs }, () => 0)
  }

  get present(): number {
    return this.#present
  }

  add({ legs }: Contribution): void {
    this.#change(legs, 1)
  }

  remove({ legs }: Contribution): void {
    this.#change(legs, -1)
  }

  #change(legs: number, by: 1 | -1): void {
    for (let leg = 0; leg < this.#counts.length; leg++) {
      if ((legs & (1 << leg)) === 0) continue
      const count = (this.#counts[leg] ?? 0) + by
      this.#counts[leg] = count
      if (count === 0) this.#present &= ~(1 << leg)
      else this.#present |= 1 << leg
    }
  }

  holds(): boolean {
    return legsMeet(this.#condition, this.#present)
  }
}

/** Does a set of legs meet the condition of a temporal correlation? `present` are all legs in the window, also those out of order. */
export function legsMeet({ expression, criteria }: CorrelationCondition, asserted: number, present = asserted): boolean {
  return expression === undefined ? meetsAll(legCount(asserted), criteria) : expressionHolds(expression, asserted, present)
}

export function legCount(legs: number): number {
  let count = 0
  for (let left = legs; left !== 0; left &= left - 1) count += 1
  return count
}
