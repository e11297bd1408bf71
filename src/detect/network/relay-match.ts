import type { PreparedTable, SetDetector } from '../../model/index.ts'
import { relayLegs, shownLegs } from './relay-legs.ts'

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
/** Connections of one machine moved at most, all machines together, and at least this many times as many as really came in: fewer say too little about rare matches. */
const CONTROL_WORK = 500_000
const ALL_CONTROL_WORK = 4_000_000
const LEAST_CONTROLS = 5
/** First a few controls of everything: ports that match as often without their own time need no closer look. */
const SCREENS = 20
const LEAST_SCREENS = 3
const SCREEN_WORK = 2_000_000
/** Moves of the screen are others than those of the controls, or the ports would be chosen by what they are then judged by. */
const SCREEN_MOVES = 2_000
/** Fewer matches of a port that are not the very same bytes come together anywhere. */
const FEW_MATCHES = 3
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
const MATCHED_RATE = 0.01
const POSSIBLE_RATE = 0.2
/** Looking at many ports one meets a port with as many matches by chance; so many such ports may be expected in all the evidence. */
const CHANCE_DOORS = 0.05
/** Above the mean of a Poisson distribution, in its deviations and one half, lies the value that 19 of 20 draws stay below. */
const ONE_OF_TWENTY = 1.645

/** Shares of the span that the controls are moved by; with the golden ratio the first n of them, however many, are spread evenly. */
const shareOf = (index: number): string => ((index * 0.618_033_988_75) % 1).toFixed(6)

/** The moves of the controls: irregular ones, and whole minutes (from 1001 on). */
function controls(): string {
  const irregular = Array.from(
    { length: CONTROLS },
    (_, index) => `select ${index + 1} as k, ${shareOf(index + 1)} as share, 0 as minutes`,
  )
  const minutes = Array.from(
    { length: MINUTE_CONTROLS },
    (_, index) => `select ${1001 + index} as k, 0.0 as share, ${index + 1} as minutes`,
  )
  return [...irregular, ...minutes].join(' union all ')
}

/** The moves of the screen; 0 is what was recorded. */
function screens(): string {
  const moved = Array.from(
    { length: SCREENS },
    (_, index) => `select ${SCREEN_MOVES + index} as k, ${shareOf(CONTROLS + 1 + index)} as share`,
  )
  return ['select 0 as k, 0.0 as share', ...moved].join(' union all ')
}

/** What is moved by twice the time that two legs may lie apart does not meet its own other leg, even by a clock that rounds. */
const AWAY = 2
/** A move near rather than far, and by whole ticks, so that a coarse clock meets itself as often as it does without being moved. */
const SHIFT = `tick * cast(ceil(${AWAY} * width * pow(least(${NEAR_IN_TIME}, span - ${AWAY} * width) / (${AWAY} * width), share) / tick) as bigint)`
/** Moving needs room: so far away from what was recorded, both ways round, and as much again to choose from. */
const ROOM = `span > ${3 * AWAY} * width`

const SLOT = (begun: string) => `cast(floor(${begun} / width) as bigint)`
const SIZE = (got: string) => `ln(${got} + ${SIZE_ROOM}) / ${SIZE_STEP}`

/**
 * Machines on both sides (`relay_shape`): how fine their times are told, the period (`since`, `span`), how far apart (`width`) two legs of a
 * relay may begin there, and `early`, by how much in the wrong order.
 */
const relayShapes: PreparedTable = {
  name: 'relay_shape',
  query: () => `
    with crowd as (
      -- how many others begin in the second of one: the mean as one of them sees it, so that bursts count
      select box, sum(n * n) * 1.0 / sum(n) as company, sum(n) as outgoings from (
        select fromBox as box, floor(begun / ${SECOND}) as second, count(*) as n from relay_leg where fromBox is not null group by fromBox, floor(begun / ${SECOND})) seconds
      group by box),
    side as (
      select pair, toBox, fromBox, count(*) as n, min(begun) as earliest, max(begun) as latest from relay_leg group by pair, toBox, fromBox),
    arrivals as (
      select s.toBox as box, sum(n) as incomings, max(tick) as tick, min(since) as since, max(until) as until, min(earliest) as earliest, max(latest) as latest
      from side s join relay_group using (pair) where s.toBox is not null group by s.toBox),
    departures as (
      select s.fromBox as box, max(tick) as tick, min(since) as since, max(until) as until, min(earliest) as earliest, max(latest) as latest
      from side s join relay_group using (pair) where s.fromBox is not null group by s.fromBox),
    period as (
      -- where there is much of both, time without any would only dilute the controls; of a few connections the whole watch counts
      select box, incomings, company, greatest(a.tick, d.tick, 1000) as tick, greatest(a.tick, d.tick, ${EARLY}) as early,
        case when least(incomings, outgoings) >= ${CROWDED} then least(a.earliest, d.earliest) - ${SECOND} else least(a.since, d.since) end as since,
        case when least(incomings, outgoings) >= ${CROWDED} then greatest(a.latest, d.latest) + ${SECOND} else greatest(a.until, d.until) end as until
      from arrivals a join departures d using (box) join crowd using (box))
    select box, incomings, tick, early, since, until - since + 1 as span,
      cast(least(${LONGEST_LAG}, greatest(${SHORTEST_LAG}, ${SECOND} * ${NEIGHBOURS} / company)) as bigint) + 2 * early as width
    from period`,
}

