/** Code put together from the pieces of a page so that a parser can read it, with the line of the page each row came from. */
export class SourceText {
  #text = ''
  readonly #rowLines: number[] = []
  #starts: number[] | undefined

  /** Whole rows: text that begins in this line of the page. */
  add(text: string, line: number): void {
    const rows = text.split('\n').length
    for (let row = 0; row < rows; row++) this.#rowLines.push(line + row)
    this.#text += `${text}\n`
  }

  /** Rows of which each says its own line. */
  addRows(rows: readonly { readonly text: string; readonly line: number }[]): void {
    for (const { text, line } of rows) {
      this.#rowLines.push(line)
      this.#text += `${text}\n`
    }
  }

  get text(): string {
    return this.#text
  }

  /** Line of the page at an offset of the text. */
  lineAt(offset: number): number {
    this.#starts ??= rowStarts(this.#text)
    let low = 0
    for (let high = this.#starts.length; low < high; ) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return this.#rowLines[low - 1] ?? this.#rowLines.at(-1) ?? 1
  }
}

function rowStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
