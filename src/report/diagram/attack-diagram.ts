import type { ReportIncident, ReportStep, ServiceImpact } from '../../model/index.ts'
import { html, Markup } from '../html/escape.ts'
import { standaloneStyle } from './diagram-style.ts'
import { drawBox, drawLanes, drawLegend, drawLostWay, drawRow, HEAD } from './draw.ts'
import { type Placed, place } from './place.ts'
import { type Routed, route } from './route.ts'
import { storyOf } from './story.ts'

/** How the diagram is drawn. */
export interface DiagramOptions {
  /** Services the intruder reached or could reach; they are shown even when no step leads to them. */
  readonly services?: readonly ServiceImpact[]
  /** Link for a step, usually to its records; '' makes it no link. */
  readonly hrefOf?: (step: ReportStep) => string
  /** One column from top to bottom, for narrow screens, instead of lanes from left to right. */
  readonly stacked?: boolean
  /** Brings its own style sheet, so that the text is a picture by itself. */
  readonly standalone?: boolean
  /** Name of the whole picture for screen readers. */
  readonly label?: string
}

/** Everything of a diagram with its final place. */
export interface DiagramLayout {
  readonly placed: Placed
  readonly routed: Routed
}

/** Places and ways of the diagram of an incident, without the drawing. */
export function layoutDiagram(incident: ReportIncident, options: DiagramOptions = {}): DiagramLayout {
  const story = storyOf(incident, options.services ?? [])
  const placed = place(story, options.stacked ?? false)
  const head = options.stacked ? 0 : HEAD
  for (const box of placed.boxes) box.top += head
  const lowered: Placed = {
    ...placed,
    passTop: new Map([...placed.passTop].map(([key, top]) => [key, top + head])),
    height: placed.height + head,
  }
  return { placed: lowered, routed: route(story, lowered) }
}

/** The attack path as SVG: lanes from outside to the critical services, numbered steps, observed solid, inferred dashed, trail ends broken. */
export function attackDiagram(incident: ReportIncident, options: DiagramOptions = {}): string {
  const { placed, routed } = layoutDiagram(incident, options)
  const { stacked = false, standalone = false, hrefOf = () => '', label = `Attack path: ${incident.title}` } = options
  const ways = new Map(routed.routes.map(item => [`${item.way.to}\u0000${item.way.row}`, item]))
  const lost = routed.routes.filter(item => item.way.row === undefined)
  const legend = drawLegend(placed.height + 14, routed.width, lost.length > 0 || placed.boxes.some(box => box.trail))
  const height = Math.ceil(placed.height + 14 + legend.height)
  const width = Math.ceil(routed.width)
  const steps = placed.boxes
    .flatMap(box => box.rows.map((row, index) => ({ box, row, way: ways.get(`${box.box.key}\u0000${index}`) })))
    .toSorted((a, b) => (a.row.row.steps[0]?.order ?? 0) - (b.row.row.steps[0]?.order ?? 0))
  return html`<svg class="bd" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${label}">${standalone && html`<style>${new Markup(standaloneStyle)}</style>`}
${drawLanes(placed, routed, stacked, height)}
${lost.map(drawLostWay)}
${placed.boxes.map(box => drawBox(box, placed))}
${steps.map(({ box, row, way }) => drawRow(box, row, way, hrefOf))}
${legend.markup}
</svg>`.text
}
