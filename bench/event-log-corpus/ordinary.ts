// What machines of an office and its servers log on an ordinary day. The names and order of fields are those of real records (Sysmon
// 15, Windows 10 and Server 2019); the values are made up, most of them with marks so that no two records are alike.
import type { EvtxRecord, EvtxValue } from '../../test/evtx-writer/index.ts'
import { digits, hex, letters, type Numbers, upperHex } from './numbers.ts'

/** All of a record but its number and time. */
export type RecordBody = Omit<EvtxRecord, 'recordId' | 'time' | 'computer'>
/** Makes one record; `host` is the recording machine's short name. */
export type RecordMaker = (numbers: Numbers, host: string) => RecordBody

type Data = readonly (readonly [string, EvtxValue])[]

interface Program {
  readonly image: string
  readonly name: string
  readonly description: string
  readonly product: string
  readonly company: string
  readonly line: (numbers: Numbers) => string
}

const MICROSOFT = 'Microsoft Corporation'
const WINDOWS = 'Microsoft® Windows® Operating System'
const system = (file: string, description: string, line: (numbers: Numbers) => string): Program => ({
  image: `C:\\Windows\\System32\\${file}`,
  name: file,
  description,
  product: WINDOWS,
  company: MICROSOFT,
  line,
})
const installed = (folder: string, file: string, company: string, line: (numbers: Numbers) => string): Program => ({
  image: `C:\\Program Files\\${folder}\\${file}`,
  name: file,
  description: folder.split('\\').at(-1) ?? folder,
  product: folder.split('\\')[0] ?? folder,
  company,
  line,
})

const PROGRAMS: readonly [Program, ...Program[]] = [
  system(
    'svchost.exe',
    'Host Process for Windows Services',
    () => `C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s ${letters(8)}`,
  ),
  system(
    'backgroundTaskHost.exe',
    'Background Task Host',
    () => `"C:\\Windows\\system32\\backgroundTaskHost.exe" -ServerName:App.AppX${letters(24)}.mca`,
  ),
  system(
    'dllhost.exe',
    'COM Surrogate',
    () =>
      `C:\\Windows\\system32\\DllHost.exe /Processid:{${upperHex(8)}-${upperHex(4)}-${upperHex(4)}-${upperHex(4)}-${upperHex(12)}}`,
  ),
  system(
    'SearchProtocolHost.exe',
    'Microsoft Windows Search Protocol Host',
    () =>
      `"C:\\Windows\\system32\\SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe${digits(3)}_ Global\\UsGthrCtrlFltPipeMssGthrPipe${digits(3)} 1 -2147483646`,
  ),
  system('RuntimeBroker.exe', 'Runtime Broker', () => 'C:\\Windows\\System32\\RuntimeBroker.exe -Embedding'),
  system('taskhostw.exe', 'Host Process for Windows Tasks', () => `taskhostw.exe ${letters(12)}`),
  system('wbem\\WmiPrvSE.exe', 'WMI Provider Host', () => 'C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding'),
  system('gpupdate.exe', 'Microsoft® Group Policy Update Utility', () => 'gpupdate.exe /target:computer'),
  system(
    'cmd.exe',
    'Windows Command Processor',
    numbers =>
      `C:\\Windows\\system32\\cmd.exe /c "D:\\jobs\\${letters(6 + numbers.below(10))}\\run-${digits(4)}.cmd" ${hex(8)} --queue ${letters(7)}`,
  ),
  installed(
    'Google\\Chrome\\Application',
    'chrome.exe',
    'Google LLC',
    numbers =>
      `"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --type=renderer --lang=en-US --device-scale-factor=1 --num-raster-threads=${1 + numbers.below(4)} --renderer-client-id=${digits(3)} --time-ticks-at-unix-epoch=-${digits(16)} --launch-time-ticks=${digits(10)} --field-trial-handle=${digits(4)},i,${digits(19)},${digits(18)},262144 /prefetch:1`,
  ),
  installed(
    'Contoso Backup\\Agent',
    'bkagent.exe',
    'Contoso',
    numbers =>
      `"C:\\Program Files\\Contoso Backup\\Agent\\bkagent.exe" --job ${digits(8)} --volume ${numbers.pick(['C', 'D', 'E'])} --catalogue \\\\bk01\\cat$\\${letters(10)}.cat --chunk ${hex(16)}`,
  ),
  installed(
    'Northwind ERP\\bin',
    'nwclient.exe',
    'Northwind Traders',
    numbers =>
      `"C:\\Program Files\\Northwind ERP\\bin\\nwclient.exe" /module=${letters(5 + numbers.below(6))} /session=${hex(32)} /user=${letters(7)}`,
  ),
  installed(
    'Fabrikam Monitor',
    'fabmon.exe',
    'Fabrikam, Inc.',
    () => `fabmon.exe collect --sensor ${letters(9)}/${digits(5)} --out "C:\\ProgramData\\Fabrikam\\spool\\${hex(12)}.json"`,
  ),
  installed(
    'Java\\jdk-17\\bin',
    'java.exe',
    'Eclipse Adoptium',
    numbers =>
      `"C:\\Program Files\\Java\\jdk-17\\bin\\java.exe" -Xmx${1 + numbers.below(8)}g -Dapp.home=D:\\apps\\${letters(8)} -Dapp.instance=${letters(4)}${digits(3)} -jar D:\\apps\\${letters(8)}\\lib\\server-${digits(1)}.${digits(2)}.jar --port ${digits(5)}`,
  ),
]
/** From here on programs somebody installed, which have no rules of their own. */
const FIRST_INSTALLED = PROGRAMS.findIndex(({ company }) => company !== MICROSOFT)
const SERVICES = system('services.exe', 'Services and Controller app', () => 'C:\\Windows\\system32\\services.exe')
const SERVICE_HOST = system(
  'svchost.exe',
  'Host Process for Windows Services',
  () => `C:\\Windows\\system32\\svchost.exe -k DcomLaunch -p -s ${letters(8)}`,
)
const PARENTS: readonly [Program, ...Program[]] = [
  installed(
    'Contoso Backup\\Agent',
    'bkservice.exe',
    'Contoso',
    () => `"C:\\Program Files\\Contoso Backup\\Agent\\bkservice.exe" --instance ${digits(4)}`,
  ),
  installed(
    'Fabrikam Scheduler',
    'fabsched.exe',
    'Fabrikam, Inc.',
    () => `fabsched.exe --queue ${letters(8)} --worker ${digits(2)}`,
  ),
  installed(
    'Northwind ERP\\bin',
    'nwhost.exe',
    'Northwind Traders',
    () => `nwhost.exe --tenant ${letters(6)} --port ${digits(4)}`,
  ),
]

