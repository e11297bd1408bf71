import type { CodeLanguage } from './verdict.ts'

/**
 * The form all front ends lower their language to, so that folding and flow are written once. It is meant to be executed on abstract values
 * (flow.ts), not to be compiled: what a front end does not understand it hands over as `opaque` with the parts it could read.
 *
 * Names: languages that ignore case hand over lower-case names of functions and classes (PHP functions, VB, VBScript: variables too).
 * PHP variables come without their `$`. Qualified names are written with dots or backslashes as the language writes them
 * ("System.Diagnostics.Process", "java.lang.Runtime"); `Dialect` decides what they mean.
 */
export interface Program {
  readonly language: CodeLanguage
  readonly functions: readonly ProgramFunction[]
  readonly classes: readonly ProgramClass[]
  /** Code outside of functions (a PHP page, `<% %>` blocks, a JSP's service method), in order. */
  readonly body: readonly Statement[]
  /** Are variables of the page (fields of the class) visible in its functions without further words? PHP: no. */
  readonly sharedVariables: boolean
  /** Places the parser could not read; the code around them was read. */
  readonly errors: number
  /** Not all of the code was lowered (a limit was met); said as such. */
  readonly cut?: string
}

/** A class with what its objects hold from the start. */
export interface ProgramClass {
  readonly name: string
  readonly bases: readonly string[]
  readonly fields: readonly { readonly name: string; readonly type?: string; readonly value?: Expression }[]
  readonly line: number
}

export interface ProgramFunction {
  readonly name: string
  /** Class the function belongs to; undefined for a free function. */
  readonly owner?: string
  readonly parameters: readonly Parameter[]
  readonly body: readonly Statement[]
  /** Variables a closure takes along from where it is written (PHP `use`); 'all' for arrow functions and lambdas. */
  readonly captures?: readonly string[] | 'all'
  readonly line: number
}

export interface Parameter {
  readonly name: string
  /** Declared type, where the language has one: "HttpServletRequest". */
  readonly type?: string
  readonly initial?: Expression
  /** PHP `&$x`, C# `ref`/`out`: an assignment inside is seen outside. */
  readonly byReference?: boolean
  readonly rest?: boolean
}

export type Statement =
  | { readonly do: 'expression'; readonly value: Expression }
  /** `Process p = …`, `Dim s As String`, PHP `static $x = …`; `type` gives a value without an initial one its class. */
  | { readonly do: 'declare'; readonly name: string; readonly type?: string; readonly value?: Expression; readonly line: number }
  | { readonly do: 'if'; readonly condition: Expression; readonly yes: readonly Statement[]; readonly no: readonly Statement[] }
  | {
      readonly do: 'loop'
      /** Undefined: endless. */
      readonly condition?: Expression
      /** The condition is asked after the body. */
      readonly after?: boolean
      readonly body: readonly Statement[]
      /** What happens after each round: `$i++`. */
      readonly step?: readonly Expression[]
    }
  /** for each: `list` is what is walked, `key` and `value` are what is assigned in each round. */
  | {
      readonly do: 'each'
      readonly list: Expression
      readonly key?: Expression
      readonly value?: Expression
      readonly body: readonly Statement[]
    }
  | {
      readonly do: 'switch'
      readonly value: Expression
      readonly cases: readonly { readonly test?: Expression; readonly body: readonly Statement[] }[]
    }
  /** Blocks that are all executed one after the other: try/catch/finally, using, lock, plain braces. */
  | { readonly do: 'block'; readonly parts: readonly (readonly Statement[])[] }
  | { readonly do: 'return'; readonly value?: Expression; readonly line: number }
  /** `leave`: exit, die, Response.End; `throw` counts as leave. */
  | { readonly do: 'jump'; readonly kind: 'break' | 'continue' | 'leave'; readonly line: number }
  /** PHP `global $x`: the page's variable is seen in the function. */
  | { readonly do: 'global'; readonly names: readonly string[] }

export type Expression =
  | { readonly is: 'constant'; readonly value: string | number | boolean | null; readonly line: number }
  | { readonly is: 'variable'; readonly name: string; readonly line: number }
  /** PHP `$$x`, `${'a'.'b'}`. */
  | { readonly is: 'named-variable'; readonly name: Expression; readonly line: number }
  /** A bare name that is no variable: a class, a namespace, a constant. */
  | { readonly is: 'name'; readonly name: string; readonly line: number }
  /** `$o->p`, `o.P`, `C::$p`, `C::K`. */
  | { readonly is: 'member'; readonly object: Expression; readonly name: Expression | string; readonly line: number }
  /** `$a[k]`; without key PHP's `$a[]`. VBScript's `Request("x")` is a call, the dialect knows. */
  | { readonly is: 'index'; readonly object: Expression; readonly key?: Expression; readonly line: number }
  /** A call of a function written by its name; language constructs that take values are calls, too (eval, include, echo, print). */
  | { readonly is: 'call'; readonly name: string; readonly args: readonly Argument[]; readonly line: number }
  /** A call of what a value names: `$f(…)`, `(expression)(…)`, a delegate. */
  | { readonly is: 'call-value'; readonly callee: Expression; readonly args: readonly Argument[]; readonly line: number }
  /** `$o->m(…)`, `o.m(…)`, `C::m(…)`. */
  | {
      readonly is: 'method'
      readonly object: Expression
      readonly name: Expression | string
      readonly args: readonly Argument[]
      readonly line: number
    }
  | { readonly is: 'new'; readonly type: Expression | string; readonly args: readonly Argument[]; readonly line: number }
  /** `+ - * / % . & | ^ << >> && || ?? == != < > …`; joining of text is '.' in PHP and '&' in Basic: front ends write '.' for both. */
  | { readonly is: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression; readonly line: number }
  /** `! - + ~ @`, casts as '(int)' with the type in lower case; `++` and `--` before, 'x++' and 'x--' after. */
  | { readonly is: 'unary'; readonly sign: string; readonly value: Expression; readonly line: number }
  | {
      readonly is: 'choice'
      readonly condition: Expression
      readonly yes?: Expression
      readonly no: Expression
      readonly line: number
    }
  /** `target = value`; `sign` is the operator before '=' ('.', '+', '??'), '' for a plain one. */
  | {
      readonly is: 'assign'
      readonly target: Expression
      readonly sign: string
      readonly value: Expression
      readonly byReference?: boolean
      readonly line: number
    }
  /** `[…]`, `array(…)`, `list(…)`, `new byte[]{…}`, object initialisers (keys are members). */
  | {
      readonly is: 'list'
      readonly items: readonly { readonly key?: Expression; readonly value: Expression; readonly spread?: boolean }[]
      readonly line: number
    }
  /** A closure, lambda or method reference: number of the function in `Program.functions`. */
  | { readonly is: 'function'; readonly index: number; readonly line: number }
  /** Text put together from parts: "a $b c", heredoc, backticks are call 'shell_exec' of one. */
  | { readonly is: 'text'; readonly parts: readonly Expression[]; readonly line: number }
  /** Not understood; whatever its parts hold may be in its value. */
  | { readonly is: 'opaque'; readonly parts: readonly Expression[]; readonly line: number }

export interface Argument {
  readonly value: Expression
  /** Named argument. */
  readonly name?: string
  /** `...$list` */
  readonly spread?: boolean
}
