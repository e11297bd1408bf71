import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart } from '../../../test/bytes-part.ts'
import { type EvtxValue, writeEvtx } from '../../../test/evtx-writer/index.ts'
import { sharedData } from '../../../test/shared-data.ts'
import type { OriginalRecord } from '../../model/index.ts'
import { reader } from './reader.ts'

function originals(bytes: Uint8Array): readonly OriginalRecord[] {
  const found: OriginalRecord[] = []
  reader.read(bytesPart(bytes), { event: event => found.push(event.original), diagnostic() {} })
  return found
}

/** The bytes as they are written into a target of just the room they need. */
function written(record: OriginalRecord, before: number, room: number): string | undefined {
  const target = Buffer.alloc(before + room + 1, 0x7e)
  const end = record.writeText?.(target.subarray(0, before + room), before) ?? -1
  // Nothing before, nothing behind.
  expect(target.subarray(0, before).every(byte => byte === 0x7e) && target[before + room] === 0x7e).toBe(true)
  return end < 0 ? undefined : target.toString('utf8', before, end)
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 }).map(units => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\t', '\b', '\f', '\r', '\u0001', '\u007f', 'a', '\u2028'), maxLength: 20 }),
)
const value: fc.Arbitrary<EvtxValue> = fc.oneof(
  text,
  fc.array(text, { maxLength: 3 }),
  fc.constant(null),
  fc.nat(255).map(uint8 => ({ uint8 })),
  fc.nat(65535).map(uint16 => ({ uint16 })),
  fc.integer({ min: 0, max: 0xffffffff }).map(uint32 => ({ uint32 })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(uint64 => ({ uint64 })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(hex => ({ hex })),
  fc.integer({ min: 0, max: 0xffffffff }).map(hex => ({ hex })),
  fc.double().map(double => ({ double })),
  fc.boolean().map(boolean => ({ boolean })),
  fc.uuid().map(guid => ({ guid })),
  fc.uint8Array({ maxLength: 20 }).map(binary => ({ binary })),
  fc.constantFrom<EvtxValue>({ sid: 'S-1-5-21-1-2-3-1105' }, { time: 1_700_000_000_123_456 }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(fileTime => ({ fileTime })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(size64 => ({ size64 })),
  fc.uint8Array({ maxLength: 12 }).map(ansi => ({ ansi })),
  text.map(xmlText => ({ xmlText })),
)

test('a record written as bytes is the text it says, whatever its values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: fc.constantFrom('A', 'b', '"', 'é'), maxLength: 5 }), value), { maxLength: 12 }),
      data => {
        const record = {
          provider: 'Example',
          channel: 'Example',
          computer: 'ws1.example',
          eventId: 1,
          recordId: 7,
          time: 1_700_000_000_000_000,
          data,
        }
        const [original] = originals(writeEvtx([record]))
        const expected = original?.text() ?? ''
        const room = Buffer.byteLength(expected) + 8_192
        expect(original && written(original, 3, room)).toBe(expected)
      },
    ),
    { numRuns: 400 },
  )
})

test('too little room is said, and nothing is written beyond it', () => {
  const data = [
    ['Text', 'a "quoted" text with é and 😀'],
    ['Number', { uint32: 4_000_000_000 }],
    ['Id', { guid: '5770385f-c22a-43e0-bf4c-06f5698ffbd9' }],
    ['User', { sid: 'S-1-5-21-1111111111-2222222222-3333333333-1105' }],
    ['Bytes', { binary: new Uint8Array(90).fill(255) }],
  ] as const
  const [record] = originals(
    writeEvtx([
      {
        provider: 'Example',
        channel: 'Example',
        computer: 'ws1.example',
        eventId: 1,
        recordId: 7,
        time: 1_700_000_000_000_000,
        data,
      },
    ]),
  )
  const expected = record?.text() ?? ''
  for (let room = 0; room < Buffer.byteLength(expected) + 600; room++) {
    const got = record && written(record, 0, room)
    if (got !== undefined) expect(got).toBe(expected)
    if (room < Buffer.byteLength(expected)) expect(got).toBeUndefined()
  }
  expect(record && written(record, 0, Buffer.byteLength(expected) + 600)).toBe(expected)
})

const samples = sharedData('evtx-mitre-cc0')

test.skipIf(samples === undefined)('the records of real logs', () => {
  const folder = samples ?? ''
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.evtx'))
  let count = 0
  for (const name of files.sort().filter((_, index) => index % 4 === 0))
    for (const record of originals(readFileSync(join(folder, name)))) {
      const target = Buffer.alloc(1 << 19)
      const end = record.writeText?.(target, 0) ?? -1
      expect(target.toString('utf8', 0, end)).toBe(record.text())
      count++
    }
  expect(count).toBeGreaterThan(500)
})
