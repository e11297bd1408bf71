import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import { type FindingDraft, microsFromIso } from '../model/index.ts'
import { actorsAmong, mergeDrafts } from './merge.ts'

const bareName = (host: string) => host.split('.')[0] ?? host
const merged = (drafts: readonly FindingDraft[]) =>
  mergeDrafts(drafts, bareName).map(
    finding => `${finding.severity} ${finding.title} (${finding.witnesses.map(witness => witness.rule).join(', ')})`,
  )

const sigma = (rule: string, more: Parameters<typeof draft>[2]): FindingDraft => {
  const made = draft(rule, `${rule} matched`, more)
  return { ...made, witness: { ...made.witness, source: 'sigma' } }
}
const T = '2024-01-01T10:00:00Z'
const LATER = '2024-01-01T10:09:00Z'
const MUCH_LATER = '2024-01-01T10:30:00Z'

test.each<[string, readonly FindingDraft[], readonly string[]]>([
  [
    'the same record is one behaviour, ours speaks for it, the rule is a witness',
    [
      sigma('rule', { severity: 'critical', techniques: ['T1218.011'], evidence: ['e:1:0'], time: T }),
      draft('ours', 'dump', { severity: 'high', techniques: ['T1003.001'], evidence: ['e:1:0'], time: T }),
    ],
    ['critical dump (ours, rule)'],
  ],
  [
    'one object on one host within minutes, whatever the host is called',
    [
      draft('a', 'copied', {
        severity: 'critical',
        techniques: ['T1003.003'],
        object: 'ntds.dit',
        hosts: ['DC01'],
        time: T,
        evidence: ['e:1:0'],
      }),
      draft('b', 'written', {
        severity: 'high',
        techniques: ['T1003'],
        object: 'ntds.dit',
        hosts: ['DC01.example'],
        time: LATER,
        evidence: ['f:9:0'],
      }),
    ],
    ['critical copied (a, b)'],
  ],
  [
    'half an hour apart they are two',
    [
      draft('a', 'copied', { techniques: ['T1003.003'], object: 'ntds.dit', hosts: ['dc01'], time: T }),
      draft('b', 'copied again', { techniques: ['T1003'], object: 'ntds.dit', hosts: ['dc01'], time: MUCH_LATER }),
    ],
    ['medium copied (a)', 'medium copied again (b)'],
  ],
  [
    'another host is another behaviour',
    [
      draft('a', 'one', { techniques: ['T1003'], object: 'x', hosts: ['h1'], time: T }),
      draft('a', 'two', { techniques: ['T1003'], object: 'x', hosts: ['h2'], time: T }),
    ],
    ['medium one (a)', 'medium two (a)'],
  ],
  [
    'a rule that matches everything does not swallow what matters',
    [
      sigma('everything', {
        severity: 'low',
        techniques: ['T1003'],
        evidence: Array.from({ length: 50 }, (_, i) => `e:${i}:0`),
        time: T,
      }),
      draft('ours', 'dump', { severity: 'high', techniques: ['T1003.001'], evidence: ['e:7:0'], time: T }),
    ],
    ['high dump (ours)', 'low everything matched (everything)'],
  ],
  [
    'a weaker piece of a pattern belongs to the pattern',
    [
      draft('burst', 'twelve commands', {
        severity: 'medium',
        techniques: ['T1033', 'T1082'],
        evidence: Array.from({ length: 12 }, (_, i) => `e:${i}:0`),
        time: T,
      }),
      draft('single', 'whoami', { severity: 'low', techniques: ['T1033'], evidence: ['e:3:0'], time: T }),
    ],
    ['medium twelve commands (burst, single)'],
  ],
  [
    'a rule ties no two behaviours of ours together, and is a witness of the one it shares most with',
    [
      draft('upload', 'one upload', { severity: 'high', techniques: ['T1505.003'], evidence: ['e:1:0'], time: T, object: 'a' }),
      draft('use', 'page used', {
        severity: 'high',
        techniques: ['T1505.003'],
        evidence: Array.from({ length: 20 }, (_, i) => `e:${i + 10}:0`),
        time: LATER,
        object: 'b',
      }),
      sigma('posts', {
        severity: 'low',
        techniques: ['T1505.003'],
        evidence: ['e:1:0', 'e:10:0', 'e:11:0', 'e:12:0'],
        time: T,
      }),
    ],
    ['high one upload (upload)', 'high page used (use, posts)'],
  ],
  [
    'a rule that saw the commands of one behaviour told by several of our detectors',
    [
      draft('shell', 'first command', {
        severity: 'critical',
        techniques: ['T1505.003'],
        evidence: ['e:1:0'],
        time: T,
        object: 'cmd',
      }),
      draft('shell', 'second command', {
        severity: 'critical',
        techniques: ['T1505.003'],
        evidence: ['e:2:0'],
        time: LATER,
        object: 'cmd',
      }),
      sigma('worker', { severity: 'medium', techniques: ['T1505.003'], evidence: ['e:1:0', 'e:2:0', 'e:3:0', 'e:4:0'], time: T }),
    ],
    ['critical first command (shell, worker)'],
  ],
])('%s', (_name, drafts, expected) => {
  expect(merged(drafts)).toEqual(expected)
})

