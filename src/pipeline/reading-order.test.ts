import { expect, test } from 'vitest'
import type { Reader } from '../model/index.ts'
import type { FoundItem } from './look.ts'
import { byValue, wavesOf } from './reading-order.ts'

const MEGABYTE = 1 << 20

function item(path: string, megabytes: number, format = 'syslog'): FoundItem {
  return { path, bytes: megabytes * MEGABYTE, reader: { format } as Reader } as FoundItem
}

const pathsOf = (waves: readonly (readonly FoundItem[])[]) => waves.map(wave => wave.map(({ path }) => path))

test('little evidence is one group, in which copies are met in the order of their paths', () => {
  expect(pathsOf(wavesOf([item('a', 1), item('b', 30), item('c', 3), item('also a', 1)]))).toEqual([['a', 'also a', 'c', 'b']])
  expect(wavesOf([])).toEqual([[]])
})

test('of much evidence the small items come first, in groups that grow', () => {
  const items = [item('a', 900), item('b', 2), item('c', 20), item('d', 4), item('e', 20), item('f', 900), item('g', 20)]
  expect(pathsOf(wavesOf(items))).toEqual([['b', 'd', 'c', 'e'], ['g'], ['a'], ['f']])
})

test('a thousand logs of the same size are not all hashed before the first is read', () => {
  const waves = wavesOf(Array.from({ length: 1000 }, (_, index) => item(`Archive-Security-${index + 1000}.evtx`, 20)))
  expect(waves.map(wave => wave.length)).toEqual([3, 6, 12, 25, 51, 102, 102, 102, 102, 102, 102, 102, 102, 87])
})

test('logs of traffic wait for other items of up to eight times their size', () => {
  const items = [item('flows', 9, 'zeek'), item('system', 70), item('history', 1), item('syslog', 60), item('web', 7, 'iis')]
  expect(pathsOf(wavesOf(items))).toEqual([['history', 'web'], ['syslog'], ['system', 'flows']])
})

test('in a wave what tells much in few records is read before traffic, the small before the large', () => {
  const items = [item('flows', 1, 'zeek'), item('web', 3, 'access-log'), item('large', 3), item('small', 1), item('also', 1)]
  expect(items.toSorted(byValue).map(({ path }) => path)).toEqual(['also', 'small', 'large', 'flows', 'web'])
})
