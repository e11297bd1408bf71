import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, bytesSample, readPart } from '../../../test/bytes-part.ts'
import { type EvtxRecord, type EvtxValue, writeEvtx } from '../../../test/evtx-writer/index.ts'
import { micros, type TextSpan } from '../../model/index.ts'
import { reader } from './reader.ts'

const START = Date.UTC(2024, 1, 3, 4, 5, 6) * 1000

const logon = (recordId: number, more: Partial<EvtxRecord> = {}): EvtxRecord => ({
  provider: 'Microsoft-Windows-Security-Auditing',
  guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
  channel: 'Security',
  computer: 'DC01.example',
  eventId: 4624,
  recordId,
  time: START + recordId * 1_000_000,
  level: 0,
  data: [
    ['SubjectUserSid', { sid: 'S-1-5-18' }],
    ['TargetUserName', 'nora'],
    ['TargetDomainName', 'EXAMPLE'],
    ['TargetLogonId', { hex: 0xaf855 }],
    ['LogonType', { uint32: 3 }],
    ['LogonGuid', { guid: '{a80f43fc-cc80-4fab-a2de-3a7e35b48e01}' }],
    ['IpAddress', '::ffff:192.0.2.7'],
    ['IpPort', '49231'],
  ],
  ...more,
})

const read = (bytes: Uint8Array) => readPart(reader, bytesPart(bytes))
const originals = (bytes: Uint8Array) => read(bytes).events.map(event => JSON.parse(event.original.text()))

