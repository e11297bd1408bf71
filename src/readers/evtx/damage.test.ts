import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { type EvtxRecord, writeEvtx } from '../../../test/evtx-writer/index.ts'
import { reader } from './reader.ts'

const FIRST_CHUNK = 4096
const CHUNK = 65536

const record = (recordId: number, more: Partial<EvtxRecord> = {}): EvtxRecord => ({
  provider: 'Microsoft-Windows-Sysmon',
  channel: 'Microsoft-Windows-Sysmon/Operational',
  computer: 'ws1.example',
  eventId: 1,
  recordId,
  time: Date.UTC(2024, 0, 1) * 1000,
  data: [
    ['Image', `C:\\Windows\\p${recordId}.exe`],
    ['ProcessId', { uint32: recordId }],
    ['', ['a', 'b']],
  ],
  ...more,
})

const log = (count: number) => writeEvtx(Array.from({ length: count }, (_, index) => record(index + 1)))
const read = (bytes: Uint8Array) => readPart(reader, bytesPart(bytes))
const ids = (bytes: Uint8Array) => read(bytes).events.map(event => event.source.record)
const codes = (bytes: Uint8Array) => read(bytes).diagnostics.map(({ code }) => code)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset)

/** The same bytes with one number overwritten. */
const with32 = (bytes: Uint8Array, at: number, value: number) => {
  view(bytes).setUint32(at, value, true)
  return bytes
}
const with16 = (bytes: Uint8Array, at: number, value: number) => {
  view(bytes).setUint16(at, value, true)
  return bytes
}

/** Byte offset of a record in the file. */
function placeOf(bytes: Uint8Array, recordId: number): number {
  return read(bytes).events.find(event => event.source.record === recordId)?.source.offset ?? expect.fail('no such record')
}

describe('a damaged log loses only what is damaged, and says so', () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array, readonly number[], readonly string[]]>([
    ['nothing is damaged', bytes => bytes, upTo(10), []],
    ['a wiped file header', bytes => bytes.fill(0, 0, FIRST_CHUNK), upTo(10), ['evtx/file-header']],
    ['a dirty file header that states no chunk', bytes => with32(with16(bytes, 42, 0), 120, 1), upTo(10), ['evtx/dirty-header']],
    ['a chunk without its magic', bytes => bytes.fill(0, FIRST_CHUNK, FIRST_CHUNK + 8), upTo(10), ['evtx/chunk-magic']],
    [
      'a changed value',
      bytes => bytes.fill(0x41, placeOf(bytes, 5) + 200, placeOf(bytes, 5) + 201),
      upTo(10),
      ['evtx/chunk-checksum'],
    ],
    [
      'an end of records beyond the chunk',
      bytes => with32(bytes, FIRST_CHUNK + 48, 0xffffffff),
      upTo(10),
      ['evtx/chunk-checksum'],
    ],
    [
      'an end of records before the last ones',
      bytes => with32(bytes, FIRST_CHUNK + 48, placeOf(bytes, 8) - FIRST_CHUNK),
      upTo(10),
      ['evtx/chunk-checksum'],
    ],
    [
      'a record of size 0',
      bytes => with32(bytes, placeOf(bytes, 5) + 4, 0),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/lost-records'],
    ],
    [
      'a record of a huge size',
      bytes => with32(bytes, placeOf(bytes, 5) + 4, 0x7fffffff),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/lost-records'],
    ],
    [
      'a record without its signature',
      bytes => bytes.fill(0, placeOf(bytes, 5), placeOf(bytes, 5) + 4),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/lost-records'],
    ],
    [
      'a record whose end does not repeat its size',
      bytes => bytes.fill(0, placeOf(bytes, 6) - 4, placeOf(bytes, 6)),
      upTo(10),
      ['evtx/chunk-checksum', 'evtx/torn-record'],
    ],
    [
      'a definition offset outside the chunk',
      bytes => with32(bytes, placeOf(bytes, 5) + 34, 0x7fffffff),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/unreadable-record'],
    ],
    [
      'a count of values beyond the record',
      bytes => with32(bytes, placeOf(bytes, 5) + 38, 0x7fffffff),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/unreadable-record'],
    ],
    [
      'a value longer than the record',
      bytes => with16(bytes, placeOf(bytes, 5) + 42, 0xffff),
      [1, 2, 3, 4, 6, 7, 8, 9, 10],
      ['evtx/chunk-checksum', 'evtx/unreadable-record'],
    ],
    ['a file cut inside a chunk', bytes => bytes.slice(0, placeOf(bytes, 8)), upTo(7), ['evtx/truncated-chunk']],
    ['a file cut behind its header', bytes => bytes.slice(0, FIRST_CHUNK), [], ['evtx/no-chunks']],
  ])('%s', (_name, damage, expected, diagnostics) => {
    const bytes = damage(log(10))
    expect(ids(bytes)).toEqual(expected)
    expect(codes(bytes)).toEqual(diagnostics)
  })

  test('a chunk of noise between good ones', () => {
    const bytes = log(900)
    const all = ids(bytes)
    bytes.fill(0xa5, FIRST_CHUNK + CHUNK, FIRST_CHUNK + 2 * CHUNK)
    const { events, diagnostics } = read(bytes)
    expect(diagnostics.map(({ code, offset }) => [code, offset])).toEqual([['evtx/chunk-magic', FIRST_CHUNK + CHUNK]])
    expect(events.length).toBeGreaterThan(300)
    expect(all).toEqual(expect.arrayContaining(events.map(event => event.source.record)))
  })

  test('remains behind the end of records are not read', () => {
    const bytes = log(10)
    const end = placeOf(bytes, 10)
    // The log was filled anew up to record 7; what lies behind is older use of the chunk.
    view(bytes).setUint32(FIRST_CHUNK + 48, placeOf(bytes, 8) - FIRST_CHUNK, true)
    for (const at of [placeOf(log(10), 8), placeOf(log(10), 9), end]) view(bytes).setBigUint64(at + 8, 2n, true)
    expect(ids(bytes)).toEqual(upTo(7))
  })

  test('many diagnostics of a kind are folded into a count', () => {
    const bytes = log(100)
    for (const { source } of read(bytes).events) view(bytes).setUint32(source.offset + 34, 0x7fffffff, true)
    const { events, diagnostics } = read(bytes)
    expect(events).toEqual([])
    expect(diagnostics.length).toBeLessThan(30)
    expect(diagnostics.reduce((sum, { code, count }) => sum + (code === 'evtx/unreadable-record' ? (count ?? 1) : 0), 0)).toBe(
      100,
    )
  })
})

