import { describe, expect, test } from 'vitest'
import { type EvidenceId, type Micros, originalFields, type SecurityEvent } from '../../model/index.ts'
import { compileSigma } from './compile.ts'
import { expiredEntries, readTuning } from './tuning.ts'

const ID = '8f1b5f5e-0000-4000-8000-000000000001'
const RULE = `title: Rule
id: ${ID}
name: the_rule
level: medium
logsource: {category: process_creation, product: windows}
detection: {s: {Image|endswith: cmd.exe}, condition: s}
`
const micros = (time: string): Micros => (Date.parse(time) * 1000) as Micros

const started = (
  time: string | undefined,
  host = 'web01.example',
  fields: Readonly<Record<string, string>> = {},
): SecurityEvent => ({
  kind: 'process_activity',
  action: 'start',
  source: { evidence: 'e' as EvidenceId, record: 1, offset: 0 },
  time: time === undefined ? undefined : micros(time),
  host,
  series: 'evtx|web01|microsoft-windows-sysmon/operational',
  identity: 1,
  product: 'sysmon',
  code: '1',
  original: originalFields({ EventID: '1', Channel: 'Microsoft-Windows-Sysmon/Operational', Image: 'C:\\cmd.exe', ...fields }),
})

/** Level of the hit, or nothing. */
function level(tuningText: string, event: SecurityEvent): string | undefined {
  const { tuning, problems } = readTuning({ path: 't.yml', text: tuningText })
  expect(problems).toEqual([])
  const { matcher, refused } = compileSigma([{ path: 'r.yml', text: RULE }], { tuning })
  expect(refused).toEqual([])
  return matcher.match(event)[0]?.severity
}
const entry = (what: string, until = '2023-06-30', rule = ID): string =>
  `tuning:\n  - rule: ${rule}\n    ${what}\n    reason: the backup does this\n    until: ${until}\n`

describe('what an entry does', () => {
  test.each([
    ['exclude', 'exclude: true', undefined],
    ['another level', 'level: low', 'low'],
  ])('%s, up to and with its last day', (_name, what, changed) => {
    expect(level(entry(what), started('2023-06-30T23:59:59Z'))).toBe(changed)
    expect(level(entry(what), started('2023-07-01T00:00:00Z'))).toBe('medium')
  })

  test.each([
    ['a host by its whole name', 'except: {hosts: [web01.example]}', true],
    ['a host by its first name', 'except: {hosts: WEB01}', true],
    ['a host by a pattern', "except: {hosts: ['db*', 'web0?']}", true],
    ['another host', 'except: {hosts: [web02, eb01]}', false],
    ['fields', `except: {fields: {Image|startswith: 'C:', CommandLine|contains: backup}}`, true],
    ['other fields', 'except: {fields: {CommandLine|contains: restore}}', false],
    ['one of several maps of fields', 'except: {fields: [{User: x}, {CommandLine: run backup}]}', true],
    ['fields on a host', 'except: {hosts: [web01], fields: {CommandLine|contains: backup}}', true],
    ['fields on another host', 'except: {hosts: [web02], fields: {CommandLine|contains: backup}}', false],
  ])('an exception for %s', (_name, what, excepted) => {
    const event = started('2023-06-01T00:00:00Z', 'web01.example', { CommandLine: 'run backup' })
    expect(level(entry(what), event)).toBe(excepted ? undefined : 'medium')
  })

  test.each([
    ['by id', ID],
    ['by id in capitals', ID.toUpperCase()],
    ['by name', 'the_rule'],
    ['in a list', `[other, ${ID}]`],
  ])('a rule %s', (_name, rule) => {
    expect(level(entry('level: high', 'never', rule), started('2030-01-01T00:00:00Z'))).toBe('high')
  })

  test('several entries: an exception, else the level of the last', () => {
    const text = `${entry('level: low', 'never')}${entry('level: high').replace('tuning:\n', '')}${entry('except: {hosts: db01}', 'never').replace('tuning:\n', '')}`
    expect(level(text, started('2023-01-01T00:00:00Z'))).toBe('high')
    expect(level(text, started('2024-01-01T00:00:00Z'))).toBe('low')
    expect(level(text, started('2023-01-01T00:00:00Z', 'db01'))).toBeUndefined()
  })

  test('an entry of another rule does nothing and is told', () => {
    const { tuning } = readTuning({ path: 't.yml', text: entry('exclude: true', 'never', 'nobody') })
    const { loaded, excluded, notes } = compileSigma([{ path: 'r.yml', text: RULE }], { tuning })
    expect({ loaded, excluded, notes }).toEqual({
      loaded: 1,
      excluded: 0,
      notes: [{ path: 't.yml', title: '', line: 2, column: 5, message: 'tuning of nobody: no loaded rule has this id or name' }],
    })
  })

  test('a rule that is left out for ever is not compiled', () => {
    const { tuning } = readTuning({ path: 't.yml', text: entry('exclude: true', 'never') })
    const { loaded, excluded, matcher } = compileSigma([{ path: 'r.yml', text: RULE }], { tuning })
    expect([loaded, excluded, matcher.match(started('2023-01-01T00:00:00Z'))]).toEqual([0, 1, []])
  })
})

