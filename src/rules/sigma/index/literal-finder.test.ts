import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldCase } from '../fold-case.ts'
import { anchors, type LiteralAnchor } from './finder.ts'
import { isFindable, LiteralFinder } from './literal-finder.ts'

/** Few letters, so that literals overlap and end in each other; a mark, a Turkish dotted I, a sigma and half a surrogate pair among them. */
const letters = ['a', 'b', 'A', '\\', '^', '\u0130', '\u03a3', '\u03c2', '\ud801', '\udc00', '\0']
const text = (least: number, most: number) => fc.string({ unit: fc.constantFrom(...letters), minLength: least, maxLength: most })

function naive(literal: string, anchor: LiteralAnchor, value: string): boolean {
  const folded = foldCase(value)
  switch (anchor) {
    case 'contains':
      return folded.includes(literal)
    case 'starts':
      return folded.startsWith(literal)
    case 'ends':
      return folded.endsWith(literal)
    case 'whole':
      return folded === literal
    default:
      return anchor satisfies never
  }
}

test('finds exactly the literals that a search for each finds, in text and in bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text(1, 7).map(foldCase), fc.constantFrom(...anchors)), { maxLength: 12 }),
      fc.array(text(0, 14), { maxLength: 5 }),
      (literals, values) => {
        const wanted = literals.filter(([literal, anchor]) => isFindable(literal, anchor))
        const numbers = new Map(wanted.map(([literal, anchor], number) => [`${anchor}${literal}`, number]))
        const distinct = [...new Set(wanted.map(([literal]) => literal))].map(literal => {
          const [a = -1, b = -1, c = -1, d = -1] = anchors.map(anchor => numbers.get(`${anchor}${literal}`) ?? -1)
          return { literal, atoms: [a, b, c, d] as const }
        })
        const finder = new LiteralFinder(distinct)
        for (const value of values) {
          const expected = [...numbers.values()].filter(number => {
            const [literal = '', anchor = 'whole'] = wanted[number] ?? []
            return naive(literal, anchor, value)
          })
          const inText = new Set<number>()
          finder.scanText(value, { hit: atom => inText.add(atom) })
          expect([...inText].toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b))
          const inBytes = new Set<number>()
          const bytes = Buffer.concat([Buffer.from([1]), Buffer.from(value, 'utf16le')])
          const isAscii = finder.scanBytes(bytes, 1, value.length, { hit: atom => inBytes.add(atom) })
          expect(isAscii).toBe([...value].every(letter => letter < '\x80'))
          if (isAscii) expect(inBytes).toEqual(inText)
          else expect(inText.isSupersetOf(inBytes)).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('nothing wanted, nothing found', () => {
  const found: number[] = []
  new LiteralFinder([]).scanText('anything', { hit: atom => found.push(atom) })
  expect(found).toEqual([])
})
