import { expect, test } from 'vitest'
import { storeItems } from '../../../test/contract/event-store.ts'
import { eventOf } from '../../../test/record-detector.ts'
import { recordHoles } from './record-holes.ts'

/** A log whose records have 600 bytes each, 100 to a chunk, as a file lays them out. */
function logOf(numbers: readonly number[], from = 4_608) {
  return numbers.map((record, index) => {
    const offset = from + Math.floor(index / 100) * 65_536 + (index % 100) * 600
    const event = eventOf<'other_activity'>(
      { kind: 'other_activity' },
      { record, time: 1_700_000_000_000_000 + record * 1_000_000 },
    )
    return { ...event, source: { ...event.source, offset }, series: 'evtx|web01.example|security' }
  })
}
const upTo = (count: number, left: (record: number) => boolean = () => true) =>
  Array.from({ length: count }, (_, index) => index + 1).filter(left)
/** Records keep their place in the file when others are merely left out of the reading. */
const damaged = [
  ...logOf(upTo(100)),
  ...logOf(
    Array.from({ length: 100 }, (_, index) => index + 201),
    4_608 + 2 * 65_536,
  ),
]

test.each([
  ['whole', logOf(upTo(300)), 'evtx', []],
  [
    'seven taken out of one block',
    logOf(upTo(700, record => record < 141 || record > 147)),
    'evtx',
    ['medium: 7 records are missing from security in 1 place'],
  ],
  [
    'the same in an extract',
    logOf(upTo(300, record => record < 141 || record > 147)),
    'evtx',
    ['low: 7 records are missing from security in 1 place'],
  ],
  ['a block is unreadable', damaged, 'evtx', ['low: 100 records are missing from security in 1 place']],
  [
    'a filtered export',
    logOf(upTo(300, record => record % 4 !== 0)),
    'evtx',
    ['informational: The export of security is filtered: 74 record numbers are missing in 74 places'],
  ],
  ['begins late, as every log that is full', logOf(upTo(300, record => record > 50)), 'evtx', []],
  ['a handful of records', logOf([1, 2, 9, 10]), 'evtx', []],
  ['line numbers of another format', logOf(upTo(300, record => record < 141 || record > 147)), 'windows-json', []],
])('%s', async (_name, events, format, found) => {
  const store = await storeItems([{ path: 'a.evtx', format, events }])
  const rows = await store.rows(recordHoles.query(store.dialect))
  store.close()
  expect(rows.map(row => recordHoles.finding(row)).map(draft => `${draft?.severity}: ${draft?.title}`)).toEqual(found)
})
