import type { EventFields } from '../../model/index.ts'
import { addressAt, type EveObject, endsOf, intAt, objectAt, objectsAt, textAt, uidOf } from './json.ts'

/** ssh */
export function ssh(record: EveObject): EventFields {
  const session = objectAt(record, 'ssh')
  const client = objectAt(session, 'client')
  const server = objectAt(session, 'server')
  return {
    kind: 'ssh_activity',
    ...endsOf(record),
    client: textAt(client, 'software_version'),
    server: textAt(server, 'software_version'),
    hassh: textAt(objectAt(client, 'hassh'), 'hash'),
    uid: uidOf(record),
  }
}

/** MS-SMB2 commands as Suricata names them, in the model's words. */
const SMB_ACTIONS: Readonly<Record<string, string>> = {
  SMB2_COMMAND_SESSION_SETUP: 'session',
  SMB1_COMMAND_SESSION_SETUP_ANDX: 'session',
  SMB2_COMMAND_TREE_CONNECT: 'share',
  SMB1_COMMAND_TREE_CONNECT_ANDX: 'share',
  SMB2_COMMAND_CREATE: 'open',
  SMB1_COMMAND_NT_CREATE_ANDX: 'open',
  SMB2_COMMAND_READ: 'read',
  SMB2_COMMAND_WRITE: 'write',
  SMB1_COMMAND_WRITE_ANDX: 'write',
}

/** smb */
export function smb(record: EveObject): EventFields {
  const call = objectAt(record, 'smb')
  const command = textAt(call, 'command')
  const rpc = objectAt(call, 'dcerpc')
  if (textAt(rpc, 'request') !== '')
    return { ...dcerpc({ ...record, dcerpc: rpc }), path: textAt(call, 'named_pipe') } as EventFields
  return {
    kind: 'smb_activity',
    action: SMB_ACTIONS[command] ?? command.replace(/^SMB[12]_COMMAND_/, '').toLowerCase(),
    ...endsOf(record),
    share: textAt(call, 'share') || textAt(call, 'tree'),
    path: textAt(call, 'filename') || textAt(call, 'named_pipe'),
    operation: command,
    user: textAt(objectAt(call, 'ntlmssp'), 'user'),
    bytes: intAt(call, 'size'),
    uid: uidOf(record),
  }
}

/** Interfaces whose calls run something elsewhere or list accounts: learn.microsoft.com/openspecs, MS-SCMR, MS-TSCH, MS-WMI, MS-SAMR, MS-LSAT. */
const INTERFACES: Readonly<Record<string, string>> = {
  '367abb81-9844-35f1-ad32-98f038001003': 'svcctl',
  '1ff70682-0a51-30e8-076d-740be8cee98b': 'atsvc',
  '378e52b0-c0a9-11cf-822d-00aa0051e40f': 'sasec',
  '86d35949-83c9-4044-b424-db363231fd0c': 'ITaskSchedulerService',
  '9556dc99-828c-11cf-a37e-00aa003240c7': 'IWbemServices',
  'f309ad18-d86a-11d0-a075-00c04fb68820': 'IWbemLevel1Login',
  '12345778-1234-abcd-ef00-0123456789ac': 'samr',
  '12345778-1234-abcd-ef00-0123456789ab': 'lsarpc',
  '4b324fc8-1670-01d3-1278-5a47bf6ee188': 'srvsvc',
  'e3514235-4b06-11d1-ab04-00c04fc2dcd2': 'drsuapi',
  'e1af8308-5d1f-11c9-91a4-08002b14a0fa': 'epmapper',
}

/** Numbers of the calls that matter to a defender, by interface. */
const CALLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  svcctl: {
    '12': 'CreateServiceW',
    '19': 'StartServiceW',
    '24': 'CreateServiceA',
    '31': 'StartServiceA',
    '11': 'ChangeServiceConfigW',
  },
  atsvc: { '0': 'JobAdd' },
  ITaskSchedulerService: { '1': 'SchRpcRegisterTask', '12': 'SchRpcRun' },
  IWbemServices: { '20': 'ExecQuery', '24': 'ExecMethod', '25': 'ExecMethodAsync' },
  drsuapi: { '3': 'DRSGetNCChanges', '12': 'DRSCrackNames' },
}

/** dcerpc: interface and call by number, named where we know them so that they read as in Zeek's dce_rpc.log. */
export function dcerpc(record: EveObject): EventFields {
  const call = objectAt(record, 'dcerpc')
  const [bound] = objectsAt(call, 'interfaces')
  const uuid = (textAt(call, 'interface') || textAt(bound ?? {}, 'uuid')).toLowerCase()
  const endpoint = INTERFACES[uuid] ?? uuid
  const number = textAt(objectAt(call, 'req'), 'opnum') || textAt(call, 'opnum')
  return {
    kind: 'smb_activity',
    action: 'pipe',
    ...endsOf(record),
    operation: `${endpoint}::${CALLS[endpoint]?.[number] ?? (number === '' ? textAt(call, 'request') : `opnum ${number}`)}`,
    uid: uidOf(record),
  }
}

/** rdp; a handshake is several records, the account is in the one with the cookie. */
export function rdp(record: EveObject): EventFields {
  const session = objectAt(record, 'rdp')
  return {
    kind: 'rdp_activity',
    action: 'connect',
    ...endsOf(record),
    user: textAt(session, 'cookie').replace(/^mstshash=/i, ''),
    clientName: textAt(objectAt(session, 'client'), 'client_name'),
    result: textAt(session, 'event_type'),
    uid: uidOf(record),
  }
}

/** krb5 */
export function krb5(record: EveObject): EventFields {
  const message = objectAt(record, 'krb5')
  const type = textAt(message, 'msg_type')
  const realm = textAt(message, 'realm')
  const name = textAt(message, 'cname')
  const empty = (text: string): string => (text === '<empty>' ? '' : text)
  return {
    kind: 'authentication',
    action: 'ticket',
    outcome: type === 'KRB_ERROR' ? 'failure' : /_REP$/.test(type) ? 'success' : '',
    user: empty(name) === '' || empty(realm) === '' ? empty(name) : `${name}@${realm}`,
    srcIp: addressAt(record, 'src_ip'),
    srcPort: intAt(record, 'src_port'),
    target: empty(textAt(message, 'sname')) || addressAt(record, 'dest_ip'),
    protocol: 'kerberos',
    reason: textAt(message, 'error_code'),
  }
}
