import type { Report, ReportFinding, ReportIncident, ReportRecord, ReportStep } from '../model/index.ts'
import { maskSecrets } from './mask-secrets.ts'

/** A record stands under several findings and steps, and in every form of the report. */
const maskedRecords = new WeakMap<ReportRecord, ReportRecord>()

function masked(record: ReportRecord): ReportRecord {
  let safe = maskedRecords.get(record)
  if (!safe) {
    safe = { ...record, excerpt: maskSecrets(record.excerpt) }
    maskedRecords.set(record, safe)
  }
  return safe
}

/** How many records each list may keep so that all together stay within `limit`: short lists keep everything, long ones share the rest. */
export function fairShare(sizes: readonly number[], limit: number): number {
  const sorted = sizes.toSorted((a, b) => a - b)
  let rest = limit
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(rest / (sorted.length - index))
    if (size > share) return share
    rest -= size
  }
  return sorted.at(-1) ?? 0
}

/** The report with secrets masked wherever evidence is quoted, and at most `limit` records in all findings together. */
export function maskReport(report: Report, limit: number, eachAtMost = Number.POSITIVE_INFINITY): Report {
  const share = Math.min(
    fairShare(
      report.findings.map(finding => finding.evidence.length),
      limit,
    ),
    eachAtMost,
  )
  const finding = (item: ReportFinding): ReportFinding => ({
    ...item,
    title: maskSecrets(item.title),
    why: maskSecrets(item.why),
    evidence: item.evidence.slice(0, share).map(masked),
  })
  const step = (item: ReportStep): ReportStep => ({
    ...item,
    title: maskSecrets(item.title),
    why: maskSecrets(item.why),
    evidence: item.evidence.slice(0, Math.max(share, MIN_STEP_RECORDS)).map(masked),
  })
  const incident = (item: ReportIncident): ReportIncident => ({
    ...item,
    title: maskSecrets(item.title),
    summary: maskSecrets(item.summary),
    steps: item.steps.map(step),
    trailEnds: item.trailEnds.map(maskedTexts),
  })
  return {
    ...report,
    generatedFrom: {
      ...report.generatedFrom,
      evidence: report.generatedFrom.evidence.map(item => ({ ...item, diagnostics: item.diagnostics.map(maskedTexts) })),
      diagnostics: report.generatedFrom.diagnostics.map(maskedTexts),
    },
    verdict: { ...report.verdict, sentence: maskSecrets(report.verdict.sentence) },
    findings: report.findings.map(finding),
    incidents: report.incidents.map(incident),
    blindSpots: report.blindSpots.map(maskedTexts),
    actions: report.actions.map(maskedTexts),
    attribution: {
      statement: maskSecrets(report.attribution.statement),
      hypotheses: report.attribution.hypotheses.map(maskedTexts),
    },
    impact: { ...report.impact, services: report.impact.services.map(maskedTexts), cut: report.impact.cut.map(maskedTexts) },
  }
}

/** Sentences, and lists of sentences, that quote titles of findings, which quote command lines. */
function maskedTexts<Item extends object>(item: Item): Item {
  const parts = Object.entries(item).map(([name, value]) => [name, maskedValue(value)])
  return Object.fromEntries(parts) as Item
}

function maskedValue(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value)
  return Array.isArray(value) ? value.map(maskedValue) : value
}

/** A step always keeps a few records: a claim without a record is worth nothing. */
const MIN_STEP_RECORDS = 20
