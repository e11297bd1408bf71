import type { Report } from '../model/index.ts'
import { maskReport } from './masked-report.ts'

/** Characters JSON leaves as they are although a terminal or a browser obeys them: C1 controls, separators, bidirectional marks. */
const OBEYED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** report.json: schema "barograph/report/1" (docs/report-schema.json), secrets masked, safe to print in a terminal. */
export function renderJson(report: Report): string {
  const text = JSON.stringify(maskReport(report, MAX_RECORDS), null, 2)
  return `${text.replace(OBEYED, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

/** Records in one report.json over all findings: about 150 MB of text, well below the longest string an engine can hold. */
const MAX_RECORDS = 400_000
