import type { ReportStep, ServiceImpact } from '../../model/index.ts'
import { html, Markup } from '../html/escape.ts'
import { plural } from '../text/words.ts'
import { icons } from './icons.ts'
import { textWidth, wrapText } from './measure.ts'
import { type Placed, type PlacedBox, type PlacedRow, SIZE, usedLanes } from './place.ts'
import { trailSide } from './ports.ts'
import { MARGIN, type Point, type Route, type Routed } from './route.ts'
import { type Lane, laneTitles } from './story.ts'

const at = (value: number) => String(Math.round(value * 10) / 10)
const CORNER = 6
const stateText: Readonly<Record<ServiceImpact['state'], string>> = {
  did: 'was reached',
  could: 'could be reached',
  'not reached': 'not reached',
}

function line(x: number, y: number, text: string, style: string): Markup {
  return html`<text x="${at(x)}" y="${at(y)}" class="${style}">${text}</text>`
}

function lines(x: number, y: number, step: number, texts: readonly string[], style: string): Markup[] {
  return texts.map((text, index) => line(x, y + index * step, text, style))
}

/** Head and frame of a box; its lines are drawn with the ways that lead to them. */
export function drawBox(placed: PlacedBox, all: Placed): Markup {
  const { box, left, top, width, height } = placed
  const x = left + SIZE.pad
  let y = top + SIZE.pad
  const kindY = y + 11
  y += SIZE.icon + 4
  const nameY = y + 13
  const detailY = nameY + placed.nameLines.length * 17 - 3
  const state = box.state
  return html`<g class="bd-box bd-${box.entity}${state && ` bd-${state.replace(' ', '-')}`}"><title>${box.full}</title><rect x="${at(left)}" y="${at(top)}" width="${at(width)}" height="${at(height)}" rx="6"/><path class="bd-icon" transform="translate(${at(x)} ${at(top + SIZE.pad)})" d="${icons[box.entity]}"/>${line(x + SIZE.icon + 6, kindY, box.kind, 'bd-kind')}${lines(x, nameY, 17, placed.nameLines, 'bd-name')}${lines(x, detailY, 14, placed.detailLines, 'bd-detail')}${
    state && line(x, top + placed.stateTop + 13, stateText[state], 'bd-state')
  }${placed.trail && drawTrail(placed, placed.trail, trailSide(placed, all))}</g>`
}

function drawTrail(placed: PlacedBox, trail: NonNullable<PlacedBox['trail']>, side: 'left' | 'right'): Markup {
  const edge = side === 'right' ? placed.left + placed.width : placed.left
  const out = side === 'right' ? 1 : -1
  const y = placed.top + trail.top + trail.height / 2
  return html`<g class="bd-trail"><title>${placed.box.trailEnd}</title><path class="bd-dashed" d="M${at(edge)} ${at(y)}h${10 * out}"/>${breakMark(edge + 13 * out, y)}${lines(placed.left + SIZE.pad, placed.top + trail.top + 14, 14, trail.lines, 'bd-detail')}</g>`
}

/** Two slanted strokes: the line goes on somewhere we cannot see. */
function breakMark(x: number, y: number): Markup {
  return html`<path class="bd-break" d="M${at(x - 3)} ${at(y + 5)}l4 -10M${at(x + 2)} ${at(y + 5)}l4 -10"/>`
}

/** A right-angled way with rounded corners. */
export function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points
  if (!start) return ''
  let path = `M${at(start.x)} ${at(start.y)}`
  let before = start
  for (const [index, corner] of rest.entries()) {
    const after = rest[index + 1]
    if (!after) {
      path += `L${at(corner.x)} ${at(corner.y)}`
      continue
    }
    const radius = Math.min(CORNER, distance(before, corner) / 2, distance(corner, after) / 2)
    const into = towards(corner, before, radius)
    const out = towards(corner, after, radius)
    path += `L${at(into.x)} ${at(into.y)}Q${at(corner.x)} ${at(corner.y)} ${at(out.x)} ${at(out.y)}`
    before = corner
  }
  return path
}

const distance = (a: Point, b: Point) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y)

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1
  return { x: from.x + ((to.x - from.x) / whole) * length, y: from.y + ((to.y - from.y) / whole) * length }
}

/** A filled head whose tip is at the end of the way. */
function arrowHead(points: readonly Point[]): Markup {
  const tip = points.at(-1)
  const before = points.at(-2)
  if (!tip || !before) return new Markup('')
  const back = before.x <= tip.x ? -8 : 8
  return html`<path class="bd-head" d="M${at(tip.x)} ${at(tip.y)}l${back} -4.5v9z"/>`
}

