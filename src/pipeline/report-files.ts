import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Diagnostic, Report } from '../model/index.ts'
import { renderHtml, renderIndicators, renderJson } from '../report/index.ts'
import type { Case, CaseQueries, Period } from '../store/index.ts'
import { analyse } from './analyse.ts'
import { assetsOf } from './assets.ts'
import type { ProgressListener } from './progress.ts'
import { writeAtomically } from './write-files.ts'

/** Sorting and joining is done in half of the machine's memory and on disk beyond that; more than this hardly helps. */
const MAX_QUERY_MEGABYTES = 8_192

/** Opens queries that may use the machine for themselves. */
export function queriesOf(opened: Case, jobs: number, period?: Period): Promise<CaseQueries> {
  const memoryMegabytes = Math.min(MAX_QUERY_MEGABYTES, Math.floor(totalmem() / 2 / (1 << 20)))
  return opened.queries({ threads: jobs, memoryMegabytes }, period)
}

/** Judges everything the case has and writes report.json, report.html and indicators.csv. */
export async function reportOn(opened: Case, jobs: number, listener: ProgressListener): Promise<Report> {
  listener.phase('judge', 0)
  const period = periodOf(opened)
  const { assets, diagnostics } = assetsOf(opened)
  const queries = await queriesOf(opened, jobs, period)
  let report: Report
  try {
    report = await analyse(opened, queries, { assets, period, diagnostics: [...diagnosticsOf(opened), ...diagnostics] })
  } finally {
    queries.close()
  }
  listener.phase('write', 0)
  writeAtomically(join(opened.directory, 'report.json'), renderJson(report))
  writeAtomically(join(opened.directory, 'report.html'), renderHtml(report))
  writeAtomically(join(opened.directory, 'indicators.csv'), renderIndicators(report))
  opened.saveAnalysis(report.findings, report.incidents)
  return report
}

/** The period the last hunt was limited to. */
function periodOf(opened: Case): Period {
  const { since, until } = JSON.parse(opened.fact('period') ?? '{}') as Partial<Period>
  return { since, until }
}

/** What the last hunt said about the command itself: paths that are missing, rules that were refused. */
function diagnosticsOf(opened: Case): readonly Diagnostic[] {
  return JSON.parse(opened.fact('diagnostics') ?? '[]') as readonly Diagnostic[]
}
