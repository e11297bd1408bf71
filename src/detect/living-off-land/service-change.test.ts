import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { serviceChange } from './service-change.ts'

const install = (name: string, path: string) =>
  eventOf<'service_activity'>({ kind: 'service_activity', action: 'install', name, path })

test.each([
  [
    'bent to a shell',
    command('sc  config Fax binPath= "C:\\windows\\system32\\WindowsPowerShell\\v1.0\\powershell.exe -noexit -c x"'),
    'medium',
  ],
  ['failure command', command('sc failure Fax command= "C:\\Windows\\Temp\\a.exe" reset= 0'), 'low'],
  ['failure command with a shell', command('sc failure Fax command= "cmd /c a" actions= run/1'), 'medium'],
  ['made by command', command('sc create agent binPath= "C:\\Program Files\\agent\\agent.exe"'), 'low'],
  ['service in Temp', install('upd', 'C:\\Windows\\Temp\\upd.exe'), 'medium'],
  // look-alikes
  ['repaired', command('sc  config Fax binPath= "C:\\WINDOWS\\system32\\fxssvc.exe"'), 'low'],
  ['start type', command('sc config Fax start= auto'), ''],
  ['queried', command('sc query Fax'), ''],
  [
    'a driver of Defender',
    install('MpKsl', 'C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\MpKslDrv.sys'),
    '',
  ],
  ['a test run of a developer', install('agent', '"C:\\Users\\a\\AppData\\Local\\Temp\\pytest-0\\run\\agent.exe"'), 'low'],
  ['an agent', install('agent', '"C:\\ProgramData\\Agent\\agent.exe"'), 'low'],
  ['ordinary', install('agent', 'C:\\Program Files\\agent.exe'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(serviceChange, event)).toBe(severity)
})
