import { sectorOf } from '../../knowledge/sectors.ts'
import type { Action, Report, ServiceImpact } from '../../model/index.ts'
import { type OnePage, onePage } from '../plain/one-page.ts'
import { confidenceWords, verdictWords } from '../text/words.ts'
import { html, type Markup } from './escape.ts'

const answerTone: Readonly<Record<OnePage['safe']['answer'], string>> = {
  Yes: 'fine',
  'Nothing seen': 'fine',
  No: 'bad',
  'At risk': 'warn',
  'Not known': '',
}

const stateWords: Readonly<Record<ServiceImpact['state'], string>> = {
  did: 'was reached',
  could: 'could be reached',
  'not reached': 'not reached',
}
const stateClass: Readonly<Record<ServiceImpact['state'], string>> = { did: 'did', could: 'could', 'not reached': 'good' }

/** The state of a service as a coloured word. */
export function stateTag(state: ServiceImpact['state']): Markup {
  return html`<span class="tag ${stateClass[state]}">${stateWords[state]}</span>`
}

const MAX_SERVICES = 5
const MAX_ACTIONS = 4

function services(items: readonly ServiceImpact[]): Markup | undefined {
  if (items.length === 0) return undefined
  return html`<ul class="services">${items.slice(0, MAX_SERVICES).map(service => {
    const noticed = service.state === 'not reached' ? '' : (sectorOf(service.sector)?.noticed ?? '')
    return html`<li><div class="line"><b>${service.name}</b>${stateTag(service.state)}</div>${noticed !== '' && html`<div class="small soft">If it fails: ${noticed}.</div>`}</li>`
  })}</ul>${items.length > MAX_SERVICES && html`<p class="small"><a href="#impact">and ${items.length - MAX_SERVICES} more services</a></p>`}`
}

function todo(title: string, actions: readonly Action[]): Markup | undefined {
  if (actions.length === 0) return undefined
  return html`<div><h4>${title}</h4><ol class="todo">${actions
    .slice(0, MAX_ACTIONS)
    .map(
      action =>
        html`<li><span class="n">${action.order}</span>${action.what} <span class="small soft">${action.effort}</span></li>`,
    )}</ol>${actions.length > MAX_ACTIONS && html`<p class="small"><a href="#actions">and ${actions.length - MAX_ACTIONS} more</a></p>`}</div>`
}

function list(items: readonly string[], none: string): Markup {
  return items.length === 0
    ? html`<p class="soft small">${none}</p>`
    : html`<ul class="plain-list small">${items.map(item => html`<li>${item}</li>`)}</ul>`
}

/** The first screen: one page in plain words for the person in charge. */
export function onePageSection(report: Report): Markup {
  const page = onePage(report)
  const { level, confidence } = report.verdict
  const safeTone = answerTone[page.safe.answer]
  return html`<section id="summary" class="tone-${level}" aria-labelledby="verdict">
<div class="verdict">
<p class="level"><span>${verdictWords[level]}</span> <span class="soft">${confidenceWords[confidence]}</span></p>
<h1 id="verdict">${page.happened}</h1>
${page.story !== '' && html`<p class="story">${page.story}</p>`}
${report.coverage.partial && html`<p class="story warn-line">This is a partial result: not all evidence was read.</p>`}
</div>
<div class="grid three">
<div class="card"><h4>Are our services safe?</h4><p class="answer ${safeTone}">${page.safe.answer}</p><p class="small">${page.safe.why}</p>
${services(page.services)}</div>
<div class="card stack"><div><h4>Since when?</h4><p class="answer">${page.since.answer}</p><p class="small soft">${page.since.detail}</p></div>
<div><h4>Who may be behind it?</h4><p class="answer">${page.who.answer}</p><p class="small soft">${page.who.detail}</p>${
    page.who.others.length > 0 && html`<p class="small">Could also be: ${page.who.others.join('; ')}.</p>`
  }</div></div>
<div class="card stack">${
    page.day.length + page.week.length > 0
      ? [todo('What to do within 24 hours', page.day), todo('Within 7 days', page.week)]
      : html`<p class="soft small">Nothing in this report asks for action. ${report.blindSpots.length > 0 && html`Look at <a href="#blind">what could not be seen</a>.`}</p>`
  }</div>
</div>
<div class="grid four claims">
<div class="card"><h4>${lineSample('')}Proved</h4>${list(page.claims.proved, 'Nothing.')}</div>
<div class="card"><h4>${lineSample('7 4')}Likely</h4>${list(page.claims.likely, 'Nothing.')}</div>
<div class="card"><h4>${lineSample('2 4')}Possible</h4>${list(page.claims.possible, 'Nothing.')}</div>
<div class="card"><h4>What we do not know</h4>${list(page.unknown, 'No gap is known in what was asked for.')}</div>
</div>
</section>`
}

function lineSample(dashes: string): Markup {
  return html`<svg viewBox="0 0 22 8" aria-hidden="true"><path d="M0 4H22" stroke-dasharray="${dashes || 'none'}"/></svg>`
}
