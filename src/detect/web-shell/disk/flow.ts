import { actingFunctions } from './acting.ts'
import type { Call, Dialect, Machine, Sink } from './dialect.ts'
import { MAX_ENTRIES, numberOf, textOf, truthOf } from './fold.ts'
import { COMPARISONS, calculated, heldBy, nextIndex, stepped, strength } from './operations.ts'
import type { Argument, Expression, Program, ProgramClass, ProgramFunction, Statement } from './program.ts'
import type { Value } from './value.ts'
import { changed, constant, either, joined, mixture, originsOf, UNKNOWN, united, withStep } from './values.ts'
import { type DecodedLayer, MAX_LAYER_TEXT } from './verdict.ts'

/** What was seen while the program ran on abstract values. */
export interface Observed {
  readonly sinks: readonly Sink[]
  readonly remarks: readonly { readonly what: string; readonly line: number }[]
  readonly decoded: readonly DecodedLayer[]
  /** Functions called by name that neither the program nor the language has: the page is part of something larger. */
  readonly foreign: number
  /** The work met its limit: not everything was followed. */
  readonly stopped: boolean
}

/**
 * Reads text as code of the language (for `eval` of constants). Every line of it is the line it stands in; its functions are numbered from
 * `firstFunction` on.
 */
export type ReadCode = (code: string, line: number, firstFunction: number) => Program | undefined

/** Steps of the machine for the page, and again for its functions that nobody called: some tenths of a second. Unpacking loops take most. */
const MAX_STEPS = 250_000
/** Values within values: written code stays far below, and the stack far above. */
const MAX_DEPTH = 1_000
/** Steps within one loop. */
const MAX_LOOP_STEPS = 120_000
/** Rounds of one loop whose condition is known. */
const MAX_ROUNDS = 20_000
/** Calls within calls. */
const MAX_CALLS = 12
/** One function is followed so many times with arguments that differ. */
const MAX_VISITS = 400
/** Layers of packed code within packed code. */
const MAX_LAYERS = 12
/** Unpacked text in all. */
const MAX_UNPACKED = 4 << 20
/** Sinks kept; a page with more is judged by these. */
const MAX_SINKS = 400

interface Frame {
  readonly variables: Map<string, Value>
  readonly globals: Set<string>
  readonly self: Value | undefined
  readonly owner: string | undefined
  returned: Value | undefined
}

type Signal = 'on' | 'break' | 'continue' | 'return'

/** Runs a program on abstract values: nothing of it is executed, names and texts are worked out, origins are carried along. */
export function observe(program: Program, dialect: Dialect, readCode: ReadCode): Observed {
  return new Interpreter(program, dialect, readCode).run()
}

class Interpreter implements Machine {
  readonly #dialect: Dialect
  readonly #readCode: ReadCode
  readonly #functions: ProgramFunction[]
  readonly #byName = new Map<string, number[]>()
  readonly #classes = new Map<string, ProgramClass>()
  readonly #objects = new Map<string, Value>()
  readonly #visits = new Map<number, number>()
  readonly #blind = new Map<number, Value>()
  readonly #captured = new Map<number, Frame>()
  readonly #active: number[] = []
  readonly #page: Frame
  readonly #sharedVariables: boolean
  readonly #body: readonly Statement[]
  readonly #sinks = new Map<string, Sink>()
  readonly #remarks = new Map<string, { what: string; line: number }>()
  readonly #decoded = new Map<string, DecodedLayer>()
  readonly #untaken = new Set<readonly Statement[]>()
  readonly #foreign = new Set<string>()
  readonly #owned = new WeakSet<ReadonlyMap<string, Value>>()
  #frame: Frame
  #flooded: Value | undefined
  #deserialised: Value | undefined
  #uncertain = 0
  #loops = 0
  #steps = 0
  #limit = MAX_STEPS
  #depth = 0
  #layers = 0
  #unpacked = 0

  constructor(program: Program, dialect: Dialect, readCode: ReadCode) {
    this.#dialect = dialect
    this.#readCode = readCode
    this.#functions = []
    this.#body = program.body
    this.#sharedVariables = program.sharedVariables
    this.#page = { variables: new Map(), globals: new Set(), self: undefined, owner: undefined, returned: undefined }
    this.#frame = this.#page
    this.#learn(program)
  }

