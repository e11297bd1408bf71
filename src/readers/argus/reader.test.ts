import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, eventsOfKind, readText, textPart, textSample } from '../../../test/text-part.ts'
import { isoFromMicros, type SecurityEvent } from '../../model/index.ts'
import { reader } from './reader.ts'

const HEAD = 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label'
const read = (text: string, zone?: string) => readText(reader, text, { facts: zone === undefined ? {} : { zone } })
const flows = (...rows: readonly string[]) => eventsOfKind(read([HEAD, ...rows].join('\n')).events, 'network_activity')
const row = (start: string, duration: string, ends: string, state: string, packets = '6,900,400') =>
  `2018/09/27 ${start},${duration},tcp,${ends},${state},0,0,${packets},`
const ENDS = '10.0.0.5,50112,   ->,203.0.113.9,443'

test('a record, all it says', () => {
  const [flow] = flows(row('22:40:52.362768', '1.500000', ENDS, 'FSPA_FSPA'))
  expect(flow?.time && isoFromMicros(flow.time)).toBe('2018-09-27T22:40:52.362768Z')
  expect(columnsOf(flow)).toEqual({
    kind: 'network_activity',
    action: 'flow',
    protocol: 'tcp',
    srcIp: '10.0.0.5',
    srcPort: 50_112,
    dstIp: '203.0.113.9',
    dstPort: 443,
    bytesOut: 400,
    bytesIn: 500,
    duration: 1_500_000,
    state: 'SF',
    initiatorKnown: true,
    timePrecision: 1,
    bytesKind: 'frame',
  })
  expect(flow?.original.get('TotBytes')).toBe('900')
})

test.each([
  ['->', 'REQ', '10.0.0.5', true, 'S0'],
  ['->', 'S_RA', '10.0.0.5', true, 'REJ'],
  ['->', 'S_', '10.0.0.5', true, 'S0'],
  ['->', 'SPA_SPA', '10.0.0.5', true, 'S1'],
  ['<?>', 'PA_PA', '10.0.0.5', false, 'OTH'],
  [' ?>', 'FA_FA', '10.0.0.5', false, 'OTH'],
  ['<-', 'FSPA_FSPA', '203.0.113.9', true, 'SF'],
  ['->', 'XYZ', '10.0.0.5', true, 'XYZ'],
])('direction %s with state %s', (direction, state, opener, known, expected) => {
  const [flow] = flows(row('22:40:52.362768', '1.5', `10.0.0.5,50112,${direction},203.0.113.9,443`, state))
  expect([flow?.srcIp, flow?.initiatorKnown, flow?.state]).toEqual([opener, known, expected])
})

test('a long connection reported in pieces is one', () => {
  const all = flows(
    row('22:40:00.000000', '60.000000', ENDS, 'SPA_SPA'),
    row('22:41:00.100000', '59.000000', ENDS, 'PA_PA'),
    row('22:42:00.000000', '3.000000', ENDS, 'FPA_FPA'),
    row('22:43:00.000000', '3.000000', ENDS, 'FSPA_FSPA'),
  )
  expect(all.map(({ bytesOut, bytesIn, duration }) => [bytesOut, bytesIn, duration])).toEqual([
    [1200, 1500, 123_000_000],
    [400, 500, 3_000_000],
  ])
})

test('tabs, other columns, seconds since 1970, hexadecimal ICMP, ports by name, milliseconds', () => {
  const text = [
    'StartTime\tDur\tProto\tSrcAddr\tSport\tDir\tDstAddr\tDport\tState\tSrcPkts\tDstPkts\tSrcBytes\tDstBytes\tSrcId\tsTtl\tdTtl',
    '1538088052.362\t0.5\ticmp\t10.0.0.5\t0x0008\t  <->\t203.0.113.9\t0x0000\tECO\t1\t1\t98\t98\t192.0.2.1\t64\t57',
    '1538088052.362\t0.5\tudp\t10.0.0.5\t50000\t  <->\t203.0.113.9\tdomain\tCON\t1\t2\t98\t300\t192.0.2.1\t64\t57',
  ].join('\n')
  expect(reader.recognise(textSample(text))).toBe(97)
  const all = eventsOfKind(read(text).events, 'network_activity')
  expect(
    all.map(flow => [
      flow.protocol,
      flow.srcPort,
      flow.dstPort,
      flow.packetsOut,
      flow.packetsIn,
      flow.bytesIn,
      flow.state,
      flow.sensor,
      flow.ttlOut,
      flow.ttlIn,
      flow.timePrecision,
    ]),
  ).toEqual([
    ['icmp', 8, 0, 1, 1, 98, 'ECO', '192.0.2.1', 64, 57, 1_000],
    ['udp', 50_000, undefined, 1, 2, 300, 'SF', '192.0.2.1', 64, 57, 1_000],
  ])
})

