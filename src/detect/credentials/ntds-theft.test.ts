import { expect, test } from 'vitest'
import { command, eventOf, matchOf, severityFor } from '../../../test/record-detector.ts'
import { ntdsTheft } from './ntds-theft.ts'

const file = (action: string, path: string, image = 'C:\\Windows\\System32\\ntdsutil.exe') =>
  eventOf<'file_activity'>({ kind: 'file_activity', action, path, image })
const esent = (code: string, path: string) =>
  eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path }, { product: 'esent', code })
const script = (text: string) => eventOf<'script_activity'>({ kind: 'script_activity', text })

test('says where the copy went', () => {
  expect(matchOf(ntdsTheft, command('ntdsutil  "ac i ntds" "ifm" "create full C:\\Windows\\Temp\\pro" q q'))).toEqual({
    title:
      'ntdsutil made installation media of the domain database into c:\\windows\\temp\\pro: ntdsutil "ac i ntds" "ifm" "create full C:\\Windows\\Temp\\pro" q q',
    object: 'ntds.dit',
  })
})

test.each([
  ['long form', command('ntdsutil "activate instance ntds" "ifm" "create full c:\\x" quit quit'), 'critical'],
  ['shortest form', command('ntdsutil ac i ntds if "cr fu c:\\x" q q'), 'critical'],
  ['hidden behind carets in a shell', command('cmd.exe /c n^t^dsutil "ac i ntds" ifm "create full c:\\x" q q'), 'critical'],
  [
    'through WMI',
    command('wmic process call create "cmd.exe /c mkdir c:\\x & ntdsutil \\"ac i ntds\\" ifm \\"create full c:\\x\\" q q"'),
    'critical',
  ],
  [
    'copied out of a shadow copy',
    command('cmd /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\Windows\\NTDS\\ntds.dit C:\\Windows\\Temp\\a.gif'),
    'critical',
  ],
  ['esentutl', command('esentutl.exe /y /vss c:\\windows\\ntds\\ntds.dit /d c:\\x\\n.dat'), 'critical'],
  [
    'PowerShell',
    script('Copy-Item \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\NTDS\\ntds.dit C:\\x'),
    'critical',
  ],
  ['snapshot', command('ntdsutil snapshot "activate instance ntds" create quit quit'), 'high'],
  ['the file alone', file('create', 'C:\\Windows\\Temp\\x\\Active Directory\\ntds.dit'), 'critical'],
  ['the hive beside it', file('create', 'C:\\Windows\\Temp\\x\\registry\\SYSTEM'), 'critical'],
  ['the database engine alone', esent('325', 'C:\\Windows\\Temp\\x\\Active Directory\\ntds.dit'), 'critical'],
  ['the engine lets go of the copy', esent('327', 'C:\\Windows\\Temp\\x\\Active Directory\\ntds.dit'), 'high'],
  // look-alikes
  ['the directory starts', esent('326', 'C:\\Windows\\NTDS\\ntds.dit'), ''],
  ['a directory on another drive', esent('326', 'E:\\AD\\NTDS\\ntds.dit'), ''],
  ['a backup moves the path', esent('216', '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\NTDS\\ntds.dit'), ''],
  ['a snapshot is mounted', esent('326', 'C:\\$SNAP_202307190903_VOLUMEC$\\Windows\\NTDS\\ntds.dit'), ''],
  ['the promoted controller', file('create', 'C:\\Windows\\NTDS\\ntds.dit', 'C:\\Windows\\System32\\lsass.exe'), ''],
  [
    'the template in the component store',
    file('create', 'C:\\Windows\\WinSxS\\amd64_x\\ntds.dit', 'C:\\Windows\\servicing\\TiWorker.exe'),
    '',
  ],
  ['the live hive', file('create', 'C:\\Windows\\System32\\config\\SYSTEM', 'System'), ''],
  ['restore-mode password', command('ntdsutil "set dsrm password" "reset password on server null" q q'), 'low'],
  ['server backup', command('wbadmin start backup -backuptarget:e: -include:c:\\windows\\ntds'), 'medium'],
  ['somebody lists the folder', command('cmd /c dir c:\\windows\\ntds'), ''],
  ['ordinary', command('notepad.exe ntds-notes.txt'), ''],
  ['ordinary folder', command('cmd /c copy c:\\accounts\\a.txt d:\\ntds\\'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(ntdsTheft, event)).toBe(severity)
})
