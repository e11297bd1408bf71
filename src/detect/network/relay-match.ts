import type { SqlDialect } from '../../model/index.ts'
import { relayLegs } from './relay-legs.ts'

/** A relay dials as soon as it is asked: within the round trips of its client and its peer. */
const LONGEST_LAG = 1_000_000
/** And it closes one side when the other is closed. */
const LONGEST_END_GAP = 1_500_000
/** Sensors swap neighbouring packets, and two sensors differ a little, so the second leg may seem to begin first. */
const EARLY = 5_000
/** On a busy machine only so many connections are looked at for each one that comes in, the nearest ones. */
const NEIGHBOURS = 4
const SHORTEST_LAG = 20_000
/** What a proxy's greeting (SOCKS, CONNECT with its headers) adds to the leg it comes in on. */
const GREETING = 300
/** Header estimates, repeated packets and rewritten headers make the sizes differ by so much. */
const SIZE_PART = 10
/** Sizes nearer than this part are equal for all that header estimates can say. */
const SIZE_NOISE = 'cast(0.005 as double)'

/** Controls: what came in is moved in time so many times and matched again, on a busy machine each time a part of it. */
const CONTROLS = 100
/** Connections moved at most, and at least this many times as many as really came in: fewer controls would say too little about rare matches. */
const CONTROL_WORK = 500_000
const LEAST_CONTROLS = 5
/** A machine with so many connections both ways is compared with itself in the period in which it was busy. */
const CROWDED = 10
const SECOND = 1_000_000
/** The controls stay this near in time, so that a busy hour is compared with a busy hour. */
const NEAR_IN_TIME = 600_000_000
/** Work by the clock (every full minute) meets by chance at whole minutes; controls that move by whole minutes show how often. */
const MINUTE_CONTROLS = 10
const MINUTE = 60_000_000
/** Fewer matches of one port, none of them with the very same bytes, may be a coincidence that the controls did not meet. */
const ENOUGH_MATCHES = 5
/** Carrying exactly the same bytes both ways says something when they are many. */
const TELLING_BYTES = 10_000
/** A port whose connections match half as often when moved by minutes is served by the clock, and its best matches are luck. */
const BY_THE_CLOCK = 0.5

/** Half a bucket of sizes is what is tolerated: `GREETING + n / SIZE_PART` is nearly `(n + SIZE_ROOM) / SIZE_PART`. */
const SIZE_ROOM = GREETING * SIZE_PART
const SIZE_STEP = 0.23

/** Rates of wrong matches among those claimed: at most the first to be called matched, at most the second to be called possible. */
export const MATCHED_RATE = 0.01
export const POSSIBLE_RATE = 0.2

const PARTNERS = `
      select *, row_number() over (partition by box, k, incoming order by score, lag, outgoing) as ofIncoming,
        row_number() over (partition by box, k, outgoing order by score, lag, incoming) as ofOutgoing`

/** The moves of the controls: 0 is what was recorded, then irregular ones, then whole minutes (from 1001 on). */
function controls(): string {
  const irregular = Array.from({ length: CONTROLS }, (_, index) => {
    // golden ratio: any first n of them are spread evenly
    const share = ((index + 1) * 0.618_033_988_75) % 1
    return `select ${index + 1} as k, ${share.toFixed(6)} as share, 0 as minutes`
  })
  const minutes = Array.from(
    { length: MINUTE_CONTROLS },
    (_, index) => `select ${1001 + index} as k, 0.0 as share, ${index + 1} as minutes`,
  )
  return ['select 0 as k, 0.0 as share, 0 as minutes', ...irregular, ...minutes].join(' union all ')
}

/**
 * CTEs from `connection` and `watch` to `pair`: connections that came to a machine and those that left it, matched one to one by when they
 * began and ended and what they carried. How improbable a match is by chance alone is read from controls: the outgoing side is moved in
 * time and matched again. `pair` has box, incoming, outgoing, lag, endGap, exact, `level` ('matched' or 'possible'), the share of
 * wrong ones among all matches of the machine's port at that level (`matchedRate`, `possibleRate`, estimated), `pooled` (the same over all
 * machines of the evidence) and `controls`.
 */
