import type { Argument, Expression } from '../program.ts'
import { type BasicToken, basicTokens } from './basic-tokens.ts'

/** Expressions nested deeper than this are made to exhaust the stack. */
const MAX_DEPTH = 150
/** Operators and members one after the other make a tree as deep as they are many. */
const MAX_CHAIN = 200
/** A list of arguments, a chain of members: what machines write may be long, but not endless. */
const MAX_PARTS = 20_000

/** How strongly operators bind, MS-VBAL 5.6.9.1; "not" and the signs before a value are dealt with in place. */
const BINDING: Readonly<Record<string, number>> = {
  imp: 1,
  eqv: 2,
  xor: 3,
  or: 4,
  orelse: 4,
  and: 5,
  andalso: 5,
  '=': 7,
  '<>': 7,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  is: 7,
  isnot: 7,
  like: 7,
  '&': 8,
  '+': 9,
  '-': 9,
  mod: 10,
  '\\': 11,
  '*': 12,
  '/': 12,
  '^': 14,
}
const NOT = 6
const SIGN = 13
/** What joins text in Basic is '.' in the common form, and comparing is '=='. */
const SIGNS: Readonly<Record<string, string>> = {
  '&': '.',
  '=': '==',
  '<>': '!=',
  and: '&&',
  andalso: '&&',
  or: '||',
  orelse: '||',
  xor: '^',
  mod: '%',
  '\\': 'div',
  '^': '**',
  is: '==',
  isnot: '!=',
}
const ARITHMETIC = new Set(['-', '*', '/', '\\', 'mod', '^', 'xor'])

/** Text in arithmetic is a number, "&H41" too. */
function counted(value: Expression): Expression {
  if (value.is === 'constant' && typeof value.value === 'number') return value
  return { is: 'call', name: '(number)', args: [{ value }], line: value.line }
}

/** Words that end an expression wherever they stand. */
const ENDS = new Set('then else elseif to step until while loop end next case wend goto as in'.split(' '))

/** A lambda of Visual Basic, to be read by whoever knows statements. */
export type ReadLambda = (at: BasicExpressions, isSub: boolean) => Expression

/** Reads expressions of VBScript and Visual Basic from tokens. Never fails: what it does not understand becomes `opaque`. */
export class BasicExpressions {
  readonly tokens: readonly BasicToken[]
  at = 0
  errors = 0
  /** Names with brackets after them that are arrays, not functions. */
  readonly arrays: ReadonlySet<string>
  /** Functions without parameters are called by their name alone. */
  readonly functions: ReadonlySet<string>
  /** What `.member` belongs to inside With. */
  readonly with: Expression[] = []
  /** The function being read: its name is its result there. */
  inside = ''
  /** Inside of a class of its own; "me" is the page elsewhere. */
  inClass = false
  readLambda: ReadLambda | undefined
  #depth = 0

  constructor(tokens: readonly BasicToken[]) {
    this.tokens = tokens
    const { arrays, functions } = namesOf(tokens)
    this.arrays = arrays
    this.functions = functions
  }

  get token(): BasicToken | undefined {
    return this.tokens[this.at]
  }

  get line(): number {
    return this.token?.line ?? this.tokens.at(-1)?.line ?? 1
  }

  is(...texts: readonly string[]): boolean {
    const token = this.tokens[this.at]
    return token !== undefined && token.kind !== 'string' && !token.bracketed && texts.includes(token.text)
  }

  isAhead(ahead: number, ...texts: readonly string[]): boolean {
    const token = this.tokens[this.at + ahead]
    return token !== undefined && token.kind !== 'string' && !token.bracketed && texts.includes(token.text)
  }

  eat(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false
    this.at++
    return true
  }

  get ended(): boolean {
    const token = this.token
    return token === undefined || token.kind === 'line' || (token.kind === 'symbol' && token.text === ':')
  }

  /** Line ends inside brackets mean nothing in Visual Basic. */
  skipLines(): void {
    while (this.token?.kind === 'line' && this.at < this.tokens.length - 1) this.at++
  }

