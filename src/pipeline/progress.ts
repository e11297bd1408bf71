import type { Severity } from '../model/index.ts'

/** Stages of a hunt a person waits for. */
export type Phase = 'look' | 'hash' | 'read' | 'judge' | 'write'

/** A high or critical hit of one record, told as soon as its part is done. */
export interface EarlyFinding {
  readonly severity: Severity
  /** Who saw it; more of the same on the same host is not worth a line. */
  readonly rule: string
  readonly title: string
  readonly host: string
  readonly path: string
}

/** Hears how a hunt goes on; never changes what comes out. */
export interface ProgressListener {
  /**
   * A stage begins; `totalBytes` is 0 when it is not measured in bytes. Hashing and reading take turns, one group of items after the other:
   * hashing tells the bytes of its group, reading all that is left to read.
   */
  phase(phase: Phase, totalBytes: number): void
  /** So many more bytes of the present stage are done. */
  advance(bytes: number): void
  found(finding: EarlyFinding): void
  /** While the evidence is looked through: so many items are known, and this is the latest. */
  looked?(items: number, path: string): void
  /** Something worth a line: space that archives need, items taken over from an earlier run. */
  say(message: string): void
}

/** Says nothing. */
export const silentListener: ProgressListener = { phase: () => {}, advance: () => {}, found: () => {}, say: () => {} }
