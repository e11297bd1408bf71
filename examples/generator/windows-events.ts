import type { WindowsEvent } from './evidence.ts'
import type { Machine, World } from './world.ts'

const AUDITING = 'Microsoft-Windows-Security-Auditing'
const SYSMON = 'Microsoft-Windows-Sysmon'
const SYSMON_CHANNEL = 'Microsoft-Windows-Sysmon/Operational'

const sysmonTime = (time: number): string => new Date(time).toISOString().replace('T', ' ').replace('Z', '')
const logonGuid = '{00000000-0000-0000-0000-000000000000}'

/** Who does something on a machine. */
export interface Actor {
  readonly account: string
  readonly domain: string
  readonly sid: string
  readonly logonId: string
}

export const systemOf = (world: World, machine: Machine): Actor => ({
  account: `${machine.short.toUpperCase()}$`,
  domain: world.netbios,
  sid: 'S-1-5-18',
  logonId: '0x3e7',
})

const security = (host: Machine, time: number, eventId: number, data: WindowsEvent['data']): WindowsEvent => ({
  host: host.fqdn,
  channel: 'Security',
  provider: AUDITING,
  eventId,
  time,
  data,
})

const sysmon = (host: Machine, time: number, eventId: number, data: WindowsEvent['data']): WindowsEvent => ({
  host: host.fqdn,
  channel: SYSMON_CHANNEL,
  provider: SYSMON,
  eventId,
  time,
  data: [['RuleName', '-'], ['UtcTime', sysmonTime(time)], ...data],
  userSid: 'S-1-5-18',
})

/** Security 4624. */
export function logon(
  host: Machine,
  time: number,
  actor: Actor,
  type: number,
  source: { ip: string; port?: number; host?: string },
  via = 'Kerberos',
): WindowsEvent {
  return security(host, time, 4624, [
    ['SubjectUserSid', type === 3 ? 'S-1-0-0' : 'S-1-5-18'],
    ['SubjectUserName', type === 3 ? '-' : `${host.short.toUpperCase()}$`],
    ['SubjectDomainName', type === 3 ? '-' : actor.domain],
    ['SubjectLogonId', type === 3 ? '0x0' : '0x3e7'],
    ['TargetUserSid', actor.sid],
    ['TargetUserName', actor.account],
    ['TargetDomainName', actor.domain],
    ['TargetLogonId', actor.logonId],
    ['LogonType', String(type)],
    ['LogonProcessName', via === 'Kerberos' ? 'Kerberos' : 'User32 '],
    ['AuthenticationPackageName', via],
    ['WorkstationName', source.host ?? '-'],
    ['LogonGuid', logonGuid],
    ['TransmittedServices', '-'],
    ['LmPackageName', '-'],
    ['KeyLength', '0'],
    ['ProcessId', type === 3 ? '0x0' : '0x4a8'],
    ['ProcessName', type === 3 ? '-' : 'C:\\Windows\\System32\\svchost.exe'],
    ['IpAddress', source.ip],
    ['IpPort', String(source.port ?? 0)],
    ['ImpersonationLevel', '%%1833'],
  ])
}

/** Security 4634. */
export function logoff(host: Machine, time: number, actor: Actor, type: number): WindowsEvent {
  return security(host, time, 4634, [
    ['TargetUserSid', actor.sid],
    ['TargetUserName', actor.account],
    ['TargetDomainName', actor.domain],
    ['TargetLogonId', actor.logonId],
    ['LogonType', String(type)],
  ])
}

/** Security 4625, wrong password. */
export function logonFailure(host: Machine, time: number, account: string, domain: string, source: { ip: string }): WindowsEvent {
  return security(host, time, 4625, [
    ['SubjectUserSid', 'S-1-0-0'],
    ['SubjectUserName', '-'],
    ['SubjectDomainName', '-'],
    ['SubjectLogonId', '0x0'],
    ['TargetUserSid', 'S-1-0-0'],
    ['TargetUserName', account],
    ['TargetDomainName', domain],
    ['Status', '0xc000006d'],
    ['FailureReason', '%%2313'],
    ['SubStatus', '0xc000006a'],
    ['LogonType', '3'],
    ['LogonProcessName', 'NtLmSsp '],
    ['AuthenticationPackageName', 'NTLM'],
    ['WorkstationName', '-'],
    ['IpAddress', source.ip],
    ['IpPort', '0'],
  ])
}

