import { chance } from '../../test/network-events.ts'

/** One exchange: what is sent and answered, and the pause before the next, in seconds. */
export interface Turn {
  readonly pause: number
  readonly sent: number
  readonly got: number
}

/** A session to make: when (seconds after the start), where to, through which SOCKS request if any, and what is said. */
export interface PlannedSession {
  readonly id: number
  readonly at: number
  readonly host: string
  readonly port: number
  readonly socks?: { readonly host: string; readonly port: number }
  readonly turns: readonly Turn[]
}

/** Where sessions of one kind go. */
export interface Route {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly socks?: { readonly host: string; readonly port: number }
  readonly sessions: number
}

/** Sessions of the routes over a period, half of them short and bulky, half long and like typing; the same kind on every route. */
export function planOf(routes: readonly Route[], seconds: number, seed: number, firstId: number): readonly PlannedSession[] {
  const random = chance(seed)
  let id = firstId
  return routes
    .flatMap(({ host, port, socks, sessions }) =>
      Array.from({ length: sessions }, (): PlannedSession => {
        const typing = random() < 0.5
        const count = typing ? 3 + Math.floor(random() * 9) : 1 + Math.floor(random() * 3)
        const turns = Array.from({ length: count }, () =>
          typing
            ? { pause: 0.1 + random() * 0.6, sent: 10 + Math.floor(random() * 80), got: 20 + Math.floor(random() * 600) }
            : { pause: random() * 0.1, sent: 100 + Math.floor(random() * 700), got: Math.floor(1_000 * 10 ** (random() * 1.7)) },
        )
        return { id: id++, at: random() * seconds, host, port, ...(socks ? { socks } : {}), turns }
      }),
    )
    .toSorted((a, b) => a.at - b.at)
}
