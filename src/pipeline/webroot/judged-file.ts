import type { Judgement, Verdict } from '../../detect/web-shell/disk/verdict.ts'
import type { YaraHit } from '../../rules/yara/index.ts'
import type { Expectation } from './known-files.ts'

/** What is said of one file: what its content is judged to be, or that it is no longer what its maker delivered. */
export type FileVerdict = Verdict | 'modified'

/** One file of a batch. */
export interface FileTask {
  /** As shown. */
  readonly path: string
  readonly file: string
  readonly expected?: Expectation
}

export interface BatchTask {
  readonly files: readonly FileTask[]
  /** Cells of 32 bits in which the worker says where it is: see `cell`. */
  readonly progress: SharedArrayBuffer
}

/** What a worker says of one file. */
export type FileOutcome =
  | { readonly state: 'known'; readonly bytes: number }
  | { readonly state: 'container'; readonly bytes: number }
  | { readonly state: 'unreadable'; readonly why: string }
  /** Our own code failed. */
  | { readonly state: 'failed'; readonly bytes: number; readonly stack: string }
  | {
      readonly state: 'judged'
      readonly bytes: number
      readonly judgement: Judgement
      /** The file is in a list or copy, and differs. */
      readonly change?: Change
      /** Only the beginning and the end were judged. */
      readonly partly?: true
      readonly modifiedTime: number
    }

/** How a known file differs. */
export interface Change {
  readonly from: string
  /** Unified difference where a copy is there; empty with checksums alone, or for content that is no text. */
  readonly difference: readonly string[]
}

/** One file that is not clean, with all that is known of it. */
export interface JudgedFile {
  readonly path: string
  readonly verdict: FileVerdict
  readonly score: number
  readonly bytes: number
  /** Milliseconds since 1970; what a copy or an intruder may have set. */
  readonly modifiedTime: number
  readonly judgement: Judgement
  readonly change?: Change
  readonly yara: readonly YaraHit[]
  /** What is known around it: "not in backup.tar.gz, which has 212 files of this folder". */
  readonly context: readonly string[]
}

/** What stands in which cell of a batch's progress. */
export const cell = {
  /** File of the batch, from 1; 0 before the first. */
  file: 0,
  /** Milliseconds of processor time this thread had used, and of the clock, when it began with the file. */
  processor: 1,
  clock: 2,
  thread: 3,
} as const

/** Milliseconds that fit a cell: they start again after some weeks, and only differences of seconds are asked for. */
export function clockNow(): number {
  return Date.now() % 2 ** 31
}

/** Milliseconds of processor time from what Node gives in microseconds. */
export function processorTime({ user, system }: { readonly user: number; readonly system: number }): number {
  return Math.trunc((user + system) / 1000)
}
