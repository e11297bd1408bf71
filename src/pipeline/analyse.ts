import { assess } from '../assess/index.ts'
import { correlate } from '../correlate/index.ts'
import { detectors } from '../detect/registry.ts'
import { techniqueAliases } from '../knowledge/index.ts'
import {
  type AssetModel,
  type BaselineChoice,
  type BlindSpot,
  type Correlation,
  type Diagnostic,
  type EvidenceId,
  type Incident,
  isoFromMicros,
  MAX_EVIDENCE_REFERENCES,
  type Micros,
  REPORT_SCHEMA,
  type Report,
  type ReportEvidence,
  type ReportFinding,
  type ReportIncident,
  type ReportRecord,
  type SourceRef,
  type Step,
} from '../model/index.ts'
import type { Case, CaseItem, CaseQueries, ItemTotals, Period } from '../store/index.ts'
import { correlationFindings, correlationsOf } from './correlation-findings.ts'
import { coverageOf } from './coverage.ts'
import { Excerpts } from './excerpts.ts'
import { foldDiagnostics } from './fold-diagnostics.ts'
import { inferredNote, inferredRoles } from './inferred-roles.ts'
import { intelFindings, intelOf, kindsOf } from './intel/intel-findings.ts'
import { namesOutside, outsideNetworks, withHabits, withOwners } from './outside-networks.ts'
import { JUDGING_STOPPED, setFindings } from './set-findings.ts'
import { sightOf } from './sight.ts'
import { programVersion } from './version.ts'

/** Of a hunt that was stopped before everything was read. */
export const HUNT_STOPPED = 'hunt/stopped'

/** What an analysis is made of beside the case. */
export interface AnalysisInput {
  readonly assets: AssetModel
  readonly baseline: BaselineChoice
  readonly period: Period
  readonly diagnostics: readonly Diagnostic[]
  /** What the user's rules could not see. */
  readonly blindRules: readonly BlindSpot[]
  /** Somebody waits for a report that need not be whole. */
  readonly isOver: () => boolean
}

/** All stages after reading: values in, the report out. Needs the segments only, not the evidence. */
export async function analyse(
  opened: Case,
  queries: CaseQueries,
  { assets, baseline, period, diagnostics, blindRules, isOver }: AnalysisInput,
): Promise<Report> {
  const items = opened.manifest.items()
  const totals = opened.manifest.totals()
  const { drafts, failures } = await setFindings(detectors, queries, isOver)
  const correlated = await correlationFindings(correlationsOf(opened), queries)
  const all = [...drafts, ...correlated.drafts, ...(await intelFindings(intelOf(opened), queries))]
  const networks = namesOutside(all) ? outsideNetworks() : undefined
  const table = networks && 'ownerOf' in networks ? networks : undefined
  const told = table ? withHabits(all, table) : all
  const joined = await correlate({ drafts: told, queries, assets, marks: opened.marks(), baseline })
  const correlation = table ? withOwners(joined, table, kindsOf(opened)) : joined
  const covered = await coverageOf(queries, items, totals)
  const isCut = [...diagnostics, ...failures].some(({ code }) => code === HUNT_STOPPED || code === JUDGING_STOPPED)
  const coverage = { ...covered, partial: covered.partial || isCut }
  const sights = await sightOf(queries, correlation)
  const assessment = assess({ correlation, coverage, assets, sights })
  const paths = new Map(items.map(item => [item.evidence, item.path]))
  const shown = shownRecords(correlation)
  const places = [...correlation.findings, ...correlation.incidents.flatMap(incident => incident.steps)].flatMap(({ evidence }) =>
    evidence.slice(0, shown),
  )
  const excerpts = await Excerpts.fetch(queries, places, paths)
  const records = (evidence: readonly SourceRef[]) => evidence.slice(0, shown).map(place => excerpts.record(place))
  return {
    schema: REPORT_SCHEMA,
    version: programVersion,
    generatedFrom: {
      evidence: reportEvidence(items, totals, opened.manifest.diagnostics()),
      diagnostics: [
        ...diagnostics,
        ...failures,
        ...correlated.diagnostics,
        ...(networks && 'code' in networks ? [networks] : []),
        ...(assets.assets.length === 0 ? inferredNote(await inferredRoles(queries)) : []),
      ],
      since: isoOrNothing(period.since),
      until: isoOrNothing(period.until),
    },
    verdict: assessment.verdict,
    findings: correlation.findings.map(finding => reportFinding(finding, records(finding.evidence))),
    incidents: correlation.incidents.map(incident => reportIncident(incident, records)),
    attribution: assessment.attribution,
    impact: assessment.impact,
    blindSpots: [...assessment.blindSpots, ...blindRules],
    clocks: correlation.clocks,
    actions: assessment.actions,
    coverage: { ...coverage, ...(correlation.baseline ? { baseline: correlation.baseline } : {}) },
  }
}

