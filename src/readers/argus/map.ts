import type { EventFields } from '../../model/index.ts'
import { type JoinedFlow, stateOfFlags } from '../meanings/flow-join.ts'
import type { ArgusRecord } from './parse.ts'

/** ra(1), state: words of TCP and UDP in Zeek's; others keep Argus' own. */
const TCP_STATES: Readonly<Record<string, string>> = {
  REQ: 'S0',
  ACC: 'S1',
  EST: 'S1',
  CON: 'S1',
  CLO: 'SF',
  FIN: 'SF',
  TIM: 'OTH',
}
const UDP_STATES: Readonly<Record<string, string>> = { CON: 'SF', INT: 'S0', REQ: 'S0', ACC: 'SF', RSP: 'SF' }

/** A conversation as an event, without source and time. Argus counts bytes of frames. */
export function flowFields(flow: JoinedFlow<ArgusRecord>): EventFields<'network_activity'> {
  const { piece, start, end, bytesOut, bytesIn, packetsOut, packetsIn } = flow
  const isTurned = piece.opener === 'dst'
  const { srcIp, srcPort, dstIp, dstPort } = isTurned
    ? { srcIp: piece.dstIp, srcPort: piece.dstPort, dstIp: piece.srcIp, dstPort: piece.srcPort }
    : piece
  return {
    kind: 'network_activity',
    action: 'flow',
    protocol: piece.protocol,
    srcIp,
    srcPort,
    dstIp,
    dstPort,
    bytesOut: isTurned ? bytesIn : bytesOut,
    bytesIn: isTurned ? bytesOut : bytesIn,
    packetsOut: isTurned ? packetsIn : packetsOut,
    packetsIn: isTurned ? packetsOut : packetsIn,
    duration: start === undefined || end === undefined || end < start ? undefined : end - start,
    state: stateOf(piece, isTurned),
    sensor: piece.sensor,
    initiatorKnown: piece.opener !== undefined,
    timePrecision: piece.precision,
    bytesKind: 'frame',
    ttlOut: isTurned ? piece.ttlIn : piece.ttlOut,
    ttlIn: isTurned ? piece.ttlOut : piece.ttlIn,
  }
}

function stateOf({ protocol, flags, flagsBack, state }: ArgusRecord, isTurned: boolean): string {
  if (protocol === 'udp') return UDP_STATES[state] ?? state
  if (protocol !== 'tcp') return state
  if (flags === undefined || flagsBack === undefined) return TCP_STATES[state] ?? state
  const [sent, got] = isTurned ? [flagsBack, flags] : [flags, flagsBack]
  return stateOfFlags(sent, got === 0 ? undefined : got)
}
