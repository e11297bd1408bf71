import { draftOf, listOf, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { relayLegs } from './relay-legs.ts'
import { ADMIN_PORTS, lastingOf, sizeOf } from './traffic.ts'

/** A tunnel is open longer than what it carries. */
const SHORTEST_TUNNEL = 60_000_000
/** Fewer sessions inside may add up by chance. */
const ENOUGH_SESSIONS = 8
/** What the sessions carried must be what the tunnel carried, less its own frames and keep-alives, in both directions. */
const LEAST_EXPLAINED = 0.75
const MOST_EXPLAINED = 1.05
/** A machine that is as busy when the tunnel is closed is busy for its own reasons. */
const ELSEWHERE = 0.2

/** One long connection comes in, many sessions go out only while it is open, and together they carry what it carries. */
export const multiplexedTunnel: SetDetector = {
  id: 'network/multiplexed-tunnel',
  title: 'Sessions that may come out of a tunnel',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1572', 'T1090'],
  severity: 'low',
  confidence: 'low',
  why: 'Forwarding over SSH and similar tunnels puts many sessions into one connection; the machine at its end then speaks for somebody else.',
  innocent: 'somebody logged in to the machine and worked from it, or a job that was started there',
  query: sql => `
    with ${relayLegs(sql)},
    tunnel as (
      select leg, srcIp as client, dstIp as via, dstPort as viaPort, begun as opened, begun + lasted as closed, sent, got, evidence, record, "byteOffset", "time"
      from connection where lasted >= ${SHORTEST_TUNNEL} and dstIp in (select via from both_sides)),
    inner_session as (
      select t.leg as tunnel, c.leg as session, c.srcIp, c.dstIp, c.dstPort, c.sent, c.got, c.begun, c.lasted, c.evidence as evidence, c.record as record,
        c."byteOffset" as "byteOffset", c."time" as "time"
      from tunnel t join connection c on c.srcIp = t.via and c.begun >= t.opened and c.begun + c.lasted <= t.closed and c.dstIp <> t.client),
    around as (
      -- as long before and after as the tunnel was open
      select t.leg as tunnel, count(*) as others from tunnel t join connection c on c.srcIp = t.via
        and ((c.begun < t.opened and c.begun >= t.opened - (t.closed - t.opened)) or (c.begun > t.closed and c.begun <= t.closed + (t.closed - t.opened)))
      group by t.leg),
    explained as (
      select tunnel, count(*) as sessions, sum(sent) as sent, sum(got) as got, count(distinct dstIp) as peers, min(dstIp) as peer, min(dstPort) as peerPort,
        max(case when dstPort in ${ADMIN_PORTS} then 1 else 0 end) as admin, ${sql.records(500)} as refs
      from inner_session group by tunnel having count(*) >= ${ENOUGH_SESSIONS})
    select client, via, viaPort, sessions, peers, peer, peerPort, admin, e.sent as carriedOut, e.got as carriedIn, t.sent as tunnelOut, t.got as tunnelIn, coalesce(others, 0) as others,
      concat(t.evidence, ':', cast(t.record as varchar), ':', cast(t."byteOffset" as varchar)) as tunnelRef, opened as firstTime, closed as lastTime, e.refs as refs
    from tunnel t join explained e on e.tunnel = t.leg left join around a on a.tunnel = t.leg
    where e.sent between ${LEAST_EXPLAINED} * t.sent and ${MOST_EXPLAINED} * t.sent and e.got between ${LEAST_EXPLAINED} * t.got and ${MOST_EXPLAINED} * t.got
      and coalesce(others, 0) <= ${ELSEWHERE} * sessions
    order by firstTime, client, via, viaPort`,
  finding(row) {
    const via = textOf(row, 'via')
    const client = textOf(row, 'client')
    const place = `${via}:${numberOf(row, 'viaPort')}`
    const peer = numberOf(row, 'peers') === 1 ? textOf(row, 'peer') : `${numberOf(row, 'peers')} addresses`
    const evidence = [textOf(row, 'tunnelRef'), ...listOf(row, 'refs')]
    const share = (name: string, whole: string) => `${Math.round((100 * numberOf(row, name)) / numberOf(row, whole))} %`
    return draftOf(this, {
      title: `${numberOf(row, 'sessions')} sessions of ${via} with ${peer} are consistent with coming out of the connection of ${client} to ${place}`,
      object: `${client} > ${place}`,
      hosts: [via],
      addresses: [client, via, textOf(row, 'peer')],
      why: `${this.why} The connection was open for ${lastingOf((numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6)}; the sessions lay within it and carried ${share('carriedOut', 'tunnelOut')} and ${share('carriedIn', 'tunnelIn')} of what it carried (${sizeOf(numberOf(row, 'tunnelOut') + numberOf(row, 'tunnelIn'))}); as long before and after, the machine opened ${numberOf(row, 'others')} others. Sums agree by chance more often than single connections do: consistent with, no proof. A capture, or the log of the tunnel's program, would tell.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      count: numberOf(row, 'sessions'),
      evidence,
      evidenceTotal: evidence.length,
      hops: [
        {
          via,
          viaPort: numberOf(row, 'viaPort'),
          from: client,
          to: textOf(row, 'peer'),
          toPort: numberOf(row, 'peerPort'),
          grade: 'consistent',
          basis: 'by sessions that lay within the one that came in and carried together what it carried',
          count: numberOf(row, 'sessions'),
          firstTime: micros(numberOf(row, 'firstTime')),
          lastTime: micros(numberOf(row, 'lastTime')),
        },
      ],
    })
  },
}
