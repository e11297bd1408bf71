import { canonicalAddress, type Micros } from '../../model/index.ts'
import { type CivilText, civilMicros } from '../carriers/civil-time.ts'
import type { Zone } from '../carriers/clock.ts'

/** One line of a web server's or PHP's error log. */
export interface ErrorLine {
  readonly time: Micros | undefined
  readonly level: string
  readonly pid: number | undefined
  readonly client: string
  readonly message: string
}

/** httpd.apache.org/docs/2.4/mod/core.html#errorlogformat, and the shorter form of 2.2. */
const APACHE =
  /^\[\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? (\d{4})\] (?:\[([\w-]{0,40}:)?(\w{1,12})\] )?(?:\[pid (\d{1,10})(?::tid \d{1,20})?\] )?(.*)$/s
/** nginx.org/en/docs/ngx_core_module.html#error_log */
const NGINX = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[(\w{1,10})\] (\d{1,10})#\d{1,10}: (.*)$/s
/** php.net/manual/errorfunc.configuration.php#ini.error-log, and the log of php-fpm (fpm_log). */
const PHP =
  /^\[(\d\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: ([\w/+:-]{1,40}))?\] (?:(ALERT|ERROR|WARNING|NOTICE|DEBUG): )?(.*)$/s

const clientOf = (text: string) => canonicalAddress(text.replace(/^\[?([0-9a-fA-F.:]+?)\]?(?::\d{1,5})?$/, '$1'))

export function parseApacheError(line: string, zone: Zone): ErrorLine | undefined {
  const match = APACHE.exec(line)
  if (!match) return undefined
  const [, month = '', day = '', hour = '', minute = '', second = '', fraction, year = '', , level = '', pid, rest = ''] = match
  const client = /^(?:\[\S{1,80}:\d{1,5}\] |AH\d{5}: |\(\d{1,5}\)[^:]{1,80}: )*?\[(?:client|remote) (\S{2,60})\] /.exec(rest)
  return {
    time: civilMicros({ year, month, day, hour, minute, second, fraction }, zone),
    level,
    pid: pid === undefined ? undefined : Number(pid),
    client: client ? clientOf(client[1] ?? '') : '',
    message: client ? rest.slice(client[0].length) : rest,
  }
}

export function parseNginxError(line: string, zone: Zone): ErrorLine | undefined {
  const match = NGINX.exec(line)
  if (!match) return undefined
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', level = '', pid, message = ''] = match
  const client = /, client: ([0-9a-fA-F.:]{2,45})(?:,|$)/.exec(message)?.[1] ?? ''
  return {
    time: civilMicros({ year, month, day, hour, minute, second }, zone),
    level,
    pid: Number(pid),
    client: canonicalAddress(client),
    message,
  }
}

export function parsePhpError(line: string, zone: Zone, zoneNamed: (name: string) => Zone): ErrorLine | undefined {
  const match = PHP.exec(line)
  if (!match) return undefined
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '', fraction, named, level = '', message = ''] =
    match
  const civil: CivilText = { year, month, day, hour, minute, second, fraction }
  return {
    time: civilMicros(civil, named === undefined ? zone : zoneNamed(named)),
    level: level || (/^PHP ([\w ]{3,24}):/.exec(message)?.[1] ?? ''),
    pid: undefined,
    client: '',
    message,
  }
}
