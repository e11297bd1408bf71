// Does the index say of every record what the full scan says? Rules are held against the records of event logs in both ways.
// Run: node bench/sigma-agreement.ts --rules DIR... --evidence DIR... [--records 300000]; ends with 1 and shows records where they differ.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openPart } from '../src/evidence/index.ts'
import type { EvidenceId, SecurityEvent, UnmappedRecord } from '../src/model/index.ts'
import { loadRules, ruleFilesOf } from '../src/pipeline/rule-files.ts'
import { reader } from '../src/readers/evtx/reader.ts'
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
const FILE_HEADER = 4096
const CHUNK = 65_536
/** Records of a chunk of ordinary logs, for cutting the same share out of every log. */
const RECORDS_A_CHUNK = 60

const { files } = values.rules.length > 0 ? ruleFilesOf(values.rules) : loadRules([])
const indexed = compileSigma(files).matcher
const scanned = compileSigma(files, { fullScan: true }).matcher
let differences = 0

function logsIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.evtx'))
    .sort()
    .map(name => join(path, name))
}

/** Both ways, and what is said before a record is an event. */
function compare(file: string, event: SecurityEvent, asked: boolean | undefined): number {
  const fast = indexed.match(event).map(({ rule }) => rule)
  const slow = scanned.match(event).map(({ rule }) => rule)
  if (fast.join() === slow.join() && (asked ?? slow.length > 0) === slow.length > 0) return slow.length
  if (++differences <= MAX_SHOWN) console.log(`${file}:${event.source.record}`, { fast, slow, asked })
  return slow.length
}

for (const evidence of values.evidence) {
  const logs = logsIn(evidence)
  const size = logs.reduce((sum, file) => sum + statSync(file).size, 0)
  const share = Math.min(1, (Number(values.records) / RECORDS_A_CHUNK) * (CHUNK / size))
  const begun = process.cpuUsage()
  let records = 0
  let hits = 0
  for (const file of logs) {
    const end = FILE_HEADER + Math.ceil(((statSync(file).size - FILE_HEADER) / CHUNK) * share) * CHUNK
    const plan = { start: 0, end, firstLine: 1, headerLines: [], part: 0, facts: {}, path: file, encoding: 'latin1' as const }
    const opened = openPart(file, { ...plan, evidence: 'bench' as EvidenceId })
    let asked: boolean | undefined
    reader.read(opened.part, {
      wants: (record: UnmappedRecord) => {
        asked = indexed.mayMatch?.(record)
        return true
      },
      event: event => {
        records++
        hits += compare(file, event, asked)
        asked = undefined
      },
      diagnostic: () => undefined,
    })
    opened.close()
  }
  const { user, system } = process.cpuUsage(begun)
  console.log(
    `${evidence}: ${records.toLocaleString('en')} records of ${logs.length} logs, ${hits.toLocaleString('en')} hits of the full scan, ${differences} differences so far, ${((user + system) / 1e6).toFixed(0)} s of processor time`,
  )
}
process.exitCode = differences > 0 ? 1 : 0
