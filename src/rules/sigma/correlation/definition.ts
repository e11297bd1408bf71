import type { Severity } from '../../../model/index.ts'
import type { Position } from '../ast.ts'

/** The kinds of correlation: sigma-specification 2.1 (correlation rules), `value_median` as pySigma has it. */
export const correlationTypes = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const
export type CorrelationType = (typeof correlationTypes)[number]

export const operators = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
export type Operator = (typeof operators)[number]

/** One comparison; several of a condition must all hold, which makes a range. */
export interface Criterion {
  readonly operator: Operator
  readonly value: number
}

/** A boolean expression over the legs of a temporal correlation; a leg is its index. */
export type LegExpression =
  | { readonly leg: number }
  | { readonly not: LegExpression }
  | { readonly and: readonly LegExpression[] }
  | { readonly or: readonly LegExpression[] }

/** When a window counts. `expression` is for temporal correlations only; without it the criteria are about a number. */
export interface CorrelationCondition {
  readonly criteria: readonly Criterion[]
  readonly expression?: LegExpression
  /** Field, or fields taken together, whose values are counted, added up or ranked. */
  readonly fields: readonly string[]
  /** The percentile asked for (0 to 100); without it `value_percentile` is about the share of one value among all, in percent. */
  readonly percentile?: number
}

/** Where a part of a document stands, by the keys and indexes that lead to it; the nearest part that is there when it is not. */
export type PositionOf = (path: readonly (string | number)[]) => Position

/** A reason why a correlation cannot be used, and where it stands. */
export interface CorrelationFault extends Position {
  readonly reason: string
}

/** A reference as written. */
export interface Reference extends Position {
  readonly text: string
}

/** A correlation document, read but not yet joined with the rules it names. */
export interface CorrelationRule extends Position {
  readonly id: string
  readonly name: string
  readonly title: string
  /** Undefined when the document has no level: then that of the strongest rule it refers to. */
  readonly level: Severity | undefined
  readonly techniques: readonly string[]
  readonly description: string
  readonly innocent: string
  readonly file: string
  readonly type: CorrelationType
  readonly rules: readonly Reference[]
  readonly groupBy: readonly string[]
  /** Microseconds. */
  readonly timespan: number
  readonly timespanText: string
  readonly condition: CorrelationCondition
  readonly aliases: readonly Alias[]
  /** Are the rules it refers to reported on their own as well? */
  readonly generate: boolean
}

/** One name for fields that the referenced rules call differently. */
export interface Alias {
  readonly name: string
  readonly fields: readonly (Reference & { readonly field: string })[]
}

/** Is the correlation about the legs that are present, not about a number of events or values? */
export const isTemporal = (type: CorrelationType): boolean => type === 'temporal' || type === 'temporal_ordered'
