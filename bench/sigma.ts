// Sigma rules against event logs: parse alone, match alone, both, the program itself, and other programs in the same run.
// Run: node bench/sigma.ts --rules DIR [--evidence DIR]... [--bytes 2e8] [--jobs 2] [--slowest 20] [--peer 'NAME=COMMAND']... [--programs]
// Without --evidence it writes the three kinds of bench/event-log-corpus.ts. In the command of a peer {evidence} is the folder and {out} a
// file whose lines are counted as hits (those on stdout where it writes none). --programs leaves out everything but whole programs. Figures are by processor time where a machine is shared, and by the clock for whole programs.
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openPart } from '../src/evidence/index.ts'
import type { EvidenceId, UnmappedRecord } from '../src/model/index.ts'
import { compilePrepared } from '../src/pipeline/rule-cache.ts'
import { loadRules, ruleFilesOf } from '../src/pipeline/rule-files.ts'
import { reader } from '../src/readers/evtx/reader.ts'
import { RuleIndex } from '../src/rules/sigma/index/rule-index.ts'
import { seenRecord } from '../src/rules/sigma/index/seen-event.ts'
import { gateOf } from '../src/rules/sigma/log-source/index.ts'
import { writeCorpus } from './event-log-corpus.ts'
import { measuredRun } from './measured-run.ts'

const { values } = parseArgs({
  options: {
    rules: { type: 'string', multiple: true, default: [] },
    evidence: { type: 'string', multiple: true, default: [] },
    bytes: { type: 'string', default: '2e8' },
    jobs: { type: 'string', default: '2' },
    slowest: { type: 'string', default: '20' },
    peer: { type: 'string', multiple: true, default: [] },
    programs: { type: 'boolean', default: false },
  },
})
const made = mkdtempSync(join(tmpdir(), 'barograph-bench-'))
process.on('exit', () => rmSync(made, { recursive: true, force: true }))

const whole = (value: number) => Math.round(value).toLocaleString('en')
const cpuSeconds = (from: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

function logsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.evtx'))
    .sort()
    .map(name => join(path, name))
}

/** Shows every record of the logs to `use`; no event is made of any. */
function eachRecord(logs: readonly string[], use: (record: UnmappedRecord) => void): number {
  let count = 0
  for (const file of logs) {
    const plan = {
      start: 0,
      end: statSync(file).size,
      firstLine: 1,
      headerLines: [],
      part: 0,
      facts: {},
      path: file,
      encoding: 'latin1' as const,
    }
    const opened = openPart(file, { ...plan, evidence: 'bench' as EvidenceId })
    reader.read(opened.part, {
      event: () => undefined,
      diagnostic: () => undefined,
      wants: record => {
        count++
        use(record)
        return false
      },
    })
    opened.close()
  }
  return count
}

console.log(`machine   ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`)
let begun = process.cpuUsage()
let spin = 0
for (let turn = 0; turn < 1e8; turn++) spin = (spin + turn) | 0
console.log(
  `unit      100 million additions take ${cpuSeconds(begun).toFixed(2)} s of processor time here: compare machines and loads by it`,
)

begun = process.cpuUsage()
const loaded = values.rules.length > 0 ? ruleFilesOf(values.rules) : loadRules([])
const { rules } = compilePrepared(loaded.prepared).documents
console.log(`rules     ${whole(loaded.loaded)} loaded, ${loaded.refused} refused, read in ${cpuSeconds(begun).toFixed(2)} s`)
begun = process.cpuUsage()
const newIndex = () => new RuleIndex(rules.map(({ detection, logSource }) => ({ detection, gate: gateOf(logSource) })))
if (!values.programs) newIndex()
console.log(`index     made in ${cpuSeconds(begun).toFixed(2)} s`)

