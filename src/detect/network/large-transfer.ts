import { draftOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { bestGroups, flowGroups, flowsOf } from './flow-groups.ts'
import { COMMON_PORTS, isGroupAddress, sizeOf } from './traffic.ts'

/** The packed directory database of a small company, or some thousand documents. */
const LARGE_BYTES = 50_000_000
/** Clients receive more than they send; a video call sends about as much. */
const ONE_SIDED = 4
/** A service many machines send to is the site's own (backup, mail, cloud storage). */
const FEW_CLIENTS = 2

/** A machine sends much more than it receives to an outside address that hardly anybody else talks to. */
export const largeTransfer: SetDetector = {
  id: 'network/large-transfer',
  title: 'Much data sent out',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1048'],
  severity: 'low',
  confidence: 'low',
  why: 'Data that leaves in one direction to an address only one machine knows may be stolen.',
  innocent: 'a backup to the cloud, a video upload, a large file sent to a partner',
  prepared: [flowGroups],
  query: sql => `
    with called as (
      select * from flow_group
      where timed and action in ('flow', 'close') and fromInside and not toInside and dstPort is not null and not ${isGroupAddress(sql, 'dstIp')} and known),
    large as (select srcIp, dstIp, dstPort, protocol, series, action from called where bytesOut >= ${LARGE_BYTES}),
    rare as (
      select dstIp, dstPort from called where (dstIp, dstPort) in (select dstIp, dstPort from large)
      group by dstIp, dstPort having count(distinct srcIp) <= ${FEW_CLIENTS}),
    called_rare as (select c.* from called c join rare using (dstIp, dstPort)),
    much as (select * from (${bestGroups('called_rare', 'srcIp, dstIp, dstPort, protocol')}) best join large using (srcIp, dstIp, dstPort, protocol, series, action)),
    seen as (
      select *, coalesce(bytesOut, 0) as sent, coalesce(bytesIn, 0) as received from ${flowsOf('much', 'evidence, record, "byteOffset", "time", bytesOut, bytesIn, initiatorKnown')} flow
      where "time" is not null and coalesce(initiatorKnown, true)),
    daily as (
      select srcIp as a, dstIp as b, dstPort as p, cast(floor("time" / ${MICROS_PER_DAY}.0) as bigint) as day, sum(sent) as daySent, sum(received) as dayReceived
      from seen group by 1, 2, 3, 4 having sum(sent) >= ${LARGE_BYTES} and sum(sent) >= ${ONE_SIDED} * sum(received))
    select srcIp, dstIp, dstPort, max(case when dstPort not in ${COMMON_PORTS} then 1 else 0 end) as oddPort, count(distinct day) as days,
      sum(sent) as bytesSent, sum(received) as bytesReceived, count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from seen join daily on a = srcIp and b = dstIp and p = dstPort and day = cast(floor("time" / ${MICROS_PER_DAY}.0) as bigint)
    group by srcIp, dstIp, dstPort
    order by bytesSent desc, srcIp, dstIp, dstPort`,
  finding(row) {
    const client = textOf(row, 'srcIp')
    const peer = `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const odd = numberOf(row, 'oddPort') === 1
    return draftOf(this, {
      title: `${client} sent ${sizeOf(numberOf(row, 'bytesSent'))} to ${peer}`,
      object: `${client} > ${peer}`,
      confidence: odd ? 'moderate' : 'low',
      hosts: [client],
      addresses: [client, textOf(row, 'dstIp')],
      why: `${this.why} It received only ${sizeOf(numberOf(row, 'bytesReceived'))}${odd ? ', and the port is not a usual one' : ''}.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
