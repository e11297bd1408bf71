import { expect, test } from 'vitest'
import { flow, silent, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { flood } from './flood.ts'

test.each([
  [
    'broadcasts all the time',
    [silent(1, '10.0.2.15', '10.0.2.255', 137, { protocol: 'udp', packetsOut: 28_199, duration: 3_540e6, state: 'INT' })],
    ['low: 10.0.2.15 sent 28199 packets to 10.0.2.255:137 in 59 min, without an answer'],
  ],
  [
    'many sources at once are one finding',
    times(600, i => silent(i, `198.51.100.${i % 200}`, '192.0.2.1', 443, { packetsOut: 40 })),
    ['informational: 200 addresses sent 24000 packets to 192.0.2.1:443 in 10 min, without an answer'],
  ],
  ['a stream that is answered', [flow(1, '10.0.2.15', '203.0.113.5', 443, { packetsOut: 90_000, packetsIn: 80_000 })], []],
  ['a client that tries again', times(200, i => silent(i, '10.0.2.15', '203.0.113.5', 443)), []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(flood, events))).toEqual(expected)
})
