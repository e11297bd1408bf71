import { type CodeRegion, type LexRules, lex, type Token } from './content-lexer.ts'

/** Tokens [from, to). */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A function of the script: its name and parameters (as variables are written), and the tokens of its body. */
export interface ScriptFunction extends Range {
  readonly name: string
  readonly parameters: readonly string[]
}

/** `target = value`; `adds` when the value is added to what was there. */
export interface Assignment {
  readonly target: string
  readonly at: number
  readonly value: Range
  readonly adds: boolean
}

const OPENERS = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])
const CLOSERS = new Set(OPENERS.values())
const ASSIGNS = new Set(['=', '.=', '+=', '&=', '??='])
const NO_FUNCTION = new Set(
  'if for while switch catch using lock foreach synchronized try elseif function match declare use fn return new else do case'.split(
    ' ',
  ),
)
/** A statement with more assignments than this is data. */
const MAX_ASSIGNMENTS = 64
const CONDITIONS = new Set(['if', 'elseif', 'while', 'until', 'case'])
/** A script has some hundred functions; more are made to waste time. */
const MAX_FUNCTIONS = 5_000
/** What belongs together stands together: so many places of the same word are looked at, not all of a huge script. */
const NEARBY = 200
/** And one longer than this is too. */
const MAX_VALUE_TOKENS = 4_000

/** A script as tokens, with what every language's analysis asks: matching brackets, arguments, statements, functions, scopes. */
export class Code {
  readonly tokens: readonly Token[]
  readonly functions: readonly ScriptFunction[]
  readonly #close: Int32Array
  readonly #scope: Int32Array
  readonly basic: boolean
  #assignments: readonly Assignment[] | undefined
  #targets: Map<string, Assignment[]> | undefined
  #positions: Map<string, number[]> | undefined

  constructor(text: string, regions: readonly CodeRegion[], rules: LexRules) {
    this.tokens = lex(text, regions, rules)
    this.basic = rules.continuation !== undefined
    this.#close = matchBrackets(this.tokens)
    this.functions = this.basic ? this.#basicFunctions() : this.#braceFunctions()
    this.#scope = scopesOf(this.tokens.length, this.functions)
  }

  text(at: number): string {
    return this.tokens[at]?.text ?? ''
  }

  is(at: number, ...texts: readonly string[]): boolean {
    const token = this.tokens[at]
    return token !== undefined && token.kind !== 'string' && texts.includes(token.text)
  }

  kind(at: number): Token['kind'] | undefined {
    return this.tokens[at]?.kind
  }

  line(at: number): number {
    return this.tokens[at]?.line ?? 0
  }

  /** 0 outside functions, else 1 + the function's number. */
  scope(at: number): number {
    return this.#scope[at] ?? 0
  }

  /** The bracket that closes the one at `at`; the end of the script when none does. */
  close(at: number): number {
    const close = this.#close[at] ?? -1
    return close < 0 ? this.tokens.length : close
  }

  /** Arguments of the call whose opening bracket is at `open`. */
  arguments(open: number): Range[] {
    return this.split({ from: open + 1, to: this.close(open) })
  }

  split({ from, to: end }: Range): Range[] {
    const to = Math.min(end, from + MAX_VALUE_TOKENS)
    const parts: Range[] = []
    let start = from
    for (let i = from; i < to; i++) {
      if (this.#opens(i)) i = Math.min(this.close(i), to)
      else if (this.is(i, ',')) {
        parts.push({ from: start, to: i })
        start = i + 1
      }
    }
    if (start < to) parts.push({ from: start, to })
    return parts
  }

  #opens(at: number): boolean {
    return this.kind(at) === 'symbol' && OPENERS.has(this.text(at))
  }

  /** From `at` to the end of its statement or of the bracket it stands in. */
  restOfStatement(at: number): Range {
    const limit = Math.min(this.tokens.length, at + MAX_VALUE_TOKENS)
    let to = at
    while (to < limit && !this.#endsStatement(to)) {
      if (this.kind(to) === 'symbol' && CLOSERS.has(this.text(to))) break
      to = this.#opens(to) ? this.close(to) + 1 : to + 1
    }
    return { from: at, to: Math.min(to, limit) }
  }

  #endsStatement(at: number): boolean {
    if (this.kind(at) === 'newline') return true
    if (this.kind(at) !== 'symbol') return false
    return this.is(at, ';') || (this.basic && this.is(at, ':')) || (this.is(at, '{') && !this.#isValueBrace(at))
  }

