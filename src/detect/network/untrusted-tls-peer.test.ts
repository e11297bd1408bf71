import { expect, test } from 'vitest'
import { times, tls } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { untrustedTlsPeer } from './untrusted-tls-peer.ts'

const client = '10.0.0.5'
const forged = {
  validation: 'self signed certificate',
  subject: 'CN=group.example.com,O=Group',
  issuer: 'CN=group.example.com,O=Group',
}
const delivered = { validation: 'self signed certificate', subject: 'CN=appliance', issuer: 'CN=appliance' }
const visits = (count: number, dst: string, port: number, fields: object) => times(count, i => tls(i, client, dst, port, fields))

test.each([
  [
    'a false public name inside, on a port of its own',
    visits(30, '10.0.9.4', 8443, { ...forged, serverName: '10.0.9.4' }),
    ['medium: 10.0.0.5 made 30 TLS sessions with 10.0.9.4:8443, which nobody vouches for'],
  ],
  [
    'the same outside',
    visits(2, '203.0.113.9', 8443, forged),
    ['high: 10.0.0.5 made 2 TLS sessions with 203.0.113.9:8443, which nobody vouches for'],
  ],
  [
    'outside without a false name',
    visits(2, '203.0.113.9', 8443, delivered),
    ['medium: 10.0.0.5 made 2 TLS sessions with 203.0.113.9:8443, which nobody vouches for'],
  ],
  [
    'an appliance inside, by address',
    visits(30, '10.0.9.4', 8443, { ...delivered, serverName: '10.0.9.4' }),
    ['low: 10.0.0.5 made 30 TLS sessions with 10.0.9.4:8443, which nobody vouches for'],
  ],
  [
    'an inside name in the certificate is no false one',
    visits(30, '10.0.9.4', 8443, { validation: 'self signed certificate', subject: 'CN=nas.corp.local' }),
    ['low: 10.0.0.5 made 30 TLS sessions with 10.0.9.4:8443, which nobody vouches for'],
  ],
  ['a server that is asked for by name', visits(5, '10.0.9.4', 443, { ...delivered, serverName: 'wiki.example' }), []],
  [
    'a certificate somebody vouches for',
    visits(30, '203.0.113.9', 8443, { validation: 'ok', subject: 'CN=a.example', issuer: 'CN=b' }),
    [],
  ],
  ['remote desktop brings its own', visits(30, '10.0.9.4', 3389, forged), []],
  [
    'many clients',
    times(6, host => tls(host, `10.0.0.${host + 1}`, '10.0.9.4', 8443, forged)).flatMap(event => [event, event]),
    [],
  ],
  ['sessions that never came about', visits(30, '203.0.113.9', 8443, { ...forged, established: false }), []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(untrustedTlsPeer, events))).toEqual(expected)
})

test('a certificate logged apart from its session is joined by fingerprint', async () => {
  const events = [
    ...visits(3, '203.0.113.9', 8443, { fingerprint: 'f1', validation: '' }),
    tls(0, '', '', 0, { fingerprint: 'f1', subject: 'CN=group.example.com', issuer: 'CN=group.example.com' }),
  ]
  expect((await foundBy(untrustedTlsPeer, events)).map(({ severity, evidenceTotal }) => [severity, evidenceTotal])).toEqual([
    ['high', 3],
  ])
})
