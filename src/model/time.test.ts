import { expect, test } from 'vitest'
import { isoFromMicros, microsFromIso, microsFromParts } from './time.ts'

test.each([
  ['2023-08-15T05:34:25.123456Z', '2023-08-15T05:34:25.123456Z'],
  ['2023-08-15T05:34:25.1234567Z', '2023-08-15T05:34:25.123456Z'],
  ['2023-08-15 05:34:25', '2023-08-15T05:34:25.000000Z'],
  ['2023-08-15T05:34:25+10:00', '2023-08-14T19:34:25.000000Z'],
  ['1601-01-01T00:00:00Z', '1601-01-01T00:00:00.000000Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
])('%s', (text, expected) => {
  const time = microsFromIso(text)
  expect(time === undefined ? undefined : isoFromMicros(time)).toBe(expected)
})

test.each(['', 'yesterday', '2023-02-30T00:00:00Z', '2023-08-15T25:00:00Z', '2023-13-01T00:00:00Z'])('"%s" is no time', text => {
  expect(microsFromIso(text)).toBeUndefined()
})

test('a leap second is the next minute', () => {
  const time = microsFromParts({ year: 2016, month: 12, day: 31, hour: 23, minute: 59, second: 60 })
  expect(time === undefined ? '' : isoFromMicros(time)).toBe('2017-01-01T00:00:00.000000Z')
})
