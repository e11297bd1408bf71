import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  originalFields,
  type Reader,
  type SecurityEvent,
} from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { flowIdentity } from '../meanings/flow.ts'
import type { JoinedFlow } from '../meanings/flow-join.ts'
import { type NfRecord, netflowFields } from '../meanings/netflow-record.ts'
import { isCapture, readCapture } from './capture-file.ts'
import type { CapturedPacket, CaptureSink } from './captured-packet.ts'
import { contentsOf } from './contents.ts'
import { MAX_WRAPS, wrapped } from './encapsulation.ts'
import type { Flow, Moment } from './flow.ts'
import { type FlowSink, FlowTable } from './flow-table.ts'
import { emptyHeaders, readHeaders } from './ip.ts'
import { isLinkRead, networkHeaderAt } from './link-layer.ts'
import { endsOf, flowFields, flowOriginal, flowTimes, uidOf } from './map.ts'
import { type CollectorSink, NetflowCollector } from './netflow.ts'
import type { Memory, TalkSink } from './talk.ts'

const SHORT: Complaint = {
  code: 'pcap/short-packets',
  level: 'note',
  message:
    'packets were cut when they were captured (snapshot length): sizes are those of their headers, contents are known only in part',
  hint: 'tcpdump -s 0 keeps whole packets',
}
const UNREADABLE: Complaint = {
  code: 'pcap/unreadable-packet',
  level: 'note',
  message: 'a packet has a broken or cut IP header; it is not counted',
}
const FRAGMENT: Complaint = {
  code: 'pcap/lost-fragment',
  level: 'note',
  message: 'a later fragment whose first part was not captured has no ports; it is not counted',
}
const FULL: Complaint = {
  code: 'pcap/table-full',
  level: 'warning',
  message: 'more flows were open at once than are held; those silent for longest were told early and may appear twice',
}
const NO_ROOM: Complaint = {
  code: 'pcap/contents-limit',
  level: 'warning',
  message: 'more connections were begun at once than their first words can be held for; of some only the flow is told',
}
const unknownLink = (link: number): Complaint => ({
  code: 'pcap/unknown-link',
  level: 'error',
  message: `packets of link type ${link} are not read`,
  hint: 'tcpdump.org/linktypes.html names it; capture on the wired side, or convert with `editcap -T ether`',
})

const EXPORT_PROBLEMS = {
  'late-times': {
    level: 'warning',
    message:
      'exported flows end long after they were sent: the 32-bit uptime had wrapped (2^32 ms, 49.7 days); whole wraps were taken off',
  },
  'swapped-times': {
    level: 'warning',
    message:
      'exported flows end before they begin (softflowd 1.1.0 exchanges the two in IPFIX); times are taken the other way round',
  },
  sampled: {
    level: 'warning',
    message: 'the exporter looks at a share of the packets only: short flows are missing, counts are as exported',
  },
  'no-template': {
    level: 'warning',
    message: 'exported records came before (or without) the template that says how to read them; they are lost',
    hint: 'capture for longer: routers send their templates every few minutes',
  },
  'broken-set': {
    level: 'warning',
    message: 'a set of exported records has an impossible length; the rest of its packet is not read',
  },
} as const satisfies Record<string, Omit<Complaint, 'code'>>

/** For what connections say before it is understood; a busy capture needs some megabytes. */
const MAX_HELD_BYTES = 128 << 20

/** Packet captures: pcap and pcapng, made into flows and what is said in them. A capture is one part: where a packet begins is known only from the one before. */
export const reader: Reader = {
  format: 'pcap',
  title: 'Packet capture',
  version: 4,
  split: { by: 'nothing' },
  about: {
    reads:
      'Packet captures, pcap and pcapng: flows with handshake, end and payload bytes, and what is said in HTTP, DNS, TLS, SSH, SOCKS, Modbus, DNP3; NetFlow 5, 9 and IPFIX on their way to a collector.',
    exported:
      "`tcpdump -i eth0 -s 0 -w file.pcap`, Wireshark, a firewall's packet capture. Capture on the inside of a router as well as on the outside.",
    shows:
      'Who spoke with whom, when to the microsecond, how much each way, times to live, round trips; names asked for, requests, fingerprints of clients and servers, commands to controllers.',
    cannotShow: 'What did not pass that interface; who sat behind an address; contents of encryption.',
    clock: 'Host rarely; times of the machine that captured, UTC.',
    builtFrom: 'real sample',
    checkedOn:
      'captures of the evidence collection and of tcpdump, compared with tshark; bytes written by the tests for every link type.',
  },
  recognise: ({ head }: EvidenceSample) => (isCapture(head) ? 100 : 0),
  read: (part, sink) => new CaptureReader(part, sink).read(),
}

