import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/model/index.ts'
import { hunt } from '../../src/pipeline/index.ts'
import { sharedData } from '../shared-data.ts'
import { differences, type Expectation, storiesOf } from './expectation.ts'
import { UNREAD } from './unread-files.ts'

const names = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .toSorted()

/** One hunt into a case of its own, thrown away afterwards. */
async function reportOf(evidence: readonly string[]): Promise<Report> {
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

const expectationOf = (name: string): Expectation =>
  JSON.parse(readFileSync(join(import.meta.dirname, name, 'expected.json'), 'utf8')) as Expectation
const alone = new Map<string, Report>()

describe.each(names)('%s', name => {
  const expected = expectationOf(name)
  const paths = expected.evidence.map(path => sharedData(path))
  const present = paths.flatMap(path => path ?? [])

  // Without the shared evidence beside the repository this is skipped, and the summary counts it.
  test.skipIf(present.length < paths.length)(expected.story, { timeout: 300_000 }, async () => {
    const report = await reportOf(present)
    alone.set(name, report)
    expect(differences(report, expected)).toEqual([])
  })
})

describe('all sets in one hunt', () => {
  const everything = sharedData()
  const here = test.skipIf(everything === undefined)
  let report: Report | undefined

  here('ends, and accounts for every file', { timeout: 900_000 }, async () => {
    report = await reportOf(everything === undefined ? [] : [everything])
    const unknown = report.generatedFrom.evidence.filter(item => item.format === 'unknown').map(item => item.path)
    expect(unknown.filter(path => !UNREAD.some(known => known.path.test(path)))).toEqual([])
    expect(UNREAD.filter(known => !unknown.some(path => known.path.test(path))).map(known => known.why)).toEqual([])
    const files = readdirSync(everything ?? '', { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    const listed = new Set(report.generatedFrom.evidence.map(item => item.path.replace(/^[^/]*\//, '').replace(/!.*$/, '')))
    const missing = files
      .map(entry => join(entry.parentPath, entry.name).slice((everything ?? '').length + 1))
      .filter(path => !listed.has(path))
    expect(missing).toEqual([])
  })

  here('no incident mixes two sets', () => {
    const mixed = (report?.incidents ?? []).flatMap(incident => {
      const sets = new Set(
        incident.findings
          .flatMap(id => report?.findings.find(finding => finding.id === id)?.evidence ?? [])
          .map(record => record.path.split('/')[1] ?? ''),
      )
      return sets.size > 1 ? [`${incident.title}: ${[...sets].toSorted().join(', ')}`] : []
    })
    expect(mixed).toEqual([])
  })

  here.each(names)('%s is told as it is told alone', name => {
    const single = alone.get(name)
    if (!single || !report) throw new Error('the hunt it is compared with did not end')
    const together = new Set(storiesOf(report))
    expect(storiesOf(single).filter(story => !together.has(story))).toEqual([])
  })
})
