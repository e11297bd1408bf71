import type { EventFields, EventKind, EventOf, SecurityEvent } from '../src/model/index.ts'
import { MICROS_PER_SECOND } from '../src/model/index.ts'
import { type EventFacts, eventOf } from './record-detector.ts'

/** 2024-01-02T08:00:00Z, a full hour, so that tests that count by the hour do not straddle one. */
export const START = 1_704_182_400

let records = 0

type Fields<Kind extends EventKind> = Omit<EventFields<Kind>, 'kind'>

/** An event of a network log at so many seconds after `START`; record numbers run on, so that evidence can be told apart. */
export function at<Kind extends EventKind>(
  kind: Kind,
  seconds: number,
  fields: Fields<Kind>,
  facts: EventFacts & { readonly series?: string } = {},
): EventOf<Kind> {
  const time = (START + seconds) * MICROS_PER_SECOND
  const event = eventOf<Kind>({ kind, ...fields } as unknown as EventFields<Kind>, {
    host: '',
    product: 'zeek',
    record: ++records,
    ...facts,
    time,
  })
  return { ...event, series: facts.series ?? 'zeek||test' }
}

/** An answered TCP connection. */
export function flow(
  seconds: number,
  srcIp: string,
  dstIp: string,
  dstPort: number,
  fields: Fields<'network_activity'> = {},
  series?: string,
): SecurityEvent {
  return at(
    'network_activity',
    seconds,
    {
      action: 'flow',
      protocol: 'tcp',
      srcIp,
      srcPort: 50_000 + (records % 10_000),
      dstIp,
      dstPort,
      bytesOut: 900,
      bytesIn: 4_000,
      packetsOut: 8,
      packetsIn: 9,
      state: 'SF',
      initiatorKnown: true,
      ...fields,
    },
    series === undefined ? {} : { series },
  ) as SecurityEvent
}

/** A connection nobody answered. */
export function silent(
  seconds: number,
  srcIp: string,
  dstIp: string,
  dstPort: number,
  fields: Fields<'network_activity'> = {},
): SecurityEvent {
  return flow(seconds, srcIp, dstIp, dstPort, { bytesOut: 0, bytesIn: 0, packetsOut: 1, packetsIn: 0, state: 'S0', ...fields })
}

/** A TLS session. */
export function tls(
  seconds: number,
  srcIp: string,
  dstIp: string,
  dstPort: number,
  fields: Fields<'tls_activity'> = {},
): SecurityEvent {
  return at('tls_activity', seconds, { srcIp, srcPort: 50_001, dstIp, dstPort, established: true, ...fields }) as SecurityEvent
}

/** A remote procedure call or another SMB event. */
export function smb(seconds: number, srcIp: string, dstIp: string, fields: Fields<'smb_activity'>): SecurityEvent {
  return at('smb_activity', seconds, { srcIp, dstIp, dstPort: 445, ...fields }) as SecurityEvent
}

/** `count` things made from 0, 1, 2 … */
export function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** A repeatable sequence of numbers in [0, 1): mulberry32. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
