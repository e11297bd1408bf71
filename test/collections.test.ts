import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COLLECTIONS, writeCollection } from '../examples/generator/collections.ts'
import {
  guessCollections,
  guessFacts,
  hintsOf,
  openPart,
  placeInCollection,
  sampleOfBytes,
  surveyFile,
  withCollection,
} from '../src/evidence/index.ts'
import type { EvidenceId, Report } from '../src/model/index.ts'
import { hunt, silentListener } from '../src/pipeline/index.ts'
import { lookAround } from '../src/pipeline/look.ts'
import { statedFacts } from '../src/pipeline/sources-file.ts'
import { readers } from '../src/readers/registry.ts'

test.each([
  [
    'x.zip!/uploads/auto/C%3A/Windows/System32/winevt/Logs/Security.evtx',
    'Velociraptor',
    'x.zip!/',
    'C:\\Windows\\System32\\winevt\\Logs\\Security.evtx',
  ],
  ['x/uploads/ntfs/%5C%5C.%5CC%3A/$MFT', 'Velociraptor', 'x/', 'C:\\$MFT'],
  ['uploads/auto/home/ora/.bash_history', 'Velociraptor', '', '/home/ora/.bash_history'],
  ['uploads/auto/%2Fvar%2Flog/auth.log', 'Velociraptor', '', '/var/log/auth.log'],
  ['x.zip!/client_info.json', 'Velociraptor', 'x.zip!/', ''],
  [
    'kape/WEB01/2023-08-15T053425/C/Windows/System32/config/SYSTEM',
    'KAPE',
    'kape/WEB01/2023-08-15T053425/',
    'C:\\Windows\\System32\\config\\SYSTEM',
  ],
  ['triage.zip!/D/inetpub/wwwroot/a.aspx', 'KAPE', 'triage.zip!/', 'D:\\inetpub\\wwwroot\\a.aspx'],
  [
    'uac-web01-linux-20230815053425.tar.gz!/[root]/var/log/auth.log',
    'UAC',
    'uac-web01-linux-20230815053425.tar.gz!/',
    '/var/log/auth.log',
  ],
  ['case7/[root]/var/log/auth.log', 'UAC', 'case7/', '/var/log/auth.log'],
  ['case7/live_response/network/hostname.txt', 'UAC', 'case7/', ''],
  ['uac-web01-linux-20230815053425.tar!/uac.log', 'UAC', 'uac-web01-linux-20230815053425.tar!/', ''],
  [
    'sosreport-web01-2023-08-15-abcdefg.tar.gz!/sosreport-web01-2023-08-15-abcdefg/var/log/secure',
    'sosreport',
    'sosreport-web01-2023-08-15-abcdefg.tar.gz!/sosreport-web01-2023-08-15-abcdefg/',
    '/var/log/secure',
  ],
  ['uploads/auto/C%3A/Users/J%C3%B6rg%20%26%20Co/a%0Ab.txt', 'Velociraptor', '', 'C:\\Users\\Jörg & Co\\a%0Ab.txt'],
  ['sosreport-web01-2023-08-15-abcdefg/var/log/secure', 'sosreport', 'sosreport-web01-2023-08-15-abcdefg/', '/var/log/secure'],
  ['gw01.tar.gz!/var/log/nginx/access.log', 'tree of a Linux machine', 'gw01.tar.gz!/', '/var/log/nginx/access.log'],
  ['case/gw01/etc/hostname', 'tree of a Linux machine', 'case/gw01/', '/etc/hostname'],
])('%s', (path, kind, root, original) => {
  expect(placeInCollection(path)).toEqual({ kind, root, original })
})

test.each(['guam/web01/W3SVC1/u_ex230205.log', 'logs/auth.log', 'C/notes.txt', 'uploads/a.php', 'var.log', 'x/log.txt'])(
  '%s lies in none',
  path => {
    expect(placeInCollection(path)).toBeUndefined()
  },
)

const guessed = (files: Readonly<Record<string, string>>) => {
  const hints = Object.entries(files).map(([path, text]) => hintsOf({ path, sample: sampleOfBytes(path, Buffer.from(text)) }))
  const collections = guessCollections(hints)
  return Object.fromEntries(hints.map(hint => [hint.path, withCollection(guessFacts(hint, hints), hint, collections)]))
}

