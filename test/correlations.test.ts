import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report, ReportFinding } from '../src/model/index.ts'
import { hunt, match, query, reportAgain } from '../src/pipeline/index.ts'
import { type EvtxRecord, writeEvtx } from './evtx-writer/index.ts'

// Whole hunts: event logs written as Windows writes them, rules and correlations as a user gives them, and what the report must say.

let directory: string
const at = (...parts: readonly string[]) => join(directory, ...parts)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-correlations-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), content)
}

const BEGIN = Date.UTC(2024, 4, 6, 8) * 1000
const seconds = (count: number) => BEGIN + count * 1_000_000

type Fields = Readonly<Record<string, string>>
let nextRecord = 1

function security(eventId: number, second: number, data: Fields, more: Partial<EvtxRecord> = {}): EvtxRecord {
  return {
    provider: 'Microsoft-Windows-Security-Auditing',
    channel: 'Security',
    computer: 'dc01.corp.example',
    eventId,
    recordId: nextRecord++,
    time: seconds(second),
    data: Object.entries(data),
    ...more,
  }
}

const logon = (eventId: 4624 | 4625, second: number, user: string, from: string, more: Partial<EvtxRecord> = {}) =>
  security(
    eventId,
    second,
    {
      TargetUserName: user,
      TargetDomainName: 'CORP',
      IpAddress: from,
      LogonType: '3',
      SubjectUserName: '-',
      SubjectDomainName: '-',
    },
    more,
  )

const windows = (title: string, name: string, eventId: number, service = 'security', level = 'low') => `title: ${title}
name: ${name}
level: ${level}
logsource: { product: windows, service: ${service} }
detection:
  it: { EventID: ${eventId} }
  condition: it
---
`
const FAILED = windows('Failed log-on', 'failed', 4625)
const SUCCESS = windows('Log-on', 'success', 4624, 'security', 'informational')

const correlation = (title: string, name: string, level: string, body: string) => `title: ${title}
id: ${name}-id
name: ${name}
level: ${level}
tags: [attack.t1110.003]
falsepositives: [a service with an old password]
correlation:
${body.replace(/^(?=.)/gm, '  ')}---
`

async function reportOf(rules: string, caseName = 'case'): Promise<Report> {
  put('rules.yml', rules)
  const { report } = await hunt({
    evidence: [at('evidence')],
    caseDirectory: at(caseName),
    rules: [at('rules.yml')],
    assets: undefined,
    sources: ['access.log=host:web01.example'],
    since: undefined,
    until: undefined,
    jobs: 1,
    command: 'test',
  })
  if (!report) throw new Error('no report')
  expect(report.generatedFrom.diagnostics.filter(({ code }) => code.startsWith('rules/'))).toEqual([])
  return report
}

/** Findings that the given rule is a witness of. */
const foundBy = (report: Report, rule: string): readonly ReportFinding[] =>
  report.findings.filter(({ witnesses }) => witnesses.some(witness => witness.rule === rule))

const brief = (report: Report, rule: string) =>
  foundBy(report, rule).map(({ witnesses, severity, count, hosts, evidence }) => ({
    title: witnesses.find(witness => witness.rule === rule)?.title,
    severity,
    count,
    hosts,
    records: evidence.map(({ record }) => record).toSorted((a, b) => a - b),
  }))

const hitsOf = (report: Report) => new Set(report.findings.flatMap(({ witnesses }) => witnesses.map(({ rule }) => rule)))

const SPRAY = correlation(
  'Many accounts tried from one address',
  'spray',
  'high',
  'type: value_count\nrules: [failed]\ngroup-by: [IpAddress]\ntimespan: 10m\ncondition: { field: TargetUserName, gte: 5 }\n',
)

test('many accounts from one address, not one account many times', async () => {
  nextRecord = 1
  const spray = ['anna', 'ben', 'cleo', 'dan', 'eve', 'finn'].map((user, index) => logon(4625, index * 60, user, '10.1.1.50'))
  const forgetful = Array.from({ length: 30 }, (_, index) => logon(4625, index * 5, 'gus', '10.1.1.60'))
  put('evidence/Security.evtx', writeEvtx([...spray, ...forgetful]))
  const report = await reportOf(FAILED + SPRAY)
  expect(brief(report, 'spray-id')).toEqual([
    {
      title: 'Many accounts tried from one address',
      severity: 'high',
      count: 6,
      hosts: ['dc01.corp.example'],
      records: [1, 2, 3, 4, 5, 6],
    },
  ])
  const [finding] = foundBy(report, 'spray-id')
  // Our own detector sees the same records: one finding that both bear witness to.
  expect(finding?.witnesses.map(({ source, level }) => [source, level])).toContainEqual(['sigma', 'high'])
  expect(finding?.techniques).toContain('T1110.003')
  expect(finding?.addresses).toEqual(['10.1.1.50'])
  expect(hitsOf(report).has('Failed log-on')).toBe(false)
})

