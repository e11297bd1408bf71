import { expect, test } from 'vitest'
import { at, flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { longConnection } from './long-connection.ts'

const HOURS = 3600e6
const long = (hours: number, dst: string, port: number, fields = {}, src = '10.0.0.5') =>
  flow(0, src, dst, port, { duration: hours * HOURS, ...fields })

/** A connection that the exporter cut every half an hour; nfcapd wrote each piece to another file. */
const cut = (pieces: number, gap: number, srcPort = 50_000): SecurityEvent[] =>
  times(
    pieces,
    i =>
      at(
        'network_activity',
        i * (1800 + gap),
        {
          action: 'flow',
          protocol: 'tcp',
          srcIp: '10.0.0.5',
          srcPort,
          dstIp: '203.0.113.9',
          dstPort: 443,
          duration: 1_800e6,
          bytesOut: 900,
          bytesIn: 4_000,
          packetsOut: 8,
          packetsIn: 9,
          state: 'OTH',
          ...(i === 0 ? { initiatorKnown: true } : {}),
        },
        { product: 'netflow', series: 'netflow||nfcapd' },
      ) as SecurityEvent,
  )

test.each([
  ['nine hours in eighteen records', cut(18, 1), ['low: 10.0.0.5 kept a connection to 203.0.113.9:443 open for 9 h']],
  ['eighteen of half an hour, an hour apart', cut(18, 3600), []],
  [
    'eighteen one after the other, each with a port of its own',
    times(18, i => cut(18, 1, 50_000 + i)[i]).filter(one => one !== undefined),
    [],
  ],
  ['nine hours', [long(9, '203.0.113.9', 443)], ['low: 10.0.0.5 kept a connection to 203.0.113.9:443 open for 9 h']],
  [
    'nine hours on an odd port, sending more than receiving',
    [long(9, '203.0.113.9', 8443, { bytesOut: 5e7, bytesIn: 6e6 })],
    ['medium: 10.0.0.5 kept a connection to 203.0.113.9:8443 open for 9 h'],
  ],
  [
    'a radio stream',
    [long(9, '203.0.113.9', 8000, { bytesIn: 5e7 })],
    ['low: 10.0.0.5 kept a connection to 203.0.113.9:8000 open for 9 h'],
  ],
  ['mail push for everybody', times(5, host => long(9, '203.0.113.9', 5228, {}, `10.0.0.${host + 1}`)), []],
  ['remote desktop inside', [long(9, '10.0.0.9', 3389)], []],
  ['an hour', [long(1, '203.0.113.9', 443)], []],
  ['one-way', [long(9, '203.0.113.9', 443, { bytesIn: 0 })], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(longConnection, events))).toEqual(expected)
})
