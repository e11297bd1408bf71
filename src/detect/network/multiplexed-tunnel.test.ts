import { expect, test } from 'vitest'
import { chance, flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { multiplexedTunnel } from './multiplexed-tunnel.ts'

const via = '192.0.2.8'
const random = chance(3)
const inside = (from: number, count: number): SecurityEvent[] =>
  times(count, i =>
    flow(from + i * 20 + random() * 10, via, '10.0.0.20', 3389, {
      duration: 5e6,
      bytesOut: 2_000,
      bytesIn: 30_000,
      timePrecision: 1,
    }),
  )
const tunnel = (bytesOut: number, bytesIn: number) =>
  flow(1000, '198.51.100.7', via, 22, { duration: 400e6, bytesOut, bytesIn, timePrecision: 1 })

test.each([
  [
    'sessions that add up to the tunnel',
    [tunnel(22_000, 320_000), ...inside(1010, 10)],
    [
      'low: 10 sessions of 192.0.2.8 with 10.0.0.20 are consistent with coming out of the connection of 198.51.100.7 to 192.0.2.8:22',
    ],
  ],
  ['the machine is as busy without it', [tunnel(22_000, 320_000), ...inside(1010, 10), ...inside(700, 10)], []],
  ['the tunnel carried much more', [tunnel(90_000, 900_000), ...inside(1010, 10)], []],
  ['too few to add up to anything', [tunnel(9_000, 125_000), ...inside(1010, 4)], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(multiplexedTunnel, events))).toEqual(expected)
})
