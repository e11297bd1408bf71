import { visibleLine } from '../text/visible.ts'

/**
 * Widths of the characters from space to tilde in hundredths of the font size: the widest of DejaVu Sans, Liberation Sans (Arial's
 * metrics) and their kind, so that a text that fits here fits in every usual system font.
 */
const REGULAR = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 56,
  102, 68, 69, 72, 77, 67, 61, 78, 75, 29, 50, 67, 56, 86, 75, 79, 67, 79, 72, 67, 61, 73, 68, 99, 69, 67, 69, 39, 34, 39, 84, 56,
  50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
]
const BOLD = [
  35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 58,
  100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84,
  50, 50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84,
]

/** The same for everything else: most letters stay below, Arabic phrase ligatures are far wider. */
const OTHER = 115
const LIGATURE = 900

/** How wide the text is drawn at most, in the unit of `size`. */
export function textWidth(text: string, size: number, bold = false): number {
  const widths = bold ? BOLD : REGULAR
  let sum = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    sum += widths[code - 32] ?? (code >= 0xfdf0 && code <= 0xfdfd ? LIGATURE : OTHER)
  }
  return (sum * size) / 100
}

/** Text of evidence as one harmless line: hidden characters written out. */
export function drawable(text: string): string {
  return visibleLine(text).trim()
}

/** The longest beginning of the text that fits, with "…" when something was cut. */
export function ellipsis(text: string, width: number, size: number, bold = false): string {
  if (textWidth(text, size, bold) <= width) return text
  let kept = ''
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, size, bold) > width) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

/** Pieces that stay together: up to and with a space, or a separator of paths and names. */
const PIECE = /[^\s\\/._@:-]*[\\/._@:-]*\s*/g

/** At most `most` lines that fit; breaks at spaces and separators, cuts what is longer than a line, ends with "…" when text is left. */
export function wrapText(text: string, width: number, size: number, bold: boolean, most: number): string[] {
  // No line holds more than this many of the narrowest character, so the rest can only become "…".
  const bounded = text.slice(0, most * 400)
  const lines: string[] = []
  let line = ''
  const fits = (candidate: string) => textWidth(candidate.trimEnd(), size, bold) <= width
  for (const piece of bounded.match(PIECE) ?? []) {
    let rest = piece
    if (line !== '' && !fits(line + rest)) {
      lines.push(line.trimEnd())
      line = ''
    }
    while (rest !== '' && !fits(line + rest)) {
      let cut = ''
      for (const character of rest) {
        if (cut !== '' && !fits(cut + character)) break
        cut += character
      }
      if (cut === rest) break
      lines.push(cut)
      rest = rest.slice(cut.length)
    }
    line += rest
    if (lines.length > most) break
  }
  if (line.trim() !== '') lines.push(line.trimEnd())
  if (lines.length <= most) return lines
  const kept = lines.slice(0, most)
  const last = kept.pop() ?? ''
  return [...kept, ellipsis(`${last} ${lines[most] ?? ''}`, width, size, bold).replace(/(?<!…)$/, '…')]
}
