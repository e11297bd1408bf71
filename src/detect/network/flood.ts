import { draftOf, listOf, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { flowGroups } from './flow-groups.ts'
import { lastingOf, UNANSWERED } from './traffic.ts'

/** Packets of an hour that nobody answers: three a second all the time is no retry of a program, whose pauses grow. */
const MANY_PACKETS = 10_000
/** Sources that send to one place in such an hour; more are one finding. */
const MANY_SOURCES = 20

/** Somebody keeps sending to a place that does not answer. Background: it explains load, gaps and full logs; it is nobody's way in. */
export const flood: SetDetector = {
  id: 'network/flood',
  title: 'Stream of packets without an answer',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1498'],
  severity: 'informational',
  confidence: 'moderate',
  why: 'Thousands of packets an hour without an answer are a flood or a broken program; they fill logs and hide what matters.',
  innocent:
    'name service broadcasts of a misconfigured machine, a stream whose receiver is gone, or a sensor that sees one direction only',
  prepared: [flowGroups],
  query: sql => `
    with place as (
      select dstIp as floodedIp, dstPort as floodedPort, protocol as floodedBy from flow_group where timed and action in ('flow', 'deny')
      group by dstIp, dstPort, protocol having sum(packets) >= ${MANY_PACKETS}),
    sent as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, protocol, coalesce(packetsOut, 1) as packets, coalesce(duration, 0) as lasted,
        cast(floor("time" / ${MICROS_PER_HOUR}) as bigint) as hour
      from network_activity join place on floodedIp = dstIp and (floodedPort = dstPort or (floodedPort is null and dstPort is null)) and floodedBy = protocol
      where srcIp <> '' and dstIp <> '' and "time" is not null and action in ('flow', 'deny') and coalesce(packetsIn, 0) = 0 and coalesce(bytesIn, 0) = 0 and ${UNANSWERED}),
    hot as (
      select dstIp as target, dstPort as port, protocol as proto, hour as "at", count(distinct srcIp) as sources from sent
      group by dstIp, dstPort, protocol, hour having sum(packets) >= ${MANY_PACKETS})
    select case when sources > ${MANY_SOURCES} then '' else srcIp end as origin, dstIp, dstPort, protocol, count(distinct srcIp) as sources,
      sum(packets) as packets, min("time") as firstTime, max("time" + lasted) as lastTime, max(case when ${sql.isInternalAddress('srcIp')} then 1 else 0 end) as fromInside,
      count(*) as total, ${sql.distinctList('srcIp', 100)} as origins, ${sql.records(200)} as refs
    from sent join hot on target = dstIp and (port = dstPort or (port is null and dstPort is null)) and proto = protocol and "at" = hour
    group by 1, dstIp, dstPort, protocol having sum(packets) >= ${MANY_PACKETS}
    order by packets desc, origin, dstIp, dstPort`,
  finding(row) {
    const target = row['dstPort'] === null ? textOf(row, 'dstIp') : `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const who = textOf(row, 'origin') || `${numberOf(row, 'sources')} addresses`
    const span = lastingOf((numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6)
    return draftOf(this, {
      title: `${who} sent ${numberOf(row, 'packets')} packets to ${target} in ${span}, without an answer`,
      object: `${who} > ${target}`,
      severity: numberOf(row, 'fromInside') === 1 ? 'low' : 'informational',
      hosts: numberOf(row, 'fromInside') === 1 && textOf(row, 'origin') !== '' ? [who] : [],
      addresses: [...listOf(row, 'origins'), textOf(row, 'dstIp')],
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      count: numberOf(row, 'packets'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
      // Nobody answered.
      succeeded: false,
    })
  },
}
