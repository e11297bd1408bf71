import type { EventFields } from '../../model/index.ts'
import type { JoinedFlow } from '../meanings/flow-join.ts'
import { type NfRecord, possibleBytes } from './record.ts'

/** A conversation as an event, without source and time. NetFlow counts IP bytes. */
export function flowFields(flow: JoinedFlow<NfRecord>): EventFields<'network_activity'> {
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
    ttlOut: piece.ttl === undefined || piece.ttl === 0 ? undefined : piece.ttl,
    user: piece.user,
  }
}
