import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { remoteService } from './remote-service.ts'

const install = (name: string, path: string) =>
  eventOf<'service_activity'>({ kind: 'service_activity', action: 'install', name, path, user: 'EXAMPLE\\ann' })

test.each([
  ['smbexec', install('BTOBTO', '%COMSPEC% /Q /c echo dir ^> \\\\127.0.0.1\\C$\\__output 2^>^&1 > %TEMP%\\execute.bat'), 'high'],
  ['named pipe trick', install('hpgkfi', 'cmd.exe /c echo hpgkfi > \\\\.\\pipe\\hpgkfi'), 'high'],
  ['dropped program', install('KVLM', '%systemroot%\\TxqWbNrD.exe'), 'high'],
  ['a shell as a service', install('Fax2', 'C:\\Windows\\System32\\cmd.exe /c start a'), 'medium'],
  ['asked from here', command('sc.exe \\\\fs01 create agent binPath= C:\\a.exe'), 'medium'],
  [
    'the path in the registry alone',
    eventOf<'registry_activity'>({
      kind: 'registry_activity',
      action: 'set-value',
      key: 'HKLM\\System\\CurrentControlSet\\Services\\BTOBTO',
      valueName: 'ImagePath',
      value: '%%COMSPEC%% /Q /c echo cd ^> \\\\127.0.0.1\\C$\\__output',
    }),
    'high',
  ],
  ['its batch file', command('C:\\Windows\\system32\\cmd.exe  /Q /c C:\\Windows\\TEMP\\execute.bat'), 'high'],
  // look-alikes
  [
    'an installer sets a path',
    eventOf<'registry_activity'>({
      kind: 'registry_activity',
      action: 'set-value',
      key: 'HKLM\\System\\CurrentControlSet\\Services\\agent',
      valueName: 'ImagePath',
      value: '"C:\\Program Files\\agent.exe"',
    }),
    '',
  ],
  ['another batch file', command('cmd.exe /c C:\\app\\execute.bat'), ''],
  ['an agent', install('ccmsetup', 'C:\\Windows\\ccmsetup.exe'), ''],
  ['a program with eight letters', install('spooler', 'C:\\Windows\\explorer.exe'), ''],
  ['a driver', install('vmmemctl', '\\SystemRoot\\system32\\DRIVERS\\vmmemctl.sys'), ''],
  ['started from here', command('sc.exe \\\\fs01 start agent'), 'low'],
  ['local', command('sc.exe query agent'), ''],
  [
    'the pipe, by a machine',
    eventOf<'smb_activity'>({ kind: 'smb_activity', path: 'svcctl', srcIp: '10.0.0.9', user: 'EXAMPLE\\PC01$' }),
    '',
  ],
  [
    'the pipe, by a person',
    eventOf<'smb_activity'>({ kind: 'smb_activity', path: 'svcctl', srcIp: '10.0.0.9', user: 'EXAMPLE\\ann' }),
    'low',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(remoteService, event)).toBe(severity)
})
