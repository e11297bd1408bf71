import { expect, test } from 'vitest'
import { contentHash, type EvidenceId, micros, originalLine, type SecurityEvent } from '../../src/model/index.ts'
import { type StoredItem, storeItems } from './event-store.ts'

/** Lines "SECOND TEXT" of one access log as an item. */
function log(path: string, lines: readonly string[], series = 'access-log||access.log'): StoredItem {
  const evidence = contentHash(path).toString(16).padStart(16, '0') as EvidenceId
  const events = lines.map(
    (line, index): SecurityEvent => ({
      kind: 'http_activity',
      source: { evidence, record: index + 1, offset: index * 100 },
      time: micros(Number(line.split(' ')[0]) * 1_000_000),
      host: '',
      series,
      identity: contentHash(line),
      product: 'access-log',
      code: '',
      original: originalLine(line),
      path: line.split(' ')[1],
    }),
  )
  return { path, format: 'access-log', events }
}

/** Windows records "NUMBER TIME" of one channel. */
function windows(path: string, format: string, records: readonly string[], series = 'evtx|dc01|security'): StoredItem {
  const { events } = log(path, records, series)
  return {
    path,
    format,
    events: events.map(
      event =>
        ({ ...event, kind: 'authentication', identity: contentHash(`${series}|${event.original.text()}`) }) as SecurityEvent,
    ),
  }
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${from + index} /page${from + index}`)

test.each<[string, readonly StoredItem[], number]>([
  ['one log', [log('a', range(0, 50))], 50],
  ['a line that repeats within one file is two events', [log('a', ['1 /x', '1 /x', '2 /y'])], 3],
  ['a log and its copy', [log('a', range(0, 50)), log('b', range(0, 50))], 50],
  ['a log that has grown', [log('a', range(0, 50)), log('b', range(0, 80))], 80],
  ['repeats in a log that has grown', [log('a', ['1 /x', '1 /x']), log('b', ['1 /x', '1 /x', '1 /x', '2 /y'])], 4],
  ['pieces that overlap', [log('a', range(0, 50)), log('b', range(40, 90)), log('c', range(80, 120))], 120],
  [
    'a damaged copy',
    [
      log('a', range(0, 50)),
      log(
        'b',
        range(0, 50).filter((_, i) => i % 10 !== 0),
      ),
    ],
    50,
  ],
  ['rotated pieces without overlap', [log('a', range(0, 50)), log('b', range(50, 90))], 90],
  [
    'two servers that share a few probes',
    [
      log('web01/a', [...range(0, 50), '7 /robots.txt']),
      log(
        'web02/a',
        range(0, 50).map((l, i) => (i % 10 === 0 ? l : `${l}?other`)),
      ),
    ],
    101,
  ],
  [
    'two logs of one name on named hosts',
    [log('a', range(0, 9), 'access-log|web01|x'), log('b', range(0, 9), 'access-log|web02|x')],
    18,
  ],
  ['no series is never merged', [log('a', range(0, 9), ''), log('b', range(0, 9), '')], 18],
])('%s', async (_name, items, events) => {
  for (const order of [items, items.toReversed()]) {
    const store = await storeItems(order)
    expect(await store.rows('select count(*) as events from http_activity')).toEqual([{ events }])
    store.close()
  }
})

test.each<[string, readonly StoredItem[], number]>([
  [
    'an event log and its export',
    [windows('s.evtx', 'evtx', range(0, 50)), windows('s.json', 'windows-json', range(20, 70))],
    70,
  ],
  ['few records in common', [windows('a.evtx', 'evtx', range(0, 50)), windows('b.evtx', 'evtx', range(49, 90))], 90],
  ['a shipper that sent a record twice', [windows('s.json', 'windows-json', ['1 a', '2 b', '1 a'])], 2],
  ['two computers', [windows('a', 'evtx', range(0, 5)), windows('b', 'evtx', range(0, 5), 'evtx|web01|security')], 10],
])('%s', async (_name, items, events) => {
  const store = await storeItems(items)
  expect(await store.rows('select count(*) as events from authentication')).toEqual([{ events }])
  store.close()
})

test('the item whose path comes first keeps the record, and a hit counts once', async () => {
  const hitsOf = (item: StoredItem): StoredItem => ({
    ...item,
    hits: item.events.slice(0, 3).map(event => ({
      witness: { source: 'sigma', rule: 'r', title: 'R', level: 'low' },
      card: { confidence: 'low', techniques: [], why: '', innocent: '' },
      match: { title: 't', object: 'o' },
      event,
    })),
  })
  const items = [hitsOf(log('b', range(0, 9))), hitsOf(log('a', range(0, 9)))]
  const store = await storeItems(items)
  const kept = items[1]?.events[0]?.source.evidence
  expect(await store.rows('select distinct evidence from http_activity union select distinct evidence from rule_hit')).toEqual([
    { evidence: kept },
  ])
  expect(await store.rows('select count(*) as hits from rule_hit')).toEqual([{ hits: 3 }])
  store.close()
})

test('many small items', async () => {
  const items = Array.from({ length: 60 }, (_, index) => log(`part${index}`, range(index * 10, index * 10 + 10)))
  const store = await storeItems(items)
  expect(await store.rows('select count(*) as events, count(distinct path) as pages from http_activity')).toEqual([
    { events: 600, pages: 600 },
  ])
  expect(await store.rows('select count(*) as items from evidence_item')).toEqual([{ items: 60 }])
  expect(await store.rows('select * from process_activity')).toEqual([])
  store.close()
})

/** Flows of one sensor, named by their numbers. */
function sensor(path: string, flows: readonly number[], series: string, product = 'zeek'): StoredItem {
  const { events } = log(
    path,
    flows.map(number => `${number} /`),
    series,
  )
  return {
    path,
    format: product,
    events: events.map(
      (event, index) =>
        ({
          ...event,
          kind: 'network_activity',
          product,
          identity: contentHash(`flow ${flows[index]}`),
          srcIp: '10.0.0.5',
        }) as SecurityEvent,
    ),
  }
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test.each<[string, readonly StoredItem[], number]>([
  [
    'two sensors that see some flows both',
    [sensor('a', numbers(0, 50), 'zeek|s1|conn'), sensor('b', numbers(40, 90), 'zeek|s2|conn')],
    90,
  ],
  [
    'the same of sensors without names',
    [sensor('a', numbers(0, 50), 'zeek||conn'), sensor('b', numbers(40, 90), 'zeek||conn')],
    90,
  ],
  [
    'a copy of one log, and another sensor',
    [
      sensor('a', numbers(0, 50), 'zeek||conn'),
      sensor('b', numbers(0, 50), 'zeek||conn'),
      sensor('c', numbers(45, 60), 'zeek|s2|conn'),
    ],
    60,
  ],
  ['flows that one sensor tells twice are two', [sensor('a', [1, 1, 2], 'zeek||conn'), sensor('b', [2, 3], 'zeek|s2|conn')], 4],
  [
    'other products keep their own',
    [sensor('a', numbers(0, 5), 'zeek||conn'), sensor('b', numbers(0, 5), 'pcap||conn', 'pcap')],
    10,
  ],
  [
    'firewalls whose lines are alike',
    [sensor('a', numbers(0, 5), 'asa|fw1|x', 'asa'), sensor('b', numbers(0, 5), 'asa|fw2|x', 'asa')],
    10,
  ],
])('%s', async (_name, items, events) => {
  for (const order of [items, items.toReversed()]) {
    const store = await storeItems(order)
    expect(await store.rows('select count(*) as events from network_activity')).toEqual([{ events }])
    store.close()
  }
})
