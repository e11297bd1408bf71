import type { Columns } from './columns.ts'
import { dceRpc, kerberos, ntlm, radius, rdp, smbFiles, smbMapping, ssh } from './map-sessions.ts'
import { conn, dhcp, dns, files, http, quic, socks, ssl, tunnel, x509 } from './map-traffic.ts'
import { endpointsOf, type LogMapper, type RowMapper } from './mapper.ts'

/** notice.log: a judgement of Zeek's scripts. */
const notice: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const source = columns.address('src')
  const target = columns.address('dst')
  const port = columns.int('p')
  const note = columns.text('note')
  const message = columns.text('msg')
  const detail = columns.text('sub')
  return row => ({
    kind: 'detection_finding',
    title: detail(row) === '' ? message(row) : `${message(row)} (${detail(row)})`,
    signature: note(row),
    category: 'zeek notice',
    srcIp: source(row) || ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: target(row) || ends.dstIp(row),
    dstPort: ends.dstPort(row) ?? port(row),
    uid: ends.uid(row),
  })
}

/** signatures.log and intel.log: something the operator told Zeek to look for. */
const signatures: LogMapper = columns => {
  const source = columns.address('src_addr')
  const sourcePort = columns.int('src_port')
  const target = columns.address('dst_addr')
  const targetPort = columns.int('dst_port')
  const signature = columns.text('sig_id')
  const message = columns.text('event_msg')
  const uid = columns.text('uid')
  return row => ({
    kind: 'detection_finding',
    title: message(row),
    signature: signature(row),
    category: 'zeek signature',
    srcIp: source(row),
    srcPort: sourcePort(row),
    dstIp: target(row),
    dstPort: targetPort(row),
    uid: uid(row),
  })
}

const intel: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const indicator = columns.text('seen.indicator')
  const where = columns.text('seen.where')
  const sources = columns.list('sources')
  return row => ({
    kind: 'detection_finding',
    title: `indicator ${indicator(row)} seen in ${where(row)}`,
    signature: indicator(row),
    category: `zeek intel: ${sources(row).join(', ')}`,
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    uid: ends.uid(row),
  })
}

/** Fields a message need not repeat: they have a column of their own. */
const IN_COLUMNS = new Set(['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p'])
/** A message longer than this is of no use to a reader of a table; the whole record is in `original`. */
const MESSAGE_LENGTH = 2_000

/** Any log without a kind of its own: its fields by name, so that a search finds them. */
const other: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const host = columns.address('host')
  const user = columns.text('user')
  return row => ({
    kind: 'other_activity',
    message: messageOf(columns, row),
    user: user(row),
    srcIp: ends.srcIp(row) || host(row),
    dstIp: ends.dstIp(row),
    uid: ends.uid(row),
  })
}

function messageOf<Row>(columns: Columns<Row>, row: Row): string {
  return columns
    .all(row)
    .filter(([name]) => !IN_COLUMNS.has(name))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(' ')
    .slice(0, MESSAGE_LENGTH)
}

const MAPPERS: Readonly<Record<string, LogMapper>> = {
  conn,
  // conn_long.log and open_conn.log hold interim records of connections that are still open; the layout is conn's.
  conn_long: conn,
  open_conn: conn,
  http,
  dns,
  ssl,
  quic,
  x509,
  files,
  dhcp,
  tunnel,
  socks,
  smb_files: smbFiles,
  smb_mapping: smbMapping,
  dce_rpc: dceRpc,
  kerberos,
  ntlm,
  radius,
  rdp,
  ssh,
  notice,
  notice_alarm: notice,
  signatures,
  intel,
}

/** How rows of a log become typed fields; a log without a kind of its own gives `other_activity`. */
export function mapperOf<Row>(log: string, columns: Columns<Row>): RowMapper<Row> {
  const mapper = Object.hasOwn(MAPPERS, log) ? MAPPERS[log] : undefined
  return (mapper ?? other)(columns)
}
