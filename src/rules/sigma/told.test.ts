import { describe, expect, test } from 'vitest'
import { type EvidenceId, type Micros, originalFields, type SecurityEvent } from '../../model/index.ts'
import { missingFields } from './blindness.ts'
import { describeTest } from './describe-test.ts'
import { readSigma } from './document.ts'
import { type Explained, explain } from './explain.ts'
import { lint } from './lint.ts'
import { eventKeyOf, gateOf } from './log-source/index.ts'

const ID = '8f1b5f5e-0000-4000-8000-00000000000'

function ruleText(
  detection: string,
  { source = 'category: process_creation\n  product: windows', id = `${ID}1`, level = 'high' } = {},
): string {
  return `title: T\n${id && `id: ${id}\n`}logsource:\n  ${source}\ndetection:\n${detection.replace(/^/gm, '  ')}\n${level && `level: ${level}\n`}`
}

function read(text: string) {
  const documents = readSigma([{ path: 'r.yml', text }])
  const [rule] = documents.rules
  if (!rule) throw new Error(documents.refused[0]?.reason ?? 'no rule')
  return rule
}

function event(product: 'security' | 'sysmon', code: string, fields: Readonly<Record<string, string>>): SecurityEvent {
  return {
    kind: 'other_activity',
    source: { evidence: 'e' as EvidenceId, record: 1, offset: 0 },
    time: 0 as Micros,
    host: 'pc01',
    identity: 1,
    series: `evtx|pc01|${product === 'security' ? 'security' : 'microsoft-windows-sysmon/operational'}`,
    product,
    code,
    original: originalFields({ EventID: code, ...fields }),
  }
}

const audited = event('security', '4688', { NewProcessName: 'C:\\a\\cmd.exe', CommandLine: 'cmd /c whoami' })
const started = event('sysmon', '1', { Image: 'C:\\a\\cmd.exe', CommandLine: 'cmd /c whoami' })

describe('explain', () => {
  test('a match is told down to the values, under the names of the record', () => {
    const rule = read(
      ruleText(
        "sel:\n  Image|endswith: '\\cmd.exe'\nfilter:\n  OriginalFileName: x\nkey:\n  - WHOAMI\ncondition: sel and key and not filter",
      ),
    )
    expect(explain(rule, audited)).toEqual({
      key: eventKeyOf(audited),
      view: 'security-4688 as process_creation',
      matched: true,
      missing: [],
      condition: {
        kind: 'and',
        holds: true,
        of: [
          {
            kind: 'selection',
            name: 'sel',
            holds: true,
            of: [
              {
                kind: 'field',
                holds: true,
                line: 8,
                field: 'Image',
                test: 'ends with "\\cmd.exe"',
                value: 'C:\\a\\cmd.exe',
                from: ['NewProcessName'],
                cannotSee: false,
              },
            ],
          },
          {
            kind: 'selection',
            name: 'key',
            holds: true,
            of: [{ kind: 'keyword', holds: true, line: 12, test: 'contains "whoami"', value: 'cmd /c whoami' }],
          },
          {
            kind: 'not',
            holds: true,
            of: [
              {
                kind: 'selection',
                name: 'filter',
                holds: false,
                of: [
                  {
                    kind: 'field',
                    holds: false,
                    line: 10,
                    field: 'OriginalFileName',
                    test: 'is "x"',
                    value: undefined,
                    from: [],
                    cannotSee: true,
                  },
                ],
              },
            ],
          },
        ],
      },
    })
  })

  test('a record of another log source is not asked', () => {
    const other = event('security', '4624', {})
    expect(explain(read(ruleText('s:\n  A: b\ncondition: s')), other)).toEqual({
      key: eventKeyOf(other),
      view: undefined,
      matched: false,
      condition: undefined,
      missing: [],
    })
  })

  test.each([
    [`s:\n  A: 'b*c?'`, 'is "b*c?"'],
    [`s:\n  A|contains: [b, c]`, 'contains "b" or contains "c"'],
    [`s:\n  A|contains|all: [b, c]`, 'contains "b" and contains "c"'],
    [`s:\n  A|startswith|cased: B`, 'starts with "B" (case matters)'],
    [`s:\n  A: [a, b, c, d, e, f]`, 'is "a" or is "b" or is "c" or is "d" or 2 more'],
    [`s:\n  A|re|i: ^b+$`, 'matches /^b+$/i'],
    [`s:\n  A|cidr: 10.0.0.0/8`, 'is in the network 10.0.0.0/8'],
    [`s:\n  A|cidr: fe80::/10`, 'is in the network fe80:0:0:0:0:0:0:0/10'],
    [`s:\n  A|gte: 5`, 'is ≥ 5'],
    [`s:\n  A|exists: false`, 'is not there'],
    [`s:\n  A: null`, 'is not there (null)'],
    [`s:\n  A: ''`, 'is empty'],
    [`s:\n  A: '*'`, 'is anything'],
    [`s:\n  A|fieldref: B`, 'is the same as the field B'],
    [`s:\n  A|neq: b`, 'not (is "b")'],
  ])('in words: %s', (selection, words) => {
    const [expression] = read(ruleText(`${selection}\ncondition: s`)).detection.selections.values()
    const field = expression?.kind === 'all' ? expression.of[0] : expression
    expect(field?.kind === 'field' && describeTest(field.test)).toBe(words)
  })
})

