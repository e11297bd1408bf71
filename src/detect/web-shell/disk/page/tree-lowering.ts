import type { ParsedSyntax, SyntaxNode } from '../../../../model/index.ts'
import type { Argument, Expression, Parameter, Program, ProgramClass, ProgramFunction, Statement } from '../program.ts'
import { fieldOf, namedChildren } from '../syntax.ts'
import type { CodeLanguage } from '../verdict.ts'
import { unlessEndless } from './loops.ts'
import type { SourceText } from './source.ts'

export type Field = ProgramClass['fields'][number]

/** The class whose members are being read; its fields are those of each object, where they are not the page's. */
export interface Owner {
  readonly name: string
  readonly fields: Field[]
}

/** What the languages with classes and braces have in common on the way from a syntax tree to the common form; each adds its own shapes. */
export abstract class TreeLowering {
  protected readonly functions: ProgramFunction[] = []
  /** Inside of a class of its own; `this` is the page elsewhere. */
  protected inClass = 0
  readonly #classes: ProgramClass[] = []
  readonly #source: SourceText
  readonly #text: string

  /** The class and the method that were put around the code of a page: what they hold are variables of the page, and code nobody has to call. */
  readonly #around: { readonly class: string; readonly method: string }

  constructor(source: SourceText, around: { readonly class: string; readonly method: string }) {
    this.#source = source
    this.#text = source.text
    this.#around = around
  }

  program(language: CodeLanguage, { root, errors, cut }: ParsedSyntax): Program {
    const body = this.members(root, undefined)
    return {
      language,
      functions: this.functions,
      classes: this.#classes,
      body,
      sharedVariables: true,
      errors,
      ...(cut ? { cut: 'more nodes or deeper nesting than is read' } : {}),
    }
  }

  protected abstract member(node: SyntaxNode, owner: Owner | undefined, into: Statement[]): void
  protected abstract statement(node: SyntaxNode, into: Statement[]): void
  /** What one declarator of a declaration says: name, type and first value. */
  protected abstract declarator(node: SyntaxNode, type: SyntaxNode | undefined): Field
  protected abstract expression(node: SyntaxNode): Expression
  protected abstract parameters(node: SyntaxNode): Parameter[]
  protected abstract arguments(node: SyntaxNode | undefined): Argument[]
  protected abstract named(node: SyntaxNode | undefined): string

  /** Variables of a declaration: fields of their class, or statements where they stand. */
  protected declarations(node: SyntaxNode, owner: Owner | undefined, into: Statement[]): void {
    const type = fieldOf(node, 'type')
    for (const child of node.children) {
      if (child.type !== 'variable_declarator') continue
      const declared = this.declarator(child, type)
      if (owner) owner.fields.push(declared)
      else into.push({ do: 'declare', ...declared, line: this.line(child) })
    }
  }

  protected of(node: SyntaxNode | undefined): string {
    return node === undefined ? '' : this.#text.slice(node.start, node.end)
  }

  protected line(node: SyntaxNode): number {
    return this.#source.lineAt(node.start)
  }

  /** Members of a class, a namespace or a file: methods become functions; fields and initialisers run first, the page's own method last. */
  protected members(node: SyntaxNode, owner: Owner | undefined): Statement[] {
    const statements: Statement[] = []
    const page: Statement[] = []
    for (const child of partsOf(node))
      if (METHODS.has(child.type)) this.#method(child, owner, page)
      else this.member(child, owner, statements)
    return [...statements, ...page]
  }

  #method(node: SyntaxNode, owner: Owner | undefined, page: Statement[]): void {
    const name = this.named(fieldOf(node, 'name'))
    const statements = this.functionBody(fieldOf(node, 'body'))
    if (name === this.#around.method) page.push(...statements)
    else this.function(name, owner, node, statements)
  }

  protected class(node: SyntaxNode, bases: readonly string[]): Statement[] {
    const name = this.named(fieldOf(node, 'name'))
    const body = fieldOf(node, 'body')
    if (body === undefined) return []
    if (name === this.#around.class) return this.members(body, undefined)
    const fields: Field[] = []
    this.inClass++
    const statements = this.members(body, { name, fields })
    this.inClass--
    this.#classes.push({ name, bases, fields, line: this.line(node) })
    return statements
  }

