import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { defencesDisabled } from './defences-disabled.ts'

const set = (key: string, valueName: string, value: string) =>
  eventOf<'registry_activity'>({ kind: 'registry_activity', action: 'set-value', key, valueName, value })

test.each([
  ['real-time protection', command('powershell Set-MpPreference -DisableRealtimeMonitoring $true'), 'medium'],
  ['the service', command('sc stop WinDefend'), 'medium'],
  ['Sysmon driver', command('fltmc unload SysmonDrv'), 'medium'],
  [
    'start type of the service',
    set('HKLM\\System\\CurrentControlSet\\Services\\WinDefend\\Start', '', 'DWORD (0x00000004)'),
    'medium',
  ],
  [
    'clear-text passwords',
    set('HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\WDigest', 'UseLogonCredential', '1'),
    'medium',
  ],
  ['exclusion', command('powershell Add-MpPreference -ExclusionPath C:\\x'), 'low'],
  [
    'Defender says so itself',
    eventOf<'log_activity'>({
      kind: 'log_activity',
      action: 'stopped',
      log: 'Windows Defender',
      detail: 'real-time protection disabled',
    }),
    'medium',
  ],
  // look-alikes
  [
    'the log service stops at a shutdown',
    eventOf<'log_activity'>({ kind: 'log_activity', action: 'stopped', log: 'System' }),
    '',
  ],
  ['switched on', command('powershell Set-MpPreference -DisableRealtimeMonitoring $false'), ''],
  ['start type automatic', set('HKLM\\System\\CurrentControlSet\\Services\\WinDefend', 'Start', 'DWORD (0x00000002)'), ''],
  ['status', command('powershell Get-MpPreference'), ''],
  [
    'module loaded',
    eventOf<'script_activity'>({
      kind: 'script_activity',
      text: 'function Set-MpPreference { -DisableRealtimeMonitoring $true cmdletization }',
    }),
    '',
  ],
  ['another service', command('sc stop Fax'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(defencesDisabled, event)).toBe(severity)
})
