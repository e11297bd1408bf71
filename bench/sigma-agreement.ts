// Does the index say of every record what rules asked one by one say? Two comparisons, over records of any format:
// of every record, the index with the plain evaluator of every rule, behind nothing but the log source's gate;
// of a sample (one of --whole, and the first of each sort of event), that with every rule asked anew, gate and all, nothing remembered.
// Run: node bench/sigma-agreement.ts --rules DIR... --evidence PATH... [--own] [--jobs 2] [--part 3/10] [--records N] [--whole 500]
// Ends with 1 and shows records where they differ. --part looks at every tenth part of the evidence, from the third on; --records at
// about so many, the same share of every event log (other formats as a whole).
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lookAround } from '../src/pipeline/look.ts'
import { inOrder } from '../src/pipeline/match/in-order.ts'
import { tasksOf } from '../src/pipeline/match/match.ts'
import type { MatchTask } from '../src/pipeline/match/match-task.ts'
import { silentListener } from '../src/pipeline/progress.ts'
import { loadRules, ruleFilesOf } from '../src/pipeline/rule-files.ts'
import { threadPool } from '../src/pipeline/thread-pool.ts'
import { readers } from '../src/readers/registry.ts'
import type { AgreementStart } from './sigma-agreement/agreement-worker.ts'
import type { ComparedPart } from './sigma-agreement/compare-part.ts'

const { values } = parseArgs({
  options: {
    rules: { type: 'string', multiple: true, default: [] },
    evidence: { type: 'string', multiple: true, default: [] },
    own: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    part: { type: 'string', default: '1/1' },
    records: { type: 'string', default: 'Infinity' },
    whole: { type: 'string', default: '500' },
  },
})

/** Differences shown; one is enough to know that something is wrong. */
const MAX_SHOWN = 20
const CHUNK = 65_536
/** Records of a chunk of ordinary logs, for cutting the same share out of every log. */
const RECORDS_A_CHUNK = 60
/** Parts given out before the oldest is back. */
const PARTS_A_WORKER = 3

const [part = 1, parts = 1] = values.part.split('/').map(Number)
const jobs = Number(values.jobs)
const number = (count: number) => count.toLocaleString('en')

const { prepared, loaded } = values.own || values.rules.length === 0 ? loadRules(values.rules) : ruleFilesOf(values.rules)
const start: AgreementStart = { rules: prepared, every: Number(values.whole) }
const pool = threadPool({ directory: join(import.meta.dirname, 'sigma-agreement'), name: 'agreement-worker', jobs, start })
let differences = 0

async function* everyPart(tasks: AsyncIterable<MatchTask>): AsyncGenerator<MatchTask> {
  let index = 0
  for await (const task of tasks) if (index++ % parts === part - 1) yield task
}

async function compare(evidence: string, spillDirectory: string): Promise<void> {
  const begun = process.cpuUsage()
  const at = performance.now()
  const directories = { spillDirectory, caseDirectory: spillDirectory }
  const found = await lookAround([evidence], readers, directories, silentListener, undefined)
  const bytes = found.reduce((sum, { file, reader }) => (reader?.format === 'evtx' ? sum + statSync(file).size : sum), 0)
  const share = Math.min(1, (Number(values.records) / RECORDS_A_CHUNK) * (CHUNK / bytes))
  const formats = new Map<string, number>()
  const sum = { records: 0, hits: 0, askedWhole: 0 }
  await inOrder(
    everyPart(tasksOf(found, () => ({}))),
    jobs * PARTS_A_WORKER,
    () => true,
    task => pool.run({ task, share }, { name: 'compare' }) as Promise<ComparedPart>,
    async (compared, { format }) => {
      sum.records += compared.records
      sum.hits += compared.hits
      sum.askedWhole += compared.askedWhole
      formats.set(format, (formats.get(format) ?? 0) + compared.records)
      for (const difference of compared.differences) if (++differences <= MAX_SHOWN) console.log(difference)
    },
  )
  const { user, system } = process.cpuUsage(begun)
  console.log(
    `${evidence} (part ${values.part}): ${number(sum.records)} records, ${number(sum.hits)} hits of the plain evaluator, every rule asked anew of ${number(sum.askedWhole)}, ${differences} differences so far, ${((user + system) / 1e6).toFixed(0)} s of processor time, ${((performance.now() - at) / 1000).toFixed(0)} s by the clock`,
  )
  const most = [...formats].sort((a, b) => b[1] - a[1])
  console.log(`  ${most.map(([format, count]) => `${format} ${number(count)}`).join(', ')}`)
}

const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-agreement-'))
try {
  console.log(`${number(loaded)} rules`)
  for (const evidence of values.evidence) await compare(evidence, spillDirectory)
} finally {
  await pool.destroy()
  rmSync(spillDirectory, { recursive: true, force: true })
}
process.exitCode = differences > 0 ? 1 : 0
