import { describe, expect, test } from 'vitest'
import { chance, flow, times } from '../../../test/network-events.ts'
import { type RelayedShape, relayedTraffic } from '../../../test/relayed-traffic.ts'
import { foundBy, saidIn, storeOf } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import { micros, numberOf, type SecurityEvent, textOf } from '../../model/index.ts'
import { reader as assets } from '../../readers/assets/reader.ts'
import { relayPairs } from './relay-match.ts'
import { relayPairing } from './relay-pairing.ts'

const via = '192.0.2.8'

interface Outcome {
  readonly recall: number
  /** Wrong ones among the matches called so. */
  readonly wrong: number
  readonly estimated: number
  readonly matched: number
}

async function outcomeOf(shape: RelayedShape): Promise<Outcome> {
  const { events, truth } = relayedTraffic(shape)
  const store = await storeOf(events)
  const rows = (await store.ask(relayPairs)).filter(row => textOf(row, 'level') === 'matched')
  store.close()
  const right = rows.filter(row => truth.get(numberOf(row, 'incoming')) === numberOf(row, 'outgoing')).length
  return {
    recall: right / Math.max(1, shape.relayed),
    wrong: (rows.length - right) / Math.max(1, rows.length),
    estimated: Math.max(0, ...rows.map(row => numberOf(row, 'matchedRate'))),
    matched: rows.length,
  }
}

describe('milliseconds', () => {
  test.each([1, 2, 3, 4])('a busy relay among as many other connections, seed %i', async seed => {
    const { recall, wrong, estimated } = await outcomeOf({ seed, seconds: 30, relayed: 150, decoys: 120, tick: 1000 })
    expect(recall).toBeGreaterThanOrEqual(0.95)
    expect(wrong).toBeLessThanOrEqual(0.02)
    expect(estimated).toBeGreaterThanOrEqual(wrong)
  })

  test('clients a quarter of a second away, few sessions in a day of others', async () => {
    const found = await foundBy(
      relayPairing,
      relayedTraffic({ seed: 6, seconds: 86_400, relayed: 6, decoys: 1500, tick: 1000, roundTrip: 0.25 }).events,
    )
    expect(saidIn(found)).toEqual([
      'high: 192.0.2.8 passed connections from 3 addresses to its port 8443 on to 4 addresses, 6 times',
    ])
    expect(found[0]?.evidence.length).toBe(12)
    expect(found[0]?.why).toMatch(/the same bytes both ways .* Moved in time \d+ times/)
  })

  test('a greeting on the incoming leg (SOCKS, CONNECT) does not hide it', async () => {
    const { recall, wrong } = await outcomeOf({ seed: 7, seconds: 60, relayed: 80, decoys: 60, tick: 1000, greeting: 40 })
    expect(recall).toBeGreaterThanOrEqual(0.95)
    expect(wrong).toBeLessThanOrEqual(0.02)
  })

  test.each([1, 2, 3])('no relay, no claim: seed %i', async seed => {
    expect((await outcomeOf({ seed, seconds: 30, relayed: 0, decoys: 250, tick: 1000 })).matched).toBe(0)
  })
})

test('among many busy machines chance meets some port three times: that is no finding', async () => {
  const machines = times(150, machine => {
    const { events } = relayedTraffic({
      seed: 2_000 + machine,
      seconds: 600,
      relayed: 0,
      decoys: 300,
      tick: 1000,
      via: `192.0.2.${machine + 1}`,
    })
    // Each machine's flows are numbered from one; here they are of one log.
    return events.map(event => {
      const record = event.source.record + machine * 1_000
      return { ...event, identity: record, source: { ...event.source, record } }
    })
  })
  expect(saidIn(await foundBy(relayPairing, machines.flat()))).toEqual([])
})

test.each([1, 2])('whole seconds are never more than possible: seed %i', async seed => {
  const { events } = relayedTraffic({ seed, seconds: 30, relayed: 150, decoys: 120, tick: 1_000_000 })
  const found = await foundBy(relayPairing, events)
  expect(found.length).toBeGreaterThan(0)
  for (const { title, severity, confidence, why } of found) {
    expect(title).toContain('possibly passed')
    expect(why).toContain('whole seconds')
    expect([severity, confidence]).toEqual(['low', 'low'])
  }
})

