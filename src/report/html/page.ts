import type { Report } from '../../model/index.ts'
import { diagramStyle } from '../diagram/diagram-style.ts'
import { maskReport } from '../masked-report.ts'
import { shorten } from '../text/visible.ts'
import { verdictWords } from '../text/words.ts'
import { timelineStyle } from '../timeline/timeline.ts'
import { anchorsOf } from './anchors.ts'
import { actionsSection, blindSection, impactSection, whoSection } from './assessment-sections.ts'
import { coverageSection, evidenceSection } from './coverage-sections.ts'
import { html, Markup } from './escape.ts'
import { findingsSection } from './findings-section.ts'
import { onePageSection } from './one-page-section.ts'
import { pathSection } from './path-section.ts'
import { MAX_ROWS } from './records.ts'
import { pageScript } from './script.ts'
import { sha256Base64 } from './sha256.ts'
import { narrowAndPrintStyle, pageStyle } from './style.ts'
import { techniqueSection } from './technique-section.ts'
import { timelineSection } from './timeline-section.ts'

const style = `${pageStyle}${diagramStyle}${timelineStyle}${narrowAndPrintStyle}`
/** Only our own style sheet and our own script, each by its hash; no request of any kind. */
const policy = `default-src 'none'; style-src 'sha256-${sha256Base64(style)}'; script-src 'sha256-${sha256Base64(pageScript)}'; base-uri 'none'; form-action 'none'`

/** No sentence of a report is longer; a longer text is evidence that wants to fill the page, and report.json has all of it. */
const MAX_TEXT = 1200

/** The same report with every text at most `MAX_TEXT` long. */
function bounded<T>(value: T): T {
  if (typeof value === 'string') return shorten(value, MAX_TEXT) as T
  if (Array.isArray(value)) return value.map(bounded) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item)])) as T
}

interface Part {
  readonly id: string
  readonly name: string
  readonly body: Markup
}

/** The parts of the page; those that have nothing to say are left out. */
function partsOf(report: Report): readonly Part[] {
  const anchors = anchorsOf(report)
  const parts: readonly (readonly [string, string, Markup | undefined])[] = [
    ['summary', 'Summary', onePageSection(report)],
    ['path', 'Attack path', pathSection(report, anchors)],
    ['timeline', 'Timeline', timelineSection(report, anchors)],
    ['findings', 'Findings', findingsSection(report, anchors)],
    ['techniques', 'Techniques', techniqueSection(report)],
    ['who', 'Who', whoSection(report)],
    ['impact', 'Impact', impactSection(report)],
    ['actions', 'Actions', actionsSection(report, anchors)],
    ['blind', 'Blind spots', blindSection(report)],
    ['coverage', 'Coverage', coverageSection(report)],
    ['evidence', 'Evidence', evidenceSection(report)],
  ]
  return parts.flatMap(([id, name, body]) => (body ? [{ id, name, body }] : []))
}

/** report.html: one self-contained file that opens from disk without a network. */
export function renderHtml(report: Report): string {
  const safe = bounded(maskReport(report, Number.POSITIVE_INFINITY, MAX_ROWS))
  const parts = partsOf(safe)
  const title = `Barograph: ${verdictWords[safe.verdict.level]}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="Barograph ${safe.version}">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the summary</a>
<header class="bar"><div class="page"><div class="mark"><svg viewBox="0 0 34 20" aria-hidden="true"><path d="M1 6H9L12 4L15 7L19 16L22 11L25 13H33"/></svg>Barograph</div>
<nav aria-label="Parts of the report"><ul>${parts.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav><button class="button" id="theme" type="button" hidden>Theme: auto</button></div></header>
<main class="page" id="main" tabindex="-1">
${parts.map(part => part.body)}
</main>
<footer><div class="page">Written by Barograph ${safe.version}. Times are UTC. This file makes no network request. Secrets in excerpts are masked; the case keeps the originals.</div></footer>
<script>${new Markup(pageScript)}</script>
</body>
</html>
`.text
}
