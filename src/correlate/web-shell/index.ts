import {
  type Confidence,
  compareSeverity,
  confidences,
  type EventQueries,
  type Finding,
  type FindingId,
  type Incident,
  MAX_EVIDENCE_REFERENCES,
  type Micros,
  type SourceRef,
  type Step,
  severities,
  stableId,
  type Witness,
} from '../../model/index.ts'
import { addressOfMachine, type CaseFinding } from '../case-finding.ts'
import { nameOf } from '../links.ts'
import { actorsAmong, byFinding } from '../merge.ts'
import { withReplaced } from '../replaced.ts'
import { drawnTechnique } from '../steps.ts'
import { alsoDone, isVisitTo, type Life, lifeOf, recordsOf } from './life.ts'
import { type Member, machineOf, type Shell, sameMachine, shellsOf } from './shells.ts'
import { type Answers, answersBy, type Side } from './sides.ts'
import { actorsOf, innocentReading, lifeSentences, oneSideNote, type Surroundings, titleOf } from './tell.ts'
import {
  copiesOf,
  fileTraces,
  type Places,
  publishedBy,
  recordedSides,
  type Start,
  startsOf,
  type Visit,
  visitDuring,
  visitsAround,
  visitsTo,
} from './traces.ts'

/** What joining works on. */
export interface WebShellInput {
  readonly queries: EventQueries
  /** Findings with their names resolved, as incidents were made of them. */
  readonly entries: readonly CaseFinding[]
  readonly incidents: readonly Incident[]
  readonly places: Places
}

/** Findings of one web shell made one, and incidents that point to it. */
export interface JoinedShells {
  readonly findings: readonly Finding[]
  readonly incidents: readonly Incident[]
  /** Which findings a joined one is made of, so that a mark on it reaches them. */
  readonly parts: ReadonlyMap<FindingId, readonly FindingId[]>
}

export const JOINED = 'web-shell/joined'

/** Process starts without a page of their own belong to a dropped file for so long: whoever leaves a page uses it at once and for a day. */
const FILE_TO_COMMAND = 24 * 60 * 60 * 1_000_000

/**
 * Makes one finding of everything that is about one web shell: the file, the requests to its page and the processes it started, joined by
 * machine, name and time. Steps stay as they are and point to it. What stands on one side alone says what the others would have to show.
 */
export async function joinWebShells(
  { queries, entries, incidents, places }: WebShellInput,
  findings: readonly Finding[],
): Promise<JoinedShells> {
  const told = new Map(findings.map(finding => [finding.id, finding]))
  const current = entries.flatMap(entry => {
    const finding = told.get(entry.finding.id)
    return finding ? [{ ...entry, finding }] : []
  })
  const answers = answersBy(await publishedBy(queries, places), sameMachine)
  const { shells, processes } = shellsOf(current, answers)
  if (shells.length === 0 && processes.length === 0) return { findings, incidents, parts: new Map() }
  const starts = await startsOf(queries, processes, places)
  shells.push(...(await pagesOfProcesses(queries, processes, starts, shells, { places, answers })))
  const visits = await visitsTo(queries, shells, places)
  const files = await fileTraces(queries, shells, places)
  const homes = homesOf(processes, starts, shells, visits, answers)
  const recorded = await recordedSides(queries, places)
  const machinesOf = new Map(current.map(entry => [entry.finding.id, entry.machines]))
  const replaced = new Map<FindingId, Finding>()
  const noted = new Map<FindingId, Finding>()
  const parts = new Map<FindingId, readonly FindingId[]>()
  for (const shell of shells) {
    const mine = processes.filter(member => homes.get(member) === shell)
    const life = lifeOf(
      shell,
      {
        members: mine.filter(({ entry }) => isShellAlone(entry.finding)),
        deeds: mine.filter(({ entry }) => !isShellAlone(entry.finding)),
        starts: mine.flatMap(member => starts.get(member) ?? []).toSorted((a, b) => a.at - b.at || a.ref.record - b.ref.record),
      },
      visits,
      files,
      answers,
    )
    if (!life.members.some(({ entry }) => compareSeverity(entry.ownSeverity, 'medium') >= 0)) continue
    const copies = await copiesOf(queries, [...new Set(life.files.map(({ hashes }) => hashes))], places)
    const around = {
      also: alsoDone(life, findings, finding => machinesOf.get(finding.id) ?? []),
      hops: hopsFrom(life, incidents),
      seen: (side: Side) => recorded(shell.machine, side),
      elsewhere: [
        ...new Set(
          copies.filter(copy => !sameMachine(copy.machine, shell.machine)).map(copy => `${nameOf(copy.machine)} (${copy.path})`),
        ),
      ].sort(),
    }
    if (life.sides.length < 2) {
      for (const { entry } of life.members) noted.set(entry.finding.id, withNote(entry, oneSideNote(life, around)))
      continue
    }
    const finding = joinedFinding(life, around)
    parts.set(
      finding.id,
      life.members.map(({ entry }) => entry.finding.id),
    )
    for (const { entry } of life.members) replaced.set(entry.finding.id, finding)
    for (const { entry } of life.deeds)
      noted.set(entry.finding.id, withNote(entry, `It came through the web shell ${finding.object}.`))
  }
  for (const member of processes) {
    if (homes.has(member) || compareSeverity(member.entry.ownSeverity, 'medium') < 0) continue
    const shell = { machine: machineOf(member), url: '', file: '', members: [] }
    const life = lifeOf(shell, { members: [member], deeds: [], starts: starts.get(member) ?? [] }, [], [], answers)
    const around = {
      also: [],
      hops: hopsFrom(life, incidents),
      seen: (side: Side) => recorded(life.machine, side),
      elsewhere: [],
    }
    noted.set(member.entry.finding.id, withNote(member.entry, oneSideNote(life, around)))
  }
  const unique = new Set<FindingId>()
  return {
    findings: findings
      .map(finding => replaced.get(finding.id) ?? noted.get(finding.id) ?? finding)
      .filter(({ id }) => !unique.has(id) && unique.add(id).size > 0)
      .toSorted(byFinding),
    incidents: incidents.map(incident => withReplaced(incident, new Map([...replaced].map(([id, finding]) => [id, finding.id])))),
    parts,
  }
}

