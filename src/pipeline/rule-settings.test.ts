import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { huntOptions } from '../../test/hunt-options.ts'
import { hunt, match, silentListener, UsageError } from './index.ts'
import { checkRules } from './rules/check.ts'
import { explainRule } from './rules/explain.ts'

let directory: string
const at = (...parts: readonly string[]) => join(directory, ...parts)
const put = (name: string, text: string) => writeFileSync(at(name), text)

const RULE = `title: Uploads
id: 8f1b5f5e-0000-4000-8000-000000000001
logsource: {category: webserver}
detection: {s: {cs-method: POST, cs-uri-stem|expand: '%Uploads%'}, condition: s}
level: low
`
const line = (day: string, path: string) =>
  `198.51.100.7 - - [${day}/2023:10:00:00 +0000] "POST ${path} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-settings-'))
  mkdirSync(at('evidence'))
  put(
    'evidence/access.log',
    line('29/Jun', '/up/a') + line('30/Jun', '/up/b') + line('01/Jul', '/up/c') + line('02/Jul', '/other'),
  )
  put('rule.yml', RULE)
  put('placeholders.yml', "Uploads: ['/up/*']\n")
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const tuning = (what: string, until: string, more = '') =>
  put(
    'tuning.yml',
    `${more}tuning:\n  - rule: 8f1b5f5e-0000-4000-8000-000000000001\n    ${what}\n    reason: uploads are meant\n    until: ${until}\n`,
  )

/** Times and levels of the lines `match` writes. */
async function matched(settings: { readonly placeholders?: string; readonly tuning?: string }): Promise<readonly string[]> {
  const lines: string[] = []
  await match(
    { evidence: [at('evidence')], rules: [at('rule.yml')], sources: [], jobs: 1, ...settings },
    {
      lines: async text => {
        lines.push(...text.trim().split('\n'))
        return true
      },
      rules: () => undefined,
    },
  )
  return lines
    .map(text => JSON.parse(text) as { time: string; level: string })
    .map(({ time, level }) => `${time.slice(0, 10)} ${level}`)
}

test('placeholders and tuning reach the workers of match', async () => {
  const placeholders = at('placeholders.yml')
  expect(await matched({})).toEqual([])
  expect(await matched({ placeholders })).toEqual(['2023-06-29 low', '2023-06-30 low', '2023-07-01 low'])
  tuning('level: high', '2023-06-30')
  expect(await matched({ placeholders, tuning: at('tuning.yml') })).toEqual([
    '2023-06-29 high',
    '2023-06-30 high',
    '2023-07-01 low',
  ])
})

test('a hunt tells what tuning took away, and what is over', async () => {
  const report = async (name: string) => {
    const { report: made } = await hunt(
      huntOptions([at('evidence')], at(name), {
        rules: [at('rule.yml')],
        placeholders: at('placeholders.yml'),
        tuning: at('tuning.yml'),
      }),
      silentListener,
    )
    const found = made?.findings.filter(({ witnesses }) => witnesses.some(({ title }) => title === 'Uploads'))
    return {
      records: found?.map(({ evidenceTotal }) => evidenceTotal),
      said: made?.generatedFrom.diagnostics
        .filter(({ code }) => code.startsWith('rules/'))
        .map(({ level, message }) => `${level}: ${message}`),
    }
  }
  tuning('exclude: true', 'never')
  expect(await report('excluded')).toEqual({
    records: [],
    said: ['note: rule 8f1b5f5e-0000-4000-8000-000000000001 left out: uploads are meant'],
  })
  tuning('exclude: true', '2023-06-30')
  expect(await report('over')).toEqual({
    records: [1],
    said: [
      'warning: rule 8f1b5f5e-0000-4000-8000-000000000001 left out until 2023-06-30, which is over: records from then on (the latest is of 2023-07-02) are judged without it. Its reason was: uploads are meant',
    ],
  })
})

test('rules check and rules explain mind them as a hunt does', async () => {
  const settings = { placeholders: at('placeholders.yml'), tuning: at('tuning.yml') }
  const explained = async () => {
    const { matched, leftOut, shown } = await explainRule({
      rule: at('rule.yml'),
      rules: [],
      evidence: at('evidence'),
      sources: [],
      ...settings,
    })
    return [matched, leftOut, shown?.time.slice(0, 10), shown?.tuned]
  }
  tuning('exclude: true', 'never')
  expect(checkRules([at('rule.yml')], settings)).toMatchObject({ loaded: 0, excluded: 1, refused: [] })
  expect(await explained()).toEqual([3, 3, '2023-06-29', 'left out'])
  tuning('exclude: true', '2023-06-30')
  expect(checkRules([at('rule.yml')], settings)).toMatchObject({ loaded: 1, excluded: 0 })
  expect(await explained()).toEqual([3, 2, '2023-07-01', 'low'])
  tuning('level: high', 'never')
  expect(await explained()).toEqual([3, 0, '2023-06-29', 'high'])
})

test.each([
  ['a file that is not there', { placeholders: 'nowhere.yml' }, '--placeholders nowhere.yml: it cannot be read (ENOENT)'],
  [
    'a fault in a file',
    { tuning: 'tuning.yml' },
    '--tuning: tuning.yml:3:5 "levle" is not known here; rule, exclude, level, except, reason, until are',
  ],
])('%s is a wrong command', async (_name, settings, message) => {
  tuning('levle: low', 'never', '')
  const before = process.cwd()
  process.chdir(directory)
  try {
    const refused: unknown = await matched(settings).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(UsageError)
    expect(refused instanceof Error && refused.message).toBe(message)
  } finally {
    process.chdir(before)
  }
})
