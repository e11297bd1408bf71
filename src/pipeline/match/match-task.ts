import type { PartPlan } from '../../evidence/index.ts'
import type { Diagnostic } from '../../model/index.ts'
import type { PreparedRules } from '../rule-cache.ts'
import type { MatchedFeed } from './feed.ts'

/** What every worker that matches is started with. */
export interface MatchStart {
  readonly rules: PreparedRules
}

/** One part of an item to be matched. */
export interface MatchTask {
  readonly file: string
  readonly format: string
  readonly plan: PartPlan
}

/** What came of a part. */
export interface MatchedPart {
  /** One line a hit, in the order of the records. */
  readonly lines: string
  readonly records: number
  readonly hits: number
  readonly levels: Readonly<Record<string, number>>
  /** What correlations need of hits of the rules they refer to. */
  readonly feed: readonly MatchedFeed[]
  readonly diagnostics: readonly Diagnostic[]
}

export type MatchResult = MatchedPart | { readonly unreadable: string }
