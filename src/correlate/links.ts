import { isInternalAddress, isOutsideAddress, MICROS_PER_DAY, type SourceRef } from '../model/index.ts'
import { addressOfMachine, atLeast, type CaseFinding, machineOfAddress } from './case-finding.ts'
import { sameAccount } from './entities/accounts.ts'
import { gap, type Presence, SAME_VISIT } from './presence.ts'

/** Why two findings are one story. */
export interface Link {
  /** Places in the list of findings. */
  readonly one: number
  readonly other: number
  readonly how: 'observed' | 'inferred'
  /** The reason, one clause: "both on dc01.example within 24 hours". */
  readonly why: string
  /** What would refute an inferred link. */
  readonly refutedBy: string
  /** Lower is stronger: which link is kept where several join the same two. */
  readonly rank: number
  readonly evidence: readonly SourceRef[]
}

/** Somebody who comes back uses the same account, address or file; a relay's address is rarely held longer than a month (reported lifetime of relay nodes). */
export const COMES_BACK = 31 * MICROS_PER_DAY

/** Same machine in one visit, or within a month by the same account, address, file or process. */
export function machineLinks(
  findings: readonly CaseFinding[],
  chains: readonly ReadonlySet<string>[],
  presence: Presence,
): readonly Link[] {
  return pairsBy(findings, finding => finding.machines).flatMap(({ one, other, a, b, key }) => {
    const distance = gap(a, b)
    if (Number.isNaN(distance) || distance > COMES_BACK) return []
    if (meet(chains[one], chains[other])) return [observed(one, other, 0, `the same process tree on ${nameOf(key)}`)]
    if (presence.sameVisit(a, b)) return [observed(one, other, 2, `both on ${nameOf(key)} within a day`)]
    const account = a.accounts.find(mine => b.accounts.some(theirs => sameAccount(mine, theirs)))
    if (account && presence.watchedBetween(a, b))
      return [
        inferred(
          one,
          other,
          5,
          `the same account (${account.bare}) on ${nameOf(key)} within a month`,
          'the owner of the account did one of them',
        ),
      ]
    if (a.finding.object !== '' && a.finding.object === b.finding.object && isDistinctive(a.finding.object))
      return [
        inferred(
          one,
          other,
          5,
          `the same ${a.finding.object} on ${nameOf(key)} within a month`,
          'a change record that explains one of them',
        ),
      ]
    const peer = a.peers.find(address => b.peers.includes(address))
    if (peer !== undefined)
      return [
        inferred(
          one,
          other,
          5,
          `the same address ${peer} and ${nameOf(key)} within a month`,
          'the address changed hands in between',
        ),
      ]
    return []
  })
}

/** A path or page says who it is about; "cmd.exe" or "security" is on every machine. */
function isDistinctive(object: string): boolean {
  return /[\\/]./.test(object) && !/[\\/]windows[\\/]system32[\\/]/.test(object)
}

/**
 * The same outside or intruder address in two findings. A private address means the same machine only within one visit; an address that
 * much of the network talks to is shared infrastructure and joins nothing (`hubs`).
 */
export function addressLinks(findings: readonly CaseFinding[], hubs: ReadonlySet<string>, presence: Presence): readonly Link[] {
  const ends = (finding: CaseFinding) => [
    ...finding.peers,
    ...finding.machines.map(addressOfMachine).filter(address => address !== undefined),
  ]
  return pairsBy(findings, ends).flatMap(({ one, other, a, b, key }) => {
    if (hubs.has(key)) return []
    const distance = gap(a, b)
    const outside = isOutsideAddress(key)
    if (Number.isNaN(distance) || distance > COMES_BACK || (!outside && !presence.sameVisit(a, b))) return []
    if (distance <= SAME_VISIT) return [observed(one, other, 1, `both with ${key} within a day`)]
    return [inferred(one, other, 4, `both with ${key} within a month`, 'the address was given to somebody else in between')]
  })
}

/** Findings whose addresses name the machine of another finding, earlier or in the same visit: the log-on or connection came from there. */
export function namedMachineLinks(
  findings: readonly CaseFinding[],
  machineOf: (address: string, finding: CaseFinding) => string | undefined,
  presence: Presence,
): readonly Link[] {
  const byMachine = new Map<string, number[]>()
  findings.forEach((finding, index) => {
    for (const machine of finding.machines) byMachine.set(machine, [...(byMachine.get(machine) ?? []), index])
  })
  return findings.flatMap((finding, index) =>
    finding.peers.filter(isInternalAddress).flatMap(address => {
      const machine = machineOf(address, finding) ?? machineOfAddress(address)
      return (byMachine.get(machine) ?? []).flatMap(other => {
        const theirs = findings[other]
        if (other === index || !theirs || !presence.sameVisit(finding, theirs)) return []
        return [
          observed(index, other, 1, `${nameOf(finding.machines[0] ?? '')} was reached from ${nameOf(machine)} (${address})`),
        ]
      })
    }),
  )
}

/** The same domain account on two machines on one day. Names that every machine has for itself never join. */
export function accountLinks(findings: readonly CaseFinding[], presence: Presence): readonly Link[] {
  return pairsBy(findings, finding => [...new Set(finding.accounts.map(account => account.bare))]).flatMap(
    ({ one, other, a, b }) => {
      if (!presence.sameVisit(a, b)) return []
      const account = a.accounts.find(mine => b.accounts.some(theirs => sameAccount(mine, theirs)))
      if (!account) return []
      return [
        inferred(
          one,
          other,
          3,
          `the same account (${account.bare}) within a day`,
          'the owner of the account confirms one of the two as their own work',
        ),
      ]
    },
  )
}

