import type { SegmentKind } from '../segments/segment-writer.ts'
import { literal, quotedName } from './dialect.ts'
import type { Engine } from './engine.ts'

/**
 * Two text logs whose series differ only by folder are copies of one log when at least this share of the lines in their common
 * period is the same. A copy, a grown log or a rotated piece shares nearly every line of that period (1.0; some loss by a broken
 * copy is allowed for); logs of two machines share only the odd probe that hit both in the same second.
 */
const SAME_LOG_SHARE = 0.8
/** Lines compared for one pair; identities are hashes, so every n-th of them is a fair and repeatable sample. */
const COMPARED_LINES = 20_000
/** Records of Windows logs carry computer, channel and record number in their identity: equal ones are the same record anywhere. */
const NUMBERED_SERIES = 'evtx|'

/** Flow records are named by both ends, first packet and bytes whoever keeps them: equal ones of two sensors are the same flow. */
const FLOW_PRODUCTS = `('zeek', 'suricata', 'pcap', 'netflow', 'argus')`

/** Segment files of one kind. */
export interface KindFiles {
  readonly kind: SegmentKind
  readonly source: string
}

/** Kinds with duplicates; the records to leave out are in table `duplicate_KIND` (evidence, record, byteOffset). */
export type KindsWithDuplicates = ReadonlySet<SegmentKind>

/**
 * Finds records that several items hold. Without overlapping items this is one grouped pass over two columns a kind;
 * identities are compared only for series that two items have for the same period.
 * Table `item_rank` (evidence, rank, format) says which item keeps the record.
 */
export async function findDuplicates(engine: Engine, kinds: readonly KindFiles[]): Promise<KindsWithDuplicates> {
  const found = new Set<SegmentKind>()
  for (const { kind, source } of kinds) {
    await engine.run(`create or replace temp table span as
      select evidence, series, min("time") as lo, max("time") as hi, count(*) as lines
      from ${source} where series <> '' group by all`)
    await engine.run(`create or replace temp table shared_series as
      select distinct a.series from span a join span b on a.series = b.series and a.evidence < b.evidence
        and coalesce(a.lo <= b.hi and b.lo <= a.hi, true)
      union
      select distinct series from ${source} where carved and series <> ''
      union
      select series from span join item_rank using (evidence) where starts_with(series, '${NUMBERED_SERIES}') and format <> 'evtx'`)
    const [candidates] = await engine.rows('select count(*) as series from shared_series')
    if (Number(candidates?.series ?? 0) > 0 && (await findInKind(engine, kind, source))) found.add(kind)
    if (kind === 'network_activity' && (await findSameFlows(engine, source, found.has(kind)))) found.add(kind)
  }
  for (const table of ['span', 'shared_series', 'same_log']) await engine.run(`drop table if exists ${table}`)
  return found
}

async function findInKind(engine: Engine, kind: SegmentKind, source: string): Promise<boolean> {
  const table = quotedName(`duplicate_${kind}`)
  // What was found in unused space is a copy wherever the whole record is there too.
  // Lines that repeat within one text file are events of their own; a numbered record that repeats is the same one.
  await engine.run(`create or replace temp table keyed as
    select evidence, record, "byteOffset", series, identity, "time", coalesce(carved, false) as carved,
      row_number() over (
        partition by evidence, series, identity,
          case when starts_with(series, '${NUMBERED_SERIES}') then record else 0 end,
          case when starts_with(series, '${NUMBERED_SERIES}') then "byteOffset" else 0 end
        order by record, "byteOffset") as occurrence
    from ${source} where series in (select series from shared_series)`)
  await engine.run('create or replace temp table same_log (series varchar, evidence varchar, log integer)')
  for (const { series, evidence, log } of sameLogs(await comparedPairs(engine)))
    await engine.run(`insert into same_log values (${literal(series)}, ${literal(evidence)}, ${log})`)
  await engine.run(`create or replace temp table ${table} as
    select evidence, record, "byteOffset" from (
      select k.evidence, k.record, k."byteOffset", row_number() over (
        partition by k.series, k.identity, k.occurrence,
          case when starts_with(k.series, '${NUMBERED_SERIES}') then '' else coalesce(s.log::varchar, k.evidence) end
        order by k.carved, r.rank, k.record, k."byteOffset") as nth
      from keyed k join item_rank r using (evidence) left join same_log s on s.series = k.series and s.evidence = k.evidence)
    where nth > 1`)
  await engine.run('drop table keyed')
  const [count] = await engine.rows(`select count(*) as records from ${table}`)
  return Number(count?.records ?? 0) > 0
}

