import type { EventOf, OriginalRecord } from '../../model/index.ts'

/** The first line of a request in its parts. */
export interface RequestLine {
  /** '' when the text is no request line (a TLS hello sent to a plain port, for instance). */
  readonly method: string
  /** Target without query, as sent; garbage is kept here so that it can be searched. */
  readonly path: string
  readonly query: string
  readonly version: string
}

const NO_REQUEST: RequestLine = { method: '', path: '', query: '', version: '' }
/** Token of RFC 9110 section 9.1 in the form methods have in use: RPC_IN_DATA, VERSION-CONTROL, PROPFIND. */
const METHOD = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/

/** Cuts "POST /up/a.aspx?x=1 HTTP/1.1"; targets may hold spaces, because senders of attacks do not encode them. */
export function requestLineOf(request: string): RequestLine {
  if (request === '' || request === '-') return NO_REQUEST
  const space = request.indexOf(' ')
  const method = space < 0 ? '' : request.slice(0, space)
  if (!METHOD.test(method)) return { ...NO_REQUEST, path: request }
  const last = request.lastIndexOf(' ')
  const isVersioned = last > space && /^HTTP\/\d/i.test(request.slice(last + 1, last + 7))
  const target = request.slice(space + 1, isVersioned ? last : undefined)
  const { path, query } = targetOf(target)
  return { method, path, query, version: isVersioned ? request.slice(last + 1) : '' }
}

/** Path and query of a request target; the query begins at the first question mark (RFC 9112 section 3.2). */
export function targetOf(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** Columns of an http_activity that Sigma rules of category "webserver" know by W3C names (Sigma taxonomy, webserver and proxy). */
export type WebFields = Pick<
  EventOf<'http_activity'>,
  'clientIp' | 'method' | 'path' | 'query' | 'status' | 'bytes' | 'referrer' | 'userAgent' | 'user' | 'virtualHost' | 'serverIp'
>

const W3C_NAMES: Readonly<Record<string, (fields: WebFields) => string | number | undefined>> = {
  'c-ip': fields => fields.clientIp,
  'cs-method': fields => fields.method,
  'cs-uri': fields => (fields.query ? `${fields.path}?${fields.query}` : fields.path),
  'cs-uri-stem': fields => fields.path,
  'cs-uri-query': fields => fields.query,
  'cs-user-agent': fields => fields.userAgent,
  'cs(User-Agent)': fields => fields.userAgent,
  'cs-referer': fields => fields.referrer,
  'cs(Referer)': fields => fields.referrer,
  'cs-username': fields => fields.user,
  'cs-host': fields => fields.virtualHost,
  's-ip': fields => fields.serverIp,
  'sc-status': fields => fields.status,
  'sc-bytes': fields => fields.bytes,
}

const NONE: Readonly<Record<string, string>> = {}

/** Original of a web log line whose format has no field names of its own: the W3C names, worked out only when asked; `more` are fields beside the columns. */
export function webOriginal(line: string, fields: WebFields, more: Readonly<Record<string, string>> = NONE): OriginalRecord {
  return {
    get: name => {
      if (Object.hasOwn(more, name)) return more[name]
      const value = Object.hasOwn(W3C_NAMES, name) ? W3C_NAMES[name]?.(fields) : undefined
      return value === undefined ? undefined : String(value)
    },
    names: () => [...Object.keys(W3C_NAMES), ...Object.keys(more)],
    text: () => line,
  }
}