/** A web page and the file it is served from, or the same page in two logs: their paths end alike. */
export function resourceLinks(findings: readonly CaseFinding[]): readonly Link[] {
  const tail = (object: string) => (PAGE.test(object) ? segments(object).slice(-1) : [])
  return pairsBy(findings, finding => tail(finding.finding.object)).flatMap(({ one, other, a, b }) => {
    const mine = segments(a.finding.object)
    const theirs = segments(b.finding.object)
    const shared = commonTail(mine, theirs)
    const whole = shared === Math.min(mine.length, theirs.length)
    const sameMachine = a.machines.some(machine => b.machines.includes(machine))
    const apart = a.machines.some(isNamed) && b.machines.some(isNamed) && !sameMachine
    if (apart || !whole || (shared < 2 && !sameMachine)) return []
    // A file found on a disk has no time of its own that matters: it lay there when the page was called.
    const distance = gap(a, b)
    if (Number.isFinite(distance) && distance > COMES_BACK) return []
    return [observed(one, other, 1, `both about ${a.finding.object}`)]
  })
}

/**
 * The same uncommon behaviour (a high finding of one detector about one object) on two machines of one domain within a day, or on one
 * machine within a month.
 */
export function behaviourLinks(findings: readonly CaseFinding[]): readonly Link[] {
  const key = ({ finding, ownSeverity }: CaseFinding) => {
    const rule = finding.witnesses.find(witness => witness.source === 'barograph')?.rule
    return rule !== undefined && atLeast(ownSeverity, 'high') && finding.object !== '' ? [`${rule}\n${finding.object}`] : []
  }
  return pairsBy(findings, key).flatMap(({ one, other, a, b }) => {
    const sameMachine = a.machines.some(machine => b.machines.includes(machine))
    const domain = domainOf(a)
    if (!(gap(a, b) <= (sameMachine ? COMES_BACK : SAME_VISIT)) || (!sameMachine && (domain === '' || domain !== domainOf(b))))
      return []
    const where = sameMachine ? `on ${nameOf(a.machines[0] ?? '')} within a month` : `on two machines of ${domain} within a day`
    return [
      inferred(
        one,
        other,
        4,
        `the same behaviour (${a.finding.object}) ${where}`,
        'two people did this for reasons of their own',
      ),
    ]
  })
}

/** DNS domain of a finding's machine; '' for a bare name or address. */
function domainOf(finding: CaseFinding): string {
  const [machine = ''] = finding.machines
  return isNamed(machine) && machine.includes('.') ? machine.slice(machine.indexOf('.') + 1) : ''
}

/** Pages that a server runs (the files web shells are). */
const PAGE = /\.(?:aspx?|ashx|asmx|jspx?|php\d?|phtml|cfm|cgi|war)$/
const isNamed = (machine: string) => !machine.startsWith('web server of ') && addressOfMachine(machine) === undefined
const segments = (path: string) => path.split(/[\\/]+/).filter(part => part !== '' && !/^[a-z]:$/.test(part))

function commonTail(a: readonly string[], b: readonly string[]): number {
  let shared = 0
  while (shared < Math.min(a.length, b.length) && a[a.length - 1 - shared] === b[b.length - 1 - shared]) shared++
  return shared
}

/** "10.0.0.4" for a machine known by its address alone, a VPN session without its internal number, else the machine's name. */
export const nameOf = (machine: string) => addressOfMachine(machine) ?? machine.replace(/^(VPN session of .*) \(-?\d+\)$/, 'a $1')

export function observed(one: number, other: number, rank: number, why: string, evidence: readonly SourceRef[] = []): Link {
  return { one, other, how: 'observed', why, refutedBy: '', rank, evidence }
}

export function inferred(
  one: number,
  other: number,
  rank: number,
  why: string,
  refutedBy: string,
  evidence: readonly SourceRef[] = [],
): Link {
  return { one, other, how: 'inferred', why, refutedBy, rank, evidence }
}

function meet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return a !== undefined && b !== undefined && !a.isDisjointFrom(b)
}

interface Pair {
  readonly one: number
  readonly other: number
  readonly a: CaseFinding
  readonly b: CaseFinding
  readonly key: string
}

/** A key shared by more findings than this joins neighbours in time only: all pairs would be millions, and a chain joins as well. */
const ALL_PAIRS = 60

/** Pairs of findings that share a key; for keys with many findings, each with the next few in time. */
function* pairsOf(findings: readonly CaseFinding[], keys: (finding: CaseFinding) => readonly string[]): Generator<Pair> {
  const byKey = new Map<string, number[]>()
  findings.forEach((finding, index) => {
    for (const key of new Set(keys(finding))) byKey.set(key, [...(byKey.get(key) ?? []), index])
  })
  for (const [key, members] of byKey) {
    const inTime = members.toSorted((x, y) => (findings[x]?.from ?? 0) - (findings[y]?.from ?? 0) || x - y)
    const reach = members.length > ALL_PAIRS ? 3 : members.length
    for (let i = 0; i < inTime.length; i++)
      for (let j = i + 1; j < Math.min(inTime.length, i + 1 + reach); j++) {
        const one = inTime[i] ?? 0
        const other = inTime[j] ?? 0
        const a = findings[one]
        const b = findings[other]
        if (a && b) yield { one, other, a, b, key }
      }
  }
}

function pairsBy(findings: readonly CaseFinding[], keys: (finding: CaseFinding) => readonly string[]): readonly Pair[] {
  return [...pairsOf(findings, keys)]
}
