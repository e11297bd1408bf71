import type { EventFields, EventSink, EvidencePart, EvidenceSample, Micros, Reader, SecurityEvent } from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { flowIdentity } from '../meanings/flow.ts'
import { isCapture, readCapture } from './capture-file.ts'
import type { CapturedPacket, CaptureSink } from './captured-packet.ts'
import type { Flow } from './flow.ts'
import { type FlowSink, FlowTable } from './flow-table.ts'
import { emptyHeaders, readHeaders } from './ip.ts'
import { isLinkRead, networkHeaderAt } from './link-layer.ts'
import { flowFields, flowOriginal, flowTimes } from './map.ts'

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
const unknownLink = (link: number): Complaint => ({
  code: 'pcap/unknown-link',
  level: 'error',
  message: `packets of link type ${link} are not read`,
  hint: 'tcpdump.org/linktypes.html names it; capture on the wired side, or convert with `editcap -T ether`',
})

/** Packet captures: pcap and pcapng, made into flows and what is said in them. A capture is one part: where a packet begins is known only from the one before. */
export const reader: Reader = {
  format: 'pcap',
  title: 'Packet capture',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Packet captures, pcap and pcapng: packets become flows with handshake, end and payload bytes.',
    exported:
      "`tcpdump -i eth0 -s 0 -w file.pcap`, Wireshark, a firewall's packet capture. Capture on the inside of a router as well as on the outside.",
    shows: 'Who spoke with whom, when to the microsecond, how much each way, times to live and round trips.',
    cannotShow: 'What did not pass that interface; who sat behind an address; contents of encryption.',
    clock: 'Host rarely; times of the machine that captured, UTC.',
    builtFrom: 'real sample',
    checkedOn: 'captures of the evidence collection and of tcpdump, bytes written by the tests for every link type.',
  },
  recognise: ({ head }: EvidenceSample) => (isCapture(head) ? 100 : 0),
  read: (part, sink) => new CaptureReader(part, sink).read(),
}

class CaptureReader implements CaptureSink, FlowSink {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #diagnostics: PartDiagnostics
  readonly #host: string
  readonly #stem: string
  readonly #headers = emptyHeaders()
  readonly #table: FlowTable
  #at = { number: 0, offset: 0 }

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
    this.#diagnostics = new PartDiagnostics(part, sink)
    this.#host = part.facts.host ?? ''
    this.#stem = rotationStem(part.path)
    this.#table = new FlowTable(this)
  }

  read(): void {
    readCapture(this.#part.bytes, this)
    this.#table.finish()
    this.#diagnostics.finish()
  }

  complaint(offset: number, complaint: Complaint): void {
    this.#diagnostics.once({ offset }, complaint)
  }

  packet(packet: CapturedPacket): void {
    const { number, offset, data, end, time } = packet
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
    const flow = this.#table.add(headers, time, number, offset)
    if (flow === undefined) {
      this.#diagnostics.once(this.#at, FRAGMENT)
      return
    }
    if (this.#table.isNew) {
      flow.interfaceName = packet.interfaceName
      flow.precision = packet.precision
    }
  }

  ended(flow: Flow): void {
    const fields = flowFields(flow, flow.interfaceName || this.#host || this.#stem)
    const { protocol = '', srcIp = '', srcPort, dstIp = '', dstPort, bytesOut, bytesIn } = fields
    const time = Number.isNaN(flow.first) ? undefined : flow.first
    const alsoRecorded = flowTimes(flow)
    this.#emit(fields, {
      record: flow.record,
      offset: flow.offset,
      time,
      code: 'flow',
      identity: flowIdentity({ protocol, srcIp, srcPort, dstIp, dstPort, time, bytesOut, bytesIn }),
      original: flowOriginal(flow),
      ...(alsoRecorded ? { alsoRecorded } : {}),
    })
  }

  evicted(count: number): void {
    for (let index = 0; index < count; index++) this.#diagnostics.once(this.#at, FULL)
  }

  #emit(
    fields: EventFields,
    {
      record,
      offset,
      time,
      ...rest
    }: Pick<SecurityEvent, 'code' | 'identity' | 'original' | 'alsoRecorded'> & {
      readonly record: number
      readonly offset: number
      readonly time: number | undefined
    },
  ): void {
    const event = {
      ...fields,
      source: { evidence: this.#part.evidence, record, offset },
      time: time as Micros | undefined,
      host: this.#host,
      series: `pcap|${this.#host}|${rest.code}`,
      product: 'pcap',
      ...rest,
    }
    this.#sink.event(event as SecurityEvent)
  }
}
