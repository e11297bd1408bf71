import type { EvidenceId } from './ids.ts'

/** How much a diagnostic matters: `error` lost something, `warning` may have, `note` only explains. */
export type DiagnosticLevel = 'error' | 'warning' | 'note'

/** A statement about our reading of a file, never about the intruder: what, where, and what to do. */
export interface Diagnostic {
  readonly kind: 'diagnostic'
  /** Stable code "area/what", for instance "evtx/truncated-chunk". */
  readonly code: string
  readonly level: DiagnosticLevel
  readonly message: string
  /** What the reader may try; one sentence, may hold a command. */
  readonly hint?: string
  readonly evidence?: EvidenceId
  /** Path as shown to the user; for a member of an archive "archive.zip!/member". */
  readonly path?: string
  readonly record?: number
  readonly offset?: number
  /** How many times it happened when repeats were folded into one; absent means once. */
  readonly count?: number
}
