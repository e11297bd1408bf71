import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { EvidenceId, SecurityEvent } from '../src/model/index.ts'
import { type CorrelationPlan, compileSigma, type FeedHit, runCorrelations } from '../src/rules/index.ts'
import { eventsOfCase, type RuleCase } from './rule-events.ts'

const FOLDER = resolve(import.meta.dirname, '..', 'rules', 'correlations')
// Files whose correlation counts rules of other files give plain events: test/rules.test.ts runs those over all rules together.
const names = readdirSync(FOLDER).filter(
  name =>
    name.endsWith('.yml') &&
    !name.endsWith('.events.yml') &&
    /^ {2}parts:/m.test(readFileSync(join(FOLDER, name.replace(/\.yml$/, '.events.yml')), 'utf8')),
)

/** A series of records of one or several sources, and whether a correlation of the file fires on it. */
interface Series {
  readonly fires: boolean
  readonly why?: string
  readonly parts: readonly Omit<RuleCase, 'fires'>[]
}

/** The records of a series in order of time, each part an evidence item of its own. */
const eventsOf = ({ parts }: Series): readonly SecurityEvent[] =>
  parts
    .flatMap((part, index) =>
      eventsOfCase({ fires: true, ...part }).map(event => ({
        ...event,
        source: { ...event.source, evidence: `${index}` as EvidenceId },
      })),
    )
    .toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0))

function hitsOf(matcher: ReturnType<typeof compileSigma>['matcher'], events: readonly SecurityEvent[]): readonly FeedHit[] {
  return events.flatMap(event =>
    matcher.match(event).flatMap(({ rule, correlated }): FeedHit[] => {
      if (correlated === undefined || event.time === undefined) return []
      const { evidence, record, offset } = event.source
      return [
        {
          rule,
          time: event.time,
          evidence,
          record,
          offset,
          host: event.host,
          values: correlated.values,
          accounts: [],
          addresses: [],
        },
      ]
    }),
  )
}

/** Titles of the correlations that fire, without those that only feed another. */
async function firedOn(plan: CorrelationPlan, hits: readonly FeedHit[]): Promise<readonly string[]> {
  const { firings, cuts } = await runCorrelations(plan, rules => [hits.filter(({ rule }) => rules.includes(rule))])
  expect(cuts).toEqual([])
  return [...new Set(firings.map(({ correlation }) => correlation.title))]
}

describe.each(names)('%s', name => {
  const text = readFileSync(join(FOLDER, name), 'utf8')
  const { matcher, correlations } = compileSigma([{ path: name, text }])
  const cases = parse(readFileSync(join(FOLDER, name.replace(/\.yml$/, '.events.yml')), 'utf8')) as readonly Series[]
  const [title = ''] = /(?<=^title: ).*/m.exec(text) ?? []

  test('has series of both sides, the quiet ones with their reason', () => {
    expect([...new Set(cases.map(({ fires }) => fires))].toSorted()).toEqual([false, true])
    expect(cases.filter(({ fires, why }) => !fires && !why)).toEqual([])
  })

  test('keeps quiet although its rules see something', () => {
    expect(cases.filter(item => !item.fires && hitsOf(matcher, eventsOf(item)).length > 0).length).toBeGreaterThan(0)
  })

  test('its rules are there for it alone', () => {
    expect(Object.values(correlations.feeds).filter(({ alone }) => alone)).toEqual([])
  })

  test.each(cases.map((item, position) => ({ position: position + 1, item, why: item.why ?? 'as described' })))(
    'series $position, fires: $item.fires ($why)',
    async ({ item }) => {
      expect(await firedOn(correlations, hitsOf(matcher, eventsOf(item)))).toEqual(item.fires ? [title] : [])
    },
  )
})
