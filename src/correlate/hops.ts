import {
  type EventQueries,
  isAddress,
  isInternalAddress,
  isMachineAccount,
  listOf,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  micros,
  numberOf,
  type Row,
  type SourceRef,
  type SqlDialect,
  sourceRefOf,
  textOf,
} from '../model/index.ts'
import { type CaseFinding, isRemoteWork } from './case-finding.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { type Account, accountOf, sameAccount } from './entities/accounts.ts'
import type { HostBook } from './entities/host-book.ts'
import { Intervals } from './intervals.ts'
import { inferred, type Link, nameOf, observed } from './links.ts'
import { SAME_SITTING, SAME_VISIT } from './presence.ts'
import { bareAccountSql, rowsFor, textList } from './sql.ts'
import { SESSION_MACHINE } from './tunnels.ts'

/** A log-on or connection from one machine to another, as recorded; hours of the same are one hop. */
export interface Hop {
  readonly fromMachine: string
  readonly toMachine: string
  readonly sourceAddress: string
  readonly account: string
  readonly technique: string
  readonly title: string
  /** Ordered times. */
  readonly from: number
  readonly to: number
  /** As recorded. */
  readonly time: number
  readonly evidence: readonly SourceRef[]
  readonly evidenceTotal: number
  /** How many machines reached the same place in the same way on that day. */
  readonly sources: number
  /** Both the log-on and the connection were recorded. */
  readonly bothSeen?: true
}

/** Resolves the machine behind an inside address at an ordered time; sessions of a tunnel before leases. */
export type MachineAt = (address: string, moment: number) => string

/** Records kept with one hop; the first ones show it. */
const HOP_RECORDS = 50
/** Rows of one query at most, an hour of one source, target, account and kind each. */
const MOST_ROWS = 20_000
/** A place that so many machines reach on one day is a server doing its work: who else was there says nothing. */
const BUSY = 10
/** Somebody who logs on to act acts soon; without a common account a later act is not tied to the log-on. */
const SOON = MICROS_PER_HOUR

/** Ports on which one machine is worked on from another, and the technique that is. */
const REMOTE_PORTS: ReadonlyMap<number, { readonly technique: string; readonly name: string }> = new Map([
  [22, { technique: 'T1021.004', name: 'SSH' }],
  [135, { technique: 'T1047', name: 'remote procedure calls' }],
  [139, { technique: 'T1021.002', name: 'SMB' }],
  [445, { technique: 'T1021.002', name: 'SMB' }],
  [3389, { technique: 'T1021.001', name: 'remote desktop' }],
  [5900, { technique: 'T1021.005', name: 'VNC' }],
  [5985, { technique: 'T1021.006', name: 'WinRM' }],
  [5986, { technique: 'T1021.006', name: 'WinRM' }],
])

const HOUR = `cast(floor("time" / ${MICROS_PER_HOUR}) as bigint)`
const DAY = `cast(floor("time" / ${MICROS_PER_DAY}) as bigint)`

/** What hops are looked for: to which machines, from which addresses or by which accounts, on which days. */
export interface HopSearch {
  /** Recording names and addresses of the machines that findings are on. */
  readonly hosts: readonly string[]
  readonly own: readonly string[]
  /** Addresses that findings name, those of their machines included. */
  readonly addresses: readonly string[]
  /** Names without domain of the accounts of findings. */
  readonly accounts: readonly string[]
  /** Recorded days (days since 1970) of the findings and their neighbours. */
  readonly days: readonly number[]
  readonly clocks: ClockBook
  readonly hostBook: HostBook
  readonly machineAt: MachineAt
}

/** Successful log-ons on the given machines, from the given addresses or by the given accounts. */
export async function logonHops(queries: EventQueries, search: HopSearch): Promise<readonly Hop[]> {
  if (search.days.length === 0) return []
  const rows = await rowsFor(
    queries,
    search.hosts,
    (list, sql) => `
      with logons as (
        select *, ${DAY} as day, ${bareAccountSql(sql, '"user"')} as bare from authentication
        where host in (${list}) and action = 'logon' and outcome <> 'failure' and "time" is not null
          and "srcIp" not in ('', '127.0.0.1', '::1') and ${DAY} in (${search.days.join(', ')})
      ), busy as (
        select host as place, day as "on", count(distinct "srcIp") as sources from logons group by host, day
      )
      select host, evidence, "srcIp" as address, "user" as account, coalesce("logonType", 0) as type, protocol,
        min("time") as first, max("time") as last, count(*) as n, max(sources) as sources, ${sql.records(HOP_RECORDS)} as refs
      from logons join busy on host = place and day = "on"
      where bare in (${orNothing(search.accounts, sql)}) or "srcIp" in (${orNothing(search.addresses, sql)})
      group by host, evidence, "srcIp", "user", coalesce("logonType", 0), protocol, ${HOUR}
      order by first, host, address, account, type limit ${MOST_ROWS}`,
  )
  return rows.map(row => {
    const type = numberOf(row, 'type')
    const protocol = textOf(row, 'protocol')
    const ssh = protocol === 'password' || protocol === 'publickey'
    const how = type === 10 ? 'remote desktop' : ssh ? 'SSH' : type === 3 ? 'a network log-on' : 'a log-on'
    const technique = type === 10 ? 'T1021.001' : ssh ? 'T1021.004' : 'T1021'
    return hopOf(row, search, textOf(row, 'account'), technique, how, (place, moment) =>
      search.hostBook.hostOf(textOf(place, 'host'), micros(moment)),
    )
  })
}

