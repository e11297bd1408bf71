import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, bytesSample, readPart } from '../../../test/bytes-part.ts'
import {
  CAPTURE_START,
  conversation,
  ethernet,
  ip,
  type MadePacket,
  pcapBytes,
  pcapngBlock,
  pcapngBytes,
  pcapngOption,
  tcp,
  udp,
} from '../../../test/capture-bytes.ts'
import { eventsOfKind } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

const read = (bytes: Uint8Array) => {
  const { events, diagnostics } = readPart(reader, bytesPart(bytes, { path: 'cap.pcap' }))
  return { flows: eventsOfKind(events, 'network_activity'), events, codes: diagnostics.map(({ code }) => code) }
}
const ask = udp(50_000, 9_000, 'hello')
const packet: MadePacket = { time: CAPTURE_START + 123_456, bytes: ethernet(ip('10.0.0.5', '192.0.2.7', 17, ask)) }

describe('flavours of capture files give the same flow', () => {
  const resolution = (value: number) => pcapngOption(9, [value])
  test.each<[string, Uint8Array, number, number]>([
    ['pcap, little-endian', pcapBytes([packet]), 123_456, 1],
    ['pcap, big-endian', pcapBytes([packet], { little: false }), 123_456, 1],
    ['pcap, nanoseconds', pcapBytes([packet], { nanoseconds: true }), 123_456, 1],
    ['pcap, nanoseconds, big-endian', pcapBytes([packet], { nanoseconds: true, little: false }), 123_456, 1],
    ['pcapng', pcapngBytes([packet]), 123_456, 1],
    ['pcapng, big-endian', pcapngBytes([packet], { little: false }), 123_456, 1],
    ['pcapng, nanoseconds', pcapngBytes([packet], { options: resolution(9), ticks: time => BigInt(time) * 1000n }), 123_456, 1],
    [
      'pcapng, tenths of nanoseconds',
      pcapngBytes([packet], { options: resolution(10), ticks: time => BigInt(time) * 10_000n }),
      123_456,
      1,
    ],
    [
      'pcapng, milliseconds',
      pcapngBytes([packet], { options: resolution(3), ticks: time => BigInt(time) / 1000n }),
      123_000,
      1_000,
    ],
    [
      'pcapng, seconds',
      pcapngBytes([packet], { options: resolution(0), ticks: time => BigInt(time) / 1_000_000n }),
      0,
      1_000_000,
    ],
    [
      'pcapng, 2^-20 s',
      pcapngBytes([packet], { options: resolution(0x94), ticks: time => (BigInt(time) * (1n << 20n)) / 1_000_000n }),
      123_455,
      1,
    ],
    [
      'pcapng, times shifted by an hour',
      pcapngBytes([packet], {
        options: pcapngOption(14, [0x10, 0x0e, 0, 0, 0, 0, 0, 0]),
        ticks: time => BigInt(time) - 3_600_000_000n,
      }),
      123_456,
      1,
    ],
  ])('%s', (_name, bytes, micros, precision) => {
    expect(reader.recognise(bytesSample(bytes))).toBe(100)
    const { flows, codes } = read(bytes)
    expect(codes).toEqual([])
    expect(
      flows.map(({ time, timePrecision, source, srcIp, dstPort, bytesOut, state }) => ({
        time,
        timePrecision,
        record: source.record,
        srcIp,
        dstPort,
        bytesOut,
        state,
      })),
    ).toEqual([
      {
        time: CAPTURE_START + micros,
        timePrecision: precision,
        record: 1,
        srcIp: '10.0.0.5',
        dstPort: 9_000,
        bytesOut: 5,
        state: 'S0',
      },
    ])
  })
})

test('the interface names the sensor, else the file', () => {
  const named = pcapngBytes([packet], { options: pcapngOption(2, [...Buffer.from('eth7')]) })
  expect([read(named), read(pcapBytes([packet]))].map(({ flows }) => flows[0]?.sensor)).toEqual(['eth7', 'cap.pcap'])
})

