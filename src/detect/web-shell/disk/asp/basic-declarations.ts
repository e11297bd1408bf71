import type { Expression, Parameter, ProgramClass, ProgramFunction, Statement } from '../program.ts'
import type { BasicExpressions } from './basic-expressions.ts'

/** Blocks nested deeper than this are made to exhaust the stack. */
export const MAX_DEPTH = 120
export const BLOCKS = new Set(['class', 'module', 'namespace', 'structure', 'interface', 'enum'])

/** Declarations of VBScript and Visual Basic: variables, functions, properties, classes. */
export abstract class BasicDeclarations {
  readonly functions: ProgramFunction[] = []
  readonly classes: ProgramClass[] = []
  protected readonly code: BasicExpressions
  protected depth = 0
  protected owner: { readonly name: string; readonly bases: string[] } | undefined

  constructor(code: BasicExpressions) {
    this.code = code
    code.readLambda = (_, isSub) => this.lambda(isSub)
  }

  get errors(): number {
    return this.code.errors
  }

  abstract block(ends: () => boolean): Statement[]
  protected abstract statement(into: Statement[]): void
  protected abstract simple(into: Statement[]): void
  protected abstract body(ends: () => boolean): Statement[]

  /** `<WebMethod()> _` before what it belongs to. */
  protected attributes(): void {
    const code = this.code
    if (!code.is('<') || code.tokens[code.at + 1]?.kind !== 'word') return
    while (code.token !== undefined && !code.is('>') && code.at < code.tokens.length - 1) code.at++
    code.at++
    code.skipLines()
  }

  /** `a, b(3) As String = x, c As New T(…)` */
  protected declared(into: Statement[]): void {
    const code = this.code
    for (let count = 0; count < 10_000 && code.token?.kind === 'word'; count++) {
      const { line } = code
      const name = code.token.text
      code.at++
      const isList = code.is('(')
      if (isList) code.arguments()
      let type: string | undefined
      // Empty: no text, and 0.
      let value: Expression | undefined = isList ? undefined : { is: 'constant', value: null, line }
      if (code.eat('as')) {
        value = undefined
        if (code.eat('new')) {
          code.at--
          value = code.expression()
          type = value.is === 'new' && typeof value.type === 'string' ? value.type : undefined
        } else {
          type = code.typeName()
          if (code.is('(')) code.arguments()
        }
      }
      if (code.eat('=')) {
        code.skipLines()
        value = code.expression()
      }
      into.push({ do: 'declare', name, ...(type ? { type } : {}), ...(value === undefined ? {} : { value }), line })
      if (!code.eat(',')) break
    }
  }

  protected parameters(): Parameter[] {
    const code = this.code
    const parameters: Parameter[] = []
    if (!code.eat('(')) return parameters
    while (code.token !== undefined && !code.is(')') && parameters.length < 1_000) {
      code.skipLines()
      let byReference = false
      while (code.is('byval', 'byref', 'optional', 'paramarray')) {
        byReference = code.is('byref')
        code.at++
      }
      if (code.token?.kind !== 'word') break
      const name = code.token.text
      code.at++
      if (code.is('(')) code.arguments()
      const type = code.eat('as') ? code.typeName() : ''
      if (code.is('(')) code.arguments()
      if (code.eat('=')) code.expression()
      parameters.push({ name, ...(type === '' ? {} : { type }), ...(byReference ? { byReference } : {}) })
      code.skipLines()
      if (!code.eat(',')) break
    }
    while (!code.ended && !code.eat(')')) code.at++
    return parameters
  }

  protected function(word: string): void {
    const code = this.code
    const { line } = code
    code.at++
    const name = code.token?.kind === 'word' || code.token?.kind === 'symbol' ? code.token.text : ''
    code.at++
    if (code.is('(') && code.isAhead(1, 'of')) code.arguments()
    const parameters = this.parameters()
    // What follows on the line (As T, Handles a.b, Implements i.m) says nothing of values. A colon begins the body.
    while (!code.ended) code.at++
    // An interface or a MustOverride member has no body; a body ends with its own word or where the next function begins.
    const outer = code.inside
    code.inside = name
    // A variable that was not assigned is empty, the result too.
    const body: Statement[] = [{ do: 'declare', name, value: { is: 'constant', value: '', line }, line }]
    body.push(...this.block(() => this.endsFunction(word)))
    if (code.is('end')) this.restOfLine()
    code.inside = outer
    body.push(this.resultOf(name, line))
    this.add(name, parameters, body, line)
  }

