import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { BaselineChoice, BlindSpot, Diagnostic, Micros, Report } from '../model/index.ts'
import { renderHtml, renderIndicators, renderJson } from '../report/index.ts'
import type { SigmaRule } from '../rules/index.ts'
import type { Case, CaseQueries, Period } from '../store/index.ts'
import { analyse } from './analyse.ts'
import { assetsOf } from './assets.ts'
import type { ProgressListener } from './progress.ts'
import { queriesOf } from './query-engine.ts'
import { blindRules } from './rules/blind-rules.ts'
import { writeAtomically } from './write-files.ts'

/**
 * How much the heap may grow before it is looked through again. Judging holds little and makes much that is soon thrown away (rows of results);
 * left alone the engine lets three times what is held come together first.
 */
const HEAP_GROWTH = '--heap-growing-percent=40'

/**
 * Judges everything the case has and writes report.json, report.html and indicators.csv. A hunt gives the user's rules, so that what
 * they could not see is told; without them what the last hunt found about its rules stands.
 */
export async function reportOn(
  opened: Case,
  jobs: number,
  listener: ProgressListener,
  rules?: readonly SigmaRule[],
  signal?: AbortSignal,
): Promise<Report> {
  listener.phase('judge', 0)
  setFlagsFromString(HEAP_GROWTH)
  const period = periodOf(opened)
  const baseline = baselineOf(opened)
  const { assets, diagnostics } = assetsOf(opened)
  const queries = await queriesOf(opened, jobs, period)
  let report: Report
  try {
    report = await analyse(opened, queries, {
      assets,
      baseline,
      period,
      diagnostics: [...diagnosticsOf(opened), ...diagnostics],
      blindRules: await blindRulesOf(opened, queries, rules),
      isOver: soonAfterStop(signal),
    })
  } finally {
    queries.close()
  }
  listener.phase('write', 0)
  writeAtomically(join(opened.directory, 'report.json'), renderJson(report))
  writeAtomically(join(opened.directory, 'report.html'), renderHtml(report))
  writeAtomically(join(opened.directory, 'indicators.csv'), renderIndicators(report))
  opened.saveAnalysis(
    report.findings.map(({ evidence: _records, ...finding }) => finding),
    report.incidents.map(incident => ({ ...incident, steps: incident.steps.map(({ evidence: _records, ...step }) => step) })),
  )
  return report
}

/** Who stopped a hunt waits for its report: what the detectors of sets find in this time is in it, and the others are named. */
const JUDGING_AFTER_STOP_MILLISECONDS = 5_000

function soonAfterStop(signal: AbortSignal | undefined): () => boolean {
  let stopped: number | undefined
  const note = () => {
    stopped ??= performance.now()
  }
  if (signal?.aborted) note()
  else signal?.addEventListener('abort', note, { once: true })
  return () => stopped !== undefined && performance.now() - stopped > JUDGING_AFTER_STOP_MILLISECONDS
}

/** The period the last hunt was limited to. */
function periodOf(opened: Case): Period {
  const { since, until } = JSON.parse(opened.fact('period') ?? '{}') as Partial<Period>
  return { since, until }
}

/** What the last hunt was told to learn "usual" from. */
function baselineOf(opened: Case): BaselineChoice {
  const { from, to, peers = [] } = JSON.parse(opened.fact('baseline') ?? '{}') as { from?: Micros; to?: Micros; peers?: string[] }
  return { from, to, peers }
}

/** What the last hunt said about the command itself: paths that are missing, rules that were refused. */
function diagnosticsOf(opened: Case): readonly Diagnostic[] {
  return JSON.parse(opened.fact('diagnostics') ?? '[]') as readonly Diagnostic[]
}

async function blindRulesOf(
  opened: Case,
  queries: CaseQueries,
  rules: readonly SigmaRule[] | undefined,
): Promise<readonly BlindSpot[]> {
  if (!rules) return JSON.parse(opened.fact('blindRules') ?? '[]') as readonly BlindSpot[]
  const spots = await blindRules(rules, queries)
  opened.setFact('blindRules', JSON.stringify(spots))
  return spots
}
