import { expect, test } from 'vitest'
import { at, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { adminLoginOutside } from './admin-login-outside.ts'

const DAY = 86_400
const login = (day: number, srcIp: string, fields: object = {}, product = 'fortigate') =>
  at(
    'authentication',
    day * DAY,
    { action: 'logon', outcome: 'success', user: 'admin', srcIp, protocol: 'web', ...fields },
    { host: 'fw01', product },
  ) as SecurityEvent
const usual = times(4, day => login(day, '10.0.30.5'))

test.each([
  ['from outside', [...usual, login(5, '203.0.113.9')], ['medium: admin administered fw01 from 203.0.113.9 by web']],
  [
    'a provider who always does',
    times(6, day => login(day, '203.0.113.9')),
    ['low: admin administered fw01 from 203.0.113.9 by web'],
  ],
  [
    'from another network inside',
    [...usual, login(5, '10.0.99.7', { protocol: 'ssh' })],
    ['low: admin administered fw01 from 10.0.99.0/24 by ssh'],
  ],
  ['from the management network', [...usual, login(5, '10.0.30.9')], []],
  ['the first administrators of the records', [login(0, '10.0.30.5'), login(0, '10.0.99.7')], []],
  [
    'from its own loopback address over the web',
    [...usual, login(5, '127.0.0.1')],
    ['medium: admin administered fw01 from the device itself (127.0.0.1) by web'],
  ],
  [
    'a service of the device that logs in to it every day',
    [...usual, ...times(6, day => login(day, '127.0.0.1', { user: 'ha' }))],
    [],
  ],
  ['refused', [...usual, login(5, '203.0.113.9', { outcome: 'failure' })], []],
  ['a VPN user', [...usual, login(5, '203.0.113.9', { protocol: 'ssl-vpn' })], []],
  ['a server that is no edge device', [...usual, login(5, '203.0.113.9', { protocol: 'ssh' }, 'sshd')], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(adminLoginOutside, events))).toEqual(expected)
})
