import type { OriginalRecord } from '../../model/index.ts'

/** TCP flags of a flow record, all of its packets together. */
export const FIN = 1
export const SYN = 2
export const RST = 4
export const ACK = 16

/** One record of a flow exporter: mostly one direction, and of a long flow only a piece. */
export interface FlowPiece {
  /** Lower-case name. */
  readonly protocol: string
  readonly srcIp: string
  /** ICMP: type. */
  readonly srcPort: number | undefined
  readonly dstIp: string
  /** ICMP: code. */
  readonly dstPort: number | undefined
  /** Microseconds; undefined when the record has none. */
  readonly start: number | undefined
  readonly end: number | undefined
  readonly bytes: number | undefined
  readonly packets: number | undefined
  /** The other direction, where one record tells both. */
  readonly bytesBack: number | undefined
  readonly packetsBack: number | undefined
  /** Undefined when not told. */
  readonly flags: number | undefined
  /** The exporter or its interface: records of two of them are not pieces of one flow. */
  readonly sensor: string
  /** Microseconds. */
  readonly precision: number
  readonly record: number
  readonly offset: number
  readonly original: OriginalRecord
}

/** A conversation put together from its records. */
export interface JoinedFlow<Piece extends FlowPiece> {
  /** First record of the side taken for the opener. */
  readonly piece: Piece
  readonly start: number | undefined
  readonly end: number | undefined
  readonly bytesOut: number | undefined
  readonly bytesIn: number | undefined
  readonly packetsOut: number | undefined
  readonly packetsIn: number | undefined
  /** True when the records show it, undefined when only ports hint at it, false when nothing does. */
  readonly initiatorKnown: boolean | undefined
  /** In Zeek's words as far as the flags tell, '' when they do not. */
  readonly state: string
  /** Records it was made of. */
  readonly records: number
  /** First record of the other side. */
  readonly answerRecord: number | undefined
}

/** What the joiner hands out. */
export interface JoinSink<Piece extends FlowPiece> {
  flow(flow: JoinedFlow<Piece>): void
  /** A record that says again what another said (exported on the way in and on the way out). */
  repeated(piece: Piece): void
}

/** Exporters give out a silent flow after 15 to 60 s; the next record of the same ends within that goes on with it. */
const LONGEST_SILENCE = 60e6
/** Two halves of one conversation begin within this, or lie in each other's time. */
const LONGEST_ANSWER = 30e6
/** Flows that wait for more records; beyond it the oldest are given out. */
const MAX_WAITING = 100_000

interface Half<Piece extends FlowPiece> {
  readonly first: Piece
  start: number | undefined
  end: number | undefined
  bytes: number | undefined
  packets: number | undefined
  bytesBack: number | undefined
  packetsBack: number | undefined
  flags: number | undefined
  records: number
}

interface Waiting<Piece extends FlowPiece> {
  readonly a: Half<Piece>
  b: Half<Piece> | undefined
}

/** ICMP types that answer, and what they answer. */
const QUESTIONS: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  icmp: { 0: 8, 14: 13, 16: 15, 18: 17 },
  icmp6: { 129: 128, 132: 131, 134: 133, 136: 135, 140: 139 },
}

/**
 * Puts conversations together from records that tell one direction each (NetFlow) and that are cut every few minutes (active
 * timeout), so that they read like those of other sensors: both directions, who opened it, one record however long it lasts.
 */
export class FlowJoiner<Piece extends FlowPiece> {
  readonly #sink: JoinSink<Piece>
  readonly #waiting = new Map<string, Waiting<Piece>>()
  readonly #limit: number

  constructor(sink: JoinSink<Piece>, limit = MAX_WAITING) {
    this.#sink = sink
    this.#limit = limit
  }

