import type { Dialect, Machine, Sink } from '../dialect.ts'
import { MAX_ENTRIES, numberOf, textOf } from '../fold.ts'
import { heldBy, nextIndex } from '../operations.ts'
import type { Expression, ProgramClass, ProgramFunction } from '../program.ts'
import type { Value } from '../value.ts'
import { changed, constant, either, mixture, originsOf, UNKNOWN, withStep } from '../values.ts'

/** Steps of the machine for the page, and again for its functions that nobody called: some tenths of a second. Unpacking loops take most. */
export const MAX_STEPS = 250_000
/** Steps for the functions nobody calls. */
export const STEPS_OUTSIDE = 120_000

/** Variables of a call, or of the page. */
export interface Frame {
  readonly variables: Map<string, Value>
  readonly globals: Set<string>
  readonly self: Value | undefined
  readonly owner: string | undefined
  returned: Value | undefined
}

/** What the machine remembers: variables of the page and of calls, classes and their objects, lists and their elements. */
export abstract class Memory implements Machine {
  protected readonly dialect: Dialect
  protected readonly functions: ProgramFunction[] = []
  protected readonly byName = new Map<string, number[]>()
  protected readonly classes = new Map<string, ProgramClass>()
  protected readonly objects = new Map<string, Value>()
  protected readonly page: Frame
  protected readonly sharedVariables: boolean
  protected frame: Frame
  /** Any variable not known may hold this. */
  protected flooded: Value | undefined
  /** More than 0 where it is not known whether what happens does happen: values are added, not replaced. */
  protected uncertain = 0
  protected steps = 0
  protected limit = MAX_STEPS
  /** Lists that one variable alone holds. */
  readonly #owned = new WeakSet<ReadonlyMap<string, Value>>()

  constructor(dialect: Dialect, sharedVariables: boolean) {
    this.dialect = dialect
    this.sharedVariables = sharedVariables
    this.page = { variables: new Map(), globals: new Set(), self: undefined, owner: undefined, returned: undefined }
    this.frame = this.page
  }

  protected abstract value(expression: Expression): Value
  abstract sink(sink: Sink): void
  abstract remark(what: string, line: number): void
  abstract invoke(callee: Value, args: readonly Value[], line: number): Value
  abstract evaluate(code: Value, how: string, line: number): Value

  variable(name: string): Value {
    return this.read(name, 0)
  }

  global(name: string): Value {
    return this.page.variables.get(name) ?? this.read(name, 0)
  }

  assign(name: string, value: Value, line: number): void {
    this.write(name, value, line)
  }

  flood(value: Value): void {
    this.flooded = either(this.flooded, value)
  }

  protected fold(name: string): string {
    return this.dialect.ignoresCase ? name.toLowerCase() : name
  }

  protected uncertainly<Result>(work: () => Result): Result {
    this.uncertain++
    const result = work()
    this.uncertain--
    return result
  }

  protected scopeOf(name: string): Frame {
    return this.frame.globals.has(name) ? this.page : this.frame
  }

  protected read(name: string, line: number): Value {
    const known = this.scopeOf(name).variables.get(name)
    if (known !== undefined) return known
    if (name === 'this' && this.frame.self) return this.frame.self
    if (this.sharedVariables && this.frame !== this.page) {
      const field = this.frame.self?.entries?.get(name)
      if (field !== undefined) return field
      const shared = this.page.variables.get(name)
      if (shared !== undefined) return shared
    }
    // Where variables have a sign of their own, a bare name is never meant.
    const found = this.dialect.variable ? this.dialect.variable(name, line) : this.dialect.named(name, line, this)
    if (found !== undefined || this.flooded !== undefined) return found ?? this.flooded ?? UNKNOWN
    return (this.scopeOf(name) === this.page && this.dialect.unassigned) || UNKNOWN
  }

  /** In PHP a variable that is added to before it was given anything begins as an empty text. */
  protected beginsEmpty(target: Expression): void {
    if (target.is !== 'variable' || this.dialect.variable === undefined || this.flooded !== undefined) return
    const { variables } = this.scopeOf(target.name)
    if (!variables.has(target.name) && this.dialect.variable(target.name, 0) === undefined)
      variables.set(target.name, constant(''))
  }

