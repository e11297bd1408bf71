import { Flow, isFromAnswering, pairIcmp } from './flow.ts'
import { type Headers, TCP, UDP } from './ip.ts'

/** When a silent flow counts as ended; microseconds. There is no active timeout: a flow is one record however long it lasts. */
export const TIMEOUTS = {
  /** An open TCP connection without keep-alive may be silent for long: file shares and shells are for most of an hour. */
  established: 3_600e6,
  /** After SYN alone: stacks repeat it for about a minute. */
  attempt: 75e6,
  /** After both ends are done: late repeats belong to it. */
  closed: 15e6,
  /** As Zeek's udp_inactivity_timeout and icmp_inactivity_timeout. */
  datagram: 60e6,
  /** GRE, ESP and others: keep-alives of tunnels come every 10 to 60 s. */
  other: 300e6,
} as const

/** Some 250 MB at most; a machine with more open flows at once is a carrier's router. */
export const MAX_FLOWS = 250_000
/** Share of the table given out when it is full, those silent for longest first. */
const EVICTED_SHARE = 0.1
/** Ended flows are looked for when the table has doubled since the last time, so that a packet costs the same however many are open. */
const FIRST_SWEEP = 16_384

/** Flows of one hash; by chance there are two or three. */
const MAX_CHAIN = 64
/** Fragments whose first part is remembered, for the ports. */
const MAX_FRAGMENTED = 4_096

/** What the table hands out. */
export interface FlowSink {
  ended(flow: Flow): void
  /** The table was full. */
  evicted(count: number): void
}

/** Flows that are not ended, by both ends and protocol. */
export class FlowTable {
  readonly #sink: FlowSink
  readonly #flows = new Map<number, Flow>()
  readonly #fragmented = new Map<string, { readonly flow: Flow; readonly from: 0 | 1 }>()
  readonly #limit: number
  #count = 0
  #nextSweep = FIRST_SWEEP
  /** Side that sent the packet last looked up. */
  from: 0 | 1 = 0
  /** Was that packet the first one of its flow? */
  isNew = false

  constructor(sink: FlowSink, limit = MAX_FLOWS) {
    this.#sink = sink
    this.#limit = limit
  }

