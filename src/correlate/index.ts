import {
  type AssetModel,
  type BaselineChoice,
  type Correlation,
  type Cut,
  compareSeverity,
  type EventQueries,
  type FindingDraft,
  type FindingId,
  type Incident,
  isAddress,
  isInternalAddress,
  type Mark,
  MICROS_PER_DAY,
  type Micros,
  micros,
} from '../model/index.ts'
import { withActors } from './actors.ts'
import { againstBaseline } from './baseline/index.ts'
import { addressOfMachine, byCourse, type CaseFinding, caseFinding, machineOfAddress, withTargets } from './case-finding.ts'
import { clockAnchors } from './clocks/anchors.ts'
import { type ClockBook, clockBook } from './clocks/clock-book.ts'
import { exportOffsets } from './clocks/export-offset.ts'
import { type ClockUnit, clockUnits } from './clocks/units.ts'
import { corroborations } from './corroboration.ts'
import { type ArrivalLog, type ArrivalMatch, arrivalMatches } from './entities/arrivals.ts'
import { HostBook, type Sighting } from './entities/host-book.ts'
import {
  configuredAddresses,
  hostsTouching,
  namedAddresses,
  ownAddresses,
  recordedNames,
  resolvedNames,
} from './entities/sightings.ts'
import { hitDrafts } from './hits.ts'
import { withBothWitnesses } from './hop-witnesses.ts'
import { flowHops, type Hop, hopLinks, hopsTo, logonHops, logonSources, type MachineAt, originOf } from './hops.ts'
import { busyAddresses } from './hubs.ts'
import { incidentGroups, isSeed } from './incident-groups.ts'
import { lineages } from './lineage.ts'
import { accountLinks, addressLinks, behaviourLinks, type Link, machineLinks, namedMachineLinks, resourceLinks } from './links.ts'
import { withMarks } from './marks.ts'
import { byFinding, mergeDrafts } from './merge.ts'
import { type Presence, presenceOf } from './presence.ts'
import { foldRecurring } from './recurring.ts'
import { sceneOf } from './scene.ts'
import { incidentOf } from './story.ts'
import { SESSION_MACHINE, sessionAt, type TunnelSession, tunnelSessions } from './tunnels.ts'
import { foundMachines, unnamedMachines } from './unnamed-machines.ts'
import { joinWebShells } from './web-shell/index.ts'

export { type RecordedMachine, recordedMachines } from './entities/recorded-machines.ts'

/** What correlation works on. */
export interface CorrelateInput {
  /** Findings of the set detectors; what rules and record detectors saw is read from view `rule_hit`. */
  readonly drafts: readonly FindingDraft[]
  readonly queries: EventQueries
  readonly assets: AssetModel | undefined
  readonly marks: readonly Mark[]
  /** What the user says "usual" may be learned from. */
  readonly baseline?: BaselineChoice
}

/** Incidents are searched among so many findings at most; a case with more has a rule that matches everything. */
const MOST_FINDINGS = 5_000

/**
 * Joins findings into incidents: one behaviour is one finding, names and addresses are resolved for their time, clocks are compared,
 * and findings that a machine, process tree, address, account, page or connection ties together become one story.
 */
