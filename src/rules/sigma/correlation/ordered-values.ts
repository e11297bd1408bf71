/** Values of one chunk; adding or removing moves this many at most. */
const CHUNK = 512

/** Numbers in order, with repeats: adds, removes and finds the n-th in about the square root of their number. */
export class OrderedValues {
  readonly #chunks: number[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(value: number): void {
    this.#size += 1
    const index = this.#chunkFor(value)
    const chunk = this.#chunks[index]
    if (chunk === undefined) {
      this.#chunks.push([value])
      return
    }
    chunk.splice(firstNotBelow(chunk, value), 0, value)
    if (chunk.length > 2 * CHUNK) this.#chunks.splice(index + 1, 0, chunk.splice(CHUNK))
  }

  /** Removes one value that was added. */
  remove(value: number): void {
    const index = this.#chunkFor(value)
    const chunk = this.#chunks[index]
    const at = chunk === undefined ? -1 : firstNotBelow(chunk, value)
    if (chunk === undefined || chunk[at] !== value) return
    this.#size -= 1
    chunk.splice(at, 1)
    if (chunk.length === 0) this.#chunks.splice(index, 1)
  }

  /** The value with that rank, from 0; undefined beyond the last. */
  at(rank: number): number | undefined {
    let left = rank
    for (const chunk of this.#chunks) {
      if (left < chunk.length) return chunk[left]
      left -= chunk.length
    }
    return undefined
  }

  /** The first chunk that ends with the value or a greater one, else the last. */
  #chunkFor(value: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#chunks[middle]?.at(-1) ?? 0) >= value) high = middle
      else low = middle + 1
    }
    return low
  }
}

function firstNotBelow(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The value below which `percent` of the ordered values lie, interpolated between neighbours (definition 7 of Hyndman and Fan, the one
 * spreadsheets and SQL's percentile_cont use); undefined when there are none.
 */
export function percentileOf(values: OrderedValues, percent: number): number | undefined {
  const rank = ((values.size - 1) * percent) / 100
  const low = values.at(Math.floor(rank))
  const high = values.at(Math.ceil(rank))
  return low === undefined || high === undefined ? undefined : low + (high - low) * (rank - Math.floor(rank))
}
