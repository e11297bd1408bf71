import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RuleFile } from '../model/index.ts'
import { compilePrepared, prepareRules } from './rule-cache.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barograph-cache-'))
  vi.stubEnv('BAROGRAPH_CACHE', folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const rule = (title: string): RuleFile => ({
  path: `${title}.yml`,
  text: `title: ${title}
name: ${title}
logsource: { category: process_creation, product: windows }
detection:
  image: { Image|endswith: '\\${title}.exe' }
  condition: image
`,
})
const together: RuleFile = {
  path: 'together.yml',
  text: `title: together
correlation:
  type: event_count
  rules: [one]
  group-by: [Computer]
  timespan: 5m
  condition: { gte: 3 }
`,
}
const broken: RuleFile = { path: 'broken.yml', text: 'title: [' }

const told = (files: readonly RuleFile[]) => {
  const { loaded, refused, documents, correlations } = compilePrepared(prepareRules(files, {}))
  return {
    loaded,
    refused: refused.map(({ path, line }) => `${path}:${line}`),
    titles: documents.rules.map(({ title }) => title),
    correlations: correlations.correlations.length,
  }
}

test('what is taken over is what would be read', () => {
  const files = [rule('one'), rule('two'), together, broken]
  const first = told(files)
  expect(first).toEqual({ loaded: 3, refused: ['broken.yml:1'], titles: ['one', 'two'], correlations: 1 })
  expect(readdirSync(folder)).toHaveLength(1)
  expect(told(files)).toEqual(first)
  expect(readdirSync(folder)).toHaveLength(1)
})

test('a changed rule is read anew', () => {
  told([rule('one')])
  const text = rule('one').text.replace('title: one', 'title: other')
  expect(told([{ path: 'one.yml', text }]).titles).toEqual(['other'])
})

test('what is damaged is read anew', () => {
  told([rule('one')])
  const [name = ''] = readdirSync(folder)
  const bytes = readFileSync(join(folder, name))
  for (const damaged of [bytes.subarray(0, 10), Buffer.concat([bytes, Buffer.from('x')]), Buffer.alloc(0)]) {
    writeFileSync(join(folder, name), damaged)
    expect(told([rule('one')]).titles).toEqual(['one'])
    expect(readFileSync(join(folder, name))).toEqual(bytes)
  }
})

test('a folder that cannot be made costs nothing but time', () => {
  writeFileSync(join(folder, 'file'), '')
  vi.stubEnv('BAROGRAPH_CACHE', join(folder, 'file', 'below'))
  expect(told([rule('one')]).titles).toEqual(['one'])
})

test('sets of rules do not pile up', () => {
  for (let number = 0; number < 12; number++) told([rule(`rule${number}`)])
  expect(readdirSync(folder)).toHaveLength(8)
})

test('what was used last is kept, and what a killed run left unfinished is not', () => {
  const old = (name: string, minutes: number) => {
    const time = new Date(Date.now() - minutes * 60_000)
    utimesSync(join(folder, name), time, time)
  }
  told([rule('first')])
  const [first = ''] = readdirSync(folder)
  const killed = `${first}.12345`
  const running = `${first}.12346`
  for (const name of [killed, running]) writeFileSync(join(folder, name), 'half')
  old(first, 60)
  old(killed, 60)
  for (let number = 0; number < 7; number++) told([rule(`rule${number}`)])
  for (const name of readdirSync(folder)) if (name !== first && name !== running) old(name, 30)
  told([rule('first')])
  told([rule('last')])
  const left = readdirSync(folder)
  expect([left.includes(first), left.includes(killed), left.includes(running), left.length]).toEqual([true, false, true, 9])
})

test('off means off', () => {
  vi.stubEnv('BAROGRAPH_CACHE', 'off')
  expect(told([rule('one')]).titles).toEqual(['one'])
  expect([existsSync('off'), readdirSync(folder)]).toEqual([false, []])
})
