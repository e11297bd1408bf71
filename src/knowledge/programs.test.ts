import fc from 'fast-check'
import { expect, test } from 'vitest'
import { discoveryCommand, isArchiver, isCredentialTool, isFetcher, isShell, isUserWritablePath } from './programs.ts'

test.each([
  ['net group "Domain Admins" /dom', 'net group'],
  ['C:\\Windows\\system32\\net1  group /domain', 'net group'],
  ['cmd /c net user', 'net user'],
  ['net user backup P@ss /add', ''],
  ['net use \\\\fs01\\admin$', ''],
  ['net localgroup administrators eve /add', ''],
  ['nltest.exe /domain_trusts', 'nltest'],
  ['wmic path win32_logicaldisk get caption,freespace', 'wmic system'],
  ['wmic logicaldisk get caption', 'wmic system'],
  ['netsh interface portproxy show all', 'netsh show'],
  ['wevtutil qe security /rd:true /f:text', 'event log reading'],
  ['netsh interface portproxy add v4tov4 listenport=1 connectport=2', ''],
  ['notepad.exe whoami.txt', ''],
  ['', ''],
])('%s', (command, tool) => {
  expect(discoveryCommand(command)?.tool ?? '').toBe(tool)
})

test.each([
  ['C:\\Windows\\Temp\\a.exe', true],
  ['C:\\Users\\Public\\a.exe', true],
  ['C:\\Users\\ann\\AppData\\Local\\Temp\\a.exe', true],
  ['C:\\ProgramData\\SAM', true],
  ['/dev/shm/x', true],
  ['C:\\Windows\\System32\\a.exe', false],
  ['C:\\Program Files\\a.exe', false],
  ['/usr/bin/x', false],
])('%s writable %s', (path, writable) => {
  expect(isUserWritablePath(path)).toBe(writable)
})

test('programs by name, whatever the folder', () => {
  expect([isShell('C:\\Windows\\System32\\cmd.exe'), isShell('/bin/dash'), isShell('cmdkey.exe')]).toEqual([true, true, false])
  expect([isArchiver('rar.exe'), isFetcher('/usr/bin/curl'), isCredentialTool('C:\\ntdsutil.exe')]).toEqual([true, true, true])
})

test('random text never throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      text => discoveryCommand(text)?.tool !== '' && isUserWritablePath(text) !== undefined,
    ),
  )
})
