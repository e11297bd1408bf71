import { expect, test } from 'vitest'
import { flow, silent, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { adminSession } from './admin-session.ts'

const a = '10.0.0.5'
const b = '10.0.0.9'
const both = [flow(0, a, b, 445, { bytesOut: 5e6 }), flow(60, a, b, 5985)]

test.each([
  ['two ways in and a file', both, ['low: 10.0.0.5 reached 10.0.0.9 by SMB and WinRM, sending 5.0 MB']],
  [
    'a file pushed to a workstation',
    [flow(0, a, b, 445, { bytesOut: 2e6 })],
    ['low: 10.0.0.5 reached 10.0.0.9 by SMB, sending 2.0 MB'],
  ],
  ['a file server', times(4, host => flow(0, `10.0.0.${host + 1}`, b, 445, { bytesOut: 9e6 })), []],
  ['reading a share', [flow(0, a, b, 445, { bytesIn: 9e6 })], []],
  ['RPC belongs to the other', [flow(0, a, b, 135), flow(0, a, b, 445)], []],
  [
    'an administrator who does so every day',
    times(4, day => both.map(event => ({ ...event, time: ((event.time ?? 0) + day * 86_400e6) as typeof event.time }))).flat(),
    [],
  ],
  ['attempts', [silent(0, a, b, 445), silent(1, a, b, 3389)], []],
  ['to the outside', [flow(0, a, '203.0.113.9', 22), flow(0, a, '203.0.113.9', 3389)], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(adminSession, events))).toEqual(expected)
})
