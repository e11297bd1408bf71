import { expect, test } from 'vitest'
import { processStart, severityFor } from '../../../test/record-detector.ts'
import { toolInOddPlace } from './tool-in-odd-place.ts'

const start = (image: string, originalFileName = '') => processStart({ image, originalFileName, commandLine: image })

test.each([
  ['system name in Temp', start('C:\\Windows\\Temp\\svchost.exe'), 'high'],
  ['the published look-alike', start('C:\\Windows\\System32\\WmiPreSV.exe'), 'high'],
  ['system name elsewhere', start('D:\\tools\\wmiprvse.exe'), 'medium'],
  ['renamed rar', start('C:\\Windows\\Temp\\ronf.exe', 'rar.exe'), 'high'],
  ['renamed PsExec service', start('C:\\Windows\\tools\\agent.exe', 'psexesvc.exe'), 'medium'],
  // look-alikes
  ['the true one', start('C:\\Windows\\System32\\svchost.exe', 'svchost.exe'), ''],
  ['in the component store', start('C:\\Windows\\WinSxS\\amd64_x\\svchost.exe'), ''],
  ['explorer', start('C:\\Windows\\explorer.exe', 'EXPLORER.EXE'), ''],
  ['through the object manager', start('\\??\\C:\\Windows\\system32\\conhost.exe'), ''],
  ['system root', start('\\SystemRoot\\System32\\smss.exe'), ''],
  ['the 64-bit procdump', start('C:\\tools\\procdump64.exe', 'procdump'), ''],
  ['a name that is only similar', start('C:\\Program Files\\x\\svchostmonitor.exe'), ''],
  ['no path was logged', start('svchost.exe'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(toolInOddPlace, event)).toBe(severity)
})
