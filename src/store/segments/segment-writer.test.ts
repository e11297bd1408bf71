import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EvidenceId, micros, originalFields, originalLine, type SecurityEvent } from '../../model/index.ts'
import { Engine } from '../duckdb/engine.ts'
import { SegmentWriter, segmentColumns } from './segment-writer.ts'

let directory: string
let engine: Engine

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-segments-'))
  engine = await Engine.open({ threads: 1, memoryMegabytes: 256, temporaryDirectory: join(directory, 'tmp') })
})

afterAll(() => {
  engine.close()
  rmSync(directory, { recursive: true })
})

const evidence = '0123456789abcdef' as EvidenceId
const read = (file: string) => engine.rows(`select * from read_parquet('${join(directory, file)}') order by record`)

test('a process event, a flow and a hit come back column by column', async () => {
  const writer = new SegmentWriter(directory, 'plain')
  const process: SecurityEvent = {
    kind: 'process_activity',
    source: { evidence, record: 7, offset: 512 },
    time: micros(1_700_000_000_123_456),
    alsoRecorded: { UtcTime: micros(1_700_000_000_000_000) },
    host: 'web01.example',
    series: 'evtx|web01.example|security',
    identity: 9_007_199_254_740_991,
    product: 'security',
    code: '4688',
    original: originalFields({ EventID: '4688', CommandLine: 'whoami' }),
    action: 'start',
    image: 'C:\\Windows\\System32\\whoami.exe',
    pid: 44,
  }
  writer.append(process)
  writer.append({
    ...process,
    kind: 'network_activity',
    time: undefined,
    alsoRecorded: {},
    original: originalLine('a line'),
    srcIp: '10.0.0.1',
    initiatorKnown: false,
    bytesIn: 0,
  } as SecurityEvent)
  writer.hit({
    witness: { source: 'sigma', rule: 'r1', title: 'Whoami', level: 'low' },
    card: { confidence: 'low', techniques: ['T1033', 'T1059'], why: 'because', innocent: 'an administrator' },
    match: { title: 'whoami ran', object: 'whoami.exe', accounts: ['EX\\ada'], succeeded: true },
    event: process,
  })
  const { segments, ...totals } = await writer.finish()
  expect(segments.map(({ kind, file, rows }) => [kind, file, rows])).toEqual([
    ['process_activity', 'segments/process_activity/plain.parquet', 1],
    ['network_activity', 'segments/network_activity/plain.parquet', 1],
    ['rule_hit', 'segments/rule_hit/plain.parquet', 1],
  ])
  expect(totals).toEqual({ events: 2, records: 1, hits: 1, firstTime: process.time, lastTime: process.time })
  const unknown = Object.fromEntries(
    segmentColumns('process_activity').map(({ name, type }) => [name, type === 'text' ? '' : null]),
  )
  expect(await read('segments/process_activity/plain.parquet')).toEqual([
    {
      ...unknown,
      evidence,
      record: 7,
      byteOffset: 512,
      time: process.time,
      host: 'web01.example',
      series: 'evtx|web01.example|security',
      identity: 9_007_199_254_740_991,
      product: 'security',
      code: '4688',
      alsoRecorded: '{"UtcTime":1700000000000000}',
      original: '{"EventID":"4688","CommandLine":"whoami"}',
      action: 'start',
      image: 'C:\\Windows\\System32\\whoami.exe',
      pid: 44,
    },
  ])
  const [flow] = await read('segments/network_activity/plain.parquet')
  expect([flow?.time, flow?.srcIp, flow?.initiatorKnown, flow?.bytesIn, flow?.bytesOut]).toEqual([
    null,
    '10.0.0.1',
    false,
    0,
    null,
  ])
  const [hit] = await read('segments/rule_hit/plain.parquet')
  expect([hit?.techniques, hit?.accounts, hit?.severity, hit?.source, hit?.succeeded]).toEqual([
    'T1033\nT1059',
    'EX\\ada',
    'low',
    'sigma',
    true,
  ])
  expect(readdirSync(join(directory, 'tmp'))).toEqual([])
})

/** A row that says nothing but what the test is about. */
function bare<Fields extends Partial<SecurityEvent> & Pick<SecurityEvent, 'kind'>>(
  record: number,
  fields: Fields,
): SecurityEvent {
  const nothing = { time: undefined, host: '', series: '', identity: 0, product: '', code: '', original: originalLine('') }
  return { ...nothing, source: { evidence, record, offset: 0 }, ...fields } as SecurityEvent
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('\0', '\t', '\n', '\r', '\x10', '0', '1', 'N', '\\', '"', "'", '\ufeff', '\ud800', 'é', '😀'),
    maxLength: 120,
  }),
  fc.constantFrom('', '\x10N', 'NULL', '#', '"', '\\N', '\ufeff', '-', '=cmd()', ' '),
)

test('any text survives; only a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(hostile, hostile, hostile), { minLength: 1, maxLength: 30 }), async texts => {
      const name = `hostile-${run++}`
      const writer = new SegmentWriter(directory, name)
      texts.forEach(([host, message, line], index) => {
        writer.append(bare(index, { kind: 'other_activity', host, message, original: originalLine(line) }))
      })
      const { segments } = await writer.finish()
      // Compared as bytes: the driver drops a leading U+FEFF when it hands a text to JavaScript, the segment has it.
      const rows = await engine.rows(
        `select hex(host) a, hex(message) b, hex(original) c from read_parquet('${join(directory, segments[0]?.file ?? '')}') order by record`,
      )
      const hex = (text: string) => Buffer.from(text.toWellFormed()).toString('hex').toUpperCase()
      expect(rows.map(row => [row.a, row.b, row.c])).toEqual(texts.map(row => row.map(hex)))
    }),
    { numRuns: 150 },
  )
})

test('a row larger than every buffer, between ordinary ones', async () => {
  const writer = new SegmentWriter(directory, 'large')
  const lines = ['short', 'é\t'.repeat(3_000_000), 'x'.repeat(20_000_000), 'short']
  lines.forEach((line, index) => {
    writer.append(bare(index, { kind: 'other_activity', original: originalLine(line) }))
  })
  const { segments } = await writer.finish()
  const rows = await read(segments[0]?.file ?? '')
  expect(rows.map(row => row.original === lines[Number(row.record)])).toEqual([true, true, true, true])
})

test('numbers that are none are unknown, never a broken row', async () => {
  const writer = new SegmentWriter(directory, 'numbers')
  const sizes = [Number.NaN, Number.POSITIVE_INFINITY, 1e300, -0, 2.5, -7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  sizes.forEach((size, index) => {
    writer.append(bare(index, { kind: 'file_activity', size }))
  })
  const { segments } = await writer.finish()
  expect((await read(segments[0]?.file ?? '')).map(row => row.size)).toEqual([
    null,
    null,
    null,
    0,
    3,
    -7,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])
})

test('every whole number comes back', async () => {
  let run = 0
  const edges = [0, 9, 10, 999_999_999, 1e9, 1e9 + 1, 2 ** 31, 1e15, 1e10, 123_000_000_456].flatMap(value => [value, -value])
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(...edges)), { minLength: 1, maxLength: 100 }),
      async sizes => {
        const writer = new SegmentWriter(directory, `whole-${run++}`)
        sizes.forEach((size, index) => {
          writer.append(bare(index, { kind: 'file_activity', size }))
        })
        const { segments } = await writer.finish()
        expect((await read(segments[0]?.file ?? '')).map(row => row.size)).toEqual(sizes.map(size => (size === 0 ? 0 : size)))
      },
    ),
    { numRuns: 60 },
  )
})
