import {
  confidences,
  type EventQueries,
  type FindingDraft,
  listOf,
  MAX_EVIDENCE_REFERENCES,
  MICROS_PER_MINUTE,
  micros,
  numberOf,
  type Row,
  type SqlDialect,
  severities,
  sourceRefOf,
  textOf,
  type Witness,
} from '../model/index.ts'

/** Hits of one rule on one object further apart than this are two behaviours: an operator's session has pauses, but a coffee break ends it. */
const HIT_GAP = 30 * MICROS_PER_MINUTE

/** More drafts than this are not a story but a rule that matches everything; the strongest are kept and the rest counted. */
const MAX_HIT_DRAFTS = 20_000

/** What the hits became, and how many groups were left out. */
export interface HitDrafts {
  readonly drafts: readonly FindingDraft[]
  readonly leftOut: number
}

/** Groups the rows of `rule_hit` into drafts in SQL: same rule, host, object and title, with no gap longer than `HIT_GAP`. */
export async function hitDrafts(queries: EventQueries): Promise<HitDrafts> {
  const [total] = await queries.rows(`select count(*) as n from (${hitGroups('count(*) as n')}) as g`)
  const rows = await queries.rows(
    `select * from (${hitGroups(columns(queries.dialect))}) as g
     order by level desc, "firstTime", source, rule, host, object, title limit ${MAX_HIT_DRAFTS}`,
  )
  return { drafts: rows.map(draftOfRow), leftOut: Math.max(0, numberOf(total ?? {}, 'n') - rows.length) }
}

const GROUP = 'source, rule, host, object, title'

function hitGroups(select: string): string {
  return `
    with gapped as (
      select *, case when "time" - lag("time") over (partition by ${GROUP} order by "time", evidence, record) > ${HIT_GAP} then 1 else 0 end as opens
      from rule_hit
    ), runs as (
      select *, cast(sum(opens) over (partition by ${GROUP} order by "time", evidence, record rows between unbounded preceding and current row) as bigint) as run
      from gapped
    )
    select ${GROUP}, run, ${select} from runs group by ${GROUP}, run`
}

function columns(sql: SqlDialect): string {
  const rank = (column: string, words: readonly string[]) =>
    `max(case ${column} ${words.map((word, index) => `when ${sql.literal(word)} then ${index}`).join(' ')} else 0 end)`
  return `max("ruleTitle") as "ruleTitle", ${rank('severity', severities)} as level, ${rank('confidence', confidences)} as certainty,
    min("time") as "firstTime", max("time") as "lastTime", count(*) as hits,
    cast(sum(case when succeeded = false then 1 else 0 end) as bigint) as tried,
    max(why) as why, max(innocent) as innocent,
    ${sql.distinctList('techniques')} as techniques, ${sql.distinctList('accounts')} as accounts,
    ${sql.distinctList('addresses')} as addresses, ${sql.distinctList('hosts')} as hosts,
    ${sql.records(MAX_EVIDENCE_REFERENCES)} as refs`
}

/** The values of list columns joined by line feeds, each once, sorted. */
function values(row: Row, column: string): readonly string[] {
  const all = listOf(row, column).flatMap(text => text.split('\n'))
  return [...new Set(all.filter(value => value !== ''))].sort()
}

/** Techniques keep the order the detector gave them: the first is the one it is about. */
function techniquesOf(row: Row): readonly string[] {
  return [...new Set(listOf(row, 'techniques').flatMap(text => text.split('\n')))].filter(value => value !== '')
}

const sources: readonly Witness['source'][] = ['barograph', 'sigma', 'yara', 'intel']

function draftOfRow(row: Row): FindingDraft {
  const severity = severities[numberOf(row, 'level')] ?? 'informational'
  const hits = numberOf(row, 'hits')
  const named = values(row, 'hosts')
  const host = textOf(row, 'host')
  return {
    witness: {
      source: sources.find(source => source === textOf(row, 'source')) ?? 'barograph',
      rule: textOf(row, 'rule'),
      title: textOf(row, 'ruleTitle'),
      level: severity,
    },
    title: textOf(row, 'title'),
    severity,
    confidence: confidences[numberOf(row, 'certainty')] ?? 'low',
    techniques: techniquesOf(row),
    hosts: named.length > 0 ? named : host === '' ? [] : [host],
    accounts: values(row, 'accounts'),
    addresses: values(row, 'addresses'),
    object: textOf(row, 'object').toLowerCase(),
    firstTime: timeOf(row, 'firstTime'),
    lastTime: timeOf(row, 'lastTime'),
    count: hits,
    why: textOf(row, 'why'),
    benignExplanation: textOf(row, 'innocent'),
    evidence: listOf(row, 'refs').map(sourceRefOf),
    evidenceTotal: hits,
    ...(numberOf(row, 'tried') === hits ? { succeeded: false } : {}),
  }
}

function timeOf(row: Row, column: string) {
  const value = row[column]
  return typeof value === 'number' ? micros(value) : undefined
}
