import { fieldOf, type JsonRow } from './json.ts'

/**
 * Fields that only one log has, for JSON without `_path`: docs.zeek.org/en/master/script-reference/log-files.html. The first that
 * fits wins, so that logs whose fields include another's stand before it.
 */
const SIGNATURES: readonly (readonly [log: string, fields: readonly string[]])[] = [
  ['conn', ['conn_state', 'proto']],
  ['conn', ['id.orig_h', 'id.resp_h', 'history', 'orig_pkts']],
  ['http', ['trans_depth', 'id.orig_h', 'method']],
  ['http', ['trans_depth', 'id.orig_h', 'status_code']],
  ['smtp', ['trans_depth', 'id.orig_h', 'helo']],
  ['smtp', ['trans_depth', 'id.orig_h', 'last_reply']],
  ['http', ['trans_depth', 'id.orig_h', 'version']],
  ['dns', ['trans_id', 'id.orig_h', 'rejected']],
  ['dns', ['qtype_name', 'query']],
  ['notice', ['note', 'actions']],
  ['notice', ['note', 'msg']],
  ['quic', ['client_initial_dcid']],
  ['ssl', ['cipher', 'established']],
  ['ssl', ['established', 'resumed']],
  ['x509', ['certificate.subject']],
  ['x509', ['certificate.serial']],
  ['files', ['fuid', 'analyzers', 'seen_bytes']],
  ['files', ['fuid', 'overflow_bytes']],
  ['smb_files', ['action', 'id.orig_h', 'times.modified']],
  ['smb_mapping', ['share_type', 'id.orig_h']],
  ['dce_rpc', ['endpoint', 'operation']],
  ['ntlm', ['id.orig_h', 'server_nb_computer_name']],
  ['ntlm', ['id.orig_h', 'domainname', 'hostname']],
  ['kerberos', ['request_type', 'id.orig_h']],
  ['kerberos', ['till', 'service', 'id.orig_h']],
  ['rdp', ['security_protocol', 'id.orig_h']],
  ['rdp', ['cookie', 'id.orig_h', 'result']],
  ['ssh', ['auth_attempts', 'id.orig_h']],
  ['ssh', ['kex_alg', 'host_key']],
  ['dhcp', ['msg_types', 'mac']],
  ['dhcp', ['assigned_addr', 'mac']],
  ['socks', ['request_p', 'id.orig_h']],
  ['socks', ['bound_p', 'id.orig_h']],
  ['tunnel', ['tunnel_type', 'action']],
  ['ntp', ['stratum', 'ref_time']],
  ['snmp', ['community', 'id.orig_h']],
  ['dnp3', ['fc_request', 'id.orig_h']],
  ['modbus', ['func', 'unit', 'id.orig_h']],
  ['modbus', ['func', 'id.orig_h']],
  ['syslog', ['facility', 'severity', 'message']],
  ['ldap_search', ['base_object', 'id.orig_h']],
  ['ldap', ['message_id', 'opcode', 'id.orig_h']],
  ['ftp', ['command', 'reply_code', 'id.orig_h']],
  ['dpd', ['failure_reason', 'analyzer']],
  ['weird', ['name', 'notice', 'peer']],
  ['pe', ['compile_ts', 'machine']],
  ['known_services', ['port_num', 'port_proto', 'host']],
  ['known_certs', ['issuer_subject', 'serial']],
  ['software', ['software_type', 'host']],
  ['arp', ['operation', 'src_mac', 'dst_mac']],
  ['intel', ['seen.indicator']],
  ['rfb', ['client_major_version', 'id.orig_h']],
  ['capture_loss', ['percent_lost', 'ts_delta']],
  ['stats', ['pkts_proc', 'mem']],
]

/** Log names that rotation, sensors and labelling put pieces around: "NASHUA_conn.log.gz", "conn.15:00:00-16:00:00.log", "conn.log.labeled". */
export function logOfPath(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), path.lastIndexOf('!')) + 1).toLowerCase()
  const [stem = ''] = name.split(/[.\s]/)
  if (KNOWN.has(stem)) return stem
  const known = [...KNOWN].filter(
    log => stem.endsWith(`_${log}`) || stem.endsWith(`-${log}`) || stem.startsWith(`${log}_`) || stem.startsWith(`${log}-`),
  )
  return (
    known.toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1))[0] ?? (/^[a-z0-9_]{1,40}$/.test(stem) ? stem : 'unknown')
  )
}

const KNOWN: ReadonlySet<string> = new Set(SIGNATURES.map(([log]) => log))

/** The log a JSON record belongs to, by its own word (`_path`, `@stream`) or by its fields; '' when neither says. */
export function logOfRow(row: JsonRow): string {
  const own = row['_path'] ?? row['@stream']
  if (typeof own === 'string' && own !== '') return own.toLowerCase()
  for (const [log, fields] of SIGNATURES) if (fields.every(name => fieldOf(row, name) !== undefined)) return log
  return ''
}

/** Is the object a Zeek record: a Zeek time and either its own log name, a connection or a known set of fields? */
export function isZeekRow(row: JsonRow): boolean {
  const time = row['ts']
  if (typeof time !== 'number' && typeof time !== 'string') return false
  if (typeof row['_path'] === 'string' || typeof row['@stream'] === 'string') return true
  const connection = typeof row['uid'] === 'string' && fieldOf(row, 'id.orig_h') !== undefined
  return connection || logOfRow(row) !== ''
}
