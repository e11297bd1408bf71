import type { NetworkKinds } from '../../knowledge/index.ts'
import {
  type FindingDraft,
  type Indicator,
  listOf,
  MAX_EVIDENCE_REFERENCES,
  micros,
  numberOf,
  type Row,
  sourceRefOf,
  textOf,
} from '../../model/index.ts'
import { type Case, type CaseQueries, literal } from '../../store/index.ts'
import { type Comparison, comparisons, type IndicatorKey, type KeyType, keysOf } from './comparisons.ts'
import { weigh } from './weigh.ts'

const FACT = 'intel'
const KINDS_FACT = 'network-kinds'
/** Keys written into one statement; more of them cost more to be read than the column, so that the column is read first. */
const FEW_KEYS = 2_000
/** Machines and other parties named with one finding. */
const MAX_NAMES = 20

/** Keeps the indicators with the case: an analysis is made again when the files are no longer at hand. */
export function rememberIntel(opened: Case, indicators: readonly Indicator[]): void {
  opened.setFact(FACT, JSON.stringify(indicators))
}

/** The indicators of the last hunt that was given any. */
export function intelOf(opened: Case): readonly Indicator[] {
  const kept = opened.fact(FACT)
  return kept === undefined ? [] : (JSON.parse(kept) as readonly Indicator[])
}

/** Keeps what networks say of themselves with the case; none when the last `--intel` had no such list. */
export function rememberKinds(opened: Case, kinds: NetworkKinds | undefined): void {
  opened.setFact(KINDS_FACT, kinds === undefined ? '' : JSON.stringify(kinds))
}

/** What networks say of themselves, as the last hunt with `--intel` was told. */
export function kindsOf(opened: Case): NetworkKinds | undefined {
  const kept = opened.fact(KINDS_FACT)
  return kept === undefined || kept === '' ? undefined : (JSON.parse(kept) as NetworkKinds)
}

/** Where an indicator was met on one machine, over all kinds of records. */
interface Meeting {
  readonly indicator: Indicator
  readonly host: string
  total: number
  refused: number
  first: number
  last: number
  readonly others: Set<string>
  readonly values: Set<string>
  readonly records: Set<string>
}

/**
 * Compares indicators with all events: one hash join a column, so that the cost is that of reading the column once (twice for very many
 * indicators). One finding an indicator and recording machine; none is above "medium", because an indicator alone is somebody else's word.
 */
export async function intelFindings(
  indicators: readonly Indicator[],
  queries: Pick<CaseQueries, 'rows' | 'batches' | 'dialect' | 'kindsPresent'>,
): Promise<readonly FindingDraft[]> {
  if (indicators.length === 0) return []
  const present = await queries.kindsPresent()
  const byType = Map.groupBy(indicators.flatMap(keysOf), ({ type }) => type)
  const meetings = new Map<string, Meeting>()
  for (const comparison of comparisons(queries.dialect)) {
    if (!present.has(comparison.kind)) continue
    const all = comparison.types.flatMap(type => byType.get(type) ?? [])
    if (all.length === 0) continue
    const keys = all.length <= FEW_KEYS ? all : await keysMet(all, comparison, queries)
    for (let start = 0; start < keys.length; start += FEW_KEYS) {
      const some = keys.slice(start, start + FEW_KEYS)
      const byKey = Map.groupBy(some, ({ key }) => key)
      const { kind, expression, refused = 'false', other = "''" } = comparison
      const values = [...byKey.keys()].map(key => `(${literal(key)})`).join(', ')
      const rows = await queries.rows(`
        select named.key as key, host, count(*) as total, count(*) filter (${refused}) as refused, min("time") as firstTime, max("time") as lastTime,
          ${queries.dialect.distinctList(other, MAX_NAMES)} as others, ${queries.dialect.distinctList(valueColumn(comparison.types, expression), MAX_NAMES)} as met,
          ${queries.dialect.records()} as refs
        from ${kind} join (select * from (values ${values}) as listed(key)) as named on named.key = ${expression}
        group by named.key, host order by named.key, host`)
      for (const row of rows) for (const { indicator } of byKey.get(textOf(row, 'key')) ?? []) take(meetings, indicator, row)
    }
  }
  return [...meetings.values()].map(draftOf)
}

