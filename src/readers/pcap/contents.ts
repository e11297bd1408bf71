import { contentHash } from '../../model/index.ts'
import { latin1, u16 } from './bytes.ts'
import { Dnp3Frames, isDnp3 } from './dnp3.ts'
import { dnsMessage } from './dns.ts'
import { DNS_PORTS, DnsPairs } from './dns-talk.ts'
import type { Contents, Flow, Moment } from './flow.ts'
import { addressText, type Headers, ICMP, ICMP6, TCP, UDP } from './ip.ts'
import { isNetflow, type NetflowCollector } from './netflow.ts'
import { recogniserFor } from './recognise.ts'
import { type From, type Memory, Talk, type TalkSink } from './talk.ts'

/** Nothing in it is read. */
const NOTHING: Contents = { isDone: true, packet: () => undefined, finish: () => undefined }

/** What reads a flow whose first packet with payload is this one. */
export function contentsOf(flow: Flow, headers: Headers, sink: TalkSink, memory: Memory, collector: NetflowCollector): Contents {
  switch (flow.protocol) {
    case TCP:
      return new Talk(flow, sink, recogniserFor(sink), memory)
    case UDP:
      if (DNS_PORTS.has(flow.aPort) || DNS_PORTS.has(flow.bPort)) return new DnsDatagrams(flow, sink)
      if (isNetflow(headers.data, headers.payloadAt, headers.payloadEnd, flow.first)) return new NetflowDatagrams(flow, collector)
      return isDnp3(headers.data.subarray(headers.payloadAt, headers.payloadEnd)) ? new Dnp3Datagrams(flow, sink) : NOTHING
    case ICMP:
    case ICMP6:
      return new EchoData(flow)
    default:
      return NOTHING
  }
}

class DnsDatagrams implements Contents {
  readonly isDone = false
  readonly #flow: Flow
  readonly #pairs: DnsPairs

  constructor(flow: Flow, sink: TalkSink) {
    this.#flow = flow
    this.#pairs = new DnsPairs(flow, sink)
  }

  packet({ data, payloadAt, payloadEnd, fragment }: Headers, from: From, moment: Moment): void {
    if (fragment === 'later') return
    const message = dnsMessage(data, payloadAt, payloadEnd)
    if (message === undefined) return
    if (!this.#flow.services.includes('dns')) this.#flow.services.push('dns')
    this.#pairs.message(from, message, moment)
  }

  finish(): void {
    this.#pairs.finish()
  }
}

class Dnp3Datagrams implements Contents {
  readonly isDone = false
  readonly #flow: Flow
  readonly #frames: Dnp3Frames

  constructor(flow: Flow, sink: TalkSink) {
    this.#flow = flow
    this.#frames = new Dnp3Frames(flow, sink)
  }

  packet({ data, payloadAt, payloadEnd }: Headers, from: From, moment: Moment): void {
    let bytes = data.subarray(payloadAt, payloadEnd)
    while (bytes.length > 0) {
      const length = this.#frames.frame(bytes, from, moment)
      if (length <= 0) return
      if (!this.#flow.services.includes('dnp3')) this.#flow.services.push('dnp3')
      bytes = bytes.subarray(length)
    }
  }

  finish(): void {
    this.#frames.finish()
  }
}

/** An echo answer brings back what it was asked with (RFC 792); other data is somebody's tunnel. */
class EchoData implements Contents {
  readonly isDone = false
  readonly #flow: Flow
  /** Hashes of the last questions by sequence number. */
  readonly #asked = new Map<number, number>()

  constructor(flow: Flow) {
    this.#flow = flow
  }

  packet({ data, payloadAt, payloadEnd, ipPayloadAt }: Headers, from: From): void {
    const sequence = u16(data, ipPayloadAt + 6)
    const hash = contentHash(latin1(data, payloadAt, payloadEnd))
    if (from === 0) {
      if (this.#asked.size >= 64) this.#asked.clear()
      this.#asked.set(sequence, hash)
      return
    }
    const asked = this.#asked.get(sequence)
    if (asked !== undefined && asked !== hash) this.#flow.otherAnswers++
  }

  finish(): void {
    this.#asked.clear()
  }
}

/** An exporter that tells its flows to a collector. */
class NetflowDatagrams implements Contents {
  readonly isDone = false
  readonly #flow: Flow
  readonly #collector: NetflowCollector

  constructor(flow: Flow, collector: NetflowCollector) {
    this.#flow = flow
    this.#collector = collector
  }

  packet({ data, version, src0, src1, src2, src3, payloadAt, payloadEnd, fragment }: Headers, _from: From, moment: Moment): void {
    if (fragment !== 'none' || !isNetflow(data, payloadAt, payloadEnd, moment.time)) return
    if (!this.#flow.services.includes('netflow')) this.#flow.services.push('netflow')
    this.#collector.datagram(addressText(version, src0, src1, src2, src3), data, payloadAt, payloadEnd, moment)
  }

  finish(): void {
    // Its flows wait in the collector for their other half.
  }
}
