import { expect, test } from 'vitest'
import { at } from '../../../test/network-events.ts'
import { saidBy } from '../../../test/record-detector.ts'
import { temporaryProgram } from './temporary-program.ts'

test.each([
  ['C:\\Windows\\Temp\\svc.exe', '203.0.113.9', 8443, 'medium: svc.exe in a temporary folder connected to 203.0.113.9:8443'],
  [
    'C:\\Users\\ann\\AppData\\Local\\Temp\\RarSFX1\\p.exe',
    '10.0.5.13',
    4433,
    'medium: p.exe in a temporary folder connected to 10.0.5.13:4433',
  ],
  ['/tmp/x', '203.0.113.9', 4444, 'medium: x in a temporary folder connected to 203.0.113.9:4444'],
  [
    'C:\\Users\\ann\\AppData\\Local\\Temp\\setup.exe',
    '203.0.113.9',
    443,
    'low: setup.exe in a temporary folder connected to 203.0.113.9:443',
  ],
  ['C:\\Users\\ann\\AppData\\Local\\Temp\\setup.exe', '10.0.0.9', 445, ''],
  ['C:\\Users\\ann\\AppData\\Local\\Chat\\chat.exe', '203.0.113.9', 8443, ''],
  ['C:\\Program Files\\Backup\\agent.exe', '203.0.113.9', 8443, ''],
  ['C:\\Windows\\Temp\\svc.exe', '127.0.0.1', 8443, ''],
])('%s to %s:%s', (image, dstIp, dstPort, expected) => {
  expect(
    saidBy(temporaryProgram, at('network_activity', 0, { action: 'open', image, dstIp, dstPort, initiatorKnown: true })),
  ).toBe(expected)
})
