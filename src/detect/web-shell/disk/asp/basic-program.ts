import { unlessEndless } from '../page/loops.ts'
import type { Expression, Program, Statement } from '../program.ts'
import type { CodeLanguage } from '../verdict.ts'
import { BasicDeclarations, BLOCKS, MAX_DEPTH } from './basic-declarations.ts'
import { BasicExpressions } from './basic-expressions.ts'
import { type BasicToken, MAX_TOKENS } from './basic-tokens.ts'

const MODIFIERS = new Set(
  'public private protected friend shared overrides overridable notoverridable mustoverride mustinherit notinheritable readonly writeonly shadows overloads partial static default async iterator withevents widening narrowing'.split(
    ' ',
  ),
)
const BEFORE_MEMBER = new Set('if elseif set let call return while with until for select case do redim throw'.split(' '))
const ASSIGNS: Readonly<Record<string, string>> = { '=': '', '&=': '.', '+=': '+', '-=': '-', '*=': '*', '/=': '/' }

/** Lowers VBScript or Visual Basic to the common form. Never fails: what cannot be read ends with its line and is counted. */
export function basicProgram(tokens: readonly BasicToken[], language: CodeLanguage): Program {
  const reader = new BasicReader(new BasicExpressions(tokens))
  const body = reader.block(() => false)
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

class BasicReader extends BasicDeclarations {
  #withs = 0

  /** Statements up to (not with) a word the caller waits for. */
  override block(ends: () => boolean): Statement[] {
    const code = this.code
    const statements: Statement[] = []
    if (++this.depth > MAX_DEPTH) {
      code.at = code.tokens.length
      code.errors++
    }
    while (code.token !== undefined) {
      if (code.token.kind === 'line' || code.is(':')) {
        code.at++
        continue
      }
      if (ends()) break
      const before = code.at
      this.statement(statements)
      if (code.at === before) {
        code.at++
        code.errors++
      }
    }
    this.depth--
    return statements
  }

  /** One statement; those that declare leave nothing behind. */
  protected override statement(into: Statement[]): void {
    const code = this.code
    const { line } = code
    this.attributes()
    while (
      code.token?.kind === 'word' &&
      !code.token.bracketed &&
      MODIFIERS.has(code.token.text) &&
      !code.isAhead(1, '=', '.', '(')
    ) {
      code.at++
      // Public x, y: a declaration without its own word
      if (code.token?.kind === 'word' && !KEYWORDS.has(code.token.text) && !MODIFIERS.has(code.token.text)) this.declared(into)
      return
    }
    const word = code.token?.kind === 'word' && !code.token.bracketed ? code.token.text : ''
    // Names that are words of the language only in some places; inside With a statement may go on with ".member".
    if (code.isAhead(1, '=') || (code.isAhead(1, '.') && !BEFORE_MEMBER.has(word))) {
      this.simple(into)
      return
    }
    switch (word) {
      case 'dim':
      case 'redim':
        code.at++
        code.eat('preserve')
        this.declared(into)
        return
      case 'const':
        code.at++
        this.declared(into)
        return
      case 'set':
      case 'let':
        code.at++
        // Objects are let go at the end of a page, often in a function that is called from many places: what they did stays true.
        if (code.isAhead(1, '=') && code.isAhead(2, 'nothing')) {
          code.at += 3
          return
        }
        this.simple(into)
        return
      case 'call':
        code.at++
        this.simple(into)
        return
      case 'function':
      case 'sub':
      case 'operator':
        this.function(word)
        return
      case 'property':
        this.property()
        return
      case 'class':
      case 'module':
      case 'structure':
      case 'namespace':
      case 'interface':
      case 'enum':
        this.group(into, word)
        return
      case 'inherits':
      case 'implements': {
        code.at++
        do this.owner?.bases.push(code.typeName())
        while (code.eat(','))
        return
      }
      case 'if':
        this.if(into)
        return
      case 'select':
        this.select(into)
        return
      case 'for':
        this.for(into)
        return
      case 'while':
        this.while(into)
        return
      case 'do':
        this.do(into)
        return
      case 'with':
        this.with(into)
        return
      case 'try':
        this.try(into)
        return
      case 'using':
      case 'synclock':
        this.using(into, word)
        return
      case 'return': {
        code.at++
        const value = code.ended ? undefined : code.expression()
        into.push({ do: 'return', ...(value === undefined ? {} : { value }), line })
        return
      }
      case 'exit': {
        code.at++
        const what = code.token?.text ?? ''
        this.restOfLine()
        if (/^(?:function|sub|property)$/.test(what)) into.push(this.result(line))
        else into.push({ do: 'jump', kind: 'break', line })
        return
      }
      case 'throw':
        code.at++
        if (!code.ended) into.push({ do: 'expression', value: code.expression() })
        into.push({ do: 'jump', kind: 'leave', line })
        return
      case 'continue':
        this.restOfLine()
        into.push({ do: 'jump', kind: 'continue', line })
        return
      case 'on':
      case 'option':
      case 'imports':
      case 'goto':
      case 'resume':
      case 'erase':
      case 'event':
      case 'delegate':
      case 'declare':
      case 'end':
      case 'next':
      case 'loop':
      case 'wend':
      case 'else':
      case 'elseif':
      case 'case':
      case 'catch':
      case 'finally':
        this.restOfLine()
        return
      default:
        if (code.is('#')) {
          this.restOfLine()
          return
        }
        this.simple(into)
        return
    }
  }

  /** An assignment or a call: `a = b`, `a.b(c) = d`, `f x, y`, `o.m x`, `f(x)`. */
  protected override simple(into: Statement[]): void {
    const code = this.code
    const { line } = code
    const start = code.at
    const target = this.callee()
    const sign = code.token?.kind === 'symbol' ? ASSIGNS[code.token.text] : undefined
    if (sign !== undefined && target.is !== 'constant') {
      code.at++
      code.skipLines()
      const value = code.expression()
      into.push({ do: 'expression', value: { is: 'assign', target: assignable(target), sign, value, line } })
      return
    }
    if (code.ended || code.is('else', 'then')) {
      into.push({ do: 'expression', value: called(target) })
      return
    }
    // `f (a) & b, c`: what looked like the brackets of a call belongs to the first argument.
    const bare = this.withoutLastBracket(start, code.at) ?? target
    const args = code.list(undefined)
    into.push({ do: 'expression', value: calledWith(bare, args.slice(), line) })
  }

  protected callee(): Expression {
    return this.code.chain()
  }

  /** Reads the chain again up to the bracket that ended it, and stops before that bracket. */
  protected withoutLastBracket(start: number, end: number): Expression | undefined {
    const code = this.code
    if (code.tokens[end - 1]?.text !== ')' || code.tokens[end - 1]?.kind !== 'symbol') return undefined
    let depth = 0
    let open = end - 1
    for (; open > start; open--) {
      const token = code.tokens[open]
      if (token?.kind !== 'symbol') continue
      if (token.text === ')') depth++
      else if (token.text === '(' && --depth === 0) break
    }
    if (open <= start || code.tokens[open - 1]?.kind !== 'word') return undefined
    const head = new BasicExpressions([...code.tokens.slice(start, open), { kind: 'line', text: '\n', line: code.line }])
    head.with.push(...code.with)
    const callee = head.chain()
    code.at = open
    return callee
  }

  protected if(into: Statement[]): void {
    const code = this.code
    code.at++
    const condition = code.expression()
    const then = code.eat('then')
    if (then && !code.ended) {
      this.oneLineIf(into, condition)
      return
    }
    if (!then) this.restOfLine()
    const endsBranch = () => code.is('else', 'elseif') || (code.is('end') && code.isAhead(1, 'if'))
    const yes = this.block(endsBranch)
    const no: Statement[] = []
    if (code.is('elseif') || (code.is('else') && code.isAhead(1, 'if') && code.tokens[code.at + 1]?.line === code.line)) {
      if (code.is('else')) code.at++
      if (++this.depth < MAX_DEPTH) this.if(no)
      this.depth--
      into.push({ do: 'if', condition, yes, no })
      return
    }
    if (code.eat('else')) no.push(...this.block(() => code.is('end') && code.isAhead(1, 'if')))
    if (code.is('end')) code.at += 2
    into.push({ do: 'if', condition, yes, no })
  }

  /** `If a Then b : c Else d` */
  protected oneLineIf(into: Statement[], condition: Expression): void {
    const code = this.code
    const branch = () => {
      const statements: Statement[] = []
      for (let count = 0; count < 1_000; count++) {
        while (code.is(':')) code.at++
        if (code.token === undefined || code.token.kind === 'line' || code.is('else', 'elseif') || this.endIf()) break
        const before = code.at
        this.depth++
        if (this.depth > MAX_DEPTH) code.at = code.tokens.length
        else this.statement(statements)
        this.depth--
        if (code.at === before) {
          code.at++
          code.errors++
        }
      }
      return statements
    }
    const yes = branch()
    const no = code.eat('else') ? branch() : []
    if (this.endIf()) code.at += 2
    into.push({ do: 'if', condition, yes, no })
  }

  protected endIf(): boolean {
    return this.code.is('end') && this.code.isAhead(1, 'if')
  }

  protected select(into: Statement[]): void {
    const code = this.code
    code.at++
    code.eat('case')
    const value = code.expression()
    this.restOfLine()
    const cases: { test?: Expression; body: Statement[] }[] = []
    const isEnd = () => code.is('end') && code.isAhead(1, 'select')
    // Nothing stands between the head and the first case.
    this.block(() => code.is('case') || isEnd())
    while (code.is('case') && cases.length < 5_000) {
      code.at++
      const tests = code.eat('else') ? [] : code.list(undefined).map(argument => argument.value)
      while (!code.ended && !code.is(':')) code.at++
      const body = this.block(() => code.is('case') || isEnd())
      body.push({ do: 'jump', kind: 'break', line: code.line })
      // Several values of one case: all but the last fall through.
      for (const test of tests.slice(0, -1)) cases.push({ test, body: [] })
      const test = tests.at(-1)
      cases.push({ ...(test === undefined ? {} : { test }), body })
    }
    if (code.is('end')) code.at += 2
    into.push({ do: 'switch', value, cases })
  }

  protected for(into: Statement[]): void {
    const code = this.code
    const { line } = code
    code.at++
    const each = code.eat('each')
    const name = code.token?.kind === 'word' ? code.token.text : ''
    const variable: Expression = { is: 'variable', name, line }
    code.at++
    if (code.eat('as')) code.typeName()
    const ends = () => code.is('next')
    if (each) {
      code.eat('in')
      const list = code.expression()
      const body = this.body(ends)
      into.push({ do: 'each', list, value: variable, body })
      return
    }
    code.eat('=')
    const from = code.expression()
    code.eat('to')
    const to = code.expression()
    const step: Expression = code.eat('step') ? code.expression() : { is: 'constant', value: 1, line }
    const down = step.is === 'constant' && typeof step.value === 'number' && step.value < 0
    const body = this.body(ends)
    into.push(
      { do: 'expression', value: { is: 'assign', target: variable, sign: '', value: from, line } },
      {
        do: 'loop',
        condition: { is: 'binary', sign: down ? '>=' : '<=', left: variable, right: to, line },
        body,
        step: [{ is: 'assign', target: variable, sign: '+', value: step, line }],
      },
    )
  }

  /** The statements of a loop with the rest of its last line. */
  protected override body(ends: () => boolean): Statement[] {
    this.restOfLine()
    const body = this.block(ends)
    if (this.code.token !== undefined) {
      this.code.at++
      this.restOfLine()
    }
    return body
  }

  protected while(into: Statement[]): void {
    const code = this.code
    code.at++
    const condition = code.expression()
    const body = this.body(() => code.is('wend') || (code.is('end') && code.isAhead(1, 'while')))
    into.push({ do: 'loop', ...unlessEndless(condition), body })
  }

  protected do(into: Statement[]): void {
    const code = this.code
    code.at++
    const asked = () => {
      const { line } = code
      if (!code.is('while', 'until')) return undefined
      const until = code.is('until')
      code.at++
      const value = code.expression()
      return until ? ({ is: 'unary', sign: '!', value, line } as const) : value
    }
    const before = asked()
    this.restOfLine()
    const body = this.block(() => code.is('loop'))
    code.at++
    const after = asked()
    const condition = before ?? after
    into.push({
      do: 'loop',
      ...(condition === undefined ? {} : unlessEndless(condition)),
      ...(before === undefined ? { after: true } : {}),
      body,
    })
  }

  /** The object is kept in a variable of its own, so that it is made once. */
  protected with(into: Statement[]): void {
    const code = this.code
    const { line } = code
    code.at++
    const value = code.expression()
    const name = `with ${++this.#withs}`
    into.push({ do: 'declare', name, value, line })
    code.with.push({ is: 'variable', name, line })
    into.push(...this.block(() => code.is('end') && code.isAhead(1, 'with')))
    code.with.pop()
    if (code.is('end')) code.at += 2
  }

  protected try(into: Statement[]): void {
    const code = this.code
    code.at++
    const ends = () => code.is('catch', 'finally') || (code.is('end') && code.isAhead(1, 'try'))
    const parts = [this.block(ends)]
    while (code.is('catch', 'finally') && parts.length < 100) {
      this.restOfLine()
      parts.push(this.block(ends))
    }
    if (code.is('end')) code.at += 2
    into.push({ do: 'block', parts })
  }

  protected using(into: Statement[], word: string): void {
    const code = this.code
    code.at++
    if (word === 'using' && code.tokens[code.at + 1]?.text.match(/^(?:as|=)$/)) this.declared(into)
    else into.push({ do: 'expression', value: code.expression() })
    into.push(...this.block(() => code.is('end') && code.isAhead(1, word)))
    if (code.is('end')) code.at += 2
  }
}

/** Words that begin a statement or declaration of their own after Public, Private, … */
const KEYWORDS = new Set(['function', 'sub', 'property', 'const', 'operator', 'event', 'delegate', 'declare', 'dim', ...BLOCKS])

/** `a(1) = x` assigns to an element. */
function assignable(target: Expression): Expression {
  const { line } = target
  if (target.is === 'call') {
    const key = target.args[0]?.value
    const object: Expression = { is: 'variable', name: target.name, line }
    return key === undefined ? object : { is: 'index', object, key, line }
  }
  if (target.is === 'method') {
    const object: Expression = { is: 'member', object: target.object, name: target.name, line }
    const key = target.args[0]?.value
    return key === undefined ? object : { is: 'index', object, key, line }
  }
  return target
}

/** A statement that is only a name calls it. */
function called(value: Expression): Expression {
  return calledWith(value, [], value.line)
}

function calledWith(value: Expression, args: Extract<Expression, { is: 'call' }>['args'], line: number): Expression {
  switch (value.is) {
    case 'variable':
      return { is: 'call', name: value.name, args, line }
    case 'member':
      return { is: 'method', object: value.object, name: value.name, args, line }
    case 'call':
    case 'method':
      return args.length === 0 ? value : { ...value, args: [...value.args, ...args] }
    default:
      return args.length === 0 ? value : { is: 'opaque', parts: [value, ...args.map(argument => argument.value)], line }
  }
}