/**
 * Flows that items of different sensors hold, whatever their series: they need not share most of their records as copies of one log
 * do, because two sensors see the same flow where their views overlap. Of one product only: what else a product says of a flow is joined
 * by an id of its own. Adds to the duplicates found before.
 */
async function findSameFlows(engine: Engine, source: string, isBegun: boolean): Promise<boolean> {
  const [overlaps] = await engine.rows(`
    with flow_span as (select evidence, min("time") as lo, max("time") as hi from ${source} where product in ${FLOW_PRODUCTS} group by all)
    select count(*) as pairs from flow_span a join flow_span b on a.evidence < b.evidence and a.lo <= b.hi and b.lo <= a.hi`)
  if (Number(overlaps?.pairs ?? 0) === 0) return false
  const table = quotedName('duplicate_network_activity')
  if (!isBegun) await engine.run(`create or replace temp table ${table} (evidence varchar, record bigint, "byteOffset" bigint)`)
  await engine.run(`insert into ${table}
    select evidence, record, "byteOffset" from (
      select f.evidence, f.record, f."byteOffset",
        row_number() over (partition by f.product, f.identity, f.occurrence order by r.rank, f.record, f."byteOffset") as nth
      from (
        select evidence, record, "byteOffset", product, identity,
          row_number() over (partition by evidence, product, identity order by record, "byteOffset") as occurrence
        from ${source} where product in ${FLOW_PRODUCTS} and "time" is not null and srcIp <> '') f
      join item_rank r using (evidence))
    where nth > 1
    except select evidence, record, "byteOffset" from ${table}`)
  const [count] = await engine.rows(`select count(*) as records from ${table}`)
  return Number(count?.records ?? 0) > 0
}

interface ComparedPair {
  readonly series: string
  readonly first: string
  readonly second: string
}

/** Pairs of items that hold the same text log. */
async function comparedPairs(engine: Engine): Promise<ComparedPair[]> {
  await engine.run(`create or replace temp table sampled as
    select k.* from keyed k join (
      select series, greatest(1, max(lines) // ${COMPARED_LINES}) as step from span group by series) using (series)
    where not starts_with(series, '${NUMBERED_SERIES}') and identity % step = 0`)
  const rows = await engine.rows(`
    with shared as (
      select a.series, a.evidence as first, b.evidence as second, count(*) as lines
      from sampled a join sampled b using (series, identity, occurrence) where a.evidence < b.evidence group by all),
    windows as (
      select s.*, greatest(x.lo, y.lo) as lo, least(x.hi, y.hi) as hi
      from shared s join span x on x.series = s.series and x.evidence = s.first join span y on y.series = s.series and y.evidence = s.second),
    held as (
      select w.series, w.first, w.second, w.lines,
        count(*) filter (where k.evidence = w.first) as in_first, count(*) filter (where k.evidence = w.second) as in_second
      from windows w join sampled k on k.series = w.series and k.evidence in (w.first, w.second)
        and coalesce(k."time" between w.lo and w.hi, true)
      group by all)
    select series, first, second from held where lines >= ${SAME_LOG_SHARE} * least(in_first, in_second) order by all`)
  await engine.run('drop table sampled')
  return rows.map(row => ({ series: String(row.series), first: String(row.first), second: String(row.second) }))
}

/** Joins pairs into logs: Monday's copy and Wednesday's need not overlap when Tuesday's overlaps both. */
function sameLogs(pairs: readonly ComparedPair[]): readonly { series: string; evidence: string; log: number }[] {
  const logs = new Map<string, { series: string; evidence: string; log: number }>()
  let next = 0
  for (const { series, first, second } of pairs) {
    const members = [first, second].map(evidence => logs.get(`${series}\n${evidence}`))
    const log = members[0]?.log ?? members[1]?.log ?? next++
    const merged = new Set(members.flatMap(member => (member ? [member.log] : [])))
    for (const member of logs.values()) if (merged.has(member.log)) member.log = log
    for (const evidence of [first, second]) logs.set(`${series}\n${evidence}`, { series, evidence, log })
  }
  return [...logs.values()]
}
