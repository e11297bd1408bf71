/** Answers kept before all are forgotten; a list of addresses each. */
const MOST_KEPT = 256

/** Something that depends on nothing but which of some spans, their ends among them, a moment lies in: made once for all moments between two edges. */
export class Stretches<Value> {
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  readonly #made = new Map<number, Value>()

  /** One whose times are no numbers holds no moment. */
  constructor(spans: readonly { readonly from: number; readonly to: number }[]) {
    const whole = spans.filter(({ from, to }) => !Number.isNaN(from) && !Number.isNaN(to))
    this.#starts = Float64Array.from(whole, ({ from }) => from).sort()
    this.#ends = Float64Array.from(whole, ({ to }) => to).sort()
  }

  /** What `make` gave for a moment in the same spans. */
  made(moment: number, make: () => Value): Value {
    const begun = countBelow(this.#starts, moment, true)
    const ended = countBelow(this.#ends, moment, false)
    const key = begun * (this.#ends.length + 1) + ended
    const known = this.#made.get(key)
    if (known !== undefined) return known
    if (this.#made.size >= MOST_KEPT) this.#made.clear()
    const value = make()
    this.#made.set(key, value)
    return value
  }
}

/** How many of the sorted numbers are below the limit, or are it. */
function countBelow(sorted: Float64Array, limit: number, orEqual: boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const number = sorted[middle] ?? 0
    if (number < limit || (orEqual && number === limit)) low = middle + 1
    else high = middle
  }
  return low
}
