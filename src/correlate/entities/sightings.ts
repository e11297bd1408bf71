import {
  type EventQueries,
  isAddress,
  isInternalAddress,
  isLoopback,
  isMachineName,
  MICROS_PER_HOUR,
  numberOf,
  type Row,
  textOf,
} from '../../model/index.ts'
import type { ClockBook } from '../clocks/clock-book.ts'
import type { ClockUnit } from '../clocks/units.ts'
import { rowsFor } from '../sql.ts'
import type { Sighting } from './host-book.ts'

/** One row of sightings a machine, address and hour is enough to follow leases, and bounds what a year of logs brings into memory. */
const HOUR = `cast(floor("time" / ${MICROS_PER_HOUR}) as bigint)`

/** A machine's own address is in nearly all connections it logs about itself; a busy peer is in many. */
const OWN_SHARE = 0.9

/** Are both the same name, or one the other with its domain? */
const sameName = (a: string, b: string) =>
  `(lower(${a}) = lower(${b}) or (${b} <> '' and (position(lower(${b}) || '.' in lower(${a})) = 1 or position(lower(${a}) || '.' in lower(${b})) = 1)))`

/** Every machine that recorded something, by name, for as long as it did. */
export function recordedNames(units: readonly ClockUnit[], clocks: ClockBook): readonly Sighting[] {
  return units
    .filter(unit => isMachineName(unit.host) && !isAddress(unit.host))
    .map(unit => {
      const offset = clocks.offset(unit.evidence, unit.host)
      return {
        name: unit.host,
        address: '',
        from: unit.firstTime + offset,
        to: unit.lastTime + offset,
        count: unit.events,
        basis: 'its own records',
      }
    })
}

/** Recording hosts whose own connections name one of the addresses: the machines that may have it. */
export async function hostsTouching(queries: EventQueries, addresses: readonly string[]): Promise<readonly string[]> {
  const rows = await rowsFor(
    queries,
    addresses,
    list => `
      select host, count(*) as n from network_activity
      where product in ('sysmon', 'security') and host <> '' and ("srcIp" in (${list}) or "dstIp" in (${list}))
      group by host order by n desc, host limit ${MOST_CANDIDATES}`,
  )
  return [...new Set(rows.map(row => textOf(row, 'host')))].sort()
}

/** A server's address is in the logs of the whole fleet; its own log names it most. */
const MOST_CANDIDATES = 200

/** Addresses of the given recording hosts, from the connections they logged about themselves and the requests they served. */
export async function ownAddresses(
  queries: EventQueries,
  hosts: readonly string[],
  clocks: ClockBook,
): Promise<readonly Sighting[]> {
  const side = (address: string, name: string, source: number, list: string) => `
    select evidence, host, ${HOUR} as hour, ${address} as address, "time", ${source} as source,
      case when ${sameName('host', name)} then 1 else 0 end as named
    from network_activity where host in (${list}) and product in ('sysmon', 'security') and "time" is not null
      and "srcIp" not in ('', '127.0.0.1', '::1') and "dstIp" not in ('127.0.0.1', '::1')`
  const rows = await rowsFor(
    queries,
    hosts,
    list => `
      select evidence, host, hour, address, min("time") as first, max("time") as last, count(*) as n, cast(sum(named) as bigint) as named,
        cast(sum(source) as bigint) as sources from (
        ${side('"srcIp"', '"srcHost"', 1, list)} union all ${side('"dstIp"', '"dstHost"', 0, list)}
      ) as s group by evidence, host, hour, address order by evidence, host, hour, address`,
  )
  const byHost = Map.groupBy(rows, row => textOf(row, 'host'))
  const own = [...byHost.values()].flatMap(ownRows)
  const served = await rowsFor(
    queries,
    hosts,
    list => `
      select evidence, host, ${HOUR} as hour, "serverIp" as address, min("time") as first, max("time") as last, count(*) as n
      from http_activity where host in (${list}) and "serverIp" <> '' and "time" is not null and product not in ('zeek', 'suricata')
      group by evidence, host, ${HOUR}, "serverIp" order by evidence, host, hour, address`,
  )
  return [
    ...own.map(row => sighting(row, clocks, textOf(row, 'host'), 'its own connections')),
    ...served.map(row => sighting(row, clocks, textOf(row, 'host'), 'the requests it served')),
  ].filter(entry => isAddress(entry.address) && !isLoopback(entry.address))
}

/** Where the log names the ends, the name decides; else the one address that is in nearly all connections, an inside one that opens them before others. */
function ownRows(rows: readonly Row[]): readonly Row[] {
  const named = rows.filter(row => numberOf(row, 'named') > 0)
  if (named.length > 0) return named
  const ends = new Map<string, { seen: number; opened: number }>()
  let connections = 0
  for (const row of rows) {
    const address = textOf(row, 'address')
    const known = ends.get(address) ?? { seen: 0, opened: 0 }
    ends.set(address, { seen: known.seen + numberOf(row, 'n'), opened: known.opened + numberOf(row, 'sources') })
    connections += numberOf(row, 'n') / 2
  }
  const [own] = [...ends]
    .filter(([, { seen }]) => seen >= OWN_SHARE * connections)
    .sort(
      ([a, x], [b, y]) =>
        Number(isInternalAddress(b)) - Number(isInternalAddress(a)) || y.opened - x.opened || y.seen - x.seen || (a < b ? -1 : 1),
    )
  return own ? rows.filter(row => textOf(row, 'address') === own[0]) : []
}