  /** `new byte[]{…}`, `= {…}`, `new X {…}`: braces around values, not around statements. */
  #isValueBrace(at: number): boolean {
    if (this.is(at - 1, ']', '=', '(', ',', 'return', '{', '$')) return true
    if (this.kind(at - 1) === 'word' && this.is(at - 2, 'new')) return true
    return this.kind(at - 1) === 'word' && this.is(at - 2, '.') && this.#newBefore(at - 2)
  }

  #newBefore(at: number): boolean {
    let i = at
    while (i > at - 10 && (this.kind(i) === 'word' || this.is(i, '.')) && !this.is(i, 'new')) i--
    return this.is(i, 'new')
  }

  /** All assignments in order. */
  get assignments(): readonly Assignment[] {
    this.#assignments ??= [...this.#findAssignments()]
    return this.#assignments
  }

  assignmentsTo(target: string): readonly Assignment[] {
    this.#targets ??= Map.groupBy(this.assignments, assignment => assignment.target)
    return (this.#targets.get(target) ?? []).slice(0, MAX_ASSIGNMENTS)
  }

  /** The assignment whose value holds this token. */
  assignmentAround(at: number): Assignment | undefined {
    let first = this.assignments.length
    for (let low = 0; low < first; ) {
      const middle = (low + first) >> 1
      if ((this.assignments[middle]?.at ?? 0) < at) low = middle + 1
      else first = middle
    }
    return this.assignments.slice(Math.max(0, first - NEARBY), first).findLast(({ value }) => value.from <= at && at < value.to)
  }

  /** The next place after `at` where one of the words stands and the test holds; only the nearest places are looked at. */
  next(words: readonly string[], at: number, test: (place: number) => boolean): number | undefined {
    for (const word of words) {
      const places = this.positionsOf(word)
      let first = places.length
      for (let low = 0; low < first; ) {
        const middle = (low + first) >> 1
        if ((places[middle] ?? 0) <= at) low = middle + 1
        else first = middle
      }
      const found = places.slice(first, first + NEARBY).find(test)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Where a word stands, in order. */
  positionsOf(word: string): readonly number[] {
    if (!this.#positions) {
      this.#positions = new Map()
      for (const [at, { kind, text }] of this.tokens.entries()) {
        if (kind !== 'word') continue
        const list = this.#positions.get(text)
        if (list) list.push(at)
        else this.#positions.set(text, [at])
      }
    }
    return this.#positions.get(word) ?? []
  }

  *#findAssignments(): Generator<Assignment> {
    let inStatement = 0
    // Basic compares with the same sign: in a condition, and everywhere but in the first place of a statement.
    let compares = false
    for (let i = 0; i < this.tokens.length; i++) {
      if (this.#endsStatement(i)) {
        inStatement = 0
        compares = false
      } else if (this.basic && this.kind(i) === 'word') {
        if (CONDITIONS.has(this.text(i))) compares = true
        else if (this.text(i) === 'then' || this.text(i) === 'else') compares = false
      }
      if (this.kind(i) === 'symbol' && ASSIGNS.has(this.text(i)) && inStatement < MAX_ASSIGNMENTS) {
        if (this.basic && compares) continue
        compares = true
        const target = this.#targetBefore(i)
        if (target === '') continue
        inStatement++
        yield { target, at: i, value: this.restOfStatement(i + 1), adds: this.text(i) !== '=' }
      } else if (this.is(i, 'as') && !this.basic && this.kind(i + 1) === 'variable') {
        // PHP: foreach (VALUE as $key => $item)
        const open = this.#openBefore(i)
        if (!this.is(open - 1, 'foreach')) continue
        for (const at of [i + 1, i + 3])
          if (this.kind(at) === 'variable') yield { target: this.text(at), at, value: { from: open + 1, to: i }, adds: false }
      } else if (this.is(i, ':', 'in') && !this.basic && this.kind(i - 1) === 'word') {
        // Java: for (Type item : VALUE); C#: foreach (var item in VALUE)
        const open = this.#openBefore(i)
        if (this.is(open - 1, 'for', 'foreach'))
          yield { target: this.text(i - 1), at: i, value: { from: i + 1, to: this.close(open) }, adds: false }
      }
    }
  }

  #openBefore(at: number): number {
    let depth = 0
    for (let i = at; i >= 0 && i > at - 200; i--) {
      if (this.is(i, ')')) depth++
      else if (this.is(i, '(') && depth-- === 0) return i
    }
    return -1
  }

  /** Name of the variable assigned to: of `a.b[c]` it is `a`, of `this.b` it is `b`. */
  #targetBefore(at: number): string {
    let i = at - 1
    let name = ''
    for (let steps = 0; i >= 0 && steps < 40; steps++) {
      while (this.is(i, ']', ')')) {
        const open = this.#opener(i)
        if (open < 0) return ''
        i = open - 1
      }
      if (this.kind(i) !== 'word' && this.kind(i) !== 'variable') return name
      if (!this.is(i, 'this', '$this', 'self', 'static', 'me')) name = this.text(i)
      if (!this.is(i - 1, '.', '->', '::')) return name
      i -= 2
    }
    return name
  }

  #opener(closeAt: number): number {
    for (let i = closeAt - 1; i >= 0 && i > closeAt - 500; i--) if (this.#close[i] === closeAt) return i
    return -1
  }

  #braceFunctions(): ScriptFunction[] {
    const functions: ScriptFunction[] = []
    for (let i = 1; i < this.tokens.length && functions.length < MAX_FUNCTIONS; i++) {
      if (
        !this.is(i, '(') ||
        this.kind(i - 1) !== 'word' ||
        NO_FUNCTION.has(this.text(i - 1)) ||
        this.is(i - 2, 'new', '.', '->', '::')
      )
        continue
      let brace = this.close(i) + 1
      // "throws A, B" of Java, ": ?string" of PHP
      for (let steps = 0; steps < 16 && (this.kind(brace) === 'word' || this.is(brace, ',', '.', ':', '?')); steps++) brace++
      if (!this.is(brace, '{')) continue
      functions.push({ name: this.text(i - 1), parameters: this.#parameters(i), from: brace, to: this.close(brace) })
    }
    return functions
  }

  #basicFunctions(): ScriptFunction[] {
    const functions: ScriptFunction[] = []
    for (let i = 0; i < this.tokens.length && functions.length < MAX_FUNCTIONS; i++) {
      if (!this.is(i, 'function', 'sub') || this.is(i - 1, 'end', 'exit') || this.kind(i + 1) !== 'word') continue
      const ending = this.text(i)
      let to = i + 2
      // A function without an end ends where the next begins: bodies in Basic do not nest.
      while (to < this.tokens.length && !this.is(to, 'end', 'function', 'sub')) to++
      while (this.is(to, 'end') && !this.is(to + 1, ending, 'function', 'sub')) {
        to++
        while (to < this.tokens.length && !this.is(to, 'end', 'function', 'sub')) to++
      }
      functions.push({ name: this.text(i + 1), parameters: this.is(i + 2, '(') ? this.#parameters(i + 2) : [], from: i + 2, to })
    }
    return functions
  }

  #parameters(open: number): string[] {
    return this.arguments(open).map(range => {
      let name = ''
      for (let i = range.from; i < range.to && !this.is(i, '=', 'as'); i++)
        if (this.kind(i) === 'variable' || (this.kind(i) === 'word' && !this.is(i, 'byval', 'byref'))) name = this.text(i)
      return name
    })
  }
}

