// A large folder from end to end on two cores: rate, time to the first finding and to the report, peak memory and its course.
// Run: npm run bench:large -- [--gigabytes 20] [--directory SCRATCH] [--jobs 2] [--keep]
// The folder is made by repetition (bench/large/evidence.ts) below the scratch directory, which needs room for it and for a case of about
// the same size again, and is deleted afterwards unless --keep is given; a folder kept by an earlier run of the same size is used again.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { hunt } from '../src/pipeline/index.ts'
import { Course } from './large/course.ts'
import { writeLargeEvidence } from './large/evidence.ts'
import { treeMegabytes } from './large/tree-memory.ts'

/** What the hunt tells while it runs, one a line. */
type Word =
  | { readonly said: 'bytes'; readonly phase: string; readonly bytes: number }
  | { readonly said: 'finding'; readonly title: string; readonly path: string }
  | { readonly said: 'end'; readonly events: number; readonly findings: number; readonly processorSeconds: number }

const SAMPLE_MILLISECONDS = 250
const TELL_MILLISECONDS = 500

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gigabytes: { type: 'string', default: '20' },
    directory: { type: 'string', default: tmpdir() },
    jobs: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
})
if (values.child) await huntOnce()
else await main()

async function main(): Promise<void> {
  const gigabytes = Number(values.gigabytes)
  if (!(gigabytes > 0)) throw new Error('--gigabytes takes a number above 0')
  const directory = resolve(values.directory, `barograph-large-${values.gigabytes}`)
  const evidence = join(directory, 'evidence')
  const made = join(directory, 'made')
  try {
    if (!existsSync(made)) {
      rmSync(directory, { recursive: true, force: true })
      mkdirSync(directory, { recursive: true })
      await writeLargeEvidence(evidence, gigabytes * 1e9)
      writeFileSync(made, '')
    }
    rmSync(join(directory, 'case'), { recursive: true, force: true })
    await measure(evidence, join(directory, 'case'))
  } finally {
    if (!values.keep) rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(evidence: string, caseDirectory: string): Promise<void> {
  const sizes = sizesOf(evidence)
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const whole = (value: number) => Math.round(value).toLocaleString('en')
  console.log(
    `${cpus()[0]?.model ?? 'processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}, load before ${loadavg().map(Math.round).join(' ')}`,
  )
  console.log(`evidence: ${(bytes / 1e9).toFixed(2)} GB in ${whole(sizes.length)} files; ${values.jobs} jobs`)
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const child = spawn(process.execPath, [import.meta.filename, '--child', '--jobs', values.jobs, evidence, caseDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const course = new Course()
  const timer = setInterval(() => course.sample(treeMegabytes(child.pid ?? 0)), SAMPLE_MILLISECONDS)
  let first: string | undefined
  let end: Extract<Word, { said: 'end' }> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const word = JSON.parse(line) as Word
    if (word.said === 'bytes') course.at(word.phase, word.bytes, seconds())
    if (word.said === 'finding' && first === undefined) {
      first = `first finding after ${seconds().toFixed(1)} s: ${word.title}  ${word.path}`
      console.log(first)
    }
    if (word.said === 'end') end = word
  }
  clearInterval(timer)
  const took = seconds()
  if (!end) throw new Error('the hunt ended without a result')
  console.log(
    `hunt: ${whole(took)} s (${whole(end.processorSeconds)} s of processor), ${(bytes / 1e6 / took).toFixed(1)} MB/s, ${(bytes / 1e6 / end.processorSeconds).toFixed(1)} MB for each second of processor, ${whole(end.events)} records, ${whole(end.events / took)} records/s, ${end.findings} findings`,
  )
  const written = sizesOf(caseDirectory).reduce((sum, size) => sum + size, 0)
  console.log(`case: ${(written / 1e9).toFixed(2)} GB; load after ${loadavg().map(Math.round).join(' ')}`)
  for (const line of course.lines()) console.log(line)
}

function sizesOf(folder: string): readonly number[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => statSync(join(entry.parentPath, entry.name)).size)
}

async function huntOnce(): Promise<void> {
  const [evidence = '', caseDirectory = ''] = positionals
  const tell = (word: Word) => process.stdout.write(`${JSON.stringify(word)}\n`)
  let phase = 'look'
  let read = 0
  let told = 0
  const { report } = await hunt(
    {
      evidence: [evidence],
      caseDirectory,
      rules: [],
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: Number(values.jobs),
      command: 'bench',
    },
    {
      phase: next => {
        phase = next
        tell({ said: 'bytes', phase, bytes: phase === 'read' ? read : 0 })
      },
      advance: bytes => {
        if (phase !== 'read') return
        read += bytes
        if (performance.now() - told < TELL_MILLISECONDS) return
        told = performance.now()
        tell({ said: 'bytes', phase, bytes: read })
      },
      found: ({ title, path }) => tell({ said: 'finding', title, path }),
      say: message => process.stderr.write(`${message}\n`),
    },
  )
  const { user, system } = process.cpuUsage()
  tell({
    said: 'end',
    events: report?.coverage.events ?? 0,
    findings: report?.findings.length ?? 0,
    processorSeconds: (user + system) / 1e6,
  })
}
