import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { huntOptions } from '../../test/hunt-options.ts'
import type { Report } from '../model/index.ts'
import { renderHtml } from '../report/index.ts'
import {
  type HuntOptions,
  hunt,
  query,
  reportAgain,
  search,
  silentListener,
  timeline,
  UsageError,
  verifyEvidence,
} from './index.ts'

let directory: string
const at = (...parts: readonly string[]) => join(directory, ...parts)

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-hunt-'))
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at('evidence', path)), { recursive: true })
  writeFileSync(at('evidence', path), content)
}

/** `count` lines of an ordinary access log, one a second. */
function access(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const clock = new Date(Date.UTC(2023, 7, 15, 4) + (from + index) * 1000).toISOString().slice(11, 19)
    return `198.51.100.${(from + index) % 200} - - [15/Aug/2023:${clock} +0000] "GET /page/${from + index} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`
  }).join('')
}

const options = (more: Partial<HuntOptions> = {}) => huntOptions([at('evidence')], at('case'), { jobs: 2, ...more })

async function reportOf(more: Partial<HuntOptions> = {}): Promise<Report> {
  const { report } = await hunt(options(more))
  if (!report) throw new Error('no report')
  return report
}

async function count(statement: string): Promise<unknown> {
  for await (const row of query(at('case'), `select count(*) as n from ${statement}`)) return row.n
  return undefined
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

const formats = (report: Report) => report.generatedFrom.evidence.map(item => [item.path, item.format])

test('copies, pieces and grown logs count once, and every file is accounted for', async () => {
  put('web01/access.log', access(300))
  put('monday/access.log', access(100))
  put('again/access.log', access(300))
  put('web01/access.log.1.gz', gzipSync(access(50, 1000)))
  put(
    'notes.bin',
    Uint8Array.from({ length: 200 }, (_, index) => (index * 89) % 256),
  )
  put('nothing.log', '')
  const report = await reportOf({ sources: ['evidence/**=host:web01'] })
  expect(formats(report)).toEqual([
    ['evidence/again/access.log', 'access-log'],
    ['evidence/monday/access.log', 'access-log'],
    ['evidence/notes.bin', 'unknown'],
    ['evidence/nothing.log', 'empty'],
    ['evidence/web01/access.log', 'copy of evidence/again/access.log'],
    ['evidence/web01/access.log.1.gz', 'access-log'],
  ])
  expect(await count('http_activity')).toBe(350)
  expect(report.coverage.sources.map(({ host, source, events }) => [host, source, events])).toEqual([
    ['web01', 'access-log', 350],
  ])
  expect(report.coverage).toMatchObject({ items: 6, itemsRead: 3, itemsUnknown: 1, partial: false })
})

/** Without an asset list every report says so; these tests are about other things. */
const isAboutEvidence = ({ code }: { readonly code: string }) => code !== 'assets/inferred'

test('what an earlier hunt wrote is no evidence', async () => {
  put('access.log', access(20))
  const first = await reportOf()
  for (const name of ['report.json', 'report.html']) put(`old/${name}`, readFileSync(at('case', name)))
  const again = await reportOf()
  expect(formats(again)).toEqual(formats(first))
  expect(again.generatedFrom.diagnostics.filter(isAboutEvidence).map(({ code, path }) => [code, path])).toEqual([
    ['evidence/own-report', 'evidence/old/report.html'],
    ['evidence/own-report', 'evidence/old/report.json'],
  ])
})

test('a folder that is no case is said by every verb, and stays as it is', async () => {
  const wrong = at('elsewhere')
  await expect(reportAgain(wrong, 'test')).rejects.toThrow('is not a case')
  await expect(all(verifyEvidence(wrong))).rejects.toThrow('is not a case')
  expect(existsSync(wrong)).toBe(false)
})

test('a further hunt adds evidence; the old one stays when its files are gone', async () => {
  put('access.log', access(100))
  await reportOf()
  appendFileSync(at('evidence', 'access.log'), access(20, 100))
  rmSync(at('case', 'report.json'))
  const report = await reportOf()
  expect(formats(report)).toEqual([
    ['evidence/access.log', 'access-log'],
    ['evidence/access.log', 'access-log'],
  ])
  expect(await count('http_activity')).toBe(120)
})

test('a corrected fact in sources.yaml reads the item again, and only that one', async () => {
  put('auth.log', 'Aug 15 04:00:01 jump01 sshd[77]: Accepted password for ada from 192.0.2.5 port 2222 ssh2\n')
  put('access.log', access(10))
  await reportOf()
  const file = at('case', 'sources.yaml')
  writeFileSync(file, `sources:\n  - path: auth.log\n    year: 2023\n    zone: Pacific/Guam\n`)
  const second = await hunt(options())
  expect(second.summary).toMatchObject({ takenOver: 1, partsRead: 1 })
  expect(second.report?.generatedFrom.evidence.find(item => item.path.endsWith('auth.log'))?.firstTime).toBe(
    '2023-08-14T18:00:01.000000Z',
  )
  expect(readFileSync(file, 'utf8')).toContain('Pacific/Guam')
})

test('since and until limit what is judged, not what is read', async () => {
  put('access.log', access(100))
  const time = (second: number) => (Date.UTC(2023, 7, 15, 4, 0, second) * 1000) as HuntOptions['since']
  const report = await reportOf({ since: time(10), until: time(30) })
  expect(report.coverage.events).toBe(100)
  expect(report.coverage.sources[0]).toMatchObject({
    events: 20,
    firstTime: '2023-08-15T04:00:10.000000Z',
    lastTime: '2023-08-15T04:00:29.000000Z',
  })
  expect(report.generatedFrom.since).toBe('2023-08-15T04:00:10.000000Z')
})

test('an empty folder is no error, and proves nothing', async () => {
  mkdirSync(at('evidence'))
  const report = await reportOf()
  expect([report.verdict.level, report.findings, formats(report)]).toEqual(['insufficient-evidence', [], []])
})

test('a path that is not there is said; when none is there, nothing is written', async () => {
  await expect(hunt(options())).rejects.toThrow(UsageError)
  expect(existsSync(at('case'))).toBe(false)
  put('access.log', access(5))
  const result = await hunt(options({ evidence: [at('evidence'), at('gone')] }))
  expect(result.pathProblem).toBe(true)
  expect(result.report?.generatedFrom.diagnostics.filter(isAboutEvidence).map(({ code }) => code)).toEqual([
    'evidence/missing-path',
  ])
})

test.skipIf(process.getuid?.() === 0)('a file we may not read is said', async () => {
  put('access.log', access(5))
  put('secret.log', access(5))
  chmodSync(at('evidence', 'secret.log'), 0)
  const result = await hunt(options())
  expect(result.pathProblem).toBe(true)
  expect(result.report?.generatedFrom.evidence.map(item => item.format)).toEqual(['access-log', 'unreadable'])
})

test('an item that vanishes between hashing and reading is said, and the rest is read', async () => {
  put('access.log', access(5))
  put('gone.log', access(7, 100))
  const { report, summary } = await hunt(options(), {
    ...silentListener,
    phase: phase => {
      if (phase === 'read') rmSync(at('evidence', 'gone.log'))
    },
  })
  expect(summary).toMatchObject({ partsRead: 2, unreadable: 1, bugs: [] })
  const [, gone] = report?.generatedFrom.evidence ?? []
  expect([gone?.path, gone?.events, gone?.diagnostics.map(({ code }) => code)]).toEqual([
    'evidence/gone.log',
    0,
    ['evidence/read-error'],
  ])
  expect(report?.coverage).toMatchObject({ events: 5, partial: true })
})

test('a rule of the user is a witness, and a rule that cannot be used is said', async () => {
  put('access.log', access(5))
  mkdirSync(at('rules'))
  writeFileSync(
    at('rules', 'page.yml'),
    'title: Page three\nid: 11111111-2222-3333-4444-555555555555\nlogsource: { category: webserver }\ndetection: { s: { cs-uri-stem: /page/3 }, condition: s }\nlevel: high\n',
  )
  writeFileSync(at('rules', 'broken.yml'), 'title: Broken\nlogsource: { category: webserver }\ndetection: { s: { a: b } }\n')
  const report = await reportOf({ rules: [at('rules')] })
  expect(report.findings.map(({ title, severity, evidence }) => [title, severity, evidence.map(one => one.record)])).toEqual([
    ['Page three', 'high', [4]],
  ])
  expect(report.verdict.level).not.toBe('intrusion')
  expect(report.generatedFrom.diagnostics.filter(isAboutEvidence).map(({ code, message }) => [code, message])).toEqual([
    ['rules/refused', 'rule "Broken" is not used: the detection has no condition (line 3, column 1)'],
  ])
})

test('a hunt that is stopped before anything was read keeps what is known and says that nothing was read', async () => {
  for (let index = 0; index < 8; index++) put(`access.log.${index}`, access(2_000, index * 3_000))
  const stopper = new AbortController()
  const ended = await hunt(options({ jobs: 1, signal: stopper.signal }), {
    ...silentListener,
    phase: phase => {
      if (phase === 'read') stopper.abort()
    },
  })
  expect([ended.stopped, ended.parts]).toEqual([true, { done: 0, all: 8, itemsWaiting: 0 }])
  expect([ended.report.verdict.level, ended.report.coverage.partial]).toEqual(['insufficient-evidence', true])
  const { report, summary } = await hunt(options())
  expect(summary.takenOver + summary.partsRead).toBe(8)
  expect(report?.coverage.events).toBe(16_000)
})

test.each(['look', 'hash'] as const)(
  'a hunt that is stopped while it does "%s" has a case that can be gone on with',
  async moment => {
    for (let index = 0; index < 4; index++) put(`access.log.${index}`, access(50, index * 3_000))
    const calm = await reportOf({ caseDirectory: at('calm') })
    const stopper = new AbortController()
    const ended = await hunt(options({ jobs: 1, signal: stopper.signal }), {
      ...silentListener,
      phase: phase => {
        if (phase === moment) stopper.abort()
      },
    })
    expect([ended.stopped, ended.parts.done]).toEqual([true, 0])
    expect(ended.report.verdict.level).toBe('insufficient-evidence')
    expect(ended.report.generatedFrom.diagnostics.find(({ code }) => code === 'hunt/stopped')?.message).toMatch(
      moment === 'look'
        ? /^the hunt was stopped: the evidence was not looked through to its end \(\d+ items? (?:was|were) found\)/
        : /4 items were not begun/,
    )
    expect(renderHtml(ended.report)).toContain('This is a partial result')
    expect(await reportOf()).toEqual(calm)
  },
)

test('a hunt that is stopped while it reads has a report that says what it rests on', async () => {
  for (let index = 0; index < 8; index++) put(`access.log.${index}`, access(500 + index, index * 3_000))
  // Too large for the first wave: when reading is stopped, nothing but its name is known.
  put('dump.bin', '')
  truncateSync(at('evidence', 'dump.bin'), 65 << 20)
  const calm = await reportOf({ caseDirectory: at('calm') })
  const stopper = new AbortController()
  let isReading = false
  const { report, stopped, parts } = await hunt(options({ jobs: 1, signal: stopper.signal }), {
    ...silentListener,
    phase: phase => {
      isReading = phase === 'read'
    },
    advance: () => {
      if (isReading) stopper.abort()
    },
  })
  expect([stopped, parts.all, parts.itemsWaiting]).toEqual([true, 8, 1])
  expect(parts.done).toBeGreaterThan(0)
  expect(parts.done).toBeLessThan(8)
  expect(report?.coverage).toMatchObject({ items: 9, itemsNotRead: 1, partial: true })
  expect(report?.generatedFrom.evidence.at(-1)).toMatchObject({ path: 'evidence/dump.bin', format: 'not read yet', sha256: '' })
  expect(report?.generatedFrom.diagnostics.filter(isAboutEvidence).map(({ code, message }) => [code, message])).toEqual([
    [
      'hunt/stopped',
      `the hunt was stopped: ${8 - parts.done} of 8 parts were not read, 1 item was not begun; this report rests on the rest`,
    ],
  ])
  expect(renderHtml(report as Report)).toContain('This is a partial result')
  expect(await reportOf()).toEqual(calm)
})

test('the order in which evidence is given does not matter', async () => {
  put('a/access.log', access(50))
  put('b/auth.log', 'Aug 15 04:00:01 jump01 sshd[77]: Accepted password for ada from 192.0.2.5 port 2222 ssh2\n')
  const one = await reportOf({ evidence: [at('evidence', 'a'), at('evidence', 'b')], caseDirectory: at('one') })
  const two = await reportOf({ evidence: [at('evidence', 'b'), at('evidence', 'a')], caseDirectory: at('two'), jobs: 1 })
  expect(two).toEqual(one)
})

test('search, timeline and verify lead to file and record', async () => {
  put('access.log', access(30))
  await reportOf()
  const limits = { since: undefined, until: undefined, host: undefined, limit: 0 }
  const found = await all(search(at('case'), 'PAGE/17 ', limits))
  expect(found.map(({ path, record, object, excerpt }) => [path, record, object, excerpt.includes('GET /page/17 ')])).toEqual([
    ['evidence/access.log', 18, '/page/17', true],
  ])
  const lines = await all(timeline(at('case'), { ...limits, limit: 3 }))
  expect(lines.map(({ time, record }) => [time, record])).toEqual([
    ['2023-08-15T04:00:00.000000Z', 1],
    ['2023-08-15T04:00:01.000000Z', 2],
    ['2023-08-15T04:00:02.000000Z', 3],
  ])
  const states = async () => (await all(verifyEvidence(at('case')))).map(({ path, state }) => [path, state])
  expect(await states()).toEqual([['evidence/access.log', 'same']])
  appendFileSync(at('evidence', 'access.log'), 'x')
  put('new.log', 'new')
  expect(await states()).toEqual([
    ['evidence/access.log', 'changed'],
    ['evidence/new.log', 'new'],
  ])
})

test('a query reaches nothing outside the case', async () => {
  put('access.log', access(3))
  await reportOf()
  const refused = [
    `select * from read_text('/etc/hostname')`,
    `copy (select 1) to '${at('stolen.csv')}'`,
    'set enable_external_access = true',
    'selec',
  ]
  for (const statement of refused)
    await expect(all(query(at('case'), statement))).rejects.toMatchObject({ code: 'case/bad-query' })
  expect(existsSync(at('stolen.csv'))).toBe(false)
})

/** A disk of 24 MB; undefined where it cannot be made (not Linux, not root, or no right to mount). */
function smallDisk(): string | undefined {
  const place = at('small')
  mkdirSync(place)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', place], { stdio: 'ignore' })
    return place
  } catch {
    return undefined
  }
}

