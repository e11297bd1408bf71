import { expect, test } from 'vitest'
import { command, eventOf, processStart, severityFor } from '../../../test/record-detector.ts'
import { wmiExecution } from './wmi.ts'

const child = (image: string, commandLine: string, user = 'EXAMPLE\\ann') =>
  processStart({ image, commandLine, parentImage: 'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe', user })
const script = (text: string) => eventOf<'script_activity'>({ kind: 'script_activity', text })
const CMD = 'C:\\Windows\\System32\\cmd.exe'

test.each([
  ['Impacket', child(CMD, 'cmd.exe /Q /c whoami 1> \\\\127.0.0.1\\ADMIN$\\__1558660433.12 2>&1'), 'high'],
  [
    'its output file',
    eventOf<'smb_activity'>({ kind: 'smb_activity', share: '\\\\*\\ADMIN$', path: '__1558660433.12', srcIp: '10.0.0.9' }),
    'high',
  ],
  ['a shell', child(CMD, 'cmd /c ver'), 'medium'],
  ['an unknown program', child('C:\\Users\\Public\\g.exe', 'g.exe'), 'medium'],
  ['the asking side', command('wmic /node:dc01 /user:a /password:b process call create "cmd /c dir"'), 'medium'],
  ['a script that asks', script('Invoke-WmiMethod -ComputerName fs01 -Class Win32_Process -Name Create'), 'low'],
  ['with the words broken up', script('wmic /node:fs01 pro^cess\tca`ll"  cr""eate calc'), 'low'],
  ['and the class', script(`([wmiclass]'Win3"2"_Pro"cess').Create('calc')`), 'low'],
  // look-alikes
  ['a script about processes', script('Get-Process | Where-Object { $_.CPU -gt 32 }'), ''],
  ['an agent as SYSTEM', child(CMD, 'cmd /c inventory.bat', 'NT AUTHORITY\\SYSTEM'), 'low'],
  ['a product', child('C:\\Program Files\\x\\inv.exe', 'inv.exe'), 'low'],
  ['error reporting', child('C:\\Windows\\System32\\wermgr.exe', 'wermgr.exe'), ''],
  ['a local question', command('wmic logicaldisk get caption'), ''],
  ['a question to another', command('wmic /node:fs01 os get version'), 'low'],
  ['a file of Windows', eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path: 'C:\\Windows\\__1.tmp' }), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(wmiExecution, event)).toBe(severity)
})
