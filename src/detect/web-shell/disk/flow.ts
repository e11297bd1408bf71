import { actingFunctions } from './acting.ts'
import type { Dialect, Sink } from './dialect.ts'
import { VISITS_FROM_OUTSIDE } from './machine/calls.ts'
import { STEPS_OUTSIDE } from './machine/memory.ts'
import { LOOP_STEPS_FROM_OUTSIDE, Statements } from './machine/statements.ts'
import { strength } from './operations.ts'
import type { Program, Statement } from './program.ts'
import type { Value } from './value.ts'
import { mixture, UNKNOWN } from './values.ts'
import { type DecodedLayer, MAX_LAYER_TEXT } from './verdict.ts'

/** What was seen while the program ran on abstract values. */
export interface Observed {
  readonly sinks: readonly Sink[]
  readonly remarks: readonly { readonly what: string; readonly line: number }[]
  readonly decoded: readonly DecodedLayer[]
  /** Functions called by name that neither the program nor the language has: the page is part of something larger. */
  readonly foreign: number
  /** Functions called under names that were decoded or put together. */
  readonly hiddenNames: readonly string[]
  /** The work met its limit: not everything was followed. */
  readonly stopped: boolean
}

/**
 * Reads text as code of the language (for `eval` of constants). Every line of it is the line it stands in; its functions are numbered from
 * `firstFunction` on.
 */
export type ReadCode = (code: string, line: number, firstFunction: number) => Program | undefined
/** Layers of packed code within packed code. */
const MAX_LAYERS = 12
/** Unpacked text in all. */
const MAX_UNPACKED = 4 << 20
/** Sinks kept; a page with more is judged by these. */
const MAX_SINKS = 400

/** Runs a program on abstract values: nothing of it is executed, names and texts are worked out, origins are carried along. */
export function observe(program: Program, dialect: Dialect, readCode: ReadCode): Observed {
  return new Interpreter(program, dialect, readCode).run()
}

class Interpreter extends Statements {
  readonly #readCode: ReadCode
  readonly #body: readonly Statement[]
  readonly #sinks = new Map<string, Sink>()
  readonly #remarks = new Map<string, { what: string; line: number }>()
  readonly #decoded = new Map<string, DecodedLayer>()
  #deserialised: Value | undefined
  #layers = 0
  #unpacked = 0

  constructor(program: Program, dialect: Dialect, readCode: ReadCode) {
    super(dialect, program.sharedVariables)
    this.#readCode = readCode
    this.#body = program.body
    this.#learn(program)
  }

  run(): Observed {
    this.block(this.#body)
    // Functions nobody called here are entered by someone else: a framework, a hook, an included file.
    this.limit = this.steps + STEPS_OUTSIDE
    const { acts } = this.dialect
    const acting = acts && actingFunctions(this.functions, acts, name => this.fold(name))
    const outside: number[] = []
    for (let index = 0; index < this.functions.length; index++) {
      if (this.visits.has(index) || acting?.has(index) === false) continue
      outside.push(index)
      this.#enterFromOutside(index)
    }
    // One handler keeps what another uses: in a field, in the state of the page.
    if (this.sharedVariables && this.dialect.language !== 'php') {
      this.forget()
      for (const index of outside) this.#enterFromOutside(index)
    }
    return {
      sinks: [...this.#sinks.values()],
      remarks: [...this.#remarks.values()],
      decoded: [...this.#decoded.values()],
      foreign: this.foreign.size,
      hiddenNames: [...this.hiddenNames],
      stopped: this.steps > this.limit,
    }
  }

  #enterFromOutside(index: number): void {
    const called = this.functions[index]
    if (!called || called.captures !== undefined) return
    this.visitLimit = VISITS_FROM_OUTSIDE
    this.loopLimit = LOOP_STEPS_FROM_OUTSIDE
    const self = called.owner === undefined ? undefined : this.#selfOf(called.owner, called.name)
    this.enter(
      index,
      called.parameters.map(({ type, name }) => this.dialect.parameter?.(type, name, called.name) ?? UNKNOWN),
      self,
      called.line,
    )
  }

  /** Methods that run by themselves when an object is made of text see members of the visitor's choice. */
  #selfOf(owner: string, method: string): Value {
    if (this.#deserialised === undefined || !/^__(?:destruct|wakeup|tostring|call|get)$/.test(method)) return this.objectOf(owner)
    return { type: this.fold(owner), isObject: true, entries: new Map([['*', mixture([this.#deserialised])]]), origins: [] }
  }

  #learn(program: Program): void {
    const offset = this.functions.length
    for (const [index, called] of program.functions.entries()) {
      this.functions.push(called)
      const key = this.fold(called.name)
      if (key === '') continue
      const known = this.byName.get(key)
      if (known) known.push(offset + index)
      else this.byName.set(key, [offset + index])
    }
    for (const known of program.classes) this.classes.set(this.fold(known.name), known)
  }

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

  evaluate(code: Value, how: string, line: number): Value {
    if (typeof code.constant !== 'string') return UNKNOWN
    const text = code.constant
    this.#unpacked += text.length
    if (this.#layers >= MAX_LAYERS || this.#unpacked > MAX_UNPACKED) return UNKNOWN
    if (code.built || code.layers) this.#keepLayer(text, code.layers?.length ? code.layers.join(', ') : how, line)
    const program = this.#readCode(text, line, this.functions.length)
    if (!program) return UNKNOWN
    this.#learn(program)
    const before = this.frame.returned
    this.frame.returned = undefined
    this.#layers++
    this.block(program.body)
    this.#layers--
    const result = this.frame.returned ?? UNKNOWN
    this.frame.returned = before
    return result
  }

  #keepLayer(text: string, how: string, line: number): void {
    if (this.#decoded.size >= MAX_LAYERS) return
    this.#decoded.set(text.slice(0, 200), { line, how, text: text.slice(0, MAX_LAYER_TEXT), length: text.length })
  }
}
