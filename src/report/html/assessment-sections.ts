import { sectorOf } from '../../knowledge/sectors.ts'
import type { Action, Hypothesis, Report } from '../../model/index.ts'
import { actionWords } from '../plain/action-words.ts'
import { shorten } from '../text/visible.ts'
import { clockMinutes, confidenceWords, sentence } from '../text/words.ts'
import type { Anchors } from './anchors.ts'
import { html, type Markup } from './escape.ts'
import { stateTag } from './one-page-section.ts'

function points(title: string, items: readonly string[], none: string): Markup {
  return html`<div><h4>${title}</h4>${items.length > 0 ? html`<ul class="plain-list small">${items.map(item => html`<li>${item}</li>`)}</ul>` : html`<p class="small soft">${none}</p>`}</div>`
}

function hypothesis(item: Hypothesis): Markup {
  return html`<li class="hypothesis"><div><h3>${item.who}</h3><p class="small"><b>${sentence(item.likelihood)}</b> <span class="soft">with ${confidenceWords[item.confidence]}</span></p></div>${points('For', item.for, 'Nothing.')}${points('Against', item.against, 'Nothing.')}</li>`
}

/** Who it may be, with what speaks for and against each candidate. */
export function whoSection({ attribution: { hypotheses, statement }, incidents }: Report): Markup | undefined {
  if (hypotheses.length === 0 && incidents.length === 0) return undefined
  return html`<section id="who" aria-labelledby="who-title"><header><h2 id="who-title">Who may be behind it</h2><p>${statement}</p></header>${
    hypotheses.length > 0
      ? html`<ol class="card">${hypotheses.map(hypothesis)}</ol>`
      : html`<p class="soft">No hypothesis is put forward.</p>`
  }</section>`
}

/** Which services were or could be reached, and what to cut. */
export function impactSection({ impact: { services, cut }, incidents }: Report): Markup | undefined {
  if (services.length === 0 && cut.length === 0 && incidents.length === 0) return undefined
  return html`<section id="impact" aria-labelledby="impact-title"><header><h2 id="impact-title">Impact</h2><p>“Was reached” needs a record. “Could be reached” means a way exists, not that it was used.</p></header><div class="stack">${
    services.length === 0
      ? html`<p class="soft">No list of services was given; with <code>--assets</code> the report says which of them were or could be reached.</p>`
      : html`<div class="card"><table class="stacked"><thead><tr><th scope="col">Service</th><th scope="col">Sector</th><th scope="col">State</th><th scope="col">Why</th><th scope="col">If it fails</th></tr></thead><tbody>${services.map(
          service =>
            html`<tr><td><b>${service.name}</b></td><td data-label="Sector">${service.sector}</td><td>${stateTag(service.state)}</td><td data-label="Why">${service.why}</td><td data-label="If it fails">${sentence(sectorOf(service.sector)?.noticed ?? '')}</td></tr>`,
        )}</tbody></table></div>`
  }${
    cut.length > 0 &&
    html`<div class="card"><h3>Where to cut</h3><table class="stacked"><thead><tr><th scope="col">Cut</th><th scope="col">Protects</th><th scope="col">What it costs</th></tr></thead><tbody>${cut.map(
      point =>
        html`<tr><td data-label="Cut"><b>${point.what}</b></td><td data-label="Protects">${point.protects.join(', ')}</td><td data-label="What it costs">${point.cost}</td></tr>`,
    )}</tbody></table></div>`
  }</div></section>`
}

const MAX_TARGETS = 12

function action(item: Action, anchors: Anchors): Markup {
  const targets = item.targets.slice(0, MAX_TARGETS)
  const findings = anchors.findings(item.findings).slice(0, 6)
  return html`<li class="action"><span class="n">${item.order}</span><div><p><b>${item.what}</b> <span class="small soft">${item.effort}</span></p>${item.why !== '' && html`<p class="small">${item.why}</p>`}${
    targets.length > 0 &&
    html`<p class="small soft">${targets.map((target, index) => [index > 0 && ', ', html`<bdi>${shorten(target, 120)}</bdi>`])}${item.targets.length > targets.length && ` and ${item.targets.length - targets.length} more`}</p>`
  }${item.doFirst !== '' && html`<p class="small"><b>First:</b> ${item.doFirst}</p>`}${item.doNot !== '' && html`<p class="small warn-line"><b>Careful:</b> ${item.doNot}</p>`}${
    findings.length > 0 &&
    html`<p class="small">${findings.map((found, index) => [index > 0 && ' ', html`<a href="#${found.anchor}">finding ${found.number}</a>`])}</p>`
  }</div></li>`
}

/** What to do, in the order that does not destroy evidence and does not warn the intruder. */
export function actionsSection({ actions }: Report, anchors: Anchors): Markup | undefined {
  if (actions.length === 0) return undefined
  const kinds = (['preserve', 'contain', 'evict', 'close-gap'] as const).filter(kind => actions.some(item => item.kind === kind))
  return html`<section id="actions" aria-labelledby="actions-title"><header><h2 id="actions-title">What to do</h2><p>Preserve, then contain, then evict, everything in one go: a reset here and a reboot there warns the intruder and destroys evidence.</p></header><div class="grid two">${kinds.map(kind => html`<div class="card"><h3>${actionWords[kind].long} <span class="small soft">within ${actionWords[kind].due}</span></h3><ol class="todo">${actions.filter(item => item.kind === kind).map(item => action(item, anchors))}</ol></div>`)}</div></section>`
}

/** What could not be seen, and how to close the gap. */
export function blindSection({ blindSpots }: Report): Markup {
  return html`<section id="blind" aria-labelledby="blind-title"><header><h2 id="blind-title">Blind spots</h2><p>What is missing here is unknown, not innocent.</p></header>${
    blindSpots.length === 0
      ? html`<p class="soft">None is known for what was asked.</p>`
      : html`<div class="card"><table class="stacked"><thead><tr><th scope="col">Missing</th><th scope="col">Where</th><th scope="col">Period (UTC)</th><th scope="col">What follows</th><th scope="col">How to close it</th></tr></thead><tbody>${blindSpots.map(
          spot =>
            html`<tr><td><b>${spot.what}</b></td><td data-label="Where"><bdi>${shorten(spot.where, 200)}</bdi></td><td data-label="Period">${period(spot.from, spot.to)}</td><td data-label="What follows">${spot.consequence}</td><td data-label="How to close it">${spot.howToClose}</td></tr>`,
        )}</tbody></table></div>`
  }</section>`
}

/** "from A to B" with open ends in words. */
function period(from: string, to: string): Markup {
  if (from === '' && to === '') return html`all of it`
  if (from === '') return html`until <span class="t">${clockMinutes(to)}</span>`
  if (to === '') return html`from <span class="t">${clockMinutes(from)}</span>`
  return html`<span class="t">${clockMinutes(from)} to</span> <span class="t">${clockMinutes(to)}</span>`
}