describe('when an entry is over', () => {
  test('a record without a time is exempt only for ever', () => {
    expect(level(entry('exclude: true'), started(undefined))).toBe('medium')
    expect(level(entry('level: low', 'never'), started(undefined))).toBe('low')
  })

  test('as-of decides for all records', () => {
    expect(level(`as-of: 2023-06-30\n${entry('level: low')}`, started('2024-01-01T00:00:00Z'))).toBe('low')
    expect(level(`as-of: 2023-07-01\n${entry('level: low')}`, started('2023-01-01T00:00:00Z'))).toBe('medium')
  })

  test('entries that are over for the latest record, or as of the given day', () => {
    const read = (text: string) => readTuning({ path: 't.yml', text }).tuning
    const over = (text: string, latest?: string) =>
      expiredEntries(read(text), latest === undefined ? undefined : micros(latest)).length
    expect(over(entry('level: low'), '2023-06-30T23:59:59Z')).toBe(0)
    expect(over(entry('level: low'), '2023-07-01T00:00:00Z')).toBe(1)
    expect(over(entry('level: low'))).toBe(0)
    expect(over(entry('level: low', 'never'), '2099-01-01T00:00:00Z')).toBe(0)
    expect(over(`as-of: 2023-07-01\n${entry('level: low')}`)).toBe(1)
  })

  test('tuning survives the way to a worker', () => {
    const { tuning } = readTuning({ path: 't.yml', text: entry('except: {hosts: web*, fields: {A|re: b}}') })
    expect(structuredClone(tuning)).toEqual(tuning)
  })
})

