/** Disjoint sets of the numbers 0 to n-1 (union by smaller root, path halving): who ends up together does not depend on the order of joining. */
export class Groups {
  readonly #parent: Int32Array

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, index) => index)
  }

  /** The smallest member of the set that `item` is in. */
  rootOf(item: number): number {
    let current = item
    for (;;) {
      const parent = this.#parent[current] ?? current
      if (parent === current) return current
      const above = this.#parent[parent] ?? parent
      this.#parent[current] = above
      current = above
    }
  }

  /** Puts the sets of both items together; false when they already were. */
  join(a: number, b: number): boolean {
    const one = this.rootOf(a)
    const other = this.rootOf(b)
    if (one === other) return false
    this.#parent[Math.max(one, other)] = Math.min(one, other)
    return true
  }

  /** All sets, each in ascending order, ordered by their smallest member. */
  lists(): readonly (readonly number[])[] {
    const lists = new Map<number, number[]>()
    for (let item = 0; item < this.#parent.length; item++) {
      const root = this.rootOf(item)
      const list = lists.get(root)
      if (list) list.push(item)
      else lists.set(root, [item])
    }
    return [...lists.values()]
  }
}
