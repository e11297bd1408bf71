import { expect, test } from 'vitest'
import { command, eventOf, severityFor } from '../../../test/record-detector.ts'
import { adminShareFile } from './admin-share-file.ts'

const wrote = (share: string, path: string, accessMask = '0x17019f', user = 'EXAMPLE\\ann') =>
  eventOf<'smb_activity'>({ kind: 'smb_activity', action: 'open', share, path, accessMask, user, srcIp: '10.0.0.9' })

test.each([
  ['a program on C$', wrote('\\\\*\\C$', 'ProgramData\\g.exe'), 'medium'],
  ['share connected with a password', command('net use \\\\fs01\\admin$ P@ss /u:ann'), 'medium'],
  ['a tool copied', command('cmd /c copy c:\\x\\a.exe \\\\fs01\\c$\\windows\\temp\\'), 'medium'],
  [
    'an archive copied into a web root',
    command('xcopy /y C:\\Windows\\Temp\\lock.lic \\\\web01\\c$\\inetpub\\wwwroot\\support\\'),
    'medium',
  ],
  // look-alikes
  ['read only', wrote('\\\\*\\C$', 'ProgramData\\g.exe', '0x120089'), ''],
  ['a document', wrote('\\\\*\\C$', 'Users\\ann\\a.docx'), ''],
  ['a user share', wrote('\\\\*\\software', 'setup.exe'), ''],
  ['distribution by a computer account', wrote('\\\\*\\ADMIN$', 'ccmsetup\\ccmsetup.exe', '0x2', 'EXAMPLE\\SCCM01$'), 'low'],
  ['share connected without a password', command('net use \\\\fs01\\c$'), 'low'],
  ['a drive letter', command('net use h: \\\\fs01\\home'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(adminShareFile, event)).toBe(severity)
})
