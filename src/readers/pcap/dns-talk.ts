import type { ByteQueue } from './byte-queue.ts'
import { u16 } from './bytes.ts'
import { type DnsMessage, dnsMessage } from './dns.ts'
import type { Flow, Moment } from './flow.ts'
import { endsFrom } from './map.ts'
import type { Dissector, From, Talk, TalkSink } from './talk.ts'

/** Questions of one flow that wait for their answer. */
const MAX_PENDING = 64

interface Question {
  readonly message: DnsMessage
  readonly at: Moment
  readonly client: From
}

/** Ports of DNS, multicast DNS, LLMNR; other ports are tried only for messages that fit in every byte. */
export const DNS_PORTS: ReadonlySet<number> = new Set([53, 5353, 5355])

/** Pairs the questions and answers of one flow, over UDP or TCP. One event an answered question, one each for those never answered. */
export class DnsPairs {
  readonly #flow: Flow
  readonly #sink: TalkSink
  readonly #pending: Question[] = []

  constructor(flow: Flow, sink: TalkSink) {
    this.#flow = flow
    this.#sink = sink
  }

  message(from: From, message: DnsMessage, at: Moment): void {
    if (!message.isAnswer) {
      // The same question again is a repeat, not a second one.
      if (
        this.#pending.some(
          ({ message: { id, name, type } }) => id === message.id && name === message.name && type === message.type,
        )
      )
        return
      if (this.#pending.length >= MAX_PENDING) this.#say(this.#pending.shift(), undefined)
      this.#pending.push({ message, at, client: from })
      return
    }
    const index = this.#pending.findIndex(({ message: { id } }) => id === message.id)
    const question = index < 0 ? undefined : this.#pending.splice(index, 1)[0]
    this.#say(question ?? { message, at, client: from === 0 ? 1 : 0 }, message, at)
  }

  finish(): void {
    for (const question of this.#pending.splice(0)) this.#say(question, undefined)
  }

  #say(question: Question | undefined, answer: DnsMessage | undefined, answeredAt?: Moment): void {
    if (question === undefined) return
    const { message, at, client } = question
    const ends = endsFrom(this.#flow, client)
    const name = message.name || (answer?.name ?? '')
    this.#sink.said(
      this.#flow,
      'dns',
      {
        kind: 'dns_activity',
        srcIp: ends.srcIp,
        serverIp: ends.dstIp,
        query: name,
        queryType: message.type || (answer?.type ?? ''),
        responseCode: answer?.responseCode ?? '',
        answers: answer?.answers.join(',') ?? '',
      },
      {
        query: name,
        qtype_name: message.type || (answer?.type ?? ''),
        ...(answer === undefined ? {} : { rcode_name: answer.responseCode }),
        ...(answer !== undefined && answer.answers.length > 0 ? { answers: answer.answers.join(',') } : {}),
        ...(answer?.timeToLive === undefined ? {} : { TTLs: String(answer.timeToLive) }),
        ...(answeredAt !== undefined && answeredAt.time > at.time ? { rtt: String((answeredAt.time - at.time) / 1e6) } : {}),
      },
      at,
    )
  }
}

/** DNS over TCP: each message behind its length (RFC 1035, 4.2.2). */
export class DnsOverTcp implements Dissector {
  readonly #pairs: DnsPairs

  constructor(flow: Flow, sink: TalkSink) {
    this.#pairs = new DnsPairs(flow, sink)
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    for (;;) {
      const { bytes } = queue
      const length = u16(bytes, 0)
      if (bytes.length < 2 || bytes.length < length + 2) return true
      const message = dnsMessage(bytes, 2, length + 2)
      if (message === undefined) return false
      talk.service('dns')
      this.#pairs.message(from, message, talk.moment)
      queue.drop(length + 2)
    }
  }

  gap(): boolean {
    return false
  }

  end(): void {
    this.#pairs.finish()
  }
}
