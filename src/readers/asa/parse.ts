import { leadingStamp, parseSyslogLine, type Stamp } from '../carriers/syslog-envelope.ts'

/** One message of an ASA, FTD, PIX or FWSM: "Cisco Secure Firewall ASA Series Syslog Messages". */
export interface AsaLine {
  /** Six digits. */
  readonly code: string
  readonly level: number
  readonly message: string
  readonly host: string
  /** The time the device wrote; undefined without `logging timestamp`. */
  readonly device: Stamp | undefined
  /** The time a collector put in front. */
  readonly header: Stamp | undefined
  /** A zone name that is not unique ("MSK", "EST"), as logged. */
  readonly zoneName: string
}

const TAG = /%(?:ASA|FTD|PIX|FWSM)-(?:[a-z]\w{0,15}-)?([0-7])-(\d{6}): ?/
/** Header, collector, device time and name need no more. */
const LONGEST_PREFIX = 512

/** Reads a line with any of the headers in use before "%ASA-6-302013: …"; undefined when it has no such tag. */
export function parseAsaLine(line: string): AsaLine | undefined {
  const tag = TAG.exec(line.slice(0, LONGEST_PREFIX))
  if (!tag) return undefined
  const prefix = readPrefix(line.slice(0, tag.index))
  if (!prefix) return undefined
  return { code: tag[2] ?? '', level: Number(tag[1]), message: line.slice(tag.index + tag[0].length).trimEnd(), ...prefix }
}

type Prefix = Pick<AsaLine, 'host' | 'device' | 'header' | 'zoneName'>

/** A name of the DNS, and the colons behind it. */
const MAX_NAME_LENGTH = 260

/** Collector, device and a word some collectors add. */
const MOST_NAMES = 3

/** Times and names in any order the collectors make of them: [PRI] [time [host]] [time] [device id] [:]. */
function readPrefix(text: string): Prefix | undefined {
  const stamps: Stamp[] = []
  const names: string[] = []
  let zoneName = ''
  let isAfterStamp = false
  let rest = text.replace(/^<\d{1,3}>/, '')
  if (/^1 \d{4}-/.test(rest)) return fromRfc5424(text)
  for (let words = 0; words < 12; words++) {
    rest = rest.replace(/^[\s:]+/, '')
    if (rest === '') break
    const stamped = stamps.length < 2 ? leadingStamp(rest) : undefined
    if (stamped) {
      stamps.push(stamped.stamp)
      rest = stamped.rest
      isAfterStamp = true
      continue
    }
    const word = /^\S+/.exec(rest)?.[0] ?? ''
    if (word.length > MAX_NAME_LENGTH) return undefined
    rest = rest.slice(word.length)
    if (isAfterStamp && /^[A-Z]{3,5}:?$/.test(word) && (word.endsWith(':') || /^\s*(?::|\S+\s*:?\s*$)/.test(rest)))
      zoneName = word.replace(/:$/, '')
    else names.push(word.replace(/:+$/, ''))
    isAfterStamp = false
  }
  // Anything longer is another program's message that speaks of an ASA.
  if (rest.trim() !== '' || names.length > MOST_NAMES || names.some(name => !/^[\w.:/()-]{1,255}$/.test(name))) return undefined
  const [first, second] = stamps
  const host = names.filter(name => name !== '' && !/^\d+$/.test(name)).at(-1) ?? ''
  if (second) return { host, header: first, device: second, zoneName }
  // Only the device writes a year in this form; a time without year or in ISO form is what collectors put in front.
  const isDevice = first !== undefined && (zoneName !== '' || (first.year !== undefined && first.zoneMinutes === undefined))
  return { host, header: isDevice ? undefined : first, device: isDevice ? first : undefined, zoneName }
}

function fromRfc5424(text: string): Prefix | undefined {
  const envelope = parseSyslogLine(`${text.trimEnd()} -`)
  return envelope && { host: envelope.host, header: envelope.stamp, device: undefined, zoneName: '' }
}

/** One end of a connection: address, or name where the device replaces addresses by names. */
export interface End {
  readonly ip: string
  readonly name: string
  readonly port: number | undefined
  readonly interface: string
}

/** "outside:203.0.113.9/5022", "203.0.113.9/5022", "203.0.113.9", "outside/203.0.113.9(5022)". */
export function endOf(text: string): End {
  const listed = /^([^/]+)\/(.+?)\((\d{1,5})\)$/.exec(text)
  if (listed) return { ...addressed(listed[2] ?? ''), port: Number(listed[3]), interface: listed[1] ?? '' }
  const slash = text.lastIndexOf('/')
  const place = slash < 0 ? text : text.slice(0, slash)
  const port = slash < 0 ? '' : text.slice(slash + 1)
  // "fd00::1" alone has colons too.
  const isBareV6 = /^[0-9a-f:.]+$/i.test(place) && place.indexOf(':') !== place.lastIndexOf(':')
  const colon = isBareV6 ? -1 : place.indexOf(':')
  return {
    ...addressed(place.slice(colon + 1)),
    port: /^\d{1,5}$/.test(port) ? Number(port) : undefined,
    interface: colon < 0 ? '' : place.slice(0, colon),
  }
}

function addressed(text: string): Pick<End, 'ip' | 'name'> {
  const isAddress = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (/^[0-9a-f:.]+$/i.test(text) && text.includes(':'))
  return isAddress ? { ip: text.toLowerCase(), name: '' } : { ip: '', name: text.toLowerCase() }
}

/** "0:02:05", "0h:05m:10s", "1d 3h:05m:10s" in microseconds. */
export function durationOf(text: string): number | undefined {
  const match = /^(?:(\d+)d ?)?(\d+)h?:(\d+)m?:(\d+)s?$/.exec(text.trim())
  if (!match) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(part => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000
}
