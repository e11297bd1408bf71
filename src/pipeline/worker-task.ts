import type { PartPlan, Survey } from '../evidence/index.ts'
import type { Split, TextEncoding } from '../model/index.ts'
import type { YaraHit } from '../rules/yara/index.ts'
import type { WrittenTask } from '../store/index.ts'
import type { PartOutcome } from './read-part.ts'
import type { PreparedRules } from './rule-cache.ts'

/** What every worker is started with. */
export interface WorkerStart {
  readonly caseDirectory: string
  readonly rules: PreparedRules | undefined
}

export interface SurveyTask {
  readonly file: string
  readonly split: Split
  readonly encoding: TextEncoding | undefined
}

export interface ReadTask {
  readonly file: string
  readonly format: string
  readonly plan: PartPlan
  /** Name of the segments. */
  readonly name: string
  /** What the user's YARA rules say of the item, when it is a file of the victim. */
  readonly yara?: readonly YaraHit[]
}

/** A failure as plain data: error classes do not survive the way between threads. */
export interface TaskFailure {
  /** `read`: the evidence could not be read. `write`: the case could not be written. `bug`: ours. */
  readonly cause: 'read' | 'write' | 'bug'
  readonly message: string
  /** Code of a `CaseError`, and its hint. */
  readonly code?: string
  readonly hint?: string
  readonly stack?: string
}

export type SurveyResult = { readonly survey: Survey } | { readonly failure: TaskFailure }
export type ReadResult = { readonly written: WrittenTask; readonly outcome: PartOutcome } | { readonly failure: TaskFailure }
