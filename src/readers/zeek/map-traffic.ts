import { protocolName, splitTarget } from '../meanings/flow.ts'
import { endpointsOf, type LogMapper, sensorOf } from './mapper.ts'

/** conn.log */
export const conn: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const protocol = columns.text('proto')
  const bytesOut = columns.int('orig_bytes')
  const bytesIn = columns.int('resp_bytes')
  const packetsOut = columns.int('orig_pkts')
  const packetsIn = columns.int('resp_pkts')
  const duration = columns.interval('duration')
  const state = columns.text('conn_state')
  const history = columns.text('history')
  const service = columns.text('service')
  const sensor = sensorOf(columns)
  return row => {
    const connState = state(row)
    return {
      kind: 'network_activity',
      action: 'flow',
      protocol: protocolName(protocol(row)),
      srcIp: ends.srcIp(row),
      srcPort: ends.srcPort(row),
      dstIp: ends.dstIp(row),
      dstPort: ends.dstPort(row),
      bytesOut: bytesOut(row),
      bytesIn: bytesIn(row),
      packetsOut: packetsOut(row),
      packetsIn: packetsIn(row),
      duration: duration(row),
      state: connState,
      service: service(row),
      uid: ends.uid(row),
      sensor: sensor(row),
      // OTH: seen from the middle, so the first packet's sender need not have opened it; '^' says Zeek turned the direction by a guess.
      initiatorKnown: connState !== 'OTH' && !history(row).startsWith('^'),
      timePrecision: 1,
      bytesKind: 'payload',
    }
  }
}

/** http.log */
export const http: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const method = columns.text('method')
  const target = columns.text('uri')
  const host = columns.text('host')
  const referrer = columns.text('referrer')
  const userAgent = columns.text('user_agent')
  const user = columns.text('username')
  const requestBytes = columns.int('request_body_len')
  const bytes = columns.int('response_body_len')
  const status = columns.int('status_code')
  const proxied = columns.list('proxied')
  const answerTypes = columns.list('resp_mime_types')
  const requestTypes = columns.list('orig_mime_types')
  return row => ({
    kind: 'http_activity',
    clientIp: ends.srcIp(row),
    method: method(row),
    ...splitTarget(target(row)),
    status: status(row),
    bytes: bytes(row),
    requestBytes: requestBytes(row),
    referrer: referrer(row),
    userAgent: userAgent(row),
    user: user(row),
    virtualHost: host(row),
    serverIp: ends.dstIp(row),
    serverPort: ends.dstPort(row),
    forwardedFor: forwardedFor(proxied(row)),
    uid: ends.uid(row),
    // The body that carries the content: what was sent where something was sent, else the answer.
    mimeType: requestTypes(row)[0] ?? answerTypes(row)[0] ?? '',
  })
}

/** "X-FORWARDED-FOR -> 10.0.0.111" as Zeek logs proxy headers. */
function forwardedFor(headers: readonly string[]): string {
  const header = headers.find(text => /^(?:x-)?forwarded(?:-for)? -> /i.test(text))
  return header ? header.slice(header.indexOf('->') + 2).trim() : ''
}

/** dns.log */
export const dns: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const query = columns.text('query')
  const queryType = columns.text('qtype_name')
  const responseCode = columns.text('rcode_name')
  const answers = columns.list('answers')
  return row => ({
    kind: 'dns_activity',
    srcIp: ends.srcIp(row),
    serverIp: ends.dstIp(row),
    query: query(row),
    queryType: queryType(row),
    responseCode: responseCode(row),
    answers: answers(row).join(','),
    uid: ends.uid(row),
  })
}

/** ssl.log */
export const ssl: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const chain = columns.list('cert_chain_fps')
  const sha1 = columns.text('resp_certificate_sha1')
  const serverName = columns.text('server_name')
  const version = columns.text('version')
  const ja3 = columns.text('ja3')
  const ja3s = columns.text('ja3s')
  const subject = columns.text('subject')
  const issuer = columns.text('issuer')
  const validation = columns.text('validation_status')
  const established = columns.flag('established')
  return row => ({
    kind: 'tls_activity',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    serverName: serverName(row),
    version: version(row),
    ja3: ja3(row),
    ja3s: ja3s(row),
    subject: subject(row),
    issuer: issuer(row),
    fingerprint: chain(row)[0] || sha1(row),
    validation: validation(row),
    established: established(row),
    uid: ends.uid(row),
  })
}

