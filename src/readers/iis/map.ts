import { canonicalAddress, type EventFields, type OriginalRecord } from '../../model/index.ts'
import { targetOf } from '../meanings/web.ts'
import { fieldOf, type W3cLine } from './parse.ts'

/** One request as IIS logged it. */
export function httpActivityOf(line: W3cLine): EventFields<'http_activity'> {
  const whole = fieldOf(line, 'cs-uri')
  const target = whole === '' ? { path: fieldOf(line, 'cs-uri-stem'), query: fieldOf(line, 'cs-uri-query') } : targetOf(whole)
  const taken = numberOf(line, 'time-taken')
  return {
    kind: 'http_activity',
    clientIp: canonicalAddress(fieldOf(line, 'c-ip')),
    method: fieldOf(line, 'cs-method'),
    path: target.path,
    query: target.query,
    status: numberOf(line, 'sc-status'),
    bytes: numberOf(line, 'sc-bytes'),
    requestBytes: numberOf(line, 'cs-bytes'),
    referrer: fieldOf(line, 'cs(Referer)'),
    // IIS writes a space as "+" in header values, and a plus sign as it is: the two cannot be told apart, and spaces are the rule.
    userAgent: fieldOf(line, 'cs(User-Agent)').replaceAll('+', ' '),
    user: fieldOf(line, 'cs-username'),
    virtualHost: fieldOf(line, 'cs-host'),
    serverIp: canonicalAddress(fieldOf(line, 's-ip')),
    serverPort: numberOf(line, 's-port'),
    // Milliseconds, docs.microsoft.com "time-taken".
    duration: taken === undefined ? undefined : taken * 1000,
    forwardedFor: fieldOf(line, line.layout.forwarded).replaceAll('+', ' '),
  }
}

function numberOf(line: W3cLine, field: string): number | undefined {
  const value = fieldOf(line, field)
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** Sigma's taxonomy writes header fields without brackets. */
const SIGMA_NAMES: ReadonlyMap<string, string> = new Map([
  ['cs-user-agent', 'cs(User-Agent)'],
  ['cs-referer', 'cs(Referer)'],
  ['cs-cookie', 'cs(Cookie)'],
])

/** The line under its own field names and those of Sigma. */
export function w3cOriginal(line: W3cLine, text: string): OriginalRecord {
  return {
    get: name => {
      const place = line.layout.places.get(SIGMA_NAMES.get(name) ?? name)
      return place === undefined ? undefined : line.values[place]
    },
    names: () => line.layout.fields,
    text: () => text,
  }
}