/** So many brackets of another kind may be left open before one is closed; more is not a slip but another text. */
const MAX_UNCLOSED = 8

function matchBrackets(tokens: readonly Token[]): Int32Array {
  const close = new Int32Array(tokens.length).fill(-1)
  const open: number[] = []
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== 'symbol') continue
    if (OPENERS.has(text)) open.push(index)
    else if (CLOSERS.has(text)) {
      // A bracket that was never opened, or opened as another kind, must not shift all that follow.
      let last = open.length - 1
      const lowest = Math.max(0, open.length - MAX_UNCLOSED)
      while (last >= lowest && OPENERS.get(tokens[open[last] ?? 0]?.text ?? '') !== text) last--
      if (last < lowest) continue
      close[open[last] ?? 0] = index
      open.length = last
    }
  }
  return close
}

/** For each token 1 + the number of the innermost function it stands in, 0 outside. Functions are in the order they begin. */
function scopesOf(length: number, functions: readonly ScriptFunction[]): Int32Array {
  const scope = new Int32Array(length)
  const open: number[] = []
  let next = 0
  for (let at = 0; at < length; at++) {
    while (open.length > 0 && (functions[open.at(-1) ?? 0]?.to ?? 0) <= at) open.pop()
    for (; next < functions.length && (functions[next]?.from ?? 0) <= at; next++) open.push(next)
    const innermost = open.at(-1)
    if (innermost !== undefined) scope[at] = innermost + 1
  }
  return scope
}