/** What starts programs of Windows is Windows. */
function parentOf(program: Program, numbers: Numbers): Program {
  if (program.name === 'svchost.exe') return SERVICES
  return program.company === MICROSOFT && !program.name.startsWith('cmd') ? SERVICE_HOST : numbers.pick(PARENTS)
}

const guid = () => ({ guid: '5770385f-c22a-43e0-bf4c-06f5698ffbd9' })
const clock = () => `2024-05-14 09:17:4${digits(1)}.${digits(3)}`
const hashes = () => `MD5=${upperHex(32)},SHA256=${upperHex(64)},IMPHASH=${upperHex(32)}`
const process = (numbers: Numbers) => ({ uint32: 400 + numbers.below(4_000) * 4 })
const person = (numbers: Numbers) => numbers.pick(['amara', 'bjorn', 'chiara', 'dmitri', 'elif', 'farid', 'grace', 'hiro'])
const account = (numbers: Numbers) => (numbers.chance(0.4) ? 'NT AUTHORITY\\SYSTEM' : `EXAMPLE\\${person(numbers)}`)
const sid = (numbers: Numbers) => ({
  sid: numbers.chance(0.4) ? 'S-1-5-18' : `S-1-5-21-1004336348-1177238915-682003330-${1100 + numbers.below(400)}`,
})

const sysmon = (eventId: number, version: number, data: Data): RecordBody => ({
  provider: 'Microsoft-Windows-Sysmon',
  guid: '5770385f-c22a-43e0-bf4c-06f5698ffbd9',
  channel: 'Microsoft-Windows-Sysmon/Operational',
  eventId,
  version,
  task: eventId,
  processId: 3220,
  threadId: 4120,
  userSid: 'S-1-5-18',
  data,
})
const security = (eventId: number, task: number, data: Data): RecordBody => ({
  provider: 'Microsoft-Windows-Security-Auditing',
  guid: '54849625-5478-4994-a5ba-3e3b0328c30d',
  channel: 'Security',
  eventId,
  task,
  level: 0,
  keywords: 0x8020000000000000n,
  data,
})

