import type { Micros } from '../../model/index.ts'

/** Records whose numbers follow each other without a hole. */
export interface RecordRange {
  readonly first: number
  readonly last: number
}

/** A place where the clock of the machine went back, or somebody set it back: the record after it, and by how much. */
export interface StepBack {
  readonly record: number
  /** Microseconds. */
  readonly by: number
}

/** What the numbers of a log's records say. */
export interface Numbering {
  /** In order of their numbers, each once. */
  readonly ranges: readonly RecordRange[]
  /** Numbers that are there more than once, however often. */
  readonly duplicates: number
  readonly stepsBack: number
  readonly largestStepBack: StepBack | undefined
}

/** Follows record numbers and times as they come; memory grows with the breaks in the numbering, not with the records. */
export class RecordNumbers {
  private readonly runs: { first: number; last: number }[] = []
  private lastTime: Micros | undefined
  private stepsBack = 0
  private largest: StepBack | undefined

  add(record: number, time: Micros | undefined): void {
    const run = this.runs.at(-1)
    if (run && record === run.last + 1) {
      run.last = record
      const by = time === undefined || this.lastTime === undefined ? 0 : this.lastTime - time
      if (by > 0) {
        this.stepsBack += 1
        if (by > (this.largest?.by ?? 0)) this.largest = { record, by }
      }
    } else this.runs.push({ first: record, last: record })
    this.lastTime = time
  }

  finish(): Numbering {
    const ranges: { first: number; last: number }[] = []
    let duplicates = 0
    for (const { first, last } of this.runs.toSorted((a, b) => a.first - b.first || a.last - b.last)) {
      const before = ranges.at(-1)
      if (before && first <= before.last + 1) {
        duplicates += Math.max(0, Math.min(last, before.last) - first + 1)
        before.last = Math.max(before.last, last)
      } else ranges.push({ first, last })
    }
    return { ranges, duplicates, stepsBack: this.stepsBack, largestStepBack: this.largest }
  }
}
