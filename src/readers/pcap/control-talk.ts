import type { EventFields } from '../../model/index.ts'
import type { Flow, Moment } from './flow.ts'
import { endsFrom } from './map.ts'
import type { From, TalkSink } from './talk.ts'

/** What one side told a controller to do, or was answered. */
export interface ControlWord {
  /** "modbus" or "dnp3". */
  readonly protocol: string
  /** Zeek's field for the name: func, fc_request, fc_reply. */
  readonly field: string
  /** As Zeek names it: "WRITE_SINGLE_COIL", "OPERATE". */
  readonly name: string
  /** Does it change something, or only ask? Changes are told one by one. */
  readonly changes: boolean
  /** Unit, register, value, object: further fields by Zeek's names. */
  readonly details: Readonly<Record<string, string>>
  readonly client: From
}

/** Changes told one by one of one connection; a controller is set some times a minute at most. */
const MAX_TOLD = 2_000
/** Different questions of one connection. */
const MAX_COUNTED = 256

interface Counted {
  readonly word: ControlWord
  readonly at: Moment
  count: number
}

/**
 * What is said to controllers on one connection. A control system reads all day: of what only asks there is one event with a count
 * a connection, unit and function; of what changes something there is one event each.
 */
export class ControlTalk {
  readonly #flow: Flow
  readonly #sink: TalkSink
  readonly #counted = new Map<string, Counted>()
  #told = 0

  constructor(flow: Flow, sink: TalkSink) {
    this.#flow = flow
    this.#sink = sink
  }

  word(word: ControlWord, at: Moment): void {
    if (word.changes && this.#told < MAX_TOLD) {
      this.#told++
      this.#say(word, at, 1)
      return
    }
    const key = `${word.name}|${word.details['unit'] ?? ''}`
    const known = this.#counted.get(key)
    if (known !== undefined) known.count++
    else if (this.#counted.size < MAX_COUNTED) this.#counted.set(key, { word, at, count: 1 })
  }

  finish(): void {
    for (const { word, at, count } of this.#counted.values()) this.#say(word, at, count)
    this.#counted.clear()
  }

  #say({ protocol, field, name, details, client }: ControlWord, at: Moment, count: number): void {
    const ends = endsFrom(this.#flow, client)
    const more = Object.entries(details)
      .map(([key, value]) => ` ${key}=${value}`)
      .join('')
    const fields: EventFields<'other_activity'> = {
      kind: 'other_activity',
      message: `${field}=${name}${more}${count > 1 ? ` times=${count}` : ''}`,
      srcIp: ends.srcIp,
      dstIp: ends.dstIp,
    }
    this.#sink.said(
      this.#flow,
      protocol,
      fields,
      { [field]: name, ...details, ...(count > 1 ? { times: String(count) } : {}) },
      at,
    )
  }
}
