import type { Baseline } from './baseline.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Confidence, Severity, Witness } from './finding.ts'
import type { HopGrade } from './relay-hop.ts'

/** One evidence item as the report lists it. Times are ISO 8601 UTC, '' when it has none. */
export interface ReportEvidence {
  readonly id: string
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  /** Format, "copy of PATH", "recognised, not read: …", "unknown", "empty", "encrypted" … */
  readonly format: string
  readonly records: number
  readonly events: number
  readonly firstTime: string
  readonly lastTime: string
  readonly diagnostics: readonly Diagnostic[]
}

/** A pointer to one record with a short, masked piece of it. */
export interface ReportRecord {
  readonly evidenceId: string
  readonly path: string
  readonly record: number
  readonly time: string
  readonly excerpt: string
  /** It was found in unused space of its file, left over from an earlier use. */
  readonly carved?: true
}

/** One behaviour with everybody who saw it and the records that prove it. */
export interface ReportFinding {
  readonly id: string
  readonly title: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly techniques: readonly string[]
  /** The same techniques under ids of other ATT&CK versions. */
  readonly techniqueAliases: readonly string[]
  readonly hosts: readonly string[]
  readonly accounts: readonly string[]
  readonly addresses: readonly string[]
  readonly firstTime: string
  readonly lastTime: string
  readonly count: number
  readonly why: string
  readonly benignExplanation: string
  readonly witnesses: readonly Witness[]
  readonly evidence: readonly ReportRecord[]
  readonly evidenceTotal: number
}

/** What a node of the attack diagram is; decides its lane. */
export type EntityKind =
  | 'outside-address'
  | 'relay'
  | 'edge-device'
  | 'host'
  | 'account'
  | 'file'
  | 'web-resource'
  | 'service'
  | 'critical-service'

/** One end of a step. */
export interface StepEnd {
  readonly entity: EntityKind
  readonly name: string
  readonly addresses: readonly string[]
}

/** Why a step is taken to be the continuation of what came to the machine it leaves from. */
export interface StepHop {
  readonly grade: HopGrade
  /** What shows it, in words that end a sentence: "by the VPN log of fw01". */
  readonly why: string
  /** Where whoever went on had come from, where the proof names it: a way that came in from elsewhere does not go on over this step. */
  readonly cameFrom?: string
}

/** A way from outside through machines that passed on; as good as its weakest hop, and never over a hop that nothing shows. */
export interface HopChain {
  /** Names of the machines in the order of the way. */
  readonly path: readonly string[]
  /** Orders of the steps between them. */
  readonly steps: readonly number[]
  readonly grade: HopGrade
  readonly sentence: string
}

/** One step of the intrusion, in `orderedTime` order. */
export interface ReportStep {
  readonly order: number
  readonly time: string
  /** `time` on the case's reference clock. */
  readonly orderedTime: string
  readonly technique: string
  readonly title: string
  readonly from: StepEnd
  readonly to: StepEnd
  readonly account: string
  readonly how: 'observed' | 'inferred'
  /** What was seen; for an inferred step its reason and what would refute it. */
  readonly why: string
  /** Where it goes on from a machine that somebody came to: how well that is shown. */
  readonly hop?: StepHop
  readonly findings: readonly string[]
  readonly evidence: readonly ReportRecord[]
}

/** Where the trail stops and which record would continue it. */
export interface TrailEnd {
  readonly at: string
  readonly why: string
  readonly whatWouldContinueIt: string
}

/** An entity of an incident with all names it was seen under. */
export interface ReportEntity {
  readonly entity: EntityKind
  readonly name: string
  readonly aliases: readonly string[]
  readonly addresses: readonly string[]
  readonly firstTime: string
  readonly lastTime: string
}

/** Findings that belong together, as one story. */
export interface ReportIncident {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly findings: readonly string[]
  readonly entities: readonly ReportEntity[]
  readonly steps: readonly ReportStep[]
  readonly trailEnds: readonly TrailEnd[]
  /** Ways in from outside, longest first. */
  readonly chains?: readonly HopChain[]
}

