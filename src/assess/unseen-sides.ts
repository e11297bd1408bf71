import {
  type BlindSpot,
  type Entity,
  type Incident,
  isoFromMicros,
  MICROS_PER_MINUTE,
  type Micros,
  machineKinds,
  micros,
  type Sight,
  type SightKind,
  type Step,
  shortHostName,
} from '../model/index.ts'

/** Shorter holes at an end of a log are differences of clocks. */
const SHORTEST = 10 * MICROS_PER_MINUTE
/** Steps named with one hole. */
const MOST_STEPS = 4
/** Machines of one incident that are looked at. */
const MOST_MACHINES = 50

interface Hole {
  readonly from: Micros
  readonly to: Micros
}

const UNSEEN: Readonly<Record<SightKind, string>> = {
  'log-ons': 'who logged on, as whom and from where',
  processes: 'which programs were started',
  connections: 'what it connected to and what connected to it',
  'web requests': 'what was asked of its web server',
}

/**
 * Of every machine of an incident: which kind of record nobody has of it, in which part of the incident, and on which side of which steps
 * that is. A log that was being written covers its silences: a quiet machine is not an unseen one.
 */
export function unseenSides(incident: Incident, sights: readonly Sight[]): readonly BlindSpot[] {
  const { firstTime } = incident
  if (firstTime === undefined) return []
  const whole: Hole = { from: firstTime, to: incident.lastTime ?? firstTime }
  return incident.entities
    .filter(entity => machineKinds.includes(entity.entity))
    .slice(0, MOST_MACHINES)
    .flatMap(machine => holesOf(machine, incident, whole, sights))
}

function holesOf(machine: Entity, incident: Incident, whole: Hole, sights: readonly Sight[]): readonly BlindSpot[] {
  const logs = sights.filter(log => isOf(log, machine))
  // A machine that has no log of its own is told of as that.
  if (!logs.some(log => log.own)) return []
  const holes = new Map<string, { readonly hole: Hole; readonly kinds: SightKind[]; readonly none: boolean }>()
  for (const kind of expected(machine, incident, logs)) {
    const telling = logs.filter(log => log.kinds.includes(kind))
    for (const hole of uncovered(whole, telling)) {
      const none = telling.length === 0
      const key = `${hole.from}\n${hole.to}\n${none}`
      const known = holes.get(key) ?? { hole, kinds: [], none }
      known.kinds.push(kind)
      holes.set(key, known)
    }
  }
  return [...holes.values()].map(({ hole, kinds, none }) => ({
    what: none ? `No record of ${words(kinds, 'or')}` : `No record of ${words(kinds, 'or')} in part of the incident`,
    where: machine.name,
    from: isoFromMicros(hole.from),
    to: isoFromMicros(hole.to),
    consequence: `Unseen is ${words(
      kinds.map(kind => UNSEEN[kind]),
      'and',
    )}. ${sidesOf(machine.name, incident.steps, hole)}`,
    howToClose: kinds.map(kind => recordOf(kind, machine, logs)).join(' '),
  }))
}

function isOf(log: Sight, machine: Entity): boolean {
  if (machine.addresses.includes(log.machine) || machine.name === log.machine) return true
  return log.own && [machine.name, ...machine.aliases].some(name => shortHostName(name) === shortHostName(log.machine))
}

/** Log-ons and connections are there to be seen of every machine, programs of every one that is not a device, requests of web servers. */
function expected(machine: Entity, incident: Incident, logs: readonly Sight[]): readonly SightKind[] {
  const serves =
    logs.some(log => log.own && log.kinds.includes('web requests')) ||
    incident.steps.some(step => step.to.name === machine.name && /^T1505\.003|^T1190/.test(step.technique))
  return [
    'log-ons',
    ...(machine.entity === 'edge-device' ? [] : (['processes'] as const)),
    'connections',
    ...(serves && machine.entity !== 'edge-device' ? (['web requests'] as const) : []),
  ]
}

