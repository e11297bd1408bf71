import type { ReportIncident, ReportStep, StepEnd } from '../../model/index.ts'
import { visibleLine } from '../text/visible.ts'
import { clockMinutes, entityWords } from '../text/words.ts'
import { cellWidth, clip, pad, wrap } from './cells.ts'
import type { Pen } from './style.ts'

/** A terminal page holds about this many steps; the rest is in report.html. */
const MAX_STEPS = 40
/** Paths are compared so far ahead only. */
const MOST_BOXES = 8
const MIN_BOX = 13
const MAX_BOX = 24

const key = (end: StepEnd) => `${end.entity}\u0000${end.name}`

/** One arrow of the drawing: all steps between the same two ends share it, and so do the relays that lead to the same place. */
interface Arrow {
  readonly from: readonly StepEnd[]
  readonly to: StepEnd
  readonly numbers: readonly number[]
  readonly how: ReportStep['how']
}

const isOutside = (end: StepEnd) => end.entity === 'relay' || end.entity === 'outside-address'

/** Steps that go from one entity to another, in order of the first of each way. */
function arrowsOf(steps: readonly ReportStep[]): Arrow[] {
  const ways = new Map<string, ReportStep[]>()
  for (const step of steps) {
    if (key(step.from) === key(step.to)) continue
    const from = isOutside(step.from) ? step.from.entity : key(step.from)
    const way = `${from}\u0001${key(step.to)}`
    ways.set(way, [...(ways.get(way) ?? []), step])
  }
  return [...ways.values()].flatMap(group => {
    const [first] = group
    if (!first) return []
    const from = [...new Map(group.map(step => [key(step.from), step.from])).values()]
    return [
      {
        from,
        to: first.to,
        numbers: group.map(step => step.order),
        how: group.some(step => step.how === 'observed') ? 'observed' : 'inferred',
      },
    ]
  })
}

interface Cell {
  readonly ends: readonly StepEnd[]
  /** The arrow that leads to this box; undefined at the start of a path. */
  readonly arrow: Arrow | undefined
}

const leavesFrom = (arrow: Arrow, end: StepEnd) => arrow.from.length === 1 && arrow.from.every(from => key(from) === key(end))

/** How many boxes still follow each other from an end on, as far as it matters for a drawing. */
function reach(end: StepEnd, arrows: readonly Arrow[], visited: ReadonlySet<string>): number {
  if (isOutside(end) || visited.size > MOST_BOXES) return 0
  const here = new Set([...visited, key(end)])
  const onwards = arrows.filter(arrow => leavesFrom(arrow, end) && !here.has(key(arrow.to)))
  return Math.max(0, ...onwards.map(arrow => 1 + reach(arrow.to, arrows, here)))
}

/** Arrows joined end to end, at a fork the way that leads farthest: each path is a row of boxes. */
function pathsOf(arrows: readonly Arrow[]): Cell[][] {
  const rest = [...arrows]
  const paths: Cell[][] = []
  const drawn = new Set<string>()
  for (let first = rest.shift(); first; first = rest.shift()) {
    const path: Cell[] = [
      { ends: first.from, arrow: undefined },
      { ends: [first.to], arrow: first },
    ]
    const visited = new Set([...first.from, first.to].map(key))
    // What goes out to an address and what came in from it are two ways, and need not follow each other in time.
    for (let last = first.to; !isOutside(last); ) {
      const ways = rest
        .map((arrow, place) => ({ arrow, place }))
        .filter(({ arrow }) => leavesFrom(arrow, last) && (isOutside(arrow.to) || !visited.has(key(arrow.to))))
        .map(({ arrow, place }) => ({
          place,
          reach: reach(arrow.to, rest, visited),
          drawn: Number(drawn.has(key(arrow.to)) && arrow.to.entity !== 'critical-service'),
        }))
      const next = ways.toSorted((a, b) => b.reach - a.reach || a.drawn - b.drawn || a.place - b.place)[0]?.place ?? -1
      const [arrow] = next < 0 ? [] : rest.splice(next, 1)
      if (!arrow) break
      visited.add(key(arrow.to))
      path.push({ ends: [arrow.to], arrow })
      last = arrow.to
    }
    paths.push(path)
    for (const end of path.flatMap(cell => cell.ends)) drawn.add(key(end))
  }
  return paths
}

