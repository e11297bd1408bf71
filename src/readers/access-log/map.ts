import { canonicalAddress, type EventFields } from '../../model/index.ts'
import { requestLineOf } from '../meanings/web.ts'
import type { AccessLine } from './parse.ts'

/** One request as the server logged it. */
export function httpActivityOf(line: AccessLine): EventFields<'http_activity'> {
  const { method, path, query } = requestLineOf(line.request)
  return {
    kind: 'http_activity',
    clientIp: line.client.includes(':') ? canonicalAddress(line.client) : line.client.toLowerCase(),
    method,
    path,
    query,
    status: line.status,
    bytes: line.bytes,
    referrer: line.referrer,
    userAgent: line.userAgent,
    user: line.user,
    virtualHost: line.virtualHost,
    serverPort: line.serverPort,
    duration: line.duration,
    forwardedFor: line.forwardedFor,
  }
}
