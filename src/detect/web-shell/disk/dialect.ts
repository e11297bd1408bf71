import type { Value } from './value.ts'
import type { CodeLanguage } from './verdict.ts'

/** What a sink does with what it is given. */
export type SinkKind =
  /** A command of the operating system. */
  | 'command'
  /** Code of the language itself. */
  | 'code'
  /** A function, method or class chosen by the value. */
  | 'dynamic-call'
  /** A function whose name could not be worked out is called with what the values hold. */
  | 'unresolved-call'
  /** Classes or assemblies loaded from bytes. */
  | 'class-loading'
  | 'include'
  /** Writes a file: `where` and `what`. */
  | 'file-write'
  /** Keeps an uploaded file: `where` and `what`. */
  | 'upload-move'
  | 'deserialise'
  /** Reads, lists, deletes or renames files, runs queries, connects: what file managers and tool boxes do. */
  | 'file-manage'
  | 'database'
  | 'connect'
  /** Sends a mail: to whom, subject, text, further headers. */
  | 'mail'

/** A place where the script does something. Reported whether or not a request reaches it: the machine and the score decide. */
export interface Sink {
  readonly kind: SinkKind
  /** "eval()", "Runtime.exec()". */
  readonly label: string
  readonly line: number
  /** Any of these decides what is done; for writes the first is where, the second what. */
  readonly values: readonly Value[]
  /** The name of what is called was put together so that nobody finds it by searching. */
  readonly hidden?: boolean
}

/** A call as it is about to happen, with everything resolved that can be. */
export interface Call {
  /** Name of the function or method; of the class for `create`. */
  readonly name: string
  /** The object of a method call; its `type` where known, `isClass` for static calls. */
  readonly receiver?: Value
  readonly args: readonly Value[]
  readonly line: number
  /** The name was built, not written. */
  readonly hidden: boolean
  /** Gives the variable that stands at a position of the call a new value (parameters by reference: preg_match, parse_str, exec). */
  out(position: number, value: Value): void
}

/** What a dialect may ask of the machine while it explains a call. */
export interface Machine {
  sink(sink: Sink): void
  /** Something worth a reason of its own that is no sink: an authentication by a password of the page, a name of a known family. */
  remark(what: string, line: number): void
  /** Calls a function value with these arguments, and gives what it returns (callbacks). */
  invoke(callee: Value, args: readonly Value[], line: number): Value
  /** Runs text as code of the language (constant `eval`): the text is parsed and executed in place. */
  evaluate(code: Value, how: string, line: number): Value
  variable(name: string): Value
  /** A variable of the page, wherever it is asked for. */
  global(name: string): Value
  assign(name: string, value: Value, line: number): void
  /** Any variable not known may hold this (`extract($_POST)`). */
  flood(value: Value): void
}

/** What the names of a language mean. `undefined` as answer: not known here, the machine does the general thing (all parts may flow into the result). */
export interface Dialect {
  readonly language: CodeLanguage
  /** Names of functions and classes do not distinguish case. */
  readonly ignoresCase: boolean
  /** Value of a variable nobody assigned (PHP superglobals); asked before `named`. */
  variable?(name: string, line: number): Value | undefined
  /** What a variable of the page holds that nobody assigns. */
  readonly unassigned?: Value
  /** Value of a bare name, or of a variable nobody assigned: implicit objects (`request`), classes, constants. */
  named(name: string, line: number, machine: Machine): Value | undefined
  /** Functions that compare a value with what is allowed: a variable given to one in a condition counts as checked. */
  readonly checks: ReadonlySet<string>
  /** Functions, methods and classes (folded names) that may act on what they are given; functions nobody calls and that reach none are not followed. */
  readonly acts?: ReadonlySet<string>
  member?(object: Value, name: string, line: number, machine: Machine): Value | undefined
  index?(object: Value, key: Value | undefined, line: number, machine: Machine): Value | undefined
  call(call: Call, machine: Machine): Value | undefined
  create?(call: Call, machine: Machine): Value | undefined
  /** `object.name = value`: properties that do something (ProcessStartInfo.FileName). */
  assigned?(object: Value, name: string, value: Value, line: number, machine: Machine): void
  /** Entry points whose parameters come from a request: `ProcessRequest(HttpContext context)`, `service(request, response)`; `of` is the function they belong to. */
  parameter?(type: string | undefined, name: string, of: string): Value | undefined
}
