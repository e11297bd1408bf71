import { expect, test } from 'vitest'
import { processStart, severityFor } from '../../../test/record-detector.ts'
import { intruderTool } from './intruder-tool.ts'

const start = (image: string, commandLine = image, originalFileName = '') =>
  processStart({ image, commandLine, originalFileName })

test.each([
  ['domain mapper', start('C:\\Users\\a\\SharpHound.exe'), 'medium'],
  ['machine survey', start('C:\\tools\\Seatbelt.exe', 'Seatbelt.exe  -group=user'), 'medium'],
  ['renamed', start('C:\\x\\a.exe', 'a.exe', 'Rubeus.exe'), 'high'],
  ['a script', start('C:\\Python39\\python.exe', 'python wmiexec.py a@b'), 'medium'],
  ['network scanner', start('C:\\x\\advanced_ip_scanner.exe'), 'low'],
  ['ordinary', start('C:\\Windows\\System32\\ipconfig.exe'), ''],
  ['ordinary script', start('C:\\Python39\\python.exe', 'python backup.py'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(intruderTool, event)).toBe(severity)
})