test('two sections of other byte orders, a packet without time, lost packets', () => {
  const simple = pcapngBlock(3, [packet.bytes.length, 0, 0, 0, ...packet.bytes])
  const statistics = pcapngBlock(5, [...new Array<number>(12).fill(0), ...pcapngOption(5, [9, 0, 0, 0, 0, 0, 0, 0])])
  const { flows, codes } = read(Buffer.concat([pcapngBytes([packet], { little: false }), pcapngBytes([]), simple, statistics]))
  expect(flows.map(({ time, packetsOut }) => [time, packetsOut])).toEqual([[CAPTURE_START + 123_456, 2]])
  expect(codes).toEqual(['pcap/no-times', 'pcap/dropped'])
})

describe('links', () => {
  const inner = ip('10.0.0.5', '192.0.2.7', 17, ask)
  const inner6 = ip('2001:db8::5', '2001:db8::7', 17, ask)
  const of = (link: number, header: readonly number[], payload = inner, little = true) =>
    pcapBytes([{ time: CAPTURE_START, bytes: Buffer.concat([Uint8Array.from(header), payload]) }], { link, little })
  test.each<[string, Uint8Array]>([
    ['Ethernet', of(1, [...new Array<number>(12).fill(2), 8, 0])],
    ['Ethernet, VLAN', of(1, [...new Array<number>(12).fill(2), 0x81, 0, 0, 5, 8, 0])],
    ['Ethernet, VLAN in VLAN', of(1, [...new Array<number>(12).fill(2), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0])],
    ['Ethernet, two MPLS labels', of(1, [...new Array<number>(12).fill(2), 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64])],
    ['Ethernet, PPPoE', of(1, [...new Array<number>(12).fill(2), 0x88, 0x64, 0x11, 0, 0, 1, 0, 35, 0, 0x21])],
    ['Linux cooked', of(113, [0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0])],
    ['Linux cooked 2', of(276, [8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, ...new Array<number>(8).fill(0)])],
    ['raw IP', of(101, [])],
    ['raw IPv4', of(228, [])],
    ['BSD loopback', of(0, [2, 0, 0, 0])],
    ['BSD loopback of a big-endian machine', of(0, [0, 0, 0, 2], inner, false)],
    ['OpenBSD loopback', of(108, [0, 0, 0, 2])],
    ['PPP with HDLC framing', of(50, [0xff, 3, 0, 0x21])],
    ['Cisco HDLC', of(104, [0x0f, 0, 8, 0])],
    ['NFLOG', of(239, [2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, inner.length + 4, 0, 9, 0])],
    ['PFLOG', of(117, [61, ...new Array<number>(63).fill(0)])],
  ])('%s', (_name, bytes) => {
    const { flows, codes } = read(bytes)
    expect([
      flows.map(({ srcIp, dstIp, srcPort, dstPort, bytesOut }) => [srcIp, srcPort, dstIp, dstPort, bytesOut]),
      codes,
    ]).toEqual([[['10.0.0.5', 50_000, '192.0.2.7', 9_000, 5]], []])
  })
  test('IPv6, also behind extension headers, and its canonical text', () => {
    const hop = Uint8Array.from([17, 0, 0, 0, 0, 0, 0, 0])
    const behind = ip('2001:db8::5', '2001:db8:0:1::7', 0, Buffer.concat([hop, ask]))
    const { flows } = read(
      Buffer.concat([of(1, [...new Array<number>(12).fill(2), 0x86, 0xdd], inner6), of(229, [], behind).subarray(24)]),
    )
    expect(flows.map(({ srcIp, dstIp, dstPort }) => [srcIp, dstIp, dstPort])).toEqual([['2001:db8::5', '2001:db8::7', 9_000]])
    expect(read(of(229, [], behind)).flows.map(({ dstIp, dstPort, bytesOut }) => [dstIp, dstPort, bytesOut])).toEqual([
      ['2001:db8:0:1::7', 9_000, 5],
    ])
  })
  test('a link nobody reads is said, ARP is not', () => {
    expect(read(of(147, [1, 2, 3])).codes).toEqual(['pcap/unknown-link'])
    expect(read(of(1, [...new Array<number>(12).fill(2), 8, 6])).codes).toEqual([])
  })
})

