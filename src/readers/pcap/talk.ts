import type { EventFields } from '../../model/index.ts'
import { ByteQueue, MAX_QUEUED_BYTES } from './byte-queue.ts'
import type { Contents, Flow, Moment } from './flow.ts'
import type { Headers } from './ip.ts'
import { Stream } from './stream.ts'

/** 0 is the side that opened the flow. */
export type From = 0 | 1

/** Where what was said goes. `log` and the names in `original` are those of Zeek's log of that protocol. */
export interface TalkSink {
  said(flow: Flow, log: string, fields: EventFields, original: Readonly<Record<string, string>>, at: Moment): void
}

/** Memory for what waits to be understood, of all connections together: hostile ones could each hold a little. */
export interface Memory {
  used: number
  readonly limit: number
  /** Told when a connection is heard no longer because there is no room. */
  readonly onFull: () => void
}

/** Reads one protocol of one TCP connection. Never throws on content; all it keeps is bounded. */
export interface Dissector {
  /** Reads what it can of the bytes of one side. False when it has heard enough. */
  data(from: From, queue: ByteQueue, talk: Talk): boolean
  /** Bytes are missing before what comes next. False when it cannot go on. */
  gap(from: From, bytes: number, talk: Talk): boolean
  /** The connection ended, or is heard no longer. */
  end(talk: Talk): void
  /** Bytes it keeps beside the queue. */
  readonly held?: number
}

/** Finds out what is spoken; undefined when it is nothing we know, 'more' when more bytes must be seen. */
export type Recogniser = (from: From, queue: ByteQueue, flow: Flow) => Dissector | 'more' | undefined

/** SOCKS in SOCKS, CONNECT in TLS in CONNECT: deeper nests are nobody's. */
const MAX_NESTED = 4

/** What is said on one TCP connection. */
export class Talk implements Contents {
  readonly flow: Flow
  readonly #sink: TalkSink
  readonly #recognise: Recogniser
  readonly #memory: Memory
  #held = 0
  readonly #queues = [new ByteQueue(), new ByteQueue()] as const
  readonly #streams: readonly [Stream, Stream]
  readonly #skipped: [number, number] = [0, 0]
  readonly #unknown: [boolean, boolean] = [false, false]
  #dissector: Dissector | undefined
  #nested = 0
  isDone = false
  /** The packet that is being read. */
  moment: Moment = { time: Number.NaN, record: 0, offset: 0 }

  constructor(flow: Flow, sink: TalkSink, recognise: Recogniser, memory: Memory) {
    this.flow = flow
    this.#memory = memory
    this.#sink = sink
    this.#recognise = recognise
    const streamOf = (from: From): Stream =>
      new Stream({ bytes: (data, at, end) => this.#bytes(from, data, at, end), gap: bytes => this.#gap(from, bytes) })
    this.#streams = [streamOf(0), streamOf(1)]
  }

  packet(headers: Headers, from: From, moment: Moment): void {
    this.moment = moment
    const side = this.flow.sides[from]
    const stream = this.#streams[from]
    if (side.syns > 0 || !Number.isNaN(side.synAckTime)) stream.place((side.initial + 1) | 0)
    stream.segment(headers.sequence, headers.data, headers.payloadAt, headers.payloadEnd, headers.payloadBytes)
    this.#account()
  }

  finish(): void {
    if (this.isDone) return
    for (const stream of this.#streams) stream.finish()
    this.#stop()
  }

  say(log: string, fields: EventFields, original: Readonly<Record<string, string>>, at: Moment = this.moment): void {
    this.#sink.said(this.flow, log, fields, original, at)
  }

  /** Names the protocol in the flow's record. */
  service(name: string): void {
    if (!this.flow.services.includes(name) && this.flow.services.length < 8) this.flow.services.push(name)
  }

  /** What is said shows which side asks; that settles it where the handshake was not seen. */
  clientIs(from: From): void {
    if (this.flow.isInitiatorKnown) return
    this.flow.isInitiatorKnown = true
    this.flow.isTurned = from === 1
  }

  /** The next `bytes` of a side are of no interest: a body, a file. */
  skip(from: From, bytes: number): void {
    const queue = this.#queues[from]
    const queued = Math.min(bytes, queue.length)
    queue.drop(queued)
    this.#skipped[from] += bytes - queued
  }

  /** Something else is spoken from here on: behind a proxy's answer. */
  again(): void {
    this.#dissector = undefined
    this.#unknown[0] = false
    this.#unknown[1] = false
    if (++this.#nested > MAX_NESTED) this.isDone = true
  }

  #bytes(from: From, data: Uint8Array, first: number, end: number): void {
    if (this.isDone) return
    let at = first
    const skipped = Math.min(this.#skipped[from], end - at)
    if (skipped > 0) {
      this.#skipped[from] -= skipped
      at += skipped
    }
    if (at >= end) return
    if (!this.#queues[from].append(data, at, end)) this.#stop()
    else this.#read(from)
  }

  #read(from: From): void {
    for (let round = 0; round <= MAX_NESTED && !this.isDone; round++) {
      const queue = this.#queues[from]
      if (this.#dissector === undefined && !this.#begin(from)) return
      const dissector = this.#dissector
      if (dissector === undefined || queue.length === 0) return
      if (!dissector.data(from, queue, this)) {
        this.#stop()
        return
      }
      if (this.#dissector === dissector) return
      // The dissector handed over to another: what waits in both directions is its.
      this.#read(from === 0 ? 1 : 0)
    }
  }

  /** Finds the dissector; true when there is one. */
  #begin(from: From): boolean {
    const queue = this.#queues[from]
    if (queue.length === 0) return false
    const found = this.#recognise(from, queue, this.flow)
    if (found === 'more') {
      if (queue.length >= MAX_QUEUED_BYTES / 4) this.#stop()
      return false
    }
    if (found === undefined) {
      this.#unknown[from] = true
      queue.clear()
      if (this.#unknown[0] && this.#unknown[1]) this.#stop()
      return false
    }
    this.#dissector = found
    return true
  }

  #gap(from: From, bytes: number): void {
    if (this.isDone) return
    const skipped = Math.min(this.#skipped[from], bytes)
    this.#skipped[from] -= skipped
    if (bytes === skipped) return
    this.#queues[from].clear()
    if (this.#dissector === undefined) this.#stop()
    else if (!this.#dissector.gap(from, bytes - skipped, this)) this.#stop()
  }

  #stop(): void {
    if (this.isDone) return
    this.isDone = true
    this.#dissector?.end(this)
    this.#dissector = undefined
    for (const queue of this.#queues) queue.clear()
    for (const stream of this.#streams) stream.clear()
    this.#memory.used -= this.#held
    this.#held = 0
  }

  #account(): void {
    if (this.isDone) return
    const [a, b] = this.#queues
    const [x, y] = this.#streams
    const held = a.capacity + b.capacity + x.heldBytes + y.heldBytes + (this.#dissector?.held ?? 0)
    this.#memory.used += held - this.#held
    this.#held = held
    if (this.#memory.used <= this.#memory.limit) return
    this.#memory.onFull()
    this.#stop()
  }
}