class CaptureReader implements CaptureSink, FlowSink, TalkSink, CollectorSink {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  readonly #host: string
  readonly #stem: string
  readonly #headers = emptyHeaders()
  readonly #table: FlowTable
  readonly #memory: Memory
  readonly #collector: NetflowCollector
  readonly #at = { number: 0, offset: 0 }

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#host = part.facts.host ?? ''
    this.#stem = rotationStem(part.path)
    this.#table = new FlowTable(this)
    this.#collector = new NetflowCollector(this)
    this.#memory = { used: 0, limit: MAX_HELD_BYTES, onFull: () => this.#diagnostics.once(this.#at, NO_ROOM) }
  }

  read(): void {
    readCapture(this.#part.bytes, this)
    this.#table.finish()
    this.#collector.finish()
    this.#diagnostics.finish()
  }

  complaint(offset: number, complaint: Complaint): void {
    this.#diagnostics.once({ offset }, complaint)
  }

  packet(packet: CapturedPacket): void {
    const { number, offset, data, end } = packet
    this.#at.number = number
    this.#at.offset = offset
    if (!isLinkRead(packet.link)) {
      this.#diagnostics.once(this.#at, unknownLink(packet.link))
      return
    }
    const at = networkHeaderAt(packet)
    if (at < 0) return
    const headers = this.#headers
    if (packet.end - packet.at < packet.wire) this.#diagnostics.once(this.#at, SHORT)
    if (!readHeaders(headers, data, at, end, packet.at + packet.wire)) {
      this.#diagnostics.once(this.#at, UNREADABLE)
      return
    }
    let outer = this.#counted(packet)
    for (let depth = 0; outer !== undefined && depth < MAX_WRAPS; depth++) {
      const inner = wrapped(headers)
      if (inner === undefined || !readHeaders(headers, data, inner.at, end, packet.at + packet.wire)) return
      const parent: Flow = outer
      outer = this.#counted(packet)
      if (outer !== undefined && this.#table.isNew) {
        outer.wrappedIn = uidOf(parent)
        outer.wrappedBy = inner.by
      }
    }
  }

  /** The flow of the packet whose headers were read last, with what the packet says. */
  #counted(packet: CapturedPacket): Flow | undefined {
    const { number, offset, time } = packet
    const headers = this.#headers
    const flow = this.#table.add(headers, time, number, offset)
    if (flow === undefined) {
      this.#diagnostics.once(this.#at, FRAGMENT)
      return undefined
    }
    if (this.#table.isNew) {
      flow.interfaceName = packet.interfaceName
      flow.precision = packet.precision
    }
    if (headers.payloadEnd <= headers.payloadAt && headers.payloadBytes === 0) return flow
    flow.contents ??= contentsOf(flow, headers, this, this.#memory, this.#collector)
    if (!flow.contents.isDone) flow.contents.packet(headers, this.#table.from, { time, record: number, offset })
    return flow
  }

  ended(flow: Flow): void {
    flow.contents?.finish()
    const fields = flowFields(flow, flow.interfaceName || this.#host || this.#stem)
    const { protocol = '', srcIp = '', srcPort, dstIp = '', dstPort, bytesOut, bytesIn } = fields
    const at: Moment = { time: flow.first, record: flow.record, offset: flow.offset }
    const identity = flowIdentity({ protocol, srcIp, srcPort, dstIp, dstPort, time: timeOf(at), bytesOut, bytesIn })
    const alsoRecorded = flowTimes(flow)
    this.#emit(fields, at, { code: 'conn', identity, original: flowOriginal(flow), ...(alsoRecorded ? { alsoRecorded } : {}) })
  }

  said(flow: Flow, log: string, fields: EventFields, original: Readonly<Record<string, string>>, at: Moment): void {
    const uid = uidOf(flow)
    const { srcIp, srcPort, dstIp, dstPort } = endsOf(flow)
    const record = originalFields({
      uid,
      'id.orig_h': srcIp,
      ...(srcPort === undefined ? {} : { 'id.orig_p': String(srcPort) }),
      'id.resp_h': dstIp,
      ...(dstPort === undefined ? {} : { 'id.resp_p': String(dstPort) }),
      ...original,
    })
    const identity = contentHash(`${log}|${uid}|${at.time}|${Object.values(original).join('|')}`)
    this.#emit({ ...fields, uid } as EventFields, at, { code: log, identity, original: record })
  }

  exported(flow: JoinedFlow<NfRecord>, version: string): void {
    const { piece, start } = flow
    const { protocol, srcIp, srcPort, dstIp, dstPort, received } = piece
    const fields = netflowFields(flow)
    const { bytesOut, bytesIn } = fields
    const event = {
      ...fields,
      source: { evidence: this.#part.evidence, record: piece.record, offset: piece.offset },
      time: start as Micros | undefined,
      host: this.#host,
      series: `pcap|${this.#host}|netflow`,
      identity: flowIdentity({ protocol, srcIp, srcPort, dstIp, dstPort, time: start, bytesOut, bytesIn }),
      product: 'netflow',
      code: version,
      original: piece.original,
    }
    this.#sink.event((received === undefined ? event : { ...event, alsoRecorded: { received } }) as SecurityEvent)
  }

  exportProblem(code: keyof typeof EXPORT_PROBLEMS, at: Moment, count: number): void {
    const complaint = { code: `netflow/${code}`, ...EXPORT_PROBLEMS[code] }
    for (let index = 0; index < count; index++) this.#diagnostics.once({ number: at.record, offset: at.offset }, complaint)
  }

  evicted(count: number): void {
    for (let index = 0; index < count; index++) this.#diagnostics.once(this.#at, FULL)
  }

  #emit(
    fields: EventFields,
    at: Moment,
    rest: Pick<SecurityEvent, 'code' | 'identity' | 'original'> & { readonly alsoRecorded?: Readonly<Record<string, Micros>> },
  ): void {
    const { record, offset } = at
    const event = {
      ...fields,
      source: { evidence: this.#part.evidence, record, offset },
      time: timeOf(at),
      host: this.#host,
      series: `pcap|${this.#host}|${rest.code}`,
      product: 'pcap',
      ...rest,
    }
    this.#sink.event(event as SecurityEvent)
  }
}

function timeOf({ time }: Moment): Micros | undefined {
  return Number.isNaN(time) ? undefined : (time as Micros)
}
