import { expect, test } from 'vitest'
import { canonicalAddress, isAddress, isInternalAddress, isLoopback, isOutsideAddress } from './address.ts'

test.each([
  ['10.1.2.3', true],
  ['172.15.0.1', false],
  ['172.16.0.1', true],
  ['192.168.105.76', true],
  ['100.64.0.9', true],
  ['::ffff:192.168.1.1', true],
  ['fe80::1%eth0', true],
  ['fd00::1', true],
  ['::1', true],
  ['203.0.113.9', false],
  ['2001:db8::1', false],
  ['', false],
  ['web01', false],
])('%s internal: %s', (address, internal) => {
  expect(isInternalAddress(address)).toBe(internal)
})

test('outside means an address that is not internal', () => {
  expect(['203.0.113.9', '2001:db8::1', 'web01', '-', '10.0.0.1', '300.1.1.1'].map(isOutsideAddress)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

test('mapped addresses and loopback', () => {
  expect(canonicalAddress('::FFFF:127.0.0.1')).toBe('127.0.0.1')
  expect(['::ffff:127.0.0.1', '::1', '127.8.8.8', '10.0.0.1'].map(isLoopback)).toEqual([true, true, true, false])
  expect(isAddress('not an address')).toBe(false)
})
