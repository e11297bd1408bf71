import { expect, test } from 'vitest'
import { isoFromMicros, type Micros } from '../../model/index.ts'
import { clfClock, isUnsetClock, monthOf, zoneOf } from './clock.ts'

const iso = (time: Micros | undefined) => (time === undefined ? undefined : isoFromMicros(time))

test.each([
  ['15/Aug/2023:05:34:25 +1000', undefined, '2023-08-14T19:34:25.000000Z'],
  ['15/aug/2023:05:34:25 -0530', undefined, '2023-08-15T11:04:25.000000Z'],
  ['15/Aug/2023:05:34:25.123 +0000', undefined, '2023-08-15T05:34:25.123000Z'],
  ['15/Aug/2023:05:34:25', 'Pacific/Guam', '2023-08-14T19:34:25.000000Z'],
  ['15/Aug/2023:05:34:25 +0000', 'Pacific/Guam', '2023-08-15T05:34:25.000000Z'],
  ['15/Aug/2023:05:34:25 UTC', 'Pacific/Guam', '2023-08-15T05:34:25.000000Z'],
  ['29/Feb/2023:05:34:25 +0000', undefined, undefined],
  ['15/Foo/2023:05:34:25 +0000', undefined, undefined],
  ['15/Aug/2023:24:34:25 +0000', undefined, undefined],
  ['', undefined, undefined],
])('access log time %s in %s', (text, zone, expected) => {
  const clock = clfClock(zoneOf(zone))
  expect([iso(clock(text)), iso(clock(text))]).toEqual([expected, expected])
})

test.each([
  ['+10:00', '2023-08-14T19:34:25.000000Z'],
  ['-0530', '2023-08-15T11:04:25.000000Z'],
  ['UTC', '2023-08-15T05:34:25.000000Z'],
  ['America/New_York', '2023-08-15T09:34:25.000000Z'],
  ['Asia/Kolkata', '2023-08-15T00:04:25.000000Z'],
])('zone %s', (name, expected) => {
  const zone = zoneOf(name)
  expect(zone.known).toBe(true)
  expect(iso(zone.microsOf({ year: 2023, month: 8, day: 15, hour: 5, minute: 34, second: 25 }))).toBe(expected)
})

test('daylight saving is kept on both sides of the change', () => {
  const zone = zoneOf('Europe/Berlin')
  const at = (month: number, day: number, hour: number) =>
    iso(zone.microsOf({ year: 2023, month, day, hour, minute: 30, second: 0 }))
  expect([at(3, 26, 1), at(3, 26, 3), at(10, 29, 1), at(10, 29, 3)]).toEqual([
    '2023-03-26T00:30:00.000000Z',
    '2023-03-26T01:30:00.000000Z',
    '2023-10-28T23:30:00.000000Z',
    '2023-10-29T02:30:00.000000Z',
  ])
})

test('a zone nobody knows is UTC and says so', () => {
  const zone = zoneOf('Atlantis/Capital')
  expect([zone.known, iso(zone.microsOf({ year: 2023, month: 1, day: 1, hour: 0, minute: 0, second: 0 }))]).toEqual([
    false,
    '2023-01-01T00:00:00.000000Z',
  ])
})

test('months and unset clocks', () => {
  expect(['Jan', 'DEC', 'Mai'].map(monthOf)).toEqual([1, 12, 0])
  expect([0, 6.3e14, 6.4e14].map(time => isUnsetClock(time as Micros))).toEqual([true, true, false])
})
