import { unlessEndless } from '../page/loops.ts'
import type { Argument, Expression, Parameter, Program, ProgramClass, ProgramFunction, Statement } from '../program.ts'
import type { CodeLanguage } from '../verdict.ts'
import { MAX_TOKENS, type ScriptToken } from './jscript-tokens.ts'

/** Nesting deeper than this is made to exhaust the stack. */
const MAX_DEPTH = 150
/** Operators and members one after the other make a tree as deep as they are many. */
const MAX_CHAIN = 200
const MAX_PARTS = 50_000
const BINDING: Readonly<Record<string, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '|': 4,
  '^': 5,
  '&': 6,
  '==': 7,
  '!=': 7,
  '===': 7,
  '!==': 7,
  '<': 8,
  '>': 8,
  '<=': 8,
  '>=': 8,
  instanceof: 8,
  in: 8,
  '<<': 9,
  '>>': 9,
  '>>>': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
}
const ASSIGNS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=', '>>>='])
const UNARY = new Set(['!', '-', '+', '~', 'typeof', 'void', 'delete'])
const MODIFIERS = new Set('public private protected internal static final abstract override hide expando'.split(' '))

/** Lowers JScript and JScript.NET to the common form. Never fails: what cannot be read is passed over and counted. */
export function jscriptProgram(tokens: readonly ScriptToken[], language: CodeLanguage): Program {
  const reader = new JScriptReader(tokens)
  const body = reader.statements('')
  return {
    language,
    functions: reader.functions,
    classes: reader.classes,
    body,
    sharedVariables: true,
    errors: reader.errors,
    ...(tokens.length >= MAX_TOKENS ? { cut: `more than ${MAX_TOKENS} words` } : {}),
  }
}

class JScriptReader {
  readonly functions: ProgramFunction[] = []
  readonly classes: ProgramClass[] = []
  errors = 0
  readonly #tokens: readonly ScriptToken[]
  #at = 0
  #depth = 0
  #owner: { readonly name: string; readonly bases: readonly string[] } | undefined
  /** `in` ends the head of a for loop. */
  #noIn = false

  constructor(tokens: readonly ScriptToken[]) {
    this.#tokens = tokens
  }

