import { draftOf, listOf, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { shownLegs } from './relay-legs.ts'
import { ADMIN_PORTS, lastingOf, sizeOf } from './traffic.ts'
import { LATE, SHORTEST_TUNNEL, tunnelTables } from './tunnel-sessions.ts'

/** Rate of such sums by chance, all tunnels together, up to which one is told. */
const CHANCE_RATE = 0.05
/** Records listed with one finding. */
const SHOWN_SESSIONS = 500
const SHOWN_TUNNELS = 50

/** One long connection comes in, many sessions go out only while it is open, and together they carry what it carries. */
export const multiplexedTunnel: SetDetector = {
  id: 'network/multiplexed-tunnel',
  title: 'Sessions that may come out of a tunnel',
  on: 'set',
  reads: ['network_activity', 'other_activity'],
  techniques: ['T1572', 'T1090'],
  severity: 'low',
  confidence: 'low',
  why: 'Forwarding over SSH and similar tunnels puts many sessions into one connection; the machine at its end then speaks for somebody else.',
  innocent: 'somebody logged in to the machine and worked from it, or a job that was started there',
  prepared: tunnelTables,
  query: sql => `
    with told as (
      select family, max(sessions) as sessions, max(t.sent) as sent, max(t.got) as got, max(a.client) as client, max(a.tunnels) as tunnels, max(a.sent) as tunnelOut, max(a.got) as tunnelIn
      from tunnel_told t join tunnel_client a on a.pair = family group by family),
    inner_leg as (
      select family, l.leg as leg, row_number() over (partition by family order by l.begun, l.leg) as nth
      from tunnel_told t join relay_leg l on l.pair = t.target join tunnel_open o on o.pair = family and l.begun >= o.opened and l.begun + l.lasted <= o.closed + ${LATE}),
    ${shownLegs(`select leg from inner_leg where nth <= ${SHOWN_SESSIONS} union all select leg from relay_leg where lasted >= ${SHORTEST_TUNNEL} and pair in (select family from told)`)},
    way as (
      select family, count(distinct dstIp) as peers, min(dstIp) as peer, min(dstPort) as peerPort, max(case when dstPort in ${ADMIN_PORTS} then 1 else 0 end) as admin, ${sql.records(SHOWN_SESSIONS)} as refs
      from inner_leg i join connection c on c.leg = i.leg group by family),
    tunnel as (
      select l.pair as family, min(c.begun) as opened, max(c.begun + c.lasted) as closed, ${sql.records(SHOWN_TUNNELS)} as tunnelRefs
      from relay_leg l join connection c on c.leg = l.leg where l.pair in (select family from told) and l.lasted >= ${SHORTEST_TUNNEL} group by l.pair),
    planned as (${plannedRelays(sql, '(select g.dstIp as via from told join relay_group g on g.pair = family)', ['via'])})
    select t.client as client, g.dstIp as via, g.dstPort as viaPort, t.sessions as sessions, t.tunnels as tunnels, peers, peer, peerPort, admin, t.sent as carriedOut, t.got as carriedIn, tunnelOut, tunnelIn, (hits + 1.0) / controls / (select count(*) from told) as rate, controls,
      coalesce(plannedRole, '') as role, opened as firstTime, closed as lastTime, refs, tunnelRefs
    from told t join relay_group g on g.pair = t.family join way w on w.family = t.family join tunnel u on u.family = t.family left join planned on plannedMachine = g.dstIp, tunnel_chance
    where (hits + 1.0) / controls / (select count(*) from told) <= ${CHANCE_RATE}
    order by firstTime, client, via, viaPort`,
  finding(row) {
    const via = textOf(row, 'via')
    const client = textOf(row, 'client')
    const place = `${via}:${numberOf(row, 'viaPort')}`
    const peer = numberOf(row, 'peers') === 1 ? textOf(row, 'peer') : `${numberOf(row, 'peers')} addresses`
    const evidence = [...listOf(row, 'tunnelRefs'), ...listOf(row, 'refs')]
    const share = (name: string, whole: string) => `${Math.round((100 * numberOf(row, name)) / numberOf(row, whole))} %`
    const tunnels = numberOf(row, 'tunnels')
    const role = textOf(row, 'role')
    return draftOf(this, {
      title: `${numberOf(row, 'sessions')} sessions of ${via} with ${peer} are consistent with coming out of ${tunnels === 1 ? 'the connection' : `${tunnels} connections`} of ${client} to ${place}`,
      object: `${client} > ${place}`,
      ...(role === '' ? {} : { severity: 'informational' as const, innocent: plannedWork(role) }),
      hosts: [via],
      addresses: [client, via, textOf(row, 'peer')],
      why: `${this.why} The sessions lay within ${tunnels === 1 ? `the connection, which was open for ${lastingOf((numberOf(row, 'lastTime') - numberOf(row, 'firstTime')) / 1e6)},` : 'the connections'} and carried ${share('carriedOut', 'tunnelOut')} and ${share('carriedIn', 'tunnelIn')} of what ${tunnels === 1 ? 'it' : 'they'} carried (${sizeOf(numberOf(row, 'tunnelOut') + numberOf(row, 'tunnelIn'))}); the machine hardly calls these places otherwise. Moved in time ${numberOf(row, 'controls')} times, such sums come together at a rate that makes ${(100 * numberOf(row, 'rate')).toFixed(1)} % of what is told so wrong. Sums agree by chance more often than single connections do: consistent with, no proof. A capture, or the log of the tunnel's program, would tell.`,
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
