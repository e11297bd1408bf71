import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldCase } from '../fold-case.ts'
import { anchors } from './finder.ts'
import { areStepped, SteppingFinder } from './stepping-finder.ts'

/** Two letters, so that windows repeat and literals overlap; in values also letters whose low byte is one of theirs. */
const literal = (least: number, most: number) => fc.string({ unit: fc.constantFrom('a', 'b'), minLength: least, maxLength: most })
const value = fc
  .array(fc.oneof(literal(0, 30), fc.constantFrom('A', 'BB', '\u0161', '\ud801', '\u017f')), { maxLength: 6 })
  .map(parts => parts.join(''))

function naive(text: string, wanted: string): readonly boolean[] {
  const folded = foldCase(text)
  return [folded.includes(wanted), folded.startsWith(wanted), folded.endsWith(wanted), folded === wanted]
}

test.each([
  ['short windows', 8, 20],
  ['long windows', 24, 40],
])('finds exactly the literals that a search for each finds: %s', (_, least, most) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(literal(least, most), { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(value, fc.nat(), value), { maxLength: 5 }),
      (literals, values) => {
        const wanted = literals.map((text, index) => {
          const [a = 0, b = 0, c = 0, d = 0] = anchors.map((_, place) => index * anchors.length + place)
          return { literal: text, atoms: [a, b, c, d] as const }
        })
        const finder = new SteppingFinder(wanted)
        for (const [before, chosen, after] of values) {
          const text = before + (literals[chosen % literals.length] ?? '') + after
          const expected = literals.flatMap((wanted, index) =>
            naive(text, wanted).flatMap((holds, place) => (holds ? [index * anchors.length + place] : [])),
          )
          const inText = new Set<number>()
          finder.scanText(text, { hit: atom => inText.add(atom) })
          expect([...inText].toSorted((a, b) => a - b)).toEqual(expected)
          const inBytes = new Set<number>()
          const bytes = Buffer.concat([Buffer.from([1]), Buffer.from(text, 'utf16le'), Buffer.from('a\0a\0')])
          expect(finder.scanBytes(bytes, 1, text.length, { hit: atom => inBytes.add(atom) })).toBe(true)
          expect(inBytes).toEqual(inText)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('only long ASCII literals are found in steps', () => {
  const atoms = [0, -1, -1, -1] as const
  expect(areStepped([{ literal: 'mimikatz', atoms }])).toBe(true)
  expect(
    areStepped([
      { literal: 'mimikatz', atoms },
      { literal: 'sekurls', atoms },
    ]),
  ).toBe(false)
  expect(areStepped([{ literal: 'mimik\u00e1tz', atoms }])).toBe(false)
  expect(areStepped([])).toBe(false)
})