export async function correlate({ drafts, queries, assets, marks, baseline: choice }: CorrelateInput): Promise<Correlation> {
  const hits = await hitDrafts(queries)
  const units = await clockUnits(queries)
  const clocks = clockBook(units, await clockAnchors(queries), await exportOffsets(queries))
  const names = recordedNames(units, clocks)
  const byName = new HostBook(names, assets)
  const merged = mergeDrafts([...hits.drafts, ...drafts], (host, time) => byName.hostOf(host, time))
  const acted = await withActors(queries, merged.slice(0, MOST_FINDINGS))
  const { findings: weighed, baseline } = await againstBaseline(
    queries,
    [...acted.findings, ...merged.slice(MOST_FINDINGS)],
    choice,
    assets,
  )
  const findings = withMarks(weighed, marks).toSorted(byFinding)
  const considered = findings.slice(0, MOST_FINDINGS)
  const unnamedLogs = await unnamedMachines(queries, considered, units)
  const rough = considered.map(finding =>
    caseFinding(finding, { clocks, hosts: byName, unnamed: unnamedLogs, directions: acted.directions }),
  )
  const seeds = rough.filter(isSeed)
  const cuts: Cut[] = [
    cut('groups of rule hits', hits.leftOut, 'one rule matched far too often to be told apart; the strongest groups were kept'),
    cut('findings', findings.length - considered.length, 'only the most severe are joined into incidents; all are listed'),
  ]
  const again = (more: readonly Mark[]) =>
    correlate({ drafts, queries, assets, marks: more, ...(choice === undefined ? {} : { baseline: choice }) })
  if (seeds.length === 0) {
    const { findings: told, parts } = foldRecurring(findings, [])
    const meant = meantMarks(marks, parts)
    if (meant.length > 0) return again([...marks, ...meant])
    return { findings: told, incidents: [], clocks: clocks.offsets, cuts: cuts.filter(entry => entry.count > 0), baseline }
  }

  const machineHosts = recordingHosts(units, clocks, byName, new Set(seeds.flatMap(seed => seed.machines)))
  const named = seeds
    .flatMap(seed => [...seed.peers, ...seed.machines.map(addressOfMachine)])
    .filter(address => address !== undefined)
  const others = await hostsTouching(queries, named.filter(isInternalAddress))
  const own = [
    ...(await ownAddresses(queries, [...new Set([...machineHosts, ...others])].sort(), clocks)),
    ...(await configuredAddresses(queries, units)),
  ]
  const arrivals = await arrivalMatches(queries, silentLogs(units, machineHosts, own, unnamedLogs), units, clocks)
  const came = await logonSources(queries, { hosts: machineHosts, accounts: accountsOf(seeds), days: daysOf(seeds) })
  const addresses = [
    ...new Set([...named, ...came, ...own.map(entry => entry.address), ...arrivals.map(match => match.address)]),
  ].sort()
  const isUnnamed = new Set(unnamedLogs.values())
  const hosts = new HostBook(
    [...names, ...own, ...(await namedAddresses(queries, addresses, clocks))],
    assets,
    weakestNames(
      arrivals.filter(match => !isUnnamed.has(match.machine)),
      await resolvedNames(queries, [...new Set([...addresses, ...rough.flatMap(entry => entry.peers)])].sort(), clocks),
    ),
  )
  const unnamed = foundMachines(unnamedLogs, arrivals, match => hosts.holderOf(match.address, micros(match.from)))
  const sessions = await tunnelSessions(queries, addresses, clocks)
  const machineAt = (address: string, moment: number) =>
    sessionAt(sessions, address, moment)?.machine ?? hosts.holderOf(address, micros(moment))?.host ?? machineOfAddress(address)
  const resolved = considered
    .map(finding => caseFinding(finding, { clocks, hosts, unnamed, directions: acted.directions }))
    .map(entry => withTargets(withSessions(entry, sessions), machineAt))
    .toSorted(byCourse)
  const chains = await lineages(queries, resolved)
  const presence = await presenceOf(queries, resolved, clocks, (host, moment) => hosts.hostOf(host, micros(moment)))
  const { links, busy, hops } = await allLinks(queries, resolved, chains, { hosts, clocks, sessions, units, machineAt, presence })
  cuts.push(cut('addresses that much of the network talks to', busy.size, 'shared infrastructure joins nothing'))
  const ways = hopsTo(hops)
  const scene = sceneOf({ units, assets, hosts, sessions, own: [...own, ...arrivals], hops: ways })
  const groups = incidentGroups(
    resolved,
    links,
    chains,
    resolved.map(entry => originOf(entry, ways)?.fromMachine),
    presence,
  )
  const seen = await corroborations(
    queries,
    groups.flatMap(group => group.findings),
    clocks,
  )
  const incidents = groups.map(group => incidentOf(group, scene, seen)).toSorted(byIncident)
  // One machine has one name in the report; the others stand with the incident's entities.
  const told = new Map(resolved.map(entry => [entry.finding.id, { ...entry.finding, hosts: entry.hosts }]))
  const places = {
    machineOf: (host: string, evidence: string, moment: number) =>
      host === ''
        ? (unnamed.get(evidence) ?? '')
        : isAddress(host)
          ? machineAt(host, moment)
          : hosts.hostOf(host, micros(moment)),
    offset: clocks.offset,
  }
  const shells = await joinWebShells(
    { queries, entries: resolved, incidents, places },
    findings.map(finding => told.get(finding.id) ?? finding),
  )
  const folded = foldRecurring(shells.findings, shells.incidents)
  const meant = meantMarks(marks, new Map([...shells.parts, ...folded.parts]))
  if (meant.length > 0) return again([...marks, ...meant])
  return {
    findings: folded.findings,
    incidents: folded.incidents,
    clocks: clocks.offsets,
    cuts: cuts.filter(entry => entry.count > 0),
    baseline,
    machineOfLog: new Map([...unnamed].map(([evidence, machine]) => [evidence, addressOfMachine(machine) ?? machine])),
  }
}