describe('cannot see', () => {
  const on4688 = (detection: string) => {
    const rule = read(ruleText(detection))
    const view = gateOf(rule.logSource).viewOf(eventKeyOf(audited))
    return view && missingFields(rule.detection, view)
  }

  test.each<readonly [string, string, readonly string[]]>([
    ['a field it must have', 's:\n  OriginalFileName: x\ncondition: s', ['OriginalFileName']],
    ['beside one that is there', 's:\n  Image: a\n  OriginalFileName: x\ncondition: s', ['OriginalFileName']],
    ['one of two names is enough', 's:\n  - Image: a\n  - OriginalFileName: x\ncondition: s', []],
    ['none of two', 's:\n  - Hashes: a\n  - OriginalFileName: x\ncondition: s', ['Hashes', 'OriginalFileName']],
    ['only to be ruled out', 's:\n  Image: a\nf:\n  OriginalFileName: x\ncondition: s and not f', []],
    ['to be absent', 's:\n  OriginalFileName: null\ncondition: s', []],
    [
      'to be absent, and that rules out',
      's:\n  Image: a\nf:\n  OriginalFileName: null\ncondition: s and not f',
      ['OriginalFileName'],
    ],
    ['compared with', 's:\n  Image|fieldref: OriginalFileName\ncondition: s', ['OriginalFileName']],
    ['one of several selections', 's:\n  ParentCommandLine: x\nt:\n  Image: a\ncondition: 1 of s* or t', []],
    ['keywords may be anywhere', 'k:\n  - x\ncondition: k', []],
  ])('%s', (_name, detection, fields) => {
    expect(on4688(detection)).toEqual(fields)
  })

  test('Sysmon has them', () => {
    const rule = read(ruleText('s:\n  OriginalFileName: x\ncondition: s'))
    const view = gateOf(rule.logSource).viewOf(eventKeyOf(started))
    expect(view && missingFields(rule.detection, view)).toEqual([])
  })
})

describe('lint', () => {
  const notes = (...texts: readonly string[]) =>
    lint(readSigma(texts.map((text, index) => ({ path: `${index}.yml`, text })))).notes.map(
      ({ path, line, column, code }) => `${path}:${line}:${column} ${code}`,
    )
  const fine = ruleText('s:\n  Image: a\ncondition: s')

  test('a good rule has no notes', () => {
    expect(notes(fine)).toEqual([])
  })

  test.each<readonly [string, string, readonly string[]]>([
    ['no id', ruleText('s:\n  Image: a\ncondition: s', { id: '' }), ['0.yml:1:1 rules/no-id']],
    ['an odd id', ruleText('s:\n  Image: a\ncondition: s', { id: '17' }), ['0.yml:1:1 rules/odd-id']],
    ['no level', ruleText('s:\n  Image: a\ncondition: s', { level: '' }), ['0.yml:1:1 rules/no-level']],
    ['a selection nobody uses', ruleText('s:\n  Image: a\nt:\n  Image: b\ncondition: s'), ['0.yml:10:5 rules/unused-selection']],
    [
      'an unknown log source',
      ruleText('s:\n  Image: a\ncondition: s', { source: 'product: toaster' }),
      ['0.yml:1:1 rules/unknown-log-source'],
    ],
    ['a field no log has', ruleText('s:\n  GrandParentImage: a\ncondition: s'), ['0.yml:1:1 rules/cannot-see']],
  ])('%s', (_name, text, expected) => {
    expect(notes(text)).toEqual(expected)
  })

  test('two rules of one id', () => {
    expect(notes(fine, fine)).toEqual(['1.yml:1:1 rules/duplicate-id'])
  })

  test('log sources nobody reads, and what the logs that are read cannot show', () => {
    const cloud = ruleText('s:\n  eventName: a\ncondition: s', { source: 'product: aws\n  service: cloudtrail', id: `${ID}2` })
    const named = ruleText('s:\n  OriginalFileName: a\ncondition: s', { id: `${ID}3` })
    const { unread, blind } = lint(readSigma([cloud, named, fine].map((text, index) => ({ path: `${index}.yml`, text }))))
    expect(unread).toEqual([{ logSource: '/aws/cloudtrail', rules: 1 }])
    expect(blind).toEqual([{ view: 'security-4688 as process_creation', fields: ['OriginalFileName'], rules: 1 }])
  })
})

test('what is explained is what the full scan says, whatever the parts', () => {
  const texts = [
    's:\n  Image: a\ncondition: not s',
    's:\n  - Image|endswith: cmd.exe\n  - A: b\ncondition: s',
    's:\n  A: null\nt:\n  B: c\ncondition: s or t',
  ]
  const deny = (part: Explained): boolean => (part.kind === 'not' ? !part.of.some(inner => inner.holds) : part.holds)
  for (const text of texts) {
    const { condition, matched } = explain(read(ruleText(text)), started)
    expect(condition && deny(condition)).toBe(matched)
  }
})
