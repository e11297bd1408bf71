import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../../../test/shared-data.ts'
import { columnsOf, eventsOfKind, readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { reader } from './reader.ts'

const facts = { year: 2023 }
const line = (program: string, message: string) => `Aug 15 05:34:25 GW01.example ${program}: ${message}`
const timesOf = (text: string, item: Parameters<typeof readText>[2]) =>
  readText(reader, text, item).events.map(event => event.time && isoFromMicros(event.time))

describe('meaning', () => {
  const ssh = {
    kind: 'authentication',
    protocol: 'password',
    process: 'sshd',
    logonId: '77',
    srcIp: '203.0.113.9',
    srcPort: 5022,
  }
  const net = {
    kind: 'network_activity',
    protocol: 'tcp',
    srcIp: '203.0.113.9',
    srcPort: 5022,
    service: 'ssh',
    image: 'sshd',
    initiatorKnown: true,
  }
  const privileges = { kind: 'authentication', action: 'privileges', protocol: 'sudo' }
  test.each([
    [
      'sshd[77]',
      'Accepted password for ora from 203.0.113.9 port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'success', user: 'ora' },
    ],
    [
      'sshd[77]',
      'Accepted publickey for ora from 203.0.113.9 port 5022 ssh2: RSA SHA256:abc',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'success', user: 'ora', protocol: 'publickey' },
    ],
    [
      'sshd-session[77]',
      'Accepted keyboard-interactive/pam for ora from 2001:db8::9 port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'success', user: 'ora', protocol: 'keyboard-interactive', srcIp: '2001:db8::9' },
    ],
    [
      'sshd[77]',
      'Failed password for root from 203.0.113.9 port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'failure', user: 'root' },
    ],
    [
      'sshd[77]',
      'Failed password for invalid user  from 203.0.113.9 port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'failure', reason: 'invalid user' },
    ],
    [
      'sshd[77]',
      'Failed password for invalid user root from 192.0.2.1 port 1 ssh2 from 203.0.113.9 port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'failure', user: 'root from 192.0.2.1 port 1 ssh2', reason: 'invalid user' },
    ],
    [
      'sshd[77]',
      'Failed password for root from home.example port 5022 ssh2',
      'sshd',
      { ...ssh, action: 'logon', outcome: 'failure', user: 'root', srcIp: undefined, srcHost: 'home.example' },
    ],
    [
      'sshd[77]',
      'Invalid user admin from 203.0.113.9 port 5022',
      'sshd',
      { ...ssh, action: 'validate', outcome: 'failure', user: 'admin', protocol: 'ssh', reason: 'invalid user' },
    ],
    [
      'sshd[77]',
      'error: maximum authentication attempts exceeded for root from 203.0.113.9 port 5022 ssh2 [preauth]',
      'sshd',
      {
        ...ssh,
        action: 'validate',
        outcome: 'failure',
        user: 'root',
        protocol: 'ssh',
        reason: 'maximum authentication attempts exceeded',
      },
    ],
    [
      'sshd[77]',
      'Starting session: shell on pts/0 for ora from 203.0.113.9 port 5022 id 0',
      'sshd',
      { ...ssh, action: 'session', outcome: 'success', user: 'ora', protocol: 'ssh', reason: 'shell on pts/0' },
    ],
    [
      'sshd[77]',
      'Connection from 203.0.113.9 port 5022 on 192.0.2.2 port 22',
      'sshd',
      { ...net, action: 'open', dstIp: '192.0.2.2', dstPort: 22 },
    ],
    [
      'sshd[77]',
      'Connection closed by 203.0.113.9 port 5022 [preauth]',
      'sshd',
      { ...net, action: 'close', state: 'connection closed' },
    ],
    [
      'sshd[77]',
      'Connection reset by authenticating user root 203.0.113.9 port 5022 [preauth]',
      'sshd',
      { ...net, action: 'close', state: 'connection reset', user: 'root' },
    ],
    [
      'sshd[77]',
      'Disconnected from user ora 203.0.113.9 port 5022',
      'sshd',
      { ...net, action: 'close', state: 'disconnected', user: 'ora' },
    ],
    [
      'sshd[77]',
      'Received disconnect from 203.0.113.9 port 5022:11: disconnected by user',
      'sshd',
      {
        kind: 'other_activity',
        message: 'Received disconnect from 203.0.113.9 port 5022:11: disconnected by user',
        image: 'sshd',
        srcIp: '203.0.113.9',
      },
    ],
    [
      'sshd[77]',
      'Server listening on 0.0.0.0 port 22.',
      'sshd',
      {
        kind: 'network_activity',
        action: 'listen',
        protocol: 'tcp',
        dstIp: '0.0.0.0',
        dstPort: 22,
        service: 'ssh',
        image: 'sshd',
      },
    ],
    [
      'sshd[77]',
      'pam_unix(sshd:session): session opened for user ora(uid=1000) by (uid=0)',
      'sshd',
      { kind: 'authentication', action: 'session', outcome: 'success', user: 'ora', protocol: 'sshd' },
    ],
    [
      'sshd[77]',
      'pam_unix(sshd:session): session closed for user ora',
      'sshd',
      { kind: 'authentication', action: 'logoff', outcome: 'success', user: 'ora', protocol: 'sshd' },
    ],
    [
      'sshd(pam_unix)[77]',
      'session opened for user ora by (uid=0)',
      'sshd',
      { kind: 'authentication', action: 'session', outcome: 'success', user: 'ora', protocol: 'sshd' },
    ],
    [
      'sshd[77]',
      'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root',
      'sshd',
      { kind: 'authentication', action: 'validate', outcome: 'failure', user: 'root', protocol: 'sshd', srcIp: '203.0.113.9' },
    ],
    [
      'dropbear[77]',
      "Password auth succeeded for 'admin' from 203.0.113.9:5022",
      'sshd',
      { ...ssh, action: 'logon', outcome: 'success', user: 'admin' },
    ],
    [
      'dropbear[77]',
      "Bad password attempt for 'root' from 203.0.113.9:5022",
      'sshd',
      { ...ssh, action: 'logon', outcome: 'failure', user: 'root' },
    ],
    [
      'sudo',
      '     ora : TTY=pts/0 ; PWD=/home/ora ; USER=root ; COMMAND=/bin/ls -l ; id',
      'sudo',
      {
        kind: 'process_activity',
        action: 'start',
        image: '/bin/ls',
        commandLine: '/bin/ls -l ; id',
        parentImage: 'sudo',
        user: 'ora',
        currentDirectory: '/home/ora',
      },
    ],
    [
      'sudo',
      'ora : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su',
      'sudo',
      {
        ...privileges,
        outcome: 'failure',
        user: 'root',
        subjectUser: 'ora',
        process: '/bin/su',
        reason: '3 incorrect password attempts',
      },
    ],
    [
      'sudo',
      'ora : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/su',
      'sudo',
      { ...privileges, outcome: 'failure', user: 'root', subjectUser: 'ora', process: '/bin/su', reason: 'user NOT in sudoers' },
    ],
    [
      'sudo',
      'pam_unix(sudo:session): session opened for user root(uid=0) by ora(uid=1000)',
      'sudo',
      { ...privileges, outcome: 'success', user: 'root', subjectUser: 'ora' },
    ],
    [
      'su[9]',
      '(to root) ora on pts/0',
      'su',
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'success',
        user: 'root',
        subjectUser: 'ora',
        protocol: 'su',
        process: 'su',
      },
    ],
    [
      'su[9]',
      'FAILED SU (to root) ora on pts/0',
      'su',
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'failure',
        user: 'root',
        subjectUser: 'ora',
        protocol: 'su',
        process: 'su',
      },
    ],
    [
      'su[9]',
      'Successful su for root by ora',
      'su',
      {
        kind: 'authentication',
        action: 'logon',
        outcome: 'success',
        user: 'root',
        subjectUser: 'ora',
        protocol: 'su',
        process: 'su',
      },
    ],
    [
      'CRON[9]',
      '(root) CMD (cd / && run-parts --report /etc/cron.hourly)',
      'cron',
      { kind: 'scheduled_job_activity', action: 'run', command: 'cd / && run-parts --report /etc/cron.hourly', account: 'root' },
    ],
    [
      'CROND[9]',
      '(ora) CMD ( (sleep 1; id) )',
      'cron',
      { kind: 'scheduled_job_activity', action: 'run', command: '(sleep 1; id)', account: 'ora' },
    ],
    [
      'crontab[9]',
      '(ora) REPLACE (ora)',
      'cron',
      { kind: 'scheduled_job_activity', action: 'update', name: 'crontab ora', user: 'ora', account: 'ora' },
    ],
    [
      'useradd[9]',
      'new user: name=svc, UID=1001, GID=1001, home=/home/svc, shell=/bin/bash, from=/dev/pts/0',
      'syslog',
      { kind: 'account_change', action: 'create', targetUser: 'svc', process: 'useradd' },
    ],
    [
      'usermod[9]',
      "add 'svc' to group 'sudo'",
      'syslog',
      { kind: 'account_change', action: 'group-add', targetUser: 'svc', group: 'sudo', process: 'usermod' },
    ],
    [
      'gpasswd[9]',
      'user svc added by root to group wheel',
      'syslog',
      { kind: 'account_change', action: 'group-add', targetUser: 'svc', group: 'wheel', user: 'root', process: 'gpasswd' },
    ],
    [
      'passwd[9]',
      'pam_unix(passwd:chauthtok): password changed for svc',
      'syslog',
      { kind: 'account_change', action: 'password-reset', targetUser: 'svc', process: 'passwd' },
    ],
    [
      'passwd[9]',
      "password for 'svc' changed by 'root'",
      'syslog',
      { kind: 'account_change', action: 'password-reset', targetUser: 'svc', user: 'root', process: 'passwd' },
    ],
    [
      'userdel[9]',
      "delete user 'svc'",
      'syslog',
      { kind: 'account_change', action: 'delete', targetUser: 'svc', process: 'userdel' },
    ],
    [
      'usermod[9]',
      "lock user 'svc' password",
      'syslog',
      { kind: 'account_change', action: 'disable', targetUser: 'svc', process: 'usermod' },
    ],
    [
      'systemd[1]',
      'Started ssh.service - OpenBSD Secure Shell server.',
      'syslog',
      { kind: 'service_activity', action: 'start', name: 'ssh.service' },
    ],
    ['systemd[1]', 'Stopped Rotate log files.', 'syslog', { kind: 'service_activity', action: 'stop', name: 'Rotate log files' }],
    [
      'systemd[1]',
      'nginx.service: Main process exited, code=killed, status=9/KILL',
      'syslog',
      { kind: 'service_activity', action: 'crash', name: 'nginx.service' },
    ],
    [
      'systemd-logind[1]',
      'New session 12 of user ora.',
      'syslog',
      { kind: 'authentication', action: 'session', outcome: 'success', user: 'ora', logonId: '12', protocol: 'logind' },
    ],
    [
      'rsyslogd',
      '[origin software="rsyslogd" swVersion="8.33.1"] exiting on signal 15.',
      'syslog',
      {
        kind: 'log_activity',
        action: 'stopped',
        log: 'rsyslogd',
        detail: '[origin software="rsyslogd" swVersion="8.33.1"] exiting on signal 15.',
      },
    ],
    ['kernel', '[997.39] sda2: rw=0', 'syslog', { kind: 'other_activity', message: '[997.39] sda2: rw=0', image: 'kernel' }],
  ])('%s: %s', (program, message, product, expected) => {
    const { events, diagnostics } = readText(reader, line(program, message), { facts })
    expect(diagnostics).toEqual([])
    expect(events.map(event => [event.product, columnsOf(event)])).toEqual([
      [product, Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined))],
    ])
    expect(events[0]?.host).toBe('gw01.example')
  })

  test('repeated messages are as many records, all at their line', () => {
    const { events } = readText(
      reader,
      [
        line('sshd[7]', 'message repeated 3 times: [ Failed password for root from 203.0.113.9 port 5022 ssh2]'),
        line('sshd[7]', 'Failed password for ora from 203.0.113.9 port 5022 ssh2'),
        line('sshd[7]', 'last message repeated 2 times'),
      ].join('\n'),
      { facts },
    )
    expect(eventsOfKind(events, 'authentication').map(({ user, source }) => [user, source.record])).toEqual([
      ['root', 1],
      ['root', 1],
      ['root', 1],
      ['ora', 2],
      ['ora', 3],
      ['ora', 3],
    ])
    expect(new Set(events.map(event => event.identity)).size).toBe(6)
  })
})

