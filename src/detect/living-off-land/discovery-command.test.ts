import { expect, test } from 'vitest'
import { command, eventOf, saidBy } from '../../../test/record-detector.ts'
import { discoveryCommandUsed } from './discovery-command.ts'

test.each([
  [
    'members listed over the network',
    eventOf<'account_change'>({
      kind: 'account_change',
      action: 'enumerate',
      user: 'EXAMPLE\\ann',
      group: 'Builtin\\Administrators',
    }),
    'low: EXAMPLE\\ann listed the members of Builtin\\Administrators from another machine',
  ],
  [
    'members listed by a local program',
    eventOf<'account_change'>({
      kind: 'account_change',
      action: 'enumerate',
      user: 'EXAMPLE\\ann',
      group: 'Builtin\\Administrators',
      process: 'C:\\Windows\\System32\\mmc.exe',
    }),
    '',
  ],
  [
    'a person asks',
    command('net.exe group "Domain Admins" /dom'),
    'informational: net group: net.exe group "Domain Admins" /dom',
  ],
  [
    'log-ons read from the log',
    command('wevtutil qe security /f:text'),
    'informational: event log reading: wevtutil qe security /f:text',
  ],
  ['the shell around it', command('cmd.exe /c net group /dom'), ''],
  ['the machine itself', command('net.exe group /dom', { user: 'NT AUTHORITY\\SYSTEM' }), ''],
  ['an agent', command('net.exe group /dom', { parentImage: 'C:\\a\\CcmExec.exe' }), ''],
  ['about the machine only', command('ipconfig /all'), ''],
])('%s', (_name, event, said) => {
  expect(saidBy(discoveryCommandUsed, event)).toBe(said)
})