test('the order of drafts does not matter, and no draft is lost', () => {
  const pick = fc.record({
    rule: fc.constantFrom('a', 'b', 'c'),
    object: fc.constantFrom('x', 'y'),
    severity: fc.constantFrom('low', 'medium', 'high'),
    host: fc.constantFrom('h1', 'h1.example', 'h2'),
    minute: fc.integer({ min: 0, max: 59 }),
    record: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(fc.array(pick, { maxLength: 12 }), picks => {
      const drafts = picks.map(({ rule, object, severity, host, minute, record }) =>
        draft(rule, `${rule} ${object}`, {
          severity: severity as 'low',
          object,
          hosts: [host],
          time: `2024-01-01T10:${String(minute).padStart(2, '0')}:00Z`,
          evidence: [`e:${record}:0`],
        }),
      )
      const findings = mergeDrafts(drafts, bareName)
      expect(mergeDrafts(drafts.toReversed(), bareName)).toEqual(findings)
      const rules = new Set(findings.flatMap(finding => finding.witnesses.map(witness => witness.rule)))
      expect(rules).toEqual(new Set(drafts.map(entry => entry.witness.rule)))
      expect(new Set(findings.map(finding => finding.id)).size).toBe(findings.length)
    }),
  )
})

test.each([
  [['IIS APPPOOL\\DefaultAppPool', 'iis apppool\\defaultapppool'], ['IIS APPPOOL\\DefaultAppPool']],
  [['example\\ann', 'NT AUTHORITY\\SYSTEM', 'EXAMPLE\\WEB01$'], ['example\\ann']],
  [['NT AUTHORITY\\SYSTEM'], ['NT AUTHORITY\\SYSTEM']],
  [
    ['ann', 'bob'],
    ['ann', 'bob'],
  ],
  [[], []],
])('accounts %j are %j', (names, actors) => {
  expect(actorsAmong(names)).toEqual(actors)
  expect(actorsAmong(names.toReversed())).toEqual(actors)
})

test('a finding names machines, not what stands where a name is missing', () => {
  const [finding] = mergeDrafts(
    [draft('a', 'one', { hosts: ['null', 'WORKGROUP', 'web01', '-', 'localhost'], time: T })],
    bareName,
  )
  expect(finding?.hosts).toEqual(['web01'])
})

test('a rule that also matched before does not move the beginning of what ours tell', () => {
  const [finding] = mergeDrafts(
    [
      draft('ours', 'used', { techniques: ['T1505.003'], evidence: ['e:1:0', 'e:2:0'], time: LATER, accounts: ['ann'] }),
      sigma('rule', {
        severity: 'low',
        techniques: ['T1505.003'],
        evidence: ['e:1:0', 'e:2:0', 'e:0:0'],
        time: T,
        accounts: ['bob'],
      }),
    ],
    bareName,
  )
  expect([finding?.witnesses.length, finding?.firstTime, finding?.accounts, finding?.evidence.length]).toEqual([
    2,
    microsFromIso(LATER),
    ['ann'],
    2,
  ])
})

test('a stronger rule that saw the same and more speaks for the whole', () => {
  const [finding, ...others] = mergeDrafts(
    [
      draft('ours', 'twelve in vain', {
        severity: 'medium',
        techniques: ['T1110'],
        evidence: ['e:1:0', 'e:2:0'],
        time: T,
        hosts: ['h1'],
      }),
      sigma('guessed', {
        severity: 'critical',
        techniques: ['T1110'],
        evidence: ['e:1:0', 'e:2:0', 'f:1:0'],
        time: T,
        hosts: ['h1', 'h2'],
      }),
    ],
    bareName,
  )
  expect([finding?.title, finding?.hosts, finding?.evidence.length, others]).toEqual(['guessed matched', ['h1', 'h2'], 3, []])
})

const LONG = {
  severity: 'medium',
  techniques: ['T1572'],
  hosts: ['web01.example'],
  time: T,
  lastTime: '2024-01-01T20:00:00Z',
} as const

test.each<[string, Parameters<typeof draft>[2], number]>([
  [
    'the firewall’s line of a connection is another witness of what the flow sensor saw',
    { time: T, addresses: ['10.0.0.5', '203.0.113.9'] },
    1,
  ],
  ['also hours after it began, while it goes on', { time: '2024-01-01T15:00:00Z', addresses: ['203.0.113.9'] }, 1],
  ['of another machine it is not', { time: T, addresses: ['203.0.113.9'], hosts: ['db01'] }, 2],
  ['of another address it is not', { time: T, addresses: ['10.0.0.5', '203.0.113.10'] }, 2],
  ['of another account it is not', { time: T, addresses: ['203.0.113.9'], accounts: ['bob'] }, 2],
  ['of another day it is not', { time: '2024-01-03T10:00:00Z', addresses: ['203.0.113.9'] }, 2],
  ['of another technique it is not', { time: T, addresses: ['203.0.113.9'], techniques: ['T1110'] }, 2],
  ['a stronger rule speaks for itself', { time: T, addresses: ['203.0.113.9'], severity: 'high' }, 2],
])('%s', (_name, rule, findings) => {
  const connection = draft('ours', 'kept open', {
    ...LONG,
    addresses: ['10.0.0.5', '203.0.113.9'],
    accounts: ['ann'],
    evidence: ['e:1:0'],
  })
  const ours = { ...connection, lastTime: microsFromIso('2024-01-01T20:00:00Z') }
  const theirs = sigma('rule', { severity: 'low', techniques: ['T1090', 'T1572'], evidence: ['f:1:0'], ...rule })
  expect(mergeDrafts([ours, theirs], bareName)).toHaveLength(findings)
})
