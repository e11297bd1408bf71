/** More columns than any log or list has; what follows is another kind of file. */
const MAX_CELLS = 512
const QUOTE = 34

/**
 * Cells of one line of comma-separated values (RFC 4180): quotes around a cell, doubled inside it. A quote that is not closed ends with
 * the line, so that one bad cell costs one line.
 */
export function csvCells(line: string, separator = ','): readonly string[] {
  const cells: string[] = []
  let at = 0
  while (cells.length < MAX_CELLS) {
    if (line.charCodeAt(at) === QUOTE) {
      const end = closingQuote(line, at + 1)
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'))
      const next = line.indexOf(separator, end)
      if (next < 0) break
      at = next + separator.length
    } else {
      const next = line.indexOf(separator, at)
      cells.push(line.slice(at, next < 0 ? undefined : next))
      if (next < 0) break
      at = next + separator.length
    }
  }
  return cells
}

function closingQuote(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line.charCodeAt(at + 1) !== QUOTE) return at
  }
  return line.length
}
