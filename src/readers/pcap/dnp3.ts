import type { ByteQueue } from './byte-queue.ts'
import { u8, u16, u16le } from './bytes.ts'
import { ControlTalk } from './control-talk.ts'
import type { Flow, Moment } from './flow.ts'
import type { Dissector, From, Talk, TalkSink } from './talk.ts'

export const DNP3_START = 0x0564

/** Function codes of IEEE 1815, table 4-2, named as Zeek does. */
const FUNCTIONS: Readonly<Record<number, string>> = {
  0: 'CONFIRM',
  1: 'READ',
  2: 'WRITE',
  3: 'SELECT',
  4: 'OPERATE',
  5: 'DIRECT_OPERATE',
  6: 'DIRECT_OPERATE_NR',
  7: 'IMMED_FREEZE',
  8: 'IMMED_FREEZE_NR',
  9: 'FREEZE_CLEAR',
  10: 'FREEZE_CLEAR_NR',
  11: 'FREEZE_AT_TIME',
  12: 'FREEZE_AT_TIME_NR',
  13: 'COLD_RESTART',
  14: 'WARM_RESTART',
  15: 'INITIALIZE_DATA',
  16: 'INITIALIZE_APPL',
  17: 'START_APPL',
  18: 'STOP_APPL',
  19: 'SAVE_CONFIG',
  20: 'ENABLE_UNSOLICITED',
  21: 'DISABLE_UNSOLICITED',
  22: 'ASSIGN_CLASS',
  23: 'DELAY_MEASURE',
  24: 'RECORD_CURRENT_TIME',
  25: 'OPEN_FILE',
  26: 'CLOSE_FILE',
  27: 'DELETE_FILE',
  28: 'GET_FILE_INFO',
  29: 'AUTHENTICATE_FILE',
  30: 'ABORT_FILE',
  31: 'ACTIVATE_CONFIG',
  32: 'AUTHENTICATE_REQ',
  33: 'AUTHENTICATE_ERR',
  129: 'RESPONSE',
  130: 'UNSOLICITED_RESPONSE',
  131: 'AUTHENTICATE_RESP',
}
/** What only asks or answers. */
const QUIET: ReadonlySet<number> = new Set([0, 1, 23, 24, 28, 32, 33, 129, 130, 131])
/** Object groups that act on the process: CROB, pattern control, analogue output. */
const OBJECTS: Readonly<Record<number, string>> = {
  12: 'binary command',
  41: 'analogue command',
  50: 'time',
  60: 'class',
  70: 'file',
  80: 'indications',
}

/** Length of a link frame with its checksums: IEEE 1815, section 9.2.4. */
function frameLength(length: number): number {
  const user = length - 5
  return 10 + user + 2 * Math.ceil(user / 16)
}

/** One link frame, or the beginning of one. */
export function isDnp3(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && u16(bytes, 0) === DNP3_START && u8(bytes, 2) >= 5
}

/** DNP3 frames of one flow, over TCP or UDP; only first fragments say a function. */
export class Dnp3Frames {
  readonly #control: ControlTalk

  constructor(flow: Flow, sink: TalkSink) {
    this.#control = new ControlTalk(flow, sink)
  }

  /** One whole frame at the beginning of `bytes`; its length, 0 when more must come, -1 when none stands here. */
  frame(bytes: Uint8Array, from: From, at: Moment): number {
    if (bytes.length < 10) return bytes.length >= 3 && !isDnp3(bytes) ? -1 : 0
    if (!isDnp3(bytes)) return -1
    const length = frameLength(u8(bytes, 2))
    if (bytes.length < length) return 0
    this.#application(bytes.subarray(0, length), from, at)
    return length
  }

  finish(): void {
    this.#control.finish()
  }

  #application(bytes: Uint8Array, from: From, at: Moment): void {
    const user = userData(bytes)
    // Transport header: 0x40 marks the first segment of a message.
    if (user.length < 3 || (u8(user, 0) & 0x40) === 0) return
    const code = u8(user, 2)
    const isAnswer = code >= 129
    const client: From = isAnswer ? (from === 0 ? 1 : 0) : from
    const name = FUNCTIONS[code] ?? `unknown-${code}`
    const target = u16le(bytes, 4)
    const source = u16le(bytes, 6)
    const details: Record<string, string> = {
      unit: String(isAnswer ? source : target),
      master: String(isAnswer ? target : source),
    }
    const object = user.length > (isAnswer ? 6 : 4) ? u8(user, isAnswer ? 5 : 3) : 0
    if (!isAnswer && object > 0) {
      details['object'] = `${object}:${u8(user, 4)}`
      const known = OBJECTS[object]
      if (known !== undefined) details['object_name'] = known
    }
    this.#control.word(
      { protocol: 'dnp3', field: isAnswer ? 'fc_reply' : 'fc_request', name, changes: !QUIET.has(code), details, client },
      at,
    )
  }
}

/** The user data of a frame without the checksums that stand behind every 16 bytes. */
function userData(frame: Uint8Array): Uint8Array {
  const length = u8(frame, 2) - 5
  const user = new Uint8Array(Math.max(0, length))
  for (let done = 0, at = 10; done < length; done += 16, at += 18)
    user.set(frame.subarray(at, at + Math.min(16, length - done)), done)
  return user
}

/** DNP3 over TCP. */
export class Dnp3 implements Dissector {
  readonly #frames: Dnp3Frames

  constructor(flow: Flow, sink: TalkSink) {
    this.#frames = new Dnp3Frames(flow, sink)
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    for (;;) {
      if (queue.length === 0) return true
      const length = this.#frames.frame(queue.bytes, from, talk.moment)
      if (length === 0) return true
      talk.service('dnp3')
      if (length < 0) {
        // Frames are found again by their start bytes, as the standard has it.
        const next = startAt(queue.bytes)
        queue.drop(next < 0 ? queue.length : next)
      } else queue.drop(length)
    }
  }

  gap(): boolean {
    return true
  }

  end(): void {
    this.#frames.finish()
  }
}

function startAt(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(5, 1); at >= 0; at = bytes.indexOf(5, at + 1)) if (u8(bytes, at + 1) === 0x64) return at
  return -1
}
