import { type Micros, micros, microsFromIso } from '../../model/index.ts'
import type { Zone } from '../carriers/clock.ts'
import { keyValues } from '../carriers/key-value.ts'
import { parseSyslogLine, type SyslogEnvelope } from '../carriers/syslog-envelope.ts'

/** One FortiOS log line: docs.fortinet.com, "FortiOS Log Message Reference". */
export interface FortigateLine {
  readonly fields: Readonly<Record<string, string>>
  /** The header a collector put in front; undefined when there is none. */
  readonly header: SyslogEnvelope | undefined
}

/** Names a FortiOS line begins with, in the versions met (5.x to 7.x). */
const FIRST_FIELD = /(?:^|[\s>:"])(?=(?:logver|date|timestamp|itime|devname|devid|device_id|eventtime|logid|log_id)=)/

/** Fields of a FortiOS line, with or without syslog header; undefined when it is none. */
export function parseFortigateLine(line: string): FortigateLine | undefined {
  const first = FIRST_FIELD.exec(line.slice(0, 1024))
  if (!first) return undefined
  const start = first.index + first[0].length
  const fields = keyValues(line, start)
  const isFortigate =
    (fields['logid'] ?? fields['log_id']) !== undefined &&
    fields['type'] !== undefined &&
    (fields['subtype'] !== undefined || fields['devid'] !== undefined)
  if (!isFortigate) return undefined
  return { fields, header: start > 4 ? parseSyslogLine(line.slice(0, start)) : undefined }
}

/** Times of a line: `event` from eventtime, `device` from date, time and tz. */
export interface FortigateTimes {
  readonly event: Micros | undefined
  readonly device: Micros | undefined
}

/** Both times the device wrote; `zone` is used where the line names none. */
export function fortigateTimes({ fields }: FortigateLine, zone: Zone): FortigateTimes {
  return { event: eventTime(fields['eventtime'] ?? ''), device: deviceTime(fields, zone) }
}

/** Seconds in FortiOS 6.0, nanoseconds since 6.2; milliseconds and microseconds come from collectors. */
function eventTime(text: string): Micros | undefined {
  if (!/^\d{10,19}$/.test(text)) return undefined
  const digits = text.padEnd(19, '0')
  const scale = [10, 13, 16, 19].includes(text.length)
  return scale ? micros(Number(digits.slice(0, 16))) : undefined
}

function deviceTime(fields: Readonly<Record<string, string>>, zone: Zone): Micros | undefined {
  const { date = '', time = '', tz = '' } = fields
  const offset = /^(?:UTC)?([+-])(\d{1,2}):?(\d\d)?$/.exec(tz)
  if (offset) {
    const minutes = (Number(offset[2]) * 60 + Number(offset[3] ?? 0)) * (offset[1] === '-' ? -1 : 1)
    return microsFromIso(`${date} ${time}`, minutes)
  }
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(`${date} ${time}`)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return zone.microsOf({ year, month, day, hour, minute, second })
}
