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
const tunnel = (bytesOut: number, bytesIn: number, packetsOut = 8, packetsIn = 9) =>
  flow(1000, '198.51.100.7', via, 22, { duration: 400e6, bytesOut, bytesIn, packetsOut, packetsIn, timePrecision: 1 })

/** What the machine does all day for its own reasons, in and out; what the sensor watched. */
const day = (calls: number, port = 443): SecurityEvent[] =>
  times(calls, i => [
    flow(-20_000 + (i * 40_000) / calls + random() * 30, via, `203.0.113.${1 + (i % 9)}`, port, {
      duration: 2e6,
      bytesOut: 900 + random() * 3_000,
      bytesIn: 2_000 + random() * 60_000,
      timePrecision: 1,
    }),
    flow(-20_000 + (i * 40_000) / calls + random() * 30, `192.0.2.${20 + (i % 9)}`, via, 8080, {
      duration: 1e6,
      bytesOut: 800 + random() * 3_000,
      bytesIn: 3_000 + random() * 60_000,
      timePrecision: 1,
    }),
  ]).flat()
const said =
  'low: 10 sessions of 192.0.2.8 with 10.0.0.20 are consistent with coming out of the connection of 198.51.100.7 to 192.0.2.8:22'

test.each([
  ['sessions that add up to the tunnel, on a quiet machine', [tunnel(22_000, 320_000), ...inside(1010, 10), ...day(20)], [said]],
  ['the same on a busy machine', [tunnel(22_000, 320_000), ...inside(1010, 10), ...day(1500)], [said]],
  [
    'the machine goes there without it as well',
    [tunnel(22_000, 320_000), ...inside(1010, 10), ...inside(700, 10), ...day(20)],
    [],
  ],
  [
    'small messages: what the frames of the tunnel add to each of them is the larger part',
    [tunnel(38_000, 320_000, 500, 400), ...inside(1010, 10), ...day(20)],
    [said],
  ],
  ['as much more in few packets', [tunnel(38_000, 320_000), ...inside(1010, 10), ...day(20)], []],
  ['the tunnel carried much more', [tunnel(90_000, 900_000), ...inside(1010, 10), ...day(20)], []],
  ['too few to add up to anything', [tunnel(9_000, 125_000), ...inside(1010, 4), ...day(20)], []],
  ['somebody is connected all the time the sensor watched', [tunnel(22_000, 320_000), ...inside(1010, 10)], []],
  [
    'an administrator works on a jump host itself, and copies from elsewhere meanwhile',
    [tunnel(60_000, 400_000), ...inside(1010, 10).map(event => ({ ...event, bytesIn: 4_000_000 }) as SecurityEvent), ...day(20)],
    [],
  ],
  [
    'a monitoring server asks its machines all day while somebody looks at its page',
    [
      tunnel(22_000, 320_000),
      ...times(400, i =>
        flow(-20_000 + i * 100, via, `10.0.0.${1 + (i % 20)}`, 161, {
          duration: 1e6,
          bytesOut: 2_000,
          bytesIn: 30_000,
          timePrecision: 1,
        }),
      ),
      ...day(20),
    ],
    [],
  ],
  [
    'a proxy of many, one of whom keeps a long connection',
    [
      tunnel(22_000, 320_000),
      ...times(600, i =>
        flow(-20_000 + i * 66, via, `203.0.113.${50 + (i % 40)}`, 443, {
          duration: 3e6,
          bytesOut: 1_500,
          bytesIn: 22_000,
          timePrecision: 1,
        }),
      ),
      ...day(200, 8443),
    ],
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(multiplexedTunnel, events))).toEqual(expected)
})
