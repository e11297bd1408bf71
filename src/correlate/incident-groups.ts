import { techniqueOf } from '../knowledge/index.ts'
import { isOutsideAddress } from '../model/index.ts'
import { atLeast, byCourse, type CaseFinding, isGap, isNoiseFromOutside } from './case-finding.ts'
import { sameAccount } from './entities/accounts.ts'
import { Groups } from './groups.ts'
import { type HopLink, isHop } from './hops.ts'
import { COMES_BACK, type Link } from './links.ts'
import { gap, type Presence, SAME_SITTING, SAME_VISIT } from './presence.ts'

/** The findings of one incident and the links that hold it together. */
export interface IncidentGroup {
  /** In the order of the story. */
  readonly findings: readonly CaseFinding[]
  /** The strongest links that are needed to join the seeds: a spanning tree, so that each has a reason of its own. */
  readonly links: readonly GroupLink[]
  /** Recorded ways between its machines, also where something else joins them already. */
  readonly ways: readonly HopLink[]
}

/** A link with the two findings it joins, earlier first. */
export interface GroupLink {
  readonly link: Link
  readonly earlier: CaseFinding
  readonly later: CaseFinding
}

/** A finding that an incident may start from: somebody's act, medium or more by our own detectors, and not just tried. */
export function isSeed(finding: CaseFinding): boolean {
  return atLeast(finding.ownSeverity, 'medium') && !isNoiseFromOutside(finding.finding) && !isGap(finding.finding)
}

/**
 * Joins seeds into incidents along the strongest links and adds weaker findings that clearly belong to one. A lone medium finding is
 * an incident of one step with low confidence: the verdict weighs it, nobody has to look for it.
 */
export function incidentGroups(
  findings: readonly CaseFinding[],
  links: readonly Link[],
  chains: readonly ReadonlySet<string>[],
  origins: readonly (string | undefined)[],
  presence: Presence,
): readonly IncidentGroup[] {
  const seeds = findings.map(isSeed)
  const groups = new Groups(findings.length)
  const kept: Link[] = []
  const byStrength = links
    .filter(link => seeds[link.one] && seeds[link.other])
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        Math.min(a.one, a.other) - Math.min(b.one, b.other) ||
        Math.max(a.one, a.other) - Math.max(b.one, b.other) ||
        (a.why < b.why ? -1 : 1),
    )
  for (const link of byStrength) if (groups.join(link.one, link.other)) kept.push(link)
  const core = groups
    .lists()
    .map(members => members.filter(member => seeds[member]))
    .filter(members => members.length > 0)
  const homes = companions(findings, core, { seeds, chains, origins, presence, hops: shownHops(links, findings.length) })
  return core.map((members, index) => {
    const added = [...homes].filter(([, home]) => home === index).map(([member]) => member)
    const all = [...members, ...added].map(member => findings[member]).filter(finding => finding !== undefined)
    const told = new Set([...members, ...added])
    return {
      findings: all.toSorted(byCourse),
      ways: links.filter(isHop).filter(link => told.has(link.one) && told.has(link.other)),
      links: kept.filter(link => members.includes(link.one)).flatMap(link => groupLink(findings, link)),
    }
  })
}

/** For each finding those that a recorded way by the same account, or out of a tunnel session, joins it with. */
function shownHops(links: readonly Link[], count: number): readonly (readonly number[])[] {
  const joined = Array.from({ length: count }, (): number[] => [])
  for (const link of links.filter(isHop)) {
    if (link.how !== 'observed') continue
    joined[link.one]?.push(link.other)
    joined[link.other]?.push(link.one)
  }
  return joined
}

function groupLink(findings: readonly CaseFinding[], link: Link): readonly GroupLink[] {
  const one = findings[link.one]
  const other = findings[link.other]
  if (!one || !other) return []
  return [byCourse(one, other) <= 0 ? { link, earlier: one, later: other } : { link, earlier: other, later: one }]
}

/** What decides where a weaker finding belongs. */
interface Surroundings {
  readonly seeds: readonly boolean[]
  readonly chains: readonly ReadonlySet<string>[]
  readonly origins: readonly (string | undefined)[]
  readonly presence: Presence
  readonly hops: readonly (readonly number[])[]
}

