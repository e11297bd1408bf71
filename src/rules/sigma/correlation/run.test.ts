import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { naiveCorrelations } from '../../../../test/naive-correlation.ts'
import { type EvidenceId, MICROS_PER_SECOND, micros } from '../../../model/index.ts'
import { readSigma } from '../document.ts'
import { byTimeAndPlace, type FeedHit, type FeedValue, recordKey } from './feed.ts'
import type { Firing } from './firing.ts'
import { linkCorrelations } from './link.ts'
import { parseCorrelation } from './parse.ts'
import type { CorrelationPlan } from './plan.ts'
import { type CorrelationLimits, runCorrelations } from './run.ts'

const RULES = ['a', 'b', 'c'].map(name => ({ id: `id-${name}`, name, title: `Rule ${name}`, level: 'low' as const }))

/** A plan from documents written as JSON, which is YAML. */
function planOf(...documents: readonly object[]): CorrelationPlan {
  const text = documents.map(document => JSON.stringify(document)).join('\n---\n')
  const { correlations, refused } = readSigma([{ path: 'c.yml', text }])
  expect(refused).toEqual([])
  const parsed = correlations.map(parseCorrelation)
  const rules = parsed.flatMap(one => ('reason' in one ? [] : [one]))
  expect(parsed.filter(one => 'reason' in one)).toEqual([])
  const linked = linkCorrelations(RULES, rules)
  expect(linked.refused).toEqual([])
  return linked.plan
}

let records = 0
function hit(
  rule: string,
  second: number,
  values: Readonly<Record<string, FeedValue>> = {},
  record = ++records,
  evidence = 'e1',
): FeedHit {
  return {
    rule: `id-${rule}`,
    time: micros(second * MICROS_PER_SECOND),
    evidence: evidence as EvidenceId,
    record,
    offset: 0,
    host: 'h1',
    values,
    accounts: [],
    addresses: [],
  }
}

async function run(plan: CorrelationPlan, hits: readonly FeedHit[], limits?: CorrelationLimits): Promise<readonly Firing[]> {
  return (await outcome(plan, hits, limits)).firings
}

function outcome(plan: CorrelationPlan, hits: readonly FeedHit[], limits?: CorrelationLimits) {
  const sorted = hits.toSorted((a, b) => byTimeAndPlace(a, b) || (a.rule < b.rule ? -1 : 1))
  return runCorrelations(plan, rules => [sorted.filter(({ rule }) => rules.includes(rule))], limits)
}

const correlation = (type: string, rules: readonly string[], more: object = {}) => ({
  title: `Correlation ${type}`,
  id: `id-${type}`,
  name: type,
  correlation: { type, rules, timespan: '10s', 'group-by': ['User'], ...more },
})

const times = (list: readonly Firing[]) => list.map(({ time, total }) => [time / MICROS_PER_SECOND, total])
const alice = { User: 'alice' }
const bob = { User: 'bob' }

