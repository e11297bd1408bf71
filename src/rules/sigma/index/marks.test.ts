import { expect, test } from 'vitest'
import type { ValueTest } from '../ast.ts'
import { AtomTable, circuitOf, type TestAtom } from './circuit.ts'
import { marksOf } from './marks.ts'

function marksOfTest(test: ValueTest): number {
  const table = new AtomTable()
  const selections = new Map([['s', { kind: 'field', field: 'CommandLine', test, line: 1, column: 1 } as const]])
  circuitOf({ selections, condition: { kind: 'selection', name: 's' } }, table)
  return table.atoms.find((atom): atom is TestAtom => atom.kind === 'test')?.marks ?? -1
}
const regex = (source: string): ValueTest => ({ kind: 'regex', source, flags: { i: false, m: false, s: false } })

test('a text has the marks it holds and no others', () => {
  expect(marksOf('')).toBe(0)
  expect(marksOf('abc XYZ 019 -._:\\ \u2026')).toBe(0)
  expect(marksOf('a^b')).toBe(marksOf('^^'))
  expect(marksOf('^~')).toBe(marksOf('^') | marksOf('~'))
  const each = [...'!"#$%&\'()*+,/;<=>?@[]^`{|}~'].map(marksOf)
  expect(new Set(each).size).toBe(each.length)
  expect(each).not.toContain(0)
})

test('a test has the marks every value that passes it holds', () => {
  expect(marksOfTest(regex('\\w+`(?:\\w+|-|.)`[\\w+|\\s]'))).toBe(marksOf('`'))
  expect(marksOfTest(regex('a\\^b|c\\^~'))).toBe(marksOf('^'))
  expect(marksOfTest(regex('a;?b'))).toBe(0)
  const tilde = {
    kind: 'pattern',
    pattern: { cased: false, tokens: [{ any: 'run' }, { literal: '~1' }, { any: 'one' }, { literal: '\\' }] },
  } as const
  expect(marksOfTest(tilde)).toBe(marksOf('~'))
})
