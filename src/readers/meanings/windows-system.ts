import type { EventFields } from '../../model/index.ts'
import type { ProviderTable, WindowsFields, WindowsMapping } from './windows-fields.ts'

/** Value of a classic event: by name on new systems, by position (param1 …) on old ones. */
const param = (e: WindowsFields, name: string, position: number) =>
  e.first(name, `param${position}`, `Param${position}`, `Data${position}`)

/** Service Control Manager 7045 says it with names; older exports with the rendered message alone. */
const fromMessage = (e: WindowsFields, label: string) =>
  new RegExp(`${label}:\\s*([^\\r\\n]+)`).exec(e.message())?.[1]?.trim() ?? ''

const serviceInstalled: WindowsMapping = e => ({
  kind: 'service_activity',
  action: 'install',
  name: e.text('ServiceName') || fromMessage(e, 'Service Name'),
  path: e.text('ImagePath') || fromMessage(e, 'Service File Name'),
  startType: e.text('StartType') || fromMessage(e, 'Service Start Type'),
  account: e.text('AccountName') || fromMessage(e, 'Service Account'),
})

/** 7036 "The X service entered the running state." */
const serviceState: WindowsMapping = e => {
  const [, named = '', stated = ''] = /^The (.+) service entered the (\w+) state/.exec(e.message()) ?? []
  const state = (param(e, 'param2', 2) || stated).toLowerCase()
  return {
    kind: 'service_activity',
    action: STATES[state] ?? 'change',
    name: param(e, 'param1', 1) || named,
  }
}
/** Languages in which the state is written; others are kept as "change". */
const STATES: Readonly<Record<string, string>> = {
  running: 'start',
  stopped: 'stop',
  'wird ausgeführt': 'start',
  beendet: 'stop',
  'en cours d’exécution': 'start',
  arrêté: 'stop',
}

const serviceNamed =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'service_activity',
    action,
    name: param(e, 'param1', 1) || (/^The (.+?) service /.exec(e.message())?.[1] ?? ''),
  })

export const serviceControl: ProviderTable = {
  7000: serviceNamed('crash'),
  7009: serviceNamed('crash'),
  7023: serviceNamed('crash'),
  7024: serviceNamed('crash'),
  7031: serviceNamed('crash'),
  7034: serviceNamed('crash'),
  7035: serviceNamed('change'),
  7036: serviceState,
  7040: e => ({
    kind: 'service_activity',
    action: 'change',
    name: e.first('param4', 'param1', 'Data4', 'Data1'),
    startType: param(e, 'param3', 3),
  }),
  7045: serviceInstalled,
}

const cleared = (e: WindowsFields, log: string): EventFields => ({
  kind: 'log_activity',
  action: 'cleared',
  log,
  user: e.subject() || accountInMessage(e),
  logonId: e.id('SubjectLogonId') || fromMessage(e, 'Logon ID').toLowerCase(),
})

/** "Account Name: x … Domain Name: y" of 1102, where an export carries only the message. */
function accountInMessage(e: WindowsFields): string {
  const name = fromMessage(e, 'Account Name')
  const domain = fromMessage(e, 'Domain Name')
  return name && domain ? `${domain}\\${name}` : name
}

/** Microsoft-Windows-Eventlog. The same numbers of other providers (104 of a smart card driver) are something else. */
export const eventLogService: ProviderTable = {
  104: e =>
    cleared(
      e,
      e.first('UserData_Channel', 'LogFileCleared_Channel') ||
        (/^The (.+) log file was cleared/.exec(e.message())?.[1] ?? 'System'),
    ),
  1100: () => ({ kind: 'log_activity', action: 'stopped', log: 'Security', detail: 'event logging service has shut down' }),
  1101: () => ({
    kind: 'log_activity',
    action: 'dropped',
    log: 'Security',
    detail: 'audit events were dropped by the transport',
  }),
  1102: e => cleared(e, 'Security'),
  1104: () => ({ kind: 'log_activity', action: 'full', log: 'Security' }),
  1105: e => ({
    kind: 'log_activity',
    action: 'full',
    log: e.text('UserData_Channel') || 'Security',
    detail: 'archived and started anew',
  }),
  1108: e => ({ kind: 'log_activity', action: 'dropped', log: 'Security', detail: e.text('PublisherID') }),
}

/** The classic source EventLog in the System log. */
export const classicEventLog: ProviderTable = {
  6005: () => ({ kind: 'log_activity', action: 'started', log: 'System', detail: 'event log service was started' }),
  6006: () => ({ kind: 'log_activity', action: 'stopped', log: 'System', detail: 'event log service was stopped' }),
  6008: e => ({
    kind: 'log_activity',
    action: 'stopped',
    log: 'System',
    detail: `unexpected shutdown ${e.data().slice(0, 2).join(' ')}`.trim(),
  }),
}

const jobs =
  (action: string): WindowsMapping =>
  e => ({
    kind: 'scheduled_job_activity',
    action,
    name: e.first('TaskName', 'Name'),
    command: e.first('ActionName', 'Path'),
    user: e.first('UserContext', 'UserName', 'User'),
  })

export const taskScheduler: ProviderTable = {
  100: jobs('run'),
  106: jobs('register'),
  110: jobs('run'),
  129: jobs('run'),
  140: jobs('update'),
  141: jobs('delete'),
  142: jobs('disable'),
  200: jobs('run'),
}