describe('counting', () => {
  const three = planOf(correlation('event_count', ['a'], { condition: { gte: 3 } }))

  test.each([
    ['three within the timespan', [0, 4, 10], [[10, 3]]],
    ['the window slides: no bucket begins at a full ten seconds', [7, 9, 12], [[12, 3]]],
    ['just too far apart', [0, 4, 10.1], []],
    ['more that follow join the same hit', [0, 1, 2, 3, 4], [[2, 5]]],
    [
      'a lull, then again',
      [0, 1, 2, 20, 21, 22],
      [
        [2, 3],
        [22, 3],
      ],
    ],
    [
      'it fires again when it still holds after a timespan',
      [0, 1, 2, 5, 8, 11, 13, 14],
      [
        [2, 6],
        [13, 5],
      ],
    ],
    ['equal times are records of their own', [5, 5, 5], [[5, 3]]],
  ])('%s', async (_name, seconds, expected) => {
    expect(
      times(
        await run(
          three,
          seconds.map(second => hit('a', second, alice)),
        ),
      ),
    ).toEqual(expected)
  })

  test('groups are counted apart, without regard to capitals; a hit without the field belongs to none', async () => {
    const hits = [hit('a', 0, alice), hit('a', 1, { User: 'ALICE' }), hit('a', 2, bob), hit('a', 3, {}), hit('a', 4, alice)]
    const firings = await run(three, hits)
    expect(firings.map(({ group, total, time }) => [group, total, time])).toEqual([[['alice'], 3, 4_000_000]])
  })

  test('without group-by all hits are one group', async () => {
    const plan = planOf(correlation('event_count', ['a', 'b'], { 'group-by': undefined, condition: { gte: 3 } }))
    expect(times(await run(plan, [hit('a', 0, alice), hit('b', 1, bob), hit('a', 2)]))).toEqual([[2, 3]])
  })

  test('a record that two rules matched is one record', async () => {
    const plan = planOf(correlation('event_count', ['a', 'b'], { condition: { gte: 3 } }))
    expect(await run(plan, [hit('a', 0, alice, 901), hit('b', 0, alice, 901), hit('a', 1, alice)])).toEqual([])
  })

  test.each([
    ['a range, met by the whole run', { gt: 1, lte: 3 }, [0, 1, 2], [[2, 3]]],
    ['a range, exceeded by the whole run though not by its beginning', { gt: 1, lte: 3 }, [0, 1, 2, 3], []],
    ['exactly one', { eq: 1 }, [0, 30, 31], [[0, 1]]],
    ['fewer than three', { lt: 3 }, [0, 1, 2, 40], [[40, 1]]],
    [
      'another number than two',
      { neq: 2 },
      [0, 1, 30, 60, 61, 62],
      [
        [30, 1],
        [62, 3],
      ],
    ],
  ])('upper bounds are judged on complete windows: %s', async (_name, condition, seconds, expected) => {
    const plan = planOf(correlation('event_count', ['a'], { condition }))
    expect(
      times(
        await run(
          plan,
          seconds.map(second => hit('a', second, alice)),
        ),
      ),
    ).toEqual(expected)
  })

  test('distinct values of one field, and of several together', async () => {
    const one = planOf(correlation('value_count', ['a'], { condition: { field: 'Host', gte: 3 } }))
    const pair = planOf(correlation('value_count', ['a'], { condition: { field: ['Host', 'Port'], gte: 3 } }))
    const hits = [
      ['h1', '1'],
      ['h1', '2'],
      ['H1', '2'],
      ['h2', '1'],
    ].map(([Host = '', Port = ''], second) => hit('a', second, { ...alice, Host, Port }))
    expect(await run(one, hits)).toEqual([])
    expect(times(await run(pair, hits))).toEqual([[3, 4]])
    expect(times(await run(one, [...hits, hit('a', 5, { ...alice, Host: 'h3' }), hit('a', 6, alice)]))).toEqual([[5, 5]])
  })
})

describe('numbers', () => {
  const sent = (second: number, Bytes: string) => hit('a', second, { ...alice, Bytes })

  test.each([
    ['value_sum', { field: 'Bytes', gt: 100 }, ['60', '0x28', 'none', '1'], [[3, 3]]],
    ['value_sum', { field: 'Bytes', gt: 100 }, ['60', '40'], []],
    ['value_avg', { field: 'Bytes', gt: 50 }, ['100', '10'], [[1, 2]]],
    ['value_avg', { field: 'Bytes', gt: 50 }, ['100', '0'], []],
    ['value_avg', { field: 'Bytes', gte: 0.1 }, ['0.1', '0.1', '0.1'], [[2, 3]]],
    ['value_median', { field: 'Bytes', gte: 10 }, ['1', '10', '1000'], [[2, 3]]],
    ['value_median', { field: 'Bytes', eq: 5.5 }, ['1', '10'], [[1, 2]]],
    ['value_percentile', { field: 'Bytes', percentile: 95, gte: 90 }, ['1', '2', '100'], [[2, 3]]],
    ['value_percentile', { field: 'Bytes', percentile: 0, lt: 1 }, ['1', '2', '100'], []],
  ])('%s %o of %j', async (type, condition, values, expected) => {
    const plan = planOf(correlation(type, ['a'], { condition }))
    expect(
      times(
        await run(
          plan,
          values.map((value, second) => sent(second, value)),
        ),
      ),
    ).toEqual(expected)
  })

  test('a percentile without a rank is the share of one value among all: the rare one is found, and only it', async () => {
    const plan = planOf(correlation('value_percentile', ['a'], { timespan: '1d', condition: { field: 'Image', lte: 1 } }))
    const hits = Array.from({ length: 200 }, (_, second) =>
      hit('a', second, { ...alice, Image: second === 77 ? 'rare.exe' : 'usual.exe' }),
    )
    const [firing] = await run(plan, hits)
    expect(firing?.hits.map(({ values }) => values['Image'])).toEqual(['rare.exe'])
  })
})

