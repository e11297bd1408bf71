import type { ReportRecord } from '../../model/index.ts'
import { shorten } from '../text/visible.ts'
import { clock, number, plural } from '../text/words.ts'
import { html, type Markup } from './escape.ts'

/** Rows of evidence in one table of report.html; report.json holds more, the case holds all. */
export const MAX_ROWS = 20
/** Longer excerpts are in the case; a script block of a megabyte helps nobody here. */
const MAX_EXCERPT = 1200
const MAX_PATH = 300

/** The records that prove a claim, each with where to find it again. */
export function recordTable(records: readonly ReportRecord[], total: number): Markup {
  if (records.length === 0) return html`<p class="soft small">No record: this is an inference.</p>`
  const shown = records.slice(0, MAX_ROWS)
  return html`<table class="records stacked"><thead><tr><th scope="col">Time (UTC)</th><th scope="col">Record</th><th scope="col">Excerpt</th></tr></thead><tbody>${shown.map(
    (record, index) => {
      // The path stands where it changes; twenty repetitions of it would hide what differs.
      const same = index > 0 && shown[index - 1]?.path === record.path
      return html`<tr><td>${clock(record.time) || 'no time'}</td><td>${!same && html`<bdi>${shorten(record.path, MAX_PATH)}</bdi> `}record ${record.record}${record.carved === true && ', carved'}</td><td><code class="excerpt">${shorten(record.excerpt, MAX_EXCERPT)}</code></td></tr>`
    },
  )}</tbody></table>${total > shown.length && html`<p class="small soft">${number(shown.length)} of ${plural(total, 'record')}; more in report.json, all in the case.</p>`}`
}
