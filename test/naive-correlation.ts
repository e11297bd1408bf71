import type { Criterion, LegExpression } from '../src/rules/sigma/correlation/definition.ts'
import type { FeedHit } from '../src/rules/sigma/correlation/feed.ts'
import type { CorrelationPlan, LinkedCorrelation } from '../src/rules/sigma/correlation/plan.ts'

// Correlations as docs/sigma.md defines them, written down once more with no thought of speed: every window is built anew from all hits,
// every sequence is looked for by trying. The engine is compared with it.

/** A hit of a correlation, as the definition gives it. */
export interface NaiveFiring {
  readonly key: string
  readonly group: string
  readonly time: number
  readonly place: string
  /** Distinct records, sorted; for sequences only how the engine chose among equal ones may differ. */
  readonly records: readonly string[]
}

interface Seen {
  readonly time: number
  readonly place: string
  readonly source: string
  readonly begins: boolean
  readonly hits: readonly FeedHit[]
  readonly rests: readonly FeedHit[]
}

interface Member {
  readonly time: number
  readonly place: string
  readonly legs: Set<number>
  readonly values: string[]
  readonly rests: FeedHit[]
  readonly hits: FeedHit[]
}

interface Grown extends NaiveFiring {
  readonly correlation: LinkedCorrelation
  readonly made: FeedHit[]
  readonly rests: FeedHit[]
  readonly goesOn: { time: number; place: string; hits: readonly FeedHit[] }[]
  readonly taken: Set<Member>
  upTo: number
}

const pad = (value: number) => String(value + 1e15).padStart(17, '0')
const recordOf = (hit: FeedHit) => `${hit.evidence}:${hit.record}:${hit.offset}`
const placeOf = (hit: FeedHit) => `${pad(hit.time)} ${hit.evidence} ${pad(hit.record)} ${pad(hit.offset)}`