/** Weaker findings and those of users' rules: each goes to the incident that has the same process tree, else the same foreign address or file. */
function companions(
  findings: readonly CaseFinding[],
  core: readonly (readonly number[])[],
  { seeds, chains, origins, presence, hops }: Surroundings,
): ReadonlyMap<number, number> {
  const homes = new Map<number, number>()
  findings.forEach((finding, index) => {
    if (seeds[index] || isNoiseFromOutside(finding.finding) || isGap(finding.finding)) return
    const fits = (home: readonly number[]) => {
      // How somebody came in who went on from there, as the records of both machines say.
      const onward = hops[index]?.some(
        other => home.includes(other) && nearby(finding, findings[other], presence) && finding.from <= (findings[other]?.to ?? 0),
      )
      if (onward && atLeast(finding.ownSeverity, 'low')) return 2
      // What ties two machines together belongs where both are.
      const around = new Set(home.flatMap(member => findings[member]?.machines ?? []))
      if (finding.machines.length > 1 && !finding.machines.every(machine => around.has(machine))) return 0
      const origin = origins[index]
      let best = 0
      // Remote work that came from a machine of the incident soon after something happened there.
      if (
        origin !== undefined &&
        home.some(member => findings[member]?.machines.includes(origin) && nearby(finding, findings[member], presence))
      )
        best = 2
      for (const member of home) best = Math.max(best, fitOf(finding, findings[member], chains[index], chains[member], presence))
      return best
    }
    const ranked = core.map((home, place) => ({ place, fit: fits(home) })).toSorted((a, b) => b.fit - a.fit || a.place - b.place)
    if (ranked[0] && ranked[0].fit > 0) homes.set(index, ranked[0].place)
  })
  enquiries(findings, core, homes, { seeds, presence })
  correspondents(findings, homes, { seeds, presence })
  return homes
}

/** What a machine exchanged with an outside address belongs to the incident in which a lesser finding on that machine names the same address. */
function correspondents(
  findings: readonly CaseFinding[],
  homes: Map<number, number>,
  { seeds, presence }: Pick<Surroundings, 'seeds' | 'presence'>,
): void {
  const before = [...homes]
  findings.forEach((finding, index) => {
    const outside = finding.peers.filter(isOutsideAddress)
    if (seeds[index] || homes.has(index) || outside.length === 0 || !atLeast(finding.ownSeverity, 'low')) return
    if (isNoiseFromOutside(finding.finding) || finding.machines.length !== 1) return
    const home = before.find(([member]) => {
      const known = findings[member]
      return (
        known?.machines.some(machine => finding.machines.includes(machine)) &&
        known.peers.some(peer => outside.includes(peer)) &&
        nearby(finding, known, presence)
      )
    })
    if (home) homes.set(index, home[1])
  })
}

/** Asking around from a machine belongs to the incident that soon after went on from that machine to another; alone it is everyday business. */
function enquiries(
  findings: readonly CaseFinding[],
  core: readonly (readonly number[])[],
  homes: Map<number, number>,
  { seeds, presence }: Pick<Surroundings, 'seeds' | 'presence'>,
): void {
  const moves = core.map((members, place) =>
    [...members, ...[...homes].filter(([, home]) => home === place).map(([member]) => member)]
      .map(member => findings[member])
      .filter(finding => finding !== undefined && finding.hosts.length > 1),
  )
  findings.forEach((finding, index) => {
    if (seeds[index] || homes.has(index) || !atLeast(finding.ownSeverity, 'low') || !isEnquiry(finding)) return
    const place = moves.findIndex(list =>
      list.some(
        move =>
          move !== undefined &&
          move.hosts[0] === finding.hosts[0] &&
          move.to >= finding.from &&
          gap(move, finding) <= SAME_SITTING &&
          presence.sameVisit(finding, move),
      ),
    )
    if (place >= 0) homes.set(index, place)
  })
}

/** Nothing but techniques of the tactic Discovery. */
const isEnquiry = ({ finding }: CaseFinding) =>
  finding.techniques.length > 0 && finding.techniques.every(id => techniqueOf(id)?.tactics.includes('discovery'))

/** A weak pattern that began long before (a form used every day) would move the beginning of the story. */
const nearby = (finding: CaseFinding, member: CaseFinding | undefined, presence: Presence) =>
  member !== undefined && Math.abs(finding.from - member.from) <= SAME_VISIT && presence.sameVisit(finding, member)

function fitOf(
  finding: CaseFinding,
  member: CaseFinding | undefined,
  chain: ReadonlySet<string> | undefined,
  theirs: ReadonlySet<string> | undefined,
  presence: Presence,
): number {
  if (!member || !(gap(finding, member) <= COMES_BACK)) return 0
  if (chain && theirs && chain.size > 0 && !chain.isDisjointFrom(theirs)) return 3
  if (!atLeast(finding.finding.severity, 'low') || !finding.machines.some(machine => member.machines.includes(machine))) return 0
  const fit = fitOnMachine(finding, member)
  // Last, because it looks at every hour between the two.
  return fit > 0 && nearby(finding, member, presence) ? fit : 0
}

/** Were both done by one account, and by no other? */
const isByOneAccount = (finding: CaseFinding, member: CaseFinding) =>
  finding.accounts.length === 1 && finding.accounts.every(account => member.accounts.some(other => sameAccount(account, other)))

/** How well findings of one machine fit, wherever they lie in time. */
function fitOnMachine(finding: CaseFinding, member: CaseFinding): number {
  if (finding.machines.length > 1) return 2
  if (finding.finding.object !== '' && finding.finding.object === member.finding.object) return 2
  // What one person's account did on a machine in one sitting belongs together; on its own it says too little to be told.
  if (gap(finding, member) <= SAME_SITTING && isByOneAccount(finding, member)) return 1
  return finding.peers.some(peer => member.peers.includes(peer)) ? 1 : 0
}
