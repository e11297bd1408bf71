import { expect, test } from 'vitest'
import type { Reader } from '../model/index.ts'
import type { FoundItem } from './look.ts'
import { byValue, wavesOf } from './reading-order.ts'

const MEGABYTE = 1 << 20

function item(path: string, megabytes: number, format = 'syslog'): FoundItem {
  return { path, bytes: megabytes * MEGABYTE, reader: { format } as Reader } as FoundItem
}

const pathsOf = (waves: readonly (readonly FoundItem[])[]) => waves.map(wave => wave.map(({ path }) => path))

test('little evidence is one wave', () => {
  expect(pathsOf(wavesOf([item('a', 1), item('b', 30), item('c', 3)]))).toEqual([['a', 'b', 'c']])
  expect(wavesOf([])).toEqual([[]])
})

test('of much evidence the small items come first, and copies stay together', () => {
  const items = [item('a', 900), item('b', 2), item('c', 20), item('d', 4), item('e', 20), item('f', 900)]
  expect(pathsOf(wavesOf(items))).toEqual([
    ['b', 'd'],
    ['c', 'e'],
    ['a', 'f'],
  ])
})

test('in a wave what tells much in few records is read before traffic, the small before the large', () => {
  const items = [item('flows', 1, 'zeek'), item('web', 3, 'access-log'), item('large', 3), item('small', 1), item('also', 1)]
  expect(items.toSorted(byValue).map(({ path }) => path)).toEqual(['also', 'small', 'large', 'flows', 'web'])
})
