// Which labelled behaviours our rules and detectors find, without --rules: every file of evtx-mitre-cc0 and mordor-atomic is hunted alone.
// Run: node bench/rules-recall.ts [TEXT] ; with a text only the files whose path contains it.
// Recall here is how often the label's technique is among those claimed; it says nothing of other intrusions (docs/rules.md).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { techniqueAliases, techniqueOf } from '../src/knowledge/index.ts'
import type { Report } from '../src/model/index.ts'
import { hunt } from '../src/pipeline/index.ts'
import { sharedData } from '../test/shared-data.ts'

interface Labelled {
  readonly set: string
  readonly file: string
  readonly path: string
  /** Techniques of the label, as the set writes them. */
  readonly labels: readonly string[]
}

interface Outcome extends Labelled {
  readonly claimed: readonly string[]
  readonly found: readonly string[]
  readonly findings: Report['findings']
}

const SETS = ['evtx-mitre-cc0', 'mordor-atomic'] as const

function labelled(set: string): readonly Labelled[] {
  const folder = sharedData(set)
  if (folder === undefined) {
    console.log(`${set}: not beside the repository, left out`)
    return []
  }
  const rows = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as readonly {
    readonly file: string
    readonly technique?: string
    readonly techniques?: readonly string[]
  }[]
  return rows.map(({ file, technique, techniques }) => ({
    set,
    file,
    path: join(folder, file),
    labels: techniques ?? (technique === undefined ? [] : [technique]),
  }))
}

async function findingsOf(path: string): Promise<Report['findings']> {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-recall-'))
  try {
    const { report } = await hunt({
      evidence: [path],
      caseDirectory: join(directory, 'case'),
      rules: [],
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: 1,
      command: 'bench',
    })
    return report?.findings ?? []
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A claim answers a label when it is the same technique in any ATT&CK version, its parent, or one of its sub-techniques. */
function answers(claim: string, label: string): boolean {
  const names = [label, ...techniqueAliases(label)]
  return names.some(name => claim === name || claim === techniqueOf(name)?.parent || techniqueOf(claim)?.parent === name)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const wanted = process.argv[2] ?? ''
const outcomes: Outcome[] = []
for (const item of SETS.flatMap(labelled).filter(({ path }) => path.includes(wanted))) {
  const findings = await findingsOf(item.path)
  const claimed = [...new Set(findings.flatMap(({ techniques }) => techniques))].toSorted()
  const found = item.labels.filter(label => claimed.some(claim => answers(claim, label)))
  const outcome = { ...item, claimed, found, findings }
  outcomes.push(outcome)
  const mark = found.length === item.labels.length ? 'hit ' : found.length > 0 ? 'part' : 'MISS'
  console.log(
    `${mark} ${item.labels.join(' ').padEnd(10)} ${item.file.split('/').at(-1)}\n       claimed ${claimed.length}: ${claimed.join(' ')}`,
  )
  for (const { severity, title, witnesses } of findings)
    console.log(`       ${severity.padEnd(13)} ${title}  [${witnesses.map(({ rule }) => rule).join(', ')}]`)
}

for (const set of SETS) {
  const rows = outcomes.filter(outcome => outcome.set === set)
  if (rows.length === 0) continue
  const hits = rows.filter(({ found }) => found.length > 0).length
  const whole = rows.filter(({ found, labels }) => found.length === labels.length).length
  const share = ((100 * hits) / rows.length).toFixed(1)
  console.log(
    `${set}: ${hits} of ${rows.length} files found (${share} %), ${whole} with every labelled technique; techniques claimed a file: median ${median(rows.map(({ claimed }) => claimed.length))}, most ${Math.max(...rows.map(({ claimed }) => claimed.length))}`,
  )
  for (const { file } of rows.filter(({ found }) => found.length === 0)) console.log(`  missed ${file}`)
}