/** Of very many keys those that occur at all: the distinct values of the column stream past them. */
async function keysMet(
  keys: readonly IndicatorKey[],
  { kind, expression }: Comparison,
  queries: Pick<CaseQueries, 'batches'>,
): Promise<readonly IndicatorKey[]> {
  const byKey = Map.groupBy(keys, ({ key }) => key)
  const met: IndicatorKey[] = []
  for await (const batch of queries.batches(`select distinct ${expression} as value from ${kind}`))
    for (const row of batch) met.push(...(byKey.get(textOf(row, 'value')) ?? []))
  return met.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.indicator.record - b.indicator.record))
}

/** The address itself where a network was listed. */
function valueColumn(types: readonly KeyType[], expression: string): string {
  return types.some(type => type.startsWith('prefix')) ? (/\(([A-Za-z]+),/.exec(expression)?.[1] ?? "''") : "''"
}

function take(meetings: Map<string, Meeting>, indicator: Indicator, row: Row): void {
  const host = textOf(row, 'host')
  const key = JSON.stringify([indicator.path, indicator.record, indicator.type, indicator.value, host])
  const meeting: Meeting = meetings.get(key) ?? {
    indicator,
    host,
    total: 0,
    refused: 0,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    others: new Set(),
    values: new Set(),
    records: new Set(),
  }
  meetings.set(key, meeting)
  meeting.total += numberOf(row, 'total')
  meeting.refused += numberOf(row, 'refused')
  if (row['firstTime'] !== null) {
    meeting.first = Math.min(meeting.first, numberOf(row, 'firstTime'))
    meeting.last = Math.max(meeting.last, numberOf(row, 'lastTime'))
  }
  for (const name of listOf(row, 'others')) if (meeting.others.size < MAX_NAMES) meeting.others.add(name)
  if (indicator.type === 'network' && listOf(row, 'met').length === 0) meeting.values.add(textOf(row, 'key'))
  for (const value of listOf(row, 'met')) if (meeting.values.size < MAX_NAMES) meeting.values.add(value)
  for (const reference of listOf(row, 'refs')) if (meeting.records.size < MAX_EVIDENCE_REFERENCES) meeting.records.add(reference)
}

const NOUNS: Readonly<Record<Indicator['type'], string>> = {
  address: 'address',
  network: 'network',
  domain: 'domain',
  url: 'URL',
  hash: 'file with the digest',
  path: 'path',
  'file-name': 'file name',
  'user-agent': 'user agent',
  ja3: 'TLS client fingerprint',
  certificate: 'certificate',
  'registry-key': 'registry key',
}

function draftOf({ indicator, host, total, refused, first, last, others, values, records }: Meeting): FindingDraft {
  const isTimed = Number.isFinite(first)
  const weight = weigh(indicator, { first: isTimed ? micros(first) : undefined, last: isTimed ? micros(last) : undefined })
  const attempted = refused >= total
  const met = values.size > 0 ? ` (${[...values].join(', ')})` : ''
  const calls = indicator.title === '' ? '' : ` (${indicator.title})`
  const isAddress = indicator.type === 'address' || indicator.type === 'network'
  const level = attempted ? 'informational' : weight.severity
  return {
    witness: { source: 'intel', rule: `${indicator.path}:${indicator.record}`, title: indicator.title || indicator.value, level },
    title: `Listed ${NOUNS[indicator.type]} ${short(indicator.value)}${met}${calls} met in ${total} record${total === 1 ? '' : 's'}${host === '' ? '' : ` of ${host}`}${attempted ? ', refused each time' : ''}`,
    severity: level,
    confidence: weight.confidence,
    techniques: [],
    hosts: host === '' ? [] : [host],
    accounts: [],
    addresses: [
      ...(indicator.type === 'address' ? [indicator.value] : [...values]),
      ...[...others].filter(other => /^[\d.]+$|:/.test(other)),
    ],
    object: indicator.value,
    firstTime: isTimed ? micros(first) : undefined,
    lastTime: isTimed ? micros(last) : undefined,
    count: total,
    why: `${indicator.source === '' ? indicator.path : `${indicator.source} (${indicator.path})`} lists it${calls}. ${weight.sentence}${isAddress ? ' It names where the traffic came through, not who sent it.' : ''}`,
    benignExplanation: weight.innocent,
    evidence: [...records].map(sourceRefOf),
    evidenceTotal: total,
    ...(attempted ? { succeeded: false } : {}),
  }
}

const short = (value: string) => (value.length > 80 ? `${value.slice(0, 80)}…` : value)