/**
 * CTEs from `sought` (what came in, moved in time) to `matched`: one to one with what went out, by when both began and ended and what they
 * carried, the least improbable first.
 */
function matches(): string {
  const partners = `
      select *, row_number() over (partition by box, k, incoming order by score, lag, outgoing) as ofIncoming,
        row_number() over (partition by box, k, outgoing order by score, lag, incoming) as ofOutgoing`
  return `
    slotted as (select *, ${SLOT('begun')} as slot, cast(floor(${SIZE('got')}) as integer) as size from sought),
    measured as (
      select box, leg, begun, begun + lasted as ended, sent, got, ${SLOT('begun')} as slot, cast(floor(${SIZE('got')}) as integer) as size,
        -- what is near enough lies in the same bucket or in the one of the nearer side
        case when ${SIZE('got')} - floor(${SIZE('got')}) < 0.5 then -1 else 1 end as side
      from relay_leg join relay_shape on box = fromBox where fromBox in (select box from sought_box)),
    offered as (
      -- the outgoing ones stand in all places where they may be looked for: they are there once, what came in once for each control
      select box, leg, begun, ended, sent, got, slot - behind as nearSlot, size + beside * side as nearSize from measured,
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
    first_choice as (select * from (${partners} from edge) chosen where ofIncoming = 1 and ofOutgoing = 1),
    left_over as (
      select e.* from edge e
      left join first_choice a on a.box = e.box and a.k = e.k and a.incoming = e.incoming
      left join first_choice b on b.box = e.box and b.k = e.k and b.outgoing = e.outgoing
      where a.box is null and b.box is null),
    second_choice as (select * from (${partners} from left_over) chosen where ofIncoming = 1 and ofOutgoing = 1),
    matched as (select * from first_choice union all select * from second_choice)`
}

const MATCH = 'box, door, k, incoming, outgoing, lag, endGap, exact, bytes, score'
const MOVED = `since + (begun - since + shift) % span - early as begun`

/**
 * Every connection that came to such a machine, as recorded (k = 0) and moved in time a few times, matched with those that left it
 * (`relay_claim`); `screens` is how many times.
 */
const relayClaims: PreparedTable = {
  name: 'relay_claim',
  query: () => `
    with work as (select greatest(${LEAST_SCREENS}, least(${SCREENS}, floor(${SCREEN_WORK} / greatest(sum(incomings), 1)))) as screens from relay_shape),
    sought_box as (select box from relay_shape),
    move as (
      select box, k, tick, early, since, span, width, case when k = 0 then 0 else ${SHIFT} end as shift
      from relay_shape, (${screens()}) moves, work where k = 0 or (k < ${SCREEN_MOVES} + screens and ${ROOM})),
    sought as (
      select box, k, leg, door, tick, early, width, ${MOVED}, lasted, sent, got from relay_leg join move on box = toBox),
    ${matches()}
    select ${MATCH}, screens from matched, work`,
}

/**
 * Ports that match more often than their screen says chance would (`relay_door`), with the weight of one control and of one by minutes:
 * the more connections there are, the more of them take part in one control only.
 */
