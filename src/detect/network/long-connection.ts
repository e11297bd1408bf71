import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { bestGroups, flowGroups, flowsOf } from './flow-groups.ts'
import { BEGUN, COMMON_PORTS, HOUSEKEEPING_PORTS, isGroupAddress, lastingOf, sizeOf } from './traffic.ts'

/** Browsers, mail and remote work close or renew connections within a working morning. */
const LONG_HOURS = 4
/** A service many machines keep open for hours (mail push, chat, updates) is the site's habit. */
const FEW_CLIENTS = 2

/** A machine keeps one connection to an outside address open for hours, and hardly anybody else talks to that address. */
export const longConnection: SetDetector = {
  id: 'network/long-connection',
  title: 'Connection open for hours',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1572'],
  severity: 'low',
  confidence: 'low',
  why: 'Tunnels and remote control keep one connection open; ordinary clients close theirs.',
  innocent: 'a VPN, mail push, remote support or a video stream that only one person uses',
  prepared: [flowGroups],
  query: sql => `
    with called as (
      select * from flow_group
      where action in ('flow', 'close') and dstPort is not null and dstPort not in ${HOUSEKEEPING_PORTS} and known and not ${isGroupAddress(sql, 'dstIp')}),
    lasting_one as (
      select distinct srcIp, dstIp, dstPort, protocol, series, action from called where longest >= ${LONG_HOURS} * 3600000000 and fromInside and not toInside),
    rare as (
      select dstIp, dstPort from called where (dstIp, dstPort) in (select dstIp, dstPort from lasting_one)
      group by dstIp, dstPort having count(distinct srcIp) <= ${FEW_CLIENTS}),
    called_rare as (select c.* from called c join rare using (dstIp, dstPort)),
    lasting as (select * from (${bestGroups('called_rare', 'srcIp, dstIp, dstPort, protocol')}) best join lasting_one using (srcIp, dstIp, dstPort, protocol, series, action)),
    seen as (
      select *, ${BEGUN} as begun from ${flowsOf('lasting', 'evidence, record, "byteOffset", "time", duration, product, bytesOut, bytesIn, initiatorKnown')} flow
      where coalesce(initiatorKnown, true))
    select srcIp, dstIp, dstPort, protocol, max(duration) as longest, count(*) as total, sum(coalesce(bytesOut, 0)) as sent, sum(coalesce(bytesIn, 0)) as received,
      ${sql.isInternalAddress('srcIp')} as fromInside, max(case when dstPort not in ${COMMON_PORTS} then 1 else 0 end) as oddPort,
      min(begun) as firstTime, max(begun + duration) as lastTime, ${sql.records()} as refs
    from seen
    where duration >= ${LONG_HOURS} * 3600000000 and coalesce(bytesOut, 0) > 0 and coalesce(bytesIn, 0) > 0
    group by srcIp, dstIp, dstPort, protocol
    order by longest desc, srcIp, dstIp, dstPort`,
  finding(row) {
    const client = textOf(row, 'srcIp')
    const peer = `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const odd = numberOf(row, 'oddPort') === 1
    // A client receives more than it sends; a tunnel that carries somebody's session, or a theft, is the other way round.
    const sends = numberOf(row, 'sent') > numberOf(row, 'received')
    return draftOf(this, {
      title: `${client} kept a connection to ${peer} open for ${lastingOf(numberOf(row, 'longest') / 1e6)}`,
      object: `${client} > ${peer}`,
      severity: odd && sends ? 'medium' : 'low',
      confidence: odd ? 'moderate' : 'low',
      techniques: odd ? ['T1572', 'T1571'] : ['T1572'],
      hosts: [client],
      addresses: [client, textOf(row, 'dstIp')],
      why: `${this.why} It sent ${sizeOf(numberOf(row, 'sent'))} and received ${sizeOf(numberOf(row, 'received'))}; hardly any other machine talks to that address${odd ? ', and the port is not a usual one' : ''}.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