/** What is left of the incident when the times are taken out in which a telling log was written, a usual silence of it before and after included. */
function uncovered(whole: Hole, logs: readonly Sight[]): readonly Hole[] {
  const shortest = Math.min(SHORTEST, whole.to - whole.from)
  return logs
    .reduce<readonly Hole[]>(
      (left, log) => {
        const before = log.emptied ? 0 : log.usualSilence
        const from = log.firstTime - whole.from <= before ? Math.min(whole.from, log.firstTime) : log.firstTime
        const to = whole.to - log.lastTime <= log.usualSilence ? Math.max(whole.to, log.lastTime) : log.lastTime
        return left.flatMap(hole => without(hole, from, to))
      },
      [whole],
    )
    .filter(hole => hole.to - hole.from >= shortest)
}

function without(hole: Hole, from: number, to: number): readonly Hole[] {
  if (to < hole.from || from > hole.to) return [hole]
  return [
    ...(from > hole.from ? [{ from: hole.from, to: micros(from) }] : []),
    ...(to < hole.to ? [{ from: micros(to), to: hole.to }] : []),
  ]
}

/** On which side of which steps a machine stands in a time: what came to it is recorded there as a log-on, what left it by the program that opened it. */
export function sidesOf(machine: string, steps: readonly Step[], hole: Hole): string {
  const inside = steps.filter(
    ({ orderedTime }) => orderedTime !== undefined && orderedTime >= hole.from && orderedTime <= hole.to,
  )
  const far = inside.filter(step => step.to.name === machine && step.from.name !== machine)
  const near = inside.filter(step => step.from.name === machine && step.to.name !== machine)
  const here = inside.filter(step => step.from.name === machine && step.to.name === machine)
  const sides = [
    ...(far.length > 0 ? [`the far side of ${named(far)}`] : []),
    ...(near.length > 0 ? [`the near side of ${named(near)}`] : []),
    ...(here.length > 0 ? [`where ${here.length === 1 ? 'step' : 'steps'} ${orders(here)} took place`] : []),
  ]
  return sides.length === 0
    ? 'No step that is known of it falls into this time; an unknown one could.'
    : `In this time it is ${words(sides, 'and')}.`
}

function named(steps: readonly Step[]): string {
  const shown = steps.slice(0, MOST_STEPS).map(step => `step ${step.order} (${step.from.name} to ${step.to.name})`)
  return steps.length > MOST_STEPS ? `${shown.join(', ')} and ${steps.length - MOST_STEPS} more` : words(shown, 'and')
}

function orders(steps: readonly Step[]): string {
  const shown = steps.slice(0, MOST_STEPS).map(step => String(step.order))
  return steps.length > MOST_STEPS ? `${shown.join(', ')} and ${steps.length - MOST_STEPS} more` : words(shown, 'and')
}

const WINDOWS =
  /^(?:security|system|application|sysmon|powershell|terminal-services|wmi|task-scheduler|defender|esent|windows|iis)$/

/** The record that would continue the trail there. */
function recordOf(kind: SightKind, machine: Entity, logs: readonly Sight[]): string {
  const windows = logs.some(log => log.own && WINDOWS.test(log.source))
  switch (kind) {
    case 'log-ons':
      if (machine.entity === 'edge-device')
        return 'The device’s log of administrators and VPN sessions of that time, from a syslog server or the device itself, names account and source.'
      return windows
        ? 'The Security event log of that time (4624, 4625, 4648), from forwarded events, backups or shadow copies, names account and source.'
        : 'The log of its log-ons of that time (auth.log, secure, journal), from rotated files or a syslog server, names account and source.'
    case 'processes':
      return windows
        ? 'Process starts with command lines of that time (Sysmon 1 or Security 4688), from an EDR or forwarded events, name the program and who started it; Prefetch and Amcache name programs.'
        : 'Records of auditd or an EDR of that time, and shell histories, name the programs.'
    case 'connections':
      return 'Flow records of that time of a sensor, firewall or switch on its network (Zeek, NetFlow, traffic logs) show both ends.'
    case 'web requests':
      return 'The access log of its web server, reverse proxy or load balancer of that time names page and client.'
    default:
      return kind satisfies never
  }
}

function words(list: readonly string[], last: 'and' | 'or'): string {
  return list.length < 2 ? (list[0] ?? '') : `${list.slice(0, -1).join(', ')} ${last} ${list.at(-1)}`
}