/** Security 4672. */
export function privileges(host: Machine, time: number, actor: Actor): WindowsEvent {
  return security(host, time, 4672, [
    ['SubjectUserSid', actor.sid],
    ['SubjectUserName', actor.account],
    ['SubjectDomainName', actor.domain],
    ['SubjectLogonId', actor.logonId],
    ['PrivilegeList', 'SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeDebugPrivilege'],
  ])
}

/** Security 4768 and 4769. */
export function ticket(
  host: Machine,
  time: number,
  account: string,
  domain: string,
  client: string,
  service?: string,
): WindowsEvent {
  return service === undefined
    ? security(host, time, 4768, [
        ['TargetUserName', account],
        ['TargetDomainName', domain],
        ['TargetSid', 'S-1-0-0'],
        ['ServiceName', 'krbtgt'],
        ['TicketOptions', '0x40810010'],
        ['Status', '0x0'],
        ['TicketEncryptionType', '0x12'],
        ['PreAuthType', '2'],
        ['IpAddress', `::ffff:${client}`],
        ['IpPort', '52110'],
      ])
    : security(host, time, 4769, [
        ['TargetUserName', `${account}@${domain}`],
        ['TargetDomainName', domain],
        ['ServiceName', service],
        ['TicketOptions', '0x40810000'],
        ['TicketEncryptionType', '0x12'],
        ['IpAddress', `::ffff:${client}`],
        ['IpPort', '52114'],
        ['Status', '0x0'],
      ])
}

/** A process start: what both Security 4688 and Sysmon 1 need. */
export interface ProcessStart {
  readonly image: string
  readonly commandLine: string
  readonly parentImage: string
  readonly parentCommandLine?: string
  readonly pid: number
  readonly parentPid: number
  readonly guid?: string
  readonly parentGuid?: string
  readonly originalFileName?: string
  readonly directory?: string
  readonly hash?: string
}

/** Security 4688 with its command line. */
export function process4688(host: Machine, time: number, actor: Actor, start: ProcessStart): WindowsEvent {
  return security(host, time, 4688, [
    ['SubjectUserSid', actor.sid],
    ['SubjectUserName', actor.account],
    ['SubjectDomainName', actor.domain],
    ['SubjectLogonId', actor.logonId],
    ['NewProcessId', `0x${start.pid.toString(16)}`],
    ['NewProcessName', start.image],
    ['TokenElevationType', '%%1936'],
    ['ProcessId', `0x${start.parentPid.toString(16)}`],
    ['CommandLine', start.commandLine],
    ['TargetUserSid', 'S-1-0-0'],
    ['TargetUserName', '-'],
    ['TargetDomainName', '-'],
    ['TargetLogonId', '0x0'],
    ['ParentProcessName', start.parentImage],
    ['MandatoryLabel', 'S-1-16-12288'],
  ])
}

/** Sysmon 1. */
export function sysmonProcess(host: Machine, time: number, user: string, start: ProcessStart): WindowsEvent {
  const name = start.image.slice(start.image.lastIndexOf('\\') + 1)
  return sysmon(host, time, 1, [
    ['ProcessGuid', `{${start.guid ?? '00000000-0000-0000-0000-000000000000'}}`],
    ['ProcessId', String(start.pid)],
    ['Image', start.image],
    ['FileVersion', '10.0.17763.1'],
    ['Description', name],
    ['Product', 'Microsoft® Windows® Operating System'],
    ['Company', 'Microsoft Corporation'],
    ['OriginalFileName', start.originalFileName ?? name],
    ['CommandLine', start.commandLine],
    ['CurrentDirectory', start.directory ?? 'C:\\Windows\\system32\\'],
    ['User', user],
    ['LogonGuid', logonGuid],
    ['LogonId', '0x3e7'],
    ['TerminalSessionId', '0'],
    ['IntegrityLevel', 'High'],
    ['Hashes', `SHA256=${start.hash ?? '0'.repeat(64)}`],
    ['ParentProcessGuid', `{${start.parentGuid ?? '00000000-0000-0000-0000-000000000000'}}`],
    ['ParentProcessId', String(start.parentPid)],
    ['ParentImage', start.parentImage],
    ['ParentCommandLine', start.parentCommandLine ?? start.parentImage],
  ])
}

