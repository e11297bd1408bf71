import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EvtxRecord, writeEvtx } from '../../../test/evtx-writer/index.ts'
import { huntOptions } from '../../../test/hunt-options.ts'
import { query, search } from '../case-verbs.ts'
import { hunt } from '../hunt.ts'
import { checkLogs } from './check.ts'
import { dumpLogs } from './dump.ts'

const HEADER = 4096
const CHUNK = 65536
const START = Date.UTC(2024, 0, 1) * 1000
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-evtx-test-'))
  mkdirSync(join(directory, 'evidence'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const at = (...names: readonly string[]) => join(directory, ...names)
const record = (recordId: number, more: Partial<EvtxRecord> = {}): EvtxRecord => ({
  provider: 'Example-Provider',
  channel: 'Example/Operational',
  computer: 'ws1.example',
  eventId: 7,
  recordId,
  time: START + recordId * 1_000_000,
  data: [['Word', `word <${recordId}>`]],
  ...more,
})
const records = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => record(from + index))

/** A log of records 101 to 103 in a chunk that held 1 to 10. */
function usedTwice(): Uint8Array {
  const bytes = writeEvtx(records(101, 103))
  const from = HEADER + new DataView(bytes.buffer).getUint32(HEADER + 48, true)
  bytes.set(writeEvtx(records(1, 10)).subarray(from, HEADER + CHUNK), from)
  return bytes
}

function put(name: string, bytes: Uint8Array): string {
  const path = at('evidence', name)
  writeFileSync(path, bytes)
  return path
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('carving in a hunt', () => {
  const options = (carve: boolean) => huntOptions([at('evidence')], at('case'), { carve })
  const told = async () =>
    (await all(query(at('case'), 'select record, carved, evidence from other_activity order by record'))).map(row => [
      Number(row['record']),
      row['carved'] === true ? 'carved' : 'whole',
    ])
  const whole = [101, 102, 103].map(id => [id, 'whole'])

  test('asked for later, the log is read again; asked for no more, what was carved is gone', async () => {
    put('a.evtx', usedTwice())
    await hunt(options(false))
    expect(await told()).toEqual(whole)
    expect((await hunt(options(true))).summary).toMatchObject({ takenOver: 0, partsRead: 1 })
    expect(await told()).toEqual([...[5, 6, 7, 8, 9, 10].map(id => [id, 'carved']), ...whole])
    const limits = { since: undefined, until: undefined, host: undefined, limit: 0 }
    expect((await all(search(at('case'), 'word <7>', limits))).map(row => [row.record, row.carved])).toEqual([[7, true]])
    await hunt(options(false))
    expect(await told()).toEqual(whole)
  }, 180_000)

  test('a record that another log has whole is that record', async () => {
    put('a.evtx', usedTwice())
    put('b.evtx', writeEvtx(records(1, 8)))
    await hunt(options(true))
    expect(await told()).toEqual([...[1, 2, 3, 4, 5, 6, 7, 8].map(id => [id, 'whole']), [9, 'carved'], [10, 'carved'], ...whole])
  }, 180_000)
})

describe('dump', () => {
  const dumped = async (format: 'ndjson' | 'xml', carve: boolean, ...paths: readonly string[]) => {
    const pieces = await all(dumpLogs(paths, { format, carve }))
    return {
      text: pieces.map(piece => ('text' in piece ? piece.text : '')).join(''),
      problems: pieces.filter(piece => !('text' in piece)),
    }
  }

  test('a line a record, with its place; what was carved comes last and says so', async () => {
    const { text, problems } = await dumped('ndjson', true, put('a.evtx', usedTwice()))
    const lines = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(problems).toEqual([])
    expect(lines.map(line => [line.record, line.carved === true, line.event.Word])).toEqual([
      ...[101, 102, 103].map(id => [id, false, `word <${id}>`]),
      ...[5, 6, 7, 8, 9, 10].map(id => [id, true, `word <${id}>`]),
    ])
    expect(lines[0]).toMatchObject({ path: 'a.evtx', offset: HEADER + 512, written: '2024-01-01T00:01:41.000000Z' })
  })

  test('XML as Windows writes it', async () => {
    const odd = record(1, {
      userSid: 'S-1-5-18',
      data: [
        ['', ['a', 'b&']],
        ['Empty', null],
        ['Escape', '\u001b[31m"x"'],
      ],
    })
    const { text } = await dumped('xml', false, put('a.evtx', writeEvtx([odd])))
    expect(text).toBe(`<?xml version="1.0" encoding="utf-8"?>
<Events>
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Example-Provider"/><EventID>7</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime="2024-01-01T00:00:01.0000000Z"/><EventRecordID>1</EventRecordID><Execution ProcessID="4" ThreadID="8"/><Channel>Example/Operational</Channel><Computer>ws1.example</Computer><Security UserID="S-1-5-18"/></System><EventData><Data>a</Data><Data>b&amp;</Data><Data Name="Empty"></Data><Data Name="Escape">\ufffd[31m&quot;x&quot;</Data></EventData></Event>
</Events>
`)
  })

  test('what cannot be read is said, and the rest is written', async () => {
    const bytes = writeEvtx(records(1, 5))
    new DataView(bytes.buffer).setUint32(HEADER + 512 + 24 + 10, 0x7fffffff, true)
    const { text, problems } = await dumped(
      'ndjson',
      false,
      put('a.evtx', bytes),
      put('b.evtx', new TextEncoder().encode('no log')),
    )
    expect(
      text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).record),
    ).toEqual([2, 3, 4, 5])
    expect(problems.map(problem => ('code' in problem ? [problem.path, problem.code] : []))).toEqual([
      ['a.evtx', 'evtx/unreadable-record'],
      ['b.evtx', 'evtx/no-log'],
    ])
  })
})

