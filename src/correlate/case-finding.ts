import { tacticRank, techniqueOf } from '../knowledge/index.ts'
import {
  canonicalAddress,
  compareSeverity,
  type Finding,
  isAddress,
  isInternalAddress,
  isLoopback,
  type Micros,
  ownSeverity,
  type Severity,
} from '../model/index.ts'
import type { Direction } from './actors.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { type Account, accountOf } from './entities/accounts.ts'
import type { HostBook } from './entities/host-book.ts'

/** A finding with its names resolved and its times on the reference clock: what linking works on. */
export interface CaseFinding {
  readonly finding: Finding
  /** Machines it happened on, resolved; "address 10.0.0.4" where only an address is known, sorted. */
  readonly machines: readonly string[]
  /** The finding's own hosts under their resolved names, an address where no machine is known for it. */
  readonly hosts: readonly string[]
  /** Network addresses of the other side: clients, controllers, sources of log-ons. Canonical, sorted, without loopback. */
  readonly peers: readonly string[]
  readonly accounts: readonly Account[]
  /** Ordered times; infinite when the finding has no time. */
  readonly from: number
  readonly to: number
  /** Severity by our own witnesses and indicators; a user's rule alone counts as informational. */
  readonly ownSeverity: Severity
  /** Microseconds that `ordered` differs from the recorded time. */
  readonly offset: number
  /** Do its records show the machine reaching out to the peers, or the peers coming to it? Undefined when they do not say. */
  readonly outward: boolean | undefined
  /** Are the peers only named in commands, without a record of a connection to or from them? */
  readonly onlyNamed: boolean
}

/** A machine of which only an address is known. */
export const machineOfAddress = (address: string) => `address ${address}`

/** The address of a machine known by nothing else; undefined for one with a name. */
export function addressOfMachine(machine: string): string | undefined {
  return machine.startsWith('address ') ? machine.slice('address '.length) : undefined
}

/** Machines that logs do not name get a name from where the evidence lay; see `logMachines`. */
export type UnnamedMachines = ReadonlyMap<string, string>

/** What names and times are resolved with. */
export interface Resolution {
  readonly clocks: ClockBook
  readonly hosts: HostBook
  readonly unnamed: UnnamedMachines
  readonly directions: ReadonlyMap<string, Direction>
}

/** Resolves the names of a finding. */
export function caseFinding(finding: Finding, { clocks, hosts, unnamed, directions }: Resolution): CaseFinding {
  const [ref] = finding.evidence
  const recorder = finding.hosts[0] ?? ''
  const offset = ref ? clocks.offset(ref.evidence, recorder) : 0
  const from = finding.firstTime === undefined ? Number.POSITIVE_INFINITY : finding.firstTime + offset
  const to = finding.lastTime === undefined ? from : finding.lastTime + offset
  const moment = finding.firstTime === undefined ? undefined : (from as Micros)
  const named = finding.hosts.map(host =>
    isAddress(host)
      ? (hosts.holderOf(host, moment)?.host ?? machineOfAddress(canonicalAddress(host)))
      : hosts.hostOf(host, moment),
  )
  const addresses = [...new Set(finding.addresses.filter(isAddress).map(canonicalAddress))]
    .filter(address => !isLoopback(address))
    .sort()
  const byEvidence = ref ? unnamed.get(ref.evidence) : undefined
  const machines = named.length > 0 ? named : byEvidence !== undefined ? [byEvidence] : innerMachines(addresses, moment, hosts)
  // A log that names nobody may have been found to be a known machine's: then that is where it happened.
  const found = named.length > 0 || byEvidence === undefined ? named : [byEvidence].filter(isKnownMachine)
  const own = new Set(machines)
  const peers = addresses.filter(
    address =>
      !isLinkLocal(address) && !own.has(machineOfAddress(address)) && !own.has(hosts.holderOf(address, moment)?.host ?? ''),
  )
  return {
    finding,
    machines: [...own].sort(),
    hosts: [...new Set(found.map(name => addressOfMachine(name) ?? name))].sort(),
    peers,
    accounts: finding.accounts.map(account => accountOf(account, machines[0] ?? '')).filter(account => account !== undefined),
    from,
    to,
    ownSeverity: ownSeverity(finding),
    offset,
    outward: outwardOf(peers, directions.get(finding.id)),
    onlyNamed: directions.get(finding.id)?.onlyCommands ?? false,
  }
}

