import { isAddress } from '../../model/index.ts'

/** One access log line, fields as the server wrote them with its escapes undone; '' where the log says "-" or nothing. */
export interface AccessLine {
  /** Text between the brackets. */
  readonly clock: string
  readonly client: string
  readonly forwardedFor: string
  readonly user: string
  readonly virtualHost: string
  readonly serverPort: number | undefined
  /** The whole first line of the request. */
  readonly request: string
  readonly status: number | undefined
  readonly bytes: number | undefined
  readonly referrer: string
  readonly userAgent: string
  /** As the client sent them, where the format has a field for them. */
  readonly cookies: string
  /** Microseconds, where the line says it with its unit. */
  readonly duration: number | undefined
}

/** dd/Mon/yyyy:hh, the part of the bracketed time that is the same in every server. */
const CLOCK = /\[\d\d\/\w{3}\/\d{4}:\d\d:/

/** An address, a name, "-", or nginx's "unix:" of a local socket. */
const CLIENT = /^(?:[\w.:%*-]{0,254}[\w%*.-]|unix:|[0-9a-f:]+::)$/i

/**
 * Common, combined and virtual-host formats of Apache httpd (httpd.apache.org/docs/2.4/logs.html#accesslog), nginx
 * (ngx_http_log_module) and Tomcat (AccessLogValve), with any further fields behind; undefined when the line is none.
 */
export function parseAccessLine(line: string): AccessLine | undefined {
  const open = clockStart(line)
  if (open < 0) return undefined
  const close = line.indexOf(']', open)
  if (close < 0 || close - open > 40) return undefined
  const head = headOf(open === 0 ? '' : line.slice(0, open - 1))
  if (head === undefined || !CLIENT.test(head.client)) return undefined
  if (line.charCodeAt(close + 1) !== SPACE || line.charCodeAt(close + 2) !== QUOTE) return undefined
  const requestStart = close + 3
  const requestEnd = requestEndOf(line, requestStart)
  if (requestEnd < 0) return undefined
  const status = line.slice(requestEnd + 2, requestEnd + 5)
  let at = requestEnd + 2 + (status.charCodeAt(0) === DASH ? 1 : 3)
  let bytes: number | undefined
  if (line.charCodeAt(at) === SPACE) {
    const start = at + 1
    at = wordEnd(line, start)
    bytes = sizeOf(line, start, at)
    // Not a size: the format has none here ("%s %T"), so the word belongs to the further fields.
    if (bytes === undefined) at = start - 1
  }
  const tail = at < line.length ? tailOf(line, at) : EMPTY_TAIL
  return {
    clock: line.slice(open + 1, close),
    client: head.client,
    forwardedFor: head.forwardedFor || tail.forwardedFor,
    user: head.user,
    virtualHost: head.virtualHost || tail.virtualHost,
    serverPort: head.serverPort ?? tail.serverPort,
    request: unescaped(line.slice(requestStart, requestEnd)),
    status: status.charCodeAt(0) === DASH ? undefined : Number(status),
    bytes,
    referrer: tail.referrer,
    userAgent: tail.userAgent,
    cookies: tail.cookies,
    duration: tail.duration,
  }
}

const SPACE = 32
const QUOTE = 34
const COMMA = 44
const DASH = 45
const BACKSLASH = 92

/** Position of the bracket before the time. IPv6 clients and user names may hold brackets too, so the time's shape decides. */
function clockStart(line: string): number {
  // The usual place first: the first bracket of the line.
  const first = line.indexOf('[')
  if (first < 0) return -1
  if (line.charCodeAt(first + 3) === 47 && line.charCodeAt(first + 7) === 47 && line.charCodeAt(first + 12) === 58) return first
  return line.slice(0, 4096).search(CLOCK)
}

interface Head {
  readonly client: string
  readonly forwardedFor: string
  readonly user: string
  readonly virtualHost: string
  readonly serverPort: number | undefined
}

/** "client ident user", "vhost:port client ident user", "a, b, c ident user" (X-Forwarded-For logged as client); user names may hold spaces. */
function headOf(head: string): Head | undefined {
  // Nearly all lines have exactly three words; they are cut without an array.
  const one = head.indexOf(' ')
  const two = head.indexOf(' ', one + 1)
  if (one > 0 && two > 0 && head.indexOf(' ', two + 1) < 0 && head.charCodeAt(one - 1) !== COMMA)
    return {
      client: withoutPort(head.slice(0, one)),
      forwardedFor: '',
      user: dashless(head.slice(two + 1)),
      virtualHost: '',
      serverPort: undefined,
    }
  const words = head.split(' ')
  if (words.length < 3 || words[0] === '') return undefined
  let at = 0
  let virtualHost = ''
  let serverPort: number | undefined
  let forwardedFor = ''
  const [first = '', second = ''] = words
  if (words.length > 3 && !isAddress(first) && !first.endsWith(',') && (isAddress(second) || /^[\w.-]+:\d{1,5}$/.test(first))) {
    const host = hostAndPort(first)
    virtualHost = host.name
    serverPort = host.port
    at = 1
  }
  const clientAt = at
  while (words[at]?.endsWith(',')) at++
  if (at > clientAt) forwardedFor = words.slice(clientAt, at + 1).join(' ')
  if (at + 3 > words.length) return undefined
  const client = withoutPort((words[clientAt] ?? '').replace(/,$/, ''))
  return { client, forwardedFor, user: dashless(words.slice(at + 2).join(' ')), virtualHost, serverPort }
}

function withoutPort(client: string): string {
  const colon = client.indexOf(':')
  return colon > 0 && colon === client.lastIndexOf(':') && client.includes('.') ? client.slice(0, colon) : client
}

function hostAndPort(text: string): { readonly name: string; readonly port: number | undefined } {
  const match = /^(.*):(\d{1,5})$/.exec(text)
  return match ? { name: match[1] ?? '', port: Number(match[2]) } : { name: text, port: undefined }
}

/**
 * The quote that ends the request: the first one not escaped that is followed by a status. Tomcat and old servers write quotes
 * and backslashes as they came, so a second look ignores escapes.
 */
function requestEndOf(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 1))
    if (!isEscaped(line, at, start) && isStatusAt(line, at + 1)) return at
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 1)) if (isStatusAt(line, at + 1)) return at
  return -1
}