/** Names that machines gave for the given addresses: log-ons, Kerberos tickets of computer accounts, DHCP leases. */
export async function namedAddresses(
  queries: EventQueries,
  addresses: readonly string[],
  clocks: ClockBook,
): Promise<readonly Sighting[]> {
  const logons = await rowsFor(
    queries,
    addresses,
    list => `
      select evidence, host, ${HOUR} as hour, "srcIp" as address, "srcHost" as name, min("time") as first, max("time") as last, count(*) as n
      from authentication where "srcIp" in (${list}) and "srcHost" <> '' and "time" is not null
      group by evidence, host, ${HOUR}, "srcIp", "srcHost" order by evidence, host, hour, address, name`,
  )
  const computers = await rowsFor(
    queries,
    addresses,
    (list, sql) => `
      select evidence, host, ${HOUR} as hour, "srcIp" as address, "user" as name, min("time") as first, max("time") as last, count(*) as n
      from authentication where "srcIp" in (${list}) and ${sql.matches('"user"', '\\$(@|$)')} and "time" is not null
      group by evidence, host, ${HOUR}, "srcIp", "user" order by evidence, host, hour, address, name`,
  )
  const leases = await rowsFor(
    queries,
    addresses,
    list => `
      select evidence, host, ${HOUR} as hour, "assignedIp" as address, "clientName" as name, min("time") as first,
        max("time" + coalesce("leaseSeconds", 0) * 1000000) as last, count(*) as n
      from dhcp_activity where "assignedIp" in (${list}) and "clientName" <> '' and "time" is not null
      group by evidence, host, ${HOUR}, "assignedIp", "clientName" order by evidence, host, hour, address, name`,
  )
  return [
    ...logons.map(row => sighting(row, clocks, textOf(row, 'name'), 'the workstation name of its log-ons')),
    ...computers.map(row =>
      sighting(row, clocks, computerName(textOf(row, 'name')), 'the computer account that logged on from it'),
    ),
    ...leases.map(row => sighting(row, clocks, textOf(row, 'name'), 'a DHCP lease')),
  ].filter(entry => isMachineName(entry.name) && !isAddress(entry.name) && !isLoopback(entry.address))
}

/** An interface's own address as IOS and ASA, FortiOS, RouterOS and the settings of home routers write it. */
const INTERFACE_ADDRESS =
  /(?:^|\n)\s*(?:ip address |set ip |(?:\S+ )*address=|(?:lan|wan)\d*_ipaddr=)(\d{1,3}(?:\.\d{1,3}){3})\b/g

/** Addresses that devices have by their own configuration, for as long as the case has records: a saved configuration says what is, not since when. */
export async function configuredAddresses(queries: EventQueries, units: readonly ClockUnit[]): Promise<readonly Sighting[]> {
  const rows = await queries.rows(`
    select distinct host, command from device_config
    where action = 'state' and host <> '' and ${queries.dialect.matches('command', 'ip address |set ip |address=|_ipaddr=')}
      and ${queries.dialect.matches('attribute || object', 'interface|address|ipaddr')} order by host, command`)
  if (rows.length === 0) return []
  const from = units.reduce((least, unit) => Math.min(least, unit.firstTime), Number.POSITIVE_INFINITY)
  const to = units.reduce((most, unit) => Math.max(most, unit.lastTime), Number.NEGATIVE_INFINITY)
  if (from > to) return []
  return rows.flatMap(row =>
    [...textOf(row, 'command').matchAll(INTERFACE_ADDRESS)].map(([, address = '']) => ({
      name: textOf(row, 'host').toLowerCase(),
      address,
      from,
      to,
      count: 1,
      basis: 'its configuration',
    })),
  )
}

/**
 * Names that a name server gave for the given inside addresses: one address record answered by exactly one address. An alias is such a
 * name too, so these are the weakest witnesses of who had an address.
 */
export async function resolvedNames(
  queries: EventQueries,
  addresses: readonly string[],
  clocks: ClockBook,
): Promise<readonly Sighting[]> {
  const rows = await rowsFor(
    queries,
    addresses.filter(isInternalAddress),
    list => `
      select evidence, host, ${HOUR} as hour, answers as address, lower("query") as name, min("time") as first, max("time") as last, count(*) as n
      from dns_activity where answers in (${list}) and "queryType" in ('A', 'AAAA') and position('.' in "query") > 1 and "time" is not null
      group by evidence, host, ${HOUR}, answers, lower("query") order by evidence, host, hour, address, name`,
  )
  return rows
    .map(row => sighting(row, clocks, textOf(row, 'name').replace(/\.$/, ''), 'a DNS answer'))
    .filter(entry => isMachineName(entry.name) && !isAddress(entry.name) && !entry.name.startsWith('_'))
}

/** "PANDALAB\DC01$" and "DC01$@PANDALAB.COM" give "dc01". */
function computerName(account: string): string {
  const bare = account.slice(account.lastIndexOf('\\') + 1)
  return bare.slice(0, Math.max(0, bare.indexOf('$'))).toLowerCase()
}

function sighting(row: Row, clocks: ClockBook, name: string, basis: string): Sighting {
  const offset = clocks.offset(textOf(row, 'evidence'), textOf(row, 'host'))
  return {
    name: name.toLowerCase(),
    address: textOf(row, 'address'),
    from: numberOf(row, 'first') + offset,
    to: numberOf(row, 'last') + offset,
    count: numberOf(row, 'n'),
    basis,
  }
}
