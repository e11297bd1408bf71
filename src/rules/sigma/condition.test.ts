import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsFor, refusalOf } from '../../../test/sigma/rule-text.ts'
import { parseCondition } from './condition.ts'
import { conditionTest } from './evaluate.ts'
import { SigmaError } from './yaml-tree.ts'

/** The names that hold are written without "-". */
const truth = (condition: string, names: string): boolean => {
  const all = names.split(' ')
  const plain = all.map(name => name.replace(/^!/, ''))
  return conditionTest<readonly string[]>(parseCondition(condition, plain), name => held => held.includes(name))(all)
}

test.each([
  ['and, or', 'a and b or c', 'a b !c', 'a !b !c'],
  ['and binds tighter than or', 'a or b and c', 'a !b !c', '!a b !c'],
  ['and binds tighter than or, the other way round', 'b and c or a', 'a !b !c', '!a b !c'],
  ['not binds tighter than and', 'not a and b', '!a b', '!a !b'],
  ['not before brackets', 'not (a and b)', 'a !b', 'a b'],
  ['not of not', 'not not a', 'a', '!a'],
  ['brackets', '(a or b) and c', 'a !b c', 'a b !c'],
  ['brackets without spaces', '(a or(b))and(c)', '!a b c', 'a b !c'],
  ['words of either case', 'a AND NOT b', 'a !b', 'a b'],
  ['of binds tighter than not', 'not 1 of b*', '!b1 !b2', '!b1 b2'],
  ['1 of a pattern', '1 of sel*', 'sel1 !sel2 !f', '!sel1 !sel2 f'],
  ['all of a pattern', 'all of sel*', 'sel1 sel2 !f', 'sel1 !sel2 f'],
  ['any of is 1 of', 'any of sel*', '!sel1 sel2', '!sel1 !sel2'],
  ['a pattern has * anywhere', '1 of *_main_*', 'filter_main_x !filter_opt_x', '!filter_main_x filter_opt_x'],
  ['a pattern with * in the middle', 'all of a*z', 'abz !ab az', 'abz ab !az'],
  ['a pattern with * twice', '1 of a*b*c', 'axbyc !abd', '!axbyc abd'],
  ['* is not two names at once', '1 of ab*ba', 'abba !aba', '!abba aba'],
  ['a pattern without * is one name', '1 of sel', 'sel !sel2', '!sel sel2'],
  ['1 of them', '1 of them', 'a !b', '!a !b'],
  ['all of them', 'all of them', 'a b', 'a !b'],
  ['them leaves out names with _', 'all of them', 'a !_b', '!a _b'],
  ['a pattern leaves out names with _', 'all of *', 'a !_b', '!a _b'],
  ['a pattern may name names with _', '1 of _*', '_a !b', '!_a b'],
  ['names with - and .', 'sel-1 and sel.2', 'sel-1 sel.2', 'sel-1 !sel.2'],
  ['names that contain words', 'android or notes or ofa', '!android notes !ofa', '!android !notes !ofa'],
  ['lines and spaces', 'a\n  and\tb', 'a b', 'a !b'],
])('%s', (_name, condition, yes, no) => {
  expect({ yes: truth(condition, yes), no: truth(condition, no) }).toEqual({ yes: true, no: false })
})

test('a list of conditions: one of them', () => {
  const detection = 'x:\n  A: x\ny:\n  A: y\ncondition:\n  - x\n  - y'
  expect(['x', 'y', 'z'].map(A => holdsFor(detection, { A }))).toEqual([true, true, false])
})

