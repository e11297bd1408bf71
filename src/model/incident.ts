import type { Baseline } from './baseline.ts'
import { compareSeverity, type Finding, type Severity, severities } from './finding.ts'
import type { FindingId, IncidentId, SourceRef } from './ids.ts'
import type {
  Action,
  BlindSpot,
  ClockOffset,
  CutPoint,
  EntityKind,
  HopChain,
  Hypothesis,
  ServiceImpact,
  StepEnd,
  StepHop,
  TrailEnd,
  Verdict,
} from './report.ts'
import type { Micros } from './time.ts'

/** The operator's word that something was their own work ("mark … --ours REASON --until DATE"). */
export interface Mark {
  readonly kind: 'finding' | 'host' | 'account'
  /** Finding id, host name or account name. */
  readonly target: string
  readonly reason: string
  /** Holds for what happened before this moment; undefined means for good. */
  readonly until: Micros | undefined
}

/** Something that acts or is acted on, with all names it was seen under. */
export interface Entity {
  /** "host:dc01.example", "outside-address:203.0.113.9": the same in every run. */
  readonly id: string
  readonly entity: EntityKind
  readonly name: string
  readonly aliases: readonly string[]
  readonly addresses: readonly string[]
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** One step of an intrusion, in `orderedTime` order. */
export interface Step {
  readonly order: number
  readonly time: Micros | undefined
  /** `time` plus the estimated offset of its source. */
  readonly orderedTime: Micros | undefined
  readonly technique: string
  readonly title: string
  readonly from: StepEnd
  readonly to: StepEnd
  readonly account: string
  readonly how: 'observed' | 'inferred'
  /** What was seen; for an inferred step its reason and what would refute it. */
  readonly why: string
  /** What its records cannot show although they were made for it: the missing direction of a one-sided capture. */
  readonly unseen?: string
  /** How well it is shown that whoever came to the machine the step leaves from is who went on. */
  readonly hop?: StepHop
  readonly findings: readonly FindingId[]
  readonly evidence: readonly SourceRef[]
  readonly evidenceTotal: number
}

/** What the machines and addresses of an incident were to the intruder; names as in its entities. */
export interface IncidentRoles {
  /** Where the intruder came in. */
  readonly entry: readonly string[]
  /** Machines from which the intruder went on. */
  readonly pivots: readonly string[]
  /** Addresses that machines of the operator reported to. */
  readonly controllers: readonly string[]
  /** Addresses the intruder came from; the last known hop, not the person. */
  readonly sources: readonly string[]
}

/** Findings that belong together, as one story. */
export interface Incident {
  readonly id: IncidentId
  readonly title: string
  readonly summary: string
  readonly severity: Finding['severity']
  readonly confidence: Finding['confidence']
  readonly findings: readonly FindingId[]
  readonly entities: readonly Entity[]
  readonly steps: readonly Step[]
  readonly trailEnds: readonly TrailEnd[]
  readonly chains: readonly HopChain[]
  readonly roles: IncidentRoles
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** Something correlation left out on purpose, with its number, so that nobody takes a cut for an absence. */
export interface Cut {
  readonly what: string
  readonly count: number
  readonly why: string
}

/** What correlation makes of the findings. */
export interface Correlation {
  /** Merged findings, most severe first, then by time. */
  readonly findings: readonly Finding[]
  /** Most severe first, then by time. */
  readonly incidents: readonly Incident[]
  readonly clocks: readonly ClockOffset[]
  readonly cuts: readonly Cut[]
  /** What "rare" and "usual" rest on. */
  readonly baseline?: Baseline
  /** Whose the logs are that do not say it themselves, as far as it was found: evidence id to the machine's name or address in the incidents. */
  readonly machineOfLog?: ReadonlyMap<string, string>
}

/** What assessment makes of the incidents; every field goes into the report as it is. */
export interface Assessment {
  readonly verdict: Verdict
  readonly attribution: { readonly hypotheses: readonly Hypothesis[]; readonly statement: string }
  readonly impact: { readonly services: readonly ServiceImpact[]; readonly cut: readonly CutPoint[] }
  readonly blindSpots: readonly BlindSpot[]
  readonly actions: readonly Action[]
}

/** Entity kinds that are machines of the operator. */
export const machineKinds: readonly EntityKind[] = ['host', 'edge-device', 'critical-service']

/** Does the finding rest on the user's own rules and indicators alone? Such a finding keeps its level but cannot lift the verdict above "suspicious". */
export function restsOnUserRules(finding: Pick<Finding, 'witnesses'>): boolean {
  return finding.witnesses.every(witness => witness.source !== 'barograph')
}

/** Highest level that one of our own detectors gives; a user's rule or an indicator alone cannot carry an incident. */
export function ownSeverity(finding: Pick<Finding, 'witnesses' | 'severity'>): Severity {
  const own = finding.witnesses.filter(witness => witness.source === 'barograph')
  const strongest = Math.max(0, ...own.map(witness => severities.indexOf(witness.level)))
  const level = severities[strongest] ?? 'informational'
  // A mark of the operator lowers the finding below what its witnesses said.
  return compareSeverity(level, finding.severity) > 0 ? finding.severity : level
}
