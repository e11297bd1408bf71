import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEvidence } from '../bench/made-evidence.ts'
import { openCase } from '../src/store/index.ts'
import { type KillMoment, reportOf, runHunt } from './resume-hunt.ts'

let directory: string
let evidence: string
let undisturbed: string
let duration: number

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-resume-'))
  evidence = join(directory, 'evidence')
  await makeEvidence(evidence, 3e6, 3)
  const run = await runHunt(evidence, join(directory, 'undisturbed'))
  expect([run.code, run.stderr]).toEqual([0, ''])
  undisturbed = reportOf(join(directory, 'undisturbed'))
  duration = run.milliseconds
}, 300_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('the report tells something', () => {
  const report = JSON.parse(undisturbed) as { findings: unknown[]; coverage: { events: number } }
  expect(report.findings.length).toBeGreaterThan(0)
  expect(report.coverage.events).toBeGreaterThan(10_000)
})

test('killed again and again, at random and while segments and the database are written: the same report in the end', async () => {
  const place = join(directory, 'killed')
  const moments: readonly KillMoment[] = [
    { after: Math.random() * duration },
    { onSegment: 0 },
    { onCommit: Math.floor(Math.random() * 20) },
    { onSegment: Math.floor(Math.random() * 8) },
    { after: duration * (0.5 + Math.random() / 2) },
  ]
  let kills = 0
  for (const moment of moments) if ((await runHunt(evidence, place, moment)).killed) kills += 1
  const last = await runHunt(evidence, place)
  expect([last.code, last.stderr]).toEqual([0, ''])
  expect(kills).toBeGreaterThan(0)
  expect(reportOf(place)).toBe(undisturbed)
  expect(readdirSync(join(place, 'tmp'))).toEqual([])
}, 600_000)

test('one worker or three, and everything done before: the same report', async () => {
  const place = join(directory, 'other')
  expect((await runHunt(evidence, place, undefined, 3)).code).toBe(0)
  expect(reportOf(place)).toBe(undisturbed)
  expect((await runHunt(evidence, place, undefined, 1)).code).toBe(0)
  expect(reportOf(place)).toBe(undisturbed)
  const opened = openCase(place, 'read')
  expect(opened.audit().map(({ outcome }) => outcome.split(' ')[0])).toEqual(['verdict', 'verdict'])
  opened.close()
}, 300_000)
