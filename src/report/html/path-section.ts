import type { Report, ReportIncident, ReportStep, StepEnd } from '../../model/index.ts'
import { attackDiagram } from '../diagram/attack-diagram.ts'
import { shorten } from '../text/visible.ts'
import { clock, plural, strongestIncidents } from '../text/words.ts'
import type { Anchors } from './anchors.ts'
import { html, Markup } from './escape.ts'
import { severityMark } from './findings-section.ts'
import { recordTable } from './records.ts'

const MAX_NAME = 120
const MAX_STEPS = 500
const MAX_INCIDENTS = 20

const name = (end: StepEnd) => html`<bdi>${shorten(end.name, MAX_NAME)}</bdi>`
const sameEnd = (step: ReportStep) => step.from.entity === step.to.entity && step.from.name === step.to.name

function step(item: ReportStep, incident: number, anchors: Anchors): Markup {
  const findings = anchors.findings(item.findings).slice(0, 10)
  const time = item.orderedTime || item.time
  return html`<li><details class="print" id="${anchors.step(incident, item.order)}"><summary class="row step-row"><span class="disc ${item.how}">${item.order}</span><span class="small soft">${clock(time) || 'time unknown'}</span><span><b>${shorten(item.title, 400)}</b><br><span class="small">${
    sameEnd(item) ? html`on ${name(item.to)}` : html`${name(item.from)} → ${name(item.to)}`
  }${item.account !== '' && html` as <bdi>${shorten(item.account, MAX_NAME)}</bdi>`}</span></span><span class="small soft">${item.how === 'inferred' && html`<span class="tag">inferred</span> `}${shorten(item.technique, 16)}</span></summary>
<div class="body"><p>${item.why}</p>${item.hop !== undefined && html`<p>That it was the same somebody who had come to ${name(item.from)} is <b>${item.hop.grade}</b> ${item.hop.why}.</p>`}${item.orderedTime !== item.time && item.time !== '' && html`<p class="small soft">The source recorded ${clock(item.time)}; the time above is on the case’s reference clock.</p>`}${
    findings.length > 0 &&
    html`<p class="small"><span class="soft">Findings:</span> ${findings.map((found, index) => [index > 0 && '; ', html`<a href="#${found.anchor}">${shorten(found.finding.title, 160)}</a>`])}</p>`
  }${recordTable(item.evidence, item.evidence.length)}</div></details></li>`
}

function trailEnds(incident: ReportIncident): Markup | undefined {
  if (incident.trailEnds.length === 0) return undefined
  return html`<div class="card"><h3>Where the trail ends</h3><table class="stacked"><thead><tr><th scope="col">At</th><th scope="col">Why</th><th scope="col">What would continue it</th></tr></thead><tbody>${incident.trailEnds.map(
    end =>
      html`<tr><td data-label="At"><bdi>${shorten(end.at, MAX_NAME)}</bdi></td><td data-label="Why">${end.why}</td><td data-label="What would continue it">${end.whatWouldContinueIt}</td></tr>`,
  )}</tbody></table></div>`
}

/** The ways in, hop by hop, each with what shows it. */
function chains(incident: ReportIncident): Markup | undefined {
  if (!incident.chains || incident.chains.length === 0) return undefined
  return html`<div class="card"><h3>The way in, hop by hop</h3><ul>${incident.chains.map(chain => html`<li><b>${chain.path.map(machine => shorten(machine, MAX_NAME)).join(' → ')}</b>: ${chain.grade}<br><span class="small">${chain.sentence}</span></li>`)}</ul></div>`
}

function incidentPart(incident: ReportIncident, index: number, report: Report, anchors: Anchors): Markup {
  return html`<article class="stack" aria-labelledby="incident-${index}"><div><h3 id="incident-${index}">${severityMark(incident.severity)} ${incident.title}</h3>${index > 1 && html`<p class="soft">${incident.summary}</p>`}</div>
${diagrams(incident, index, report, anchors)}
<div class="card"><h4>${plural(incident.steps.length, 'step')}, in order of time (UTC)</h4><ol class="steps">${incident.steps.slice(0, MAX_STEPS).map(item => step(item, index, anchors))}</ol>${incident.steps.length > MAX_STEPS && html`<p class="soft">and ${incident.steps.length - MAX_STEPS} more steps in report.json</p>`}</div>
${chains(incident)}${trailEnds(incident)}</article>`
}

/** Lanes from left to right, and the same story from top to bottom for a telephone; the style sheet shows the one that fits. */
function diagrams(incident: ReportIncident, index: number, report: Report, anchors: Anchors): Markup | undefined {
  if (incident.steps.length === 0) return undefined
  const options = {
    services: index === 1 ? report.impact.services : [],
    hrefOf: (item: ReportStep) => `#${anchors.step(index, item.order)}`,
  }
  return html`<figure class="card diagram"><div class="wide">${new Markup(attackDiagram(incident, options))}</div><div class="thin">${new Markup(attackDiagram(incident, { ...options, stacked: true }))}</div></figure>`
}

/** The attack path of each incident: diagram, steps with their records, and where the trail ends. */
export function pathSection(report: Report, anchors: Anchors): Markup | undefined {
  const incidents = strongestIncidents(report)
  if (incidents.length === 0) return undefined
  return html`<section id="path" aria-labelledby="path-title"><header><h2 id="path-title">Attack path</h2><p>Observed steps are drawn with a full line, inferred ones dashed. Choose a step to see the records that prove it.</p></header>${incidents.slice(0, MAX_INCIDENTS).map((incident, index) => incidentPart(incident, index + 1, report, anchors))}${incidents.length > MAX_INCIDENTS && html`<p class="soft">and ${incidents.length - MAX_INCIDENTS} more incidents in report.json</p>`}</section>`
}
