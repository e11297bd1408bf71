import {
  compareSeverity,
  type Diagnostic,
  type EvidenceId,
  type FindingDraft,
  MAX_EVIDENCE_REFERENCES,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  micros,
  numberOf,
  type SourceRef,
  textOf,
} from '../model/index.ts'
import {
  type CorrelationCut,
  type CorrelationPlan,
  conditionText,
  emptyPlan,
  type FeedHit,
  type FeedValue,
  type Firing,
  runCorrelations,
} from '../rules/index.ts'
import type { Case, CaseQueries } from '../store/index.ts'
import { isNeeded, type NeededHits, neededHits } from './needed-hits.ts'

/** What the correlations of a case found, and what is to be said about how they ran. */
export interface CorrelationFindings {
  readonly drafts: readonly FindingDraft[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Hits of one correlation and group that follow each other within this are one behaviour, as hits of one rule are. */
const PAUSE = 30 * MICROS_PER_MINUTE
/** More groups than this are a correlation that holds everywhere; the most severe are kept, and the rest is counted. */
const MAX_DRAFTS = 20_000
/** Hosts, accounts and addresses named with one finding. */
const MAX_NAMES = 100
/** Values of a group in a title. */
const MAX_GROUP_TEXT = 80

const FACT = 'correlations'

/** Keeps the plan in the case: an analysis is made again when the rules are no longer at hand. */
export function rememberCorrelations(opened: Case, plan: CorrelationPlan): void {
  opened.setFact(FACT, JSON.stringify(plan))
}

/** The plan of the last hunt. */
export function correlationsOf(opened: Case): CorrelationPlan {
  const kept = opened.fact(FACT)
  return kept === undefined ? emptyPlan : (JSON.parse(kept) as CorrelationPlan)
}

/** Runs the correlations over the hits that reading kept, in the order of their times, each record once. */
export async function correlationFindings(
  plan: CorrelationPlan,
  queries: Pick<CaseQueries, 'rows' | 'batches'>,
): Promise<CorrelationFindings> {
  if (plan.correlations.length === 0) return { drafts: [], diagnostics: [] }
  const needed = await neededHits(plan, queries)
  const { firings, cuts } = await runCorrelations(plan, rules => feedOf(queries, rules, needed))
  const drafts = behavioursOf(firings).map(draftOf)
  const kept = drafts.toSorted((a, b) => compareSeverity(b.severity, a.severity)).slice(0, MAX_DRAFTS)
  const leftOut = drafts.length - kept.length
  return {
    drafts: kept,
    diagnostics: [...cuts.map(cutDiagnostic), ...(leftOut > 0 ? [tooMany(leftOut)] : []), ...(await timeless(queries))],
  }
}

async function* feedOf(
  queries: Pick<CaseQueries, 'rows' | 'batches'>,
  rules: readonly string[],
  needed: NeededHits,
): AsyncGenerator<readonly FeedHit[]> {
  if (rules.length === 0) return
  const shared = new SharedTexts()
  const wanted = `"time" is not null and ${isNeeded(rules, needed)}`
  for (const { from, to } of await spansOf(queries, wanted)) {
    const rows =
      queries.batches(`select json_array(rule, "time", evidence, record, "byteOffset", host, fields, accounts, addresses)::varchar as hit from rule_feed
      where ${wanted} and "time" >= ${from} and "time" < ${to}
      order by "time", evidence, record, "byteOffset", rule`)
    for await (const batch of rows) yield batch.map(row => hitOf(JSON.parse(textOf(row, 'hit')) as FeedRow, shared))
  }
}

/** Hits that are put in order at once: millions of them did not fit into the memory that queries have. */
const MOST_ORDERED = 400_000

/** Spans of time, one after the other, with about so many hits each; a single hour may have more. */
async function spansOf(
  queries: Pick<CaseQueries, 'rows'>,
  wanted: string,
): Promise<readonly { readonly from: number; readonly to: number }[]> {
  const hours = await queries.rows(
    `select cast(floor("time" / ${MICROS_PER_HOUR}) as bigint) as hour, count(*) as hits from rule_feed where ${wanted} group by 1 order by 1`,
  )
  const spans: { from: number; to: number; hits: number }[] = []
  for (const row of hours) {
    const [hour, hits] = [numberOf(row, 'hour'), numberOf(row, 'hits')]
    const last = spans.at(-1)
    const to = (hour + 1) * MICROS_PER_HOUR
    if (last && last.hits + hits <= MOST_ORDERED) Object.assign(last, { to, hits: last.hits + hits })
    else spans.push({ from: hour * MICROS_PER_HOUR, to, hits })
  }
  return spans
}

/** One text a hit: every text that is fetched by itself costs a call into the engine, half of what reading the hits took. */
type FeedRow = readonly [
  rule: string,
  time: number,
  evidence: string,
  record: number,
  offset: number,
  host: string,
  fields: string,
  accounts: string,
  addresses: string,
]

function hitOf([rule, time, evidence, record, offset, host, fields, accounts, addresses]: FeedRow, shared: SharedTexts): FeedHit {
  return {
    rule: shared.text(rule),
    time: micros(time),
    evidence: shared.text(evidence) as EvidenceId,
    record,
    offset,
    host: shared.text(host),
    values: shared.made('fields', fields, text => JSON.parse(text) as Readonly<Record<string, FeedValue>>),
    accounts: shared.made('names', accounts, lines),
    addresses: shared.made('names', addresses, lines),
  }
}

const lines = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'))

/** Distinct texts kept before all are forgotten. */
const MAX_SHARED = 50_000

/** Equal texts, and what is made of them, are held once: hits of one rule have much in common. */
class SharedTexts {
  readonly #texts = new Map<string, string>()
  readonly #made = new Map<string, unknown>()

  text(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= MAX_SHARED) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }

  made<Value>(kind: string, text: string, make: (text: string) => Value): Value {
    const key = `${kind} ${text}`
    const known = this.#made.get(key)
    if (known !== undefined) return known as Value
    if (this.#made.size >= MAX_SHARED) this.#made.clear()
    const value = make(text)
    this.#made.set(key, value)
    return value
  }
}

/** Hits of one correlation in one group that follow each other; firings come in order of time. */
function behavioursOf(firings: readonly Firing[]): readonly (readonly Firing[])[] {
  const open = new Map<string, Firing[]>()
  const all: Firing[][] = []
  for (const firing of firings) {
    const { correlation, group, firstTime } = firing
    const key = JSON.stringify([correlation.key, group.map(value => value.toLowerCase())])
    const before = open.get(key)
    const last = before?.at(-1)
    if (before && last && firstTime - last.lastTime <= Math.max(PAUSE, correlation.timespan)) before.push(firing)
    else {
      const begun = [firing]
      open.set(key, begun)
      all.push(begun)
    }
  }
  return all
}

function draftOf(firings: readonly Firing[]): FindingDraft {
  const [first] = firings
  if (!first) throw new Error('a behaviour has at least one firing')
  const { correlation, group, firstTime } = first
  const records = new Map<string, SourceRef>()
  const [hosts, accounts, addresses] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const { evidence, record, offset, host, accounts: users, addresses: ends } of firings.flatMap(({ hits }) => hits)) {
    records.set(`${evidence}:${record}:${offset}`, { evidence, record, offset })
    if (host !== '') hosts.add(host)
    for (const user of users) accounts.add(user)
    for (const address of ends) addresses.add(address)
  }
  const lastTime = micros(Math.max(...firings.map(firing => firing.lastTime)))
  const total = firings.reduce((sum, firing) => sum + firing.total - distinctRecords(firing), records.size)
  const values = correlation.groupBy.map((field, index) => `${field} ${group[index] ?? ''}`)
  const named = group.filter(value => value !== '').join(', ')
  const shown = named.length > MAX_GROUP_TEXT ? `${named.slice(0, MAX_GROUP_TEXT)}…` : named
  const within = `${total} records meet it${values.length === 0 ? '' : ` for ${values.join(' and ')}`}`
  return {
    witness: { source: 'sigma', rule: correlation.key, title: correlation.title, level: correlation.severity },
    title: shown === '' ? correlation.title : `${correlation.title} (${shown})`,
    severity: correlation.severity,
    // How sure a rule of somebody else is, nobody measured.
    confidence: 'low',
    techniques: correlation.techniques,
    hosts: namesOf(hosts),
    accounts: namesOf(accounts),
    addresses: namesOf(addresses),
    object: values.join(', ').toLowerCase(),
    firstTime,
    lastTime,
    count: total,
    why: `${correlation.why} The correlation asks for ${conditionText(correlation)}; ${within}.`,
    benignExplanation: correlation.innocent,
    evidence: [...records.values()].slice(0, MAX_EVIDENCE_REFERENCES),
    evidenceTotal: total,
  }
}

function distinctRecords({ hits }: Firing): number {
  return new Set(hits.map(({ evidence, record, offset }) => `${evidence}:${record}:${offset}`)).size
}

const namesOf = (names: ReadonlySet<string>): readonly string[] => [...names].sort().slice(0, MAX_NAMES)

const CUTS: Readonly<Record<CorrelationCut['what'], (count: number) => string>> = {
  window: count =>
    `its windows held too many records at once; ${count} were let go before the timespan was over, so hits may be missing`,
  firings: count => `it fired too often; ${count} further hits are not kept`,
  records: () => 'some of its findings list fewer records than they rest on; the numbers are right',
}

/** What a limit cost a correlation, said to the user. */
export function cutDiagnostic({ correlation, what, count }: CorrelationCut): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'rules/correlation-cut',
    level: what === 'window' ? 'warning' : 'note',
    message: `correlation "${correlation.title}" (${correlation.key}): ${CUTS[what](count)}`,
    hint: 'Narrow the rules it refers to, group by more fields, or shorten its timespan.',
  }
}

function tooMany(count: number): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'rules/correlation-cut',
    level: 'warning',
    message: `correlations hold for too many groups; the ${count} least severe findings are not kept`,
    hint: 'Raise the thresholds of the correlations that hold everywhere.',
  }
}

/** A record without a time is in no window. */
async function timeless(queries: Pick<CaseQueries, 'rows'>): Promise<readonly Diagnostic[]> {
  const rows = await queries.rows(`select rule, count(*) as hits from rule_feed where "time" is null group by rule order by rule`)
  return rows.map(row => ({
    kind: 'diagnostic',
    code: 'rules/correlation-no-time',
    level: 'warning',
    message: `${numberOf(row, 'hits')} hits of rule ${textOf(row, 'rule')} have no time, so no correlation sees them`,
  }))
}