  protected write(name: string, value: Value, line: number): void {
    const frame = this.scopeOf(name)
    const stepped = withStep(value, { line, what: `kept in ${name.slice(0, 60)}` })
    const { variables } = this.sharedVariables && !frame.variables.has(name) && this.page.variables.has(name) ? this.page : frame
    if (this.sharedVariables && !variables.has(name) && this.frame.self?.entries?.has(name)) {
      this.setEntry(this.frame.self, name, stepped)
      return
    }
    // An object that is let go at the end was there before: pages that end early are followed past their end.
    if (value.constant === null && variables.get(name)?.isObject) return
    variables.set(name, this.uncertain > 0 ? either(variables.get(name), stepped) : stepped)
  }

  protected typed(type: string): Value {
    return this.classes.has(this.fold(type)) ? this.objectOf(type) : { type, origins: [], isObject: true, entries: new Map() }
  }

  /** The object of a class that stands for all of them when none was made in sight. */
  protected objectOf(name: string): Value {
    const key = this.fold(name)
    const known = this.objects.get(key)
    if (known) return known
    // Known before its fields are: their values may name the class again.
    const made: Value = { type: key, isObject: true, entries: new Map(), origins: [] }
    this.objects.set(key, made)
    return this.made(key, made)
  }

  protected made(key: string, object: Value = { type: key, isObject: true, entries: new Map(), origins: [] }): Value {
    let at = this.classes.get(key)
    for (let depth = 0; at && depth < 8; depth++) {
      for (const { name, type, value } of at.fields)
        if (!object.entries?.has(name))
          object.entries?.set(
            name,
            value ? this.value(value) : type === undefined ? UNKNOWN : { type, isObject: true, entries: new Map(), origins: [] },
          )
      const bases: readonly string[] = at.bases
      at = bases.map(base => this.classes.get(this.fold(base))).find(found => found !== undefined)
    }
    return object
  }

  protected setEntry(object: Value, key: string, value: Value): void {
    const { entries } = object
    if (entries === undefined || (entries.size >= MAX_ENTRIES && !entries.has(key))) return
    entries.set(key, this.uncertain > 0 ? either(entries.get(key), value) : value)
    changed(entries)
  }

  protected store(target: Expression, value: Value, line: number): void {
    switch (target.is) {
      case 'variable':
        this.write(target.name, value, line)
        return
      case 'named-variable': {
        const name = this.value(target.name)
        if (typeof name.constant === 'string') this.write(name.constant, value, line)
        else if (originsOf(name).length > 0) this.flooded = either(this.flooded, mixture([value, name]))
        return
      }
      case 'index': {
        const object = this.peek(target.object)
        const key = target.key ? this.keyOf(target.key) : undefined
        if (object.type === 'globals' && key?.constant !== undefined) {
          const frame = this.frame
          this.frame = this.page
          this.write(textOf(key.constant), value, line)
          this.frame = frame
          return
        }
        if (object.isObject) {
          this.setEntry(object, key?.constant === undefined ? '*' : textOf(key.constant), value)
          return
        }
        this.store(target.object, this.withEntry(object, target.key === undefined ? 'next' : key, value), line)
        return
      }
      case 'member': {
        const object = this.value(target.object)
        const name = typeof target.name === 'string' ? target.name : textOf(this.value(target.name).constant)
        this.dialect.assigned?.(object, name, value, line, this)
        const owner =
          object.isClass && object.type !== undefined && this.classes.has(this.fold(object.type))
            ? this.objectOf(object.type)
            : object
        if (owner.entries) this.setEntry(owner, name, withStep(value, { line, what: `kept in ${name}` }))
        else if (target.object.is === 'variable')
          this.write(target.object.name, { ...owner, isObject: true, entries: new Map([[name, value]]) }, line)
        return
      }
      case 'list':
        for (const [index, item] of target.items.entries())
          this.store(item.value, this.entry(value, item.key ? this.value(item.key) : constant(index), line), line)
        return
      case 'unary':
        this.store(target.value, value, line)
        return
      default:
        this.value(target)
    }
  }

