import { PLANT_MOVES, techniqueName, techniqueOf } from '../knowledge/index.ts'
import {
  type Confidence,
  compareSeverity,
  type Entity,
  type EntityKind,
  type Incident,
  type IncidentId,
  type IncidentRoles,
  isAddress,
  isMachineAccount,
  isOutsideAddress,
  isoFromMicros,
  type Micros,
  micros,
  type Severity,
  type Step,
  type StepEnd,
  severities,
  stableId,
  type TrailEnd,
} from '../model/index.ts'
import { atLeast, type CaseFinding } from './case-finding.ts'
import type { Corroborations } from './corroboration.ts'
import { gradedSteps, hopChains, relayLike, withRelays } from './hop-chains.ts'
import type { IncidentGroup } from './incident-groups.ts'
import { nameOf } from './links.ts'
import { type Scene, stepsOf } from './steps.ts'

/** What a person calls a technique; ATT&CK's own name otherwise. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^T1505\.003/, 'web shell'],
  [/^T1003\.003/, 'copy of the domain password database'],
  [/^T1003/, 'theft of passwords'],
  [/^T1110/, 'password guessing that succeeded'],
  [/^T1133/, 'VPN log-in'],
  [/^T1190/, 'attack on a public server'],
  [/^T1021|^T1570|^T1569|^T1047/, 'movement between machines'],
  [/^T1090|^T1572/, 'hidden relay or tunnel'],
  [/^T1070\.001|^T1562|^T1070\.002/, 'logs cleared or switched off'],
  [/^T1041|^T1048|^T1567/, 'data taken out'],
  [/^T1071|^T1573|^T1095|^T1571/, 'remote control from outside'],
  [/^T1053|^T1543|^T1547|^T1136|^T1098/, 'foothold for later'],
  [/^T1560|^T1074/, 'data packed for taking out'],
  [/^T1204/, 'a malicious file opened by a person'],
  [/^T1105/, 'tools brought in'],
  [/^T1059/, 'commands run'],
  [/^T1078/, 'use of a valid account'],
  [/^T0855/, 'commands to a controller'],
]

/** A group of findings told as one incident. */
export function incidentOf(group: IncidentGroup, scene: Scene, seen: Corroborations): Incident {
  const drawn = stepsOf(group, scene, seen)
  const relays = relayLike(drawn)
  const steps = gradedSteps(
    withRelays(drawn, relays),
    group.findings.flatMap(entry => entry.finding.hops ?? []),
  )
  const roles = rolesOf(steps)
  const seeds = group.findings.filter(entry => atLeast(entry.ownSeverity, 'medium'))
  const severity = severities[Math.max(...seeds.map(entry => severities.indexOf(entry.ownSeverity)))] ?? 'medium'
  const times = steps.map(step => step.orderedTime).filter(time => time !== undefined)
  const lasts = group.findings.map(entry => entry.to).filter(Number.isFinite)
  const firstTime = times[0]
  const lastTime = lasts.length > 0 ? micros(Math.max(...lasts)) : firstTime
  const machines = [
    ...new Set(
      seeds
        .flatMap(entry => entry.machines)
        .filter(machine => !scene.sessionOf(machine))
        .map(nameOf),
    ),
  ].sort()
  return {
    id: stableId('incident', seeds[0]?.finding.id ?? group.findings[0]?.finding.id ?? '') as IncidentId,
    title: titleOf(group, machines),
    summary: summaryOf(group, steps, roles, machines, firstTime, lastTime),
    severity,
    confidence: confidenceOf(group, severity),
    findings: group.findings.map(entry => entry.finding.id),
    entities: entitiesOf(group, steps),
    steps,
    trailEnds: trailEndsOf(steps, roles, relays, firstTime, lastTime),
    chains: hopChains(steps),
    roles,
    firstTime,
    lastTime,
  }
}

