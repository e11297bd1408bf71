import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/model/index.ts'
import { hunt } from '../../src/pipeline/index.ts'
import { sharedData } from '../shared-data.ts'
import { differences, type Expectation } from './expectation.ts'

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .toSorted()

/** One hunt into a case of its own, thrown away afterwards. */
export async function reportOf(evidence: readonly string[]): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-intrusion-'))
  try {
    const { report } = await hunt({
      evidence,
      caseDirectory: join(directory, 'case'),
      rules: [],
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: 2,
      command: 'test',
    })
    if (!report) throw new Error('the hunt ended without a report')
    return report
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe.each(names)('%s', name => {
  const expected = JSON.parse(readFileSync(join(import.meta.dirname, name, 'expected.json'), 'utf8')) as Expectation
  const paths = expected.evidence.map(path => sharedData(path))
  const present = paths.flatMap(path => path ?? [])

  // Without the shared evidence beside the repository this is skipped, and the summary counts it.
  test.skipIf(present.length < paths.length)(expected.story, { timeout: 300_000 }, async () => {
    expect(differences(await reportOf(present), expected)).toEqual([])
  })
})
