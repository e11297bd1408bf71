/** East Asian wide and fullwidth ranges (Unicode UAX 11), and pictographs: two cells in a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const ZERO = /\p{Mn}|\p{Me}|[\ufe00-\ufe0f]/u

/** How many terminal cells the text takes; control characters must be made visible before. */
export function cellWidth(text: string): number {
  let width = 0
  for (const character of text) width += character < '\u0300' ? 1 : ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** At most `width` cells, with `mark` at the end when something was cut. */
export function clip(text: string, width: number, mark = '…'): string {
  if (cellWidth(text) <= width) return text
  let result = ''
  let used = 0
  for (const character of text) {
    const cells = cellWidth(character)
    if (used + cells > width - mark.length) break
    result += character
    used += cells
  }
  return result + mark
}

/** Padded with spaces to `width` cells. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cellWidth(text)))
}

/** Lines of at most `width` cells, broken at spaces where possible; a word longer than a line is cut into pieces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    let rest = word
    if (line !== '' && cellWidth(line) + 1 + cellWidth(rest) > width) {
      lines.push(line)
      line = ''
    }
    while (cellWidth(rest) > width) {
      const piece = clip(rest, width, '')
      if (piece === '') break
      lines.push(piece)
      rest = rest.slice(piece.length)
    }
    line = line === '' ? rest : `${line} ${rest}`
  }
  if (line !== '') lines.push(line)
  return lines
}
