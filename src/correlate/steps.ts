import { techniqueOf } from '../knowledge/index.ts'
import {
  type EntityKind,
  type Finding,
  isAddress,
  isMachineAccount,
  isOutsideAddress,
  MICROS_PER_HOUR,
  MICROS_PER_SECOND,
  micros,
  type SourceRef,
  type Step,
  type StepEnd,
  type StepHop,
} from '../model/index.ts'
import { addressOfMachine, byCourse, type CaseFinding } from './case-finding.ts'
import type { Corroborations } from './corroboration.ts'
import { type Hop, type HopLink, isHop } from './hops.ts'
import type { GroupLink, IncidentGroup } from './incident-groups.ts'
import { nameOf } from './links.ts'
import { SAME_BEHAVIOUR } from './merge.ts'
import type { TunnelSession } from './tunnels.ts'

/** What is known about machines when steps are drawn. */
export interface Scene {
  kindOf(machine: string): EntityKind
  addressesOf(machine: string, moment: number): readonly string[]
  /** Is an inside address part of the operator's own network as far as the evidence or the asset list says? */
  isOurs(address: string, moment: number): boolean
  sessionOf(machine: string): TunnelSession | undefined
  /** The recorded log-on or connection that a finding of remote work came by. */
  originOf(entry: CaseFinding): Hop | undefined
  /** The recorded session, from another machine, that a finding's act was done in. */
  arrivalOf(entry: CaseFinding): Hop | undefined
  /** The other machine that a finding of work on another machine names in its object. */
  targetOf(entry: CaseFinding): string | undefined
  /** The machine that a host name or address means at a moment. */
  machineOf(text: string, moment: number): string
}

/** Repeats of one behaviour between the same ends within an hour, or of the very same act at any time, are one step; the report stays readable and no record is lost. */
const SAME_STEP = MICROS_PER_HOUR
/** Records listed with one step; all are with its findings. */
const STEP_RECORDS = 200

type Draft = Omit<Step, 'order'> & {
  readonly at: number
  readonly until: number
  /** Behaviours of different detectors, or about different things, stay steps of their own. */
  readonly rule: string
  readonly object: string
  /** Technique of the command that was run, where the finding knows one. */
  readonly command?: string
  /** Connections show that somebody went this way, not what was done there. */
  readonly wayOnly?: true
}

/** The steps of an incident in the order they happened: its findings, and the log-ons and connections that tie its machines together. */
export function stepsOf(group: IncidentGroup, scene: Scene, seen: Corroborations): readonly Step[] {
  const acts = group.findings.map(finding => findingStep(placed(finding, group), scene, seen))
  const ways = [...sessionSteps(group, scene), ...linkSteps(group, acts, scene)]
  const drafts = [...acts, ...ways, ...arrivalSteps(group, [...acts, ...ways], scene)].toSorted((a, b) =>
    a.at === b.at ? compare(a, b) : a.at - b.at,
  )
  return waysTold(commandsTold(folded(drafts))).map(({ at, until, rule, object, command, wayOnly, ...step }, index) => ({
    ...step,
    order: index + 1,
  }))
}

/**
 * A way that only its connections show is no step of its own where a step between the same machines at that time says what was done over
 * it (the command that copied a file, and the session it went through): it is that step's witness.
 */
function waysTold(steps: readonly Draft[]): readonly Draft[] {
  const told = new Map<Draft, Draft[]>()
  for (const way of steps.filter(step => step.wayOnly)) {
    const act = steps.find(
      step =>
        step.wayOnly === undefined &&
        step.findings.length > 0 &&
        step.from.name === way.from.name &&
        step.to.name === way.to.name &&
        step.technique === way.technique &&
        step.at <= way.until + SAME_BEHAVIOUR &&
        step.until >= way.at - SAME_BEHAVIOUR,
    )
    if (act) told.set(act, [...(told.get(act) ?? []), way])
  }
  const witnesses = new Set([...told.values()].flat())
  return steps
    .filter(step => !witnesses.has(step))
    .map(step => {
      const ways = told.get(step) ?? []
      if (ways.length === 0) return step
      return {
        ...step,
        why: [step.why, ...ways.map(way => `The network shows the same way: ${way.title}.`)].join(' '),
        findings: [...new Set([...step.findings, ...ways.flatMap(way => way.findings)])],
        evidence: [...step.evidence, ...ways.flatMap(way => way.evidence)].slice(0, STEP_RECORDS),
        evidenceTotal: step.evidenceTotal + ways.reduce((sum, way) => sum + way.evidenceTotal, 0),
      }
    })
}

