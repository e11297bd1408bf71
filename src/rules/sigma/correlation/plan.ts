import type { Severity } from '../../../model/index.ts'
import type { CorrelationCondition, CorrelationType } from './definition.ts'

// Plain data: it is kept in the case, so that an analysis can be made again when rules and evidence are gone.

/** What is kept of every hit of a rule that correlations refer to. */
export interface FeedRule {
  /** Names of fields whose values are kept. */
  readonly fields: readonly string[]
  /** False when the rule is only there to be referred to: its hits are none of their own. */
  readonly alone: boolean
}

/** One leg of a correlation: a rule or another correlation. */
export interface Leg {
  /** The key that hits carry: id, or title where there is none. */
  readonly source: string
  readonly isCorrelation: boolean
  readonly title: string
  /** By base rule: which of its fields stand for the group-by fields and for the fields of the condition, in their order. */
  readonly fields: Readonly<Record<string, { readonly group: readonly string[]; readonly values: readonly string[] }>>
}

/** A correlation joined with what it refers to. */
export interface LinkedCorrelation {
  readonly key: string
  readonly title: string
  readonly severity: Severity
  readonly techniques: readonly string[]
  readonly why: string
  readonly innocent: string
  readonly type: CorrelationType
  readonly legs: readonly Leg[]
  readonly groupBy: readonly string[]
  /** Microseconds. */
  readonly timespan: number
  readonly timespanText: string
  readonly condition: CorrelationCondition
  /** False when another correlation refers to it and does not ask for its hits. */
  readonly alone: boolean
  /** 1 when all its legs are rules; otherwise one more than the highest of the correlations it refers to. */
  readonly level: number
}

/** Everything about correlations that reading and analysing need to know. */
export interface CorrelationPlan {
  readonly feeds: Readonly<Record<string, FeedRule>>
  /** Each after those it refers to. */
  readonly correlations: readonly LinkedCorrelation[]
}

export const emptyPlan: CorrelationPlan = { feeds: {}, correlations: [] }
