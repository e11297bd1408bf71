/** Fields of one record by dotted path in lower case; values as text, lists of text joined as HTTP joins header lines. */
export type FlatRecord = ReadonlyMap<string, string>

/** Access log objects have some dozens of fields; headers of a hostile request may add many. */
const MAX_FIELDS = 400
const MAX_DEPTH = 6

/** One line as flat fields; undefined when it is not a JSON object. */
export function parseJsonLine(line: string): FlatRecord | undefined {
  if (!/^\s*\{/.test(line)) return undefined
  const value = parsed(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields = new Map<string, string>()
  flatten(value, '', 0, fields)
  return fields
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    // Nesting deeper than the stack is a RangeError.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined
    throw error
  }
}

function flatten(value: object, prefix: string, depth: number, fields: Map<string, string>): void {
  for (const [name, inner] of Object.entries(value)) {
    if (fields.size >= MAX_FIELDS) return
    const path = (prefix === '' ? name : `${prefix}.${name}`).toLowerCase()
    if (Array.isArray(inner)) fields.set(path, inner.slice(0, 20).map(textOf).join(', '))
    else if (typeof inner === 'object' && inner !== null) {
      if (depth < MAX_DEPTH) flatten(inner, path, depth + 1, fields)
    } else fields.set(path, textOf(inner))
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** First field of the list that is there and says something ("-" says nothing). */
export function firstOf(fields: FlatRecord, names: readonly string[]): string {
  for (const name of names) {
    const value = fields.get(name)
    if (value !== undefined && value !== '' && value !== '-') return value
  }
  return ''
}

/**
 * What servers call the parts of a request: nginx variables (nginx.org, ngx_http_core_module), Caddy and Traefik access logs,
 * Elastic Common Schema, Envoy defaults, Azure Application Gateway, Tomcat's JsonAccessLogValve, W3C names.
 */
export const NAMES = {
  time: [
    'startutc',
    'properties.timestamp',
    '@timestamp',
    'time_iso8601',
    'start_time',
    'timestamp',
    'time_local',
    'time',
    'datetime',
    'msec',
    'ts',
    'date',
  ],
  client: [
    'remote_addr',
    'remote_ip',
    'request.client_ip',
    'request.remote_ip',
    'request.remote_addr',
    'clienthost',
    'client.ip',
    'source.ip',
    'client.address',
    'source.address',
    'client_ip',
    'clientip',
    'clientaddr',
    'remoteaddr',
    'remoteip',
    'properties.clientip',
    'downstream_remote_address',
    'c-ip',
    'client',
    'ip',
  ],
  requestLine: ['request', 'request_line', 'requestline'],
  method: [
    'request_method',
    'request.method',
    'requestmethod',
    'http.request.method',
    'properties.httpmethod',
    'http_method',
    'httpmethod',
    'cs-method',
    'method',
    'verb',
  ],
  target: [
    'request_uri',
    'request.uri',
    'requestpath',
    'url.original',
    'properties.originalrequesturiwithargs',
    'cs-uri',
    'uri',
    'url',
    'path',
    'requesturi',
    'request_path',
  ],
  path: ['url.path', 'cs-uri-stem', 'properties.requesturi'],
  query: ['url.query', 'args', 'query_string', 'querystring', 'cs-uri-query', 'properties.requestquery', 'query'],
  status: [
    'status',
    'downstreamstatus',
    'http.response.status_code',
    'status_code',
    'statuscode',
    'response_code',
    'properties.httpstatus',
    'sc-status',
    'code',
    'originstatus',
  ],
  bytes: [
    'body_bytes_sent',
    'size',
    'downstreamcontentsize',
    'http.response.body.bytes',
    'http.response.bytes',
    'bytes_sent',
    'properties.sentbytes',
    'sc-bytes',
    'response_size',
    'bytes',
  ],
  requestBytes: [
    'request_length',
    'bytes_read',
    'requestcontentsize',
    'http.request.body.bytes',
    'http.request.bytes',
    'bytes_received',
    'properties.receivedbytes',
    'cs-bytes',
  ],
  referrer: [
    'http_referer',
    'http_referrer',
    'request.headers.referer',
    'request_referer',
    'http.request.referrer',
    'requestheaders.referer',
    'referer',
    'referrer',
    'cs(referer)',
  ],
  userAgent: [
    'http_user_agent',
    'request.headers.user-agent',
    'request_user-agent',
    'user_agent.original',
    'requestheaders.user-agent',
    'properties.useragent',
    'user_agent',
    'useragent',
    'http_agent',
    'agent',
    'cs(user-agent)',
  ],
  user: ['remote_user', 'user_id', 'clientusername', 'user.name', 'cs-username', 'username', 'user'],
  virtualHost: [
    'http_host',
    'request.host',
    'requesthost',
    'url.domain',
    'properties.host',
    'authority',
    'server_name',
    'vhost',
    'virtual_host',
    'cs-host',
    'host',
  ],
  serverIp: ['server_addr', 'server.ip', 'destination.ip', 's-ip'],
  serverPort: ['server_port', 'server.port', 'destination.port', 's-port'],
  forwardedFor: [
    'http_x_forwarded_for',
    'request.headers.x-forwarded-for',
    'request_x-forwarded-for',
    'x_forwarded_for',
    'x-forwarded-for',
    'xff',
    'forwarded_for',
  ],
  mimeType: ['sent_http_content_type', 'resp_headers.content-type', 'content_type', 'http.response.mime_type'],
  recorder: ['host.name', 'host.hostname', 'hostname', 'agent.hostname', 'beat.hostname'],
} as const

/** Records of Zeek, Suricata and Windows hold requests too, and have readers of their own. */
const OTHERS = ['id.orig_h', 'id_orig_h', 'flow_id', 'event_type', 'winlog.event_id', 'winlog.channel', 'eventid', 'event.code']

/** Is it one request: who, what, when, and with which answer? */
export function isRequest(fields: FlatRecord): boolean {
  return (
    !OTHERS.some(name => fields.has(name)) &&
    clientOf(fields) !== '' &&
    (firstOf(fields, NAMES.method) !== '' || / HTTP\/\d/.test(firstOf(fields, NAMES.requestLine))) &&
    /^\d{3}$/.test(firstOf(fields, NAMES.status)) &&
    firstOf(fields, NAMES.time) !== ''
  )
}

/** Tomcat's valve calls the client "host". */
export function clientOf(fields: FlatRecord): string {
  return fields.has('logicalusername') ? firstOf(fields, ['host', 'remoteaddr']) : firstOf(fields, NAMES.client)
}

/** How long the answer took, in microseconds; undefined where the server's unit is not known. */
export function durationOf(fields: FlatRecord): number | undefined {
  for (const { name, where, micros } of DURATIONS) {
    const value = fields.get(name)
    if (
      value !== undefined &&
      /^\d{1,15}(?:\.\d{1,12})?(?:e-?\d{1,2})?$/i.test(value) &&
      (where === undefined || fields.has(where))
    )
      return Math.round(Number(value) * micros)
  }
  return undefined
}

const DURATIONS: readonly { readonly name: string; readonly where?: string; readonly micros: number }[] = [
  { name: 'duration', where: 'downstreamstatus', micros: 0.001 },
  { name: 'duration', where: 'request.uri', micros: 1_000_000 },
  { name: 'duration', where: 'response_code', micros: 1000 },
  { name: 'event.duration', micros: 0.001 },
  { name: 'request_time', micros: 1_000_000 },
  { name: 'properties.timetaken', micros: 1_000_000 },
  { name: 'time-taken', micros: 1000 },
  { name: 'elapsedtimes', micros: 1_000_000 },
]
