import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Comparison } from '../../bench/sigma-agreement/compare-part.ts'
import type { EvidenceId, RuleHit } from '../../src/model/index.ts'
import { type CompiledRules, compileSigma } from '../../src/rules/index.ts'
import { writeEvtx } from '../evtx-writer/index.ts'

const RECORDS = 150

/** A rule that holds for every third record, one that holds for none, and one whose log source has no record. */
const rules = () =>
  compileSigma(
    [
      ['process_creation', 'third', "CommandLine|endswith: ' 0'"],
      ['process_creation', 'none', 'CommandLine|contains: nowhere'],
      ['dns_query', 'elsewhere', "Image|endswith: '.exe'"],
    ].map(([category, title, selection]) => ({
      path: `${title}.yml`,
      text: `title: ${title}\nlogsource: {product: windows, category: ${category}}\nlevel: low\ndetection:\n  a:\n    ${selection}\n  condition: a\n`,
    })),
  )

/** Sysmon's process starts, written to disk as one part. */
function task() {
  const folder = mkdtempSync(join(tmpdir(), 'barograph-agreement-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'sysmon.evtx')
  const bytes = writeEvtx(
    Array.from({ length: RECORDS }, (_, index) => ({
      provider: 'Microsoft-Windows-Sysmon',
      channel: 'Microsoft-Windows-Sysmon/Operational',
      computer: 'ws1.example',
      eventId: 1,
      recordId: index + 1,
      time: Date.UTC(2024, 0, 1) * 1000 + index,
      data: [
        ['Image', 'C:\\a.exe'],
        ['CommandLine', `a.exe ${index % 3}`],
      ] as const,
    })),
  )
  writeFileSync(file, bytes)
  const plan = { start: 0, end: bytes.length, firstLine: 1, headerLines: [], part: 0, facts: {}, path: file }
  return { file, format: 'evtx', plan: { ...plan, evidence: 'e' as EvidenceId, encoding: 'latin1' as const } }
}

const compared = (compiled: CompiledRules) => new Comparison(compiled, 50).compare(task(), 1)
const HIT = { rule: 'none' } as RuleHit

test('every record is compared, and of a sample every rule is asked anew', () => {
  // The first of its sort, and every fiftieth.
  expect(compared(rules())).toEqual({ records: RECORDS, hits: RECORDS / 3, askedWhole: 1 + RECORDS / 50, differences: [] })
})

test.each<[string, Partial<CompiledRules['matcher']>, number]>([
  ['an index that finds nothing', { match: () => [] }, RECORDS / 3],
  ['an index that finds too much', { match: () => [HIT] }, RECORDS],
  ['a question before that loses records', { mayMatch: () => false }, RECORDS / 3],
  ['a question before that lets all through', { mayMatch: () => true }, (RECORDS * 2) / 3],
])('%s is told, record by record', (_name, broken, differences) => {
  const compiled = rules()
  const result = compared({ ...compiled, matcher: { ...compiled.matcher, ...broken } })
  expect([result.records, result.differences.length]).toEqual([RECORDS, differences])
})
