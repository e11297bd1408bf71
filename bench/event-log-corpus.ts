// Event logs of any size for `bench:sigma` and `bench:evtx`: shapes of real records, made-up values, no two command lines alike, always
// the same for the same arguments.
// Run: node bench/event-log-corpus.ts DIRECTORY [--kind mixed|quiet|process-creation] [--bytes 2e9] [--seed 1]
// mixed: about 5 records of a thousand are such as public rules speak about; quiet: none is; process-creation: Sysmon 1 alone.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { EvtxRecord } from '../test/evtx-writer/index.ts'
import { type ChunkTemplate, chunkTemplates, fileHeader, freshChunk } from './event-log-corpus/chunk-template.ts'
import { ALPHABETS, Numbers, SPEECHLESS } from './event-log-corpus/numbers.ts'
import {
  type LogMix,
  POWERSHELL_MIX,
  PROCESS_MIX,
  type RecordMaker,
  SECURITY_MIX,
  SYSMON_MIX,
  SYSTEM_MIX,
} from './event-log-corpus/ordinary.ts'
import { SUSPICIOUS } from './event-log-corpus/suspicious.ts'

export type CorpusKind = 'mixed' | 'quiet' | 'process-creation'

/** One log of a machine: its name on disk, what is in it, and its share of the corpus. */
interface Log {
  readonly file: string
  readonly mix: LogMix
  readonly suspicious: RecordMaker
  readonly share: number
}

const LOGS: readonly Log[] = [
  { file: 'Microsoft-Windows-Sysmon%4Operational.evtx', mix: SYSMON_MIX, suspicious: SUSPICIOUS.sysmon, share: 0.56 },
  { file: 'Security.evtx', mix: SECURITY_MIX, suspicious: SUSPICIOUS.security, share: 0.3 },
  { file: 'Microsoft-Windows-PowerShell%4Operational.evtx', mix: POWERSHELL_MIX, suspicious: SUSPICIOUS.powershell, share: 0.08 },
  { file: 'System.evtx', mix: SYSTEM_MIX, suspicious: SUSPICIOUS.system, share: 0.06 },
]
const PROCESS_LOGS: readonly Log[] = [
  { file: 'Microsoft-Windows-Sysmon%4Operational.evtx', mix: PROCESS_MIX, suspicious: SUSPICIOUS.sysmon, share: 1 },
]

const CHUNK = 65536
/** Of a thousand records, so many are suspicious where any are. */
const SUSPICIOUS_OF_THOUSAND = 5
/** Chunks written by the writer at a time; each is copied with fresh values until COPIES of it are used, then others are written. */
const TEMPLATES = 24
const COPIES = 32
/** One machine's logs together. */
const MACHINE_BYTES = 512 << 20
const START = Date.UTC(2024, 4, 14) * 1000
const STEP_MICROS = 40_000

/** Writes a corpus of about `bytes` bytes, a folder for each machine. */
export function writeCorpus(directory: string, kind: CorpusKind, bytes: number, seed = 1): void {
  const logs = kind === 'process-creation' ? PROCESS_LOGS : LOGS
  const machines = Math.max(1, Math.ceil(bytes / MACHINE_BYTES))
  for (let machine = 0; machine < machines; machine++) {
    const host = `ws${String(machine + 1).padStart(2, '0')}`
    mkdirSync(join(directory, host), { recursive: true })
    for (const [index, log] of logs.entries())
      writeLog(
        join(directory, host, log.file),
        log,
        kind !== 'quiet',
        host,
        (bytes / machines) * log.share,
        seed * 1000 + machine * 10 + index,
      )
  }
}

function writeLog(file: string, log: Log, isSuspicious: boolean, host: string, bytes: number, seed: number): void {
  const numbers = new Numbers(seed)
  const chunks = Math.max(1, Math.round(bytes / CHUNK))
  const out = openSync(file, 'w')
  let templates: readonly ChunkTemplate[] = []
  let record = 1
  writeSync(out, fileHeader(chunks, 1))
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (chunk % (TEMPLATES * COPIES) === 0) templates = newTemplates(log, isSuspicious, host, numbers)
    const template = templates[chunk % templates.length]
    if (!template) throw new Error('no chunk was written')
    writeSync(
      out,
      freshChunk(template, numbers, isSuspicious ? ALPHABETS : SPEECHLESS, {
        first: record,
        start: START + record * STEP_MICROS,
        step: STEP_MICROS,
      }),
    )
    record += template.records.length
  }
  writeSync(out, fileHeader(chunks, record), 0, undefined, 0)
  closeSync(out)
}

function newTemplates({ mix, suspicious }: Log, isSuspicious: boolean, host: string, numbers: Numbers): readonly ChunkTemplate[] {
  const makers = mix.flatMap(([maker, share]) => Array.from({ length: share }, () => maker))
  const records: EvtxRecord[] = []
  const room = TEMPLATES * CHUNK
  for (let size = 0; size < room; ) {
    const maker = isSuspicious && numbers.below(1000) < SUSPICIOUS_OF_THOUSAND ? suspicious : makers[numbers.below(makers.length)]
    if (!maker) throw new Error('a log of nothing')
    // Numbers and times no value of a record equals by chance: their places are found by them.
    const place = records.length + 1
    const record = {
      ...maker(numbers, host),
      computer: `${host}.example`,
      recordId: 0x6a5b_0000_0000 + place,
      time: START + 987_654_321 + place * 7_919,
    }
    records.push(record)
    size += 700
  }
  return chunkTemplates(records).slice(0, TEMPLATES)
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      kind: { type: 'string', default: 'mixed' },
      bytes: { type: 'string', default: '2e9' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [directory] = positionals
  const kinds: readonly CorpusKind[] = ['mixed', 'quiet', 'process-creation']
  const kind = kinds.find(word => word === values.kind)
  if (!directory || !kind)
    throw new Error('node bench/event-log-corpus.ts DIRECTORY [--kind mixed|quiet|process-creation] [--bytes 2e9] [--seed 1]')
  const begun = performance.now()
  writeCorpus(directory, kind, Number(values.bytes), Number(values.seed))
  console.log(
    `${directory}: ${kind}, ${(Number(values.bytes) / 1e6).toFixed(0)} MB in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  )
}
