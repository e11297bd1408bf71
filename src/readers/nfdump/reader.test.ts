import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, bytesSample, readPart } from '../../../test/bytes-part.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { eventsOfKind, readText, textPart, textSample } from '../../../test/text-part.ts'
import { type EventOf, isoFromMicros, type Reader, type SecurityEvent } from '../../model/index.ts'
import { readers } from './reader.ts'

const [csv, json, nfcapd] = readers as readonly [Reader, Reader, Reader]
const RECORDINGS = resolve(import.meta.dirname, '..', '..', '..', 'test', 'recordings', 'netflow')
const recording = (name: string) => readFileSync(join(RECORDINGS, name))
const recordedText = (name: string) => recording(name).toString('utf8')

type Flow = EventOf<'network_activity'>
const flowsOf = (events: readonly SecurityEvent[]) => eventsOfKind(events, 'network_activity')
const readCsv = (text: string, zone?: string) =>
  readText(csv, text, { path: 'flows.csv', facts: zone === undefined ? {} : { zone } })
/** JSON readers read bytes, not lines. */
const readJson = (text: string) => readPart(json, bytesPart(new TextEncoder().encode(text)))
const readBinary = (bytes: Uint8Array) => readPart(nfcapd, bytesPart(bytes))
const codes = ({ diagnostics }: { readonly diagnostics: readonly { readonly code: string }[] }) =>
  diagnostics.map(({ code }) => code)

/** What matters of a flow, times relative to the minute. */
const short = ({ srcIp, srcPort, dstIp, dstPort, packetsOut, bytesOut, packetsIn, bytesIn, state, initiatorKnown }: Flow) =>
  `${srcIp}:${srcPort} > ${dstIp}:${dstPort} ${packetsOut}/${bytesOut} ${packetsIn}/${bytesIn} ${state} ${initiatorKnown}`

// Six downloads and one refused connection: record.sh beside the files. `nfdump -B` counts 7.
const DOWNLOADS = [
  '10.7.0.2:50836 > 10.7.0.1:8080 6/403 6/20523 SF undefined',
  '10.7.0.2:50848 > 10.7.0.1:8080 7/455 5/20471 SF undefined',
  '10.7.0.2:50854 > 10.7.0.1:8080 6/403 6/20523 SF undefined',
  '10.7.0.2:50870 > 10.7.0.1:8080 7/455 5/20471 SF undefined',
  '10.7.0.2:50872 > 10.7.0.1:8080 7/455 5/20471 SF undefined',
  '10.7.0.2:50878 > 10.7.0.1:8080 6/403 6/20523 SF undefined',
  '10.7.0.2:57454 > 10.7.0.1:8081 1/60 1/40 REJ true',
]