  get #token(): ScriptToken | undefined {
    return this.#tokens[this.#at]
  }

  get #line(): number {
    return this.#token?.line ?? this.#tokens.at(-1)?.line ?? 1
  }

  get #done(): boolean {
    return this.#at >= this.#tokens.length
  }

  #is(...texts: readonly string[]): boolean {
    const token = this.#token
    return token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && texts.includes(token.text)
  }

  #isAhead(ahead: number, text: string): boolean {
    const token = this.#tokens[this.#at + ahead]
    return token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && token.text === text
  }

  #eat(...texts: readonly string[]): boolean {
    if (!this.#is(...texts)) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#eat(text)) this.errors++
  }

  statements(close: string): Statement[] {
    const list: Statement[] = []
    if (++this.#depth > MAX_DEPTH) {
      this.#at = this.#tokens.length
      this.errors++
    }
    while (
      !this.#done &&
      !(close !== '' && this.#is(close)) &&
      !(close === '}' && this.#is('case', 'default') && this.#inSwitch)
    ) {
      const before = this.#at
      if (this.#token?.kind === 'end') this.#at++
      else this.#statement(list)
      if (this.#at === before) {
        this.#at++
        this.errors++
      }
    }
    this.#depth--
    return list
  }

  #inSwitch = false

  #nested(): Statement[] {
    const list: Statement[] = []
    if (++this.#depth > MAX_DEPTH) {
      this.#at = this.#tokens.length
      this.errors++
    } else if (!this.#done) this.#statement(list)
    this.#depth--
    return list
  }

  #bracedBlock(): Statement[] {
    this.#expect('{')
    const outer = this.#inSwitch
    this.#inSwitch = false
    const list = this.statements('}')
    this.#inSwitch = outer
    this.#expect('}')
    return list
  }

  #statement(into: Statement[]): void {
    const line = this.#line
    while (this.#token?.kind === 'word' && MODIFIERS.has(this.#token.text) && this.#tokens[this.#at + 1]?.kind === 'word')
      this.#at++
    const token = this.#token
    if (token?.kind === 'end') return
    const word = token?.kind === 'word' ? token.text : ''
    if (this.#eat(';')) return
    if (this.#is('{')) {
      into.push({ do: 'block', parts: [this.#bracedBlock()] })
      return
    }
    if (word !== '' && this.#isAhead(1, ':') && word !== 'default' && word !== 'case') {
      this.#at += 2 // a label
      return
    }
    switch (word) {
      case 'var':
      case 'const':
      case 'let':
        this.#at++
        this.#variables(into)
        this.#eat(';')
        return
      case 'function': {
        if (this.#isAhead(1, '(')) break
        this.#at++
        if (this.#is('get', 'set') && this.#tokens[this.#at + 1]?.kind === 'word') this.#at++
        // `function IHttpHandler.ProcessRequest(…)` of JScript.NET: the member of an interface.
        const name = this.#type()
        this.#function(name.slice(name.lastIndexOf('.') + 1), line)
        return
      }
      case 'class':
      case 'package':
      case 'interface':
        this.#class(into, word)
        return
      case 'import':
        while (!this.#done && !this.#is(';') && !(this.#token?.newLine && this.#token.line !== line)) this.#at++
        this.#eat(';')
        return
      case 'if': {
        this.#at++
        const condition = this.#bracketed()
        const yes = this.#nested()
        const no = this.#eat('else') ? this.#nested() : []
        into.push({ do: 'if', condition, yes, no })
        return
      }
      case 'for':
        this.#for(into)
        return
      case 'while': {
        this.#at++
        const condition = this.#bracketed()
        into.push({ do: 'loop', ...unlessEndless(condition), body: this.#nested() })
        return
      }
      case 'do': {
        this.#at++
        const body = this.#nested()
        this.#expect('while')
        into.push({ do: 'loop', ...unlessEndless(this.#bracketed()), after: true, body })
        this.#eat(';')
        return
      }
      case 'switch':
        this.#switch(into)
        return
      case 'try': {
        this.#at++
        const parts = [this.#bracedBlock()]
        if (this.#eat('catch')) {
          if (this.#is('(')) this.#bracketed()
          parts.push(this.#bracedBlock())
        }
        if (this.#eat('finally')) parts.push(this.#bracedBlock())
        into.push({ do: 'block', parts })
        return
      }
      case 'with': {
        this.#at++
        into.push({ do: 'expression', value: this.#bracketed() }, ...this.#nested())
        return
      }
      case 'return': {
        this.#at++
        const ends = this.#is(';', '}') || this.#done || this.#token?.newLine || this.#token?.kind === 'end'
        into.push({ do: 'return', ...(ends ? {} : { value: this.#expression() }), line })
        this.#eat(';')
        return
      }
      case 'break':
      case 'continue':
        this.#at++
        if (this.#token?.kind === 'word' && !this.#token.newLine) this.#at++
        this.#eat(';')
        into.push({ do: 'jump', kind: word, line })
        return
      case 'throw':
        this.#at++
        into.push({ do: 'expression', value: this.#expression() }, { do: 'jump', kind: 'leave', line })
        this.#eat(';')
        return
    }
    into.push({ do: 'expression', value: this.#expression() })
    this.#eat(';')
  }

  #variables(into: Statement[]): void {
    for (let parts = 0; parts < MAX_PARTS && this.#token?.kind === 'word'; parts++) {
      const { line, text: name } = this.#token
      this.#at++
      const type = this.#eat(':') ? this.#type() : ''
      const value = this.#eat('=') ? this.#assignment() : undefined
      into.push({ do: 'declare', name, ...(type === '' ? {} : { type }), ...(value === undefined ? {} : { value }), line })
      if (!this.#eat(',')) break
    }
  }

  #type(): string {
    let name = ''
    while (this.#token?.kind === 'word' && name.length < 300) {
      name += this.#token.text
      this.#at++
      if (!this.#eat('.')) break
      name += '.'
    }
    while (this.#is('[') && (this.#isAhead(1, ']') || this.#isAhead(1, ','))) while (!this.#eat(']') && !this.#done) this.#at++
    return name
  }

  #function(name: string, line: number): number {
    const parameters: Parameter[] = []
    if (this.#eat('('))
      while (this.#token?.kind === 'word' && parameters.length < 1_000) {
        const parameter = this.#token.text
        this.#at++
        const type = this.#eat(':') ? this.#type() : ''
        parameters.push({ name: parameter, ...(type === '' ? {} : { type }) })
        if (!this.#eat(',')) break
      }
    this.#expect(')')
    if (this.#eat(':')) this.#type()
    const noIn = this.#noIn
    this.#noIn = false
    const body = this.#is('{') ? this.#bracedBlock() : []
    this.#noIn = noIn
    this.functions.push({
      name,
      ...(this.#owner === undefined ? {} : { owner: this.#owner.name }),
      parameters,
      body,
      ...(name === '' ? { captures: 'all' as const } : {}),
      line,
    })
    return this.functions.length - 1
  }

  #class(into: Statement[], word: string): void {
    const line = this.#line
    this.#at++
    const name = this.#type()
    const bases: string[] = []
    while (this.#eat('extends', 'implements', ',')) bases.push(this.#type())
    const outer = this.#owner
    if (word === 'class') this.#owner = { name, bases }
    const inside = this.#bracedBlock()
    this.#owner = outer
    if (word === 'class') this.classes.push({ name, bases, fields: inside.filter(statement => statement.do === 'declare'), line })
    into.push(...inside.filter(statement => word !== 'class' || statement.do !== 'declare'))
  }

  #for(into: Statement[]): void {
    this.#at++
    if (this.#is('each')) this.#at++
    this.#expect('(')
    const first: Statement[] = []
    this.#noIn = true
    if (this.#eat('var', 'let', 'const')) this.#variables(first)
    else if (!this.#is(';')) first.push({ do: 'expression', value: this.#expression() })
    this.#noIn = false
    if (this.#eat('in', 'of')) {
      const list = this.#expression()
      this.#expect(')')
      const [walker] = first
      const value: Expression | undefined =
        walker?.do === 'declare'
          ? { is: 'variable', name: walker.name, line: walker.line }
          : walker?.do === 'expression'
            ? walker.value
            : undefined
      const body = this.#nested()
      into.push({ do: 'each', list, ...(value === undefined ? {} : { key: value }), body })
      return
    }
    this.#expect(';')
    const condition = this.#is(';') ? undefined : this.#expression()
    this.#expect(';')
    const step = this.#is(')') ? undefined : this.#expression()
    this.#expect(')')
    const body = this.#nested()
    into.push(...first, {
      do: 'loop',
      ...(condition === undefined ? {} : { condition }),
      ...(step === undefined ? {} : { step: [step] }),
      body,
    })
  }

  #switch(into: Statement[]): void {
    this.#at++
    const value = this.#bracketed()
    this.#expect('{')
    const outer = this.#inSwitch
    this.#inSwitch = true
    const cases: { test?: Expression; body: Statement[] }[] = []
    while (this.#is('case', 'default') && cases.length < 5_000) {
      const isDefault = this.#is('default')
      this.#at++
      const test = isDefault ? undefined : this.#expression()
      this.#expect(':')
      cases.push({ ...(test === undefined ? {} : { test }), body: this.statements('}') })
    }
    this.#inSwitch = outer
    this.#expect('}')
    into.push({ do: 'switch', value, cases })
  }

  #bracketed(): Expression {
    this.#expect('(')
    const value = this.#expression()
    this.#expect(')')
    return value
  }

  /** With commas: all are evaluated, the last one counts. */
  #expression(): Expression {
    const line = this.#line
    const first = this.#assignment()
    if (!this.#is(',')) return first
    const parts = [first]
    while (this.#eat(',') && parts.length < MAX_PARTS) parts.push(this.#assignment())
    return { is: 'opaque', parts, line }
  }

  #assignment(): Expression {
    const line = this.#line
    if (++this.#depth > MAX_DEPTH) {
      this.#depth--
      this.errors++
      this.#at = this.#tokens.length
      return { is: 'opaque', parts: [], line }
    }
    const condition = this.#binary(0)
    let value = condition
    if (this.#is('?')) {
      this.#at++
      const yes = this.#assignment()
      this.#expect(':')
      const no = this.#assignment()
      value = { is: 'choice', condition, yes, no, line }
    } else if (this.#token?.kind === 'symbol' && ASSIGNS.has(this.#token.text)) {
      const sign = this.#token.text.slice(0, -1)
      this.#at++
      value = { is: 'assign', target: condition, sign, value: this.#assignment(), line }
    }
    this.#depth--
    return value
  }

  #binary(least: number): Expression {
    let left = this.#unary()
    let chain = 0
    let joined: Expression[] | undefined
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      const token = this.#token
      if (token === undefined || (token.kind !== 'symbol' && token.kind !== 'word')) break
      const binding = BINDING[token.text]
      if (binding === undefined || binding <= least || (token.text === 'in' && this.#noIn)) break
      this.#at++
      const right = this.#binary(binding)
      const { line, text: sign } = token
      if (++chain <= MAX_CHAIN) left = { is: 'binary', sign, left, right, line }
      else if (sign === '+') {
        // Text of a thousand pieces is one list of parts, not a tree a thousand deep.
        if (joined === undefined) {
          joined = [left]
          left = { is: 'text', parts: joined, line }
        }
        joined.push(right)
      } else {
        this.errors++
        left = { is: 'opaque', parts: [], line }
        joined = undefined
        chain = 0
      }
    }
    return left
  }

  #unary(): Expression {
    const token = this.#token
    const line = this.#line
    if (token !== undefined && (token.kind === 'symbol' || token.kind === 'word')) {
      if (UNARY.has(token.text) || token.text === '++' || token.text === '--') {
        this.#at++
        if (++this.#depth > MAX_DEPTH) {
          this.#depth--
          this.#at = this.#tokens.length
          return { is: 'opaque', parts: [], line }
        }
        const value = this.#unary()
        this.#depth--
        return value.is === 'constant' && typeof value.value === 'number' && token.text === '-'
          ? { ...value, value: -value.value }
          : { is: 'unary', sign: token.text, value, line }
      }
    }
    const value = this.#chain()
    if (this.#is('++', '--') && !this.#token?.newLine) {
      const sign = this.#token?.text ?? ''
      this.#at++
      return { is: 'unary', sign: `x${sign}`, value, line }
    }
    return value
  }

  #chain(): Expression {
    let value = this.#primary()
    for (let parts = 0; parts < MAX_PARTS; parts++) {
      const line = this.#line
      if (parts % MAX_CHAIN === MAX_CHAIN - 1) {
        this.errors++
        value = { is: 'opaque', parts: [], line }
      }
      if (this.#is('.', '?.')) {
        const name = this.#tokens[this.#at + 1]
        if (name?.kind !== 'word') break
        this.#at += 2
        value = { is: 'member', object: value, name: name.text, line }
      } else if (this.#is('[')) {
        this.#at++
        const key = this.#is(']') ? undefined : this.#expression()
        this.#expect(']')
        value = { is: 'index', object: value, ...(key === undefined ? {} : { key }), line }
      } else if (this.#is('(')) {
        value = callOf(value, this.#arguments(), line)
      } else break
    }
    return value
  }

  #arguments(): Argument[] {
    this.#expect('(')
    const args: Argument[] = []
    const noIn = this.#noIn
    this.#noIn = false
    while (!this.#is(')') && !this.#done && args.length < MAX_PARTS) {
      const before = this.#at
      args.push({ value: this.#assignment() })
      if (!this.#eat(',') || this.#at === before) break
    }
    this.#noIn = noIn
    this.#expect(')')
    return args
  }

  #primary(): Expression {
    const token = this.#token
    const line = this.#line
    if (token === undefined || token.kind === 'end') {
      this.errors++
      return { is: 'opaque', parts: [], line }
    }
    if (token.kind === 'string' || token.kind === 'pattern') {
      this.#at++
      return { is: 'constant', value: token.text, line }
    }
    if (token.kind === 'number') {
      this.#at++
      return { is: 'constant', value: Number(token.text), line }
    }
    if (this.#is('(')) return this.#bracketed()
    if (this.#is('[')) {
      this.#at++
      const items: { value: Expression }[] = []
      while (!this.#is(']') && !this.#done && items.length < MAX_PARTS) {
        if (this.#eat(',')) continue
        const before = this.#at
        items.push({ value: this.#assignment() })
        if (this.#at === before) break
        if (!this.#eat(',')) break
      }
      this.#expect(']')
      return { is: 'list', items, line }
    }
    if (this.#is('{')) return this.#object(line)
    if (token.kind === 'symbol') {
      this.errors++
      // A closing sign belongs to somebody else.
      if (!this.#is(')', ']', '}', ';', ',')) this.#at++
      return { is: 'opaque', parts: [], line }
    }
    this.#at++
    switch (token.text) {
      case 'true':
      case 'false':
        return { is: 'constant', value: token.text === 'true', line }
      case 'null':
      case 'undefined':
        return { is: 'constant', value: null, line }
      case 'function': {
        if (this.#token?.kind === 'word') this.#at++
        return { is: 'function', index: this.#function('', line), line }
      }
      case 'new':
        return this.#creation(line)
      default:
        return { is: 'variable', name: token.text, line }
    }
  }

  #creation(line: number): Expression {
    let type: Expression = this.#is('(')
      ? this.#bracketed()
      : this.#is('function')
        ? this.#primary()
        : { is: 'name', name: this.#type(), line }
    while (this.#is('.', '[') && type.is !== 'name') {
      if (this.#eat('.')) {
        type = { is: 'member', object: type, name: this.#token?.text ?? '', line }
        this.#at++
      } else {
        this.#at++
        const key = this.#expression()
        this.#expect(']')
        type = { is: 'index', object: type, key, line }
      }
    }
    // new ActiveXObject["…"] and new this[name](…) are rare; new byte[n] makes a list.
    if (type.is === 'name' && this.#is('[')) {
      this.#at++
      const key = this.#expression()
      this.#expect(']')
      if (!this.#is('(')) return { is: 'opaque', parts: [key], line }
      type = { is: 'index', object: { is: 'variable', name: type.name, line }, key, line }
    }
    const args = this.#is('(') ? this.#arguments() : []
    return { is: 'new', type: type.is === 'name' ? type.name : type, args, line }
  }

  #object(line: number): Expression {
    this.#at++
    const items: { key?: Expression; value: Expression }[] = []
    while (!this.#is('}') && !this.#done && items.length < MAX_PARTS) {
      const key = this.#token
      if (key === undefined || key.kind === 'end') break
      this.#at++
      if (!this.#eat(':')) {
        if (!this.#eat(',')) break
        continue
      }
      items.push({ key: { is: 'constant', value: key.text, line: key.line }, value: this.#assignment() })
      if (!this.#eat(',')) break
    }
    this.#expect('}')
    return { is: 'list', items, line }
  }
}

function callOf(callee: Expression, args: readonly Argument[], line: number): Expression {
  if (callee.is === 'variable') return { is: 'call', name: callee.name, args, line }
  if (callee.is === 'member') return { is: 'method', object: callee.object, name: callee.name, args, line }
  if (callee.is === 'index' && callee.key !== undefined)
    return { is: 'method', object: callee.object, name: callee.key, args, line }
  return { is: 'call-value', callee, args, line }
}
