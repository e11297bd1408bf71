import { expect, test } from 'vitest'
import { command, eventOf, saidBy, severityFor } from '../../../test/record-detector.ts'
import { scheduledTask } from './scheduled-task.ts'

const task = (name: string, run: string, user = 'EXAMPLE\\ann', product = 'security') =>
  eventOf<'scheduled_job_activity'>({ kind: 'scheduled_job_activity', action: 'register', name, command: run, user }, { product })

test('names the other machine', () => {
  const line = 'schtasks /create /F /tn \\Microsoft\\Windows\\X\\Cache /tr "cmd.exe /C notepad" /sc ONSTART /ru system /S WS06'
  expect(saidBy(scheduledTask, command(line))).toBe(`medium: Scheduled task \\microsoft\\windows\\x\\cache made on ws06: ${line}`)
})

test.each([
  ['in a folder of Windows, runs a shell', task('\\Microsoft\\Windows\\X\\Cache', 'C:\\Windows\\system32\\cmd.exe /C x'), 'high'],
  ['local, runs a shell', command('schtasks /create /tn up /tr "powershell -f c:\\a.ps1" /sc daily'), 'medium'],
  ['started on another machine', command('schtasks /run /s fs01 /tn up'), 'medium'],
  [
    'output of a remote task',
    eventOf<'smb_activity'>({
      kind: 'smb_activity',
      action: 'open',
      share: '\\\\10.0.0.2\\ADMIN$',
      path: 'Temp\\wdszAPrV.tmp',
      srcIp: '10.0.0.9',
      dstIp: '10.0.0.2',
    }),
    'high',
  ],
  // look-alikes
  [
    'a file of an installer',
    eventOf<'smb_activity'>({
      kind: 'smb_activity',
      action: 'open',
      share: '\\\\10.0.0.2\\ADMIN$',
      path: 'Temp\\ccmsetup.tmp',
      srcIp: '10.0.0.9',
    }),
    '',
  ],
  ['a person schedules a script', task('\\backup', 'powershell.exe -f c:\\backup.ps1'), 'low'],
  ['a product for a user', task('\\OneDrive Standalone Update', 'C:\\Program Files\\OneDrive.exe'), 'informational'],
  [
    'Windows updates its own',
    task('\\Microsoft\\Windows\\Application Experience\\Appraiser', 'compattelrunner.exe', 'EXAMPLE\\DC01$'),
    '',
  ],
  [
    'cron',
    eventOf<'scheduled_job_activity'>(
      { kind: 'scheduled_job_activity', action: 'run', command: '/bin/sh x' },
      { product: 'cron' },
    ),
    '',
  ],
  ['local schedule of a program', command('schtasks /create /tn up /tr c:\\prog\\a.exe /sc daily'), 'low'],
  ['query', command('schtasks /query /s fs01'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(scheduledTask, event)).toBe(severity)
})
