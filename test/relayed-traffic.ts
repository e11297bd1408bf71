import { type EventFields, MICROS_PER_SECOND, type SecurityEvent } from '../src/model/index.ts'
import { chance, START } from './network-events.ts'
import { eventOf } from './record-detector.ts'

/** What a made-up sensor saw of a machine that relays, and which of it is relayed: pairs of record numbers. */
export interface RelayedTraffic {
  readonly events: readonly SecurityEvent[]
  readonly truth: ReadonlyMap<number, number>
}

export interface RelayedShape {
  readonly seed: number
  readonly seconds: number
  readonly relayed: number
  /** Connections to the machine and from it that have nothing to do with each other. */
  readonly decoys: number
  /** Microseconds of the sensor's clock. */
  readonly tick?: number
  /** Seconds between client and relay, there and back. */
  readonly roundTrip?: number
  readonly via?: string
  /** Bytes a greeting adds to the incoming leg. */
  readonly greeting?: number
  /** Seconds from the beginning and from the end of one leg to those of the other, as they were recorded; one of them is drawn for each relayed session. */
  readonly delays?: readonly (readonly [begin: number, end: number])[]
}

/** Sessions as people and programs make them: short or long, with sizes over four decades. The same kind on all sides. */
export function relayedTraffic(shape: RelayedShape): RelayedTraffic {
  const { seed, seconds, relayed, decoys, tick = 1, roundTrip = 0.0008, via = '192.0.2.8', greeting = 0, delays } = shape
  const random = chance(seed)
  const events: SecurityEvent[] = []
  const truth = new Map<number, number>()
  const add = (
    begun: number,
    lasted: number,
    srcIp: string,
    dstIp: string,
    dstPort: number,
    sent: number,
    got: number,
  ): number => {
    const record = events.length + 1
    const floor = (value: number) => Math.floor(((START + value) * MICROS_PER_SECOND) / tick) * tick
    const event = eventOf<'network_activity'>(
      {
        kind: 'network_activity',
        action: 'flow',
        protocol: 'tcp',
        srcIp,
        srcPort: 20_000 + Math.floor(random() * 40_000),
        dstIp,
        dstPort,
        duration: floor(begun + lasted) - floor(begun),
        bytesOut: sent,
        bytesIn: got,
        packetsOut: 5 + Math.ceil(sent / 700),
        packetsIn: 5 + Math.ceil(got / 1400),
        state: 'SF',
        initiatorKnown: true,
        timePrecision: tick,
        bytesKind: 'payload',
      } as unknown as EventFields<'network_activity'>,
      { host: '', product: 'zeek', record, time: floor(begun) },
    )
    events.push({ ...event, series: 'zeek||conn' } as SecurityEvent)
    return record
  }
  const session = () => {
    const long = random() < 0.5
    return {
      begun: random() * seconds,
      lasted: long ? 1 + random() * 5 : 0.05 + random() * 0.8,
      sent: Math.round(100 * 10 ** (random() * 1.5)),
      got: Math.round(200 * 10 ** (random() * (long ? 2 : 3))),
    }
  }
  for (let i = 0; i < relayed; i++) {
    const { begun, lasted, sent, got } = session()
    const client = `198.51.100.${1 + (i % 3)}`
    const incoming = add(begun, lasted + roundTrip, client, via, 8443, sent + greeting, got + Math.floor(greeting / 4))
    const drawn = delays?.[Math.floor(random() * delays.length)]
    const lag = roundTrip + (drawn ? drawn[0] : random() * 0.004)
    const longer = drawn ? drawn[1] - drawn[0] : random() * 0.002
    truth.set(incoming, add(begun + lag, Math.max(0.001, lasted + longer), via, `203.0.113.${1 + (i % 4)}`, 443, sent, got))
  }
  for (let i = 0; i < decoys; i++) {
    const one = session()
    add(one.begun, one.lasted, `198.51.100.${20 + (i % 30)}`, via, 443, one.sent, one.got)
    const other = session()
    add(other.begun, other.lasted, via, `203.0.113.${20 + (i % 30)}`, 443, other.sent, other.got)
  }
  return { events, truth }
}