describe('a log as Windows writes it', () => {
  test('one log-on: typed columns, names and values as rules know them', () => {
    const { events, diagnostics } = read(writeEvtx([logon(7, { written: START })]))
    expect(diagnostics).toEqual([])
    const { original, identity, ...event } = events[0] ?? expect.fail('no event')
    expect(event).toEqual({
      kind: 'authentication',
      source: { evidence: 'test', record: 7, offset: 4608 },
      time: micros(START + 7_000_000),
      alsoRecorded: { recordWritten: micros(START) },
      host: 'dc01.example',
      series: 'evtx|dc01.example|security',
      product: 'security',
      code: '4624',
      action: 'logon',
      outcome: 'success',
      user: 'EXAMPLE\\nora',
      subjectUser: '',
      logonType: 3,
      logonId: '0xaf855',
      srcIp: '192.0.2.7',
      srcPort: 49231,
      srcHost: '',
      protocol: '',
      process: '',
      reason: '',
    })
    expect(identity).toBeGreaterThan(0)
    expect(JSON.parse(original.text())).toEqual({
      Provider_Name: 'Microsoft-Windows-Security-Auditing',
      Provider_Guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
      EventID: '4624',
      Version: '0',
      Level: '0',
      Task: '0',
      Opcode: '0',
      Keywords: '0x8000000000000000',
      TimeCreated: '2024-02-03T04:05:13.0000000Z',
      EventRecordID: '7',
      Execution_ProcessID: '4',
      Execution_ThreadID: '8',
      Channel: 'Security',
      Computer: 'DC01.example',
      SubjectUserSid: 'S-1-5-18',
      TargetUserName: 'nora',
      TargetDomainName: 'EXAMPLE',
      TargetLogonId: '0xaf855',
      LogonType: '3',
      LogonGuid: '{a80f43fc-cc80-4fab-a2de-3a7e35b48e01}',
      IpAddress: '::ffff:192.0.2.7',
      IpPort: '49231',
    })
    expect(original.names()).toEqual(Object.keys(JSON.parse(original.text())))
  })

  test('several chunks: every record once, in order, each decoded after the buffer was used again', () => {
    const records = Array.from({ length: 900 }, (_, index) => logon(index + 1))
    const bytes = writeEvtx(records)
    expect(bytes.length).toBeGreaterThan(4096 + 2 * 65536)
    const { events } = read(bytes)
    expect(events.map(event => event.original.get('EventRecordID'))).toEqual(records.map(record => String(record.recordId)))
  })

  test('parts cut at chunk borders give together what the whole gives', () => {
    const bytes = writeEvtx(Array.from({ length: 900 }, (_, index) => logon(index + 1)))
    const border = 4096 + 65536
    const first = readPart(reader, bytesPart(bytes, { start: 0, end: border }))
    const second = readPart(reader, bytesPart(bytes, { start: border, part: 1 }))
    const whole = read(bytes)
    expect([...first.events, ...second.events].map(event => event.source)).toEqual(whole.events.map(event => event.source))
    expect(new Set(whole.events.map(event => event.identity)).size).toBe(900)
  })

  test.each<[string, readonly (readonly [string, EvtxValue])[], object]>([
    ['one unnamed value', [['', 'x']], { Data: 'x' }],
    [
      'several unnamed values',
      [
        ['', 'x'],
        ['', 'y'],
      ],
      { Data1: 'x', Data2: 'y' },
    ],
    ['an array of strings repeats its element', [['', ['x', '', 'z']]], { Data1: 'x', Data2: '', Data3: 'z' }],
    ['spaces in names are left out', [['Threat Name', 'x']], { ThreatName: 'x' }],
    ['a name of the System part', [['Channel', 'x']], { EventData_Channel: 'x' }],
    [
      'the same name twice',
      [
        ['A', '1'],
        ['A', '2'],
      ],
      { A: '1', A_2: '2' },
    ],
    ['no value', [['A', null]], { A: '' }],
    [
      '64-bit numbers',
      [
        ['A', { uint64: 2n ** 64n - 1n }],
        ['B', { hex: 0x1234567890n }],
      ],
      { A: '18446744073709551615', B: '0x1234567890' },
    ],
    ['a time', [['A', { time: START + 123_456 }]], { A: '2024-02-03T04:05:06.1234560Z' }],
    [
      'yes and no',
      [
        ['A', { boolean: true }],
        ['B', { boolean: false }],
      ],
      { A: 'true', B: 'false' },
    ],
    ['bytes', [['A', { binary: Uint8Array.of(0, 0xab) }]], { A: '00AB' }],
    [
      'signed and real numbers',
      [
        ['A', { int32: -5 }],
        ['B', { double: 0.5 }],
      ],
      { A: '-5', B: '0.5' },
    ],
  ])('%s', (_name, data, expected) => {
    const [fields] = originals(writeEvtx([logon(1, { data })]))
    expect(Object.fromEntries(Object.entries(fields).slice(14))).toEqual(expected)
  })

  test('rules for classic sources search in Data: it answers for all unnamed values', () => {
    for (const data of [
      [['', ['a', 'b']]],
      [
        ['', 'a'],
        ['', 'b'],
      ],
    ] as const) {
      const { original } = read(writeEvtx([logon(1, { data })])).events[0] ?? expect.fail('no event')
      expect([original.get('Data'), original.get('Data2'), original.get('Data3')]).toEqual(['a\nb', 'b', undefined])
    }
  })

  test('UserData is flattened; the name of the cleared log does not hide the channel', () => {
    const { events } = read(
      writeEvtx([
        logon(1, {
          provider: 'Microsoft-Windows-Eventlog',
          channel: 'System',
          eventId: 104,
          data: undefined as never,
          userData: {
            element: 'LogFileCleared',
            fields: [
              ['SubjectUserName', 'nora'],
              ['Channel', 'Setup'],
            ],
          },
        }),
      ]),
    )
    const [event] = events
    expect(event).toMatchObject({ kind: 'log_activity', action: 'cleared', log: 'Setup', user: 'nora', product: 'system' })
    expect([event?.original.get('Channel'), event?.original.get('UserData_Channel')]).toEqual(['System', 'Setup'])
  })

  test('a time no event can carry is no time, and is said', () => {
    const { events, diagnostics } = read(writeEvtx([logon(1, { time: -11_644_473_600_000_000 })]))
    expect(events[0]?.time).toBeUndefined()
    expect(diagnostics.map(({ code }) => code)).toEqual(['evtx/no-time'])
  })
})

