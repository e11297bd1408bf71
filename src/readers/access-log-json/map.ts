import { canonicalAddress, type EventFields, type Micros, micros, microsFromIso, type OriginalRecord } from '../../model/index.ts'
import { requestLineOf, targetOf, webOriginal } from '../meanings/web.ts'
import { clientOf, durationOf, type FlatRecord, firstOf, NAMES } from './parse.ts'

/** One request as its server logged it. */
export function httpActivityOf(fields: FlatRecord): EventFields<'http_activity'> {
  const { method, path, query } = requestOf(fields)
  return {
    kind: 'http_activity',
    clientIp: withoutPort(clientOf(fields)),
    method,
    path,
    query,
    status: numberOf(fields, NAMES.status),
    bytes: numberOf(fields, NAMES.bytes),
    requestBytes: numberOf(fields, NAMES.requestBytes),
    referrer: firstOf(fields, NAMES.referrer),
    userAgent: firstOf(fields, NAMES.userAgent),
    user: firstOf(fields, NAMES.user),
    virtualHost: fields.has('logicalusername') ? '' : firstOf(fields, NAMES.virtualHost),
    serverIp: withoutPort(firstOf(fields, NAMES.serverIp)),
    serverPort: numberOf(fields, NAMES.serverPort),
    duration: durationOf(fields),
    forwardedFor: firstOf(fields, NAMES.forwardedFor),
    mimeType: firstOf(fields, NAMES.mimeType),
  }
}

function requestOf(fields: FlatRecord): { readonly method: string; readonly path: string; readonly query: string } {
  const line = firstOf(fields, NAMES.requestLine)
  // Some formats call the target alone "request".
  if (/ HTTP\/\d/.test(line)) return requestLineOf(line)
  const method = firstOf(fields, NAMES.method)
  const whole = firstOf(fields, NAMES.target) || firstOf(fields, NAMES.path) || line
  const target = targetOf(whole)
  const query = target.query || firstOf(fields, NAMES.query).replace(/^\?/, '')
  return { method, path: firstOf(fields, NAMES.path) || target.path, query }
}

/** "203.0.113.9:5022", "[2001:db8::9]:443". */
function withoutPort(text: string): string {
  const match = /^\[([0-9a-f:.]+)\](?::\d{1,5})?$/i.exec(text) ?? /^([^:]+):\d{1,5}$/.exec(text)
  return canonicalAddress(match?.[1] ?? text)
}

function numberOf(fields: FlatRecord, names: readonly string[]): number | undefined {
  const value = firstOf(fields, names)
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** Time of a record in any form servers write: ISO 8601, bracketed, seconds to nanoseconds since 1970. */
export function timeOf(fields: FlatRecord, clf: (text: string) => Micros | undefined): Micros | undefined {
  const text = firstOf(fields, NAMES.time)
  const epoch = /^(\d{10})(?:\.(\d{1,9})|(\d{3}|\d{6}|\d{9}))?$/.exec(text)
  if (epoch) return micros(Number(epoch[1]) * 1_000_000 + Number((epoch[2] ?? epoch[3] ?? '').padEnd(6, '0').slice(0, 6)))
  // Caddy's "wall" format writes slashes.
  return microsFromIso(text.replace(/^(\d{4})\/(\d\d)\/(\d\d) /, '$1-$2-$3 ')) ?? clf(text.replace(/^\[|\]$/g, ''))
}

/** The record under its own paths, then under the W3C names of Sigma. */
export function jsonOriginal(fields: FlatRecord, line: string, web: EventFields<'http_activity'> | undefined): OriginalRecord {
  const named = web && webOriginal(line, web)
  return { get: name => fields.get(name.toLowerCase()) ?? named?.get(name), names: () => [...fields.keys()], text: () => line }
}
