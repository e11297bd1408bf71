import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EvidenceId, micros } from '../model/index.ts'
import { type CorrelationPlan, type FeedHit, type LinkedCorrelation, runCorrelations } from '../rules/index.ts'
import { isNeeded, neededHits } from './needed-hits.ts'

const fields = { group: ['Computer'], values: [] }
const ruleLeg = (source: string) => ({ source, isCorrelation: false, title: source, fields: { [source]: fields } })

function correlation(
  key: string,
  some: Pick<LinkedCorrelation, 'type' | 'legs' | 'timespan'> & { least: number; level?: number },
): LinkedCorrelation {
  return {
    key,
    title: key,
    severity: 'high',
    techniques: [],
    why: '',
    innocent: '',
    groupBy: ['Computer'],
    timespanText: '',
    alone: true,
    level: 1,
    condition: { criteria: [{ operator: 'gte', value: some.least }], fields: [] },
    ...some,
  }
}

const guessed = correlation('guessed', { type: 'event_count', legs: [ruleLeg('refused')], timespan: 5, least: 2 })
const plan: CorrelationPlan = {
  feeds: {},
  correlations: [
    guessed,
    correlation('in order', {
      type: 'temporal_ordered',
      legs: ['attack', 'written', 'page'].map(ruleLeg),
      timespan: 10,
      least: 3,
    }),
    correlation('any order', { type: 'temporal', legs: ['written', 'page'].map(ruleLeg), timespan: 4, least: 2 }),
    correlation('two of three', {
      type: 'temporal',
      legs: ['attack', 'other', 'refused'].map(ruleLeg),
      timespan: 4,
      least: 2,
    }),
    correlation('guessed, then in', {
      type: 'temporal_ordered',
      legs: [{ source: 'guessed', isCorrelation: true, title: 'guessed', fields: { refused: fields } }, ruleLeg('signed in')],
      timespan: 6,
      least: 2,
      level: 2,
    }),
  ],
}

const hits = (times: readonly (readonly [rule: string, time: number, host: string])[]): readonly FeedHit[] =>
  times
    .map(([rule, time, host], index) => ({
      rule,
      time: micros(time),
      evidence: 'a' as EvidenceId,
      record: index,
      offset: 0,
      host,
      values: { Computer: host },
      accounts: [],
      addresses: [],
    }))
    .toSorted((a, b) => a.time - b.time || a.record - b.record)

/** Answers the two questions that are asked: how many hits the rules have, and when. */
const caseOf = (feed: readonly FeedHit[]) => ({
  rows: async (query: string) =>
    query.includes('count(*)')
      ? [...Map.groupBy(feed, hit => hit.rule)].map(([rule, list]) => ({ rule, hits: list.length }))
      : feed.filter(hit => query.includes(`'${hit.rule}'`)).map(hit => ({ time: hit.time })),
})

test('what is left out could not have made a correlation hold', async () => {
  const rule = fc.constantFrom('attack', 'written', 'page', 'page', 'page', 'refused', 'signed in', 'signed in', 'other')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(rule, fc.integer({ min: 0, max: 120 }), fc.constantFrom('x', 'y')), { maxLength: 60 }),
      async times => {
        const feed = hits(times)
        const needed = await neededHits(plan, caseOf(feed))
        const near = feed.filter(hit => needed.get(hit.rule)?.some(({ from, to }) => hit.time >= from && hit.time <= to) ?? true)
        const of = (all: readonly FeedHit[]) => runCorrelations(plan, rules => [all.filter(hit => rules.includes(hit.rule))])
        expect(await of(near)).toEqual(await of(feed))
      },
    ),
    { numRuns: 300 },
  )
})

test('hits of a leg are read around those of the rarest one, and all hits of a rule that others count', async () => {
  const needed = await neededHits(
    plan,
    caseOf(hits([['written', 50, 'x'], ...Array.from({ length: 90 }, (_, time) => ['page', time, 'x'] as const)])),
  )
  expect([...needed.keys()].sort()).toEqual(['page', 'signed in', 'written'])
  expect(needed.get('page')).toEqual([{ from: 46, to: 54 }])
  expect(needed.get('signed in')).toEqual([])
  expect(isNeeded(['page', 'refused', 'signed in'], needed)).toBe(
    `(rule in ('refused') or (rule = 'page' and ("time" between 46 and 54)))`,
  )
})
