import { expect, test } from 'vitest'
import { flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { largeTransfer } from './large-transfer.ts'

test.each([
  [
    'in many pieces over a day',
    times(100, i => flow(i * 60, '10.0.0.5', '203.0.113.9', 443, { bytesOut: 2e6, bytesIn: 1e4 })),
    ['low: 10.0.0.5 sent 200.0 MB to 203.0.113.9:443'],
  ],
  ['a video call', [flow(0, '10.0.0.5', '203.0.113.9', 443, { bytesOut: 2e8, bytesIn: 1.9e8 })], []],
  ['a backup inside', [flow(0, '10.0.0.5', '10.0.0.9', 443, { bytesOut: 2e9, bytesIn: 1e5 })], []],
  [
    'cloud storage of everybody',
    times(5, host => flow(0, `10.0.0.${host + 1}`, '203.0.113.9', 443, { bytesOut: 2e8, bytesIn: 1e5 })),
    [],
  ],
  ['a mail', [flow(0, '10.0.0.5', '203.0.113.9', 587, { bytesOut: 2e7, bytesIn: 1e4 })], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(largeTransfer, events))).toEqual(expected)
})
