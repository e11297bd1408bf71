import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Micros, microsFromIso } from '../model/index.ts'
import { guessFacts, hintsOf } from './guess-facts.ts'
import { sampleOfBytes } from './sample.ts'
import { factsFor, matchesGlob, parseSourceOption } from './source-facts.ts'
import { readSourcesYaml, writeSourcesYaml } from './sources-yaml.ts'

describe('--source', () => {
  test.each([
    [
      'logs/*.log=host:WEB01,zone:Pacific/Guam,year:2023',
      { glob: 'logs/*.log', facts: { host: 'web01', zone: 'Pacific/Guam', year: 2023 } },
    ],
    ['fw=zone:+10:00', { glob: 'fw', facts: { zone: '+10:00' } }],
    ['a=b.log=host:10.0.0.9', { glob: 'a=b.log', facts: { host: '10.0.0.9' } }],
    ['x=zone:utc', { glob: 'x', facts: { zone: 'UTC' } }],
    ['x=zone:-0530', { glob: 'x', facts: { zone: '-05:30' } }],
  ])('%s', (text, expected) => {
    expect(parseSourceOption(text)).toEqual(expected)
  })

  test.each([
    ['web01', 'has no "="'],
    ['web01=', 'states nothing'],
    ['x=host', 'has no ":"'],
    ['x=zone:Guam/Pacific', 'zone "Guam/Pacific" is not known'],
    ['x=year:23', 'year "23" is not a year'],
    ['x=owner:me', 'fact "owner" is not known'],
  ])('%s is refused with the reason', (text, reason) => {
    const result = parseSourceOption(text)
    expect('problem' in result ? result.problem : '').toContain(reason)
  })

  test.each([
    ['guam/web01/access.log', 'access.log', true],
    ['guam/web01/access.log', 'web01', true],
    ['guam/web01/access.log', 'web*/access.log', true],
    ['guam/web01/access.log', './guam/web01/', true],
    ['guam/web01/old/access.log', 'web01/*.log', false],
    ['guam/web01/old/access.log', 'web01/**/*.log', true],
    ['case.zip!/dc01/x.evtx', 'case.zip', true],
    ['case.zip!/dc01/x.evtx', 'dc0?', true],
    ['guam/access.log.1', 'access.log', false],
    ['guam/access.log.1', 'access.log{,.*}', true],
    ['guam/WEB01/a', 'web01', true],
    ['guam/a(1)+.log', 'a(1)+.log', true],
    ['guam/b.log', '[!a].log', true],
    ['guam/a.log', '[!a].log', false],
  ])('%s and %s: %s', (path, glob, expected) => {
    expect(matchesGlob(path, glob)).toBe(expected)
  })

  test('any pattern is a pattern', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '!', '\\', '^', '-', 'z', 'a', '/', '(', '.') }),
        glob => {
          expect(typeof matchesGlob('some/path/a.log', glob)).toBe('boolean')
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('statements win over guesses, later ones over earlier ones', () => {
    const declared = [
      { glob: 'guam', facts: { zone: 'Pacific/Guam', host: 'one' } },
      { glob: 'web01/*.log', facts: { host: 'two' } },
      { glob: 'elsewhere', facts: { year: 1999 } },
    ]
    const guesses = { host: { value: 'guess', reason: 'r' }, year: { value: 2022, reason: 'r' } }
    expect(factsFor('guam/web01/a.log', declared, guesses)).toEqual({ host: 'two', zone: 'Pacific/Guam', year: 2022 })
  })
})

describe('sources.yaml', () => {
  const guesses = {
    host: { value: 'web01', reason: 'the folder web01 says so' },
    year: { value: 2023, reason: 'a line repeats its date with this year' },
  }
  const text = writeSourcesYaml([
    { glob: 'guam/fw*', declared: { zone: 'Pacific/Guam' }, guesses: {} },
    { glob: 'guam/web01/syslog', declared: {}, guesses },
  ])

  test('is written for people, with the reason of each guess', () => {
    expect(
      text
        .split('\n')
        .filter(line => !line.startsWith('#'))
        .join('\n'),
    ).toBe(`sources:
  - path: guam/fw*
    zone: Pacific/Guam
  - path: guam/web01/syslog
    host: web01
    year: 2023
    guessed:
      host: web01 (the folder web01 says so)
      year: 2023 (a line repeats its date with this year)
`)
  })

  test('read back: a guess left alone is no statement, a corrected one is', () => {
    expect(readSourcesYaml(text).declared).toEqual([{ glob: 'guam/fw*', facts: { zone: 'Pacific/Guam' } }])
    expect(readSourcesYaml(text.replace('year: 2023\n', 'year: 2022\n')).declared[1]).toEqual({
      glob: 'guam/web01/syslog',
      facts: { year: 2022 },
    })
  })

  test.each([
    ['', []],
    ['sources: [', ['it is not YAML']],
    ['hosts: 1', ['has no list "sources"']],
    ['sources:\n  - host: a', ['has no "path"']],
    ['sources:\n  - path: a\n    zone: nowhere', ['zone "nowhere" is not known']],
  ])('%j', (yaml, problems) => {
    const { diagnostics } = readSourcesYaml(yaml)
    expect(diagnostics.length).toBe(problems.length)
    for (const [index, problem] of problems.entries()) expect(diagnostics[index]?.message).toContain(problem)
  })
})

