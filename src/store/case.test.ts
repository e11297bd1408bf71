import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EvidenceId, micros, originalLine, type SecurityEvent } from '../model/index.ts'
import { openCase } from './case.ts'
import type { CaseItem } from './case-manifest.ts'
import { SegmentWriter } from './segments/segment-writer.ts'

let directory: string

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'barograph-case-')), 'case')
})

afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

const evidence = '00000000000000aa' as EvidenceId
const item: CaseItem = {
  evidence,
  path: 'web01/access.log',
  sha256: 'aa',
  bytes: 12,
  state: 'read',
  format: 'access-log',
  note: '',
  facts: { host: 'web01' },
  reading: 'access-log.1-x',
  parts: 2,
}
const event: SecurityEvent = {
  kind: 'other_activity',
  source: { evidence, record: 1, offset: 0 },
  time: micros(1_700_000_000_000_000),
  host: 'web01',
  series: '',
  identity: 1,
  product: 'test',
  code: '',
  original: originalLine('line'),
}
const limits = { threads: 1, memoryMegabytes: 256 }

async function written(part: number, events: number) {
  const writer = new SegmentWriter(directory, `${evidence}-${part}-${item.reading}`)
  for (let i = 0; i < events; i++) writer.append({ ...event, source: { ...event.source, record: i } })
  return writer.finish()
}

async function countedEvents(): Promise<unknown> {
  const reading = openCase(directory, 'read')
  const queries = await reading.queries(limits)
  const [row] = await queries.rows('select count(*) as events from other_activity')
  queries.close()
  reading.close()
  return row?.events
}

test('what was committed is there in the next run, what was not is cleaned away', async () => {
  const first = openCase(directory, 'write')
  first.manifest.putItems([{ item, diagnostics: [{ kind: 'diagnostic', code: 'a/b', level: 'note', message: 'whole' }] }])
  const diagnostics = [{ kind: 'diagnostic' as const, code: 'c/d', level: 'note' as const, message: 'part' }]
  first.manifest.commitTasks([{ evidence, part: 0, reading: item.reading, written: await written(0, 3), diagnostics }])
  await written(1, 5) // renamed into place, never committed
  writeFileSync(join(directory, 'tmp', 'half.tsv'), 'x')
  first.close()
  expect(readdirSync(join(directory, 'segments', 'other_activity')).length).toBe(2)

  const second = openCase(directory, 'write')
  expect(second.manifest.items()).toEqual([item])
  expect([...second.manifest.partsDone(evidence)]).toEqual([0])
  expect(second.manifest.totals().get(evidence)).toEqual({
    partsDone: 1,
    records: 3,
    events: 3,
    hits: 0,
    firstTime: event.time,
    lastTime: event.time,
  })
  expect(
    second.manifest
      .diagnostics()
      .get(evidence)
      ?.map(({ message }) => message),
  ).toEqual(['whole', 'part'])
  expect(readdirSync(join(directory, 'tmp'))).toEqual([])
  expect(readdirSync(join(directory, 'segments', 'other_activity')).length).toBe(1)
  second.close()
  expect(await countedEvents()).toBe(3)
})

test('other facts drop what was read with the old ones', async () => {
  const opened = openCase(directory, 'write')
  opened.manifest.putItems([{ item, diagnostics: [] }])
  opened.manifest.commitTasks([{ evidence, part: 0, reading: item.reading, written: await written(0, 3), diagnostics: [] }])
  opened.manifest.putItems([{ item: { ...item, facts: { host: 'web02' }, reading: 'access-log.1-y' }, diagnostics: [] }])
  expect(opened.manifest.partsDone(evidence).size).toBe(0)
  opened.close()
})

test('a part whose segment was damaged or deleted is read again', async () => {
  const opened = openCase(directory, 'write')
  opened.manifest.putItems([{ item, diagnostics: [] }])
  const results = [await written(0, 3), await written(1, 4)]
  results.forEach((result, part) => {
    opened.manifest.commitTasks([{ evidence, part, reading: item.reading, written: result, diagnostics: [] }])
  })
  opened.close()
  truncateSync(join(directory, results[0]?.segments[0]?.file ?? ''), 10)
  rmSync(join(directory, results[1]?.segments[0]?.file ?? ''))
  const again = openCase(directory, 'write')
  expect(again.manifest.partsDone(evidence).size).toBe(0)
  again.close()
})

test('a second writer is refused with the pid of the first; a reader is not', () => {
  const first = openCase(directory, 'write')
  expect(() => openCase(directory, 'write')).toThrow(new RegExp(`being written by process ${process.pid} `))
  openCase(directory, 'read').close()
  first.close()
  openCase(directory, 'write').close()
})

test('the lock of a killed process is taken over, whatever pid it left', async () => {
  const script = `import { openCase } from ${JSON.stringify(join(import.meta.dirname, 'case.ts'))}
    globalThis.held = openCase(${JSON.stringify(directory)}, 'write'); console.log('open'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.once('exit', resolve))
  try {
    await new Promise(resolve => child.stdout.once('data', resolve))
    expect(() => openCase(directory, 'write')).toThrow(new RegExp(`process ${child.pid} `))
  } finally {
    child.kill('SIGKILL')
  }
  await ended
  // As if the number had been given to a process that lives.
  writeFileSync(join(directory, 'writer.json'), JSON.stringify({ pid: process.ppid, since: 'long ago', host: 'here' }))
  openCase(directory, 'write').close()
  expect(existsSync(join(directory, 'writer.json'))).toBe(false)
})

test('marks and the audit trail', () => {
  const opened = openCase(directory, 'write')
  opened.beginAudit('hunt evidence', '0.1.0')
  opened.setMark({ kind: 'host', target: 'admin01', reason: 'patch day', until: micros(5) })
  opened.setMark({ kind: 'host', target: 'admin01', reason: 'patch week', until: undefined })
  expect(opened.marks()).toEqual([{ kind: 'host', target: 'admin01', reason: 'patch week', until: undefined }])
  expect([opened.removeMark('host', 'admin01'), opened.removeMark('host', 'admin01')]).toEqual([true, false])
  opened.endAudit('exit 0')
  expect(opened.audit().map(({ command, outcome }) => [command, outcome])).toEqual([['hunt evidence', 'exit 0']])
  opened.close()
})

test('what is no case is refused and left alone', () => {
  expect(() => openCase(directory, 'read')).toThrow(/is not a case/)
  mkdirSync(directory)
  writeFileSync(join(directory, 'thesis.doc'), 'x')
  expect(() => openCase(directory, 'write')).toThrow(/holds other files/)
  expect(readdirSync(directory)).toEqual(['thesis.doc'])
  expect(() => openCase(join(directory, 'thesis.doc'), 'write')).toThrow(/is a file/)
})

test('a newer case and a damaged one are refused', () => {
  openCase(directory, 'write').close()
  const file = join(directory, 'case.sqlite')
  const database = new DatabaseSync(file)
  database.exec('pragma user_version = 99')
  database.close()
  expect(() => openCase(directory, 'read')).toThrow(/newer program/)
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0x41))
  expect(() => openCase(directory, 'write')).toThrow(/is damaged/)
  expect(() => openCase(directory, 'read')).toThrow(/is damaged/)
})
