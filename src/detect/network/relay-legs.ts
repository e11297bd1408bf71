import type { PreparedTable } from '../../model/index.ts'
import { bestGroups, CARRIED, flowGroups, WRITTEN_ONCE } from './flow-groups.ts'
import { BEGUN, isGroupAddress } from './traffic.ts'

/** Headers of one packet of a TCP connection under way: IP 20, TCP 20, the time stamp option 12 (RFC 7323); a frame has 14 more. */
const IP_HEADERS = 52
const FRAME_HEADERS = 66
const SECOND = 1_000_000
/** A gap up to this long in the records of one connection is the exporter cutting it (active time-out), not a new connection. */
const CUT_GAP = 5 * SECOND

/** Bytes without headers, as far as the source lets us tell: both legs of a relay differ in packets, not in what they carry. */
function payload(bytes: string, packets: string): string {
  const headers = `case bytesKind when 'ip' then ${IP_HEADERS} when 'frame' then ${FRAME_HEADERS} else 0 end`
  return `greatest(0, ${bytes} - ${headers} * coalesce(${packets}, 0))`
}

/**
 * Pairs and ports with a machine that is on both sides of TCP connections, in the log that saw them best (`relay_group`): `pair` numbers
 * them, `toBox` and `fromBox` number the machine that is called and the one that calls, NULL when it is on one side only. `since`,
 * `until` and `tick` are the period of the log and how fine it tells times.
 */
const relayGroups: PreparedTable = {
  name: 'relay_group',
  query: sql => `
    with carrying as (
      select * from flow_group where carried > 0 and timed and known and protocol = 'tcp' and action in ('flow', 'close') and dstPort is not null),
    both_sides as (
      select via, row_number() over (order by via) as box
      from (select distinct dstIp as via from carrying where dstIp in (select srcIp from carrying) and not ${isGroupAddress(sql, 'dstIp')}) machines),
    concerned as (
      select c.*, i.box as toBox, o.box as fromBox from carrying c left join both_sides i on i.via = c.dstIp left join both_sides o on o.via = c.srcIp
      where c.srcIp <> c.dstIp and (i.box is not null or o.box is not null)),
    best as (${bestGroups('concerned', 'srcIp, dstIp, dstPort, toBox, fromBox', 'carried')}),
    watch as (
      -- a little room on both sides, so that what is moved in time does not lose its neighbours at the edges
      select series as watched, min(since) - 10 * ${SECOND} as since, max(latest) + 10 * ${SECOND} as until,
        -- whole seconds throughout are a clock of seconds, whatever the format could hold
        greatest(max(precise), case when max(fraction) = 0 then ${SECOND} else 1 end) as tick
      from flow_group where timed and action in ('flow', 'close') group by series)
    select cast(row_number() over (order by srcIp, dstIp, dstPort) as integer) as pair, srcIp, dstIp, dstPort, series, action,
      cast(toBox as integer) as toBox, cast(fromBox as integer) as fromBox, since, until, tick
    from best join watch on watched = series`,
}

/**
 * The connections of these pairs (`relay_leg`), each once, records of a cut one put together: `leg` (the identity of its first record), `pair`,
 * `srcPort`, `door` (the port that was called), both machines' numbers, `begun`, `lasted`, `sent` and `got` (payload), and packets.
 */
const relayConnections: PreparedTable = {
  name: 'relay_leg',
  query: () => `
    with record_of as (
      select pair, toBox, fromBox, dstPort as door, identity, srcPort, product, ${BEGUN} as begun, duration as lasted,
        ${payload('bytesOut', 'packetsOut')} as sent, ${payload('bytesIn', 'packetsIn')} as got, packetsOut, packetsIn
      from network_activity join relay_group using (srcIp, dstIp, dstPort, series, action)
      where protocol = 'tcp' and "time" is not null and coalesce(initiatorKnown, true) and ${CARRIED}),
    pieces as (
      select *, case when begun - max(begun + lasted) over (partition by pair, srcPort order by begun, identity
          rows between unbounded preceding and 1 preceding) <= ${CUT_GAP} then 0 else 1 end as begins
      from record_of where product not in ${WRITTEN_ONCE}),
    parts as (select *, sum(begins) over (partition by pair, srcPort order by begun, identity) as part from pieces)
    select identity as leg, pair, srcPort, cast(door as integer) as door, toBox, fromBox, begun, lasted, sent, got,
      cast(packetsOut as integer) as packetsOut, cast(packetsIn as integer) as packetsIn
    from record_of where product in ${WRITTEN_ONCE} and sent > 0 and got > 0
    union all
    select min(case when begins = 1 then identity end) as leg, pair, srcPort, cast(min(door) as integer) as door, min(toBox) as toBox, min(fromBox) as fromBox,
      min(begun) as begun, max(begun + lasted) - min(begun) as lasted, sum(sent) as sent, sum(got) as got,
      cast(sum(packetsOut) as integer) as packetsOut, cast(sum(packetsIn) as integer) as packetsIn
    from parts group by pair, srcPort, part having sum(sent) > 0 and sum(got) > 0`,
}

/** The tables of connections to and from machines that are on both sides of connections. */
export const relayLegs: readonly PreparedTable[] = [flowGroups, relayGroups, relayConnections]

/** CTEs up to `connection`: legs (`legs` is a query of their numbers) with both ends and the place of their first record. */
export function shownLegs(legs: string): string {
  return `
    wanted_leg as (select distinct leg as wanted from (${legs}) legs),
    shown_leg as (
      select leg, srcIp, srcPort, dstIp, dstPort, series, action, begun, lasted, sent, got
      from relay_leg join wanted_leg on wanted = leg join relay_group using (pair)),
    first_record as (
      -- a number is a digest: both ends must agree, and of the same record written twice the first one is shown
      select s.*, n.evidence as evidence, n.record as record, n."byteOffset" as "byteOffset", n."time" as "time",
        row_number() over (partition by s.leg order by n.evidence, n.record, n."byteOffset") as place
      from shown_leg s join (
        select identity, srcIp, srcPort, dstIp, dstPort, series, action, evidence, record, "byteOffset", "time"
        from network_activity where identity in (select wanted from wanted_leg)) n
      on n.identity = s.leg and n.srcIp = s.srcIp and n.dstIp = s.dstIp and n.dstPort = s.dstPort and coalesce(n.srcPort, 0) = coalesce(s.srcPort, 0)
        and n.series = s.series and n.action = s.action),
    connection as (select * from first_record where place = 1)`
}
