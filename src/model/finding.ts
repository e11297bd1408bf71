import type { FindingId, SourceRef } from './ids.ts'
import type { RelayHop } from './relay-hop.ts'
import type { Micros } from './time.ts'

/** Sigma's words, weakest first. */
export const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** How good the basis is, weakest first; never mixed with likelihood. */
export const confidences = ['low', 'moderate', 'high'] as const
export type Confidence = (typeof confidences)[number]

/** Negative when `a` is weaker than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b)
}

/** Who saw the behaviour: one of our detectors, a user's Sigma or YARA rule, or an indicator. */
export interface Witness {
  readonly source: 'barograph' | 'sigma' | 'yara' | 'intel'
  /** Detector id or rule id. */
  readonly rule: string
  readonly title: string
  readonly level: Severity
}

/** At most this many record references are kept with one finding; `evidenceTotal` says how many there are. */
export const MAX_EVIDENCE_REFERENCES = 10_000

/**
 * One behaviour as one witness saw it. Drafts about the same records, or the same host, object and technique within minutes,
 * become one `Finding`.
 */
export interface FindingDraft {
  readonly witness: Witness
  readonly title: string
  readonly severity: Severity
  readonly confidence: Confidence
  /** ATT&CK ids of the bundled version. */
  readonly techniques: readonly string[]
  readonly hosts: readonly string[]
  readonly accounts: readonly string[]
  /** Network addresses that belong to the behaviour (client of a shell, source of a log-on); outside ones are candidate intruder addresses. */
  readonly addresses: readonly string[]
  /** What was acted on or with: a path, an image, a service name, an address pair. Lower case; part of the merge key. */
  readonly object: string
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
  readonly count: number
  readonly why: string
  /** The most likely innocent explanation; must be there from medium upwards. */
  readonly benignExplanation: string
  readonly evidence: readonly SourceRef[]
  readonly evidenceTotal: number
  /** False when the behaviour was tried and the evidence does not show that it worked. */
  readonly succeeded?: boolean
  /** Machines that the finding shows passing connections on. */
  readonly hops?: readonly RelayHop[]
  /** An outside address and those that were used for the same before, when the finding is that it is another one. */
  readonly habit?: AddressHabit
}

/** An address that is new for somebody, and the addresses of before. */
export interface AddressHabit {
  readonly address: string
  readonly earlier: readonly string[]
}

/** A merged behaviour with all its witnesses. */
export interface Finding extends Omit<FindingDraft, 'witness' | 'succeeded'> {
  readonly id: FindingId
  readonly witnesses: readonly Witness[]
  readonly succeeded: boolean
}
