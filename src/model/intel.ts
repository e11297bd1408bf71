import type { Micros } from './time.ts'

/** What an indicator is about, and which columns it is compared with. */
export const indicatorTypes = [
  'address',
  'network',
  'domain',
  'url',
  'hash',
  'path',
  'file-name',
  'user-agent',
  'ja3',
  'certificate',
  'registry-key',
] as const
export type IndicatorType = (typeof indicatorTypes)[number]

/** One published or shared fact about an intruder: what to look for, who says so, and when it was true. */
export interface Indicator {
  readonly type: IndicatorType
  /** As compared: lower case, canonical address, digest without separators. */
  readonly value: string
  /** What its author calls it: "KV payload server". */
  readonly title: string
  /** Who says so, as the list names them; '' when it does not. */
  readonly source: string
  readonly firstSeen: Micros | undefined
  readonly lastSeen: Micros | undefined
  /** From then on its author no longer stands by it. */
  readonly validUntil: Micros | undefined
  /** 0 to 100 as STIX has it; undefined when the author does not say. */
  readonly grade: number | undefined
  readonly path: string
  /** Line of a list, place in a bundle (from 1). */
  readonly record: number
}
