import type { Report } from '../../model/index.ts'
import { timeline, timelineLegend } from '../timeline/timeline.ts'
import type { Anchors } from './anchors.ts'
import { html, type Markup } from './escape.ts'

/** Natural widths: a laptop's page, and a telephone's. */
const WIDE = 1168
const NARROW = 334

/** Steps and findings over time; two drawings, of which the style sheet shows the one that fits. */
export function timelineSection(report: Report, anchors: Anchors): Markup | undefined {
  const wide = timeline(report, anchors, WIDE)
  if (!wide) return undefined
  return html`<section id="timeline" aria-labelledby="timeline-title"><header><h2 id="timeline-title">Timeline</h2><p>One lane a host, times in UTC on the case’s reference clock. Silence between bursts of activity is cut out and named.</p></header><div class="card"><div class="wide">${wide}</div><div class="thin">${timeline(report, anchors, NARROW)}</div>${timelineLegend()}</div></section>`
}