describe('records made alike share one list of names', () => {
  const shapes = (...all: readonly (readonly (readonly [string, EvtxValue])[])[]) =>
    read(writeEvtx(all.map((data, index) => logon(index + 1, { data })))).events.map(({ original }) => original)

  test.each<[string, readonly (readonly [string, EvtxValue])[], readonly (readonly [string, EvtxValue])[], boolean]>([
    ['other values', [['A', '1']], [['A', '2']], true],
    ['other names', [['A', '1']], [['B', '1']], false],
    ['arrays of as many items', [['', ['1', '2']]], [['', ['3', '4']]], true],
    ['arrays of more items', [['', ['1', '2']]], [['', ['1', '2', '3']]], false],
  ])('%s', (_name, one, two, same) => {
    const [first, second] = shapes(one, two)
    expect(first?.shape === second?.shape).toBe(same)
  })

  test('text that lies in the record as it is can be read there', () => {
    const [original] = shapes([
      ['Text', 'C:\\Temp\\größe'],
      ['Filled', 'ab\0\0'],
      ['Number', { uint32: 7 }],
      ['Nothing', null],
    ])
    const span: TextSpan = { bytes: new Uint8Array(0), at: 0, length: 0 }
    const textAt = (name: string) => {
      const index = original?.shape?.names.indexOf(name) ?? -1
      if (original?.spanAt?.(index, span) !== true) return undefined
      return Buffer.from(span.bytes).toString('utf16le', span.at, span.at + 2 * span.length)
    }
    expect(['Text', 'Filled', 'Number', 'Nothing', 'Channel', 'Unheard'].map(textAt)).toEqual([
      'C:\\Temp\\größe',
      'ab',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a value by its position is the value by its name, and what a record leaves out is not there', () => {
    const originals = shapes(
      [
        ['A', '1'],
        ['A', '2'],
        ['A_2', '3'],
      ],
      [['', ['x', 'y']]],
      [['Channel', 'x']],
      [['A', null]],
    )
    for (const { shape, at, ...original } of originals.map(one => ({
      shape: one.shape ?? expect.fail('no shape'),
      at: (index: number) => one.at?.(index),
      get: (name: string) => one.get(name),
      names: one.names(),
    }))) {
      expect(new Set(shape.names).size).toBe(shape.names.length)
      expect(shape.names.map((_, index) => at(index))).toEqual(shape.names.map(name => original.get(name)))
      expect(shape.names.filter((_, index) => at(index) !== undefined)).toEqual(original.names)
    }
    expect(originals[0]?.names().slice(-3)).toEqual(['A', 'A_2', 'A_2_2'])
    // Nobody is logged on: the record leaves the optional user out, the shape names it.
    expect(originals[0]?.shape?.names).toContain('UserID')
    expect(originals[0]?.names()).not.toContain('UserID')
  })
})

describe('whatever strings a record holds', () => {
  const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)), maxLength: 60 })
  /** NUL characters at the end of a value are filling and are left out. */
  const asRead = (text: string) => text.replace(/\0+$/, '')

  test('what is written is read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.constantFrom('A', 'B-C', 'ä', '"', '\\'), anyText), { minLength: 1, maxLength: 6 }), {
          minLength: 1,
          maxLength: 40,
        }),
        all => {
          const records = all.map((data, index) => logon(index + 1, { data: [...new Map(data)] }))
          const { events, diagnostics } = read(writeEvtx(records))
          expect(diagnostics).toEqual([])
          for (const [index, event] of events.entries())
            for (const [name, text] of records[index]?.data ?? []) expect(event.original.get(name)).toBe(asRead(text as string))
          for (const event of events) expect(JSON.parse(event.original.text()).EventID).toBe('4624')
          expect(events.length).toBe(records.length)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('recognition', () => {
  test.each([
    ['a log', (bytes: Uint8Array) => bytes, 100],
    ['a log whose file header was wiped', (bytes: Uint8Array) => bytes.fill(0, 0, 4096), 95],
    ['a log whose first chunk lost its header, too', (bytes: Uint8Array) => bytes.fill(0, 0, 4096 + 512), 90],
    ['something else', () => new TextEncoder().encode('<html>'), 0],
    ['nothing', () => new Uint8Array(0), 0],
  ])('%s', (_name, change, score) => {
    expect(reader.recognise(bytesSample(change(writeEvtx([logon(1)]))))).toBe(score)
  })

  test('a log that was wiped from the front on is known by its name, and read behind that', () => {
    const count = 200
    const bytes = writeEvtx(Array.from({ length: count }, (_, index) => logon(index + 1)))
    const wiped = 4096 + 65536
    const behind = read(bytes).events.filter(({ source }) => (source.offset ?? 0) > wiped)
    bytes.fill(0, 0, wiped)
    expect(['Security.evtx', 'pagefile.sys'].map(path => reader.recognise(bytesSample(bytes, path)))).toEqual([60, 0])
    expect(behind.length).toBeGreaterThan(0)
    expect(read(bytes).events.map(({ source }) => source.record)).toEqual(behind.map(({ source }) => source.record))
  })
})
