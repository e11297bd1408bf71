import { Code, type Range } from './content-code.ts'
import { Constants } from './content-constants.ts'
import type { CodeRegion, LexRules } from './content-lexer.ts'

/** What a sink does with what it is given. */
export type SinkKind = 'command' | 'code' | 'dynamic-call' | 'class-loading' | 'include' | 'file-write'

/** A place where the script does something for whoever chose the value. */
export interface Sink {
  readonly kind: SinkKind
  readonly label: string
  readonly at: number
  /** Any of these decides what is done; for `file-write` the first is where, the second what. */
  readonly parts: readonly Range[]
  /** The name was put together so that nobody finds it by searching. */
  readonly hidden?: boolean
}

/** Where a value comes from. */
export interface Origin {
  readonly kind: 'request' | 'decoded'
  readonly label: string
  readonly line: number
  /** Text the script itself puts before it. */
  readonly prefix: string
  /** Characters of packed text, for `decoded`. */
  readonly size: number
  readonly at: number
}

/** A value that reaches a sink; without an origin the sink itself is the point (a hidden name). */
export interface Flow {
  readonly sink: Sink
  readonly sinkLine: number
  readonly origin: Origin | undefined
  /** Origin of what is written, for `file-write`. */
  readonly second?: Origin | undefined
}

/** What the analysis must know of a language; the steps are the same for all. */
export interface ScriptModel {
  readonly title: string
  readonly rules: LexRules
  /** Signs that join text. */
  readonly join: readonly string[]
  /** The request value that begins at a token, and the token after it. */
  sourceAt(code: Code, at: number, constants: Constants): { readonly label: string; readonly end: number } | undefined
  sinkAt(code: Code, at: number, constants: Constants, isRequest: (range: Range) => boolean): Sink | undefined
  /** Functions that unpack text. */
  readonly decoders: ReadonlySet<string>
  /** Functions whose result is harmless whatever goes in. */
  readonly cleaners: ReadonlySet<string>
  /** Functions that compare a variable with what is allowed; after one the variable counts as checked. */
  readonly checks: ReadonlySet<string>
  /** Are variables of the page visible in its functions? */
  readonly sharedVariables: boolean
  /** A text can be called as the function it names. */
  readonly namesFunctions?: boolean
}

/** Members that tell about a value without being it. */
const TELLS = new Set(
  'length size count equals equalsignorecase isempty contains containskey startswith endswith matches hashcode indexof compareto isnullorempty contentlength'.split(
    ' ',
  ),
)
/** Methods that put their argument into the object they are called on. */
const FILLS = new Set('add append put push concat addrange insert command write writeline set addcode load'.split(' '))
/** PHP functions that turn a list into variables. */
const EXTRACTS = new Set(['extract', 'parse_str', 'import_request_variables'])
/** Values pass through at most this many assignments and calls; a page needs two or three. */
const ROUNDS = 5
/** Tokens looked at while values spread, and as many again for the sinks: half a second each. Only a script made to waste time needs more. */
const MAX_WORK = 3_000_000
/** Methods of one name in several classes; which one is called is not known, so a call reaches all of them. */
const MAX_SAME_NAME = 8
/** The largest shells run commands in some hundred places. */
const MAX_SINKS = 2_000
/** More would not make the finding clearer. */
const MAX_FLOWS = 20

/** The values of requests (or of packed text) that reach a place where they do something. */
export function flowsOf(text: string, regions: readonly CodeRegion[], model: ScriptModel): Flow[] {
  return new FlowAnalysis(new Code(text, regions, model.rules), model).flows()
}

class FlowAnalysis {
  readonly #code: Code
  readonly #model: ScriptModel
  readonly #constants: Constants
  readonly #origins = new Map<string, Origin>()
  readonly #returns = new Map<string, Origin>()
  readonly #checked = new Set<string>()
  readonly #functions: ReadonlyMap<string, readonly number[]>
  /** `extract($_POST)`: every variable may be one of the request. */
  #everything: Origin | undefined
  #work = 0

