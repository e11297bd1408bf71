import type { Micros } from './time.ts'

/**
 * How well it is shown that a machine passed something on, strongest first. `proven`: a record of the device itself (NAT, proxy, VPN,
 * forwarding) says so. `matched`: both sides of it were recorded and agree at both ends and in size. `consistent`: nothing speaks against
 * it, and no more. `behaves`: the machine behaves like a relay, for whom cannot be told.
 */
export const hopGrades = ['proven', 'matched', 'consistent', 'behaves'] as const
export type HopGrade = (typeof hopGrades)[number]

/** The weaker of two grades; a chain is as good as its weakest hop. */
export function weakerGrade(a: HopGrade, b: HopGrade): HopGrade {
  return hopGrades.indexOf(a) >= hopGrades.indexOf(b) ? a : b
}

/** One machine that passed connections on. */
export interface RelayHop {
  /** Address or name of the machine that passes on, and the port it is asked on. */
  readonly via: string
  readonly viaPort: number | undefined
  /** Who came to it; '' when the record does not say. */
  readonly from: string
  /** Where it went on to, address or name. */
  readonly to: string
  readonly toPort: number | undefined
  readonly grade: HopGrade
  /** What shows it, in words that end a sentence: "by its own NAT log". */
  readonly basis: string
  readonly count: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}
