import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { auditChanged } from './audit-changed.ts'

const policy = (user: string, detail: string) =>
  eventOf<'log_activity'>({ kind: 'log_activity', action: 'policy-changed', user, detail })
const set = (key: string, value: string, user = 'EXAMPLE\\ann') =>
  eventOf<'registry_activity'>({ kind: 'registry_activity', action: 'set-value', key, value, user })
const AUDIT = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Audit'

test.each([
  ['everything', command('auditpol.exe /clear /y'), 'medium'],
  ['one category', command('auditpol.exe /set /category:"Account Logon" /success:disable'), 'medium'],
  [
    'a person, as the system records it',
    policy('EXAMPLE\\ann', 'Account Logon: Credential Validation: Success removed'),
    'medium',
  ],
  ['a channel', command('wevtutil sl Microsoft-Windows-PowerShell/Operational /e:false'), 'medium'],
  ['command lines', command(`reg  add ${AUDIT} /t REG_DWORD /v ProcessCreationIncludeCmdLine_Enabled /d 0 /f`), 'medium'],
  ['the value', set(`${AUDIT}\\ProcessCreationIncludeCmdLine_Enabled`, 'DWORD (0x00000000)'), 'medium'],
  ['the same as numbers', policy('EXAMPLE\\ann', '%%8274 %%13312 {0cce922b-69ae-11d9-bed3-505054503030} %%8448'), 'medium'],
  // look-alikes
  ['audit rules are loaded anew', command('/sbin/auditctl -D'), 'low'],
  ['more, as numbers', policy('EXAMPLE\\ann', '%%8274 %%13312 {0cce922b-69ae-11d9-bed3-505054503030} %%8449'), ''],
  ['a quiet subcategory', policy('EXAMPLE\\ann', '%%8274 x {0cce9226-69ae-11d9-bed3-505054503030} %%8448'), 'low'],
  ['group policy', policy('EXAMPLE\\WEB01$', 'Logon/Logoff: Logoff: Success removed'), 'informational'],
  ['more is audited', policy('EXAMPLE\\ann', 'Logon/Logoff: Logon: Success added'), ''],
  ['switched on', command('auditpol.exe /set /category:"Account Logon" /success:enable'), ''],
  ['looked up', command('auditpol /get /category:*'), ''],
  ['the value on', set(`${AUDIT}\\ProcessCreationIncludeCmdLine_Enabled`, 'DWORD (0x00000001)'), ''],
  [
    'an installer and its channel',
    set(
      'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WINEVT\\Channels\\X\\Enabled',
      'DWORD (0x00000000)',
      'NT AUTHORITY\\SYSTEM',
    ),
    '',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(auditChanged, event)).toBe(severity)
})
