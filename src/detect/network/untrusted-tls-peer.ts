import { draftOf, listOf, numberOf, type SetDetector, type Severity, textOf } from '../../model/index.ts'
import { tlsPeers } from './tls-peer.ts'
import { lastingOf } from './traffic.ts'

/** Two signs are common among appliances; they count when a program keeps coming back. */
const OFTEN = 10
/** Three signs together are rare enough that a second visit counts. */
const TWICE = 2
/** A server for everybody is known to everybody; a controller of an intrusion has one or two machines. */
const FEW_CLIENTS = 2

/** Remote desktop, mail and directory servers bring their own certificate by habit; the sign only means something on web ports and unusual ones. */
const WEB_PORTS = '(80, 443, 8080)'

/** One or two machines talk TLS to a peer nobody vouches for: self-signed, asked for by address, on a port of its own, under a false name. */
export const untrustedTlsPeer: SetDetector = {
  id: 'network/untrusted-tls-peer',
  title: 'TLS to a peer nobody vouches for',
  on: 'set',
  reads: ['tls_activity'],
  techniques: ['T1573.002'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Control servers of intrusion tools come with self-signed certificates, are addressed by number, and often listen on a port of their own.',
  innocent:
    'the web interface or agent port of an appliance (storage, printer, hypervisor, wireless controller) with the certificate it was delivered with',
  query: sql => `
    with ${tlsPeers(sql)},
    popular as (select dstIp, dstPort, count(distinct srcIp) as clients from session group by dstIp, dstPort),
    visit as (
      select w.*, clients from weighed w join popular p on p.dstIp = w.dstIp and p.dstPort = w.dstPort
      where selfSigned = 1 and clients <= ${FEW_CLIENTS} and (oddPort = 1 or w.dstPort in ${WEB_PORTS}) and ${sql.isInternalAddress('srcIp')}),
    peer as (
      select srcIp, dstIp, dstPort, ${sql.isInternalAddress('dstIp')} as inside, max(nameless) as nameless, max(oddPort) as oddPort, max(falseName) as falseName,
        max(subject) as subject, count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
      from visit group by srcIp, dstIp, dstPort)
    select *, 1 + nameless + oddPort + falseName as signs from peer
    where (1 + nameless + oddPort + falseName >= 3 and total >= ${TWICE}) or (1 + nameless + oddPort + falseName = 2 and total >= ${OFTEN})
    order by signs desc, total desc, srcIp, dstIp, dstPort`,
  finding(row) {
    const client = textOf(row, 'srcIp')
    const peer = `${textOf(row, 'dstIp')}:${numberOf(row, 'dstPort')}`
    const seconds = (numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6
    const signs = [
      'a self-signed certificate',
      ...(numberOf(row, 'nameless') ? ['asked for by address'] : []),
      ...(numberOf(row, 'oddPort') ? [`port ${numberOf(row, 'dstPort')} is not a usual one`] : []),
      ...(numberOf(row, 'falseName')
        ? [`the certificate claims a public name (${textOf(row, 'subject').slice(0, 120)}) that nobody asked for`]
        : []),
    ]
    return draftOf(this, {
      title: `${client} made ${numberOf(row, 'total')} TLS sessions with ${peer}, which nobody vouches for`,
      object: `${client} > ${peer}`,
      severity: severityOf(row['inside'] === true, signs.length, numberOf(row, 'falseName') === 1),
      techniques: numberOf(row, 'oddPort') ? ['T1573.002', 'T1571'] : ['T1573.002'],
      hosts: [client],
      addresses: [client, textOf(row, 'dstIp')],
      why: `${this.why} Here: ${signs.join('; ')}; within ${lastingOf(seconds)}.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}

/** Appliances inside have three signs too (self-signed, by address, port 8443), but they do not pretend to be a public host. */
function severityOf(inside: boolean, signs: number, falseName: boolean): Severity {
  if (inside) return falseName && signs >= 3 ? 'medium' : 'low'
  if (signs < 3) return 'low'
  return falseName ? 'high' : 'medium'
}
