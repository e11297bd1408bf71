import type { ReportIncident, ReportStep, StepEnd } from '../../model/index.ts'
import { visibleLine } from '../text/visible.ts'
import { clockMinutes, entityWords } from '../text/words.ts'
import { cellWidth, clip, pad, wrap } from './cells.ts'
import type { Pen } from './style.ts'

/** A terminal page holds about this many steps; the rest is in report.html. */
const MAX_STEPS = 40
const MIN_BOX = 14
const MAX_BOX = 30

const key = (end: StepEnd) => `${end.entity}\u0000${end.name}`

/** One arrow of the drawing: consecutive steps between the same two ends share it. */
interface Arrow {
  readonly from: StepEnd
  readonly to: StepEnd
  readonly numbers: number[]
  how: ReportStep['how']
}

/** Steps that go from one entity to another, in order, repeats of the same way folded into one arrow. */
function arrowsOf(steps: readonly ReportStep[]): Arrow[] {
  const arrows = new Map<string, Arrow>()
  for (const step of steps) {
    if (key(step.from) === key(step.to)) continue
    const way = `${key(step.from)}\u0001${key(step.to)}`
    const known = arrows.get(way)
    if (known) {
      known.numbers.push(step.order)
      if (step.how === 'observed') known.how = 'observed'
    } else arrows.set(way, { from: step.from, to: step.to, numbers: [step.order], how: step.how })
  }
  return [...arrows.values()]
}

/** "2", "2,7", "2,7…" in at most `width` cells. */
function numbersText(numbers: readonly number[], width: number, cut: string): string {
  return clip(numbers.join(','), width, cut)
}

interface Cell {
  readonly end: StepEnd
  /** The arrow that leads to this box; undefined at the start of a path. */
  readonly arrow: Arrow | undefined
}

/** Arrows joined end to end: each path is a row of boxes. */
function pathsOf(arrows: readonly Arrow[]): Cell[][] {
  const rest = [...arrows]
  const paths: Cell[][] = []
  while (rest.length > 0) {
    const first = rest.shift() as Arrow
    const path: Cell[] = [
      { end: first.from, arrow: undefined },
      { end: first.to, arrow: first },
    ]
    const visited = new Set([key(first.from), key(first.to)])
    for (;;) {
      const last = path.at(-1)?.end
      const next = rest.findIndex(arrow => last && key(arrow.from) === key(last) && !visited.has(key(arrow.to)))
      const [arrow] = next < 0 ? [] : rest.splice(next, 1)
      if (!arrow) break
      visited.add(key(arrow.to))
      path.push({ end: arrow.to, arrow })
    }
    paths.push(path)
  }
  return paths
}

/** Three lines for each row of boxes; a path too long for the width goes on in the next row behind an arrow. */
function drawPath(path: readonly Cell[], pen: Pen, unknownOrigin: boolean): string[] {
  const { glyphs } = pen
  const longest = Math.max(...path.map(({ end }) => cellWidth(visibleLine(end.name))))
  const box = Math.min(MAX_BOX, Math.max(MIN_BOX, longest), pen.width - 14)
  const arrowCells = Math.min(9, Math.max(6, ...path.map(({ arrow }) => (arrow?.numbers.join(',').length ?? 0) + 3)))
  const lines: string[] = []
  let row = ['', '', '']
  const flush = () => {
    if (row.join('').trim() !== '') lines.push(...row.map(line => line.trimEnd()))
    row = ['', '', '']
  }
  const add = (parts: readonly [string, string, string]) => {
    row = row.map((line, index) => line + parts[index as 0 | 1 | 2])
  }
  const blank = ' '.repeat(arrowCells)
  let used = 0
  for (const { end, arrow } of path) {
    const needed = box + 4 + arrowCells
    if (used > 0 && used + needed > pen.width) {
      flush()
      used = 0
    }
    if (arrow) {
      const text = numbersText(arrow.numbers, arrowCells - 3, glyphs.cut)
      const line = arrow.how === 'observed' ? glyphs.seen : glyphs.guessed
      const body = `${line}${text}${line.repeat(Math.max(0, arrowCells - 2 - cellWidth(text)))}${glyphs.head}`
      add([blank, pen.paint('bold', used === 0 ? clip(`${glyphs.branch}${body}`, arrowCells, glyphs.head) : body), blank])
      used += arrowCells
    } else if (unknownOrigin && (end.entity === 'relay' || end.entity === 'outside-address')) {
      const body = `${glyphs.guessed.repeat(1)}?${glyphs.guessed}${glyphs.broken}${glyphs.guessed}${glyphs.head}`
      add([' '.repeat(cellWidth(body)), pen.paint('dim', body), ' '.repeat(cellWidth(body))])
      used += cellWidth(body)
    }
    const kind = clip(` ${entityWords[end.entity]} `, box + 2, glyphs.cut)
    const name = pad(clip(pen.plain(visibleLine(end.name)), box, glyphs.cut), box)
    add([
      `${glyphs.topLeft}${kind}${glyphs.across.repeat(box + 2 - cellWidth(kind))}${glyphs.topRight}`,
      `${glyphs.down} ${pen.paint('bold', name)} ${glyphs.down}`,
      `${glyphs.bottomLeft}${glyphs.across.repeat(box + 2)}${glyphs.bottomRight}`,
    ])
    used += box + 4
  }
  flush()
  return lines
}

/** Paths in the terminal: more than these repeat what the list of steps says. */
const MAX_PATHS = 8

/** The attack path as boxes and arrows with step numbers, then the numbered steps with times. */
export function attackPath(incident: ReportIncident, pen: Pen): string[] {
  const { glyphs, paint, plain } = pen
  const shown = incident.steps.slice(0, MAX_STEPS)
  const paths = pathsOf(arrowsOf(shown))
  const lostAt = new Set(incident.trailEnds.map(end => end.at))
  const lines = paths.slice(0, MAX_PATHS).flatMap(path => drawPath(path, pen, lostAt.has(path[0]?.end.name ?? '')))
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
      ...wrap(plain(visibleLine(`${glyphs.broken} trail ends at ${end.at}: ${end.why}`)), pen.width - 4).map((line, index) =>
        paint('dim', index === 0 ? line : `   ${line}`),
      ),
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
  const detail = wrap(plain(visibleLine(`${where}${account}  ${step.technique}`)), pen.width - indent).slice(0, 3)
  const [first = '', ...more] = title
  const head = pen.width >= 70 ? `${paint('bold', numberText)} ${pad(time, 18)}${first}` : `${paint('bold', numberText)} ${time}`
  const rest = pen.width >= 70 ? more : title
  return [head, ...rest.map(line => ' '.repeat(indent) + line), ...detail.map(line => ' '.repeat(indent) + paint('dim', line))]
}
