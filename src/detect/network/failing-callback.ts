import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { ANSWERED_COLUMNS, bestGroups, flowGroups, flowsOf } from './flow-groups.ts'
import { COMMON_PORTS, HOUSEKEEPING_PORTS, isGroupAddress, lastingOf, UNANSWERED } from './traffic.ts'

/** A person gives up after a few tries; thirty are a program. */
const MANY_TRIES = 30
/** A program that is refused all the time, not a server with a bad day. */
const FAILING_SHARE = 0.9
/** A burst of retries is an error; trying on for minutes is persistence. */
const LASTING_SECONDS = 300
/** A server that is down is missed by everybody; a controller that is gone only by its victim. */
const FEW_CLIENTS = 2

/** A machine tries the same port of the same address again and again, and nobody is there any more. */
export const failingCallback: SetDetector = {
  id: 'network/failing-callback',
  title: 'Repeated calls nobody answers',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1571'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Malware keeps calling its controller after it was taken down or moved; ordinary programs give up or ask for another server.',
  innocent: 'a program whose server was switched off or moved, or a blocked update or licence service',
  prepared: [flowGroups],
  query: sql => `
    with called as (
      select * from flow_group
      where timed and action in ('flow', 'open', 'deny') and protocol = 'tcp' and fromInside and known
        and dstPort is not null and dstPort not in ${HOUSEKEEPING_PORTS} and not ${isGroupAddress(sql, 'dstIp')}),
    tried as (
      select srcIp, dstIp, dstPort, protocol, series, action from called
      where silent >= ${MANY_TRIES} and silent >= ${FAILING_SHARE} * flows and latest - earliest >= ${LASTING_SECONDS} * 1000000),
    rare as (
      select dstIp, dstPort from called where (dstIp, dstPort) in (select dstIp, dstPort from tried)
      group by dstIp, dstPort having count(distinct srcIp) <= ${FEW_CLIENTS}),
    called_rare as (select c.* from called c join rare using (dstIp, dstPort)),
    failing as (select * from (${bestGroups('called_rare', 'srcIp, dstIp, dstPort, protocol')}) best join tried using (srcIp, dstIp, dstPort, protocol, series, action)),
    seen as (
      select *, ${UNANSWERED} as silent from ${flowsOf('failing', `evidence, record, "byteOffset", "time", image, initiatorKnown, ${ANSWERED_COLUMNS}`)} flow
      where "time" is not null and coalesce(initiatorKnown, true))
    select srcIp, dstIp, dstPort, ${sql.isInternalAddress('dstIp')} as inside, count(*) filter (where silent) as failing, count(*) as tries,
      max(case when dstPort not in ${COMMON_PORTS} then 1 else 0 end) as oddPort, min("time") as firstTime, max("time") as lastTime,
      ${sql.distinctList('image', 5)} as images, ${sql.records(undefined, 'silent')} as refs
    from seen
    group by srcIp, dstIp, dstPort
    having count(*) filter (where silent) >= ${MANY_TRIES} and count(*) filter (where silent) >= ${FAILING_SHARE} * count(*)
      and max("time") - min("time") >= ${LASTING_SECONDS} * 1000000
    order by failing desc, srcIp, dstIp, dstPort`,
  finding(row) {
    const client = textOf(row, 'srcIp')
    const peer = `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const odd = numberOf(row, 'oddPort') === 1
    const outside = row['inside'] !== true
    const span = lastingOf((numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6)
    return draftOf(this, {
      title: `${client} tried ${peer} ${numberOf(row, 'failing')} times in ${span} without an answer`,
      object: `${client} > ${peer}`,
      // An outside address on a port no usual service has is not a server the operator forgot to switch off.
      severity: odd && outside ? 'medium' : 'low',
      techniques: odd ? ['T1571'] : ['T1071'],
      hosts: [client],
      addresses: [client, textOf(row, 'dstIp')],
      count: numberOf(row, 'failing'),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'failing'),
      succeeded: false,
    })
  },
}
