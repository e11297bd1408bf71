import { expect, test } from 'vitest'
import { at, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { weakenedConfig } from './weakened-config.ts'

const DAY = 86_400
const change = (day: number, srcIp: string, fields: object) =>
  at(
    'device_config',
    day * DAY,
    { action: 'set', user: 'admin', srcIp, ...fields },
    { host: 'fw01', product: 'fortigate' },
  ) as SecurityEvent
const usual = times(4, day => change(day, '10.0.30.5', { object: 'firewall.address office', attribute: 'comment[x]' }))
const newAdmin = { action: 'add', object: 'system.admin support2', attribute: 'accprofile[super_admin]' }

test.each([
  [
    'a new administrator, from outside',
    change(5, '203.0.113.9', newAdmin),
    ['high: admin changed fw01 from 203.0.113.9: a new administrator'],
  ],
  [
    'a new administrator, from an unusual network',
    change(5, '10.0.99.7', newAdmin),
    ['medium: admin changed fw01 from 10.0.99.7: a new administrator'],
  ],
  [
    'a new administrator, from the management network',
    change(5, '10.0.30.9', newAdmin),
    ['low: admin changed fw01 from 10.0.30.9: a new administrator'],
  ],
  [
    'a new rule, as every week',
    change(5, '10.0.30.5', { action: 'add', object: 'firewall.policy 44' }),
    ['informational: admin changed fw01 from 10.0.30.5: a new firewall rule'],
  ],
  [
    'logging off',
    change(5, '10.0.30.5', { object: 'log.syslogd.setting', attribute: 'status[enable->disable]' }),
    ['low: admin changed fw01 from 10.0.30.5: logging switched off'],
  ],
  ['logging on', change(5, '203.0.113.9', { object: 'log.syslogd.setting', attribute: 'status[disable->enable]' }), []],
  [
    'an ASA account',
    change(5, '203.0.113.9', { action: 'command', command: 'username ora password * privilege 15' }),
    ['high: admin changed fw01 from 203.0.113.9: a new account'],
  ],
  [
    'an ASA that stops logging',
    change(5, '203.0.113.9', { action: 'command', command: 'no logging enable' }),
    ['high: admin changed fw01 from 203.0.113.9: logging switched off'],
  ],
  [
    'an ASA port forward',
    change(5, '203.0.113.9', {
      action: 'command',
      command: 'nat (inside,outside) source static web interface service tcp 3389 3389',
    }),
    ['medium: admin changed fw01 from 203.0.113.9: a forwarded port'],
  ],
  ['looking', change(5, '203.0.113.9', { action: 'command', command: 'show running-config' }), []],
  ['an address book', change(5, '203.0.113.9', { object: 'firewall.address x' }), []],
])('%s', async (_name, event, expected) => {
  expect(saidIn(await foundBy(weakenedConfig, [...usual, event]))).toEqual(expected)
})
