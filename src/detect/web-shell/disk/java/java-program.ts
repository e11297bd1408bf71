import type { ParsedSyntax, SyntaxNode } from '../../../../model/index.ts'
import type { SourceText } from '../page/source.ts'
import { type Field, numberOf, type Owner, partsOf, signed, TreeLowering, typeTest } from '../page/tree-lowering.ts'
import type { Argument, Expression, Parameter, Program, Statement } from '../program.ts'
import { fieldOf } from '../syntax.ts'
import { PAGE_CLASS, SERVICE_METHOD } from './java-source.ts'
import { escapedText } from './java-text.ts'

/** Lowers a syntax tree of Java (tree-sitter-java) to the common form. */
export function javaProgram(source: SourceText, tree: ParsedSyntax): Program {
  return new JavaLowering(source, { class: PAGE_CLASS, method: SERVICE_METHOD }).program('java', tree)
}

const ARITHMETIC = new Set(['^', '&', '|', '-', '*', '/', '%', '<<', '>>', '>>>'])
const PACKAGE_ROOTS = new Set(['java', 'javax', 'jakarta', 'sun', 'com', 'org', 'net', 'jdk', 'ognl', 'groovy', 'bsh'])

class JavaLowering extends TreeLowering {
  protected override named(node: SyntaxNode | undefined): string {
    return this.of(node)
  }