/** Once the web shell of a machine is told, the steps after it say what was run through it. */
function commandsTold(steps: readonly Draft[]): readonly Draft[] {
  const told = new Map<string, string>()
  return steps.map(step => {
    if (step.technique !== 'T1505.003') return step
    const rule = told.get(step.to.name)
    if (rule === undefined) told.set(step.to.name, step.rule)
    return rule !== undefined && rule !== step.rule && step.command !== undefined ? { ...step, technique: step.command } : step
  })
}

/** A finding without time or machine (a file of a web root) is told where what it is linked with is told. */
function placed(entry: CaseFinding, group: IncidentGroup): CaseFinding {
  if (Number.isFinite(entry.from) && entry.machines.length > 0) return entry
  const link = group.links.find(({ earlier, later }) => earlier === entry || later === entry)
  const partner = link?.earlier === entry ? link.later : link?.earlier
  if (!partner) return entry
  return {
    ...entry,
    machines: entry.machines.length > 0 ? entry.machines : partner.machines,
    from: Number.isFinite(entry.from) ? entry.from : partner.from,
    to: Number.isFinite(entry.to) ? entry.to : partner.from,
  }
}

function compare(a: Draft, b: Draft): number {
  const rank = (step: Draft) => (step.findings.length === 0 ? 0 : 1)
  return rank(a) - rank(b) || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0)
}

function folded(drafts: readonly Draft[]): readonly Draft[] {
  const steps: Draft[] = []
  for (const draft of drafts) {
    const same = steps.findLastIndex(step => isSameStep(step, draft))
    const known = steps[same]
    if (!known || (draft.at - known.until > SAME_STEP && draft.title !== known.title && !isRemoteControl(draft))) {
      steps.push(draft)
      continue
    }
    steps[same] = {
      ...known,
      until: Math.max(known.until, draft.until),
      account: known.account || draft.account,
      findings: [...new Set([...known.findings, ...draft.findings])],
      evidence: [...known.evidence, ...draft.evidence].slice(0, STEP_RECORDS),
      evidenceTotal: known.evidenceTotal + draft.evidenceTotal,
    }
  }
  return steps
}

/** Repeats of one thing; looking around is one step however many commands it took, and so are sessions with one controller. */
function isSameStep(step: Draft, draft: Draft): boolean {
  if (step.technique !== draft.technique || step.rule !== draft.rule || step.how !== draft.how) return false
  if (step.from.name !== draft.from.name || step.to.name !== draft.to.name) return false
  if (step.object === draft.object || step.title === draft.title || isRemoteControl(draft)) return true
  // Both machines log one way between them, each from its side.
  const isOurs = (kind: EntityKind) => kind !== 'outside-address' && kind !== 'relay'
  if (draft.from.name !== draft.to.name && isOurs(draft.from.entity) && isOurs(draft.to.entity)) return true
  return techniqueOf(draft.technique)?.tactics.includes('discovery') ?? false
}

/** A machine that reports to a controller night after night is one step, however long it went on. */
const isRemoteControl = (step: Draft) => techniqueOf(step.technique)?.tactics.includes('command-and-control') ?? false

/** Tactics that say what somebody was after; how the command was started says less. */
const AIMS = new Set(['credential-access', 'lateral-movement', 'collection', 'command-and-control', 'exfiltration', 'impact'])

/** One command leaves at most so many hits (process, log record, object); more are a session with many aims. */
const ONE_ACT = 3
/** Records of one command: two logs, or the shell and the program it starts, write within seconds. */
const ONE_COMMAND = 5 * MICROS_PER_SECOND

/**
 * The technique a step is drawn with: what its title is about, which the first technique of a finding is. Where several detectors saw one
 * single command (a shell of the web server that clears a log), what it was for says more than what it came through; of many commands the
 * title tells one, and the aim of another would not fit it.
 */
export function drawnTechnique(finding: Finding): string {
  const [first = '', ...others] = finding.techniques
  if (
    first !== 'T1505.003' ||
    finding.count > ONE_ACT ||
    finding.witnesses.filter(witness => witness.source === 'barograph').length < 2
  )
    return first
  if (finding.firstTime === undefined || (finding.lastTime ?? finding.firstTime) - finding.firstTime > ONE_COMMAND) return first
  const aim = others.find(id => /^T1070|^T1562/.test(id) || techniqueOf(id)?.tactics.some(tactic => AIMS.has(tactic)))
  return aim ?? first
}