describe('recordings: every form gives the same seven conversations', () => {
  const LATE = 'nfdump/late-times'
  test.each<
    [
      string,
      () => { readonly events: readonly SecurityEvent[]; readonly diagnostics: readonly { readonly code: string }[] },
      number,
      string[],
    ]
  >([
    ['nfcapd of NetFlow 5', () => readBinary(recording('v5.nfcapd')), 1_000, []],
    ['nfcapd of NetFlow 9: times 2^32 ms late', () => readBinary(recording('v9.nfcapd')), 1_000, [LATE]],
    ['nfcapd of IPFIX: times late', () => readBinary(recording('v10.nfcapd')), 1_000, [LATE]],
    ['CSV: whole seconds', () => readCsv(recordedText('v9.csv')), 1_000_000, [LATE, 'nfdump/whole-seconds']],
    ['JSON, one array', () => readJson(recordedText('v9.json')), 1_000, [LATE]],
    ['JSON, objects one behind the other (-q)', () => readJson(recordedText('v9-quiet.json')), 1_000, [LATE]],
  ])('%s', (_name, read, precision, expected) => {
    const result = read()
    const flows = flowsOf(result.events)
    expect(flows.map(short).toSorted()).toEqual(DOWNLOADS)
    expect([...new Set(flows.map(flow => flow.timePrecision))]).toEqual([precision])
    expect(codes(result).filter(code => code !== 'nfdump/swapped-times')).toEqual(expected)
    // The capture the flows were made from began at 17:39:35.
    for (const { time } of flows) expect(time && isoFromMicros(time).slice(0, 18)).toBe('2026-11-23T17:39:3')
    expect(
      flows.every(({ sensor, bytesKind, duration }) => sensor === '127.0.0.1' && bytesKind === 'ip' && duration !== undefined),
    ).toBe(true)
  })
  test('both directions in one record (-B)', () => {
    const flows = flowsOf(readCsv(recordedText('v9-both.csv')).events)
    expect(
      flows.map(({ srcIp, dstPort, bytesOut, bytesIn }) => [srcIp, dstPort, bytesOut, bytesIn].join(' ')).toSorted(),
    ).toEqual([
      '10.7.0.2 8080 403 20523',
      '10.7.0.2 8080 403 20523',
      '10.7.0.2 8080 403 20523',
      '10.7.0.2 8080 455 20471',
      '10.7.0.2 8080 455 20471',
      '10.7.0.2 8080 455 20471',
      '10.7.0.2 8081 60 40',
    ])
  })
  test('a compressed file says how to convert it', () => {
    const { events, diagnostics } = readBinary(recording('v9-lzo.nfcapd'))
    expect([events.length, diagnostics.map(({ code, level }) => [code, level])]).toEqual([0, [['nfcapd/compressed', 'error']]])
    expect(diagnostics[0]?.hint).toContain('nfdump -J 0 -r FILE -w COPY')
  })
  test('each is recognised by its reader alone', () => {
    const scores = (sample: Parameters<Reader['recognise']>[0]) => readers.map(reader => reader.recognise(sample))
    expect(scores(textSample(recordedText('v9.csv')))).toEqual([97, 0, 0])
    expect(scores(textSample(recordedText('v9.json')))).toEqual([0, 95, 0])
    expect(scores(textSample(recordedText('v9-quiet.json')))).toEqual([0, 95, 0])
    expect(scores(bytesSample(recording('v9.nfcapd')))).toEqual([0, 0, 100])
  })
})

const HEAD = 'firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,flags,inPackets,inBytes,routerIP'
/** A row of the named columns; times are seconds after noon with milliseconds. */
const row = (from: number, to: number, ends: string, flags: string, packets: number, bytes: number, router = '192.0.2.1') => {
  const time = (seconds: number) =>
    new Date(Date.UTC(2023, 7, 15, 12) + seconds * 1000).toISOString().replace('T', ' ').slice(0, 23)
  return `${time(from)},${time(to)},TCP,${ends},${flags},${packets},${bytes},${router}`
}
const OUT = '10.0.0.5,50112,203.0.113.9,443'
const BACK = '203.0.113.9,443,10.0.0.5,50112'
const named = (...rows: readonly string[]) => flowsOf(readCsv([HEAD, ...rows].join('\n')).events)