test('what is no conversation of addresses is kept or said; nothing is guessed without a header', () => {
  const { events, diagnostics } = read(
    [
      HEAD,
      '2018/05/10 10:52:47.283479,0.0,man,0,0,,0,0,STA,,,0,0,0,',
      '2018/05/10 10:52:47.283479,0.0,arp,10.0.0.5,, who,10.0.0.9,,CON,,,2,84,42,',
      '2018/05/10 10:52:47.283479,0.0,llc,00:00:00:00:00:00,0,->,00:00:00:00:00:00,0,INT,,,1,60,60,',
      'garbage',
      '1970/01/01 01:00:08.140073,1.0,udp,10.0.0.5,50000,->,203.0.113.9,53,INT,,,1,60,60,',
      'never,1.0,udp,10.0.0.5,50001,->,203.0.113.9,53,INT,,,1,60,60,',
    ].join('\n'),
  )
  expect(events.map(({ kind }) => kind)).toEqual([
    'other_activity',
    'other_activity',
    'other_activity',
    'network_activity',
    'network_activity',
  ])
  expect(diagnostics.map(({ code }) => code)).toEqual([
    'argus/unreadable-record',
    'argus/management-record',
    'argus/unset-clock',
    'argus/no-time',
  ])
  expect(read('2018/05/10 10:52:47.283479,0.0,udp\n').diagnostics.map(({ code }) => code)).toEqual(['argus/no-header'])
  expect(
    reader.recognise(
      textSample(
        '   StartTime      Flgs  Proto            SrcAddr  Sport   Dir            DstAddr  Dport  TotPkts   TotBytes State',
      ),
    ),
  ).toBe(80)
  expect(reader.recognise(textSample('Name,Address,Port\nx,y,z'))).toBe(0)
})

test('a later part knows the columns of the first; times are of the zone given', () => {
  const first = row('22:40:00.000000', '1.0', ENDS, 'REQ')
  const text = `${HEAD}\n${first}\n${first.replace('443', '444')}\n`
  const events: SecurityEvent[] = []
  reader.read(textPart(text, { start: HEAD.length + first.length + 2, facts: { zone: '+10:00' } }), {
    event: event => events.push(event),
    diagnostic: () => undefined,
  })
  expect(
    eventsOfKind(events, 'network_activity').map(({ dstPort, time, source }) => [
      dstPort,
      time && isoFromMicros(time),
      source.record,
    ]),
  ).toEqual([[444, '2018-09-27T12:40:00.000000Z', 3]])
})

test('random rows never throw', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.string().map(noise => row('22:40:00.000000', noise, ENDS, noise)),
        ),
      ),
      rows => {
        const { events } = read([HEAD, ...rows].join('\n'))
        expect(events.every(({ source }) => source.record > 1)).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

describe('shared data', () => {
  test.skipIf(sharedData('slips-flows') === undefined)('a scan of port 81, and one long connection', () => {
    const file = (name: string) =>
      eventsOfKind(read(readFileSync(sharedData('slips-flows', name) ?? '', 'utf8')).events, 'network_activity')
    const scan = file('test4-malicious.binetflow').filter(({ state, dstPort }) => state === 'S0' && dstPort === 81)
    // A SYN each, and the same once more; other ports are tried, too.
    expect([scan.length >= 64, new Set(scan.map(({ srcIp }) => srcIp)), new Set(scan.map(({ dstIp }) => dstIp)).size]).toEqual([
      true,
      new Set(['192.168.2.12']),
      64,
    ])
    const longest = file('test5-mixed.binetflow').toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0))[0]
    // NetBIOS names called into the network for an hour.
    expect([longest?.protocol, longest?.dstIp, longest?.dstPort, longest?.duration]).toEqual([
      'udp',
      '10.0.2.255',
      137,
      3_599_925_537,
    ])
  })
})
