import type { ByteQueue } from './byte-queue.ts'
import { hex, u8, u16 } from './bytes.ts'
import { ControlTalk } from './control-talk.ts'
import type { Flow } from './flow.ts'
import type { Dissector, From, Talk, TalkSink } from './talk.ts'

export const MODBUS_PORT = 502

/** Function codes of modbus.org/docs/Modbus_Application_Protocol_V1_1b3.pdf, named as Zeek does; `changes` marks those that set, stop or load something. */
const FUNCTIONS: Readonly<Record<number, { readonly name: string; readonly changes: boolean }>> = {
  1: { name: 'READ_COILS', changes: false },
  2: { name: 'READ_DISCRETE_INPUTS', changes: false },
  3: { name: 'READ_HOLDING_REGISTERS', changes: false },
  4: { name: 'READ_INPUT_REGISTERS', changes: false },
  5: { name: 'WRITE_SINGLE_COIL', changes: true },
  6: { name: 'WRITE_SINGLE_REGISTER', changes: true },
  7: { name: 'READ_EXCEPTION_STATUS', changes: false },
  8: { name: 'DIAGNOSTICS', changes: true },
  11: { name: 'GET_COMM_EVENT_COUNTER', changes: false },
  12: { name: 'GET_COMM_EVENT_LOG', changes: false },
  15: { name: 'WRITE_MULTIPLE_COILS', changes: true },
  16: { name: 'WRITE_MULTIPLE_REGISTERS', changes: true },
  17: { name: 'REPORT_SERVER_ID', changes: false },
  20: { name: 'READ_FILE_RECORD', changes: false },
  21: { name: 'WRITE_FILE_RECORD', changes: true },
  22: { name: 'MASK_WRITE_REGISTER', changes: true },
  23: { name: 'READ_WRITE_MULTIPLE_REGISTERS', changes: true },
  24: { name: 'READ_FIFO_QUEUE', changes: false },
  43: { name: 'ENCAP_INTERFACE_TRANSPORT', changes: false },
  90: { name: 'PROGRAM_UNITY', changes: true },
}
/** Functions whose request is five bytes: an address and a value or count. */
const SHORT_REQUESTS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6])
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'ILLEGAL_FUNCTION',
  2: 'ILLEGAL_DATA_ADDRESS',
  3: 'ILLEGAL_DATA_VALUE',
  4: 'SERVER_DEVICE_FAILURE',
  5: 'ACKNOWLEDGE',
  6: 'SERVER_DEVICE_BUSY',
  8: 'MEMORY_PARITY_ERROR',
  10: 'GATEWAY_PATH_UNAVAILABLE',
  11: 'GATEWAY_TARGET_DEVICE_FAILED_TO_RESPOND',
}

/** Does a Modbus/TCP message begin here? Its header has two zero bytes and a length of at most 254. */
export function isModbus(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false
  const length = u16(bytes, 4)
  return u16(bytes, 2) === 0 && length >= 2 && length <= 254 && FUNCTIONS[u8(bytes, 7) & 0x7f] !== undefined
}

/** Modbus over TCP: modbus.org/docs/Modbus_Messaging_Implementation_Guide_V1_0b.pdf. */
export class Modbus implements Dissector {
  readonly #client: From
  readonly #control: ControlTalk

  constructor(client: From, flow: Flow, sink: TalkSink) {
    this.#client = client
    this.#control = new ControlTalk(flow, sink)
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    for (;;) {
      const { bytes } = queue
      if (bytes.length < 8) return true
      const length = u16(bytes, 4)
      if (u16(bytes, 2) !== 0 || length < 2 || length > 254) {
        // Something else is spoken on this port, or a byte was lost: the next segment begins with a message again.
        queue.clear()
        return true
      }
      if (bytes.length < 6 + length) return true
      this.#message(from, bytes.subarray(0, 6 + length), talk)
      queue.drop(6 + length)
    }
  }

  gap(): boolean {
    return true
  }

  end(): void {
    this.#control.finish()
  }

  #message(from: From, bytes: Uint8Array, talk: Talk): void {
    const code = u8(bytes, 7)
    const known = FUNCTIONS[code & 0x7f]
    const unit = String(u8(bytes, 6))
    const tid = String(u16(bytes, 0))
    talk.service('modbus')
    if (from !== this.#client) {
      if ((code & 0x80) === 0) return
      const reason = u8(bytes, 8)
      const name = `${known?.name ?? `unknown-${code & 0x7f}`}_EXCEPTION`
      const details = { unit, exception: EXCEPTIONS[reason] ?? String(reason) }
      this.#control.word({ protocol: 'modbus', field: 'func', name, changes: false, details, client: this.#client }, talk.moment)
      return
    }
    talk.clientIs(this.#client)
    const name = known?.name ?? `unknown-${code}`
    const changes = known?.changes ?? true
    const details: Record<string, string> = { unit }
    if (changes) details['tid'] = tid
    const function5 = SHORT_REQUESTS.has(code) || code === 15 || code === 16 || code === 22
    if (function5 && bytes.length >= 12) {
      details['address'] = String(u16(bytes, 8))
      if (code === 5) details['value'] = u16(bytes, 10) === 0xff00 ? 'on' : 'off'
      else if (code === 6) details['value'] = String(u16(bytes, 10))
      else if (code === 15 || code === 16) {
        details['quantity'] = String(u16(bytes, 10))
        details['value'] = hex(bytes, 13, Math.min(bytes.length, 13 + 32))
      }
    }
    if (code === 8) details['subfunction'] = String(u16(bytes, 8))
    this.#control.word({ protocol: 'modbus', field: 'func', name, changes, details, client: this.#client }, talk.moment)
  }
}