describe('legs', () => {
  const both = planOf(correlation('temporal', ['a', 'b']))
  const inOrder = planOf(correlation('temporal_ordered', ['a', 'b', 'c']))
  const letters = (text: string, values: Readonly<Record<string, FeedValue>> = alice) =>
    [...text].flatMap((rule, second) => (rule === '.' ? [] : [hit(rule, second, values)]))

  test('every leg in any order, in the same group', async () => {
    expect(times(await run(both, letters('b..a')))).toEqual([[3, 2]])
    expect(await run(both, [hit('a', 0, alice), hit('b', 1, bob)])).toEqual([])
    expect(await run(both, letters('a..........b'))).toEqual([])
    expect(times(await run(both, letters('a.........b')))).toEqual([[10, 2]])
  })

  test('in order: a later beginning wins, another order is none', async () => {
    expect(await run(inOrder, letters('acb'))).toEqual([])
    expect(times(await run(inOrder, letters('a.b......abc')))).toEqual([[11, 3]])
    expect(times(await run(inOrder, letters('a..a..b..b..c')))).toEqual([[12, 3]])
  })

  test('one record is no sequence, equal times are in the order of their place', async () => {
    const plan = planOf(correlation('temporal_ordered', ['a', 'b']))
    expect(await run(plan, [hit('a', 1, alice, 950), hit('b', 1, alice, 950)])).toEqual([])
    expect(times(await run(plan, [hit('a', 1, alice, 951), hit('b', 1, alice, 952)]))).toEqual([[1, 2]])
    expect(await run(plan, [hit('b', 1, alice, 953), hit('a', 1, alice, 954)])).toEqual([])
    expect(times(await run(plan, [hit('a', 1, alice, 970, 'e1'), hit('b', 1, alice, 960, 'e2')]))).toEqual([[1, 2]])
  })

  test('the same rule may come twice in a sequence', async () => {
    const plan = planOf(correlation('temporal_ordered', ['a', 'b', 'a']))
    expect(await run(plan, letters('ab'))).toEqual([])
    expect(times(await run(plan, letters('aba')))).toEqual([[2, 3]])
  })

  test('some of the legs', async () => {
    const two = planOf(correlation('temporal', ['a', 'b', 'c'], { condition: { gte: 2 } }))
    expect(times(await run(two, letters('a.c')))).toEqual([[2, 2]])
    const ordered = planOf(correlation('temporal_ordered', ['a', 'b', 'c'], { condition: { gte: 2 } }))
    expect(await run(ordered, letters('cb'))).toEqual([])
    expect(times(await run(ordered, letters('cbc')))).toEqual([[2, 2]])
  })

  test('expressions over legs', async () => {
    const either = planOf(correlation('temporal', ['a', 'b', 'c'], { condition: 'a and (b or c)' }))
    expect(times(await run(either, letters('a.c')))).toEqual([[2, 2]])
    expect(await run(either, letters('b.c'))).toEqual([])
    const without = planOf(correlation('temporal', ['a', 'b'], { condition: 'a and not b' }))
    expect(await run(without, letters('a..b'))).toEqual([])
    expect(times(await run(without, letters('a')))).toEqual([[0, 1]])
    expect(times(await run(without, letters('a..........a........b')))).toEqual([[0, 1]])
    const named = planOf({
      ...correlation('temporal_ordered', []),
      correlation: { type: 'temporal_ordered', timespan: '10s', condition: 'a and b and not c' },
    })
    expect(await run(named, letters('acb'))).toEqual([])
    expect(await run(named, letters('ba'))).toEqual([])
    expect(times(await run(named, letters('ab')))).toEqual([[1, 2]])
  })
})

