import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEvidence } from '../../bench/made-evidence.ts'
import { PROGRAM } from '../../test/program.ts'
import { type Case, CaseError, openCase } from '../store/index.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-cli-'))
  mkdirSync(join(directory, 'evidence'))
  const lines = Array.from(
    { length: 3_000 },
    (_, index) =>
      `198.51.100.7 - - [15/Aug/2023:04:${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')} +0000] "GET /page/${index} HTTP/1.1" 200 5 "-" "\u001b[31mMozilla"\n`,
  )
  writeFileSync(join(directory, 'evidence', 'access.log'), lines.join(''))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...words], { cwd: directory, env: { ...process.env, NO_COLOR: '1' } })
}

async function run(...words: readonly string[]): Promise<Ended> {
  return ended(start(words))
}

async function ended(child: ChildProcess): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout?.on('data', chunk => {
    out += chunk
  })
  child.stderr?.on('data', chunk => {
    err += chunk
  })
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, out, err }
}

test('version and help', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string
  }
  expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  for (const verb of [
    ['hunt'],
    ['match'],
    ['evtx', 'dump'],
    ['evtx', 'check'],
    ['search'],
    ['timeline'],
    ['sql'],
    ['mark'],
    ['report'],
    ['evidence', 'verify'],
    ['rules', 'check'],
    ['rules', 'list'],
    ['rules', 'explain'],
  ]) {
    const { code, out, err } = await run(...verb, '--help')
    expect([code, err, /Examples?:\n {2}barograph /.test(out)]).toEqual([0, '', true])
  }
})

test.each<[string, readonly string[], number, RegExp]>([
  ['an unknown verb', ['hnt'], 2, /^usage\/unknown-command {2}unknown command 'hnt'\n.*Did you mean hunt.*\n {2}try: /],
  ['an unknown option', ['hunt', 'evidence', '--colour'], 2, /^usage\/unknown-option /],
  ['no evidence', ['hunt'], 2, /^usage\/missing-argument /],
  ['a bad time', ['hunt', 'evidence', '--since', 'yesterday'], 2, /^usage\/invalid-argument .*2023-08-15/],
  ['a bad baseline', ['hunt', 'evidence', '--baseline', '2023-08-15'], 2, /^usage\/invalid-argument .*FROM\.\.TO/],
  ['a bad fact', ['hunt', 'evidence', '--source', 'x', '--out', 'bad'], 2, /^hunt\/bad-source /],
  ['a path that is not there', ['hunt', 'nowhere'], 3, /^hunt\/no-evidence {2}no such file or folder: nowhere\n {2}try: /],
  ['rules that are not there', ['hunt', 'evidence', '--rules', 'nowhere'], 2, /^rules\/missing-path /],
  ['nothing to match', ['match', 'nowhere'], 3, /^match\/no-evidence {2}no such file or folder: nowhere\n {2}try: /],
  ['rules to match that are not there', ['match', 'evidence', '--rules', 'nowhere'], 2, /^rules\/missing-path /],
  ['no case', ['search', 'x', '--case', 'nowhere'], 2, /^case\/not-found /],
  ['a folder that is no case', ['hunt', 'evidence', '--out', 'evidence'], 2, /^case\/not-a-case /],
])('%s', async (_name, words, code, message) => {
  const end = await run(...words)
  expect([end.code, end.out]).toEqual([code, ''])
  expect(end.err).toMatch(message)
})

test('a match writes a line a hit in the order of the records, for any number of workers, and no case', async () => {
  writeFileSync(
    join(directory, 'page.yml'),
    `title: The page
id: 7c6a0f0e-6d1c-4d0b-9f39-0c1f4f9d5a11
level: low
logsource: { category: webserver }
detection:
  page: { cs-uri-stem|endswith: ['/page/7', '/page/2999'] }
  condition: page
---
title: Not understood
logsource: { category: webserver }
detection:
  page: { cs-uri-stem|unheard: x }
  condition: page
`,
  )
  const line = (record: number, time: string) =>
    `{"rule":"7c6a0f0e-6d1c-4d0b-9f39-0c1f4f9d5a11","ruleTitle":"The page","level":"low","evidence":"evidence/access.log","record":${record},"time":"2023-08-15T${time}.000000Z","host":""}\n`
  const expected = line(8, '04:00:07') + line(3000, '04:49:59')
  const words = ['match', '--rules', 'page.yml', 'evidence']
  const [one, two, loud] = [
    await run(...words, '--jobs', '1', '--quiet'),
    await run(...words, '--jobs', '2', '--quiet'),
    await run(...words, '--fail-on', 'low'),
  ]
  expect([one, two]).toEqual(Array(2).fill({ code: 0, out: expected, err: '' }))
  expect([loud.code, loud.out]).toEqual([1, expected])
  expect(loud.err).toMatch(
    /^\d+ rules? loaded, 1 refused\.\n {2}rules\/refused {2}page\.yml:\d+ .*unheard.*\n3,000 records of 1 files, 2 hits \(2 low\), /,
  )
})