/** quic.log: the handshake's server name, which ssl.log has too when both are on. */
export const quic: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const serverName = columns.text('server_name')
  const version = columns.text('version')
  return row => ({
    kind: 'tls_activity',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    serverName: serverName(row),
    version: `QUIC ${version(row)}`.trim(),
    uid: ends.uid(row),
  })
}

/** x509.log: a certificate without its connection; ssl.log names it by `fingerprint` (Zeek 5 and later) or carries subject and issuer itself. */
export const x509: LogMapper = columns => {
  const fingerprint = columns.text('fingerprint')
  const fileId = columns.text('id')
  const subject = columns.text('certificate.subject')
  const issuer = columns.text('certificate.issuer')
  return row => ({
    kind: 'tls_activity',
    fingerprint: fingerprint(row) || fileId(row),
    subject: subject(row),
    issuer: issuer(row),
  })
}

/** files.log: content seen on the wire; `write` went to the server, `read` came from it. */
export const files: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const senders = columns.list('tx_hosts')
  const receivers = columns.list('rx_hosts')
  const connections = columns.list('conn_uids')
  const fromClient = columns.flag('is_orig')
  const name = columns.text('filename')
  const seen = columns.int('seen_bytes')
  const total = columns.int('total_bytes')
  const mimeType = columns.text('mime_type')
  const digests = (['md5', 'sha1', 'sha256'] as const).map(digest => [digest.toUpperCase(), columns.text(digest)] as const)
  return row => {
    const client = ends.srcIp(row)
    const server = ends.dstIp(row)
    const upload = fromClient(row) === true
    return {
      kind: 'file_activity',
      action: upload ? 'write' : 'read',
      path: name(row),
      size: total(row) ?? seen(row),
      hashes: digests.flatMap(([digest, text]) => (text(row) === '' ? [] : [`${digest}=${text(row)}`])).join(','),
      srcIp: senders(row)[0] ?? (upload ? client : server),
      dstIp: receivers(row)[0] ?? (upload ? server : client),
      mimeType: mimeType(row),
      uid: ends.uid(row) || (connections(row)[0] ?? ''),
    }
  }
}

/** dhcp.log */
export const dhcp: LogMapper = columns => {
  const mac = columns.text('mac')
  const assigned = columns.address('assigned_addr')
  const requested = columns.address('requested_addr')
  const client = columns.address('client_addr')
  const server = columns.address('server_addr')
  const hostName = columns.text('host_name')
  const fullName = columns.text('client_fqdn')
  const lease = columns.interval('lease_time')
  return row => {
    const micros = lease(row)
    return {
      kind: 'dhcp_activity',
      mac: mac(row).toLowerCase(),
      assignedIp: assigned(row) || client(row) || requested(row),
      clientName: fullName(row) || hostName(row),
      serverIp: server(row),
      leaseSeconds: micros === undefined ? undefined : Math.round(micros / 1e6),
    }
  }
}

/** tunnel.log: an encapsulation Zeek saw (GRE, Teredo, VXLAN …). */
export const tunnel: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const type = columns.text('tunnel_type')
  const action = columns.text('action')
  return row => ({
    kind: 'tunnel_activity',
    action: /close|expire/i.test(action(row)) ? 'down' : 'seen',
    protocol: type(row)
      .replace(/^Tunnel::/, '')
      .toLowerCase(),
    srcIp: ends.srcIp(row),
    dstIp: ends.dstIp(row),
    uid: ends.uid(row),
  })
}

/** socks.log: the proxy itself says where it carried the connection on to. */
export const socks: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const version = columns.text('version')
  const user = columns.text('user')
  const status = columns.text('status')
  const host = columns.text('request.host')
  const name = columns.text('request.name')
  const port = columns.int('request_p')
  return row => ({
    kind: 'tunnel_activity',
    action: /^(?:succeeded|granted)?$/i.test(status(row)) ? 'seen' : 'failure',
    protocol: `socks${version(row)}`,
    user: user(row),
    srcIp: ends.srcIp(row),
    dstIp: ends.dstIp(row),
    target: host(row) || name(row),
    targetPort: port(row),
    reason: `${status(row) || 'no status'}: to ${host(row) || name(row) || 'unknown'}:${port(row) ?? ''}`,
    uid: ends.uid(row),
  })
}
