import { expect, test } from 'vitest'
import { command, severityFor } from '../../../test/record-detector.ts'
import { storedSessions } from './stored-sessions.ts'

test.each([
  ['reg query hkcu\\software\\SimonTatham\\PuTTY\\Sessions', 'medium'],
  ['reg query hklm\\software\\RealVNC\\vncserver', 'medium'],
  ['cmd /c copy "C:\\Users\\a\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\Login Data" c:\\x', 'medium'],
  ['cmd /c dir C:\\Users\\a\\.ssh\\known_hosts', 'low'],
  ['reg query hklm\\software\\Microsoft\\Windows', ''],
  ['chrome.exe --disable-cookies', ''],
])('%s', (line, severity) => {
  expect(severityFor(storedSessions, command(line))).toBe(severity)
})
