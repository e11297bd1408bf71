import type { Report, ReportFinding, ReportStep, Severity } from '../../model/index.ts'
import { severities } from '../../model/index.ts'
import { secondsOf, strongestIncidents } from '../text/words.ts'

/** A step or a finding at a place in time. */
export type Mark =
  | { readonly kind: 'step'; readonly seconds: number; readonly step: ReportStep; readonly incident: number }
  | { readonly kind: 'finding'; readonly seconds: number; readonly finding: ReportFinding }

/** What happened on one host, in order of time. */
export interface TimelineLane {
  readonly host: string
  readonly marks: readonly Mark[]
}

/** More lanes than these are no picture any more; the quietest hosts share the last one. */
const MAX_LANES = 16

/** Findings outside every incident are shown from here on: what is weaker and joins nothing would only stretch the axis. */
const LEAST_ALONE = severities.indexOf('medium')

/** Every name and address of a host of the incidents, with the name it goes by; names that several hosts share are left out. */
function hostNames(report: Report): (name: string) => string {
  const names = new Map<string, Set<string>>()
  for (const { entity, name, aliases, addresses } of report.incidents.flatMap(incident => incident.entities))
    if (entity === 'host' || entity === 'edge-device' || entity === 'critical-service')
      for (const known of [name, ...aliases, ...addresses])
        names.set(known.toLowerCase(), (names.get(known.toLowerCase()) ?? new Set()).add(name))
  return name => {
    const [only, ...others] = names.get(name.toLowerCase()) ?? []
    return only !== undefined && others.length === 0 ? only : name
  }
}

/** Lanes by the time the intruder first shows there. */
export function timelineLanes(report: Report): readonly TimelineLane[] {
  const byHost = new Map<string, Mark[]>()
  const nameOf = hostNames(report)
  const joined = new Set(report.incidents.flatMap(incident => incident.findings))
  const add = (host: string, mark: Mark) => byHost.set(host, [...(byHost.get(host) ?? []), mark])
  for (const [index, incident] of strongestIncidents(report).entries())
    for (const step of incident.steps) {
      const seconds = secondsOf(step.orderedTime || step.time)
      if (seconds !== undefined) add(nameOf(step.to.name), { kind: 'step', seconds, step, incident: index + 1 })
    }
  for (const finding of report.findings) {
    const seconds = secondsOf(finding.firstTime)
    if (seconds === undefined || finding.severity === 'informational') continue
    if (!joined.has(finding.id) && severities.indexOf(finding.severity) < LEAST_ALONE) continue
    for (const host of new Set(finding.hosts.slice(0, MAX_LANES).map(nameOf))) add(host, { kind: 'finding', seconds, finding })
  }
  const lanes = [...byHost].map(([host, marks]) => ({ host, marks: marks.toSorted((a, b) => a.seconds - b.seconds) }))
  const weight = (lane: TimelineLane) =>
    lane.marks.reduce((sum, mark) => sum + (mark.kind === 'step' ? 1000 : severities.indexOf(mark.finding.severity)), 0)
  const ranked = lanes.toSorted((a, b) => weight(b) - weight(a) || (a.host < b.host ? -1 : 1))
  const kept = ranked.length <= MAX_LANES ? ranked : ranked.slice(0, MAX_LANES - 1)
  const rest = ranked.slice(kept.length)
  const byTime = kept.toSorted((a, b) => (a.marks[0]?.seconds ?? 0) - (b.marks[0]?.seconds ?? 0) || (a.host < b.host ? -1 : 1))
  if (rest.length === 0) return byTime
  return [
    ...byTime,
    { host: `${rest.length} more hosts`, marks: rest.flatMap(lane => lane.marks).toSorted((a, b) => a.seconds - b.seconds) },
  ]
}

/** Marks that would lie on each other, drawn as one. */
export interface Cluster {
  readonly x: number
  readonly width: number
  readonly marks: readonly Mark[]
  readonly text: string
}

const GAP = 4

/** Joins neighbours until nothing touches: `widthOf` says how wide a cluster of these marks is drawn. */
export function clusters(
  marks: readonly Mark[],
  x: (seconds: number) => number,
  textOf: (marks: readonly Mark[]) => string,
  widthOf: (text: string) => number,
  left: number,
  right: number,
): readonly Cluster[] {
  const done: Cluster[] = []
  const made = (items: readonly Mark[]): Cluster => {
    const text = textOf(items)
    const width = widthOf(text)
    const middle = (x(items[0]?.seconds ?? 0) + x(items.at(-1)?.seconds ?? 0)) / 2
    return { x: Math.min(right - width / 2, Math.max(left + width / 2, middle)), width, marks: items, text }
  }
  for (const mark of marks) {
    let cluster = made([mark])
    for (
      let before = done.at(-1);
      before && before.x + before.width / 2 + GAP > cluster.x - cluster.width / 2;
      before = done.at(-1)
    ) {
      done.pop()
      cluster = made([...before.marks, ...cluster.marks])
    }
    done.push(cluster)
  }
  return done
}

/** The strongest severity among the marks. */
export function strongest(marks: readonly Mark[]): Severity {
  return marks.reduce<Severity>(
    (best, mark) =>
      mark.kind === 'finding' && severities.indexOf(mark.finding.severity) > severities.indexOf(best)
        ? mark.finding.severity
        : best,
    'informational',
  )
}
