import type { SecurityEvent } from './event.ts'
import type { UnmappedRecord } from './evidence.ts'
import type { Severity, Witness } from './finding.ts'

/** A rule of the user that matched one event. */
export interface RuleHit {
  readonly source: Exclude<Witness['source'], 'barograph'>
  /** Rule id, or its title when it has none. */
  readonly rule: string
  readonly ruleTitle: string
  readonly severity: Severity
  /** ATT&CK ids of the rule's tags. */
  readonly techniques: readonly string[]
  readonly why: string
  readonly innocent: string
  /** Set when correlations refer to the rule: what they need of this event, and whether the hit also stands for itself. */
  readonly correlated?: {
    readonly values: Readonly<Record<string, string | readonly string[] | undefined>>
    readonly alone: boolean
  }
}

/** Compiled rules, asked once for each event in the pass that reads it. */
export interface RuleMatcher {
  match(event: SecurityEvent): readonly RuleHit[]
  /** False when `match` of the event that becomes of the record gives nothing; told without making that event. */
  mayMatch?(record: UnmappedRecord): boolean
}

/** A rule that cannot be used, with where and why. */
export interface RefusedRule {
  readonly path: string
  readonly title: string
  /** Line in the file, from 1; 0 when it concerns the whole file. */
  readonly line: number
  /** Column in the line, from 1. */
  readonly column: number
  readonly reason: string
}

/** One file of rules as text. */
export interface RuleFile {
  readonly path: string
  readonly text: string
}
