import type { Call } from '../dialect.ts'
import { MAX_ENTRIES, numberOf, textOf, truthOf } from '../fold.ts'
import { COMPARISONS, calculated, nextIndex, stepped } from '../operations.ts'
import type { Argument, Expression } from '../program.ts'
import type { Value } from '../value.ts'
import { constant, either, joined, mixture, originsOf, UNKNOWN, united } from '../values.ts'
import { type Frame, Memory } from './memory.ts'

/** Values within values: written code stays far below, and the stack far above. */
const MAX_DEPTH = 1_000

function isSame(part: Expression | undefined, target: Expression): boolean {
  return part?.is === 'variable' && target.is === 'variable' && part.name === target.name
}

/** What expressions are worth. */
export abstract class Expressions extends Memory {
  /** Where a function that was written in an expression stood: what it may take along. */
  protected readonly captured = new Map<number, Frame>()
  protected loops = 0
  #depth = 0

  protected abstract arguments(args: readonly Argument[]): Value[]
  protected abstract outOf(args: readonly Argument[], line: number): Call['out']
  protected abstract call(name: string, args: readonly Argument[], line: number): Value
  protected abstract callMethod(
    object: Value,
    name: string,
    args: readonly Value[],
    line: number,
    hidden: boolean,
    out: Call['out'],
  ): Value
  protected abstract invokeWith(callee: Value, args: readonly Value[], line: number, out: Call['out']): Value
  protected abstract create(expression: Extract<Expression, { is: 'new' }>): Value

