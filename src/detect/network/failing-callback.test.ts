import { expect, test } from 'vitest'
import { flow, silent, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { failingCallback } from './failing-callback.ts'

const client = '10.0.0.5'
const tries = (count: number, every: number, dst: string, port: number, src = client) =>
  times(count, i => silent(i * every, src, dst, port, { state: 'REJ', packetsIn: 1 }))

test.each([
  [
    'an outside address on an odd port',
    tries(60, 10, '203.0.113.9', 5888),
    ['medium: 10.0.0.5 tried 203.0.113.9:5888 60 times in 10 min without an answer'],
  ],
  [
    'a web server that is gone',
    tries(60, 10, '203.0.113.9', 443),
    ['low: 10.0.0.5 tried 203.0.113.9:443 60 times in 10 min without an answer'],
  ],
  [
    'a server inside that is gone',
    tries(60, 10, '10.0.0.9', 9000),
    ['low: 10.0.0.5 tried 10.0.0.9:9000 60 times in 10 min without an answer'],
  ],
  ['everybody misses it', times(5, host => tries(60, 10, '203.0.113.9', 5888, `10.0.0.${host + 1}`)).flat(), []],
  ['a burst of retries', tries(60, 1, '203.0.113.9', 5888), []],
  [
    'a server with a bad day',
    [...tries(30, 20, '203.0.113.9', 5888), ...times(30, i => flow(i * 20, client, '203.0.113.9', 5888))],
    [],
  ],
  ['a person', tries(5, 120, '203.0.113.9', 5888), []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(failingCallback, events))).toEqual(expected)
})
