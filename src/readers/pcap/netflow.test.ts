import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { CAPTURE_START, ethernet, ip, type MadePacket, pcapBytes, udp } from '../../../test/capture-bytes.ts'
import { eventsOfKind } from '../../../test/text-part.ts'
import type { EventOf } from '../../model/index.ts'
import { reader } from './reader.ts'

const RECORDINGS = resolve(import.meta.dirname, '..', '..', '..', 'test', 'recordings', 'netflow')
const readBytes = (bytes: Uint8Array) => {
  const { events, diagnostics } = readPart(reader, bytesPart(bytes))
  const flows = eventsOfKind(events, 'network_activity')
  return {
    exported: flows.filter(({ product }) => product === 'netflow'),
    seen: flows.filter(({ product }) => product === 'pcap'),
    codes: diagnostics.map(({ code }) => code),
  }
}
type Flow = EventOf<'network_activity'>

const SECONDS = CAPTURE_START / 1e6
const w16 = (...values: readonly number[]) => Buffer.concat(values.map(value => Buffer.from([value >> 8, value & 255])))
const w32 = (...values: readonly number[]) =>
  Buffer.concat(values.map(value => Buffer.from([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])))
const address = (text: string) => Buffer.from(text.split('.').map(Number))

const datagram = (payload: Uint8Array, index = 0): MadePacket => ({
  time: CAPTURE_START + index * 1e6,
  bytes: ethernet(ip('192.0.2.1', '192.0.2.99', 17, udp(40_000, 2055, payload))),
})
const read = (...payloads: readonly Uint8Array[]) => readBytes(pcapBytes(payloads.map(datagram)))
/** Start in milliseconds after the capture's. */
const startOf = ({ time }: Flow) => ((time ?? Number.NaN) - CAPTURE_START) / 1000

const record5 = (first: number, last: number, more: { readonly flags?: number; readonly back?: boolean } = {}) => {
  const [from, to] = more.back ? ['203.0.113.9', '10.0.0.5'] : ['10.0.0.5', '203.0.113.9']
  const ports = more.back ? [443, 50_112] : [50_112, 443]
  return Buffer.concat([
    address(from ?? ''),
    address(to ?? ''),
    w32(0),
    w16(1, 2),
    w32(7, 900, first, last),
    w16(...ports),
    Buffer.from([0, more.flags ?? 0x1b, 6, 0]),
    w32(0, 0),
  ])
}
const message5 = (uptime: number, sampling: number, ...records: readonly Uint8Array[]) =>
  Buffer.concat([w16(5, records.length), w32(uptime, SECONDS, 500_000_000, 1), w16(0, sampling), ...records])

describe('NetFlow 5', () => {
  test('times are uptimes before the message; both directions are one flow', () => {
    const { exported, codes } = read(message5(100_000, 0, record5(40_000, 90_000), record5(40_020, 90_000, { back: true })))
    expect(
      exported.map(flow => [
        startOf(flow),
        flow.duration,
        flow.srcIp,
        flow.dstPort,
        flow.bytesOut,
        flow.bytesIn,
        flow.state,
        flow.initiatorKnown,
        flow.sensor,
        flow.code,
      ]),
    ).toEqual([[500 - 60_000, 50_000_000, '10.0.0.5', 443, 900, 900, 'SF', true, '192.0.2.1', 'v5']])
    expect(codes).toEqual([])
  })
  test('the uptime wrapped between start and end, and an uptime a little ahead', () => {
    const { exported } = read(
      message5(5_000, 0, record5(2 ** 32 - 5_000, 1_000)),
      message5(5_000, 0, record5(4_000, 6_000, { back: true })),
    )
    // Out from 10 s before the message to 4 s before it, back from 1 s before to 1 s behind.
    expect(exported.map(flow => [startOf(flow), flow.duration])).toEqual([[500 - 10_000, 11_000_000]])
  })
  test('sampling is said', () => {
    const { exported, codes } = read(message5(100_000, 0x4000 | 1000, record5(40_000, 90_000)))
    expect([exported.map(({ sampling }) => sampling), codes]).toEqual([[1000], ['netflow/sampled']])
  })
})

const TEMPLATE9 = Buffer.concat([w16(0, 4 + 4 + 8 * 4, 300, 8), w16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 6, 1, 22, 4, 21, 4)])
const data9 = (first: number, last: number) =>
  Buffer.concat([
    w16(300, 4 + 22 + 2),
    address('10.0.0.5'),
    address('203.0.113.9'),
    w16(50_112, 443),
    Buffer.from([6, 2]),
    w32(first, last),
    w16(0),
  ])
const message9 = (...sets: readonly Uint8Array[]) => Buffer.concat([w16(9, sets.length), w32(100_000, SECONDS, 1, 7), ...sets])

describe('NetFlow 9', () => {
  test('records before their template wait for it; padding is no record', () => {
    const { exported, codes } = read(message9(data9(40_000, 41_000)), message9(TEMPLATE9, data9(50_000, 51_000)))
    expect(exported.map(flow => [startOf(flow), flow.packetsOut, flow.state, flow.sensor])).toEqual([
      [-60_000, undefined, 'S0', '192.0.2.1/7'],
    ])
    expect([exported[0]?.duration, codes]).toEqual([11_000_000, []])
  })
  test('without a template they are lost, and that is said', () => {
    const { exported, codes } = read(message9(data9(40_000, 41_000)))
    expect([exported.length, codes]).toEqual([0, ['netflow/no-template']])
  })
  test('options tell how the exporter samples', () => {
    const options = Buffer.concat([w16(1, 4 + 6 + 8, 301, 4, 4), w16(1, 4, 34, 4)])
    const says = Buffer.concat([w16(301, 4 + 8), w32(0, 100)])
    const { exported, codes } = read(message9(options, says, TEMPLATE9, data9(40_000, 41_000)))
    expect([exported.map(({ sampling }) => sampling), codes]).toEqual([[100], ['netflow/sampled']])
  })
})