/** Sysmon 3. */
export function sysmonConnection(
  host: Machine,
  time: number,
  user: string,
  image: string,
  pid: number,
  from: { ip: string; port: number },
  to: { ip: string; port: number },
): WindowsEvent {
  return sysmon(host, time, 3, [
    ['ProcessGuid', '{00000000-0000-0000-0000-000000000000}'],
    ['ProcessId', String(pid)],
    ['Image', image],
    ['User', user],
    ['Protocol', 'tcp'],
    ['Initiated', 'true'],
    ['SourceIsIpv6', 'false'],
    ['SourceIp', from.ip],
    ['SourceHostname', host.fqdn],
    ['SourcePort', String(from.port)],
    ['SourcePortName', ''],
    ['DestinationIsIpv6', 'false'],
    ['DestinationIp', to.ip],
    ['DestinationHostname', ''],
    ['DestinationPort', String(to.port)],
    ['DestinationPortName', ''],
  ])
}

/** Sysmon 11. */
export function sysmonFile(host: Machine, time: number, user: string, image: string, pid: number, path: string): WindowsEvent {
  return sysmon(host, time, 11, [
    ['ProcessGuid', '{00000000-0000-0000-0000-000000000000}'],
    ['ProcessId', String(pid)],
    ['Image', image],
    ['TargetFilename', path],
    ['CreationUtcTime', sysmonTime(time)],
    ['User', user],
  ])
}

/** Sysmon 13. */
export function sysmonRegistry(
  host: Machine,
  time: number,
  user: string,
  image: string,
  pid: number,
  key: string,
  value: string,
): WindowsEvent {
  return sysmon(host, time, 13, [
    ['EventType', 'SetValue'],
    ['ProcessGuid', '{00000000-0000-0000-0000-000000000000}'],
    ['ProcessId', String(pid)],
    ['Image', image],
    ['TargetObject', key],
    ['Details', value],
    ['User', user],
  ])
}

/** Security 5140 (share) or 5145 (file of a share). */
export function share(
  host: Machine,
  time: number,
  actor: Actor,
  source: string,
  name: string,
  file?: string,
  accessMask = '0x2',
): WindowsEvent {
  const head: WindowsEvent['data'] = [
    ['SubjectUserSid', actor.sid],
    ['SubjectUserName', actor.account],
    ['SubjectDomainName', actor.domain],
    ['SubjectLogonId', actor.logonId],
    ['ObjectType', 'File'],
    ['IpAddress', source],
    ['IpPort', '51544'],
    ['ShareName', `\\\\*\\${name}`],
    ['ShareLocalPath', name.endsWith('$') ? `\\??\\${name.replace('$', ':')}\\` : `\\??\\D:\\${name}`],
  ]
  return security(host, time, file === undefined ? 5140 : 5145, [
    ...head,
    ...(file === undefined ? [] : ([['RelativeTargetName', file]] as const)),
    ['AccessMask', accessMask],
    ['AccessList', '%%4417'],
  ])
}

/** Application log, provider ESENT: the database engine's own account of what it opened (325 created, 326 attached, 327 detached, 216 moved). */
export function esent(host: Machine, time: number, eventId: number, path: string): WindowsEvent {
  const strings =
    eventId === 216
      ? ['lsass', '664,D,50', '', 'C:\\Windows\\NTDS\\ntds.dit', path]
      : ['ntdsutil', '5132,D,50', '', '1', path, '0']
  return {
    host: host.fqdn,
    channel: 'Application',
    provider: 'ESENT',
    eventId,
    time,
    data: strings.map(text => ['', text] as const),
  }
}

/** System log, service control manager: 7036 state change. */
export function serviceState(host: Machine, time: number, name: string, state: 'running' | 'stopped'): WindowsEvent {
  return {
    host: host.fqdn,
    channel: 'System',
    provider: 'Service Control Manager',
    eventId: 7036,
    time,
    data: [
      ['param1', name],
      ['param2', state],
    ],
  }
}

/** Security 1102: the log was cleared; the first record of what is left. */
export function securityLogCleared(host: Machine, time: number, actor: Actor): WindowsEvent {
  return {
    host: host.fqdn,
    channel: 'Security',
    provider: 'Microsoft-Windows-Eventlog',
    eventId: 1102,
    time,
    userData: 'LogFileCleared',
    data: [
      ['SubjectUserSid', actor.sid],
      ['SubjectUserName', actor.account],
      ['SubjectDomainName', actor.domain],
      ['SubjectLogonId', actor.logonId],
    ],
  }
}
