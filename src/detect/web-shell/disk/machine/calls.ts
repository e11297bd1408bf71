import type { Call } from '../dialect.ts'
import { OWN_UNPACKING } from '../own-text.ts'
import type { Argument, Expression, ProgramFunction, Statement } from '../program.ts'
import type { Value } from '../value.ts'
import { constant, either, fromSource, mixture, originsOf, UNKNOWN, withStep } from '../values.ts'
import { Expressions } from './expressions.ts'
import type { Frame } from './memory.ts'

/** Text from this length on is not the parameter of something, but the something. */
const MIN_PACKED = 400

/** What a function makes of a long text, in a way that could not be followed to its end. */
function unpackedBy(result: Value, args: readonly Value[], line: number): Value {
  return result.constant === undefined &&
    result.entries === undefined &&
    result.callable === undefined &&
    result.type === undefined &&
    result.origins.length === 0 &&
    args.some(({ constant: text, origins }) => typeof text === 'string' && text.length >= MIN_PACKED && origins.length === 0)
    ? fromSource('packed', OWN_UNPACKING, line)
    : result
}

/** Calls within calls. */
const MAX_CALLS = 12
/** One function is followed so many times with arguments that differ: unpacking calls a function for each letter. */
const MAX_VISITS = 400
/** From a function nobody calls others are followed so many times more: what they do with nothing known shows the first time. */
export const VISITS_FROM_OUTSIDE = 4

/** Calls of functions, methods and classes: of the program itself where it has them, else as the dialect knows them. */
export abstract class Calls extends Expressions {
  protected readonly visits = new Map<number, number>()
  protected visitLimit = MAX_VISITS
  /** What a function gives that is told nothing. */
  readonly #blind = new Map<number, Value>()
  readonly #active: number[] = []
  /** Functions called by name that neither the program nor the language has. */
  protected readonly foreign = new Set<string>()
  /** Functions called under names that were decoded or put together. */
  protected readonly hiddenNames = new Set<string>()

  /** What functions give that are told nothing is asked anew: what the page keeps has changed. */
  protected forget(): void {
    this.#blind.clear()
  }

  protected abstract block(statements: readonly Statement[]): unknown

  invoke(callee: Value, args: readonly Value[], line: number): Value {
    return this.invokeWith(callee, args, line, () => undefined)
  }

  protected invokeWith(
    callee: Value,
    args: readonly Value[],
    line: number,
    out: (position: number, value: Value) => void,
  ): Value {
    if (callee.callable !== undefined)
      return this.enter(callee.callable, args, callee.bound ?? this.captured.get(callee.callable)?.self, line)
    if (typeof callee.constant === 'string' && callee.origins.length === 0) {
      const [owner, method] = callee.constant.split('::')
      if (owner !== undefined && method !== undefined && method !== '')
        return this.callMethod({ type: owner, isClass: true, origins: [] }, method, args, line, callee.built === true, out)
      const name = callee.constant.replace(/^.*\\/s, '')
      const hidden = callee.built === true || callee.layers !== undefined
      if (hidden) this.hiddenNames.add(this.fold(name))
      return this.callNamed(name, args, line, hidden, out)
    }
    const object = callee.entries?.get('0')
    const method = callee.entries?.get('1')
    if (object && method) {
      if (typeof method.constant === 'string')
        return this.callMethod(object, method.constant, args, line, method.built === true, out)
      // A method of the program's own object chosen by the request is how frameworks dispatch.
      if (originsOf(method).length > 0)
        this.sink({
          kind: 'dynamic-call',
          label: 'a method named by a value',
          line,
          values: [{ ...method, cleaned: 'method' }, ...args],
        })
      return mixture(args, 'unseen')
    }
    if (callee.isObject && callee.type !== undefined) {
      const index = this.methodOf(callee.type, '__invoke')
      if (index !== undefined) return this.enter(index, args, callee, line)
    }
    const from = originsOf(callee)
    this.sink(
      from.length > 0
        ? { kind: 'dynamic-call', label: 'a function named by a value', line, values: [callee, ...args] }
        : {
            kind: 'unresolved-call',
            label: 'a function whose name is not known',
            line,
            values: args,
            hidden: callee.built === true,
          },
    )
    return mixture(args, 'unseen')
  }

