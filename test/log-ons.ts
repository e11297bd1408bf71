import type { SecurityEvent } from '../src/model/index.ts'
import { eventOf } from './record-detector.ts'

/** `tries` password checks in a row, `every` seconds apart, beginning `at` seconds after the log. */
export interface Tries {
  readonly at: number
  readonly from: string
  readonly user: string
  readonly tries?: number
  readonly every?: number
  readonly ok?: boolean
  readonly host?: string
  readonly protocol?: string
}

/** Log-on events, numbered in the order given. */
export function logOns(groups: readonly Tries[]): readonly SecurityEvent[] {
  let record = 0
  return groups.flatMap(({ at, from, user, tries = 1, every = 2, ok = false, host = 'srv01.example', protocol = 'password' }) =>
    Array.from({ length: tries }, (_, index) => {
      record++
      const time = 1_700_000_000_000_000 + (at + index * every) * 1_000_000
      return eventOf<'authentication'>(
        { kind: 'authentication', action: 'logon', outcome: ok ? 'success' : 'failure', user, srcIp: from, protocol },
        { host, record, time, product: 'sshd' },
      )
    }),
  )
}