const GUESSED =
  correlation(
    'Many failed log-ons',
    'many',
    'medium',
    'type: event_count\nrules: [failed]\ngroup-by: [TargetUserName]\ntimespan: 5m\ncondition: { gte: 8 }\n',
  ) +
  correlation(
    'Guessed password',
    'guessed',
    'critical',
    'type: temporal_ordered\nrules: [many, success]\ngroup-by: [TargetUserName]\ntimespan: 5m\n',
  )

test('many failures and then a success of the same account, over two logs of two machines', async () => {
  nextRecord = 1
  const failures = Array.from({ length: 12 }, (_, index) => logon(4625, index * 10, 'svc_backup', '203.0.113.7'))
  put('evidence/dc01/Security.evtx', writeEvtx([...failures, logon(4624, 20, 'anna', '10.1.1.5')]))
  const other: Partial<EvtxRecord> = { computer: 'fs01.corp.example' }
  put(
    'evidence/fs01/Security.evtx',
    writeEvtx([logon(4624, 180, 'SVC_BACKUP', '203.0.113.7', other), logon(4624, 185, 'anna', '10.1.1.5', other)]),
  )
  const report = await reportOf(FAILED + SUCCESS + GUESSED)
  expect(brief(report, 'guessed-id').map(({ title, severity, records }) => ({ title, severity, records }))).toEqual([
    {
      title: 'Guessed password',
      severity: 'critical',
      records: [...Array.from({ length: 12 }, (_, index) => index + 1), 14],
    },
  ])
  // What is only referred to is no finding of its own: neither the rules nor the correlation in between.
  expect(['Failed log-on', 'Log-on', 'many-id'].filter(rule => hitsOf(report).has(rule))).toEqual([])
})

test('with generate they are findings of their own as well', async () => {
  nextRecord = 1
  put('evidence/Security.evtx', writeEvtx(Array.from({ length: 8 }, (_, index) => logon(4625, index, 'anna', '10.1.1.5'))))
  const shown = GUESSED.replaceAll('  type:', '  generate: true\n  type:')
  const report = await reportOf(FAILED + SUCCESS + shown)
  expect(['Failed log-on', 'many-id', 'guessed-id'].filter(rule => hitsOf(report).has(rule))).toEqual([
    'Failed log-on',
    'many-id',
  ])
})

test('a service is installed and the log is cleared on the same machine, told by two channels', async () => {
  nextRecord = 1
  const install = (second: number, computer: string): EvtxRecord => ({
    provider: 'Service Control Manager',
    channel: 'System',
    computer,
    eventId: 7045,
    recordId: nextRecord++,
    time: seconds(second),
    data: [
      ['ServiceName', 'updsvc'],
      ['ImagePath', 'C:\\Windows\\Temp\\u.exe'],
      ['ServiceType', 'user mode service'],
      ['StartType', 'demand start'],
      ['AccountName', 'LocalSystem'],
    ],
  })
  const cleared = (second: number, computer: string): EvtxRecord => ({
    provider: 'Microsoft-Windows-Eventlog',
    channel: 'Security',
    computer,
    eventId: 1102,
    recordId: nextRecord++,
    time: seconds(second),
    userData: {
      element: 'LogFileCleared',
      fields: [
        ['SubjectUserName', 'anna'],
        ['SubjectDomainName', 'CORP'],
      ],
    },
  })
  put('evidence/ws1-System.evtx', writeEvtx([install(0, 'ws1.corp.example')]))
  put('evidence/ws2-System.evtx', writeEvtx([install(30, 'ws2.corp.example')]))
  put('evidence/ws1-Security.evtx', writeEvtx([cleared(900, 'WS1.corp.example')]))
  put('evidence/ws3-Security.evtx', writeEvtx([cleared(60, 'ws3.corp.example')]))
  const report = await reportOf(
    windows('Service installed', 'installed', 7045, 'system') +
      windows('Log cleared', 'cleared', 1102) +
      correlation(
        'Service and tidying up',
        'tidy',
        'high',
        'type: temporal\nrules: [installed, cleared]\ngroup-by: [Computer]\ntimespan: 1h\n',
      ),
  )
  expect(brief(report, 'tidy-id').map(({ title, hosts, count }) => ({ title, hosts, count }))).toEqual([
    { title: 'Service and tidying up', hosts: ['ws1.corp.example'], count: 2 },
  ])
})

