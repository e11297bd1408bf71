import type { EntityKind, ReportIncident, ReportStep, ServiceImpact, StepEnd } from '../../model/index.ts'
import { entityWords } from '../text/words.ts'
import { drawable } from './measure.ts'

/** The lanes, left to right: the picture people know from the public reports. */
export const lanes = ['outside', 'relays', 'edge', 'inside', 'services'] as const
export type Lane = (typeof lanes)[number]

export const laneTitles: Readonly<Record<Lane, string>> = {
  outside: 'Outside',
  relays: 'Relays: other people’s devices',
  edge: 'Our edge',
  inside: 'Inside our network',
  services: 'Critical services',
}

const laneOf: Readonly<Record<EntityKind, Lane>> = {
  'outside-address': 'outside',
  relay: 'relays',
  'edge-device': 'edge',
  host: 'inside',
  account: 'inside',
  file: 'inside',
  'web-resource': 'inside',
  service: 'inside',
  'critical-service': 'services',
}

/** Boxes a lane can hold and stay readable, together 40; what is more becomes one box "and N more". */
const MAX_IN_LANE: Readonly<Record<Lane, number>> = { outside: 6, relays: 8, edge: 6, inside: 14, services: 6 }
/** Lines in one box before steps of the same kind share a line. */
const MAX_ROWS = 6

/** One line in a box: a step, or several that came the same way. */
export interface Row {
  readonly steps: readonly ReportStep[]
  /** Box the steps came from; undefined when they happened inside this box. */
  readonly from: string | undefined
  readonly how: ReportStep['how']
  readonly numbers: string
  readonly title: string
}

/** One box. */
export interface Box {
  readonly key: string
  readonly entity: EntityKind | 'unknown'
  readonly lane: Lane
  readonly kind: string
  readonly name: string
  /** Everything, for the tooltip. */
  readonly full: string
  readonly details: readonly string[]
  readonly rows: readonly Row[]
  /** Why the trail ends here; '' when it goes on. */
  readonly trailEnd: string
  readonly state: ServiceImpact['state'] | undefined
  /** Order of the first step that touches it. */
  readonly first: number
}

/** One line between two boxes; `row` is the line of the target it ends at, undefined for the way out of the unknown. */
export interface Way {
  readonly from: string
  readonly to: string
  readonly row: number | undefined
}

/** What the diagram shows, before anything has a place. */
export interface Story {
  readonly boxes: readonly Box[]
  readonly ways: readonly Way[]
}

const UNKNOWN = 'unknown origin'
const keyOf = (end: StepEnd) => `${end.entity}\u0000${end.name}`

interface Draft {
  readonly key: string
  readonly end: StepEnd
  readonly lane: Lane
  first: number
  steps: number
}

/** Boxes and ways of an incident; `services` adds those the intruder reached or could reach. */
export function storyOf(incident: ReportIncident, services: readonly ServiceImpact[]): Story {
  const drafts = draftsOf(incident, services)
  const folded = foldLanes(drafts)
  const rowsAt = rowsByTarget(incident.steps, folded)
  const states = new Map(services.map(service => [service.name, service.state]))
  const ends = trailEndsByName(incident)
  const boxes: Box[] = []
  const groups = new Map<string, Draft[]>()
  for (const draft of drafts)
    groups.set(folded.get(draft.key) ?? draft.key, [...(groups.get(folded.get(draft.key) ?? draft.key) ?? []), draft])
  for (const [key, members] of groups) {
    const [draft] = members
    if (!draft) continue
    const many = members.length > 1
    const names = members.map(member => member.end.name)
    const why = members.map(member => ends.get(member.end.name) ?? '').find(Boolean) ?? ''
    boxes.push({
      key,
      entity: draft.end.entity,
      lane: draft.lane,
      kind: many ? 'more' : entityWords[draft.end.entity],
      name: many ? `${members.length} more` : shortName(draft.end),
      full: drawable(names.slice(0, 40).join(', ')),
      details: many ? [drawable(names.slice(0, 6).join(', '))] : detailsOf(draft.end),
      rows: rowsAt.get(key) ?? [],
      trailEnd: drawable(why),
      state: draft.end.entity === 'critical-service' || draft.end.entity === 'service' ? states.get(draft.end.name) : undefined,
      first: draft.first,
    })
  }
  const lost = boxes.filter(box => box.trailEnd !== '' && (box.lane === 'relays' || box.entity === 'outside-address'))
  const origin = lost.filter(box => box.lane === 'relays')
  const ways = boxes.flatMap(box =>
    box.rows.flatMap((row, index): Way[] => (row.from === undefined ? [] : [{ from: row.from, to: box.key, row: index }])),
  )
  if (origin.length > 0) {
    boxes.push({
      key: UNKNOWN,
      entity: 'unknown',
      lane: 'outside',
      kind: 'origin',
      name: 'Not known',
      full: 'Who sits behind the relays is not in the evidence',
      details: ['hidden behind', 'the relays'],
      rows: [],
      trailEnd: '',
      state: undefined,
      first: 0,
    })
    ways.push(...origin.map(box => ({ from: UNKNOWN, to: box.key, row: undefined })))
  }
  return { boxes: boxes.map(box => (origin.includes(box) ? { ...box, trailEnd: '' } : box)), ways }
}

