// What judging takes after reading, query by query: processor time, peak memory and what was spilled, the dearest first; and of a whole hunt
// the peak of each phase. Memory is that of the whole process; where the system cannot start its peak anew for each query (Linux can), it is 0.
// Run: node bench/judging.ts EVIDENCE... | CASE [--jobs 2] [--top 20] [--rules DIR]
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { detectors } from '../src/detect/registry.ts'
import { hunt, reportAgain, silentListener } from '../src/pipeline/index.ts'
import { duckDbDialect } from '../src/store/duckdb/dialect.ts'
import { Engine } from '../src/store/duckdb/engine.ts'
import { processorSeconds } from './measured-run.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    rules: { type: 'string', multiple: true, default: [] },
    top: { type: 'string', default: '20' },
  },
})

/** What a piece of the work took. */
interface Cost {
  readonly name: string
  cpuSeconds: number
  wallSeconds: number
  peakMegabytes: number
  queries: number
}

const costs = new Map<string, Cost>()
const phases: Cost[] = []
const names = new Map(detectors.flatMap(d => (d.on === 'set' ? [[d.query(duckDbDialect), d.id] as const] : [])))

/** Only Linux tells a program its own peak; elsewhere there is no figure. */
const TELLS_PEAK = existsSync('/proc/self/clear_refs')

/** Peak memory of this process since it was last asked. */
function peakSinceLast(): number {
  if (!TELLS_PEAK) return Number.NaN
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]
  // 5: the peak begins anew (proc(5), clear_refs).
  writeFileSync('/proc/self/clear_refs', '5')
  return Number(peak) / 1024
}

/** The place that asked: a set detector by its id, all else by file and line. */
function askedBy(query: string, stack: string): string {
  const detector = names.get(query)
  if (detector !== undefined) return detector
  const table = /prepared-(\w+)\.parquet' \(format parquet\)$/.exec(query)?.[1]
  if (table !== undefined) return `table ${table}`
  const frames = [...stack.matchAll(/src\/([^:()]+\.ts):(\d+)/g)].filter(
    ([, file = '']) => !/duckdb\/(engine|case-queries)\.ts$|correlate\/sql\.ts$|bench\//.test(file),
  )
  const [, file = 'store', line = ''] = frames[0] ?? []
  return `${file}:${line}${file.startsWith('store/') ? ` ${query.replace(/\s+/g, ' ').slice(0, 60)}` : ''}`
}

let highest = 0

async function measured<Result>(query: string, run: () => Promise<Result>): Promise<Result> {
  const name = askedBy(query, new Error().stack ?? '')
  highest = Math.max(highest, peakSinceLast())
  const cpu = processorSeconds()
  const begun = performance.now()
  try {
    return await run()
  } finally {
    const cost = costs.get(name) ?? { name, cpuSeconds: 0, wallSeconds: 0, peakMegabytes: 0, queries: 0 }
    const peak = peakSinceLast()
    highest = Math.max(highest, peak)
    cost.cpuSeconds += processorSeconds() - cpu
    cost.wallSeconds += (performance.now() - begun) / 1000
    cost.peakMegabytes = Math.max(cost.peakMegabytes, peak)
    cost.queries += 1
    costs.set(name, cost)
  }
}

Error.stackTraceLimit = 40
const { run, rows } = Engine.prototype
Engine.prototype.run = function (statement) {
  return measured(statement, () => run.call(this, statement))
}
Engine.prototype.rows = function (query) {
  return measured(query, () => rows.call(this, query))
}

let phase: { name: string; cpu: number; at: number } | undefined
function enter(name: string): void {
  const [cpu, at, peak] = [processorSeconds(), performance.now(), Math.max(highest, peakSinceLast())]
  if (phase)
    phases.push({
      name: phase.name,
      cpuSeconds: cpu - phase.cpu,
      wallSeconds: (at - phase.at) / 1000,
      peakMegabytes: peak,
      queries: 0,
    })
  highest = 0
  phase = { name, cpu, at }
}

const listener = { ...silentListener, phase: enter }
const [first = ''] = positionals
const isCase = existsSync(join(first, 'case.sqlite'))
const directory = mkdtempSync(join(tmpdir(), 'barograph-bench-'))
enter('start')
try {
  const jobs = Number(values.jobs)
  const report = isCase
    ? await reportAgain(first, 'bench', listener)
    : (
        await hunt(
          {
            evidence: positionals,
            caseDirectory: join(directory, 'case'),
            rules: values.rules,
            assets: undefined,
            sources: [],
            since: undefined,
            until: undefined,
            jobs,
            command: 'bench',
          },
          listener,
        )
      ).report
  enter('end')
  const events = report?.coverage.events ?? 0
  print(events)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function print(events: number): void {
  const line = ({ name, cpuSeconds, wallSeconds, peakMegabytes, queries }: Cost) =>
    `${name.padEnd(64)}${cpuSeconds.toFixed(2).padStart(8)} s ${((cpuSeconds * 1e6) / events).toFixed(2).padStart(7)} µs ${wallSeconds.toFixed(2).padStart(8)} s ${(Number.isNaN(peakMegabytes) ? 'unknown' : `${peakMegabytes.toFixed(0)} MiB`).padStart(10)}${queries > 0 ? ` ${String(queries).padStart(5)}` : ''}`
  console.log(`${events.toLocaleString('en')} events, ${values.jobs} jobs, load ${loadavg().map(Math.round).join(', ')}`)
  console.log(`${'phase'.padEnd(64)} processor   an event     wall   peak`)
  for (const cost of phases) console.log(line(cost))
  const all = [...costs.values()]
  console.log(
    `${'queries, all'.padEnd(64)}${all
      .reduce((sum, cost) => sum + cost.cpuSeconds, 0)
      .toFixed(2)
      .padStart(8)} s`,
  )
  for (const cost of all.toSorted((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, Number(values.top))) console.log(line(cost))
  console.log('most memory')
  for (const cost of all.toSorted((a, b) => b.peakMegabytes - a.peakMegabytes).slice(0, 12)) console.log(line(cost))
}