export function relayMatches(): string {
  return `
    box_of as (select via, row_number() over (order by via) as box from both_sides),
    incoming_leg as (
      select box, leg, dstPort as door, begun, begun + lasted as ended, sent, got, tick, since, until
      from connection join box_of on via = dstIp join watch on watched = series),
    outgoing_leg as (
      select box, leg, begun, begun + lasted as ended, sent, got, tick, since, until
      from connection join box_of on via = srcIp join watch on watched = series),
    crowd as (
      -- how many others begin in the second of one: the mean as one of them sees it, so that bursts count
      select box, sum(n * n) * 1.0 / sum(n) as company, sum(n) as outgoings from (
        select box, floor(begun / 1000000) as second, count(*) as n from outgoing_leg group by box, floor(begun / 1000000)) seconds
      group by box),
    arrivals as (
      select box, count(*) as incomings, max(tick) as tick, min(since) as since, max(until) as until, min(begun) as earliest, max(begun) as latest
      from incoming_leg group by box),
    departures as (
      select box, max(tick) as tick, min(since) as since, max(until) as until, min(begun) as earliest, max(begun) as latest from outgoing_leg group by box),
    period as (
      -- where there is much of both, time without any would only dilute the controls; of a few connections the whole watch counts
      select box, incomings, outgoings, company, greatest(a.tick, d.tick, 1000) as tick, greatest(a.tick, d.tick, ${EARLY}) as early,
        case when least(incomings, outgoings) >= ${CROWDED} then least(a.earliest, d.earliest) - ${SECOND} else least(a.since, d.since) end as since,
        case when least(incomings, outgoings) >= ${CROWDED} then greatest(a.latest, d.latest) + ${SECOND} else greatest(a.until, d.until) end as until
      from arrivals a join departures d using (box) join crowd using (box)),
    shape as (
      select box, tick, early, since, until - since + 1 as span,
        cast(least(${LONGEST_LAG}, greatest(${SHORTEST_LAG}, ${SECOND} * ${NEIGHBOURS} / company)) as bigint) + 2 * early as width,
        -- each control takes every n-th connection
        cast(ceil(${CONTROLS} * 1.0 / least(${CONTROLS}, greatest(${LEAST_CONTROLS}, ${CONTROL_WORK} * 1.0 / incomings))) as bigint) as every,
        cast(least(${MINUTE_CONTROLS / 2}, greatest(1, ceil(${CONTROLS} / 4.0 / least(${CONTROLS}, greatest(${LEAST_CONTROLS}, ${CONTROL_WORK} * 1.0 / incomings))))) as bigint) as minuteEvery
      from period),
    control as (${controls()}),
    move as (
      select box, k, width, early, tick, every, case when k > 1000 then 2 when k > 0 then 1 else 0 end as family, (every - k % every) % every as turn, shift, since, span from (
        select box, k, width, early, tick, case when k = 0 then 1 when k > 1000 then minuteEvery else every end as every,
          case when minutes > 0 then minutes * ${MINUTE} when k = 0 then 0
            -- near rather than far, and by whole ticks, so that a coarse clock meets itself as often as it does without being moved
            else tick * cast(ceil(4 * width * pow(least(${NEAR_IN_TIME}, span - 4 * width) / (4 * width), share) / tick) as bigint) end as shift, since, span
        from shape, control
        where (k between 1 and 1000 and span > 12 * width) or (k > 1000 and span > ${4 * MINUTE_CONTROLS * MINUTE}) or k = 0) moves),
    turned as (
      -- each connection takes part in what was recorded, and in every n-th control
      select i.*, 0 as family, 0 as turn from incoming_leg i
      union all select i.*, 1 as family, abs(leg) % s.every as turn from incoming_leg i join shape s on s.box = i.box
      union all select i.*, 2 as family, abs(leg) % s.minuteEvery as turn from incoming_leg i join shape s on s.box = i.box),
    sought as (
      select i.box, k, leg, door, m.since + (begun - m.since + shift) % span - early as begun, ended - begun as lasted, sent, got, m.tick as tick, early, width
      from turned i join move m on m.box = i.box and m.family = i.family and m.turn = i.turn),
    slotted as (
      select *, cast(floor(begun / width) as bigint) as slot, cast(floor(ln(got + ${SIZE_ROOM}) / ${SIZE_STEP}) as bigint) as size from sought),
    measured as (
      select o.box, leg, begun, ended, sent, got, cast(floor(begun / width) as bigint) as slot, cast(floor(ln(got + ${SIZE_ROOM}) / ${SIZE_STEP}) as bigint) as size,
        -- what is near enough lies in the same bucket or in the one of the nearer side
        case when ln(got + ${SIZE_ROOM}) / ${SIZE_STEP} - floor(ln(got + ${SIZE_ROOM}) / ${SIZE_STEP}) < 0.5 then -1 else 1 end as side
      from outgoing_leg o join shape using (box)),
    offered as (
      -- the outgoing ones stand in all places where they may be looked for: they are there once, what came in once for each control
      select m.*, slot - behind as nearSlot, size + beside * side as nearSize from measured m,
        (select 0 as behind, 0 as beside union all select 0, 1 union all select 1, 0 union all select 1, 1) neighbours),
    edge as (
      select i.box as box, k, door, i.leg as incoming, o.leg as outgoing, o.begun - i.begun - early as lag,
        o.ended - i.begun - i.lasted - early as endGap, i.sent = o.sent and i.got = o.got as exact, i.sent + i.got as bytes,
        -- how improbable it is to be as near as this in all four respects
        round(ln(tick + abs(o.begun - i.begun - early)) + ln(tick + abs(o.ended - i.begun - i.lasted - early))
          + ln(${SIZE_NOISE} + abs(ln((o.sent + 1) / (i.sent + 1)))) + ln(${SIZE_NOISE} + abs(ln((o.got + 1) / (i.got + 1)))), 4) as score
      from slotted i join offered o on o.box = i.box and o.nearSlot = i.slot and o.nearSize = i.size
      where o.begun - i.begun between 0 and width and abs(o.ended - i.begun - i.lasted - early) <= ${LONGEST_END_GAP} + 2 * tick
        and abs(o.sent - i.sent) <= ${GREETING} + greatest(o.sent, i.sent) / ${SIZE_PART}
        and abs(o.got - i.got) <= ${GREETING} + greatest(o.got, i.got) / ${SIZE_PART}),
    first_choice as (select * from (${PARTNERS} from edge) chosen where ofIncoming = 1 and ofOutgoing = 1),
    left_over as (
      select e.* from edge e
      left join first_choice a on a.box = e.box and a.k = e.k and a.incoming = e.incoming
      left join first_choice b on b.box = e.box and b.k = e.k and b.outgoing = e.outgoing
      where a.box is null and b.box is null),
    second_choice as (select * from (${PARTNERS} from left_over) chosen where ofIncoming = 1 and ofOutgoing = 1),
    matched as (select * from first_choice union all select * from second_choice),
    counted as (
      select m.*, ${CONTROLS}.0 / every as controls, ${MINUTE_CONTROLS}.0 / minuteEvery as minuteControls, tick, ${counts('m.box')}, ${counts('m.box, door', 'Door')},
        sum(case when k > 1000 then 1 else 0 end) over (partition by m.box, door) * minuteEvery / ${MINUTE_CONTROLS}
          >= ${BY_THE_CLOCK} * sum(case when k = 0 then 1 else 0 end) over (partition by m.box, door) as clockwork,
        sum(case when k = 0 then 1 else 0 end) over (order by score) as allClaims,
        round(sum(case when k between 1 and 1000 then every / ${CONTROLS}.0 else 0 end) over (order by score), 6) as allByChance
      from matched m join shape using (box)),
    rated as (
      -- one more than was seen: no match in n controls does not mean that there is none in n + 1. Beside a machine's busy relay its other
      -- ports get no better rate than their own
      select *, greatest((byChance + 1.0) / controls / claims, byTheClock / minuteControls / claims,
          byChanceDoor / controls / claimsDoor, byTheClockDoor / minuteControls / claimsDoor) as rate,
        (allByChance + 1.0 / ${CONTROLS}) / allClaims as pooled
      from counted where k = 0),
    claimable as (
      select box as claimBox, door as claimDoor, max(case when rate <= ${MATCHED_RATE} and tick < 1000000
          and (claimsDoor >= ${ENOUGH_MATCHES} or (exact and bytes >= ${TELLING_BYTES} and pooled <= ${MATCHED_RATE})) then score end) as matchedTo,
        max(case when rate <= ${POSSIBLE_RATE} then score end) as possibleTo
      from rated where not clockwork and exists (select 1 from move where move.box = rated.box and k > 0) group by box, door),
    pair as (
      select r.box as box, incoming, outgoing, lag, endGap, exact, score, tick, controls, pooled,
        case when score <= matchedTo then 'matched' else 'possible' end as level,
        max(case when score = matchedTo then rate end) over (partition by r.box, door) as matchedRate,
        max(case when score = possibleTo then rate end) over (partition by r.box, door) as possibleRate
      from rated r join claimable on claimBox = r.box and claimDoor = r.door
      where score <= possibleTo)`
}

/** Cumulative numbers of real matches, of those in irregular controls and of those in controls by whole minutes, as good as each one. */
function counts(keys: string, suffix = ''): string {
  const among = `over (partition by ${keys} order by score)`
  return `sum(case when k = 0 then 1 else 0 end) ${among} as claims${suffix},
        sum(case when k between 1 and 1000 then 1 else 0 end) ${among} as byChance${suffix},
        sum(case when k > 1000 then 1 else 0 end) ${among} as byTheClock${suffix}`
}

/** Query: the single matches behind the findings, with the record numbers of both legs; what `bench:relays` compares with the truth. */
export function relayPairs(sql: SqlDialect): string {
  return `with ${relayLegs(sql)}, ${relayMatches()}
    select via, i.srcIp as client, i.srcPort as clientPort, i.dstPort as viaPort, o.srcPort as outPort, o.dstIp as peer, o.dstPort as peerPort, level, matchedRate, possibleRate, pooled, exact,
      i.record as incoming, o.record as outgoing
    from pair join box_of using (box) join connection i on i.leg = incoming join connection o on o.leg = outgoing
    order by incoming, outgoing`
}
