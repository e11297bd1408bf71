import type { ParsedSyntax, SyntaxNode } from '../../../../model/index.ts'
import type { SourceText } from '../page/source.ts'
import { type Field, numberOf, type Owner, partsOf, signed, TreeLowering, typeTest } from '../page/tree-lowering.ts'
import type { Argument, Expression, Parameter, Program, Statement } from '../program.ts'
import { fieldOf } from '../syntax.ts'
import { PAGE_CLASS, RENDER_METHOD } from './csharp-source.ts'
import { csharpName, csharpText, escapedCsharp } from './csharp-text.ts'

/** Name of the argument that holds an object initialiser. */
export const INITIALISER = '{}'

/** Lowers a syntax tree of C# (tree-sitter-c-sharp) to the common form. */
export function csharpProgram(source: SourceText, tree: ParsedSyntax): Program {
  return new CsharpLowering(source, { class: PAGE_CLASS, method: RENDER_METHOD }).program('csharp', tree)
}

class CsharpLowering extends TreeLowering {
  protected override named(node: SyntaxNode | undefined): string {
    return csharpName(this.of(node))
  }

  protected override member(node: SyntaxNode, owner: Owner | undefined, into: Statement[]): void {
    switch (node.type) {
      case 'namespace_declaration':
      case 'file_scoped_namespace_declaration':
      case 'declaration_list':
      case 'global_statement':
      case 'ERROR':
        into.push(...this.members(fieldOf(node, 'body') ?? node, owner))
        return
      case 'class_declaration':
      case 'struct_declaration':
      case 'record_declaration':
      case 'interface_declaration':
        into.push(...this.class(node, this.#basesOf(node)))
        return
      case 'property_declaration':
      case 'indexer_declaration':
        this.#property(node, owner, into)
        return
      case 'field_declaration':
      case 'event_field_declaration':
        for (const child of partsOf(node)) if (child.type === 'variable_declaration') this.declarations(child, owner, into)
        return
      case 'using_directive':
      case 'extern_alias_directive':
      case 'attribute_list':
      case 'modifier':
      case 'enum_declaration':
      case 'delegate_declaration':
      case 'identifier':
      case 'qualified_name':
      case 'base_list':
      case 'type_parameter_list':
        return
      default:
        if (node.type.startsWith('preproc')) into.push(...this.members(node, owner))
        else this.statement(node, into)
    }
  }

  #basesOf(node: SyntaxNode): string[] {
    return node.children.filter(({ type }) => type === 'base_list').flatMap(list => partsOf(list).map(base => this.#type(base)))
  }

  protected override parameters(node: SyntaxNode): Parameter[] {
    if (node.type === 'identifier' || node.type === 'implicit_parameter') return [{ name: csharpName(this.of(node)) }]
    return partsOf(node)
      .filter(({ type }) => type === 'parameter' || type === 'identifier')
      .map(parameter => {
        if (parameter.type === 'identifier') return { name: csharpName(this.of(parameter)) }
        const type = fieldOf(parameter, 'type')
        const byReference = /^(?:ref|out)\b/.test(this.of(parameter))
        return {
          name: csharpName(this.of(fieldOf(parameter, 'name'))),
          ...(type === undefined ? {} : { type: this.#type(type) }),
          ...(byReference ? { byReference } : {}),
        }
      })
  }

  #property(node: SyntaxNode, owner: Owner | undefined, into: Statement[]): void {
    const name = csharpName(this.of(fieldOf(node, 'name')))
    const arrow = node.children.find(({ type }) => type === 'arrow_expression_clause')
    const initial = fieldOf(node, 'value')
    if (arrow) {
      const [value] = partsOf(arrow)
      if (value) this.function(name, owner, node, [{ do: 'return', value: this.expression(value), line: this.line(value) }])
    } else if (initial) {
      const value = this.expression(initial)
      if (owner) owner.fields.push({ name, value })
      else into.push({ do: 'declare', name, value, line: this.line(node) })
    }
    const accessors = fieldOf(node, 'accessors')
    for (const accessor of accessors ? partsOf(accessors) : []) {
      const body = this.functionBody(fieldOf(accessor, 'body'))
      if (body.length === 0) continue
      const setter = /^(?:\w+\s+)*(?:set|init)\b/.test(this.of(accessor))
      this.functions.push({
        name: setter ? `set_${name}` : name,
        ...(owner === undefined ? {} : { owner: owner.name }),
        parameters: setter ? [{ name: 'value' }] : [],
        body,
        line: this.line(accessor),
      })
    }
  }

  /** Without type parameters and ranks: "System.Diagnostics.Process". */
  #type(node: SyntaxNode): string {
    return this.of(node)
      .replace(/<[\s\S]*>/g, '')
      .replace(/[?\s]+/g, '')
      .replace(/^global::/, '')
  }

  protected override declarator(node: SyntaxNode, type: SyntaxNode | undefined): Field {
    const named = type === undefined || type.type === 'implicit_type' ? undefined : this.#type(type)
    const value = partsOf(node).find(
      (child, index) => index > 0 && child.field !== 'name' && child.type !== 'bracketed_argument_list',
    )
    return {
      name: csharpName(this.of(fieldOf(node, 'name') ?? node.children[0])),
      ...(named === undefined ? {} : { type: named }),
      ...(value === undefined ? {} : { value: this.expression(value) }),
    }
  }

  protected override statement(node: SyntaxNode, into: Statement[]): void {
    const line = this.line(node)
    switch (node.type) {
      case 'global_statement':
      case 'ERROR':
      case 'unsafe_statement':
      case 'checked_statement':
      case 'labeled_statement':
        for (const child of partsOf(node)) if (child.type !== 'identifier' || node.type === 'ERROR') this.statement(child, into)
        return
      case 'local_declaration_statement':
      case 'field_declaration':
        for (const child of partsOf(node)) if (child.type === 'variable_declaration') this.declarations(child, undefined, into)
        return
      case 'variable_declaration':
        this.declarations(node, undefined, into)
        return
      case 'foreach_statement': {
        const left = fieldOf(node, 'left')
        into.push({
          do: 'each',
          list: this.required(fieldOf(node, 'right'), line),
          ...(left === undefined ? {} : { value: this.expression(left) }),
          body: this.body(fieldOf(node, 'body')),
        })
        return
      }
      case 'switch_statement':
        into.push(this.#switch(node))
        return
      case 'try_statement':
        into.push({ do: 'block', parts: this.tried(node) })
        return
      case 'using_statement':
      case 'lock_statement':
      case 'fixed_statement': {
        const body = fieldOf(node, 'body')
        for (const child of partsOf(node)) if (child !== body) this.statement(child, into)
        into.push(...this.body(body ?? undefined))
        return
      }
      case 'local_function_statement':
      case 'method_declaration':
        this.function(csharpName(this.of(fieldOf(node, 'name'))), undefined, node, this.functionBody(fieldOf(node, 'body')))
        return
      case 'class_declaration':
      case 'struct_declaration':
        into.push(...this.class(node, this.#basesOf(node)))
        return
      case 'empty_statement':
      case 'goto_statement':
      case 'using_directive':
      case 'modifier':
        return
      default:
        if (node.type.startsWith('preproc')) into.push(...this.statements(node))
        else if (!this.sharedStatement(node, into)) into.push({ do: 'expression', value: this.expression(node) })
    }
  }

  #switch(node: SyntaxNode): Statement {
    const cases: { test?: Expression; body: Statement[] }[] = []
    const body = fieldOf(node, 'body')
    for (const section of body ? partsOf(body) : []) {
      const tests: Expression[] = []
      const statements: Statement[] = []
      for (const child of partsOf(section)) {
        if (child.type === 'case_switch_label' || child.type === 'constant_pattern')
          tests.push(...partsOf(child).map(test => this.expression(test)))
        else if (child.type === 'default_switch_label') continue
        else if (child.type.endsWith('_pattern') || child.type === 'when_clause') continue
        else if (!child.type.includes('statement') && child.type !== 'block') tests.push(this.expression(child))
        else this.statement(child, statements)
      }
      for (const test of tests.slice(0, -1)) cases.push({ test, body: [] })
      const test = tests.at(-1)
      cases.push({ ...(test === undefined ? {} : { test }), body: statements })
    }
    return { do: 'switch', value: this.required(fieldOf(node, 'value'), this.line(node)), cases }
  }

  protected override expression(node: SyntaxNode): Expression {
    const line = this.line(node)
    switch (node.type) {
      case 'checked_expression':
      case 'await_expression':
      case 'ref_expression':
        return this.required(partsOf(node)[0], line)
      case 'string_literal':
      case 'verbatim_string_literal':
      case 'raw_string_literal':
      case 'character_literal':
        return { is: 'constant', value: csharpText(this.of(node)), line }
      case 'integer_literal':
      case 'real_literal':
        return { is: 'constant', value: numberOf(this.of(node)), line }
      case 'boolean_literal':
        return { is: 'constant', value: this.of(node) === 'true', line }
      case 'identifier':
      case 'this':
      case 'this_expression':
      case 'base':
      case 'base_expression':
        return { is: 'variable', name: csharpName(this.of(node)), line }
      case 'predefined_type':
        return { is: 'name', name: this.of(node), line }
      case 'generic_name':
        return { is: 'variable', name: this.#type(node), line }
      case 'qualified_name':
      case 'alias_qualified_name':
        return this.#qualified(this.#type(node), line)
      case 'typeof_expression': {
        const type = fieldOf(node, 'type') ?? partsOf(node)[0]
        return { is: 'name', name: type ? this.#type(type) : '', line }
      }
      case 'interpolated_string_expression':
        return { is: 'text', parts: this.#interpolated(node), line }
      case 'member_access_expression': {
        const holder = fieldOf(node, 'expression')
        if (this.inClass === 0 && /^(?:this|base)$/.test(this.of(holder)))
          return { is: 'variable', name: this.#memberName(fieldOf(node, 'name')), line }
        return {
          is: 'member',
          object: this.required(fieldOf(node, 'expression'), line),
          name: this.#memberName(fieldOf(node, 'name')),
          line: this.line(fieldOf(node, 'name') ?? node),
        }
      }
      case 'conditional_access_expression': {
        const [object, access] = [fieldOf(node, 'condition') ?? partsOf(node)[0], partsOf(node).at(-1)]
        return this.#bound(this.required(object, line), access, line)
      }
      case 'element_access_expression':
        return this.#element(this.required(fieldOf(node, 'expression'), line), fieldOf(node, 'subscript'), line)
      case 'invocation_expression': {
        const args = this.arguments(fieldOf(node, 'arguments'))
        return calledWith(this.required(fieldOf(node, 'function'), line), args, line)
      }
      case 'object_creation_expression':
      case 'implicit_object_creation_expression': {
        const type = fieldOf(node, 'type')
        const args = this.arguments(fieldOf(node, 'arguments') ?? node.children.find(child => child.type === 'argument_list'))
        const initialiser = fieldOf(node, 'initializer') ?? node.children.find(child => child.type === 'initializer_expression')
        return {
          is: 'new',
          type: type === undefined ? '' : this.#type(type),
          args: initialiser === undefined ? args : [...args, { name: INITIALISER, value: this.#initialiser(initialiser) }],
          line,
        }
      }
      case 'array_creation_expression':
      case 'implicit_array_creation_expression':
      case 'stackalloc_expression': {
        const list = node.children.find(child => child.type === 'initializer_expression')
        if (list) return this.#initialiser(list)
        const type = fieldOf(node, 'type')
        return { is: 'new', type: `${type ? this.#type(type).replace(/\[.*$/, '') : ''}[]`, args: [], line }
      }
      case 'initializer_expression':
      case 'anonymous_object_creation_expression':
        return this.#initialiser(node)
      case 'as_expression': {
        const [value] = partsOf(node)
        return this.required(fieldOf(node, 'left') ?? value, line)
      }
      case 'is_expression':
      case 'is_pattern_expression':
        return typeTest(this.required(partsOf(node)[0], line), line)
      case 'prefix_unary_expression':
        return signed(this.of(node.children[0]), this.required(partsOf(node)[0], line), line)
      case 'postfix_unary_expression': {
        const [value] = partsOf(node)
        const sign = this.of(node.children.at(-1))
        const operand = this.required(value, line)
        return sign === '!' ? operand : { is: 'unary', sign: `x${sign}`, value: operand, line }
      }
      case 'cast_expression': {
        const type = fieldOf(node, 'type')
        const sign = `(${type ? this.#type(type).toLowerCase() : ''})`
        return { is: 'unary', sign, value: this.required(fieldOf(node, 'value'), line), line }
      }
      default:
        return this.sharedExpression(node)
    }
  }

  /** `?.name`, `?[key]` and what follows. */
  #bound(object: Expression, access: SyntaxNode | undefined, line: number): Expression {
    if (access?.type === 'member_binding_expression')
      return { is: 'member', object, name: this.#memberName(fieldOf(access, 'name') ?? partsOf(access)[0]), line }
    if (access?.type === 'element_binding_expression') return this.#element(object, access, line)
    if (access?.type === 'invocation_expression')
      return calledWith(
        this.#bound(object, fieldOf(access, 'function'), line),
        this.arguments(fieldOf(access, 'arguments')),
        line,
      )
    if (access?.type === 'member_access_expression')
      return {
        is: 'member',
        object: this.#bound(object, fieldOf(access, 'expression'), line),
        name: this.#memberName(fieldOf(access, 'name')),
        line,
      }
    return { is: 'opaque', parts: [object, ...(access ? [this.expression(access)] : [])], line }
  }

  #memberName(node: SyntaxNode | undefined): string {
    return node === undefined ? '' : node.type === 'generic_name' ? csharpName(this.#type(node)) : csharpName(this.of(node))
  }

  #element(object: Expression, subscript: SyntaxNode | undefined, line: number): Expression {
    const key = subscript === undefined ? undefined : this.arguments(subscript)[0]?.value
    return { is: 'index', object, ...(key === undefined ? {} : { key }), line }
  }

  /** `System.Diagnostics.Process` where a type is meant. */
  #qualified(name: string, line: number): Expression {
    const parts = name.split('.')
    return (
      parts.reduce<Expression | undefined>(
        (object, part) =>
          object === undefined ? { is: 'variable', name: part, line } : { is: 'member', object, name: part, line },
        undefined,
      ) ?? { is: 'name', name, line }
    )
  }

  #initialiser(node: SyntaxNode): Expression {
    const line = this.line(node)
    return {
      is: 'list',
      items: partsOf(node).map(item => {
        if (item.type !== 'assignment_expression') return { value: this.expression(item) }
        const left = fieldOf(item, 'left')
        const key: Expression = { is: 'constant', value: left ? csharpName(this.of(left)) : '', line: this.line(item) }
        return { key, value: this.required(fieldOf(item, 'right'), line) }
      }),
      line,
    }
  }

  #interpolated(node: SyntaxNode): Expression[] {
    const verbatim = /^(?:\$@|@\$)/.test(this.of(node).slice(0, 2))
    return partsOf(node).flatMap((part): Expression[] => {
      const line = this.line(part)
      if (part.type === 'interpolation') {
        const [value] = partsOf(part).filter(child => child.type !== 'interpolation_brace')
        return value ? [this.expression(value)] : []
      }
      if (part.type !== 'string_content' && part.type !== 'escape_sequence') return []
      const text = this.of(part).replaceAll('{{', '{').replaceAll('}}', '}')
      return [{ is: 'constant', value: verbatim ? text.replaceAll('""', '"') : escapedCsharp(text), line }]
    })
  }

  protected override arguments(node: SyntaxNode | undefined): Argument[] {
    if (node === undefined) return []
    return partsOf(node).flatMap(argument => {
      if (argument.type !== 'argument') return [{ value: this.expression(argument) }]
      const name = fieldOf(argument, 'name')
      const value = partsOf(argument).findLast(child => child !== name)
      if (value === undefined) return []
      return [{ value: this.expression(value), ...(name === undefined ? {} : { name: this.of(name).replace(/:$/, '') }) }]
    })
  }
}

function calledWith(callee: Expression, args: readonly Argument[], line: number): Expression {
  if (callee.is === 'variable') return { is: 'call', name: callee.name, args, line }
  if (callee.is === 'member') return { is: 'method', object: callee.object, name: callee.name, args, line: callee.line }
  return { is: 'call-value', callee, args, line }
}
