import { endpointsOf, type LogMapper } from './mapper.ts'

/** SMB actions of the model; what has no word there keeps Zeek's own in lower case ("close", "set_attribute"). */
function smbAction(action: string): string {
  return action.replace(/^SMB::(?:FILE|PIPE|PRINT)_/, '').toLowerCase()
}

/** smb_files.log */
export const smbFiles: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const action = columns.text('action')
  const share = columns.text('path')
  const name = columns.text('name')
  const size = columns.int('size')
  return row => ({
    kind: 'smb_activity',
    action: smbAction(action(row)),
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    share: share(row),
    path: name(row),
    operation: action(row),
    bytes: size(row),
    uid: ends.uid(row),
  })
}

/** smb_mapping.log: a tree connect. */
export const smbMapping: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const share = columns.text('path')
  const type = columns.text('share_type')
  return row => ({
    kind: 'smb_activity',
    action: 'share',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    share: share(row),
    operation: type(row),
    uid: ends.uid(row),
  })
}

/** dce_rpc.log: a remote procedure call; `operation` is "endpoint::operation" as bzar writes it. */
export const dceRpc: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const pipe = columns.text('named_pipe')
  const endpoint = columns.text('endpoint')
  const operation = columns.text('operation')
  return row => ({
    kind: 'smb_activity',
    action: 'pipe',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    path: pipe(row),
    operation: `${endpoint(row)}::${operation(row)}`,
    uid: ends.uid(row),
  })
}

const outcomeOf = (success: boolean | undefined): string => (success === undefined ? '' : success ? 'success' : 'failure')

/** kerberos.log; many records hold only the addresses (an SMB session's ticket), their outcome is unknown. */
export const kerberos: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const client = columns.text('client')
  const service = columns.text('service')
  const success = columns.flag('success')
  const error = columns.text('error_msg')
  return row => ({
    kind: 'authentication',
    action: 'ticket',
    outcome: outcomeOf(success(row)),
    user: kerberosUser(client(row)),
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    target: service(row) || ends.dstIp(row),
    protocol: 'kerberos',
    reason: error(row),
  })
}

/** "pbeesly/DMEVALS.LOCAL" is account and realm; "host/web01.example/REALM" is a service principal and stays. */
function kerberosUser(client: string): string {
  const [user = '', realm, ...more] = client.split('/')
  return realm !== undefined && more.length === 0 && user !== '' ? `${user}@${realm}` : client
}

/** ntlm.log */
export const ntlm: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const user = columns.text('username')
  const domain = columns.text('domainname')
  const hostName = columns.text('hostname')
  const dnsName = columns.text('server_dns_computer_name')
  const shortName = columns.text('server_nb_computer_name')
  const success = columns.flag('success')
  return row => ({
    kind: 'authentication',
    action: 'logon',
    outcome: outcomeOf(success(row)),
    user: user(row) === '' || domain(row) === '' ? user(row) : `${domain(row)}\\${user(row)}`,
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    srcHost: hostName(row),
    target: dnsName(row) || shortName(row) || ends.dstIp(row),
    protocol: 'ntlm',
  })
}

/** radius.log */
export const radius: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const user = columns.text('username')
  const result = columns.text('result')
  return row => ({
    kind: 'authentication',
    action: 'logon',
    outcome: result(row) === 'success' ? 'success' : result(row) === 'failed' ? 'failure' : '',
    user: user(row),
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    target: ends.dstIp(row),
    protocol: 'radius',
  })
}

/** rdp.log: a connection request; the cookie is the account name the client offers, cut by the client. */
export const rdp: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const cookie = columns.text('cookie')
  const clientName = columns.text('client_name')
  const result = columns.text('result')
  return row => ({
    kind: 'rdp_activity',
    action: 'connect',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    user: cookie(row),
    clientName: clientName(row),
    result: result(row),
    uid: ends.uid(row),
  })
}

/** ssh.log; `auth_success` is Zeek's guess from packet sizes and may be unset. */
export const ssh: LogMapper = columns => {
  const ends = endpointsOf(columns)
  const client = columns.text('client')
  const server = columns.text('server')
  const hassh = columns.text('hassh')
  const success = columns.flag('auth_success')
  const attempts = columns.int('auth_attempts')
  return row => ({
    kind: 'ssh_activity',
    srcIp: ends.srcIp(row),
    srcPort: ends.srcPort(row),
    dstIp: ends.dstIp(row),
    dstPort: ends.dstPort(row),
    client: client(row),
    server: server(row),
    hassh: hassh(row),
    authSuccess: success(row),
    authAttempts: attempts(row),
    uid: ends.uid(row),
  })
}