describe('who passes on what', () => {
  const random = chance(11)
  /** Sessions from `client` to `port` of the machine and on to `peer`, a minute or so apart. */
  const passed = (count: number, client: (i: number) => string, port: number, peer: string, peerPort: number, at = via) =>
    times(count, i => {
      const begun = i * 70 + random() * 40
      const lasted = 1e6 * (1 + random() * 20)
      const bytes = {
        bytesOut: 400 + Math.floor(random() * 5_000),
        bytesIn: 2_000 + Math.floor(random() * 90_000),
        timePrecision: 1,
      }
      return [
        flow(begun, client(i), at, port, { ...bytes, duration: lasted }),
        flow(begun + 0.002, at, peer, peerPort, { ...bytes, duration: lasted }),
      ]
    }).flat() as SecurityEvent[]
  const one = () => '198.51.100.7'

  test.each([
    ['outside to outside: a relay on our device', passed(8, one, 8443, '203.0.113.4', 8443), 'high'],
    ['from outside to remote desktop inside', passed(8, one, 4433, '10.0.0.20', 3389), 'high'],
    ['from outside to a web server inside', passed(8, one, 443, '10.0.0.20', 443), 'medium'],
    ['a load balancer of many clients', passed(60, i => `198.51.100.${i + 1}`, 443, '10.0.0.20', 8080), 'informational'],
    [
      'a proxy of the whole office',
      passed(60, i => `10.0.1.${(i % 12) + 1}`, 3128, '203.0.113.4', 443, '10.0.0.8'),
      'informational',
    ],
    ['one machine inside through another one', passed(8, () => '10.0.0.9', 1080, '203.0.113.4', 443, '10.0.0.8'), 'low'],
    [
      'a jump host of the asset list',
      [
        ...readText(assets, 'id,ip,role\njump01,10.0.0.8,jump host\ngw01,10.0.0.8 10.0.1.8,gateway\n', { path: 'assets.csv' })
          .events,
        ...passed(8, () => '10.0.0.9', 2222, '10.0.0.30', 22, '10.0.0.8'),
      ],
      'informational',
    ],
    ['a jump host', passed(8, () => '10.0.0.9', 2222, '10.0.0.30', 22, '10.0.0.8'), 'medium'],
  ])('%s', async (_name, events, severity) => {
    const found = await foundBy(relayPairing, events)
    expect(saidIn(found).map(text => text.split(':')[0])).toEqual([severity])
  })

  test('a web server that asks its database each time is no relay: the sizes have nothing to do with each other', async () => {
    const events = times(60, i => {
      const begun = i * 20 + random() * 10
      return [
        flow(begun, `198.51.100.${(i % 20) + 1}`, via, 443, {
          duration: 80_000,
          bytesOut: 500,
          bytesIn: 20_000 + Math.floor(random() * 40_000),
        }),
        flow(begun + 0.003, via, '10.0.0.40', 5432, {
          duration: 70_000,
          bytesOut: 3_000,
          bytesIn: 900 + Math.floor(random() * 300),
        }),
      ]
    }).flat()
    expect(saidIn(await foundBy(relayPairing, events))).toEqual([])
  })

  test('two timers on the full minute meet by the clock, not because of each other', async () => {
    const events = times(120, i => [
      flow(i * 60 + random() * 0.01, '10.0.0.50', via, 9100, { duration: 20_000, bytesOut: 300, bytesIn: 2_000 }),
      flow(i * 60 + 0.01 + random() * 0.01, via, '203.0.113.80', 443, { duration: 20_000, bytesOut: 310, bytesIn: 2_010 }),
    ]).flat()
    expect(saidIn(await foundBy(relayPairing, events))).toEqual([])
  })

  test('records of a connection that the exporter cut are put together', async () => {
    const cut = passed(8, one, 8443, '203.0.113.4', 8443).flatMap((event): SecurityEvent[] => {
      if (event.kind !== 'network_activity') return []
      // The outgoing leg in three records, as an active time-out leaves it.
      if (event.srcIp !== via) return [{ ...event, product: 'netflow' }]
      const { duration = 0, bytesOut = 0, bytesIn = 0, identity = 0 } = event
      const part = (whole: number, i: number) => (i === 2 ? whole - 2 * Math.floor(whole / 3) : Math.floor(whole / 3))
      return times(3, i => ({
        ...event,
        product: 'netflow',
        identity: Number(identity) + i,
        time: micros(Number(event.time) + i * Math.floor(duration / 3)),
        duration: part(duration, i),
        bytesOut: part(bytesOut, i),
        bytesIn: part(bytesIn, i),
        source: { ...event.source, record: event.source.record + 100_000 + i },
      }))
    })
    expect(saidIn(await foundBy(relayPairing, cut))).toEqual([
      'high: 192.0.2.8 passed connections from 198.51.100.7 to its port 8443 on to 203.0.113.4:8443, 8 times',
    ])
  })
})
