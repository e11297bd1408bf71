import type { ParsedSyntax, SyntaxNode } from '../../../../model/index.ts'
import { unlessEndless } from '../page/loops.ts'
import type { SourceText } from '../page/source.ts'
import type { Argument, Expression, Parameter, Program, ProgramClass, ProgramFunction, Statement } from '../program.ts'
import { fieldOf, namedChildren } from '../syntax.ts'
import { PAGE_CLASS, SERVICE_METHOD } from './java-source.ts'
import { escapedText } from './java-text.ts'

/** Lowers a syntax tree of Java (tree-sitter-java) to the common form. */
export function javaProgram(source: SourceText, { root, errors, cut }: ParsedSyntax): Program {
  const lowering = new JavaLowering(source)
  const body = lowering.members(root, undefined)
  return {
    language: 'java',
    functions: lowering.functions,
    classes: lowering.classes,
    body,
    sharedVariables: true,
    errors,
    ...(cut ? { cut: 'more nodes or deeper nesting than is read' } : {}),
  }
}

type Field = ProgramClass['fields'][number]

/** The class whose members are being read; its fields are those of each object, where they are not the page's. */
interface Owner {
  readonly name: string
  readonly fields: Field[]
}

const ARITHMETIC = new Set(['^', '&', '|', '-', '*', '/', '%', '<<', '>>', '>>>'])
const PACKAGE_ROOTS = new Set(['java', 'javax', 'jakarta', 'sun', 'com', 'org', 'net', 'jdk'])

class JavaLowering {
  readonly functions: ProgramFunction[] = []
  readonly classes: ProgramClass[] = []
  readonly #source: SourceText
  readonly #text: string
  /** Inside of a class of its own; `this` is the page elsewhere. */
  #inClass = 0

  constructor(source: SourceText) {
    this.#source = source
    this.#text = source.text
  }

