import { numberOf, textOf } from '../model/index.ts'
import type { CorrelationPlan, LinkedCorrelation } from '../rules/index.ts'
import { type CaseQueries, literal } from '../store/index.ts'

/** A stretch of time, both ends in it. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** When hits of a rule can matter; undefined when all of them can. */
export type NeededHits = ReadonlyMap<string, readonly Stretch[]>

/** Hits of the rarest leg whose surroundings are asked for by time; where it has more, all hits of the others are read. */
const FEW_HITS = 2_000
/** Stretches in one statement for one rule. */
const MOST_STRETCHES = 200

/**
 * A correlation that wants all its legs holds only around hits of the rarest of them: "page answered" has a million hits, "page written
 * by the server" one. A window is no longer than its timespan, so whatever lies further from each hit of that leg is in none that holds.
 */
export async function neededHits(plan: CorrelationPlan, queries: Pick<CaseQueries, 'rows'>): Promise<NeededHits> {
  const users = usersOf(plan)
  if (users.size === 0) return new Map()
  const counts = new Map(
    (await queries.rows(`select rule, count(*) as hits from rule_feed where "time" is not null group by rule`)).map(row => [
      textOf(row, 'rule'),
      numberOf(row, 'hits'),
    ]),
  )
  const around = new Map<LinkedCorrelation, readonly Stretch[] | undefined>()
  for (const correlation of new Set([...users.values()].flat()))
    around.set(correlation, await aroundRarest(correlation, counts, queries))
  const needed = new Map<string, readonly Stretch[]>()
  for (const [rule, correlations] of users) {
    const stretches = correlations.map(correlation => around.get(correlation))
    if (stretches.some(list => list === undefined)) continue
    const all = united(stretches.flatMap(list => list ?? []))
    if (all.length <= MOST_STRETCHES) needed.set(rule, all)
  }
  return needed
}

/** Rules that stand in such correlations only, with those. */
function usersOf(plan: CorrelationPlan): ReadonlyMap<string, readonly LinkedCorrelation[]> {
  const users = new Map<string, LinkedCorrelation[]>()
  const others = new Set<string>()
  for (const correlation of plan.correlations)
    for (const { source, isCorrelation } of correlation.legs) {
      if (isCorrelation) continue
      if (!wantsAllLegs(correlation)) others.add(source)
      else users.set(source, [...(users.get(source) ?? []), correlation])
    }
  return new Map([...users].filter(([rule]) => !others.has(rule)))
}

function wantsAllLegs({ type, condition, legs }: LinkedCorrelation): boolean {
  const [only, ...more] = condition.criteria
  return (
    (type === 'temporal' || type === 'temporal_ordered') &&
    condition.expression === undefined &&
    more.length === 0 &&
    only?.operator === 'gte' &&
    only.value === legs.length
  )
}

/** What a correlation that is a leg says lies at the time of a hit of one of the rules it is made of. */
async function aroundRarest(
  { legs, timespan }: LinkedCorrelation,
  counts: ReadonlyMap<string, number>,
  queries: Pick<CaseQueries, 'rows'>,
): Promise<readonly Stretch[] | undefined> {
  const [rarest] = legs
    .map(({ fields }) => Object.keys(fields))
    .map(rules => ({ rules, hits: rules.reduce((sum, rule) => sum + (counts.get(rule) ?? 0), 0) }))
    .toSorted((a, b) => a.hits - b.hits)
  if (!rarest || rarest.rules.length === 0 || rarest.hits > FEW_HITS) return undefined
  if (rarest.hits === 0) return []
  const rows = await queries.rows(
    `select distinct "time" from rule_feed where "time" is not null and rule in (${rarest.rules.map(literal).join(', ')})`,
  )
  return united(rows.map(row => ({ from: numberOf(row, 'time') - timespan, to: numberOf(row, 'time') + timespan })))
}

function united(stretches: readonly Stretch[]): readonly Stretch[] {
  const all: Stretch[] = []
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1)
    if (last && from <= last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    else all.push({ from, to })
  }
  return all
}

/** The condition on the hits of these rules. */
export function isNeeded(rules: readonly string[], needed: NeededHits): string {
  const whole = rules.filter(rule => !needed.has(rule))
  const parts = rules.flatMap(rule => {
    const stretches = needed.get(rule) ?? []
    if (stretches.length === 0) return []
    const times = stretches.map(({ from, to }) => `"time" between ${from} and ${to}`).join(' or ')
    return [`(rule = ${literal(rule)} and (${times}))`]
  })
  const all = [...(whole.length > 0 ? [`rule in (${whole.map(literal).join(', ')})`] : []), ...parts]
  return all.length === 0 ? 'false' : `(${all.join(' or ')})`
}