export function naiveCorrelations(plan: CorrelationPlan, hits: readonly FeedHit[]): readonly NaiveFiring[] {
  const all: Grown[] = []
  // One record is one hit of a rule, however many events it gave.
  const once = [...Map.groupBy(hits, hit => `${hit.rule} ${placeOf(hit)}`).values()].flatMap(([first]) => (first ? [first] : []))
  for (const correlation of plan.correlations) all.push(...firingsOf(correlation, once, all))
  return all
    .filter(({ correlation }) => correlation.alone)
    .map(({ key, group, time, place, rests }) => ({
      key,
      group,
      time,
      place,
      records: [...new Set(rests.map(recordOf))].sort(),
    }))
    .toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

const sortKey = ({ place, key, group }: NaiveFiring) =>
  `${place}\n${key}\n${
    group.includes('\n')
      ? group
          .split('\n')
          .map(part => `${part.length}:${part}`)
          .join('|')
      : group
  }`

function firingsOf(correlation: LinkedCorrelation, hits: readonly FeedHit[], inner: readonly Grown[]): readonly Grown[] {
  const seen: Seen[] = [
    ...hits.map(hit => ({ time: hit.time, place: placeOf(hit), source: hit.rule, begins: true, hits: [hit], rests: [hit] })),
    ...inner.flatMap(firing => [
      { ...firing, source: firing.key, begins: true, hits: firing.made },
      ...firing.goesOn.map(later => ({ ...later, source: firing.key, begins: false, rests: firing.rests })),
    ]),
  ]
  return [...membersByGroup(correlation, seen)].flatMap(([group, members]) => firingsOfGroup(correlation, group, members))
}

function membersByGroup(correlation: LinkedCorrelation, seen: readonly Seen[]): ReadonlyMap<string, Member[]> {
  const temporal = correlation.type.startsWith('temporal')
  const texts =
    correlation.type === 'value_count' ||
    (correlation.type === 'value_percentile' && correlation.condition.percentile === undefined)
  const groups = new Map<string, Map<string, Member>>()
  const valued = new Set<string>()
  for (const one of seen.toSorted((a, b) => (`${a.place}\n${a.source}` < `${b.place}\n${b.source}` ? -1 : 1))) {
    if (!one.begins && !temporal) continue
    correlation.legs.forEach((leg, index) => {
      if (leg.source !== one.source) return
      for (const hit of one.hits) {
        const fields = leg.fields[hit.rule]
        if (!fields) continue
        const values = fields.values.map(field => hit.values[field])
        if (values.includes(undefined)) continue
        const numeric = !temporal && !texts && correlation.type !== 'event_count'
        if (numeric && !/^-?\d+$/.test(String(values[0]))) continue
        const names = fields.group.map(field => hit.values[field])
        if (names.includes(undefined)) continue
        const group = names.map(name => String(name).toLowerCase()).join('\n')
        const members = groups.get(group) ?? new Map<string, Member>()
        groups.set(group, members)
        const member = members.get(one.place) ?? {
          time: one.time,
          place: one.place,
          legs: new Set(),
          values: [],
          rests: [],
          hits: [],
        }
        members.set(one.place, member)
        member.legs.add(index)
        const once = `${group}\n${one.place}\n${recordOf(hit)}`
        if (fields.values.length > 0 && !valued.has(once))
          member.values.push(values.map(value => String(value).toLowerCase()).join('|'))
        valued.add(once)
        member.rests.push(...one.rests)
        if (!member.hits.includes(hit)) member.hits.push(hit)
      }
    })
  }
  return new Map(
    [...groups].map(([group, members]) => [group, [...members.values()].toSorted((a, b) => (a.place < b.place ? -1 : 1))]),
  )
}

function firingsOfGroup(correlation: LinkedCorrelation, group: string, members: readonly Member[]): readonly Grown[] {
  const { timespan, key, type } = correlation
  const complete = isComplete(correlation)
  const firings: Grown[] = []
  const tell = (at: Member, evidence: readonly Member[], isChain: boolean) => {
    const last = firings.at(-1)
    if (last && at.time <= last.time + timespan) {
      const index = members.indexOf(at)
      const more = isChain
        ? evidence.filter(member => !last.taken.has(member))
        : complete
          ? evidence.filter(member => members.indexOf(member) > last.upTo)
          : [at]
      for (const member of more) {
        last.taken.add(member)
        last.rests.push(...member.rests)
      }
      last.upTo = index
      last.goesOn.push({ time: at.time, place: at.place, hits: at.hits })
    } else {
      const rests = evidence.flatMap(member => member.rests)
      const [time, place] = [at.time, at.place]
      firings.push({
        correlation,
        key,
        group,
        time,
        place,
        records: [],
        rests,
        made: [...rests],
        goesOn: [],
        taken: new Set(evidence),
        upTo: members.indexOf(at),
      })
    }
  }
  members.forEach((member, index) => {
    if (complete) {
      const window = members.slice(index).filter(other => other.time <= member.time + timespan)
      const before = members[index - 1]
      const last = window.at(-1)
      // Part of the window before it: not complete.
      if (!last || (before && last.time <= before.time + timespan)) return
      const found = truth(correlation, window, undefined)
      if (found) tell(last, found === 'all' ? window : found, type === 'temporal_ordered' && found !== 'all')
    } else {
      const window = members.slice(0, index + 1).filter(other => other.time >= member.time - timespan)
      const found = truth(correlation, window, member)
      if (found) tell(member, found === 'all' ? window : found, type === 'temporal_ordered')
    }
  })
  return firings
}

function isComplete({ type, condition }: LinkedCorrelation): boolean {
  if (condition.expression) return JSON.stringify(condition.expression).includes('"not"')
  return (
    ['value_avg', 'value_median', 'value_percentile'].includes(type) ||
    condition.criteria.some(({ operator }) => !operator.startsWith('gt'))
  )
}

const compare: Readonly<Record<Criterion['operator'], (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  eq: (a, b) => a === b,
  neq: (a, b) => a !== b,
}

/** Is the condition true in the window (for a sequence that ends with `end`, if given), and on which of its members does it rest? */
function truth(
  correlation: LinkedCorrelation,
  window: readonly Member[],
  end: Member | undefined,
): readonly Member[] | 'all' | undefined {
  const { type, condition, legs } = correlation
  const meets = (value: number) => condition.criteria.every(criterion => compare[criterion.operator](value, criterion.value))
  const values = window.flatMap(member => member.values)
  const numbers = values.map(Number).toSorted((a, b) => a - b)
  const sum = numbers.reduce((total, value) => total + value, 0)
  const yes = (is: boolean) => (is ? 'all' : undefined)
  switch (type) {
    case 'event_count':
      return yes(meets(window.length))
    case 'value_count':
      return yes(meets(new Set(values).size))
    case 'value_sum':
      return yes(numbers.length > 0 && meets(sum))
    case 'value_avg':
      return yes(
        numbers.length > 0 && condition.criteria.every(({ operator, value }) => compare[operator](sum, value * numbers.length)),
      )
    case 'value_median':
      return yes(meets(quantile(numbers, 50)))
    case 'value_percentile': {
      if (condition.percentile !== undefined) return yes(meets(quantile(numbers, condition.percentile)))
      const wanted = new Set(
        values.filter(value => meets((100 * values.filter(other => other === value).length) / values.length)),
      )
      return wanted.size > 0 ? window.filter(member => member.values.some(value => wanted.has(value))) : undefined
    }
    case 'temporal': {
      const present = new Set(window.flatMap(member => [...member.legs]))
      return yes(condition.expression ? expressionTrue(condition.expression, present, present) : meets(present.size))
    }
    case 'temporal_ordered':
      return sequenceTruth(correlation, window, end, meets, legs.length)
    default:
      return type satisfies never
  }
}

/** Tries every choice of legs, most legs first. */
function sequenceTruth(
  { condition }: LinkedCorrelation,
  window: readonly Member[],
  end: Member | undefined,
  meets: (value: number) => boolean,
  legs: number,
): readonly Member[] | 'all' | undefined {
  const present = new Set(window.flatMap(member => [...member.legs]))
  const choices = Array.from({ length: 2 ** legs }, (_, bits) =>
    Array.from({ length: legs }, (_ignored, leg) => leg).filter(leg => bits & (1 << leg)),
  )
  const found = choices.flatMap(choice => {
    const sequences = sequencesOf(window, choice).filter(sequence => end === undefined || sequence.at(-1) === end)
    return sequences.map(sequence => ({ choice, sequence }))
  })
  const longest = Math.max(0, ...found.map(({ choice }) => choice.length))
  const good = found.filter(({ choice }) => {
    if (condition.expression) return expressionTrue(condition.expression, new Set(choice), end ? new Set(choice) : present)
    return choice.length > 0 && (end ? meets(choice.length) : choice.length === longest && meets(longest))
  })
  const [best] = good.toSorted(
    (a, b) => b.choice.length - a.choice.length || (b.sequence[0]?.place ?? '').localeCompare(a.sequence[0]?.place ?? ''),
  )
  return best && (best.sequence.length === 0 ? 'all' : best.sequence)
}

function sequencesOf(window: readonly Member[], legs: readonly number[]): readonly (readonly Member[])[] {
  const [leg, ...others] = legs
  if (leg === undefined) return [[]]
  return window.flatMap((member, index) =>
    member.legs.has(leg) ? sequencesOf(window.slice(index + 1), others).map(rest => [member, ...rest]) : [],
  )
}

function expressionTrue(expression: LegExpression, asserted: ReadonlySet<number>, present: ReadonlySet<number>): boolean {
  if ('leg' in expression) return asserted.has(expression.leg)
  if ('not' in expression) return !expressionTrue(expression.not, present, asserted)
  if ('and' in expression) return expression.and.every(part => expressionTrue(part, asserted, present))
  return expression.or.some(part => expressionTrue(part, asserted, present))
}

function quantile(sorted: readonly number[], percent: number): number {
  const rank = ((sorted.length - 1) * percent) / 100
  const low = sorted[Math.floor(rank)] ?? Number.NaN
  const high = sorted[Math.ceil(rank)] ?? Number.NaN
  return low + (high - low) * (rank - Math.floor(rank))
}
