import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { type Content, type ElementShape, type EvtxRecord, type EvtxValue, writeEvtx } from '../../../test/evtx-writer/index.ts'
import { reader } from './reader.ts'

const HEADER = 4096
const CHUNK = 65536
const START = Date.UTC(2024, 0, 1) * 1000

const record = (recordId: number, more: Partial<EvtxRecord> = {}): EvtxRecord => ({
  provider: 'Example-Provider',
  channel: 'Example/Operational',
  computer: 'ws1.example',
  eventId: 7,
  recordId,
  time: START + recordId * 1_000_000,
  data: [['Word', `word ${recordId}`]],
  ...more,
})
const records = (from: number, to: number, more: Partial<EvtxRecord> = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) => record(from + index, more))

const read = (bytes: Uint8Array, carve = true) => readPart(reader, bytesPart(bytes, carve ? { facts: { carve } } : {}))
const told = (bytes: Uint8Array) =>
  read(bytes).events.map(event => [event.source.record, event.carved === true ? 'carved' : 'whole', event.original.get('Word')])
const codes = (bytes: Uint8Array) =>
  read(bytes)
    .diagnostics.map(({ code, count = 1 }) => [code, count] as const)
    .filter(([code]) => code !== 'evtx/chunk-checksum')

const freeOf = (log: Uint8Array) => new DataView(log.buffer, log.byteOffset).getUint32(HEADER + 48, true)

/** A chunk that was filled with `before` and then begun again with `now`. */
function overwritten(now: Uint8Array, before: Uint8Array): Uint8Array {
  const bytes = now.slice()
  const from = HEADER + freeOf(now)
  bytes.set(before.subarray(from, HEADER + CHUNK), from)
  return bytes
}

test('unused space is left alone unless it is asked for', () => {
  const { events, diagnostics } = read(overwritten(writeEvtx(records(101, 103)), writeEvtx(records(1, 10))), false)
  expect(events.map(({ source }) => source.record)).toEqual([101, 102, 103])
  expect(diagnostics).toEqual([])
})

test('records behind the end of a chunk are told after the whole ones, and marked', () => {
  const bytes = overwritten(writeEvtx(records(101, 103)), writeEvtx(records(1, 10)))
  expect(told(bytes)).toEqual([
    ...[101, 102, 103].map(id => [id, 'whole', `word ${id}`]),
    ...[5, 6, 7, 8, 9, 10].map(id => [id, 'carved', `word ${id}`]),
  ])
  expect(codes(bytes)).toEqual([['evtx/carved', 6]])
  const offsets = read(bytes).events.map(({ source }) => source.offset)
  expect(offsets.toSorted((a, b) => a - b)).toEqual(offsets)
})

test('a copy of a record the log still has is no second record', () => {
  const log = writeEvtx(records(1, 10))
  const bytes = overwritten(writeEvtx([...records(101, 102), ...records(5, 10)]), log)
  expect(told(bytes).map(([id, how]) => `${id} ${how}`)).toEqual([
    '101 whole',
    '102 whole',
    '5 whole',
    '6 whole',
    '7 whole',
    '8 whole',
    '9 whole',
    '10 whole',
  ])
})

test('a chunk whose header and first record were written over', () => {
  const bytes = writeEvtx(records(1, 400))
  const [second] = read(bytes).events.filter(({ source }) => source.offset >= HEADER + CHUNK)
  bytes.fill(0x55, HEADER + CHUNK, (second?.source.offset ?? 0) + 40)
  const { events } = read(bytes)
  const lost = second?.source.record ?? 0
  expect(events.filter(event => event.carved).map(({ source }) => source.record)).toContain(lost + 1)
  expect(new Set(events.map(({ source }) => source.record))).toEqual(
    new Set(
      records(1, 400)
        .map(one => one.recordId)
        .filter(id => id !== lost),
    ),
  )
})