test('host and zone come from what the collection says of itself', () => {
  const velociraptor = guessed({
    'a.zip!/client_info.json': '{"hostname":"WEB01","fqdn":"web01.example"}',
    'a.zip!/uploads/auto/C%3A/inetpub/logs/x.log': 'x',
  })
  expect(velociraptor['a.zip!/uploads/auto/C%3A/inetpub/logs/x.log']).toEqual({
    host: { value: 'web01.example', reason: 'client_info.json of the collection says so' },
    originalPath: 'C:\\inetpub\\logs\\x.log',
  })
  const tree = guessed({ 'gw/etc/hostname': 'gw01\n', 'gw/etc/timezone': 'Pacific/Guam\n', 'gw/var/log/nginx/error.log': 'x' })
  expect(tree['gw/var/log/nginx/error.log']).toEqual({
    host: { value: 'gw01', reason: 'hostname of the collection says so' },
    zone: { value: 'Pacific/Guam', reason: 'timezone of the collection says so' },
    originalPath: '/var/log/nginx/error.log',
  })
})

test('UAC and sosreport: host and zone from what they ran, a named zone before an offset', () => {
  const log = '2023-08-15 15:34:25 +1000 INF UAC (Unix-like Artifacts Collector) 3.1.0\n2023-08-15 15:34:26 +1000 CMD hostname\n'
  const uac = { 'u/live_response/network/hostname.txt': 'web01\n', 'u/uac.log': log, 'u/[root]/var/log/apache2/error.log': 'x' }
  expect(guessed(uac)['u/[root]/var/log/apache2/error.log']).toMatchObject({
    host: { value: 'web01' },
    zone: { value: '+10:00', reason: 'uac.log of the collection says so' },
  })
  expect(
    guessed({ ...uac, 'u/live_response/system/timedatectl_status.txt': '   Time zone: Pacific/Guam (ChST, +1000)\n' })[
      'u/[root]/var/log/apache2/error.log'
    ]?.zone,
  ).toEqual({ value: 'Pacific/Guam', reason: 'timedatectl_status.txt of the collection says so' })
  const sos = 'sosreport-web01-2023-08-15-abc'
  const report = {
    [`${sos}/sos_commands/host/hostname`]: 'web01\n',
    [`${sos}/sos_commands/date/date`]: 'Tue Aug 15 05:34:25 UTC 2023\n',
    [`${sos}/var/log/httpd/error_log`]: 'x',
  }
  expect(guessed(report)[`${sos}/var/log/httpd/error_log`]).toMatchObject({ host: { value: 'web01' }, zone: { value: 'UTC' } })
  expect(
    guessed({ ...report, [`${sos}/sos_commands/date/date`]: 'Tue Aug 15 05:34:25 CST 2023\n' })[`${sos}/var/log/httpd/error_log`]
      ?.zone,
  ).toBeUndefined()
})

test.each([
  [
    'systeminfo.txt',
    'Host Name:                 WEB01\nTime Zone:                 (UTC-05:00) Eastern Time (US & Canada)\n',
    'America/New_York',
  ],
  ['web01_systeminfo.txt', 'Host Name: WEB01\nTime Zone: (UTC+05:45) Kathmandu\n', '+05:45'],
  [
    'timezone.reg',
    'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control\\TimeZoneInformation]\n"StandardName"="@tzres.dll,-272"\n"TimeZoneKeyName"="West Pacific Standard Time"\n',
    'Pacific/Port_Moresby',
  ],
  ['TimeZone.txt', '    TimeZoneKeyName    REG_SZ    W. Europe Standard Time\n', 'Europe/Berlin'],
  ['timezone.txt', '    TimeZoneKeyName    REG_SZ    Middle-earth Standard Time\n', undefined],
])('the zone of a Windows collection is that of %s beside it', (name, text, zone) => {
  const facts = guessed({ [`c/WEB01/${name}`]: text, 'c/WEB01/C/Windows/System32/LogFiles/Firewall/pfirewall.log': 'x' })
  expect(facts['c/WEB01/C/Windows/System32/LogFiles/Firewall/pfirewall.log']?.zone?.value).toBe(zone)
  expect(facts['c/WEB01/C/Windows/System32/LogFiles/Firewall/pfirewall.log']?.host?.value).toBe('web01')
})

