import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainRegex } from './plain-regex.ts'
import { re2Test, regexOf } from './regex.ts'

const NO_FLAGS = { i: false, m: false, s: false }

describe('expressions given to the engine of JavaScript', () => {
  test.each([
    '\\s[a-fA-F0-9]{64}\\s[a-fA-F0-9]{16}',
    '\\\\[a-zA-Z0-9]{1,32}\\.[a-zA-Z0-9]{1,6}\\.[ "\']{1}',
    '^[A-Za-z0-9]{16}$',
    'https?://0[0-9]{1,11}',
    '[a\\-z_.]?b',
  ])('%s', source => expect(plainRegex(source, NO_FLAGS)).toBeInstanceOf(RegExp))

  test.each([
    ['alternatives', 'a|b'],
    ['groups', '(ab){2}'],
    ['any number', 'a*'],
    ['at least some', 'a{3,}'],
    ['one or more', '\\s+a'],
    ['any character, which may be a surrogate pair', 'a.b'],
    ['a negated class, too', '[^a]b'],
    ['classes of names', '[[:alpha:]]'],
    ['letters beyond the basic plane', '😀'],
    ['edges of words', '\\ba'],
    ['a mark in the middle', 'a^b'],
    ['a lazy quantifier', 'a{1,3}?'],
    ['a brace that is no quantifier', 'a{x}'],
    ['many ways to match', 'a{0,99}a{0,99}a{0,99}b'],
    ['one very long way', '[a-z]{0,200}'],
    ['an open class', '[ab'],
    ['a bracket as first letter of a class', '[]a]x'],
    ['a backslash at the end', 'a\\'],
  ])('not %s', (_name, source) => expect(plainRegex(source, NO_FLAGS)).toBeUndefined())

  test.each([{ i: true }, { m: true }])('nor with flags %o', flags => {
    expect(plainRegex('abc', { ...NO_FLAGS, ...flags })).toBeUndefined()
  })
})

const letters = ['a', 'A', 'b', '0', ' ', '\\', '.', '-', ']', '"', '\t', '\v', '\n', '\r', '\u00a0', '\u212a', '😀', '\ud800']
const text = fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 })
const single = fc.constantFrom(
  ...['a', 'b', '0', ' ', '-', '"', '\\\\', '\\.', '\\s', '\\d', '\\w', '\\t', '\\n', '\\]'],
  ...['[ab]', '[a-z]', '[A-Z0-9]', '[\\s.]', '[-a]', '[a-]', '[\\w\\\\]', '["\u212a]', '[ -]', '[|+a]'],
)
const piece = fc.tuple(single, fc.constantFrom('', '', '', '?', '{2}', '{0,3}', '{1,2}', '{0}')).map(parts => parts.join(''))
const plain = fc
  .tuple(
    fc.constantFrom('', '', '^'),
    fc.array(piece, { minLength: 1, maxLength: 6 }).map(parts => parts.join('')),
    fc.constantFrom('', '', '$'),
  )
  .map(parts => parts.join(''))
const anything = fc.string({ unit: fc.constantFrom(...'ab0 -[]^${},?*+.|()\\sdw:'), minLength: 1, maxLength: 10 })

test.each([
  ['plain expressions', plain, 0.9],
  ['whatever is given', anything, 0.02],
])('both engines agree about %s', (_name, expression, least) => {
  let given = 0
  let held = 0
  const RUNS = 3_000
  fc.assert(
    fc.property(expression, fc.array(text, { minLength: 1, maxLength: 10 }), (source, texts) => {
      const own = plainRegex(source, NO_FLAGS)
      if (!own || typeof regexOf(source, NO_FLAGS) === 'string') return
      given++
      const judge = re2Test(source, NO_FLAGS)
      for (const value of texts) {
        expect(own.test(value), `${source} in ${JSON.stringify(value)}`).toBe(judge(value))
        if (judge(value)) held++
      }
    }),
    { numRuns: RUNS },
  )
  expect(given / RUNS).toBeGreaterThan(least)
  expect(held).toBeGreaterThan(0)
})

test('the worst text for the most expensive expression takes no time', () => {
  const expression = plainRegex('[ab]{1,63}[ab]{1,2}[ab]{1,1}c', NO_FLAGS)
  expect(expression).toBeInstanceOf(RegExp)
  const begun = performance.now()
  expect(expression?.test('ab'.repeat(16_384))).toBe(false)
  expect(performance.now() - begun).toBeLessThan(1_000)
})
