import { expect, test } from 'vitest'
import { at } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { reader as assets } from '../../readers/assets/reader.ts'
import { sameProcess } from './same-process.ts'

const OWN = '10.0.0.8'
const CLIENT = '198.51.100.7'
const TARGET = '10.0.0.5'

interface Way {
  readonly image?: string
  readonly client?: string
  readonly target?: string
  readonly port?: number
  readonly door?: number
  readonly guid?: string
}

/** What Sysmon 3 records of one program: a connection it accepted, and one it opened so many seconds later. */
const pair = (second: number, lag: number, way: Way = {}): readonly SecurityEvent[] => {
  const { image = 'C:\\ProgramData\\x.exe', client = CLIENT, target = TARGET, port = 3389, door = 8443, guid = '{1}' } = way
  const facts = { host: 'web01.example', product: 'sysmon' }
  const common = { action: 'open', protocol: 'tcp', image, processGuid: guid, pid: 77, initiatorKnown: true } as const
  return [
    at(
      'network_activity',
      second,
      { ...common, srcIp: client, srcPort: 40_000, dstIp: OWN, dstPort: door },
      facts,
    ) as SecurityEvent,
    at(
      'network_activity',
      second + lag,
      { ...common, srcIp: OWN, srcPort: 50_000, dstIp: target, dstPort: port },
      facts,
    ) as SecurityEvent,
  ]
}
/** What auditd records: the other side only. */
const audited = (second: number, lag: number): readonly SecurityEvent[] => {
  const common = { action: 'open', image: '/usr/bin/socat', pid: 4711, user: 'root', initiatorKnown: true } as const
  const facts = { host: 'gw01', product: 'auditd' }
  return [
    at('network_activity', second, { ...common, srcIp: CLIENT, srcPort: 40_000 }, facts) as SecurityEvent,
    at('network_activity', second + lag, { ...common, dstIp: TARGET, dstPort: 22 }, facts) as SecurityEvent,
  ]
}
const listed = (role: string) => readText(assets, `id,ip,role\nweb01,${OWN},${role}\n`, { path: 'assets.csv' }).events

test.each<[string, readonly SecurityEvent[], readonly string[]]>([
  [
    'a program that nobody knows',
    pair(0, 0.1),
    ['high: x.exe on web01.example passed a connection of 198.51.100.7 on to 10.0.0.5:3389'],
  ],
  ['audit records of Linux', audited(0, 0.1), ['high: socat on gw01 passed a connection of 198.51.100.7 on to 10.0.0.5:22']],
  [
    'inside, to a web page',
    [...pair(0, 0.1, { client: '10.0.0.9', port: 8080 }), ...pair(60, 0.1, { client: '10.0.0.9', port: 8080 })],
    ['medium: x.exe on web01.example passed 2 connections of 10.0.0.9 on to 10.0.0.5:8080'],
  ],
  [
    'a web server that opens remote desktop while it answers',
    pair(0, 0.1, { image: 'C:\\Windows\\System32\\inetsrv\\w3wp.exe', door: 443 }),
    ['high: w3wp.exe on web01.example passed a connection of 198.51.100.7 on to 10.0.0.5:3389'],
  ],
  [
    'the reverse proxy of one’s own web site',
    [1, 2, 3, 4, 5, 6].flatMap(i =>
      pair(i * 60, 0.01, { image: '/usr/sbin/nginx', client: `198.51.100.${i}`, door: 443, port: 8080 }),
    ),
    [],
  ],
  [
    'a load balancer',
    [1, 2, 3, 4, 5, 6].flatMap(i =>
      pair(i * 60, 0.01, { client: `198.51.100.${i}`, target: `10.0.0.${i % 2}5`, door: 443, port: 443 }),
    ),
    ['informational: x.exe on web01.example passed 6 connections of 6 addresses on to 2 places'],
  ],
  [
    'a jump host of the asset list',
    [...listed('jump host'), ...pair(0, 0.1)],
    ['informational: x.exe on web01.example passed a connection of 198.51.100.7 on to 10.0.0.5:3389'],
  ],
  [
    'a server of another role in the asset list',
    [...listed('web server'), ...pair(0, 0.1)],
    ['high: x.exe on web01.example passed a connection of 198.51.100.7 on to 10.0.0.5:3389'],
  ],
  ['the services of Windows', pair(0, 0.1, { image: 'C:\\Windows\\System32\\svchost.exe' }), []],
  ['two runs of one program', [pair(0, 0.1)[0], pair(0, 0.1, { guid: '{2}' })[1]].filter(event => event !== undefined), []],
  ['a long time after', pair(0, 60), []],
  [
    'a server that calls somebody now and then',
    [...pair(0, 0.1), ...[1, 2, 3, 4].flatMap(i => pair(i * 60, 0.1).slice(0, 1))],
    [],
  ],
  ['it answers the one who asked', pair(0, 0.1, { target: CLIENT }), []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(sameProcess, events))).toEqual(expected)
})

test('a program of its own proves the hop, a web server does not say for whom it was', async () => {
  const [plain] = await foundBy(sameProcess, pair(0, 0.1))
  expect(plain?.hops).toMatchObject([
    { from: CLIENT, via: OWN, viaPort: 8443, to: TARGET, toPort: 3389, grade: 'proven', count: 1 },
  ])
  const [web] = await foundBy(sameProcess, pair(0, 0.1, { image: 'C:\\w3wp.exe' }))
  expect(web?.hops).toMatchObject([{ from: CLIENT, to: TARGET, grade: 'consistent' }])
})
