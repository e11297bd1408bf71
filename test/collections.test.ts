import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COLLECTIONS, writeCollection } from '../examples/generator/collections.ts'
import { guessCollections, guessFacts, hintsOf, placeInCollection, sampleOfBytes, withCollection } from '../src/evidence/index.ts'
import type { Report } from '../src/model/index.ts'
import { hunt } from '../src/pipeline/index.ts'

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

test.each(COLLECTIONS)('the example as %s gives the same incident as the plain folder', async name => {
  const evidence = join(scratch, name)
  await writeCollection(name, EXAMPLE, evidence)
  await hunt({
    evidence: [evidence],
    caseDirectory: join(scratch, `case-${name}`),
    rules: [],
    assets: undefined,
    sources: [],
    since: undefined,
    until: undefined,
    jobs: 2,
    command: 'test',
  })
  // What is written: secrets are masked there.
  const report = JSON.parse(readFileSync(join(scratch, `case-${name}`, 'report.json'), 'utf8')) as Report
  const plain = JSON.parse(readFileSync(join(EXAMPLE, 'expected-report.json'), 'utf8')) as Report
  expect(told(report)).toEqual(told(plain))
})