/** Addresses kept of those that the accounts of findings came from. */
const MOST_SOURCES = 500

/** Inside addresses from which the given accounts logged on to the given machines in those days: whose they were decides who came. */
export async function logonSources(
  queries: EventQueries,
  { hosts, accounts, days }: Pick<HopSearch, 'hosts' | 'accounts' | 'days'>,
): Promise<readonly string[]> {
  if (days.length === 0 || accounts.length === 0) return []
  const rows = await rowsFor(
    queries,
    hosts,
    (list, sql) => `
      select "srcIp" as address, count(*) as n from authentication
      where host in (${list}) and action = 'logon' and outcome <> 'failure' and "time" is not null and "srcIp" <> ''
        and ${DAY} in (${days.join(', ')}) and ${bareAccountSql(sql, '"user"')} in (${textList(sql, accounts)})
      group by "srcIp" order by n desc, address limit ${MOST_SOURCES}`,
  )
  return rows.map(row => textOf(row, 'address')).filter(address => isAddress(address) && isInternalAddress(address))
}

/** Connections to the given machines on ports where machines are worked on, as sensors, firewalls or the machines themselves saw them. */
export async function flowHops(queries: EventQueries, search: HopSearch): Promise<readonly Hop[]> {
  if (search.days.length === 0) return []
  const ports = [...REMOTE_PORTS.keys()].join(', ')
  const rows = await rowsFor(
    queries,
    search.own,
    (list, sql) => `
      with flows as (
        select *, ${DAY} as day from network_activity
        where "dstIp" in (${list}) and "dstPort" in (${ports}) and "time" is not null and "srcIp" <> "dstIp" and "srcIp" <> ''
          and action <> 'deny' and state not in ('S0', 'REJ', 'RSTOS0', 'SH') and ${DAY} in (${search.days.join(', ')})
      ), busy as (
        select "dstIp" as place, "dstPort" as door, day as "on", count(distinct "srcIp") as sources from flows group by "dstIp", "dstPort", day
      )
      select host, evidence, "srcIp" as address, "dstIp" as target, "dstPort" as port,
        min("time") as first, max("time" + coalesce(duration, 0)) as last, count(*) as n, max(sources) as sources,
        ${sql.records(HOP_RECORDS)} as refs
      from flows join busy on "dstIp" = place and "dstPort" = door and day = "on"
      group by host, evidence, "srcIp", "dstIp", "dstPort", ${HOUR}
      order by first, address, target, port, evidence, host limit ${MOST_ROWS}`,
  )
  return rows.map(row => {
    const work = REMOTE_PORTS.get(numberOf(row, 'port'))
    return hopOf(row, search, '', work?.technique ?? 'T1021', work?.name ?? '', (place, moment) =>
      search.machineAt(textOf(place, 'target'), moment),
    )
  })
}

/** A list for `in (…)` that matches nothing when there is nothing. */
const orNothing = (values: readonly string[], sql: SqlDialect) => (values.length === 0 ? 'null' : textList(sql, values))

function hopOf(
  row: Row,
  search: HopSearch,
  account: string,
  technique: string,
  how: string,
  target: (row: Row, moment: number) => string,
): Hop {
  const offset = search.clocks.offset(textOf(row, 'evidence'), textOf(row, 'host'))
  const from = numberOf(row, 'first') + offset
  const address = textOf(row, 'address')
  const fromMachine = search.machineAt(address, from)
  const toMachine = target(row, from)
  return {
    fromMachine,
    toMachine,
    sourceAddress: address,
    account,
    technique,
    title: `${account === '' ? 'Somebody' : account} went from ${nameOf(fromMachine)} to ${nameOf(toMachine)} by ${how}`,
    from,
    to: numberOf(row, 'last') + offset,
    time: numberOf(row, 'first'),
    evidence: listOf(row, 'refs').map(sourceRefOf),
    evidenceTotal: numberOf(row, 'n'),
    sources: numberOf(row, 'sources'),
  }
}

/** A link that a hop makes. */
export interface HopLink extends Link {
  readonly hop: Hop
}

/** Was the link made by a hop? */
export const isHop = (link: Link): link is HopLink => 'hop' in link

/**
 * A hop joins what happened on both machines around it: what was done before or while on the machine it came from, with what was done
 * afterwards on the one it went to, by the same account, or soon after and not at a busy place.
 */