/** "dc01" of a host, "203.0.113.24 +2" of several relays. */
function boxName(ends: readonly StepEnd[]): string {
  const [first] = ends
  if (!first) return ''
  const isHost =
    first.entity === 'host' || first.entity === 'edge-device' || (first.entity === 'critical-service' && !/\s/.test(first.name))
  const name = visibleLine(isHost && /^[a-z_][\w-]*\./i.test(first.name) ? (first.name.split('.')[0] ?? first.name) : first.name)
  return ends.length > 1 ? `${name} +${ends.length - 1}` : name
}

/** "host", "relays", "outside addresses". */
function kindOf(ends: readonly StepEnd[]): string {
  const [first] = ends
  if (!first) return ''
  const kind = entityWords[first.entity]
  return ends.length === 1 ? kind : first.entity === 'outside-address' ? `${kind}es` : `${kind}s`
}

/** One measure for all paths of a drawing, so that boxes stand below each other. */
interface Measure {
  /** Width of the names in the first, second, … box of every path. */
  readonly boxes: readonly number[]
  readonly arrow: number
  readonly lost: ReadonlySet<string>
}

function measure(paths: readonly (readonly Cell[])[], lost: ReadonlySet<string>, pen: Pen): Measure {
  const most = Math.max(...paths.map(path => path.length))
  const limit = Math.min(MAX_BOX, pen.width - 14)
  const boxes = Array.from({ length: most }, (_, index) => {
    const names = paths.flatMap(path =>
      path[index] ? [cellWidth(boxName(path[index].ends)), kindOf(path[index].ends).length] : [],
    )
    return Math.min(limit, Math.max(MIN_BOX, ...names))
  })
  const numbers = Math.max(...paths.flat().map(({ arrow }) => arrow?.numbers.join(',').length ?? 0))
  return { boxes, arrow: Math.min(9, Math.max(7, numbers + 3)), lost }
}

/** Three lines for each row of boxes; a path too long for the width goes on in the next row, from the box it stopped at. */
function drawPath(path: readonly Cell[], { boxes, arrow: arrowCells, lost }: Measure, pen: Pen): string[] {
  const { glyphs, paint } = pen
  const lines: string[] = []
  let row: [string, string, string] = ['', '', '']
  let used = 0
  const add = (top: string, middle: string, bottom: string, cells: number) => {
    row = [row[0] + top, row[1] + middle, row[2] + bottom]
    used += cells
  }
  const flush = () => {
    lines.push(...row.map(line => line.trimEnd()))
    row = ['', '', '']
    used = 0
  }
  const blank = ' '.repeat(arrowCells)
  const addBox = (index: number, ends: readonly StepEnd[]) => {
    const box = boxes[index] ?? MIN_BOX
    const kind = clip(` ${kindOf(ends)} `, box + 2, glyphs.cut)
    const name = pad(clip(pen.plain(boxName(ends)), box, glyphs.cut), box)
    add(
      `${glyphs.topLeft}${kind}${glyphs.across.repeat(box + 2 - cellWidth(kind))}${glyphs.topRight}`,
      `${glyphs.down} ${paint('bold', name)} ${glyphs.down}`,
      `${glyphs.bottomLeft}${glyphs.across.repeat(box + 2)}${glyphs.bottomRight}`,
      box + 4,
    )
  }
  for (const [index, { ends, arrow }] of path.entries()) {
    const cells = arrowCells + (boxes[index] ?? MIN_BOX) + 4
    if (used > 0 && used + cells > pen.width) {
      flush()
      const before = path[index - 1]
      const again = arrowCells + (boxes[index - 1] ?? MIN_BOX) + 4
      if (before && again + cells <= pen.width) {
        add(blank, blank, blank, arrowCells)
        addBox(index - 1, before.ends)
      }
    }
    const body = arrow
      ? arrowBody(arrow, used === 0, arrowCells, pen)
      : ends.some(end => isOutside(end) && lost.has(end.name))
        ? lostBody(arrowCells, pen)
        : ''
    add(blank, body === '' ? blank : paint(arrow ? 'bold' : 'dim', body), blank, arrowCells)
    addBox(index, ends)
  }
  flush()
  return lines
}