test('an account that is made and not deleted within a day', async () => {
  nextRecord = 1
  const account = (eventId: number, second: number, name: string) =>
    security(eventId, second, {
      TargetUserName: name,
      TargetDomainName: 'CORP',
      SubjectUserName: 'admin',
      SubjectDomainName: 'CORP',
    })
  put(
    'evidence/Security.evtx',
    writeEvtx([account(4720, 0, 'helper'), account(4720, 100, 'trainee'), account(4726, 7200, 'trainee')]),
  )
  const report = await reportOf(
    windows('Account made', 'made', 4720) +
      windows('Account deleted', 'deleted', 4726) +
      correlation(
        'Account that stays',
        'stays',
        'medium',
        'type: temporal\ngroup-by: [TargetUserName]\ntimespan: 1d\ncondition: made and not deleted\n',
      ),
  )
  expect(brief(report, 'stays-id').map(({ title, records }) => ({ title, records }))).toEqual([
    { title: 'Account that stays', records: [1] },
  ])
})

test('the same address under two names: a log-on and then a connection back to where it came from', async () => {
  nextRecord = 1
  const connection = (second: number, to: string): EvtxRecord => ({
    provider: 'Microsoft-Windows-Sysmon',
    channel: 'Microsoft-Windows-Sysmon/Operational',
    computer: 'ws1.corp.example',
    eventId: 3,
    recordId: nextRecord++,
    time: seconds(second),
    data: [
      ['UtcTime', '2024-05-06 08:00:00.000'],
      ['ProcessId', { uint32: 77 }],
      ['Image', 'C:\\Windows\\System32\\svchost.exe'],
      ['User', 'CORP\\anna'],
      ['Protocol', 'tcp'],
      ['Initiated', 'true'],
      ['SourceIp', '10.1.1.9'],
      ['SourcePort', { uint16: 50000 }],
      ['DestinationIp', to],
      ['DestinationPort', { uint16: 443 }],
    ],
  })
  put('evidence/Security.evtx', writeEvtx([logon(4624, 0, 'anna', '203.0.113.7'), logon(4624, 5, 'ben', '203.0.113.8')]))
  put(
    'evidence/Sysmon.evtx',
    writeEvtx([connection(20, '203.0.113.7'), connection(1000, '203.0.113.8'), connection(30, '192.0.2.1')]),
  )
  const connected = `title: Connection out\nid: 11111111-2222-4333-8444-555555555555\nlogsource: { product: windows, category: network_connection }\ndetection:\n  it: { Initiated: 'true' }\n  condition: it\n---\n`
  const report = await reportOf(
    SUCCESS +
      connected +
      correlation(
        'Calls back',
        'back',
        'high',
        'type: temporal_ordered\nrules: [success, 11111111-2222-4333-8444-555555555555]\ngroup-by: [peer]\naliases:\n  peer:\n    success: IpAddress\n    11111111-2222-4333-8444-555555555555: DestinationIp\ntimespan: 1m\n',
      ),
  )
  expect(brief(report, 'back-id').map(({ title, hosts }) => ({ title, hosts }))).toEqual([
    { title: 'Calls back', hosts: ['dc01.corp.example', 'ws1.corp.example'] },
  ])
})

