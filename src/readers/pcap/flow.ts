import { type Headers, ICMP, ICMP6, TCP, UDP } from './ip.ts'

export const FIN = 1
export const SYN = 2
export const RST = 4
export const ACK = 16

/** What one end of a flow sent. */
export class Side {
  packets = 0
  ipBytes = 0
  /** Bytes of the stream: by sequence numbers, so that repeats count once and lost packets do count; for UDP as sent. */
  payload = 0
  /** Bytes that the sequence numbers jump over: lost by the capture, or not yet arrived. */
  missed = 0
  /** Packets with bytes seen before. */
  repeated = 0
  ttl = -1
  largest = 0
  /** Sequence number of the byte after the last one; only when `isPlaced`. */
  next = 0
  isPlaced = false
  initial = 0
  syns = 0
  synTime = Number.NaN
  synAckTime = Number.NaN
  finTime = Number.NaN
  rstTime = Number.NaN
}

/** A jump larger than the largest TCP window (RFC 7323) is a broken sequence number, not lost packets. */
const LARGEST_JUMP = 1 << 30

/** The packet something was said in. */
export interface Moment {
  readonly time: number
  readonly record: number
  readonly offset: number
}

/** Reads what is said in a flow. */
export interface Contents {
  /** Heard enough: its packets need not be looked at any longer. */
  readonly isDone: boolean
  /** One packet with payload of side `from`. */
  packet(headers: Headers, from: 0 | 1, moment: Moment): void
  /** The flow ended. */
  finish(): void
}

/** One conversation of two ends; side 0 is taken for the one that opened it. */
export class Flow {
  readonly key: number
  /** The next flow of the same hash. */
  chained: Flow | undefined
  readonly version: number
  readonly protocol: number
  readonly a0: number
  readonly a1: number
  readonly a2: number
  readonly a3: number
  readonly b0: number
  readonly b1: number
  readonly b2: number
  readonly b3: number
  readonly aPort: number
  readonly bPort: number
  readonly sides: readonly [Side, Side] = [new Side(), new Side()]
  readonly first: number
  readonly record: number
  readonly offset: number
  last: number
  /** Third packet of the handshake. */
  ackTime = Number.NaN
  /** Is side 0 known to have opened it? */
  isInitiatorKnown: boolean
  /** Its roles turned out the other way round than they were taken for. */
  isTurned = false
  fragments = 0
  cutPackets = 0
  /** The flow whose packets held this one's, and how; '' when it came by itself. */
  wrappedIn = ''
  wrappedBy = ''
  interfaceName = ''
  precision = 1
  /** Protocols seen inside. */
  services: string[] = []
  /** Given out early because the table was full. */
  isEvicted = false
  /** ICMP: answers that brought other data than was asked with. */
  otherAnswers = 0
  contents: Contents | undefined
  /** Made when it is first asked for. */
  uid = ''

