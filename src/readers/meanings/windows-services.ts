import type { EventFields } from '../../model/index.ts'
import type { ProviderTable, WindowsFields, WindowsMapping } from './windows-fields.ts'

/** Value behind "Label=" or "Label = " in the context text of PowerShell events. */
function contextValue(text: string, label: string): string {
  return new RegExp(`^[ \\t]*${label}[ \\t]*=[ \\t]*([^\\r\\n]*)`, 'mi').exec(text)?.[1]?.trim() ?? ''
}

/** 400, 403, 600, 800 of the classic log: text in unnamed values, or the message alone in exports. */
const classicPowerShell: WindowsMapping = e => {
  const data = e.data()
  const message = e.message()
  const context = data.find(item => item.includes('HostApplication=')) ?? message
  const command = /^Pipeline execution details for command line: ([\s\S]*?)\.? ?\r?\n\r?\nContext Information/.exec(message)?.[1]
  const isPipeline = e.eventId === 800
  return {
    kind: 'script_activity',
    engine: 'powershell',
    text: isPipeline
      ? [data[0] ?? command ?? '', data[2] ?? ''].filter(part => part.trim() !== '').join('\n')
      : contextValue(context, 'CommandLine'),
    scriptPath: contextValue(context, 'ScriptName'),
    user: contextValue(context, 'UserId'),
    hostApplication: contextValue(context, 'HostApplication'),
  }
}

const engineState: WindowsMapping = e => ({ ...(classicPowerShell(e) as EventFields<'script_activity'>) })

export const classicPowerShellTable: ProviderTable = {
  400: engineState,
  403: engineState,
  600: engineState,
  800: classicPowerShell,
}

export const powerShell: ProviderTable = {
  4103: e => {
    const context = e.text('ContextInfo') || e.message()
    return {
      kind: 'script_activity',
      engine: 'powershell',
      text: e.text('Payload') || e.message(),
      scriptPath: contextValue(context, 'Script Name'),
      user: contextValue(context, 'User'),
      hostApplication: contextValue(context, 'Host Application'),
      pid: e.number('Execution_ProcessID'),
    }
  },
  4104: e => ({
    kind: 'script_activity',
    engine: 'powershell',
    text: e.text('ScriptBlockText'),
    scriptPath: e.text('Path'),
    scriptBlockId: e.guid('ScriptBlockId'),
    part: e.number('MessageNumber'),
    parts: e.number('MessageTotal'),
    user: e.text('UserID'),
    pid: e.number('Execution_ProcessID'),
  }),
}

const session =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'rdp_activity',
    action,
    user: e.text('User'),
    srcIp: e.text('Address') === 'LOCAL' ? '' : e.address('Address'),
    session: e.first('SessionID', 'Session', 'TargetSession'),
    result: e.first('Reason'),
  })

/** TerminalServices-LocalSessionManager. */
export const localSessions: ProviderTable = {
  21: session('logon'),
  22: session('logon'),
  23: session('logoff'),
  24: session('disconnect'),
  25: session('reconnect'),
  39: session('disconnect'),
  40: session('disconnect'),
}

/** TerminalServices-RemoteConnectionManager: 1149 means that network-level authentication succeeded, not yet a log-on. */
export const remoteConnections: ProviderTable = {
  261: e => ({
    kind: 'rdp_activity',
    action: 'connect',
    session: e.text('listenerName'),
    result: 'listener received a connection',
  }),
  1149: e => ({
    kind: 'rdp_activity',
    action: 'connect',
    user: e.account('Param2', 'Param1'),
    srcIp: e.address('Param3'),
    result: 'authenticated',
  }),
}

/** TerminalServices-ClientActiveXCore: this machine is the client, and goes to the address in Value. */
export const rdpClient: ProviderTable = {
  1024: e => ({ kind: 'rdp_activity', action: 'connect', dstIp: e.address('Value'), result: 'connecting to a server' }),
  1102: e => ({ kind: 'rdp_activity', action: 'connect', dstIp: e.address('Value'), result: 'connecting to a server' }),
}

