import { expect, test } from 'vitest'
import { command, eventOf, processStart, severityFor } from '../../../test/record-detector.ts'
import { autostart } from './autostart.ts'

const RUN = 'HKU\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run'
const set = (key: string, valueName: string, value: string, image = 'C:\\Windows\\System32\\reg.exe') =>
  eventOf<'registry_activity'>({ kind: 'registry_activity', action: 'set-value', key, valueName, value, image })

test.each([
  ['a script sets a program in Temp', set(RUN, 'up', 'C:\\Windows\\Temp\\up.exe'), 'medium'],
  ['a shell runs a script of a user', set(RUN, 'up', 'wscript.exe "C:\\Users\\Public\\up.vbs"'), 'medium'],
  [
    'by command',
    command('reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v up /d C:\\Users\\Public\\up.exe'),
    'medium',
  ],
  [
    'sticky keys',
    set(
      'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\sethc.exe',
      'Debugger',
      'C:\\Windows\\System32\\cmd.exe',
    ),
    'high',
  ],
  [
    'sticky keys in use',
    processStart({
      image: 'C:\\Windows\\System32\\cmd.exe',
      commandLine: '"C:\\Windows\\System32\\cmd.exe" sethc.exe 211',
      parentImage: 'C:\\Windows\\System32\\winlogon.exe',
    }),
    'high',
  ],
  // look-alikes
  [
    'OneDrive sets itself',
    set(
      RUN,
      'OneDrive',
      '"C:\\Users\\a\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe" /background',
      'C:\\Users\\a\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe',
    ),
    'low',
  ],
  [
    'an installer',
    set(
      'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run',
      'vmtools',
      '"C:\\Program Files\\VMware\\vmtoolsd.exe" -n vmusr',
      'C:\\Windows\\System32\\msiexec.exe',
    ),
    'low',
  ],
  [
    'application verifier',
    set('HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\shop.exe', 'GlobalFlag', '0x100'),
    '',
  ],
  ['another key', set('HKLM\\SOFTWARE\\x', 'Run', 'C:\\Windows\\Temp\\a.exe'), ''],
  ['a query', command('reg query HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run'), ''],
  [
    'ordinary',
    processStart({ image: 'C:\\Windows\\System32\\userinit.exe', parentImage: 'C:\\Windows\\System32\\winlogon.exe' }),
    '',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(autostart, event)).toBe(severity)
})
