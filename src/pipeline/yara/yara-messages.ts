import type { RefusedYara, YaraHit } from '../../rules/yara/index.ts'

/** To the process that scans. */
export interface ScanRequest {
  readonly id: number
  readonly file: string
  /** As shown; names and folders in it are what rules see. */
  readonly path: string
  readonly owner: string
}

/** From it: once what became of the rules, then an answer for each request. */
export type HostMessage =
  | { readonly ready: YaraReady }
  | { readonly id: number; readonly hits: readonly YaraHit[] }
  | { readonly id: number; readonly unreadable: string }

/** What became of the rules. */
export interface YaraReady {
  readonly loaded: number
  readonly refused: readonly RefusedYara[]
  /** Why nothing can be scanned; '' when it can. */
  readonly missing: string
}
