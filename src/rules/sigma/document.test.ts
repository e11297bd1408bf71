import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSigma } from './compile.ts'
import { readSigma } from './document.ts'

const read = (text: string) => readSigma([{ path: 'r.yml', text }])
const reasons = (text: string): readonly string[] =>
  read(text).refused.map(({ line, column, reason }) => `${line}:${column} ${reason}`)

test('a rule says what its file says, with the places of its fields', () => {
  const text = `title: Whole
id: 8f1b5f5e-0000-4000-8000-000000000001
name: whole
status: test
description: |
    Two
    lines
author: Somebody
references: [https://example.com/a]
tags: [attack.t1059.001, attack.execution, cve.2023-1]
logsource: {category: Process_Creation, product: windows, definition: none}
detection:
    sel:
        Image|endswith: '\\a.exe'
        EventID: [1, 0x2]
    words:
        - one
        - two
    condition: sel or words
falsepositives: [Unknown, an installer]
level: HIGH
`
  const { rules, refused, notes } = read(text)
  expect({ refused, notes }).toEqual({ refused: [], notes: [] })
  const pattern = (...tokens: readonly unknown[]) => ({ kind: 'pattern', pattern: { cased: false, tokens } })
  expect(rules).toEqual([
    {
      id: '8f1b5f5e-0000-4000-8000-000000000001',
      name: 'whole',
      title: 'Whole',
      level: 'high',
      levelStated: true,
      status: 'test',
      description: 'Two lines',
      author: 'Somebody',
      references: ['https://example.com/a'],
      tags: ['attack.t1059.001', 'attack.execution', 'cve.2023-1'],
      techniques: ['T1059.001'],
      innocent: ['an installer'],
      file: 'r.yml',
      line: 1,
      column: 1,
      logSource: { category: 'process_creation', product: 'windows' },
      detection: {
        selections: new Map<string, unknown>([
          [
            'sel',
            {
              kind: 'all',
              of: [
                { kind: 'field', field: 'Image', line: 14, column: 9, test: pattern({ any: 'run' }, { literal: '\\a.exe' }) },
                {
                  kind: 'field',
                  field: 'EventID',
                  line: 15,
                  column: 9,
                  test: {
                    kind: 'any',
                    of: [
                      pattern({ literal: '1' }),
                      { kind: 'any', of: [pattern({ literal: '0x2' }), pattern({ literal: '2' })] },
                    ],
                  },
                },
              ],
            },
          ],
          [
            'words',
            {
              kind: 'any',
              of: [
                { kind: 'keyword', line: 17, column: 11, test: pattern({ any: 'run' }, { literal: 'one' }, { any: 'run' }) },
                { kind: 'keyword', line: 18, column: 11, test: pattern({ any: 'run' }, { literal: 'two' }, { any: 'run' }) },
              ],
            },
          ],
        ]),
        condition: {
          kind: 'or',
          of: [
            { kind: 'selection', name: 'sel' },
            { kind: 'selection', name: 'words' },
          ],
        },
      },
    },
  ])
  expect(structuredClone(rules)).toEqual(rules)
})

const BODY = 'logsource: {product: windows}\ndetection: {s: {A: x}, condition: s}\n'

test('a file holds rules, correlations and filters', () => {
  const { rules, correlations, filters, refused } = read(
    `title: One\n${BODY}---\n---\ntitle: Two\ncorrelation: {type: event_count}\n---\ntitle: Three\nlogsource: {product: windows}\nfilter: {rules: any, s: {A: x}, condition: not s}\n`,
  )
  expect({
    rules: rules.map(({ title, line }) => [title, line]),
    correlations: correlations.map(({ head, node }) => [head.title, head.line, node.entries.length]),
    filters: filters.map(({ head, rules: names }) => [head.title, head.line, names]),
    refused,
  }).toEqual({ rules: [['One', 1]], correlations: [['Two', 6, 2]], filters: [['Three', 9, 'any']], refused: [] })
})

