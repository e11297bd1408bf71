import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { flowGroups } from './flow-groups.ts'
import { HOUR_OF, isGroupAddress, UNANSWERED } from './traffic.ts'

/** Addresses on one port that did not answer within an hour: a person or a program with a list of live servers does not miss ten. */
const SILENT_ADDRESSES = 10
/** And they are a good part of all asked: a mail server or a crawler meets some dead ones among many that answer. */
const SILENT_SHARE = 0.3
const ICMP = "('icmp', 'icmp6')"
/** Monitoring asks machines that are there for an echo; where a good part of ten is not there, and so many at least, nobody knew who is. */
const SILENT_ECHOES = 3
/** Ports of one machine that did not answer within an hour. */
const SILENT_PORTS = 15
/** The internet scans every public address all day; the busiest sources by name, the rest together. */
const NAMED_OUTSIDE_SOURCES = 40

/** A datagram from a service's own port to a high port is an answer whose question the sensor missed. */
const ATTEMPT = `dstPort is not null and action in ('flow', 'open', 'deny') and coalesce(initiatorKnown, true)
        and not (protocol = 'udp' and dstPort >= 1024 and (srcPort < 1024 or srcPort in (1900, 3702, 5060, 5353, 5355)))`

/** One source asks many addresses on a port, or many ports of an address, and mostly nobody answers. */
export const scan: SetDetector = {
  id: 'network/scan',
  title: 'Scan for addresses or ports',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1046'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Somebody who does not know the network asks which machines and services exist; people and programs that know it do not meet so many closed doors.',
  innocent:
    'an inventory or vulnerability scanner of the operator, monitoring of machines that were switched off, or a program whose servers are down',
  prepared: [flowGroups],
  query: sql => `
    with seeker as (
      -- who meets hardly a closed door in all need not be looked at
      select srcIp from flow_group where dstPort is not null and action in ('flow', 'open', 'deny') and known and (silent > 0 or protocol in ${ICMP})
      group by srcIp having count(*) >= ${SILENT_ADDRESSES} or max(case when protocol in ${ICMP} then 1 else 0 end) = 1),
    closed as (
      select srcIp, dstIp, dstPort, protocol, ${HOUR_OF} as hour, ${UNANSWERED} as silent
      from network_activity where srcIp in (select srcIp from seeker) and (protocol in ${ICMP} or ${UNANSWERED}) and ${ATTEMPT}),
    many as (
      select srcIp, protocol, dstPort, hour
      from closed
      where not ${isGroupAddress(sql, 'dstIp')} group by srcIp, protocol, dstPort, hour
      having count(distinct case when silent then dstIp end) >= ${SILENT_ADDRESSES}
        or (protocol in ${ICMP} and count(distinct dstIp) >= ${SILENT_ADDRESSES} and count(distinct case when silent then dstIp end) >= ${SILENT_ECHOES})),
    deep as (
      select srcIp, dstIp, hour from closed where silent and not ${isGroupAddress(sql, 'dstIp')} group by srcIp, dstIp, hour
      having count(distinct dstPort) >= ${SILENT_PORTS}),
    attempt as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, protocol, ${HOUR_OF} as hour, ${UNANSWERED} as silent
      from network_activity
      where srcIp in (select srcIp from many union select srcIp from deep) and ${ATTEMPT} and not ${isGroupAddress(sql, 'dstIp')}),
    wide as (
      -- an address that answers this source at other times of the hour is no closed door
      select srcIp, protocol, dstPort, hour from (
        select a.srcIp as srcIp, a.protocol as protocol, a.dstPort as dstPort, a.hour as hour, a.dstIp as dstIp, min(case when a.silent then 1 else 0 end) as shut
        from attempt a join many m on m.srcIp = a.srcIp and m.protocol = a.protocol and m.dstPort = a.dstPort and m.hour = a.hour
        group by a.srcIp, a.protocol, a.dstPort, a.hour, a.dstIp) asked
      group by srcIp, protocol, dstPort, hour
      having sum(shut) >= ${SILENT_SHARE} * count(*)
        and (sum(shut) >= ${SILENT_ADDRESSES} or (protocol in ${ICMP} and count(*) >= ${SILENT_ADDRESSES} and sum(shut) >= ${SILENT_ECHOES}))),
    probe as (
      select a.*, w.hour is not null as horizontal, d.hour is not null as vertical
      from attempt a
      left join wide w on w.srcIp = a.srcIp and w.protocol = a.protocol and w.dstPort = a.dstPort and w.hour = a.hour
      left join deep d on d.srcIp = a.srcIp and d.dstIp = a.dstIp and d.hour = a.hour
      -- of echoes the answered ones belong to the sweep too: they are what it was for
      where (a.silent or (a.protocol in ${ICMP} and w.hour is not null)) and (w.hour is not null or d.hour is not null)),
    source as (
      select srcIp as who, ${sql.isInternalAddress('srcIp')} as inside,
        row_number() over (partition by ${sql.isInternalAddress('srcIp')} order by count(*) desc, srcIp) as place
      from probe group by srcIp)
    select case when inside or place <= ${NAMED_OUTSIDE_SOURCES} then who else '' end as origin, inside,
      count(distinct srcIp) as sources, count(distinct dstIp) as addresses, count(distinct dstPort) as ports, count(*) as total, min(case when protocol in ${ICMP} then 1 else 0 end) as echoes,
      count(*) filter (where horizontal) as horizontalProbes, count(*) filter (where vertical) as verticalProbes,
      min("time") as firstTime, max("time") as lastTime,
      ${sql.distinctList('dstIp', 20)} as targets, ${sql.distinctList('cast(dstPort as varchar)', 12)} as portList,
      ${sql.distinctList('srcIp', 100)} as origins, ${sql.records()} as refs
    from probe join source on who = srcIp
    group by 1, 2 order by inside desc, total desc, origin`,
  finding(row) {
    const inside = row['inside'] === true
    const origins = listOf(row, 'origins')
    const who = textOf(row, 'origin') || `${numberOf(row, 'sources')} further outside addresses`
    const addresses = numberOf(row, 'addresses')
    const ports = numberOf(row, 'ports')
    const targets = listOf(row, 'targets')
    const what =
      addresses > 1
        ? `${addresses} addresses ${numberOf(row, 'echoes') === 1 ? 'by ICMP' : `on ${ports === 1 ? `port ${listOf(row, 'portList')[0] ?? ''}` : `${ports} ports`}`}`
        : `${ports} ports of ${targets[0] ?? ''}`
    return draftOf(this, {
      title: `${who} scanned ${what}`,
      object: `scan by ${who}`,
      severity: inside ? 'low' : 'informational',
      techniques: [inside ? 'T1046' : 'T1595'],
      hosts: inside ? origins : targets,
      addresses: [...origins, ...targets],
      count: numberOf(row, 'total'),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
      succeeded: false,
      ...(inside ? {} : { why: 'The internet scans every public address; it shows who looked, not that anybody came in.' }),
    })
  },
}