describe('damage', () => {
  const packets = Array.from(
    { length: 40 },
    (_, index): MadePacket => ({
      time: CAPTURE_START + index * 1000,
      bytes: ethernet(ip('10.0.0.5', '192.0.2.7', 17, udp(50_000 + index, 9_000, 'hello'))),
    }),
  )
  const size = 16 + (packets[0]?.bytes.length ?? 0)
  test('cut inside a packet', () => {
    const { flows, codes } = read(pcapBytes(packets).subarray(0, 24 + size * 7 - 3))
    expect([flows.length, codes]).toEqual([6, ['pcap/cut-file']])
  })
  test('a broken header in the middle: the packets behind it are found again', () => {
    const bytes = Uint8Array.from(pcapBytes(packets))
    bytes.fill(0xff, 24 + size * 10, 24 + size * 10 + 16)
    const { flows, codes } = read(bytes)
    expect([flows.length, codes]).toEqual([39, ['pcap/bad-packet']])
  })
  test('a broken block of pcapng', () => {
    const bytes = Uint8Array.from(pcapngBytes(packets))
    bytes.fill(0xff, bytes.length - 20 * 88, bytes.length - 20 * 88 + 8)
    const { flows, codes } = read(bytes)
    expect([flows.length >= 38, codes]).toEqual([true, ['pcap/bad-packet']])
  })
  test('short snapshot length: sizes as on the wire', () => {
    const whole = conversation([['>', 'x'.repeat(3000)]])
    const short = whole.map(({ time, bytes }) => ({ time, bytes: bytes.subarray(0, 60), wire: bytes.length }))
    const [a, b] = [read(pcapBytes(whole)), read(pcapBytes(short))]
    expect(b.flows.map(({ bytesOut, packetsOut, state }) => [bytesOut, packetsOut, state])).toEqual([[3000, 7, 'SF']])
    expect(a.flows[0]?.bytesOut).toBe(3000)
    expect(b.codes).toEqual(['pcap/short-packets'])
  })
  test('no capture at all', () => {
    expect(reader.recognise(bytesSample(Uint8Array.from([0xd4, 0xc3, 0xb2])))).toBe(0)
    expect(reader.recognise(bytesSample(new TextEncoder().encode('d4c3b2a1 is no capture, it is text')))).toBe(0)
  })
})

test('random and mutated captures never throw, never hang', () => {
  const good = [
    pcapBytes(
      conversation([
        ['>', 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'],
        ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
      ]),
    ),
    pcapngBytes([packet, { time: CAPTURE_START, bytes: ethernet(ip('10.0.0.5', '192.0.2.7', 6, tcp(1, 2, 'S', 5, 0))) }]),
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...good),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 12 }),
      fc.uint8Array({ maxLength: 200 }),
      (bytes, changes, tail) => {
        const mutated = Uint8Array.from([...bytes, ...tail])
        for (const [at, value] of changes) mutated[at % mutated.length] = value
        const { events, codes } = read(mutated)
        expect(events.every(event => event.source.record > 0)).toBe(true)
        expect(codes.every(code => code.startsWith('pcap/'))).toBe(true)
      },
    ),
    { numRuns: 400 },
  )
  const worst = Buffer.alloc(1 << 20, Uint8Array.from([0, 0, 1, 0]))
  const started = performance.now()
  read(Buffer.concat([pcapBytes([packet]), new Uint8Array(16).fill(255), worst]))
  expect(performance.now() - started).toBeLessThan(20_000)
})
