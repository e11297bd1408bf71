import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shorten, visible, visibleLine } from './visible.ts'
import { bytes, clock, day, dayAndClock, listed, number, plural, span } from './words.ts'

test.each([
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['a\u009b31m', 'a\\x9b31m'],
  ['invoice\u202egpj.exe', 'invoice\\u202egpj.exe'],
  ['one\ttwo\r\nthree', 'one\\ttwo\\r\\nthree'],
  ['zero\u200bwidth', 'zero\\u200bwidth'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['half \ud800 pair', 'half \\ud800 pair'],
  ['whole \u{1f512} pair, é, 漢, हिन्दी', 'whole \u{1f512} pair, é, 漢, हिन्दी'],
  [`z${'\u0300'.repeat(50)}`, `z${'\u0300'.repeat(4)}…`],
])('%j is shown as it is', (text, shown) => expect(visible(text)).toBe(shown))

test('nothing visible is changed a second time, and nothing hidden is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const once = visible(text)
      expect(visible(once)).toBe(once)
      expect(once).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})

test('shorten never cuts a pair in two and never gets longer', () => {
  expect(shorten('\u{1f512}\u{1f512}\u{1f512}', 2)).toBe('\u{1f512}…')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, length) => {
      expect([...shorten(text, length)].length).toBeLessThanOrEqual(length)
    }),
  )
})

describe('words', () => {
  test.each([
    [span(0.2), 'less than a second'],
    [span(1), '1 second'],
    [span(3599), '59 minutes'],
    [span(86_400), '1 day'],
    [span(400 * 86_400), '400 days'],
    [span(3 * 31_557_600), '3 years'],
    [plural(1, 'host'), '1 host'],
    [plural(2, 'entry'), '2 entries'],
    [plural(2, 'day'), '2 days'],
    [number(1234567), '1,234,567'],
    [bytes(0), '0 bytes'],
    [bytes(999), '999 bytes'],
    [bytes(1500), '1.5 kB'],
    [bytes(999_960), '1.0 MB'],
    [listed(['a', 'b', 'c']), 'a, b and c'],
    [listed(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more'],
    [clock('2023-08-15T05:34:25.123456Z'), '2023-08-15 05:34:25'],
    [clock('javascript:alert(1)'), 'unknown time'],
    [clock(''), ''],
    [day('2023-08-15T05:34:25.123456Z'), '15 August 2023'],
    [dayAndClock('2023-08-05T05:34:25.123456Z'), '5 Aug 05:34'],
  ])('%s', (given, expected) => expect(given).toBe(expected))
})

test.each([
  ['one\n  two', 'one two'],
  [' a  b \n\n\t c ', ' a  b c '],
  ['a  b', 'a  b'],
])('a line break and the blanks around it are one space: %j', (text, line) => expect(visibleLine(text)).toBe(line))

/** A hundred times what it takes; one look for each blank took twenty seconds. */
const GENEROUS_MILLISECONDS = 2_000

test('a line of blanks is looked at once', () => {
  const began = performance.now()
  expect(visibleLine(`${' '.repeat(65_536)}a\nb`)).toHaveLength(65_539)
  expect(performance.now() - began).toBeLessThan(GENEROUS_MILLISECONDS)
})