const detection: WindowsMapping = e => ({
  kind: 'detection_finding',
  title: e.first('ThreatName') || e.summary(200),
  signature: e.text('ThreatID'),
  severity: e.number('SeverityID'),
  category: e.text('CategoryName'),
  verdict: e.first('ActionName', 'ActionID'),
  user: e.first('DetectionUser', 'User', 'RemediationUser'),
  path: e.text('Path').replace(/^file:_/, ''),
})

/** Microsoft Defender Antivirus: learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus. */
export const defender: ProviderTable = {
  1006: detection,
  1007: detection,
  1008: detection,
  1015: detection,
  1116: detection,
  1117: detection,
  1118: detection,
  1119: detection,
  5001: e => ({
    kind: 'log_activity',
    action: 'stopped',
    log: 'Windows Defender',
    user: e.text('User'),
    detail: 'real-time protection disabled',
  }),
  5004: e => ({
    kind: 'log_activity',
    action: 'policy-changed',
    log: 'Windows Defender',
    user: e.text('User'),
    detail: e.text('FeatureName'),
  }),
  5007: e => ({
    kind: 'log_activity',
    action: 'policy-changed',
    log: 'Windows Defender',
    user: e.text('User'),
    detail: e.first('NewValue', 'OldValue'),
  }),
  5010: e => ({
    kind: 'log_activity',
    action: 'stopped',
    log: 'Windows Defender',
    user: e.text('User'),
    detail: 'scanning for malware disabled',
  }),
  5012: e => ({
    kind: 'log_activity',
    action: 'stopped',
    log: 'Windows Defender',
    user: e.text('User'),
    detail: 'scanning for viruses disabled',
  }),
}