/** Does the behaviour go out from the machine (control, exfiltration, work on another machine) rather than come to it? */
export function goesOut(finding: Finding): boolean {
  const tactics = techniqueOf(finding.techniques[0] ?? '')?.tactics ?? []
  return tactics.includes('command-and-control') || tactics.includes('exfiltration')
}

function findingStep(entry: CaseFinding, scene: Scene, seen: Corroborations): Draft {
  const { finding } = entry
  const other = seen.get(finding.id)
  const origin = scene.targetOf(entry) === undefined ? scene.originOf(entry) : undefined
  const [from, to] = endsOf(entry, origin, scene)
  return {
    time: finding.firstTime,
    orderedTime: finding.firstTime !== undefined ? micros(entry.from) : undefined,
    technique: drawnTechnique(finding),
    title: finding.title,
    from,
    to,
    account: finding.accounts.find(account => !isMachineAccount(account)) ?? finding.accounts[0] ?? '',
    how: 'observed',
    why: [
      finding.why,
      ...(origin ? [`It came from ${shownName(origin.fromMachine, scene)}: ${origin.title}.`] : []),
      ...(other ? [other.sentence] : []),
    ].join(' '),
    ...(other?.unseen === undefined ? {} : { unseen: other.unseen }),
    ...sessionHop(origin?.fromMachine ?? '', scene),
    findings: [finding.id],
    evidence: [...finding.evidence.slice(0, STEP_RECORDS), ...(origin?.evidence.slice(0, 1) ?? []), ...(other?.evidence ?? [])],
    evidenceTotal: finding.evidenceTotal + (origin ? 1 : 0) + (other?.evidence.length ?? 0),
    at: entry.from,
    until: entry.to,
    rule: finding.witnesses[0]?.rule ?? '',
    object: finding.object,
    ...withCommand(finding),
    ...(finding.hops === undefined || finding.hops.length === 0 ? {} : { wayOnly: true as const }),
  }
}

function withCommand(finding: Finding): Pick<Draft, 'command'> {
  const command = finding.techniques.find(id => /^T1059\.\d/.test(id))
  return command === undefined ? {} : { command }
}

/** An address that a command only names is where the command went to, if it was for going out; nobody came from there. */
const staysHere = (entry: CaseFinding) => entry.onlyNamed && !goesOut(entry.finding)

/** Where a finding is told: somebody who comes in from outside comes to the edge device, whatever was reached behind it. */
function placeOf(entry: CaseFinding, scene: Scene): string {
  const [machine = ''] = entry.machines
  if (staysHere(entry) || !entry.peers.some(isOutsideAddress) || goesOut(entry.finding)) return machine
  return entry.machines.find(name => scene.kindOf(name) === 'edge-device') ?? machine
}

/** An act that touched more inside addresses (a scan) has no other end to be drawn to. */
const MOST_ENDS = 8

/** Network detectors name the direction in their object: "10.0.1.4 > 10.0.1.6:5985". */
const DIRECTED = /^(\S+) > (\S+?)(?::\d+)?$/

function endsOf(entry: CaseFinding, origin: Hop | undefined, scene: Scene): readonly [StepEnd, StepEnd] {
  const machine = placeOf(entry, scene)
  const [, left = '', right = ''] = DIRECTED.exec(entry.finding.object) ?? []
  const place = machineEnd(machine, entry.from, scene)
  const end = (text: string) => {
    const known = scene.machineOf(text, entry.from)
    return entry.machines.includes(known) ? machineEnd(known, entry.from, scene) : peerEnd(text, entry, scene)
  }
  if (left !== '')
    return [entry.machines.includes(scene.machineOf(left, entry.from)) || isAddress(left) ? end(left) : place, end(right)]
  const target = scene.targetOf(entry)
  if (target !== undefined) return [place, machineEnd(target, entry.from, scene)]
  if (origin) return [machineEnd(origin.fromMachine, origin.from, scene), place]
  const inside = entry.peers.length > MOST_ENDS ? undefined : entry.peers[0]
  const peer = staysHere(entry) ? undefined : (entry.peers.find(isOutsideAddress) ?? inside)
  const session = entry.machines.find(name => scene.sessionOf(name))
  const other = entry.machines.find(name => name !== machine && !scene.sessionOf(name))
  const away =
    peer !== undefined
      ? peerEnd(peer, entry, scene)
      : session !== undefined || other !== undefined
        ? machineEnd(session ?? other ?? '', entry.from, scene)
        : place
  return (entry.outward ?? goesOut(entry.finding)) ? [place, away] : [away, place]
}

