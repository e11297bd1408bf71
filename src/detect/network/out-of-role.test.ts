import { expect, test } from 'vitest'
import { flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { outOfRole } from './out-of-role.ts'

const DAY = 86_400
const device = (days: number) =>
  times(days * 12, i =>
    flow(i * 7200, '10.0.0.1', ['10.0.0.53', '203.0.113.5', '10.0.0.14'][i % 3] ?? '', [53, 123, 514][i % 3] ?? 53),
  )
const desktop = flow(6 * DAY, '10.0.0.1', '10.0.0.20', 3389)

test.each([
  [
    'a router that opens remote desktop',
    [...device(5), desktop],
    ['medium: 10.0.0.1 opened RDP to 10.0.0.20; for 6 days before it had only done what devices do'],
  ],
  ['known for a day only', [...device(1), desktop], []],
  [
    'a computer that also asks for names',
    [...device(5), ...times(30, i => flow(i * 9000, '10.0.0.1', '10.0.0.9', 1433 + (i % 3))), desktop],
    [],
  ],
  [
    'a scan nobody answers',
    [...device(5), flow(6 * DAY, '10.0.0.1', '10.0.0.20', 3389, { bytesIn: 0, packetsIn: 0, state: 'S0' })],
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(outOfRole, events))).toEqual(expected)
})
