import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldCase } from '../fold-case.ts'
import { regexOf, regexTest } from '../regex.ts'
import { necessaryLiterals } from './regex-literals.ts'

const KELVIN_AND_LONG_S = ['\u212a', '\u017f']

describe('literals a text must hold for an expression to match', () => {
  test.each<[string, boolean, readonly (readonly string[])[]]>([
    ['whoami', false, [['whoami']]],
    ['who.*ami', false, [['who'], ['ami']]],
    ['\\\\Temp\\\\[a-z]{3,5}\\.exe$', false, [['\\Temp\\'], ['.exe']]],
    ['(?:cmd|powershell)\\.exe', false, [['cmd', 'powershell'], ['.exe']]],
    ['(?:cmd|.*)\\.exe', false, [['.exe']]],
    ['abc?d', false, [['ab'], ['d']]],
    ['abc+d', false, [['abc'], ['d']]],
    ['ab{2}cd', false, [['ab'], ['cd']]],
    ['ab{0,2}cdef', false, [['a'], ['cdef']]],
    ['a(?:bc)*', false, [['a']]],
    ['\\bword\\b', false, [['word']]],
    ['^ab', false, [['ab']]],
    ['^*ab', false, []],
    ['a(?i){0,1}', false, []],
    ['\\x41\\x{42}', false, [['AB']]],
    ['(?i)net user', false, [['net user', ...KELVIN_AND_LONG_S]]],
    ['net', true, [['net']]],
    ['task', true, [['task', ...KELVIN_AND_LONG_S]]],
    ['äöabcü', true, [['abc']]],
    ['[a-z]+', false, []],
    ['a|', false, []],
    ['\\d+', false, []],
    ['\\pL\\Qabc\\E', false, []],
    ['(?P<name>inside)[)]', false, [['inside']]],
    ['[]a]x[[:alpha:]]yz', false, [['x'], ['yz']]],
  ])('%s', (source, ignoresCase, literals) => {
    expect(necessaryLiterals(source, ignoresCase)).toEqual(literals)
  })

  test('no text is left out, whatever the expression', () => {
    const unit = fc.constantFrom('a', 'K', 's', '-', '\u212a', '\u017f', '\n')
    const atom = fc.oneof(
      fc.constantFrom('a', 'k', 'S', '-', '.', '[ak]', '[^s]', '\\w', '\\b', '^', '$', '\\x6b', '\\.', '\u212a'),
      fc.constantFrom('(?:a|k)', '(ks?)', '(?:|a)', '(?i)', '(?i:k)', '(?-i:s)'),
    )
    const quantified = fc
      .tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,1}', '??'))
      .map(parts => parts.join(''))
    const sequence = fc.array(quantified, { minLength: 1, maxLength: 5 }).map(parts => parts.join(''))
    const expression = fc.array(sequence, { minLength: 1, maxLength: 3 }).map(parts => parts.join('|'))
    fc.assert(
      fc.property(
        expression,
        fc.boolean(),
        fc.array(fc.string({ unit, maxLength: 8 }), { maxLength: 12 }),
        (source, i, texts) => {
          const flags = { i, m: false, s: false }
          fc.pre(typeof regexOf(source, flags) !== 'string')
          const clauses = necessaryLiterals(source, i)
          const matches = regexTest(source, flags)
          for (const text of texts)
            if (matches(text))
              expect(clauses.every(literals => literals.some(literal => foldCase(text).includes(foldCase(literal))))).toBe(true)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('any text as an expression is read to its end', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (source, i) => void necessaryLiterals(source, i)))
    expect(necessaryLiterals('('.repeat(10_000), false)).toEqual([])
  })
})
