import { canonicalAddress } from '../../model/index.ts'
import { splitTarget } from '../meanings/flow.ts'
import type { ByteQueue } from './byte-queue.ts'
import { latin1 } from './bytes.ts'
import type { Moment } from './flow.ts'
import { endsFrom } from './map.ts'
import type { Dissector, From, Talk } from './talk.ts'

/** Heads longer than this are refused by servers too (Apache, nginx and IIS allow 8 to 16 KiB). */
const MAX_HEAD_BYTES = 32_768
/** Requests sent before the first answer; browsers use up to six. */
const MAX_PENDING = 32
/** Values kept of one head. */
const MAX_VALUE = 4_096
/** What is kept of a head. */
const KEPT: ReadonlySet<string> = new Set([
  'host',
  'referer',
  'user-agent',
  'content-type',
  'content-length',
  'transfer-encoding',
  'x-forwarded-for',
  'forwarded',
  'authorization',
  'proxy-authorization',
  'server',
])

/** RFC 9110 methods, WebDAV, RPC over HTTP, and whatever is new: a word, a target, and later "HTTP/". */
const REQUEST_LINE = /^([A-Za-z][A-Za-z0-9_-]{1,23}) (\S.*?) HTTP\/(\d(?:\.\d)?)$/
const STATUS_LINE = /^HTTP\/\d(?:\.\d)? (\d{3})(?: (.*))?$/
const METHOD_START = /^[A-Z][A-Z_-]{2,23} [\S]/

/** Does a request, or the beginning of one, stand here? */
export function isHttpRequest(text: string): boolean {
  if (!METHOD_START.test(text)) return false
  const end = text.indexOf('\n')
  return end < 0 || REQUEST_LINE.test(text.slice(0, end).replace(/\r$/, ''))
}

export function isHttpAnswer(text: string): boolean {
  return /^HTTP\/\d\.\d \d{3}[ \r\n]/.test(text)
}

interface Request {
  readonly at: Moment
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: ReadonlyMap<string, string>
  bodyBytes: number
}

type Reading =
  | 'head'
  /** Bytes of the body still to come. */
  | { readonly body: 'chunks' | 'rest' }
  /** Bytes were lost: until something looks like a head again. */
  | 'lost'

