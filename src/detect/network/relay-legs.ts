import type { SqlDialect } from '../../model/index.ts'
import { BEGUN, bestView, isGroupAddress } from './traffic.ts'

/** Headers of one packet of a TCP connection under way: IP 20, TCP 20, the time stamp option 12 (RFC 7323); a frame has 14 more. */
const IP_HEADERS = 52
const FRAME_HEADERS = 66
/** A source that says nothing about its clock is taken to be as fine as NetFlow tells times. */
const USUAL_TICK = 1_000
const SECOND = 1_000_000
/** A gap up to this long in the records of one connection is the exporter cutting it (active time-out), not a new connection. */
const CUT_GAP = 5 * SECOND
/** Sources that write a connection once, however long it lasts. */
const WHOLE = "('zeek', 'suricata', 'fortigate', 'asa', 'pcap')"

/** Bytes without headers, as far as the source lets us tell: both legs of a relay differ in packets, not in what they carry. */
function payload(bytes: string, packets: string): string {
  const headers = `case bytesKind when 'ip' then ${IP_HEADERS} when 'frame' then ${FRAME_HEADERS} else 0 end`
  return `greatest(0, ${bytes} - ${headers} * coalesce(${packets}, 0))`
}

const PLACE = 'evidence, record, "byteOffset", "time"'
const ENDS = 'srcIp, srcPort, dstIp, dstPort'

/**
 * CTEs up to `connection`: TCP connections to and from addresses that are on both sides of connections, each once, records of a cut one
 * put together; with `leg` (a number of its own), `begun`, `lasted`, `sent`, `got` (payload) and `series`. CTE `watch` has the period and
 * `tick`, how fine times are told, of each source.
 */
export function relayLegs(sql: SqlDialect): string {
  return `
    watch as (
      -- a little room on both sides, so that what is moved in time does not lose its neighbours at the edges
      select series as watched, min("time" - coalesce(duration, 0)) - 10 * ${SECOND} as since, max("time") + 10 * ${SECOND} as until,
        -- whole seconds throughout are a clock of seconds, whatever the format could hold
        greatest(max(coalesce(timePrecision, ${USUAL_TICK})), case when max("time" % ${SECOND}) = 0 then ${SECOND} else 1 end) as tick
      from network_activity where "time" is not null and action in ('flow', 'close') group by series),
    finished as (
      select ${PLACE}, identity, ${ENDS}, protocol, series, action, product, ${BEGUN} as begun, duration as lasted,
        ${payload('bytesOut', 'packetsOut')} as sent, ${payload('bytesIn', 'packetsIn')} as got
      from network_activity
      where action in ('flow', 'close') and protocol = 'tcp' and "time" is not null and duration is not null and srcIp <> '' and dstPort is not null
        and bytesOut > 0 and bytesIn > 0 and coalesce(initiatorKnown, true) and coalesce(sampling, 1) <= 1),
    both_sides as (select distinct dstIp as via from finished where dstIp in (select srcIp from finished) and not ${isGroupAddress(sql, 'dstIp')}),
    concerned as (select * from finished where srcIp <> dstIp and (srcIp in (select via from both_sides) or dstIp in (select via from both_sides))),
    best_seen as (${bestView('concerned', 'srcIp, dstIp, dstPort, protocol')}),
    pieces as (
      select *, case when begun - max(begun + lasted) over (partition by ${ENDS} order by begun, identity
          rows between unbounded preceding and 1 preceding) <= ${CUT_GAP} then 0 else 1 end as begins
      from best_seen where product not in ${WHOLE}),
    parts as (select *, sum(begins) over (partition by ${ENDS} order by begun, identity) as part from pieces),
    connection as (
      select identity as leg, ${ENDS}, series, begun, lasted, sent, got, ${PLACE} from best_seen where product in ${WHOLE} and sent > 0 and got > 0
      union all
      select min(identity) as leg, ${ENDS}, min(series) as series, min(begun) as begun, max(begun + lasted) - min(begun) as lasted,
        sum(sent) as sent, sum(got) as got, min(evidence) as evidence, min(record) as record, min("byteOffset") as "byteOffset", min("time") as "time"
      from parts group by ${ENDS}, part having sum(sent) > 0 and sum(got) > 0)`
}