/** ICD 203 words. */
export type Likelihood =
  | 'almost no chance'
  | 'very unlikely'
  | 'unlikely'
  | 'roughly even chance'
  | 'likely'
  | 'very likely'
  | 'almost certain'
  | 'not assessed'

/** One candidate with what speaks for and against it. */
export interface Hypothesis {
  readonly who: string
  readonly likelihood: Likelihood
  readonly confidence: Confidence
  readonly for: readonly string[]
  readonly against: readonly string[]
}

/** A service and how far the intruder was from it. */
export interface ServiceImpact {
  readonly name: string
  readonly sector: string
  readonly state: 'did' | 'could' | 'not reached'
  readonly why: string
}

/** A connection or asset to cut, and what that costs the operator. */
export interface CutPoint {
  readonly what: string
  readonly protects: readonly string[]
  readonly cost: string
}

/** Something we could not see. */
export interface BlindSpot {
  readonly what: string
  readonly where: string
  readonly from: string
  readonly to: string
  readonly consequence: string
  readonly howToClose: string
}

/** One thing to do, in the order preserve, (scope,) contain, evict, close-gap. */
export interface Action {
  readonly order: number
  readonly kind: 'preserve' | 'contain' | 'evict' | 'close-gap'
  readonly what: string
  readonly targets: readonly string[]
  readonly doFirst: string
  readonly doNot: string
  readonly why: string
  readonly effort: string
  readonly findings: readonly string[]
}

/** The estimated offset of one source against the case's reference clock. */
export interface ClockOffset {
  readonly source: string
  /** Seconds to add to the source's times; 0 for the reference. */
  readonly offset: number
  readonly basis: string
}

/** Oldest and newest record of one host and source, and whether the telling fields are there. */
export interface CoverageRow {
  readonly host: string
  readonly source: string
  readonly firstTime: string
  readonly lastTime: string
  readonly events: number
  readonly commandLines: 'yes' | 'no' | 'not applicable'
  readonly scriptBlocks: 'yes' | 'no' | 'not applicable'
  readonly sysmon: 'yes' | 'no' | 'not applicable'
}

/** How much of the evidence was understood, and what it covers. */
export interface Coverage {
  readonly items: number
  readonly itemsRead: number
  readonly itemsNotRead: number
  readonly itemsUnknown: number
  readonly bytes: number
  readonly bytesRead: number
  readonly records: number
  readonly events: number
  readonly areas: {
    readonly logons: boolean
    readonly processes: boolean
    readonly web: boolean
    readonly network: boolean
  }
  readonly sources: readonly CoverageRow[]
  readonly partial: boolean
  /** What "rare" and "usual" in the findings rest on; reports of earlier versions have none. */
  readonly baseline?: Baseline
}

/** The verdict of the whole case. */
export interface Verdict {
  readonly level: 'intrusion' | 'suspicious' | 'nothing-found' | 'insufficient-evidence'
  readonly sentence: string
  readonly confidence: Confidence
}

export const REPORT_SCHEMA = 'barograph/report/1'

/** The report, as report.json holds it. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA
  readonly version: string
  readonly generatedFrom: {
    readonly evidence: readonly ReportEvidence[]
    readonly diagnostics: readonly Diagnostic[]
    readonly since: string
    readonly until: string
  }
  readonly verdict: Verdict
  readonly findings: readonly ReportFinding[]
  readonly incidents: readonly ReportIncident[]
  readonly attribution: { readonly hypotheses: readonly Hypothesis[]; readonly statement: string }
  readonly impact: { readonly services: readonly ServiceImpact[]; readonly cut: readonly CutPoint[] }
  readonly blindSpots: readonly BlindSpot[]
  readonly clocks: readonly ClockOffset[]
  readonly actions: readonly Action[]
  readonly coverage: Coverage
}
