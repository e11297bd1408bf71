import { compareSeverity, type Finding, type FindingId, type Incident, type Micros, stableId } from '../model/index.ts'
import { actorsAmong, byFinding, mergedEvidence, mergedWitnesses } from './merge.ts'
import { withReplaced } from './replaced.ts'

/** Of ordinary things two are told one by one: only a third makes a habit that a reader wants to see once. */
const A_HABIT = 3
/** An intruder goes on to two or three machines; the same weak sign on as many is what the site does, and a reader wants to see it once. */
const A_FLEET = 5
/** Names in the title of a habit before "and N more". */
const NAMED = 2

/** Findings with what came again told once, and what each of those is made of, so that a mark on it reaches them. */
export interface FoldedFindings {
  readonly findings: readonly Finding[]
  readonly incidents: readonly Incident[]
  readonly parts: ReadonlyMap<FindingId, readonly FindingId[]>
}

/**
 * Tells once what came again and again: in an incident the same act on the same machines (a program that calls home every night); outside of
 * incidents weak findings (low or below) that one witness gave of the same machines at least three times, whoever did it (the scanners of a month, an
 * administrator's command of every morning), and what is left of them that is the same on at least five machines (a service that calls every branch, a program of all
 * offices that asks for news each minute). Records, machines, addresses, accounts and the whole time are kept.
 */
export function foldRecurring(findings: readonly Finding[], incidents: readonly Incident[]): FoldedFindings {
  const homes = new Map<FindingId, string>()
  for (const incident of incidents) for (const id of incident.findings) homes.set(id, `${homes.get(id) ?? ''} ${incident.id}`)
  const kinds = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = kindOf(finding, homes.get(finding.id))
    if (key === undefined) continue
    const known = kinds.get(key)
    if (known) known.push(finding)
    else kinds.set(key, [finding])
  }
  const parts = new Map<FindingId, readonly FindingId[]>()
  const folded: Finding[] = []
  for (const [key, members] of kinds) {
    const [first] = members
    if (!first || members.length < (homes.has(first.id) ? 2 : A_HABIT)) continue
    const once = homes.has(first.id) ? recurrenceOf(key, members) : habitOf(key, members)
    folded.push(once)
    parts.set(
      once.id,
      members.map(member => member.id),
    )
  }
  const replaced = new Map([...parts].flatMap(([id, members]) => members.map(member => [member, id] as const)))
  const told = [...findings.filter(finding => !replaced.has(finding.id)), ...folded]
  const joinedUp = new Set([...homes.keys()].map(id => replaced.get(id) ?? id))
  const fleets = fleetsAmong(told.filter(finding => !joinedUp.has(finding.id)))
  if (folded.length + fleets.length === 0) return { findings, incidents, parts }
  for (const { once, members } of fleets)
    parts.set(
      once.id,
      members.flatMap(member => parts.get(member.id) ?? [member.id]),
    )
  const inFleet = new Set(fleets.flatMap(({ members }) => members.map(member => member.id)))
  return {
    findings: [...told.filter(finding => !inFleet.has(finding.id)), ...fleets.map(({ once }) => once)].toSorted(byFinding),
    incidents: incidents.map(incident => withReplaced(incident, replaced)),
    parts,
  }
}

/** Weak findings that are the same on many machines but for names, addresses and counts. */
function fleetsAmong(findings: readonly Finding[]): readonly { readonly once: Finding; readonly members: readonly Finding[] }[] {
  const kinds = new Map<string, Finding[]>()
  for (const finding of findings) {
    const [lead] = finding.witnesses
    if (!lead || finding.hosts.length === 0 || compareSeverity(finding.severity, 'low') > 0) continue
    const { severity, techniques, succeeded, benignExplanation } = finding
    const key = JSON.stringify([
      severity,
      lead.source,
      lead.rule,
      withoutCounts(finding),
      techniques.toSorted(),
      succeeded,
      benignExplanation,
    ])
    const known = kinds.get(key)
    if (known) known.push(finding)
    else kinds.set(key, [finding])
  }
  return [...kinds].flatMap(([key, members]) => {
    const machines = new Set(members.flatMap(member => member.hosts)).size
    return machines < A_FLEET || new Set(members.map(member => member.hosts.join(' '))).size < A_FLEET
      ? []
      : [{ once: fleetOf(key, members, machines), members }]
  })
}

