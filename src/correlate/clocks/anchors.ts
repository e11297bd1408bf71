import { type EventQueries, MICROS_PER_SECOND, numberOf, type SqlDialect, textOf } from '../../model/index.ts'
import { bareAccountSql, shortNameSql } from '../sql.ts'

/** The same moment seen by two clocks, many times: `difference` is the median of "other minus one", microseconds. */
export interface Anchors {
  readonly one: { readonly evidence: string; readonly host: string }
  readonly other: { readonly evidence: string; readonly host: string }
  readonly difference: number
  /** Median distance of the anchors from the median. */
  readonly spread: number
  readonly count: number
  /** "connections seen by both (same addresses and ports)". */
  readonly basis: string
}

/** One kind of event that two sources record at the same moment, with what names it in both. */
interface AnchorFamily {
  readonly basis: string
  /** Fewer agreeing anchors than this prove nothing. */
  readonly minimum: number
  /** A key that occurs more often than this on one side says too little about which belong together. */
  readonly repeats: number
  /** select evidence, host, anchor, "time" */
  one(sql: SqlDialect): string
  other(sql: SqlDialect): string
}

const connection = `"srcIp" || ' ' || cast("srcPort" as varchar) || ' ' || "dstIp" || ' ' || cast("dstPort" as varchar)`
const CONNECTION = (products: string) => `
  select evidence, host, ${connection} as anchor, "time" from network_activity
  where product in (${products}) and "time" is not null and "srcPort" >= 1024 and "dstPort" > 0 and "srcIp" <> '' and "dstIp" <> ''
    and protocol in ('tcp', '')`
const WEB = (products: string) => `
  select evidence, host, "clientIp" || ' ' || method || ' ' || path || '?' || query || ' ' || cast(coalesce(status, 0) as varchar) as anchor, "time"
  from http_activity where product ${products} and "time" is not null and path <> '' and "clientIp" <> ''`

/** Sysmon 3 and 5156 name the connection that a sensor sees; a web server logs the request that a sensor sees. */
const families: readonly AnchorFamily[] = [
  {
    basis: 'connections seen by both (same addresses and ports)',
    minimum: 3, // three different port quadruples at one distance do not happen by chance
    repeats: 3,
    one: () => CONNECTION(`'sysmon', 'security'`),
    other: () => CONNECTION(`'zeek', 'suricata', 'fortigate', 'asa'`),
  },
  {
    basis: 'connections seen by both (same addresses and ports)',
    minimum: 3,
    repeats: 3,
    one: () => CONNECTION(`'fortigate', 'asa'`),
    other: () => CONNECTION(`'zeek', 'suricata'`),
  },
  {
    basis: 'web requests seen by both (same client, page and answer)',
    minimum: 5, // requests repeat, so more of them have to agree
    repeats: 5,
    one: () => WEB(`not in ('zeek', 'suricata')`),
    other: () => WEB(`in ('zeek', 'suricata')`),
  },
  {
    basis: 'log-ons that the domain controller issued the ticket for',
    minimum: 8, // a ticket is asked for shortly before it is used, not at the same moment
    repeats: 20,
    one: sql => `
      select evidence, host, ${bareAccountSql(sql, '"user"')} || ' ' || "srcIp" || ' ' || ${shortNameSql('host')} as anchor, "time" from authentication
      where code = '4624' and "time" is not null and "srcIp" <> '' and "srcIp" not in ('127.0.0.1', '::1') and "logonType" = 3`,
    other: sql => `
      select evidence, host, ${bareAccountSql(sql, '"user"')} || ' ' || "srcIp" || ' ' || lower(replace("target", '$', '')) as anchor, "time" from authentication
      where code = '4769' and "time" is not null and "srcIp" <> '' and "target" <> ''`,
  },
]

/** Anchors within this distance of each other count as the same difference: Sysmon and web servers write up to seconds late. */
const AGREE = 5 * MICROS_PER_SECOND

/** At most this many differences (whole seconds) are looked at for a pair of clocks. */
const MAX_BUCKETS = 2_000

/** All pairs of clocks that recorded the same moments, with how far they stand apart. */
export async function clockAnchors(queries: EventQueries): Promise<readonly Anchors[]> {
  const found: Anchors[] = []
  for (const family of families) found.push(...(await familyAnchors(queries, family)))
  return found
}

const CLOCKS = '"oneEvidence", "oneHost", "otherEvidence", "otherHost"'
/** Pairs of clocks asked for their exact distance in one statement. */
const PAIRS_AT_ONCE = 100
/** A fleet of machines and sensors has many pairs; those with most anchors are enough to tie all clocks together. */
const MAX_PAIRS = 2_000

/** The most frequent whole-second difference of one pair of clocks. */
interface Peak {
  readonly one: Anchors['one']
  readonly other: Anchors['other']
  readonly second: number
  readonly n: number
}

async function familyAnchors(queries: EventQueries, family: AnchorFamily): Promise<readonly Anchors[]> {
  const sql = queries.dialect
  const [one, other] = [family.one(sql), family.other(sql)]
  const pairs = `
    select a.evidence as "oneEvidence", a.host as "oneHost", b.evidence as "otherEvidence", b.host as "otherHost", a.anchor as anchor,
      b."time" - a."time" as difference
    from (${telling(one, other, family.repeats)}) as a join (${telling(other, one, family.repeats)}) as b on a.anchor = b.anchor
    where not (a.evidence = b.evidence and a.host = b.host)`
  const peaks = await peaksOf(queries, pairs, family.minimum)
  const found: Anchors[] = []
  for (let start = 0; start < peaks.length; start += PAIRS_AT_ONCE)
    found.push(...(await exactDistances(queries, pairs, peaks.slice(start, start + PAIRS_AT_ONCE), family)))
  return found
}

