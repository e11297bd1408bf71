import { expect, test } from 'vitest'
import type { EventQueries, Row } from '../../model/index.ts'
import { compileSigma } from '../../rules/index.ts'
import { blindRules } from './blind-rules.ts'

const rule = (title: string, source: string, field: string) =>
  `title: ${title}\nlogsource: {${source}}\ndetection:\n  s:\n    ${field}: x\n  condition: s\n`

const { rules } = compileSigma([
  {
    path: 'r.yml',
    text: [
      rule('Renamed tool', 'category: process_creation, product: windows', 'OriginalFileName'),
      rule('Shell', 'category: process_creation, product: windows', 'Image'),
      rule('Cloud log-in', 'product: aws, service: cloudtrail', 'eventName'),
    ].join('---\n'),
  },
]).documents

/** A case that holds what the rows say; no SQL runs. */
const holding = (rows: readonly Row[]) => ({ rows: async () => rows }) as unknown as EventQueries

test('the report tells blind rules and absent log sources from quiet ones', async () => {
  const spots = await blindRules(
    rules,
    holding([{ kind: 'process_activity', product: 'security', code: '4688', series: 'evtx|pc01|security' }]),
  )
  expect(spots.map(({ what, consequence }) => [what, consequence])).toEqual([
    [
      '1 rule could not see in security-4688 as process_creation: the records never have OriginalFileName',
      'That they did not match says nothing: Renamed tool.',
    ],
    [
      '1 of 3 rules never applied: no such log source in this evidence',
      '1 rules were asked. The others are for /aws/cloudtrail (1).',
    ],
  ])
})

test('nothing is said where every rule could see, or none was given', async () => {
  const sysmon = holding([
    { kind: 'process_activity', product: 'sysmon', code: '1', series: 'evtx|pc01|microsoft-windows-sysmon/operational' },
  ])
  expect(
    await blindRules(
      rules.filter(({ title }) => title !== 'Cloud log-in'),
      sysmon,
    ),
  ).toEqual([])
  expect(await blindRules([], sysmon)).toEqual([])
})