/** A machine as an end of a step. */
export function machineEnd(machine: string, moment: number, scene: Scene): StepEnd {
  if (machine === '') return { entity: 'host', name: 'an unnamed machine', addresses: [] }
  const session = scene.sessionOf(machine)
  // Whoever holds a tunnel session comes out of its gateway; how they came to that is the step before.
  if (session && session.gateway !== '') {
    const gateway = scene.machineOf(session.gateway, moment)
    return { entity: scene.kindOf(gateway), name: gateway, addresses: [session.assigned] }
  }
  if (session) return { entity: 'outside-address', name: session.source, addresses: [session.source, session.assigned] }
  const address = addressOfMachine(machine)
  if (address !== undefined)
    return { entity: isOutsideAddress(address) ? 'outside-address' : 'host', name: address, addresses: [address] }
  return { entity: scene.kindOf(machine), name: machine, addresses: scene.addressesOf(machine, moment) }
}

/** Techniques of somebody else's devices that carry an intruder's traffic. */
const RELAYED = /^T1090\.003$|^T1584\.00[58]$/

function peerEnd(address: string, entry: CaseFinding, scene: Scene): StepEnd {
  const machine = scene.machineOf(address, entry.from)
  if (addressOfMachine(machine) === undefined && scene.isOurs(address, entry.from)) return machineEnd(machine, entry.from, scene)
  const relay = isOutsideAddress(address) && entry.finding.techniques.some(id => RELAYED.test(id))
  // An inside address that nothing of ours answers to is where our view ends, as an outside one is.
  const foreign = isOutsideAddress(address) || !scene.isOurs(address, entry.from)
  return { entity: relay ? 'relay' : foreign ? 'outside-address' : 'host', name: address, addresses: [address] }
}

/** A stay through a tunnel that findings happened in: the way in, where no finding shows it already. */
function sessionSteps(group: IncidentGroup, scene: Scene): readonly Draft[] {
  const sessions = new Set(group.findings.flatMap(entry => entry.machines).map(machine => scene.sessionOf(machine)))
  return [...sessions]
    .filter(session => session !== undefined)
    .filter(
      session =>
        !group.findings.some(
          entry => entry.peers.includes(session.source) && entry.from <= session.to && entry.to >= session.from - SAME_STEP,
        ),
    )
    .map(session => ({
      time: micros(session.from),
      orderedTime: micros(session.from),
      technique: 'T1133',
      title: `${session.user || 'Somebody'} came in by VPN from ${session.source} and had ${session.assigned} inside`,
      from: { entity: 'outside-address' as const, name: session.source, addresses: [session.source] },
      to: machineEnd(session.gateway, session.from, scene),
      account: session.user,
      how: 'observed' as const,
      why: 'What was done from the inside address was done by whoever held this session.',
      findings: [],
      evidence: session.evidence,
      evidenceTotal: session.evidence.length,
      at: session.from,
      until: session.to,
      rule: '',
      object: '',
    }))
}

/** Steps for ways between machines that no finding shows by itself: of several records of one way, the one that says most. */
function linkSteps(group: IncidentGroup, acts: readonly Draft[], scene: Scene): readonly Draft[] {
  const hops = new Map<string, Draft>()
  const ways = group.ways.toSorted(
    (a, b) => saysMost(a) - saysMost(b) || a.hop.from - b.hop.from || (a.hop.title < b.hop.title ? -1 : 1),
  )
  for (const link of ways) {
    const step = hopStep(link, scene)
    const key = `${step.from.name}\n${step.to.name}`
    if (!hops.has(key) && !isShown(step, acts)) hops.set(key, step)
  }
  const guesses = group.links
    .filter(({ link }) => link.how === 'inferred' && !isHop(link))
    .flatMap(entry => inferredStep(entry, scene))
  return [...hops.values(), ...guesses]
}