  add(piece: Piece): void {
    const { protocol, srcIp, dstIp, sensor } = piece
    const question = QUESTIONS[protocol]?.[piece.srcPort ?? -1]
    const isIcmp = QUESTIONS[protocol] !== undefined
    const type = question ?? piece.srcPort
    const out = isIcmp ? `${srcIp}|${dstIp}|${type}` : `${srcIp}|${piece.srcPort}|${dstIp}|${piece.dstPort}`
    const back = isIcmp ? `${dstIp}|${srcIp}|${type}` : `${dstIp}|${piece.dstPort}|${srcIp}|${piece.srcPort}`
    const suffix = `|${protocol}|${sensor}`
    const same = this.#waiting.get(out + suffix)
    if (same !== undefined && this.#goesOn(out + suffix, same, same.a, piece)) return
    const reverse = same === undefined || out === back ? this.#waiting.get(back + suffix) : undefined
    if (reverse !== undefined && out !== back) {
      if (reverse.b !== undefined) {
        if (this.#goesOn(back + suffix, reverse, reverse.b, piece)) return
      } else if (piece.bytesBack === undefined && reverse.a.bytesBack === undefined && isAnswer(reverse.a, piece)) {
        reverse.b = halfOf(piece)
        return
      }
    }
    if (this.#waiting.size >= this.#limit) this.#giveOldest()
    this.#waiting.set(out + suffix, { a: halfOf(piece), b: undefined })
  }

  finish(): void {
    for (const waiting of this.#waiting.values()) this.#give(waiting)
    this.#waiting.clear()
  }

  /** True when the record is taken: as the next piece of the half, or as a repeat. Otherwise the flow is given out. */
  #goesOn(key: string, waiting: Waiting<Piece>, half: Half<Piece>, piece: Piece): boolean {
    if (
      half.start === piece.start &&
      half.end === piece.end &&
      half.bytes === piece.bytes &&
      half.packets === piece.packets &&
      piece.start !== undefined
    ) {
      this.#sink.repeated(piece)
      return true
    }
    if (isNextPiece(half, piece)) {
      half.end = Math.max(half.end ?? 0, piece.end ?? 0)
      half.bytes = sum(half.bytes, piece.bytes)
      half.packets = sum(half.packets, piece.packets)
      half.bytesBack = sum(half.bytesBack, piece.bytesBack)
      half.packetsBack = sum(half.packetsBack, piece.packetsBack)
      half.flags = half.flags === undefined || piece.flags === undefined ? undefined : half.flags | piece.flags
      half.records++
      return true
    }
    this.#waiting.delete(key)
    this.#give(waiting)
    return false
  }

  /** The oldest tenth at once: taking them one by one would walk over what was taken before each time. */
  #giveOldest(): void {
    let left = Math.max(1, Math.floor(this.#limit / 10))
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.delete(key)
      this.#give(waiting)
      if (--left === 0) return
    }
  }

  #give({ a, b }: Waiting<Piece>): void {
    const { isTurned, initiatorKnown } = directionOf(a, b)
    const out = isTurned && b !== undefined ? b : a
    const other = isTurned ? a : b
    this.#sink.flow({
      piece: out.first,
      start: least(a.start, b?.start),
      end: greatest(a.end, b?.end),
      bytesOut: out.bytes,
      bytesIn: other?.bytes ?? out.bytesBack,
      packetsOut: out.packets,
      packetsIn: other?.packets ?? out.packetsBack,
      initiatorKnown,
      state: out.first.protocol === 'tcp' ? stateOf(out, other) : '',
      records: a.records + (b?.records ?? 0),
      answerRecord: other?.first.record,
    })
  }
}

function halfOf<Piece extends FlowPiece>(piece: Piece): Half<Piece> {
  const { start, end, bytes, packets, bytesBack, packetsBack, flags } = piece
  return { first: piece, start, end, bytes, packets, bytesBack, packetsBack, flags, records: 1 }
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : a + b
const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)
const greatest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)

/** Does the record go on where the half ended? A SYN after an end begins anew. */
function isNextPiece<Piece extends FlowPiece>(half: Half<Piece>, piece: Piece): boolean {
  if (half.end === undefined || piece.start === undefined) return false
  const silence = piece.start - half.end
  if (silence < -piece.precision || silence > LONGEST_SILENCE) return false
  const ended = ((half.flags ?? 0) & (FIN | RST)) !== 0
  // A SYN after nothing but a SYN is the same attempt once more.
  const begins = ((piece.flags ?? 0) & SYN) !== 0 && (half.flags ?? 0) !== SYN
  return piece.protocol !== 'tcp' || !(ended || begins)
}

/** Is the record the other direction of the half: does it lie in its time, or begin shortly after? */
function isAnswer<Piece extends FlowPiece>(half: Half<Piece>, piece: Piece): boolean {
  const { start, end } = half
  if (start === undefined || end === undefined || piece.start === undefined || piece.end === undefined) return false
  return piece.start <= end + LONGEST_ANSWER && piece.end >= start - LONGEST_ANSWER
}