test('a hunt and the verbs on its case', async () => {
  const hunted = await run('hunt', 'evidence', '--fail-on', 'critical')
  expect([hunted.code, hunted.err]).toEqual([0, ''])
  expect(hunted.out).toContain('barograph-case/report.html')
  const found = await run('search', 'page/77 ', '--format', 'json')
  expect(
    found.out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>),
  ).toMatchObject([{ host: '', kind: 'http_activity', path: 'evidence/access.log', record: 78, object: '/page/77' }])
  const shown = await run('search', 'page/77 ')
  expect(shown.out).toContain('\\x1b[31mMozilla')
  expect(shown.out).not.toContain('\u001b')
  const table = await run('sql', 'select status, count(*) as n from http_activity group by all')
  expect(table).toEqual({ code: 0, out: 'status  n\n200     3000\n', err: '' })
  const csv = await run('timeline', '--csv', '--limit', '1')
  expect(csv.out.split('\r\n')).toEqual([
    '"time","host","kind","source","action","account","address","object","path","record","carved"',
    '"2023-08-15T04:00:00.000000Z","","http_activity","access-log","GET 200","","198.51.100.7","/page/0","evidence/access.log","1","false"',
    '',
  ])
  expect((await run('sql', 'selec')).err).toMatch(/^case\/bad-query /)
  expect((await run('evidence', 'verify')).out).toMatch(/^same .*\n1 the same, 0 changed, 0 missing, 0 new since the hunt\n$/)
  expect((await run('mark', 'nobody', '--ours', 'x')).err).toMatch(/^mark\/unknown-target /)
  expect((await run('mark', 'host:web01', '--ours', 'drill', '--until', '2023-08-15T04:00:01')).err).toBe(
    'mark/unknown-name: nothing in this case is called web01; the mark is kept and covers nothing yet\n',
  )
  expect((await run('mark', '--list')).out).toBe('host web01  before 2023-08-15T04:00:01.000000Z, over  covers nothing  drill\n')
  const again = await run('report', '--format', 'json')
  expect(again.out).toBe(readFileSync(join(directory, 'barograph-case', 'report.json'), 'utf8'))
}, 120_000)

test('a reader that has seen enough is no error', async () => {
  await run('hunt', 'evidence', '--quiet')
  const child = start(['timeline', '--format', 'json'])
  child.stdout?.once('data', () => child.stdout?.destroy())
  expect(await ended(child)).toMatchObject({ code: 0, err: '' })
}, 120_000)

/** Items of which parts are done; none as long as there is no case. */
function committedItems(caseDirectory: string): number {
  let opened: Case
  try {
    opened = openCase(caseDirectory, 'read')
  } catch (error) {
    if (error instanceof CaseError && error.code === 'case/not-found') return 0
    throw error
  }
  try {
    return opened.manifest.totals().size
  } finally {
    opened.close()
  }
}

test('Ctrl-C says what is kept and how to go on; the same command goes on', async () => {
  await makeEvidence(join(directory, 'more'), 4e6, 8)
  const child = start(['hunt', 'more', '--out', 'stopped', '--jobs', '1'])
  const end = ended(child)
  // In the middle of reading: the first part has just been committed.
  for (let tries = 0; tries < 600 && committedItems(join(directory, 'stopped')) === 0; tries++)
    await new Promise(resolve => setTimeout(resolve, 50))
  // As npm and timeout do: once to the process and once to its group. That is one stop, not two.
  child.kill('SIGINT')
  child.kill('SIGTERM')
  const { code, out, err } = await end
  expect(code).toBe(130)
  expect(out).toMatch(/This is a partial result/)
  expect(err).toMatch(
    /stopped {2}\d+ of 32 parts are done and kept in stopped; the report rests on these alone, and says so\n {2}try: the same command again/,
  )
  const { code: last } = await run('hunt', 'more', '--out', 'stopped', '--quiet')
  expect(last).toBe(0)
}, 240_000)

