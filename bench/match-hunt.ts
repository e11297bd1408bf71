// `match` and `hunt` on the same evidence with the same rules, one after the other in one run: what does it cost to keep every event?
// Run: node bench/match-hunt.ts --rules DIR [--evidence DIR] [--bytes 2e8] [--jobs 2] [--turns 2]
// Without --evidence it writes the mixed corpus of bench/event-log-corpus.ts. Hunt has our own rules and detectors besides those given.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Report } from '../src/model/index.ts'
import { PROGRAM } from '../test/program.ts'
import { setup as buildProgram } from '../test/threads/build-program.ts'
import { writeCorpus } from './event-log-corpus.ts'
import { measuredRun } from './measured-run.ts'

const { values } = parseArgs({
  options: {
    rules: { type: 'string', multiple: true, default: [] },
    evidence: { type: 'string' },
    bytes: { type: 'string', default: '2e8' },
    jobs: { type: 'string', default: '2' },
    turns: { type: 'string', default: '2' },
  },
})

/** The best run of a verb: what else the machine did makes the others longer. */
interface Best {
  seconds: number
  cpuSeconds: number
  peakMegabytes: number
}

buildProgram()
const directory = mkdtempSync(join(tmpdir(), 'barograph-bench-'))
try {
  const evidence = values.evidence ?? join(directory, 'evidence')
  if (values.evidence === undefined) writeCorpus(evidence, 'mixed', Number(values.bytes))
  await compare(evidence)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function compare(evidence: string): Promise<void> {
  const caseDirectory = join(directory, 'case')
  const shared = [...values.rules.flatMap(path => ['--rules', path]), '--jobs', values.jobs, evidence]
  const match = best()
  const hunt = best()
  let events = 0
  for (let turn = 0; turn < Number(values.turns); turn++) {
    await run(match, ['match', ...shared])
    rmSync(caseDirectory, { recursive: true, force: true })
    await run(hunt, ['hunt', ...shared, '--out', caseDirectory, '--quiet'])
    const { coverage } = JSON.parse(readFileSync(join(caseDirectory, 'report.json'), 'utf8')) as Report
    events = coverage.events
  }
  const bytes = sizeOf(evidence)
  const whole = (value: number) => Math.round(value).toLocaleString('en')
  console.log(
    `${cpus()[0]?.model ?? 'processor'}, ${cpus().length} cores, node ${process.version}, load ${loadavg().map(Math.round).join(', ')}`,
  )
  console.log(`${whole(events)} events in ${whole(bytes / 1e6)} MB, ${values.jobs} jobs, best of ${values.turns} turns`)
  for (const [name, { seconds, cpuSeconds, peakMegabytes }] of [
    ['match', match],
    ['hunt', hunt],
  ] as const)
    console.log(
      `${name.padEnd(6)} ${whole(events / seconds).padStart(8)} events/s by the clock (${seconds.toFixed(1)} s); ${whole(events / cpuSeconds).padStart(8)} for each second of processor (${cpuSeconds.toFixed(1)} s, ${((cpuSeconds * 1e6) / events).toFixed(1)} µs an event); peak ${whole(peakMegabytes)} MiB; segments and report ${name === 'hunt' ? `${whole(sizeOf(caseDirectory) / 1e6)} MB` : 'none'}`,
    )
  console.log(
    `hunt costs ${(hunt.cpuSeconds / match.cpuSeconds).toFixed(2)} times match by processor time, ${(hunt.seconds / match.seconds).toFixed(2)} times by the clock`,
  )
}

function best(): Best {
  return { seconds: Number.POSITIVE_INFINITY, cpuSeconds: Number.POSITIVE_INFINITY, peakMegabytes: 0 }
}

async function run(so: Best, words: readonly string[]): Promise<void> {
  const { seconds, cpuSeconds, peakMegabytes, code, err } = await measuredRun(process.execPath, [PROGRAM, ...words])
  if (code !== 0 || cpuSeconds === undefined) throw new Error(`${words[0]} ended with ${code}: ${err}`)
  so.seconds = Math.min(so.seconds, seconds)
  so.cpuSeconds = Math.min(so.cpuSeconds, cpuSeconds)
  so.peakMegabytes = Math.max(so.peakMegabytes, peakMegabytes ?? 0)
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const entry = statSync(join(path, name))
    return entry.isFile() ? sum + entry.size : sum
  }, 0)
}