/** A path with a drive or device before it, up to what the messages of the database engine put behind a path. */
const PATH = /(?:[A-Za-z]:\\|\\\\)[^'")\]\r\n]*[^'")\]\r\n.,; ]/g

/** Database engine events name their files by position in unnamed values, or in the message alone. */
function databasePaths(e: WindowsFields): readonly string[] {
  const paths = [...e.data(), e.message()].flatMap(item => item.match(PATH) ?? [])
  // The named data is followed by the message that repeats it.
  return [...new Set(paths.filter(path => !path.includes('\n')))]
}

const database =
  (action: string): WindowsMapping =>
  e => {
    const paths = databasePaths(e)
    const [program = '', ids = ''] = e.message().split(' ', 2)
    const [named = '', numbers = ''] = e.data()
    return {
      kind: 'file_activity',
      action,
      // 216 names the old place and then the new one; the others name one database.
      path: (action === 'rename' ? paths.at(-1) : paths[0]) ?? '',
      image: (e.message() ? program : named).trim(),
      pid: processNumber(e.message() ? ids : numbers),
    }
  }

/** "(2772,D,100)" or "2772,D,100": the process that runs the engine. */
function processNumber(text: string): number | undefined {
  const match = /^\(?(\d+),/.exec(text.trim())
  return match ? Number(match[1]) : undefined
}

/** Extensible Storage Engine, in the Application log (ESENT) and in the Directory Service log (NTDS ISAM). */
export const databaseEngine: ProviderTable = {
  216: database('rename'),
  325: database('create'),
  326: database('open'),
  327: database('close'),
}

/** Volume shadow copies made, with the program that asked for them. */
export const shadowCopies: ProviderTable = {
  8222: e => {
    const said = (label: string) => new RegExp(`${label}:\\s*([^\\r\\n]+)`).exec(e.message())?.[1]?.trim() ?? ''
    const image = said('Process image name') || (e.data().find(item => /\.exe$/i.test(item)) ?? '')
    const device = said('Shadow device name') || (e.data().find(item => item.includes('HarddiskVolumeShadowCopy')) ?? '')
    const pid = Number(said('Process ID'))
    return {
      kind: 'file_activity',
      action: 'shadow-copy',
      path: device,
      image,
      ...(pid > 0 ? { pid } : {}),
      user: said('User name') || (e.data()[1] ?? ''),
    }
  },
}

const transfer: WindowsMapping = e => ({
  kind: 'other_activity',
  message:
    `BITS transfer ${BITS_STEPS[e.eventId] ?? ''} ${e.first('name', 'jobTitle', 'Name')} ${e.first('url', 'RemoteName', 'url2')}`
      .replace(/ +/g, ' ')
      .trim(),
  user: e.first('jobOwner', 'User', 'UserID'),
  image: e.first('processPath', 'ProcessPath'),
})
const BITS_STEPS: Readonly<Record<number, string>> = { 3: 'created', 4: 'completed', 59: 'started', 60: 'stopped', 61: 'failed' }

export const bits: ProviderTable = { 3: transfer, 4: transfer, 59: transfer, 60: transfer, 61: transfer, 16403: transfer }

/** WMI-Activity: 5857 a provider was loaded; 5858 a failed call; 5859-5861 event subscriptions, the last one permanent. */
export const wmiActivity: ProviderTable = {
  5857: e => ({
    kind: 'process_activity',
    action: 'load',
    image: e.text('HostProcess') || (/HostProcess = ([^;]+);/.exec(e.message())?.[1] ?? ''),
    pid: e.number('ProcessID'),
    module: e.text('ProviderPath') || (/ProviderPath = (\S+)/.exec(e.message())?.[1] ?? ''),
  }),
  5858: e => ({
    kind: 'other_activity',
    message: `WMI call failed: ${e.text('Operation') || e.message()}`.slice(0, 1024),
    user: e.text('User'),
    srcIp: '',
  }),
  5859: subscription,
  5860: subscription,
  5861: subscription,
}

function subscription(e: WindowsFields): EventFields {
  return {
    kind: 'scheduled_job_activity',
    action: 'register',
    name: e.first('ESS', 'NamespaceName', 'Namespace'),
    command: e.first('PossibleCause', 'CONSUMER', 'Query') || e.message().slice(0, 4096),
    user: e.first('User', 'UserID'),
  }
}

/** WinRM: 6 this machine opens a session to another, 91 a session is made here, 168 a caller was authenticated. */
export const winrm: ProviderTable = {
  6: e => ({
    kind: 'other_activity',
    message: `WinRM session opened to ${e.first('connection')}`.trim(),
    user: e.text('UserID'),
  }),
  91: e => ({
    kind: 'other_activity',
    message: `WinRM session created ${e.first('resourceUri')}`.trim(),
    user: e.first('UserID'),
  }),
  168: e => ({ kind: 'other_activity', message: e.summary(512), user: e.first('username', 'UserName', 'UserID') }),
  169: e => ({ kind: 'other_activity', message: e.summary(512), user: e.first('username', 'UserName', 'UserID') }),
}

const answer = (e: WindowsFields): EventFields => ({
  kind: 'dns_activity',
  query: e.text('QueryName'),
  queryType: e.text('QueryType'),
  responseCode: e.first('QueryStatus', 'Status'),
  answers: e.text('QueryResults'),
})

export const dnsClient: ProviderTable = {
  1014: e => ({ kind: 'dns_activity', query: e.first('QueryName'), responseCode: 'timeout', serverIp: e.address('Address') }),
  3006: answer,
  3008: answer,
  3020: answer,
}

/** The OpenSSH server of Windows writes what sshd writes, in `payload`. */
export const openSsh: ProviderTable = {
  4: e => {
    const text = e.text('payload')
    const [, result, method = '', user = '', address = '', port] =
      /^(Accepted|Failed) (\S+) for (?:invalid user )?(\S*) from (\S+) port (\d+)/.exec(text) ?? []
    if (!result) return { kind: 'other_activity', message: `${e.text('process')}: ${text}`.slice(0, 1024) }
    return {
      kind: 'authentication',
      action: 'logon',
      outcome: result === 'Accepted' ? 'success' : 'failure',
      user,
      srcIp: address,
      srcPort: Number(port),
      protocol: method,
      process: 'sshd',
    }
  },
}
