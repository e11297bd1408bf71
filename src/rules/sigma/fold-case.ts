/**
 * How letters are compared when a rule does not mind their case: every character by itself (simple case folding: lower case of its upper
 * case, where both are one character), so a text never changes its length and "?" stays one character. Greek final sigma equals sigma, the
 * micro sign equals mu, and Cyrillic, Greek, Armenian, Georgian, Cherokee letters fold like Latin ones. ASCII letters equal only ASCII
 * letters (U+212A KELVIN SIGN is no "k"), as Windows compares names; hence folding bytes of ASCII text is folding.
 */
export function foldCase(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase()
  let folded = ''
  for (const letter of text) folded += foldLetter(letter)
  return folded
}

const NON_ASCII = /[^\0-\x7f]/
/** Folding of letters already seen: texts use few different ones. */
const known = new Map<string, string>()

function foldLetter(letter: string): string {
  let folded = known.get(letter)
  if (folded === undefined) {
    folded = simpleFold(letter)
    known.set(letter, folded)
  }
  return folded
}

function simpleFold(letter: string): string {
  if (letter.charCodeAt(0) < 0x80) return letter.toLowerCase()
  const upper = letter.toUpperCase()
  const lower = (upper.length === letter.length ? upper : letter).toLowerCase()
  return lower.length === letter.length && lower.charCodeAt(0) >= 0x80 ? lower : letter
}
