/** Leading places given up before they are cut off. */
const SLACK = 1024

/** First in, first out, in constant time. */
export class Queue<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  get first(): Item | undefined {
    return this.#items[this.#head]
  }

  get last(): Item | undefined {
    return this.size === 0 ? undefined : this.#items.at(-1)
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): void {
    if (this.size === 0) return
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head > SLACK && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  /** What follows the last item that is `known`. */
  after(known: (item: Item) => boolean): readonly Item[] {
    let from = this.#items.length
    for (let item = this.#items[from - 1]; from > this.#head && item !== undefined && !known(item); item = this.#items[from - 1])
      from -= 1
    return this.#items.slice(from) as readonly Item[]
  }

  list(): readonly Item[] {
    return this.#items.slice(this.#head) as readonly Item[]
  }
}
