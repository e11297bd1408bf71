import type { EventFields, Micros } from '../../model/index.ts'
import type { FlowPiece, JoinedFlow } from './flow-join.ts'

/** One record of a flow exporter (NetFlow, IPFIX), in whatever form it was kept. */
export interface NfRecord extends FlowPiece {
  /** flow; open, close, deny for events of firewalls (NSEL, NEL). */
  readonly action: string
  readonly natSrcIp: string
  readonly natSrcPort: number | undefined
  readonly natDstIp: string
  readonly natDstPort: number | undefined
  readonly user: string
  /** When the collector got it. */
  readonly received: Micros | undefined
  /** The exporter looked at a share of the packets only. */
  readonly isSampled: boolean
  /** One of so many, where it says so. */
  readonly sampling: number | undefined
  readonly ttl: number | undefined
}

/** Milliseconds that a router's 32-bit uptime holds: 49.7 days. */
const UPTIME_WRAP = 2 ** 32 * 1000
/** Clocks of exporter and collector differ by less than this. */
const CLOCK_TOLERANCE = 86_400e6

/** Times of one record after correction. */
export interface FlowTimes {
  readonly start: number | undefined
  readonly end: number | undefined
  /** A time lay in the future of its own arrival. */
  readonly isLate: boolean
  /** The end stood where the start belongs. */
  readonly isSwapped: boolean
}

/**
 * nfcapd takes uptimes that have wrapped for large ones (v9 and IPFIX, 1.7.1): its times then lie 2^32 ms late, some with the end
 * before the start. No flow ends after its record has arrived, so whole wraps are taken off until it does not.
 */
export function unwrapped(start: number | undefined, end: number | undefined, received: number | undefined): FlowTimes {
  if (received === undefined || received <= 0) return inOrder(start, end, false)
  const back = (time: number | undefined): number | undefined =>
    time === undefined || time <= received + CLOCK_TOLERANCE
      ? time
      : time - Math.ceil((time - received - CLOCK_TOLERANCE) / UPTIME_WRAP) * UPTIME_WRAP
  const from = back(start)
  let to = back(end)
  if (from !== undefined && to !== undefined && to < from && to + UPTIME_WRAP <= received + CLOCK_TOLERANCE) to += UPTIME_WRAP
  return inOrder(from, to, from !== start || to !== end)
}

/** softflowd 1.1.0 exchanges start and end in IPFIX; no flow ends before it begins. */
function inOrder(start: number | undefined, end: number | undefined, isLate: boolean): FlowTimes {
  const isSwapped = start !== undefined && end !== undefined && end < start
  return isSwapped ? { start: end, end: start, isLate, isSwapped } : { start, end, isLate, isSwapped }
}

/** An IP packet has at least a header of 20 bytes: less than that a packet is not a count of bytes. */
export function possibleBytes(bytes: number | undefined, packets: number | undefined): number | undefined {
  if (bytes === undefined || packets === undefined || packets === 0) return bytes
  return bytes >= packets * 20 ? bytes : undefined
}

/** A conversation as an event, without source and time. NetFlow counts IP bytes. */
export function netflowFields(flow: JoinedFlow<NfRecord>): EventFields<'network_activity'> {
  const { piece, start, end } = flow
  return {
    kind: 'network_activity',
    action: piece.action,
    protocol: piece.protocol,
    srcIp: piece.srcIp,
    srcPort: piece.srcPort,
    dstIp: piece.dstIp,
    dstPort: piece.dstPort,
    natSrcIp: piece.natSrcIp,
    natSrcPort: piece.natSrcPort,
    natDstIp: piece.natDstIp,
    natDstPort: piece.natDstPort,
    bytesOut: possibleBytes(flow.bytesOut, flow.packetsOut),
    bytesIn: possibleBytes(flow.bytesIn, flow.packetsIn),
    packetsOut: flow.packetsOut,
    packetsIn: flow.packetsIn,
    duration: start === undefined || end === undefined || end < start ? undefined : end - start,
    state: flow.state,
    sensor: piece.sensor,
    initiatorKnown: piece.action === 'flow' ? flow.initiatorKnown : true,
    timePrecision: piece.precision,
    bytesKind: 'ip',
    sampling: piece.sampling,
    ttlOut: piece.ttl === undefined || piece.ttl === 0 ? undefined : piece.ttl,
    user: piece.user,
  }
}

/** An event of a firewall tells both sides itself and is not put together with others. */
export function aloneFlow(piece: NfRecord): JoinedFlow<NfRecord> {
  const { start, end, bytes, packets, bytesBack, packetsBack } = piece
  return {
    piece,
    start,
    end,
    bytesOut: bytes,
    bytesIn: bytesBack,
    packetsOut: packets,
    packetsIn: packetsBack,
    initiatorKnown: true,
    state: '',
    records: 1,
    answerRecord: undefined,
  }
}
