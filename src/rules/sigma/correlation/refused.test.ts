import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSigma } from '../compile.ts'

const BASE = `title: Base
id: 8f1b5f5e-0000-4000-8000-000000000001
name: base
logsource: { product: windows, service: security }
detection:
  s:
    EventID: 4625
  condition: s
---
title: Other
name: other
logsource: { product: windows, service: security }
detection:
  s:
    EventID: 4624
  condition: s
---
`
const BASE_LINES = BASE.split('\n').length - 1

const head = (lines: string) => `title: C\ncorrelation:\n${lines.replace(/^(?=.)/gm, '  ')}`

/** Line (from the beginning of the correlation), column and reason of what is refused. */
const refusals = (text: string) =>
  compileSigma([{ path: 'c.yml', text: BASE + text }]).refused.map(({ line, column, reason }) => [
    line - BASE_LINES,
    column,
    reason,
  ])

const good = 'type: event_count\nrules: base\ntimespan: 5m\ncondition:\n  gte: 3\n'

test('a correlation is loaded beside its rules', () => {
  const { loaded, refused, correlations } = compileSigma([{ path: 'c.yml', text: BASE + head(good) }])
  expect({ loaded, refused }).toEqual({ loaded: 3, refused: [] })
  expect(correlations.correlations.map(({ key, severity, timespan, groupBy }) => ({ key, severity, timespan, groupBy }))).toEqual(
    [{ key: 'C', severity: 'medium', timespan: 300_000_000, groupBy: [] }],
  )
})

test.each([
  [
    'no type',
    'rules: base\n',
    [
      [
        2,
        1,
        'correlation type "" is none of event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile, value_median',
      ],
    ],
  ],
  [
    'another type',
    good.replace('event_count', 'near'),
    [
      [
        3,
        3,
        'correlation type "near" is none of event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile, value_median',
      ],
    ],
  ],
  ['a misspelt key', `${good}group_by: [User]\n`, [[8, 3, '"group_by" is not part of a correlation; it is called group-by']]],
  ['no rules', good.replace('rules: base\n', ''), [[2, 1, 'the correlation refers to no rules']]],
  [
    'an unknown rule',
    good.replace('rules: base', 'rules:\n  - base\n  - bsae'),
    [[6, 7, 'no loaded rule or correlation has the id or name "bsae"']],
  ],
  ['a rule by its title', good.replace('base', 'Base'), [[4, 3, 'no loaded rule or correlation has the id or name "Base"']]],
  ['a rule twice', good.replace('rules: base', 'rules: [base, base]'), [[4, 17, 'rule "base" is listed twice']]],
  [
    'a rule by id and name',
    good.replace('base', '[base, 8f1b5f5e-0000-4000-8000-000000000001]'),
    [[4, 17, '"8f1b5f5e-0000-4000-8000-000000000001" is the same rule as another one of the list']],
  ],
  ['no timespan', good.replace('timespan: 5m\n', ''), [[2, 1, 'the correlation has no timespan']]],
  [
    'a bad timespan',
    good.replace('5m', '5 min'),
    [[5, 3, 'timespan "5 min" is not a number with one of the letters s, m, h, d, w, M, y']],
  ],
  ['no time at all', good.replace('5m', '0s'), [[5, 3, 'a timespan of zero holds nothing together']]],
  ['no condition', good.slice(0, good.indexOf('condition')), [[2, 1, 'event_count needs a condition']]],
  ['an empty condition', good.replace('gte: 3', 'field: x'), [[6, 3, 'the condition has none of gt, gte, lt, lte, eq, neq']]],
  ['no number', good.replace('gte: 3', 'gte: many'), [[7, 5, 'gte needs a whole number']]],
  ['half a count', good.replace('gte: 3', 'gte: 2.5'), [[7, 5, 'gte needs a whole number']]],
  [
    'absence',
    good.replace('gte: 3', 'lt: 1'),
    [[6, 3, 'no number of events from 1 upwards meets the condition: what did not happen opens no window']],
  ],
  [
    'an empty range',
    good.replace('gte: 3', '{ gt: 5, lt: 6 }'),
    [[6, 3, 'no number of events from 1 upwards meets the condition: what did not happen opens no window']],
  ],
  [
    'a field that is not counted',
    good.replace('gte: 3', 'gte: 3\n  field: User'),
    [[8, 5, 'event_count counts no values of a field']],
  ],
  [
    'a missing field',
    good.replace('event_count', 'value_count'),
    [[6, 3, 'value_count needs the field whose values it is about']],
  ],
  [
    'two fields of a sum',
    good.replace('event_count', 'value_sum').replace('gte: 3', 'gte: 3\n  field: [a, b]'),
    [[8, 5, 'value_sum is about one field']],
  ],
  [
    'a rank that is none',
    good.replace('event_count', 'value_percentile').replace('gte: 3', 'gte: 3\n  field: a\n  percentile: 101'),
    [[9, 5, 'percentile is a number from 0 to 100']],
  ],
  [
    'an expression that counts',
    good.replace('condition:\n  gte: 3', 'condition: base and other'),
    [[6, 3, 'a condition over rules is for temporal correlations; event_count compares a number']],
  ],
  [
    'an expression cut short',
    'type: temporal\ntimespan: 5m\ncondition: base and (other\n',
    [[5, 3, 'condition: a closing bracket is missing (character 16)']],
  ],
  [
    'an expression with a strange sign',
    'type: temporal\ntimespan: 5m\ncondition: base | other\n',
    [[5, 3, 'condition: "|" is not part of a condition (character 5)']],
  ],
  [
    'an expression with another rule',
    'type: temporal\nrules: [base]\ntimespan: 5m\ncondition: base and other\n',
    [[6, 3, '"other" of the condition is not listed under rules']],
  ],
  [
    'an expression that forgets one',
    'type: temporal\nrules: [base, other]\ntimespan: 5m\ncondition: base\n',
    [[6, 3, 'rule "other" is listed and not part of the condition']],
  ],
  [
    'more legs than there are',
    'type: temporal\nrules: [base, other]\ntimespan: 5m\ncondition: {gte: 3}\n',
    [[6, 3, 'the condition asks for more rules than the 2 listed']],
  ],
  ['generate in words', `${good}generate: always\n`, [[8, 3, 'generate is true or false']]],
  [
    'an alias for a rule elsewhere',
    `${good}aliases:\n  ip:\n    other: x\n`,
    [[10, 7, 'alias "ip" names rule "other", which the correlation does not refer to']],
  ],
  [
    'an alias for no rule',
    `${good}aliases:\n  ip:\n    nobody: x\n`,
    [[10, 7, 'alias "ip": no loaded rule or correlation has the id or name "nobody"']],
  ],
  ['an alias without a field', `${good}aliases:\n  ip:\n    base:\n`, [[10, 7, 'alias "ip" names no field for rule "base"']]],
])('%s', (_name, section, expected) => {
  expect(refusals(head(section))).toEqual(expected.map(([line, ...rest]) => [Number(line), ...rest]))
})

