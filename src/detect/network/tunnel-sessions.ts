import type { PreparedTable } from '../../model/index.ts'
import { relayLegs } from './relay-legs.ts'

/** A tunnel is open longer than what it carries. */
export const SHORTEST_TUNNEL = 60_000_000
/** Fewer sessions inside may add up by chance. */
const ENOUGH_SESSIONS = 8
/** What the sessions carried must be what the tunnel carried, less its own frames and keep-alives: so much of the direction with more in it. */
const LEAST_EXPLAINED = 0.75
/**
 * The other direction is often small messages, of which frames are the larger part: an SSH packet adds up to 50 bytes to what it carries
 * (RFC 4253 section 6, RFC 4254 section 5.2), and key exchange and log-in take some thousand.
 */
const FRAME = 64
const GREETING = 4_000
const MOST_EXPLAINED = 1.05
/** A place that the machine calls as well when the tunnel is closed is called for its own reasons. */
export const ONLY_INSIDE = 0.9
/** Where somebody is connected most of the time, everything happens while they are. */
const MOST_OF_THE_TIME = 0.5
/** Clients with long connections looked at on one machine, those that carried most; a machine with more of them serves everybody. */
const MOST_CLIENTS = 10
/** Controls: all windows moved in time so many times, further than they are long, or they would still hold their own sessions; fewer would tell too little about one tunnel. */
const CONTROLS = 60
/** The end of a session may be seen a little after that of the tunnel. */
export const LATE = 1_000_000

/** When clients had long connections to machines that call others (`tunnel_open`): `pair`, `box`, `opened`, `closed`, overlapping ones as one stretch. */
const openTimes: PreparedTable = {
  name: 'tunnel_open',
  query: () => `
    with lasting_leg as (
      select pair, toBox as box, begun as opened, begun + lasted as closed, sent, got, packetsOut, packetsIn from relay_leg where toBox is not null and lasted >= ${SHORTEST_TUNNEL}),
    stretched as (
      select *, case when opened <= max(closed) over (partition by pair order by opened, closed rows between unbounded preceding and 1 preceding) then 0 else 1 end as begins from lasting_leg),
    numbered as (select *, sum(begins) over (partition by pair order by opened, closed rows unbounded preceding) as stretch from stretched)
    select pair, box, min(opened) as opened, max(closed) as closed, sum(sent) as sent, sum(got) as got,
      sum(sent - ${FRAME} * packetsOut - ${GREETING}) as bareSent, sum(got - ${FRAME} * packetsIn - ${GREETING}) as bareGot, count(*) as tunnels from numbered group by pair, box, stretch`,
}

/** The clients whose long connections may carry others (`tunnel_client`): not open most of the time, and among those that carried most. */
const tunnelClients: PreparedTable = {
  name: 'tunnel_client',
  query: () => `
    select pair, box, client, sent, got, tunnels, since, span, longest,
      least(${LEAST_EXPLAINED} * sent, case when got < sent then ${LEAST_EXPLAINED} * sent else coalesce(bareSent, ${LEAST_EXPLAINED} * sent) end) as leastSent,
      least(${LEAST_EXPLAINED} * got, case when got >= sent then ${LEAST_EXPLAINED} * got else coalesce(bareGot, ${LEAST_EXPLAINED} * got) end) as leastGot
    from (
      select f.pair as pair, box, srcIp as client, f.sent as sent, f.got as got, f.bareSent as bareSent, f.bareGot as bareGot, f.tunnels as tunnels, f.longest as longest, since, until - since as span,
        row_number() over (partition by box order by f.sent + f.got desc, f.pair) as place
      from (select pair, box, sum(sent) as sent, sum(got) as got, sum(bareSent) as bareSent, sum(bareGot) as bareGot, sum(tunnels) as tunnels, sum(closed - opened) as openTime, max(closed - opened) as longest from tunnel_open group by pair, box) f
      join relay_group g on g.pair = f.pair where openTime <= ${MOST_OF_THE_TIME} * (until - since)) ranked
    where place <= ${MOST_CLIENTS}`,
}