/** Requests and answers of HTTP/1.x: RFC 9112. Bodies are skipped by their stated length. */
export class Http implements Dissector {
  readonly #client: From
  readonly #reading: [Reading, Reading] = ['head', 'head']
  #pending: Request[] = []
  #answers: {
    readonly request: Request
    readonly status: number
    readonly headers: ReadonlyMap<string, string>
    readonly time: number
    bytes: number
  }[] = []

  constructor(client: From) {
    this.#client = client
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    for (;;) {
      const reading = this.#reading[from]
      if (reading === 'lost') {
        const text = latin1(queue.bytes, 0, Math.min(queue.length, 64))
        if (!(from === this.#client ? isHttpRequest(text) : isHttpAnswer(text))) {
          queue.clear()
          return true
        }
        this.#reading[from] = 'head'
      } else if (reading === 'head') {
        if (queue.length === 0) return true
        const head = this.#head(queue)
        if (head === 'more') return true
        if (head === undefined) return false
        const goOn = from === this.#client ? this.#request(head, talk) : this.#answer(head, talk)
        if (goOn !== 'go on') return goOn === 'again'
      } else if (reading.body === 'rest') {
        this.#countBody(from, queue.length)
        queue.clear()
        return true
      } else if (!this.#chunk(from, queue, talk)) return true
    }
  }

  get held(): number {
    return (this.#pending.length + this.#answers.length) * MAX_VALUE
  }

  gap(from: From, bytes: number): boolean {
    const reading = this.#reading[from]
    if (typeof reading === 'object' && reading.body === 'rest') this.#countBody(from, bytes)
    else this.#reading[from] = 'lost'
    return true
  }

  end(talk: Talk): void {
    this.#tell(talk)
    for (const request of this.#pending) this.#say(talk, request, undefined)
    this.#pending = []
  }

  /** Lines of the head at the beginning of the queue, taken from it; undefined when none can stand here. */
  #head(queue: ByteQueue): readonly string[] | 'more' | undefined {
    const { bytes } = queue
    const end = headEnd(bytes)
    if (end < 0) return bytes.length > MAX_HEAD_BYTES || !isTextual(bytes) ? undefined : 'more'
    const lines = latin1(bytes, 0, end)
      .split(/\r?\n/)
      .filter(line => line !== '')
    queue.drop(end)
    return lines
  }

  #request(lines: readonly string[], talk: Talk): 'go on' | 'again' | 'stop' {
    const [first = '', ...rest] = lines
    const match = REQUEST_LINE.exec(first)
    if (!match) return lines.length === 0 ? 'go on' : 'stop'
    const [, method = '', target = '', version = ''] = match
    talk.clientIs(this.#client)
    talk.service('http')
    const headers = headersOf(rest)
    const request: Request = { at: talk.moment, method, target: target.slice(0, MAX_VALUE), version, headers, bodyBytes: 0 }
    if (this.#pending.length < MAX_PENDING) this.#pending.push(request)
    this.#body(this.#client, headers, talk, bytes => {
      request.bodyBytes = bytes
    })
    return 'go on'
  }

  #answer(lines: readonly string[], talk: Talk): 'go on' | 'again' | 'stop' {
    const [first = '', ...rest] = lines
    const match = STATUS_LINE.exec(first)
    if (!match) return lines.length === 0 ? 'go on' : 'stop'
    const status = Number(match[1])
    // 100 Continue and 103 Early Hints come before the answer; 101 changes the protocol.
    if (status < 200 && status !== 101) return 'go on'
    this.#tell(talk)
    const headers = headersOf(rest)
    const request = this.#pending.shift()
    const server: From = this.#client === 0 ? 1 : 0
    if (request !== undefined) {
      const answer = { request, status, headers, time: talk.moment.time, bytes: 0 }
      this.#answers.push(answer)
      if (request.method === 'CONNECT' && status < 300) {
        this.#tell(talk)
        talk.again()
        return 'again'
      }
      if (status === 101) return 'stop'
      if (request.method !== 'HEAD' && status !== 204 && status !== 304)
        this.#body(server, headers, talk, bytes => {
          answer.bytes = bytes
        })
    } else if (status !== 204 && status !== 304) this.#body(server, headers, talk, () => undefined)
    return 'go on'
  }

  /** How the body is delimited: RFC 9112, section 6.3. */
  #body(from: From, headers: ReadonlyMap<string, string>, talk: Talk, stated: (bytes: number) => void): void {
    const length = headers.get('content-length')
    if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) this.#reading[from] = { body: 'chunks' }
    else if (length !== undefined && /^\d{1,15}$/.test(length)) {
      stated(Number(length))
      talk.skip(from, Number(length))
    } else if (from !== this.#client) this.#reading[from] = { body: 'rest' }
  }

  /** One chunk or the end of them; false when more must come. */
  #chunk(from: From, queue: ByteQueue, talk: Talk): boolean {
    const text = latin1(queue.bytes, 0, Math.min(queue.length, 256))
    const end = text.indexOf('\n')
    const size = /^\s*([0-9a-fA-F]{1,8})\s*(?:;.*)?\r?$/.exec(end < 0 ? '' : text.slice(0, end))
    if (end < 0 && text.length < 256) return false
    if (size === null) {
      this.#reading[from] = 'lost'
      return true
    }
    const bytes = Number.parseInt(size[1] ?? '0', 16)
    if (bytes === 0) {
      // Trailers, if any, end with an empty line, which reads as an empty head.
      queue.drop(end + 1)
      this.#reading[from] = 'head'
      return true
    }
    this.#countBody(from, bytes)
    queue.drop(end + 1)
    talk.skip(from, bytes + 2)
    return true
  }

  #countBody(from: From, bytes: number): void {
    if (from === this.#client) {
      const last = this.#pending.at(-1)
      if (last !== undefined) last.bodyBytes += bytes
      return
    }
    const last = this.#answers.at(-1)
    if (last !== undefined) last.bytes += bytes
  }

  /** Answers whose body has ended, or will not be heard to its end. */
  #tell(talk: Talk): void {
    for (const answer of this.#answers) this.#say(talk, answer.request, answer)
    this.#answers = []
  }

  #say(
    talk: Talk,
    request: Request,
    answer:
      | { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly time: number; readonly bytes: number }
      | undefined,
  ): void {
    const { headers, method, target } = request
    const ends = endsFrom(talk.flow, this.#client)
    const header = (name: string): string => headers.get(name) ?? ''
    const type = (request.bodyBytes > 0 ? header('content-type') : '') || (answer?.headers.get('content-type') ?? '')
    const forwarded =
      header('x-forwarded-for') || (/for=("[^"]*"|[^;,]*)/i.exec(header('forwarded'))?.[1] ?? '').replaceAll('"', '')
    const user = basicUser(header('authorization') || header('proxy-authorization'))
    // To a proxy the whole address is sent; path and query are those of the target all the same.
    const whole = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^#]*)/i.exec(target)
    talk.say(
      'http',
      {
        kind: 'http_activity',
        clientIp: ends.srcIp,
        method,
        ...splitTarget(whole ? whole[2] || '/' : target),
        status: answer?.status,
        bytes: answer?.bytes,
        requestBytes: request.bodyBytes,
        referrer: header('referer'),
        userAgent: header('user-agent'),
        user,
        virtualHost: (whole?.[1] ?? header('host')) || '',
        serverIp: ends.dstIp,
        serverPort: ends.dstPort,
        duration: answer !== undefined && answer.time >= request.at.time ? answer.time - request.at.time : undefined,
        forwardedFor: canonicalAddress(forwarded.split(',')[0] ?? '').slice(0, 96),
        mimeType: type.split(';')[0]?.trim() ?? '',
      },
      {
        method,
        host: header('host'),
        uri: target,
        version: request.version,
        ...optional('referrer', header('referer')),
        ...optional('user_agent', header('user-agent')),
        ...optional('proxied', header('x-forwarded-for')),
        ...optional('server', answer?.headers.get('server') ?? ''),
        ...(answer === undefined ? {} : { status_code: String(answer.status) }),
      },
      request.at,
    )
  }
}

const optional = (name: string, value: string): Readonly<Record<string, string>> => (value === '' ? {} : { [name]: value })

/** Index behind the empty line that ends a head; -1 when it is not there. */
function headEnd(bytes: Uint8Array): number {
  // Blank lines before a request are ignored (RFC 9112, section 2.2).
  if (bytes[0] === 10) return 1
  if (bytes[0] === 13 && bytes[1] === 10) return 2
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3
  }
  return -1
}

/** Heads hold no NUL; what does is another protocol. */
function isTextual(bytes: Uint8Array): boolean {
  return !bytes.includes(0)
}

/** Header fields by lower-case name; the first of a name counts. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines.slice(0, 200)) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (KEPT.has(name) && !headers.has(name))
      headers.set(
        name,
        line
          .slice(colon + 1)
          .trim()
          .slice(0, MAX_VALUE),
      )
  }
  return headers
}

/** The account of RFC 7617; its password is not kept. */
function basicUser(header: string): string {
  const encoded = /^basic ([A-Za-z0-9+/=]{1,512})$/i.exec(header)?.[1]
  if (encoded === undefined) return ''
  try {
    return atob(encoded).split(':')[0]?.slice(0, 256) ?? ''
  } catch (error) {
    if (error instanceof DOMException) return ''
    throw error
  }
}
