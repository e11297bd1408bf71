import { array, assert, constant, integer, oneof, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { NearestSpans } from './nearest-spans.ts'

const small = integer({ min: 0, max: 30 })
const span = tuple(
  oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: constant(Number.NaN) }),
  integer({ min: 0, max: 9 }),
).map(([from, length]) => ({ from, to: from + length }))

test('the nearest span is that which a look at all of them finds', () => {
  assert(
    property(array(span, { maxLength: 12 }), oneof(small, constant(undefined)), (spans, time) => {
      const nearest = new NearestSpans(spans.entries())
      const found = nearest.nearest(time)
      const all = spans.map(({ from, to }, place) => ({
        place,
        distance: time === undefined ? 0 : Math.max(0, from - time, time - to),
      }))
      const [best] = all
        .filter(({ distance }) => !Number.isNaN(distance))
        .toSorted((a, b) => a.distance - b.distance || a.place - b.place)
      expect(found && { place: found.place, distance: found.distance }).toEqual(best)
      expect(nearest.distance(time)).toBe(best?.distance ?? Number.POSITIVE_INFINITY)
    }),
  )
})
