import type { EventFields, Micros } from '../../model/index.ts'
import { durationOf, type End, endOf } from './parse.ts'

type Flow = EventFields<'network_activity'>

/** A connection as 302013 and 302015 announce it. */
export interface Built {
  readonly id: string
  readonly flow: Flow
}

/** What 302014 and 302016 say at its end. */
export interface Teardown {
  readonly id: string
  readonly first: End
  readonly second: End
  readonly protocol: string
  readonly duration: number | undefined
  readonly bytes: number | undefined
  readonly state: string
  readonly user: string
}

const BUILT =
  /^Built (inbound|outbound) (TCP|UDP|SCTP) connection (\d+) for (\S+?)(?:\(([^()\s]*)\))? \((\S+?)\)(?:\(([^()]*)\))? to (\S+?)(?:\(([^()\s]*)\))? \((\S+?)\)(?:\(([^()]*)\))?(?: \(([^()]*)\))?/
const TEARDOWN =
  /^Teardown (TCP|UDP|SCTP) connection (\d+) for (\S+?)(?:\(([^()]*)\))? to (\S+?)(?:\(([^()]*)\))? duration (\d+:\d+:\d+) bytes (\d+)(?: (.*))?$/

/** Built messages; "for" names the outer side, so an outbound connection comes from the one behind "to". */
export function builtOf(message: string): Built | undefined {
  const match = BUILT.exec(message.slice(0, 2048))
  if (!match) return undefined
  const [
    ,
    direction,
    protocol = '',
    id = '',
    first = '',
    user1,
    mapped1 = '',
    user2,
    second = '',
    user3,
    mapped2 = '',
    user4,
    user5,
  ] = match
  const outer = { real: endOf(first), mapped: endOf(mapped1) }
  const inner = { real: endOf(second), mapped: endOf(mapped2) }
  const [src, dst] = direction === 'inbound' ? [outer, inner] : [inner, outer]
  return {
    id,
    flow: {
      kind: 'network_activity',
      action: 'open',
      protocol: protocol.toLowerCase(),
      ...endpoints(src.real, dst.real),
      ...(isSame(src) ? {} : { natSrcIp: src.mapped.ip, natSrcPort: src.mapped.port }),
      ...(isSame(dst) ? {} : { natDstIp: dst.mapped.ip, natDstPort: dst.mapped.port }),
      uid: id,
      initiatorKnown: true,
      user: user5 ?? user1 ?? user2 ?? user3 ?? user4 ?? '',
    },
  }
}

function isSame({ real, mapped }: { readonly real: End; readonly mapped: End }): boolean {
  return mapped.ip === '' || (real.ip === mapped.ip && real.port === mapped.port)
}

/** Both ends in the columns of a flow. */
export function endpoints(src: End, dst: End): Pick<Flow, 'srcIp' | 'srcPort' | 'dstIp' | 'dstPort' | 'srcHost' | 'dstHost'> {
  return { srcIp: src.ip, srcPort: src.port, dstIp: dst.ip, dstPort: dst.port, srcHost: src.name, dstHost: dst.name }
}

export function teardownOf(message: string): Teardown | undefined {
  const match = TEARDOWN.exec(message.slice(0, 2048))
  if (!match) return undefined
  const [, protocol = '', id = '', first = '', user1, second = '', user2, duration = '', bytes = '', rest = ''] = match
  const user = /(?:^|\s)\(([^()]*)\)$/.exec(rest)
  return {
    id,
    protocol: protocol.toLowerCase(),
    first: endOf(first),
    second: endOf(second),
    duration: durationOf(duration),
    bytes: bytes.length > 15 ? undefined : Number(bytes),
    state: (user ? rest.slice(0, user.index) : rest).trim(),
    user: user?.[1] ?? user1 ?? user2 ?? '',
  }
}

/** A teardown whose beginning is not in the evidence: which end opened it is not known. */
export function closedFlow(teardown: Teardown): Flow {
  return {
    kind: 'network_activity',
    action: 'close',
    protocol: teardown.protocol,
    ...endpoints(teardown.first, teardown.second),
    bytesTotal: teardown.bytes,
    duration: teardown.duration,
    state: teardown.state,
    uid: teardown.id,
    initiatorKnown: false,
    user: teardown.user,
  }
}

/** The whole connection: ends and translation of its beginning, counts of its end. */
export function joinedFlow(built: Built, teardown: Teardown): Flow {
  return {
    ...built.flow,
    action: 'flow',
    bytesTotal: teardown.bytes,
    duration: teardown.duration,
    state: teardown.state,
    user: built.flow.user || teardown.user,
  }
}

/** A beginning that waits for its end. */
export interface Waiting {
  readonly built: Built
  readonly time: Micros | undefined
  readonly emit: () => void
  readonly text: string
}

/** A busy firewall has some hundred thousand connections open; more would not fit a part of 32 MiB. */
const MAX_WAITING = 300_000

/** Connections of a part that were built and not yet torn down. */
export class OpenConnections {
  readonly #waiting = new Map<string, Waiting>()

  /** Keeps a beginning; one with the same id that never ended is handed out as open. */
  add(key: string, waiting: Waiting): void {
    this.#waiting.get(key)?.emit()
    this.#waiting.delete(key)
    this.#waiting.set(key, waiting)
    if (this.#waiting.size > MAX_WAITING) {
      const [oldest] = this.#waiting
      if (oldest) {
        oldest[1].emit()
        this.#waiting.delete(oldest[0])
      }
    }
  }

  /** The beginning of a connection that ends now. */
  take(key: string): Waiting | undefined {
    const waiting = this.#waiting.get(key)
    this.#waiting.delete(key)
    return waiting
  }

  /** What is still open at the end of the part. */
  finish(): void {
    for (const waiting of this.#waiting.values()) waiting.emit()
    this.#waiting.clear()
  }
}
