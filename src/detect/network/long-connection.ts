import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { bestGroups, flowGroups, flowsOf, WRITTEN_ONCE } from './flow-groups.ts'
import { BEGUN, COMMON_PORTS, HOUSEKEEPING_PORTS, isGroupAddress, lastingOf, sizeOf } from './traffic.ts'

/** Browsers, mail and remote work close or renew connections within a working morning. */
const LONG_HOURS = 4
/** A service many machines keep open for hours (mail push, chat, updates) is the site's habit. */
const FEW_CLIENTS = 2
/** Exporters cut what goes on after a minute (softflowd, nfpcapd) to half an hour (Cisco), and give out what is silent for so long. */
const SHORTEST_PIECE = 50_000_000
const LONGEST_SILENCE = 60_000_000
/** Hours in pieces of half an hour. */
const FEWEST_PIECES = 2 * LONG_HOURS

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
      select distinct srcIp, dstIp, dstPort, protocol, series, action from called
      where fromInside and not toInside
        and (longest >= ${LONG_HOURS} * 3600000000 or (longest >= ${SHORTEST_PIECE} and flows >= ${FEWEST_PIECES} and latest - since >= ${LONG_HOURS} * 3600000000))),
    rare as (
      select dstIp, dstPort from called where (dstIp, dstPort) in (select dstIp, dstPort from lasting_one)
      group by dstIp, dstPort having count(distinct srcIp) <= ${FEW_CLIENTS}),
    called_rare as (select c.* from called c join rare using (dstIp, dstPort)),
    lasting as (select * from (${bestGroups('called_rare', 'srcIp, dstIp, dstPort, protocol')}) best join lasting_one using (srcIp, dstIp, dstPort, protocol, series, action)),
    seen as (
      select *, coalesce(srcPort, 0) as port, ${BEGUN} as begun from ${flowsOf('lasting', 'srcPort, evidence, record, "byteOffset", "time", duration, product, bytesOut, bytesIn, initiatorKnown')} flow
      where coalesce(initiatorKnown, true) and duration is not null and "time" is not null),
    piece as (
      -- nfcapd begins a new file every few minutes, so the reader of one file cannot put them together
      select *, case when product not in ${WRITTEN_ONCE} and begun - max(begun + duration) over (partition by srcIp, port, dstIp, dstPort, protocol order by begun, evidence, record
          rows between unbounded preceding and 1 preceding) <= ${LONGEST_SILENCE} then 0 else 1 end as begins from seen),
    numbered as (select *, sum(begins) over (partition by srcIp, port, dstIp, dstPort, protocol order by begun, evidence, record rows unbounded preceding) as part from piece),
    whole as (
      select srcIp, port, dstIp, dstPort, protocol, part, max(begun + duration) - min(begun) as lasted, count(*) as pieces
      from numbered group by srcIp, port, dstIp, dstPort, protocol, part
      having max(begun + duration) - min(begun) >= ${LONG_HOURS} * 3600000000 and sum(coalesce(bytesOut, 0)) > 0 and sum(coalesce(bytesIn, 0)) > 0)
    select srcIp, dstIp, dstPort, protocol, max(lasted) as longest, max(pieces) as pieces, count(distinct concat(cast(port as varchar), ' ', cast(part as varchar))) as total,
      sum(coalesce(bytesOut, 0)) as sent, sum(coalesce(bytesIn, 0)) as received, max(case when dstPort not in ${COMMON_PORTS} then 1 else 0 end) as oddPort,
      min(begun) as firstTime, max(begun + duration) as lastTime, ${sql.records()} as refs
    from numbered join whole using (srcIp, port, dstIp, dstPort, protocol, part)
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
      why: `${this.why} It sent ${sizeOf(numberOf(row, 'sent'))} and received ${sizeOf(numberOf(row, 'received'))}; hardly any other machine talks to that address${odd ? ', and the port is not a usual one' : ''}.${numberOf(row, 'pieces') > 1 ? ` The exporter cut it: it is put together from ${numberOf(row, 'pieces')} records.` : ''}`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: listOf(row, 'refs').length,
    })
  },
}