/** What one side recorded under keys that the other side has too, without those that occur too often; counted before it is put in pairs. */
const telling = (select: string, others: string, repeats: number): string => `
    select s.evidence as evidence, s.host as host, s.anchor as anchor, s."time" as "time" from (${select}) as s join (
      select evidence, host, anchor from (${select}) as k where anchor in (select anchor from (${others}) as o)
      group by evidence, host, anchor having count(*) <= ${repeats}
    ) as r on s.evidence = r.evidence and s.host = r.host and s.anchor = r.anchor`

async function peaksOf(queries: EventQueries, pairs: string, minimum: number): Promise<readonly Peak[]> {
  const second = `cast(floor(difference / ${MICROS_PER_SECOND}) as bigint)`
  const rows = await queries.rows(`
    select ${CLOCKS}, second, n from (
      select ${CLOCKS}, ${second} as second, count(distinct anchor) as n,
        row_number() over (partition by ${CLOCKS} order by count(distinct anchor) desc, ${second}) as place
      from (${pairs}) as p group by ${CLOCKS}, ${second}
    ) as b where place <= ${MAX_BUCKETS} order by ${CLOCKS}, second`)
  const byPair = new Map<string, { second: number; n: number }[]>()
  for (const row of rows) {
    const key = ['oneEvidence', 'oneHost', 'otherEvidence', 'otherHost'].map(column => textOf(row, column)).join('\n')
    const list = byPair.get(key)
    const bucket = { second: numberOf(row, 'second'), n: numberOf(row, 'n') }
    if (list) list.push(bucket)
    else byPair.set(key, [bucket])
  }
  const peaks = [...byPair].flatMap(([key, buckets]) => {
    const best = densest(buckets)
    if (!best || best.n < minimum) return []
    const [oneEvidence = '', oneHost = '', otherEvidence = '', otherHost = ''] = key.split('\n')
    return [{ one: { evidence: oneEvidence, host: oneHost }, other: { evidence: otherEvidence, host: otherHost }, ...best }]
  })
  return peaks.toSorted((a, b) => b.n - a.n).slice(0, MAX_PAIRS)
}

async function exactDistances(
  queries: EventQueries,
  pairs: string,
  peaks: readonly Peak[],
  family: AnchorFamily,
): Promise<readonly Anchors[]> {
  const sql = queries.dialect
  const wanted = peaks
    .map(
      ({ one, other, second }, index) =>
        `select ${index} as peak, ${sql.literal(one.evidence)} as e1, ${sql.literal(one.host)} as h1, ${sql.literal(other.evidence)} as e2,
          ${sql.literal(other.host)} as h2, ${second * MICROS_PER_SECOND - AGREE} as low, ${(second + 1) * MICROS_PER_SECOND + AGREE} as high`,
    )
    .join(' union all ')
  const rows = await queries.rows(`
    with wanted as (${wanted}),
    seen as (
      select w.peak as peak, p.anchor as anchor, p.difference as difference, w.low as low, w.high as high
      from (${pairs}) as p join wanted as w
        on p."oneEvidence" = w.e1 and p."oneHost" = w.h1 and p."otherEvidence" = w.e2 and p."otherHost" = w.h2
    ),
    matched as (select peak, count(distinct anchor) as matched from seen group by peak),
    middle as (select peak, ${sql.quantile('difference', 0.5)} as median from seen where difference between low and high group by peak)
    select s.peak as peak, count(distinct s.anchor) as n, max(m.median) as median, max(t.matched) as matched,
      ${sql.quantile('abs(s.difference - m.median)', 0.5)} as spread
    from seen as s join middle as m on s.peak = m.peak join matched as t on s.peak = t.peak
    where s.difference between s.low and s.high group by s.peak order by s.peak`)
  return rows.flatMap(row => {
    const peak = peaks[numberOf(row, 'peak')]
    const count = numberOf(row, 'n')
    // Where most common keys disagree with the peak, the peak is a coincidence of repeated keys.
    if (!peak || count < family.minimum || count * 2 < numberOf(row, 'matched')) return []
    const { one, other } = peak
    const difference = Math.round(numberOf(row, 'median'))
    return [{ one, other, difference, spread: Math.round(numberOf(row, 'spread')), count, basis: family.basis }]
  })
}

/** The second around which most anchors lie, neighbours within `AGREE` counted; undefined when there are none. */
function densest(buckets: readonly { readonly second: number; readonly n: number }[]): { second: number; n: number } | undefined {
  const reach = AGREE / MICROS_PER_SECOND
  const sorted = buckets.toSorted((a, b) => a.second - b.second)
  let best: { second: number; n: number } | undefined
  let from = 0
  let to = 0
  let sum = 0
  for (const bucket of sorted) {
    while (to < sorted.length && (sorted[to]?.second ?? 0) <= bucket.second + reach) sum += sorted[to++]?.n ?? 0
    while ((sorted[from]?.second ?? 0) < bucket.second - reach) sum -= sorted[from++]?.n ?? 0
    if (!best || sum > best.n || (sum === best.n && Math.abs(bucket.second) < Math.abs(best.second)))
      best = { second: bucket.second, n: sum }
  }
  return best
}
