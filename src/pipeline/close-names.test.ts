import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeNames } from './close-names.ts'

const KNOWN = ['m.taitano', 'j.cruz', 'svc-backup', 'administrator', 'ora']

test.each([
  ['m.taitno', ['m.taitano']],
  ['taitano', ['m.taitano']],
  ['administrater', ['administrator']],
  ['oar', []],
  ['or', ['ora']],
  ['nobody-like-this', []],
  ['', []],
])('%s', (name, expected) => {
  expect(closeNames(name, KNOWN)).toEqual(expected)
})

test('any text is compared in bounded time, and a known name is close to itself', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 500 }),
      fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 20 }),
      (name, known) => {
        expect(closeNames(name, known).length).toBeLessThanOrEqual(3)
        for (const one of known) expect(closeNames(one, [one])).toEqual([one])
      },
    ),
  )
})