describe('refused', () => {
  const selections = 's:\n  A: x\n_t:\n  A: y\n'
  test.each([
    ['an unknown name', 'condition: s and t', '5:18 "t" is not a selection of this rule'],
    ['an unknown name in quotes: the place of the condition', "condition: 's and t'", '5:12 "t" is not a selection of this rule'],
    ['nothing', 'condition:', '5:11 a condition must be text'],
    ['no condition', 'timeframe: 5m', '0:-1 the detection has no condition'],
    ['an operator at the end', 'condition: s and', '5:17 the condition ends too early'],
    ['an open bracket', 'condition: (s', '5:14 a closing bracket is missing'],
    ['a bracket too many', 'condition: s )', '5:14 ")" is one word too many'],
    ['two names', 'condition: s _t', '5:14 "_t" is one word too many'],
    ['a pattern of nothing', 'condition: 1 of x*', '5:17 "x*" names no selection'],
    ['of nothing', 'condition: 1 of', '5:16 "1 of" of what? The condition ends too early'],
    ['two of', 'condition: 2 of them', '5:12 "2 of" is not in Sigma 2.1; "1 of", "any of" and "all of" are'],
    ['an empty list', 'condition: []', '5:12 the detection has no condition'],
  ])('%s', (_name, condition, reason) => {
    expect(refusalOf(selections + condition)).toBe(reason)
  })

  test('brackets without end', () => {
    expect(refusalOf(`${selections}condition: ${'('.repeat(5_000)}s`)).toMatch(/nested deeper than 100 levels$/)
    expect(refusalOf(`${selections}condition: ${'not '.repeat(4_000)}s`)).toMatch(/nested deeper than 100 levels$/)
  })
})

describe('aggregations of Sigma 1 are refused and shown as correlations', () => {
  const refusal = (condition: string, more = ''): string => refusalOf(`s:\n  A: x\no:\n  A: y\ncondition: ${condition}\n${more}`)
  const rest = ' (and leave "|" and "timeframe" out of this rule)'
  const replaced = (text: string, yaml: string): string =>
    `5:12 "| ${text}" is of Sigma 1 and no longer exists; what replaces it is a document with correlation: ${yaml}${rest}`

  test.each([
    ['count', 's | count() > 5', 'count() > 5', '{type: event_count, rules: [NAME], timespan: 5m, condition: {gt: 5}}'],
    [
      'count by',
      's | count() by Host, User >= 3',
      'count() by Host, User >= 3',
      '{type: event_count, rules: [NAME], group-by: [Host, User], timespan: 5m, condition: {gte: 3}}',
    ],
    [
      'count of a field',
      's | count(User) by Host < 3',
      'count(User) by Host < 3',
      '{type: value_count, rules: [NAME], group-by: [Host], timespan: 5m, condition: {field: User, lt: 3}}',
    ],
    [
      'sum',
      's | sum(Bytes) > 10',
      'sum(Bytes) > 10',
      '{type: value_sum, rules: [NAME], timespan: 5m, condition: {field: Bytes, gt: 10}}',
    ],
    [
      'avg',
      's | avg(Bytes) <= 1.5',
      'avg(Bytes) <= 1.5',
      '{type: value_avg, rules: [NAME], timespan: 5m, condition: {field: Bytes, lte: 1.5}}',
    ],
    [
      'min',
      's | min(Bytes) = 1',
      'min(Bytes) = 1',
      '{type: value_percentile, rules: [NAME], timespan: 5m, condition: {field: Bytes, percentile: 0, eq: 1}}',
    ],
    [
      'max',
      's | max(Bytes) == 1',
      'max(Bytes) == 1',
      '{type: value_percentile, rules: [NAME], timespan: 5m, condition: {field: Bytes, percentile: 100, eq: 1}}',
    ],
  ])('%s', (_name, condition, text, yaml) => {
    expect(refusal(condition)).toBe(replaced(text, yaml))
  })

  test('timeframe becomes timespan', () => {
    expect(refusal('s | count() > 5', 'timeframe: 30s')).toContain('timespan: 30s')
  })

  test('near', () => {
    expect(refusal('s | near o and p by Host', 'timeframe: 1m')).toBe(
      `5:12 "| near o and p by Host" is of Sigma 1 and no longer exists; make a rule of each of s, o, p and join them with correlation: {type: temporal, rules: [NAME, OTHER1, OTHER2], group-by: [Host], timespan: 1m}${rest}`,
    )
  })

  test('something else behind the bar', () => {
    expect(refusal('s | frob')).toBe(`5:12 "| frob" is of Sigma 1 and no longer exists; write a correlation rule${rest}`)
  })
})

test('any text is a condition or is refused', () => {
  const word = fc.constantFrom('a', 'b-1', '_c', 'and', 'or', 'not', '(', ')', '1', 'all', 'of', 'them', 'a*', '*')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word, { maxLength: 30 }).map(words => words.join(' ')),
        fc.string(),
      ),
      text => {
        try {
          conditionTest(parseCondition(text, ['a', 'b-1', '_c']), name => () => name === 'a')(undefined)
        } catch (error) {
          expect(error).toBeInstanceOf(SigmaError)
        }
      },
    ),
  )
})
