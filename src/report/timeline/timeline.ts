import type { Report, Severity } from '../../model/index.ts'
import { drawable, ellipsis, textWidth } from '../diagram/measure.ts'
import type { Anchors } from '../html/anchors.ts'
import { html, type Markup } from '../html/escape.ts'
import { clockMinutes, day, plural, span } from '../text/words.ts'
import { type Cluster, clusters, type Mark, strongest, timelineLanes } from './marks.ts'
import { type TimeScale, timeScale } from './scale.ts'

const LABELS = 150
const TOP = 12
const LANE = 58
const NARROW_LANE = 76
const AXIS = 46
const at = (value: number) => String(Math.round(value * 10) / 10)

/** Severity is shape as well as colour: diamond, triangle, square, circle. */
const shapes: Readonly<Record<Severity, string>> = {
  critical: 'M0-7L7 0L0 7L-7 0z',
  high: 'M0-6.5L6.5 5.5H-6.5z',
  medium: 'M-5-5H5V5H-5z',
  low: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0',
  informational: 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0',
}

/** Steps and findings of all incidents over time, one lane a host; silence is cut out of the axis and says how long it is. Empty when nothing has a time. */
export function timeline(report: Report, anchors: Anchors, width: number): Markup | undefined {
  const lanes = timelineLanes(report)
  if (lanes.length === 0) return undefined
  const narrow = width < 700
  const left = narrow ? 0 : LABELS
  const laneHeight = narrow ? NARROW_LANE : LANE
  const scale = timeScale(
    lanes.flatMap(lane => lane.marks.map(mark => mark.seconds)),
    left,
    width,
  )
  const bottom = TOP + lanes.length * laneHeight
  const height = bottom + AXIS
  const drawn = lanes.map((lane, index) => {
    const top = TOP + index * laneHeight
    const [label, domain] = hostLabel(drawable(lane.host), narrow ? width - 8 : LABELS - 12)
    const steps = clusters(
      lane.marks.filter(mark => mark.kind === 'step'),
      scale.x,
      stepText,
      text => Math.max(20, textWidth(text, 11, true) + 10),
      left,
      width,
    )
    const findings = clusters(
      lane.marks.filter(mark => mark.kind === 'finding'),
      scale.x,
      findingText,
      text => 14 + (text === '' ? 0 : 4 + textWidth(text, 11)),
      left,
      width,
    )
    const middle = top + (narrow ? 18 : 0)
    return html`<g><title>${drawable(lane.host)}</title><path class="tl-rule" d="M0 ${at(top)}H${width}"/><text class="tl-host" x="0" y="${at(narrow ? top + 15 : domain ? top + 27 : top + 34)}">${label}</text>${domain !== '' && !narrow && html`<text class="tl-time" x="0" y="${at(top + 43)}">${domain}</text>`}${steps.map(cluster => drawStep(cluster, middle + 18, anchors))}${findings.map(cluster => drawFinding(cluster, middle + 43, anchors))}</g>`
  })
  return html`<svg class="tl" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="Timeline with a lane for each host">
${scale.silences.map(silence => html`<rect class="tl-silence" x="${at(silence.left)}" y="0" width="${at(silence.right - silence.left)}" height="${bottom}"/>`)}
${drawn}<path class="tl-rule" d="M0 ${bottom}H${width}"/>${drawAxis(scale, bottom)}</svg>`
}

/** "web01" and "island.example" below it; anything that is no host name stays whole. */
function hostLabel(host: string, width: number): readonly [string, string] {
  const dot = /^[a-z_][\w-]*\./i.test(host) ? host.indexOf('.') : -1
  return dot < 0
    ? [ellipsis(host, width, 12, true), '']
    : [ellipsis(host.slice(0, dot), width, 12, true), ellipsis(host.slice(dot + 1), width, 11)]
}