test('a full disk is said, the case stays readable (on a read-only disk too), and with more space the hunt goes on', async context => {
  const disk = smallDisk()
  if (disk === undefined) {
    context.skip('needs the right to mount a small disk')
    return
  }
  try {
    for (let index = 0; index < 30; index++) put(`access.log.${index}`, noisy(20_000, index))
    await expect(hunt(options({ caseDirectory: join(disk, 'case'), jobs: 1 }))).rejects.toMatchObject({ code: 'case/disk-full' })
    const done = await all(query(join(disk, 'case'), 'select count(*) as n from http_activity'))
    expect(Number(done[0]?.n)).toBeGreaterThan(0)
    execFileSync('mount', ['-o', 'remount,ro', disk])
    expect(await all(query(join(disk, 'case'), 'select count(*) as n from http_activity'))).toEqual(done)
    cpSync(join(disk, 'case'), at('case'), { recursive: true })
    const { summary, report } = await hunt(options())
    expect(summary.takenOver).toBeGreaterThan(0)
    expect(report?.coverage.events).toBe(600_000)
    expect(readdirSync(at('case', 'tmp'))).toEqual([])
  } finally {
    execFileSync('umount', [disk])
  }
}, 300_000)

/** Lines that hardly compress. */
function noisy(lines: number, seed: number): string {
  let state = seed + 1
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state.toString(36)
  }
  return Array.from(
    { length: lines },
    (_, index) =>
      `198.51.100.${index % 200} - - [15/Aug/2023:04:${String(Math.floor(index / 60) % 60).padStart(2, '0')}:${String(index % 60).padStart(2, '0')} +0000] "GET /${next()}${next()}${next()} HTTP/1.1" 200 5 "-" "-"\n`,
  ).join('')
}
