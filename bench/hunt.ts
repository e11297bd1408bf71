// A hunt from end to end: MB/s, events/s and peak memory, against only reading and hashing the same bytes.
// Run: node bench/hunt.ts [MEGABYTES=300] [JOBS]; the input is made each time, always the same (bench/made-evidence.ts).
// Or:  node bench/hunt.ts FOLDER [JOBS] [RULES]...; for instance a corpus of bench/event-log-corpus.ts with the rules of a SigmaHQ checkout.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { hunt, silentListener } from '../src/pipeline/index.ts'
import { makeEvidence } from './made-evidence.ts'

interface Measured {
  readonly seconds: number
  readonly processorSeconds: number
  readonly events: number
  readonly peakMegabytes: number
  /** How long each stage took on the wall. */
  readonly phases: readonly { readonly phase: string; readonly seconds: number }[]
}

const [given = '300', jobs = availableParallelism(), ...rules] = process.argv.slice(2)
if (given === '--child') await huntOnce()
else await main(Number(jobs))

async function main(jobs: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-bench-'))
  try {
    const isFolder = existsSync(given)
    const evidence = isFolder ? given : join(directory, 'evidence')
    if (!isFolder) await makeEvidence(evidence, Number(given) * 1e6, 4)
    const files = readdirSync(evidence, { recursive: true, encoding: 'utf8' }).filter(name =>
      statSync(join(evidence, name)).isFile(),
    )
    const bytes = files.reduce((sum, name) => sum + statSync(join(evidence, name)).size, 0)
    console.log(
      `${cpus()[0]?.model ?? 'processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}`,
    )
    console.log(
      `input: ${files.length} files, ${(bytes / 1e6).toFixed(0)} MB${isFolder ? '' : ': web logs, Zeek flows, log-ins, EVTX'}; ${jobs} jobs`,
    )
    const limit = await hashAll(files.map(name => join(evidence, name)))
    console.log(`reading and hashing: ${limit.toFixed(2)} s, ${(bytes / 1e6 / limit).toFixed(0)} MB/s`)
    const child = spawnSync(
      process.execPath,
      [import.meta.filename, '--child', String(jobs), evidence, join(directory, 'case'), ...rules],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const { seconds, processorSeconds, events, peakMegabytes, phases } = JSON.parse(child.stdout) as Measured
    const rate = (count: number) => Math.round(count).toLocaleString('en')
    console.log(
      `hunt: ${seconds.toFixed(1)} s (${processorSeconds.toFixed(1)} s of processor), ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, ${rate(events / seconds)} events/s, peak ${rate(peakMegabytes)} MB`,
    )
    console.log(`of that: ${phases.map(({ phase, seconds: spent }) => `${phase} ${spent.toFixed(1)} s`).join(', ')}`)
    console.log(
      `${(seconds / limit).toFixed(0)} times as long as reading and hashing; ${rate(events / processorSeconds)} events for each second of processor`,
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function hashAll(files: readonly string[]): Promise<number> {
  const begun = performance.now()
  for (const file of files) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
    hash.digest('hex')
  }
  return (performance.now() - begun) / 1000
}

async function huntOnce(): Promise<void> {
  const [evidence = '', caseDirectory = '', ...ruleFolders] = rules
  const begun = performance.now()
  const starts: { readonly phase: string; readonly at: number }[] = []
  const { report } = await hunt(
    {
      evidence: [evidence],
      caseDirectory,
      rules: ruleFolders,
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: Number(jobs),
      command: 'bench',
    },
    { ...silentListener, phase: phase => starts.push({ phase, at: performance.now() }) },
  )
  const end = performance.now()
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const measured: Measured = {
    seconds: (end - begun) / 1000,
    processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
    events: report?.coverage.events ?? 0,
    peakMegabytes: maxRSS / 1024,
    phases: starts.map(({ phase, at }, index) => ({ phase, seconds: ((starts[index + 1]?.at ?? end) - at) / 1000 })),
  }
  console.log(JSON.stringify(measured))
}