describe('header', () => {
  test.each([
    ['<86>Aug 15 05:34:25 gw01 sshd[7]: hello', 'gw01', '2023-08-15T05:34:25.000000Z', 'sshd', '7', 'hello'],
    ['Aug  5 05:34:25 gw01 sshd[7]: hello', 'gw01', '2023-08-05T05:34:25.000000Z', 'sshd', '7', 'hello'],
    ['Aug 15 05:34:25.123 gw01 sshd[7]: hello', 'gw01', '2023-08-15T05:34:25.123000Z', 'sshd', '7', 'hello'],
    ['Aug 15 2021 05:34:25 gw01 sshd[7]: hello', 'gw01', '2021-08-15T05:34:25.000000Z', 'sshd', '7', 'hello'],
    ['Aug 15 05:34:25 kernel: hello', '', '2023-08-15T05:34:25.000000Z', 'kernel', '', 'hello'],
    [
      'Aug 15 05:34:25 secd[7] <Error> [user{}]: hello',
      '',
      '2023-08-15T05:34:25.000000Z',
      'secd',
      '7',
      '<Error> [user{}]: hello',
    ],
    ['Aug 15 05:34:25 mac.local fw[7] <Info>: hello', 'mac.local', '2023-08-15T05:34:25.000000Z', 'fw', '7', 'hello'],
    ["Aug 15 05:34:25 gw01 Job `cron.daily' ended", 'gw01', '2023-08-15T05:34:25.000000Z', '', '', "Job `cron.daily' ended"],
    ['Aug 15 05:34:25 gw01 sshd[7]: a\n\tb\n c', 'gw01', '2023-08-15T05:34:25.000000Z', 'sshd', '7', 'a\n\tb\n c'],
    ['2023-08-15T05:34:25.123456+10:00 gw01 sshd[7]: hello', 'gw01', '2023-08-14T19:34:25.123456Z', 'sshd', '7', 'hello'],
    ['2023-08-15T05:34:25Z gw01 sshd: hello', 'gw01', '2023-08-15T05:34:25.000000Z', 'sshd', '', 'hello'],
    ['2023-08-15T05:34:25-07:00 INFO cron[7]: hello', '', '2023-08-15T12:34:25.000000Z', 'cron', '7', 'hello'],
    [
      '<34>1 2023-08-15T05:34:25.003Z GW01 sshd 7 ID47 [a@1 x="]\\""][b@2] \ufeffhello',
      'gw01',
      '2023-08-15T05:34:25.003000Z',
      'sshd',
      '7',
      'hello',
    ],
    ['<34>1 2023-08-15T05:34:25Z - - - - - hello', '', '2023-08-15T05:34:25.000000Z', '', '', 'hello'],
    ['1 2023-08-15T05:34:25Z gw01 sshd 7 - - hello', 'gw01', '2023-08-15T05:34:25.000000Z', 'sshd', '7', 'hello'],
  ])('%s', (text, host, time, program, pid, message) => {
    const { events, diagnostics } = readText(reader, text, { facts })
    expect(diagnostics).toEqual([])
    const [event] = events
    expect([event?.host, event?.time && isoFromMicros(event.time)]).toEqual([host, time])
    expect(['program', 'pid', 'message'].map(name => event?.original.get(name))).toEqual([program, pid, message])
    expect(event?.original.text()).toBe(text)
  })

  test('host and zone of the facts, one series for a rotated log', () => {
    const item = { path: 'var/log/auth.log.2.gz', facts: { host: 'GW01', zone: 'Pacific/Guam', year: 2023 } }
    const [event] = readText(reader, 'Aug 15 05:34:25 sshd[7]: hello', item).events
    expect([event?.host, event?.series, event?.time && isoFromMicros(event.time)]).toEqual([
      'gw01',
      'syslog|gw01|auth.log',
      '2023-08-14T19:34:25.000000Z',
    ])
  })
})

