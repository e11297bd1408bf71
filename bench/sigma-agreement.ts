// Does the index say of every record what the full scan says? Rules are held against records of any format in both ways.
// Run: node bench/sigma-agreement.ts --rules DIR... --evidence PATH... [--records 300000]; ends with 1 and shows records where they differ.
// Of larger event logs the same share of each is looked at; other formats are looked at as a whole.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openPart } from '../src/evidence/index.ts'
import type { SecurityEvent, UnmappedRecord } from '../src/model/index.ts'
import { lookAround } from '../src/pipeline/look.ts'
import { tasksOf } from '../src/pipeline/match/match.ts'
import type { MatchTask } from '../src/pipeline/match/match-task.ts'
import { silentListener } from '../src/pipeline/progress.ts'
import { loadRules, ruleFilesOf } from '../src/pipeline/rule-files.ts'
import { readers } from '../src/readers/registry.ts'
import { compileSigma } from '../src/rules/index.ts'

const { values } = parseArgs({
  options: {
    rules: { type: 'string', multiple: true, default: [] },
    evidence: { type: 'string', multiple: true, default: [] },
    records: { type: 'string', default: '300000' },
  },
})

/** Differences shown; one is enough to know that something is wrong. */
const MAX_SHOWN = 20
const CHUNK = 65_536
/** Records of a chunk of ordinary logs, for cutting the same share out of every log. */
const RECORDS_A_CHUNK = 60

const { files } = values.rules.length > 0 ? ruleFilesOf(values.rules) : loadRules([])
const indexed = compileSigma(files).matcher
const scanned = compileSigma(files, { fullScan: true }).matcher
let differences = 0

/** Both ways, and what is said before a record is an event. */
function compare(file: string, event: SecurityEvent, asked: boolean | undefined): number {
  const fast = indexed.match(event).map(({ rule }) => rule)
  const slow = scanned.match(event).map(({ rule }) => rule)
  if (fast.join() === slow.join() && (asked ?? slow.length > 0) === slow.length > 0) return slow.length
  if (++differences <= MAX_SHOWN) console.log(`${file}:${event.source.record}`, { fast, slow, asked })
  return slow.length
}

/** Reads one part, of an event log as much as is wanted, and compares what is said of each of its records. */
function comparePart({ file, format, plan }: MatchTask, share: number): { readonly records: number; readonly hits: number } {
  const end = format === 'evtx' ? plan.start + Math.ceil(((plan.end - plan.start) / CHUNK) * share) * CHUNK : plan.end
  const opened = openPart(file, { ...plan, end: Math.min(end, plan.end) })
  let asked: boolean | undefined
  let records = 0
  let hits = 0
  try {
    readers
      .find(candidate => candidate.format === format)
      ?.read(opened.part, {
        wants: (record: UnmappedRecord) => {
          asked = indexed.mayMatch?.(record)
          return true
        },
        event: event => {
          records++
          hits += compare(plan.path, event, asked)
          asked = undefined
        },
        diagnostic: () => undefined,
      })
  } finally {
    opened.close()
  }
  return { records, hits }
}

const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-agreement-'))
try {
  for (const evidence of values.evidence) {
    const begun = process.cpuUsage()
    const found = await lookAround(
      [evidence],
      readers,
      { spillDirectory, caseDirectory: spillDirectory },
      silentListener,
      undefined,
    )
    const bytes = found.reduce((sum, { file, reader }) => (reader?.format === 'evtx' ? sum + statSync(file).size : sum), 0)
    const share = Math.min(1, (Number(values.records) / RECORDS_A_CHUNK) * (CHUNK / bytes))
    const formats = new Map<string, number>()
    let records = 0
    let hits = 0
    for await (const task of tasksOf(found, () => ({}))) {
      const part = comparePart(task, share)
      records += part.records
      hits += part.hits
      formats.set(task.format, (formats.get(task.format) ?? 0) + part.records)
    }
    const { user, system } = process.cpuUsage(begun)
    const number = (count: number) => count.toLocaleString('en')
    console.log(
      `${evidence}: ${number(records)} records, ${number(hits)} hits of the full scan, ${differences} differences so far, ${((user + system) / 1e6).toFixed(0)} s of processor time`,
    )
    console.log(
      `  ${[...formats]
        .sort((a, b) => b[1] - a[1])
        .map(([format, count]) => `${format} ${number(count)}`)
        .join(', ')}`,
    )
  }
} finally {
  rmSync(spillDirectory, { recursive: true, force: true })
}
process.exitCode = differences > 0 ? 1 : 0
