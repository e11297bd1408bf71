import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { originalLine } from '../../model/index.ts'
import { Engine } from '../duckdb/engine.ts'
import { hybridBound, writeHybrid } from './hybrid.ts'
import { type Column, ParquetFile } from './parquet-file.ts'

let directory: string
let engine: Engine

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-parquet-'))
  engine = await Engine.open({ threads: 1, memoryMegabytes: 256, temporaryDirectory: join(directory, 'tmp') })
})

afterAll(() => {
  engine.close()
  rmSync(directory, { recursive: true })
})

const COLUMNS: readonly Column[] = [
  { name: 'n', type: 'int' },
  { name: 'host', type: 'text' },
  { name: 'id', type: 'text' },
  { name: 'size', type: 'real' },
  { name: 'said', type: 'flag' },
  { name: 'original', type: 'original' },
]

type Row = readonly [number | undefined, string, string, number | undefined, boolean | undefined, string]

function write(name: string, rows: Iterable<Row>): string {
  const path = join(directory, name)
  const file = new ParquetFile(path, COLUMNS)
  for (const [n, host, id, size, said, original] of rows) {
    const cells = [n, host, id, size, said, originalLine(original)]
    file.columns.forEach((column, index) => {
      column.add(cells[index])
    })
    file.endRow()
  }
  file.finish()
  file.close()
  return path
}

const readBack = (path: string) => engine.rows(`select * from read_parquet('${path}')`)

const asRow = ([n, host, id, size, said, original]: Row) => ({
  n: n ?? null,
  host,
  id,
  size: size ?? null,
  said: said ?? null,
  original,
})

/** Numbers as in bench/made-evidence.ts, so that the table is the same in every run. */
function* manyRows(count: number): Generator<Row> {
  for (let index = 0; index < count; index++)
    yield [
      index % 7 === 0 ? undefined : index,
      `host${index % 5}`,
      // A name repeats in the beginning; later every row has its own: the dictionary is given up in the middle of a row group.
      index < 3000 ? `id${index % 9}` : `id-${index}`,
      index % 3 === 0 ? undefined : index / 4,
      index % 5 === 0 ? undefined : index % 2 === 0,
      `line ${index} ${'x'.repeat(index % 90)}`,
    ]
}

test('several row groups, with and without dictionaries, come back in order', async () => {
  const rows = [...manyRows(100_000)]
  const path = write('many.parquet', rows)
  expect(await readBack(path)).toEqual(rows.map(asRow))
  const groups = await engine.rows(
    `select row_group_id g, path_in_schema c, stats_min_value lo, stats_max_value hi, stats_null_count missing from parquet_metadata('${path}')
     where path_in_schema in ('n', 'host') order by all`,
  )
  expect(groups.map(row => Object.values(row).join(' '))).toEqual([
    '0 host host0 host4 0',
    '0 n 1 40959 5852',
    '1 host host0 host4 0',
    '1 n 40960 81919 5851',
    '2 host host0 host4 0',
    '2 n 81920 99999 2583',
  ])
})

test('a reader that skips by least and greatest value finds the same rows', async () => {
  const path = write('bounds.parquet', manyRows(100_000))
  const [row] = await engine.rows(
    `select count(*) filter (where n between 50000 and 50100) a, count(*) filter (where host = 'host3') b from read_parquet('${path}')`,
  )
  const count = async (where: string) =>
    (await engine.rows(`select count(*) as rows from read_parquet('${path}') where ${where}`))[0]?.rows
  expect([await count('n between 50000 and 50100'), await count(`host = 'host3'`)]).toEqual([row?.a, row?.b])
  expect([await count('n < 0'), await count(`host = 'none'`), await count(`id = 'id-99999'`)]).toEqual([0, 0, 1])
})

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.option(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 })), { nil: undefined }),
  fc.constantFrom('a', 'b', '', 'é'),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
  fc.option(fc.boolean(), { nil: undefined }),
  fc.string({ maxLength: 60 }),
)

test('any table comes back', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), async (some, times) => {
      const rows = Array.from({ length: times }, () => some).flat()
      const same = rows.map(
        ([n, host, id, size, said, original]): Row => [n === 0 ? 0 : n, host, id.replace(/^\ufeff/, ''), size, said, original],
      )
      const path = write(`any-${run++}.parquet`, same)
      expect(await readBack(path)).toEqual(same.map(asRow))
    }),
    { numRuns: 80 },
  )
})

test('begins and ends as the format says', () => {
  const path = write('empty.parquet', [])
  const descriptor = openSync(path, 'r')
  const bytes = Buffer.alloc(4096)
  const size = readSync(descriptor, bytes)
  closeSync(descriptor)
  expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', size - 4, size), bytes.readUInt32LE(size - 8)]).toEqual([
    'PAR1',
    'PAR1',
    size - 12,
  ])
})

test('runs and packed groups never need more room than stated', () => {
  const values = fc
    .integer({ min: 1, max: 16 })
    .chain(width =>
      fc.tuple(
        fc.constant(width),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** width - 1 }), fc.integer({ min: 1, max: 20 })), { maxLength: 80 }),
      ),
    )
  fc.assert(
    fc.property(values, ([width, runs]) => {
      const all = Uint16Array.from(runs.flatMap(([value, times]) => Array.from({ length: times }, () => value)))
      const out = new Uint8Array(hybridBound(all.length, width))
      const end = writeHybrid(all, all.length, width, out, 0)
      expect(end).toBeLessThanOrEqual(out.length)
      expect(decoded(out.subarray(0, end), width, all.length)).toEqual([...all])
    }),
  )
})

/** The reverse of the encoding, after its description. */
function decoded(bytes: Uint8Array, width: number, count: number): number[] {
  const values: number[] = []
  let at = 0
  while (values.length < count) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number
      header |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    if (header & 1) {
      const packed = (header >> 1) * 8
      for (let index = 0; index < packed; index++) {
        let value = 0
        for (let bit = 0; bit < width; bit++) {
          const place = index * width + bit
          value |= (((bytes[at + (place >> 3)] as number) >> (place & 7)) & 1) << bit
        }
        values.push(value)
      }
      at += (packed / 8) * width
    } else {
      let value = 0
      for (let shift = 0; shift < width; shift += 8) value |= (bytes[at++] as number) << shift
      for (let index = 0; index < header >> 1; index++) values.push(value)
    }
  }
  return values.slice(0, count)
}
