import { MICROS_PER_SECOND, type Micros, micros, microsFromIso } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { keyValues } from '../carriers/key-value.ts'
import { parseSyslogLine, type Stamp } from '../carriers/syslog-envelope.ts'

/** One record of Ivanti Connect Secure (Pulse, Juniper SA), from whichever of its three forms. */
export interface IvantiRecord {
  readonly time: Micros | undefined
  readonly header: Stamp | undefined
  readonly host: string
  /** "AUT24326"; '' where the form leaves it out. */
  readonly code: string
  readonly user: string
  readonly realm: string
  readonly srcIp: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

/** Tab-separated records of the device's own .vc0 files: hex seconds and a running number, host, message code, file, then source, user and text. */
const OWN = /^([^\t.]{1,16})\.([0-9a-f]{8})\t([^\t]*)\t([A-Z]{3}\d{4,6})\t(.*)$/s

/** Reads a record of a .vc0 file, as a line behind the file's header of zeros. */
export function parseOwnRecord(line: string): IvantiRecord | undefined {
  const match = OWN.exec(line)
  if (!match) return undefined
  const [, seconds = '', number = '', host = '', code = '', rest = ''] = match
  const cells = rest.split('\t')
  const [file = '', realm = '', srcIp = '', user = '', ...texts] = cells
  const message = texts.filter(text => text !== '').join(' | ')
  return {
    time: /^[0-9a-f]{8}$/.test(seconds) ? micros(Number.parseInt(seconds, 16) * MICROS_PER_SECOND) : undefined,
    header: undefined,
    host,
    code,
    user,
    realm,
    srcIp,
    message,
    fields: { number, code, file, realm, src: srcIp, user, msg: message },
  }
}

/** "PulseSecure: 2023-08-15 05:34:25 - ive - [203.0.113.9] ora(Users)[Role] - AUT24326: Primary authentication …" and WELF "id=firewall time=… msg=…". */
const STANDARD = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) - (\S+) - \[([0-9a-fA-F.:]*)\] ?(.{0,200}?)\(([^()]*)\)\[([^\]]*)\] - (.*)$/s
const WELF = /(?:^|\s)(?=id=\S+ time=")/
const CODE = /^([A-Z]{3}\d{4,6}): ?/

/** Reads a line as the device sends it to a syslog server, in the formats "Standard" and "WELF"; undefined when it is none. */
export function parseSentLine(line: string, zone: Zone): IvantiRecord | undefined {
  const head = line.slice(0, 2048)
  const welf = WELF.exec(head)
  if (welf) {
    const fields = keyValues(line, welf.index + welf[0].length)
    if (fields['vpn'] === undefined && !/^(?:vpn|mgmt)$/.test(fields['type'] ?? '')) return undefined
    const message = fields['msg'] ?? ''
    const code = CODE.exec(message)
    const envelope = parseSyslogLine(line.slice(0, welf.index + welf[0].length))
    return {
      time: timeOf(fields['time'] ?? '', zone),
      header: envelope?.stamp,
      host: fields['fw'] && !/^[\d.]+$/.test(fields['fw']) ? fields['fw'] : envelope?.host || fields['vpn'] || fields['fw'] || '',
      code: code?.[1] ?? '',
      user: fields['user'] ?? '',
      realm: fields['realm'] ?? '',
      srcIp: fields['src'] ?? '',
      message: code ? message.slice(code[0].length) : message,
      fields,
    }
  }
  const match = STANDARD.exec(head)
  if (!match || !/(?:PulseSecure|Juniper|Ivanti|ics|ive)\b/i.test(line.slice(0, match.index + 80))) return undefined
  const [, written = '', host = '', srcIp = '', user = '', realm = '', role = '', text = ''] = match
  const code = CODE.exec(text)
  const message = (code ? text.slice(code[0].length) : text) + line.slice(2048)
  return {
    time: timeOf(written, zone),
    header: parseSyslogLine(line.slice(0, match.index))?.stamp,
    host,
    code: code?.[1] ?? '',
    user,
    realm,
    srcIp,
    message,
    fields: { code: code?.[1] ?? '', src: srcIp, user, realm, role, msg: message },
  }
}

function timeOf(text: string, zone: Zone): Micros | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)
  if (!match) return microsFromIso(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return zone.microsOf({ year, month, day, hour, minute, second })
}
