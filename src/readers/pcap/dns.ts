import { latin1, s32, u8, u16, u32 } from './bytes.ts'
import { addressText } from './ip.ts'

/** What one DNS message says: RFC 1035, section 4. */
export interface DnsMessage {
  readonly id: number
  readonly isAnswer: boolean
  readonly opcode: number
  readonly responseCode: string
  /** Question, lower case as sent; '' when there is none. */
  readonly name: string
  readonly type: string
  readonly answers: readonly string[]
  /** Smallest time to live of the answers, seconds. */
  readonly timeToLive: number | undefined
}

/** IANA DNS parameters: iana.org/assignments/dns-parameters. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  10: 'NULL',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  24: 'SIG',
  25: 'KEY',
  28: 'AAAA',
  29: 'LOC',
  32: 'NB',
  33: 'SRV',
  35: 'NAPTR',
  39: 'DNAME',
  41: 'OPT',
  43: 'DS',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  50: 'NSEC3',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: '*',
  257: 'CAA',
}
const CODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** Answers told of one message; more are zone transfers. */
const MAX_ANSWERS = 32
const MAX_TEXT = 255

/** A message in `data` from `at` to `end`; undefined when it is none. What was cut is left out. */
export function dnsMessage(data: Uint8Array, at: number, end: number): DnsMessage | undefined {
  if (end - at < 12) return undefined
  const flags = u16(data, at + 2)
  const questions = u16(data, at + 4)
  const answerCount = u16(data, at + 6)
  const opcode = (flags >> 11) & 15
  // Queries, status, notify, update; reserved bits and many questions are another protocol.
  if (opcode > 6 || opcode === 3 || questions > 8 || (flags & 0x40) !== 0) return undefined
  const isAnswer = (flags & 0x8000) !== 0
  if (!isAnswer && questions === 0) return undefined
  let position = at + 12
  let name = ''
  let type = ''
  for (let index = 0; index < questions; index++) {
    const asked = readName(data, at, position, end)
    if (asked === undefined || asked.next + 4 > end) return undefined
    if (index === 0) {
      name = asked.name
      type = typeName(u16(data, asked.next))
    }
    position = asked.next + 4
  }
  const answers: string[] = []
  let timeToLive: number | undefined
  for (let index = 0; index < Math.min(answerCount, MAX_ANSWERS); index++) {
    const owner = readName(data, at, position, end)
    if (owner === undefined || owner.next + 10 > end) break
    const kind = u16(data, owner.next)
    const length = u16(data, owner.next + 8)
    const from = owner.next + 10
    if (from + length > end) break
    const text = recordText(data, at, kind, from, from + length)
    if (text !== '') answers.push(text)
    const seconds = u32(data, owner.next + 4)
    timeToLive = timeToLive === undefined ? seconds : Math.min(timeToLive, seconds)
    // Multicast DNS answers carry no question: the first owner is what it is about.
    if (name === '' && index === 0) {
      name = owner.name
      type = typeName(kind)
    }
    position = from + length
  }
  return {
    id: u16(data, at),
    isAnswer,
    opcode,
    responseCode: isAnswer ? (CODES[flags & 15] ?? String(flags & 15)) : '',
    name,
    type,
    answers,
    timeToLive,
  }
}

const typeName = (type: number): string => TYPES[type] ?? `query-${type}`

/** A name may be followed by pointers (RFC 1035, 4.1.4); a loop of them ends here. */
const MAX_LABELS = 128

function readName(
  data: Uint8Array,
  base: number,
  from: number,
  end: number,
): { readonly name: string; readonly next: number } | undefined {
  let at = from
  let next = -1
  let name = ''
  for (let count = 0; count < MAX_LABELS; count++) {
    if (at >= end) return undefined
    const length = u8(data, at)
    if (length === 0) return { name: name.slice(0, -1), next: next < 0 ? at + 1 : next }
    if ((length & 0xc0) === 0xc0) {
      if (at + 2 > end) return undefined
      if (next < 0) next = at + 2
      at = base + (u16(data, at) & 0x3fff)
      continue
    }
    if ((length & 0xc0) !== 0 || at + 1 + length > end || name.length > MAX_TEXT * 2) return undefined
    name += `${labelText(data, at + 1, at + 1 + length)}.`
    at += 1 + length
  }
  return undefined
}

const PLAIN = /^[\w-]*$/

/** Characters that would not survive a log are escaped as master files do (RFC 1035, 5.1). */
function labelText(data: Uint8Array, at: number, end: number): string {
  const text = latin1(data, at, end)
  return PLAIN.test(text) ? text : text.replace(/[^!-~]|[.\\]/g, char => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)
}

function recordText(data: Uint8Array, base: number, type: number, at: number, end: number): string {
  switch (type) {
    case 1:
      return end - at === 4 ? addressText(4, 0, 0, 0, s32(data, at)) : ''
    case 28:
      return end - at === 16 ? addressText(6, s32(data, at), s32(data, at + 4), s32(data, at + 8), s32(data, at + 12)) : ''
    case 2:
    case 5:
    case 12:
    case 39:
      return readName(data, base, at, end)?.name ?? ''
    case 15:
      return readName(data, base, at + 2, end)?.name ?? ''
    case 33:
      return readName(data, base, at + 6, end)?.name ?? ''
    case 16:
    case 99: {
      let text = ''
      for (let from = at; from < end && text.length < MAX_TEXT; from += 1 + u8(data, from))
        text += labelText(data, from + 1, Math.min(end, from + 1 + u8(data, from)))
          .replaceAll('\\032', ' ')
          .replaceAll('\\046', '.')
      return `TXT ${text.length} ${text.slice(0, MAX_TEXT)}`
    }
    default:
      return ''
  }
}