  protected arguments(args: readonly Argument[]): Value[] {
    return args.flatMap(({ value, spread }) => {
      const item = this.value(value)
      if (!spread) return [item]
      // What a visitor sends may be any number of arguments.
      return item.entries ? [...item.entries.values()] : item.type === 'source' ? [item, item, item] : [item]
    })
  }

  protected outOf(args: readonly Argument[], line: number): (position: number, value: Value) => void {
    return (position, value) => {
      const target = args[position]?.value
      if (target) this.store(target, value, line)
    }
  }

  protected call(name: string, args: readonly Argument[], line: number): Value {
    const values = this.arguments(args)
    return this.callNamed(name, values, line, false, this.outOf(args, line), args)
  }

  protected callNamed(
    name: string,
    args: readonly Value[],
    line: number,
    hidden: boolean,
    out: Call['out'],
    written?: readonly Argument[],
  ): Value {
    const key = this.fold(name)
    const own = this.byName.get(key)?.filter(index => this.functions[index]?.owner === undefined || this.sharedVariables)
    if (own?.length) {
      let result: Value = UNKNOWN
      for (const index of own.slice(0, 4))
        result = either(
          result === UNKNOWN ? undefined : result,
          this.enter(index, args, this.sharedVariables ? this.frame.self : undefined, line, written),
        )
      return result
    }
    const known = this.dialect.call({ name: key, args, line, hidden, out }, this)
    if (known !== undefined) return known
    // No such function under a name that was put together: it was not worked out to its end.
    if (hidden && args.some(arg => originsOf(arg).some(({ kind }) => kind === 'request')))
      this.sink({ kind: 'unresolved-call', label: 'a function under a name put together', line, values: args, hidden })
    else if (!hidden) this.foreign.add(key)
    return mixture(args, 'unseen')
  }

  protected methodOf(type: string, name: string): number | undefined {
    const key = this.fold(name)
    let at = this.fold(type)
    for (let depth = 0; depth < 8; depth++) {
      const found = this.byName
        .get(key)
        ?.find(index => this.functions[index]?.owner !== undefined && this.fold(this.functions[index]?.owner ?? '') === at)
      if (found !== undefined) return found
      const [base] = (this.classes.get(at)?.bases ?? []).filter(known => this.classes.has(this.fold(known)))
      if (base === undefined) return undefined
      at = this.fold(base)
    }
    return undefined
  }

  protected callMethod(
    object: Value,
    name: string,
    args: readonly Value[],
    line: number,
    hidden: boolean,
    out: Call['out'],
  ): Value {
    if (object.type !== undefined && object !== this.dialect.unassigned) {
      const index = this.methodOf(object.type, name)
      if (index !== undefined) return this.enter(index, args, object.isClass ? this.objectOf(object.type) : object, line)
      // Methods that are not there may have somebody who takes their place (php.net/manual/language.oop5.overloading).
      const place =
        this.dialect.language === 'php' ? this.methodOf(object.type, object.isClass ? '__callStatic' : '__call') : undefined
      if (place !== undefined) {
        const list: Value = { entries: new Map(args.map((arg, at) => [String(at), arg])), origins: [] }
        return this.enter(
          place,
          [{ ...constant(name), built: hidden }, list],
          object.isClass ? this.objectOf(object.type) : object,
          line,
        )
      }
    } else {
      const known = this.byName.get(this.fold(name))?.filter(index => this.functions[index]?.owner !== undefined)
      // The object is not known, but only one class here has such a method.
      if (known?.length === 1 && known[0] !== undefined) {
        const owner = this.functions[known[0]]?.owner ?? ''
        return this.enter(known[0], args, this.objectOf(owner), line)
      }
    }
    const answer = this.dialect.call({ name, receiver: object, args, line, hidden, out }, this)
    if (answer !== undefined) return answer
    const member = object.entries?.get(name)
    if (member?.callable !== undefined) return this.enter(member.callable, args, object, line)
    return mixture([object, ...args], 'unseen')
  }

