// EVTX reader: records and megabytes a second on one core, against reading and hashing the same bytes, which no reader can beat.
// Run: node bench/evtx.ts [FOLDER OR FILE]... ; without one it takes the collection beside the repository, else a log it writes itself.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { EvidencePart, SecurityEvent } from '../src/model/index.ts'
import { readChunk } from '../src/readers/evtx/chunk.ts'
import { reader } from '../src/readers/evtx/reader.ts'
import type { EvtxRecord } from '../src/readers/evtx/record.ts'
import { TemplateCache } from '../src/readers/evtx/template.ts'
import { bytesPart } from '../test/bytes-part.ts'
import { writeEvtx } from '../test/evtx-writer/index.ts'
import { sharedData } from '../test/shared-data.ts'

/** Enough that a run takes seconds, and the whole stays in memory. */
const WANTED_BYTES = 320 << 20
const FILE_HEADER = 4096
const CHUNK = 65536

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.evtx'))
    .sort()
    .map(name => join(path, name))
}

/** A log the project writes itself, for machines without the collection. */
function writtenLog(): Uint8Array {
  const records = Array.from({ length: 20_000 }, (_, index) => ({
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    computer: 'ws1.example',
    eventId: 1,
    recordId: index + 1,
    time: Date.UTC(2024, 0, 1) * 1000 + index * 1_000_000,
    data: [
      ['UtcTime', '2024-01-01 00:00:00.000'],
      ['ProcessGuid', { guid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}' }],
      ['ProcessId', { uint32: index }],
      ['Image', `C:\\Windows\\System32\\program${index % 500}.exe`],
      ['CommandLine', `program${index % 500}.exe -run ${index} -with "some arguments of usual length"`],
      ['User', 'EXAMPLE\\nora'],
    ] as const,
  }))
  return writeEvtx(records)
}

/** The chunks of the logs, each once, repeated behind one file header until there are enough bytes. */
function input(paths: readonly string[]): { readonly bytes: Uint8Array; readonly said: string } {
  const logs = paths.length > 0 ? paths.flatMap(filesOf).map(path => readFileSync(path)) : [writtenLog()]
  const chunks = logs.flatMap(log => {
    const found: Uint8Array[] = []
    for (let at = FILE_HEADER; at + CHUNK <= log.length; at += CHUNK)
      if (log[at] === 0x45 && log[at + 1] === 0x6c) found.push(log.subarray(at, at + CHUNK))
    return found
  })
  const [first] = logs
  if (!first || chunks.length === 0) throw new Error('no event log with a whole chunk')
  const bytes = new Uint8Array(FILE_HEADER + Math.ceil(WANTED_BYTES / CHUNK) * CHUNK)
  bytes.set(first.subarray(0, FILE_HEADER))
  for (let at = FILE_HEADER, index = 0; at < bytes.length; at += CHUNK, index++)
    bytes.set(chunks[index % chunks.length] ?? first, at)
  return {
    bytes,
    said: `${logs.length} logs, ${chunks.length} different chunks, repeated to ${(bytes.length / 2 ** 20).toFixed(0)} MiB`,
  }
}

/** The best of three runs in seconds of processor time: others use this machine, too. */
function best(run: () => number): { readonly seconds: number; readonly count: number } {
  let seconds = Number.POSITIVE_INFINITY
  let count = 0
  for (let turn = 0; turn < 3; turn++) {
    const begun = process.cpuUsage()
    count = run()
    const { user, system } = process.cpuUsage(begun)
    seconds = Math.min(seconds, (user + system) / 1e6)
  }
  return { seconds, count }
}

function events(part: EvidencePart, use: (event: SecurityEvent) => void): number {
  let count = 0
  reader.read(part, {
    event(event) {
      count++
      use(event)
    },
    diagnostic() {},
  })
  return count
}

/** What `match` starts from: channel, provider and event id are looked at, no event is made. */
function records(part: EvidencePart): number {
  let count = 0
  reader.read(part, {
    event() {},
    diagnostic() {},
    wants() {
      count++
      return false
    },
  })
  return count
}

/** Chunks alone, without a reader around them. */
function chunkRecords(log: Uint8Array, use: (record: EvtxRecord) => void): number {
  const cache = new TemplateCache()
  let count = 0
  const sink = {
    record: (record: EvtxRecord) => {
      count++
      use(record)
    },
    fault: () => {},
  }
  for (let at = FILE_HEADER; at < log.length; at += CHUNK) readChunk(Buffer.from(log.subarray(at, at + CHUNK)), at, cache, sink)
  return count
}

/** What a rule's log source and a place in time ask for. */
function coreFields(record: EvtxRecord): void {
  record.get('EventID')
  record.get('Provider_Name')
  record.get('Channel')
  record.get('Computer')
  record.get('EventRecordID')
  record.timeOf('TimeCreated')
}

const paths = process.argv.slice(2)
const beside = ['evtx-mitre-cc0', 'evtx-webshell-tunnel', 'evtx-benign', 'sigma-regression']
  .map(name => sharedData(name))
  .filter(path => path !== undefined)
const { bytes, said } = input(paths.length > 0 ? paths : beside)
const part = bytesPart(bytes, { path: 'bench.evtx' })

console.log(`input    ${said}`)
console.log(`machine  ${cpus()[0]?.model.trim()}, one of ${cpus().length} cores, Node ${process.version}`)
const rows: readonly (readonly [string, () => number])[] = [
  [
    'read and hash (SHA-256), the limit',
    () => {
      createHash('sha256').update(bytes).digest()
      return 0
    },
  ],
  ['records, nothing decoded', () => chunkRecords(bytes, () => undefined)],
  ['and six fields of System decoded', () => chunkRecords(bytes, coreFields)],
  ['records, nothing made of them', () => records(part)],
  ['typed events, originals not decoded', () => events(part, () => undefined)],
  [
    'and two fields asked for by name',
    () => events(part, event => event.original.get('CommandLine') ?? event.original.get('TargetUserName')),
  ],
  ['and originals as stored JSON', () => events(part, event => event.original.text())],
]
for (const [name, run] of rows) {
  const { seconds, count } = best(run)
  const records = count === 0 ? '' : `${Math.round(count / seconds).toLocaleString('en')} records/s  `
  console.log(`${name.padEnd(40)} ${records.padStart(22)}${(bytes.length / 1e6 / seconds).toFixed(0)} MB/s`)
}