  /** The flow of a packet, counted in; undefined for a fragment whose first part was not seen. Sets `from` and `isNew`. */
  add(headers: Headers, time: number, record: number, offset: number): Flow | undefined {
    this.isNew = false
    if (headers.fragment === 'later') {
      const known = this.#fragmented.get(fragmentKey(headers))
      if (known === undefined) return undefined
      this.from = known.from
      known.flow.count(headers, known.from, time)
      return known.flow
    }
    const isAnswer = pairIcmp(headers) || isFromAnswering(headers)
    const flow = this.#flowOf(headers, isAnswer, time, record, offset)
    flow.count(headers, this.from, time)
    if (headers.fragment === 'first') {
      if (this.#fragmented.size >= MAX_FRAGMENTED) this.#fragmented.clear()
      this.#fragmented.set(fragmentKey(headers), { flow, from: this.from })
    }
    return flow
  }

  #flowOf(headers: Headers, isAnswer: boolean, time: number, record: number, offset: number): Flow {
    const key = hashOf(headers)
    let length = 0
    for (let flow = this.#flows.get(key); flow !== undefined; flow = flow.chained) {
      if (++length > MAX_CHAIN) {
        // Only addresses chosen for it share one hash so often.
        this.#remove(flow)
        flow.isEvicted = true
        this.#sink.ended(flow)
        this.#sink.evicted(1)
        break
      }
      const from = flow.sideOf(headers)
      if (from < 0) continue
      if (flow.isOther(headers, from as 0 | 1) || time - flow.last > timeoutOf(flow)) {
        this.#remove(flow)
        this.#sink.ended(flow)
        break
      }
      this.from = from as 0 | 1
      return flow
    }
    if (this.#count >= Math.min(this.#nextSweep, this.#limit)) this.#sweep(time)
    if (this.#count >= this.#limit) this.#evict()
    const flow = new Flow(key, headers, isAnswer, record, offset, time)
    flow.chained = this.#flows.get(key)
    this.#flows.set(key, flow)
    this.#count++
    this.from = isAnswer ? 1 : 0
    this.isNew = true
    return flow
  }

  /** Gives out what is left, in the order of the first packets. */
  finish(): void {
    for (const flow of this.#all().toSorted((a, b) => a.record - b.record)) this.#sink.ended(flow)
    this.#flows.clear()
    this.#count = 0
  }

  #all(): Flow[] {
    const flows: Flow[] = []
    for (const head of this.#flows.values())
      for (let flow: Flow | undefined = head; flow !== undefined; flow = flow.chained) flows.push(flow)
    return flows
  }

  #sweep(time: number): void {
    for (const flow of this.#all()) {
      if (!(time - flow.last > timeoutOf(flow))) continue
      this.#remove(flow)
      this.#sink.ended(flow)
    }
    this.#nextSweep = Math.max(FIRST_SWEEP, this.#count * 2)
  }

  #evict(): void {
    const flows = this.#all().toSorted((a, b) => a.last - b.last || a.record - b.record)
    const evicted = flows.slice(0, Math.max(1, Math.floor(flows.length * EVICTED_SHARE)))
    for (const flow of evicted) {
      this.#remove(flow)
      flow.isEvicted = true
      this.#sink.ended(flow)
    }
    this.#sink.evicted(evicted.length)
  }

  #remove(flow: Flow): void {
    let before: Flow | undefined
    for (let at = this.#flows.get(flow.key); at !== undefined; at = at.chained) {
      if (at !== flow) {
        before = at
        continue
      }
      if (before !== undefined) before.chained = flow.chained
      else if (flow.chained !== undefined) this.#flows.set(flow.key, flow.chained)
      else this.#flows.delete(flow.key)
      this.#count--
      break
    }
    flow.chained = undefined
  }
}

function timeoutOf(flow: Flow): number {
  if (flow.protocol === TCP) {
    if (flow.isClosed) return TIMEOUTS.closed
    return flow.sides[0].packets > 0 && flow.sides[1].packets > 0 ? TIMEOUTS.established : TIMEOUTS.attempt
  }
  return flow.protocol === UDP || flow.protocol === 1 || flow.protocol === 58 ? TIMEOUTS.datagram : TIMEOUTS.other
}

/** The same for both directions; whole and small, so that the engine's map keeps it unboxed. */
function hashOf(headers: Headers): number {
  const src = mix(headers.src0, headers.src1, headers.src2, headers.src3, headers.srcPort)
  const dst = mix(headers.dst0, headers.dst1, headers.dst2, headers.dst3, headers.dstPort)
  return (Math.imul((src + dst) | 0, 0x9e3779b1) ^ (src ^ dst) ^ headers.protocol) & 0x3fffffff
}

function mix(a: number, b: number, c: number, d: number, port: number): number {
  let hash = Math.imul(a ^ 0x2545f491, 0x85ebca6b)
  hash = Math.imul(hash ^ b ^ (hash >>> 15), 0xc2b2ae35)
  hash = Math.imul(hash ^ c ^ (hash >>> 13), 0x27d4eb2f)
  hash = Math.imul(hash ^ d ^ (hash >>> 16), 0x165667b1)
  hash = Math.imul(hash ^ port ^ (hash >>> 14), 0x9e3779b1)
  return hash ^ (hash >>> 16)
}

function fragmentKey(headers: Headers): string {
  const { src0, src1, src2, src3, dst0, dst1, dst2, dst3, fragmentId, protocol } = headers
  return `${src0} ${src1} ${src2} ${src3} ${dst0} ${dst1} ${dst2} ${dst3} ${protocol} ${fragmentId}`
}