  expression(least = 0): Expression {
    const { line } = this
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--
      this.errors++
      while (!this.ended) this.at++
      return { is: 'opaque', parts: [], line }
    }
    let left = this.#prefixed()
    let chain = 0
    let joined: Expression[] | undefined
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      const sign = this.#operator()
      const binding = sign === undefined ? undefined : BINDING[sign]
      if (sign === undefined || binding === undefined || binding <= least) break
      const at = this.line
      this.at++
      // After an operator a line may end in Visual Basic.
      if (this.token?.kind === 'line' && this.tokens[this.at + 1]?.kind !== 'line') this.at++
      const right = this.expression(binding)
      if (sign === '&' || (sign === '+' && chain > MAX_CHAIN)) {
        // Text of a thousand pieces is one list of parts, not a tree a thousand deep.
        if (joined === undefined) {
          joined = [left]
          left = { is: 'text', parts: joined, line: at }
        }
        joined.push(right)
        continue
      }
      joined = undefined
      if (++chain > MAX_CHAIN && sign !== '+') {
        this.errors++
        left = { is: 'opaque', parts: [], line: at }
        chain = 0
        continue
      }
      const sides = ARITHMETIC.has(sign) ? { left: counted(left), right: counted(right) } : { left, right }
      left = { is: 'binary', sign: SIGNS[sign] ?? sign, ...sides, line: at }
    }
    this.#depth--
    return left
  }

  #operator(): string | undefined {
    const { token } = this
    return token === undefined || token.kind === 'string' || token.kind === 'line' || token.bracketed ? undefined : token.text
  }

  #prefixed(): Expression {
    const { line } = this
    if (this.eat('not')) return { is: 'unary', sign: '!', value: this.expression(NOT), line }
    if (this.eat('-')) {
      const value = this.expression(SIGN)
      return value.is === 'constant' && typeof value.value === 'number'
        ? { ...value, value: -value.value }
        : { is: 'unary', sign: '-', value, line }
    }
    if (this.eat('+')) return this.expression(SIGN)
    if (this.is('addressof') && this.tokens[this.at + 1]?.kind === 'word') {
      this.at++
      const value = this.expression(SIGN)
      return { is: 'opaque', parts: [value], line }
    }
    if (this.is('await', 'typeof')) this.at++
    return this.#chained(this.#primary())
  }

  /** Value followed by members, brackets and calls. */
  chain(): Expression {
    return this.#chained(this.#primary())
  }

  #primary(): Expression {
    const { line, token } = this
    if (token === undefined || this.ended) {
      this.errors++
      return { is: 'opaque', parts: [], line }
    }
    if (token.kind === 'string') {
      this.at++
      return token.parts === undefined ? { is: 'constant', value: token.text, line } : interpolated(token.parts, line)
    }
    if (token.kind === 'number') {
      this.at++
      return { is: 'constant', value: Number(token.text), line }
    }
    if (token.kind === 'symbol') return this.#symbol(token.text, line)
    if (!token.bracketed) {
      const special = this.#special(token.text, line)
      if (special !== undefined) return special
    }
    this.at++
    const name = token.text
    if (this.is('(') && !this.#sameBracketIsType()) {
      if (this.arrays.has(name) && !this.functions.has(name)) return { is: 'variable', name, line }
      return { is: 'call', name, args: this.arguments(), line }
    }
    if (this.functions.has(name) && name !== this.inside && !this.is('.', '=')) return { is: 'call', name, args: [], line }
    return { is: 'variable', name, line }
  }

  /** `List(Of String)`: a type, not a call. */
  #sameBracketIsType(): boolean {
    return this.is('(') && this.isAhead(1, 'of')
  }

  #symbol(sign: string, line: number): Expression {
    if (sign === '(') {
      this.at++
      this.skipLines()
      const value = this.expression()
      this.skipLines()
      if (!this.eat(')')) this.errors++
      return value
    }
    if (sign === '{') return this.#list()
    if (sign === '.' || sign === '!' || sign === '?.') {
      const held = this.with.at(-1)
      if (held !== undefined) return held
    }
    this.at++
    this.errors++
    return { is: 'opaque', parts: [], line }
  }

  #special(word: string, line: number): Expression | undefined {
    switch (word) {
      case 'true':
      case 'false':
        this.at++
        return { is: 'constant', value: word === 'true', line }
      case 'nothing':
      case 'null':
      case 'empty':
        this.at++
        return { is: 'constant', value: word === 'empty' ? '' : null, line }
      case 'new':
        this.at++
        return this.#creation(line)
      case 'ctype':
      case 'directcast':
      case 'trycast': {
        if (!this.isAhead(1, '(')) return undefined
        this.at += 2
        const value = this.expression()
        // The type says what a value of the request is treated as, not what it is.
        this.#skipToClose()
        return value
      }
      case 'gettype': {
        if (!this.isAhead(1, '(')) return undefined
        this.at += 2
        const name = this.typeName()
        this.#skipToClose()
        return { is: 'name', name, line }
      }
      case 'if':
      case 'iif': {
        if (!this.isAhead(1, '(')) return undefined
        this.at++
        const [first, second, third] = this.arguments().map(({ value }) => value)
        if (first === undefined || second === undefined) return { is: 'opaque', parts: first ? [first] : [], line }
        return third === undefined
          ? { is: 'choice', condition: first, yes: first, no: second, line }
          : { is: 'choice', condition: first, yes: second, no: third, line }
      }
      case 'function':
      case 'sub': {
        if (this.readLambda === undefined || !this.isAhead(1, '(')) return undefined
        this.at++
        return this.readLambda(this, word === 'sub')
      }
      default:
        if (!ENDS.has(word)) return undefined
        this.errors++
        return { is: 'opaque', parts: [], line }
    }
  }

  #creation(line: number): Expression {
    if (this.is('with')) return this.#initialised({ is: 'list', items: [], line })
    const type = this.typeName()
    const args = this.is('(') ? this.arguments() : []
    const made: Expression = { is: 'new', type, args, line }
    if (this.is('{')) {
      // New Byte() {1, 2, 3}
      const list = this.#list()
      return args.length === 0 ? list : { is: 'opaque', parts: [made, list], line }
    }
    if (this.is('with')) return this.#initialised(made)
    if (this.is('from') && this.isAhead(1, '{')) {
      this.at++
      return this.#list()
    }
    return made
  }

  /** `New ProcessStartInfo With {.FileName = x}`: what is made, and the list of its members as second argument list. */
  #initialised(made: Expression): Expression {
    this.at++
    const { line } = this
    const items: { key?: Expression; value: Expression }[] = []
    if (!this.eat('{')) return made
    for (let parts = 0; parts < MAX_PARTS && !this.is('}') && this.token !== undefined; parts++) {
      this.skipLines()
      this.eat('key')
      if (!this.eat('.') || this.token?.kind !== 'word') break
      const key = this.token.text
      this.at++
      if (!this.eat('=')) break
      items.push({ key: { is: 'constant', value: key, line: this.line }, value: this.expression() })
      this.skipLines()
      if (!this.eat(',')) break
    }
    this.skipLines()
    if (!this.eat('}')) this.errors++
    const list: Expression = { is: 'list', items, line }
    return made.is === 'new' ? { ...made, args: [...made.args, { name: INITIALISER, value: list }] } : list
  }

  #list(): Expression {
    const { line } = this
    this.at++
    const items: { value: Expression }[] = []
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      this.skipLines()
      if (this.is('}') || this.token === undefined || this.at >= this.tokens.length - 1) break
      const before = this.at
      items.push({ value: this.expression() })
      this.skipLines()
      if (!this.eat(',') && this.at === before) this.at++
    }
    if (!this.eat('}')) this.errors++
    return { is: 'list', items, line }
  }

  /** A qualified type with its parameters and ranks left out. */
  typeName(): string {
    let name = ''
    while (this.token?.kind === 'word' && name.length < 400) {
      name += this.token.text
      this.at++
      if (this.is('(') && (this.isAhead(1, 'of') || this.isAhead(1, ')'))) this.#skipBrackets()
      if (!this.is('.')) break
      this.at++
      name += '.'
    }
    return name.replace(/^global\./, '')
  }

  /** Over a bracket and everything up to the one that closes it. */
  #skipBrackets(): void {
    this.at++
    this.#skipToClose()
  }

  #skipToClose(): void {
    for (let depth = 1; this.at < this.tokens.length - 1 && this.token?.kind !== 'line'; this.at++) {
      if (this.is('(')) depth++
      else if (this.is(')') && --depth === 0) {
        this.at++
        return
      }
    }
  }

  #chained(first: Expression): Expression {
    let value = first
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      const { line } = this
      if (parts % MAX_CHAIN === MAX_CHAIN - 1) {
        this.errors++
        value = { is: 'opaque', parts: [], line }
      }
      if (this.is('(')) {
        if (this.#sameBracketIsType()) {
          this.#skipBrackets()
          continue
        }
        const args = this.arguments()
        if (value.is === 'member') value = { is: 'method', object: value.object, name: value.name, args, line: value.line }
        else if (args.length > 0) value = { is: 'index', object: value, key: args[0]?.value ?? value, line }
        else value = { is: 'call-value', callee: value, args, line }
        continue
      }
      if (!this.is('.', '?.', '!')) break
      if (
        !this.inClass &&
        value.is === 'variable' &&
        /^(?:me|mybase)$/.test(value.name) &&
        this.tokens[this.at + 1]?.kind === 'word'
      ) {
        this.at++
        value = this.#primary()
        continue
      }
      // "a !b" and "a.b" at a line's end
      const ahead = this.tokens[this.at + 1]
      const isNext = ahead?.kind === 'line' && this.is('.') && this.tokens[this.at + 2]?.kind === 'word'
      const name = isNext ? this.tokens[this.at + 2] : ahead
      if (name?.kind !== 'word') {
        if (ahead?.kind === 'string' && this.is('!')) {
          this.at += 2
          value = { is: 'index', object: value, key: { is: 'constant', value: ahead.text, line }, line }
          continue
        }
        break
      }
      const bang = this.is('!')
      this.at += isNext ? 3 : 2
      value = bang
        ? { is: 'index', object: value, key: { is: 'constant', value: name.text, line }, line }
        : { is: 'member', object: value, name: name.text, line }
    }
    return value
  }

  /** From "(" to behind ")". */
  arguments(): Argument[] {
    this.at++
    const args = this.list(')')
    this.skipLines()
    if (!this.eat(')')) this.errors++
    return args
  }

  /** Arguments up to the closing sign or the end of the statement; left-out ones are null. */
  list(close: string | undefined): Argument[] {
    const args: Argument[] = []
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      if (close !== undefined) this.skipLines()
      if (this.ended || (close !== undefined && this.is(close)) || this.is('then', 'else')) break
      if (this.is(',')) {
        args.push({ value: { is: 'constant', value: null, line: this.line } })
        this.at++
        continue
      }
      this.eat('byval')
      const name = this.token?.kind === 'word' && this.isAhead(1, ':=') ? this.token.text : undefined
      if (name !== undefined) this.at += 2
      const before = this.at
      const value = this.expression()
      args.push(name === undefined ? { value } : { name, value })
      if (close !== undefined) this.skipLines()
      if (this.eat(',')) continue
      if (this.at === before) this.at++
      break
    }
    // Whatever could not be read ends with the list.
    if (close !== undefined && !this.is(close) && !this.ended) {
      this.errors++
      for (let depth = 0; !this.ended; this.at++) {
        if (this.is('(')) depth++
        else if (this.is(')') && depth-- === 0) break
      }
    }
    return args
  }
}