/** "32 times in 29 min", "(224 posts)", "and 17 more": how often it was seen says nothing about what it is; every how many seconds does. */
const COUNTS = /\b\d[\d,]* (?:times|posts?|requests?|more|min|h|hours?|days?)\b/g

function withoutCounts(finding: Finding): string {
  const names = finding.hosts.toSorted((a, b) => b.length - a.length)
  return names
    .reduce((text, name) => text.replaceAll(name, '…'), withoutAddresses(finding))
    .replace(COUNTS, '…')
    .replace(/…(?:(?:, | and )…)+/g, '…')
}

function fleetOf(key: string, members: readonly Finding[], machines: number): Finding {
  const once = joined(key, members)
  return {
    ...once,
    id: stableId('finding', 'fleet', key) as FindingId,
    title: `${once.title}, and the same on ${machines - once.hosts.length} more machines`,
    hosts: [...new Set(members.flatMap(member => member.hosts))].sort(),
    why: `${once.why} The same was seen on ${machines} machines and is tied to no incident, so it is told once.`,
  }
}

/** What findings have in common that are told once; undefined for one that is told by itself. */
function kindOf(finding: Finding, home: string | undefined): string | undefined {
  const { severity, witnesses, hosts, techniques, accounts, title, succeeded, benignExplanation } = finding
  const [lead] = witnesses
  if (!lead) return undefined
  if (home !== undefined) return JSON.stringify([home, severity, lead.source, lead.rule, hosts, accounts, title, succeeded])
  if (compareSeverity(severity, 'low') > 0) return undefined
  const what = withoutAddresses(finding)
  return JSON.stringify([severity, lead.source, lead.rule, hosts, what, techniques.toSorted(), succeeded, benignExplanation])
}

/** The title of whoever did it: scanners differ by nothing but their address. */
function withoutAddresses({ title, addresses }: Finding): string {
  return addresses.toSorted((a, b) => b.length - a.length).reduce((text, address) => text.replaceAll(address, '…'), title)
}

function recurrenceOf(key: string, members: readonly Finding[]): Finding {
  const once = joined(key, members)
  return { ...once, why: `${once.why} Seen ${members.length} times.` }
}

function habitOf(key: string, members: readonly Finding[]): Finding {
  const once = joined(key, members)
  return {
    ...once,
    title: titleOf(inOrder(members)),
    why: `${once.why} Seen ${members.length} times; none of them is tied to an incident, so they are told once.`,
  }
}

function joined(key: string, members: readonly Finding[]): Finding {
  const inTime = inOrder(members)
  const [first] = inTime
  if (!first) throw new Error('what recurs has members')
  const ends = inTime.map(member => member.lastTime ?? member.firstTime).filter(value => value !== undefined)
  return {
    ...first,
    id: stableId('finding', 'recurring', key) as FindingId,
    confidence: inTime.every(member => member.confidence === first.confidence) ? first.confidence : 'low',
    techniques: [...new Set(inTime.flatMap(member => member.techniques))],
    accounts: actorsAmong(inTime.flatMap(member => member.accounts)),
    addresses: [...new Set(inTime.flatMap(member => member.addresses))].sort(),
    lastTime: ends.length === 0 ? undefined : (Math.max(...ends) as Micros),
    count: inTime.reduce((sum, member) => sum + member.count, 0),
    evidence: mergedEvidence(inTime),
    evidenceTotal: inTime.reduce((sum, member) => sum + member.evidenceTotal, 0),
    witnesses: mergedWitnesses(inTime.flatMap(member => member.witnesses)),
  }
}

const inOrder = (members: readonly Finding[]) => members.toSorted((a, b) => start(a) - start(b) || (a.id < b.id ? -1 : 1))
/** Findings without time are the first of their kind. */
const start = (finding: Finding) => finding.firstTime ?? 0

/** The title they share, or what was seen and by whom. */
function titleOf(members: readonly Finding[]): string {
  const titles = new Set(members.map(member => member.title))
  const [title = ''] = titles
  if (titles.size === 1) return `${title} (${members.length} times)`
  const addresses = [...new Set(members.flatMap(member => member.addresses))].sort()
  const named =
    addresses.length > NAMED
      ? `${addresses.slice(0, NAMED).join(', ')} and ${addresses.length - NAMED} more`
      : addresses.join(' and ')
  return `${members[0]?.witnesses[0]?.title ?? title}, ${members.length} times, by ${named}`
}
