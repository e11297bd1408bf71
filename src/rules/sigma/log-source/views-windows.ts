import type { SecurityEvent } from '../../../model/index.ts'
import { type FieldSource, type FieldValue, type FieldView, tableView } from './field-view.ts'
import { windowsSchema } from './schemas.ts'

// Records of other Windows logs under the names Sysmon gives the same things, which is what rules of Sysmon's categories ask for.

type Get = (name: string) => string | undefined

const same = (...names: readonly string[]): FieldSource => ({ names })
const made = (names: readonly string[], from: (get: Get) => FieldValue): FieldSource => ({ names, from })
const column = (read: (event: SecurityEvent) => FieldValue): FieldSource => ({ names: [], column: read })

/** "0x1f4" as Sysmon writes process ids. */
function decimal(text: string | undefined): string | undefined {
  return text !== undefined && /^0x[0-9a-f]{1,12}$/i.test(text) ? String(Number.parseInt(text, 16)) : text
}

const pid = (name: string) => made([name], get => decimal(get(name)))
const lower = (name: string) => made([name], get => get(name)?.toLowerCase())

function account(get: Get, side: 'Subject' | 'Target'): string | undefined {
  const name = get(`${side}UserName`)
  if (name === undefined || name === '' || name === '-') return undefined
  const domain = get(`${side}DomainName`) ?? ''
  return domain === '' || domain === '-' ? name : `${domain}\\${name}`
}

const SUBJECT_NAMES = ['SubjectUserName', 'SubjectDomainName']
const subject = made(SUBJECT_NAMES, get => account(get, 'Subject'))

/** "\Device\HarddiskVolume3\Windows\x.exe" does not say its letter: read as it is and as on C:, where Windows nearly always is. */
function drivePaths(path: string | undefined): FieldValue {
  if (path === undefined) return undefined
  const rest = /^\\device\\harddiskvolume\d+(\\.*)$/is.exec(path)?.[1]
  return rest === undefined ? path : [`C:${rest}`, path]
}

const onDrive = (name: string) => made([name], get => drivePaths(get(name)))

/** Mandatory labels (winnt.h, SECURITY_MANDATORY_*_RID) in Sysmon's words. */
const INTEGRITY: Readonly<Record<string, string>> = {
  'S-1-16-0': 'Untrusted',
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'Medium',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
  'S-1-16-20480': 'System',
}

const EVENT = [
  ...'EventID Channel Computer Provider_Name Provider_Guid EventRecordID TimeCreated Level Keywords Task Opcode UserID Message'.split(
    ' ',
  ),
]

/** A view whose fields are those of the table and the record's own; nothing else is there. */
function closedView(id: string, code: string, table: Readonly<Record<string, FieldSource>>): FieldView {
  return tableView(id, table, windowsSchema('security', code) ?? new Set(EVENT))
}

/** 4688 as process creation. Its ProcessId is the creator's, NewProcessId the new one's. */
export const securityProcessStart = closedView('security-4688 as process_creation', '4688', {
  Image: same('NewProcessName'),
  ProcessId: pid('NewProcessId'),
  ParentImage: same('ParentProcessName'),
  ParentProcessId: pid('ProcessId'),
  // The new process runs as Target where that is said, else as its creator.
  User: made([...SUBJECT_NAMES, 'TargetUserName', 'TargetDomainName'], get => account(get, 'Target') ?? account(get, 'Subject')),
  ParentUser: subject,
  LogonId: made(['SubjectLogonId', 'TargetLogonId', 'TargetUserName'], get =>
    (account(get, 'Target') === undefined ? get('SubjectLogonId') : get('TargetLogonId'))?.toLowerCase(),
  ),
  IntegrityLevel: made(['MandatoryLabel'], get => {
    const label = get('MandatoryLabel')
    const word = label === undefined ? undefined : INTEGRITY[label]
    // Rules ask for the word, or for the label's own identifier.
    return label === undefined || word === undefined ? label : [word, label]
  }),
})

/** 4689 as process termination. */
export const securityProcessEnd = closedView('security-4689 as process_termination', '4689', {
  Image: same('ProcessName'),
  ProcessId: pid('ProcessId'),
  User: subject,
  LogonId: lower('SubjectLogonId'),
})

/** 5156 as network connection: source is the side that opened it, as Sysmon has it. */
export const securityConnection = closedView('security-5156 as network_connection', '5156', {
  Image: onDrive('Application'),
  ProcessId: same('ProcessID'),
  Initiated: made(['Direction'], get => {
    const direction = get('Direction')
    return direction === '%%14593' ? 'true' : direction === '%%14592' ? 'false' : undefined
  }),
  Protocol: column(event => (event.kind === 'network_activity' ? event.protocol : undefined)),
  SourceIp: column(event => (event.kind === 'network_activity' ? event.srcIp : undefined)),
  SourcePort: column(event => (event.kind === 'network_activity' ? numberText(event.srcPort) : undefined)),
  DestinationIp: column(event => (event.kind === 'network_activity' ? event.dstIp : undefined)),
  DestinationPort: column(event => (event.kind === 'network_activity' ? numberText(event.dstPort) : undefined)),
  SourceIsIpv6: column(event => (event.kind === 'network_activity' ? String(event.srcIp?.includes(':') === true) : undefined)),
  DestinationIsIpv6: column(event =>
    event.kind === 'network_activity' ? String(event.dstIp?.includes(':') === true) : undefined,
  ),
})

