import { expect, test } from 'vitest'
import { ruleCoverage } from './coverage.ts'
import { readSigma } from './document.ts'
import type { EventKey } from './log-source/index.ts'

const rule = (title: string, source: string, field: string) =>
  `title: ${title}\nid: ${title}\nlogsource: {${source}}\ndetection:\n  s:\n    ${field}: x\n  condition: s\n`

const START = 'category: process_creation, product: windows'
const { rules } = readSigma([
  {
    path: 'r.yml',
    text: [
      rule('a', START, 'Image'),
      rule('b', START, 'OriginalFileName'),
      rule('c', START, 'OriginalFileName'),
      rule('d', 'product: aws, service: cloudtrail', 'eventName'),
      rule('e', 'category: registry_add, product: windows', 'TargetObject'),
    ].join('---\n'),
  },
])

const key = (product: string, code: string, channel: string): EventKey => ({
  kind: 'other_activity',
  product,
  code,
  channel,
  provider: '',
  variant: '',
})
const audited = key('security', '4688', 'security')
const started = key('sysmon', '1', 'microsoft-windows-sysmon/operational')
const registry = key('sysmon', '12', 'microsoft-windows-sysmon/operational')

test('quiet, blind and never asked are three things', () => {
  expect(ruleCoverage(rules, [audited])).toEqual({
    rules: 5,
    applied: 1,
    blind: [
      {
        view: 'security-4688 as process_creation',
        fields: ['OriginalFileName'],
        rules: [
          { id: 'b', title: 'b' },
          { id: 'c', title: 'c' },
        ],
      },
    ],
    absent: [
      { logSource: '/aws/cloudtrail', rules: 1 },
      { logSource: 'registry_add/windows/', rules: 1 },
    ],
  })
})

test('a rule that sees in one log of its log source is not blind', () => {
  const { applied, blind, absent } = ruleCoverage(rules, [audited, started, registry])
  expect([applied, blind, absent]).toEqual([4, [], [{ logSource: '/aws/cloudtrail', rules: 1 }]])
})

test('without evidence nothing applies', () => {
  expect(ruleCoverage(rules, []).applied).toBe(0)
})
