import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { remoteRegistry } from './remote-registry.ts'

const RUN = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\x'
const set = (image: string, user: string) =>
  eventOf<'registry_activity'>({ kind: 'registry_activity', action: 'set-value', key: RUN, value: 'a', image, user })

test.each([
  ['changed from here', command('reg add \\\\fs01\\hklm\\software\\x /v a /d b'), 'medium'],
  ['read from here', command('reg query \\\\fs01\\hklm\\software\\x'), 'low'],
  ['changed on the target', set('C:\\Windows\\System32\\svchost.exe', 'NT AUTHORITY\\LOCAL SERVICE'), 'medium'],
  ['the pipe', eventOf<'smb_activity'>({ kind: 'smb_activity', path: 'winreg', srcIp: '10.0.0.9', user: 'EXAMPLE\\ann' }), 'low'],
  [
    'the same from a sensor that names no account',
    eventOf<'registry_activity'>({
      kind: 'registry_activity',
      action: 'set-value',
      key: RUN.slice(0, -2),
      valueName: 'x',
      image: 'C:\\Windows\\System32\\svchost.exe',
    }),
    'medium',
  ],
  ['group policy', set('C:\\Windows\\System32\\svchost.exe', 'NT AUTHORITY\\SYSTEM'), ''],
  ['an installer', set('C:\\Windows\\System32\\msiexec.exe', 'NT AUTHORITY\\SYSTEM'), ''],
  ['local', command('reg add hklm\\software\\x /v a'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(remoteRegistry, event)).toBe(severity)
})
