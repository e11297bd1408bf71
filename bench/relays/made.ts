import { numberOf, type Row, type SecurityEvent } from '../../src/model/index.ts'
import { chance } from '../../test/network-events.ts'
import { relayedTraffic } from '../../test/relayed-traffic.ts'
import { type Figures, judged, type Truth } from './judge.ts'

/** Seconds from the beginning and the end of one leg to those of the other, as they were recorded. */
export type Delay = readonly [begin: number, end: number]

/** The delays between the legs of the sessions that were paired rightly, from records of them. */
export function delaysOf(pairs: readonly Row[], events: readonly SecurityEvent[], { isRight, counts }: Truth): readonly Delay[] {
  const byRecord = new Map(events.map(event => [event.source.record, event]))
  return pairs
    .filter(pair => isRight(pair) && counts(pair))
    .flatMap(pair => {
      const [one, other] = [byRecord.get(numberOf(pair, 'incoming')), byRecord.get(numberOf(pair, 'outgoing'))]
      if (one?.kind !== 'network_activity' || other?.kind !== 'network_activity') return []
      const begin = (other.time ?? 0) - (one.time ?? 0)
      const end = begin + (other.duration ?? 0) - (one.duration ?? 0)
      return [[begin / 1e6, end / 1e6] as const]
    })
}

const TICKS = [
  ['made, microseconds', 1],
  ['made, milliseconds', 1_000],
  ['made, whole seconds', 1_000_000],
] as const

/**
 * Figures of made-up traffic with the delays of real relays: many seeds, each with its own load (from a quiet hour to a crowd), number of
 * relayed sessions, distance of the client and greeting; each also without relays.
 */
export async function madeFigures(seeds: number, first: number, delays: readonly Delay[]): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  for (let seed = first; seed < first + seeds; seed++) {
    const random = chance(seed)
    const pick = (values: readonly number[]) => values[Math.floor(random() * values.length)] ?? 0
    const load = {
      seconds: pick([60, 300, 3_600]),
      relayed: pick([10, 40, 150]),
      decoys: pick([40, 150, 400]),
      roundTrip: pick([0.0008, 0.03, 0.15]),
      greeting: pick([0, 0, 40]),
    }
    for (const [source, tick] of TICKS)
      for (const relaying of [true, false]) {
        const { events, truth } = relayedTraffic({
          ...load,
          ...(relaying ? {} : { relayed: 0, decoys: load.decoys + load.relayed }),
          seed,
          tick,
          delays,
        })
        const isRight = (pair: Row) => truth.get(numberOf(pair, 'incoming')) === numberOf(pair, 'outgoing')
        const options = { coarse: tick === 1_000_000, relaying }
        const { pairs: _, ...figure } = await judged(source, events, { sessions: truth.size, isRight, counts: isRight }, options)
        figures.push(figure)
      }
  }
  return figures
}
