import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { yaraFiles } from '../../src/pipeline/yara/yara-files.ts'
import { YaraScanner } from '../../src/pipeline/yara/yara-scanner.ts'
import { EXTERNAL_VARIABLES } from '../../src/rules/yara/index.ts'
import type { Label, LabelledFile } from './labelled-files.ts'

/** What a program says of the files: the paths any rule holds for, and how long each label took. */
export interface YaraRun {
  readonly name: string
  readonly hits: ReadonlySet<string>
  readonly seconds: ReadonlyMap<Label, number>
  readonly refused: number
}

const LABELS: readonly Label[] = ['malicious', 'benign']

/** YARA-X as `--yara` uses it; compiling is not counted. */
export async function yaraX(rules: readonly string[], files: readonly LabelledFile[], jobs: number): Promise<YaraRun> {
  const scanner = new YaraScanner(rules, jobs)
  try {
    const { refused, missing } = await scanner.ready()
    if (missing !== '') console.log(missing)
    const hits = new Set<string>()
    const seconds = new Map<Label, number>()
    for (const label of LABELS) {
      const own = files.filter(file => file.label === label)
      const begun = performance.now()
      await Promise.all(
        own.map(async ({ path }) => {
          const answer = await scanner.scan({ file: path, path, owner: '' })
          if ('hits' in answer && answer.hits.length > 0) hits.add(path)
        }),
      )
      if (own.length > 0) seconds.set(label, (performance.now() - begun) / 1000)
    }
    return { name: 'yara-x', hits, seconds, refused: refused.length }
  } finally {
    scanner.close()
  }
}

/** The C program, where it is installed: compiled rules, a list of files, external variables empty (it knows none per file). */
export function cYara(rules: readonly string[], files: readonly LabelledFile[], jobs: number): readonly YaraRun[] {
  if (spawnSync('yara', ['--version']).status !== 0) {
    console.log('C yara is not installed, left out')
    return []
  }
  const folder = mkdtempSync(join(tmpdir(), 'barograph-bench-yara-'))
  try {
    const compiled = join(folder, 'rules.yac')
    const variables = EXTERNAL_VARIABLES.flatMap(name => ['-d', `${name}=`])
    const built = spawnSync('yarac', ['-w', ...variables, ...yaraFiles(rules).map(({ path }) => path), compiled], {
      encoding: 'utf8',
    })
    if (built.status !== 0) {
      console.log(`C yara cannot compile these rules, left out: ${built.stderr.split('\n', 1)[0]}`)
      return []
    }
    const hits = new Set<string>()
    const seconds = new Map<Label, number>()
    for (const label of LABELS) {
      const own = files.filter(file => file.label === label).map(({ path }) => path)
      if (own.length === 0) continue
      const list = join(folder, label)
      writeFileSync(list, `${own.join('\n')}\n`)
      const begun = performance.now()
      const lines = execFileSync('yara', ['-C', '-w', '-p', String(jobs), '--scan-list', compiled, list], {
        encoding: 'utf8',
        maxBuffer: 1 << 30,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      seconds.set(label, (performance.now() - begun) / 1000)
      for (const line of lines.split('\n')) if (line.includes(' ')) hits.add(line.slice(line.indexOf(' ') + 1))
    }
    return [{ name: 'C yara', hits, seconds, refused: 0 }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