describe('fields under other names, and correlations on correlations', () => {
  test('aliases join fields that rules call differently', async () => {
    const plan = planOf(
      correlation('temporal', ['a', 'b'], { 'group-by': ['ip'], aliases: { ip: { a: 'SrcIp', 'id-b': 'DstIp' } } }),
    )
    expect(times(await run(plan, [hit('a', 0, { SrcIp: '10.0.0.1', DstIp: 'x' }), hit('b', 1, { DstIp: '10.0.0.1' })]))).toEqual([
      [1, 2],
    ])
    expect(await run(plan, [hit('a', 0, { SrcIp: '10.0.0.1' }), hit('b', 1, { DstIp: '10.0.0.2' })])).toEqual([])
  })

  const many = correlation('event_count', ['a'], { condition: { gte: 3 }, 'group-by': ['Host'] })
  const then = correlation('temporal_ordered', ['event_count', 'b'])

  test('many failures, then a success: the inner one may have other groups, and is no hit of its own', async () => {
    const hits = [0, 1, 2].map(second => hit('a', second, { User: second === 1 ? 'bob' : 'alice', Host: 'dc' }))
    const firings = await run(planOf(many, then), [...hits, hit('b', 5, { User: 'Alice' })])
    expect(firings.map(({ correlation: { key }, total, group }) => [key, total, group])).toEqual([
      ['id-temporal_ordered', 4, ['alice']],
    ])
  })

  test('a long attack is still there when the success comes', async () => {
    const hits = Array.from({ length: 40 }, (_, second) => hit('a', second, { User: 'alice', Host: 'dc' }))
    expect((await run(planOf(many, then), [...hits, hit('b', 46, alice)])).length).toBe(1)
    expect(await run(planOf(many, then), [...hits, hit('b', 50, alice)])).toEqual([])
  })

  test('one that goes on is counted once', async () => {
    const outer = correlation('value_count', ['event_count'], {
      timespan: '1h',
      'group-by': ['User'],
      condition: { field: 'Host', gte: 2 },
    })
    const count = {
      ...correlation('event_count', ['event_count'], { timespan: '1h', condition: { gte: 2 } }),
      id: 'again',
      name: 'again',
    }
    const at = (host: string, from: number) =>
      [0, 1, 2, 3, 4].map(second => hit('a', from + second, { User: 'alice', Host: host }))
    expect((await run(planOf(many, outer), at('h1', 0))).length).toBe(0)
    expect((await run(planOf(many, outer), [...at('h1', 0), ...at('h2', 20)])).length).toBe(1)
    expect((await run(planOf(many, count), at('h1', 0))).length).toBe(0)
    expect((await run(planOf(many, count), [...at('h1', 0), ...at('h1', 20)])).length).toBe(1)
  })

  test('with generate the inner one is a hit as well', () => {
    const plan = planOf(many, { ...then, correlation: { ...then.correlation, generate: true } })
    expect(plan.correlations.map(({ key, alone }) => [key, alone])).toEqual([
      ['id-event_count', true],
      ['id-temporal_ordered', true],
    ])
    expect(plan.feeds['id-a']?.alone).toBe(false)
    expect(plan.feeds['id-b']?.alone).toBe(true)
  })
})

describe('limits', () => {
  const limits = { windowEntries: 1_000_000, firings: 20_000, hitsEach: 10_000, hitsOverall: 500_000 }
  const flood = Array.from({ length: 500 }, (_, index) => hit('a', index / 100, alice))
  const plan = planOf(correlation('event_count', ['a'], { condition: { gte: 100 } }))

  test('a window too large is cut and says so', async () => {
    const { firings, cuts } = await outcome(plan, flood, { ...limits, windowEntries: 50 })
    expect(firings).toEqual([])
    expect(cuts.map(({ correlation: { key }, what }) => [key, what])).toEqual([['id-event_count', 'window']])
    const negative = planOf(correlation('event_count', ['a'], { condition: { lt: 100 } }))
    expect((await outcome(negative, flood, { ...limits, windowEntries: 50 })).firings).toEqual([])
  })

  test('of too many hits the first are kept, of too many records the last', async () => {
    const one = planOf(correlation('event_count', ['a'], { condition: { gte: 1 }, timespan: '1s' }))
    const { firings, cuts } = await outcome(one, flood, { ...limits, firings: 2, hitsEach: 5 })
    expect(firings.map(({ hits, total }) => [hits.length, total])).toEqual([
      [5, 101],
      [5, 201],
    ])
    expect(cuts.map(({ what, count }) => [what, count])).toEqual([
      ['firings', 3],
      ['records', 0],
    ])
  })

  test('when all lists together are full, a hit still shows every leg and what made it fire', async () => {
    const pair = planOf(correlation('temporal', ['a', 'b'], { timespan: '1s' }))
    const hits = [...flood, hit('b', 5, alice), hit('a', 9, bob), hit('a', 9.1, bob), hit('b', 9.5, bob)]
    const { firings, cuts } = await outcome(pair, hits, { ...limits, hitsOverall: 20 })
    expect(firings.map(({ hits: kept, total }) => [kept.length, kept.map(({ rule }) => rule).slice(-2), total])).toEqual([
      [20, ['id-a', 'id-b'], 101],
      [2, ['id-a', 'id-b'], 3],
    ])
    expect(cuts.map(({ what }) => what)).toEqual(['records'])
  })
})

/** What the property below looks at of a hit: of sequences only that the records are one. */
const shown = (firing: Firing) => ({
  key: firing.correlation.key,
  group: firing.group.map(value => value.toLowerCase()).join('\n'),
  time: firing.time,
  records: [...new Set(firing.hits.map(recordKey))].sort(),
})

