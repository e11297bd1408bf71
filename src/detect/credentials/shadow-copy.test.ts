import { expect, test } from 'vitest'
import { command, severityFor } from '../../../test/record-detector.ts'
import { shadowCopy } from './shadow-copy.ts'

test.each([
  ['by hand', command('vssadmin create shadow /for=C:'), 'low'],
  ['through WMI', command('wmic shadowcopy call create Volume=C:\\'), 'low'],
  ['a diskshadow script', command('diskshadow.exe /s c:\\x.txt'), 'medium'],
  ['the same as SYSTEM, as backup tasks do', command('diskshadow.exe /s c:\\x.txt', { user: 'NT AUTHORITY\\SYSTEM' }), 'low'],
  [
    'a backup program',
    command('vssadmin create shadow /for=C:', { parentImage: 'C:\\Program Files\\Veeam\\agent.exe' }),
    'informational',
  ],
  ['list', command('vssadmin list shadows'), ''],
  ['delete is another matter', command('vssadmin delete shadows /all'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(shadowCopy, event)).toBe(severity)
})