  #of(node: SyntaxNode | undefined): string {
    return node === undefined ? '' : this.#text.slice(node.start, node.end)
  }

  #line(node: SyntaxNode): number {
    return this.#source.lineAt(node.start)
  }

  /** Members of a class or of a file: methods become functions, fields and initialisers are executed first. */
  members(node: SyntaxNode, owner: Owner | undefined): Statement[] {
    const statements: Statement[] = []
    const service: Statement[] = []
    for (const child of partsOf(node)) this.#member(child, owner, statements, service)
    return [...statements, ...service]
  }

  #member(node: SyntaxNode, owner: Owner | undefined, into: Statement[], service: Statement[]): void {
    switch (node.type) {
      case 'class_declaration':
      case 'interface_declaration':
      case 'enum_declaration':
      case 'record_declaration':
      case 'annotation_type_declaration':
        into.push(...this.#class(node))
        return
      case 'method_declaration':
      case 'constructor_declaration':
      case 'compact_constructor_declaration': {
        const name = this.#of(fieldOf(node, 'name'))
        const body = fieldOf(node, 'body')
        const statements = body === undefined ? [] : this.#statements(body)
        if (name === SERVICE_METHOD) service.push(...statements)
        else this.#function(name, owner, node, statements)
        return
      }
      case 'field_declaration':
      case 'constant_declaration':
        if (owner) owner.fields.push(...this.#fields(node))
        else this.#declarations(node, into)
        return
      case 'static_initializer':
      case 'block':
        for (const child of partsOf(node)) into.push(...this.#statements(child.type === 'block' ? child : node))
        return
      case 'enum_body_declarations':
      case 'ERROR':
        into.push(...this.members(node, owner))
        return
      case 'import_declaration':
      case 'package_declaration':
      case 'modifiers':
      case 'enum_constant':
        return
      default:
        // Statements between members: of a page that closes its method, or that could not be read as a whole.
        this.#statement(node, into)
    }
  }

  #class(node: SyntaxNode): Statement[] {
    const name = this.#of(fieldOf(node, 'name'))
    const bases = node.children
      .filter(({ type }) => type === 'superclass' || type === 'super_interfaces' || type === 'extends_interfaces')
      .flatMap(part => [...this.#of(part).matchAll(/[\w.]+/g)].map(([word]) => word))
      .filter(word => word !== 'extends' && word !== 'implements')
    const body = fieldOf(node, 'body')
    if (body === undefined) return []
    // What a page declares are variables of the page.
    if (name === PAGE_CLASS) return this.members(body, undefined)
    const fields: Field[] = []
    this.#inClass++
    const statements = this.members(body, { name, fields })
    this.#inClass--
    this.classes.push({ name, bases, fields, line: this.#line(node) })
    return statements
  }

  #fields(node: SyntaxNode): Field[] {
    const declared: Statement[] = []
    this.#declarations(node, declared)
    return declared.filter(statement => statement.do === 'declare')
  }

  #function(name: string, owner: Owner | undefined, node: SyntaxNode, body: readonly Statement[]): number {
    const parameters = fieldOf(node, 'parameters')
    this.functions.push({
      name,
      ...(owner === undefined ? {} : { owner: owner.name }),
      parameters: parameters === undefined ? [] : this.#parameters(parameters),
      body,
      ...(node.type === 'lambda_expression' ? { captures: 'all' as const } : {}),
      line: this.#line(node),
    })
    return this.functions.length - 1
  }

  #parameters(node: SyntaxNode): Parameter[] {
    if (node.type === 'identifier') return [{ name: this.#of(node) }]
    return partsOf(node).map(parameter => {
      if (parameter.type === 'identifier') return { name: this.#of(parameter) }
      const type = fieldOf(parameter, 'type')
      const name = fieldOf(parameter, 'name') ?? parameter.children.find(child => child.type === 'variable_declarator')
      const rest = parameter.type === 'spread_parameter'
      return { name: this.#of(name), ...(type === undefined ? {} : { type: this.#type(type) }), ...(rest ? { rest } : {}) }
    })
  }

  /** Without type parameters and ranks: "java.util.Map". */
  #type(node: SyntaxNode): string {
    return this.#of(node)
      .replace(/<[\s\S]*>/g, '')
      .replace(/@[\w.]+/g, '')
      .replace(/\s+/g, '')
  }

  #declarations(node: SyntaxNode, into: Statement[]): void {
    const type = fieldOf(node, 'type')
    for (const declarator of node.children) {
      if (declarator.type !== 'variable_declarator') continue
      const value = fieldOf(declarator, 'value')
      into.push({
        do: 'declare',
        name: this.#of(fieldOf(declarator, 'name')),
        ...(type === undefined ? {} : { type: this.#type(type) }),
        ...(value === undefined ? {} : { value: this.#expression(value) }),
        line: this.#line(declarator),
      })
    }
  }

  #statements(node: SyntaxNode): Statement[] {
    const statements: Statement[] = []
    for (const child of partsOf(node)) this.#statement(child, statements)
    return statements
  }

  /** A body that may be one statement without braces. */
  #body(node: SyntaxNode | undefined): Statement[] {
    if (node === undefined) return []
    if (node.type === 'block') return this.#statements(node)
    const statements: Statement[] = []
    this.#statement(node, statements)
    return statements
  }

  #statement(node: SyntaxNode, into: Statement[]): void {
    const line = this.#line(node)
    switch (node.type) {
      case 'block':
        into.push({ do: 'block', parts: [this.#statements(node)] })
        return
      case 'local_variable_declaration':
        this.#declarations(node, into)
        return
      case 'expression_statement': {
        const [value] = partsOf(node)
        if (value) into.push({ do: 'expression', value: this.#expression(value) })
        return
      }
      case 'if_statement':
        into.push({
          do: 'if',
          condition: this.#required(fieldOf(node, 'condition'), line),
          yes: this.#body(fieldOf(node, 'consequence')),
          no: this.#body(fieldOf(node, 'alternative')),
        })
        return
      case 'while_statement':
      case 'do_statement':
        into.push({
          do: 'loop',
          ...unlessEndless(this.#required(fieldOf(node, 'condition'), line)),
          ...(node.type === 'do_statement' ? { after: true } : {}),
          body: this.#body(fieldOf(node, 'body')),
        })
        return
      case 'for_statement':
        this.#for(node, into)
        return
      case 'enhanced_for_statement':
        into.push({
          do: 'each',
          list: this.#required(fieldOf(node, 'value'), line),
          value: { is: 'variable', name: this.#of(fieldOf(node, 'name')), line },
          body: this.#body(fieldOf(node, 'body')),
        })
        return
      case 'switch_expression':
      case 'switch_statement':
        into.push(this.#switch(node))
        return
      case 'return_statement':
      case 'yield_statement': {
        const [value] = partsOf(node)
        into.push({ do: 'return', ...(value === undefined ? {} : { value: this.#expression(value) }), line })
        return
      }
      case 'throw_statement': {
        const [value] = partsOf(node)
        if (value) into.push({ do: 'expression', value: this.#expression(value) })
        into.push({ do: 'jump', kind: 'leave', line })
        return
      }
      case 'break_statement':
      case 'continue_statement':
        into.push({ do: 'jump', kind: node.type === 'break_statement' ? 'break' : 'continue', line })
        return
      case 'try_statement':
      case 'try_with_resources_statement': {
        const resources: Statement[] = []
        for (const resource of partsOf(fieldOf(node, 'resources') ?? EMPTY)) {
          const name = fieldOf(resource, 'name')
          const value = fieldOf(resource, 'value')
          const type = fieldOf(resource, 'type')
          if (name === undefined || value === undefined) continue
          const declared = { do: 'declare', name: this.#of(name), value: this.#expression(value), line } as const
          resources.push(type === undefined ? declared : { ...declared, type: this.#type(type) })
        }
        const parts = [resources, this.#body(fieldOf(node, 'body'))]
        for (const child of partsOf(node)) {
          if (child.type !== 'catch_clause' && child.type !== 'finally_clause') continue
          parts.push(this.#body(fieldOf(child, 'body') ?? child.children.find(part => part.type === 'block')))
        }
        into.push({ do: 'block', parts })
        return
      }
      case 'synchronized_statement':
      case 'labeled_statement':
        for (const child of partsOf(node)) if (child.type !== 'identifier') this.#statement(child, into)
        return
      case 'class_declaration':
      case 'record_declaration':
      case 'enum_declaration':
      case 'interface_declaration':
        into.push(...this.#class(node))
        return
      case 'method_declaration':
      case 'constructor_declaration': {
        const body = fieldOf(node, 'body')
        this.#function(this.#of(fieldOf(node, 'name')), undefined, node, body === undefined ? [] : this.#statements(body))
        return
      }
      case 'field_declaration':
        this.#declarations(node, into)
        return
      case 'ERROR':
        for (const child of partsOf(node)) this.#statement(child, into)
        return
      case 'import_declaration':
      case 'package_declaration':
      case 'line_comment':
      case 'block_comment':
      case 'modifiers':
        return
      default:
        into.push({ do: 'expression', value: this.#expression(node) })
    }
  }

  #for(node: SyntaxNode, into: Statement[]): void {
    for (const child of node.children) {
      if (child.field !== 'init') continue
      if (child.type === 'local_variable_declaration') this.#declarations(child, into)
      else into.push({ do: 'expression', value: this.#expression(child) })
    }
    const condition = fieldOf(node, 'condition')
    const step = node.children.filter(({ field }) => field === 'update').map(child => this.#expression(child))
    into.push({
      do: 'loop',
      ...(condition === undefined ? {} : { condition: this.#expression(condition) }),
      ...(step.length === 0 ? {} : { step }),
      body: this.#body(fieldOf(node, 'body')),
    })
  }

  #switch(node: SyntaxNode): Statement {
    const cases: { test?: Expression; body: Statement[] }[] = []
    const body = fieldOf(node, 'body')
    for (const group of body ? partsOf(body) : []) {
      const labels = partsOf(group).filter(({ type }) => type === 'switch_label')
      const statements: Statement[] = []
      for (const child of partsOf(group)) if (child.type !== 'switch_label') this.#statement(child, statements)
      if (group.type === 'switch_rule') statements.push({ do: 'jump', kind: 'break', line: this.#line(group) })
      const tests = labels.flatMap(label => partsOf(label).map(test => this.#expression(test)))
      const isDefault = labels.some(label => this.#of(label).startsWith('default'))
      for (const test of isDefault ? tests : tests.slice(0, -1)) cases.push({ test, body: [] })
      const test = isDefault ? undefined : tests.at(-1)
      cases.push({ ...(test === undefined ? {} : { test }), body: statements })
    }
    return { do: 'switch', value: this.#required(fieldOf(node, 'condition'), this.#line(node)), cases }
  }

  #required(node: SyntaxNode | undefined, line: number): Expression {
    return node === undefined ? { is: 'opaque', parts: [], line } : this.#expression(node)
  }

  #expression(node: SyntaxNode): Expression {
    const line = this.#line(node)
    switch (node.type) {
      case 'parenthesized_expression':
      case 'condition': {
        const [inner] = partsOf(node)
        return this.#required(inner, line)
      }
      case 'string_literal':
      case 'text_block':
        return { is: 'constant', value: escapedText(this.#of(node)), line }
      case 'character_literal':
        return { is: 'constant', value: escapedText(this.#of(node)), line }
      case 'decimal_integer_literal':
      case 'hex_integer_literal':
      case 'octal_integer_literal':
      case 'binary_integer_literal':
      case 'decimal_floating_point_literal':
        return { is: 'constant', value: numberOf(this.#of(node)), line }
      case 'true':
      case 'false':
        return { is: 'constant', value: node.type === 'true', line }
      case 'null_literal':
        return { is: 'constant', value: null, line }
      case 'identifier':
      case 'this':
      case 'super':
        return { is: 'variable', name: this.#of(node), line }
      case 'type_identifier':
      case 'scoped_type_identifier':
      case 'scoped_identifier':
      case 'generic_type':
        return { is: 'name', name: this.#type(node), line }
      case 'class_literal': {
        const [type] = partsOf(node)
        return { is: 'member', object: { is: 'name', name: type ? this.#type(type) : '', line }, name: 'class', line }
      }
      case 'field_access': {
        const qualified = this.#qualifiedName(node)
        if (qualified !== undefined) return { is: 'name', name: qualified, line }
        if (this.#inClass === 0 && this.#of(fieldOf(node, 'object')) === 'this')
          return { is: 'variable', name: this.#of(fieldOf(node, 'field')), line }
        const object = this.#required(fieldOf(node, 'object'), line)
        return { is: 'member', object, name: this.#of(fieldOf(node, 'field')), line }
      }
      case 'array_access':
        return {
          is: 'index',
          object: this.#required(fieldOf(node, 'array'), line),
          key: this.#required(fieldOf(node, 'index'), line),
          line,
        }
      case 'method_invocation': {
        const object = fieldOf(node, 'object')
        const name = this.#of(fieldOf(node, 'name'))
        const nameLine = this.#line(fieldOf(node, 'name') ?? node)
        const args = this.#arguments(fieldOf(node, 'arguments'))
        const isPage = this.#inClass === 0 && object !== undefined && /^(?:this|super)$/.test(this.#of(object))
        return object === undefined || isPage
          ? { is: 'call', name, args, line: nameLine }
          : { is: 'method', object: this.#expression(object), name, args, line: nameLine }
      }
      case 'explicit_constructor_invocation':
        return {
          is: 'call',
          name: this.#of(fieldOf(node, 'constructor')),
          args: this.#arguments(fieldOf(node, 'arguments')),
          line,
        }
      case 'object_creation_expression': {
        const type = fieldOf(node, 'type')
        const name = type === undefined ? '' : this.#type(type)
        const body = node.children.find(child => child.type === 'class_body')
        // What an anonymous class initialises is done when it is made.
        const fields: Field[] = []
        const inner = body === undefined ? [] : this.members(body, { name: `${name}$`, fields })
        const made: Expression = { is: 'new', type: name, args: this.#arguments(fieldOf(node, 'arguments')), line }
        const values = [
          ...inner.flatMap(statement => (statement.do === 'expression' ? [statement.value] : [])),
          ...fields.flatMap(({ value }) => (value ? [value] : [])),
        ]
        return values.length === 0 ? made : { is: 'opaque', parts: [made, ...values], line }
      }
      case 'array_creation_expression': {
        const value = fieldOf(node, 'value')
        const sizes = node.children.filter(child => child.type === 'dimensions_expr')
        if (value) return this.#expression(value)
        return {
          is: 'new',
          type: `${this.#of(fieldOf(node, 'type'))}[]`,
          args: sizes.flatMap(size => this.#arguments(size)),
          line,
        }
      }
      case 'array_initializer':
      case 'element_value_array_initializer':
        return { is: 'list', items: partsOf(node).map(item => ({ value: this.#expression(item) })), line }
      case 'assignment_expression': {
        const sign = this.#of(fieldOf(node, 'operator')) || this.#of(node.children[1])
        return {
          is: 'assign',
          target: this.#required(fieldOf(node, 'left'), line),
          sign: sign.slice(0, -1),
          value: this.#required(fieldOf(node, 'right'), line),
          line,
        }
      }
      case 'binary_expression': {
        const sum: Expression = {
          is: 'binary',
          sign: this.#of(fieldOf(node, 'operator')) || this.#of(node.children[1]),
          left: this.#required(fieldOf(node, 'left'), line),
          right: this.#required(fieldOf(node, 'right'), line),
          line,
        }
        return ARITHMETIC.has(sum.sign) ? counted(sum) : sum
      }
      case 'instanceof_expression':
        return {
          is: 'binary',
          sign: 'instanceof',
          left: this.#required(fieldOf(node, 'left'), line),
          right: { is: 'constant', value: null, line },
          line,
        }
      case 'unary_expression': {
        const sign = this.#of(fieldOf(node, 'operator')) || this.#of(node.children[0])
        const value = this.#required(fieldOf(node, 'operand'), line)
        return sign === '-' && value.is === 'constant' && typeof value.value === 'number'
          ? { is: 'constant', value: -value.value, line }
          : { is: 'unary', sign, value, line }
      }
      case 'update_expression': {
        const text = this.#of(node)
        const before = text.startsWith('++') || text.startsWith('--')
        const sign = before ? text.slice(0, 2) : `x${text.slice(-2)}`
        const [value] = partsOf(node)
        return { is: 'unary', sign, value: this.#required(value, line), line }
      }
      case 'cast_expression': {
        const type = fieldOf(node, 'type')
        const sign = `(${type ? this.#type(type).toLowerCase() : ''})`
        const value = this.#required(fieldOf(node, 'value'), line)
        // A number becomes a character.
        if (sign === '(char)' || sign === '(byte)') return { is: 'call', name: sign, args: [{ value: counted(value) }], line }
        return { is: 'unary', sign, value, line }
      }
      case 'ternary_expression':
        return {
          is: 'choice',
          condition: this.#required(fieldOf(node, 'condition'), line),
          yes: this.#required(fieldOf(node, 'consequence'), line),
          no: this.#required(fieldOf(node, 'alternative'), line),
          line,
        }
      case 'lambda_expression': {
        const body = fieldOf(node, 'body')
        const statements: Statement[] =
          body === undefined
            ? []
            : body.type === 'block'
              ? this.#statements(body)
              : [{ do: 'return', value: this.#expression(body), line: this.#line(body) }]
        return { is: 'function', index: this.#function('', undefined, node, statements), line }
      }
      case 'switch_expression': {
        const statement = this.#switch(node)
        return { is: 'opaque', parts: statement.do === 'switch' ? [statement.value] : [], line }
      }
      case 'method_reference': {
        const [object] = partsOf(node)
        const name = /::\s*(\w+)\s*$/.exec(this.#of(node))?.[1] ?? ''
        return { is: 'opaque', parts: object ? [{ is: 'member', object: this.#expression(object), name, line }] : [], line }
      }
      default:
        return { is: 'opaque', parts: partsOf(node).map(child => this.#expression(child)), line }
    }
  }

  #arguments(node: SyntaxNode | undefined): Argument[] {
    return node === undefined ? [] : partsOf(node).map(child => ({ value: this.#expression(child) }))
  }

  /** `java.lang.Runtime`: packages are lower case, and begin with one of the known roots. */
  #qualifiedName(node: SyntaxNode): string | undefined {
    const text = this.#of(node)
    if (text.length > 200 || !/^[a-z]\w*\s*\./.test(text)) return undefined
    const plain = text.replace(/\s+/g, '')
    return PACKAGE_ROOTS.has(plain.slice(0, plain.indexOf('.'))) && /^(?:[a-z_]\w*\.)+[A-Z]\w*$/.test(plain) ? plain : undefined
  }
}

/** Comments may stand anywhere, also between arguments. */
function partsOf(node: SyntaxNode): SyntaxNode[] {
  return namedChildren(node).filter(({ type }) => type !== 'line_comment' && type !== 'block_comment')
}

const EMPTY: SyntaxNode = { type: '', field: '', named: false, start: 0, end: 0, children: [] }

/** Characters count as numbers in arithmetic: both sides are asked for their code. */
function counted(value: Expression): Expression {
  if (value.is !== 'binary') return value
  const code = (side: Expression): Expression =>
    side.is === 'constant' && typeof side.value === 'number'
      ? side
      : { is: 'call', name: '(code)', args: [{ value: side }], line: side.line }
  const { left, right } = value
  if (left.is === 'call' && left.name === '(code)') return value
  return { ...value, left: code(left), right: code(right) }
}

function numberOf(literal: string): number {
  const plain = literal.replace(/_/g, '')
  if (/^0[xX]/.test(plain)) return Number.parseInt(plain.slice(2), 16)
  if (/^0[bB]/.test(plain)) return Number.parseInt(plain.slice(2), 2)
  return /^0\d/.test(plain) ? Number.parseInt(plain, 8) : Number.parseFloat(plain)
}
