import type { PreparedTable } from '../../model/index.ts'
import { UNANSWERED } from './traffic.ts'

/** A source that says nothing about its clock is taken to be as fine as NetFlow tells times. */
const USUAL_TICK = 1_000
const SECOND = 1_000_000

/** A TCP connection of which both directions, its length and all its packets are known: of these legs of relays can be compared. */
export const CARRIED = 'duration is not null and bytesOut > 0 and bytesIn > 0 and coalesce(sampling, 1) <= 1'

/** Sources that write a connection once, however long it lasts; others cut it every few minutes (active time-out). */
export const WRITTEN_ONCE = "('zeek', 'suricata', 'fortigate', 'asa', 'pcap')"

/**
 * Flows counted by pair, port and log (`flow_group`): what the detectors of traffic decide by. One row for each source address, target
 * address and port, protocol, series, action, whether the source began it for all we know (`known`) and whether it has a time (`timed`);
 * `flows`, of them `silent` (nobody answered) and `carried`; `packets` that nobody answered; sums and extremes of the rest.
 */
export const flowGroups: PreparedTable = {
  name: 'flow_group',
  query: sql => `
    select *, ${sql.isInternalAddress('srcIp')} as fromInside, ${sql.isInternalAddress('dstIp')} as toInside from (
      select srcIp, dstIp, dstPort, protocol, series, action, known, timed, count(*) as flows, sum(silent) as silent, sum(carried) as carried,
        sum(packets) as packets, min("time") as earliest, max("time") as latest, min(begun) as since, max(duration) as longest,
        sum(bytesOut) as bytesOut, sum(bytesIn) as bytesIn, max(precise) as precise, max(fraction) as fraction
      from (
        select srcIp, dstIp, dstPort, protocol, series, action, coalesce(initiatorKnown, true) as known, "time" is not null as timed, "time", duration, bytesOut, bytesIn,
          "time" - coalesce(duration, 0) as begun, case when ${UNANSWERED} then 1 else 0 end as silent, case when protocol = 'tcp' and ${CARRIED} then 1 else 0 end as carried,
          case when coalesce(packetsIn, 0) = 0 and coalesce(bytesIn, 0) = 0 and ${UNANSWERED} then coalesce(packetsOut, 1) else 0 end as packets,
          coalesce(timePrecision, ${USUAL_TICK}) as precise, "time" % ${SECOND} as fraction
        from network_activity where srcIp <> '' and dstIp <> '' and action in ('flow', 'open', 'close', 'deny')) flow
      group by srcIp, dstIp, dstPort, protocol, series, action, known, timed) grouped`,
}

/** The columns beside the keys that `UNANSWERED` asks for. */
export const ANSWERED_COLUMNS = 'state, packetsIn, bytesIn'

const KEYS = 'srcIp, dstIp, dstPort, protocol, series, action'

/** An item of FROM: the flows, with `columns` beside the keys, of the groups in `chosen` (rows of `flow_group`, or some of its keys). */
export function flowsOf(chosen: string, columns: string): string {
  return `(select ${KEYS}, ${columns} from network_activity join (select distinct ${KEYS} from ${chosen}) chosen using (${KEYS}))`
}

/**
 * For each pair and port the groups of the one log that saw it best (most rows of `count`): two sensors, or a host and a sensor whose
 * clocks differ, would count every connection twice and spoil the rhythm. `from` names the rows, `keys` what a pair is.
 */
export function bestGroups(from: string, keys: string, count = 'flows'): string {
  return `select * from (
      select *, row_number() over (partition by ${keys} order by seen desc, series, action) as place from (
        select ${keys}, series, action, sum(${count}) as seen from ${from} group by ${keys}, series, action) logs) ranked
    where place = 1`
}
