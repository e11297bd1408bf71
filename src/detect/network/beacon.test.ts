import { expect, test } from 'vitest'
import { at, chance, flow, times, tls } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { beacon } from './beacon.ts'

const client = '10.0.0.5'
const peer = '203.0.113.9'
/** Calls with a jitter of up to `jitter` of the interval. */
function calls(count: number, seconds: number, jitter: number, port: number, dst = peer, src = client): SecurityEvent[] {
  const random = chance(count + port)
  return times(count, i => flow(i * seconds + random() * jitter * seconds, src, dst, port))
}
const selfSigned = (dst = peer, port = 8443) =>
  tls(5, client, dst, port, { validation: 'self signed certificate', subject: 'CN=appliance', issuer: 'CN=appliance' })
const lookUp = (answers: string) => at('dns_activity', 1, { srcIp: client, query: 'a.example', answers }) as SecurityEvent

test.each([
  [
    'every minute to a named web server',
    calls(60, 60, 0.3, 443),
    ['low: 10.0.0.5 called 203.0.113.9:443 every 60 s, 60 times in 59 min'],
  ],
  ['with self-signed TLS on a port of its own', [...calls(60, 60, 0.3, 8443), selfSigned()], ['high']],
  [
    'only three hours a day',
    times(4, day =>
      calls(40, 60, 0.5, 443).map(event => ({ ...event, time: ((event.time ?? 0) + day * 86_400e6) as typeof event.time })),
    ).flat() as SecurityEvent[],
    ['low'],
  ],
  ["an odd port alone is often a maker's cloud", [...calls(60, 600, 0.1, 9765), lookUp(peer)], ['low']],
  ['an odd port of an address nobody looked up', [...calls(60, 600, 0.1, 9765), lookUp('198.51.100.1')], ['medium']],
  ['inside, an agent and its server', calls(60, 60, 0.1, 10_050, '10.0.0.9'), []],
  [
    'inside, self-signed on an odd port, asked for by address',
    [...calls(60, 60, 0.1, 8443, '10.0.0.9'), selfSigned('10.0.0.9')],
    ['medium'],
  ],
  ['a service many machines call', times(6, host => calls(60, 60, 0.1, 443, peer, `10.0.0.${host + 1}`)).flat(), []],
  [
    'through a proxy: who is behind it is called, not the proxy',
    times(60, i => [
      flow(i * 60, client, '10.0.0.238', 3128),
      at('http_activity', i * 60, {
        clientIp: client,
        serverIp: '10.0.0.238',
        serverPort: 3128,
        method: 'CONNECT',
        path: 'c2.example:8443',
        virtualHost: 'c2.example:8443',
        status: 200,
      }) as SecurityEvent,
    ]).flat(),
    ['low: 10.0.0.5 called c2.example:8443 through a proxy every 60 s, 60 times in 59 min'],
  ],
  [
    'through a proxy outside: not the proxy either',
    times(60, i => [
      flow(i * 60, client, peer, 1080, { uid: `C${i}` }),
      at('tunnel_activity', i * 60, {
        action: 'seen',
        protocol: 'socks5',
        srcIp: client,
        dstIp: peer,
        target: '198.51.100.77',
        targetPort: 443,
        uid: `C${i}`,
      }) as SecurityEvent,
    ]).flat(),
    ['low: 10.0.0.5 called 198.51.100.77:443 through a proxy every 60 s, 60 times in 59 min'],
  ],
  ['time service', calls(60, 64, 0.01, 123), []],
  ['too few to tell', calls(15, 60, 0.1, 443), []],
  ['a page with many parts', calls(60, 1, 0.1, 443), []],
  [
    'a site with public addresses: its machines ask for names',
    [
      ...calls(60, 60, 0.3, 443, peer, '192.0.2.5'),
      at('dns_activity', 1, { srcIp: '192.0.2.5', query: 'a.example' }) as SecurityEvent,
    ],
    ['low: 192.0.2.5 called 203.0.113.9:443 every 60 s, 60 times in 59 min'],
  ],
  ['a client outside', calls(60, 60, 0.3, 443, '10.0.0.80', '192.0.2.5'), []],
  [
    'every three seconds with the same question',
    calls(40, 3, 0.3, 443),
    ['low: 10.0.0.5 called 203.0.113.9:443 every 3 s, 40 times in 2 min'],
  ],
  [
    'every three seconds with another question each time: somebody reads',
    calls(40, 3, 0.3, 443).map((event, i) => ({ ...event, bytesOut: 700 + ((i * 37) % 400) }) as SecurityEvent),
    [],
  ],
])('%s', async (_name, events, expected) => {
  const found = saidIn(await foundBy(beacon, events))
  expect(found.map((text, index) => (expected[index]?.includes(':') ? text : text.split(':')[0]))).toEqual(expected)
})

test('two sensors that see the same calls at different clocks do not spoil the rhythm', async () => {
  const seen = calls(60, 60, 0.1, 443)
  const again = seen.map(event => ({
    ...event,
    series: 'zeek|b|conn',
    time: ((event.time ?? 0) + 17_300_000) as typeof event.time,
  }))
  const [found] = await foundBy(beacon, [...seen, ...again] as SecurityEvent[])
  expect(found?.count).toBe(60)
})

test('connections at random times are no beacon: 200 simulated series', async () => {
  const random = chance(7)
  const events = times(200, series => {
    let time = 0
    return times(20 + (series % 100), () => {
      time += -Math.log(1 - random()) * 120
      return flow(time, `10.1.${series}.5`, `203.0.113.${series}`, 443)
    })
  }).flat()
  expect(saidIn(await foundBy(beacon, events))).toEqual([])
})

test('people who come in bursts are no beacon', async () => {
  const random = chance(9)
  let time = 0
  const events = times(300, () => {
    time += random() < 0.1 ? 300 + random() * 1200 : random() * random() * 40
    return flow(time, client, peer, 443)
  })
  expect(saidIn(await foundBy(beacon, events))).toEqual([])
})
