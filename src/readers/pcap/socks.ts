import type { ByteQueue } from './byte-queue.ts'
import { latin1, s32, u8, u16 } from './bytes.ts'
import type { Moment } from './flow.ts'
import { addressText } from './ip.ts'
import { endsFrom } from './map.ts'
import type { Dissector, From, Talk } from './talk.ts'

const CONNECT = 1
const COMMANDS: Readonly<Record<number, string>> = { 1: 'connect', 2: 'bind', 3: 'udp associate' }
/** RFC 1928, section 6. */
const REPLIES = [
  'succeeded',
  'general SOCKS server failure',
  'connection not allowed by ruleset',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'TTL expired',
  'command not supported',
  'address type not supported',
]
/** openssh.com/txt/socks4.protocol */
const REPLIES4: Readonly<Record<number, string>> = {
  90: 'succeeded',
  91: 'general SOCKS server failure',
  92: 'no identd',
  93: 'other user by identd',
}

/** Could a client's first words be SOCKS? They are few and their length is told by themselves. */
export function isSocksGreeting(bytes: Uint8Array): boolean {
  const version = u8(bytes, 0)
  if (version === 5) {
    const methods = u8(bytes, 1)
    return methods > 0 && methods <= 16 && bytes.length === 2 + methods
  }
  if (version !== 4 || bytes.length < 9 || bytes.length > 600) return false
  return (u8(bytes, 1) === 1 || u8(bytes, 1) === 2) && bytes.at(-1) === 0
}

interface Request {
  readonly command: number
  readonly target: string
  readonly port: number
  readonly at: Moment
}

/**
 * A client asks a SOCKS proxy to carry it on (RFC 1928 and 1929, SOCKS 4 and 4a): the request itself names the next hop. After a
 * connect has succeeded, what follows is the client's conversation with that hop.
 */
export class Socks implements Dissector {
  readonly #client: From
  readonly #version: 4 | 5
  #step: 'greeting' | 'choice' | 'password' | 'password answer' | 'request' | 'answer'
  #user = ''
  #request: Request | undefined
  #at: Moment | undefined
  #isTold = false

