import { multiplexedTunnel } from '../../src/detect/network/multiplexed-tunnel.ts'
import type { SecurityEvent } from '../../src/model/index.ts'
import { chance, flow, times } from '../../test/network-events.ts'
import { foundBy } from '../../test/set-detector.ts'

const DAY = 86_400
const VIA = '192.0.2.8'
const CLIENT = '198.51.100.7'

/** How many made days of a machine were told as they were: tunnels found, and clients told who had none. */
export interface TunnelFigures {
  readonly name: string
  readonly runs: number
  readonly found: number
  readonly wrong: number
}

interface TunnelDay {
  readonly seed: number
  /** Calls of the machine for its own reasons, and as many to it. */
  readonly calls: number
  /** Places the sessions of the tunnel go to: one with ssh -L, several with ssh -D. */
  readonly places: number
  /** Are the sessions made through the tunnel, or by the machine at any time? */
  readonly tunnelled: boolean
  /** Share of the calls of those places that the machine makes for its own reasons as well. */
  readonly alsoOwn: number
}

/** A day of a machine: its own traffic, people who are connected for long, and one of them who goes on through it, or does not. */
function dayOf({ seed, calls, places, tunnelled, alsoOwn }: TunnelDay): readonly SecurityEvent[] {
  const random = chance(seed)
  const sized = (scale: number) => Math.round(scale * 10 ** (random() * 2))
  const session = (begun: number, from: string, to: string, port: number, lasted: number, sent: number, got: number) =>
    flow(begun, from, to, port, { duration: Math.round(lasted * 1e6), bytesOut: sent, bytesIn: got, timePrecision: 1 })
  const events = times(calls, i => [
    session(random() * DAY, VIA, `203.0.113.${1 + (i % 60)}`, 443, random() * 20, sized(300), sized(1_000)),
    session(random() * DAY, `192.0.2.${20 + (i % 40)}`, VIA, 8080, random() * 20, sized(300), sized(1_000)),
  ]).flat()
  for (let person = 0; person < 6; person++)
    events.push(
      session(random() * (DAY - 7200), `192.0.2.${100 + person}`, VIA, 22, 120 + random() * 7000, sized(5_000), sized(50_000)),
    )
  for (let window = 0; window < 1 + Math.floor(random() * 3); window++) {
    const [opened, lasted] = [window * 28_000 + random() * 20_000, 300 + random() * 2_100]
    const inside = times(10 + Math.floor(random() * 30), i => ({
      begun: (tunnelled ? opened + random() * (lasted - 40) : random() * (DAY - 60)) + 0.01,
      lasted: random() * 30,
      to: `10.0.0.${20 + (i % places)}`,
      sent: sized(300),
      got: sized(2_000),
    }))
    for (const one of inside) events.push(session(one.begun, VIA, one.to, 3389, one.lasted, one.sent, one.got))
    const overhead = 1.02 + random() * 0.1
    const sum = (side: 'sent' | 'got') => Math.round(overhead * inside.reduce((all, one) => all + one[side], 0))
    events.push(session(opened, CLIENT, VIA, 22, lasted, sum('sent'), sum('got')))
    const own = Math.round(alsoOwn * inside.length)
    events.push(
      ...times(own, i => session(random() * DAY, VIA, `10.0.0.${20 + (i % places)}`, 3389, 5, sized(300), sized(2_000))),
    )
  }
  return events
}

/** Sessions in tunnels, on quiet and busy machines, to one place and to several; without a tunnel; and where the machine goes there by itself, too. */
export async function tunnelFigures(runs: number): Promise<readonly TunnelFigures[]> {
  const kinds: readonly (readonly [name: string, Omit<TunnelDay, 'seed'>])[] = [
    ['made days: one place, quiet machine', { calls: 100, places: 1, tunnelled: true, alsoOwn: 0 }],
    ['made days: one place, busy machine', { calls: 5_000, places: 1, tunnelled: true, alsoOwn: 0 }],
    ['made days: five places, busy machine', { calls: 5_000, places: 5, tunnelled: true, alsoOwn: 0 }],
    [
      'made days: five places, the machine itself goes there half as often',
      { calls: 5_000, places: 5, tunnelled: true, alsoOwn: 0.5 },
    ],
    ['made days: no tunnel, the same sessions at any time', { calls: 5_000, places: 5, tunnelled: false, alsoOwn: 0 }],
  ]
  const figures: TunnelFigures[] = []
  for (const [name, shape] of kinds) {
    let [found, wrong] = [0, 0]
    for (let seed = 1; seed <= runs; seed++) {
      const told = await foundBy(multiplexedTunnel, dayOf({ ...shape, seed }))
      const right = told.filter(({ addresses }) => shape.tunnelled && addresses.includes(CLIENT)).length
      found += Math.min(1, right)
      wrong += told.length - right
    }
    figures.push({ name, runs, found, wrong })
  }
  return figures
}
