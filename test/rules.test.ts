import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { detectors } from '../src/detect/registry.ts'
import { bundledTechnique, techniqueOf } from '../src/knowledge/index.ts'
import { compileSigma } from '../src/rules/index.ts'
import { as4688, eventsOfCase, firesOn, type RuleCase } from './rule-events.ts'

const RULES = resolve(import.meta.dirname, '..', 'rules')
const names = readdirSync(RULES, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yml') && !name.endsWith('.events.yml'))
  .toSorted()

/**
 * Events that are the behaviour, whoever logs them: a cleared log (1102, 104), SID history added or tried (4765, 4766), the password of
 * directory restore mode set (4794). Every other event id is everyday work until a field says more.
 */
const SAYS_ENOUGH = new Set(['104', '1102', '4765', '4766', '4794'])

type Rule = Readonly<Record<string, unknown>>
interface RuleText {
  readonly text: string
  readonly rules: readonly Rule[]
  readonly cases: readonly RuleCase[]
}

/** A file may hold several documents: a correlation and the rules it counts. */
function read(name: string): RuleText {
  const text = readFileSync(join(RULES, name), 'utf8')
  const events = join(RULES, name.replace(/\.yml$/, '.events.yml'))
  return {
    text,
    rules: documents(text) as Rule[],
    cases: existsSync(events) ? (documents(readFileSync(events, 'utf8'))[0] as RuleCase[]) : [],
  }
}

function documents(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document): unknown => {
    const [error] = document.errors
    if (error) throw error
    return document.toJS()
  })
}

const files = new Map(names.map(name => [name, read(name)]))

/** As written, and as the other log of process starts tells it. */
const shapesOf = (item: RuleCase): readonly RuleCase[] => [item, ...as4688(item)]

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(item => typeof item === 'string') : [])

/** Field names, and the event ids, that a detection asks for anywhere. */
function asked(detection: unknown, fields = new Set<string>(), ids = new Set<string>()) {
  if (Array.isArray(detection)) {
    for (const item of detection) {
      if (typeof item === 'object') asked(item, fields, ids)
      else fields.add('(keyword)')
    }
    return { fields, ids }
  }
  for (const [key, value] of Object.entries((detection ?? {}) as Rule)) {
    const [field = ''] = key.split('|')
    if (field === 'EventID') for (const id of [value].flat()) ids.add(String(id))
    fields.add(field)
  }
  return { fields, ids }
}

/** Does the rule ask for nothing but the number of the event and where it was logged? */
function restsOnEventIdAlone(rule: Rule): boolean {
  if ('correlation' in rule) return false
  const { condition: _, timeframe: __, ...selections } = (rule['detection'] ?? {}) as Rule
  const needs = Object.values(selections).map(selection => asked(selection))
  const alone = needs.every(({ fields }) => [...fields].every(field => ['EventID', 'Channel', 'Provider_Name'].includes(field)))
  return alone && !needs.some(({ ids }) => ids.size > 0 && [...ids].every(id => SAYS_ENOUGH.has(id)))
}

test('every rule has an id of its own', () => {
  const ids = [...files.values()].flatMap(({ rules }) => rules.map(rule => rule['id']))
  expect(ids.filter((id, position) => ids.indexOf(id) !== position)).toEqual([])
})

test('rules and detectors that docs/rules.md names exist', () => {
  const page = readFileSync(resolve(RULES, '..', 'docs', 'rules.md'), 'utf8')
  const table = page.slice(page.indexOf('## Which rule shows which behaviour'))
  const named = (form: RegExp) =>
    [...table.matchAll(form)].map(([, name = '']) => name).filter(name => !name.startsWith('rules/'))
  const have = new Set(
    names.map(name =>
      name
        .replaceAll('\\', '/')
        .replace(/\.yml$/, '')
        .replace(/^windows\//, ''),
    ),
  )
  const known = new Set(detectors.map(({ id }) => id))
  const rules = named(/`([a-z-]+\/[a-z0-9-]+)`/g)
  expect(rules.length).toBeGreaterThan(120)
  expect(rules.filter(name => !have.has(name))).toEqual([])
  expect(named(/\*([a-z-]+\/[a-z-]+)\*/g).filter(id => !known.has(id))).toEqual([])
})

describe.each(names)('%s', name => {
  const { text, rules, cases } = files.get(name) ?? { text: '', rules: [], cases: [] }
  const own = rules.map(rule => String(rule['id']))
  // A correlation may count rules of other files.
  const counts = rules.some(rule => 'correlation' in rule)
  const compiled = compileSigma(counts ? [...files].map(([path, file]) => ({ path, text: file.text })) : [{ path: name, text }])

  test('loads', () => {
    expect(compiled.refused).toEqual([])
    expect(compiled.loaded).toBeGreaterThanOrEqual(rules.length)
  })

  test.each(rules)('says what it is, since when, from where and what it may be otherwise: $title', rule => {
    expect(rule['id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(rule['description']).toMatch(/\w{3}.{30}/)
    expect(rule['date']).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(rule['level']).toMatch(/^(?:informational|low|medium|high|critical)$/)
    expect(texts(rule['references']).length).toBeGreaterThan(0)
    expect(texts(rule['falsepositives']).filter(cause => /^(?:unknown|unlikely|none)/i.test(cause))).toEqual([])
    expect(texts(rule['falsepositives']).length).toBeGreaterThan(0)
  })

  // Tags carry the ids of the bundled ATT&CK; src/knowledge/technique-aliases.ts joins them with older and newer versions.
  test.each(rules)('is tagged with techniques of the bundled ATT&CK: $title', rule => {
    const techniques = texts(rule['tags']).flatMap(tag => /^attack\.(t\d{4}(?:\.\d{3})?)$/.exec(tag)?.[1] ?? [])
    expect(techniques.length).toBeGreaterThan(0)
    expect(techniques.filter(id => !techniqueOf(bundledTechnique(id)))).toEqual([])
    expect(techniques.filter(id => bundledTechnique(id) !== id.toUpperCase())).toEqual([])
  })

  test.each(rules)('asks for more than an event id, or is informational: $title', rule => {
    if (restsOnEventIdAlone(rule)) expect(rule['level']).toBe('informational')
  })

  // Series of several sources have parts: test/correlation-rules.test.ts.
  if (cases.some(item => 'parts' in item)) return

  test('has events of both sides, and a harmless one of every event id that fires', () => {
    expect([...new Set(cases.map(({ fires }) => fires))].toSorted()).toEqual([false, true])
    const codes = (fires: boolean) =>
      new Set(
        cases
          .filter(item => item.fires === fires)
          .flatMap(item => shapesOf(item).flatMap(eventsOfCase))
          .map(event => `${event.product} ${event.code}`),
      )
    expect([...codes(true)].filter(code => !codes(false).has(code) && !SAYS_ENOUGH.has(code.split(' ').at(-1) ?? ''))).toEqual([])
    expect(cases.filter(({ fires, why }) => !fires && !why)).toEqual([])
  })

  test.each(cases.map((item, position) => ({ position: position + 1, item })))(
    'event $position, fires: $item.fires',
    async ({ item }) => {
      for (const shape of shapesOf(item)) expect(await firesOn(compiled, own, shape)).toBe(item.fires)
    },
  )
})