  protected create({ type, args, line }: Extract<Expression, { is: 'new' }>): Value {
    const values = this.arguments(args)
    const named = typeof type === 'string' ? constant(type) : this.value(type)
    if (typeof named.constant !== 'string') {
      if (named.isClass && named.type !== undefined) return this.made(named.type)
      if (originsOf(named).length > 0)
        this.sink({
          kind: 'dynamic-call',
          label: 'a class named by a value',
          line,
          values: [{ ...named, cleaned: named.cleaned ?? 'class' }, ...values],
        })
      return mixture(values, 'unseen')
    }
    const key = this.fold(named.constant.replace(/^.*\\/s, ''))
    if (this.classes.has(key)) {
      const object = this.made(key)
      this.objects.set(key, object)
      const maker = this.methodOf(key, '__construct') ?? this.methodOf(key, key)
      if (maker !== undefined) this.enter(maker, values, object, line)
      return object
    }
    const made = this.dialect.create?.(
      { name: named.constant, args: values, line, hidden: named.built === true, out: () => undefined },
      this,
    )
    return made ?? { ...mixture(values, 'unseen'), type: named.constant, isObject: true, entries: new Map() }
  }

  /** Calls a function of the program. */
  protected enter(
    index: number,
    args: readonly Value[],
    self: Value | undefined,
    line: number,
    written?: readonly Argument[],
  ): Value {
    const called = this.functions[index]
    if (!called) return UNKNOWN
    const visits = this.visits.get(index) ?? 0
    const blind = args.every(
      arg => arg.constant === undefined && arg.callable === undefined && arg.entries === undefined && arg.origins.length === 0,
    )
    if (blind && self === undefined) {
      const known = this.#blind.get(index)
      if (known) return known
    }
    // A function that calls itself with nothing known learns nothing by it, and leaves the visits to those who know more.
    if (blind && this.#active.includes(index)) return UNKNOWN
    this.visits.set(index, visits + 1)
    if (this.#active.length >= MAX_CALLS || visits > this.visitLimit || this.#active.filter(at => at === index).length > 3)
      return mixture(args)
    const outer = this.frame
    const frame: Frame = {
      variables: this.captures(index, called),
      globals: new Set(),
      self,
      owner: called.owner,
      returned: undefined,
    }
    for (const [position, { name, initial, rest, type }] of called.parameters.entries()) {
      const given = rest
        ? { entries: new Map(args.slice(position).map((arg, i) => [String(i), arg])), origins: [] }
        : args[position]
      const value = given ?? (initial ? this.value(initial) : (this.dialect.parameter?.(type, name, called.name) ?? UNKNOWN))
      const typed =
        value.type === undefined && type !== undefined && value.constant === undefined && value.entries === undefined
          ? { ...value, type }
          : value
      frame.variables.set(name, withStep(typed, { line, what: `given to ${called.name || 'a function'}() as ${name}` }))
    }
    this.frame = frame
    this.#active.push(index)
    const certain = this.uncertain
    const loops = this.loops
    this.uncertain = 0
    this.loops = 0
    this.block(called.body)
    this.uncertain = certain
    this.loops = loops
    this.#active.pop()
    this.frame = outer
    const outOf = written ? this.outOf(written, line) : undefined
    for (const [position, { name, byReference }] of called.parameters.entries()) {
      const value = byReference ? frame.variables.get(name) : undefined
      if (value && outOf) outOf(position, value)
    }
    const result = unpackedBy(frame.returned ?? UNKNOWN, args, line)
    if (blind && self === undefined) this.#blind.set(index, result)
    return withStep(result, { line, what: `returned by ${called.name || 'a function'}()` })
  }

  protected captures(index: number, { captures }: ProgramFunction): Map<string, Value> {
    const from = this.captured.get(index)
    if (captures === undefined || !from) return new Map()
    if (captures === 'all') return new Map(from.variables)
    return new Map(
      captures.flatMap(name => {
        const value = from.variables.get(name)
        return value ? [[name, value] as const] : []
      }),
    )
  }
}
