import { contentHash, type EventFields, type Micros, type OriginalRecord, originalFields } from '../../model/index.ts'
import { protocolName } from '../meanings/flow.ts'
import type { Flow, Side } from './flow.ts'
import { addressText, ICMP, ICMP6, TCP, UDP } from './ip.ts'

/** Both ends of a flow, the side that opened it first; ICMP has type and code where others have ports, as Zeek writes it. */
export interface Ends {
  readonly srcIp: string
  readonly srcPort: number | undefined
  readonly dstIp: string
  readonly dstPort: number | undefined
}

/** The ends as they are known by now. */
export function endsOf(flow: Flow): Ends {
  const a = addressText(flow.version, flow.a0, flow.a1, flow.a2, flow.a3)
  const b = addressText(flow.version, flow.b0, flow.b1, flow.b2, flow.b3)
  if (flow.protocol === ICMP || flow.protocol === ICMP6)
    return { srcIp: a, srcPort: flow.aPort >> 8, dstIp: b, dstPort: flow.aPort & 255 }
  const hasPorts = flow.protocol === TCP || flow.protocol === UDP
  const aPort = hasPorts ? flow.aPort : undefined
  const bPort = hasPorts ? flow.bPort : undefined
  return flow.isTurned
    ? { srcIp: b, srcPort: bPort, dstIp: a, dstPort: aPort }
    : { srcIp: a, srcPort: aPort, dstIp: b, dstPort: bPort }
}

/** Joins what is said about one flow; the same in every copy of the capture. */
export function uidOf(flow: Flow): string {
  if (flow.uid !== '') return flow.uid
  const { protocol, a0, a1, a2, a3, b0, b1, b2, b3, aPort, bPort, first } = flow
  const ends = flow.version === 4 ? `${a3}|${b3}` : `${a0}|${a1}|${a2}|${a3}|${b0}|${b1}|${b2}|${b3}`
  flow.uid = `P${contentHash(`${protocol}|${ends}|${aPort}|${bPort}|${first}`).toString(36)}`
  return flow.uid
}

const microsOf = (time: number): Micros | undefined => (Number.isNaN(time) ? undefined : (time as Micros))
const between = (from: number, to: number): number | undefined => (to >= from ? to - from : undefined)

/** A finished flow as an event, without source and clock. */
export function flowFields(flow: Flow, sensor: string): EventFields<'network_activity'> {
  const [out, back] = sidesOf(flow)
  const isHandshake = !flow.isTurned && out.syns === 1
  return {
    kind: 'network_activity',
    action: 'flow',
    protocol: protocolName(String(flow.protocol)),
    ...endsOf(flow),
    bytesOut: out.payload,
    bytesIn: back.payload,
    packetsOut: out.packets,
    packetsIn: back.packets,
    duration: between(flow.first, flow.last),
    state: flow.state,
    service: flow.services.join(','),
    uid: uidOf(flow),
    sensor,
    initiatorKnown: flow.isInitiatorKnown,
    timePrecision: flow.precision,
    bytesKind: 'payload',
    // A repeated SYN leaves open which one was answered.
    rttServer: isHandshake ? between(out.synTime, back.synAckTime) : undefined,
    rttClient: isHandshake ? between(back.synAckTime, flow.ackTime) : undefined,
    ttlOut: out.ttl < 0 ? undefined : out.ttl,
    ttlIn: back.ttl < 0 ? undefined : back.ttl,
  }
}

function sidesOf(flow: Flow): readonly [Side, Side] {
  return flow.isTurned ? [flow.sides[1], flow.sides[0]] : flow.sides
}

/** Times of the handshake and the end, for pairing of flows. */
export function flowTimes(flow: Flow): Readonly<Record<string, Micros>> | undefined {
  const [out, back] = sidesOf(flow)
  const times: Record<string, Micros> = {}
  const named = [
    ['syn', out.synTime],
    ['synAck', back.synAckTime],
    ['ack', flow.ackTime],
    ['finOut', out.finTime],
    ['finIn', back.finTime],
    ['rstOut', out.rstTime],
    ['rstIn', back.rstTime],
  ] as const
  for (const [name, time] of named) {
    const micros = microsOf(time)
    if (micros !== undefined) times[name] = micros
  }
  return Object.keys(times).length > 0 ? times : undefined
}

/** What has no column: IP bytes, loss, sizes. Names are ours; a capture has none of its own. */
export function flowOriginal(flow: Flow): OriginalRecord {
  const [out, back] = sidesOf(flow)
  const fields: Record<string, string> = {
    ip_bytes_out: String(out.ipBytes),
    ip_bytes_in: String(back.ipBytes),
  }
  const set = (name: string, value: number): void => {
    if (value > 0) fields[name] = String(value)
  }
  set('missed_out', out.missed)
  set('missed_in', back.missed)
  set('repeated_out', out.repeated)
  set('repeated_in', back.repeated)
  set('fragments', flow.fragments)
  set('cut_packets', flow.cutPackets)
  if (flow.protocol !== TCP) {
    set('largest_out', out.largest)
    set('largest_in', back.largest)
  }
  set('other_answers', flow.otherAnswers)
  if (flow.wrappedIn !== '') {
    // The name Zeek has for it.
    fields['tunnel_parents'] = flow.wrappedIn
    fields['tunnel_type'] = flow.wrappedBy
  }
  if (flow.isEvicted) fields['given_out_early'] = 'table full'
  if (flow.interfaceName !== '') fields['interface'] = flow.interfaceName
  return originalFields(fields)
}

/** The ends with the side that asks first, whoever opened the connection. */
export function endsFrom(flow: Flow, client: 0 | 1): Ends {
  const ends = endsOf(flow)
  const isOpener = (client === 1) === flow.isTurned
  return isOpener ? ends : { srcIp: ends.dstIp, srcPort: ends.dstPort, dstIp: ends.srcIp, dstPort: ends.srcPort }
}
