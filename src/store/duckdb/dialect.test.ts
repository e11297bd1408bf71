import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isInternalAddress } from '../../model/index.ts'
import { duckDbDialect as sql } from './dialect.ts'
import { Engine } from './engine.ts'

let engine: Engine

beforeAll(async () => {
  engine = await Engine.open({ threads: 1, memoryMegabytes: 256, temporaryDirectory: '' })
  await engine.run(`create view event as select * from (values
    ('b', 2, 20, 5000, 'x', '10.0.0.1'), ('a', 1, 10, 5000, 'y', ''), ('a', 3, 30, null, 'x', '203.0.113.9'), ('a', 2, 20, 1000, '', '::1')
  ) t(evidence, record, "byteOffset", "time", name, address)`)
})

afterAll(() => engine.close())

const one = async (expression: string) => (await engine.rows(`select ${expression} as value from event`))[0]?.value

test('record references are ordered by time, then place, unknown times last', async () => {
  expect(await one(sql.records())).toEqual(['a:2:20', 'a:1:10', 'b:2:20', 'a:3:30'])
  expect(await one(sql.records(2))).toEqual(['a:2:20', 'a:1:10'])
  expect(await one(sql.records(10, "name = 'x'"))).toEqual(['b:2:20', 'a:3:30'])
  expect(await one(sql.records(10, "name = 'nobody'"))).toEqual([])
})

test('the records of a group take no more memory than those that are kept', async () => {
  const small = await Engine.open({ threads: 1, memoryMegabytes: 64, temporaryDirectory: '' })
  try {
    const records = `select 'a' as evidence, 2000000 - i as record, 0 as "byteOffset", i as "time" from range(2000000) t(i)`
    expect(await small.rows(`select ${sql.records(2)} as refs, count(*) as total from (${records}) event`)).toEqual([
      { refs: ['a:2000000:0', 'a:1999999:0'], total: 2_000_000 },
    ])
  } finally {
    small.close()
  }
})

test('distinct lists are sorted and leave out what is empty', async () => {
  expect(await one(sql.distinctList('name'))).toEqual(['x', 'y'])
  expect(await one(sql.distinctList('name', 1))).toEqual(['x'])
})

test('quantile, matches, literal', async () => {
  expect(await one(sql.quantile('record', 0.5))).toBe(2)
  expect((await engine.rows(`select name from event where ${sql.matches('name', '(?i)^[XZ]$')} order by record`)).length).toBe(2)
})

test('what a group caught, and nothing where it did not match', async () => {
  expect(await engine.rows(`select ${sql.captured("'a 10 b 20'", '[a-z] (\\d+)')} as value`)).toEqual([{ value: '10' }])
  expect(await engine.rows(`select ${sql.captured("'none'", '(\\d+)')} as value`)).toEqual([{ value: '' }])
  expect(await engine.rows(`select ${sql.captured('null', '(x)')} as value`)).toEqual([{ value: '' }])
})

test('any text is a literal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async text => {
      expect(await engine.rows(`select ${sql.literal(text)} as value`)).toEqual([{ value: text }])
    }),
    { numRuns: 200 },
  )
})

test('internal addresses are the same ones as in the model', async () => {
  const octet = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('010', '0', '00', '127', '172', '192', '168', '100', '64', '169', '254'),
  )
  const address = fc.oneof(
    fc.tuple(octet, octet, octet, octet).map(parts => parts.join('.')),
    fc.tuple(octet, octet, octet, octet).map(parts => `::ffff:${parts.join('.')}`),
    fc.ipV6(),
    fc.constantFrom(
      '',
      '-',
      'web01',
      '::',
      '::1',
      'fe80::1%eth0',
      'FD00::1',
      'ff02::1',
      'fdomain',
      'feb0',
      '10.0.0.1%4',
      ' 10.0.0.1 ',
    ),
    fc.string(),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(address, { minLength: 1, maxLength: 200 }), async addresses => {
      const values = addresses.map((text, index) => `(${index}, ${sql.literal(text)})`).join(', ')
      const rows = await engine.rows(
        `select i, ${sql.isInternalAddress('a')} as internal from (values ${values}) t(i, a) order by i`,
      )
      expect(rows.map(row => [addresses[Number(row.i)], row.internal])).toEqual(
        addresses.map(text => [text, isInternalAddress(text)]),
      )
    }),
    { numRuns: 100 },
  )
})
