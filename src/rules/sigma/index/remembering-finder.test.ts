import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldCase } from '../fold-case.ts'
import { LiteralFinder } from './literal-finder.ts'
import { RememberingFinder } from './remembering-finder.ts'

const LITERALS = ['\\cmd.exe', 'windows', '\u0101bcd', 'c:\\w']
const wanted = LITERALS.map((literal, index) => ({
  literal: foldCase(literal),
  atoms: [4 * index, 4 * index + 1, 4 * index + 2, 4 * index + 3] as const,
}))
const parts = fc.constantFrom('C:\\W', 'indows', '\\CMD.exe', '\u0100BCD', '\u0100', 'x', '')
const value = fc.array(parts, { maxLength: 4 }).map(texts => texts.join(''))

test('tells of a value whenever it comes what is told of it the first time', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), values => {
      const finder = new RememberingFinder(new LiteralFinder(wanted))
      const plain = new LiteralFinder(wanted)
      // Often enough that a field whose values never come again is given up and tried anew.
      for (let turn = 0; turn < 40; turn++)
        for (const [index, text] of values.entries()) {
          const value = turn % 3 === 0 ? `${text}${turn * values.length + index}` : text
          const bytes = Buffer.from(`?${value}`, 'utf16le')
          const expected = new Set<number>()
          const found = new Set<number>()
          const isAscii = finder.scanBytes(bytes, 2, value.length, { hit: atom => found.add(atom) })
          expect(isAscii).toBe(plain.scanBytes(bytes, 2, value.length, { hit: atom => expected.add(atom) }))
          // Of what is not ASCII, the text is asked next.
          if (isAscii) expect([...found].toSorted()).toEqual([...expected].toSorted())
          expected.clear()
          found.clear()
          finder.scanText(value, { hit: atom => found.add(atom) })
          plain.scanText(value, { hit: atom => expected.add(atom) })
          expect([...found].toSorted()).toEqual([...expected].toSorted())
        }
    }),
    { numRuns: 100 },
  )
})

test('a field whose values never come again is searched like any other, and tried again later', () => {
  let scans = 0
  const counted = {
    size: 0,
    scanBytes: () => ++scans > 0,
    scanText: () => undefined,
  }
  const finder = new RememberingFinder(counted)
  const sink = { hit: () => undefined }
  const ask = (text: string) => finder.scanBytes(Buffer.from(text, 'utf16le'), 0, text.length, sink)
  for (let number = 0; number < 2_000; number++) ask(`value ${number}`)
  expect(scans).toBe(2_000)
  for (let number = 0; number < 10_000; number++) ask('the same')
  expect(scans).toBe(12_000)
  for (let number = 0; number < 10_000; number++) ask('the same')
  expect(scans).toBeLessThan(18_000)
})
