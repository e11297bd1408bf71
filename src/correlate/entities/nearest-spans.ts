/** One of the spans, how far it is from the moment (0 inside), and its place among those given. */
export interface Nearest<Item> {
  readonly item: Item
  readonly distance: number
  readonly place: number
}

interface Placed<Item> extends Nearest<Item> {
  readonly from: number
  readonly to: number
}

/** Stretches of time, of which the nearest to a moment is found without a look at all; of equally near ones the first of those given. */
export class NearestSpans<Item extends { readonly from: number; readonly to: number }> {
  readonly #first: Nearest<Item> | undefined
  /** By beginning. */
  readonly #sorted: readonly Placed<Item>[]
  /** Of all up to each that which ends last. */
  readonly #last: readonly Placed<Item>[]

  /** One whose times are no numbers is near no moment. */
  constructor(items: Iterable<readonly [place: number, item: Item]>) {
    const all = [...items].map(([place, item]) => ({ item, place, from: item.from, to: item.to, distance: 0 }))
    this.#first = all.reduce<Placed<Item> | undefined>(
      (first, one) => (first && first.place < one.place ? first : one),
      undefined,
    )
    this.#sorted = all
      .filter(({ from, to }) => !Number.isNaN(from) && !Number.isNaN(to))
      .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.place - b.place))
    let last: Placed<Item> | undefined
    this.#last = this.#sorted.map(one => {
      if (!last || one.to > last.to || (one.to === last.to && one.place < last.place)) last = one
      return last
    })
  }

  /** All are equally near to no moment at all. */
  nearest(time: number | undefined): Nearest<Item> | undefined {
    if (time === undefined) return this.#first
    const begun = this.#begunBy(time)
    const last = this.#last[begun - 1]
    if (last && last.to >= time) return this.#around(begun, time)
    const next = this.#sorted[begun]
    const before = last && { ...last, distance: time - last.to }
    const after = next && { ...next, distance: next.from - time }
    if (!before || !after) return before ?? after
    return before.distance < after.distance || (before.distance === after.distance && before.place < after.place) ? before : after
  }

  /** How far the nearest is; infinitely far where there is none. */
  distance(time: number | undefined): number {
    if (time === undefined) return this.#first ? 0 : Number.POSITIVE_INFINITY
    const begun = this.#begunBy(time)
    const before = time - (this.#last[begun - 1]?.to ?? Number.NEGATIVE_INFINITY)
    return before <= 0 ? 0 : Math.min(before, (this.#sorted[begun]?.from ?? Number.POSITIVE_INFINITY) - time)
  }

  /** The first given of those that have begun and not ended. */
  #around(begun: number, time: number): Nearest<Item> | undefined {
    let first: Placed<Item> | undefined
    for (let index = begun - 1; index >= 0 && (this.#last[index]?.to ?? 0) >= time; index--) {
      const one = this.#sorted[index]
      if (one && one.to >= time && !(first && first.place < one.place)) first = one
    }
    return first
  }

  /** How many began by the moment. */
  #begunBy(time: number): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sorted[middle]?.from ?? 0) <= time) low = middle + 1
      else high = middle
    }
    return low
  }
}
