import { type Micros, micros, microsFromParts } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'

// Records: github.com/linux-audit/audit-documentation/wiki, "Audit record and event format"; encoding of fields: auparse(3), audit_value_needs_encoding(3).

/** One line of an audit log. */
export interface AuditRecord {
  readonly type: string
  readonly time: Micros | undefined
  /** Number that all records of one event share; '' when the stamp is broken. */
  readonly serial: string
  /** Machine, where the dispatcher wrote it. */
  readonly node: string
  /** Decoded values by name; names of nested messages (op, acct, exe …) stand beside the others. */
  readonly fields: Readonly<Record<string, string>>
  readonly text: string
}

const HEAD =
  /(?:^|[: ])(?:node=(\S{1,253}) )?type=([A-Z0-9_]{1,48}(?:\[\d{1,6}\])?) msg=audit\((?:(\d{1,12})(?:\.(\d{1,9}))?|(\d\d)\/(\d\d)\/(\d{2,4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?(?::(\d{1,20}))?\) ?:? ?/

/** Names whose values the kernel and auditd write in hexadecimal when they hold blanks, quotes or control characters. */
const ENCODED = new Set(
  'comm exe cwd name path proctitle cmd acct data dir file key new-disk new-fs old-disk old-fs device vm watch ocomm grp new_group id root-dir sw unit invalid_context context'.split(
    ' ',
  ),
)
const HEX = /^(?:[0-9A-F]{2})+$/
/** More than any record has; a command line of 4,096 words is cut by the kernel. */
const MAX_FIELDS = 5_000

/** The audit record of a line, also behind a syslog header (audispd); undefined when it holds none. */
export function parseAuditLine(line: string, zone: Zone): AuditRecord | undefined {
  const head = HEAD.exec(line.slice(0, 1024))
  if (!head || head.index > 200) return undefined
  const [node = '', type = '', serial = ''] = [head[1], head[2], head[12]]
  const body = line.slice(head.index + head[0].length)
  return { type, time: timeOf(head, zone), serial, node, fields: fieldsOf(body, type), text: line }
}

function timeOf(head: RegExpExecArray, zone: Zone): Micros | undefined {
  const [, , , seconds, fraction = '', month, day, year = '', hour, minute, second, civilFraction = ''] = head
  const part = (text: string) => Number(text.padEnd(6, '0').slice(0, 6))
  if (seconds !== undefined) return micros(Number(seconds) * 1_000_000 + part(fraction))
  if (month === undefined) return undefined
  const civil = {
    year: Number(year.length === 2 ? `20${year}` : year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  }
  // Local time of the machine that ran `ausearch -i`; checked here, because a zone takes any numbers.
  return microsFromParts(civil) === undefined ? undefined : zone.microsOf(civil, part(civilFraction))
}

/** Values of a record's body. No prototype: a field may be called "constructor". */
function fieldsOf(body: string, type: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null)
  // Behind the separator stands what auditd looked up (log_format = ENRICHED): names in capital letters.
  const [plain = '', enriched = ''] = body.split('\u001d', 2)
  readPairs(plain, type, fields, 0)
  if (enriched !== '') readPairs(enriched, type, fields, 0)
  else {
    const behind = /'((?:[A-Z][A-Z_-]{1,20}="[^"]*" ?)+)$/.exec(plain)
    if (behind?.[1]) readPairs(behind[1], type, fields, 0)
  }
  return fields
}

/** name=value, name="value", name='nested pairs'; words without "=" stand for nothing. */
const PAIR = /([A-Za-z][\w.[\]-]{0,63})=(?:"([^"]*)"|'([^']*)'|(\{[^}]*\})|([^\s,)]*))/g

function readPairs(text: string, type: string, fields: Record<string, string>, depth: number): void {
  let count = 0
  for (const [, name = '', quoted, nested, braced, bare = ''] of text.matchAll(PAIR)) {
    if (++count > MAX_FIELDS) return
    if (nested !== undefined && (name === 'msg' || depth === 0) && nested.includes('=')) {
      if (depth === 0) readPairs(nested, type, fields, 1)
      continue
    }
    const value = quoted ?? nested ?? braced ?? bare
    const isCode = quoted === undefined && nested === undefined && braced === undefined
    const decoded = isCode && (ENCODED.has(name) || isArgument(name, type)) ? decodedHex(value) : value
    if (fields[name] === undefined) fields[name] = decoded === '(null)' || decoded === '?' ? '' : decoded
  }
}

/** a0 … of EXECVE are the words of a command; of SYSCALL they are numbers. */
const isArgument = (name: string, type: string) => type === 'EXECVE' && /^a\d{1,5}(?:\[\d{1,5}\])?$/.test(name)

/** Text of a hexadecimal value; NUL, which separates words, becomes a blank. A text of digits and A to F that was not encoded is quoted. */
export function decodedHex(value: string): string {
  if (!HEX.test(value)) return value
  const bytes = Uint8Array.from(value.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  return new TextDecoder().decode(bytes).replace(/\0+$/, '').replaceAll('\0', ' ')
}

/** The command of the EXECVE records of one event, a0 first, pieces of long words joined. */
export function argumentsOf(records: readonly AuditRecord[]): readonly string[] {
  const words: string[] = []
  for (const { type, fields } of records) {
    if (type !== 'EXECVE') continue
    for (const [name, value] of Object.entries(fields)) {
      const match = /^a(\d{1,5})(?:\[\d{1,5}\])?$/.exec(name)
      const index = Number(match?.[1])
      if (match && index < MAX_FIELDS) words[index] = (words[index] ?? '') + value
    }
  }
  return Array.from(words, word => word ?? '')
}

/** Words as one command line: those with blanks or nothing in them in quotes. */
export function commandLineOf(words: readonly string[]): string {
  return words.map(word => (word === '' || /[\s"]/.test(word) ? `"${word.replaceAll('"', '\\"')}"` : word)).join(' ')
}

/** Address and port of a socket address as the kernel writes it: struct sockaddr_in, sockaddr_in6 in hexadecimal, or auditd's reading of it. */
export function socketAddress(
  fields: Readonly<Record<string, string>>,
): { readonly ip: string; readonly port: number } | undefined {
  const read = fields['SADDR'] ?? ''
  const ip = /\bladdr=([0-9a-fA-F.:]+)/.exec(read)?.[1]
  if (ip !== undefined) return { ip, port: Number(/\blport=(\d{1,5})/.exec(read)?.[1] ?? 0) }
  const saddr = fields['saddr'] ?? ''
  if (!HEX.test(saddr)) return undefined
  const byte = (at: number) => Number.parseInt(saddr.slice(at * 2, at * 2 + 2), 16)
  const port = byte(2) * 256 + byte(3)
  if (/^0200/.test(saddr) && saddr.length >= 16) return { ip: [4, 5, 6, 7].map(byte).join('.'), port }
  if (!/^0A00/.test(saddr) || saddr.length < 48) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => saddr.slice(16 + index * 4, 20 + index * 4).toLowerCase())
  return { ip: groups.join(':'), port }
}
