import { expect, test } from 'vitest'
import { at, flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { vpnNewNetwork } from './vpn-new-network.ts'

const DAY = 86_400
const device = { host: 'fw01', product: 'fortigate', series: 'fortigate|fw01|fw' }
/** A VPN session of two hours with what was done in it: [target, port]. */
function session(
  day: number,
  user: string,
  from: string,
  leased: string,
  ...used: readonly (readonly [string, number])[]
): SecurityEvent[] {
  const start = day * DAY
  return [
    at(
      'authentication',
      start,
      { action: 'logon', outcome: 'success', user, srcIp: from, protocol: 'ssl-vpn' },
      device,
    ) as SecurityEvent,
    at(
      'tunnel_activity',
      start,
      { action: 'up', user, srcIp: from, assignedIp: leased, protocol: 'ssl-vpn' },
      device,
    ) as SecurityEvent,
    ...used.map(([target, port], index) => flow(start + 60 + index, leased, target, port)),
    at(
      'tunnel_activity',
      start + 7200,
      { action: 'down', user, srcIp: from, assignedIp: leased, protocol: 'ssl-vpn' },
      device,
    ) as SecurityEvent,
  ]
}
const home = '203.0.113.20'
const away = '198.51.100.9'
const usual = times(5, day => session(day, 'ann', home, '10.9.0.5', ['10.0.0.20', 445])).flat()
const first = 'ann logged in by VPN from 198.51.100.9, new for the account'

test.each([
  [
    'and reaches two machines it never used',
    session(6, 'Ann', away, '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445]),
    [`medium: ${first}, and reached 2 machines it never used: 10.0.0.1 by RDP, 10.0.0.80 by SMB`],
  ],
  [
    'and reaches three',
    session(6, 'ann', away, '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445], ['10.0.0.81', 5985]),
    [`high: ${first}, and reached 3 machines it never used: 10.0.0.1 by RDP, 10.0.0.80 by SMB, 10.0.0.81 by WinRM`],
  ],
  [
    'and does one new thing',
    session(6, 'ann', away, '10.9.0.7', ['10.0.0.1', 3389]),
    [`low: ${first}, and reached 1 machine it never used: 10.0.0.1 by RDP`],
  ],
  ['and works as always: a new provider', session(6, 'ann', away, '10.9.0.7', ['10.0.0.20', 445]), [`low: ${first}`]],
  ['another number of the same line', session(6, 'ann', '203.0.113.77', '10.9.0.7', ['10.0.0.20', 445]), []],
  [
    'another number of the same line, and new machines',
    session(6, 'ann', '203.0.113.77', '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445]),
    [
      'medium: ann logged in by VPN from 203.0.113.77, new for the account, and reached 2 machines it never used: 10.0.0.1 by RDP, 10.0.0.80 by SMB',
    ],
  ],
  ['the known place and new machines', session(6, 'ann', home, '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445]), []],
  [
    "a session whose address was somebody else's before",
    [...session(5.5, 'bob', home, '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445]), ...session(6, 'ann', away, '10.9.0.7')],
    [`low: ${first}`],
  ],
])('%s', async (_name, events, expected) => {
  const found = await foundBy(vpnNewNetwork, [...usual, ...events])
  expect(saidIn(found).filter(text => text.includes('ann'))).toEqual(expected)
})

test('the baseline is stated, and the records of log-in and use are handed over', async () => {
  const events = session(6, 'ann', away, '10.9.0.7', ['10.0.0.1', 3389], ['10.0.0.80', 445], ['10.0.0.20', 445])
  const [found] = await foundBy(vpnNewNetwork, [...usual, ...events])
  expect(found?.why).toContain(
    'Baseline: 5 earlier log-ins of the account on 5 days since 2024-01-02T08:00:00.000000Z, from 1 network; 198.51.100.0/24 is none of them.',
  )
  expect(found?.evidence.map(({ record }) => record)).toEqual(events.slice(0, 4).map(event => event.source.record))
  expect([found?.accounts, found?.hosts, found?.addresses]).toEqual([
    ['ann'],
    ['fw01'],
    [away, '10.9.0.7', '10.0.0.1', '10.0.0.80'],
  ])
})

test('what everybody does over the VPN is nothing new', async () => {
  const others = ['bob', 'cyd', 'dan'].flatMap((user, index) =>
    session(1, user, `192.0.2.${index * 9 + 1}`, `10.9.0.${40 + index}`, ['10.0.0.30', 445], ['10.0.0.31', 445]),
  )
  const found = await foundBy(vpnNewNetwork, [
    ...usual,
    ...others,
    ...session(6, 'ann', away, '10.9.0.7', ['10.0.0.30', 445], ['10.0.0.31', 445]),
  ])
  expect(saidIn(found)).toEqual([`low: ${first}`])
})

test('a traveller stays quiet', async () => {
  const trips = times(8, day => session(day, 'eve', `198.51.${day}.9`, '10.9.0.5', ['10.0.0.20', 445])).flat()
  expect(saidIn(await foundBy(vpnNewNetwork, trips)).length).toBeLessThanOrEqual(1)
})

test('the first days of the records are the baseline', async () => {
  expect(
    saidIn(
      await foundBy(vpnNewNetwork, [
        ...session(0, 'ann', home, '10.9.0.5'),
        ...session(1, 'bob', away, '10.9.0.6', ['10.0.0.1', 3389], ['10.0.0.80', 445]),
      ]),
    ),
  ).toEqual([])
})

test('log-ons count where no sensor saw the connections', async () => {
  const logon = (host: string, seconds: number) =>
    at(
      'authentication',
      6 * DAY + seconds,
      { action: 'logon', outcome: 'success', user: 'ann', srcIp: '10.9.0.7', logonType: 10, protocol: 'Negotiate' },
      { host, product: 'security' },
    ) as SecurityEvent
  const found = await foundBy(vpnNewNetwork, [
    ...usual,
    ...session(6, 'ann', away, '10.9.0.7'),
    logon('dc01.example', 90),
    logon('web01.example', 120),
  ])
  expect(saidIn(found)).toEqual([`medium: ${first}, and reached 2 machines it never used: dc01.example, web01.example`])
})