describe('conversations are put together', () => {
  test.each<[string, string[], string[]]>([
    [
      'a long flow cut every minute, both directions, in one',
      [
        row(0, 60, OUT, '....S.', 10, 1000).replace('....S.', '...A..S.'),
        row(0.02, 60, BACK, '...A..S.', 9, 9000),
        row(60.1, 120, OUT, '...AP...', 10, 1000),
        row(60.2, 120, BACK, '...AP...', 9, 9000),
        row(120.5, 130, OUT, '...A...F', 3, 200),
        row(120.5, 130, BACK, '...A...F', 3, 300),
      ],
      ['10.0.0.5:50112 > 203.0.113.9:443 23/2200 21/18300 SF true'],
    ],
    [
      'the same ports after an end are another connection',
      [row(0, 1, OUT, '...A..SF', 5, 500), row(2, 3, OUT, '...A..SF', 6, 600)],
      [
        '10.0.0.5:50112 > 203.0.113.9:443 5/500 undefined/undefined OTH undefined',
        '10.0.0.5:50112 > 203.0.113.9:443 6/600 undefined/undefined OTH undefined',
      ],
    ],
    [
      'two exporters tell the same: two events, not one of twice the size',
      [row(0, 1, OUT, '...A..SF', 5, 500), row(0, 1, OUT, '...A..SF', 5, 500, '192.0.2.2')],
      [
        '10.0.0.5:50112 > 203.0.113.9:443 5/500 undefined/undefined OTH undefined',
        '10.0.0.5:50112 > 203.0.113.9:443 5/500 undefined/undefined OTH undefined',
      ],
    ],
    [
      'exported on the way in and on the way out: once',
      [row(0, 1, OUT, '...A..SF', 5, 500), row(0, 1, OUT, '...A..SF', 5, 500)],
      ['10.0.0.5:50112 > 203.0.113.9:443 5/500 undefined/undefined OTH undefined'],
    ],
    [
      'the answer was written first',
      [row(0.02, 1, BACK, '...A..SF', 4, 400), row(0, 1, OUT, '...A..SF', 5, 500)],
      ['10.0.0.5:50112 > 203.0.113.9:443 5/500 4/400 SF true'],
    ],
    [
      'only the answers',
      [row(0, 1, BACK, '...AP...', 4, 400)],
      ['203.0.113.9:443 > 10.0.0.5:50112 4/400 undefined/undefined OTH false'],
    ],
    [
      'an attempt without answer',
      [row(0, 1, OUT, '......S.', 2, 120)],
      ['10.0.0.5:50112 > 203.0.113.9:443 2/120 undefined/undefined S0 true'],
    ],
    [
      'silence of two minutes ends it',
      [row(0, 1, OUT, '...A....', 5, 500), row(121, 122, OUT, '...A....', 6, 600)],
      [
        '10.0.0.5:50112 > 203.0.113.9:443 5/500 undefined/undefined OTH undefined',
        '10.0.0.5:50112 > 203.0.113.9:443 6/600 undefined/undefined OTH undefined',
      ],
    ],
  ])('%s', (_name, rows, expected) => {
    expect(named(...rows).map(short)).toEqual(expected)
  })
})

describe('CSV', () => {
  test('the fast form: milliseconds since 1970', () => {
    const text =
      'cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,srcAS,dstAS,input,output,flags,srcTos,packets,bytes\n1,2,1692100800123,1692100801000,17,10.0.0.5,50000,192.0.2.53,53,0,0,1,2,........,0,1,70\n'
    expect(csv.recognise(textSample(text))).toBe(97)
    const [flow] = flowsOf(readCsv(text).events)
    expect([flow?.time, flow?.duration, flow?.protocol, flow?.timePrecision, flow?.bytesOut]).toEqual([
      1692100800123000,
      877_000,
      'udp',
      1_000,
      70,
    ])
  })
  test('rows without a header line, a second part, the sums at the end', () => {
    const [head = '', first = '', second = ''] = recordedText('v9.csv').split('\n')
    expect(csv.recognise(textSample(first))).toBe(90)
    expect(flowsOf(readCsv(`${first}\n${second}\nSummary\nflows,bytes\n1,2\n`).events).length).toBe(1)
    const text = `${head}\n${first}\n${second}\n`
    const events: SecurityEvent[] = []
    csv.read(textPart(text, { start: head.length + first.length + 2 }), {
      event: event => events.push(event),
      diagnostic: () => undefined,
    })
    expect(flowsOf(events).map(({ dstPort, source }) => [dstPort, source.record])).toEqual([[8081, 3]])
  })
  test('times are of the zone of the machine that printed them', () => {
    const [flow] = flowsOf(readCsv([HEAD, row(0, 1, OUT, '...A..SF', 5, 500)].join('\n'), 'Pacific/Guam').events)
    expect(flow?.time && isoFromMicros(flow.time)).toBe('2023-08-15T02:00:00.000000Z')
  })
  test('sums of flows are no flows; broken rows are kept; packets written as bytes are not believed', () => {
    expect(
      codes(
        readCsv('ts,te,td,pr,val,fl,flP,pkt,pktP,byt,bytP,pps,bps,bpp\n2023-08-15 12:00:00,x,1,any,10.0.0.5,1,1,1,1,1,1,1,1,1\n'),
      ),
    ).toEqual(['nfdump/statistic'])
    const broken = readCsv([HEAD, 'garbage', row(0, 1, OUT, '...A..SF', 5, 5)].join('\n'))
    expect(codes(broken)).toEqual(['nfdump/unreadable-record', 'nfdump/impossible-bytes'])
    expect(broken.events.map(({ kind }) => kind)).toEqual(['other_activity', 'network_activity'])
    expect(flowsOf(broken.events)[0]?.bytesOut).toBeUndefined()
  })
})

