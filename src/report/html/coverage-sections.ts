import type { CoverageRow, Diagnostic, Report, ReportEvidence } from '../../model/index.ts'
import { shorten } from '../text/visible.ts'
import { bytes, clockMinutes, number, plural } from '../text/words.ts'
import { html, type Markup } from './escape.ts'
import { areaList } from './one-page-section.ts'

const MAX_ITEMS = 2000
const MAX_DIAGNOSTICS = 1000
const MAX_SOURCES = 1000

const presence: Readonly<Record<CoverageRow['sysmon'], Markup>> = {
  yes: html`<span class="tag good">yes</span>`,
  no: html`<span class="tag high">no</span>`,
  'not applicable': html`<span class="soft">–</span>`,
}

/** Seconds to add to a source's clock, in words: "3.2 s", "+10 h". */
function offsetText(seconds: number): string {
  const sign = seconds > 0 ? '+' : '−'
  const size = Math.abs(seconds)
  if (size === 0) return 'none'
  if (size >= 3600 && size % 900 === 0) return `${sign}${number(size / 3600)} h`
  if (size >= 120) return `${sign}${(size / 60).toFixed(1)} min`
  return `${sign}${String(Math.round(size * 1000) / 1000)} s`
}

/** How much was understood, per host and source, and how far the clocks were apart. */
export function coverageSection({ coverage, clocks }: Report): Markup {
  const unread = coverage.itemsNotRead + coverage.itemsUnknown
  return html`<section id="coverage" aria-labelledby="coverage-title"><header><h2 id="coverage-title">Coverage and clocks</h2><p>${number(coverage.itemsRead)} of ${plural(coverage.items, 'evidence item')} read, ${bytes(coverage.bytesRead)} of ${bytes(coverage.bytes)}; ${plural(coverage.records, 'record')} became ${plural(coverage.events, 'event')}.${unread > 0 && ` Recognised but not read: ${number(coverage.itemsNotRead)}; unknown: ${number(coverage.itemsUnknown)}.`}</p></header>
<div class="stack">${areaList(coverage)}
${coverage.baseline && html`<div class="card"><h3>What is usual here</h3><p>${coverage.baseline.sentence}</p></div>`}
${
  coverage.sources.length > 0 &&
  html`<div class="card"><table class="stacked"><thead><tr><th scope="col">Host</th><th scope="col">Source</th><th scope="col">Oldest (UTC)</th><th scope="col">Newest (UTC)</th><th scope="col" class="num">Events</th><th scope="col">Command lines</th><th scope="col">Script blocks</th><th scope="col">Sysmon</th></tr></thead><tbody>${coverage.sources
    .slice(0, MAX_SOURCES)
    .map(
      row =>
        html`<tr><td data-label="Host"><b><bdi>${shorten(row.host, 120)}</bdi></b></td><td data-label="Source">${row.source}</td><td data-label="Oldest"><span class="t">${clockMinutes(row.firstTime)}</span></td><td data-label="Newest"><span class="t">${clockMinutes(row.lastTime)}</span></td><td class="num" data-label="Events">${number(row.events)}</td><td class="tight" data-label="Command lines">${presence[row.commandLines]}</td><td class="tight" data-label="Script blocks">${presence[row.scriptBlocks]}</td><td class="tight" data-label="Sysmon">${presence[row.sysmon]}</td></tr>`,
    )}</tbody></table>${coverage.sources.length > MAX_SOURCES && html`<p class="small soft">and ${number(coverage.sources.length - MAX_SOURCES)} more in report.json</p>`}</div>`
}${
  clocks.length > 0 &&
  html`<div class="card"><h3>Clocks</h3><p class="small soft">Recorded times are never changed; steps are ordered by the corrected ones.</p><table class="stacked"><thead><tr><th scope="col">Source</th><th scope="col" class="num">Offset</th><th scope="col">Basis</th></tr></thead><tbody>${clocks.map(
    clock =>
      html`<tr><td data-label="Source"><bdi>${clock.source}</bdi></td><td class="num" data-label="Offset">${offsetText(clock.offset)}</td><td data-label="Basis">${clock.basis}</td></tr>`,
  )}</tbody></table></div>`
}</div></section>`
}

const LEVELS: readonly Diagnostic['level'][] = ['error', 'warning', 'note']
const levelTag: Readonly<Record<Diagnostic['level'], string>> = { error: 'critical', warning: 'medium', note: '' }

function evidenceRow(item: ReportEvidence): Markup {
  return html`<tr><td data-label="Path"><bdi>${shorten(item.path, 300)}</bdi><br><code class="soft hash">${item.sha256}</code></td><td data-label="Format">${shorten(item.format, 300)}</td><td class="num" data-label="Size">${bytes(item.bytes)}</td><td class="num" data-label="Records">${number(item.records)}</td><td data-label="Period">${item.firstTime !== '' && html`<span class="t">${clockMinutes(item.firstTime)} to</span> <span class="t">${clockMinutes(item.lastTime)}</span>`}</td></tr>`
}

function diagnosticRow(item: Diagnostic): Markup {
  const where = [
    item.path,
    item.record === undefined ? undefined : `record ${item.record}`,
    item.offset === undefined ? undefined : `offset ${item.offset}`,
  ]
    .filter(Boolean)
    .join(', ')
  return html`<tr><td class="tight"><span class="tag ${levelTag[item.level]}">${item.level}</span></td><td data-label="Code"><code>${item.code}</code></td><td data-label="Message">${shorten(item.message, 600)}${(item.count ?? 1) > 1 && html` <span class="soft">(${number(item.count ?? 1)} times)</span>`}${where !== '' && html`<br><span class="small soft"><bdi>${shorten(where, 300)}</bdi></span>`}</td><td data-label="Try">${shorten(item.hint ?? '', 300)}</td></tr>`
}

/** Every evidence item with its hash, and what we could not read in it. */
export function evidenceSection({ generatedFrom: { evidence, diagnostics, since, until } }: Report): Markup {
  const sorted = diagnostics.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
  return html`<section id="evidence" aria-labelledby="evidence-title"><header><h2 id="evidence-title">Evidence</h2><p>${plural(evidence.length, 'item')}, each with its SHA-256${(since !== '' || until !== '') && html`; analysis limited to ${since === '' ? 'the beginning' : clockMinutes(since)} – ${until === '' ? 'the end' : clockMinutes(until)} UTC`}.</p></header>
<div class="stack"><div class="card"><table class="stacked"><thead><tr><th scope="col">Path and SHA-256</th><th scope="col">Format</th><th scope="col" class="num">Size</th><th scope="col" class="num">Records</th><th scope="col">Period (UTC)</th></tr></thead><tbody>${evidence.slice(0, MAX_ITEMS).map(evidenceRow)}</tbody></table>${evidence.length > MAX_ITEMS && html`<p class="small soft">and ${number(evidence.length - MAX_ITEMS)} more in report.json</p>`}</div>
${
  sorted.length > 0 &&
  html`<div class="card"><h3 id="diagnostics">Reading problems</h3><p class="small soft">About our reading of the files, not about the intruder.</p><table class="stacked"><thead><tr><th scope="col">Level</th><th scope="col">Code</th><th scope="col">What happened</th><th scope="col">What to try</th></tr></thead><tbody>${sorted.slice(0, MAX_DIAGNOSTICS).map(diagnosticRow)}</tbody></table>${sorted.length > MAX_DIAGNOSTICS && html`<p class="small soft">and ${number(sorted.length - MAX_DIAGNOSTICS)} more in report.json</p>`}</div>`
}</div></section>`
}