const relayDoors: PreparedTable = {
  name: 'relay_door',
  query: () => `
    with ranked as (
      select box, door, k, exact, screens, sum(case when k = 0 then 1 else 0 end) over (partition by box, door order by score) as claims,
        sum(case when k > 0 then 1 else 0 end) over (partition by box, door order by score) as byChance
      from relay_claim),
    kept as (
      select box, door from ranked where k = 0 and (claims >= ${FEW_MATCHES} or exact) group by box, door
      having min((byChance - sqrt(byChance)) / screens / claims) <= ${POSSIBLE_RATE}),
    called as (select k.box as box, count(*) as incomings from kept k join relay_leg l on l.toBox = k.box and l.door = k.door group by k.box),
    thinned as (
      select box, ${CONTROLS}.0 / least(${CONTROLS}, greatest(${LEAST_CONTROLS},
          least(${CONTROL_WORK}, greatest(${CONTROL_WORK / 10}, ${ALL_CONTROL_WORK}.0 / (select count(*) from called))) / incomings)) as share
      from called)
    select box, door, cast(ceil(share) as bigint) as every, cast(least(${MINUTE_CONTROLS / 2}, greatest(1, ceil(share / 4.0))) as bigint) as minuteEvery
    from kept join thinned using (box)`,
}

/** The connections to these ports, moved in time and matched again (`relay_control`): by irregular spans, and by whole minutes (k from 1001 on). */
const relayControls: PreparedTable = {
  name: 'relay_control',
  query: () => `
    with sought_box as (select box, max(every) as every, max(minuteEvery) as minuteEvery from relay_door group by box),
    move as (
      -- each control takes every n-th connection
      select box, k, tick, early, since, span, width, family, (every - k % every) % every as turn, case when minutes > 0 then minutes * ${MINUTE} else ${SHIFT} end as shift
      from (
        select s.*, k, share, minutes, case when k > 1000 then 2 else 1 end as family, case when k > 1000 then minuteEvery else every end as every
        from sought_box join relay_shape s using (box), (${controls()}) control
        where (k <= 1000 and ${ROOM}) or (k > 1000 and span > ${4 * MINUTE_CONTROLS * MINUTE})) moves),
    turned as (
      select toBox as box, l.door as door, leg, begun, lasted, sent, got, family, abs(leg) % (case when family = 2 then minuteEvery else every end) as turn
      from relay_leg l join relay_door d on d.box = toBox and d.door = l.door, (select 1 as family union all select 2) families),
    sought as (
      select i.box as box, k, leg, door, tick, early, width, ${MOVED}, lasted, sent, got
      from turned i join move m on m.box = i.box and m.family = i.family and m.turn = i.turn),
    ${matches()}
    select ${MATCH} from matched`,
}

/** The tables that `relayMatches` is made of. */
export const relayTables: readonly PreparedTable[] = [...relayLegs, relayShapes, relayClaims, relayDoors, relayControls]

/**
 * CTEs up to `pair`: connections that came to a machine and those that left it, matched one to one by when they began and ended and what
 * they carried. How improbable a match is by chance alone is read from controls: the one side is moved in time and matched again.
 * `pair` has box, incoming, outgoing, lag, endGap, exact, `level` ('matched' or 'possible'), the share of wrong ones among all
 * matches of the machine's port at that level (`matchedRate`, `possibleRate`, estimated), `pooled` (the same over all machines of the
 * evidence) and `controls`.
 */
