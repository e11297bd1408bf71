import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { samHiveSave } from './sam-hive-save.ts'

const created = (path: string, image: string) =>
  eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path, image })
const share = (name: string, path: string) =>
  eventOf<'smb_activity'>({ kind: 'smb_activity', action: 'open', share: name, path, srcIp: '10.0.0.9' })

test.each([
  ['reg save SAM', command('reg save hklm\\sam ss.dat'), 'high'],
  ['long key name', command('reg.exe save HKEY_LOCAL_MACHINE\\SECURITY c:\\x'), 'high'],
  ['SYSTEM alone', command('reg save hklm\\system sy.dat'), 'medium'],
  [
    'esentutl from a shadow copy',
    command('esentutl.exe  /y /vss C:\\windows/system32/config/SAM /d C:\\ProgramData\\SAM'),
    'high',
  ],
  [
    'copy from a shadow copy',
    command('cmd /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\System32\\config\\SAM c:\\x'),
    'high',
  ],
  ['the file alone', created('C:\\ProgramData\\SAM', 'C:\\Windows\\System32\\esentutl.exe'), 'high'],
  ['remote copy', share('\\\\*\\ADMIN$', 'SYSTEM32\\qWbTzKfa.tmp'), 'high'],
  // look-alikes
  [
    'a key below SYSTEM',
    command('reg export "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Winlogon\\Notifications"  Reg\\Notif.reg.txt /y'),
    '',
  ],
  ['a key of software', command('reg export HKLM\\SOFTWARE\\Microsoft\\dot3svc Reg\\a.reg.txt /y'), ''],
  ['reg query', command('reg query hklm\\system'), ''],
  ['the system writes its own hive', created('C:\\Windows\\System32\\config\\SAM', 'System'), ''],
  ['a backup engine', created('E:\\backup\\SAM', 'C:\\Windows\\System32\\wbengine.exe'), ''],
  ['an agent reads its file', share('\\\\*\\ADMIN$', 'Temp\\ccmsetup.tmp.log'), ''],
  ['output of a remote task, no hive', share('\\\\*\\ADMIN$', 'Temp\\abcdEFgh.tmp'), ''],
  ['a user share', share('\\\\*\\data', 'Temp\\abcdefgh.tmp'), ''],
  ['ordinary', command('systeminfo /fo csv'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(samHiveSave, event)).toBe(severity)
})
