import { expect, test } from 'vitest'
import { command, eventOf, processStart, saidBy } from '../../../test/record-detector.ts'
import { logCleared } from './log-cleared.ts'

const cleared = (log: string, action = 'cleared') =>
  eventOf<'log_activity'>({ kind: 'log_activity', action, log, user: 'EXAMPLE\\ann' })

test.each([
  ['Security', cleared('Security'), 'medium: The log Security was cleared by EXAMPLE\\ann'],
  ['System', cleared('System'), 'medium: The log System was cleared by EXAMPLE\\ann'],
  ['by command', command('wevtutil cl Security'), 'medium: Log cleared by command: wevtutil cl Security'],
  [
    'all',
    command("cmd /c for /F %i in ('wevtutil el') do wevtutil cl %i"),
    "high: All event logs cleared: cmd /c for /F %i in ('wevtutil el') do wevtutil cl %i",
  ],
  [
    'Linux',
    processStart({ image: '/bin/sh', commandLine: 'sh -c "cat /dev/null > /var/log/auth.log"' }),
    'medium: Log or history emptied: sh -c "cat /dev/null > /var/log/auth.log"',
  ],
  // look-alikes
  [
    'an operational log',
    cleared('Microsoft-Windows-Kernel-IO/Operational'),
    'low: The log Microsoft-Windows-Kernel-IO/Operational was cleared by EXAMPLE\\ann',
  ],
  [
    'a sensor is tested',
    cleared('Microsoft-Windows-Sysmon/Operational'),
    'low: The log Microsoft-Windows-Sysmon/Operational was cleared by EXAMPLE\\ann',
  ],
  ['the service stopped', cleared('Security', 'stopped'), ''],
  ['reading', command('wevtutil qe Security'), ''],
  ['listing', command('wevtutil el'), ''],
  ['rotation', processStart({ image: '/usr/sbin/logrotate', commandLine: 'logrotate; rm /var/log/a.log.9' }), ''],
  ['a file of the application', command('cmd /c del c:\\app\\a.log'), ''],
])('%s', (_name, event, said) => {
  expect(saidBy(logCleared, event)).toBe(said)
})