  constructor(client: From, version: 4 | 5) {
    this.#client = client
    this.#version = version
    this.#step = version === 4 ? 'request' : 'greeting'
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    this.#at ??= talk.moment
    const isClient = from === this.#client
    for (;;) {
      const waitsForClient = this.#step === 'greeting' || this.#step === 'password' || this.#step === 'request'
      // The other side speaks out of turn when the capture lost something; what waits is read in its turn.
      if (waitsForClient !== isClient || queue.length === 0) return true
      const length = this.#next(queue.bytes, talk)
      if (length === 'more') return true
      if (length === 'wrong') return this.#finish('', talk)
      queue.drop(length)
      if (this.#isTold) return this.#request?.command === CONNECT && this.#isThrough
    }
  }

  #isThrough = false

  gap(): boolean {
    return false
  }

  end(talk: Talk): void {
    if (this.#request !== undefined) this.#finish('', talk)
  }

  /** Reads one message; its length, or why not. */
  #next(bytes: Uint8Array, talk: Talk): number | 'more' | 'wrong' {
    switch (this.#step) {
      case 'greeting':
        this.#step = 'choice'
        return 2 + u8(bytes, 1)
      case 'choice':
        if (bytes.length < 2) return 'more'
        if (u8(bytes, 0) !== 5) return 'wrong'
        this.#step = u8(bytes, 1) === 2 ? 'password' : 'request'
        return u8(bytes, 1) === 0 || u8(bytes, 1) === 2 ? 2 : 'wrong'
      case 'password': {
        const name = u8(bytes, 1)
        const length = 3 + name + u8(bytes, 2 + name)
        if (bytes.length < 2 + name || bytes.length < length) return 'more'
        if (u8(bytes, 0) !== 1) return 'wrong'
        this.#user = latin1(bytes, 2, 2 + name).replace(/[^ -~]/g, '.')
        this.#step = 'password answer'
        return length
      }
      case 'password answer':
        if (bytes.length < 2) return 'more'
        this.#step = 'request'
        return u8(bytes, 1) === 0 ? 2 : 'wrong'
      case 'request':
        return this.#version === 5 ? this.#request5(bytes, talk) : this.#request4(bytes, talk)
      case 'answer':
        return this.#version === 5 ? this.#answer5(bytes, talk) : this.#answer4(bytes, talk)
    }
  }

  #request5(bytes: Uint8Array, talk: Talk): number | 'more' | 'wrong' {
    if (bytes.length < 5) return 'more'
    if (u8(bytes, 0) !== 5 || COMMANDS[u8(bytes, 1)] === undefined) return 'wrong'
    const length = addressLength(bytes)
    if (length === 'wrong') return 'wrong'
    if (bytes.length < 4 + length + 2) return 'more'
    this.#request = {
      command: u8(bytes, 1),
      target: addressOf(bytes, length),
      port: u16(bytes, 4 + length),
      at: talk.moment,
    }
    this.#step = 'answer'
    return 6 + length
  }

  #answer5(bytes: Uint8Array, talk: Talk): number | 'more' | 'wrong' {
    if (bytes.length < 5) return 'more'
    const length = addressLength(bytes)
    if (u8(bytes, 0) !== 5 || length === 'wrong') return 'wrong'
    if (bytes.length < 6 + length) return 'more'
    this.#finish(REPLIES[u8(bytes, 1)] ?? `reply ${u8(bytes, 1)}`, talk)
    return 6 + length
  }

  #request4(bytes: Uint8Array, talk: Talk): number | 'more' | 'wrong' {
    const end = bytes.indexOf(0, 8)
    if (end < 0) return bytes.length > 600 ? 'wrong' : 'more'
    this.#user = latin1(bytes, 8, end).replace(/[^ -~]/g, '.')
    const address = s32(bytes, 4)
    // SOCKS 4a: an address 0.0.0.x says that the name follows.
    const isNamed = address !== 0 && address >>> 8 === 0
    const nameEnd = isNamed ? bytes.indexOf(0, end + 1) : end
    if (nameEnd < 0) return 'more'
    this.#request = {
      command: u8(bytes, 1),
      target: isNamed ? latin1(bytes, end + 1, nameEnd).replace(/[^!-~]/g, '.') : addressText(4, 0, 0, 0, address),
      port: u16(bytes, 2),
      at: talk.moment,
    }
    this.#step = 'answer'
    return nameEnd + 1
  }

  #answer4(bytes: Uint8Array, talk: Talk): number | 'more' | 'wrong' {
    if (bytes.length < 8) return 'more'
    if (u8(bytes, 0) !== 0) return 'wrong'
    this.#finish(REPLIES4[u8(bytes, 1)] ?? `reply ${u8(bytes, 1)}`, talk)
    return 8
  }

  #finish(status: string, talk: Talk): false {
    if (this.#isTold || this.#request === undefined) return false
    this.#isTold = true
    talk.clientIs(this.#client)
    talk.service('socks')
    const { command, target, port, at } = this.#request
    const { srcIp, dstIp } = endsFrom(talk.flow, this.#client)
    const asked = COMMANDS[command] ?? `command ${command}`
    talk.say(
      'socks',
      {
        kind: 'tunnel_activity',
        action: status === '' || status === 'succeeded' ? 'seen' : 'failure',
        protocol: `socks${this.#version}`,
        user: this.#user,
        srcIp,
        dstIp,
        target,
        targetPort: port,
        reason: `${status || 'no status'}: ${command === CONNECT ? '' : `${asked} `}to ${target}:${port}`,
      },
      {
        version: String(this.#version),
        ...(this.#user === '' ? {} : { user: this.#user }),
        status: status || 'no status',
        'request.host': target,
        request_p: String(port),
        command: asked,
      },
      this.#at ?? at,
    )
    if (status === 'succeeded' && command === CONNECT) {
      this.#isThrough = true
      talk.again()
    }
    return false
  }
}

/** Length of the address of a request or answer, the length byte of a name included. */
function addressLength(bytes: Uint8Array): number | 'wrong' {
  const type = u8(bytes, 3)
  return type === 1 ? 4 : type === 4 ? 16 : type === 3 ? 1 + u8(bytes, 4) : 'wrong'
}

function addressOf(bytes: Uint8Array, length: number): string {
  if (length === 4 && u8(bytes, 3) === 1) return addressText(4, 0, 0, 0, s32(bytes, 4))
  if (u8(bytes, 3) === 4) return addressText(6, s32(bytes, 4), s32(bytes, 8), s32(bytes, 12), s32(bytes, 16))
  return latin1(bytes, 5, 4 + length).replace(/[^!-~]/g, '.')
}
