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

/** All pairs of clocks that recorded the same moments, with how far they stand apart. */
export async function clockAnchors(queries: EventQueries): Promise<readonly Anchors[]> {
  const found: Anchors[] = []
  for (const family of families) found.push(...(await familyAnchors(queries, family)))
  return found
}

const CLOCKS = '"oneEvidence", "oneHost", "otherEvidence", "otherHost"'
const UNITS = `a.evidence as "oneEvidence", a.host as "oneHost", b.evidence as "otherEvidence", b.host as "otherHost"`
/** A fleet of machines and sensors has many pairs; those with most anchors are enough to tie all clocks together. */
const MAX_PAIRS = 2_000

/**
 * One statement a family, because each side is millions of records and what both have in common is few: `peak` is the second around which
 * most anchors of two clocks lie, neighbours within `AGREE` counted; of those nearest to it the exact distance is the median.
 */
async function familyAnchors(queries: EventQueries, family: AnchorFamily): Promise<readonly Anchors[]> {
  const sql = queries.dialect
  const reach = AGREE / MICROS_PER_SECOND
  const rows = await queries.rows(`
    with one_side as (
      select * from (${family.one(sql)}) as o where anchor in (select anchor from (${family.other(sql)}) as p)
    ), other_side as (
      select * from (${family.other(sql)}) as o where anchor in (select anchor from one_side)
    ), pair as (
      select ${UNITS}, a.anchor as anchor, b."time" - a."time" as difference
      from (${telling('one_side', family.repeats)}) as a join (${telling('other_side', family.repeats)}) as b on a.anchor = b.anchor
      where not (a.evidence = b.evidence and a.host = b.host)
    ), bucket as (
      select ${CLOCKS}, cast(floor(difference / ${MICROS_PER_SECOND}) as bigint) as second, count(distinct anchor) as n
      from pair group by ${CLOCKS}, cast(floor(difference / ${MICROS_PER_SECOND}) as bigint)
    ), near as (
      select ${CLOCKS}, second, cast(sum(n) over (partition by ${CLOCKS} order by second range between ${reach} preceding and ${reach} following) as bigint) as n
      from bucket
    ), best as (
      select ${CLOCKS}, second, n, row_number() over (partition by ${CLOCKS} order by n desc, abs(second), second) as place from near
    ), peak as (
      select ${CLOCKS}, n as likely, second * ${MICROS_PER_SECOND} - ${AGREE} as low, (second + 1) * ${MICROS_PER_SECOND} + ${AGREE} as high
      from best where place = 1 and n >= ${family.minimum} order by n desc, ${CLOCKS} limit ${MAX_PAIRS}
    ), seen as (
      select p.*, k.likely as likely, k.low as low, k.high as high from pair as p join peak as k
        on p."oneEvidence" = k."oneEvidence" and p."oneHost" = k."oneHost"
          and p."otherEvidence" = k."otherEvidence" and p."otherHost" = k."otherHost"
    ), middle as (
      select ${CLOCKS}, max(likely) as likely, count(distinct anchor) as matched,
        ${sql.quantile('case when difference between low and high then difference end', 0.5)} as median
      from seen group by ${CLOCKS}
    )
    select s."oneEvidence" as "oneEvidence", s."oneHost" as "oneHost", s."otherEvidence" as "otherEvidence", s."otherHost" as "otherHost",
      max(m.likely) as likely, count(distinct s.anchor) as n, max(m.median) as median, max(m.matched) as matched,
      ${sql.quantile('abs(s.difference - m.median)', 0.5)} as spread
    from seen as s join middle as m on s."oneEvidence" = m."oneEvidence" and s."oneHost" = m."oneHost"
      and s."otherEvidence" = m."otherEvidence" and s."otherHost" = m."otherHost"
    where s.difference between s.low and s.high
    group by s."oneEvidence", s."oneHost", s."otherEvidence", s."otherHost"
    order by likely desc, s."oneEvidence", s."oneHost", s."otherEvidence", s."otherHost"`)
  return rows.flatMap(row => {
    const count = numberOf(row, 'n')
    // Where most common keys disagree with the peak, the peak is a coincidence of repeated keys.
    if (count < family.minimum || count * 2 < numberOf(row, 'matched')) return []
    return [
      {
        one: { evidence: textOf(row, 'oneEvidence'), host: textOf(row, 'oneHost') },
        other: { evidence: textOf(row, 'otherEvidence'), host: textOf(row, 'otherHost') },
        difference: Math.round(numberOf(row, 'median')),
        spread: Math.round(numberOf(row, 'spread')),
        count,
        basis: family.basis,
      },
    ]
  })
}

/** What a side recorded under keys that do not occur too often with it; counted before it is put in pairs. */
const telling = (side: string, repeats: number): string =>
  `select * from (select *, count(*) over (partition by evidence, host, anchor) as times from ${side}) as counted where times <= ${repeats}`
