import { expect, test } from 'vitest'
import { newcomers, type TimedMember } from './archive-times.ts'

const DAY = 86_400_000
const BUILT = Date.UTC(2022, 5, 1)
const build = (count: number): TimedMember[] =>
  Array.from({ length: count }, (_, index) => ({ path: `c${index}.class`, time: BUILT + index * 1000 }))
const late = (days: number, name = 'x.class'): TimedMember => ({ path: name, time: BUILT + days * DAY })

test.each([
  ['one class a year later', [late(365), ...build(30)], ['x.class']],
  ['two classes later, not on one day', [...build(30), late(90, 'x.class'), late(200, 'y.class')], ['x.class', 'y.class']],
  ['a long build', [...build(30), late(1)], undefined],
  ['an update of many classes', [...build(30), late(30, 'a'), late(30, 'b'), late(30, 'c'), late(30, 'd')], undefined],
  ['classes of many years', build(30).map((member, index) => ({ ...member, time: BUILT + index * 40 * DAY })), undefined],
  ['a small archive', [...build(5), late(365)], undefined],
  ['no times', build(30).map(member => ({ ...member, time: 0 })), undefined],
])('%s', (_name, members, paths) => {
  expect(newcomers(members)?.late.map(({ path }) => path)).toEqual(paths)
})
