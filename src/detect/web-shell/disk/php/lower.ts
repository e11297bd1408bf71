import type { ParsedSyntax, SyntaxNode } from '../../../../model/index.ts'
import type { Argument, Expression, Parameter, Program, ProgramClass, ProgramFunction, Statement } from '../program.ts'
import { fieldOf, namedChildren } from '../syntax.ts'
import { unescaped } from './text.ts'

/** Deeper than this an expression is data or made to exhaust the stack (a sum of thousands of texts is flattened before). */
const MAX_DEPTH = 250

/** PHP's syntax tree (tree-sitter-php) in the common form. `line` gives the line of a place; functions are numbered from `first` on. */
export function lowerPhp(parsed: ParsedSyntax, text: string, line: (at: number) => number, first = 0): Program {
  const lowering = new Lowering(text, line, first)
  const body = lowering.statements(namedChildren(parsed.root))
  return {
    language: 'php',
    functions: lowering.functions,
    classes: lowering.classes,
    body,
    sharedVariables: false,
    errors: parsed.errors,
    ...(parsed.cut || lowering.cut ? { cut: 'too large or nested too deeply' } : {}),
  }
}

const SKIPPED = new Set([
  'php_tag',
  'text',
  'text_interpolation',
  'php_end_tag',
  'comment',
  'empty_statement',
  'namespace_use_declaration',
  'named_label_statement',
  'goto_statement',
  'attribute_list',
])

class Lowering {
  readonly functions: ProgramFunction[] = []
  readonly classes: ProgramClass[] = []
  cut = false
  #depth = 0
  #owner: string | undefined
  readonly #text: string
  readonly #line: (at: number) => number

  readonly #first: number

  constructor(text: string, line: (at: number) => number, first: number) {
    this.#text = text
    this.#line = line
    this.#first = first
  }