  constructor(code: Code, model: ScriptModel) {
    this.#code = code
    this.#model = model
    this.#constants = new Constants(code, model.join)
    const functions = new Map<string, number[]>()
    for (const [index, { name }] of code.functions.entries()) {
      const known = functions.get(name)
      if (!known) functions.set(name, [index])
      else if (known.length < MAX_SAME_NAME) known.push(index)
    }
    this.#functions = functions
    this.#findChecks()
    for (let round = 0; round < ROUNDS; round++) if (!this.#spread()) break
    // Whoever wastes the time of the rounds must not hide what a sink plainly takes from the request.
    this.#work = 0
  }

  flows(): Flow[] {
    const code = this.#code
    const flows: Flow[] = []
    let sinks = 0
    for (let at = 0; at < code.tokens.length && flows.length < MAX_FLOWS; at++) {
      const sink = this.#model.sinkAt(code, at, this.#constants, range => this.#originOf(range)?.kind === 'request')
      if (!sink) continue
      if (++sinks > MAX_SINKS) break
      const sinkLine = code.line(at)
      const [first, second] = sink.parts
      if (sink.kind === 'file-write') {
        const where = first && this.#originOf(first)
        const what = second && this.#originOf(second)
        if (where?.kind === 'request' && what) flows.push({ sink, sinkLine, origin: where, second: what })
        continue
      }
      const origins = sink.parts.map(part => this.#originOf(part)).filter(origin => origin !== undefined)
      const origin = origins.find(({ kind }) => kind === 'request') ?? origins[0]
      if (origin || sink.hidden) flows.push({ sink, sinkLine, origin })
    }
    return flows
  }

  #findChecks(): void {
    const code = this.#code
    for (let at = 0; at < code.tokens.length; at++) {
      if (code.kind(at) !== 'word' || !this.#model.checks.has(code.text(at).toLowerCase()) || !code.is(at + 1, '(')) continue
      for (let i = at + 2; i < code.close(at + 1); i++) if (this.#isVariable(i)) this.#checked.add(this.#key(i, code.text(i)))
    }
  }

  #key(at: number, name: string): string {
    return `${this.#code.scope(at)}:${name}`
  }

  #isVariable(at: number): boolean {
    const kind = this.#code.kind(at)
    return kind === 'variable' || (kind === 'word' && !this.#code.is(at + 1, '('))
  }

  /** One round over assignments and calls; true when something new was learned. */
  #spread(): boolean {
    const before = this.#origins.size + this.#returns.size + (this.#everything ? 1 : 0)
    for (const { target, at, value } of this.#code.assignments) {
      const origin = this.#originOf(value)
      if (origin) this.#learn(at, target, origin)
    }
    for (let at = 0; at < this.#code.tokens.length; at++) {
      if (this.#code.kind(at) === 'word') this.#spreadWord(at)
    }
    return this.#origins.size + this.#returns.size + (this.#everything ? 1 : 0) > before
  }

  #learn(at: number, target: string, origin: Origin): void {
    const key = this.#key(at, target)
    const known = this.#origins.get(key)
    if (!known || (known.kind === 'decoded' && origin.kind === 'request')) this.#origins.set(key, origin)
    // A member of the object, or of the page, is seen by every function.
    if (this.#model.sharedVariables && this.#code.scope(at) !== 0 && !this.#origins.has(`0:${target}`) && this.#isMember(at))
      this.#origins.set(`0:${target}`, origin)
  }

  #isMember(at: number): boolean {
    return this.#code.is(at - 2, '.', '->') && this.#code.is(at - 3, 'this', '$this', 'me')
  }

  #spreadWord(at: number): void {
    const code = this.#code
    const word = code.text(at)
    if (word === 'return') {
      const origin = this.#originOf(code.restOfStatement(at + 1))
      const within = code.functions[code.scope(at) - 1]
      if (origin && within) this.#returns.set(within.name, origin)
      return
    }
    const open = code.is(at + 1, '(') ? at + 1 : -1
    const own = this.#functions.get(word)
    const fills = code.is(at - 1, '.', '->') && FILLS.has(word.toLowerCase()) && this.#isVariable(at - 2)
    const all = EXTRACTS.has(word)
    if (!own && !fills && !all) return
    if (open < 0 && !code.basic) return
    const values = open < 0 ? code.split(code.restOfStatement(at + 1)) : code.arguments(open)
    for (const index of own ?? []) {
      const called = code.functions[index]
      if (!called || (at >= called.from - 4 && at < called.from)) continue
      for (const [position, value] of values.entries()) {
        const name = called.parameters[position]
        const origin = name === undefined || name === '' ? undefined : this.#originOf(value)
        if (origin && name !== undefined && !this.#origins.has(`${index + 1}:${name}`))
          this.#origins.set(`${index + 1}:${name}`, origin)
      }
    }
    if (all) {
      const origin = values[0] && this.#originOf(values[0])
      if (origin && (word !== 'parse_str' || values.length === 1)) this.#everything ??= origin
    }
    if (fills) {
      const origin = values.map(value => this.#originOf(value)).find(found => found !== undefined)
      if (origin) this.#learn(at, code.text(at - 2), origin)
    }
  }

  /** Where the value of an expression comes from; a request wins over packed text. */
  #originOf({ from, to }: Range): Origin | undefined {
    const code = this.#code
    if (this.#work > MAX_WORK) return undefined
    this.#work += to - from
    let decoded: Origin | undefined
    let prefix = ''
    for (let at = from; at < to; at++) {
      const source = this.#model.sourceAt(code, at, this.#constants)
      if (source) {
        const tells = code.is(source.end, '.', '->') && TELLS.has(code.text(source.end + 1).toLowerCase())
        if (!tells) return { kind: 'request', label: source.label, line: code.line(at), prefix, size: 0, at }
        at = source.end
        continue
      }
      if (code.kind(at) === 'string') {
        prefix = (prefix + code.text(at)).slice(0, 400)
        continue
      }
      const word = code.text(at)
      if (code.kind(at) === 'word' && code.is(at + 1, '(')) {
        const name = word.toLowerCase()
        if (this.#model.cleaners.has(name)) {
          at = code.close(at + 1)
          continue
        }
        if (this.#model.decoders.has(name)) decoded ??= this.#decodedAt(at)
        const returned = this.#functions.has(word) ? this.#returns.get(word) : undefined
        if (returned?.kind === 'request') return { ...returned, prefix: prefix + returned.prefix }
        decoded ??= returned
        continue
      }
      if (this.#isIndex(at) || (this.#model.namesFunctions && code.is(at, 'new') && code.is(at + 2, '('))) {
        // What is found under a key is not the key, and an object is not the name of a function.
        at = code.close(code.is(at, 'new') ? at + 2 : at)
        continue
      }
      const origin = this.#variableOrigin(at)
      if (origin?.kind === 'request') return { ...origin, prefix: prefix + origin.prefix }
      decoded ??= origin
    }
    return decoded
  }

  /** `$list[` or `f()[`: the bracket holds a key; `[` elsewhere begins a list. */
  #isIndex(at: number): boolean {
    const before = this.#code.kind(at - 1)
    return this.#code.is(at, '[') && (before === 'variable' || before === 'word' || this.#code.is(at - 1, ']', ')'))
  }

  #decodedAt(at: number): Origin {
    const code = this.#code
    let size = 0
    for (let i = at + 2; i < code.close(at + 1); i++)
      size +=
        code.kind(i) === 'string'
          ? code.text(i).length
          : this.#isVariable(i)
            ? (this.#constants.of({ from: i, to: i + 1 })?.length ?? 0)
            : 0
    return { kind: 'decoded', label: `${code.text(at)}()`, line: code.line(at), prefix: '', size, at }
  }

  #variableOrigin(at: number): Origin | undefined {
    const code = this.#code
    if (!this.#isVariable(at)) return undefined
    const member = code.is(at - 1, '.', '->', '::')
    if (member && !code.is(at - 2, 'this', '$this', 'me', 'self')) return undefined
    if (code.is(at + 1, '.', '->') && TELLS.has(code.text(at + 2).toLowerCase())) return undefined
    const name = code.text(at)
    const key = this.#key(at, name)
    if (this.#checked.has(key)) return undefined
    const own = this.#origins.get(key)
    if (own) return own
    if (this.#model.sharedVariables || member) return this.#origins.get(`0:${name}`)
    return this.#everything && code.kind(at) === 'variable' && this.#constants.of({ from: at, to: at + 1 }) === undefined
      ? this.#everything
      : undefined
  }
}
