import type { Report, ReportFinding, Severity } from '../../model/index.ts'
import { severities } from '../../model/index.ts'
import { shorten } from '../text/visible.ts'
import { bySeverity, clock, confidenceWords, listed, number, plural } from '../text/words.ts'
import type { Anchors } from './anchors.ts'
import { html, type Markup } from './escape.ts'
import { recordTable } from './records.ts'

/** Severity as a word with a five-step meter, so that colour is never the only sign. */
export function severityMark(severity: Severity): Markup {
  const level = severities.indexOf(severity)
  return html`<span class="sev s-${severity}"><span class="meter" aria-hidden="true">${severities.map((_, index) => html`<i${index <= level && html` class="on"`}></i>`)}</span>${severity === 'informational' ? 'info' : severity}</span>`
}

/** Menus longer than these are no help; the search field finds the rest. */
const MAX_OPTIONS = 300
/** These many strongest findings are opened for printing. */
const PRINTED = 25
const MAX_TITLE = 400
const MAX_NAMES = 60

/** A menu whose values are numbers, so that no text from evidence is compared or split in the page. */
interface Menu {
  readonly options: readonly Markup[]
  readonly numbers: (values: readonly string[]) => string
}

function menuOf(values: readonly string[]): Menu {
  const listed = [...new Set(values)].toSorted().slice(0, MAX_OPTIONS)
  const places = new Map(listed.map((value, index) => [value, index + 1]))
  return {
    options: listed.map((value, index) => html`<option value="${index + 1}">${shorten(value, 60)}</option>`),
    numbers: items => items.flatMap(item => places.get(item) ?? []).join(' '),
  }
}

interface Menus {
  readonly hosts: Menu
  readonly techniques: Menu
}

function names(title: string, values: readonly string[]): Markup | undefined {
  if (values.length === 0) return undefined
  const shown = values.slice(0, MAX_NAMES)
  return html`<p class="small"><span class="soft">${title}:</span> ${shown.map((value, index) => [index > 0 && ', ', html`<bdi>${shorten(value, MAX_TITLE)}</bdi>`])}${values.length > shown.length && ` and ${values.length - shown.length} more`}</p>`
}

function finding(item: ReportFinding, index: number, anchors: Anchors, menus: Menus): Markup {
  const period =
    item.firstTime === item.lastTime || item.lastTime === ''
      ? clock(item.firstTime)
      : `${clock(item.firstTime)} to ${clock(item.lastTime)}`
  return html`<details class="finding${index < PRINTED && ' print'}" id="${anchors.finding(item)}" data-severity="${severities.indexOf(item.severity)}" data-hosts="${menus.hosts.numbers(item.hosts)}" data-techniques="${menus.techniques.numbers(item.techniques)}"><summary class="row">${severityMark(item.severity)}<span><b>${shorten(item.title, MAX_TITLE)}</b> <span class="small soft">${listed(
    item.hosts.map(host => shorten(host, 60)),
    2,
  )}</span></span><span class="small soft">${clock(item.firstTime)}</span></summary>
<div class="body"><p>${item.why}</p>
<div class="two-notes small"><div><h4>Innocent explanation</h4><p>${item.benignExplanation || 'None is known.'}</p></div><div><h4>Seen by</h4><ul>${item.witnesses
    .slice(0, 20)
    .map(
      witness => html`<li>${witness.title} <span class="soft">(${witness.source}, ${shorten(witness.rule, 120)})</span></li>`,
    )}</ul>${item.witnesses.length > 20 && html`<p class="soft">and ${item.witnesses.length - 20} more</p>`}</div></div>
<p class="small"><span class="soft">Seen:</span> ${plural(item.count, 'time')}${period !== '' && `, ${period} UTC`} <span class="soft">with</span> ${confidenceWords[item.confidence]}</p>
${names('Hosts', item.hosts)}${names('Accounts', item.accounts)}${names('Addresses', item.addresses)}${names('Techniques', item.techniques)}
${recordTable(item.evidence, item.evidenceTotal)}</div></details>`
}

/** All findings, strongest first, with filter and search. */
export function findingsSection(report: Report, anchors: Anchors): Markup {
  const sorted = report.findings.toSorted(bySeverity)
  const menus: Menus = {
    hosts: menuOf(sorted.flatMap(item => item.hosts)),
    techniques: menuOf(sorted.flatMap(item => item.techniques)),
  }
  return html`<section id="findings" aria-labelledby="findings-title"><header><h2 id="findings-title">Findings</h2><p>Each one says why it matters, what its innocent explanation would be, who saw it, and which records prove it.</p></header>
${
  sorted.length === 0
    ? html`<p class="soft">No finding.</p>`
    : html`<form class="filters" id="filters" role="search" hidden>
<label>Search<input type="search" name="text" autocomplete="off" spellcheck="false"></label>
<label>Severity<select name="severity"><option value="0">all</option>${severities.slice(1).map((severity, index) => html`<option value="${index + 1}">${severity}${index + 2 < severities.length && ' and above'}</option>`)}</select></label>
<label>Host<select name="host"><option value="">all</option>${menus.hosts.options}</select></label>
<label>Technique<select name="technique"><option value="">all</option>${menus.techniques.options}</select></label>
<button class="button" type="reset">Clear</button><span class="count" id="count" role="status" aria-live="polite">${number(sorted.length)}</span></form>
<div class="card">${sorted.map((item, index) => finding(item, index, anchors, menus))}</div>`
}</section>`
}