/** What was done, each kind once: what moves something in a plant first (water and power come before data), then the most severe. */
function deeds(group: IncidentGroup): readonly string[] {
  const moves = (entry: CaseFinding) => Number(PLANT_MOVES.test(entry.finding.techniques[0] ?? ''))
  const ordered = group.findings
    .filter(entry => atLeast(entry.ownSeverity, 'medium'))
    .toSorted((a, b) => moves(b) - moves(a) || compareSeverity(b.ownSeverity, a.ownSeverity) || a.from - b.from || 0)
  const names = ordered.map(entry => {
    const technique = entry.finding.techniques[0] ?? ''
    return (
      PLAIN.find(([pattern]) => pattern.test(technique))?.[1] ??
      (techniqueOf(technique) ? techniqueName(technique) : entry.finding.title)
    )
  })
  return [...new Set(names)]
}

function titleOf(group: IncidentGroup, machines: readonly string[]): string {
  const done = deeds(group).slice(0, 3)
  const first = done[0] ?? 'suspicious behaviour'
  const what = [first.charAt(0).toUpperCase() + first.slice(1), ...done.slice(1)].join(', ')
  return `${what} on ${listed(machines, 3)}`
}

function listed(names: readonly string[], most: number): string {
  if (names.length === 0) return 'an unnamed machine'
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function summaryOf(
  group: IncidentGroup,
  steps: readonly Step[],
  roles: IncidentRoles,
  machines: readonly string[],
  firstTime: Micros | undefined,
  lastTime: Micros | undefined,
): string {
  const observed = steps.filter(step => step.how === 'observed').length
  const inferred = steps.length - observed
  const when =
    firstTime === undefined
      ? 'At an unknown time'
      : lastTime === undefined || lastTime - firstTime < 60_000_000
        ? `On ${isoFromMicros(firstTime).slice(0, 16).replace('T', ' at ')} UTC`
        : `From ${isoFromMicros(firstTime).slice(0, 16).replace('T', ' ')} to ${isoFromMicros(lastTime).slice(0, 16).replace('T', ' ')} UTC`
  const source = roles.sources.length > 0 ? ` by somebody coming from ${listed(roles.sources, 3)}` : ''
  const control = roles.controllers.length > 0 ? ` The machines reported to ${listed(roles.controllers, 3)}.` : ''
  const guesses = inferred === 0 ? 'all of them recorded' : `${observed} recorded and ${inferred} inferred`
  return `${when} ${listed(machines, 4)} ${machines.length === 1 ? 'was' : 'were'} used${source}: ${deeds(group).slice(0, 6).join('; ')}. ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, ${guesses}.${control}`
}

/** High when a strong finding is sure and something else observed stands beside it; low when only inference holds the story together. */
function confidenceOf(group: IncidentGroup, severity: Severity): Confidence {
  const sure = group.findings.some(
    entry => entry.ownSeverity === severity && atLeast(severity, 'high') && entry.finding.confidence === 'high',
  )
  const inferred = group.links.filter(({ link }) => link.how === 'inferred').length
  if (sure && inferred * 2 <= Math.max(group.links.length, 1)) return 'high'
  return sure || (group.links.length > 0 && inferred < group.links.length) ? 'moderate' : 'low'
}

const isMachineEnd = (end: StepEnd) => end.entity !== 'outside-address' && end.entity !== 'relay'

function rolesOf(steps: readonly Step[]): IncidentRoles {
  const outward = (step: Step) => isMachineEnd(step.from) && !isMachineEnd(step.to)
  const sources = steps.filter(step => !isMachineEnd(step.from)).map(step => step.from.name)
  const cameIn = steps.find(step => !isMachineEnd(step.from) && isMachineEnd(step.to))
  const [first] = steps
  const entry = cameIn ? [cameIn.to.name] : first ? [isMachineEnd(first.from) ? first.from.name : first.to.name] : []
  const pivots = steps
    .filter(step => isMachineEnd(step.from) && isMachineEnd(step.to) && step.from.name !== step.to.name)
    .map(step => step.from.name)
  const controllers = steps.filter(outward).map(step => step.to.name)
  const unique = (names: readonly string[]) => [...new Set(names)].sort()
  return { entry: unique(entry), pivots: unique(pivots), controllers: unique(controllers), sources: unique(sources) }
}

function trailEndsOf(
  steps: readonly Step[],
  roles: IncidentRoles,
  relays: ReadonlySet<string>,
  firstTime: Micros | undefined,
  lastTime: Micros | undefined,
): readonly TrailEnd[] {
  const period = firstTime === undefined ? 'that time' : `${isoFromMicros(firstTime)} to ${isoFromMicros(lastTime ?? firstTime)}`
  const away = [...new Set([...roles.sources, ...roles.controllers])].sort()
  const ends = away.map(address => {
    const role = roles.sources.includes(address) ? 'source' : 'destination'
    return {
      at: address,
      why: `The trail ends at ${address} (${relays.has(address) ? 'it came in as a client and answered as a server, as a device does that passes connections on' : `seen only as ${role}`}). Who used ${address} cannot be told from this evidence.`,
      whatWouldContinueIt: isOutsideAddress(address)
        ? `NetFlow/NAT log of ${address}'s owner or ISP for ${period}, or the device itself.`
        : `The logs of the machine that had ${address} for ${period} (DHCP, VPN and switch logs name it), or the device itself.`,
    }
  })
  const [first] = steps
  if (!first || roles.sources.length > 0) return ends
  const [entry = first.to.name] = roles.entry
  return [
    {
      at: entry,
      why: `The evidence does not show how the intruder came to ${entry}: its first recorded step is already there.`,
      whatWouldContinueIt: `Log-ons to ${entry}, its process starts with command lines, and web, mail and VPN logs of the days before ${firstTime === undefined ? 'it' : isoFromMicros(firstTime)}.`,
    },
    ...ends,
  ]
}

function entitiesOf(group: IncidentGroup, steps: readonly Step[]): readonly Entity[] {
  const found = new Map<string, Entity>()
  const add = (
    entity: EntityKind,
    name: string,
    aliases: readonly string[],
    addresses: readonly string[],
    from: number,
    to: number,
  ) => {
    if (name === '') return
    const id = `${entity}:${name.toLowerCase()}`
    const known = found.get(id)
    const first = Math.min(known?.firstTime ?? Number.POSITIVE_INFINITY, from)
    const last = Math.max(known?.lastTime ?? Number.NEGATIVE_INFINITY, to)
    found.set(id, {
      id,
      entity,
      name: known?.name ?? name,
      aliases: [...new Set([...(known?.aliases ?? []), ...aliases])]
        .filter(alias => alias.toLowerCase() !== name.toLowerCase())
        .sort(),
      addresses: [...new Set([...(known?.addresses ?? []), ...addresses])].sort(),
      firstTime: Number.isFinite(first) ? micros(first) : undefined,
      lastTime: Number.isFinite(last) ? micros(last) : undefined,
    })
  }
  for (const step of steps)
    for (const end of [step.from, step.to]) {
      const at = step.orderedTime ?? Number.NaN
      const names = step.findings.flatMap(id => group.findings.find(entry => entry.finding.id === id)?.finding.hosts ?? [])
      const same = names.filter(name => !isAddress(name) && end.name.startsWith(name.split('.')[0]?.toLowerCase() ?? '\n'))
      add(end.entity, end.name, isMachineEnd(end) ? same : [], end.addresses, at, at)
    }
  for (const entry of group.findings) {
    const { finding } = entry
    for (const account of finding.accounts) if (!isMachineAccount(account)) add('account', account, [], [], entry.from, entry.to)
    if (/^\/[^ ]*\.\w{2,5}$/.test(finding.object)) add('web-resource', finding.object, [], [], entry.from, entry.to)
    else if (/^[a-z]:\\[^*?"<>|]+\.\w{1,5}$/.test(finding.object)) add('file', finding.object, [], [], entry.from, entry.to)
  }
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