describe('hostile bytes', () => {
  const BASE = log(120)

  /** Everything a hunt does with an event. */
  function use(bytes: Uint8Array): void {
    for (const event of read(bytes).events) {
      expect(event.kind).not.toBe('')
      JSON.parse(event.original.text())
      for (const name of event.original.names()) event.original.get(name)
    }
  }

  const flips = fc.array(fc.tuple(fc.nat(BASE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 200 })
  const words = fc.array(
    fc.tuple(fc.nat(BASE.length - 5), fc.constantFrom(0, 1, 0xff, 0xffff, 0x7fffffff, 0xffffffff, 0x200, 0xfff0)),
    { maxLength: 40 },
  )

  test('changed, cut and overwritten logs never throw', () => {
    fc.assert(
      fc.property(flips, words, fc.nat(BASE.length), (changed, overwritten, cut) => {
        const bytes = BASE.slice()
        for (const [at, value] of changed) bytes[at] = value
        for (const [at, value] of overwritten) view(bytes).setUint32(at, value, true)
        use(cut % 3 === 0 ? bytes.subarray(0, cut) : bytes)
      }),
      { numRuns: 300 },
    )
  })

  test('changes inside records alone, where offsets and sizes are', () => {
    const spots = read(BASE).events.map(event => event.source.offset)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...spots), fc.integer({ min: 24, max: 700 }), fc.nat(255)), {
          minLength: 1,
          maxLength: 60,
        }),
        changes => {
          const bytes = BASE.slice()
          for (const [spot, more, value] of changes) bytes[Math.min(spot + more, bytes.length - 1)] = value
          use(bytes)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('random bytes in the place of records never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.boolean(), (noise, withToken) => {
        const bytes = BASE.slice()
        const at = placeOf(BASE, 3) + (withToken ? 28 : 24)
        bytes.set(noise, at)
        use(bytes)
      }),
      { numRuns: 200 },
    )
  })

  test('definitions that overlap on every byte cost bounded work', () => {
    const bytes = log(300)
    const spots = read(bytes).events.map(event => event.source.offset)
    for (const [index, spot] of spots.entries()) view(bytes).setUint32(spot + 34, 560 + index * 3, true)
    const begun = performance.now()
    use(bytes)
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})
