/** Ways to match from one place of a text, times the letters of one: what native matching may cost at most at each letter. */
const MAX_STEPS = 16_384

/** Letters that mean themselves wherever they stand. */
const PLAIN = /[A-Za-z0-9 _"'!#%&,/:;<=>@`~-]/
/** Letters that mean themselves behind a backslash. */
const ESCAPED = /[^A-Za-z0-9\ud800-\udfff]/

/** Classes behind a backslash as RE2 has them (github.com/google/re2/wiki/Syntax); JavaScript's \s has more letters. */
const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' }
const CONTROLS: Readonly<Record<string, string>> = { t: '\\t', n: '\\n', f: '\\f', r: '\\r' }

/** The end of the text as PCRE has it, which Sigma names: a line end may stand there. */
const END = '\\n?$'

/**
 * The same expression for JavaScript's own engine, which is many times faster than RE2 in JavaScript; undefined unless it is so plain that
 * going back over the text cannot take long: letters and classes one after the other, each repeated a bounded number of times, neither
 * groups nor alternatives, and nothing that the two engines see differently (negated classes match halves of surrogate pairs).
 */
export function plainRegex(source: string, flags: { readonly i: boolean; readonly m: boolean }): RegExp | undefined {
  if (flags.i || flags.m) return undefined
  const translated = new PlainReader(source).read()
  return translated === undefined ? undefined : new RegExp(translated)
}

class PlainReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): string | undefined {
    let text = ''
    let ways = 1
    let length = 0
    while (this.#at < this.#source.length) {
      const isFirst = this.#at === 0
      const piece = this.#piece(isFirst)
      if (piece === undefined) return undefined
      text += piece
      if (piece === '^' || piece === END) continue
      const repeated = this.#repeated()
      if (repeated === undefined) return undefined
      const { least, most, written } = repeated
      text += written
      ways *= most - least + 1
      length += most
      if (ways * length > MAX_STEPS) return undefined
    }
    return text
  }

  /** One letter or class in JavaScript's words. */
  #piece(isFirst: boolean): string | undefined {
    const letter = this.#source.charAt(this.#at++)
    if (letter === '^') return isFirst ? '^' : undefined
    if (letter === '$') return this.#at === this.#source.length ? END : undefined
    if (letter === '[') return this.#class()
    if (letter !== '\\') return PLAIN.test(letter) ? letter : undefined
    const escaped = this.#escape()
    return escaped === undefined ? undefined : `[${escaped}]`
  }

  /** What follows a backslash, as it stands in a class. */
  #escape(): string | undefined {
    const letter = this.#source.charAt(this.#at++)
    return CLASSES[letter] ?? CONTROLS[letter] ?? (letter !== '' && ESCAPED.test(letter) ? `\\u${hex(letter)}` : undefined)
  }

  #class(): string | undefined {
    let text = ''
    let before = ''
    while (this.#source.charAt(this.#at) !== ']') {
      const letter = this.#source.charAt(this.#at++)
      if (letter === '' || letter === '^' || letter === '[' || (letter >= '\ud800' && letter <= '\udfff')) return undefined
      if (letter === '-' && text !== '' && this.#source.charAt(this.#at) !== ']') {
        const end = this.#source.charAt(this.#at++)
        // Ranges between letters and digits of one sort: everything else is hardly what was meant.
        if (!/^(?:[a-z]{2}|[A-Z]{2}|[0-9]{2})$/.test(before + end) || before > end) return undefined
        text += `-${end}`
        before = ''
      } else if (letter === '\\') {
        const escaped = this.#escape()
        if (escaped === undefined) return undefined
        text += escaped
        before = ''
      } else {
        text += /[A-Za-z0-9]/.test(letter) ? letter : `\\u${hex(letter)}`
        before = letter
      }
    }
    this.#at++
    // RE2 takes the bracket of "[]" for a letter.
    return text === '' ? undefined : `[${text}]`
  }

  /** How often the piece before stands there; undefined when that is unbounded. */
  #repeated(): { readonly least: number; readonly most: number; readonly written: string } | undefined {
    const letter = this.#source.charAt(this.#at)
    let repeated = { least: 1, most: 1, written: '' }
    if (letter === '*' || letter === '+') return undefined
    if (letter === '?') {
      this.#at++
      repeated = { least: 0, most: 1, written: '?' }
    } else if (letter === '{') {
      const counted = /^\{(\d{1,4})(?:,(\d{1,4}))?\}/.exec(this.#source.slice(this.#at, this.#at + 12))
      if (!counted) return undefined
      const [written, least, most = least] = counted
      this.#at += written.length
      repeated = { least: Number(least), most: Number(most), written }
      if (repeated.most < repeated.least) return undefined
    }
    // Behind a quantifier these mean something else to each engine; lazy ones match the same texts, but are rare.
    return /[*+?{]/.test(this.#source.charAt(this.#at)) && repeated.written !== '' ? undefined : repeated
  }
}

const hex = (letter: string) => letter.charCodeAt(0).toString(16).padStart(4, '0')
