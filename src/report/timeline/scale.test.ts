import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusters } from './marks.ts'
import { timeScale } from './scale.ts'

const DAY = 86_400

test('months of silence are cut out and named', () => {
  const { stretches, silences } = timeScale([0, 600, 75 * DAY, 75 * DAY + 300], 150, 1168)
  expect(stretches.map(({ from, to }) => [from, to])).toEqual([
    [0, 600],
    [75 * DAY, 75 * DAY + 300],
  ])
  expect(silences.map(silence => silence.seconds)).toEqual([75 * DAY - 600])
})

test('even work is not cut', () =>
  expect(
    timeScale(
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map(hour => hour * 3600),
      0,
      1000,
    ).silences,
  ).toEqual([]))

test('times keep their order and stay inside, stretches and silences fill the axis without gap', () => {
  const times = fc.array(fc.integer({ min: -1e9, max: 4e9 }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(times, fc.constantFrom([0, 334], [150, 1168]), (list, [left = 0, right = 0]) => {
      const scale = timeScale(list, left, right)
      const places = list.toSorted((a, b) => a - b).map(scale.x)
      for (const [index, place] of places.entries()) {
        expect(place).toBeGreaterThanOrEqual(left)
        expect(place).toBeLessThanOrEqual(right)
        expect(place).toBeGreaterThanOrEqual(places[index - 1] ?? left)
      }
      const parts = [...scale.stretches, ...scale.silences].toSorted((a, b) => a.left - b.left)
      expect(parts[0]?.left).toBe(left)
      expect(parts.at(-1)?.right).toBeCloseTo(right)
      for (const [index, part] of parts.entries()) if (index > 0) expect(part.left).toBeCloseTo(parts[index - 1]?.right ?? 0)
    }),
  )
})

test('marks never lie on each other, and none is lost', () => {
  const step = (seconds: number) =>
    ({ kind: 'step', seconds, incident: 1, step: { order: seconds } }) as unknown as Parameters<typeof clusters>[0][number]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 120 }), list => {
      const sorted = list.toSorted((a, b) => a - b)
      const drawn = clusters(
        sorted.map(step),
        seconds => seconds / 5,
        marks => String(marks.length),
        text => 14 + text.length * 7,
        0,
        1000,
      )
      expect(drawn.flatMap(cluster => cluster.marks.map(mark => mark.seconds))).toEqual(sorted)
      for (const [index, cluster] of drawn.entries()) {
        const before = drawn[index - 1]
        if (before) expect(cluster.x - cluster.width / 2).toBeGreaterThanOrEqual(before.x + before.width / 2)
        expect(cluster.x + cluster.width / 2).toBeLessThanOrEqual(1000)
      }
    }),
  )
})