function draftsOf(incident: ReportIncident, services: readonly ServiceImpact[]): Draft[] {
  const drafts = new Map<string, Draft>()
  const touch = (end: StepEnd, order: number) => {
    const key = keyOf(end)
    const known = drafts.get(key)
    if (known) known.steps++
    else drafts.set(key, { key, end, lane: laneOf[end.entity], first: order, steps: 1 })
  }
  for (const step of incident.steps) {
    touch(step.from, step.order)
    touch(step.to, step.order)
  }
  for (const service of services)
    if (service.state !== 'not reached') {
      const end: StepEnd = { entity: 'critical-service', name: service.name, addresses: [] }
      if (!drafts.has(keyOf(end)))
        drafts.set(keyOf(end), { key: keyOf(end), end, lane: 'services', first: Number.MAX_SAFE_INTEGER, steps: 0 })
    }
  return [...drafts.values()]
}

/** The boxes that share one "and N more": those with the fewest steps in a lane that is too full. */
function foldLanes(drafts: readonly Draft[]): ReadonlyMap<string, string> {
  const folded = new Map<string, string>()
  for (const lane of lanes) {
    const inLane = drafts.filter(draft => draft.lane === lane)
    if (inLane.length <= MAX_IN_LANE[lane]) continue
    const weakest = inLane.toSorted((a, b) => b.steps - a.steps || a.first - b.first).slice(MAX_IN_LANE[lane] - 1)
    for (const draft of weakest) folded.set(draft.key, `more\u0000${lane}`)
  }
  return folded
}

interface RowDraft {
  readonly from: string | undefined
  readonly how: ReportStep['how']
  readonly technique: string
  readonly steps: ReportStep[]
}

function rowsByTarget(steps: readonly ReportStep[], folded: ReadonlyMap<string, string>): ReadonlyMap<string, Row[]> {
  const byTarget = new Map<string, RowDraft[]>()
  const at = (end: StepEnd) => folded.get(keyOf(end)) ?? keyOf(end)
  for (const step of steps) {
    const to = at(step.to)
    const from = at(step.from)
    const rows = byTarget.get(to) ?? []
    rows.push({ from: from === to ? undefined : from, how: step.how, technique: step.technique, steps: [step] })
    byTarget.set(to, rows)
  }
  const result = new Map<string, Row[]>()
  for (const [key, rows] of byTarget) {
    const byTechnique = rows.length > MAX_ROWS ? merge(rows, row => `${row.from}\u0000${row.how}\u0000${row.technique}`) : rows
    const bySource = byTechnique.length > MAX_ROWS ? merge(byTechnique, row => `${row.from}\u0000${row.how}`) : byTechnique
    result.set(
      key,
      bySource.map(row => ({
        steps: row.steps,
        from: row.from,
        how: row.how,
        numbers: numbersOf(row.steps),
        title: `${drawable(row.steps[0]?.title ?? '')}${row.steps.length > 1 ? ` and ${row.steps.length - 1} more` : ''}`,
      })),
    )
  }
  return result
}

function merge(rows: readonly RowDraft[], keyOfRow: (row: RowDraft) => string): RowDraft[] {
  const merged = new Map<string, RowDraft>()
  for (const row of rows) {
    const known = merged.get(keyOfRow(row))
    if (known) known.steps.push(...row.steps)
    else merged.set(keyOfRow(row), { ...row, steps: [...row.steps] })
  }
  return [...merged.values()]
}

/** "3", "3–7" or "3, 9 +2". */
function numbersOf(steps: readonly ReportStep[]): string {
  const numbers = steps.map(step => step.order)
  const [first = 0, second = 0] = numbers
  if (numbers.length === 1) return String(first)
  if (numbers.every((value, index) => value === first + index)) return `${first}–${numbers.at(-1)}`
  return numbers.length === 2 ? `${first}, ${second}` : `${first}, ${second} +${numbers.length - 2}`
}

function trailEndsByName(incident: ReportIncident): ReadonlyMap<string, string> {
  const ends = new Map(incident.trailEnds.map(end => [end.at, end.why]))
  for (const entity of incident.entities)
    for (const name of [...entity.aliases, ...entity.addresses]) {
      const why = ends.get(name)
      if (why !== undefined && !ends.has(entity.name)) ends.set(entity.name, why)
    }
  return ends
}

const NAMED_LIKE_HOSTS: ReadonlySet<EntityKind> = new Set(['host', 'edge-device', 'service', 'critical-service'])
const isHostName = (end: StepEnd) => NAMED_LIKE_HOSTS.has(end.entity) && /^[a-z_][\w-]*(?:\.[\w-]+)+$/i.test(end.name)

/** The first label of a host name, else all of it. */
function shortName(end: StepEnd): string {
  const name = drawable(end.name)
  return (isHostName(end) ? name.split('.')[0] : name) || '(no name)'
}

function detailsOf(end: StepEnd): string[] {
  const domain = isHostName(end) ? drawable(end.name).split('.').slice(1).join('.') : ''
  const [first, ...more] = end.addresses.filter(address => address !== end.name).map(drawable)
  const addresses = first ? `${first}${more.length > 0 ? ` +${more.length}` : ''}` : ''
  return [domain, addresses].filter(Boolean)
}
