import type { EventKind, EventOf, SecurityEvent } from '../../../model/index.ts'
import { type FieldSource, type FieldValue, type FieldView, tableView } from './field-view.ts'

// Logs of the web and the network under the names of Sigma's taxonomy, read from the typed columns, which all formats share.

/** Reads a field from the columns of one kind of event; the log's own field of that name where the columns say nothing. */
function from<Kind extends EventKind>(
  kind: Kind,
  read: (event: EventOf<Kind>) => string | number | readonly string[] | undefined,
) {
  return (...names: readonly string[]): FieldSource => ({
    names: [],
    column: event => {
      const value = event.kind === kind ? read(event as EventOf<Kind>) : undefined
      if (value === undefined) return firstOf(event, names)
      return typeof value === 'number' ? String(value) : value
    },
  })
}

function firstOf({ original }: SecurityEvent, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = original.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

/** Columns say '' where the record does not; a rule's field is then not there. */
const told = (text: string | undefined) => (text === '' ? undefined : text)

type Http = EventOf<'http_activity'>
const http = (read: (event: Http) => string | number | readonly string[] | undefined) => from('http_activity', read)

const targetOf = ({ path, query }: Http) => (query ? `${path ?? ''}?${query}` : path)

/** The whole address where the log names the server, and the target alone, which is what some logs keep. */
function wholeAddress(event: Http): FieldValue {
  const target = targetOf(event)
  if (
    target === undefined ||
    event.virtualHost === undefined ||
    event.virtualHost === '' ||
    /^[a-z][a-z0-9+.-]*:\/\//i.test(target)
  )
    return target
  return [target, `http://${event.virtualHost}${target}`, `https://${event.virtualHost}${target}`]
}

function extensionOf(event: Http): string | undefined {
  return event.path === undefined ? undefined : (/\.([A-Za-z0-9_-]{1,16})$/.exec(event.path)?.[1] ?? '')
}

const userAgent = http(e => e.userAgent)
const query = http(e => e.query)
const status = http(e => e.status)
const referrer = http(e => e.referrer)
const client = http(e => e.clientIp)
const host = http(e => (e.virtualHost === '' ? undefined : e.virtualHost))

/** Requests as web servers and proxies log them (taxonomy appendix, webserver and proxy). */
const WEB: Readonly<Record<string, FieldSource>> = {
  'c-ip': client('c-ip'),
  client_ip: client(),
  src_ip: client('src_ip'),
  'cs-method': http(e => e.method)('cs-method'),
  'cs-uri': http(targetOf)('cs-uri'),
  'cs-uri-stem': http(e => e.path)('cs-uri-stem'),
  'cs-uri-query': query('cs-uri-query'),
  'c-uri': http(wholeAddress)('c-uri'),
  'c-uri-stem': http(e => e.path)('c-uri-stem'),
  'c-uri-query': query('c-uri-query'),
  'c-uri-extension': http(extensionOf)('c-uri-extension'),
  'c-useragent': userAgent('c-useragent'),
  'cs-user-agent': userAgent('cs-user-agent'),
  'cs(User-Agent)': userAgent('cs(User-Agent)'),
  'cs-useragent': userAgent('cs-useragent'),
  'cs-referer': referrer('cs-referer'),
  'cs-referrer': referrer('cs-referrer'),
  'cs(Referer)': referrer('cs(Referer)'),
  'cs-username': http(e => e.user)('cs-username'),
  'cs-host': host('cs-host'),
  'r-dns': host('r-dns'),
  's-ip': http(e => e.serverIp)('s-ip'),
  dst_ip: http(e => e.serverIp)('dst_ip'),
  's-port': http(e => e.serverPort)('s-port'),
  dst_port: http(e => e.serverPort)('dst_port'),
  'sc-status': status('sc-status'),
  'sc-bytes': http(e => e.bytes)('sc-bytes'),
  'cs-bytes': http(e => e.requestBytes)('cs-bytes'),
  'cs-mime-type': http(e => e.mimeType)('cs-mime-type'),
  'cs-cookie': { names: ['cs-cookie', 'cs(Cookie)', 'cookie'] },
  'cs-content-type': { names: ['cs-content-type', 'content_type', 'content-type'] },
  'cs-version': { names: ['cs-version', 'version'] },
}

/** Requests of logs whose layout varies: what a line lacks is not known beforehand. */
export const webRequest = tableView('web request', WEB, undefined)

const COMBINED = new Set(
  Object.keys(WEB).filter(name => !/^(?:cs-cookie|cs-content-type|cs-mime-type|cs-bytes|s-ip|dst_ip)$/.test(name)),
)

/** Requests of access logs in the common and combined formats, which keep neither cookies nor bodies. */
export const combinedRequest: FieldView = {
  ...tableView('access log', WEB, COMBINED),
  has: field => COMBINED.has(field),
}

type Dns = EventOf<'dns_activity'>
const dns = (read: (event: Dns) => string | number | readonly string[] | undefined) => from('dns_activity', read)
const listed = (text: string | undefined): FieldValue => (text === undefined ? undefined : text.split(/\s*[,\n]\s*/))

/** Lookups as resolvers, sensors and firewalls log them (taxonomy appendix, dns). */
export const dnsLookup = tableView(
  'dns lookup',
  {
    query: dns(e => e.query)('query'),
    QueryName: dns(e => e.query)('QueryName'),
    answer: dns(e => listed(e.answers))('answer', 'answers'),
    answers: dns(e => listed(e.answers))('answers'),
    record_type: dns(e => e.queryType)('record_type', 'qtype_name', 'qtype'),
    response_code: dns(e => e.responseCode)('response_code', 'rcode_name'),
    src_ip: dns(e => e.srcIp)('src_ip'),
    dst_ip: dns(e => e.serverIp)('dst_ip'),
  },
  undefined,
)

type Flow = EventOf<'network_activity'>
const flow = (read: (event: Flow) => string | number | readonly string[] | undefined) => from('network_activity', read)

const isDenied = (event: Flow) => event.action === 'deny'

/** What firewalls call a connection they let through, or did not. */
function verdicts(event: Flow): readonly string[] {
  const own = event.original.get('action')
  const said = isDenied(event) ? ['deny', 'block', 'drop'] : ['accept', 'allow', 'forward']
  return own === undefined ? said : [own, ...said]
}

/** Traffic as firewalls log it (taxonomy appendix, firewall). */
const TRAFFIC: Readonly<Record<string, FieldSource>> = {
  src_ip: flow(e => e.srcIp)('src_ip'),
  src_port: flow(e => e.srcPort)('src_port'),
  dst_ip: flow(e => e.dstIp)('dst_ip'),
  dst_port: flow(e => e.dstPort)('dst_port'),
  protocol: flow(e => e.protocol)('protocol'),
  username: flow(e => e.user)('username'),
  action: flow(verdicts)('action'),
  blocked: flow(e => String(isDenied(e)))('blocked'),
}
export const firewallTraffic = tableView('firewall traffic', TRAFFIC, undefined)

/**
 * Packets a rule of the filter wrote down. That it was let through is not said: only the prefix somebody chose tells what was done, and
 * mostly nothing of it.
 */
export const packetFilter = tableView(
  'packet filter',
  {
    ...TRAFFIC,
    action: flow(e => (isDenied(e) ? verdicts(e) : undefined))('action'),
    blocked: flow(e => (isDenied(e) ? 'true' : undefined))('blocked'),
  },
  undefined,
)

/** Flows under the names of the Elastic Common Schema, which rules for netflow use. */
const NETFLOW: Readonly<Record<string, FieldSource>> = {
  'source.ip': flow(e => e.srcIp)('source.ip'),
  'source.port': flow(e => e.srcPort)('source.port'),
  'destination.ip': flow(e => e.dstIp)('destination.ip'),
  'destination.port': flow(e => e.dstPort)('destination.port'),
  'network.transport': flow(e => e.protocol)('network.transport'),
  'network.bytes': flow(e => e.bytesTotal)('network.bytes'),
}
export const netflow = tableView('netflow', NETFLOW, undefined)

const MICROS = 1_000_000
const version = (address: string | undefined): string | undefined =>
  address === undefined || address === '' ? undefined : address.includes(':') ? 'ipv6' : 'ipv4'

/** Connections of any sensor or device (taxonomy appendix, "network category", connection). */
export const connection = tableView(
  'network connection',
  {
    ...NETFLOW,
    'event.duration': flow(e => (e.duration === undefined ? undefined : e.duration / MICROS))('event.duration'),
    'network.type': flow(e => version(e.srcIp))('network.type'),
    'network.protocol': flow(e => told(e.service))('network.protocol'),
    'source.packets': flow(e => e.packetsOut)('source.packets'),
    'destination.packets': flow(e => e.packetsIn)('destination.packets'),
    'source.bytes': flow(e => e.bytesOut)('source.bytes'),
    'destination.bytes': flow(e => e.bytesIn)('destination.bytes'),
    'network.community_id': { names: ['network.community_id', 'community_id'] },
    'network.state': flow(e => told(e.state))('network.state'),
    'network.history': { names: ['network.history', 'history'] },
  },
  undefined,
)

/** Lookups of any sensor or resolver (taxonomy appendix, "network category", dns). */
export const networkLookup = tableView(
  'network dns',
  {
    'source.ip': dns(e => told(e.srcIp))('source.ip'),
    'source.port': { names: ['source.port', 'id.orig_p', 'src_port'] },
    'destination.ip': dns(e => told(e.serverIp))('destination.ip'),
    'destination.port': { names: ['destination.port', 'id.resp_p', 'dest_port'] },
    'network.community_id': { names: ['network.community_id', 'community_id'] },
    'dns.id': { names: ['dns.id', 'trans_id'] },
    'dns.question.name': dns(e => e.query)('dns.question.name'),
    'dns.question.type': dns(e => told(e.queryType))('dns.question.type'),
    'dns.question.class': { names: ['dns.question.class', 'qclass_name'] },
    'dns.answers.data': dns(e => listed(told(e.answers)))('dns.answers.data'),
    'dns.answers.ttl': { names: ['dns.answers.ttl', 'TTLs'], from: get => members(get('dns.answers.ttl') ?? get('TTLs')) },
    'dns.response.code': dns(e => told(e.responseCode))('dns.response.code'),
  },
  undefined,
)

type Detected = EventOf<'detection_finding'>
const found = (read: (event: Detected) => string | undefined) => from('detection_finding', e => told(read(e)))

/** Findings of a virus scanner of which only the columns are known (taxonomy appendix, antivirus). */
export const antivirusFinding = tableView(
  'antivirus',
  {
    Signature: found(e => e.signature ?? e.title)('Signature'),
    Filename: found(e => e.path)('Filename'),
    Action: found(e => e.verdict)('Action'),
    User: found(e => e.user)('User'),
  },
  undefined,
)

/** Vectors of Zeek's logs (docs.zeek.org, script reference of each log). */
const ZEEK_VECTORS: Readonly<Record<string, readonly string[]>> = {
  dns: ['answers', 'TTLs'],
  http: [
    'resp_mime_types',
    'orig_mime_types',
    'resp_filenames',
    'orig_filenames',
    'client_header_names',
    'server_header_names',
    'proxied',
    'tags',
  ],
  ssl: ['cert_chain_fuids', 'client_cert_chain_fuids', 'cert_chain_fps'],
  x509: ['san.dns', 'san.uri', 'san.email', 'san.ip'],
  smtp: ['rcptto', 'to', 'cc', 'path', 'fuids'],
  files: ['tx_hosts', 'rx_hosts', 'conn_uids', 'analyzers'],
  dhcp: ['uids', 'msg_types'],
  notice: ['actions'],
  kerberos: [],
}

/** A list as Zeek's two writers print one: "a,b" or ["a","b"]. */
function members(text: string | undefined): FieldValue {
  if (text === undefined || !text.startsWith('[')) return text?.split(',')
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(item => (typeof item === 'string' ? item : JSON.stringify(item))) : text
  } catch {
    // An address or a name may begin with a bracket.
    return text
  }
}

/** Names of the taxonomy that some rules for Zeek's http log use. */
const ZEEK_HTTP: Readonly<Record<string, FieldSource>> = {
  'c-uri': { names: ['c-uri', 'uri'] },
  'c-useragent': { names: ['c-useragent', 'user_agent'] },
  'cs-method': { names: ['cs-method', 'method'] },
  'cs-host': { names: ['cs-host', 'host'] },
}

const zeekViews = new Map<string, FieldView>()

/** A Zeek log under its own names; lists are several values. */
export function zeekView(log: string): FieldView {
  const name = Object.hasOwn(ZEEK_VECTORS, log) ? log : ''
  let view = zeekViews.get(name)
  if (!view) {
    const vectors = (ZEEK_VECTORS[name] ?? []).map((field): readonly [string, FieldSource] => [
      field,
      { names: [field], from: get => members(get(field)) },
    ])
    view = tableView(
      name === '' ? 'zeek' : `zeek ${name}`,
      { ...Object.fromEntries(vectors), ...(name === 'http' ? ZEEK_HTTP : {}) },
      undefined,
    )
    zeekViews.set(name, view)
  }
  return view
}