/** Records shown over all findings and steps; beyond it every list is cut to the same length, `evidenceTotal` keeps the number. */
const MAX_SHOWN_RECORDS = 400_000

function shownRecords({ findings, incidents }: Correlation): number {
  const lists = findings.length + incidents.reduce((steps, incident) => steps + incident.steps.length, 0)
  return Math.max(20, Math.min(MAX_EVIDENCE_REFERENCES, Math.floor(MAX_SHOWN_RECORDS / Math.max(1, lists))))
}

function reportFinding(finding: Correlation['findings'][number], evidence: readonly ReportRecord[]): ReportFinding {
  const { id, title, severity, confidence, techniques, hosts, accounts, addresses, count, why, benignExplanation, witnesses } =
    finding
  return {
    id,
    title,
    severity,
    confidence,
    techniques,
    techniqueAliases: [...new Set(techniques.flatMap(technique => techniqueAliases(technique)))].sort(),
    hosts,
    accounts,
    addresses,
    firstTime: isoOrNothing(finding.firstTime),
    lastTime: isoOrNothing(finding.lastTime),
    count,
    why,
    benignExplanation,
    witnesses,
    evidence,
    evidenceTotal: finding.evidenceTotal,
  }
}

type Records = (evidence: readonly SourceRef[]) => readonly ReportRecord[]

function reportIncident(incident: Incident, records: Records): ReportIncident {
  const { id, title, summary, severity, confidence, findings, entities, steps, trailEnds } = incident
  return {
    id,
    title,
    summary,
    severity,
    confidence,
    findings,
    entities: entities.map(({ entity, name, aliases, addresses, firstTime, lastTime }) => ({
      entity,
      name,
      aliases,
      addresses,
      firstTime: isoOrNothing(firstTime),
      lastTime: isoOrNothing(lastTime),
    })),
    steps: steps.map(step => reportStep(step, records)),
    trailEnds,
    ...(incident.chains.length === 0 ? {} : { chains: incident.chains }),
  }
}

function reportStep(step: Step, records: Records): ReportIncident['steps'][number] {
  const { order, technique, title, from, to, account, how, why, findings } = step
  return {
    order,
    time: isoOrNothing(step.time),
    orderedTime: isoOrNothing(step.orderedTime),
    technique,
    title,
    from,
    to,
    account,
    how,
    why,
    ...(step.hop === undefined ? {} : { hop: step.hop }),
    findings,
    evidence: records(step.evidence),
  }
}

function reportEvidence(
  items: readonly CaseItem[],
  totals: ReadonlyMap<EvidenceId, ItemTotals>,
  diagnostics: ReadonlyMap<EvidenceId, readonly Diagnostic[]>,
): readonly ReportEvidence[] {
  const originals = new Map(
    items.filter(item => item.state !== 'copy' && item.sha256 !== '').map(item => [item.sha256, item.path]),
  )
  return items.map(item => {
    const { records = 0, events = 0, firstTime, lastTime } = totals.get(item.evidence) ?? {}
    return {
      id: item.evidence,
      path: item.path,
      sha256: item.sha256,
      bytes: item.bytes,
      format: formatOf(item, originals),
      records,
      events,
      firstTime: isoOrNothing(firstTime),
      lastTime: isoOrNothing(lastTime),
      diagnostics: foldDiagnostics(diagnostics.get(item.evidence) ?? []),
    }
  })
}

function formatOf(item: CaseItem, originals: ReadonlyMap<string, string>): string {
  switch (item.state) {
    case 'read':
      return item.format
    case 'copy':
      return `copy of ${originals.get(item.sha256) ?? 'another item'}`
    case 'recognised-not-read':
      return `recognised, not read: ${item.note}`
    case 'waiting':
      return 'not read yet'
    default:
      return item.state
  }
}

function isoOrNothing(time: Micros | undefined): string {
  return time === undefined ? '' : isoFromMicros(time)
}
