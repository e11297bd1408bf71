import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

/** Written after the provider's page "Flow log records"; no line is from a real account. */
const V2 = '2 123456789012 eni-0a1b2c3d 203.0.113.9 10.0.0.5 50122 443 6 14 1900 1692077665 1692077725 ACCEPT OK'

test('the default format, without a header', () => {
  const { events } = readText(reader, V2)
  expect(columnsOf(events[0])).toEqual({
    kind: 'network_activity',
    action: 'flow',
    protocol: 'tcp',
    srcIp: '203.0.113.9',
    srcPort: 50122,
    dstIp: '10.0.0.5',
    dstPort: 443,
    bytesOut: 1900,
    packetsOut: 14,
    duration: 60_000_000,
    state: 'accept',
    sensor: 'eni-0a1b2c3d',
  })
  expect([events[0]?.time, events[0]?.alsoRecorded]).toEqual([1692077665000000, { end: 1692077725000000 }])
  expect(reader.recognise(textSample(V2))).toBe(93)
})

test('an order of its own, with flags and the address inside the packet', () => {
  const text = `start end srcaddr dstaddr srcport dstport protocol tcp-flags pkt-srcaddr pkt-dstaddr action flow-direction packets bytes log-status interface-id
1692077665 1692077670 10.0.0.7 10.0.0.5 50122 443 6 3 203.0.113.9 10.0.0.5 REJECT ingress 4 200 OK eni-1
1692077665 1692077670 10.0.0.5 10.0.0.7 443 50122 6 18 10.0.0.5 203.0.113.9 ACCEPT egress 4 200 OK eni-1
1692077665 1692077670 - - - - - - - - - - - - NODATA eni-1
1692077665 1692077670 - - - - - - - - - - - - SKIPDATA eni-1
10.0.0.5 too short
`
  const { events, diagnostics } = readText(reader, text)
  expect(
    events.map(event => {
      const { kind, action = '', srcIp = '', natSrcIp = '', natDstIp = '', initiatorKnown = '', state = '' } = columnsOf(event)
      return [kind, action, srcIp, natSrcIp, natDstIp, initiatorKnown, state].join(' ').trim()
    }),
  ).toEqual([
    'network_activity deny 10.0.0.7 203.0.113.9  true reject ingress',
    'network_activity flow 10.0.0.5  203.0.113.9 false accept egress',
    'other_activity',
    'log_activity dropped',
  ])
  expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([['aws-vpc-flow/unreadable-line', 6]])
  expect(reader.recognise(textSample(text))).toBe(93)
})

test('the header of an earlier part is used', () => {
  const header = 'version srcaddr dstaddr start end action log-status interface-id'
  const { events } = readText(reader, '3 203.0.113.9 10.0.0.5 1692077665 1692077670 ACCEPT OK eni-1', { headerLines: [header] })
  expect(events.length).toBe(1)
})

test('whatever is in the line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      readText(reader, `${V2}\n${text}`)
    }),
    { numRuns: 200 },
  )
})
