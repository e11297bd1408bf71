import type { EventFields } from '../../model/index.ts'
import { protocolName, splitTarget } from '../meanings/flow.ts'
import { addressAt, type EveObject, endsOf, intAt, objectAt, objectsAt, textAt, timeAt, uidOf } from './json.ts'
import { dcerpc, krb5, rdp, smb, ssh } from './map-sessions.ts'

/** Turns one EVE record into typed fields: docs.suricata.io/en/latest/output/eve/eve-json-format.html. */
export type EveMapper = (record: EveObject) => EventFields

const flow: EveMapper = record => {
  const counts = objectAt(record, 'flow')
  const start = timeAt(counts, 'start')
  const end = timeAt(counts, 'end')
  return {
    kind: 'network_activity',
    action: 'flow',
    protocol: protocolName(textAt(record, 'proto')),
    ...endsOf(record),
    bytesOut: intAt(counts, 'bytes_toserver'),
    bytesIn: intAt(counts, 'bytes_toclient'),
    packetsOut: intAt(counts, 'pkts_toserver'),
    packetsIn: intAt(counts, 'pkts_toclient'),
    duration: start === undefined || end === undefined || end < start ? undefined : end - start,
    state: textAt(objectAt(record, 'tcp'), 'state') || textAt(counts, 'state'),
    service: appProtocol(record),
    uid: uidOf(record),
    sensor: textAt(record, 'host'),
    initiatorKnown: true,
    timePrecision: 1,
    bytesKind: 'frame',
  }
}

const appProtocol = (record: EveObject): string => {
  const name = textAt(record, 'app_proto')
  return name === 'failed' || name === 'unknown' ? '' : name
}

/** One direction of a flow; who opened it is not said. */
const netflow: EveMapper = record => {
  const counts = objectAt(record, 'netflow')
  const start = timeAt(counts, 'start')
  const end = timeAt(counts, 'end')
  return {
    kind: 'network_activity',
    action: 'flow',
    protocol: protocolName(textAt(record, 'proto')),
    ...endsOf(record),
    bytesOut: intAt(counts, 'bytes'),
    packetsOut: intAt(counts, 'pkts'),
    duration: start === undefined || end === undefined || end < start ? undefined : end - start,
    service: appProtocol(record),
    uid: uidOf(record),
    sensor: textAt(record, 'host'),
    timePrecision: 1,
    bytesKind: 'frame',
  }
}

const drop: EveMapper = record => ({
  kind: 'network_activity',
  action: 'deny',
  protocol: protocolName(textAt(record, 'proto')),
  ...endsOf(record),
  state: textAt(objectAt(record, 'drop'), 'reason'),
  uid: uidOf(record),
  sensor: textAt(record, 'host'),
})

const http: EveMapper = record => {
  const request = objectAt(record, 'http')
  return {
    kind: 'http_activity',
    clientIp: addressAt(record, 'src_ip'),
    method: textAt(request, 'http_method'),
    ...splitTarget(textAt(request, 'url')),
    status: intAt(request, 'status'),
    bytes: intAt(request, 'length'),
    referrer: textAt(request, 'http_refer'),
    userAgent: textAt(request, 'http_user_agent'),
    user: textAt(request, 'http_user'),
    virtualHost: textAt(request, 'hostname'),
    serverIp: addressAt(record, 'dest_ip'),
    serverPort: intAt(record, 'dest_port'),
    forwardedFor: textAt(request, 'xff'),
    uid: uidOf(record),
    mimeType: textAt(request, 'http_content_type'),
  }
}

const DNS_PORT = 53

/** Three layouts: version 1 one record a resource record, version 2 `answers`, version 3 `queries`. */
const dns: EveMapper = record => {
  const message = objectAt(record, 'dns')
  const [question = message] = objectsAt(message, 'queries')
  const answers = objectsAt(message, 'answers').map(answer => textAt(answer, 'rdata'))
  // Answers are logged with the server as source; the columns keep the asking side first.
  const fromServer = intAt(record, 'src_port') === DNS_PORT && intAt(record, 'dest_port') !== DNS_PORT
  return {
    kind: 'dns_activity',
    srcIp: addressAt(record, fromServer ? 'dest_ip' : 'src_ip'),
    serverIp: addressAt(record, fromServer ? 'src_ip' : 'dest_ip'),
    query: textAt(question, 'rrname'),
    queryType: textAt(question, 'rrtype'),
    responseCode: textAt(message, 'rcode'),
    answers: (answers.length > 0 ? answers : [textAt(message, 'rdata')]).filter(text => text !== '').join(','),
    uid: uidOf(record),
  }
}

