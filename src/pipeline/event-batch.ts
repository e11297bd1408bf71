import {
  type ContentDetector,
  type EventKind,
  type RecordDetector,
  type RuleHit,
  type RuleMatcher,
  type SecurityEvent,
  witnessOf,
} from '../model/index.ts'
import type { SegmentFeed, SegmentHit, SegmentWriter } from '../store/index.ts'
import { withActors } from './match-actors.ts'
import { cardOfRule, matchOfRule } from './rule-match.ts'

/** Everything that looks at events while they are read. */
export interface Watchers {
  readonly byKind: ReadonlyMap<EventKind, readonly RecordDetector[]>
  readonly content: readonly ContentDetector[]
  readonly matcher: RuleMatcher | undefined
}

/** Where events go, and what is seen in them. */
export type EventKeeper = Pick<SegmentWriter, 'appendAll' | 'hit' | 'feed'>

/**
 * Events that go through a stage together. Detectors, rules and columns have tables and code of their own that fill the
 * processor's caches; when every event went through all of them before the next was read, each found there the others' things (reading
 * took up to twice the processor time). Only 64 and 128 were tried; larger batches hold more records.
 */
const BATCH_EVENTS = 128

/** Events on their way from the reader past detectors and rules to the writer, a batch at a time. Hits are told in the order of the events. */
export class EventBatch {
  readonly #watchers: Watchers
  readonly #writer: Pick<EventKeeper, 'appendAll'>
  readonly #keep: (hit: SegmentHit) => void
  readonly #feed: (hit: SegmentFeed) => void
  #events: SecurityEvent[] = []

  constructor(
    watchers: Watchers,
    writer: Pick<EventKeeper, 'appendAll'>,
    keep: (hit: SegmentHit) => void,
    feed: (hit: SegmentFeed) => void,
  ) {
    this.#watchers = watchers
    this.#writer = writer
    this.#keep = keep
    this.#feed = feed
  }

  add(event: SecurityEvent): void {
    if (this.#events.push(event) === BATCH_EVENTS) this.end()
  }

  /** Everything added is looked at and kept. */
  end(): void {
    const events = this.#events
    this.#events = []
    const seen = detected(events, this.#watchers.byKind)
    const told = hitsOf(events, this.#watchers.matcher)
    if (seen || told)
      for (let index = 0; index < events.length; index++) {
        for (const hit of seen?.get(index) ?? NO_HITS) this.#keep(hit)
        for (const hit of told?.get(index) ?? NO_HITS) this.#ruleHit(hit, events[index] as SecurityEvent)
      }
    this.#writer.appendAll(events)
  }

  #ruleHit(hit: RuleHit, event: SecurityEvent): void {
    const match = matchOfRule(hit, event)
    const { rule, correlated } = hit
    if (correlated !== undefined)
      this.#feed({ rule, values: correlated.values, accounts: match.accounts, addresses: match.addresses, event })
    if (correlated?.alone === false) return
    this.#keep({
      witness: { source: hit.source, rule, title: hit.ruleTitle, level: hit.severity },
      card: cardOfRule(hit),
      match,
      event,
    })
  }
}

const NO_HITS: readonly never[] = []

/** What was seen, by the place of the event in its batch; undefined when nothing was. */
type SeenAt<Hit> = ReadonlyMap<number, readonly Hit[]> | undefined

function detected(events: readonly SecurityEvent[], byKind: Watchers['byKind']): SeenAt<SegmentHit> {
  let seen: Map<number, SegmentHit[]> | undefined
  for (const [kind, places] of alike(events, event => event.kind)) {
    const detectors = byKind.get(kind) ?? []
    if (detectors.length === 0) continue
    // Event by event: detectors share what they make of its command line.
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number
      const event = events[place] as SecurityEvent
      for (let which = 0; which < detectors.length; which++) {
        const detector = detectors[which] as RecordDetector
        const match = detector.detect(event)
        if (!match) continue
        seen ??= new Map()
        const hits = seen.get(place)
        const witness = witnessOf(detector, match.severity ?? detector.severity)
        const hit = { witness, card: detector, match: withActors(match, event), event }
        if (hits) hits.push(hit)
        else seen.set(place, [hit])
      }
    }
  }
  return seen
}

/** Events of one code one after the other: the same rules look at them. */
function hitsOf(events: readonly SecurityEvent[], matcher: RuleMatcher | undefined): SeenAt<RuleHit> {
  let seen: Map<number, readonly RuleHit[]> | undefined
  if (!matcher) return seen
  for (const places of alike(events, event => event.code).values())
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number
      const hits = matcher.match(events[place] as SecurityEvent)
      if (hits.length === 0) continue
      seen ??= new Map()
      seen.set(place, hits)
    }
  return seen
}

/** Places of events by what they have in common. Loops by number here and above: iterators were a tenth of what an event leaves to collect. */
function alike<Key>(events: readonly SecurityEvent[], keyOf: (event: SecurityEvent) => Key): ReadonlyMap<Key, readonly number[]> {
  const groups = new Map<Key, number[]>()
  for (let place = 0; place < events.length; place++) {
    const key = keyOf(events[place] as SecurityEvent)
    const places = groups.get(key)
    if (places) places.push(place)
    else groups.set(key, [place])
  }
  return groups
}
