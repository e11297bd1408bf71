import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate, worldOf, writeExample } from '../examples/generator/generate.ts'
import { compareSeverity, type Report } from '../src/model/index.ts'
import { hunt } from '../src/pipeline/index.ts'

const EXAMPLE = resolve(import.meta.dirname, '..', 'examples', 'guam')

let scratch = ''
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'barograph-example-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function huntedInto(name: string, evidence: string): Promise<{ readonly report: Report; readonly json: string }> {
  const caseDirectory = join(scratch, name)
  const { report } = await hunt({
    evidence: [evidence],
    caseDirectory,
    rules: [],
    assets: undefined,
    sources: [],
    since: undefined,
    until: undefined,
    jobs: 2,
    command: 'test',
  })
  if (!report) throw new Error('the hunt ended without a report')
  return { report, json: readFileSync(join(caseDirectory, 'report.json'), 'utf8') }
}

async function huntOfSeed(seed: number, withIntrusion: boolean): Promise<Report> {
  const directory = join(scratch, `evidence-${seed}-${withIntrusion}`)
  await writeExample(directory, seed, withIntrusion)
  return (await huntedInto(`case-${seed}-${withIntrusion}`, directory)).report
}

const aboveLow = (report: Report): readonly string[] =>
  report.findings
    .filter(finding => compareSeverity(finding.severity, 'low') > 0)
    .map(finding => `${finding.severity} ${finding.title}`)

/** "technique FROM > TO" of each step, machines by what they are in the story. */
function storyOf(report: Report, seed: number): readonly (readonly string[])[] {
  const world = worldOf(seed)
  const [first, second] = world.relays
  const roles = new Map<string, string>([
    [first, 'relay 1'],
    [second, 'relay 2'],
  ])
  for (const [role, machine] of Object.entries(world.machines)) {
    roles.set(machine.fqdn, role)
    roles.set(machine.short, role)
  }
  const role = (name: string): string => roles.get(name) ?? name
  return report.incidents.map(incident =>
    incident.steps.map(step => `${step.technique} ${role(step.from.name)} > ${role(step.to.name)}`),
  )
}

/** What was planted, in order. */
const PLANTED = [
  'T1190 relay 1 > web',
  'T1505.003 web > web',
  'T1505.003 relay 1 > web',
  'T1090.001 web > web',
  'T1133 relay 2 > firewall',
  // The VPN session ends on the firewall; inside it comes from there.
  'T1021.001 firewall > dc',
  'T1003.003 dc > dc',
  'T1560.001 dc > dc',
  'T1021.002 dc > web',
  'T1048 relay 1 > web',
  'T1021.001 dc > engineering',
  'T1070.001 web > web',
  'T1572 web > relay 2',
]

/** The planted steps that stand in the told ones, in order. */
function toldInOrder(told: readonly string[]): readonly string[] {
  let at = 0
  return PLANTED.filter(step => {
    const place = told.indexOf(step, at)
    if (place >= 0) at = place + 1
    return place >= 0
  })
}

describe('the example', () => {
  test('is what its generator writes', async () => {
    const files = await generate(1, true)
    const names = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(EXAMPLE.length + 1))
    expect(names.toSorted()).toEqual([...files.keys(), 'README.md', 'expected-report.json'].toSorted())
    for (const [path, content] of files) expect(readFileSync(join(EXAMPLE, path)).equals(content), path).toBe(true)
  })

  test('is told as its expected report says, byte for byte', async () => {
    const { report, json } = await huntedInto('case-committed', EXAMPLE)
    expect(json).toBe(readFileSync(join(EXAMPLE, 'expected-report.json'), 'utf8'))
    expect(report.verdict.level).toBe('intrusion')
  })
})

describe.each([1, 2, 7, 30])('seed %i', seed => {
  test('one incident with the planted steps in their order', async () => {
    const stories = storyOf(await huntOfSeed(seed, true), seed)
    expect(stories).toHaveLength(1)
    expect(toldInOrder(stories[0] ?? [])).toEqual(PLANTED)
  })

  test('without the intrusion nothing is above low', async () => {
    const report = await huntOfSeed(seed, false)
    expect(aboveLow(report)).toEqual([])
    expect([report.verdict.level, report.incidents]).toEqual(['nothing-found', []])
  })
})
