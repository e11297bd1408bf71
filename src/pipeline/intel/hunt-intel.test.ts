import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hunt } from '../hunt.ts'
import { silentListener } from '../progress.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-intel-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function reportWith(intel: readonly string[]) {
  const { report } = await hunt(
    {
      evidence: [join(directory, 'access.log')],
      caseDirectory: join(directory, 'case'),
      rules: [],
      assets: undefined,
      intel,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: 1,
      command: 'test',
    },
    silentListener,
  )
  return report
}

test('an indicator is a finding and lifts the verdict to suspicious at most; a later hunt keeps it', async () => {
  writeFileSync(
    join(directory, 'access.log'),
    '203.0.113.9 - - [15/Aug/2023:05:34:25 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"\n',
  )
  writeFileSync(
    join(directory, 'kv.csv'),
    'value,type,first_seen,last_seen,source,comment\n203.0.113[.]9,ip,2023-08-01,2023-08-20,A lab,KV node\n10.0.0.1,ip,,,,a mistake\n',
  )
  const report = await reportWith([join(directory, 'kv.csv')])
  expect(
    report?.findings.map(({ title, severity, witnesses }) => [severity, title, witnesses.map(({ source }) => source)]),
  ).toEqual([['medium', 'Listed address 203.0.113.9 (KV node) met in 1 record', ['intel']]])
  expect(report?.verdict.level).toBe('suspicious')
  expect(report?.verdict.sentence).toContain('Only indicators say so; no detector of ours supports it.')
  expect(report?.incidents).toEqual([])
  expect(report?.generatedFrom.diagnostics.map(({ code }) => code)).toContain('intel/internal-address')
  expect((await reportWith([]))?.findings.length).toBe(1)
})

test('a path that is not there is said before anything is read', async () => {
  await expect(reportWith([join(directory, 'nothing.csv')])).rejects.toThrow('no such file or folder')
})