test('circles are refused, and what refers to something refused', () => {
  const one = (name: string, rule: string) =>
    `title: ${name}\nname: ${name}\n${head(good.replace('base', rule)).slice('title: C\n'.length)}`
  expect(refusals([one('x', 'y'), one('y', 'z'), one('z', 'x')].join('---\n')).map(([, , reason]) => reason)).toEqual([
    'correlation "y" is refused itself',
    'correlation "z" is refused itself',
    'circular: "x" refers back to this correlation',
  ])
  expect(refusals(one('x', 'x')).map(([, , reason]) => reason)).toEqual(['the correlation refers to itself'])
})

test('a name that two rules have is refused, an id that two documents have as well', () => {
  const twice = `${BASE}title: Base again\nname: base\nlogsource: { product: windows, service: security }\ndetection: { s: { EventID: 1 }, condition: s }\n---\n`
  const { refused } = compileSigma([{ path: 'c.yml', text: twice + head(good) }])
  expect(refused.map(({ reason }) => reason)).toEqual(['"base" is the name of 2 rules; refer to one by its id'])
  expect(
    refusals(`id: 8f1b5f5e-0000-4000-8000-000000000001\n${head(good.replace('base', 'other'))}`).map(([, , reason]) => reason),
  ).toEqual(['the id "8f1b5f5e-0000-4000-8000-000000000001" is used twice'])
})

test('a chain without end is refused, not followed', () => {
  const links = Array.from(
    { length: 1200 },
    (_, index) => `title: C${index}\nname: c${index}\n${head(good.replace('base', `c${index + 1}`)).slice('title: C\n'.length)}`,
  )
  const { refused } = compileSigma([{ path: 'c.yml', text: BASE + links.join('---\n') }])
  expect(refused.length).toBe(1200)
})

test('whatever stands in a correlation, it is used or refused', () => {
  const word = fc.constantFrom(
    'type',
    'rules',
    'group-by',
    'timespan',
    'condition',
    'aliases',
    'generate',
    'field',
    'gte',
    'percentile',
  )
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      'event_count',
      'temporal',
      'temporal_ordered',
      'value_sum',
      'base',
      'base and other',
      '5m',
      3,
      -1,
      null,
      true,
    ),
    fc.string(),
  )
  const tree = fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof(
      { maxDepth: 3 },
      value,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(word, fc.string()), tie('node'), { maxKeys: 4 }),
    ),
  })).node
  fc.assert(
    fc.property(fc.dictionary(word, tree, { maxKeys: 7 }), section => {
      const text = `${BASE}${JSON.stringify({ title: 'C', correlation: section })}`
      const { loaded, refused } = compileSigma([{ path: 'c.yml', text }])
      expect(loaded + refused.length).toBe(3)
    }),
    { numRuns: 500 },
  )
})