async function bench(name: string, evidence: string): Promise<void> {
  const logs = logsIn(evidence)
  const bytes = logs.reduce((sum, file) => sum + statSync(file).size, 0)
  if (values.programs) {
    const records = eachRecord(logs, () => undefined)
    console.log(`\n${name}: ${whole(records)} records in ${logs.length} logs of ${whole(bytes / 1e6)} MB`)
    return tellPrograms(evidence, records, bytes)
  }
  eachRecord(logs.slice(0, 1), () => undefined)
  let from = process.cpuUsage()
  const records = eachRecord(logs, () => undefined)
  const parse = cpuSeconds(from)
  const index = newIndex()
  let hits = 0
  const matched = new Set<string>()
  from = process.cpuUsage()
  eachRecord(logs, record => {
    const found = index.match(seenRecord(record))
    hits += found.length
    for (const number of found) matched.add(rules[number]?.id ?? '')
  })
  const both = cpuSeconds(from)
  const rate = (seconds: number) =>
    `${whole(records / seconds).padStart(10)} records/s ${((bytes / seconds) * 1e-6).toFixed(0).padStart(6)} MB/s`
  console.log(
    `\n${name}: ${whole(records)} records in ${logs.length} logs of ${whole(bytes / 1e6)} MB, ${whole(hits)} hits of ${matched.size} rules (${((hits / records) * 100).toFixed(2)} %)`,
  )
  console.log(`  one thread, processor time`)
  console.log(`  parse alone         ${rate(parse)}`)
  console.log(`  match alone         ${rate(both - parse)}`)
  console.log(`  both                ${rate(both)}`)
  const { events, admitted, evaluatedEvents, evaluations } = index.counts
  const share = (part: number) => `${((part / events) * 100).toFixed(1)} %`
  console.log(
    `  records of a rule's log source ${share(admitted)}, with a rule evaluated ${share(evaluatedEvents)}, rules evaluated a record ${(evaluations / events).toFixed(2)}, tables of ${(index.tableBytes / 1e6).toFixed(1)} MB`,
  )
  tellSlowest(logs)
  await tellPrograms(evidence, records, bytes)
}

function tellSlowest(logs: readonly string[]): void {
  const index = newIndex()
  const times = new Float64Array(rules.length)
  index.times = times
  eachRecord(logs, record => void index.match(seenRecord(record)))
  const slowest = [...times].map((time, number) => ({ time, number })).toSorted((a, b) => b.time - a.time)
  console.log('  slowest rules, by their evaluation alone')
  for (const { time, number } of slowest.slice(0, Number(values.slowest)))
    console.log(`    ${(time / 1e6).toFixed(1).padStart(8)} ms  ${rules[number]?.title}`)
}

async function tellPrograms(evidence: string, records: number, bytes: number): Promise<void> {
  console.log('  whole programs, by the clock')
  const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')
  const ours = [main, 'match', ...values.rules.flatMap(path => ['--rules', path]), '--jobs', values.jobs, evidence]
  tellRun(`barograph match --jobs ${values.jobs}`, await measuredRun(process.execPath, ours), records, bytes)
  for (const peer of values.peer) {
    const sign = peer.indexOf('=')
    const out = join(made, 'peer-output')
    rmSync(out, { recursive: true, force: true })
    const command = peer
      .slice(sign + 1)
      .replaceAll('{evidence}', evidence)
      .replaceAll('{out}', out)
    const run = await measuredRun(`exec ${command}`, [], true)
    tellRun(peer.slice(0, sign), existsSync(out) ? { ...run, lines: linesIn(out) } : run, records, bytes)
  }
}

/** Lines of a file, or of all files below a folder. */
function linesIn(path: string): number {
  if (statSync(path).isDirectory()) return readdirSync(path).reduce((sum, name) => sum + linesIn(join(path, name)), 0)
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(1 << 20)
  let lines = 0
  for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer))
    for (let at = buffer.indexOf(10); at >= 0 && at < length; at = buffer.indexOf(10, at + 1)) lines++
  closeSync(file)
  return lines
}

function tellRun(name: string, run: Awaited<ReturnType<typeof measuredRun>>, records: number, bytes: number): void {
  const { seconds, cpuSeconds: cpu, peakMegabytes, code, err, lines } = run
  const rate = `${whole(records / seconds).padStart(10)} records/s ${((bytes / seconds) * 1e-6).toFixed(0).padStart(6)} MB/s`
  const rest = `${seconds.toFixed(1)} s, processor ${cpu?.toFixed(1) ?? '?'} s, memory at most ${peakMegabytes === undefined ? '?' : whole(peakMegabytes)} MiB, ${whole(lines)} hits, load ${loadavg()[0]?.toFixed(0)}`
  console.log(`  ${name.padEnd(28)} ${rate}  ${rest}${code === 0 ? '' : `, ended with ${code}: ${err.slice(-300)}`}`)
}

if (values.evidence.length > 0) for (const evidence of values.evidence) await bench(evidence, evidence)
else
  for (const kind of ['mixed', 'quiet', 'process-creation'] as const) {
    const directory = join(made, kind)
    writeCorpus(directory, kind, Number(values.bytes))
    await bench(kind, directory)
    rmSync(directory, { recursive: true, force: true })
  }