/** Is it a machine's name or address, rather than what its log is called for want of one? */
const isKnownMachine = (machine: string) => addressOfMachine(machine) !== undefined || !machine.includes(' ')

function outwardOf(peers: readonly string[], direction: Direction | undefined): boolean | undefined {
  const came = peers.some(peer => direction?.from.has(peer))
  const reached = peers.some(peer => direction?.towards.has(peer))
  return came === reached ? undefined : reached
}

/** Link-local addresses (RFC 3927, RFC 4291) are the same on every network: they name nobody. */
const isLinkLocal = (address: string) => /^169\.254\.|^fe[89ab]/.test(address)

/** A sensor's finding names no host: its machines are the inside addresses it is about. */
function innerMachines(addresses: readonly string[], moment: Micros | undefined, hosts: HostBook): readonly string[] {
  return addresses.filter(isInternalAddress).map(address => hosts.holderOf(address, moment)?.host ?? machineOfAddress(address))
}

export const atLeast = (severity: Severity, least: Severity) => compareSeverity(severity, least) >= 0

/** Tactics that happen before anybody is inside: scanners of the whole internet do the same all day. */
const BEFORE_ENTRY = new Set(['reconnaissance', 'resource-development'])

/** Is the finding about somebody who only looks or tries from outside? Such a finding is never a step of an intrusion. */
export function isNoiseFromOutside(finding: Finding): boolean {
  if (!finding.succeeded) return true
  return (
    finding.techniques.length > 0 &&
    finding.techniques.every(id => techniqueOf(id)?.tactics.every(tactic => BEFORE_ENTRY.has(tactic)))
  )
}

/** Is the finding about the evidence itself (a hole, a silent hour) rather than about somebody's act? */
export function isGap(finding: Finding): boolean {
  return finding.witnesses.every(
    witness => witness.source === 'barograph' && witness.rule.startsWith('log-gaps/') && !/clear|stop|policy/.test(witness.rule),
  )
}

/** Order of a story: by ordered time, then in the usual course of an intrusion, then by id. */
export function byCourse(a: CaseFinding, b: CaseFinding): number {
  if (a.from !== b.from) return a.from < b.from ? -1 : 1
  const rank = tacticRank(a.finding.techniques[0] ?? '') - tacticRank(b.finding.techniques[0] ?? '')
  return rank || (a.finding.id < b.finding.id ? -1 : 1)
}

/** Techniques of work on one machine from another: where it came from, and where to, belongs to them. */
export const REMOTE_WORK = /^T1021|^T1047|^T1570|^T1569|^T1053|^T1543\.003|^T1078|^T1563/

/** Is the finding about work on one machine from another? */
export const isRemoteWork = (finding: Finding) => finding.techniques.some(id => REMOTE_WORK.test(id))

/** Work that a machine's own records show going out to others happened on those as well: adds them, after the machine it came from. */
export function withTargets(entry: CaseFinding, machineAt: (address: string, moment: number) => string): CaseFinding {
  if (entry.outward !== true || !isRemoteWork(entry.finding) || !Number.isFinite(entry.from)) return entry
  const targets = entry.peers.map(peer => machineAt(peer, entry.from)).filter(machine => addressOfMachine(machine) === undefined)
  const machines = [...new Set([...entry.machines, ...targets])]
  if (machines.length === entry.machines.length) return entry
  return {
    ...entry,
    machines,
    finding: { ...entry.finding, hosts: [...new Set([...entry.finding.hosts, ...targets])].sort() },
    hosts: [...new Set([...entry.hosts, ...targets])].sort(),
  }
}
