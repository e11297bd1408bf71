import { expect, test } from 'vitest'
import { at, flow, times } from '../../test/network-events.ts'
import { storeOf } from '../../test/set-detector.ts'
import type { SecurityEvent } from '../model/index.ts'
import { inferredNote, inferredRoles } from './inferred-roles.ts'

const EVENTS: readonly SecurityEvent[] = [
  at(
    'authentication',
    0,
    { action: 'ticket', user: 'ora' },
    { host: 'dc01', product: 'security', code: '4769' },
  ) as SecurityEvent,
  ...times(
    4,
    index =>
      at(
        'smb_activity',
        index,
        { action: 'share', share: '\\\\*\\SYSVOL', srcIp: `10.0.0.${index}` },
        { host: 'dc01', product: 'security' },
      ) as SecurityEvent,
  ),
  ...times(
    4,
    index =>
      at(
        'smb_activity',
        index,
        { action: 'share', share: '\\\\*\\work', srcIp: `10.0.0.${index}` },
        { host: 'file01', product: 'security' },
      ) as SecurityEvent,
  ),
  ...times(
    9,
    index =>
      at(
        'smb_activity',
        index,
        { action: 'share', share: '\\\\*\\C$', srcIp: `10.0.0.${index}` },
        { host: 'pc07', product: 'security' },
      ) as SecurityEvent,
  ),
  at('http_activity', 0, { clientIp: '10.0.0.9', path: '/' }, { host: 'web01', product: 'access-log' }) as SecurityEvent,
  at('http_activity', 0, { clientIp: '10.0.0.9', path: '/' }, { host: 'sensor', product: 'zeek' }) as SecurityEvent,
  at(
    'tunnel_activity',
    0,
    { action: 'up', user: 'ora', srcIp: '203.0.113.9' },
    { host: 'fw01', product: 'fortigate' },
  ) as SecurityEvent,
  at(
    'network_activity',
    0,
    { action: 'flow', srcIp: '10.0.0.9', dstIp: '10.0.0.8' },
    { host: 'fw02', product: 'asa' },
  ) as SecurityEvent,
  flow(0, '10.0.0.5', '10.20.90.10', 502, { bytesIn: 100 }),
  flow(0, '10.0.0.5', '10.20.90.11', 502, { bytesIn: 0 }),
]

test('roles are told with what they rest on; a share for administrators makes no file server, a scanned port no controller', async () => {
  const store = await storeOf(EVENTS)
  try {
    expect((await inferredRoles(store.queries)).map(({ machine, role, reason }) => `${machine}: ${role}, ${reason}`)).toEqual([
      '10.20.90.10: controller of a plant, it answered a control protocol to 1 address',
      'dc01: domain controller, it issued 1 Kerberos tickets',
      'file01: file server, 4 addresses opened its shares',
      'fw01: VPN gateway, it opened VPN sessions for 1 accounts',
      'fw02: edge firewall or router, it logged 1 connections of others',
      'web01: web server, it wrote 1 requests into its access log',
    ])
  } finally {
    store.close()
  }
})

test('the note says that roles are only inferred', () => {
  const [note] = inferredNote([{ machine: 'dc01', role: 'domain controller', reason: 'it issued 9 Kerberos tickets' }])
  expect(note?.message).toContain(
    'Roles are inferred from what machines did, and may be wrong: dc01 (domain controller: it issued 9 Kerberos tickets).',
  )
  expect(inferredNote([])[0]?.message).toContain('No role of a machine could be inferred either.')
})