describe('years', () => {
  const at = (...stamps: string[]) => stamps.map(stamp => `${stamp} gw01 a: b`).join('\n')
  test.each([
    ['a year passes', at('Nov 30 10:00:00', 'Dec 31 23:59:59', 'Jan  1 00:00:00', 'Feb  2 10:00:00'), [2022, 2022, 2023, 2023]],
    ['newest first', at('Feb  2 10:00:00', 'Jan  1 00:00:00', 'Dec 31 23:59:59', 'Nov 30 10:00:00'), [2022, 2022, 2021, 2021]],
    [
      'lines change places at New Year',
      at('Dec 31 23:59:58', 'Jan  1 00:00:00', 'Dec 31 23:59:59', 'Jan  1 00:00:01'),
      [2022, 2023, 2022, 2023],
    ],
    ['a clock is set back some hours', at('Aug 15 05:00:00', 'Aug 14 23:00:00', 'Aug 15 06:00:00'), [2022, 2022, 2022]],
    [
      'two years pass',
      at('Mar  1 10:00:00', 'Sep  1 10:00:00', 'Feb  1 10:00:00', 'Sep  1 10:00:00', 'Jan 20 10:00:00'),
      [2022, 2022, 2023, 2023, 2024],
    ],
    [
      'a router boots without a clock',
      at('Aug 14 10:00:00', 'Aug 14 11:00:00', 'Jan  1 00:00:09', 'Aug 14 12:00:00'),
      [2022, 2022, 2023, 2022],
    ],
  ])('%s', (_name, text, years) => {
    expect(timesOf(text, { facts: { year: 2022 } }).map(time => Number(String(time).slice(0, 4)))).toEqual(years)
  })

  test('29 February is kept in a year that has it, and has no time in one that does not', () => {
    expect(timesOf(at('Feb 29 10:00:00'), { facts: { year: 2024 } })).toEqual(['2024-02-29T10:00:00.000000Z'])
    const { events, diagnostics } = readText(reader, at('Feb 29 10:00:00'), { facts: { year: 2023 } })
    expect([events.map(event => event.time), diagnostics.map(({ code }) => code)]).toEqual([[undefined], ['syslog/bad-time']])
  })

  test('the date in the name of a rotated file', () => {
    const text = at('Dec 30 10:00:00', 'Jan  2 10:00:00')
    expect(timesOf(text, { path: 'messages-20230103.gz' })).toEqual([
      '2022-12-30T10:00:00.000000Z',
      '2023-01-02T10:00:00.000000Z',
    ])
    expect(readText(reader, text, { path: 'messages-20230103.gz' }).diagnostics.map(({ code, level }) => [code, level])).toEqual([
      ['syslog/year-from-name', 'note'],
    ])
  })

  test('no year at all', () => {
    const { events, diagnostics } = readText(reader, at('Dec 30 10:00:00', 'Jan  2 10:00:00'))
    expect(events.map(event => event.time && isoFromMicros(event.time).slice(0, 4))).toEqual(['1972', '1973'])
    expect(diagnostics.map(({ code, count }) => [code, count])).toEqual([['syslog/no-year', 2]])
  })

  test('a later part knows how many years passed before it', () => {
    const filler = 'x'.repeat(4000)
    const days = Array.from({ length: 3 * 365 }, (_, day) => new Date(Date.UTC(2021, 0, 1 + day)))
    const name = (date: Date) => `${date.toUTCString().slice(8, 11)} ${String(date.getUTCDate()).padStart(2)} 10:00:00`
    const text = days.map(date => `${name(date)} gw01 a: ${filler}`).join('\n')
    const start = text.indexOf('\n', Math.floor(text.length * 0.9)) + 1
    const { events } = readText(reader, text, { start, facts: { year: 2021 } })
    const last = days.slice(-events.length).map(date => `${date.toISOString().slice(0, 10)}T10:00:00.000000Z`)
    expect(events.length).toBeGreaterThan(90)
    expect(events.map(event => event.time && isoFromMicros(event.time))).toEqual(last)
  })
})

