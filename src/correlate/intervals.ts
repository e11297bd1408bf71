/** Things that lasted from a moment to another, found again by when they were without a look at all of them. */
export class Intervals<Item> {
  /** By beginning; `last` is the latest end up to there. */
  readonly #sorted: readonly { readonly item: Item; readonly place: number; readonly from: number; readonly to: number }[]
  readonly #last: Float64Array

  /** One whose times are no numbers is never met. */
  constructor(items: readonly Item[], spanOf: (item: Item) => { readonly from: number; readonly to: number }) {
    this.#sorted = items
      .map((item, place) => {
        const { from, to } = spanOf(item)
        return { item, place, from, to }
      })
      .filter(({ from, to }) => !Number.isNaN(from) && !Number.isNaN(to))
      .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.place - b.place))
    this.#last = new Float64Array(this.#sorted.length)
    let last = Number.NEGATIVE_INFINITY
    for (const [index, { to }] of this.#sorted.entries()) {
      last = Math.max(last, to)
      this.#last[index] = last
    }
  }

  /** All that began by `to` and had not ended before `from`, in the order they were given in. */
  meeting(from: number, to: number): readonly Item[] {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle]?.from ?? 0) <= to) low = middle + 1
      else high = middle
    }
    const met: { readonly item: Item; readonly place: number }[] = []
    for (let index = low - 1; index >= 0 && (this.#last[index] ?? 0) >= from; index--) {
      const candidate = this.#sorted[index]
      if (candidate && candidate.to >= from) met.push(candidate)
    }
    return met.sort((a, b) => a.place - b.place).map(({ item }) => item)
  }
}