describe('a definition that was written over', () => {
  const other = { provider: 'Another-Provider-Of-A-Longer-Name', data: [['Else', 'x']] } as const

  test('is taken from the whole records of the same log', () => {
    const log = writeEvtx([...records(101, 103, other), ...records(201, 700)])
    const bytes = log.slice()
    const before = writeEvtx(records(1, 10)).subarray(HEADER + 3000, HEADER + CHUNK)
    const [, free] = [0, HEADER + CHUNK]
    expect(log.length).toBeGreaterThan(free)
    // The last chunk is hardly filled: there is room for remains whose definitions never stood there.
    const last = bytes.length - CHUNK
    const end = last + new DataView(bytes.buffer).getUint32(last + 48, true)
    bytes.set(before.subarray(0, bytes.length - end), end)
    const carved = read(bytes).events.filter(event => event.carved)
    expect(carved.map(event => event.original.get('Word'))).toContain('word 10')
    expect(codes(bytes).map(([code]) => code)).not.toContain('evtx/definition-gone')
  })

  test('costs the names, not the values, and is counted', () => {
    const bytes = overwritten(writeEvtx(records(101, 103, other)), writeEvtx(records(1, 10)))
    const carved = read(bytes).events.filter(event => event.carved)
    expect(carved.length).toBeGreaterThan(4)
    for (const event of carved) {
      expect(event.kind).toBe('other_activity')
      expect(JSON.stringify(event.original.text())).toContain(`word ${event.source.record}`)
      expect(event.time).toBe(START + event.source.record * 1_000_000)
    }
    expect(codes(bytes)).toEqual([
      ['evtx/carved', carved.length],
      ['evtx/definition-gone', carved.length],
    ])
  })

  test('System is known by the numbers the service gives its values', () => {
    const leaf = (name: string, value: number, type: number): ElementShape => ({
      name,
      content: [{ value, type, optional: true }],
    })
    const shape = (provider: string): ElementShape => ({
      name: 'Event',
      content: [
        {
          name: 'System',
          content: [
            { name: 'Provider', attributes: [['Name', { text: provider }]], content: [] },
            leaf('EventID', 3, 0x06),
            { name: 'TimeCreated', attributes: [['SystemTime', { value: 6, type: 0x11 } satisfies Content]], content: [] },
            leaf('EventRecordID', 10, 0x0a),
          ],
        },
      ],
    })
    const values = (id: number): readonly EvtxValue[] => [
      { uint8: 4 },
      { uint8: 1 },
      { uint16: 12 },
      { uint16: 4711 },
      null,
      { hex: 0x8000000000000000n },
      { time: START },
      null,
      { uint32: 11 },
      { uint32: 22 },
      { uint64: BigInt(id) },
      { uint8: 2 },
      { sid: 'S-1-5-18' },
    ]
    const log = (provider: string, from: number, to: number) =>
      writeEvtx(records(from, to).map(one => ({ ...one, whole: [{ template: shape(provider), values: values(one.recordId) }] })))
    const [event] = read(overwritten(log('New-Provider', 101, 102), log('Old', 1, 20))).events.filter(one => one.carved)
    expect(event?.code).toBe('4711')
    expect(JSON.parse(event?.original.text() ?? '')).toEqual({
      EventID: '4711',
      Version: '2',
      Level: '4',
      Task: '12',
      Opcode: '1',
      Keywords: '0x8000000000000000',
      TimeCreated: '2024-01-01T00:00:00.0000000Z',
      EventRecordID: String(event?.source.record),
      Execution_ProcessID: '11',
      Execution_ThreadID: '22',
      UserID: 'S-1-5-18',
    })
  })
})

test('whatever bytes lie in unused space, nothing is thrown, and whole records stay what they were', () => {
  const log = overwritten(writeEvtx(records(101, 103)), writeEvtx(records(1, 60)))
  const from = HEADER + freeOf(log)
  const changes = fc.array(fc.tuple(fc.integer({ min: from, max: from + 12_000 }), fc.nat(255)), { maxLength: 200 })
  fc.assert(
    fc.property(changes, fc.uint8Array({ maxLength: 2000 }), (changed, noise) => {
      const bytes = log.slice()
      bytes.set(noise, from + 100)
      for (const [at, value] of changed) bytes[at] = value
      const { events } = read(bytes)
      for (const event of events) JSON.parse(event.original.text())
      expect(
        events
          .filter(event => !event.carved)
          .map(({ source }) => source.record)
          .slice(0, 3),
      ).toEqual([101, 102, 103])
    }),
    { numRuns: 200 },
  )
})
