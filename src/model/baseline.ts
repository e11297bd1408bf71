import type { Micros } from './time.ts'

/** What the user says "usual" may be learned from; nothing said: from the evidence itself. */
export interface BaselineChoice {
  readonly from: Micros | undefined
  readonly to: Micros | undefined
  /** Names of machines to compare with; "*" and "?" stand for any letters. */
  readonly peers: readonly string[]
}

/** What "rare" and "usual" in a report rest on. */
export interface Baseline {
  /** `given`: a period or machines the user vouches for. `learned`: the evidence itself. `none`: too little to compare with. */
  readonly basis: 'given' | 'learned' | 'none'
  /** First and last moment of it, ISO 8601 UTC; '' when there is none. */
  readonly from: string
  readonly to: string
  /** Days on which processes were recorded. */
  readonly days: number
  readonly hosts: number
  /** Process starts. */
  readonly records: number
  readonly peers: readonly string[]
  /** The same in words, with what it cannot be trusted in. */
  readonly sentence: string
}