  /** Number of the function. */
  protected function(name: string, owner: Owner | undefined, node: SyntaxNode, body: readonly Statement[]): number {
    const parameters = fieldOf(node, 'parameters')
    this.functions.push({
      name,
      ...(owner === undefined ? {} : { owner: owner.name }),
      parameters: parameters === undefined ? [] : this.parameters(parameters),
      body,
      ...(CLOSURES.has(node.type) ? { captures: 'all' as const } : {}),
      line: this.line(node),
    })
    return this.functions.length - 1
  }

  /** A block, or an expression whose value is returned. */
  protected functionBody(body: SyntaxNode | undefined): Statement[] {
    if (body === undefined) return []
    if (body.type === 'block' || body.type === 'constructor_body') return this.statements(body)
    const [value] = body.type === 'arrow_expression_clause' ? partsOf(body) : [body]
    return value === undefined ? [] : [{ do: 'return', value: this.expression(value), line: this.line(value) }]
  }

  protected statements(node: SyntaxNode): Statement[] {
    const statements: Statement[] = []
    for (const child of partsOf(node)) this.statement(child, statements)
    return statements
  }

  /** A body that may be one statement without braces. */
  protected body(node: SyntaxNode | undefined): Statement[] {
    if (node === undefined) return []
    if (node.type === 'block') return this.statements(node)
    const statements: Statement[] = []
    this.statement(node, statements)
    return statements
  }

  /** Statements both languages write alike; false for any other. */
  protected sharedStatement(node: SyntaxNode, into: Statement[]): boolean {
    const line = this.line(node)
    switch (node.type) {
      case 'block':
        into.push({ do: 'block', parts: [this.statements(node)] })
        return true
      case 'expression_statement': {
        const [value] = partsOf(node)
        if (value) into.push({ do: 'expression', value: this.expression(value) })
        return true
      }
      case 'if_statement':
        into.push({
          do: 'if',
          condition: this.required(fieldOf(node, 'condition'), line),
          yes: this.body(fieldOf(node, 'consequence')),
          no: this.body(fieldOf(node, 'alternative')),
        })
        return true
      case 'while_statement':
      case 'do_statement':
        into.push({
          do: 'loop',
          ...unlessEndless(this.required(fieldOf(node, 'condition'), line)),
          ...(node.type === 'do_statement' ? { after: true } : {}),
          body: this.body(fieldOf(node, 'body')),
        })
        return true
      case 'for_statement':
        this.#for(node, into)
        return true
      case 'return_statement':
      case 'yield_statement': {
        const [value] = partsOf(node)
        into.push({ do: 'return', ...(value === undefined ? {} : { value: this.expression(value) }), line })
        return true
      }
      case 'throw_statement': {
        const [value] = partsOf(node)
        if (value) into.push({ do: 'expression', value: this.expression(value) })
        into.push({ do: 'jump', kind: 'leave', line })
        return true
      }
      case 'break_statement':
      case 'continue_statement':
        into.push({ do: 'jump', kind: node.type === 'break_statement' ? 'break' : 'continue', line })
        return true
      default:
        return false
    }
  }

  #for(node: SyntaxNode, into: Statement[]): void {
    for (const child of node.children) {
      if (child.field !== 'init' && child.field !== 'initializer') continue
      if (child.type.endsWith('variable_declaration')) this.declarations(child, undefined, into)
      else into.push({ do: 'expression', value: this.expression(child) })
    }
    const condition = fieldOf(node, 'condition')
    const step = node.children.filter(({ field }) => field === 'update').map(child => this.expression(child))
    into.push({
      do: 'loop',
      ...(condition === undefined ? {} : { condition: this.expression(condition) }),
      ...(step.length === 0 ? {} : { step }),
      body: this.body(fieldOf(node, 'body')),
    })
  }

