import { expect, test } from 'vitest'
import { at } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { readText } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { reader as assets } from '../../readers/assets/reader.ts'
import { reader as syslog } from '../../readers/syslog/reader.ts'
import { sessionOnward } from './session-onward.ts'

const CLIENT = '198.51.100.7'
const facts = { host: 'gw01', product: 'auditd' }

const login = (second: number, options: { user?: string; client?: string; session?: string; outcome?: string } = {}) =>
  at(
    'authentication',
    second,
    {
      action: 'logon',
      outcome: options.outcome ?? 'success',
      user: options.user ?? 'ora',
      srcIp: options.client ?? CLIENT,
      protocol: 'publickey',
      process: 'sshd',
      logonId: options.session ?? '',
    },
    { host: 'gw01', product: 'sshd' },
  ) as SecurityEvent
const logout = (second: number, session: string) =>
  at(
    'authentication',
    second,
    { action: 'logoff', user: 'ora', process: 'sshd', logonId: session },
    { host: 'gw01', product: 'sshd' },
  ) as SecurityEvent
/** What auditd records of a connection. */
const connects = (second: number, image: string, target: string, port: number, user = 'ora') =>
  at(
    'network_activity',
    second,
    { action: 'open', image, dstIp: target, dstPort: port, user, pid: 99, initiatorKnown: true },
    facts,
  ) as SecurityEvent
const runs = (second: number, commandLine: string, session = '') =>
  at(
    'process_activity',
    second,
    { action: 'start', image: '/usr/bin/ssh', commandLine, user: 'ora', logonId: session },
    facts,
  ) as SecurityEvent
const listed = readText(assets, 'id,names,ip,role\njump01,gw01,10.0.0.8,jump host\n', { path: 'assets.csv' }).events

const WENT = 'low: ora came from 198.51.100.7 to gw01 by SSH and went on to 10.0.0.5:22'
const CARRIED = 'medium: ora came from 198.51.100.7 to gw01 by SSH, and the session carried a connection on to 10.0.0.5:3389'

test.each<[string, readonly SecurityEvent[], readonly string[]]>([
  ['logged in and gone on by SSH', [login(0), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)], [WENT]],
  ['the command alone', [login(0), runs(60, 'ssh -p 2222 root@10.0.0.5')], [WENT.replace(':22', '')]],
  [
    'ssh -L or -D: the server of SSH connects for the account',
    [login(0), connects(60, '/usr/sbin/sshd', '10.0.0.5', 3389)],
    [CARRIED],
  ],
  [
    'from inside, an administrator',
    [login(0, { client: '10.0.0.9' }), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)],
    [WENT.replace('low', 'informational').replace(CLIENT, '10.0.0.9')],
  ],
  [
    'a jump host of the asset list',
    [...listed, login(0), connects(60, '/usr/sbin/sshd', '10.0.0.5', 3389)],
    [CARRIED.replace('medium', 'informational')],
  ],
  [
    'a machine from which many others are administered',
    [login(0), ...[1, 2, 3, 4, 5].map(i => connects(60, '/usr/bin/ssh', `10.0.0.${i}`, 22))],
    ['informational: ora came from 198.51.100.7 to gw01 by SSH and went on to 5 places'],
  ],
  ['before anybody came', [connects(0, '/usr/bin/ssh', '10.0.0.5', 22), login(60)], []],
  ['after they had left', [login(0, { session: '7' }), logout(30, '7'), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)], []],
  ['a log-on that failed', [login(0, { outcome: 'failure' }), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)], []],
  ['another account', [login(0), connects(60, '/usr/bin/ssh', '10.0.0.5', 22, 'backup')], []],
  [
    'a job of the account that runs by itself as well',
    [connects(-86_400, '/usr/bin/ssh', '10.0.0.5', 22), login(0), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)],
    [],
  ],
  [
    'name service and a web page',
    [login(0), connects(60, '/usr/sbin/sshd', '10.0.0.2', 53), connects(61, '/usr/bin/curl', '10.0.0.5', 443)],
    [],
  ],
  ['back to where they came from', [login(0), connects(60, '/usr/bin/ssh', CLIENT, 22)], []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(sessionOnward, events))).toEqual(expected)
})

const gradeOf = async (events: readonly SecurityEvent[]) =>
  (await foundBy(sessionOnward, events)).flatMap(({ hops = [] }) =>
    hops.map(({ from, via, to, grade, basis }) => `${from} > ${via} > ${to}: ${grade} ${basis}`),
  )

test('one address only, or the same session: proven; several at the same time: consistent', async () => {
  expect(await gradeOf([login(0), connects(60, '/usr/bin/ssh', '10.0.0.5', 22)])).toEqual([
    '198.51.100.7 > gw01 > 10.0.0.5: proven by its own records: the account went on while it was logged in, and it was logged in from this address only',
  ])
  const two = [login(0, { session: '7' }), login(1, { client: '203.0.113.9', session: '8' })]
  expect(await gradeOf([...two, runs(60, 'ssh root@10.0.0.5', '8')])).toEqual([
    '203.0.113.9 > gw01 > 10.0.0.5: proven by its own records of one session: the account went on while it was logged in',
  ])
  expect((await gradeOf([...two, connects(60, '/usr/bin/ssh', '10.0.0.5', 22)])).map(text => text.split(' by its')[0])).toEqual([
    '198.51.100.7 > gw01 > 10.0.0.5: consistent',
    '203.0.113.9 > gw01 > 10.0.0.5: consistent',
  ])
})

test('the log of sshd says itself what it was asked to forward', async () => {
  const log = `2024-01-02T08:00:00+00:00 gw01 sshd[7]: Accepted publickey for ora from 198.51.100.7 port 40000 ssh2: ED25519 SHA256:x
2024-01-02T08:00:05+00:00 gw01 sshd[9]: debug1: server_request_direct_tcpip: originator 127.0.0.1 port 50000, target 10.0.0.5 port 3389
2024-01-02T08:00:06+00:00 gw01 sshd[9]: error: connect_to 10.0.0.6 port 3389: failed.
2024-01-02T08:00:07+00:00 gw01 sshd[9]: Received request to connect to host 10.0.0.7 port 22, but the request was denied.
2024-01-02T08:00:08+00:00 gw01 sshd[7]: pam_unix(sshd:session): session closed for user ora
`
  const { events } = readText(syslog, log, { path: 'auth.log' })
  expect(
    events.flatMap(event =>
      event.kind === 'tunnel_activity' ? `${event.action} ${event.target}:${event.targetPort} ${event.reason ?? ''}` : [],
    ),
  ).toEqual(['seen 10.0.0.5:3389 ', 'failure 10.0.0.6:3389 failed.', 'failure 10.0.0.7:22 denied'])
  expect(saidIn(await foundBy(sessionOnward, events))).toEqual([CARRIED])
})