const tls: EveMapper = record => {
  const session = objectAt(record, 'tls')
  const subject = textAt(session, 'subject')
  return {
    kind: 'tls_activity',
    ...endsOf(record),
    serverName: textAt(session, 'sni'),
    version: textAt(session, 'version'),
    ja3: textAt(objectAt(session, 'ja3'), 'hash') || textAt(session, 'ja3_hash'),
    ja3s: textAt(objectAt(session, 'ja3s'), 'hash'),
    subject,
    issuer: textAt(session, 'issuerdn'),
    fingerprint: textAt(session, 'fingerprint').replaceAll(':', ''),
    validation: '',
    uid: uidOf(record),
  }
}

const alert: EveMapper = record => {
  const said = objectAt(record, 'alert')
  return {
    kind: 'detection_finding',
    title: textAt(said, 'signature'),
    signature: `${textAt(said, 'gid') || '1'}:${textAt(said, 'signature_id')}`,
    severity: intAt(said, 'severity'),
    category: textAt(said, 'category'),
    ...endsOf(record),
    verdict: textAt(said, 'action'),
    uid: uidOf(record),
  }
}

const fileinfo: EveMapper = record => {
  const file = objectAt(record, 'fileinfo')
  const digests = ['md5', 'sha1', 'sha256'] as const
  // The record's source is the side that sent the packet with the file: an upload when it is not the server of the transaction.
  const upload = /^(?:PUT|POST)$/i.test(textAt(objectAt(record, 'http'), 'http_method'))
  return {
    kind: 'file_activity',
    action: upload ? 'write' : 'read',
    path: textAt(file, 'filename'),
    size: intAt(file, 'size'),
    hashes: digests.flatMap(name => (textAt(file, name) === '' ? [] : [`${name.toUpperCase()}=${textAt(file, name)}`])).join(','),
    srcIp: addressAt(record, 'src_ip'),
    dstIp: addressAt(record, 'dest_ip'),
    mimeType: textAt(file, 'mimetype') || textAt(file, 'magic'),
    uid: uidOf(record),
  }
}

const dhcp: EveMapper = record => {
  const lease = objectAt(record, 'dhcp')
  const assigned = addressAt(lease, 'assigned_ip')
  return {
    kind: 'dhcp_activity',
    mac: textAt(lease, 'client_mac').toLowerCase(),
    assignedIp: assigned === '0.0.0.0' ? '' : assigned,
    clientName: textAt(lease, 'hostname'),
    serverIp: addressAt(lease, 'dhcp_server_ip') || addressAt(record, 'src_ip'),
    leaseSeconds: intAt(lease, 'lease_time'),
  }
}

/** A message longer than this is of no use to a reader of a table; the whole record is in `original`. */
const MESSAGE_LENGTH = 2_000

const other: EveMapper = record => {
  const type = textAt(record, 'event_type')
  const detail = objectAt(record, type)
  return {
    kind: 'other_activity',
    message: type === 'stats' ? 'stats' : `${type} ${JSON.stringify(detail)}`.slice(0, MESSAGE_LENGTH),
    srcIp: addressAt(record, 'src_ip'),
    dstIp: addressAt(record, 'dest_ip'),
    uid: uidOf(record),
  }
}

const MAPPERS: Readonly<Record<string, EveMapper>> = {
  flow,
  netflow,
  drop,
  http,
  dns,
  tls,
  alert,
  fileinfo,
  dhcp,
  ssh,
  smb,
  dcerpc,
  rdp,
  krb5,
}

/** Typed fields of a record; types without a kind of their own (stats, anomaly, smtp …) give `other_activity`. */
export function fieldsOf(type: string, record: EveObject): EventFields {
  const mapper = Object.hasOwn(MAPPERS, type) ? MAPPERS[type] : undefined
  return (mapper ?? other)(record)
}
