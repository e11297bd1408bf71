import { expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import {
  CAPTURE_START,
  conversation,
  ethernet,
  icmp,
  ip,
  type MadePacket,
  pcapBytes,
  tcp,
  udp,
} from '../../../test/capture-bytes.ts'
import { eventsOfKind } from '../../../test/text-part.ts'
import type { EventOf } from '../../model/index.ts'
import { FlowTable } from './flow-table.ts'
import { emptyHeaders, readHeaders } from './ip.ts'
import { reader } from './reader.ts'

const CLIENT = '10.0.0.5'
const SERVER = '192.0.2.7'

const flowsOf = (packets: readonly MadePacket[]): readonly EventOf<'network_activity'>[] =>
  eventsOfKind(readPart(reader, bytesPart(pcapBytes(packets))).events, 'network_activity')

/** Packets a second apart: "> S 100" is a SYN of the client with sequence number 100 and perhaps data. */
const script = (...lines: readonly string[]): MadePacket[] =>
  lines.map((line, index) => {
    const [from, flags = '', sequence = '0', data = ''] = line.split(' ')
    const isClient = from === '>'
    const segment = isClient
      ? tcp(50_112, 443, flags, Number(sequence), 1, data)
      : tcp(443, 50_112, flags, Number(sequence), 1, data)
    return {
      time: CAPTURE_START + index * 1e6,
      bytes: ethernet(isClient ? ip(CLIENT, SERVER, 6, segment) : ip(SERVER, CLIENT, 6, segment, { ttl: 52 })),
    }
  })

test('a whole connection, all it says', () => {
  const [flow] = flowsOf(
    conversation(
      [
        ['>', 'abc'],
        ['<', 'defgh'],
      ],
      { serverPort: 9_001 },
    ),
  )
  if (flow === undefined) throw new Error('no flow')
  const { source, original, identity, series, uid, kind, ...rest } = flow
  expect(rest).toEqual({
    time: CAPTURE_START,
    host: '',
    product: 'pcap',
    code: 'conn',
    alsoRecorded: {
      syn: CAPTURE_START,
      synAck: CAPTURE_START + 1000,
      ack: CAPTURE_START + 2000,
      finOut: CAPTURE_START + 5000,
      finIn: CAPTURE_START + 6000,
    },
    action: 'flow',
    protocol: 'tcp',
    srcIp: CLIENT,
    srcPort: 50_112,
    dstIp: SERVER,
    dstPort: 9_001,
    bytesOut: 3,
    bytesIn: 5,
    packetsOut: 5,
    packetsIn: 3,
    duration: 7000,
    state: 'SF',
    service: '',
    sensor: 'test.bin',
    initiatorKnown: true,
    timePrecision: 1,
    bytesKind: 'payload',
    rttServer: 1000,
    rttClient: 1000,
    ttlOut: 64,
    ttlIn: 57,
  })
  expect(JSON.parse(original.text())).toEqual({ ip_bytes_out: '203', ip_bytes_in: '125' })
})

test.each<[string, readonly string[], string, boolean | undefined]>([
  ['only a SYN', ['> S 1'], 'S0', true],
  ['refused', ['> S 1', '< RA 0'], 'REJ', true],
  ['open', ['> S 1', '< SA 9', '> A 2'], 'S1', true],
  ['closed by both', ['> S 1', '< SA 9', '> A 2', '> FA 2', '< FA 10', '> A 3'], 'SF', true],
  ['closed by the client alone', ['> S 1', '< SA 9', '> A 2', '> FA 2'], 'S2', true],
  ['closed by the server alone', ['> S 1', '< SA 9', '> A 2', '< FA 10'], 'S3', true],
  ['broken off by the client', ['> S 1', '< SA 9', '> A 2', '> R 2'], 'RSTO', true],
  ['broken off by the server', ['> S 1', '< SA 9', '> A 2', '< R 10'], 'RSTR', true],
  ['given up before the answer', ['> S 1', '> R 2'], 'RSTOS0', true],
  ['ended before the answer', ['> S 1', '> FA 2'], 'SH', true],
  ['only the answers', ['< SA 9', '< A 10 hello'], 'OTH', true],
  ['answers, then the server breaks off', ['< SA 9', '< R 10'], 'RSTRH', true],
  ['from the middle', ['> A 2 hello', '< A 10 x'], 'OTH', false],
  ['from the middle, the server first', ['< A 10 hello', '> A 2 x'], 'OTH', false],
  ['a late reset after an orderly end', ['> S 1', '< SA 9', '> A 2', '> FA 2', '< FA 10', '> R 3'], 'SF', true],
])('%s is %s', (_name, lines, state, known) => {
  const flows = flowsOf(script(...lines))
  expect(flows.map(flow => [flow.srcIp, flow.dstPort, flow.state, flow.initiatorKnown])).toEqual([[CLIENT, 443, state, known]])
})

test('bytes are counted by sequence number: repeats once, losses too, across the wrap', () => {
  const top = 2 ** 32 - 3
  const [flow] = flowsOf(
    script(`> S ${top - 1}`, '< SA 9', `> A ${top} hello`, `> A ${top} hello`, '> A 5 xyz', '< A 10 a', '< A 11 b'),
  )
  expect([flow?.bytesOut, flow?.bytesIn]).toEqual([11, 2])
  expect(JSON.parse(flow?.original.text() ?? '{}')).toMatchObject({ missed_out: '3', repeated_out: '1' })
})

test('the same ports again are another flow; a repeated SYN is not', () => {
  const ended = ['> S 1', '< SA 9', '> A 2', '> FA 2', '< FA 10', '> A 3']
  expect(flowsOf(script(...ended, '> S 5000', '< SA 700')).map(({ state, packetsOut }) => [state, packetsOut])).toEqual([
    ['SF', 4],
    ['S1', 1],
  ])
  const [again] = flowsOf(script('> S 1', '> S 1', '< SA 9', '> A 2'))
  expect([again?.state, again?.packetsOut, again?.rttServer]).toEqual(['S1', 3, undefined])
})

test('silence ends a flow: UDP after a minute, an open TCP connection after an hour', () => {
  const ask = (time: number): MadePacket => ({
    time: CAPTURE_START + time * 1e6,
    bytes: ethernet(ip(CLIENT, SERVER, 17, udp(5000, 53_000, 'x'))),
  })
  expect(flowsOf([ask(0), ask(59), ask(120)]).map(({ packetsOut, duration }) => [packetsOut, duration])).toEqual([
    [2, 59e6],
    [1, 0],
  ])
  const [syn, answer, ack, late] = script('> S 1', '< SA 9', '> A 2', '> A 2 x')
  if (!syn || !answer || !ack || !late) throw new Error('no packets')
  const at = (seconds: number) => ({ ...late, time: CAPTURE_START + seconds * 1e6 })
  expect(flowsOf([syn, answer, ack, at(3_500)]).length).toBe(1)
  expect(flowsOf([syn, answer, ack, at(3_700)]).map(({ state }) => state)).toEqual(['S1', 'OTH'])
})

test('ICMP: question and answer are one flow with type and code, sizes both ways', () => {
  const ping = (from: string, to: string, type: number, data: string, index: number): MadePacket => ({
    time: CAPTURE_START + index * 1e6,
    bytes: ethernet(ip(from, to, 1, icmp(type, 0, data))),
  })
  const [flow, ...more] = flowsOf([
    ping(CLIENT, SERVER, 8, 'ask', 0),
    ping(SERVER, CLIENT, 0, 'a much longer answer', 1),
    ping(CLIENT, SERVER, 8, 'ask', 2),
  ])
  expect([more.length, flow?.protocol, flow?.srcIp, flow?.srcPort, flow?.dstPort, flow?.bytesOut, flow?.bytesIn]).toEqual([
    0,
    'icmp',
    CLIENT,
    8,
    0,
    6,
    20,
  ])
  expect(JSON.parse(flow?.original.text() ?? '{}')).toMatchObject({ largest_out: '3', largest_in: '20' })
})

test('later fragments belong to the flow of the first one; without it they are said to be lost', () => {
  const part = (fragment: number, payload: Uint8Array): MadePacket => ({
    time: CAPTURE_START,
    bytes: ethernet(ip(CLIENT, SERVER, 17, payload, { fragment, id: 77 })),
  })
  const first = part(0x2000, Buffer.concat([udp(5000, 9_000, ''), Buffer.alloc(16)]))
  const later = part(3, Buffer.alloc(40))
  const [flow] = flowsOf([first, later])
  expect([flow?.packetsOut, flow?.bytesOut, JSON.parse(flow?.original.text() ?? '{}').fragments]).toEqual([2, 56, '2'])
  expect(readPart(reader, bytesPart(pcapBytes([later]))).diagnostics.map(({ code }) => code)).toEqual(['pcap/lost-fragment'])
})

test('the server is the side with the service port when the handshake was not seen; Ethernet padding is no payload', () => {
  const padded = Buffer.concat([ethernet(ip(SERVER, CLIENT, 17, udp(53, 50_000, 'x'))), Buffer.alloc(17)])
  const [flow] = flowsOf([{ time: CAPTURE_START, bytes: padded }])
  expect([flow?.srcIp, flow?.dstPort, flow?.bytesIn, flow?.initiatorKnown, flow?.state]).toEqual([CLIENT, 53, 1, false, 'SHR'])
})

test('a full table gives out the flows silent for longest, and says so', () => {
  const told: number[] = []
  let evicted = 0
  const table = new FlowTable({ ended: flow => told.push(flow.record), evicted: count => (evicted += count) }, 20)
  const headers = emptyHeaders()
  for (let index = 0; index < 50; index++) {
    const bytes = ip(CLIENT, SERVER, 17, udp(1_000 + index, 9_000, 'x'))
    readHeaders(headers, bytes, 0, bytes.length, bytes.length)
    table.add(headers, CAPTURE_START + index, index + 1, 0)
  }
  table.finish()
  expect([told.toSorted((a, b) => a - b), evicted]).toEqual([Array.from({ length: 50 }, (_, index) => index + 1), 30])
})
