import { expect, test } from 'vitest'
import { flow, silent, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { scan } from './scan.ts'

const inside = '10.0.0.5'
const target = (index: number) => `10.0.9.${index + 1}`

/** Type 8, code 0: the way Zeek and the capture reader write an echo request in place of ports. */
const ECHO = { protocol: 'icmp', srcPort: 8 } as const

test.each([
  [
    'twelve addresses on one port',
    times(12, i => silent(i, inside, target(i), 445)),
    ['low: 10.0.0.5 scanned 12 addresses on port 445'],
  ],
  [
    'refused and half-open probes count too',
    times(12, i =>
      silent(i, inside, target(i), 22, i % 2 ? { state: 'REJ', packetsIn: 1 } : { state: 'closed', packetsIn: 2, bytesIn: 120 }),
    ),
    ['low: 10.0.0.5 scanned 12 addresses on port 22'],
  ],
  [
    'what a firewall denied',
    times(12, i => silent(i, inside, target(i), 23, { action: 'deny', state: '' })),
    ['low: 10.0.0.5 scanned 12 addresses on port 23'],
  ],
  [
    'twenty ports of one address',
    times(20, i => silent(i, inside, target(0), 1000 + i)),
    ['low: 10.0.0.5 scanned 20 ports of 10.0.9.1'],
  ],
  [
    'both ways by one source are one finding',
    [...times(12, i => silent(i, inside, target(i), 445)), ...times(20, i => silent(i, inside, target(0), 1000 + i))],
    ['low: 10.0.0.5 scanned 12 addresses on 21 ports'],
  ],
  [
    'from outside it is the weather',
    times(30, i => silent(i, '203.0.113.9', '10.0.0.80', 1000 + i)),
    ['informational: 203.0.113.9 scanned 30 ports of 10.0.0.80'],
  ],
  [
    'a sweep of echo requests: half of the addresses answer',
    [...times(8, i => silent(i, inside, target(i), 0, ECHO)), ...times(8, i => flow(i, inside, target(8 + i), 0, ECHO))],
    ['low: 10.0.0.5 scanned 16 addresses by ICMP'],
  ],
  [
    'monitoring that asks machines that are there, and one that is switched off',
    times(200, i => (i % 20 === 0 ? silent(i, inside, target(0), 0, ECHO) : flow(i, inside, target(i % 20), 0, ECHO))),
    [],
  ],
  [
    'servers that answer most calls and miss some in the same hour are no closed doors',
    times(12, i => [silent(i, inside, target(i), 389), flow(i + 20, inside, target(i), 389)]).flat(),
    [],
  ],
  ['three machines asked for an echo', times(30, i => silent(i, inside, target(i % 3), 0, ECHO)), []],
  ['a browser whose servers answer', times(40, i => flow(i, inside, `198.51.100.${i + 1}`, 443)), []],
  [
    'a mail server that meets some dead ones',
    [...times(12, i => silent(i, inside, target(i), 25)), ...times(60, i => flow(i, inside, `198.51.100.${i + 1}`, 25))],
    [],
  ],
  ['dead servers met over many hours', times(12, i => silent(i * 3600, inside, target(i), 443)), []],
  [
    'discovery answers whose question was missed',
    times(40, i => silent(i, inside, '10.0.0.9', 40_000 + i, { protocol: 'udp', srcPort: 1900 })),
    [],
  ],
  ['multicast', times(40, i => silent(i, inside, `239.255.255.${i}`, 1900, { protocol: 'udp' })), []],
  [
    'a responder the sensor took for the caller',
    times(20, i => silent(i, inside, target(0), 1000 + i, { initiatorKnown: false })),
    [],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(scan, events))).toEqual(expected)
})

test('the finding holds the probes alone, and who and where', async () => {
  const probes = times(12, i => silent(i, inside, target(i), 445))
  const [found] = await foundBy(scan, [...probes, flow(3, inside, '10.0.9.200', 445)])
  expect(found?.evidence.map(reference => reference.record)).toEqual(probes.map(event => event.source.record))
  expect([found?.hosts, found?.techniques, found?.succeeded, found?.evidenceTotal]).toEqual([[inside], ['T1046'], false, 12])
})

test('hundreds of outside sources are forty findings and one for the rest', async () => {
  const events = times(60, source => times(15, i => silent(i, `198.51.100.${source + 1}`, '10.0.0.80', 1000 + i))).flat()
  const found = saidIn(await foundBy(scan, events))
  expect(found).toHaveLength(41)
  expect(found[0]).toBe('informational: 20 further outside addresses scanned 15 ports of 10.0.0.80')
})