export function hopLinks(findings: readonly CaseFinding[], hops: readonly Hop[]): readonly HopLink[] {
  const onMachine = new Map<string, number[]>()
  for (const [index, { machines }] of findings.entries())
    for (const machine of machines) {
      const known = onMachine.get(machine)
      if (known) known.push(index)
      else onMachine.set(machine, [index])
    }
  const nowhere = { from: Number.NaN, to: Number.NaN }
  const byMachine = new Map(
    [...onMachine].map(([machine, indexes]) => [machine, new Intervals(indexes, index => findings[index] ?? nowhere)]),
  )
  return hops.flatMap(hop => {
    // Computer accounts log on to each other all day; that is nobody's way.
    if (hop.fromMachine === hop.toMachine || (hop.account !== '' && isMachineAccount(hop.account))) return []
    const before = byMachine.get(hop.fromMachine)?.meeting(hop.from - SAME_VISIT, hop.to) ?? []
    const after = before.length === 0 ? [] : (byMachine.get(hop.toMachine)?.meeting(hop.from, hop.to + SAME_VISIT) ?? [])
    const account = hop.account === '' ? undefined : accountOf(hop.account, hop.toMachine)
    return before.flatMap(one => after.flatMap(other => linkOf(findings, one, other, hop, account)))
  })
}

function linkOf(
  findings: readonly CaseFinding[],
  one: number,
  other: number,
  hop: Hop,
  account: Account | undefined,
): readonly HopLink[] {
  const there = findings[other]
  if (one === other || !there) return []
  const reason = `${nameOf(hop.fromMachine)} reached ${nameOf(hop.toMachine)}`
  if (account && there.accounts.some(theirs => sameAccount(account, theirs)))
    return [{ ...observed(one, other, 2, `${reason} as ${hop.account}`, hop.evidence), hop }]
  const session = hop.fromMachine.startsWith(SESSION_MACHINE)
  if (session || (there.outward !== true && there.peers.includes(hop.sourceAddress)))
    return [{ ...observed(one, other, 2, reason, hop.evidence), hop }]
  if (hop.sources > BUSY || there.from > hop.to + SOON || there.to < hop.from) return []
  const why = `${reason} within an hour before it`
  return [
    {
      ...inferred(
        one,
        other,
        3,
        why,
        `the connection belongs to somebody's ordinary work (${hop.account || 'account not recorded'})`,
        hop.evidence,
      ),
      hop,
    },
  ]
}

/** Hops by the machine they go to and when, each with whose account it was. */
export type HopsTo = ReadonlyMap<string, Intervals<{ readonly hop: Hop; readonly account: Account | undefined }>>

/** The hops in an order in which the one that a finding came by is soon found. */
export function hopsTo(hops: readonly Hop[]): HopsTo {
  const away = hops.filter(hop => hop.fromMachine !== hop.toMachine)
  return new Map(
    [...Map.groupBy(away, hop => hop.toMachine)].map(([machine, own]) => [
      machine,
      new Intervals(
        own.map(hop => ({ hop, account: hop.account === '' ? undefined : accountOf(hop.account, machine) })),
        ({ hop }) => hop,
      ),
    ]),
  )
}

/**
 * The hop that a finding of remote work came by, where the finding itself does not say from where: the last one to its machine within an
 * hour before it, by the same account where both name one.
 */
export function originOf(entry: CaseFinding, hops: HopsTo): Hop | undefined {
  if (entry.peers.length > 0 || entry.machines.length !== 1 || !Number.isFinite(entry.from)) return undefined
  if (!isRemoteWork(entry.finding)) return undefined
  const [machine = ''] = entry.machines
  const near = (hops.get(machine)?.meeting(entry.from - SOON, entry.to) ?? [])
    .filter(({ hop, account }) => (hop.account === '' ? hop.sources <= BUSY : sharesAccount(entry, account)))
    .map(({ hop }) => hop)
  // A log-on names the account and so says more than a connection.
  return near.toSorted(
    (a, b) => Number(a.account === '') - Number(b.account === '') || b.from - a.from || (a.title < b.title ? -1 : 1),
  )[0]
}

/** Log-ons in whose session programs are started; a network log-on reads a share and says nothing about who sat there. */
const SESSIONS = new Set(['T1021.001', 'T1021.004'])

/** The session that somebody's act on a machine was done in: the last one of the same account that began in the two hours before it, from another machine. */
export function arrivalOf(entry: CaseFinding, hops: HopsTo): Hop | undefined {
  const [machine = ''] = entry.machines
  if (!Number.isFinite(entry.from) || entry.accounts.length === 0) return undefined
  return (hops.get(machine)?.meeting(entry.from - SAME_SITTING, entry.from) ?? [])
    .filter(({ hop, account }) => hop.account !== '' && SESSIONS.has(hop.technique) && sharesAccount(entry, account))
    .map(({ hop }) => hop)
    .filter(hop => hop.from <= entry.from && hop.fromMachine !== machine)
    .toSorted((a, b) => b.from - a.from || (a.title < b.title ? -1 : 1))[0]
}

function sharesAccount(entry: CaseFinding, account: Account | undefined): boolean {
  return account !== undefined && (entry.accounts.length === 0 || entry.accounts.some(mine => sameAccount(mine, account)))
}