const time = (text: string) => microsFromIso(text) as Micros
const hint = (path: string, text: string, containerTime?: string) =>
  hintsOf({
    path,
    sample: sampleOfBytes(path, Buffer.from(text)),
    ...(containerTime === undefined ? {} : { containerTime: time(containerTime) }),
  })

describe('guesses', () => {
  test.each([
    ['guam/web01/access.log', 'web01'],
    ['guam/web01.access.log', 'web01'],
    ['guam/access_web01.log', 'web01'],
    ['guam/hq-dc2/Security.evtx', 'hq-dc2'],
    ['guam/mail.power.example/syslog', 'mail.power.example'],
    ['guam/DESKTOP-4F7A2KQ/x', 'desktop-4f7a2kq'],
    ['guam/10.1.2.3/x.log', '10.1.2.3'],
    ['case.zip!/acmesql03/x.log', 'acmesql03'],
    ['apt29-day1-zeek/SCRANTON_conn.log.gz', ''],
    ['guam/report1/part2/access.log.1', ''],
    ['logs-2023/http.16:00:00-17:00:00.log', ''],
    ['case/test6-malicious.json', ''],
    ['case/u_ex230815.log', ''],
  ])('host of %s is "%s"', (path, host) => {
    expect(guessFacts(hint(path, 'x')).host?.value ?? '').toBe(host)
  })

  const line = 'Dec 30 23:59:01 web01 sshd[1]: x\n'
  test.each([
    ['nothing to go by', hint('d/syslog', line), [], undefined],
    ['the line says its date again', hint('d/syslog', `${line}Dec 30 23:59:02 web01 app: 2021-12-30 23:59:02 up\n`), [], 2021],
    [
      'another date in a line',
      hint('d/syslog', 'Dec 30 23:59:01 web01 kernel: Linux #1 SMP 2020-08-04 10:00:00\n'),
      [],
      undefined,
    ],
    ['container, same year', hint('d/syslog.gz', line, '2022-12-31T00:00:00Z'), [], 2022],
    ['container, after new year', hint('d/syslog.gz', line, '2023-01-02T00:00:00Z'), [], 2022],
    ['name of rotation', hint('d/messages-20240105', line), [], 2023],
    ['rotated sibling', hint('d/messages', line), [hint('d/messages-20230105', 'x')], 2023],
    ['a sibling of another folder', hint('d/messages', line), [hint('e/messages-20230105', 'x')], undefined],
    [
      'a neighbour of the same machine',
      hint('d/auth.log', line),
      [hint('d/app.log', '2019-01-02T00:00:00Z WEB01 app: started')],
      2018,
    ],
    [
      'a neighbour whose records name the same machine',
      hint('d/auth.log', line),
      [hint('d/app.json', '{"time":"2019-01-02T00:00:00Z","hostname":"web01"}')],
      2018,
    ],
    ['the rotated one of the same series', hint('d/auth.log', line), [hint('d/auth.log.1', '2019-01-02 00:00:00 x')], 2018],
    [
      'a neighbour of another machine',
      hint('d/auth.log', line),
      [hint('d/app.log', '2019-01-02T00:00:00Z db01 app: x')],
      undefined,
    ],
    [
      'a neighbour that names no machine',
      hint('d/auth.log', line),
      [hint('d/access.log', 'x [02/Jan/2019:00:00:00 +0000] "GET')],
      undefined,
    ],
    [
      'neighbours that do not agree',
      hint('d/auth.log', line),
      [hint('d/a.log', '2019-01-02 00:00:00 web01 x'), hint('d/b.log', '2021-01-02 00:00:00 web01 x')],
      undefined,
    ],
    ['lines that carry a year need no guess', hint('d/a.log', '2021-12-30 23:59:02 x', '2022-12-31T00:00:00Z'), [], undefined],
  ])('year: %s', (_name, own, others, year) => {
    const guess = guessFacts(own, others).year
    expect(guess?.value).toBe(year)
    if (guess) expect(guess.reason.length).toBeGreaterThan(10)
  })
})
