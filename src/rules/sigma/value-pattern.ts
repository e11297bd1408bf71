/** One piece of a Sigma string value: literal text, or a wildcard ("*" any run, "?" one character). */
export type Piece = { readonly literal: string } | { readonly wildcard: '*' | '?' }

/** Where a modifier adds its own wildcards. */
export type Anchor = 'whole' | 'contains' | 'startswith' | 'endswith'

/**
 * Splits a Sigma string into pieces (sigma-specification 2.1, "wildcards" and "escaping"): `\*` and `\?` are literal, `\\` is one
 * backslash, a single backslash before anything else is itself.
 */
export function parseValue(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let literal = ''
  const flush = (): void => {
    if (literal !== '') pieces.push({ literal })
    literal = ''
  }
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    const next = text.charAt(i + 1)
    if (letter === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      i++
    } else if (letter === '*' || letter === '?') {
      flush()
      pieces.push({ wildcard: letter })
    } else literal += letter
  }
  flush()
  return pieces
}

/** A test of a field's text against pieces; `cased` compares letters exactly, otherwise both sides are lower-cased (non-ASCII too). */
export function matcherOf(pieces: readonly Piece[], anchor: Anchor, cased: boolean): (value: string) => boolean {
  const wild = pieces.some(piece => 'wildcard' in piece)
  const fold = (text: string): string => (cased ? text : text.toLowerCase())
  if (!wild) {
    const needle = fold(pieces.map(piece => ('literal' in piece ? piece.literal : '')).join(''))
    switch (anchor) {
      case 'whole':
        return value => value.length === needle.length && fold(value) === needle
      case 'contains':
        return value => fold(value).includes(needle)
      case 'startswith':
        return value => fold(value).startsWith(needle)
      case 'endswith':
        return value => fold(value).endsWith(needle)
      default:
        return anchor satisfies never
    }
  }
  const open = anchor === 'contains' || anchor === 'endswith' ? [{ wildcard: '*' } as const] : []
  const close = anchor === 'contains' || anchor === 'startswith' ? [{ wildcard: '*' } as const] : []
  const all = [...open, ...pieces, ...close].map(piece => ('literal' in piece ? { literal: fold(piece.literal) } : piece))
  return value => glob(all, fold(value))
}

type Token = { readonly letter: string } | { readonly wildcard: '*' | '?' }

/** Greedy wildcard match with one step back per star: linear in text times pieces, never exponential. */
function glob(pieces: readonly Piece[], text: string): boolean {
  const tokens = pieces.flatMap((piece): readonly Token[] =>
    'literal' in piece ? [...piece.literal].map(letter => ({ letter })) : [piece],
  )
  const letters = [...text]
  let token = 0
  let at = 0
  let starToken = -1
  let starAt = 0
  while (at < letters.length) {
    const current = tokens[token]
    if (current && 'wildcard' in current && current.wildcard === '*') {
      starToken = token++
      starAt = at
    } else if (
      current &&
      (('wildcard' in current && current.wildcard === '?') || ('letter' in current && current.letter === letters[at]))
    ) {
      token++
      at++
    } else if (starToken >= 0) {
      token = starToken + 1
      at = ++starAt
    } else return false
  }
  while (token < tokens.length) {
    const current = tokens[token]
    if (!current || !('wildcard' in current) || current.wildcard !== '*') return false
    token++
  }
  return true
}

/** The forms a "-" or "/" at the start of an argument may take (Sigma modifier windash). */
export function windashForms(text: string): readonly string[] {
  const forms = new Set([text])
  for (const dash of ['-', '/', '–', '—', '―'])
    forms.add(text.replace(/(^|[^\w])[-/](?=\w)/g, (_, before: string) => `${before}${dash}`))
  return [...forms]
}
