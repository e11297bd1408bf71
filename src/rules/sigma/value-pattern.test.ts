import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PatternToken } from './ast.ts'
import { foldCase } from './fold-case.ts'
import { anchored, parseTokens, patternOf, patternTest } from './value-pattern.ts'

/** The definition itself: every way to spread the text over the tokens. */
function naive(tokens: readonly PatternToken[], letters: readonly string[], cased: boolean): boolean {
  const [token, ...rest] = tokens
  if (token === undefined) return letters.length === 0
  if ('literal' in token) {
    const wanted = [...token.literal]
    const same = (a: string, b: string | undefined): boolean => (cased ? a === b : b !== undefined && foldCase(a) === foldCase(b))
    return wanted.every((letter, index) => same(letter, letters[index])) && naive(rest, letters.slice(wanted.length), cased)
  }
  if (token.any === 'one') return letters.length > 0 && naive(rest, letters.slice(1), cased)
  return letters.some((_, index) => naive(rest, letters.slice(index), cased)) || naive(rest, [], cased)
}

const letter = fc.constantFrom('a', 'A', 'b', 'ß', 'ς', 'Σ', '😀', '\n', '\\', '*', '?')
const token: fc.Arbitrary<PatternToken> = fc.oneof(
  fc.string({ unit: letter, minLength: 1, maxLength: 3 }).map(literal => ({ literal })),
  fc.constantFrom<PatternToken>({ any: 'run' }, { any: 'one' }),
)

test('patterns match what their definition says', () => {
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 6 }),
      fc.string({ unit: letter, maxLength: 10 }),
      fc.boolean(),
      fc.constantFrom('whole', 'contains', 'startswith', 'endswith'),
      (tokens, text, cased, anchor) => {
        const open = anchored(tokens, anchor)
        expect(patternTest(patternOf(open, cased))(text)).toBe(naive(open, [...text], cased))
      },
    ),
    { numRuns: 5_000 },
  )
})

test('an escaped text is itself, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: letter, maxLength: 10 }), text => {
      expect(parseTokens(text.replace(/[\\*?]/g, '\\$&'))).toEqual(text === '' ? [] : [{ literal: text }])
    }),
  )
})

test('folding keeps length, is stable, and keeps ASCII apart', () => {
  for (let code = 0; code < 0x20000; code++) {
    const one = String.fromCodePoint(code)
    const folded = foldCase(one)
    if (folded.length !== one.length || foldCase(folded) !== folded || code < 0x80 !== folded.charCodeAt(0) < 0x80)
      expect({ code: code.toString(16), folded }).toBe('folded to one other character of its kind')
  }
})

test('many runs against a long text that nearly matches end soon', () => {
  const began = performance.now()
  const pattern = patternOf(parseTokens(`${'*a?'.repeat(50)}*b`), false)
  expect(patternTest(pattern)('a'.repeat(100_000))).toBe(false)
  expect(patternTest(patternOf(parseTokens('*?aaaaaaaaab*'), false))('a'.repeat(100_000))).toBe(false)
  expect(performance.now() - began).toBeLessThan(3_000)
})