function arrowBody({ numbers, how }: Arrow, continues: boolean, cells: number, { glyphs }: Pen): string {
  const line = how === 'observed' ? glyphs.seen : glyphs.guessed
  const start = continues ? glyphs.branch : line
  const text = clip(numbers.join(','), cells - 3, glyphs.cut)
  return `${start}${text}${line.repeat(Math.max(0, cells - 2 - cellWidth(text)))}${glyphs.head}`
}

/** An arrow out of nowhere, broken. */
function lostBody(cells: number, { glyphs }: Pen): string {
  const end = `${glyphs.broken}${glyphs.guessed}${glyphs.head}`
  return `?${glyphs.guessed.repeat(Math.max(0, cells - 1 - cellWidth(end)))}${end}`
}

/** Paths in the terminal: more than these repeat what the list of steps says. */
const MAX_PATHS = 8

/** The attack path as boxes and arrows with step numbers, then the numbered steps with times. */
export function attackPath(incident: ReportIncident, pen: Pen): string[] {
  const { glyphs, paint, plain } = pen
  const shown = incident.steps.slice(0, MAX_STEPS)
  const paths = pathsOf(arrowsOf(shown))
  const lostAt: ReadonlySet<string> = new Set(incident.trailEnds.map(end => end.at))
  const size = paths.length > 0 ? measure(paths, lostAt, pen) : undefined
  const lines = size ? paths.slice(0, MAX_PATHS).flatMap(path => drawPath(path, size, pen)) : []
  if (paths.length > MAX_PATHS) lines.push(paint('dim', `and ${paths.length - MAX_PATHS} further ways, see the steps`))
  if (lines.length > 0)
    lines.push(
      ...wrap(
        plain(
          `${glyphs.seen}${glyphs.seen}${glyphs.head} observed   ${glyphs.guessed}${glyphs.guessed}${glyphs.head} inferred   ${lostAt.size > 0 ? `${glyphs.broken} the trail ends` : ''}`,
        ),
        pen.width,
      ).map(line => paint('dim', line)),
      '',
    )
  for (const step of shown) lines.push(...stepLines(step, pen))
  if (incident.steps.length > shown.length)
    lines.push(paint('dim', `and ${incident.steps.length - shown.length} more steps, see report.html`))
  for (const end of incident.trailEnds.slice(0, 5))
    lines.push(
      ...wrap(
        plain(
          visibleLine(`${glyphs.broken} ${/^the trail ends/i.test(end.why) ? end.why : `trail ends at ${end.at}: ${end.why}`}`),
        ),
        pen.width - 4,
      ).map((line, index) => paint('dim', index === 0 ? line : `   ${line}`)),
    )
  return lines
}

function stepLines(step: ReportStep, pen: Pen): string[] {
  const { paint, plain, glyphs } = pen
  const numberText = String(step.order).padStart(3)
  const how = step.how === 'inferred' ? ' (inferred)' : ''
  const same = key(step.from) === key(step.to)
  const where = same ? `on ${step.to.name}` : `${step.from.name} ${glyphs.head === '>' ? '->' : '→'} ${step.to.name}`
  const account = step.account ? ` as ${step.account}` : ''
  const time = clockMinutes(step.orderedTime || step.time) || 'time unknown'
  const indent = pen.width >= 70 ? 4 + 18 : 4
  const title = wrap(plain(visibleLine(`${step.title}${how}`)), pen.width - indent)
  const hop = step.hop === undefined ? '' : `, ${step.hop.grade}`
  const detail = wrap(plain(visibleLine(`${where}${account}${hop}  ${step.technique}`)), pen.width - indent).slice(0, 3)
  const [first = '', ...more] = title
  const head = pen.width >= 70 ? `${paint('bold', numberText)} ${pad(time, 18)}${first}` : `${paint('bold', numberText)} ${time}`
  const rest = pen.width >= 70 ? more : title
  return [head, ...rest.map(line => ' '.repeat(indent) + line), ...detail.map(line => ' '.repeat(indent) + paint('dim', line))]
}
