import { expect, test } from 'vitest'
import { at, chance, times } from '../../../test/network-events.ts'
import { foundBy, saidIn, storeOf } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { vpnNewNetwork } from './vpn-new-network.ts'
import { vpnSharedAddress } from './vpn-shared-address.ts'
import { vpnTwoPlaces } from './vpn-two-places.ts'

const DAY = 86_400
const device = { host: 'fw01', product: 'fortigate', series: 'fortigate|fw01|fw' }
function session(day: number, user: string, srcIp: string, minutes = 60, client = ''): SecurityEvent[] {
  const start = Math.round(day * DAY)
  const tunnel = (action: string, seconds: number) =>
    at('tunnel_activity', seconds, { action, user, srcIp, client, protocol: 'ssl-vpn' }, device) as SecurityEvent
  return [
    at(
      'authentication',
      start,
      { action: 'logon', outcome: 'success', user, srcIp, protocol: 'ssl-vpn' },
      device,
    ) as SecurityEvent,
    tunnel('up', start),
    tunnel('down', start + minutes * 60),
  ]
}

test.each([
  [
    'at once, with two clients',
    [...session(1, 'ann', '203.0.113.5', 240, 'PC7'), ...session(1.05, 'ann', '198.51.100.9', 60, 'KALI')],
    ['medium: ann had VPN sessions from 198.51.100.9 and 203.0.113.5 at the same time, with different clients'],
  ],
  [
    'at once',
    [...session(1, 'ann', '203.0.113.5', 240), ...session(1.05, 'ann', '198.51.100.9', 60)],
    ['low: ann had VPN sessions from 198.51.100.9 and 203.0.113.5 at the same time'],
  ],
  ['one after the other', [...session(1, 'ann', '203.0.113.5', 60), ...session(1.05, 'ann', '198.51.100.9', 60)], []],
  [
    'the old session times out',
    [...session(1, 'ann', '203.0.113.5', 65), ...session(1 + 60 / 1440, 'ann', '198.51.100.9', 60)],
    [],
  ],
  ['two machines at home', [...session(1, 'ann', '203.0.113.5', 240), ...session(1.05, 'ann', '203.0.113.6', 60)], []],
  ['two people', [...session(1, 'ann', '203.0.113.5', 240), ...session(1.05, 'bob', '198.51.100.9', 60)], []],
])('two places: %s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(vpnTwoPlaces, events))).toEqual(expected)
})

const people = (count: number) =>
  times(count, index => times(4, day => session(day, `user${index}`, `203.0.${index}.5`)).flat()).flat()

test.each([
  [
    'three of twenty from one relay',
    [...people(20), ...times(3, index => session(6 + index, `user${index}`, '198.51.100.9')).flat()],
    ['medium: 3 accounts logged in to the VPN from 198.51.100.9, new for each of them: user0, user1, user2'],
  ],
  ['a household', [...people(20), ...times(2, index => session(6, `user${index}`, '198.51.100.9')).flat()], []],
  [
    'a new office',
    [...people(20), ...times(12, index => session(6, `user${index}`, '198.51.100.9')).flat()],
    [
      'informational: 12 accounts logged in to the VPN from 198.51.100.9, new for each of them: user0, user1, user10, user11, user2',
    ],
  ],
  [
    'accounts without a line of their own before',
    [...people(20), ...times(5, index => session(6, `new${index}`, '198.51.100.9')).flat()],
    [],
  ],
  [
    'one after the other over months',
    [...people(20), ...times(3, index => session(6 + index * 40, `user${index}`, '198.51.100.9')).flat()],
    [],
  ],
])('a shared address: %s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(vpnSharedAddress, events))).toEqual(expected)
})

test('forty people who work at home for two months: new numbers of their line, the telephone as a line, a journey each', async () => {
  const random = chance(7)
  const events = times(40, person =>
    times(40, day => {
      const renewed = 5 + Math.floor(day / 15)
      const place =
        random() < 0.04 ? `192.0.${Math.floor(random() * 200)}.${Math.floor(random() * 200) + 1}` : `203.0.${person}.${renewed}`
      return session(day + random() * 0.2, `user${person}`, place, 30 + Math.floor(random() * 300), `PC${person}`)
    }).flat(),
  ).flat()
  const store = await storeOf(events)
  try {
    expect(saidIn(await store.find(vpnTwoPlaces))).toEqual([])
    expect(saidIn(await store.find(vpnSharedAddress))).toEqual([])
    // A journey is told as what it is: low, for a person to recognise; 1,600 log-ins and some sixty journeys.
    const journeys = await store.find(vpnNewNetwork)
    expect(journeys.every(({ severity }) => severity === 'low')).toBe(true)
    expect(journeys.length).toBeLessThan(80)
  } finally {
    store.close()
  }
})