test('events of firewalls have their address translation', () => {
  const event = {
    type: 'EVENT',
    first: '2023-08-15T12:00:00.000',
    last: '2023-08-15T12:00:00.000',
    in_packets: 0,
    in_bytes: 0,
    proto: 6,
    tcp_flags: '........',
    src_port: 50112,
    dst_port: 443,
    src4_addr: '10.0.0.5',
    dst4_addr: '203.0.113.9',
    src4_xlt_ip: '192.0.2.2',
    dst4_xlt_ip: '203.0.113.9',
    src_xlt_port: 6001,
    dst_xlt_port: 443,
    event: 'CREATE',
    user_name: 'ann',
  }
  const [flow] = flowsOf(readJson(JSON.stringify(event)).events)
  expect([
    flow?.action,
    flow?.natSrcIp,
    flow?.natSrcPort,
    flow?.natDstIp,
    flow?.natDstPort,
    flow?.user,
    flow?.initiatorKnown,
  ]).toEqual(['open', '192.0.2.2', 6001, '203.0.113.9', 443, 'ann', true])
})

test('exchanged times are put in order, and sampling is said', () => {
  const record = {
    type: 'FLOW',
    sampled: 1,
    first: '2023-08-15T12:00:09.000',
    last: '2023-08-15T12:00:01.000',
    received: '2023-08-15T12:01:00.000',
    in_packets: 3,
    in_bytes: 300,
    proto: 17,
    src_port: 50112,
    dst_port: 53,
    src6_addr: '2001:db8::5',
    dst6_addr: '2001:db8::7',
  }
  const result = readJson(JSON.stringify([record]))
  const [flow] = flowsOf(result.events)
  expect([flow?.duration, flow?.srcIp, codes(result)]).toEqual([
    8_000_000,
    '2001:db8::5',
    ['nfdump/swapped-times', 'nfdump/sampled'],
  ])
})

test('random and mutated files never throw, never hang', () => {
  const binary = recording('v9.nfcapd')
  const text = recordedText('v9.csv')
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { maxLength: 10 }),
      fc.uint8Array({ maxLength: 60 }),
      fc.string(),
      (changes, tail, noise) => {
        const bytes = Uint8Array.from([...binary, ...tail])
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        const cutAt = changes[0]?.[0] ?? 0
        for (const { events } of [
          readBinary(bytes),
          readCsv(`${text.slice(0, cutAt)}${noise}${text.slice(cutAt)}`),
          readJson(`{${noise}}${noise}{"proto":6,"src4_addr":"${noise}`),
        ])
          expect(events.every(({ source }) => source.record > 0)).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

describe('shared data', () => {
  const file = sharedData('slips-flows', 'test1-malicious.nfdump')
  test.skipIf(file === undefined)('a file of layout 1: as many conversations as nfdump -B gives', () => {
    const bytes = readFileSync(file ?? '')
    const { events, diagnostics } = readPart(nfcapd, {
      ...bytesPart(bytes),
      bytes: { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) },
    })
    const flows = flowsOf(events)
    // nfdump 1.7.1: 4,593 records, 2,398 with -B; sums of -I.
    expect([flows.length, diagnostics]).toEqual([2_398, []])
    const sum = (read: (flow: Flow) => number | undefined) => flows.reduce((total, flow) => total + (read(flow) ?? 0), 0)
    expect([
      sum(flow => flow.packetsOut) + sum(flow => flow.packetsIn),
      sum(flow => flow.bytesOut) + sum(flow => flow.bytesIn),
    ]).toEqual([4_652, 241_025])
    const [first] = flows
    expect(
      first && [first.time && isoFromMicros(first.time), first.srcIp, first.dstPort, first.state, first.initiatorKnown],
    ).toEqual(['2018-01-12T15:37:30.942000Z', '147.32.80.119', 902, 'REJ', true])
  })
})
