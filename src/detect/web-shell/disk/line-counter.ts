/** Line numbers of rising offsets, counted as they are asked for. */
export class LineCounter {
  readonly #text: string
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  at(offset: number): number {
    for (let next = this.#text.indexOf('\n', this.#at); next >= 0 && next < offset; next = this.#text.indexOf('\n', this.#at)) {
      this.#line++
      this.#at = next + 1
    }
    return this.#line
  }
}