interface Direction {
  readonly isTurned: boolean
  readonly initiatorKnown: boolean | undefined
}

function directionOf<Piece extends FlowPiece>(a: Half<Piece>, b: Half<Piece> | undefined): Direction {
  const { protocol } = a.first
  const questions = QUESTIONS[protocol]
  if (questions !== undefined) {
    const answers = questions[a.first.srcPort ?? -1] !== undefined
    return { isTurned: answers && b !== undefined, initiatorKnown: !answers || b !== undefined }
  }
  const isOpening = (half: Half<Piece>): boolean => half.flags !== undefined && (half.flags & (SYN | ACK)) === SYN
  if (isOpening(a)) return { isTurned: false, initiatorKnown: true }
  if (b !== undefined && isOpening(b)) return { isTurned: true, initiatorKnown: true }
  if (b === undefined) {
    // Alone and a pure answer: a reset, or from a service to its client.
    const guess = serviceSide(a.first)
    if (a.flags !== undefined && protocol === 'tcp' && (a.flags & SYN) === 0 && (a.flags & RST) !== 0)
      return { isTurned: false, initiatorKnown: false }
    return { isTurned: false, initiatorKnown: guess === 'dst' ? undefined : false }
  }
  const began = protocol !== 'tcp' || (((a.flags ?? SYN) & SYN) !== 0 && ((b.flags ?? SYN) & SYN) !== 0)
  const lead = a.start === undefined || b.start === undefined ? 0 : b.start - a.start
  if (began && Math.abs(lead) >= a.first.precision) return { isTurned: lead < 0, initiatorKnown: true }
  const guess = serviceSide(a.first)
  return { isTurned: guess === 'src', initiatorKnown: guess === undefined ? false : undefined }
}

/** Ports below are services' (RFC 6335); those from here on are what Linux and Windows give to clients. */
const SYSTEM_PORTS = 1_024
const CLIENT_PORTS = 32_768

/** The end that looks like a service by its port; undefined when both or neither do. */
export function serviceSide({ srcPort = 0, dstPort = 0 }: Pick<FlowPiece, 'srcPort' | 'dstPort'>): 'src' | 'dst' | undefined {
  for (const limit of [SYSTEM_PORTS, CLIENT_PORTS]) {
    if (srcPort < limit && dstPort >= limit) return 'src'
    if (dstPort < limit && srcPort >= limit) return 'dst'
  }
  return undefined
}

function stateOf<Piece extends FlowPiece>(out: Half<Piece>, other: Half<Piece> | undefined): string {
  if (out.flags === undefined || (other?.flags === undefined && out.packetsBack !== undefined)) return ''
  return stateOfFlags(out.flags, other?.flags)
}

/** Connection state in Zeek's words, as far as flags that are gathered over a flow tell; `got` is undefined when nothing came back. */
export function stateOfFlags(sent: number, got: number | undefined): string {
  if ((sent & SYN) === 0) return 'OTH'
  if (got === undefined) return (sent & ACK) === 0 ? ((sent & RST) === 0 ? 'S0' : 'RSTOS0') : 'OTH'
  if ((got & SYN) === 0) return (got & RST) !== 0 ? 'REJ' : 'OTH'
  if ((sent & FIN) !== 0 && (got & FIN) !== 0) return 'SF'
  if ((sent & RST) !== 0) return 'RSTO'
  if ((got & RST) !== 0) return 'RSTR'
  return (sent & FIN) !== 0 ? 'S2' : (got & FIN) !== 0 ? 'S3' : 'S1'
}

/** Flags as exporters print them: letters with dots for those not set (".A..SF", "......S."), or a number. */
export function flagsOf(text: string): number | undefined {
  if (/^0x[0-9a-f]{1,4}$/i.test(text) || /^\d{1,3}$/.test(text)) return Number(text)
  if (!/^[.CEUAPRSF]+$/.test(text)) return undefined
  let flags = 0
  for (const letter of text) flags |= LETTERS[letter] ?? 0
  return flags
}

const LETTERS: Readonly<Record<string, number>> = { F: FIN, S: SYN, R: RST, P: 8, A: ACK, U: 32, E: 64, C: 128 }
