import { expect, test } from 'vitest'
import type { Need, Service } from '../../model/index.ts'
import { assetsBehind, holds, lostServices } from './needs.ts'

const one = (id: string): Need => ({ one: id })
const service = (id: string, needs: Need): Service => ({
  id,
  name: id,
  sector: 'Energy',
  site: '',
  needs,
  fallbackHours: undefined,
  customers: undefined,
})

test.each<[string, Need, readonly string[], boolean]>([
  ['what is there holds', one('a'), [], true],
  ['what is lost does not', one('a'), ['a'], false],
  ['all of', { all: [one('a'), one('b')] }, ['b'], false],
  ['any of', { any: [one('a'), one('b')] }, ['b'], true],
  ['none of any', { any: [one('a'), one('b')] }, ['a', 'b'], false],
  ['two of three', { atLeast: 2, of: [one('a'), one('b'), one('c')] }, ['a'], true],
  ['one of three left', { atLeast: 2, of: [one('a'), one('b'), one('c')] }, ['a', 'c'], false],
])('%s', (_name, need, lost, expected) => expect(holds(need, new Set(lost))).toBe(expected))

test('a service that only needs another goes with it, a ring does not go by itself', () => {
  const services = [
    service('water', one('power')),
    service('power', one('scada')),
    service('x', one('y')),
    service('y', one('x')),
  ]
  expect([...lostServices(services, new Set(['scada']))]).toEqual(['water', 'power'])
  expect([...lostServices(services, new Set())]).toEqual([])
  expect([...assetsBehind(services[0] ?? service('', one('')), services)]).toEqual(['scada'])
})