  protected override member(node: SyntaxNode, owner: Owner | undefined, into: Statement[]): void {
    switch (node.type) {
      case 'class_declaration':
      case 'interface_declaration':
      case 'enum_declaration':
      case 'record_declaration':
      case 'annotation_type_declaration':
        into.push(...this.class(node, this.#basesOf(node)))
        return
      case 'field_declaration':
      case 'constant_declaration':
        this.declarations(node, owner, into)
        return
      case 'static_initializer':
      case 'block':
        for (const child of partsOf(node)) into.push(...this.statements(child.type === 'block' ? child : node))
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
        this.statement(node, into)
    }
  }

  #basesOf(node: SyntaxNode): string[] {
    return node.children
      .filter(({ type }) => type === 'superclass' || type === 'super_interfaces' || type === 'extends_interfaces')
      .flatMap(part => [...this.of(part).matchAll(/[\w.]+/g)].map(([word]) => word))
      .filter(word => word !== 'extends' && word !== 'implements')
  }

  protected override parameters(node: SyntaxNode): Parameter[] {
    if (node.type === 'identifier') return [{ name: this.of(node) }]
    return partsOf(node).map(parameter => {
      if (parameter.type === 'identifier') return { name: this.of(parameter) }
      const type = fieldOf(parameter, 'type')
      const name = fieldOf(parameter, 'name') ?? parameter.children.find(child => child.type === 'variable_declarator')
      const rest = parameter.type === 'spread_parameter'
      return { name: this.of(name), ...(type === undefined ? {} : { type: this.#type(type) }), ...(rest ? { rest } : {}) }
    })
  }

  /** Without type parameters and ranks: "java.util.Map". */
  #type(node: SyntaxNode): string {
    return this.of(node)
      .replace(/<[\s\S]*>/g, '')
      .replace(/@[\w.]+/g, '')
      .replace(/\s+/g, '')
  }

  protected override declarator(node: SyntaxNode, type: SyntaxNode | undefined): Field {
    const value = fieldOf(node, 'value')
    return {
      name: this.of(fieldOf(node, 'name')),
      ...(type === undefined ? {} : { type: this.#type(type) }),
      ...(value === undefined ? {} : { value: this.expression(value) }),
    }
  }

  protected override statement(node: SyntaxNode, into: Statement[]): void {
    const line = this.line(node)
    switch (node.type) {
      case 'local_variable_declaration':
      case 'field_declaration':
        this.declarations(node, undefined, into)
        return
      case 'enhanced_for_statement':
        into.push({
          do: 'each',
          list: this.required(fieldOf(node, 'value'), line),
          value: { is: 'variable', name: this.of(fieldOf(node, 'name')), line },
          body: this.body(fieldOf(node, 'body')),
        })
        return
      case 'switch_expression':
      case 'switch_statement':
        into.push(this.#switch(node))
        return
      case 'try_statement':
      case 'try_with_resources_statement': {
        const resources: Statement[] = []
        for (const resource of partsOf(fieldOf(node, 'resources') ?? EMPTY)) {
          const name = fieldOf(resource, 'name')
          const value = fieldOf(resource, 'value')
          const type = fieldOf(resource, 'type')
          if (name === undefined || value === undefined) continue
          const declared = { do: 'declare', name: this.of(name), value: this.expression(value), line } as const
          resources.push(type === undefined ? declared : { ...declared, type: this.#type(type) })
        }
        into.push({ do: 'block', parts: [resources, ...this.tried(node)] })
        return
      }
      case 'synchronized_statement':
      case 'labeled_statement':
        for (const child of partsOf(node)) if (child.type !== 'identifier') this.statement(child, into)
        return
      case 'class_declaration':
      case 'record_declaration':
      case 'enum_declaration':
      case 'interface_declaration':
        into.push(...this.class(node, this.#basesOf(node)))
        return
      case 'method_declaration':
      case 'constructor_declaration':
        this.function(this.of(fieldOf(node, 'name')), undefined, node, this.functionBody(fieldOf(node, 'body')))
        return
      case 'ERROR':
        for (const child of partsOf(node)) this.statement(child, into)
        return
      case 'import_declaration':
      case 'package_declaration':
      case 'line_comment':
      case 'block_comment':
      case 'modifiers':
        return
      default:
        if (!this.sharedStatement(node, into)) into.push({ do: 'expression', value: this.expression(node) })
    }
  }

  #switch(node: SyntaxNode): Statement {
    const cases: { test?: Expression; body: Statement[] }[] = []
    const body = fieldOf(node, 'body')
    for (const group of body ? partsOf(body) : []) {
      const labels = partsOf(group).filter(({ type }) => type === 'switch_label')
      const statements: Statement[] = []
      for (const child of partsOf(group)) if (child.type !== 'switch_label') this.statement(child, statements)
      if (group.type === 'switch_rule') statements.push({ do: 'jump', kind: 'break', line: this.line(group) })
      const tests = labels.flatMap(label => partsOf(label).map(test => this.expression(test)))
      const isDefault = labels.some(label => this.of(label).startsWith('default'))
      for (const test of isDefault ? tests : tests.slice(0, -1)) cases.push({ test, body: [] })
      const test = isDefault ? undefined : tests.at(-1)
      cases.push({ ...(test === undefined ? {} : { test }), body: statements })
    }
    return { do: 'switch', value: this.required(fieldOf(node, 'condition'), this.line(node)), cases }
  }

  protected override expression(node: SyntaxNode): Expression {
    const line = this.line(node)
    switch (node.type) {
      case 'condition':
        return this.required(partsOf(node)[0], line)
      case 'string_literal':
      case 'text_block':
        return { is: 'constant', value: escapedText(this.of(node)), line }
      case 'character_literal':
        return { is: 'constant', value: escapedText(this.of(node)), line }
      case 'decimal_integer_literal':
      case 'hex_integer_literal':
      case 'octal_integer_literal':
      case 'binary_integer_literal':
      case 'decimal_floating_point_literal':
        return { is: 'constant', value: javaNumber(this.of(node)), line }
      case 'true':
      case 'false':
        return { is: 'constant', value: node.type === 'true', line }
      case 'identifier':
      case 'this':
      case 'super':
        return { is: 'variable', name: this.of(node), line }
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
        if (this.inClass === 0 && this.of(fieldOf(node, 'object')) === 'this')
          return { is: 'variable', name: this.of(fieldOf(node, 'field')), line }
        const object = this.required(fieldOf(node, 'object'), line)
        return { is: 'member', object, name: this.of(fieldOf(node, 'field')), line }
      }
      case 'array_access':
        return {
          is: 'index',
          object: this.required(fieldOf(node, 'array'), line),
          key: this.required(fieldOf(node, 'index'), line),
          line,
        }
      case 'method_invocation': {
        const object = fieldOf(node, 'object')
        const name = this.of(fieldOf(node, 'name'))
        const nameLine = this.line(fieldOf(node, 'name') ?? node)
        const args = this.arguments(fieldOf(node, 'arguments'))
        const isPage = this.inClass === 0 && object !== undefined && /^(?:this|super)$/.test(this.of(object))
        return object === undefined || isPage
          ? { is: 'call', name, args, line: nameLine }
          : { is: 'method', object: this.expression(object), name, args, line: nameLine }
      }
      case 'explicit_constructor_invocation':
        return {
          is: 'call',
          name: this.of(fieldOf(node, 'constructor')),
          args: this.arguments(fieldOf(node, 'arguments')),
          line,
        }
      case 'object_creation_expression': {
        const type = fieldOf(node, 'type')
        const name = type === undefined ? '' : this.#type(type)
        const body = node.children.find(child => child.type === 'class_body')
        // What an anonymous class initialises is done when it is made.
        const fields: Field[] = []
        const inner = body === undefined ? [] : this.members(body, { name: `${name}$`, fields })
        const made: Expression = { is: 'new', type: name, args: this.arguments(fieldOf(node, 'arguments')), line }
        const values = [
          ...inner.flatMap(statement => (statement.do === 'expression' ? [statement.value] : [])),
          ...fields.flatMap(({ value }) => (value ? [value] : [])),
        ]
        return values.length === 0 ? made : { is: 'opaque', parts: [made, ...values], line }
      }
      case 'array_creation_expression': {
        const value = fieldOf(node, 'value')
        const sizes = node.children.filter(child => child.type === 'dimensions_expr')
        if (value) return this.expression(value)
        return {
          is: 'new',
          type: `${this.of(fieldOf(node, 'type'))}[]`,
          args: sizes.flatMap(size => this.arguments(size)),
          line,
        }
      }
      case 'array_initializer':
      case 'element_value_array_initializer':
        return { is: 'list', items: partsOf(node).map(item => ({ value: this.expression(item) })), line }
      case 'instanceof_expression':
        return typeTest(this.required(fieldOf(node, 'left'), line), line)
      case 'unary_expression': {
        const sign = this.of(fieldOf(node, 'operator') ?? node.children[0])
        return signed(sign, this.required(fieldOf(node, 'operand'), line), line)
      }
      case 'update_expression': {
        const text = this.of(node)
        const before = text.startsWith('++') || text.startsWith('--')
        const sign = before ? text.slice(0, 2) : `x${text.slice(-2)}`
        const [value] = partsOf(node)
        return { is: 'unary', sign, value: this.required(value, line), line }
      }
      case 'cast_expression': {
        const type = fieldOf(node, 'type')
        const sign = `(${type ? this.#type(type).toLowerCase() : ''})`
        const value = this.required(fieldOf(node, 'value'), line)
        // A number becomes a character.
        if (sign === '(char)' || sign === '(byte)') return { is: 'call', name: sign, args: [{ value: counted(value) }], line }
        return { is: 'unary', sign, value, line }
      }
      case 'switch_expression': {
        const statement = this.#switch(node)
        return { is: 'opaque', parts: statement.do === 'switch' ? [statement.value] : [], line }
      }
      case 'method_reference': {
        const [object] = partsOf(node)
        const name = /::\s*(\w+)\s*$/.exec(this.of(node))?.[1] ?? ''
        return { is: 'opaque', parts: object ? [{ is: 'member', object: this.expression(object), name, line }] : [], line }
      }
      default:
        return this.sharedExpression(node)
    }
  }

  protected override operation(sign: string, left: Expression, right: Expression, line: number): Expression {
    const operation = super.operation(sign, left, right, line)
    return ARITHMETIC.has(sign) ? counted(operation) : operation
  }

  protected override arguments(node: SyntaxNode | undefined): Argument[] {
    return node === undefined ? [] : partsOf(node).map(child => ({ value: this.expression(child) }))
  }

  /** `java.lang.Runtime`: packages are lower case, and begin with one of the known roots. */
  #qualifiedName(node: SyntaxNode): string | undefined {
    const text = this.of(node)
    if (text.length > 200 || !/^[a-z]\w*\s*\./.test(text)) return undefined
    const plain = text.replace(/\s+/g, '')
    return PACKAGE_ROOTS.has(plain.slice(0, plain.indexOf('.'))) && /^(?:[a-z_]\w*\.)+[A-Z]\w*$/.test(plain) ? plain : undefined
  }
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

/** Of Java: a leading zero means digits of base eight. */
function javaNumber(literal: string): number {
  return /^0[\d_]/.test(literal) ? Number.parseInt(literal.replace(/_/g, ''), 8) : numberOf(literal)
}
