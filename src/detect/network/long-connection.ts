import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { BEGUN, bestView, COMMON_PORTS, HOUSEKEEPING_PORTS, isGroupAddress, lastingOf, sizeOf } from './traffic.ts'

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
  query: sql => `
    with call as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, protocol, series, action, duration, bytesOut, bytesIn, ${BEGUN} as begun from network_activity
      where action in ('flow', 'close') and srcIp <> '' and dstPort is not null and dstPort not in ${HOUSEKEEPING_PORTS}
        and coalesce(initiatorKnown, true) and not ${isGroupAddress(sql, 'dstIp')}),
    popular as (select dstIp as host, dstPort as port, count(distinct srcIp) as clients from call group by dstIp, dstPort),
    seen as (${bestView('call', 'srcIp, dstIp, dstPort, protocol')})
    select srcIp, dstIp, dstPort, protocol, max(duration) as longest, count(*) as total, sum(coalesce(bytesOut, 0)) as sent, sum(coalesce(bytesIn, 0)) as received,
      ${sql.isInternalAddress('srcIp')} as fromInside, max(case when dstPort not in ${COMMON_PORTS} then 1 else 0 end) as oddPort,
      min(begun) as firstTime, max(begun + duration) as lastTime, ${sql.records()} as refs
    from seen join popular on host = dstIp and port = dstPort
    where duration >= ${LONG_HOURS} * 3600000000 and clients <= ${FEW_CLIENTS} and coalesce(bytesOut, 0) > 0 and coalesce(bytesIn, 0) > 0
      and ${sql.isInternalAddress('srcIp')} and not ${sql.isInternalAddress('dstIp')}
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