/** The places that such machines call (`tunnel_target`), how often, and from when to when. */
const tunnelTargets: PreparedTable = {
  name: 'tunnel_target',
  query: () => `
    select l.fromBox as box, l.pair as target, max(g.dstIp) as peer, count(*) as calls, min(begun) as firstBegun, max(begun + lasted) as lastEnded, sum(l.sent) as sent, sum(l.got) as got
    from relay_leg l join relay_group g on g.pair = l.pair where l.fromBox in (select box from tunnel_client) group by l.fromBox, l.pair`,
}

/**
 * CTEs from `move` (k: how far all windows are moved) to `bound` (the places that are called while a client's windows are open, and hardly
 * otherwise) and `explained` (clients whose connections carried what was carried there).
 */
function explained(): string {
  return `
    opening as (
      select a.pair as family, a.box as box, k, a.since + (opened - a.since + case when k = 0 then 0 else cast(a.longest + (a.span - 2 * a.longest) * (k * 0.61803398875 - floor(k * 0.61803398875)) as bigint) end) % a.span as began,
        closed - opened as lasting, client
      from tunnel_open o join tunnel_client a on a.pair = o.pair, move),
    hull as (select family, box, k, min(client) as client, min(began) as hullBegan, max(began + lasting) as hullEnded from opening group by family, box, k),
    candidate as (
      select family, k, target, calls from hull h join tunnel_target t on t.box = h.box
      where firstBegun >= hullBegan and lastEnded <= hullEnded + ${LATE} and peer <> client),
    happening as (
      select family, k, began, began + lasting as shut, cast(null as bigint) as target, cast(null as bigint) as ended, 0 as sent, 0 as got, 0 as isSession from opening
      union all
      select family, k, begun as began, cast(null as bigint) as shut, target, begun + lasted as ended, l.sent as sent, l.got as got, 1 as isSession
      from candidate c join relay_leg l on l.pair = target),
    held as (
      -- stretches do not overlap, so the one that began last is the only one that may hold a session
      select *, max(shut) over (partition by family, k order by began, isSession rows unbounded preceding) as openUntil from happening),
    place as (
      select family, k, target, count(*) as calls, sum(case when ended <= openUntil + ${LATE} then 1 else 0 end) as inside,
        sum(case when ended <= openUntil + ${LATE} then sent else 0 end) as sent, sum(case when ended <= openUntil + ${LATE} then got else 0 end) as got
      from held where isSession = 1 group by family, k, target),
    bound as (select * from place where inside >= ${ONLY_INSIDE} * calls),
    explained as (
      select family, k, sum(inside) as sessions, sum(b.sent) as sent, sum(b.got) as got
      from bound b join tunnel_client a on a.pair = family group by family, k
      having sum(inside) >= ${ENOUGH_SESSIONS} and sum(b.sent) between max(leastSent) and ${MOST_EXPLAINED} * max(a.sent)
        and sum(b.got) between max(leastGot) and ${MOST_EXPLAINED} * max(a.got))`
}

/** Clients whose long connections carried what the machine carried to places it calls only then (`tunnel_told`). */
const toldTunnels: PreparedTable = {
  name: 'tunnel_told',
  query: () => `with move as (select 0 as k), ${explained()}
    select family, target, sessions, e.sent as sent, e.got as got from explained e join bound using (family)`,
}

const numbers = Array.from({ length: CONTROLS }, (_, k) => `select ${k + 1} as k`).join(' union all ')

/** How often the same comes together when all windows are moved in time (`tunnel_chance`): `hits`, of so many `controls`, of all clients. */
const tunnelChance: PreparedTable = {
  name: 'tunnel_chance',
  query: () => `with move as (select k from (${numbers}) control where exists (select 1 from tunnel_told)), ${explained()}
    select count(*) as hits, ${CONTROLS} as controls from explained`,
}

/** The tables behind sessions that may come out of a tunnel. */
export const tunnelTables: readonly PreparedTable[] = [
  ...relayLegs,
  openTimes,
  tunnelClients,
  tunnelTargets,
  toldTunnels,
  tunnelChance,
]