function drawAxis(scale: TimeScale, bottom: number): Markup {
  const stretches = scale.stretches.map(stretch => {
    const start = iso(stretch.from)
    const room = stretch.right - stretch.left
    const end = iso(stretch.to)
    const last =
      room > 190 && end !== start
        ? html`<text class="tl-time tl-end" x="${at(stretch.right - 6)}" y="${bottom + 34}">${clockMinutes(end).slice(11)}</text>${end.slice(0, 10) !== start.slice(0, 10) && html`<text class="tl-day tl-end" x="${at(stretch.right - 6)}" y="${bottom + 18}">${shortDay(end)}</text>`}`
        : ''
    return html`<path class="tl-axis" d="M${at(stretch.left + 3)} ${bottom}H${at(stretch.right - 3)}"/><text class="tl-day" x="${at(stretch.left + 6)}" y="${bottom + 18}">${shortDay(start)}</text><text class="tl-time" x="${at(stretch.left + 6)}" y="${bottom + 34}">${clockMinutes(start).slice(11)}</text>${last}`
  })
  const silences = scale.silences.map(silence => {
    const middle = (silence.left + silence.right) / 2
    return html`<text class="tl-gap" x="${at(middle)}" y="${bottom + 18}">${span(silence.seconds)}</text><text class="tl-gap" x="${at(middle)}" y="${bottom + 34}">silent</text>`
  })
  return html`${stretches}${silences}`
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()
/** "15 Aug 2023". */
const shortDay = (time: string) => day(time).replace(/^(\d+ \w{3})\w* /, '$1 ')

function stepText(marks: readonly Mark[]): string {
  const orders = marks.flatMap(mark => (mark.kind === 'step' ? [mark.step.order] : []))
  const [first = 0] = orders
  const last = orders.at(-1) ?? first
  if (orders.length === 1) return String(first)
  return orders.length === last - first + 1 ? `${first}–${last}` : `${first} +${orders.length - 1}`
}

const findingText = (marks: readonly Mark[]) => (marks.length > 1 ? String(marks.length) : '')

/** A tooltip that names what is in a cluster. */
function named(marks: readonly Mark[]): string {
  const titles = marks
    .slice(0, 8)
    .map(mark =>
      mark.kind === 'step' ? `${mark.step.order}: ${mark.step.title}` : `${mark.finding.severity}: ${mark.finding.title}`,
    )
  return `${titles.join('; ')}${marks.length > 8 ? `; and ${marks.length - 8} more` : ''}`
}

function drawStep({ x, width, marks, text }: Cluster, y: number, anchors: Anchors): Markup | undefined {
  const [first] = marks
  if (first?.kind !== 'step') return undefined
  const inferred = marks.every(mark => mark.kind === 'step' && mark.step.how === 'inferred')
  return html`<a class="tl-mark${inferred && ' tl-inferred'}" href="#${anchors.step(first.incident, first.step.order)}" aria-label="${marks.length > 1 ? 'Steps' : 'Step'} ${named(marks)}"><title>${named(marks)}</title><rect class="tl-pill" x="${at(x - width / 2)}" y="${at(y - 10)}" width="${at(width)}" height="20" rx="10"/><text class="tl-number" x="${at(x)}" y="${at(y + 4)}">${text}</text></a>`
}

function drawFinding({ x, width, marks, text }: Cluster, y: number, anchors: Anchors): Markup | undefined {
  const severity = strongest(marks)
  const chosen = marks.find(mark => mark.kind === 'finding' && mark.finding.severity === severity)
  if (chosen?.kind !== 'finding') return undefined
  return html`<a class="tl-mark s-${severity}" href="#${anchors.finding(chosen.finding)}" aria-label="${marks.length > 1 && `${plural(marks.length, 'finding')}. `}${named(marks)}"><title>${named(marks)}</title><path class="tl-shape" transform="translate(${at(x - width / 2 + 7)} ${at(y)})" d="${shapes[severity]}"/>${text !== '' && html`<text class="tl-count" x="${at(x - width / 2 + 18)}" y="${at(y + 4)}">${text}</text>`}</a>`
}

/** What the shapes mean, as markup for the page. */
export function timelineLegend(): Markup {
  const entries: readonly Severity[] = ['critical', 'high', 'medium', 'low']
  return html`<p class="legend small soft"><span><svg class="tl" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><rect class="tl-pill" x="1" y="1" width="18" height="18" rx="9"/></svg> step</span>${entries.map(
    severity =>
      html`<span class="s-${severity}"><svg class="tl" viewBox="-9 -9 18 18" width="16" height="16" aria-hidden="true"><path class="tl-shape" d="${shapes[severity]}"/></svg> ${severity} finding</span>`,
  )}<span>a number: several at nearly the same time</span></p>`
}

export const timelineStyle = `
.tl{display:block;font-family:inherit}
.tl text{fill:var(--ink)}
.tl-rule{stroke:var(--line);fill:none}
.tl-axis{stroke:var(--ink);stroke-width:2;fill:none}
.tl-silence{fill:var(--sunk)}
.tl .tl-host{font-size:12px;font-weight:650}
.tl .tl-day{font-size:11px;font-weight:650}
.tl .tl-time{font-size:11px;fill:var(--soft)}
.tl .tl-end{text-anchor:end}
.tl .tl-gap{font-size:10.5px;fill:var(--soft);text-anchor:middle}
.tl-pill{fill:var(--accent);stroke:var(--accent);stroke-width:1.4}
.tl .tl-number{font-size:11px;font-weight:700;text-anchor:middle;fill:var(--on-accent)}
.tl-inferred .tl-pill{fill:var(--card);stroke-dasharray:3 2.5}.tl .tl-inferred .tl-number{fill:var(--accent)}
.tl-shape{fill:var(--tone)}
.tl .tl-count{font-size:11px;fill:var(--soft)}
.tl-mark:focus{outline:none}
.tl-mark:hover .tl-pill,.tl-mark:focus-visible .tl-pill{stroke:var(--ink);stroke-width:3}
.tl-mark:hover .tl-shape,.tl-mark:focus-visible .tl-shape{stroke:var(--ink);stroke-width:2.5}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-top:.7rem}
.legend span{display:inline-flex;align-items:center;gap:.35rem}
.legend .tl{flex:none}
`