  /** What is tried, what is done when it fails, and what is done in any case. */
  protected tried(node: SyntaxNode): Statement[][] {
    return [
      this.body(fieldOf(node, 'body')),
      ...partsOf(node)
        .filter(({ type }) => type === 'catch_clause' || type === 'finally_clause')
        .map(child => this.body(fieldOf(child, 'body') ?? child.children.find(({ type }) => type === 'block'))),
    ]
  }

  protected required(node: SyntaxNode | undefined, line: number): Expression {
    return node === undefined ? { is: 'opaque', parts: [], line } : this.expression(node)
  }

  /** Operator of an assignment or an operation. */
  protected sign(node: SyntaxNode): string {
    return this.of(fieldOf(node, 'operator') ?? node.children[1])
  }

  /** Expressions both languages write alike; any other is not understood. */
  protected sharedExpression(node: SyntaxNode): Expression {
    const line = this.line(node)
    switch (node.type) {
      case 'parenthesized_expression':
        return this.required(partsOf(node)[0], line)
      case 'null_literal':
        return { is: 'constant', value: null, line }
      case 'assignment_expression':
        return {
          is: 'assign',
          target: this.required(fieldOf(node, 'left'), line),
          sign: this.sign(node).slice(0, -1),
          value: this.required(fieldOf(node, 'right'), line),
          line,
        }
      case 'binary_expression':
        return this.#operations(node)
      case 'ternary_expression':
      case 'conditional_expression':
        return {
          is: 'choice',
          condition: this.required(fieldOf(node, 'condition'), line),
          yes: this.required(fieldOf(node, 'consequence'), line),
          no: this.required(fieldOf(node, 'alternative'), line),
          line,
        }
      case 'lambda_expression':
      case 'anonymous_method_expression': {
        const body = fieldOf(node, 'body') ?? node.children.find(({ type }) => type === 'block')
        return { is: 'function', index: this.function('', undefined, node, this.functionBody(body)), line }
      }
      default:
        return { is: 'opaque', parts: partsOf(node).map(child => this.expression(child)), line }
    }
  }

  /** `left sign right`, as the language means it. */
  protected operation(sign: string, left: Expression, right: Expression, line: number): Expression {
    return { is: 'binary', sign, left, right, line }
  }

  /** Sums of thousands of texts lean to the left: taken apart in a loop, the stack would not hold a recursion. */
  #operations(node: SyntaxNode): Expression {
    const operations: SyntaxNode[] = []
    let at: SyntaxNode | undefined = node
    for (; at?.type === 'binary_expression'; at = fieldOf(at, 'left')) operations.push(at)
    let value = this.required(at, this.line(operations.at(-1) ?? node))
    for (const operation of operations.toReversed()) {
      const line = this.line(operation)
      value = this.operation(this.sign(operation), value, this.required(fieldOf(operation, 'right'), line), line)
    }
    return value
  }
}

const METHODS = new Set([
  'method_declaration',
  'constructor_declaration',
  'compact_constructor_declaration',
  'destructor_declaration',
  'operator_declaration',
  'conversion_operator_declaration',
  'local_function_statement',
])
const CLOSURES = new Set(['lambda_expression', 'anonymous_method_expression', 'local_function_statement'])

/** Named children; comments may stand anywhere, also between arguments. */
export function partsOf(node: SyntaxNode): SyntaxNode[] {
  return namedChildren(node).filter(({ type }) => type !== 'line_comment' && type !== 'block_comment')
}

/** `x instanceof T`, `x is T` */
export function typeTest(left: Expression, line: number): Expression {
  return { is: 'binary', sign: 'instanceof', left, right: { is: 'constant', value: null, line }, line }
}

/** `-1` is a number of its own. */
export function signed(sign: string, value: Expression, line: number): Expression {
  return sign === '-' && value.is === 'constant' && typeof value.value === 'number'
    ? { is: 'constant', value: -value.value, line }
    : { is: 'unary', sign, value, line }
}

/** Number of a literal; digits may be grouped by '_', suffixes are left out. */
export function numberOf(literal: string): number {
  const plain = literal.replace(/_/g, '')
  if (/^0x/i.test(plain)) return Number.parseInt(plain.slice(2), 16)
  if (/^0b/i.test(plain)) return Number.parseInt(plain.slice(2), 2)
  return Number.parseFloat(plain)
}