/** How somebody had come to a machine where the story has no way to it: the session that the first act there was done in. */
function arrivalSteps(group: IncidentGroup, told: readonly Draft[], scene: Scene): readonly Draft[] {
  const reached = new Set<string>()
  return group.findings
    .filter(entry => Number.isFinite(entry.from))
    .toSorted(byCourse)
    .flatMap(entry => {
      const place = machineEnd(entry.machines[0] ?? '', entry.from, scene)
      if (reached.has(place.name)) return []
      reached.add(place.name)
      const hop = scene.arrivalOf(entry)
      const isTold = told.some(step => step.to.name === place.name && step.from.name !== place.name && step.at <= entry.from)
      if (!hop || isTold) return []
      return [
        hopStep(
          {
            hop,
            how: 'observed',
            why: `The session was open when ${hop.account} acted there; whether its owner or somebody else came by it, the record does not say.`,
          },
          scene,
        ),
      ]
    })
}

/** An observed log-on with an account, then an observed connection, then what is only likely. */
const saysMost = ({ how, hop }: HopLink) => (how === 'observed' ? 0 : 2) + (hop.account === '' ? 1 : 0)

/** Does a finding already draw this way at this time? */
function isShown(step: Draft, acts: readonly Draft[]): boolean {
  return acts.some(
    act =>
      act.from.name === step.from.name &&
      act.to.name === step.to.name &&
      act.at <= step.until + SAME_STEP &&
      act.until >= step.at - SAME_STEP,
  )
}

/** Two machines joined by a reason alone, without a record of the way between them. */
function inferredStep({ link, earlier, later }: GroupLink, scene: Scene): readonly Draft[] {
  const [from = ''] = earlier.machines
  const [to = ''] = later.machines
  if (from === '' || to === '' || earlier.machines.some(machine => later.machines.includes(machine))) return []
  const moment = Number.isFinite(later.from) ? later.from : earlier.to
  const account = later.finding.accounts.find(name => !isMachineAccount(name)) ?? ''
  return [
    {
      time: later.finding.firstTime,
      orderedTime: Number.isFinite(later.from) ? micros(later.from) : undefined,
      technique: account === '' ? 'T1021' : 'T1078',
      title: `The same actor went on from ${shownName(from, scene)} to ${shownName(to, scene)}`,
      from: machineEnd(from, moment, scene),
      to: machineEnd(to, moment, scene),
      account,
      how: 'inferred',
      why: `Inferred: ${link.why}; no record shows the way between them. It would be refuted if ${link.refutedBy}.`,
      findings: [],
      evidence: [...earlier.finding.evidence.slice(0, 1), ...later.finding.evidence.slice(0, 1)],
      evidenceTotal: 2,
      at: later.from,
      until: later.from,
      rule: '',
      object: '',
    },
  ]
}

/** A tunnel's gateway writes down which inside address it gave to whom. */
function sessionHop(machine: string, scene: Scene): { readonly hop?: StepHop } {
  const session = scene.sessionOf(machine)
  if (!session || session.gateway === '') return {}
  const gateway = scene.machineOf(session.gateway, session.from)
  return {
    hop: {
      grade: 'proven',
      why: `by the VPN log of ${gateway}: it gave ${session.assigned} to the session from ${session.source}`,
      cameFrom: session.source,
    },
  }
}

function hopStep(link: Pick<HopLink, 'hop' | 'how' | 'why'> & { readonly refutedBy?: string }, scene: Scene): Draft {
  const { hop } = link
  const seen = hop.bothSeen ? ' The machine recorded the log-on, and the connection was recorded as well.' : ''
  const why =
    link.how === 'observed'
      ? `${link.why.replace(/\.$/, '')}.${seen}`
      : `${link.why}.${seen} It would be refuted if ${link.refutedBy}.`
  return {
    time: micros(hop.time),
    orderedTime: micros(hop.from),
    technique: hop.technique,
    title: hop.title,
    from: machineEnd(hop.fromMachine, hop.from, scene),
    to: machineEnd(hop.toMachine, hop.from, scene),
    account: hop.account,
    how: link.how,
    why,
    ...sessionHop(hop.fromMachine, scene),
    findings: [],
    evidence: hop.evidence as readonly SourceRef[],
    evidenceTotal: hop.evidenceTotal,
    at: hop.from,
    until: hop.to,
    rule: '',
    object: '',
  }
}

/** "10.0.0.4" or a machine's name, or the source of a tunnel session: what a person calls it. */
export function shownName(machine: string, scene: Scene): string {
  const session = scene.sessionOf(machine)
  return session ? session.source : nameOf(machine)
}
