import { expect, test } from 'vitest'
import { command, eventOf, matchOf, processStart, severityFor } from '../../../test/record-detector.ts'
import { lsassDump } from './lsass-dump.ts'

const opened = (image: string, grantedAccess: string, CallTrace = '') =>
  processStart(
    { action: 'access', image, targetImage: 'C:\\Windows\\System32\\lsass.exe', grantedAccess },
    { original: { CallTrace } },
  )
const created = (path: string, image = 'C:\\Windows\\System32\\rundll32.exe') =>
  eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path, image })

test('title, object and techniques', () => {
  expect(matchOf(lsassDump, command('rundll32.exe C:\\windows\\System32\\comsvcs.dll MiniDump 756 C:\\x.dmp full'))).toEqual({
    title: 'Memory dump with comsvcs.dll: rundll32.exe C:\\windows\\System32\\comsvcs.dll MiniDump 756 C:\\x.dmp full',
    object: 'lsass.exe',
    techniques: ['T1003.001', 'T1218.011'],
  })
})

test.each([
  ['by ordinal', command('rundll32 comsvcs.dll,#24 612 c:\\x.dmp full'), 'high'],
  ['procdump', command('procdump64.exe -accepteula -ma lsass.exe c:\\x'), 'high'],
  ['procdump, order turned', command('procdump lsass.exe -ma c:\\x'), 'high'],
  ['mimikatz', command('x.exe privilege::debug sekurlsa::logonpasswords exit'), 'high'],
  ['full rights of rundll32', opened('C:\\Windows\\System32\\rundll32.exe', '0x1fffff'), 'high'],
  ['dump library in the calls', opened('C:\\Program Files\\tool.exe', '0x1fffff', 'ntdll.dll+1|dbgcore.DLL+99b1'), 'high'],
  ['Task Manager writes a dump', opened('C:\\Windows\\System32\\Taskmgr.exe', '0x1fffff', 'ntdll.dll+1|dbgcore.DLL+2'), 'high'],
  ['reader rights from Temp', opened('C:\\Windows\\Temp\\x.exe', '0x1010'), 'high'],
  ['reader rights from an unusual place', opened('C:\\tools\\x.exe', '0x1438'), 'medium'],
  ['a dump file', created('C:\\Windows\\Temp\\lsass_dump-3.dmp'), 'high'],
  ['an old comsvcs.dll', created('C:\\Windows\\Help\\comsvcs.dll'), 'high'],
  // look-alikes
  ['WMI lists processes', opened('C:\\Windows\\System32\\wbem\\WmiPrvSE.exe', '0x1410'), ''],
  ['antivirus', opened('C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18\\MsMpEng.exe', '0x1010'), ''],
  ['Sysmon', opened('C:\\Windows\\Sysmon.exe', '0x1fffff'), ''],
  ['monitoring agent', opened('C:\\Program Files\\Microsoft Monitoring Agent\\Agent\\HealthService.exe', '0x1410'), ''],
  ['a technician looks at processes', opened('C:\\Users\\ann\\AppData\\Local\\Temp\\Procmon64.exe', '0x1fffff'), 'low'],
  ['query only', opened('C:\\Windows\\System32\\VBoxService.exe', '0x1400'), ''],
  [
    'Get-Process over remoting',
    opened('C:\\Windows\\System32\\wsmprovhost.exe', '0x1f3fff', 'ntdll.dll+1|System.ni.dll+2'),
    'low',
  ],
  ['a program that lists processes', opened('C:\\tools\\inventory.exe', '0x1410'), 'low'],
  ['dump of another program', command('procdump.exe -ma w3wp.exe c:\\x'), ''],
  [
    'error reporting',
    created('C:\\Users\\ann\\AppData\\Local\\CrashDumps\\lsass.exe.612.dmp', 'C:\\Windows\\System32\\WerFault.exe'),
    'low',
  ],
  ['update of Windows', created('C:\\Windows\\WinSxS\\amd64_x\\comsvcs.dll', 'C:\\Windows\\servicing\\TiWorker.exe'), ''],
  ['another dump', created('C:\\x\\w3wp.dmp'), ''],
  ['ordinary rundll32', command('rundll32.exe shell32.dll,#61'), ''],
  ['ordinary', command('ipconfig /all'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(lsassDump, event)).toBe(severity)
})