test('lines without a header are said', () => {
  const { events, diagnostics } = readText(reader, `no header\n${line('a', 'b')}\nMMM 22 07:54:32 gw01 a: b`, { facts })
  expect([events.length, diagnostics.map(({ code, record }) => [code, record])]).toEqual([
    1,
    [
      ['syslog/unreadable-line', 1],
      ['syslog/unreadable-line', 3],
    ],
  ])
})

test.each([
  ['auth log', line('sshd[1]', 'x'), 88],
  ['RFC 5424', '<34>1 2023-08-15T05:34:25Z - - - - - hello', 88],
  ['half of it continued', `${line('a', 'x')}\n  more`, 80],
  ['container log', '2016-10-06T00:17:09.669794202Z stdout P log content 1', 0],
  ['application log', '2023-08-15T05:34:25.123Z  INFO 1 --- [main] org.example.App : started', 0],
  ['prose', 'Aug was warm', 0],
])('recognises %s', (_name, text, score) => {
  expect(reader.recognise(textSample(text))).toBe(score)
})

describe('hostile lines', () => {
  const pieces = fc.constantFrom(
    '<34>', '1 ', 'Aug 15 05:34:25 ', '2023-08-15T05:34:25Z ', 'gw01 ', 'sshd[7]: ', 'sudo: ', 'su: ', 'CRON[1]: ', 'useradd: ', '[a b="', ']', '"', '\\',
    'Failed password for ', ' from ', '203.0.113.9', ' port 1', 'COMMAND=', ' ; ', 'USER=', 'pam_unix(sshd:auth): ', 'message repeated 9 times: [', '\t', ' ',
  ) // biome-ignore format: one list
  test('never throw, and each event points to its line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.array(pieces, { maxLength: 12 }).map(list => list.join('')),
          ),
          { maxLength: 20 },
        ),
        lines => {
          const text = lines.map(text => text.replace(/[\r\n]/g, '')).join('\n')
          for (const { source, original } of readText(reader, text, { facts }).events) {
            expect(text.split('\n')[source.record - 1]).toBe(original.text().split('\n')[0])
            expect(
              new TextEncoder().encode(
                text
                  .split('\n')
                  .slice(0, source.record - 1)
                  .join('\n'),
              ).length + (source.record > 1 ? 1 : 0),
            ).toBe(source.offset)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
  test.each([
    ['sshd[7]', 'Failed password for ', ' from '],
    ['sshd[7]', 'Failed password for ', ' from a port 1'],
    ['sudo', '', 'a : b ; '],
    ['sudo', 'a : ', ' ; '],
    ['cron', '(', ') CMD ('],
    ['a', 'pam_unix(a:b): authentication failure; ', ' ruser= rhost='],
    ['a', '', '<1>'],
    ['systemd', 'Started ', 'a.b - '],
    ['a', '', '[a b="'],
  ])('a long message of %s %s%s ends soon', (program, start, piece) => {
    const started = performance.now()
    readText(reader, line(program, start + piece.repeat(150_000)), { facts })
    // Milliseconds on an idle machine; a quadratic reader takes minutes, and a busy one must not fail the test.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

const auth = sharedData('web-and-auth-elastic', 'auth.log.gz')
test.skipIf(!auth)('real auth.log: brute force and what followed', () => {
  const { events, diagnostics } = readText(reader, gunzipSync(readFileSync(auth ?? '')).toString('utf8'), {
    path: 'auth.log',
    facts: { year: 2017 },
  })
  expect(diagnostics).toEqual([])
  expect(new Set(events.map(event => event.source.record)).size).toBe(7121)
  const logons = eventsOfKind(events, 'authentication').filter(
    ({ action, srcIp }) => action === 'logon' && srcIp === '24.151.103.17',
  )
  const accepted = logons.filter(({ outcome }) => outcome === 'success')
  expect([logons.length - accepted.length, accepted.length > 26]).toEqual([157, true])
  expect(
    accepted.some(
      ({ time, user }) =>
        user === 'elastic_user_0' && time !== undefined && isoFromMicros(time) === '2017-03-30T16:01:36.000000Z',
    ),
  ).toBe(true)
})

const folder = sharedData('log-formats', 'plaso', 'syslog')
test.skipIf(!folder)('real variants: each line is an event, a continuation or said', () => {
  const seen = readdirSync(folder ?? '')
    .toSorted()
    .map(name => {
      const text = readFileSync(join(folder ?? '', name), 'utf8')
      const { events, diagnostics } = readText(reader, text, { path: name, facts: { year: 2012 } })
      const records = new Set(events.map(event => event.source.record)).size
      const problems = diagnostics.filter(({ code }) => code !== 'syslog/bad-time').map(({ code, record }) => `${code} ${record}`)
      return [name, reader.recognise(textSample(text)), records, problems]
    })
  expect(seen).toEqual([
    ['syslog', 80, 16, ['syslog/unreadable-line 8']],
    ['syslog_chromeos', 88, 8, []],
    ['syslog_cron.log', 88, 9, []],
    ['syslog_osx', 88, 2, []],
    ['syslog_rsyslog', 88, 5, []],
    ['syslog_rsyslog_ForwardFormat', 80, 1, ['syslog/unreadable-line 2', 'syslog/joined-records 1']],
    ['syslog_rsyslog_SysklogdFileFormat', 80, 9, ['syslog/unreadable-line 3']],
    ['syslog_rsyslog_SyslogProtocol23Format', 88, 9, ['syslog/unreadable-line 3']],
    ['syslog_rsyslog_TraditionalForwardFormat', 80, 1, ['syslog/unreadable-line 2', 'syslog/joined-records 1']],
    ['syslog_rsyslog_traditional', 80, 8, ['syslog/unreadable-line 6']],
    ['syslog_ssh.log', 88, 9, []],
  ])
})
