import type { RuleHit, SecurityEvent } from '../../model/index.ts'
import type { FeedHit } from '../../rules/index.ts'
import { matchOfRule } from '../rule-match.ts'

/** A hit as correlations need it; records of event logs also say which record they are in any copy. */
export interface MatchedFeed extends FeedHit {
  readonly identity: number | undefined
}

/** What correlations need of a hit; undefined when none refers to its rule, or the record has no time. */
export function feedOfHit({ correlated, ...hit }: RuleHit, event: SecurityEvent): MatchedFeed | undefined {
  const { source, time, host, series, identity } = event
  if (correlated === undefined || time === undefined) return undefined
  const { accounts = [], addresses = [] } = matchOfRule(hit, event)
  const { evidence, record, offset } = source
  const known = series.startsWith('evtx|') ? identity : undefined
  return { rule: hit.rule, time, evidence, record, offset, host, values: correlated.values, accounts, addresses, identity: known }
}
