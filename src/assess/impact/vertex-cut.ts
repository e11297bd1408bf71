/** A flow network whose nodes can be cut at a price: each node is an edge from its entrance to its exit. */
export class CutNetwork {
  readonly #price: number[] = []
  readonly #next: number[][] = []

  /** Adds a node that costs `price` to cut; `Infinity` means never. Returns its number. */
  node(price: number): number {
    this.#price.push(price)
    this.#next.push([])
    return this.#price.length - 1
  }

  /** Whoever is at `from` can go to `to`. */
  edge(from: number, to: number): void {
    this.#next[from]?.push(to)
  }

  /** Nodes that can be reached from `sources`, these included. */
  reach(sources: readonly number[], removed: ReadonlySet<number> = new Set()): ReadonlySet<number> {
    const found = new Set(sources.filter(node => !removed.has(node)))
    const open = [...found]
    for (let node = open.pop(); node !== undefined; node = open.pop())
      for (const next of this.#next[node] ?? [])
        if (!found.has(next) && !removed.has(next)) {
          found.add(next)
          open.push(next)
        }
    return found
  }

  /**
   * The cheapest set of nodes whose removal leaves no way from a source to a target (Dinic's algorithm on the split graph; of several equally
   * cheap ones the one nearest to the sources). Undefined when only nodes that must never be cut stand between.
   */
  minimumCut(sources: readonly number[], targets: readonly number[]): readonly number[] | undefined {
    const flow = new Flow(this.#price.length * 2 + 2)
    const start = this.#price.length * 2
    const end = start + 1
    this.#price.forEach((price, node) => {
      flow.edge(node * 2, node * 2 + 1, price)
      for (const next of this.#next[node] ?? []) flow.edge(node * 2 + 1, next * 2, Number.POSITIVE_INFINITY)
    })
    for (const source of sources) flow.edge(start, source * 2, Number.POSITIVE_INFINITY)
    for (const target of targets) flow.edge(target * 2 + 1, end, Number.POSITIVE_INFINITY)
    if (flow.maximum(start, end) === Number.POSITIVE_INFINITY) return undefined
    const side = flow.reachable(start)
    return this.#price.map((_, node) => node).filter(node => side[node * 2] === 1 && side[node * 2 + 1] === 0)
  }
}

/** Maximum flow by Dinic's algorithm: levels by breadth, blocking flows by depth, without recursion. */
class Flow {
  readonly #to: number[] = []
  readonly #room: number[] = []
  readonly #out: number[][]

  constructor(nodes: number) {
    this.#out = Array.from({ length: nodes }, () => [])
  }

  edge(from: number, to: number, room: number): void {
    this.#out[from]?.push(this.#to.length)
    this.#to.push(to)
    this.#room.push(room)
    this.#out[to]?.push(this.#to.length)
    this.#to.push(from)
    this.#room.push(0)
  }

  maximum(start: number, end: number): number {
    let total = 0
    for (;;) {
      const level = this.#levels(start)
      if (level[end] === -1) return total
      const tried = new Int32Array(this.#out.length)
      for (let pushed = this.#push(start, end, level, tried); pushed > 0; pushed = this.#push(start, end, level, tried)) {
        if (pushed === Number.POSITIVE_INFINITY) return pushed
        total += pushed
      }
    }
  }

  /** 1 for nodes that still have room from `start`. */
  reachable(start: number): Uint8Array {
    return Uint8Array.from(this.#levels(start), level => (level === -1 ? 0 : 1))
  }

  #levels(start: number): Int32Array {
    const level = new Int32Array(this.#out.length).fill(-1)
    level[start] = 0
    const queue = [start]
    for (const node of queue)
      for (const edge of this.#out[node] ?? []) {
        const next = this.#to[edge] ?? 0
        if ((this.#room[edge] ?? 0) > 0 && level[next] === -1) {
          level[next] = (level[node] ?? 0) + 1
          queue.push(next)
        }
      }
    return level
  }

  /** One path with room along rising levels; how much went through, 0 when there is none left. */
  #push(start: number, end: number, level: Int32Array, tried: Int32Array): number {
    const path: number[] = []
    let node = start
    while (node !== end) {
      const out = this.#out[node] ?? []
      const place = tried[node] ?? 0
      if (place >= out.length) {
        const back = path.pop()
        if (back === undefined) return 0
        node = this.#to[back ^ 1] ?? start
        tried[node] = (tried[node] ?? 0) + 1
        continue
      }
      const edge = out[place] ?? 0
      const next = this.#to[edge] ?? 0
      if ((this.#room[edge] ?? 0) > 0 && level[next] === (level[node] ?? 0) + 1) {
        path.push(edge)
        node = next
      } else tried[node] = place + 1
    }
    const least = path.reduce((room, edge) => Math.min(room, this.#room[edge] ?? 0), Number.POSITIVE_INFINITY)
    for (const edge of path) {
      this.#room[edge] = (this.#room[edge] ?? 0) - least
      this.#room[edge ^ 1] = (this.#room[edge ^ 1] ?? 0) + least
    }
    return least
  }
}