/** Steps that end at one line of a box: the way, its arrow, and the line itself, as one link. */
export function drawRow(placed: PlacedBox, row: PlacedRow, way: Route | undefined, hrefOf: (step: ReportStep) => string): Markup {
  const [first] = row.row.steps
  const x = placed.left + SIZE.pad
  const y = placed.top + row.top + SIZE.rowGap / 2
  const textX = x + row.pillWidth + 7
  const d = way ? pathOf(way.points) : ''
  const href = first ? hrefOf(first) : ''
  const body = html`<title>${spoken(row.row.steps)}</title>${d !== '' && html`<path class="bd-reach" d="${d}"/><path class="bd-way" d="${d}"/>${way && arrowHead(way.points)}`}<rect class="bd-row" x="${at(placed.left + 3)}" y="${at(y - 3)}" width="${at(placed.width - 6)}" height="${at(row.height - 2)}" rx="4"/><rect class="bd-pill" x="${at(x)}" y="${at(y)}" width="${at(row.pillWidth)}" height="${SIZE.pill}" rx="10"/>${line(x + row.pillWidth / 2, y + 14, row.row.numbers, 'bd-number')}${lines(textX, y + 12, SIZE.titleLine, row.titleLines, 'bd-title')}${lines(textX, y + 12 + row.titleLines.length * SIZE.titleLine - 2, SIZE.timeLine, row.timeLines, 'bd-time')}`
  return href === ''
    ? html`<g class="bd-step bd-how-${row.row.how}">${body}</g>`
    : html`<a class="bd-step bd-how-${row.row.how}" href="${href}" aria-label="${spoken(row.row.steps)}">${body}</a>`
}

/** What a screen reader says, and the tooltip. */
function spoken(steps: readonly ReportStep[]): string {
  const [first] = steps
  if (!first) return ''
  const more = steps.length > 1 ? ` and ${plural(steps.length - 1, 'more step')}` : ''
  return `Step ${first.order}: ${first.title}, from ${first.from.name} to ${first.to.name}, ${first.how}${more}`
}

/** The way out of the unknown: dashed, broken before it arrives. */
export function drawLostWay({ points }: Route): Markup {
  const tip = points.at(-1)
  const side = (points.at(-2)?.x ?? 0) < (tip?.x ?? 0) ? -13 : 13
  return html`<g class="bd-lost"><path class="bd-dashed" d="${pathOf(points)}"/>${tip && breakMark(tip.x + side, tip.y)}</g>`
}

export const HEAD = 46
const LEGEND = 34

/** Bands behind the lanes with their titles. */
export function drawLanes(placed: Placed, routed: Routed, stacked: boolean, height: number): Markup[] {
  return usedLanes(placed.boxes).map((lane, index) => {
    const [left, right] = laneSides(lane, placed, routed)
    const title = laneTitles[lane]
    if (stacked) {
      const top = placed.laneTops.get(lane) ?? 0
      return html`<g class="bd-lane"><path class="bd-rule" d="M${MARGIN} ${at(top + 26)}H${at(routed.width - MARGIN)}"/>${line(MARGIN, top + 19, title, 'bd-lane-title')}</g>`
    }
    const texts = wrapText(title, right - left - 12, 12, true, 2)
    return html`<g class="bd-lane"><rect class="bd-band${index % 2 === 1 && ' bd-odd'}" x="${at(left)}" y="0" width="${at(right - left)}" height="${at(height - LEGEND)}"/>${lines(left + 12, texts.length > 1 ? 18 : 25, 14, texts, 'bd-lane-title')}</g>`
  })
}

/** A lane reaches to the middle of the gutters beside it. */
function laneSides(lane: Lane, placed: Placed, routed: Routed): readonly [number, number] {
  const own = placed.boxes.filter(box => box.box.lane === lane).map(box => box.column)
  const first = Math.min(...own)
  const last = Math.max(...own)
  const edge = (column: number) => {
    const next = routed.columnLefts[column + 1]
    return next === undefined ? routed.width : ((routed.columnLefts[column] ?? 0) + (placed.columnWidths[column] ?? 0) + next) / 2
  }
  return [first === 0 ? 0 : edge(first - 1), edge(last)]
}

/** What the kinds of lines mean. */
export function drawLegend(y: number, width: number, lost: boolean): { readonly markup: Markup; readonly height: number } {
  const entries = [
    {
      text: 'observed: a record shows it',
      sample: html`<path class="bd-way" d="M0 0h26"/><path class="bd-head" d="M32 0l-8 -4.5v9z"/>`,
      how: 'observed',
    },
    {
      text: 'inferred: follows from others',
      sample: html`<path class="bd-way" d="M0 0h26"/><path class="bd-head" d="M32 0l-8 -4.5v9z"/>`,
      how: 'inferred',
    },
    ...(lost
      ? [{ text: 'the trail ends', sample: html`<path class="bd-dashed" d="M0 0h20"/>${breakMark(24, 0)}`, how: 'lost' }]
      : []),
  ]
  let x = MARGIN
  let top = y + 20
  const drawn = entries.map(entry => {
    const needed = 38 + textWidth(entry.text, SIZE.detail) + 24
    if (x > MARGIN && x + needed > width) {
      x = MARGIN
      top += 20
    }
    const markup = html`<g class="bd-how-${entry.how}"><g transform="translate(${at(x)} ${at(top)})">${entry.sample}</g>${line(x + 40, top + 4, entry.text, 'bd-detail')}</g>`
    x += needed
    return markup
  })
  return { markup: html`<g class="bd-legend">${drawn}</g>`, height: top + 14 - y }
}