const numberText = (value: number | undefined) => (value === undefined ? undefined : String(value))

/** Kernel names of the hives as Sysmon shortens them. */
function sysmonKey(key: string): string {
  return key
    .replace(/^\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet\d{3}(?=\\|$)/i, 'HKLM\\System\\CurrentControlSet')
    .replace(/^\\REGISTRY\\MACHINE(?=\\|$)/i, 'HKLM')
    .replace(/^\\REGISTRY\\USER(?=\\|$)/i, 'HKU')
}

const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0')

/** A value as Sysmon prints it: numbers as "DWORD (0x…)", text as it is (types are winnt.h's, shifted into messages 1872 and up). */
function sysmonDetails(type: string | undefined, value: string | undefined): string | undefined {
  if (value === undefined || !/^(?:\d{1,20}|0x[0-9a-f]{1,16})$/i.test(value)) return type === '%%1875' ? 'Binary Data' : value
  if (type === '%%1876') return `DWORD (0x${hex(BigInt(value) & 0xffffffffn, 8)})`
  if (type === '%%1883')
    return `QWORD (0x${hex((BigInt(value) >> 32n) & 0xffffffffn, 8)}-0x${hex(BigInt(value) & 0xffffffffn, 8)})`
  return type === '%%1875' ? 'Binary Data' : value
}

/** 4657 as registry event. */
export const securityRegistry = closedView('security-4657 as registry_event', '4657', {
  TargetObject: made(['ObjectName', 'ObjectValueName'], get => {
    const key = get('ObjectName')
    const name = get('ObjectValueName')
    return key === undefined ? undefined : `${sysmonKey(key)}${name === undefined || name === '' ? '' : `\\${name}`}`
  }),
  Details: made(['NewValueType', 'NewValue'], get => sysmonDetails(get('NewValueType'), get('NewValue'))),
  EventType: made(['OperationType'], get => (get('OperationType') === '%%1906' ? 'DeleteValue' : 'SetValue')),
  Image: same('ProcessName'),
  ProcessId: pid('ProcessId'),
  User: subject,
})

/** 4656 and 4663 on a process as process access. */
export const securityProcessAccess = closedView('security-4663 as process_access', '4663', {
  SourceImage: same('ProcessName'),
  SourceProcessId: pid('ProcessId'),
  SourceUser: subject,
  TargetImage: onDrive('ObjectName'),
  GrantedAccess: lower('AccessMask'),
})

/** 4663 on a file as file event or file access. */
export const securityFile = closedView('security-4663 as file_event', '4663', {
  TargetFilename: onDrive('ObjectName'),
  FileName: onDrive('ObjectName'),
  Image: same('ProcessName'),
  ProcessId: pid('ProcessId'),
  User: subject,
})

/** 5145 on a share's file as file event: the file under the share's own path on the server. */
export const securityShareFile = closedView('security-5145 as file_event', '5145', {
  TargetFilename: made(['ShareLocalPath', 'RelativeTargetName', 'ShareName'], get => {
    const name = get('RelativeTargetName')
    if (name === undefined || name === '' || name === '\\') return undefined
    const root = (get('ShareLocalPath') ?? '').replace(/^\\\?\?\\/, '') || (get('ShareName') ?? '').replace(/^\\\\\*/, '')
    return `${root.replace(/\\$/, '')}\\${name}`
  }),
  User: subject,
})

/** 5145 on IPC$ as pipe: somebody opened it from the network. */
export const securityPipe = closedView('security-5145 as pipe_created', '5145', {
  PipeName: made(['RelativeTargetName'], get => {
    const name = get('RelativeTargetName')
    return name === undefined || name === '' ? undefined : name.startsWith('\\') ? name : `\\${name}`
  }),
  EventType: { names: [], column: () => 'ConnectPipe' },
  User: subject,
})

/** Defender's findings as those of any antivirus. */
export const defenderFinding = tableView(
  'defender as antivirus',
  {
    Signature: same('ThreatName'),
    Filename: same('Path'),
    User: same('DetectionUser', 'User'),
    ProcessName: same('ProcessName'),
    Action: same('ActionName'),
  },
  undefined,
)

/** Lookups of the DNS client's own log, which names no program. */
export const dnsClientQuery = tableView(
  'dns-client as dns_query',
  { QueryName: same('QueryName'), QueryResults: same('QueryResults'), QueryStatus: same('QueryStatus', 'Status') },
  new Set([...EVENT, 'QueryType', 'QueryOptions', 'Status']),
)

/** RPC Firewall writes its own log; its rules ask for it by name. */
export const rpcFirewall = tableView('rpc-firewall', { EventLog: same('EventLog', 'Channel') }, undefined)
