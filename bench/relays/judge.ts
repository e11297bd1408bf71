import { multiplexedTunnel } from '../../src/detect/network/multiplexed-tunnel.ts'
import { relayPairs } from '../../src/detect/network/relay-match.ts'
import { relayPairing } from '../../src/detect/network/relay-pairing.ts'
import { numberOf, type Row, type SecurityEvent, textOf } from '../../src/model/index.ts'
import { storeOf } from '../../test/set-detector.ts'
import type { Recorded } from './test-bed.ts'

/** What one recording, seen by one source of flows, gave. */
export interface Figures {
  readonly source: string
  /** Whole seconds: nothing may be called matched, and what is possible is judged instead. */
  readonly coarse: boolean
  readonly relaying: boolean
  /** Share of the relayed sessions that were paired rightly. */
  readonly recall: number
  /** Share of the judged pairs that are wrong, and what the program says that share is: the mean of its rates. */
  readonly wrong: number
  readonly estimated: number
  readonly matched: number
  readonly possible: number
  /** Findings that say "passed on" and "possibly passed on", and tunnels that may carry sessions. */
  readonly findings: number
  readonly possibly: number
  readonly tunnels: number
}

/** What may be judged of pairs: were they the two legs of one session, and how many sessions were there to find? */
export interface Truth {
  readonly sessions: number
  isRight(pair: Row): boolean
  /** One of the sessions that count for the recall (of a chain's first hop only the next machine is known)? */
  counts(pair: Row): boolean
}

/** What is found in the flows of one source. */
export async function judged(
  source: string,
  events: readonly SecurityEvent[],
  truth: Truth,
  options: { readonly coarse: boolean; readonly relaying: boolean },
): Promise<Figures & { readonly pairs: readonly Row[] }> {
  const store = await storeOf(events)
  const pairs = await store.ask(relayPairs)
  const found = await store.find(relayPairing)
  const tunnels = await store.find(multiplexedTunnel)
  store.close()
  const matched = pairs.filter(pair => textOf(pair, 'level') === 'matched')
  const said = options.coarse ? pairs : matched
  const right = said.filter(pair => truth.isRight(pair))
  const rate = options.coarse ? 'possibleRate' : 'matchedRate'
  return {
    source,
    ...options,
    recall: truth.sessions === 0 ? 1 : right.filter(pair => truth.counts(pair)).length / truth.sessions,
    wrong: said.length === 0 ? 0 : 1 - right.length / said.length,
    estimated: said.length === 0 ? 0 : said.reduce((sum, pair) => sum + numberOf(pair, rate), 0) / said.length,
    matched: matched.length,
    possible: pairs.length - matched.length,
    findings: found.filter(({ title }) => !title.includes('possibly')).length,
    possibly: found.filter(({ title }) => title.includes('possibly')).length,
    tunnels: tunnels.length,
    pairs,
  }
}

/** The truth of a recording: one to one by the ports both ends logged. */
export function truthOf({ truth, chained }: Recorded): Truth {
  const incomingOf = (pair: Row) => `${textOf(pair, 'client')}:${numberOf(pair, 'clientPort')} > ${numberOf(pair, 'viaPort')}`
  return {
    sessions: truth.size,
    counts: pair => truth.has(incomingOf(pair)),
    isRight(pair) {
      const incoming = incomingOf(pair)
      const onward = chained.get(incoming)
      if (onward !== undefined) return onward === `${textOf(pair, 'peer')}:${numberOf(pair, 'peerPort')}`
      return truth.get(incoming) === `${textOf(pair, 'via')}:${numberOf(pair, 'outPort')}:${numberOf(pair, 'peerPort')}`
    },
  }
}
