/** Letters that fold to ASCII ones only in a regular expression without case: KELVIN SIGN to k, LONG S to s. */
const ODD_FOLDS = ['\u212a', '\u017f']

/** Deeper groups are no expression a person writes. */
const MAX_DEPTH = 50

/** Literals of which a text holds at least one. */
export type LiteralClause = readonly string[]

/**
 * What every text that an RE2 expression matches holds, compared without case: of each clause at least one literal. Empty when nothing
 * can be told; what is not understood here only costs speed.
 */
export function necessaryLiterals(source: string, ignoresCase: boolean): readonly LiteralClause[] {
  const folds = ignoresCase || /\(\?[a-zA-Z]*i/.test(source)
  const clauses = new RegexReader(source, folds).read()
  return clauses.map(clause => (folds && clause.some(text => /[ks]/i.test(text)) ? [...clause, ...ODD_FOLDS] : clause))
}

/** The clause whose shortest literal is longest: it says most. */
function strongest(clauses: readonly LiteralClause[]): LiteralClause | undefined {
  const shortest = (clause: LiteralClause) => Math.min(...clause.map(text => text.length))
  return clauses.toSorted((one, other) => shortest(other) - shortest(one))[0]
}

/** A piece of an expression that is no letter, with what its texts hold. */
interface Opaque {
  readonly clauses: readonly LiteralClause[]
}
const UNKNOWN: Opaque = { clauses: [] }

/** Reads an expression only as far as its literals go. */
class RegexReader {
  readonly #source: string
  readonly #folds: boolean
  #at = 0
  #isBeyond = false

  constructor(source: string, folds: boolean) {
    this.#source = source
    this.#folds = folds
  }

  read(): readonly LiteralClause[] {
    const clauses = this.#alternatives(0)
    return this.#isBeyond || this.#at < this.#source.length ? [] : clauses
  }

  #alternatives(depth: number): readonly LiteralClause[] {
    const first = this.#sequence(depth)
    if (this.#source[this.#at] !== '|') return first
    const ways = [strongest(first)]
    while (this.#source[this.#at] === '|') {
      this.#at++
      ways.push(strongest(this.#sequence(depth)))
    }
    const all = ways.filter(clause => clause !== undefined)
    return all.length === ways.length ? [all.flat()] : []
  }

  #sequence(depth: number): readonly LiteralClause[] {
    const clauses: LiteralClause[] = []
    let run = ''
    const flush = (): void => {
      if (run !== '') clauses.push([run])
      run = ''
    }
    while (this.#at < this.#source.length && !this.#isBeyond) {
      const letter = this.#source[this.#at] ?? ''
      if (letter === '|' || letter === ')') break
      const piece = this.#piece(letter, depth)
      const least = this.#least()
      if (piece === undefined) {
        // What is repeated then, the mark or the letter before it, engines see differently.
        if (least !== undefined) this.#isBeyond = true
        continue
      }
      if (typeof piece === 'string' && least === undefined) run += piece
      else if (typeof piece === 'string') {
        // A repeated letter ends the run: how often it stands there is open.
        if (least !== 0) run += piece
        flush()
      } else {
        flush()
        if (least !== 0) clauses.push(...piece.clauses)
      }
    }
    flush()
    return clauses
  }

  /** A letter, something that matches a character or more, or undefined for what matches no character. */
  #piece(letter: string, depth: number): string | Opaque | undefined {
    this.#at++
    switch (letter) {
      case '\\':
        return this.#escape()
      case '[':
        return this.#class()
      case '^':
      case '$':
        return undefined
      case '.':
        return UNKNOWN
      case '(':
        return this.#group(depth)
      default:
        return this.#literal(letter)
    }
  }

  /** Half a surrogate pair folds with its other half; letters beyond ASCII fold in more ways without case. */
  #literal(letter: string): string | Opaque {
    return letter >= '\ud800' && letter <= '\udfff' ? UNKNOWN : this.#folds && letter > '\x7f' ? UNKNOWN : letter
  }

  #escape(): string | Opaque | undefined {
    const letter = this.#source[this.#at] ?? ''
    this.#at++
    if (/[bBAz]/.test(letter)) return undefined
    if (/[dDwWsS]/.test(letter)) return UNKNOWN
    const control = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' }[letter]
    if (control !== undefined) return control
    if (/[^A-Za-z0-9]/.test(letter)) return this.#literal(letter)
    if (letter === 'x') {
      const code = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(this.#source.slice(this.#at))
      if (code) {
        this.#at += code[0].length
        const point = Number.parseInt(code[1] ?? code[2] ?? '', 16)
        return point < 0x80 ? String.fromCharCode(point) : UNKNOWN
      }
    }
    this.#isBeyond = true
    return undefined
  }

  #class(): Opaque {
    if (this.#source[this.#at] === '^') this.#at++
    if (this.#source[this.#at] === ']') this.#at++
    while (this.#at < this.#source.length && this.#source[this.#at] !== ']') {
      if (this.#source.startsWith('[:', this.#at)) {
        const end = this.#source.indexOf(':]', this.#at + 2)
        this.#at = end < 0 ? this.#source.length : end + 2
      } else this.#at += this.#source[this.#at] === '\\' ? 2 : 1
    }
    if (this.#at >= this.#source.length) this.#isBeyond = true
    this.#at++
    return UNKNOWN
  }

  #group(depth: number): Opaque | undefined {
    if (depth >= MAX_DEPTH) this.#isBeyond = true
    if (this.#source[this.#at] === '?') {
      const opening = /^\?(?:([a-zA-Z-]*)([:)])|P?<\w+>)/.exec(this.#source.slice(this.#at))
      if (!opening) this.#isBeyond = true
      this.#at += opening?.[0].length ?? 0
      // Flags for what follows.
      if (opening?.[2] === ')') return undefined
    }
    if (this.#isBeyond) return undefined
    const clauses = this.#alternatives(depth + 1)
    if (this.#source[this.#at] !== ')') this.#isBeyond = true
    this.#at++
    return { clauses }
  }

  /** How often the piece before must be there at least; undefined when no quantifier follows. */
  #least(): number | undefined {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at, this.#at + 16))
    if (!quantifier) return undefined
    this.#at += quantifier[0].length
    const [first] = quantifier[0]
    return first === '+' ? 1 : first === '{' ? Number(quantifier[1]) : 0
  }
}