/** Name of the argument that holds an object initialiser. */
export const INITIALISER = '{}'

function interpolated(parts: readonly string[], line: number): Expression {
  return {
    is: 'text',
    parts: parts.map((part, index): Expression => {
      if (index % 2 === 0) return { is: 'constant', value: part, line }
      return new BasicExpressions(basicTokens(part.replace(/:[^:]{0,20}$/, ''), line)).expression()
    }),
    line,
  }
}

/** Names that are declared or assigned, and those of functions: only so `a(1)` is an element or a call. */
function namesOf(tokens: readonly BasicToken[]): {
  readonly arrays: ReadonlySet<string>
  readonly functions: ReadonlySet<string>
} {
  const arrays = new Set<string>()
  const functions = new Set<string>()
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== 'word') continue
    const next = tokens[at + 1]
    const before = tokens[at - 1]
    const starts =
      before === undefined || before.kind === 'line' || before.text === ':' || before.text === 'then' || before.text === 'else'
    if (/^(?:function|sub|get)$/.test(text) && next?.kind === 'word' && before?.text !== 'end' && before?.text !== 'exit')
      functions.add(next.text)
    else if (/^(?:dim|redim|preserve|each|set|const|byval|byref)$/.test(text) && next?.kind === 'word') {
      arrays.add(next.text)
      // Dim a, b(3), c
      for (let i = at + 2, depth = 0; text === 'dim' && tokens[i] !== undefined && tokens[i]?.kind !== 'line'; i++) {
        if (tokens[i]?.text === '(') depth++
        else if (tokens[i]?.text === ')') depth--
        else if (depth === 0 && tokens[i]?.text === ',' && tokens[i + 1]?.kind === 'word') arrays.add(tokens[i + 1]?.text ?? '')
        else if (tokens[i]?.text === ':') break
      }
    } else if (starts && next?.kind === 'symbol' && next.text === '=') arrays.add(text)
  }
  return { arrays, functions }
}