  protected value(expression: Expression): Value {
    if (this.steps++ > this.limit || this.#depth >= MAX_DEPTH) return UNKNOWN
    this.#depth += 1
    const value = this.worthOf(expression)
    this.#depth -= 1
    return value
  }

  protected worthOf(expression: Expression): Value {
    switch (expression.is) {
      case 'constant':
        return constant(expression.value)
      case 'variable':
        return expression.name === 'this' && this.frame.self
          ? this.frame.self
          : this.shared(this.located(this.read(expression.name, expression.line), expression.line))
      case 'named-variable': {
        const name = this.value(expression.name)
        if (typeof name.constant === 'string') return this.read(name.constant, expression.line)
        const chosen = originsOf(name)
        return chosen.length > 0 ? { origins: chosen, cleaned: 'unseen' } : (this.flooded ?? { ...UNKNOWN, built: true })
      }
      case 'name':
        return this.named(expression.name, expression.line)
      case 'member': {
        const object = this.value(expression.object)
        const name = typeof expression.name === 'string' ? expression.name : textOf(this.value(expression.name).constant)
        return this.member(object, name, expression.line)
      }
      case 'index':
        return this.entry(this.peek(expression.object), expression.key ? this.keyOf(expression.key) : undefined, expression.line)
      case 'call':
        return this.call(expression.name, expression.args, expression.line)
      case 'call-value': {
        const callee = this.value(expression.callee)
        return this.invokeWith(
          callee,
          this.arguments(expression.args),
          expression.line,
          this.outOf(expression.args, expression.line),
        )
      }
      case 'method': {
        const object = this.value(expression.object)
        const named = typeof expression.name === 'string' ? constant(expression.name) : this.value(expression.name)
        const args = this.arguments(expression.args)
        if (typeof named.constant === 'string')
          return this.callMethod(
            object,
            named.constant,
            args,
            expression.line,
            named.built === true,
            this.outOf(expression.args, expression.line),
          )
        if (named.callable !== undefined) return this.invokeWith(named, args, expression.line, () => undefined)
        if (originsOf(named).length > 0)
          this.sink({
            kind: 'dynamic-call',
            label: 'a method named by a value',
            line: expression.line,
            values: [{ ...named, cleaned: 'method' }, ...args],
          })
        return mixture([object, ...args], 'unseen')
      }
      case 'new':
        return this.create(expression)
      case 'binary':
        return this.binary(expression)
      case 'unary':
        return this.unary(expression)
      case 'choice': {
        const condition = this.value(expression.condition)
        this.markChecked(expression.condition, 0)
        if (condition.constant !== undefined && condition.origins.length === 0) {
          const [taken, other] = truthOf(condition.constant) ? [expression.yes, expression.no] : [expression.no, expression.yes]
          if (other && this.loops === 0) this.uncertainly(() => this.value(other))
          return taken ? this.value(taken) : condition
        }
        const yes = expression.yes ? this.uncertainly(() => this.value(expression.yes ?? expression.condition)) : condition
        const no = this.uncertainly(() => this.value(expression.no))
        return yes.constant !== undefined && no.constant !== undefined && yes.constant !== no.constant ? UNKNOWN : either(no, yes)
      }
      case 'assign':
        return this.assignment(expression)
      case 'list': {
        const entries = new Map<string, Value>()
        for (const { key, value, spread } of expression.items.slice(0, MAX_ENTRIES)) {
          const item = this.value(value)
          const name = key ? this.value(key) : undefined
          if (spread)
            for (const [inner, entry] of item.entries ?? [])
              entries.set(/^\d+$/.test(inner) ? String(nextIndex(entries)) : inner, entry)
          else if (name === undefined) entries.set(String(nextIndex(entries)), item)
          else if (name.constant === undefined) entries.set('*', mixture([item, name]))
          else entries.set(textOf(name.constant), item)
        }
        return { entries, origins: [] }
      }
      case 'function': {
        this.captured.set(expression.index, this.frame)
        return { callable: expression.index, origins: [] }
      }
      case 'text':
        return joined(expression.parts.map(part => this.value(part)))
      case 'opaque':
        return mixture(expression.parts.map(part => this.value(part)))
      default:
        return expression satisfies never
    }
  }

  protected assignment({ target, sign, value, line }: Extract<Expression, { is: 'assign' }>): Value {
    if (sign === '.' || (value.is === 'text' && isSame(value.parts[0], target))) this.beginsEmpty(target)
    let result = this.value(value)
    if (sign === '??') {
      const before = this.value(target)
      result = either(result, before.constant === null ? result : before)
    } else if (sign !== '') {
      const before = this.value(target)
      const joins = sign === '.' || (sign === '+' && (typeof before.constant === 'string' || typeof result.constant === 'string'))
      result =
        joins && this.dialect.language !== 'php'
          ? joined([before, result])
          : sign === '.'
            ? joined([before, result])
            : this.operation(sign, before, result)
    }
    this.store(target, result, line)
    return result
  }

  protected binary({ sign, left, right }: Extract<Expression, { is: 'binary' }>): Value {
    const first = this.value(left)
    if (sign === '??') return either(this.value(right), first.constant === null ? UNKNOWN : first)
    if (sign === '&&' || sign === '||' || sign === 'and' || sign === 'or') {
      const decided = first.constant !== undefined && first.origins.length === 0 ? truthOf(first.constant) : undefined
      this.markChecked(left, 0)
      const second = this.uncertainly(() => this.value(right))
      const isAnd = sign === '&&' || sign === 'and'
      if (decided !== undefined && decided !== isAnd) return constant(!isAnd)
      if (decided !== undefined && second.constant !== undefined && second.origins.length === 0)
        return constant(truthOf(second.constant))
      return UNKNOWN
    }
    const second = this.value(right)
    return sign === '.' ? joined([first, second]) : this.operation(sign, first, second)
  }

  protected operation(sign: string, first: Value, second: Value): Value {
    const a = first.constant
    const b = second.constant
    if (a !== undefined && b !== undefined && first.origins.length === 0 && second.origins.length === 0) {
      const result = calculated(sign, a, b, this.dialect.language === 'php')
      if (result !== undefined)
        return {
          constant: result,
          origins: [],
          built: true,
          ...(first.layers || second.layers ? { layers: first.layers ?? second.layers ?? [] } : {}),
        }
    }
    if (COMPARISONS.has(sign)) return UNKNOWN
    // What is calculated with the number of a letter is the number of another letter.
    if (first.cleaned === 'code' || second.cleaned === 'code') return { ...mixture([first, second], 'code'), built: true }
    if (sign === '+' && (first.entries || second.entries))
      return {
        entries: new Map([...(second.entries ?? []), ...(first.entries ?? [])]),
        origins: united(first.origins, second.origins),
      }
    if (sign === '+' && this.dialect.language !== 'php') return joined([first, second])
    // Texts can be mixed bit by bit; other arithmetic gives numbers.
    return sign === '^' || sign === '&' || sign === '|' ? { ...mixture([first, second]), built: true } : UNKNOWN
  }

  protected unary({ sign, value: operand, line }: Extract<Expression, { is: 'unary' }>): Value {
    const value = this.value(operand)
    const known = value.origins.length === 0 ? value.constant : undefined
    if (sign.includes('++') || sign.includes('--')) {
      const next = known === undefined ? UNKNOWN : stepped(known, sign.includes('++'))
      this.store(operand, next, line)
      return sign.startsWith('x') ? value : next
    }
    if (sign === '!' || sign === 'not') return known === undefined ? UNKNOWN : constant(!truthOf(known))
    if (sign === '+') return known === undefined ? UNKNOWN : constant(numberOf(known))
    if (sign === '-') return known === undefined ? UNKNOWN : constant(-numberOf(known))
    if (sign === '~') {
      if (typeof known === 'number') return constant(~known)
      if (typeof known === 'string')
        return {
          constant: [...known].map(letter => String.fromCharCode(~letter.charCodeAt(0) & 255)).join(''),
          origins: [],
          built: true,
        }
      return value
    }
    if (/^\((?:int|integer|float|double|bool|boolean|long|short)\)$/.test(sign))
      return known === undefined
        ? { ...UNKNOWN }
        : constant(sign.startsWith('(bool') ? truthOf(known) : Math.trunc(numberOf(known)))
    if (sign === '(string)') return known === undefined ? value : { ...value, constant: textOf(known) }
    if (sign === '(array)' && value.entries === undefined && value.constant !== undefined)
      return { entries: new Map([['0', value]]), origins: [] }
    return value
  }

  /** Variables that a condition compares with what is allowed. */
  protected markChecked(condition: Expression, depth: number): void {
    if (depth > 8) return
    if (condition.is === 'call' && this.dialect.checks.has(condition.name)) {
      for (const { value } of condition.args) {
        if (value.is !== 'variable') continue
        const known = this.frame.variables.get(value.name)
        if (known && known.origins.length > 0 && known.cleaned === undefined)
          this.frame.variables.set(value.name, { ...known, cleaned: 'checked' })
      }
    } else if (condition.is === 'binary') {
      this.markChecked(condition.left, depth + 1)
      this.markChecked(condition.right, depth + 1)
    } else if (condition.is === 'unary') this.markChecked(condition.value, depth + 1)
  }
}