function isEscaped(line: string, at: number, start: number): boolean {
  let slashes = 0
  while (at - 1 - slashes >= start && line.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}

/** " 200 ", " 404" at the end of the line, or " - ". */
function isStatusAt(line: string, at: number): boolean {
  if (line.charCodeAt(at) !== SPACE) return false
  if (line.charCodeAt(at + 1) === DASH) return at + 2 === line.length || line.charCodeAt(at + 2) === SPACE
  return isDigit(line, at + 1) && isDigit(line, at + 2) && isDigit(line, at + 3) && !isDigit(line, at + 4)
}

function isDigit(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  return code >= 48 && code <= 57
}

function wordEnd(line: string, start: number): number {
  const end = line.indexOf(' ', start)
  return end < 0 ? line.length : end
}

/** "-" is how %b writes no bytes. */
function sizeOf(line: string, start: number, end: number): number | undefined {
  if (end - start === 1 && line.charCodeAt(start) === DASH) return 0
  if (end === start || end - start > 15) return undefined
  let size = 0
  for (let at = start; at < end; at++) {
    if (!isDigit(line, at)) return undefined
    size = size * 10 + line.charCodeAt(at) - 48
  }
  return size
}

interface Tail {
  readonly referrer: string
  readonly userAgent: string
  readonly forwardedFor: string
  readonly cookies: string
  readonly virtualHost: string
  readonly serverPort: number | undefined
  readonly duration: number | undefined
}

const EMPTY_TAIL: Tail = {
  referrer: '',
  userAgent: '',
  forwardedFor: '',
  cookies: '',
  virtualHost: '',
  serverPort: undefined,
  duration: undefined,
}
/** Formats in use add a handful; the rest of a hostile line is not looked at. */
const MAX_FURTHER_FIELDS = 32

/** What stands behind the size: quoted referrer and agent first, then fields we know by their shape. */
function tailOf(line: string, start: number): Tail {
  let at = start
  let referrer: string | undefined
  let userAgent: string | undefined
  let forwardedFor = ''
  let cookies = ''
  let virtualHost = ''
  let serverPort: number | undefined
  let duration: number | undefined
  for (let field = 0; field < MAX_FURTHER_FIELDS && at < line.length; field++) {
    while (line.charCodeAt(at) === SPACE) at++
    if (at >= line.length) break
    const isQuoted = line.charCodeAt(at) === QUOTE
    const end = isQuoted ? quotedEnd(line, at + 1) : wordEnd(line, at)
    const text = dashless(isQuoted ? unescaped(line.slice(at + 1, end)) : line.slice(at, end))
    at = isQuoted ? end + 1 : end
    if (isQuoted && referrer === undefined) referrer = text
    else if (isQuoted && userAgent === undefined) userAgent = text
    else if (text === '') continue
    else if (forwardedFor === '' && isQuoted && isAddressList(text)) forwardedFor = text
    else if (cookies === '' && isQuoted && COOKIES.test(text)) cookies = text
    else if (duration === undefined && SECONDS.test(text)) duration = Math.round(Number(SECONDS.exec(text)?.[1]) * 1_000_000)
    else if (virtualHost === '' && HOST_NAME.test(text)) ({ name: virtualHost, port: serverPort } = hostAndPort(text))
  }
  return { referrer: referrer ?? '', userAgent: userAgent ?? '', forwardedFor, cookies, virtualHost, serverPort, duration }
}

/** nginx writes $request_time as seconds with three decimals, alone or as "rt=0.005"; whole numbers say no unit and are left. */
const SECONDS = /^(?:rt=|request_time=)?(\d{1,9}\.\d{3})$/
/** `%{Cookie}i` of Apache, `$http_cookie` of nginx: pairs, as RFC 6265 section 4.2.1 writes them. */
const COOKIES = /^[\w!#$%&'*+.^`|~-]{1,100}=[^;]{0,4000}(?:; ?[\w!#$%&'*+.^`|~-]{1,100}=[^;]{0,4000}){0,100};?$/
/** A name with a dot that is no number: %v behind the line. */
const HOST_NAME = /^(?=.{4,260}$)(?=.*[a-z])[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?::\d{1,5})?$/i

/** End of a quoted field: an unescaped quote with a space or the end of the line behind it; a cut line ends it too. */
function quotedEnd(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 1))
    if (!isEscaped(line, at, start) && (at + 1 === line.length || line.charCodeAt(at + 1) === SPACE)) return at
  return line.length
}

function isAddressList(text: string): boolean {
  return text.length < 1000 && text.split(/,\s*/).every(part => part === 'unknown' || isAddress(withoutPort(part)))
}

function dashless(text: string): string {
  return text === '-' ? '' : text
}

/** Undoes `\"`, `\\` and `\xHH` of printable characters; control characters stay escaped, as the server left them. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:(["\\])|x([2-7][0-9a-fA-F]))/g, (whole, plain: string | undefined, hex: string | undefined) => {
    if (plain !== undefined) return plain
    const code = Number.parseInt(hex ?? '', 16)
    return code < 127 ? String.fromCharCode(code) : whole
  })
}
