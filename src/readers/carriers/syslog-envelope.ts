import { monthOf } from './clock.ts'

/** A time as a syslog header writes it; RFC 3164 has neither year nor zone. */
export interface Stamp {
  readonly year: number | undefined
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microseconds: number
  /** Minutes east of UTC; undefined when the header names no zone. */
  readonly zoneMinutes: number | undefined
}

/** What stands around a message: who sent it, when, and the message itself. */
export interface SyslogEnvelope {
  readonly form: 'rfc3164' | 'rfc5424' | 'iso'
  /** facility * 8 + severity; undefined when the line has no <PRI>. */
  readonly priority: number | undefined
  readonly stamp: Stamp
  /** As logged, '' when the header names none. */
  readonly host: string
  /** Tag or APP-NAME as logged, '' when there is none. */
  readonly program: string
  readonly pid: number | undefined
  /** Structured data of RFC 5424 as logged, '' when none. */
  readonly structured: string
  readonly message: string
}

const PRIORITY = /^<(\d{1,3})>/
/** RFC 3164 section 4.1.2, with what senders add: fraction, year (Cisco), unsynchronised mark (* or .), "UTC:". */
const BSD_STAMP =
  /[*.]?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (UTC|GMT)(?=[: ]))?/y
/** RFC 3339, as RFC 5424 section 6.2.3 and rsyslog's file format write it. */
const ISO_STAMP = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/y
/** name, name[pid], sshd(pam_unix)[pid], macOS "name[pid] <Error>", before a colon. */
const TAG = /([A-Za-z0-9_%./@()#+-]{1,128})(?:\[(\d{1,10})\])?(?: <\w{1,12}>)?(?: ?\([\w.-]{1,64}\))?:(?= |$)/y
/** A first word that is a tag and not a host: the header names no host. */
const HOSTLESS = /^(?:[A-Za-z0-9_%./@()#+-]{1,128}(?:\[\d{1,10}\])?:|[A-Za-z0-9_./-]{1,64}\[\d{1,10}\])$/
/** Chrome OS writes the severity where others write the host. */
const SEVERITY_WORD = /^(?:EMERG|ALERT|CRIT|ERR|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG)$/

/** Reads the header of a syslog line: RFC 3164, RFC 5424, rsyslog's ISO 8601 form; undefined when the line has none. */
export function parseSyslogLine(line: string): SyslogEnvelope | undefined {
  const priority = PRIORITY.exec(line)
  let at = priority ? priority[0].length : 0
  const value = priority ? Number(priority[1]) : undefined
  if (value !== undefined && value > 191) return undefined
  const isVersioned = line.charCodeAt(at) === 49 && line.charCodeAt(at + 1) === 32
  if (isVersioned) {
    const envelope = parseRfc5424(line, at + 2, value)
    if (envelope) return envelope
  }
  if (line.charCodeAt(at) === 32) at++
  const bsd = stampAt(BSD_STAMP, line, at)
  const iso = bsd ? undefined : stampAt(ISO_STAMP, line, at)
  const end = bsd ? BSD_STAMP.lastIndex : ISO_STAMP.lastIndex
  const stamp = bsd ? bsdStamp(bsd) : iso ? isoStamp(iso) : undefined
  if (!stamp) return undefined
  const next = line.charCodeAt(end)
  if (end < line.length && next !== 32 && next !== 58) return undefined
  return { form: bsd ? 'rfc3164' : 'iso', priority: value, stamp, structured: '', ...senderOf(line, end) }
}

/** Reads a BSD or ISO time at the beginning of a text, for devices that write their own after the header. */
export function leadingStamp(text: string): { readonly stamp: Stamp; readonly rest: string } | undefined {
  const bsd = stampAt(BSD_STAMP, text, 0)
  if (bsd) {
    const stamp = bsdStamp(bsd)
    return stamp ? { stamp, rest: text.slice(BSD_STAMP.lastIndex) } : undefined
  }
  const iso = stampAt(ISO_STAMP, text, 0)
  const stamp = iso ? isoStamp(iso) : undefined
  return stamp ? { stamp, rest: text.slice(ISO_STAMP.lastIndex) } : undefined
}

function stampAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(line)
}

function bsdStamp(match: RegExpExecArray): Stamp | undefined {
  const [, name = '', day, year, hour, minute, second, fraction = '', utc] = match
  const month = monthOf(name)
  if (month === 0) return undefined
  return {
    year: year === undefined ? undefined : Number(year),
    month,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microseconds: microsecondsOf(fraction),
    zoneMinutes: utc === undefined ? undefined : 0,
  }
}

function isoStamp(match: RegExpExecArray): Stamp {
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  const offset = zone === undefined || zone === 'Z' ? undefined : /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  const minutes = offset ? (Number(offset[2]) * 60 + Number(offset[3])) * (offset[1] === '-' ? -1 : 1) : 0
  return {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microseconds: microsecondsOf(fraction),
    zoneMinutes: zone === undefined ? undefined : minutes,
  }
}

function microsecondsOf(fraction: string): number {
  return fraction === '' ? 0 : Number(fraction.padEnd(6, '0').slice(0, 6))
}

type Sender = Pick<SyslogEnvelope, 'host' | 'program' | 'pid' | 'message'>

/** Host, tag and message behind the time of an RFC 3164 or ISO line. */
function senderOf(line: string, end: number): Sender {
  // "Nov 18 01:15:43: --- last message repeated 5 times ---": syslogd itself speaks.
  if (line.charCodeAt(end) === 58) return { host: '', program: '', pid: undefined, message: line.slice(end + 1).trimStart() }
  let at = end
  while (line.charCodeAt(at) === 32) at++
  const space = line.indexOf(' ', at)
  const word = line.slice(at, space < 0 ? undefined : space)
  const isHostless = word.length <= 200 && (HOSTLESS.test(word) || word.includes('='))
  const isHost = word.length <= 255 && !isHostless
  const host = isHost && !SEVERITY_WORD.test(word) ? word : ''
  if (isHost) {
    at += word.length
    while (line.charCodeAt(at) === 32) at++
  }
  TAG.lastIndex = at
  const tag = TAG.exec(line)
  if (tag) {
    const message = line.slice(TAG.lastIndex).trimStart()
    return { host, program: tag[1] ?? '', pid: tag[2] === undefined ? undefined : Number(tag[2]), message }
  }
  // "asa01 : %ASA-…", and macOS's "secd[1] <Error> [user{} ]: …" without a host.
  const bare = /^([A-Za-z0-9_./-]{1,64})\[(\d{1,10})\]$/.exec(word)
  if (isHostless && bare)
    return { host: '', program: bare[1] ?? '', pid: Number(bare[2]), message: line.slice(at + word.length).trimStart() }
  return { host, program: '', pid: undefined, message: line.slice(at).replace(/^: */, '') }
}

/** RFC 5424 section 6: VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]. */
function parseRfc5424(line: string, start: number, priority: number | undefined): SyslogEnvelope | undefined {
  const match = stampAt(ISO_STAMP, line, start)
  if (!match || line.charCodeAt(ISO_STAMP.lastIndex) !== 32) return undefined
  const stamp = isoStamp(match)
  let at = ISO_STAMP.lastIndex + 1
  const words: string[] = []
  while (words.length < 4) {
    const space = line.indexOf(' ', at)
    if (space < 0) return undefined
    words.push(line.slice(at, space))
    at = space + 1
  }
  const end = structuredEnd(line, at)
  if (end === undefined) return undefined
  const [host = '', program = '', procid = ''] = words.map(word => (word === '-' ? '' : word))
  return {
    form: 'rfc5424',
    priority,
    stamp,
    host,
    program,
    pid: /^\d{1,10}$/.test(procid) ? Number(procid) : undefined,
    structured: line.charCodeAt(at) === 45 ? '' : line.slice(at, end),
    message: line
      .slice(end)
      .replace(/^ (?:\ufeff|\u00ef\u00bb\u00bf)?/, '')
      .trimStart(),
  }
}

/** End of "-" or of one or more [id name="value"]; a bracket inside quotes is escaped or not, both are met. */
function structuredEnd(line: string, start: number): number | undefined {
  if (line.charCodeAt(start) === 45) return start + 1
  let at = start
  while (line.charCodeAt(at) === 91) {
    let isQuoted = false
    for (at++; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if (code === 92 && isQuoted) at++
      else if (code === 34) isQuoted = !isQuoted
      else if (code === 93 && !isQuoted) break
    }
    if (at >= line.length) return undefined
    at++
  }
  return at === start ? undefined : at
}