/** Sysmon 1 from what was started and by what. */
export function processCreation(
  numbers: Numbers,
  program: Pick<Program, 'image' | 'name' | 'description' | 'product' | 'company'>,
  commandLine: string,
  parent: string,
  parentLine: string,
): RecordBody {
  return sysmon(1, 5, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', program.image],
    ['FileVersion', `10.0.${digits(5)}.${digits(3)}`],
    ['Description', program.description],
    ['Product', program.product],
    ['Company', program.company],
    ['OriginalFileName', program.name.split('\\').at(-1) ?? ''],
    ['CommandLine', commandLine],
    ['CurrentDirectory', numbers.chance(0.6) ? 'C:\\Windows\\system32\\' : `D:\\jobs\\${letters(8)}\\`],
    ['User', account(numbers)],
    ['LogonGuid', guid()],
    ['LogonId', { hex: 0x3e7 + numbers.below(100_000) }],
    ['TerminalSessionId', { uint32: numbers.below(3) }],
    ['IntegrityLevel', numbers.pick(['System', 'Medium', 'High'])],
    ['Hashes', hashes()],
    ['ParentProcessGuid', guid()],
    ['ParentProcessId', process(numbers)],
    ['ParentImage', parent],
    ['ParentCommandLine', parentLine],
    ['ParentUser', account(numbers)],
  ])
}

export const sysmonProcess: RecordMaker = numbers => {
  const program = numbers.pick(PROGRAMS)
  const parent = parentOf(program, numbers)
  return processCreation(numbers, program, program.line(numbers), parent.image, parent.line(numbers))
}

const sysmonNetwork: RecordMaker = (numbers, host) =>
  sysmon(3, 5, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['User', account(numbers)],
    ['Protocol', numbers.pick(['tcp', 'udp'])],
    ['Initiated', { boolean: true }],
    ['SourceIsIpv6', { boolean: false }],
    ['SourceIp', `10.20.${numbers.below(4)}.${numbers.below(250)}`],
    ['SourceHostname', `${host}.example`],
    ['SourcePort', { uint16: 49_152 + numbers.below(16_000) }],
    ['SourcePortName', '-'],
    ['DestinationIsIpv6', { boolean: false }],
    ['DestinationIp', `203.0.113.${numbers.below(250)}`],
    ['DestinationHostname', `srv${digits(3)}.example`],
    ['DestinationPort', { uint16: numbers.pick([443, 443, 8443, 5432]) }],
    ['DestinationPortName', '-'],
  ])

const sysmonEnd: RecordMaker = numbers =>
  sysmon(5, 3, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS).image],
    ['User', account(numbers)],
  ])

const sysmonImage: RecordMaker = numbers =>
  sysmon(7, 3, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['ImageLoaded', `C:\\Program Files\\Contoso Backup\\Agent\\${letters(4 + numbers.below(8))}${digits(2)}.dll`],
    ['FileVersion', `${digits(1)}.${digits(2)}.${digits(4)}`],
    ['Description', `Contoso ${letters(10)} library`],
    ['Product', 'Contoso Backup'],
    ['Company', 'Contoso'],
    ['OriginalFileName', `${letters(8)}.dll`],
    ['Hashes', hashes()],
    ['Signed', 'true'],
    ['Signature', 'Contoso'],
    ['SignatureStatus', 'Valid'],
    ['User', account(numbers)],
  ])

const sysmonFile: RecordMaker = numbers =>
  sysmon(11, 2, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    [
      'TargetFilename',
      `D:\\data\\${letters(6)}\\${letters(5 + numbers.below(14))}-${hex(8)}.${numbers.pick(['docm_', 'json', 'cat', 'tmpx', 'pdf'])}`,
    ],
    ['CreationUtcTime', clock()],
    ['User', account(numbers)],
  ])