test('bytes of an access log add up by client', async () => {
  const line = (client: string, minute: number, bytes: number) =>
    `${client} - - [06/May/2024:08:${String(minute).padStart(2, '0')}:00 +0000] "GET /files/part${minute}.rar HTTP/1.1" 200 ${bytes} "-" "Mozilla/5.0"\n`
  const lines = Array.from(
    { length: 20 },
    (_, minute) => line('203.0.113.9', minute, 60_000_000) + line('198.51.100.4', minute, 9_000),
  )
  put('evidence/access.log', lines.join(''))
  const report = await reportOf(
    `title: Archive fetched\nname: archive\nlogsource: { category: webserver }\ndetection:\n  it: { cs-uri-stem|endswith: .rar }\n  condition: it\n---\n` +
      correlation(
        'Much carried off',
        'much',
        'high',
        'type: value_sum\nrules: archive\ngroup-by: [c-ip]\ntimespan: 1h\ncondition: { field: sc-bytes, gt: 1000000000 }\n',
      ),
  )
  expect(foundBy(report, 'much-id').map(({ title }) => title)).toEqual(['Much carried off (203.0.113.9)'])
  const [finding] = foundBy(report, 'much-id')
  expect(finding?.benignExplanation).toBe('a service with an old password')
  expect(finding?.why).toContain(
    'The correlation asks for a sum of sc-bytes of more than 1000000000 in events of "Archive fetched" within 1h for the same c-ip; 20 records meet it for c-ip 203.0.113.9.',
  )
  expect(brief(report, 'much-id').map(({ title, count }) => ({ title, count }))).toEqual([
    { title: 'Much carried off', count: 20 },
  ])
})

test('copies count once, a case that grows counts on, and an analysis without evidence and rules says the same', async () => {
  nextRecord = 1
  const all = Array.from({ length: 10 }, (_, index) => logon(4625, index * 10, 'svc_backup', '203.0.113.7'))
  const rules = FAILED + GUESSED.slice(0, GUESSED.indexOf('---\n') + 4)
  put('evidence/monday/Security.evtx', writeEvtx(all.slice(0, 4)))
  put('evidence/tuesday/Security.evtx', writeEvtx(all.slice(0, 6)))
  expect(brief(await reportOf(rules), 'many-id')).toEqual([])
  put('evidence/wednesday/Security.evtx', writeEvtx(all.slice(2)))
  const report = await reportOf(rules)
  expect(brief(report, 'many-id').map(({ count, title }) => ({ count, title }))).toEqual([
    { count: 10, title: 'Many failed log-ons' },
  ])
  for await (const row of query(
    at('case'),
    "select count(*) as n, count(distinct record) as records from rule_feed where rule = 'Failed log-on'",
  ))
    expect(row).toEqual({ n: 10, records: 10 })
  const before = readFileSync(at('case', 'report.json'), 'utf8')
  rmSync(at('evidence'), { recursive: true })
  rmSync(at('rules.yml'))
  await reportAgain(at('case'), 'test')
  expect(readFileSync(at('case', 'report.json'), 'utf8')).toBe(before)
})

test('match gives hits of correlations as lines, last, with the records they rest on; copies count once', async () => {
  nextRecord = 1
  const spray = ['anna', 'ben', 'cleo', 'dan', 'eve'].map((user, index) => logon(4625, index * 60, user, '10.1.1.50'))
  put('evidence/Security.evtx', writeEvtx([...spray, logon(4624, 300, 'eve', '10.1.1.50')]))
  put('evidence/copy/Security.evtx', writeEvtx(spray))
  put('rules.yml', FAILED + SUCCESS + SPRAY)
  let lines = ''
  const summary = await match(
    { evidence: [at('evidence')], rules: [at('rules.yml')], sources: [], jobs: 1 },
    {
      lines: async text => {
        lines += text
        return true
      },
      rules: (loaded, refused) => expect([loaded, refused]).toEqual([3, []]),
    },
  )
  const path = 'evidence/Security.evtx'
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown),
  ).toEqual([
    {
      rule: 'Log-on',
      ruleTitle: 'Log-on',
      level: 'informational',
      evidence: path,
      record: 6,
      time: '2024-05-06T08:05:00.000000Z',
      host: 'dc01.corp.example',
    },
    {
      rule: 'spray-id',
      ruleTitle: 'Many accounts tried from one address',
      level: 'high',
      evidence: path,
      record: 5,
      time: '2024-05-06T08:04:00.000000Z',
      host: 'dc01.corp.example',
      correlation: 'value_count',
      group: { IpAddress: '10.1.1.50' },
      firstTime: '2024-05-06T08:00:00.000000Z',
      lastTime: '2024-05-06T08:04:00.000000Z',
      count: 5,
      records: [1, 2, 3, 4, 5].map(record => ({ evidence: path, record })),
    },
  ])
  expect([...summary.levels]).toEqual([
    ['informational', 1],
    ['high', 1],
  ])
})