  constructor(key: number, headers: Headers, isAnswer: boolean, record: number, offset: number, time: number) {
    this.key = key
    this.version = headers.version
    this.protocol = headers.protocol
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort } = headers
    this.a0 = isAnswer ? dst0 : src0
    this.a1 = isAnswer ? dst1 : src1
    this.a2 = isAnswer ? dst2 : src2
    this.a3 = isAnswer ? dst3 : src3
    this.b0 = isAnswer ? src0 : dst0
    this.b1 = isAnswer ? src1 : dst1
    this.b2 = isAnswer ? src2 : dst2
    this.b3 = isAnswer ? src3 : dst3
    this.aPort = isAnswer ? dstPort : srcPort
    this.bPort = isAnswer ? srcPort : dstPort
    this.record = record
    this.offset = offset
    this.first = time
    this.last = time
    const isTcp = headers.protocol === TCP
    // A packet from the middle names nobody; a SYN and the answer to one do.
    this.isInitiatorKnown = isTcp ? (headers.flags & SYN) !== 0 : !isAnswer
  }

  /** 0 when the packet comes from side 0, 1 from the other, -1 when it is of another flow. */
  sideOf(headers: Headers): -1 | 0 | 1 {
    if (headers.protocol !== this.protocol) return -1
    const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, srcPort, dstPort } = headers
    if (
      srcPort === this.aPort &&
      dstPort === this.bPort &&
      src3 === this.a3 &&
      dst3 === this.b3 &&
      src2 === this.a2 &&
      dst2 === this.b2 &&
      src1 === this.a1 &&
      dst1 === this.b1 &&
      src0 === this.a0 &&
      dst0 === this.b0
    )
      return 0
    if (
      srcPort === this.bPort &&
      dstPort === this.aPort &&
      src3 === this.b3 &&
      dst3 === this.a3 &&
      src2 === this.b2 &&
      dst2 === this.a2 &&
      src1 === this.b1 &&
      dst1 === this.a1 &&
      src0 === this.b0 &&
      dst0 === this.a0
    )
      return 1
    return -1
  }

  /** Counts one packet of side `from`. */
  count(headers: Headers, from: 0 | 1, time: number): void {
    const side = this.sides[from]
    side.packets++
    side.ipBytes += headers.ipBytes
    if (side.ttl < 0) side.ttl = headers.ttl
    if (headers.payloadBytes > side.largest) side.largest = headers.payloadBytes
    if (headers.fragment !== 'none') this.fragments++
    if (headers.payloadEnd - headers.payloadAt < headers.payloadBytes) this.cutPackets++
    if (time > this.last || Number.isNaN(this.last)) this.last = time
    if (headers.protocol === TCP && headers.fragment !== 'later') this.#countTcp(headers, side, from, time)
    else side.payload += headers.payloadBytes
  }

  #countTcp({ flags, sequence, payloadBytes }: Headers, side: Side, from: 0 | 1, time: number): void {
    if ((flags & SYN) !== 0) {
      if ((flags & ACK) === 0) {
        side.syns++
        side.synTime = time
      } else if (Number.isNaN(side.synAckTime)) side.synAckTime = time
      side.initial = sequence
      side.next = (sequence + 1) | 0
      side.isPlaced = true
    } else if (!side.isPlaced && (flags & RST) === 0) {
      side.next = sequence
      side.isPlaced = true
    }
    if ((flags & RST) !== 0 && Number.isNaN(side.rstTime)) side.rstTime = time
    if ((flags & FIN) !== 0 && Number.isNaN(side.finTime)) side.finTime = time
    if (
      from === 0 &&
      Number.isNaN(this.ackTime) &&
      (flags & (SYN | ACK | RST)) === ACK &&
      !Number.isNaN(this.sides[1].synAckTime)
    )
      this.ackTime = time
    if (payloadBytes > 0) {
      const start = (flags & SYN) === 0 ? sequence : (sequence + 1) | 0
      const gap = (start - side.next) | 0
      const ahead = (gap + payloadBytes) | 0
      if (ahead > LARGEST_JUMP || gap < -LARGEST_JUMP) {
        side.payload += payloadBytes
        side.next = (start + payloadBytes) | 0
      } else if (ahead > 0) {
        side.payload += ahead
        if (gap > 0) side.missed += gap
        else if (gap < 0) side.repeated++
        side.next = (start + payloadBytes) | 0
      } else {
        side.repeated++
        // A hole that was counted as missed is filled by what comes late; repeats of other bytes fill at most what was missed.
        if (side.missed > 0) side.missed = Math.max(0, side.missed - payloadBytes)
      }
    }
  }

  /** Both ends said that they are done, or one broke it off. */
  get isClosed(): boolean {
    const [a, b] = this.sides
    return (!Number.isNaN(a.finTime) && !Number.isNaN(b.finTime)) || !Number.isNaN(a.rstTime) || !Number.isNaN(b.rstTime)
  }

  /** Does a SYN begin another connection of the same ends and ports? */
  isOther(headers: Headers, from: 0 | 1): boolean {
    if (headers.protocol !== TCP || (headers.flags & (SYN | ACK | RST)) !== SYN) return false
    if (this.isClosed) return true
    const { syns, initial } = this.sides[from]
    return syns > 0 && initial !== headers.sequence
  }

  /** Connection state in Zeek's words (docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html); '' for protocols without connections. */
  get state(): string {
    const [a, b] = this.isTurned ? [this.sides[1], this.sides[0]] : this.sides
    if (this.protocol === UDP) return a.packets > 0 ? (b.packets > 0 ? 'SF' : 'S0') : 'SHR'
    if (this.protocol !== TCP) return ''
    const seen = (time: number): boolean => !Number.isNaN(time)
    const syn = a.syns > 0
    const answered = seen(b.synAckTime)
    if (!syn && !answered) return 'OTH'
    if (!answered) {
      if (seen(b.rstTime)) return 'REJ'
      if (seen(a.rstTime)) return 'RSTOS0'
      if (seen(a.finTime)) return 'SH'
      // Data from the other side: its SYN was missed, the connection stood.
      return b.packets === 0 ? 'S0' : 'S1'
    }
    if (!syn && a.packets === 0) return seen(b.rstTime) ? 'RSTRH' : seen(b.finTime) ? 'SHR' : 'OTH'
    const resets = [a.rstTime, b.rstTime]
    if (resets.some(seen)) {
      const first = seen(a.rstTime) && !(b.rstTime < a.rstTime) ? 'RSTO' : 'RSTR'
      // A reset after both had finished is only the stack clearing up.
      return seen(a.finTime) && seen(b.finTime) ? 'SF' : first
    }
    if (seen(a.finTime)) return seen(b.finTime) ? 'SF' : 'S2'
    return seen(b.finTime) ? 'S3' : 'S1'
  }
}

/** Types of ICMP answers and the questions they answer (RFC 792, 950, 4443, 4861). */
const ANSWERS: Readonly<Record<number, number>> = { 0: 8, 14: 13, 16: 15, 18: 17 }
const ANSWERS6: Readonly<Record<number, number>> = { 129: 128, 132: 131, 134: 133, 136: 135, 140: 139 }

/**
 * Makes question and answer of ICMP one flow: both sides get the question's type and code as port. True when the packet is the answer.
 */
export function pairIcmp(headers: Headers): boolean {
  if (headers.protocol !== ICMP && headers.protocol !== ICMP6) return false
  const question = (headers.protocol === ICMP ? ANSWERS : ANSWERS6)[headers.srcPort]
  const port = ((question ?? headers.srcPort) << 8) | headers.dstPort
  headers.srcPort = port
  headers.dstPort = port
  return question !== undefined
}

/** Ports below this belong to services (RFC 6335), others are mostly chosen by clients. */
const SERVICE_PORTS = 1_024

/**
 * Does the first packet of a flow come from the side that was asked? A SYN with ACK says so; from the middle of a conversation and
 * for UDP only the ports hint at it.
 */
export function isFromAnswering(headers: Headers): boolean {
  if (headers.protocol === TCP && (headers.flags & SYN) !== 0) return (headers.flags & ACK) !== 0
  if (headers.protocol !== TCP && headers.protocol !== UDP) return false
  return headers.srcPort < SERVICE_PORTS && headers.dstPort >= SERVICE_PORTS
}
