import { expect, test } from 'vitest'
import { at, flow, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import type { Reader, SecurityEvent } from '../../model/index.ts'
import { reader as natTable } from '../../readers/nat-table/reader.ts'
import { readers as proxyLogs } from '../../readers/proxy-log/reader.ts'
import { provenHop } from './proven-hop.ts'

const [haproxy, squid] = ['haproxy', 'squid'].map(name => {
  const found = proxyLogs.find(({ format }) => format === name)
  if (!found) throw new Error(`no reader ${name}`)
  return found
}) as [Reader, Reader]
const proxy = '10.0.0.238'
const asked = (seconds: number, host: string, fields: object = {}) =>
  at('http_activity', seconds, {
    clientIp: '10.0.0.111',
    serverIp: proxy,
    serverPort: 3128,
    method: 'CONNECT',
    path: `${host}:443`,
    virtualHost: `${host}:443`,
    status: 200,
    ...fields,
  }) as SecurityEvent
const socks = (client: string, server: string) => [
  flow(1, client, server, 1080, { uid: 'C1' }),
  at('tunnel_activity', 1, {
    action: 'seen',
    protocol: 'socks',
    srcIp: client,
    dstIp: server,
    target: '203.0.113.9',
    targetPort: 443,
    uid: 'C1',
  }) as SecurityEvent,
]
const nat = (client: string, port: number) => flow(1, client, '192.0.2.1', 4433, { natDstIp: '10.0.0.20', natDstPort: port })

test.each([
  [
    'the office proxy, told by what it is asked',
    times(4, i => asked(i, 'www.example')),
    ['informational: 10.0.0.238:3128 is a proxy and carried 4 connections of 10.0.0.111 on to www.example:443'],
  ],
  [
    'a request with a whole address',
    times(3, i => asked(i, 'a.example', { method: 'GET', path: 'http://a.example/x', virtualHost: 'a.example' })),
    ['informational: 10.0.0.238:3128 is a proxy and carried 3 connections of 10.0.0.111 on to a.example:80'],
  ],
  ['somebody tries whether a server is an open proxy', times(3, i => asked(i, 'a.example', { status: 405 })), []],
  ['ordinary requests', times(9, i => asked(i, 'a.example', { method: 'GET', path: '/x', virtualHost: 'a.example' })), []],
  [
    'SOCKS inside',
    socks('10.0.0.5', '10.0.0.6'),
    ['informational: 10.0.0.6:1080 was asked by SOCKS to carry a connection of 10.0.0.5 on to 203.0.113.9:443'],
  ],
  [
    'SOCKS that somebody outside uses',
    socks('198.51.100.7', '10.0.0.6'),
    ['high: 10.0.0.6:1080 was asked by SOCKS to carry a connection of 198.51.100.7 on to 203.0.113.9:443'],
  ],
  [
    'a firewall forwards remote desktop for one address',
    [nat('198.51.100.7', 3389)],
    ['low: 192.0.2.1:4433 forwarded a connection of 198.51.100.7 on to 10.0.0.20:3389'],
  ],
  [
    'a published web server',
    times(9, i => nat(`198.51.100.${i + 1}`, 443)),
    ['informational: 192.0.2.1:4433 forwarded 9 connections of 9 addresses on to 10.0.0.20:443'],
  ],
  [
    'the same over UDP',
    [flow(1, '198.51.100.7', '192.0.2.1', 1195, { natDstIp: '10.0.0.20', natDstPort: 1194, protocol: 'udp' })],
    ['informational: 192.0.2.1:1195 forwarded a connection of 198.51.100.7 on to 10.0.0.20:1194'],
  ],
  [
    'the same with the source translated as well',
    [
      flow(1, '198.51.100.7', '192.0.2.1', 4433, {
        natDstIp: '10.0.0.20',
        natDstPort: 3389,
        natSrcIp: '10.0.0.1',
        natSrcPort: 4000,
      }),
    ],
    ['low: 192.0.2.1:4433 forwarded a connection of 198.51.100.7 on to 10.0.0.20:3389'],
  ],
  [
    'the log of Squid',
    readText(
      squid,
      '1704182400.123     50 10.0.0.111 TCP_TUNNEL/200 3900 CONNECT www.example:443 - HIER_DIRECT/203.0.113.9 -\n',
      {
        path: 'access.log',
        facts: { host: 'proxy01' },
      },
    ).events,
    ['informational: proxy01 is a proxy and carried a connection of 10.0.0.111 on to www.example:443'],
  ],
  [
    'the log of HAProxy',
    readText(
      haproxy,
      'Jan  2 08:00:00 lb01 haproxy[7]: 198.51.100.7:40000 [02/Jan/2024:08:00:00.100] front back/web1 0/0/5007 212 -- 1/1/1/1/0 0/0\n',
      { path: 'haproxy.log', facts: { year: 2024 } },
    ).events,
    ['informational: lb01 passed a connection of 198.51.100.7 on to web1'],
  ],
  ['source translation of the office is no forwarding', [flow(1, '10.0.0.5', '203.0.113.9', 443, { natSrcIp: '192.0.2.1' })], []],
  [
    'the port proxy of Windows',
    [
      at(
        'registry_activity',
        1,
        {
          action: 'set-value',
          key: 'HKLM\\System\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp\\0.0.0.0/9999',
          value: '10.0.0.20/3389',
        },
        { host: 'web01.example' },
      ) as SecurityEvent,
    ],
    ['informational: Port 9999 of web01.example is forwarded to 10.0.0.20:3389'],
  ],
  [
    'the table of a firewall, printed: one connection led in, one of the office',
    readText(
      natTable,
      'fw01 # get system session list\nPROTO   EXPIRE SOURCE           SOURCE-NAT       DESTINATION      DESTINATION-NAT\ntcp     3585   198.51.100.7:51122 -              192.0.2.1:8443   10.0.0.9:3389\ntcp     3599   10.0.0.5:50112   192.0.2.1:50112  203.0.113.9:443  -\n',
    ).events,
    ['low: 192.0.2.1:8443 forwarded a connection of 198.51.100.7 on to 10.0.0.9:3389'],
  ],
  [
    'a table that does not say who opened the connection',
    readText(
      natTable,
      'Pro Inside global      Inside local       Outside local      Outside global\ntcp 192.0.2.1:25       10.0.0.6:25        198.51.100.8:41000 198.51.100.8:41000\n',
    ).events,
    [],
  ],
  [
    'and with a static row of the same port, that does',
    readText(
      natTable,
      'Pro Inside global      Inside local       Outside local      Outside global\ntcp 192.0.2.1:25       10.0.0.6:25        ---                ---\ntcp 192.0.2.1:25       10.0.0.6:25        198.51.100.8:41000 198.51.100.8:41000\n',
    ).events,
    ['informational: 192.0.2.1:25 forwarded a connection of 198.51.100.8 on to 10.0.0.6:25'],
  ],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(provenHop, events))).toEqual(expected)
})

test('a setting alone is no proof that somebody went that way', async () => {
  const [found] = await foundBy(provenHop, [
    at(
      'registry_activity',
      1,
      {
        action: 'set-value',
        key: 'HKLM\\System\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp',
        valueName: '*/9999',
        value: '10.0.0.20/3389',
      },
      { host: 'web01.example' },
    ) as SecurityEvent,
  ])
  expect(found?.hops).toMatchObject([{ via: 'web01.example', viaPort: 9999, to: '10.0.0.20', toPort: 3389, grade: 'consistent' }])
})

test('the hop names who is behind and where it goes, with its grade', async () => {
  const [found] = await foundBy(
    provenHop,
    times(4, i => asked(i, 'www.example')),
  )
  expect(found?.hops).toMatchObject([
    { from: '10.0.0.111', via: proxy, viaPort: 3128, to: 'www.example', toPort: 443, grade: 'proven', count: 4 },
  ])
})