const withNote = (entry: CaseFinding, note: string): Finding => ({ ...entry.finding, why: `${entry.finding.why} ${note}`.trim() })

/** Does the finding tell no more than that a command came through the shell? One with an aim of its own stays a finding. */
const isShellAlone = (finding: Finding) => drawnTechnique(finding) === 'T1505.003'

/**
 * Pages that no detector of requests spoke of, but that were being answered each time the web server started something: at least half of
 * the starts of a finding, at least two moments of it where it has as many, and nobody else's page.
 */
async function pagesOfProcesses(
  queries: EventQueries,
  processes: readonly Member[],
  starts: ReadonlyMap<Member, readonly Start[]>,
  shells: readonly Shell[],
  { places, answers }: { readonly places: Places; readonly answers: Answers },
): Promise<readonly Shell[]> {
  const all = processes.flatMap(member => starts.get(member) ?? [])
  const around = await visitsAround(queries, all, places)
  const found: Shell[] = []
  for (const member of processes) {
    const mine = starts.get(member) ?? []
    const near = around.filter(visit => sameMachine(visit.machine, machineOf(member)))
    const pages = Map.groupBy(near, visit => visit.page)
    const [best] = [...pages]
      .map(([page, list]) => ({ page, list, hits: mine.filter(start => visitDuring(start, list)).length }))
      .toSorted((a, b) => b.hits - a.hits || a.list.length - b.list.length || (a.page < b.page ? -1 : 1))
    if (!best || best.hits * 2 < mine.length || best.hits === 0) continue
    if (new Set(best.list.map(visit => visit.client)).size > 2) continue
    if ([...shells, ...found].some(shell => shell.url === best.page && sameMachine(shell.machine, machineOf(member)))) continue
    // A file that is known already may be what answers there.
    if (shells.some(shell => shell.url === '' && best.list.some(visit => isVisitTo(shell, visit, answers)))) continue
    found.push({ machine: machineOf(member), url: best.page, file: '', members: [] })
  }
  return found
}

/** Which page each finding about processes belongs to: the one most of its starts lie within requests of, else the only file dropped that day. */
function homesOf(
  processes: readonly Member[],
  starts: ReadonlyMap<Member, readonly Start[]>,
  shells: readonly Shell[],
  visits: readonly Visit[],
  answers: Answers,
): ReadonlyMap<Member, Shell> {
  const homes = new Map<Member, Shell>()
  for (const member of processes) {
    const mine = starts.get(member) ?? []
    const here = shells.filter(shell => sameMachine(shell.machine, machineOf(member)))
    const ranked = here
      .map(shell => {
        const own = visits.filter(visit => visit.status < 400 && isVisitTo(shell, visit, answers))
        return { shell, asked: own.length > 0, hits: mine.filter(start => visitDuring(start, own)).length }
      })
      .toSorted((a, b) => b.hits - a.hits)
    const [best] = ranked
    if (!best) continue
    if (best.hits > 0) {
      homes.set(member, best.shell)
      continue
    }
    // No log of requests to it: a file that was written before, at most a day.
    const dropped = ranked.filter(
      ({ shell, asked }) => !asked && shell.members.some(({ entry }) => isBefore(entry, member.entry)),
    )
    if (dropped.length === 1 && dropped[0]) homes.set(member, dropped[0].shell)
  }
  return homes
}