  protected endsFunction(word: string): boolean {
    const code = this.code
    if (code.is('end') && code.isAhead(1, word, 'function', 'sub', 'property', 'operator', 'class', 'module', 'get', 'set'))
      return true
    // Functions do not nest: one that was not ended ends here.
    const first = code.is('public', 'private') ? 1 : 0
    return (
      code.isAhead(first, 'function', 'sub') && code.tokens[code.at + first + 1]?.kind === 'word' && !code.isAhead(first + 1, '(')
    )
  }

  protected result(line: number): Statement {
    return this.resultOf(this.code.inside, line)
  }

  /** In Basic a function returns what was assigned to its name. */
  protected resultOf(name: string, line: number): Statement {
    return { do: 'return', value: { is: 'variable', name, line }, line }
  }

  protected add(name: string, parameters: readonly Parameter[], body: readonly Statement[], line: number): void {
    this.functions.push({
      // A constructor goes by the name of its class.
      name: name === 'new' || name === 'class_initialize' ? (this.owner?.name ?? name) : name,
      ...(this.owner === undefined ? {} : { owner: this.owner.name }),
      parameters,
      body,
      line,
    })
  }

  protected property(): void {
    const code = this.code
    const { line } = code
    code.at++
    // VBScript: Property Get x … End Property
    if (code.is('get', 'let', 'set') && code.tokens[code.at + 1]?.kind === 'word') {
      this.function('property')
      return
    }
    const name = code.token?.text ?? ''
    code.at++
    this.parameters()
    this.restOfLine()
    // Visual Basic: Get … End Get, Set(value) … End Set; or nothing, when the property keeps itself.
    for (let parts = 0; parts < 4; parts++) {
      const before = code.at
      while (code.token?.kind === 'line') code.at++
      while (code.is('public', 'private', 'protected', 'friend')) code.at++
      if (!code.is('get', 'set') || code.isAhead(1, '=', '.')) {
        if (!(code.is('end') && code.isAhead(1, 'property'))) code.at = before
        break
      }
      const getter = code.is('get')
      code.at++
      const parameters = this.parameters()
      const outer = code.inside
      code.inside = name
      const body = this.block(() => code.is('end') && code.isAhead(1, 'get', 'set', 'property'))
      code.inside = outer
      if (code.isAhead(1, 'get', 'set')) this.restOfLine()
      if (getter) body.push(this.resultOf(name, line))
      this.add(getter ? name : `set_${name}`, parameters, body, line)
    }
    if (code.is('end') && code.isAhead(1, 'property')) this.restOfLine()
  }

  protected group(into: Statement[], word: string): void {
    const code = this.code
    if (code.tokens[code.at + 1]?.kind !== 'word') {
      this.simple(into)
      return
    }
    code.at++
    const name = code.typeName()
    this.restOfLine()
    const outer = this.owner
    const bases: string[] = []
    const { line } = code
    const isClass = word === 'class' || word === 'structure'
    const within = code.inClass
    if (isClass) {
      this.owner = { name, bases }
      code.inClass = true
    }
    const inside = this.block(() => code.is('end') && BLOCKS.has(code.tokens[code.at + 1]?.text ?? ''))
    if (code.is('end')) this.restOfLine()
    this.owner = outer
    code.inClass = within
    if (isClass) this.classes.push({ name, bases, fields: inside.filter(statement => statement.do === 'declare'), line })
    into.push(...inside.filter(statement => !isClass || statement.do !== 'declare'))
  }

  protected lambda(isSub: boolean): Expression {
    const code = this.code
    const { line } = code
    const parameters = this.parameters()
    const word = isSub ? 'sub' : 'function'
    let body: Statement[] = []
    if (code.token?.kind === 'line') {
      body = this.block(() => code.is('end') && code.isAhead(1, word))
      if (code.is('end')) code.at += 2
    } else if (isSub) {
      this.depth++
      if (this.depth > MAX_DEPTH) code.at = code.tokens.length
      else this.statement(body)
      this.depth--
    } else body = [{ do: 'return', value: code.expression(), line }]
    this.functions.push({ name: '', parameters, body, captures: 'all', line })
    return { is: 'function', index: this.functions.length - 1, line }
  }

  protected restOfLine(): void {
    while (!this.code.ended) this.code.at++
  }
}