describe('check', () => {
  test('a sound log', async () => {
    const [check] = await all(checkLogs([put('a.evtx', writeEvtx(records(1, 300)))]))
    expect(check).toMatchObject({
      header: 'sound',
      records: 300,
      firstTime: START + 1_000_000,
      lastTime: START + 300_000_000,
      channels: ['Example/Operational'],
      computers: ['ws1.example'],
      numbering: { ranges: [{ first: 1, last: 300 }], duplicates: 0, stepsBack: 0 },
      faults: {},
      carvable: { records: 0, nameless: 0, unreadable: 0 },
      lossy: false,
    })
  })

  test('holes, doubles, a clock set back, damage with its place, remains', async () => {
    const bytes = writeEvtx([
      ...records(1, 3),
      record(4, { time: START }),
      ...records(10, 12),
      ...records(11, 11),
      ...records(20, 20),
    ])
    new DataView(bytes.buffer).setUint16(42 + 0, 9, true)
    bytes[HEADER + 512 + 200] = 0x41
    const [check] = await all(checkLogs([put('a.evtx', bytes)]))
    expect(check).toMatchObject({
      header: 'checksum does not match',
      chunks: { all: 1, stated: 9, withRecords: 1 },
      numbering: {
        ranges: [
          { first: 1, last: 4 },
          { first: 10, last: 12 },
          { first: 20, last: 20 },
        ],
        duplicates: 1,
        stepsBack: 1,
        largestStepBack: { record: 4, by: 3_000_000 },
      },
      faults: { 'chunk-checksum': 1 },
      shown: [{ code: 'chunk-checksum', offset: HEADER }],
    })
    const [other] = await all(checkLogs([put('b.evtx', usedTwice())]))
    expect(other?.carvable).toEqual({ records: 6, nameless: 0, unreadable: 0 })
  })

  test('no log at all', async () => {
    const [check] = await all(checkLogs([put('a.txt', new TextEncoder().encode('words'))]))
    expect(check).toMatchObject({ lossy: true, records: 0 })
    expect(check?.problem).not.toBe('')
    await expect(all(checkLogs([at('nothing')]))).rejects.toMatchObject({ code: 'evtx/no-file', exitCode: 3 })
  })
})