const isBefore = (file: CaseFinding, command: CaseFinding) =>
  command.from >= file.from - 60_000_000 && command.from - file.from <= FILE_TO_COMMAND

function joinedFinding(life: Life, around: Surroundings): Finding {
  const members = life.members.map(({ entry }) => entry.finding)
  const severity = severities[Math.max(...members.map(finding => severities.indexOf(finding.severity)))] ?? 'medium'
  const times = [...members.flatMap(({ firstTime, lastTime }) => [firstTime, lastTime]).filter(time => time !== undefined)]
  const evidence = union([...members.flatMap(finding => finding.evidence), ...recordsOf(life)])
  const { addresses, accounts, page } = actorsOf(life, life.members)
  const hosts = [...new Set(members.flatMap(finding => finding.hosts))].sort()
  const machine = addressOfMachine(life.machine) ?? life.machine
  const story = lifeSentences(life, around)
  const whys = [...new Set(members.map(finding => finding.why))].filter(why => why !== '' && !story.includes(why))
  return {
    id: stableId('finding', JOINED, machine, page) as FindingId,
    title: titleOf(life),
    severity,
    confidence: raised(members, severity, life.sides.length),
    techniques: [...new Set(['T1505.003', ...members.flatMap(finding => finding.techniques)])],
    hosts,
    accounts: actorsAmong(accounts),
    addresses,
    object: page,
    firstTime: times.length === 0 ? undefined : (Math.min(...times) as Micros),
    lastTime: times.length === 0 ? undefined : (Math.max(...times) as Micros),
    count: Math.max(...members.map(finding => finding.count)),
    why: `${story}${whys.length === 0 ? '' : ` What else each side says: ${whys.join(' ')}`}`,
    benignExplanation: innocentReading(life),
    evidence: evidence.slice(0, MAX_EVIDENCE_REFERENCES),
    evidenceTotal: Math.max(evidence.length, ...members.map(finding => finding.evidenceTotal)),
    witnesses: witnessesOf(members, severity),
    succeeded: true,
  }
}

/** Two sides raise the confidence of the strongest one step, three make it high. */
function raised(members: readonly Finding[], severity: Finding['severity'], agreeing: number): Confidence {
  if (agreeing >= 3) return 'high'
  const best = Math.max(
    ...members.filter(finding => finding.severity === severity).map(({ confidence }) => confidences.indexOf(confidence)),
  )
  return confidences[Math.min(best + 1, confidences.length - 1)] ?? 'moderate'
}

function union(refs: readonly SourceRef[]): readonly SourceRef[] {
  const seen = new Map<string, SourceRef>()
  for (const ref of refs) {
    const key = `${ref.evidence}:${ref.record}:${ref.offset}`
    if (!seen.has(key)) seen.set(key, ref)
  }
  return [...seen.values()]
}

function witnessesOf(members: readonly Finding[], level: Finding['severity']): readonly Witness[] {
  const known = new Map<string, Witness>()
  const own: Witness = { source: 'barograph', rule: JOINED, title: 'Sides of one web shell joined', level }
  for (const witness of [own, ...members.flatMap(finding => finding.witnesses)]) {
    const key = `${witness.source}\n${witness.rule}`
    const before = known.get(key)
    if (!before || compareSeverity(witness.level, before.level) > 0) known.set(key, witness)
  }
  return [...known.values()].toSorted(
    (a, b) =>
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      compareSeverity(b.level, a.level) ||
      (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
  )
}

/** Machines that steps of the same incidents go to from the web server after the shell was first there. */
function hopsFrom(life: Life, incidents: readonly Incident[]): readonly string[] {
  const ids = new Set(life.members.map(({ entry }) => entry.finding.id))
  const since = life.members.map(({ entry }) => entry.from).filter(Number.isFinite)
  const first = since.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...since)
  const goesOn = (step: Step) =>
    step.from.name === life.machine && step.to.name !== life.machine && (step.orderedTime ?? Number.NEGATIVE_INFINITY) >= first
  const steps = incidents
    .filter(incident => incident.findings.some(id => ids.has(id)))
    .flatMap(incident => incident.steps.filter(goesOn))
  return [...Map.groupBy(steps, step => step.to.name)].map(([name, list]) => `${name} (${list[0]?.title ?? ''})`)
}
