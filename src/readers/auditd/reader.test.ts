import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { decodedHex } from './parse.ts'
import { reader } from './reader.ts'

const stamp = (serial: number) => `msg=audit(1692077665.120:${serial}):`
const call = (serial: number, rest: string) =>
  `type=SYSCALL ${stamp(serial)} arch=c000003e success=yes exit=0 auid=4294967295 gid=33 ses=4294967295 tty=(none) ${rest}`
const CURL = '2F62696E2F7368202D63206375726C'

const EXECUTION = [
  call(
    900,
    'syscall=257 a0=ffffff9c a1=0 a2=0 items=1 ppid=1 pid=700 uid=33 euid=33 comm="apache2" exe="/usr/sbin/apache2" key=(null)',
  ),
  call(
    901,
    'syscall=59 a0=55d a1=55e a2=55f a3=8 items=2 ppid=700 pid=701 uid=33 euid=33 comm="sh" exe="/usr/bin/dash" key="exec"',
  ),
  `type=EXECVE ${stamp(901)} argc=3 a0="sh" a1="-c" a2=${Buffer.from('id; uname -a').toString('hex').toUpperCase()}`,
  // Another event lies between the records of this one.
  `type=SERVICE_START ${stamp(902)} pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=ssh comm="systemd" exe="/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'`,
  `type=CWD ${stamp(901)} cwd="/var/www/html"`,
  `type=PATH ${stamp(901)} item=0 name="/bin/sh" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
  `type=PROCTITLE ${stamp(901)} proctitle=7368002D630069643B`,
  `type=EOE ${stamp(901)}`,
].join('\n')

test('records of one event are joined by their serial, words decoded, the parent told from earlier records', () => {
  const { events, diagnostics } = readText(reader, EXECUTION, { path: 'audit.log', facts: { host: 'WEB01' } })
  expect(diagnostics).toEqual([])
  const start = events.find(event => event.kind === 'process_activity')
  expect(columnsOf(start)).toEqual({
    kind: 'process_activity',
    action: 'start',
    image: '/usr/bin/dash',
    commandLine: 'sh -c "id; uname -a"',
    pid: 701,
    parentPid: 700,
    parentImage: '/usr/sbin/apache2',
    user: 'www-data',
    currentDirectory: '/var/www/html',
  })
  expect([start?.host, start?.product, start?.code, start?.source.record]).toEqual(['web01', 'auditd', 'EXECVE', 2])
  expect(start?.original.get('a2')).toBe('id; uname -a')
  expect(start?.original.get('type')).toBe('EXECVE')
  expect(start?.time && isoFromMicros(start.time)).toBe('2023-08-15T05:34:25.120000Z')
  expect(events.map(({ kind }) => kind).toSorted()).toEqual(['other_activity', 'process_activity', 'service_activity'])
})

const pam = (type: string, message: string, more = '') =>
  `node=gw01 type=${type} ${stamp(7)} pid=9 uid=0 auid=1000 ses=5 msg='${message}'${more}`

test.each<[string, string, Record<string, unknown>]>([
  [
    'log-in',
    pam('USER_LOGIN', 'op=login acct="ora" exe="/usr/sbin/sshd" hostname=203.0.113.9 addr=203.0.113.9 terminal=ssh res=failed'),
    {
      kind: 'authentication',
      action: 'logon',
      outcome: 'failure',
      user: 'ora',
      srcIp: '203.0.113.9',
      process: '/usr/sbin/sshd',
      protocol: 'ssh',
      logonId: '5',
    },
  ],
  [
    'sudo command, encoded',
    pam('USER_CMD', `cwd="/root" cmd=${CURL} exe="/usr/bin/sudo" terminal=pts/0 res=success`, '\u001dUID="root" AUID="ora"'),
    {
      kind: 'process_activity',
      action: 'start',
      image: '/bin/sh',
      commandLine: '/bin/sh -c curl',
      pid: 9,
      parentImage: 'sudo',
      user: 'ora',
      currentDirectory: '/root',
    },
  ],
  [
    'sudo refused',
    pam('USER_CMD', 'cwd="/root" cmd="id" exe="/usr/bin/sudo" terminal=pts/0 res=failed'),
    {
      kind: 'authentication',
      action: 'privileges',
      outcome: 'failure',
      user: '1000',
      protocol: 'sudo',
      process: '/usr/bin/sudo',
      reason: 'sudo refused id',
    },
  ],
  [
    'account made',
    pam('ADD_USER', 'op=add-user acct="svc2" exe="/usr/sbin/useradd" hostname=? addr=? terminal=pts/0 res=success'),
    { kind: 'account_change', action: 'create', user: '1000', targetUser: 'svc2', process: '/usr/sbin/useradd' },
  ],
  [
    'member of a group',
    pam('USER_MGMT', 'op=add-user-to-group grp="sudo" acct="svc2" exe="/usr/sbin/usermod" res=success'),
    {
      kind: 'account_change',
      action: 'group-add',
      user: '1000',
      targetUser: 'svc2',
      group: 'sudo',
      process: '/usr/sbin/usermod',
    },
  ],
  [
    'auditing switched off',
    `node=gw01 type=CONFIG_CHANGE ${stamp(7)} audit_enabled=0 old=1 auid=0 ses=3 res=1`,
    {
      kind: 'log_activity',
      action: 'stopped',
      log: 'audit',
      user: 'root',
      detail: 'auditing was switched off (audit_enabled=0)',
    },
  ],
  [
    'keys pressed',
    `node=gw01 type=TTY ${stamp(7)} tty pid=9 uid=0 auid=0 ses=3 major=136 minor=0 comm="bash" data=69640D`,
    { kind: 'script_activity', engine: 'tty', text: 'id\r', user: 'root', pid: 9 },
  ],
  [
    'a time a person can read (ausearch -i)',
    'node=gw01 type=SERVICE_STOP msg=audit(08/15/2023 05:34:25.120:7) : pid=1 uid=root auid=unset ses=unset msg=\'unit=auditd comm="systemd" res=success\'',
    { kind: 'service_activity', action: 'stop', name: 'auditd', user: 'root' },
  ],
])('%s', (_name, line, columns) => {
  const { events, diagnostics } = readText(reader, line)
  expect(diagnostics).toEqual([])
  expect(events.map(event => [event.host, columnsOf(event)])).toEqual([['gw01', columns]])
  expect(events[0]?.time && isoFromMicros(events[0].time)).toBe('2023-08-15T05:34:25.120000Z')
})

test('a connection and a written file', () => {
  const text = [
    call(1, 'syscall=42 a0=3 items=0 ppid=1 pid=5 uid=0 euid=0 comm="nc" exe="/usr/bin/nc" key="net"'),
    `type=SOCKADDR ${stamp(1)} saddr=020001BBCB0071090000000000000000`,
    call(2, 'syscall=257 a0=ffffff9c a1=7f a2=441 items=2 ppid=1 pid=5 uid=0 euid=0 comm="tee" exe="/usr/bin/tee" key="ssh"'),
    `type=CWD ${stamp(2)} cwd="/root"`,
    `type=PATH ${stamp(2)} item=0 name=".ssh/" nametype=PARENT`,
    `type=PATH ${stamp(2)} item=1 name=".ssh/authorized_keys" nametype=NORMAL`,
  ].join('\n')
  expect(readText(reader, text).events.map(columnsOf)).toEqual([
    {
      kind: 'network_activity',
      action: 'open',
      dstIp: '203.0.113.9',
      dstPort: 443,
      image: '/usr/bin/nc',
      pid: 5,
      user: 'root',
      initiatorKnown: true,
    },
    { kind: 'file_activity', action: 'write', path: '/root/.ssh/authorized_keys', image: '/usr/bin/tee', pid: 5, user: 'root' },
  ])
})

test('what is no audit record is said', () => {
  const { events, diagnostics } = readText(reader, 'msg=audit(1.2:3): no type\ntype=SHORT msg=audit(1337845201): x=1\n')
  expect(diagnostics.map(({ code }) => code)).toEqual(['auditd/unreadable-line'])
  expect(events).toHaveLength(1)
})

test('hexadecimal', () => {
  expect([decodedHex('2F62696E'), decodedHex('7368002D63'), decodedHex('ABC'), decodedHex('ls')]).toEqual([
    '/bin',
    'sh -c',
    'ABC',
    'ls',
  ])
})

test('recognised whatever the name; nothing else is', () => {
  expect(reader.recognise(textSample(EXECUTION, 'x'))).toBe(96)
  expect(reader.recognise(textSample('Aug 15 05:34:25 gw01 sshd[7]: hello'))).toBe(0)
})

const folder = sharedData('log-formats', 'auditd')
test.skipIf(folder === undefined)('real logs: every record belongs to an event, none is unreadable', () => {
  for (const name of readdirSync(folder ?? '').filter(file => file.endsWith('.log'))) {
    // One line has no stamp at all ("msg=?").
    const text = readFileSync(join(folder ?? '', name), 'utf8').replace(/^type=\S+ msg=\?$/m, '')
    const { events, diagnostics } = readText(reader, text, { path: name })
    expect([name, diagnostics.filter(({ level }) => level !== 'note')]).toEqual([name, []])
    const serials = new Set([...text.matchAll(/msg=audit\(([^)]*)\)/g)].map(match => match[1]))
    expect([name, events.length >= serials.size]).toEqual([name, true])
  }
})

test('random text and mutated records never throw', () => {
  const lines = EXECUTION.split('\n')
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom(...lines)), { maxLength: 12 }),
      fc.nat(300),
      fc.string({ maxLength: 5 }),
      (some, at, noise) => {
        const text = some.map(line => line.slice(0, at) + noise + line.slice(at)).join('\n')
        expect(readText(reader, text).events.length).toBeLessThanOrEqual(some.length * 2 + 2)
      },
    ),
    { numRuns: 200 },
  )
})
