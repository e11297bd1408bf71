import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Intervals } from './intervals.ts'

const moment = fc.oneof(
  { arbitrary: fc.integer({ min: -30, max: 30 }), weight: 9 },
  { arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), weight: 1 },
)
const span = fc.record({ from: moment, to: moment })

test('what meets a stretch of time is what a look at all of them finds, in the same order', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 40 }), moment, moment, (spans, from, to) => {
      const numbered = spans.map((one, number) => ({ ...one, number }))
      const found = new Intervals(numbered, one => one).meeting(from, to)
      expect(found).toEqual(numbered.filter(one => one.from <= to && one.to >= from))
    }),
  )
})