const sysmonRegistry: RecordMaker = numbers =>
  sysmon(13, 2, [
    ['RuleName', '-'],
    ['EventType', 'SetValue'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['TargetObject', `HKLM\\SOFTWARE\\Northwind\\${letters(9)}\\${letters(6 + numbers.below(12))}\\${upperHex(8)}`],
    ['Details', numbers.chance(0.5) ? `DWORD (0x0000${hex(4)})` : `${letters(12)} ${digits(6)}`],
    ['User', account(numbers)],
  ])

const sysmonKey: RecordMaker = numbers =>
  sysmon(12, 2, [
    ['RuleName', '-'],
    ['EventType', 'CreateKey'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['TargetObject', `HKU\\S-1-5-21-${digits(10)}-${digits(9)}-${digits(9)}-1${digits(3)}\\Software\\Northwind\\${letters(14)}`],
    ['User', account(numbers)],
  ])

const sysmonDns: RecordMaker = numbers =>
  sysmon(22, 5, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['ProcessGuid', guid()],
    ['ProcessId', process(numbers)],
    ['QueryName', `${letters(7)}.${letters(9)}.example`],
    ['QueryStatus', '0'],
    ['QueryResults', `::ffff:203.0.113.${numbers.below(250)};`],
    ['Image', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['User', account(numbers)],
  ])

const sysmonAccess: RecordMaker = numbers =>
  sysmon(10, 3, [
    ['RuleName', '-'],
    ['UtcTime', clock()],
    ['SourceProcessGUID', guid()],
    ['SourceProcessId', process(numbers)],
    ['SourceThreadId', process(numbers)],
    ['SourceImage', 'C:\\Program Files\\Fabrikam Monitor\\fabmon.exe'],
    ['TargetProcessGUID', guid()],
    ['TargetProcessId', process(numbers)],
    ['TargetImage', numbers.pick(PROGRAMS.slice(FIRST_INSTALLED) as [Program, ...Program[]]).image],
    ['GrantedAccess', { hex: 0x1000 }],
    [
      'CallTrace',
      `C:\\Windows\\SYSTEM32\\ntdll.dll+9${hex(4)}|C:\\Windows\\System32\\KERNELBASE.dll+2${hex(4)}|C:\\Program Files\\Fabrikam Monitor\\fabcore.dll+${hex(5)}`,
    ],
    ['SourceUser', account(numbers)],
    ['TargetUser', account(numbers)],
  ])

const subject = (numbers: Numbers): Data => [
  ['SubjectUserSid', sid(numbers)],
  ['SubjectUserName', person(numbers)],
  ['SubjectDomainName', 'EXAMPLE'],
  ['SubjectLogonId', { hex: 0x10000 + numbers.below(1 << 24) }],
]

/** Security 4624 in its third version. */
const logon: RecordMaker = (numbers, host) =>
  security(4624, 12544, [
    ['SubjectUserSid', { sid: 'S-1-0-0' }],
    ['SubjectUserName', '-'],
    ['SubjectDomainName', '-'],
    ['SubjectLogonId', { hex: 0 }],
    ['TargetUserSid', sid(numbers)],
    ['TargetUserName', `${person(numbers)}${digits(2)}`],
    ['TargetDomainName', 'EXAMPLE'],
    ['TargetLogonId', { hex: 0x10000 + numbers.below(1 << 24) }],
    ['LogonType', { uint32: 3 }],
    ['LogonProcessName', 'Kerberos'],
    ['AuthenticationPackageName', 'Kerberos'],
    ['WorkstationName', host.toUpperCase()],
    ['LogonGuid', guid()],
    ['TransmittedServices', '-'],
    ['LmPackageName', '-'],
    ['KeyLength', { uint32: 0 }],
    ['ProcessId', { hex: 0 }],
    ['ProcessName', '-'],
    ['IpAddress', `10.20.${numbers.below(4)}.${numbers.below(250)}`],
    ['IpPort', `5${digits(4)}`],
    ['ImpersonationLevel', '%%1833'],
    ['RestrictedAdminMode', '-'],
    ['TargetOutboundUserName', '-'],
    ['TargetOutboundDomainName', '-'],
    ['VirtualAccount', '%%1843'],
    ['TargetLinkedLogonId', { hex: 0 }],
    ['ElevatedToken', '%%1843'],
  ])

const ticket: RecordMaker = numbers =>
  security(4769, 14337, [
    ['TargetUserName', `${person(numbers)}${digits(2)}@EXAMPLE`],
    ['TargetDomainName', 'EXAMPLE'],
    ['ServiceName', `SRV${digits(3)}$`],
    ['ServiceSid', sid(numbers)],
    ['TicketOptions', { hex: 0x40810000 }],
    ['TicketEncryptionType', { hex: 0x12 }],
    ['IpAddress', `::ffff:10.20.${numbers.below(4)}.${numbers.below(250)}`],
    ['IpPort', `5${digits(4)}`],
    ['Status', { hex: 0 }],
    ['LogonGuid', guid()],
    ['TransmittedServices', '-'],
  ])

const shareFile: RecordMaker = numbers =>
  security(5145, 12811, [
    ...subject(numbers),
    ['ObjectType', 'File'],
    ['IpAddress', `10.20.${numbers.below(4)}.${numbers.below(250)}`],
    ['IpPort', `5${digits(4)}`],
    ['ShareName', '\\\\*\\projects'],
    ['ShareLocalPath', '\\??\\E:\\projects'],
    ['RelativeTargetName', `${letters(8)}\\${letters(5 + numbers.below(20))}-${digits(4)}.xlsx`],
    ['AccessMask', { hex: 0x120089 }],
    ['AccessList', '%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4419\r\n\t\t\t\t%%4423\r\n\t\t\t\t'],
    ['AccessReason', '%%1541:\t%%1801\tD:(A;;0x1301bf;;;AU)\r\n\t\t\t\t%%4416:\t%%1801\tD:(A;;0x1301bf;;;AU)\r\n\t\t\t\t'],
  ])

const privileged: RecordMaker = numbers =>
  security(4672, 12548, [
    ...subject(numbers),
    [
      'PrivilegeList',
      'SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivilege',
    ],
  ])

const object: RecordMaker = numbers =>
  security(4663, 12800, [
    ...subject(numbers),
    ['ObjectServer', 'Security'],
    ['ObjectType', 'File'],
    ['ObjectName', `E:\\projects\\${letters(8)}\\${letters(12)}.docx`],
    ['HandleId', { hex: 0x400 + numbers.below(4000) }],
    ['AccessList', '%%4416\r\n\t\t\t\t'],
    ['AccessMask', { hex: 1 }],
    ['ProcessId', { hex: 4 }],
    ['ProcessName', 'C:\\Program Files\\Northwind ERP\\bin\\nwclient.exe'],
    ['ResourceAttributes', 'S:AI'],
  ])

const connection: RecordMaker = numbers =>
  security(5156, 12810, [
    ['ProcessID', { uint64: BigInt(400 + numbers.below(4000) * 4) }],
    ['Application', '\\device\\harddiskvolume3\\program files\\northwind erp\\bin\\nwclient.exe'],
    ['Direction', '%%14593'],
    ['SourceAddress', `10.20.${numbers.below(4)}.${numbers.below(250)}`],
    ['SourcePort', `5${digits(4)}`],
    ['DestAddress', `203.0.113.${numbers.below(250)}`],
    ['DestPort', '443'],
    ['Protocol', { uint32: 6 }],
    ['FilterRTID', { uint64: BigInt(60_000 + numbers.below(10_000)) }],
    ['LayerName', '%%14611'],
    ['LayerRTID', { uint64: 48n }],
    ['RemoteUserID', { sid: 'S-1-0-0' }],
    ['RemoteMachineID', { sid: 'S-1-0-0' }],
  ])

/** Security 4688 in its third version. */
export const auditedProcess: RecordMaker = numbers => {
  const program = numbers.pick(PROGRAMS)
  const parent = parentOf(program, numbers)
  return security(4688, 13312, [
    ...subject(numbers),
    ['NewProcessId', { hex: 0x400 + numbers.below(4000) * 4 }],
    ['NewProcessName', program.image],
    ['TokenElevationType', '%%1936'],
    ['ProcessId', { hex: 0x400 + numbers.below(4000) * 4 }],
    ['CommandLine', program.line(numbers)],
    ['TargetUserSid', { sid: 'S-1-0-0' }],
    ['TargetUserName', '-'],
    ['TargetDomainName', '-'],
    ['TargetLogonId', { hex: 0 }],
    ['ParentProcessName', parent.image],
    ['MandatoryLabel', { sid: 'S-1-16-8192' }],
  ])
}

const scriptBlock: RecordMaker = numbers => ({
  provider: 'Microsoft-Windows-PowerShell',
  guid: 'a0c1853b-5c40-4b15-8766-3cf1c58f985a',
  channel: 'Microsoft-Windows-PowerShell/Operational',
  eventId: 4104,
  level: 5,
  task: 2,
  data: [
    ['MessageNumber', { int32: 1 }],
    ['MessageTotal', { int32: 1 }],
    [
      'ScriptBlockText',
      Array.from(
        { length: 4 + numbers.below(30) },
        () =>
          `  $${letters(6)} = Read-Stock -Site '${letters(5)}' -Number ${digits(5)} | Where-Object { $_.Amount -gt ${digits(3)} }`,
      ).join('\n'),
    ],
    ['ScriptBlockId', `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`],
    ['Path', `D:\\jobs\\${letters(8)}\\Update-${letters(9)}.ps1`],
  ],
})

const moduleLog: RecordMaker = numbers => ({
  provider: 'Microsoft-Windows-PowerShell',
  guid: 'a0c1853b-5c40-4b15-8766-3cf1c58f985a',
  channel: 'Microsoft-Windows-PowerShell/Operational',
  eventId: 4103,
  task: 106,
  data: [
    [
      'ContextInfo',
      `        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        Host Version = 5.1.${digits(5)}.${digits(4)}\r\n        Host ID = ${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}\r\n        Host Application = powershell.exe -File D:\\jobs\\${letters(8)}\\Update-${letters(8)}.ps1\r\n        Command Name = Read-Stock\r\n        Command Type = Function\r\n        User = EXAMPLE\\${person(numbers)}\r\n`,
    ],
    ['UserData', ''],
    [
      'Payload',
      `CommandInvocation(Read-Stock): "Read-Stock"\r\nParameterBinding(Read-Stock): name="Site"; value="${letters(5)}"\r\nParameterBinding(Read-Stock): name="Number"; value="${digits(5)}"\r\n`,
    ],
  ],
})

const serviceState: RecordMaker = numbers => ({
  provider: 'Service Control Manager',
  guid: '555908d1-a6d7-4695-8e1e-26931d2012f4',
  channel: 'System',
  eventId: 7036,
  keywords: 0x8080000000000000n,
  data: [
    ['param1', `Contoso ${letters(8)} Service`],
    ['param2', numbers.pick(['running', 'stopped'])],
    ['Binary', { binary: Buffer.from('4200490054005300') }],
  ],
})

const hive: RecordMaker = numbers => ({
  provider: 'Microsoft-Windows-Kernel-General',
  guid: 'a68ca8b7-004f-d7b6-a698-07e2de0f1f5d',
  channel: 'System',
  eventId: 16,
  data: [
    ['HiveNameLength', { uint16: 60 }],
    ['HiveName', `\\??\\C:\\ProgramData\\Northwind\\${letters(8)}\\settings-${hex(8)}.dat`],
    ['KeysUpdated', { uint32: numbers.below(900) }],
    ['DirtyPages', { uint32: numbers.below(90) }],
  ],
})

/** Makers of one log file, with how many of a thousand of its records each makes. */
export type LogMix = readonly (readonly [RecordMaker, number])[]

export const SYSMON_MIX: LogMix = [
  [sysmonProcess, 420],
  [sysmonEnd, 80],
  [sysmonNetwork, 110],
  [sysmonImage, 90],
  [sysmonFile, 120],
  [sysmonRegistry, 90],
  [sysmonKey, 30],
  [sysmonDns, 40],
  [sysmonAccess, 20],
]
export const SECURITY_MIX: LogMix = [
  [logon, 250],
  [ticket, 130],
  [shareFile, 230],
  [privileged, 80],
  [object, 140],
  [connection, 90],
  [auditedProcess, 80],
]
export const POWERSHELL_MIX: LogMix = [
  [scriptBlock, 500],
  [moduleLog, 500],
]
export const SYSTEM_MIX: LogMix = [
  [serviceState, 500],
  [hive, 500],
]
export const PROCESS_MIX: LogMix = [[sysmonProcess, 1000]]
