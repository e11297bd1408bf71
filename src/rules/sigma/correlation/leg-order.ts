import { legCount, legsMeet } from './aggregates.ts'
import { meetsAll } from './criteria.ts'
import type { CorrelationCondition } from './definition.ts'

/** Records that matched legs in their order, the last one first. */
export interface Chain<Entry> {
  /** Number of the record it begins with; records are numbered in their order. */
  readonly start: number
  readonly legs: number
  readonly entry: Entry
  readonly before: Chain<Entry> | undefined
}

/** By leg: which sets of legs it can follow, and the set that comes of it. */
type Steps = readonly (readonly (readonly [from: number, to: number])[])[]

/** The sets of legs worth following: those that begin the whole list where all legs are wanted, else every one. */
export function stepsOf(condition: CorrelationCondition, legs: number): Steps {
  const [only, ...more] = condition.criteria
  const all = condition.expression === undefined && more.length === 0 && only?.operator === 'gte' && only.value === legs
  return Array.from({ length: legs }, (_, leg) => {
    const below = (1 << leg) - 1
    const from = all ? [below] : Array.from({ length: below + 1 }, (_ignored, set) => set)
    return from.map((set): readonly [number, number] => [set, set | (1 << leg)])
  })
}

/**
 * For every set of legs that came in order, the chain that begins last: whether any such chain fits into a window, this one does.
 * A record counts once in a chain, and comes strictly after the one before it.
 */
export class LegOrder<Entry extends { readonly legs: number }> {
  readonly #condition: CorrelationCondition
  readonly #steps: Steps
  readonly #latest = new Map<number, Chain<Entry>>()

  constructor(condition: CorrelationCondition, steps: Steps) {
    this.#condition = condition
    this.#steps = steps
  }

  /** Takes the next record; the best chain that it completes within the window that begins with record `first`, if any. */
  advance(entry: Entry, number: number, first: number): Chain<Entry> | undefined {
    const made: Chain<Entry>[] = []
    this.#steps.forEach((steps, leg) => {
      if ((entry.legs & (1 << leg)) === 0) return
      for (const [from, to] of steps) {
        const before = this.#latest.get(from)
        if (from === 0) made.push({ start: number, legs: to, entry, before: undefined })
        else if (before && before.start >= first) made.push({ start: before.start, legs: to, entry, before })
      }
    })
    for (const chain of made) {
      const known = this.#latest.get(chain.legs)
      if (known === undefined || chain.start > known.start) this.#latest.set(chain.legs, chain)
    }
    return best(made.filter(chain => legsMeet(this.#condition, chain.legs)))
  }

  /**
   * Does the complete window that begins with record `first` meet the condition? `present` are all its legs, in order or not. The chain
   * it rests on; 'whole window' where it rests on what is not there.
   */
  inWindow(first: number, present: number): Chain<Entry> | 'whole window' | undefined {
    const chains = [...this.#latest.values()].filter(chain => chain.start >= first)
    const { expression, criteria } = this.#condition
    if (expression === undefined) {
      const longest = best(chains)
      return longest && meetsAll(legCount(longest.legs), criteria) ? longest : undefined
    }
    const found = best(chains.filter(chain => legsMeet(this.#condition, chain.legs, present)))
    return found ?? (legsMeet(this.#condition, 0, present) ? 'whole window' : undefined)
  }
}

/** Most legs, then the shortest, then a fixed order. */
function best<Entry>(chains: readonly Chain<Entry>[]): Chain<Entry> | undefined {
  return chains.reduce<Chain<Entry> | undefined>((known, chain) => {
    if (known === undefined) return chain
    const order = legCount(chain.legs) - legCount(known.legs) || chain.start - known.start || known.legs - chain.legs
    return order > 0 ? chain : known
  }, undefined)
}

/** The records of a chain in their order. */
export function entriesOf<Entry>(chain: Chain<Entry>): readonly Entry[] {
  const entries: Entry[] = []
  for (let link: Chain<Entry> | undefined = chain; link; link = link.before) entries.push(link.entry)
  return entries.reverse()
}
