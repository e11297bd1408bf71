import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { CAPTURE_START, conversation, ethernet, ip, pcapBytes, udp } from '../../../test/capture-bytes.ts'
import { eventsOfKind } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

const [A, B] = ['203.0.113.1', '198.51.100.1']
const INSIDE = conversation(
  [
    ['>', 'GET /a HTTP/1.1\r\nHost: web.example\r\n\r\n'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ],
  { client: '10.1.0.5', server: '10.2.0.7' },
)
const bytes = (...list: readonly number[]) => Uint8Array.from(list)
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
/** The packets of the conversation, each wrapped; Ethernet of the inner ones is taken off or kept. */
const sent = (wrap: (packet: Uint8Array, frame: Uint8Array) => Uint8Array) =>
  readPart(
    reader,
    bytesPart(pcapBytes(INSIDE.map(({ time, bytes: frame }) => ({ time, bytes: ethernet(wrap(frame.subarray(14), frame)) })))),
  ).events

test.each<[string, string, (packet: Uint8Array, frame: Uint8Array) => Uint8Array]>([
  ['GRE', 'gre', packet => ip(A, B, 47, join(bytes(0, 0, 8, 0), packet))],
  [
    'GRE with checksum, key and sequence number',
    'gre',
    packet => ip(A, B, 47, join(bytes(0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1), packet)),
  ],
  ['GRE with bridged Ethernet', 'gre', (_packet, frame) => ip(A, B, 47, join(bytes(0, 0, 0x65, 0x58), frame))],
  ['GRE over IPv6', 'gre', packet => ip('2001:db8::1', '2001:db8::2', 47, join(bytes(0, 0, 8, 0), packet))],
  [
    'PPTP',
    'gre',
    packet => ip(A, B, 47, join(bytes(0x30, 1, 0x88, 0x0b, 0, packet.length, 0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0x21), packet)),
  ],
  ['ERSPAN of the first type', 'erspan', (_packet, frame) => ip(A, B, 47, join(bytes(0, 0, 0x88, 0xbe), frame))],
  [
    'ERSPAN of the second type',
    'erspan',
    (_packet, frame) => ip(A, B, 47, join(bytes(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 0, 0, 0, 0, 0), frame)),
  ],
  ['VXLAN', 'vxlan', (_packet, frame) => ip(A, B, 17, udp(40_000, 4_789, join(bytes(8, 0, 0, 0, 0, 0, 42, 0), frame)))],
  [
    'GENEVE with an option',
    'geneve',
    (_p, frame) => ip(A, B, 17, udp(40_000, 6_081, join(bytes(1, 0, 0x65, 0x58, 0, 0, 42, 0, 0, 0, 0, 0), frame))),
  ],
  ['IP in IP', 'ipip', packet => ip(A, B, 4, packet)],
  [
    'GRE in VXLAN',
    'gre',
    packet =>
      ip(
        A,
        B,
        17,
        udp(40_000, 4_789, join(bytes(8, 0, 0, 0, 0, 0, 42, 0), ethernet(ip(A, B, 47, join(bytes(0, 0, 8, 0), packet))))),
      ),
  ],
])('%s: what it carries is read', (_name, type, wrap) => {
  const events = sent(wrap)
  const flows = eventsOfKind(events, 'network_activity')
  const [inner] = flows.filter(flow => flow.srcIp === '10.1.0.5')
  expect([inner?.dstIp, inner?.dstPort, inner?.state, inner?.initiatorKnown]).toEqual(['10.2.0.7', 80, 'SF', true])
  expect([inner?.bytesOut, inner?.bytesIn]).toEqual([38, 38])
  const original = JSON.parse(inner?.original.text() ?? '{}')
  expect(original.tunnel_type).toBe(type)
  expect(flows.map(flow => flow.uid)).toContain(original.tunnel_parents)
  expect(eventsOfKind(events, 'http_activity').map(({ path, clientIp }) => [path, clientIp])).toEqual([['/a', '10.1.0.5']])
})

test.each<[string, (packet: Uint8Array, frame: Uint8Array) => Uint8Array]>([
  [
    'encrypted GRE of PPTP',
    () => ip(A, B, 47, bytes(0x30, 1, 0x88, 0x0b, 0, 4, 0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0xfd, ...Array(40).fill(7))),
  ],
  ['a keep-alive of GRE', () => ip(A, B, 47, bytes(0, 0, 0, 0))],
  [
    'other traffic of the port of VXLAN',
    (_p, frame) => ip(A, B, 17, udp(40_000, 4_789, join(bytes(9, 9, 9, 9, 0, 0, 42, 0), frame))),
  ],
  ['a port beside it', (_p, frame) => ip(A, B, 17, udp(40_000, 4_790, join(bytes(8, 0, 0, 0, 0, 0, 42, 0), frame)))],
  ['a fragment', packet => ip(A, B, 4, packet, { fragment: 0x2000 })],
])('%s stays what it is', (_name, wrap) => {
  const flows = eventsOfKind(sent(wrap), 'network_activity')
  expect(flows.map(({ srcIp, dstIp }) => [srcIp, dstIp])).toEqual([[A, B]])
})

test('wrapped over and over: four times and no further', () => {
  const deep = (packet: Uint8Array) => Array.from({ length: 12 }).reduce<Uint8Array>(inner => ip(A, B, 4, inner), packet)
  expect(eventsOfKind(sent(deep), 'network_activity').map(flow => flow.srcIp)).toEqual([A])
})

test('any bytes behind a tunnel’s header are read without harm', () => {
  fc.assert(
    fc.property(fc.constantFrom(4, 41, 47), fc.uint8Array({ maxLength: 80 }), fc.boolean(), (protocol, payload, over) => {
      const packet = over ? ip(A, B, 17, udp(40_000, payload.length % 2 ? 4_789 : 6_081, payload)) : ip(A, B, protocol, payload)
      const { events } = readPart(reader, bytesPart(pcapBytes([{ time: CAPTURE_START, bytes: ethernet(packet) }])))
      expect(eventsOfKind(events, 'network_activity').length).toBeGreaterThan(0)
    }),
    { numRuns: 500 },
  )
})