const numbers = fc.constantFrom<object>(
  { gte: 1 },
  { gte: 2 },
  { gt: 2 },
  { lt: 3 },
  { lte: 2 },
  { eq: 2 },
  { neq: 2 },
  { gt: 1, lte: 3 },
)
const sums = fc.constantFrom<object>({ gte: 4 }, { gt: 2 }, { lt: 3 }, { eq: 4 }, { gt: 1, lt: 6 })
const shares = fc.constantFrom<object>({ lte: 40 }, { gt: 60 }, { eq: 50 })
const expressions = fc.constantFrom(
  'a and b and c',
  'a or b and c',
  'a and (b or not c)',
  'not (a and b) and c',
  'not a or b and not c',
)
const legs = fc.constantFrom(['a'], ['a', 'b'], ['b', 'a'], ['c', 'a', 'b'])
const groupBy = fc.constantFrom<object>(
  {},
  { 'group-by': ['User'] },
  { 'group-by': ['User', 'Host'] },
  { 'group-by': ['Who'], aliases: { Who: { a: 'User', b: 'Host' } } },
)

const anyCorrelation = (name: string, lowers: readonly string[]) =>
  fc
    .oneof(
      fc.record({ type: fc.constant('event_count'), condition: numbers }),
      fc.record({
        type: fc.constant('value_count'),
        condition: fc.tuple(numbers, fc.constantFrom('Host', ['Host', 'User'])).map(([n, field]) => ({ ...n, field })),
      }),
      fc.record({
        type: fc.constantFrom('value_sum', 'value_avg', 'value_median'),
        condition: sums.map(n => ({ ...n, field: 'Bytes' })),
      }),
      fc.record({
        type: fc.constant('value_percentile'),
        condition: fc.tuple(sums, fc.constantFrom(0, 25, 90)).map(([n, percentile]) => ({ ...n, percentile, field: 'Bytes' })),
      }),
      fc.record({ type: fc.constant('value_percentile'), condition: shares.map(n => ({ ...n, field: 'Host' })) }),
      fc.record({
        type: fc.constantFrom('temporal', 'temporal_ordered'),
        condition: fc.oneof(fc.constant(undefined), fc.constantFrom({ gte: 1 }, { lte: 1 }, { eq: 1 })),
      }),
      fc.record({ type: fc.constantFrom('temporal', 'temporal_ordered'), condition: expressions }),
    )
    .chain(base =>
      fc
        .record({ timespan: fc.constantFrom('1s', '4s', '9s'), group: groupBy, rules: legs, swap: fc.constantFrom(...lowers) })
        .map(({ timespan, group, rules, swap }) => {
          const isExpression = typeof base.condition === 'string'
          const named = isExpression ? ['a', 'b', 'c'] : rules
          const used = swap === '' ? named : named.map(rule => (rule === 'a' ? swap : rule))
          const condition = isExpression && swap !== '' ? String(base.condition).replace(/\ba\b/g, swap) : base.condition
          const aliases = JSON.parse(JSON.stringify(group)) as { aliases?: { Who: Record<string, string> } }
          if (aliases.aliases)
            aliases.aliases.Who = Object.fromEntries(
              used.filter(rule => rule !== 'c').map((rule, index) => [rule, index === 0 ? 'User' : 'Host']),
            )
          return {
            title: name,
            id: name,
            name,
            correlation: { type: base.type, rules: used, timespan, ...aliases, condition, generate: true },
          }
        }),
    )

const maybe = (...values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 6 })
const anyHits = fc
  .array(
    fc.record({
      rule: fc.constantFrom('a', 'b', 'c'),
      second: fc.integer({ min: 0, max: 24 }),
      evidence: fc.constantFrom('e1', 'e2'),
      record: fc.integer({ min: 1, max: 6 }),
      User: maybe('u1', 'U1', 'u2'),
      Host: maybe('h1', 'h2', 'h3'),
      Bytes: maybe('0', '1', '2', '4', 'none'),
    }),
    { maxLength: 14 },
  )
  .map(list => list.map(({ rule, second, evidence, record, ...values }) => hit(rule, second, values, record, evidence)))

test('the engine finds what the definition says, for any correlations and any hits', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      anyCorrelation('lower', ['']),
      anyCorrelation('upper', ['', 'lower']),
      anyHits,
      async (lower, upper, hits) => {
        const plan = planOf(lower, upper)
        const found = (await run(plan, hits)).map(shown)
        const naive = naiveCorrelations(plan, hits).map(({ place: _place, ...rest }) => rest)
        expect(found).toEqual(naive)
      },
    ),
    { numRuns: Number(process.env['CORRELATION_RUNS'] ?? 400) },
  )
})
