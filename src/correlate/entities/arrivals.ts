import {
  type EventQueries,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  numberOf,
  type Row,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import type { ClockBook } from '../clocks/clock-book.ts'
import type { ClockUnit } from '../clocks/units.ts'
import { textList } from '../sql.ts'

/** A machine whose own log of who came agrees with what others recorded of connections to one address: that address is its own. */
export interface ArrivalMatch {
  /** What the machine is called: its host name, or what a log without one is called meanwhile. */
  readonly machine: string
  readonly address: string
  /** From the first to the last arrival that agrees, ordered time. */
  readonly from: number
  readonly to: number
  /** Arrivals that came with a connection to the address, of so many that came with a connection to anywhere. */
  readonly agreeing: number
  readonly arrivals: number
}

/** A log whose machine has no address yet. */
export interface ArrivalLog {
  readonly unit: ClockUnit
  readonly machine: string
}

/** A connection is recorded when it begins, what it carried when it is answered: a log-on or a request follows within seconds. */
const BEFORE = 15 * MICROS_PER_SECOND
const AFTER = 5 * MICROS_PER_SECOND
/** Whoever asks again within ten minutes may do it through the connection that is open: only the first request is an arrival. */
const SITTING = 10 * MICROS_PER_MINUTE
/** Arrivals of one log that are compared, those of different clients first: a share is as well told by some hundred as by all. */
const SAMPLE = 300
/** The same arrivals at other times: how many agree by chance, because their clients are at that address all day. */
const SHIFTS = [-97, -41, 41, 97].map(minutes => minutes * MICROS_PER_MINUTE)

/** Three arrivals at the second of a connection to one address do not happen by chance; the share keeps out what goes along with them. */
const LEAST = 3
/** Sensors miss some; an address that explains less than this share of the arrivals is some other machine the clients use. */
const SHARE = 0.7
/** Of what agrees so much may also agree at other times. */
const CHANCE = 0.3
/** The next best address agrees with at most this share of the best's, or nobody can tell which of both it is (a ticket comes with each log-on). */
const RIVAL = 0.75

/**
 * Finds the addresses of machines by who came to them: log-ons and web requests that a machine logged, beside connections by the same
 * clients at the same moments that a sensor, a firewall or the client itself recorded. A machine named in no lease, log-on or DNS answer,
 * and a log that does not say whose it is, are found this way. An address that several would answer to is given to none.
 */
export async function arrivalMatches(
  queries: EventQueries,
  logs: readonly ArrivalLog[],
  units: readonly ClockUnit[],
  clocks: ClockBook,
): Promise<readonly ArrivalMatch[]> {
  if (logs.length === 0) return []
  const machines = new Map(logs.map(({ unit, machine }) => [`${unit.evidence}\n${unit.host}`, machine]))
  const rows = await queries.rows(statement(queries, logs, orderedTime(queries.dialect, units, clocks)))
  const tallies = new Map<string, Map<string, Tally>>()
  const seen = new Map<string, number>()
  for (const row of rows) {
    const machine = machines.get(`${textOf(row, 'evidence')}\n${textOf(row, 'host')}`)
    if (machine === undefined) continue
    const address = textOf(row, 'address')
    if (address === '') {
      seen.set(machine, (seen.get(machine) ?? 0) + numberOf(row, 'agreeing'))
      continue
    }
    const known = tallies.get(machine) ?? new Map<string, Tally>()
    known.set(address, added(known.get(address), row))
    tallies.set(machine, known)
  }
  return settled(tallies, seen)
}

interface Tally {
  readonly agreeing: number
  readonly chance: number
  readonly from: number
  readonly to: number
}

const added = (known: Tally | undefined, row: Row): Tally => ({
  agreeing: (known?.agreeing ?? 0) + numberOf(row, 'agreeing'),
  chance: (known?.chance ?? 0) + numberOf(row, 'chance') / SHIFTS.length,
  from: Math.min(known?.from ?? Number.POSITIVE_INFINITY, numberOf(row, 'first')),
  to: Math.max(known?.to ?? Number.NEGATIVE_INFINITY, numberOf(row, 'last')),
})

/** Gives each machine the one address that explains its arrivals; an address that is clearly one machine's is no rival for another's. */
function settled(
  tallies: ReadonlyMap<string, ReadonlyMap<string, Tally>>,
  seen: ReadonlyMap<string, number>,
): readonly ArrivalMatch[] {
  const found = new Map<string, ArrivalMatch>()
  for (let more = true; more; ) {
    more = false
    const taken = new Set([...found.values()].map(match => match.address))
    const clear: ArrivalMatch[] = []
    for (const [machine, addresses] of [...tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      if (found.has(machine)) continue
      const [best, rival] = [...addresses]
        .filter(([address]) => !taken.has(address))
        .toSorted(([a, x], [b, y]) => y.agreeing - y.chance - (x.agreeing - x.chance) || (a < b ? -1 : 1))
      if (!best) continue
      const [address, { agreeing, chance, from, to }] = best
      const arrivals = seen.get(machine) ?? 0
      if (agreeing < LEAST || agreeing < SHARE * arrivals || chance > CHANCE * agreeing) continue
      if (rival && rival[1].agreeing > RIVAL * agreeing) continue
      clear.push({ machine, address, from, to, agreeing, arrivals })
    }
    for (const match of clear) {
      // Two machines with the same arrivals stand behind one address (a load balancer): it is neither's name.
      if (clear.some(other => other !== match && other.address === match.address)) continue
      found.set(match.machine, match)
      more = true
    }
  }
  return [...found.values()].toSorted((a, b) => (a.machine < b.machine ? -1 : 1))
}

/** A record's time on the reference clock, as an expression. */
function orderedTime(sql: SqlDialect, units: readonly ClockUnit[], clocks: ClockBook): string {
  const corrected = units.flatMap(({ evidence, host }) => {
    const offset = clocks.offset(evidence, host)
    return offset === 0
      ? []
      : [`when evidence = ${sql.literal(evidence)} and host = ${sql.literal(host)} then "time" + ${offset}`]
  })
  return corrected.length === 0 ? '"time"' : `(case ${corrected.join(' ')} else "time" end)`
}

/** One row for each log and address with the arrivals that agree, and one with address '' for all that came with some connection. */
function statement(queries: EventQueries, logs: readonly ArrivalLog[], ordered: string): string {
  const sql = queries.dialect
  const evidence = textList(sql, [...new Set(logs.map(({ unit }) => unit.evidence))].sort())
  const hosts = textList(sql, [...new Set(logs.map(({ unit }) => unit.host))].sort())
  const slot = `cast(floor("time" / ${SITTING}) as bigint)`
  const came = (client: string, kind: string, more: string) => `
    select evidence, host, ${client} as client, ${slot} as slot, min(${ordered}) as began from ${kind}
    where evidence in (${evidence}) and host in (${hosts}) and ${client} not in ('', '127.0.0.1', '::1') and "time" is not null ${more}
    group by evidence, host, ${client}, ${slot}`
  const near = (shift: number) => `c.began between a.began + ${shift - BEFORE} and a.began + ${shift + AFTER}`
  return `
    with arrived as (
      select evidence, host, client, slot, min(began) as began from (
        ${came('"clientIp"', 'http_activity', `and product not in ('zeek', 'suricata')`)}
        union all ${came('"srcIp"', 'authentication', `and product not in ('zeek', 'suricata')`)}
      ) as a group by evidence, host, client, slot
    ), sittings as (
      select *, lag(slot) over (partition by evidence, host, client order by slot) as before from arrived
    ), turns as (
      select *, row_number() over (partition by evidence, host, client order by slot) as turn from sittings
      where before is null or slot - before > 1
    ), arrival as (
      select * from (
        select *, row_number() over (partition by evidence, host order by turn, slot, client) as place from turns
      ) as t where place <= ${SAMPLE}
    ), connection as (
      select evidence, host, "srcIp" as client, "dstIp" as address, ${ordered} as began from network_activity
      where "srcIp" in (select client from arrival) and "dstIp" <> '' and "srcIp" <> "dstIp" and "time" is not null and action <> 'deny'
    ), pair as (
      select a.evidence as evidence, a.host as host, a.place as place, a.began as began, c.address as address,
        max(case when ${near(0)} then 1 else 0 end) as agreeing,
        ${SHIFTS.map(shift => `max(case when ${near(shift)} then 1 else 0 end)`).join(' + ')} as chance
      from arrival as a join connection as c on c.client = a.client
      where (${[0, ...SHIFTS].map(near).join(' or ')}) and not (c.evidence = a.evidence and c.host = a.host)
      group by a.evidence, a.host, a.place, a.began, c.address
    )
    select evidence, host, address, cast(sum(agreeing) as bigint) as agreeing, cast(sum(chance) as bigint) as chance,
      min(case when agreeing = 1 then began end) as first, max(case when agreeing = 1 then began end) as last
    from pair group by evidence, host, address having sum(agreeing) > 0
    union all
    select evidence, host, '' as address, cast(count(*) as bigint) as agreeing, 0 as chance, 0 as first, 0 as last from (
      select evidence, host, place from pair where agreeing = 1 group by evidence, host, place
    ) as any_connection group by evidence, host
    order by evidence, host, address`
}