  #source(node: SyntaxNode): string {
    return this.#text.slice(node.start, node.end)
  }

  statements(nodes: readonly SyntaxNode[]): Statement[] {
    const list: Statement[] = []
    for (const node of nodes) this.#statement(node, list)
    return list
  }

  #block(node: SyntaxNode | undefined): Statement[] {
    const list: Statement[] = []
    if (node) this.#statement(node, list)
    return list
  }

  #statement(node: SyntaxNode, out: Statement[]): void {
    if (SKIPPED.has(node.type)) return
    if (this.#depth > MAX_DEPTH) {
      this.cut = true
      return
    }
    this.#depth++
    this.#statementOf(node, out)
    this.#depth--
  }

  #statementOf(node: SyntaxNode, out: Statement[]): void {
    const line = this.#line(node.start)
    switch (node.type) {
      case 'expression_statement':
        for (const child of namedChildren(node)) out.push({ do: 'expression', value: this.#expression(child) })
        return
      case 'compound_statement':
      case 'colon_block':
      case 'ERROR':
      case 'program':
        for (const child of namedChildren(node)) this.#statement(child, out)
        return
      case 'echo_statement':
        out.push({ do: 'expression', value: { is: 'call', name: 'echo', args: this.#sequence(namedChildren(node)), line } })
        return
      case 'unset_statement':
      case 'declare_statement':
      case 'use_declaration':
        for (const child of namedChildren(node)) if (child.type.endsWith('_statement')) this.#statement(child, out)
        return
      case 'if_statement':
        out.push(this.#if(node))
        return
      case 'while_statement':
        out.push({ do: 'loop', condition: this.#field(node, 'condition'), body: this.#block(fieldOf(node, 'body')) })
        return
      case 'do_statement':
        out.push({ do: 'loop', condition: this.#field(node, 'condition'), after: true, body: this.#block(fieldOf(node, 'body')) })
        return
      case 'for_statement': {
        for (const item of this.#listOf(fieldOf(node, 'initialize'))) out.push({ do: 'expression', value: item })
        const conditions = this.#listOf(fieldOf(node, 'condition'))
        const condition = conditions.at(-1)
        out.push({
          do: 'loop',
          ...(condition ? { condition } : {}),
          body: node.children.filter(({ field }) => field === 'body').flatMap(child => this.#block(child)),
          step: this.#listOf(fieldOf(node, 'update')),
        })
        return
      }
      case 'foreach_statement':
        out.push(this.#foreach(node))
        return
      case 'switch_statement': {
        const cases = namedChildren(fieldOf(node, 'body') ?? node)
          .filter(({ type }) => type === 'case_statement' || type === 'default_statement')
          .map(child => {
            const test = fieldOf(child, 'value')
            return {
              ...(test ? { test: this.#expression(test) } : {}),
              body: this.statements(namedChildren(child).filter(part => part !== test)),
            }
          })
        out.push({ do: 'switch', value: this.#field(node, 'condition'), cases })
        return
      }
      case 'try_statement':
        out.push({
          do: 'block',
          parts: namedChildren(node).map(child => this.#block(child.type.endsWith('_clause') ? fieldOf(child, 'body') : child)),
        })
        return
      case 'return_statement': {
        const [value] = namedChildren(node)
        out.push({ do: 'return', ...(value ? { value: this.#expression(value) } : {}), line })
        return
      }
      case 'exit_statement':
        for (const child of namedChildren(node))
          out.push({ do: 'expression', value: { is: 'call', name: 'exit', args: [{ value: this.#expression(child) }], line } })
        out.push({ do: 'jump', kind: 'leave', line })
        return
      case 'break_statement':
        out.push({ do: 'jump', kind: 'break', line })
        return
      case 'continue_statement':
        out.push({ do: 'jump', kind: 'continue', line })
        return
      case 'global_declaration':
        out.push({ do: 'global', names: namedChildren(node).map(child => this.#variableName(child)) })
        return
      case 'function_static_declaration':
        for (const child of namedChildren(node)) {
          const value = fieldOf(child, 'value')
          const name = fieldOf(child, 'name')
          if (name)
            out.push({
              do: 'declare',
              name: this.#variableName(name),
              ...(value ? { value: this.#expression(value) } : {}),
              line,
            })
        }
        return
      case 'const_declaration':
        for (const child of namedChildren(node)) {
          const [name, value] = namedChildren(child)
          if (name && value)
            out.push({
              do: 'expression',
              value: {
                is: 'call',
                name: 'define',
                args: [{ value: { is: 'constant', value: this.#source(name), line } }, { value: this.#expression(value) }],
                line,
              },
            })
        }
        return
      case 'function_definition':
        this.#function(node, undefined)
        return
      case 'class_declaration':
      case 'trait_declaration':
      case 'interface_declaration':
      case 'enum_declaration':
        this.#class(node, fieldOf(node, 'name') ? this.#source(fieldOf(node, 'name') ?? node).toLowerCase() : '')
        return
      case 'namespace_definition': {
        const body = fieldOf(node, 'body')
        if (body) this.#statement(body, out)
        return
      }
      default:
        out.push({ do: 'expression', value: this.#expression(node) })
    }
  }

  #if(node: SyntaxNode): Statement {
    // `if` with many `elseif` is a chain: built from the last on.
    const alternatives = node.children.filter(({ field }) => field === 'alternative')
    let no: Statement[] = []
    for (const alternative of alternatives.toReversed()) {
      const body = this.#block(fieldOf(alternative, 'body'))
      no =
        alternative.type === 'else_if_clause'
          ? [{ do: 'if', condition: this.#field(alternative, 'condition'), yes: body, no }]
          : body
    }
    return { do: 'if', condition: this.#field(node, 'condition'), yes: this.#block(fieldOf(node, 'body')), no }
  }

  #foreach(node: SyntaxNode): Statement {
    const body = fieldOf(node, 'body')
    const [list, target] = namedChildren(node).filter(child => child !== body)
    const pair = target?.type === 'pair' ? namedChildren(target) : undefined
    const value = pair ? pair[1] : target
    return {
      do: 'each',
      list: list ? this.#expression(list) : NOTHING,
      ...(pair?.[0] ? { key: this.#expression(pair[0]) } : {}),
      ...(value ? { value: this.#expression(value) } : {}),
      body: this.#block(body),
    }
  }

  #function(node: SyntaxNode, name: string | undefined): number {
    const index = this.functions.length
    const line = this.#line(node.start)
    const named = fieldOf(node, 'name')
    const captures = node.children.find(({ type }) => type === 'anonymous_function_use_clause')
    // The place is taken before the body is read: functions inside come after.
    this.functions.push({ name: '', parameters: [], body: [], line })
    const bodyNode = fieldOf(node, 'body')
    const body: Statement[] =
      node.type === 'arrow_function' && bodyNode
        ? [{ do: 'return', value: this.#expression(bodyNode), line }]
        : this.#block(bodyNode)
    this.functions[index] = {
      name: name ?? (named ? this.#source(named).toLowerCase() : ''),
      ...(this.#owner === undefined || node.type !== 'method_declaration' ? {} : { owner: this.#owner }),
      parameters: this.#parameters(fieldOf(node, 'parameters')),
      body,
      ...(node.type === 'arrow_function'
        ? { captures: 'all' as const }
        : captures
          ? { captures: namedChildren(captures).map(child => this.#variableName(child)) }
          : {}),
      line,
    }
    return this.#first + index
  }

  #parameters(node: SyntaxNode | undefined): Parameter[] {
    return namedChildren(node ?? NO_NODE).flatMap(child => {
      const name = fieldOf(child, 'name')
      if (!name) return []
      const type = fieldOf(child, 'type')
      const initial = fieldOf(child, 'default_value')
      return [
        {
          name: this.#variableName(name),
          ...(type ? { type: this.#source(type) } : {}),
          ...(initial ? { initial: this.#expression(initial) } : {}),
          ...(child.children.some(({ type: kind }) => kind === 'reference_modifier') ? { byReference: true } : {}),
          ...(child.type === 'variadic_parameter' ? { rest: true } : {}),
        },
      ]
    })
  }

  #class(node: SyntaxNode, name: string): void {
    const outer = this.#owner
    this.#owner = name
    const fields: { name: string; value?: Expression }[] = []
    const bases = node.children
      .filter(({ type }) => type === 'base_clause' || type === 'class_interface_clause')
      .flatMap(child => namedChildren(child).map(base => this.#source(base).toLowerCase()))
    for (const member of namedChildren(
      fieldOf(node, 'body') ?? node.children.find(({ type }) => type === 'declaration_list') ?? NO_NODE,
    )) {
      if (member.type === 'method_declaration') this.#function(member, undefined)
      else if (member.type === 'property_declaration' || member.type === 'const_declaration')
        for (const element of namedChildren(member)) {
          if (!element.type.endsWith('_element')) continue
          const [first, second] = namedChildren(element)
          const value = fieldOf(element, 'default_value') ?? (element.type === 'const_element' ? second : undefined)
          if (first)
            fields.push({
              name: first.type === 'variable_name' ? this.#variableName(first) : this.#source(first),
              ...(value ? { value: this.#expression(value) } : {}),
            })
        }
      else if (member.type === 'use_declaration')
        bases.push(...namedChildren(member).map(base => this.#source(base).toLowerCase()))
    }
    this.classes.push({ name, bases, fields, line: this.#line(node.start) })
    this.#owner = outer
  }

  #field(node: SyntaxNode, field: string): Expression {
    const child = fieldOf(node, field)
    return child ? this.#expression(child) : NOTHING
  }

  #listOf(node: SyntaxNode | undefined): Expression[] {
    if (!node) return []
    return node.type === 'sequence_expression'
      ? namedChildren(node).flatMap(child => this.#listOf(child))
      : [this.#expression(node)]
  }

  #sequence(nodes: readonly SyntaxNode[]): Argument[] {
    return nodes.flatMap(node => this.#listOf(node)).map(value => ({ value }))
  }

  #variableName(node: SyntaxNode): string {
    const inner = node.type === 'by_ref' ? namedChildren(node)[0] : node
    return this.#source(inner ?? node).replace(/^[&$\s]+/, '')
  }

  #expression(node: SyntaxNode): Expression {
    if (this.#depth > MAX_DEPTH) {
      this.cut = true
      return NOTHING
    }
    this.#depth++
    const value = this.#expressionOf(node)
    this.#depth--
    return value
  }

  #expressionOf(node: SyntaxNode): Expression {
    const line = this.#line(node.start)
    switch (node.type) {
      case 'variable_name':
        return { is: 'variable', name: this.#source(node).slice(1), line }
      case 'dynamic_variable_name': {
        const [inner] = namedChildren(node)
        if (!inner) return NOTHING
        // "${name}" in a text is the variable of that name.
        if (inner.type === 'name') return { is: 'variable', name: this.#source(inner), line }
        if (inner.type === 'subscript_expression') {
          const [base, key] = namedChildren(inner)
          if (base?.type === 'name')
            return {
              is: 'index',
              object: { is: 'variable', name: this.#source(base), line },
              ...(key ? { key: this.#expression(key) } : {}),
              line,
            }
        }
        return { is: 'named-variable', name: this.#expression(inner), line }
      }
      case 'integer':
        return { is: 'constant', value: integerOf(this.#source(node)), line }
      case 'float':
        return { is: 'constant', value: Number(this.#source(node).replaceAll('_', '')), line }
      case 'boolean':
        return { is: 'constant', value: /^true$/i.test(this.#source(node)), line }
      case 'null':
        return { is: 'constant', value: null, line }
      case 'string':
        return { is: 'constant', value: this.#plainText(node), line }
      case 'nowdoc': {
        const body = fieldOf(node, 'value')
        return { is: 'constant', value: body ? this.#source(body).replace(/^\r?\n/, '') : '', line }
      }
      case 'encapsed_string':
        return this.#text_(namedChildren(node), line, true)
      case 'heredoc':
        return this.#text_(namedChildren(fieldOf(node, 'value') ?? NO_NODE), line, true)
      case 'shell_command_expression':
        return { is: 'call', name: 'shell_exec', args: [{ value: this.#text_(namedChildren(node), line, true) }], line }
      case 'string_content':
      case 'nowdoc_string':
        return { is: 'constant', value: this.#source(node), line }
      case 'escape_sequence':
        return { is: 'constant', value: unescaped(this.#source(node)), line }
      case 'name':
      case 'qualified_name':
      case 'relative_scope':
      case 'namespace_name':
        return { is: 'name', name: this.#source(node).replace(/^\\/, ''), line }
      case 'parenthesized_expression':
      case 'argument':
      case 'by_ref':
      case 'clone_expression':
      case 'yield_expression':
      case 'variadic_unpacking':
      case 'expression_statement': {
        const inner = namedChildren(node).at(-1)
        return inner ? this.#expression(inner) : NOTHING
      }
      case 'binary_expression':
        return this.#binary(node)
      case 'unary_op_expression':
        return { is: 'unary', sign: this.#operator(node), value: this.#field(node, 'argument'), line }
      case 'error_suppression_expression': {
        const [inner] = namedChildren(node)
        return inner ? this.#expression(inner) : NOTHING
      }
      case 'update_expression': {
        const [first] = node.children
        const sign = this.#operator(node)
        return { is: 'unary', sign: first?.field === 'operator' ? sign : `x${sign}`, value: this.#field(node, 'argument'), line }
      }
      case 'cast_expression': {
        const type = fieldOf(node, 'type')
        return {
          is: 'unary',
          sign: `(${type ? this.#source(type).trim().toLowerCase() : ''})`,
          value: this.#field(node, 'value'),
          line,
        }
      }
      case 'assignment_expression':
        return { is: 'assign', target: this.#field(node, 'left'), sign: '', value: this.#field(node, 'right'), line }
      case 'reference_assignment_expression':
        return {
          is: 'assign',
          target: this.#field(node, 'left'),
          sign: '',
          value: this.#field(node, 'right'),
          byReference: true,
          line,
        }
      case 'augmented_assignment_expression':
        return {
          is: 'assign',
          target: this.#field(node, 'left'),
          sign: this.#operator(node).slice(0, -1),
          value: this.#field(node, 'right'),
          line,
        }
      case 'conditional_expression': {
        const yes = fieldOf(node, 'body')
        return {
          is: 'choice',
          condition: this.#field(node, 'condition'),
          ...(yes ? { yes: this.#expression(yes) } : {}),
          no: this.#field(node, 'alternative'),
          line,
        }
      }
      case 'subscript_expression': {
        const [object, key] = namedChildren(node)
        return { is: 'index', object: object ? this.#expression(object) : NOTHING, ...(key ? { key: this.#key(key) } : {}), line }
      }
      case 'member_access_expression':
      case 'nullsafe_member_access_expression':
        return { is: 'member', object: this.#field(node, 'object'), name: this.#memberName(fieldOf(node, 'name')), line }
      case 'scoped_property_access_expression':
        return { is: 'member', object: this.#field(node, 'scope'), name: this.#memberName(fieldOf(node, 'name'), true), line }
      case 'class_constant_access_expression': {
        const [object, name] = namedChildren(node)
        return { is: 'member', object: object ? this.#expression(object) : NOTHING, name: name ? this.#source(name) : '', line }
      }
      case 'member_call_expression':
      case 'nullsafe_member_call_expression':
        return {
          is: 'method',
          object: this.#field(node, 'object'),
          name: this.#memberName(fieldOf(node, 'name')),
          args: this.#arguments(node),
          line,
        }
      case 'scoped_call_expression':
        return {
          is: 'method',
          object: this.#field(node, 'scope'),
          name: this.#memberName(fieldOf(node, 'name')),
          args: this.#arguments(node),
          line,
        }
      case 'function_call_expression':
        return this.#call(node, line)
      case 'object_creation_expression':
        return this.#new(node, line)
      case 'array_creation_expression':
      case 'list_literal':
        return this.#list(node, line)
      case 'include_expression':
      case 'include_once_expression':
      case 'require_expression':
      case 'require_once_expression':
        return { is: 'call', name: 'include', args: this.#sequence(namedChildren(node)), line }
      case 'print_intrinsic':
        return { is: 'call', name: 'echo', args: this.#sequence(namedChildren(node)), line }
      case 'exit_statement':
        return { is: 'call', name: 'exit', args: this.#sequence(namedChildren(node)), line }
      case 'throw_expression':
        return { is: 'opaque', parts: namedChildren(node).map(child => this.#expression(child)), line }
      case 'match_expression':
        return { is: 'opaque', parts: this.#matchResults(node), line }
      case 'sequence_expression':
        return this.#listOf(node).at(-1) ?? NOTHING
      case 'anonymous_function':
      case 'anonymous_function_creation_expression':
      case 'arrow_function':
        return { is: 'function', index: this.#function(node, ''), line }
      default:
        return {
          is: 'opaque',
          parts: namedChildren(node)
            .filter(({ type }) => !SKIPPED.has(type))
            .map(child => this.#expression(child)),
          line,
        }
    }
  }

  #matchResults(node: SyntaxNode): Expression[] {
    return namedChildren(fieldOf(node, 'body') ?? NO_NODE).flatMap(child => {
      const result = fieldOf(child, 'return_expression')
      return result ? [this.#expression(result)] : []
    })
  }

  /** In "$a[key]" the key is text without quotes; in code a bare word is read as text, too, by all PHP versions before 8. */
  #key(node: SyntaxNode): Expression {
    return this.#expression(node)
  }

  #operator(node: SyntaxNode): string {
    const operator = node.children.find(({ field, named }) => field === 'operator' || !named)
    return operator ? this.#source(operator).toLowerCase() : ''
  }

  /** Sums of hundreds of texts lean to the left: taken apart in a loop, not by recursion. */
  #binary(node: SyntaxNode): Expression {
    const rights: { sign: string; right: SyntaxNode; line: number }[] = []
    let at: SyntaxNode = node
    while (at.type === 'binary_expression') {
      const left = fieldOf(at, 'left')
      const right = fieldOf(at, 'right')
      if (!left || !right) break
      rights.push({ sign: this.#operator(at), right, line: this.#line(right.start) })
      at = left
    }
    let value: Expression =
      at.type === 'binary_expression'
        ? { is: 'opaque', parts: namedChildren(at).map(child => this.#expression(child)), line: this.#line(at.start) }
        : this.#expression(at)
    let text: Expression[] | undefined
    const flush = (): Expression => {
      if (text === undefined) return value
      const joined: Expression = { is: 'text', parts: text, line: value.line }
      text = undefined
      return joined
    }
    for (const { sign, right, line } of rights.toReversed()) {
      if (sign === '.') {
        text ??= [value]
        text.push(this.#expression(right))
        continue
      }
      value = flush()
      value = { is: 'binary', sign, left: value, right: this.#expression(right), line }
    }
    return flush()
  }

  #plainText(node: SyntaxNode): string {
    // Only \' and \\ mean something between single quotes.
    const raw = this.#source(node).replace(/^b/i, '').slice(1, -1)
    return raw.includes('\\') ? raw.replace(/\\([\\'])/g, '$1') : raw
  }

  #text_(nodes: readonly SyntaxNode[], line: number, escapes: boolean): Expression {
    const parts: Expression[] = []
    let escaped = 0
    for (const node of nodes) {
      const last = parts.at(-1)
      if (node.type === 'escape_sequence' && escapes && /^\\[x\d]/.test(this.#source(node))) escaped++
      const part = this.#expression(node)
      if (part.is === 'constant' && last?.is === 'constant')
        parts[parts.length - 1] = { ...part, value: `${last.value}${part.value}`, line: last.line }
      else parts.push(part)
    }
    const [only] = parts
    if (only === undefined) return { is: 'constant', value: '', line }
    // Letters written as numbers are hidden from a search, like letters put together: a text of two parts says so.
    if (parts.length === 1 && only.is === 'constant')
      return escaped > 1 ? { is: 'text', parts: [only, { is: 'constant', value: '', line }], line } : only
    return { is: 'text', parts, line }
  }

  #memberName(node: SyntaxNode | undefined, isStatic = false): Expression | string {
    if (!node) return ''
    if (node.type === 'name') return this.#source(node)
    if (node.type === 'variable_name' && isStatic) return this.#source(node).slice(1)
    return this.#expression(node)
  }

  #arguments(node: SyntaxNode): Argument[] {
    const list = fieldOf(node, 'arguments') ?? node.children.find(({ type }) => type === 'arguments')
    return namedChildren(list ?? NO_NODE).map(argument => {
      const name = fieldOf(argument, 'name')
      const inner = namedChildren(argument)
        .filter(child => child !== name)
        .at(-1)
      return {
        value: this.#expression(inner ?? argument),
        ...(name && inner ? { name: this.#source(name) } : {}),
        ...(inner?.type === 'variadic_unpacking' ? { spread: true } : {}),
      }
    })
  }

  #call(node: SyntaxNode, line: number): Expression {
    const callee = fieldOf(node, 'function')
    const args = this.#arguments(node)
    if (callee?.type === 'name' || callee?.type === 'qualified_name')
      return { is: 'call', name: this.#source(callee).replace(/^.*\\/s, '').trim().toLowerCase(), args, line }
    return { is: 'call-value', callee: callee ? this.#expression(callee) : NOTHING, args, line }
  }

  #new(node: SyntaxNode, line: number): Expression {
    const args = this.#arguments(node)
    const made = namedChildren(node).find(({ type }) => type !== 'arguments')
    if (!made) return NOTHING
    if (made.type === 'anonymous_class') {
      const name = `class@${made.start}`
      this.#class(made, name)
      return { is: 'new', type: name, args: this.#arguments(made), line }
    }
    const named = made.type === 'name' || made.type === 'qualified_name' || made.type === 'relative_scope'
    return {
      is: 'new',
      type: named ? this.#source(made).replace(/^.*\\/s, '').toLowerCase() : this.#expression(made),
      args,
      line,
    }
  }

  #list(node: SyntaxNode, line: number): Expression {
    const items: { key?: Expression; value: Expression; spread?: boolean }[] = []
    const children = namedChildren(node)
    if (node.type === 'list_literal') {
      // `[$a, 'k' => $b]`: a key stands before "=>", both are children of the list.
      for (let i = 0; i < node.children.length; i++) {
        const child = node.children[i]
        if (!child?.named) continue
        const isKey = node.children[i + 1]?.type === '=>'
        const value = isKey ? node.children[i + 2] : child
        if (isKey) i += 2
        if (value) items.push({ ...(isKey ? { key: this.#expression(child) } : {}), value: this.#expression(value) })
      }
      return { is: 'list', items, line }
    }
    for (const child of children) {
      const [first, second] = namedChildren(child)
      if (!first) continue
      if (first.type === 'variadic_unpacking') items.push({ value: this.#expression(first), spread: true })
      else
        items.push(
          second ? { key: this.#expression(first), value: this.#expression(second) } : { value: this.#expression(first) },
        )
    }
    return { is: 'list', items, line }
  }
}

const NOTHING: Expression = { is: 'opaque', parts: [], line: 0 }
const NO_NODE: SyntaxNode = { type: '', field: '', named: true, start: 0, end: 0, children: [] }

function integerOf(text: string): number {
  const plain = text.replaceAll('_', '').toLowerCase()
  return /^0\d+$/.test(plain) ? Number.parseInt(plain, 8) : Number(plain)
}
