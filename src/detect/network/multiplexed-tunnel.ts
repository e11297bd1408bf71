import { draftOf, listOf, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { relayLegs, shownLegs } from './relay-legs.ts'
import { ADMIN_PORTS, lastingOf, sizeOf } from './traffic.ts'

/** A tunnel is open longer than what it carries. */
const SHORTEST_TUNNEL = 60_000_000
/** Fewer sessions inside may add up by chance. */
const ENOUGH_SESSIONS = 8
/** What the sessions carried must be what the tunnel carried, less its own frames and keep-alives, in both directions. */
const LEAST_EXPLAINED = 0.75
const MOST_EXPLAINED = 1.05
/** A place that the machine calls as well when the tunnel is closed is called for its own reasons. */
const ONLY_INSIDE = 0.9
/** Where somebody is connected most of the time, everything happens while they are. */
const MOST_OF_THE_TIME = 0.5
/** Clients with long connections looked at on one machine, those that carried most; a machine with more of them serves everybody. */
const MOST_CLIENTS = 10
/** Controls: all windows moved in time so many times; on a busy machine fewer, but too few of them tell nothing. */
const CONTROLS = 60
const LEAST_CONTROLS = 20
const CONTROL_WORK = 6_000_000
/** Rate of such sums by chance, all tunnels together, up to which one is told. */
const CHANCE_RATE = 0.05
/** The end of a session may be seen a little after that of the tunnel. */
const LATE = 1_000_000

/** Records listed with one finding. */
const SHOWN_SESSIONS = 500
const SHOWN_TUNNELS = 50

/** 0 is what was recorded. */
const numbers = (last: number): string => Array.from({ length: last + 1 }, (_, k) => `select ${k} as k`).join(' union all ')

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
  prepared: relayLegs,
  query: sql => `
    with lasting_leg as (
      select pair, toBox as box, begun as opened, begun + lasted as closed, sent, got from relay_leg where toBox is not null and lasted >= ${SHORTEST_TUNNEL}),
    stretched as (
      select *, case when opened <= max(closed) over (partition by pair order by opened, closed rows between unbounded preceding and 1 preceding) then 0 else 1 end as begins from lasting_leg),
    numbered as (select *, sum(begins) over (partition by pair order by opened, closed rows unbounded preceding) as stretch from stretched),
    open_time as (select pair, box, min(opened) as opened, max(closed) as closed, sum(sent) as sent, sum(got) as got, count(*) as tunnels from numbered group by pair, box, stretch),
    family as (
      select f.pair as pair, box, srcIp as client, f.sent as sent, f.got as got, f.tunnels as tunnels, since, until - since as span, row_number() over (partition by box order by f.sent + f.got desc, f.pair) as place
      from (select pair, box, sum(sent) as sent, sum(got) as got, sum(tunnels) as tunnels, sum(closed - opened) as opentime from open_time group by pair, box) f join relay_group g on g.pair = f.pair
      where opentime <= ${MOST_OF_THE_TIME} * (until - since)),
    asked as (select * from family where place <= ${MOST_CLIENTS}),
    session as (
      select l.fromBox as box, l.pair as target, g.dstIp as peer, begun, begun + lasted as ended, sent, got
      from relay_leg l join relay_group g on g.pair = l.pair where l.fromBox in (select box from asked)),
    total as (select box, target, peer, count(*) as sessions from session group by box, target, peer),
    amount as (select least(${CONTROLS}, greatest(${LEAST_CONTROLS}, ${CONTROL_WORK} / greatest(1, (select sum(sessions) from total)))) as controls),
    move as (select k from (${numbers(CONTROLS)}) control, amount where k <= controls),
    opening as (
      select a.pair as family, k, a.since + (opened - a.since + cast(a.span * (k * 0.61803398875 - floor(k * 0.61803398875)) as bigint)) % a.span as began, closed - opened as lasting, a.client as client
      from open_time o join asked a on a.pair = o.pair, move),
    happening as (
      select family, k, began, began + lasting as shut, cast(null as bigint) as target, cast(null as bigint) as ended, 0 as sent, 0 as got, 0 as isSession from opening
      union all
      select a.pair as family, k, begun as began, cast(null as bigint) as shut, target, ended, s.sent as sent, s.got as got, 1 as isSession
      from asked a join session s on s.box = a.box and s.peer <> a.client, move),
    held as (
      -- stretches do not overlap, so the one that began last is the only one that may hold a session
      select *, max(shut) over (partition by family, k order by began, isSession rows unbounded preceding) as openUntil from happening),
    place as (
      select family, k, target, count(*) as calls, count(*) filter (where ended <= openUntil + ${LATE}) as inside, sum(case when ended <= openUntil + ${LATE} then sent else 0 end) as sent,
        sum(case when ended <= openUntil + ${LATE} then got else 0 end) as got
      from held where isSession = 1 group by family, k, target),
    explained as (
      select family, k, sum(inside) as sessions, sum(p.sent) as sent, sum(p.got) as got
      from place p join asked a on a.pair = family where inside >= ${ONLY_INSIDE} * calls group by family, k
      having sum(inside) >= ${ENOUGH_SESSIONS} and sum(p.sent) between ${LEAST_EXPLAINED} * max(a.sent) and ${MOST_EXPLAINED} * max(a.sent)
        and sum(p.got) between ${LEAST_EXPLAINED} * max(a.got) and ${MOST_EXPLAINED} * max(a.got)),
    chance as (
      select max(controls) as controls, (count(*) filter (where k > 0) + 1.0) / max(controls) / greatest(1, count(*) filter (where k = 0)) as rate from explained, amount),
    told as (
      select e.*, a.client as client, a.box as box, a.tunnels as tunnels, a.sent as tunnelOut, a.got as tunnelIn from explained e join asked a on a.pair = e.family where k = 0),
    inner_leg as (
      select t.family as family, l.leg as leg, l.begun as begun, l.lasted as lasted, row_number() over (partition by t.family order by l.begun, l.leg) as nth
      from told t join place p on p.family = t.family and p.k = 0 and p.inside >= ${ONLY_INSIDE} * p.calls join relay_leg l on l.pair = p.target
      join open_time o on o.pair = t.family and l.begun >= o.opened and l.begun + l.lasted <= o.closed + ${LATE}),
    ${shownLegs(`select leg from inner_leg where nth <= ${SHOWN_SESSIONS} union all select leg from relay_leg where lasted >= ${SHORTEST_TUNNEL} and pair in (select family from told)`)},
    way as (
      select family, count(distinct dstIp) as peers, min(dstIp) as peer, min(dstPort) as peerPort, max(case when dstPort in ${ADMIN_PORTS} then 1 else 0 end) as admin, ${sql.records(SHOWN_SESSIONS)} as refs
      from inner_leg i join connection c on c.leg = i.leg group by family),
    tunnel as (
      select l.pair as family, min(c.begun) as opened, max(c.begun + c.lasted) as closed, ${sql.records(SHOWN_TUNNELS)} as tunnelRefs
      from relay_leg l join connection c on c.leg = l.leg where l.pair in (select family from told) and l.lasted >= ${SHORTEST_TUNNEL} group by l.pair),
    planned as (${plannedRelays(sql, '(select g.dstIp as via from told join relay_group g on g.pair = family)', ['via'])})
    select t.client as client, g.dstIp as via, g.dstPort as viaPort, t.sessions as sessions, tunnels, peers, peer, peerPort, admin, t.sent as carriedOut, t.got as carriedIn, tunnelOut, tunnelIn, rate, controls,
      coalesce(plannedRole, '') as role, opened as firstTime, closed as lastTime, refs, tunnelRefs
    from told t join relay_group g on g.pair = t.family join way w on w.family = t.family join tunnel u on u.family = t.family left join planned on plannedMachine = g.dstIp, chance
    where rate <= ${CHANCE_RATE}
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
