import { type EventOf, type Match, type RecordDetector, shortCommand } from '../../model/index.ts'
import { fromBase64 } from './disk/fold.ts'

/** Under which names logs keep the cookies of a request: IIS, and what people write into formats of their own. */
const FIELDS = ['cs(Cookie)', 'cookie', 'http_cookie', 'request_cookie', 'cookies']
/** Servers take no headers of more than some kilobytes. */
const MAX_COOKIES = 16_384
const MAX_VALUES = 60
/** "aWQ=" is `id`; shorter values spell nothing. */
const PACKED = /^[A-Za-z0-9+/_-]{8,8192}={0,2}$/
/** A whole value that is a command: its first word, and what usually follows it. Names of pages, colours and people are none. */
const COMMAND =
  /^\s*(?:(?:(?:c:\\windows\\system32\\)?cmd(?:\.exe)?\s+\/[ck]|powershell(?:\.exe)?\s+-\w|\/bin\/(?:ba|da|k|z)?sh\s+-[ci]|(?:ba)?sh\s+-c)\s.*|whoami(?:\s+\/\w+)*|ipconfig(?:\s+\/all)?|ifconfig(?:\s+-a)?|systeminfo|tasklist(?:\s+\/\w+)*|netstat\s+-\w+|quser|net1?\s+(?:user|group|view|localgroup|use|start|share)\b.*|uname\s+-\w+|cat\s+\/etc\/\S+.*|ls\s+-\w*[al]\w*.*|dir\s+(?:[a-z]:\\|\/\w).*|certutil\s+-\w+.*|wget\s+https?:.*|curl\s+-?\S*\s*https?:.*)\s*$/i

/** What stands in a cookie is read as it is, with its escapes undone, and unpacked. */
export const cookieCommand: RecordDetector<'http_activity'> = {
  on: 'record',
  id: 'web-shell/cookie-command',
  title: 'Command in a cookie',
  reads: 'http_activity',
  techniques: ['T1505.003', 'T1071.001', 'T1059'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Cookies hold what a site gave its visitor; a command comes from a program that tells a page what to run, where most logs do not look.',
  innocent: 'a vulnerability scanner that tries every place for input',
  detect(request) {
    for (const field of FIELDS) {
      const cookies = request.original.get(field)
      if (cookies === undefined || cookies === '' || cookies === '-') continue
      const found = commandIn(cookies.slice(0, MAX_COOKIES))
      if (found) return told(request, found)
    }
    return undefined
  },
}

interface Found {
  readonly name: string
  readonly command: string
  readonly packed: boolean
}

/** IIS writes a blank as a plus. */
function commandIn(cookies: string): Found | undefined {
  for (const part of cookies.split(/;\+?\s*/).slice(0, MAX_VALUES)) {
    const equals = part.indexOf('=')
    if (equals < 1) continue
    const name = part.slice(0, equals).trim()
    const value = part.slice(equals + 1)
    for (const plain of [value, value.replaceAll('+', ' ')].map(unescaped))
      if (COMMAND.test(plain)) return { name, command: plain, packed: false }
    const whole = unescaped(value)
    if (!PACKED.test(whole)) continue
    const inner = unpacked(whole)
    if (COMMAND.test(inner)) return { name, command: inner, packed: true }
  }
  return undefined
}

function unescaped(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** Base64 with either alphabet; '' when it spells no text. */
function unpacked(text: string): string {
  const plain = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')) ?? ''
  return /^[\t\r\n\x20-\x7e]+$/.test(plain) ? plain : ''
}

/** Who got an answer was told something; an error says that nobody listened. */
function told({ path, clientIp, status, host }: EventOf<'http_activity'>, { name, command, packed }: Found): Match {
  const answered = status !== undefined && status >= 200 && status < 300
  return {
    title: `${clientIp || 'somebody'} sends "${shortCommand(command)}" to ${path || '/'} in the ${packed ? 'packed ' : ''}cookie ${name.slice(0, 40)}`,
    object: path || '/',
    severity: answered ? (packed ? 'high' : 'medium') : 'low',
    confidence: answered ? 'moderate' : 'low',
    succeeded: answered,
    ...(host === '' ? {} : { hosts: [host] }),
    ...(clientIp ? { addresses: [clientIp] } : {}),
  }
}