  run(): Observed {
    this.#block(this.#body)
    // Functions nobody called here are entered by someone else: a framework, a hook, an included file.
    this.#limit = this.#steps + MAX_STEPS
    const { acts } = this.#dialect
    const acting = acts && actingFunctions(this.#functions, acts, name => this.#fold(name))
    for (let index = 0; index < this.#functions.length; index++) {
      if (this.#visits.has(index) || acting?.has(index) === false) continue
      const called = this.#functions[index]
      if (!called || called.captures !== undefined) continue
      const self = called.owner === undefined ? undefined : this.#selfOf(called.owner, called.name)
      this.#enter(
        index,
        called.parameters.map(({ type, name }) => this.#dialect.parameter?.(type, name) ?? UNKNOWN),
        self,
        called.line,
      )
    }
    return {
      sinks: [...this.#sinks.values()],
      remarks: [...this.#remarks.values()],
      decoded: [...this.#decoded.values()],
      foreign: this.#foreign.size,
      stopped: this.#steps > this.#limit,
    }
  }

  /** Methods that run by themselves when an object is made of text see members of the visitor's choice. */
  #selfOf(owner: string, method: string): Value {
    if (this.#deserialised === undefined || !/^__(?:destruct|wakeup|tostring|call|get)$/.test(method))
      return this.#objectOf(owner)
    return { type: this.#fold(owner), isObject: true, entries: new Map([['*', mixture([this.#deserialised])]]), origins: [] }
  }

  #learn(program: Program): void {
    const offset = this.#functions.length
    for (const [index, called] of program.functions.entries()) {
      this.#functions.push(called)
      const key = this.#fold(called.name)
      if (key === '') continue
      const known = this.#byName.get(key)
      if (known) known.push(offset + index)
      else this.#byName.set(key, [offset + index])
    }
    for (const known of program.classes) this.#classes.set(this.#fold(known.name), known)
  }

  #fold(name: string): string {
    return this.#dialect.ignoresCase ? name.toLowerCase() : name
  }

  // What a dialect may ask.

  sink(sink: Sink): void {
    if (sink.kind === 'deserialise' && sink.values.some(({ origins }) => origins[0]?.kind === 'request'))
      this.#deserialised = sink.values[0]
    const key = `${sink.kind} ${sink.line} ${sink.label}`
    const known = this.#sinks.get(key)
    if (known === undefined) {
      if (this.#sinks.size < MAX_SINKS) this.#sinks.set(key, sink)
    } else if (strength(sink) > strength(known)) this.#sinks.set(key, sink)
  }

  remark(what: string, line: number): void {
    if (this.#remarks.size < MAX_SINKS) this.#remarks.set(`${line} ${what}`, { what, line })
  }

  variable(name: string): Value {
    return this.#read(name, 0)
  }

  assign(name: string, value: Value, line: number): void {
    this.#write(name, value, line)
  }

  flood(value: Value): void {
    this.#flooded = either(this.#flooded, value)
  }

  evaluate(code: Value, how: string, line: number): Value {
    if (typeof code.constant !== 'string') return UNKNOWN
    const text = code.constant
    this.#unpacked += text.length
    if (this.#layers >= MAX_LAYERS || this.#unpacked > MAX_UNPACKED) return UNKNOWN
    if (code.built || code.layers) this.#keepLayer(text, code.layers?.length ? code.layers.join(', ') : how, line)
    const program = this.#readCode(text, line, this.#functions.length)
    if (!program) return UNKNOWN
    this.#learn(program)
    const before = this.#frame.returned
    this.#frame.returned = undefined
    this.#layers++
    this.#block(program.body)
    this.#layers--
    const result = this.#frame.returned ?? UNKNOWN
    this.#frame.returned = before
    return result
  }

  #keepLayer(text: string, how: string, line: number): void {
    if (this.#decoded.size >= MAX_LAYERS) return
    this.#decoded.set(text.slice(0, 200), { line, how, text: text.slice(0, MAX_LAYER_TEXT), length: text.length })
  }

  invoke(callee: Value, args: readonly Value[], line: number): Value {
    return this.#invoke(callee, args, line, () => undefined)
  }

  #invoke(callee: Value, args: readonly Value[], line: number, out: (position: number, value: Value) => void): Value {
    if (callee.callable !== undefined)
      return this.#enter(callee.callable, args, callee.bound ?? this.#captured.get(callee.callable)?.self, line)
    if (typeof callee.constant === 'string' && callee.origins.length === 0) {
      const [owner, method] = callee.constant.split('::')
      if (owner !== undefined && method !== undefined && method !== '')
        return this.#callMethod({ type: owner, isClass: true, origins: [] }, method, args, line, callee.built === true, out)
      return this.#callNamed(
        callee.constant.replace(/^.*\\/s, ''),
        args,
        line,
        callee.built === true || callee.layers !== undefined,
        out,
      )
    }
    const object = callee.entries?.get('0')
    const method = callee.entries?.get('1')
    if (object && method) {
      if (typeof method.constant === 'string')
        return this.#callMethod(object, method.constant, args, line, method.built === true, out)
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
      const index = this.#methodOf(callee.type, '__invoke')
      if (index !== undefined) return this.#enter(index, args, callee, line)
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

  // Statements.

  #block(statements: readonly Statement[]): Signal {
    for (const statement of statements) {
      if (this.#steps++ > this.#limit) return 'return'
      const signal = this.#statement(statement)
      if (signal !== 'on') return signal
    }
    return 'on'
  }

  #statement(statement: Statement): Signal {
    switch (statement.do) {
      case 'expression':
        this.#value(statement.value)
        return 'on'
      case 'declare': {
        const value = statement.value
          ? this.#value(statement.value)
          : statement.type === undefined
            ? UNKNOWN
            : this.#typed(statement.type)
        const typed =
          statement.type !== undefined && value.type === undefined && value.constant === undefined
            ? { ...value, type: statement.type }
            : value
        this.#write(statement.name, typed, statement.line)
        return 'on'
      }
      case 'if':
        return this.#if(statement.condition, statement.yes, statement.no)
      case 'loop':
        return this.#loop(statement)
      case 'each':
        return this.#each(statement)
      case 'switch':
        return this.#switch(statement)
      case 'block':
        for (const part of statement.parts) {
          const signal = this.#block(part)
          if (signal !== 'on') return signal
        }
        return 'on'
      case 'return': {
        const value = statement.value ? this.#value(statement.value) : constant(null)
        this.#frame.returned = this.#frame.returned === undefined ? value : either(this.#frame.returned, value)
        return this.#frame === this.#page ? 'on' : 'return'
      }
      case 'jump':
        // What follows `exit` is looked at all the same: whether it is reached depends on conditions not known here.
        return statement.kind === 'leave' ? 'on' : statement.kind
      case 'global':
        for (const name of statement.names) this.#frame.globals.add(name)
        return 'on'
      default:
        return statement satisfies never
    }
  }

  #if(condition: Expression, yes: readonly Statement[], no: readonly Statement[]): Signal {
    const value = this.#value(condition)
    this.#markChecked(condition, 0)
    if (value.constant !== undefined && value.origins.length === 0) {
      const [taken, other] = truthOf(value.constant) ? [yes, no] : [no, yes]
      // Dead code is looked at once: the condition may be known only because something else was not.
      if (this.#loops === 0 && other.length > 0 && !this.#untaken.has(other)) {
        this.#untaken.add(other)
        this.#uncertainly(() => this.#block(other))
      }
      return this.#block(taken)
    }
    const first = this.#uncertainly(() => this.#block(yes))
    const second = this.#uncertainly(() => this.#block(no))
    return first === second ? first : 'on'
  }

  #uncertainly<Result>(work: () => Result): Result {
    this.#uncertain++
    const result = work()
    this.#uncertain--
    return result
  }

  #loop({ condition, after, body, step }: Extract<Statement, { do: 'loop' }>): Signal {
    this.#loops++
    let signal: Signal = 'on'
    let round = 0
    const limit = Math.min(this.#limit, this.#steps + MAX_LOOP_STEPS)
    for (; round < MAX_ROUNDS && this.#steps <= limit; round++) {
      if (!after || round > 0) {
        const value = condition ? this.#value(condition) : constant(true)
        if (round === 0 && condition) this.#markChecked(condition, 0)
        if (value.constant === undefined || value.origins.length > 0) {
          signal = this.#someRounds(body, step)
          break
        }
        if (!truthOf(value.constant)) break
      }
      this.#steps++
      const outcome = this.#block(body)
      if (outcome === 'return') {
        signal = 'return'
        break
      }
      if (outcome === 'break') break
      for (const item of step ?? []) this.#value(item)
      // An endless loop ends by a condition that is not known.
      if (condition === undefined && round > 64) break
    }
    this.#loops--
    return signal === 'return' && this.#uncertain === 0 ? 'return' : 'on'
  }

  /** A loop whose end is not known: twice, so that what one round leaves is seen by the next. */
  #someRounds(body: readonly Statement[], step: readonly Expression[] | undefined): Signal {
    return this.#uncertainly(() => {
      for (let i = 0; i < 2; i++) {
        this.#block(body)
        for (const item of step ?? []) this.#value(item)
      }
      return 'on' as const
    })
  }

  #each({ list, key, value, body }: Extract<Statement, { do: 'each' }>): Signal {
    const walked = this.#value(list)
    this.#loops++
    const line = list.line
    if (walked.entries !== undefined && walked.origins.length === 0 && walked.entries.size > 0 && !walked.isObject) {
      for (const [name, entry] of [...walked.entries].slice(0, MAX_ENTRIES)) {
        if (this.#steps++ > this.#limit) break
        if (key) this.#assign(key, constant(name), line)
        if (value) this.#assign(value, entry, line)
        const signal = this.#block(body)
        if (signal === 'break') break
        if (signal === 'return') {
          this.#loops--
          return this.#uncertain === 0 ? 'return' : 'on'
        }
      }
    } else {
      const inside: Value = mixture([walked])
      this.#uncertainly(() => {
        // Names of request parameters are chosen by the visitor like their values.
        if (key) this.#assign(key, originsOf(walked).length > 0 ? inside : UNKNOWN, line)
        if (value) this.#assign(value, inside, line)
        this.#block(body)
        this.#block(body)
      })
    }
    this.#loops--
    return 'on'
  }

  #switch({ value, cases }: Extract<Statement, { do: 'switch' }>): Signal {
    const chosen = this.#value(value)
    const known = chosen.constant !== undefined && chosen.origins.length === 0
    if (known) {
      let running = false
      const labels = cases.map(({ test }) => (test ? this.#value(test).constant : undefined))
      if (labels.every((label, index) => label !== undefined || cases[index]?.test === undefined)) {
        const start = labels.findIndex(label => label !== undefined && textOf(label) === textOf(chosen.constant))
        const from = start >= 0 ? start : cases.findIndex(({ test }) => test === undefined)
        for (const [index, { body }] of cases.entries()) {
          running ||= index === from
          if (!running) continue
          const signal = this.#block(body)
          if (signal === 'break') return 'on'
          if (signal !== 'on') return signal
        }
        return 'on'
      }
    }
    for (const { test, body } of cases) {
      if (test) this.#value(test)
      this.#uncertainly(() => this.#block(body))
    }
    return 'on'
  }

  /** Variables that a condition compares with what is allowed. */
  #markChecked(condition: Expression, depth: number): void {
    if (depth > 8) return
    if (condition.is === 'call' && this.#dialect.checks.has(condition.name)) {
      for (const { value } of condition.args) {
        if (value.is !== 'variable') continue
        const known = this.#frame.variables.get(value.name)
        if (known && known.origins.length > 0 && known.cleaned === undefined)
          this.#frame.variables.set(value.name, { ...known, cleaned: 'checked' })
      }
    } else if (condition.is === 'binary') {
      this.#markChecked(condition.left, depth + 1)
      this.#markChecked(condition.right, depth + 1)
    } else if (condition.is === 'unary') this.#markChecked(condition.value, depth + 1)
  }

  // Variables and members.

  #scopeOf(name: string): Frame {
    return this.#frame.globals.has(name) ? this.#page : this.#frame
  }

  #read(name: string, line: number): Value {
    const known = this.#scopeOf(name).variables.get(name)
    if (known !== undefined) return known
    if (name === 'this' && this.#frame.self) return this.#frame.self
    if (this.#sharedVariables && this.#frame !== this.#page) {
      const field = this.#frame.self?.entries?.get(name)
      if (field !== undefined) return field
      const shared = this.#page.variables.get(name)
      if (shared !== undefined) return shared
    }
    // Where variables have a sign of their own, a bare name is never meant.
    const found = this.#dialect.variable ? this.#dialect.variable(name, line) : this.#dialect.named(name, line, this)
    return found ?? this.#flooded ?? UNKNOWN
  }

  #write(name: string, value: Value, line: number): void {
    const frame = this.#scopeOf(name)
    const stepped = withStep(value, { line, what: `kept in ${name.slice(0, 60)}` })
    const { variables } =
      this.#sharedVariables && !frame.variables.has(name) && this.#page.variables.has(name) ? this.#page : frame
    if (this.#sharedVariables && !variables.has(name) && this.#frame.self?.entries?.has(name)) {
      this.#setEntry(this.#frame.self, name, stepped)
      return
    }
    variables.set(name, this.#uncertain > 0 ? either(variables.get(name), stepped) : stepped)
  }

  #typed(type: string): Value {
    return this.#classes.has(this.#fold(type)) ? this.#objectOf(type) : { type, origins: [], isObject: true, entries: new Map() }
  }

  /** The object of a class that stands for all of them when none was made in sight. */
  #objectOf(name: string): Value {
    const key = this.#fold(name)
    const known = this.#objects.get(key)
    if (known) return known
    // Known before its fields are: their values may name the class again.
    const made: Value = { type: key, isObject: true, entries: new Map(), origins: [] }
    this.#objects.set(key, made)
    return this.#made(key, made)
  }

  #made(key: string, object: Value = { type: key, isObject: true, entries: new Map(), origins: [] }): Value {
    let at = this.#classes.get(key)
    for (let depth = 0; at && depth < 8; depth++) {
      for (const { name, type, value } of at.fields)
        if (!object.entries?.has(name))
          object.entries?.set(
            name,
            value ? this.#value(value) : type === undefined ? UNKNOWN : { type, isObject: true, entries: new Map(), origins: [] },
          )
      const bases: readonly string[] = at.bases
      at = bases.map(base => this.#classes.get(this.#fold(base))).find(found => found !== undefined)
    }
    return object
  }

  #setEntry(object: Value, key: string, value: Value): void {
    const { entries } = object
    if (entries === undefined || (entries.size >= MAX_ENTRIES && !entries.has(key))) return
    entries.set(key, this.#uncertain > 0 ? either(entries.get(key), value) : value)
    changed(entries)
  }

  #assign(target: Expression, value: Value, line: number): void {
    switch (target.is) {
      case 'variable':
        this.#write(target.name, value, line)
        return
      case 'named-variable': {
        const name = this.#value(target.name)
        if (typeof name.constant === 'string') this.#write(name.constant, value, line)
        else if (originsOf(name).length > 0) this.#flooded = either(this.#flooded, mixture([value, name]))
        return
      }
      case 'index': {
        const object = this.#peek(target.object)
        const key = target.key ? this.#keyOf(target.key) : undefined
        if (object.isObject) {
          this.#setEntry(object, key?.constant === undefined ? '*' : textOf(key.constant), value)
          return
        }
        this.#assign(target.object, this.#withEntry(object, target.key === undefined ? 'next' : key, value), line)
        return
      }
      case 'member': {
        const object = this.#value(target.object)
        const name = typeof target.name === 'string' ? target.name : textOf(this.#value(target.name).constant)
        this.#dialect.assigned?.(object, name, value, line, this)
        const owner =
          object.isClass && object.type !== undefined && this.#classes.has(this.#fold(object.type))
            ? this.#objectOf(object.type)
            : object
        if (owner.entries) this.#setEntry(owner, name, withStep(value, { line, what: `kept in ${name}` }))
        else if (target.object.is === 'variable')
          this.#write(target.object.name, { ...owner, isObject: true, entries: new Map([[name, value]]) }, line)
        return
      }
      case 'list':
        for (const [index, item] of target.items.entries())
          this.#assign(item.value, this.#entry(value, item.key ? this.#value(item.key) : constant(index), line), line)
        return
      case 'unary':
        this.#assign(target.value, value, line)
        return
      default:
        this.#value(target)
    }
  }

  #withEntry(list: Value, key: Value | 'next' | undefined, value: Value): Value {
    // A list held by one variable alone is changed in place: copying it for each element would take time in the square of its length.
    const own = list.entries !== undefined && this.#owned.has(list.entries) ? list.entries : undefined
    const entries = own ?? new Map(list.entries ?? [])
    if (own) changed(own)
    else {
      this.#steps += entries.size >> 2
      this.#owned.add(entries)
    }
    const name = key === 'next' ? String(nextIndex(entries)) : key?.constant === undefined ? '*' : textOf(key.constant)
    if (entries.size < MAX_ENTRIES || entries.has(name))
      entries.set(name, this.#uncertain > 0 || name === '*' ? either(entries.get(name) ?? heldBy(list), value) : value)
    const { constant: _, ...rest } = list
    if (typeof list.constant === 'string' && list.constant !== '' && key !== 'next' && typeof key?.constant === 'number') {
      // `$text[3] = 'x'` puts a character into a text.
      const at = key.constant
      return constant(list.constant.slice(0, at).padEnd(at) + textOf(value.constant).charAt(0) + list.constant.slice(at + 1))
    }
    return { ...rest, entries }
  }

  #keyOf(key: Expression): Value {
    return key.is === 'name' && this.#dialect.language === 'php' ? constant(key.name) : this.#value(key)
  }

  #entry(object: Value, key: Value | undefined, line: number): Value {
    const own = this.#dialect.index?.(object, key, line, this)
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
      if (name !== undefined && !object.isObject && object.origins.length === 0 && this.#dialect.language === 'php')
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

  #member(object: Value, name: string, line: number): Value {
    const own = this.#dialect.member?.(object, name, line, this)
    if (own !== undefined) return own
    const holder =
      object.isClass && object.type !== undefined && this.#classes.has(this.#fold(object.type))
        ? this.#objectOf(object.type)
        : object
    const found = holder.entries?.get(name) ?? holder.entries?.get('*')
    if (found !== undefined) return found
    return object.origins.length > 0 ? { origins: object.origins, cleaned: 'unseen' } : UNKNOWN
  }

  // Expressions.

  #value(expression: Expression): Value {
    if (this.#steps++ > this.#limit || this.#depth >= MAX_DEPTH) return UNKNOWN
    this.#depth += 1
    const value = this.#valueOf(expression)
    this.#depth -= 1
    return value
  }

  #valueOf(expression: Expression): Value {
    switch (expression.is) {
      case 'constant':
        return constant(expression.value)
      case 'variable':
        return expression.name === 'this' && this.#frame.self
          ? this.#frame.self
          : this.#shared(this.#located(this.#read(expression.name, expression.line), expression.line))
      case 'named-variable': {
        const name = this.#value(expression.name)
        if (typeof name.constant === 'string') return this.#read(name.constant, expression.line)
        const chosen = originsOf(name)
        return chosen.length > 0 ? { origins: chosen, cleaned: 'unseen' } : (this.#flooded ?? { ...UNKNOWN, built: true })
      }
      case 'name':
        return this.#named(expression.name, expression.line)
      case 'member': {
        const object = this.#value(expression.object)
        const name = typeof expression.name === 'string' ? expression.name : textOf(this.#value(expression.name).constant)
        return this.#member(object, name, expression.line)
      }
      case 'index':
        return this.#entry(
          this.#peek(expression.object),
          expression.key ? this.#keyOf(expression.key) : undefined,
          expression.line,
        )
      case 'call':
        return this.#call(expression.name, expression.args, expression.line)
      case 'call-value': {
        const callee = this.#value(expression.callee)
        return this.#invoke(
          callee,
          this.#arguments(expression.args),
          expression.line,
          this.#outOf(expression.args, expression.line),
        )
      }
      case 'method': {
        const object = this.#value(expression.object)
        const named = typeof expression.name === 'string' ? constant(expression.name) : this.#value(expression.name)
        const args = this.#arguments(expression.args)
        if (typeof named.constant === 'string')
          return this.#callMethod(
            object,
            named.constant,
            args,
            expression.line,
            named.built === true,
            this.#outOf(expression.args, expression.line),
          )
        if (named.callable !== undefined) return this.#invoke(named, args, expression.line, () => undefined)
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
        return this.#create(expression)
      case 'binary':
        return this.#binary(expression)
      case 'unary':
        return this.#unary(expression)
      case 'choice': {
        const condition = this.#value(expression.condition)
        this.#markChecked(expression.condition, 0)
        if (condition.constant !== undefined && condition.origins.length === 0) {
          const [taken, other] = truthOf(condition.constant) ? [expression.yes, expression.no] : [expression.no, expression.yes]
          if (other && this.#loops === 0) this.#uncertainly(() => this.#value(other))
          return taken ? this.#value(taken) : condition
        }
        const yes = expression.yes ? this.#uncertainly(() => this.#value(expression.yes ?? expression.condition)) : condition
        const no = this.#uncertainly(() => this.#value(expression.no))
        return yes.constant !== undefined && no.constant !== undefined && yes.constant !== no.constant ? UNKNOWN : either(no, yes)
      }
      case 'assign':
        return this.#assignment(expression)
      case 'list': {
        const entries = new Map<string, Value>()
        for (const { key, value, spread } of expression.items.slice(0, MAX_ENTRIES)) {
          const item = this.#value(value)
          const name = key ? this.#value(key) : undefined
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
        this.#captured.set(expression.index, this.#frame)
        return { callable: expression.index, origins: [] }
      }
      case 'text':
        return joined(expression.parts.map(part => this.#value(part)))
      case 'opaque':
        return mixture(expression.parts.map(part => this.#value(part)))
      default:
        return expression satisfies never
    }
  }

  /** The value of a variable of which only one element is looked at or set: the list stays its own. */
  #peek(expression: Expression): Value {
    if (expression.is !== 'variable' || (expression.name === 'this' && this.#frame.self)) return this.#value(expression)
    this.#steps++
    return this.#located(this.#read(expression.name, expression.line), expression.line)
  }

  /** From here on somebody else may hold the list, too. */
  #shared(value: Value): Value {
    if (value.entries !== undefined) this.#owned.delete(value.entries)
    return value
  }

  /** A source says the line it was read in. */
  #located(value: Value, line: number): Value {
    if (value.type !== 'source' || value.origins[0]?.line !== 0) return value
    return { ...value, origins: value.origins.map(origin => ({ ...origin, line })) }
  }

  #named(name: string, line: number): Value {
    const key = this.#fold(name)
    if (this.#classes.has(key)) return { type: key, isClass: true, origins: [] }
    if ((key === 'self' || key === 'static' || key === 'parent') && this.#frame.owner !== undefined)
      return this.#frame.self ?? this.#objectOf(this.#frame.owner)
    return this.#dialect.named(name, line, this) ?? UNKNOWN
  }

  #assignment({ target, sign, value, line }: Extract<Expression, { is: 'assign' }>): Value {
    let result = this.#value(value)
    if (sign === '??') {
      const before = this.#value(target)
      result = either(result, before.constant === null ? result : before)
    } else if (sign !== '') {
      const before = this.#value(target)
      const joins = sign === '.' || (sign === '+' && (typeof before.constant === 'string' || typeof result.constant === 'string'))
      result =
        joins && this.#dialect.language !== 'php'
          ? joined([before, result])
          : sign === '.'
            ? joined([before, result])
            : this.#operation(sign, before, result)
    }
    this.#assign(target, result, line)
    return result
  }

  #binary({ sign, left, right }: Extract<Expression, { is: 'binary' }>): Value {
    const first = this.#value(left)
    if (sign === '??') return either(this.#value(right), first.constant === null ? UNKNOWN : first)
    if (sign === '&&' || sign === '||' || sign === 'and' || sign === 'or') {
      const decided = first.constant !== undefined && first.origins.length === 0 ? truthOf(first.constant) : undefined
      this.#markChecked(left, 0)
      const second = this.#uncertainly(() => this.#value(right))
      const isAnd = sign === '&&' || sign === 'and'
      if (decided !== undefined && decided !== isAnd) return constant(!isAnd)
      if (decided !== undefined && second.constant !== undefined && second.origins.length === 0)
        return constant(truthOf(second.constant))
      return UNKNOWN
    }
    const second = this.#value(right)
    return sign === '.' ? joined([first, second]) : this.#operation(sign, first, second)
  }

  #operation(sign: string, first: Value, second: Value): Value {
    const a = first.constant
    const b = second.constant
    if (a !== undefined && b !== undefined && first.origins.length === 0 && second.origins.length === 0) {
      const result = calculated(sign, a, b, this.#dialect.language === 'php')
      if (result !== undefined)
        return {
          constant: result,
          origins: [],
          built: true,
          ...(first.layers || second.layers ? { layers: first.layers ?? second.layers ?? [] } : {}),
        }
    }
    if (COMPARISONS.has(sign)) return UNKNOWN
    if (sign === '+' && (first.entries || second.entries))
      return {
        entries: new Map([...(second.entries ?? []), ...(first.entries ?? [])]),
        origins: united(first.origins, second.origins),
      }
    if (sign === '+' && this.#dialect.language !== 'php') return joined([first, second])
    // Texts can be mixed bit by bit; other arithmetic gives numbers.
    return sign === '^' || sign === '&' || sign === '|' ? { ...mixture([first, second]), built: true } : UNKNOWN
  }

  #unary({ sign, value: operand, line }: Extract<Expression, { is: 'unary' }>): Value {
    const value = this.#value(operand)
    const known = value.origins.length === 0 ? value.constant : undefined
    if (sign.includes('++') || sign.includes('--')) {
      const next = known === undefined ? UNKNOWN : stepped(known, sign.includes('++'))
      this.#assign(operand, next, line)
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

  // Calls.

  #arguments(args: readonly Argument[]): Value[] {
    return args.flatMap(({ value, spread }) => {
      const item = this.#value(value)
      return spread && item.entries ? [...item.entries.values()] : [item]
    })
  }

  #outOf(args: readonly Argument[], line: number): (position: number, value: Value) => void {
    return (position, value) => {
      const target = args[position]?.value
      if (target) this.#assign(target, value, line)
    }
  }

  #call(name: string, args: readonly Argument[], line: number): Value {
    const values = this.#arguments(args)
    return this.#callNamed(name, values, line, false, this.#outOf(args, line), args)
  }

  #callNamed(
    name: string,
    args: readonly Value[],
    line: number,
    hidden: boolean,
    out: Call['out'],
    written?: readonly Argument[],
  ): Value {
    const key = this.#fold(name)
    const own = this.#byName.get(key)?.filter(index => this.#functions[index]?.owner === undefined || this.#sharedVariables)
    if (own?.length) {
      let result: Value = UNKNOWN
      for (const index of own.slice(0, 4))
        result = either(
          result === UNKNOWN ? undefined : result,
          this.#enter(index, args, this.#sharedVariables ? this.#frame.self : undefined, line, written),
        )
      return result
    }
    const known = this.#dialect.call({ name: key, args, line, hidden, out }, this)
    if (known !== undefined) return known
    this.#foreign.add(key)
    return mixture(args, 'unseen')
  }

  #methodOf(type: string, name: string): number | undefined {
    const key = this.#fold(name)
    let at = this.#fold(type)
    for (let depth = 0; depth < 8; depth++) {
      const found = this.#byName
        .get(key)
        ?.find(index => this.#functions[index]?.owner !== undefined && this.#fold(this.#functions[index]?.owner ?? '') === at)
      if (found !== undefined) return found
      const [base] = (this.#classes.get(at)?.bases ?? []).filter(known => this.#classes.has(this.#fold(known)))
      if (base === undefined) return undefined
      at = this.#fold(base)
    }
    return undefined
  }

  #callMethod(object: Value, name: string, args: readonly Value[], line: number, hidden: boolean, out: Call['out']): Value {
    if (object.type !== undefined) {
      const index = this.#methodOf(object.type, name)
      if (index !== undefined) return this.#enter(index, args, object.isClass ? this.#objectOf(object.type) : object, line)
    } else {
      const known = this.#byName.get(this.#fold(name))?.filter(index => this.#functions[index]?.owner !== undefined)
      // The object is not known, but only one class here has such a method.
      if (known?.length === 1 && known[0] !== undefined) {
        const owner = this.#functions[known[0]]?.owner ?? ''
        return this.#enter(known[0], args, this.#objectOf(owner), line)
      }
    }
    const answer = this.#dialect.call({ name, receiver: object, args, line, hidden, out }, this)
    if (answer !== undefined) return answer
    const member = object.entries?.get(name)
    if (member?.callable !== undefined) return this.#enter(member.callable, args, object, line)
    return mixture([object, ...args], 'unseen')
  }

  #create({ type, args, line }: Extract<Expression, { is: 'new' }>): Value {
    const values = this.#arguments(args)
    const named = typeof type === 'string' ? constant(type) : this.#value(type)
    if (typeof named.constant !== 'string') {
      if (named.isClass && named.type !== undefined) return this.#made(named.type)
      if (originsOf(named).length > 0)
        this.sink({
          kind: 'dynamic-call',
          label: 'a class named by a value',
          line,
          values: [{ ...named, cleaned: named.cleaned ?? 'class' }, ...values],
        })
      return mixture(values, 'unseen')
    }
    const key = this.#fold(named.constant.replace(/^.*\\/s, ''))
    if (this.#classes.has(key)) {
      const object = this.#made(key)
      this.#objects.set(key, object)
      const maker = this.#methodOf(key, '__construct') ?? this.#methodOf(key, key)
      if (maker !== undefined) this.#enter(maker, values, object, line)
      return object
    }
    const made = this.#dialect.create?.(
      { name: named.constant, args: values, line, hidden: named.built === true, out: () => undefined },
      this,
    )
    return made ?? { ...mixture(values, 'unseen'), type: named.constant, isObject: true, entries: new Map() }
  }

  /** Calls a function of the program. */
  #enter(index: number, args: readonly Value[], self: Value | undefined, line: number, written?: readonly Argument[]): Value {
    const called = this.#functions[index]
    if (!called) return UNKNOWN
    const visits = this.#visits.get(index) ?? 0
    const blind = args.every(
      arg => arg.constant === undefined && arg.callable === undefined && arg.entries === undefined && arg.origins.length === 0,
    )
    if (blind && self === undefined) {
      const known = this.#blind.get(index)
      if (known) return known
    }
    this.#visits.set(index, visits + 1)
    if (this.#active.length >= MAX_CALLS || visits > MAX_VISITS || this.#active.filter(at => at === index).length > 3)
      return mixture(args)
    const outer = this.#frame
    const frame: Frame = {
      variables: this.#captures(index, called),
      globals: new Set(),
      self,
      owner: called.owner,
      returned: undefined,
    }
    for (const [position, { name, initial, rest, type }] of called.parameters.entries()) {
      const given = rest
        ? { entries: new Map(args.slice(position).map((arg, i) => [String(i), arg])), origins: [] }
        : args[position]
      const value = given ?? (initial ? this.#value(initial) : (this.#dialect.parameter?.(type, name) ?? UNKNOWN))
      const typed =
        value.type === undefined && type !== undefined && value.constant === undefined && value.entries === undefined
          ? { ...value, type }
          : value
      frame.variables.set(name, withStep(typed, { line, what: `given to ${called.name || 'a function'}() as ${name}` }))
    }
    this.#frame = frame
    this.#active.push(index)
    const certain = this.#uncertain
    const loops = this.#loops
    this.#uncertain = 0
    this.#loops = 0
    this.#block(called.body)
    this.#uncertain = certain
    this.#loops = loops
    this.#active.pop()
    this.#frame = outer
    const outOf = written ? this.#outOf(written, line) : undefined
    for (const [position, { name, byReference }] of called.parameters.entries()) {
      const value = byReference ? frame.variables.get(name) : undefined
      if (value && outOf) outOf(position, value)
    }
    const result = frame.returned ?? UNKNOWN
    if (blind && self === undefined) this.#blind.set(index, result)
    return withStep(result, { line, what: `returned by ${called.name || 'a function'}()` })
  }

  #captures(index: number, { captures }: ProgramFunction): Map<string, Value> {
    const from = this.#captured.get(index)
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