/** A mark on a finding made of others is the operator's word for all of them; those that are not marked yet. */
function meantMarks(marks: readonly Mark[], parts: ReadonlyMap<FindingId, readonly FindingId[]>): readonly Mark[] {
  const known = new Set(marks.filter(mark => mark.kind === 'finding').map(mark => mark.target))
  return marks
    .flatMap(mark =>
      (mark.kind === 'finding' ? (parts.get(mark.target.trim().toLowerCase() as FindingId) ?? []) : []).map(part => ({
        ...mark,
        target: part,
      })),
    )
    .filter(mark => !known.has(mark.target))
}

const cut = (what: string, count: number, why: string): Cut => ({ what, count, why })

function byIncident(a: Incident, b: Incident): number {
  return (
    compareSeverity(b.severity, a.severity) ||
    (a.firstTime ?? Number.POSITIVE_INFINITY) - (b.firstTime ?? Number.POSITIVE_INFINITY) ||
    (a.id < b.id ? -1 : 1)
  )
}

interface Resolved {
  readonly hosts: HostBook
  readonly clocks: ClockBook
  readonly sessions: readonly TunnelSession[]
  readonly units: readonly ClockUnit[]
  readonly machineAt: MachineAt
  readonly presence: Presence
}

async function allLinks(
  queries: EventQueries,
  findings: readonly CaseFinding[],
  chains: readonly ReadonlySet<string>[],
  { hosts, clocks, sessions, units, machineAt, presence }: Resolved,
): Promise<{ readonly links: readonly Link[]; readonly busy: ReadonlySet<string>; readonly hops: readonly Hop[] }> {
  const seeds = findings.filter(isSeed)
  const machines = new Set(seeds.flatMap(seed => seed.machines))
  const addresses = new Set<string>()
  const own = new Set<string>()
  for (const seed of seeds) {
    for (const peer of seed.peers) addresses.add(peer)
    const moment = Number.isFinite(seed.from) ? (seed.from as Micros) : undefined
    for (const machine of seed.machines) {
      const address = addressOfMachine(machine) ?? sessions.find(session => session.machine === machine)?.assigned
      for (const known of address === undefined ? hosts.addressesOf(machine, moment) : [address]) own.add(known)
    }
  }
  const search = {
    hosts: recordingHosts(units, clocks, hosts, machines),
    own: [...own].sort(),
    addresses: [...new Set([...addresses, ...own])].sort(),
    accounts: accountsOf(seeds),
    days: daysOf(seeds),
    clocks,
    hostBook: hosts,
    machineAt,
  }
  const hops = withBothWitnesses(await logonHops(queries, search), await flowHops(queries, search))
  const busy = await busyAddresses(queries, seeds)
  const links = [
    ...machineLinks(findings, chains, presence),
    ...addressLinks(findings, busy, presence),
    ...namedMachineLinks(
      findings,
      (address, finding) => (Number.isFinite(finding.from) ? machineAt(address, finding.from) : undefined),
      presence,
    ),
    ...accountLinks(findings, presence),
    ...resourceLinks(findings),
    ...behaviourLinks(findings),
    ...hopLinks(findings, hops),
  ]
  return { links, busy, hops }
}

/** Log-ons are looked for on so many days at most; a case of years has its findings on fewer. */
const MOST_DAYS = 2_000

