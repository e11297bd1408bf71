import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoFromMicros, micros, microsFromIso, microsFromParts } from './time.ts'

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

test('any moment is written and read as the runtime does', () => {
  const moment = fc.integer({ min: Date.UTC(1700, 0, 1), max: Date.UTC(2254, 11, 31) })
  fc.assert(
    fc.property(fc.array(fc.tuple(moment, fc.nat(999)), { minLength: 1, maxLength: 4 }), moments => {
      for (const [millis, rest] of moments) {
        const time = micros(millis * 1000 + rest)
        const iso = `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`
        expect(isoFromMicros(time)).toBe(iso)
        expect(microsFromIso(iso)).toBe(time)
        expect(microsFromIso(iso.replace('T', ' ').replace('Z', ''), 90)).toBe(time - 90 * 60_000_000)
        expect(microsFromIso(`${iso.slice(0, 23)}Z`)).toBe(millis * 1000)
        expect(microsFromIso(iso.slice(0, 19))).toBe(Math.floor(millis / 1000) * 1_000_000)
      }
    }),
  )
})

test.each(['2023-02-30 00:00:00', '2023-01-01 24:00:00', '2023-01-01 00:00:0x', '2023-01-01 00:00:00.', '2023-13-01T00:00:00Z'])(
  '%s is no time, whatever stood before it',
  text => {
    expect(microsFromIso('2023-02-28 00:00:00')).toBeDefined()
    expect(microsFromIso(text)).toBeUndefined()
  },
)
