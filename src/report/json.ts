import type { Report } from '../model/index.ts'
import { maskReport } from './masked-report.ts'
import { inertJson } from './text/visible.ts'

/** report.json: schema "barograph/report/1" (docs/report-schema.json), secrets masked, safe to print in a terminal. */
export function renderJson(report: Report): string {
  return `${inertJson(JSON.stringify(maskReport(report, MAX_RECORDS), null, 2))}\n`
}

/** Records in one report.json over all findings: about 150 MB of text, well below the longest string an engine can hold. */
const MAX_RECORDS = 400_000
