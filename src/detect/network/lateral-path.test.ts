import { expect, test } from 'vitest'
import { flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { lateralPath } from './lateral-path.ts'

const DAY = 86_400
const session = (begun: number, from: string, to: string, port: number, seconds: number) =>
  flow(begun, from, to, port, { duration: seconds * 1e6, bytesOut: 30_000, bytesIn: 400_000 })
const [a, b, c] = ['10.0.0.5', '10.0.0.9', '10.0.0.20']

test.each([
  [
    'remote desktop, and from there a share',
    [session(100, a, b, 3389, 900), session(300, b, c, 445, 60)],
    ['low: While 10.0.0.5 worked on 10.0.0.9 by RDP, 10.0.0.9 worked on 10.0.0.20 by SMB'],
  ],
  ['after the first session', [session(100, a, b, 3389, 100), session(300, b, c, 445, 60)], []],
  [
    'the same way on three days',
    times(3, day => [session(day * DAY + 100, a, b, 3389, 900), session(day * DAY + 300, b, c, 445, 60)]).flat(),
    [],
  ],
  ['a jump host', [session(100, a, b, 22, 900), ...times(6, i => session(300 + i, b, `10.0.0.${20 + i}`, 22, 60))], []],
  [
    'a file server that many use',
    [session(100, a, b, 3389, 900), session(300, b, c, 445, 60), ...times(6, i => session(50, `10.0.1.${i}`, c, 445, 900))],
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(lateralPath, events))).toEqual(expected)
})

test('the hop it shows is no more than consistent', async () => {
  const [found] = await foundBy(lateralPath, [session(100, a, b, 3389, 900), session(300, b, c, 445, 60)])
  expect(found?.hops).toMatchObject([{ from: a, via: b, to: c, grade: 'consistent' }])
})