/** Accounts that findings name, without their domain. */
const accountsOf = (seeds: readonly CaseFinding[]) =>
  [...new Set(seeds.flatMap(seed => seed.accounts.map(account => account.bare)))].sort()

/** Recorded days of findings and the ones around them. */
function daysOf(seeds: readonly CaseFinding[]): readonly number[] {
  const days = new Set<number>()
  for (const seed of seeds) for (const day of daysAround(seed)) if (days.size < MOST_DAYS) days.add(day)
  return [...days].sort((a, b) => a - b)
}

/** Recorded days of a finding and the ones before and after it. */
function daysAround(seed: CaseFinding): readonly number[] {
  if (!Number.isFinite(seed.from)) return []
  const first = Math.floor((seed.from - seed.offset) / MICROS_PER_DAY) - 1
  const last = Math.min(Math.floor((seed.to - seed.offset) / MICROS_PER_DAY) + 1, first + 400)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** The names under which the given machines recorded events. */
function recordingHosts(
  units: readonly ClockUnit[],
  clocks: ClockBook,
  hosts: HostBook,
  machines: ReadonlySet<string>,
): readonly string[] {
  const names = units.filter(unit => {
    const moment = micros(unit.firstTime + clocks.offset(unit.evidence, unit.host))
    return unit.host !== '' && machines.has(hosts.hostOf(unit.host, moment))
  })
  return [...new Set(names.map(unit => unit.host))].sort()
}

/** The logs of the given machines whose address nothing tells, and logs that do not say whose they are. */
function silentLogs(
  units: readonly ClockUnit[],
  hosts: readonly string[],
  own: readonly Sighting[],
  unnamed: ReadonlyMap<string, string>,
): readonly ArrivalLog[] {
  const placed = new Set(own.map(entry => entry.name))
  const silent = new Set(hosts.filter(host => !placed.has(host.toLowerCase())))
  return units.flatMap(unit => {
    const machine = unit.host === '' ? unnamed.get(unit.evidence) : silent.has(unit.host) ? unit.host.toLowerCase() : undefined
    return machine === undefined ? [] : [{ unit, machine }]
  })
}

/** Names that who arrived gives to addresses; what name servers call those addresses may be an alias. */
function weakestNames(arrivals: readonly ArrivalMatch[], resolved: readonly Sighting[]): readonly Sighting[] {
  const known = new Set(arrivals.map(match => match.address))
  return [
    ...arrivals.map(({ machine, address, from, to, agreeing }) => ({
      name: machine,
      address,
      from,
      to,
      count: agreeing,
      basis: 'connections to it whenever somebody came to the machine',
    })),
    ...resolved.filter(entry => !known.has(entry.address)),
  ]
}

/** What came in through a tunnel, or was done from its inside address meanwhile, also belongs to the session. */
function withSessions(finding: CaseFinding, sessions: readonly TunnelSession[]): CaseFinding {
  if (!Number.isFinite(finding.from)) return finding
  const mine = sessions.filter(session => {
    if (finding.to < session.from - SESSION_SLACK || finding.from > session.to) return false
    const address = isInternalAddress(session.assigned) ? session.assigned : ''
    if (finding.peers.includes(address) || finding.machines.includes(machineOfAddress(address))) return true
    return (
      finding.peers.includes(session.source) &&
      finding.accounts.some(account => account.bare === session.user.toLowerCase().replace(/^.*\\|@.*$/g, ''))
    )
  })
  if (mine.length === 0) return finding
  // Whoever had the address then is the session, and no machine of its own beside it.
  const held = new Set(mine.map(session => machineOfAddress(session.assigned)))
  const machines = finding.machines.filter(machine => !held.has(machine))
  return { ...finding, machines: [...new Set([...machines, ...mine.map(session => session.machine)])].sort(sessionsLast) }
}

/** The log-in is recorded shortly before the tunnel is up. */
const SESSION_SLACK = 5 * 60 * 1_000_000

function sessionsLast(a: string, b: string): number {
  const session = (name: string) => Number(name.startsWith(SESSION_MACHINE))
  return session(a) - session(b) || (a < b ? -1 : a > b ? 1 : 0)
}
