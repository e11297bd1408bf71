import type { Severity } from '../../model/index.ts'
import type { LogSource } from './log-source/index.ts'

// Everything here is plain data: it survives structuredClone and, the map of selections apart, JSON, so that parsed rules can be kept or
// handed to a worker.

/** Where something stands in a file; both count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What rules, correlations and filters say about themselves. */
export interface SigmaHead extends Position {
  /** '' when there is none. */
  readonly id: string
  /** The name by which correlations and filters refer to it; '' when there is none. */
  readonly name: string
  readonly title: string
  readonly level: Severity
  /** Whether the document states a level; "medium" is taken where it does not. */
  readonly levelStated: boolean
  readonly status: string
  readonly description: string
  readonly author: string
  readonly references: readonly string[]
  readonly tags: readonly string[]
  /** ATT&CK ids among the tags. */
  readonly techniques: readonly string[]
  /** False positives the author knows of. */
  readonly innocent: readonly string[]
  readonly file: string
}

/** A Sigma rule (sigma-specification 2.1, rules). */
export interface SigmaRule extends SigmaHead {
  readonly logSource: LogSource
  readonly detection: Detection
}

/** The `detection` of a rule. A list of conditions is already one `or`. */
export interface Detection {
  readonly selections: ReadonlyMap<string, Expression>
  readonly condition: Condition
}

/** What stands under one name of `detection`. Positions are those of the field's key or of the keyword. */
export type Expression =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Expression[] }
  | (Position & { readonly kind: 'field'; readonly field: string; readonly test: ValueTest })
  | (Position & { readonly kind: 'keyword'; readonly test: ValueTest })

/** A condition over the names of selections; `1 of x*` is already written out as `or`, `all of x*` as `and`. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'selection'; readonly name: string }

/**
 * A test of a field's values; a field with several values passes when one of them does. Every test but `not`, `absent` and
 * `exists: false` fails on a field that is not there.
 */
export type ValueTest =
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: RegexFlags }
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: number }
  | { readonly kind: 'exists'; readonly exists: boolean }
  /** `null`: the field is not there. */
  | { readonly kind: 'absent' }
  /** `''`: the field is there and empty. */
  | { readonly kind: 'empty' }
  /** Compares with another field of the record; fails, `neq` too, unless both are there. */
  | {
      readonly kind: 'fieldref'
      readonly field: string
      readonly how: Anchor
      readonly cased: boolean
      readonly differs: boolean
    }
  | { readonly kind: 'time-part'; readonly part: TimePart; readonly operator: Comparison | 'eq' | 'neq'; readonly value: number }
  | { readonly kind: 'not'; readonly of: ValueTest }
  | { readonly kind: 'all' | 'any'; readonly of: readonly ValueTest[] }

/** Where in a value something is looked for. */
export type Anchor = 'whole' | 'contains' | 'startswith' | 'endswith'
export type Comparison = 'gt' | 'gte' | 'lt' | 'lte'
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/** A pattern for a whole value. Literals are already folded by `foldCase` unless `cased`; no two literals and no two runs are neighbours. */
export interface Pattern {
  readonly cased: boolean
  readonly tokens: readonly PatternToken[]
}
/** Literal text, any run of characters (`*`, may be empty, spans lines), or any one character (`?`). */
export type PatternToken = { readonly literal: string } | { readonly any: 'run' | 'one' }

/** `i`: letters of either case; `m`: `^` and `$` at lines; `s`: `.` matches line breaks. */
export interface RegexFlags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
}

/** A network; IPv4 is kept as IPv4-mapped IPv6, so both families are eight groups of 16 bits. */
export interface Network {
  readonly groups: readonly number[]
  /** 0 to 128; at least 96 for IPv4. */
  readonly prefix: number
}