describe('IPFIX', () => {
  const message10 = (...sets: readonly Uint8Array[]) => {
    const body = Buffer.concat(sets)
    return Buffer.concat([w16(10, 16 + body.length), w32(SECONDS, 1, 0), body])
  }
  test('milliseconds, a vendor’s field, a field of variable length, both directions in one record', () => {
    const template = Buffer.concat([
      w16(2, 4 + 4 + 9 * 4 + 4, 400, 9),
      w16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 152, 8, 153, 8),
      w16(0x8000 | 7, 2),
      w32(29_305),
      w16(371, 65_535),
    ])
    const milliseconds = SECONDS * 1000
    const time = (value: number) => w32(Math.floor(value / 2 ** 32), value % 2 ** 32)
    const data = Buffer.concat([
      address('10.0.0.5'),
      address('203.0.113.9'),
      w16(50_112, 53),
      Buffer.from([17]),
      time(milliseconds - 9_000),
      time(milliseconds - 8_000),
      w16(4),
      Buffer.from([3, 97, 98, 99]),
    ])
    const { exported, codes } = read(message10(template, Buffer.concat([w16(400, 4 + data.length), data])))
    expect(exported.map(flow => [startOf(flow), flow.duration, flow.protocol, flow.srcPort, flow.dstPort, flow.code])).toEqual([
      [-9_000, 1_000_000, 'udp', 50_112, 53, 'ipfix'],
    ])
    expect(codes).toEqual([])
  })
  test('uptimes count from the start the options tell; exchanged and late times are put right and said', () => {
    const options = Buffer.concat([w16(3, 4 + 6 + 8, 401, 2, 1), w16(149, 4, 160, 8)])
    const started = SECONDS * 1000 - 100_000
    const says = Buffer.concat([w16(401, 4 + 12), w32(0), w32(Math.floor(started / 2 ** 32), started % 2 ** 32)])
    const template = Buffer.concat([w16(2, 4 + 4 + 7 * 4, 402, 7), w16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 22, 4, 21, 4)])
    const data = Buffer.concat([
      w16(402, 4 + 21),
      address('10.0.0.5'),
      address('203.0.113.9'),
      w16(50_112, 53),
      Buffer.from([17]),
      w32(41_000, 40_000),
    ])
    const { exported, codes } = read(message10(options, says, template, data))
    expect(exported.map(flow => [startOf(flow), flow.duration])).toEqual([[-60_000, 1_000_000]])
    expect(codes).toEqual(['netflow/swapped-times'])
    const late = Buffer.concat([w16(2, 4 + 4 + 7 * 4, 403, 7), w16(8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 152, 8, 153, 8)])
    const time = (value: number) => w32(Math.floor(value / 2 ** 32), value % 2 ** 32)
    const ahead = SECONDS * 1000 - 5_000 + 2 ** 32
    const lateData = Buffer.concat([
      w16(403, 4 + 29),
      address('10.0.0.5'),
      address('203.0.113.9'),
      w16(50_112, 53),
      Buffer.from([17]),
      time(ahead),
      time(ahead + 1_000),
    ])
    const result = read(message10(late, lateData))
    expect([result.exported.map(startOf), result.codes]).toEqual([[-5_000], ['netflow/late-times']])
  })
})

test.each(['export-v5.pcap', 'export-v9.pcap', 'export-v10.pcap'])(
  'recording %s tells the connections of the capture it was made from',
  name => {
    const truth = readBytes(readFileSync(join(RECORDINGS, 'web.pcap'))).seen
    const { exported } = readBytes(readFileSync(join(RECORDINGS, name)))
    const of = ({ srcIp, srcPort, dstIp, dstPort, packetsOut, packetsIn }: Flow) =>
      `${srcIp}:${srcPort} ${dstIp}:${dstPort} ${packetsOut} ${packetsIn}`
    expect(exported.map(of).toSorted()).toEqual(truth.map(of).toSorted())
    // softflowd takes uptimes by whole seconds of its own clock: within half a second of the packets.
    const starts = new Map(truth.map(flow => [of(flow), flow.time ?? 0]))
    for (const flow of exported) expect(Math.abs((flow.time ?? 0) - (starts.get(of(flow)) ?? 0))).toBeLessThan(1_000_000)
    // Bytes with IP headers, as the capture's own record of it counts them.
    expect(new Set(exported.map(({ bytesKind, timePrecision }) => `${bytesKind} ${timePrecision}`))).toEqual(new Set(['ip 1000']))
  },
)

test('random and mutated exports never throw, never hang', () => {
  const good = [message5(100_000, 0, record5(1, 2)), message9(TEMPLATE9, data9(1, 2))]
  fc.assert(
    fc.property(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), (message, changes) => {
      const bytes = Uint8Array.from(message)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      expect(read(bytes, message).seen.length).toBe(1)
    }),
    { numRuns: 400 },
  )
})
