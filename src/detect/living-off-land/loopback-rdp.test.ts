import { expect, test } from 'vitest'
import { eventOf, saidBy } from '../../../test/record-detector.ts'
import { loopbackRdp } from './loopback-rdp.ts'

const logon = (logonType: number, srcIp: string, outcome = 'success') =>
  eventOf<'authentication'>({ kind: 'authentication', action: 'logon', outcome, logonType, srcIp, user: 'EXAMPLE\\admin' })
const flow = (image: string, srcIp: string, dstPort: number) =>
  eventOf<'network_activity'>({
    kind: 'network_activity',
    action: 'open',
    image,
    srcIp,
    dstIp: '127.0.0.1',
    srcPort: 51000,
    dstPort,
  })

test.each([
  ['log-on', logon(10, '127.0.0.1'), 'high: EXAMPLE\\admin logged on by remote desktop from 127.0.0.1'],
  ['IPv6', logon(10, '::1'), 'high: EXAMPLE\\admin logged on by remote desktop from ::1'],
  ['failure', logon(10, '127.0.0.1', 'failure'), 'high: EXAMPLE\\admin failed to log on by remote desktop from 127.0.0.1'],
  [
    'session',
    eventOf<'rdp_activity'>({ kind: 'rdp_activity', action: 'logon', user: 'EXAMPLE\\admin', srcIp: '127.0.0.1' }),
    'high: Remote desktop session of EXAMPLE\\admin from 127.0.0.1',
  ],
  [
    'connection of plink',
    flow('C:\\Users\\a\\plink.exe', '127.0.0.1', 3389),
    'high: plink.exe connected to remote desktop over 127.0.0.1',
  ],
  ['remote desktop from a colleague', logon(10, '10.0.0.9'), ''],
  ['user account control asks for a password', logon(2, '::1'), ''],
  ['a network log-on to itself', logon(3, '127.0.0.1'), ''],
  ['somebody tests the listener', flow('C:\\Windows\\System32\\mstsc.exe', '127.0.0.1', 3389), ''],
  ['another port on loopback', flow('C:\\Windows\\System32\\svchost.exe', '127.0.0.1', 135), ''],
  ['remote desktop from elsewhere', flow('C:\\Windows\\System32\\svchost.exe', '10.0.0.9', 3389), ''],
])('%s', (_name, event, said) => {
  expect(saidBy(loopbackRdp, event)).toBe(said)
})