  protected withEntry(list: Value, key: Value | 'next' | undefined, value: Value): Value {
    // A list held by one variable alone is changed in place: copying it for each element would take time in the square of its length.
    const own = list.entries !== undefined && this.#owned.has(list.entries) ? list.entries : undefined
    const entries = own ?? new Map(list.entries ?? [])
    if (own) changed(own)
    else {
      this.steps += entries.size >> 2
      this.#owned.add(entries)
    }
    const name = key === 'next' ? String(nextIndex(entries)) : key?.constant === undefined ? '*' : textOf(key.constant)
    if (entries.size < MAX_ENTRIES || entries.has(name))
      entries.set(name, this.uncertain > 0 || name === '*' ? either(entries.get(name) ?? heldBy(list), value) : value)
    const { constant: _, ...rest } = list
    if (typeof list.constant === 'string' && list.constant !== '' && key !== 'next' && typeof key?.constant === 'number') {
      // `$text[3] = 'x'` puts a character into a text; a long one is copied for it.
      const at = key.constant
      this.steps += list.constant.length >> 10
      return constant(list.constant.slice(0, at).padEnd(at) + textOf(value.constant).charAt(0) + list.constant.slice(at + 1))
    }
    return { ...rest, entries }
  }

  protected keyOf(key: Expression): Value {
    return key.is === 'name' && this.dialect.language === 'php' ? constant(key.name) : this.value(key)
  }

  protected entry(object: Value, key: Value | undefined, line: number): Value {
    const own = this.dialect.index?.(object, key, line, this)
    if (own !== undefined) return own
    const name = key?.constant === undefined ? undefined : textOf(key.constant)
    if (typeof object.constant === 'string' && object.origins.length === 0) {
      if (typeof key?.constant !== 'number' && typeof key?.constant !== 'boolean' && !/^-?\d*$/.test(name ?? ''))
        return key?.constant === undefined ? { ...UNKNOWN, built: true } : constant('')
      const at = numberOf(key?.constant)
      return { constant: object.constant.charAt(at < 0 ? object.constant.length + at : at), origins: [], built: true }
    }
    if (object.entries !== undefined) {
      const found = name === undefined ? undefined : (object.entries.get(name) ?? object.entries.get('*'))
      if (found !== undefined) return found
      // A list that is known to the end does not hold what it does not hold.
      if (name !== undefined && !object.isObject && object.origins.length === 0 && this.dialect.language === 'php')
        return constant(null)
      if (name === undefined && object.entries.size > 0) {
        // One of many chosen by a key of the request is what a list is for: the key does not flow.
        const all = mixture([...object.entries.values()])
        if (all.origins.length > 0) return all
      }
    }
    if (object.origins.length > 0) {
      if (object.type === 'source' || object.type === 'files') {
        const label = name === undefined ? '[…]' : `[${name.slice(0, 30)}]`
        return {
          ...object,
          origins: object.origins.map(origin => ({
            ...origin,
            line: line || origin.line,
            label: `${origin.label}${label}`.slice(0, 80),
          })),
        }
      }
      const { entries: _, ...rest } = object
      return rest
    }
    // An element of something with a hidden name is hidden, too.
    if (object.built && object.constant === undefined) return { ...UNKNOWN, built: true }
    return UNKNOWN
  }

  protected member(object: Value, name: string, line: number): Value {
    const own = this.dialect.member?.(object, name, line, this)
    if (own !== undefined) return own
    const holder =
      object.isClass && object.type !== undefined && this.classes.has(this.fold(object.type))
        ? this.objectOf(object.type)
        : object
    const found = holder.entries?.get(name) ?? holder.entries?.get('*')
    if (found !== undefined) return found
    return object.origins.length > 0 ? { origins: object.origins, cleaned: 'unseen' } : UNKNOWN
  }

  /** The value of a variable of which only one element is looked at or set: the list stays its own. */
  protected peek(expression: Expression): Value {
    if (expression.is !== 'variable' || (expression.name === 'this' && this.frame.self)) return this.value(expression)
    this.steps++
    return this.located(this.read(expression.name, expression.line), expression.line)
  }

  /** From here on somebody else may hold the list, too. */
  protected shared(value: Value): Value {
    if (value.entries !== undefined) this.#owned.delete(value.entries)
    return value
  }

  /** A source says the line it was read in. */
  protected located(value: Value, line: number): Value {
    if (value.type !== 'source' || value.origins[0]?.line !== 0) return value
    return { ...value, origins: value.origins.map(origin => ({ ...origin, line })) }
  }

  protected named(name: string, line: number): Value {
    const key = this.fold(name)
    if (this.classes.has(key)) return { type: key, isClass: true, origins: [] }
    if ((key === 'self' || key === 'static' || key === 'parent') && this.frame.owner !== undefined)
      return this.frame.self ?? this.objectOf(this.frame.owner)
    return this.dialect.named(name, line, this) ?? UNKNOWN
  }
}