const RULE = `title: Odd browser
id: 8f1b5f5e-0000-4000-8000-000000000009
logsource:
  category: webserver
detection:
  agent:
    cs-user-agent|contains: mozilla
  page:
    cs-uri-stem|endswith: /42
  unused:
    sc-status: 500
  condition: agent and page
level: low
tags: [attack.t1190]
`

test('rules are checked, listed, and asked why', async () => {
  const rules = join(directory, 'own-rules')
  mkdirSync(rules, { recursive: true })
  writeFileSync(join(rules, 'odd.yml'), RULE)
  expect(await run('rules', 'check', 'own-rules')).toEqual({
    code: 0,
    out: 'own-rules/odd.yml:11:5  rules/unused-selection  the selection "unused" is not in the condition\n\n1 file:\n1 loaded, 0 refused\n',
    err: '',
  })
  expect(await run('rules', 'list', 'own-rules', '--technique', 'T1190', '--format', 'json')).toEqual({
    code: 0,
    out: `${JSON.stringify({
      id: '8f1b5f5e-0000-4000-8000-000000000009',
      level: 'low',
      techniques: ['T1190'],
      logSource: 'webserver//',
      standing: 'read',
      title: 'Odd browser',
      path: 'own-rules/odd.yml',
      line: 1,
    })}\n`,
    err: '1 rules\n',
  })
  expect((await run('rules', 'list', 'own-rules', '--level', 'high')).out).toBe('')
  const matched = await run('rules', 'explain', join('own-rules', 'odd.yml'), join('evidence', 'access.log'))
  expect([matched.code, matched.err]).toEqual([0, ''])
  expect(matched.out).toContain('3,000 records looked at, 3,000 of that log source, 1 matched\n\naccess.log:43  ')
  expect(matched.out).toContain('yes  cs-user-agent contains "mozilla"   line 7\n           is "\\x1b[31mMozilla"')
  const failed = await run('rules', 'explain', join('own-rules', 'odd.yml'), `${join('evidence', 'access.log')}:7`)
  expect([failed.code, failed.err]).toEqual([1, ''])
  expect(failed.out).toContain('no   cs-uri-stem ends with "/42"   line 9\n           is "/page/6"')
})

test('correlations are listed with the level they have; what holds for several records is not explained of one', async () => {
  const rules = join(directory, 'correlated-rules')
  mkdirSync(rules, { recursive: true })
  const correlation = (title: string, name: string) =>
    `title: ${title}\ncorrelation: {type: event_count, rules: [${name}], group-by: [c-ip], timespan: 1h, condition: {gte: 2}}\n`
  writeFileSync(
    join(rules, 'many.yml'),
    `${RULE}\n---\n${correlation('Many odd browsers', '8f1b5f5e-0000-4000-8000-000000000009')}---\n${correlation('Refused', 'nobody')}`,
  )
  const { out } = await run('rules', 'list', 'correlated-rules', '--log-source', 'correlation', '--format', 'json')
  expect(
    out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toMatchObject([{ title: 'Many odd browsers', level: 'low' }])
  const asked = await run('rules', 'explain', 'many odd browsers', join('evidence', 'access.log'), '--rules', 'correlated-rules')
  expect([asked.code, asked.out]).toEqual([2, ''])
  expect(asked.err).toMatch(/^rules\/is-correlation {2}"many odd browsers" is a correlation/)
})

test('a refused rule ends the check with 1, and says its place', async () => {
  const rules = join(directory, 'bad-rules')
  mkdirSync(rules, { recursive: true })
  writeFileSync(join(rules, 'bad.yml'), RULE.replace('|contains:', '|contians:'))
  const { code, out, err } = await run('rules', 'check', 'bad-rules', '--format', 'json')
  expect([code, err]).toEqual([1, ''])
  expect(JSON.parse(out)).toMatchObject({ files: 1, loaded: 0, refused: [{ path: 'bad-rules/bad.yml', line: 7, column: 5 }] })
})
