import type { Code, Range } from './content-code.ts'

/** Pure functions that spell text, by the name a script calls them under (lower case). */
const PURE: Readonly<Record<string, (...values: readonly string[]) => string | undefined>> = {
  chr: code => codePoint(code),
  chrw: code => codePoint(code),
  strrev: text => text && [...text].toReversed().join(''),
  strreverse: text => text && [...text].toReversed().join(''),
  strtolower: text => text?.toLowerCase(),
  strtoupper: text => text?.toUpperCase(),
  lcase: text => text?.toLowerCase(),
  ucase: text => text?.toUpperCase(),
  trim: text => text?.trim(),
  str_rot13: text =>
    text?.replace(/[a-z]/gi, letter => String.fromCharCode(letter.charCodeAt(0) + (/[a-m]/i.test(letter) ? 13 : -13))),
  base64_decode: text => (text === undefined ? undefined : fromBase64(text)),
  hex2bin: text => text?.replace(/([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
  urldecode: text => percentDecoded(text),
  rawurldecode: text => percentDecoded(text),
  str_replace: (from, to, text) =>
    from === undefined || to === undefined || from === '' ? undefined : text?.replaceAll(from, to),
  replace: (text, from, to) => (from === undefined || to === undefined || from === '' ? undefined : text?.replaceAll(from, to)),
  substr: (text, from, length) => text?.slice(Number(from), length === undefined ? undefined : Number(from) + Number(length)),
  sprintf: (text, value) => text?.replace('%s', value ?? ''),
}

function codePoint(code: string | undefined): string | undefined {
  const value = Number(code)
  return Number.isInteger(value) && value >= 0 && value <= 0x10ffff ? String.fromCodePoint(value) : undefined
}

function fromBase64(text: string): string | undefined {
  const clean = text.replace(/[^A-Za-z\d+/]/g, '')
  return clean.length % 4 === 1 ? undefined : atob(clean)
}

function percentDecoded(text: string | undefined): string | undefined {
  return text?.replace(/%([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16)))
}

/** Longer texts are data or packed code, not a hidden name. */
const MAX_TEXT = 4_096
const MAX_DEPTH = 12
/** Tokens looked at in all; only a script made to waste time needs more. */
const MAX_WORK = 5_000_000
/** A term has at most this many tokens; a name is not spelled in more. */
const MAX_TOKENS = 2_000

/** Values of variables that are always text the script itself spells out: how `'sys'.'tem'` hides its meaning. */
export class Constants {
  readonly #values = new Map<string, string>()
  readonly #code: Code
  readonly #join: readonly string[]
  #work = 0

  constructor(code: Code, join: readonly string[]) {
    this.#code = code
    this.#join = join
    for (const { target, value, adds } of code.assignments) {
      const text = this.of(value)
      const before = this.#values.get(target)
      if (text === undefined) this.#values.delete(target)
      else if (!adds) this.#values.set(target, text)
      else if (before !== undefined && before.length + text.length <= MAX_TEXT) this.#values.set(target, before + text)
    }
  }

  /** Text of an expression that is made of nothing but text. */
  of(range: Range, depth = 0): string | undefined {
    const length = range.to - range.from
    if (length <= 0 || length > MAX_TOKENS || depth > MAX_DEPTH || this.#work > MAX_WORK) return undefined
    this.#work += length
    const mixed = this.#pieces(range, ['^'])
    if (mixed.length > 1) return this.#exclusiveOr(mixed, depth)
    let text = ''
    for (const piece of this.#pieces(range, this.#join)) {
      const value = this.#term(piece, depth + 1)
      if (value === undefined || text.length + value.length > MAX_TEXT) return undefined
      text += value
    }
    return text
  }

  #exclusiveOr(pieces: readonly Range[], depth: number): string | undefined {
    const values = pieces.map(piece => this.of(piece, depth + 1))
    let mixed: string | undefined
    for (const value of values) {
      if (value === undefined) return undefined
      mixed = mixed === undefined ? value : exclusiveOr(mixed, value)
    }
    return mixed
  }

  #pieces({ from, to }: Range, signs: readonly string[]): Range[] {
    const pieces: Range[] = []
    let start = from
    for (let i = from; i < to; i++) {
      if (this.#code.is(i, '(', '[', '{')) i = this.#code.close(i)
      else if (this.#code.is(i, ...signs)) {
        pieces.push({ from: start, to: i })
        start = i + 1
      }
    }
    pieces.push({ from: start, to })
    return pieces
  }

  #term({ from, to }: Range, depth: number): string | undefined {
    const code = this.#code
    let at = from
    while (code.is(at, '@') && at < to) at++
    const kind = code.kind(at)
    if (at >= to || kind === undefined) return undefined
    if (code.is(at, '(') && code.close(at) === to - 1) return this.of({ from: at + 1, to: to - 1 }, depth)
    if (code.is(at + 1, '(') && code.close(at + 1) === to - 1 && kind === 'word') {
      const pure = PURE[code.text(at).toLowerCase()]
      return pure?.(...code.arguments(at + 1).map(argument => this.of(argument, depth) ?? ''))
    }
    const value =
      kind === 'string' || kind === 'number'
        ? code.text(at)
        : kind === 'variable' || kind === 'word'
          ? this.#values.get(code.text(at))
          : undefined
    if (to === at + 1) return value
    // One character of a text: $s[3]
    if (code.is(at + 1, '[', '{') && code.close(at + 1) === to - 1) {
      const index = Number(this.of({ from: at + 2, to: to - 1 }, depth))
      return Number.isInteger(index) ? value?.at(index) : undefined
    }
    return undefined
  }
}

/** Text with the bits of each pair of characters mixed, as long as the shorter one: PHP's `^` on strings. */
function exclusiveOr(a: string, b: string): string {
  let text = ''
  for (let i = 0; i < Math.min(a.length, b.length); i++) text += String.fromCharCode(a.charCodeAt(i) ^ b.charCodeAt(i))
  return text
}

const NUMBER_LIST_MIN = 2
const PRINTABLE = /^[\x20-\x7e]+$/

/** Words spelled as lists of character numbers: `new byte[]{99,109,100}`. */
export function spelledWords(code: Code): { readonly word: string; readonly line: number }[] {
  const words: { word: string; line: number }[] = []
  for (let i = 1; i < code.tokens.length; i++) {
    if (!code.is(i, '{') || !code.is(i - 1, ']', '=')) continue
    const end = code.close(i)
    let word = ''
    let clean = true
    for (let at = i + 1; at < end && clean && word.length <= 64; at++) {
      if (code.kind(at) === 'number') word += codePoint(code.text(at)) ?? '\0'
      else clean = code.is(at, ',', '(', ')', 'byte', 'char', '-')
    }
    if (clean && word.length >= NUMBER_LIST_MIN && PRINTABLE.test(word)) words.push({ word, line: code.line(i) })
  }
  return words
}
