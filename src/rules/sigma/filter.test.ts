import { expect, test } from 'vitest'
import { recordOf } from '../../../test/sigma/rule-text.ts'
import { readSigma } from './document.ts'
import { evaluate } from './evaluate.ts'
import { applyFilters } from './filter.ts'

const RULE = `title: Rule
id: 8f1b5f5e-0000-4000-8000-000000000001
name: base_rule
logsource: {category: process_creation, product: windows}
detection:
  selection: {A: x}
  condition: all of them
`
const filterText = (
  rules: string,
  body = 'selection: {User|startswith: adm_}, condition: not selection',
  source = 'category: process_creation',
) => `title: Administrators\nlogsource: {${source}}\nfilter: {rules: ${rules}, ${body}}\n`

function apply(...texts: readonly string[]) {
  const { rules, filters, correlations, refused } = readSigma([{ path: 'r.yml', text: [RULE, ...texts].join('---\n') }])
  expect(refused).toEqual([])
  const filtered = applyFilters(rules, filters, correlations)
  const [rule] = filtered.rules
  const fires = (fields: Readonly<Record<string, string>>): boolean =>
    rule !== undefined && evaluate(rule.detection, recordOf(fields))
  return { fires, names: [...(rule?.detection.selections.keys() ?? [])], notes: filtered.notes.map(({ message }) => message) }
}

test.each([
  ['by id', '[8f1b5f5e-0000-4000-8000-000000000001]'],
  ['by id in capitals', '[8F1B5F5E-0000-4000-8000-000000000001]'],
  ['by name', '[other, base_rule]'],
  ['by one name', 'base_rule'],
  ['any', 'any'],
])('a filter leaves out what it says: rules %s', (_name, rules) => {
  const { fires } = apply(filterText(rules))
  expect([fires({ A: 'x' }), fires({ A: 'x', User: 'adm_bo' }), fires({ A: 'y' })]).toEqual([true, false, false])
})

test.each([
  ['the same log source', 'category: process_creation, product: windows', false],
  ['a wider log source', 'product: windows', false],
  ['another category', 'category: file_event', true],
  ['a narrower log source', 'category: process_creation, product: windows, service: sysmon', true],
])('a filter is for %s', (_name, source, fires) => {
  expect(apply(filterText('any', undefined, source)).fires({ A: 'x', User: 'adm_bo' })).toBe(fires)
})

test('selections of a filter do not meet those of the rule, nor its "them"', () => {
  const { names, fires } = apply(filterText('any'), filterText('any', 'selection: {Host: h}, condition: not selection'))
  expect(names).toEqual(['selection', 'filter "Administrators": selection', 'filter "Administrators" 2: selection'])
  expect([fires({ A: 'x' }), fires({ A: 'x', Host: 'h' }), fires({ A: 'x', User: 'adm_b' })]).toEqual([true, false, false])
})

test('a filter that looks positive keeps only what it names, and that is told', () => {
  const { fires, notes } = apply(filterText('any', 'selection: {User|startswith: adm_}, condition: selection'))
  expect([fires({ A: 'x' }), fires({ A: 'x', User: 'adm_bo' })]).toEqual([false, true])
  expect(notes).toEqual([
    'the filter keeps only what matches it, since its condition is joined with "and"; to leave that out write "not"',
  ])
})

test('a filter that applies to nothing is told', () => {
  expect(apply(filterText('[nowhere]')).notes).toEqual(['"nowhere" is no rule that was loaded'])
  expect(apply(filterText('[base_rule]', undefined, 'product: linux')).notes).toEqual([
    'rule "base_rule" is of another log source, so the filter does not apply to it',
  ])
  expect(apply(filterText('any', undefined, 'product: linux')).notes).toEqual([
    'the filter applies to no rule: none is of its log source',
  ])
})

test('correlations are never filtered', () => {
  expect(apply('title: C\nname: joined\ncorrelation: {type: event_count}\n', filterText('[joined]')).notes).toEqual([
    '"joined" is a correlation; filters apply to the rules it joins',
  ])
})

test.each([
  [
    'no rules',
    'title: F\nlogsource: {product: windows}\nfilter: {s: {A: x}, condition: not s}',
    '3:1 the filter names no rules; "rules: any" means all of its log source',
  ],
  [
    'an empty list',
    'title: F\nlogsource: {product: windows}\nfilter: {rules: [], s: {A: x}, condition: not s}',
    '3:17 "rules" is empty: the filter would never apply',
  ],
  ['no log source', 'title: F\nfilter: {rules: any, s: {A: x}, condition: not s}', '1:1 the rule has no logsource'],
  [
    'no condition',
    'title: F\nlogsource: {product: windows}\nfilter: {rules: any, s: {A: x}}',
    '3:1 the detection has no condition',
  ],
  ['no map', 'title: F\nlogsource: {product: windows}\nfilter: x', '3:1 "filter" must be a map'],
])('refused: %s', (_name, text, reason) => {
  expect(readSigma([{ path: 'f.yml', text }]).refused.map(({ line, column, reason: why }) => `${line}:${column} ${why}`)).toEqual(
    [reason],
  )
})
