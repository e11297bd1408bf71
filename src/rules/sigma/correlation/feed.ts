import type { EvidenceId, Micros, RuleHit, RuleMatcher, SecurityEvent } from '../../../model/index.ts'
import type { RuleRecord } from '../rule-record.ts'
import type { CorrelationPlan } from './plan.ts'

/** The value of a field in one event; several where the field holds a list, none where the event has no such field. */
export type FeedValue = string | readonly string[] | undefined

/** What correlations keep of one hit of a rule they refer to. */
export interface FeedHit {
  /** Id of the rule, or title of what has none. */
  readonly rule: string
  readonly time: Micros
  readonly evidence: EvidenceId
  readonly record: number
  readonly offset: number
  readonly host: string
  readonly values: Readonly<Record<string, FeedValue>>
  readonly accounts: readonly string[]
  readonly addresses: readonly string[]
}

/** Other names rule writers use for the machine that recorded an event. */
const HOST_FIELDS = new Set(['computer', 'computername', 'hostname', 'host', 'host.name', 'dvc'])

/**
 * A matcher whose hits also carry what correlations need of the event: the values of the fields they group, count or add up.
 * The machine is known by any of its usual names, also where the record itself does not say it.
 */
export function withFeed(
  matcher: RuleMatcher,
  plan: CorrelationPlan,
  recordOf: (event: SecurityEvent, rule: string) => Pick<RuleRecord, 'get'> | undefined,
): RuleMatcher {
  const feeds = new Map(Object.entries(plan.feeds))
  if (feeds.size === 0) return matcher
  return {
    ...matcher,
    match(event) {
      const hits = matcher.match(event)
      if (!hits.some(hit => feeds.has(hit.rule))) return hits
      return hits.map((hit): RuleHit => {
        const feed = feeds.get(hit.rule)
        if (feed === undefined) return hit
        const record = recordOf(event, hit.rule)
        const values: Record<string, FeedValue> = {}
        for (const field of feed.fields) {
          const value = record?.get(field) ?? hostOf(event, field)
          if (value !== undefined) values[field] = value
        }
        return { ...hit, correlated: { values, alone: feed.alone } }
      })
    },
  }
}

function hostOf(event: SecurityEvent, field: string): string | undefined {
  return event.host !== '' && HOST_FIELDS.has(field.toLowerCase()) ? event.host : undefined
}

/** Order of hits everywhere in correlations: event time, then place, so that equal times have one order in every run. */
export function byTimeAndPlace(a: Placed, b: Placed): number {
  return a.time - b.time || comparePlaces(a, b)
}

/** Where a record stands in time and evidence. */
export type Placed = Pick<FeedHit, 'time' | 'evidence' | 'record' | 'offset'>

function comparePlaces(a: Placed, b: Placed): number {
  return (a.evidence < b.evidence ? -1 : a.evidence > b.evidence ? 1 : 0) || a.record - b.record || a.offset - b.offset
}

export const sameRecord = (a: Placed, b: Placed): boolean =>
  a.record === b.record && a.offset === b.offset && a.evidence === b.evidence

export const recordKey = ({ evidence, record, offset }: Placed): string => `${evidence}:${record}:${offset}`

/** Most values a list in one field stands for; a record with more of them belongs to the first groups only. */
const MAX_COMBINATIONS = 64

/** The groups a hit belongs to by the values of fields; none when it lacks one of them. */
export function combinations(hit: FeedHit, fields: readonly string[]): readonly (readonly string[])[] {
  let all: readonly (readonly string[])[] = [[]]
  for (const field of fields) {
    const value = hit.values[field]
    if (value === undefined) return []
    const values = typeof value === 'string' ? [value] : value
    if (all.length === 1 && values.length === 1) all = [[...(all[0] ?? []), values[0] ?? '']]
    else all = all.flatMap(head => values.map(last => [...head, last])).slice(0, MAX_COMBINATIONS)
  }
  return all
}

/** One text for a list of values; names of machines and accounts are the same in capitals and small letters. */
export const keyOfValues = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? '').toLowerCase() : values.map(value => `${value.length}:${value.toLowerCase()}`).join('|')