export function relayMatches(): string {
  const place = 'box, door, score'
  return `
    claim as (
      select box, door, incoming, outgoing, lag, endGap, exact, bytes, score, every, minuteEvery from relay_claim join relay_door using (box, door) where k = 0),
    weighed as (
      select ${place}, incoming, 1 as claims, 0 as byChance, 0 as byTheClock, 1 as allClaims, 0.0 as chance from claim
      union all
      select ${place}, null as incoming, 0 as claims, case when k <= 1000 then 1 else 0 end as byChance, case when k > 1000 then 1 else 0 end as byTheClock, 0 as allClaims,
        case when k <= 1000 then every / ${CONTROLS}.0 else 0.0 end as chance
      from relay_control join relay_door using (box, door)
      union all
      -- ports that were not looked at more closely count for what chance does in all the evidence
      select c.box as box, c.door as door, score, null as incoming, 0 as claims, 0 as byChance, 0 as byTheClock, case when k = 0 then 1 else 0 end as allClaims,
        case when k > 0 then 1.0 / screens else 0.0 end as chance
      from relay_claim c left join relay_door d on d.box = c.box and d.door = c.door where d.box is null),
    tested as (select count(*) as doors from (select distinct box, door from relay_claim) seen),
    summed as (
      select ${place}, incoming, ${counts('box')}, ${counts('box, door', 'Door')}, sum(allClaims) over (order by score) as pooledClaims, round(sum(chance) over (order by score), 6) as pooledChance,
        sum(byTheClock) over (partition by box, door) as minuteMatches, sum(claims) over (partition by box, door) as doorMatches
      from weighed),
    counted as (
      select c.*, claimsBox, byChanceBox, byTheClockBox, claimsDoor, byChanceDoor, byTheClockDoor, pooledClaims, pooledChance, ${CONTROLS}.0 / c.every as controls, ${MINUTE_CONTROLS}.0 / c.minuteEvery as minuteControls,
        s.minuteMatches * c.minuteEvery / ${MINUTE_CONTROLS} >= ${BY_THE_CLOCK} * s.doorMatches as clockwork, tick, greatest(1.0, (span - ${2 * AWAY} * width) * 1.0 / tick) as moves
      from claim c join summed s on s.box = c.box and s.door = c.door and s.incoming = c.incoming join relay_shape on relay_shape.box = c.box),
    expected as (
      -- one more than was seen: no match in n controls does not mean that there is none in n + 1; of a short record by a coarse clock there are no n different ones
      select *, byChanceDoor / controls + 1 / least(controls, moves) as mean, (pooledChance + 1.0 / ${CONTROLS}) / pooledClaims as pooled from counted),
    rated as (
      -- beside a machine's busy relay its other ports get no better rate than their own
      select *, greatest((byChanceBox / controls + 1 / least(controls, moves)) / claimsBox, byTheClockBox / minuteControls / claimsBox,
          byChanceDoor / controls / claimsDoor, byTheClockDoor / minuteControls / claimsDoor) as rate,
        -- how many ports of all that were looked at have as many matches by chance: the tail of a Poisson distribution, from above
        doors * case when mean >= claimsDoor then 1 else exp(claimsDoor * (1 + ln(mean / claimsDoor)) - mean) end as chanceDoors,
        -- whole seconds let wrong ones in; what is told of them is what 19 of 20 such ports stay below
        case when tick < ${SECOND} then 0 else least(1, (mean + ${ONE_OF_TWENTY} * sqrt(mean) + 0.5) / claimsDoor) end as atMost
      from expected, tested),
    claimable as (
      select box as claimBox, door as claimDoor, max(case when rate <= ${MATCHED_RATE} and tick < ${SECOND} and chanceDoors <= ${CHANCE_DOORS} and claimsDoor >= ${ENOUGH_MATCHES}
          or rate <= ${MATCHED_RATE} and tick < ${SECOND} and exact and bytes >= ${TELLING_BYTES} and pooled <= ${MATCHED_RATE} then score end) as matchedTo,
        max(case when rate <= ${POSSIBLE_RATE} and (chanceDoors <= ${CHANCE_DOORS} or (exact and pooled <= ${POSSIBLE_RATE})) then score end) as possibleTo
      from rated where not clockwork and exists (select 1 from relay_shape where relay_shape.box = rated.box and ${ROOM}) group by box, door),
    pair as (
      select r.box as box, incoming, outgoing, lag, endGap, exact, score, tick, controls, pooled,
        case when score <= matchedTo then 'matched' else 'possible' end as level,
        max(case when score = matchedTo then rate end) over (partition by r.box, door) as matchedRate,
        max(case when score = possibleTo then greatest(rate, atMost) end) over (partition by r.box, door) as possibleRate
      from rated r join claimable on claimBox = r.box and claimDoor = r.door
      where score <= possibleTo)`
}

/** Cumulative numbers of real matches, of those in irregular controls and of those in controls by whole minutes, as good as each one. */
function counts(keys: string, suffix = 'Box'): string {
  const among = `over (partition by ${keys} order by score)`
  return ['claims', 'byChance', 'byTheClock'].map(name => `sum(${name}) ${among} as ${name}${suffix}`).join(', ')
}

/** The single matches behind the findings, with the record numbers of both legs; what `bench:relays` compares with the truth. */
export const relayPairs: Pick<SetDetector, 'prepared' | 'query'> = {
  prepared: relayTables,
  query:
    () => `with ${relayMatches()}, ${shownLegs('select incoming as leg from pair union all select outgoing as leg from pair')}
    select i.dstIp as via, i.srcIp as client, i.srcPort as clientPort, i.dstPort as viaPort, o.srcPort as outPort, o.dstIp as peer, o.dstPort as peerPort, level, matchedRate, possibleRate, pooled, exact,
      i.record as incoming, o.record as outgoing
    from pair join connection i on i.leg = incoming join connection o on o.leg = outgoing
    order by incoming, outgoing`,
}