describe('a fault in the file is told with its place', () => {
  const good = `  - rule: r\n    level: low\n    reason: x\n    until: never\n`
  test.each([
    ['a list', '- x', '1:1 a tuning file is a map with a list "tuning"'],
    ['no list', 'tuning: x', '1:9 "tuning" must be a list of entries'],
    ['another key', `rules: []\ntuning:\n${good}`, '1:1 "rules" is not known here; "tuning" and "as-of" are'],
    [
      'no rule',
      `tuning:\n${good.replace('  - rule: r\n    level', '  - level')}`,
      '2:5 the entry has no "rule": the id or name of the rule, or a list of them',
    ],
    [
      'no reason',
      `tuning:\n${good.replace('    reason: x\n', '')}`,
      '2:5 the entry has no "reason": whoever reads the report must see why',
    ],
    ['an empty reason', `tuning:\n${good.replace('x', "' '")}`, '4:13 "reason" is empty'],
    [
      'no end',
      `tuning:\n${good.replace('    until: never\n', '')}`,
      '2:5 the entry has no "until": the last day it holds (2026-12-31), or "never" when it is to hold for ever',
    ],
    ['no day', `tuning:\n${good.replace('never', '30.06.2026')}`, '5:12 "until" needs a day such as 2026-12-31'],
    [
      'a day that does not exist',
      `tuning:\n${good.replace('never', '2026-02-30')}`,
      '5:12 "until" needs a day such as 2026-12-31',
    ],
    ['a bad as-of', `as-of: soon\ntuning:\n${good}`, '1:8 "as-of" needs a day such as 2026-12-31'],
    [
      'nothing to do',
      `tuning:\n${good.replace('    level: low\n', '')}`,
      '2:5 the entry does nothing: give "exclude: true", "level" or "except"',
    ],
    [
      'two things to do',
      `tuning:\n${good.replace('level: low', 'level: low\n    exclude: true')}`,
      '4:5 "level" and "exclude" are two entries',
    ],
    [
      'a level that does not exist',
      `tuning:\n${good.replace('low', 'severe')}`,
      '3:12 a level is one of informational, low, medium, high, critical',
    ],
    ['exclude: false', `tuning:\n${good.replace('level: low', 'exclude: false')}`, '3:14 "exclude" can only be true'],
    [
      'an exception for nothing',
      `tuning:\n${good.replace('level: low', 'except: {}')}`,
      '3:13 "except" needs hosts or fields; to leave the rule out write "exclude: true"',
    ],
    [
      'a bad field',
      `tuning:\n${good.replace('level: low', 'except: {fields: {A|re: (}}')}`,
      '3:29 regular expression: error parsing regexp: missing closing ): `(`',
    ],
    [
      'a word too many',
      `tuning:\n${good.replace('level: low', 'levle: low')}`,
      '3:5 "levle" is not known here; rule, exclude, level, except, reason, until are',
    ],
  ])('%s', (_name, text, reason) => {
    expect(
      readTuning({ path: 't.yml', text }).problems.map(({ line, column, reason: why }) => `${line}:${column} ${why}`),
    ).toEqual([reason])
  })

  test('every fault at once', () => {
    expect(
      readTuning({ path: 't.yml', text: `tuning:\n${good.replace('low', 'x')}${good}${good.replace('never', 'x')}` }),
    ).toMatchObject({
      tuning: { entries: [{ rules: ['r'] }] },
      problems: [{ line: 3 }, { line: 13 }],
    })
  })
})

describe('correlations', () => {
  const CORRELATION = `---\ntitle: Many\nname: many\nlevel: high\ncorrelation: {type: event_count, rules: [the_rule], timespan: 5m, condition: {gte: 3}}\n`
  const compiled = (text: string) => {
    const { correlations, excluded, notes } = compileSigma([{ path: 'r.yml', text: RULE + CORRELATION }], {
      tuning: readTuning({ path: 't.yml', text }).tuning,
    })
    return {
      levels: correlations.correlations.map(({ severity }) => severity),
      excluded,
      notes: notes.map(({ message }) => message),
    }
  }
  test.each([
    ['left out', entry('exclude: true', 'never', 'many'), { levels: [], excluded: 1, notes: [] }],
    ['at another level', entry('level: low', 'never', 'many'), { levels: ['low'], excluded: 0, notes: [] }],
    [
      'at another level as of a day',
      `as-of: 2023-01-01\n${entry('level: low', '2023-06-30', 'many')}`,
      { levels: ['low'], excluded: 0, notes: [] },
    ],
    [
      'with an end and no day',
      entry('level: low', '2023-06-30', 'many'),
      { levels: ['high'], excluded: 0, notes: ['"Many" is a correlation: an entry with an end needs "as-of" in the file'] },
    ],
    [
      'with an exception',
      entry('except: {hosts: a}', 'never', 'many'),
      { levels: ['high'], excluded: 0, notes: ['"Many" is a correlation: exceptions are for the rules it joins'] },
    ],
  ])('a correlation %s', (_name, text, expected) => {
    expect(compiled(text)).toEqual(expected)
  })
})