test('a tree without a name: one log names the machine for those beside it, a collector names nobody', () => {
  const line = (host: string) => `Aug 15 05:34:25 ${host} sshd[7]: hello\n`
  expect(
    guessed({ 'x/var/log/auth.log': line('gw01'), 'x/var/log/apache2/access.log': 'x' })['x/var/log/apache2/access.log']?.host,
  ).toEqual({
    value: 'gw01',
    reason: 'auth.log of the same tree names it',
  })
  expect(
    guessed({ 'x/var/log/auth.log': line('gw01') + line('gw02'), 'x/var/log/apache2/access.log': 'x' })[
      'x/var/log/apache2/access.log'
    ]?.host,
  ).toBeUndefined()
})

test('names of tools are no machines', () => {
  expect(guessed({ 'kape/C/Users/ora/x.txt': 'x' })['kape/C/Users/ora/x.txt']?.host).toBeUndefined()
  expect(
    guessed({ 'out/HQ-SRV7/2023-08-15T053425/C/Users/ora/x.txt': 'x' })['out/HQ-SRV7/2023-08-15T053425/C/Users/ora/x.txt']?.host
      ?.value,
  ).toBe('hq-srv7')
})

const EXAMPLE = resolve(import.meta.dirname, '..', 'examples', 'guam')
let scratch = ''
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'barograph-collections-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What the report tells, without where the records lie. */
const told = ({ verdict, incidents, findings }: Report) => ({
  verdict: [verdict.level, verdict.sentence],
  incidents: incidents.map(({ title, steps }) => [
    title,
    steps
      .map(({ technique, from, to, account, how }) => `${technique} ${from.name} > ${to.name} ${account ?? ''} ${how}`)
      .toSorted(),
  ]),
  findings: findings.map(({ severity, title, hosts }) => `${severity} ${title} [${hosts.join(', ')}]`).toSorted(),
})

/** Every event that a hunt of the folder would keep, by what it is and who recorded it when, with how often it came. */
async function eventsOf(folder: string): Promise<ReadonlyMap<string, number>> {
  const directory = mkdtempSync(join(scratch, 'reading-'))
  const places = { spillDirectory: join(directory, 'unpacked'), caseDirectory: directory }
  const found = await lookAround([folder], readers, places, silentListener, undefined)
  const facts = statedFacts([], found)
  const events = new Map<string, number>()
  for (const { path, file, reader, encoding = 'latin1' as const, isOwnReport } of found) {
    // What a collection says of itself is in no plain folder.
    if (!reader || isOwnReport || reader.format === 'collection-info') continue
    const { parts } = await surveyFile(file, reader.split, encoding)
    for (const [part, range] of parts.entries()) {
      const opened = openPart(file, { ...range, evidence: 'test' as EvidenceId, path, part, facts: facts.of(path), encoding })
      reader.read(opened.part, {
        event: ({ kind, host, time, identity, original }) => {
          // A file of a web root is known by where it lay, which the plain folder cannot say.
          const what = reader.format === 'script' ? original.get('sha256') : identity
          const key = `${kind} ${host} ${time} ${what}`
          events.set(key, (events.get(key) ?? 0) + 1)
        },
        diagnostic: () => undefined,
      })
      opened.close()
    }
  }
  rmSync(directory, { recursive: true, force: true })
  return events
}

test('the example in each kind of collection gives the events of the plain folder', async () => {
  const plain = await eventsOf(EXAMPLE)
  expect(plain.size).toBeGreaterThan(15_000)
  for (const name of COLLECTIONS) {
    const evidence = join(scratch, `events-${name}`)
    await writeCollection(name, EXAMPLE, evidence)
    const collected = await eventsOf(evidence)
    const differing = [...plain].filter(([key, count]) => collected.get(key) !== count)
    expect([name, differing.slice(0, 3), collected.size]).toEqual([name, [], plain.size])
  }
})

test('the example, each machine collected with another tool, gives the incident of the plain folder', async () => {
  const evidence = join(scratch, 'mixed')
  await writeCollection('mixed', EXAMPLE, evidence)
  await hunt({
    evidence: [evidence],
    caseDirectory: join(scratch, 'case'),
    rules: [],
    assets: undefined,
    sources: [],
    since: undefined,
    until: undefined,
    jobs: 2,
    command: 'test',
  })
  // What is written: secrets are masked there.
  const report = JSON.parse(readFileSync(join(scratch, 'case', 'report.json'), 'utf8')) as Report
  const plain = JSON.parse(readFileSync(join(EXAMPLE, 'expected-report.json'), 'utf8')) as Report
  expect(told(report)).toEqual(told(plain))
}, 180_000)
