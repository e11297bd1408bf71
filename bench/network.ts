// How long relays are looked for on one busy machine, and what every network detector takes over a large conn log, beside what DuckDB takes to
// load the same file and do nothing with it. Processor time counts; wall time depends on what else the machine does.
// Run: npm run bench:network -- [--flows 1000000] [--rows 10000000] [--keep DIR]; 0 leaves the one or the other out.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { relayPairing } from '../src/detect/network/relay-pairing.ts'
import { detectors } from '../src/detect/registry.ts'
import type { SetDetector } from '../src/model/index.ts'
import { queriesOf, queryLimits } from '../src/pipeline/query-engine.ts'
import { CaseQueries, columnsDigest, openCase, type QueriedSegment } from '../src/store/index.ts'
import { measuredRun } from './measured-run.ts'
import { writeConn } from './network/made-conn.ts'

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '1000000' },
    rows: { type: 'string', default: '10000000' },
    keep: { type: 'string' },
  },
})
const directory = values.keep ?? mkdtempSync(join(tmpdir(), 'barograph-network-'))
mkdirSync(directory, { recursive: true })
const threads = Math.min(2, availableParallelism())
console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads`)

/** One machine with so many connections in a day, every fiftieth of them passed on. */
async function busyMachine(flows: number): Promise<void> {
  const relayed = Math.floor(flows / 100)
  const made = await measuredRun(process.execPath, [
    `${import.meta.dirname}/network/busy-machine.ts`,
    String(flows),
    String(relayed),
    directory,
  ])
  if (made.code !== 0) throw new Error(made.err)
  const segments: readonly Omit<QueriedSegment, 'columns'>[] = JSON.parse(made.out)
  const item = {
    evidence: 'test',
    path: 'busy',
    format: 'test',
    sha256: 'test',
    bytes: 0,
    records: flows,
    events: flows,
    firstTime: undefined,
    lastTime: undefined,
  }
  const queries = await CaseQueries.open(
    directory,
    join(directory, 'scratch'),
    [item],
    segments.map(segment => ({ ...segment, columns: columnsDigest(segment.kind) })),
    queryLimits(threads),
  )
  forgetPeak()
  const { seconds, cpuSeconds, result } = await timed(() => findingsOf(relayPairing, queries))
  const peak = peakMegabytes()
  queries.close()
  console.log(
    `${flows.toLocaleString('en')} flows of one busy machine, ${relayed.toLocaleString('en')} passed on: paired in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time), peak ${peak} MB, ${result.length} findings`,
  )
  for (const { title } of result.slice(0, 3)) console.log(`  ${title}`)
  if (queries.ranAgain > 0) console.log(`  asked again with more memory ${queries.ranAgain} times`)
}

async function largeLog(rows: number): Promise<void> {
  const log = join(directory, 'conn.log')
  writeConn(log, rows)
  const size = `${rows.toLocaleString('en')} rows, ${(statSync(log).size / 1e6).toFixed(0)} MB`
  const bare = await measuredRun(process.execPath, [`${import.meta.dirname}/network/bare-load.ts`, log, String(threads)])
  console.log(`conn log of ${size}`)
  console.log(`  DuckDB loads it into a table:      ${bare.code === 0 ? spent(bare) : `failed: ${bare.err.slice(0, 200)}`}`)
  const place = join(directory, 'case')
  const hunted = await measuredRun(process.execPath, [
    join(import.meta.dirname, '..', 'dist', 'cli', 'main.js'),
    'hunt',
    log,
    '--out',
    place,
    '--jobs',
    String(threads),
    '--quiet',
  ])
  console.log(`  barograph hunt, everything:        ${spent(hunted)}`)
  const opened = openCase(place, 'read')
  const queries = await queriesOf(opened, threads)
  const asked = detectors.filter(detector => detector.on === 'set').filter(({ id }) => id.startsWith('network/'))
  let [total, totalCpu, highest] = [0, 0, 0]
  for (const [index, detector] of asked.entries()) {
    forgetPeak()
    await queries.keepPrepared(asked.slice(index).flatMap(({ prepared = [] }) => prepared))
    const { seconds, cpuSeconds, result } = await timed(() => findingsOf(detector, queries))
    total += seconds
    totalCpu += cpuSeconds
    const peak = peakMegabytes()
    highest = Math.max(highest, Number(peak))
    console.log(
      `  ${detector.id.padEnd(34)} ${seconds.toFixed(1).padStart(6)} s (${cpuSeconds.toFixed(1)} s of processor time), peak ${peak} MB, ${result.length} findings${result
        .slice(0, 3)
        .map(({ title }) => `\n    ${title}`)
        .join('')}`,
    )
  }
  console.log(`  asked again with more memory:      ${queries.ranAgain} times`)
  console.log(
    `  all network detectors:             ${total.toFixed(1)} s (${totalCpu.toFixed(1)} s of processor time); peak memory ${highest} MB`,
  )
  queries.close()
  opened.close()
}

const spent = ({
  seconds,
  cpuSeconds,
  peakMegabytes,
}: {
  seconds: number
  cpuSeconds: number | undefined
  peakMegabytes: number | undefined
}): string =>
  `${seconds.toFixed(1)} s (${cpuSeconds?.toFixed(1) ?? '?'} s of processor time), peak ${peakMegabytes?.toFixed(0) ?? '?'} MB`

/** Lets the kernel count the peak of this process anew (proc(5), clear_refs); elsewhere the peak is that of the whole run. */
function forgetPeak(): void {
  if (existsSync('/proc/self/clear_refs')) writeFileSync('/proc/self/clear_refs', '5')
}

function peakMegabytes(): string {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : ''
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]
  return (kilobytes === undefined ? process.resourceUsage().maxRSS / 1024 : Number(kilobytes) / 1024).toFixed(0)
}

async function findingsOf(detector: SetDetector, queries: CaseQueries) {
  const rows = await queries.ask(detector)
  return rows.flatMap(row => detector.finding(row) ?? [])
}

async function timed<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number; readonly result: Result }> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const result = await run()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6, result }
}

try {
  if (Number(values.flows) > 0) await busyMachine(Number(values.flows))
  if (Number(values.rows) > 0) await largeLog(Number(values.rows))
} finally {
  if (values.keep === undefined) rmSync(directory, { recursive: true, force: true })
}