test.each([
  ['no YAML', 'title: [', /^2:1 not YAML: |^1:\d+ not YAML: /],
  ['a key that stands twice', `title: A\ntitle: B\n${BODY}`, '2:1 "title" stands twice in one map'],
  ['a list', '- a', '1:1 a rule is a map with title, logsource and detection'],
  ['no title', BODY, '1:1 the rule has no title'],
  ['no log source', 'title: T\ndetection: {s: {A: x}, condition: s}', '1:1 the rule has no logsource'],
  [
    'a log source that is no map',
    'title: T\nlogsource: windows\ndetection: {s: {A: x}, condition: s}',
    '2:12 "logsource" must be a map of category, product and service',
  ],
  ['no detection', 'title: T\nlogsource: {product: windows}', '1:1 the rule has no detection'],
  [
    'a detection that is no map',
    'title: T\nlogsource: {product: windows}\ndetection: x',
    '3:12 "detection" must be a map of selections',
  ],
  ['no selection', 'title: T\nlogsource: {product: windows}\ndetection: {condition: s}', '3:1 the detection has no selection'],
  [
    'names of another taxonomy',
    `title: T\ntaxonomy: acme\n${BODY}`,
    '2:11 taxonomy "acme": only Sigma\'s own names of fields and log sources are known; convert the rule to them',
  ],
  [
    'a collection of Sigma 1',
    `action: global\ntitle: T\n${BODY}`,
    '1:1 "action" (rule collections) is of Sigma 1: write every rule out',
  ],
  ['a list as a key', `title: T\n? [a]\n: b\n`, '2:3 a key must be a word, not a list or map'],
  ['an alias before its anchor', 'title: *a\n', /^1:8 /],
])('refused: %s', (_name, text, reason) => {
  expect(reasons(text)).toEqual([typeof reason === 'string' ? reason : expect.stringMatching(reason)])
})

test('a broken document costs only itself', () => {
  expect(read(`title: One\n${BODY}---\ntitle: Two\n---\ntitle: Three\n${BODY}`).rules.map(({ title }) => title)).toEqual([
    'One',
    'Three',
  ])
})

test('a level that does not exist is told', () => {
  const { rules, notes } = read(`title: T\nlevel: hihg\n${BODY}`)
  expect(rules[0]?.level).toBe('medium')
  expect(notes).toEqual([
    { path: 'r.yml', title: 'T', line: 2, column: 8, message: 'level "hihg" is none of Sigma\'s five; "medium" is taken' },
  ])
})

test('anchors, aliases and merge keys are written out', () => {
  const { rules, refused } = read(
    `title: T\nlogsource: {product: windows}\ndetection:\n  a: &a\n    A: x\n    B: y\n  b:\n    <<: *a\n    B: z\n  c: *a\n  condition: b\n`,
  )
  expect(refused).toEqual([])
  const [rule] = rules
  const fieldsOf = (name: string) => {
    const selection = rule?.detection.selections.get(name)
    return selection?.kind === 'all' ? selection.of.map(part => part.kind === 'field' && part.field) : []
  }
  expect([fieldsOf('b'), fieldsOf('c')]).toEqual([
    ['B', 'A'],
    ['A', 'B'],
  ])
})

test('aliases that multiply without end are refused', () => {
  const bomb = Array.from(
    { length: 30 },
    (_, n) =>
      `a${n}: &a${n} [${
        n === 0
          ? 'x'
          : Array(9)
              .fill(`*a${n - 1}`)
              .join(', ')
      }]`,
  ).join('\n')
  const began = performance.now()
  expect(reasons(bomb)).toEqual([expect.stringMatching(/more than 200000 values/)])
  expect(performance.now() - began).toBeLessThan(5_000)
})

test('any text is rules or is refused', () => {
  const line = fc.constantFrom(
    'title: T',
    'detection:',
    '  s:',
    '    A|re: (',
    '    A|cidr: x',
    '  condition: s',
    '  condition: 1 of',
    'logsource: {}',
    '---',
    '- x',
    'correlation: 1',
    'filter: 2',
    '&a *a',
    '? x',
    '!!binary x',
    '"',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.array(line, { maxLength: 15 }).map(lines => lines.join('\n')),
      ),
      text => {
        const { refused } = compileSigma([{ path: 'r.yml', text }])
        for (const { line: at, column, reason } of refused) expect(at > 0 && column > 0 && reason !== '').toBe(true)
      },
    ),
  )
})

test('a file of more text than all public rules is refused, and the others are read', () => {
  const rule = 'title: T\nlogsource: {category: process_creation}\ndetection:\n  s: {Image: a}\n  condition: s\n'
  const { rules, refused } = readSigma([
    { path: 'large.yml', text: `# ${'x'.repeat(16 << 20)}\n${rule}` },
    { path: 'small.yml', text: rule },
  ])
  expect(rules.map(({ file }) => file)).toEqual(['small.yml'])
  expect(refused).toEqual([
    {
      path: 'large.yml',
      title: '',
      line: 0,
      column: 1,
      reason: 'a file of 17 million characters; at most 16777216 are read: split it',
    },
  ])
})
