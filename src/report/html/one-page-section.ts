import { sectorOf } from '../../knowledge/sectors.ts'
import type { Action, Report, ServiceImpact } from '../../model/index.ts'
import { glossary } from '../plain/glossary.ts'
import { type OnePage, onePage } from '../plain/one-page.ts'
import { shorten } from '../text/visible.ts'
import { confidenceWords, number, plural, verdictWords } from '../text/words.ts'
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

/** A line of the summary is read at a glance or not at all. */
const MAX_LINE = 180
const MAX_SERVICES = 5
const MAX_ACTIONS = 4

function services(items: readonly ServiceImpact[]): Markup | undefined {
  if (items.length === 0) return undefined
  return html`<ul class="services">${items.slice(0, MAX_SERVICES).map(service => {
    const noticed = service.state === 'not reached' ? '' : (sectorOf(service.sector)?.noticed ?? '')
    return html`<li><div class="line"><b>${shorten(service.name, MAX_LINE)}</b>${stateTag(service.state)}</div>${noticed !== '' && html`<div class="small soft">If it fails: ${noticed}.</div>`}</li>`
  })}</ul>${items.length > MAX_SERVICES && html`<p class="small"><a href="#impact">and ${items.length - MAX_SERVICES} more services</a></p>`}`
}

function todo(title: string, actions: readonly Action[]): Markup | undefined {
  if (actions.length === 0) return undefined
  return html`<div><h4>${title}</h4><ol class="todo">${actions
    .slice(0, MAX_ACTIONS)
    .map(
      action =>
        html`<li><span class="n">${action.order}</span>${shorten(action.what, MAX_LINE)} <span class="small soft">${action.effort}</span></li>`,
    )}</ol>${actions.length > MAX_ACTIONS && html`<p class="small"><a href="#actions">and ${actions.length - MAX_ACTIONS} more</a></p>`}</div>`
}

function list(items: readonly string[], none: string): Markup {
  return items.length === 0
    ? html`<p class="soft small">${none}</p>`
    : html`<ul class="plain-list small">${items.map(item => html`<li>${shorten(item, MAX_LINE)}</li>`)}</ul>`
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
${report.coverage.partial && html`<p class="story warn-line">This is a partial result: not everything was read and judged.</p>`}
</div>
<div class="grid three">
<div class="card"><h4>Are our services safe?</h4><p class="answer ${safeTone}">${page.safe.answer}</p><p class="small">${page.safe.why}</p>
${services(page.services)}</div>
<div class="card stack"><div><h4>Since when?</h4><p class="answer">${page.since.answer}</p><p class="small soft">${page.since.detail}</p></div>
<div><h4>Who may be behind it?</h4><p class="answer">${shorten(page.who.answer, MAX_LINE)}</p><p class="small soft">${page.who.detail}</p>${
    page.who.others.length > 0 && html`<p class="small">Could also be: ${page.who.others.join('; ')}.</p>`
  }</div></div>
<div class="card stack">${
    page.day.length + page.week.length > 0
      ? [todo('What to do within 24 hours', page.day), todo('Within 7 days', page.week)]
      : nothingToDo(report)
  }</div>
</div>
${knowledge(report, page)}
<details class="words"><summary>Words used here</summary><dl>${glossary.map(({ term, meaning }) => html`<div class="small"><dt>${term}</dt><dd class="soft">${meaning}</dd></div>`)}</dl></details>
</section>`
}

/** How sure we are of what; when nothing at all was found, what was looked at instead. */
function knowledge(report: Report, { claims, unknown }: OnePage): Markup {
  const unknownCard = html`<div class="card"><h4>What we do not know</h4>${list(unknown, 'No gap is known in what was asked for.')}</div>`
  if (claims.proved.length + claims.likely.length + claims.possible.length === 0)
    return html`<div class="grid two claims"><div class="card"><h4>What was looked at</h4>${areaList(report.coverage)}<p class="small soft">${number(report.coverage.itemsRead)} of ${plural(report.coverage.items, 'evidence item')} read, ${plural(report.coverage.events, 'event')}. <a href="#coverage">Hosts, sources and periods</a></p></div>${unknownCard}</div>`
  return html`<div class="grid four claims">
<div class="card"><h4>${lineSample('')}Proved</h4>${list(claims.proved, 'Nothing.')}</div>
<div class="card"><h4>${lineSample('7 4')}Likely</h4>${list(claims.likely, 'Nothing.')}</div>
<div class="card"><h4>${lineSample('2 4')}Possible</h4>${list(claims.possible, 'Nothing.')}</div>
${unknownCard}</div>`
}

/** Without findings the best thing to do is to see more. */
function nothingToDo({ blindSpots }: Report): Markup {
  const ways = [...new Set(blindSpots.map(spot => spot.howToClose).filter(Boolean))].slice(0, MAX_ACTIONS)
  return html`<h4>What to do</h4>${ways.length > 0 ? html`<p class="small">To see more next time:</p>${list(ways, '')}` : html`<p class="small soft">Nothing in this report asks for action.</p>`}`
}

const AREAS = [
  ['logons', 'Log-ons'],
  ['processes', 'Programs started'],
  ['web', 'Web requests'],
  ['network', 'Network'],
] as const

/** The four areas an intruder shows in, and whether there was evidence for each. */
export function areaList({ areas }: Report['coverage']): Markup {
  return html`<ul class="areas">${AREAS.map(([key, name]) => html`<li>${name} <span class="tag ${areas[key] ? 'good' : 'high'}">${areas[key] ? 'covered' : 'no evidence'}</span></li>`)}</ul>`
}

function lineSample(dashes: string): Markup {
  return html`<svg viewBox="0 0 22 8" aria-hidden="true"><path d="M0 4H22" stroke-dasharray="${dashes || 'none'}"/></svg>`
}
