import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import {
  type Content,
  type ElementShape,
  type EmbeddedXml,
  type EvtxRecord,
  type EvtxValue,
  writeEvtx,
} from '../../../test/evtx-writer/index.ts'
import { reader } from './reader.ts'

const START = Date.UTC(2024, 1, 3, 4, 5, 6) * 1000

const record = (recordId: number, more: Partial<EvtxRecord> = {}): EvtxRecord => ({
  provider: 'Example-Provider',
  channel: 'Example/Operational',
  computer: 'ws1.example',
  eventId: 7,
  recordId,
  time: START,
  ...more,
})

const read = (...records: readonly EvtxRecord[]) => {
  const { events, diagnostics } = readPart(reader, bytesPart(writeEvtx(records)))
  expect(diagnostics.map(({ message }) => message)).toEqual([])
  return events.map(event => event.original)
}

/** The fields behind those of System. */
const SYSTEM_FIELDS = 13
const fieldsOf = (original: ReturnType<typeof read>[number] | undefined) =>
  Object.fromEntries(Object.entries(JSON.parse(original?.text() ?? expect.fail('no event'))).slice(SYSTEM_FIELDS))

const withData = (value: EvtxValue) => fieldsOf(read(record(1, { data: [['A', value]] }))[0])
const withBody = (...body: readonly EmbeddedXml[]) => fieldsOf(read(record(1, { body }))[0])

const text = (words: string): Content => ({ text: words })
const element = (name: string, ...content: readonly (ElementShape | Content)[]): ElementShape => ({ name, content })
const slot = (value: number, type = 0x01, optional = false): Content => ({ value, type, optional })
const named = (name: string, ...content: readonly Content[]): ElementShape => ({
  name: 'Data',
  attributes: [['Name', text(name)]],
  content,
})

describe('value types', () => {
  test.each<[string, EvtxValue, string]>([
    ['text', 'ä 日本', 'ä 日本'],
    ['text with NUL at its end', 'a\0b\0\0', 'a\0b'],
    ['8-bit text of the code page', { ansi: Uint8Array.of(0x61, 0x80, 0xe4, 0) }, 'a€ä'],
    ['int8', { int8: -128 }, '-128'],
    ['uint8', { uint8: 255 }, '255'],
    ['int16', { int16: -32768 }, '-32768'],
    ['uint16', { uint16: 65535 }, '65535'],
    ['int32', { int32: -2147483648 }, '-2147483648'],
    ['uint32', { uint32: 4294967295 }, '4294967295'],
    ['int64', { int64: -(2n ** 63n) }, '-9223372036854775808'],
    ['uint64', { uint64: 2n ** 64n - 1n }, '18446744073709551615'],
    ['float', { float: 0.1 }, '0.1'],
    ['double', { double: -1e300 }, '-1e+300'],
    ['a boolean that is neither 0 nor 1', { boolean: 0x7f000000 }, 'true'],
    ['a boolean of one byte', { raw: Uint8Array.of(0), type: 0x0d }, 'false'],
    ['bytes', { binary: Uint8Array.of(0xde, 0xad) }, 'DEAD'],
    ['GUID', { guid: '{A80F43FC-CC80-4FAB-A2DE-3A7E35B48E01}' }, '{a80f43fc-cc80-4fab-a2de-3a7e35b48e01}'],
    ['size_t of 32 bits', { size32: 0xffff }, '0xffff'],
    ['size_t of 64 bits', { size64: 0x1_0000_0001n }, '0x100000001'],
    ['FILETIME with its last digit', { fileTime: 133_514_067_061_234_567n }, '2024-02-03T04:05:06.1234567Z'],
    ['FILETIME zero', { fileTime: 0n }, '1601-01-01T00:00:00.0000000Z'],
    ['SYSTEMTIME', { systemTime: [2024, 2, 6, 3, 4, 5, 6, 789] }, '2024-02-03T04:05:06.789Z'],
    ['SYSTEMTIME of zeros', { systemTime: [0, 0, 0, 0, 0, 0, 0, 0] }, '1601-01-01T00:00:00.000Z'],
    ['SID', { sid: 'S-1-5-21-1-2-4294967295-500' }, 'S-1-5-21-1-2-4294967295-500'],
    ['a SID cut short', { raw: Uint8Array.of(1, 5, 0, 0, 0, 0, 0, 5, 1, 2), type: 0x13 }, '01050000000000050102'],
    ['HexInt32', { hex: 0 }, '0x0'],
    ['HexInt64', { hex: 0xff_ffff_ffffn }, '0xffffffffff'],
    ['EvtHandle', { raw: Uint8Array.of(1, 2, 3, 4), type: 0x20 }, '01020304'],
    ['EvtXml', { xmlText: '<a/>' }, '<a/>'],
    ['a type nobody knows', { raw: Uint8Array.of(0xab), type: 0x1f }, 'AB'],
    ['a number of no bytes', { raw: new Uint8Array(0), type: 0x08 }, ''],
    ['a number of too few bytes', { raw: Uint8Array.of(1, 2), type: 0x08 }, '0102'],
  ])('%s', (_name, value, expected) => {
    expect(withData(value)).toEqual({ A: expected })
  })

  test.each<[string, EvtxValue, readonly string[]]>([
    ['texts', ['a', '', 'c'], ['a', '', 'c']],
    ['8-bit texts', { ansiArray: [Uint8Array.of(0x61), Uint8Array.of(0xe4)] }, ['a', 'ä']],
    ['int8', { array: [{ int8: -1 }, { int8: 2 }] }, ['-1', '2']],
    ['uint8', { array: [{ uint8: 1 }, { uint8: 2 }] }, ['1', '2']],
    ['int16', { array: [{ int16: -1 }, { int16: 2 }] }, ['-1', '2']],
    ['uint16', { array: [{ uint16: 1 }, { uint16: 2 }] }, ['1', '2']],
    ['int32', { array: [{ int32: -1 }, { int32: 2 }] }, ['-1', '2']],
    ['uint32', { array: [{ uint32: 1 }, { uint32: 2 }] }, ['1', '2']],
    ['int64', { array: [{ int64: -1n }, { int64: 2n }] }, ['-1', '2']],
    ['uint64', { array: [{ uint64: 1n }, { uint64: 2n }] }, ['1', '2']],
    ['float', { array: [{ float: 0.5 }, { float: 2 }] }, ['0.5', '2']],
    ['double', { array: [{ double: 0.5 }, { double: 2 }] }, ['0.5', '2']],
    ['boolean', { array: [{ boolean: true }, { boolean: false }] }, ['true', 'false']],
    [
      'GUID',
      { array: [{ guid: '00000000-0000-0000-0000-000000000001' }, { guid: '00000000-0000-0000-0000-000000000002' }] },
      ['{00000000-0000-0000-0000-000000000001}', '{00000000-0000-0000-0000-000000000002}'],
    ],
    ['size_t', { array: [{ size64: 1n }, { size64: 2n }] }, ['0x1', '0x2']],
    ['size_t of 32 bits, an odd number of them', { array: [{ size32: 1 }, { size32: 2 }, { size32: 3 }] }, ['0x1', '0x2', '0x3']],
    [
      'FILETIME',
      { array: [{ fileTime: 0n }, { fileTime: 1n }] },
      ['1601-01-01T00:00:00.0000000Z', '1601-01-01T00:00:00.0000001Z'],
    ],
    ['SYSTEMTIME', { array: [{ systemTime: [2024, 2, 6, 3, 4, 5, 6, 7] }] }, ['2024-02-03T04:05:06.007Z']],
    ['SID', { array: [{ sid: 'S-1-5-18' }, { sid: 'S-1-5-32-544' }] }, ['S-1-5-18', 'S-1-5-32-544']],
    ['HexInt32', { array: [{ hex: 1 }, { hex: 2 }] }, ['0x1', '0x2']],
    ['HexInt64', { array: [{ hex: 0x1_0000_0000n }, { hex: 0x2_0000_0000n }] }, ['0x100000000', '0x200000000']],
    ['no item at all', { raw: new Uint8Array(0), type: 0x81 }, ['']],
    ['fewer bytes than one item', { raw: Uint8Array.of(7), type: 0x88 }, ['07']],
  ])('an array repeats its element: %s', (_name, value, expected) => {
    expect(Object.values(withData(value))).toEqual(expected)
    expect(Object.keys(withData(value))).toEqual(expected.map((_, index) => (index === 0 ? 'A' : `A_${index + 1}`)))
  })
})

describe('the tree of a record', () => {
  test('an optional value that is not there takes its element or attribute with it, a normal one leaves it empty', () => {
    const shape = element(
      'EventData',
      named('Gone', slot(0, 0x01, true)),
      named('Empty', slot(0, 0x01, false)),
      {
        name: 'Data',
        attributes: [
          ['Name', text('Part')],
          ['Kind', slot(0, 0x01, true)],
        ],
        content: [text('here')],
      },
      named('Mixed', text('a'), slot(0, 0x01, true), text('b')),
    )
    expect(withBody({ template: shape, values: [null] })).toEqual({ Empty: '', Part: 'here', Mixed: 'ab' })
  })

  test('an attribute goes with its element', () => {
    const item = (value: Content): ElementShape => ({ name: 'Item', attributes: [['Kind', text('k')]], content: [value] })
    const shape = element('UserData', element('Own', item(slot(0, 0x01, true)), item(slot(1, 0x01, true))))
    expect(withBody({ template: shape, values: [null, 'x'] })).toEqual({ Item_Kind_2: 'k', Item_2: 'x' })
  })

  test('text in all its spellings', () => {
    const shape = element(
      'EventData',
      named('A', text('a'), { cdata: '<b>' }, { char: 0x43 }, { entity: 'amp' }, { entity: 'own' }),
    )
    expect(withBody({ template: shape, values: [] })).toEqual({ A: 'a<b>C&&own;' })
  })

  test('processing instructions say nothing', () => {
    const note: Content = { instruction: 'target', data: 'x' }
    expect(withBody({ template: element('EventData', note, named('A', text('a')), note), values: [] })).toEqual({ A: 'a' })
  })

  test('an attribute made of several pieces', () => {
    const shape: ElementShape = {
      name: 'Data',
      attributes: [
        ['Name', text('A')],
        ['Kind', [text('x'), slot(0), { entity: 'lt' }]],
      ],
      content: [],
    }
    expect(withBody({ template: element('EventData', shape), values: ['y'] })).toEqual({ A_Kind: 'xy<' })
  })

  test('ComplexData, a name with spaces, the same name twice, no name', () => {
    const complex: ElementShape = { ...named('Blob', slot(0, 0x0e)), name: 'ComplexData' }
    const shape = element(
      'EventData',
      complex,
      named('Two Words', slot(1)),
      named('B', slot(1)),
      named('B', slot(2)),
      element('Data', slot(2)),
    )
    expect(withBody({ template: shape, values: [{ binary: Uint8Array.of(1) }, 'x', 'y'] })).toEqual({
      Blob: '01',
      TwoWords: 'x',
      B: 'x',
      B_2: 'y',
      Data: 'y',
    })
  })

  test('a tree of UserData', () => {
    const shape = element(
      'UserData',
      element(
        'Own',
        element('List', element('Item', slot(0)), element('Item', slot(1))),
        element('Single', slot(2, 0x08)),
        element('Empty'),
      ),
    )
    expect(withBody({ template: shape, values: ['a', 'b', { uint32: 5 }] })).toEqual({
      List_Item: 'a',
      List_Item_2: 'b',
      Single: '5',
      Empty: '',
    })
  })
})

describe('binary XML in a value', () => {
  const data = element('EventData', named('A', slot(0)))
  const bare = element('EventData', named('A', text('x')))
  test.each<[string, readonly EmbeddedXml[], object]>([
    ['a template', [{ template: data, values: ['x'] }], { A: 'x' }],
    ['an element with a fragment header', [{ element: bare }], { A: 'x' }],
    ['an element without one', [{ element: bare, bare: true }], { A: 'x' }],
    ['an element without dependency numbers', [{ element: bare, dependency: false }], { A: 'x' }],
    ['a template without dependency numbers', [{ template: data, values: ['x'], dependency: false }], { A: 'x' }],
    [
      'two one behind the other',
      [
        { template: data, values: ['x'] },
        { template: data, values: ['y'] },
      ],
      { A: 'x', A_2: 'y' },
    ],
    [
      'one inside another',
      [
        {
          template: element('UserData', element('Own', slot(0, 0x21))),
          values: [{ xml: [{ element: element('Inside', text('x')) }] }],
        },
      ],
      { Inside: 'x' },
    ],
    ['nothing', [], {}],
  ])('%s', (_name, body, expected) => {
    expect(withBody(...body)).toEqual(expected)
  })

  test('beside the usual one a second value of binary XML', () => {
    const shape = element('EventData', named('A', slot(0, 0x21)), named('B', slot(1, 0x21)))
    const xml = (words: string): EvtxValue => ({ xml: [{ element: element('Inside', text(words)) }] })
    expect(Object.values(withBody({ template: shape, values: [xml('x'), xml('y')] }))).toEqual(['x', 'y'])
  })
})

describe('a record', () => {
  const system = element(
    'System',
    { name: 'Provider', attributes: [['Name', text('P')]], content: [] },
    element('EventID', slot(0, 0x06)),
    element('Computer', text('ws1.example')),
    element('Channel', text('C')),
    { name: 'TimeCreated', attributes: [['SystemTime', slot(1, 0x11)]], content: [] },
  )
  const values: readonly EvtxValue[] = [{ uint16: 7 }, { time: START }]
  const event = element('Event', system)

  test('of an element without a definition', () => {
    const time: ElementShape = {
      name: 'TimeCreated',
      attributes: [['SystemTime', text('2024-02-03T04:05:06.0000000Z')]],
      content: [],
    }
    const [original] = read(
      record(3, { whole: [{ element: element('Event', element('System', element('EventID', text('9')), time)) }] }),
    )
    expect(JSON.parse(original?.text() ?? '')).toEqual({ EventID: '9', TimeCreated: '2024-02-03T04:05:06.0000000Z' })
  })

  test('of several fragments', () => {
    const more = element('Event', element('EventData', named('A', text('x'))))
    const [original] = read(
      record(3, { whole: [{ template: event, values }, { element: more }, { template: more, values: [] }] }),
    )
    expect(JSON.parse(original?.text() ?? '')).toMatchObject({ EventID: '7', A: 'x', A_2: 'x' })
  })

  test('names stand in full once in a chunk and are pointed to afterwards, and so do definitions', () => {
    const records = Array.from({ length: 5 }, (_, index) => record(index + 1, { data: [['A', `x${index}`]] }))
    const sizes = readPart(reader, bytesPart(writeEvtx(records))).events.map(({ source }) => source.offset)
    const lengths = sizes.slice(1).map((offset, index) => offset - (sizes[index] ?? 0))
    expect(lengths[0]).toBeGreaterThan(2 * (lengths[1] ?? 0))
    expect(read(...records).map(original => original.get('A'))).toEqual(['x0', 'x1', 'x2', 'x3', 'x4'])
  })

  test('a wrong table of names in the chunk header changes nothing', () => {
    const bytes = writeEvtx([record(1, { data: [['A', 'x']] })])
    bytes.fill(0xee, 4096 + 128, 4096 + 512)
    expect(readPart(reader, bytesPart(bytes)).events.map(one => one.original.get('A'))).toEqual(['x'])
  })
})

/** Records whose reading must stop: each costs itself, not its neighbours. */
describe('bombs', () => {
  const deep = (levels: number): ElementShape => (levels === 0 ? element('X', text('x')) : element('X', deep(levels - 1)))
  const nested = (levels: number): EvtxValue =>
    levels === 0
      ? { xml: [{ element: element('X', text('x')) }] }
      : { xml: [{ template: element('X', slot(0, 0x21)), values: [nested(levels - 1)] }] }
  const body = (value: EvtxValue): readonly EmbeddedXml[] => [
    { template: element('EventData', named('A', slot(0, 0x21))), values: [value] },
  ]

  test.each<[string, readonly EmbeddedXml[], string]>([
    ['elements nested without end', [{ element: deep(300) }], 'elements nested deeper than 256'],
    ['binary XML embedded without end', body(nested(20)), 'binary XML embedded deeper than 16'],
    [
      'definitions without end',
      Array.from({ length: 300 }, (): EmbeddedXml => ({ template: element('EventData'), values: [] })),
      'more than 256 definitions in one record',
    ],
    [
      'one large value used again and again',
      [
        {
          template: element('EventData', ...Array.from({ length: 60 }, () => named('A', slot(0)))),
          values: ['x'.repeat(20_000)],
        },
      ],
      'definition uses one value 60 times',
    ],
  ])('%s', (_name, bomb, why) => {
    const records = [record(1), record(2, { body: bomb }), record(3)]
    const { events, diagnostics } = readPart(reader, bytesPart(writeEvtx(records)))
    expect(events.map(({ source }) => source.record)).toEqual([1, 3])
    const [one] = diagnostics
    expect(diagnostics.map(({ code, record: number }) => [code, number])).toEqual([['evtx/unreadable-record', 2]])
    expect(one?.message).toContain(why)
    expect(one?.offset).toBeGreaterThan(4096 + 512)
    expect(one?.message).toContain(`offset 0x${one?.offset?.toString(16)}`)
  })

  test('a small value used often is no bomb', () => {
    const shape = element('EventData', ...Array.from({ length: 60 }, (_, index) => named(`A${index}`, slot(0))))
    expect(Object.keys(withBody({ template: shape, values: ['x'] }))).toHaveLength(60)
  })

  test('long names nested give names of bounded length, in bounded time', () => {
    const shape = (levels: number): ElementShape =>
      element(
        `${'n'.repeat(200)}`,
        ...(levels === 0 ? Array.from({ length: 400 }, () => element('x', text('1'))) : [shape(levels - 1)]),
      )
    const begun = performance.now()
    const fields = withBody({ template: element('UserData', element('Own', shape(200))), values: [] })
    expect(Object.keys(fields)).toHaveLength(400)
    expect(Math.max(...Object.keys(fields).map(name => name.length))).toBeLessThan(1500)
    expect(performance.now() - begun).toBeLessThan(2000)
  })
})

describe('whatever is written is read', () => {
  const hex32 = fc.nat(0xffffffff)
  const words = fc.string({ unit: fc.integer({ min: 1, max: 0xffff }).map(code => String.fromCharCode(code)), maxLength: 40 })
  const guid = fc.uuid()
  const sid = fc
    .tuple(fc.nat(0xff), fc.array(hex32, { minLength: 1, maxLength: 6 }))
    .map(([authority, parts]) => `S-1-${authority}-${parts.join('-')}`)
  /** A value and the texts a reader must give for it. */
  const valued: fc.Arbitrary<readonly [EvtxValue, readonly string[]]> = fc.oneof(
    words.map(value => [value, [value]] as const),
    fc.array(words, { minLength: 1, maxLength: 4 }).map(value => [value, value] as const),
    fc.integer({ min: -128, max: 127 }).map(int8 => [{ int8 }, [String(int8)]] as const),
    fc.integer({ min: -32768, max: 32767 }).map(int16 => [{ int16 }, [String(int16)]] as const),
    hex32.map(uint32 => [{ uint32 }, [String(uint32)]] as const),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int64 => [{ int64 }, [String(int64)]] as const),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(uint64 => [{ uint64 }, [String(uint64)]] as const),
    fc.double({ noNaN: true }).map(double => [{ double }, [String(double)]] as const),
    fc.boolean().map(boolean => [{ boolean }, [String(boolean)]] as const),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(hex => [{ hex }, [`0x${hex.toString(16)}`]] as const),
    guid.map(text => [{ guid: text }, [`{${text}}`]] as const),
    sid.map(text => [{ sid: text }, [text]] as const),
    fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map(binary => [{ binary }, [Buffer.from(binary).toString('hex').toUpperCase()]] as const),
    fc.array(sid, { minLength: 1, maxLength: 3 }).map(all => [{ array: all.map(text => ({ sid: text })) }, all] as const),
    fc
      .array(hex32, { minLength: 1, maxLength: 5 })
      .map(all => [{ array: all.map(uint32 => ({ uint32 })) }, all.map(String)] as const),
    fc.constant([null, ['']] as const),
  )
  const name = fc.oneof(fc.constantFrom('A', 'B', 'C', 'Image', 'd e'), fc.constant(''))
  const pairs = fc.array(fc.tuple(name, valued), { maxLength: 8 })
  const event = fc.record({
    eventId: fc.nat(65535),
    level: fc.nat(255),
    computer: fc.constantFrom('ws1.example', 'DC01', ''),
    provider: fc.constantFrom('P', 'Q'),
    inUserData: fc.boolean(),
    pairs,
  })

  /** Texts by name in order, as the flattening names them. */
  function expectedFields(all: readonly (readonly [string, readonly string[]])[]): readonly (readonly [string, string])[] {
    const flat = all.flatMap(([own, texts]) => texts.map(one => [own.replaceAll(' ', ''), one] as const))
    const unnamed = flat.filter(([own]) => own === '').length
    const times = new Map<string, number>()
    let number = 0
    return flat.map(([own, one]) => {
      if (own === '') return [unnamed > 1 ? `Data${++number}` : 'Data', one]
      const nth = (times.get(own) ?? 0) + 1
      times.set(own, nth)
      return [nth === 1 ? own : `${own}_${nth}`, one]
    })
  }

  test('events of any fields', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), all => {
        const records = all.map(({ inUserData, pairs: written, ...more }, index): EvtxRecord => {
          const data = written.map(([own, [value]]) => [own, value] as const)
          const fields = data.map(([own, value]) => [own.replaceAll(' ', '') || 'Data', value] as const)
          return record(index + 1, { ...more, ...(inUserData ? { userData: { element: 'Own', fields } } : { data }) })
        })
        const originals = read(...records)
        expect(originals).toHaveLength(all.length)
        for (const [index, original] of originals.entries()) {
          const { eventId, level, computer, provider, inUserData, pairs: written } = all[index] ?? expect.fail()
          const flat = expectedFields(
            written.map(([own, [, texts]]) => [inUserData && own === '' ? 'Data' : own, texts] as const),
          )
          const stored = JSON.parse(original.text())
          expect(stored).toMatchObject({
            EventID: String(eventId),
            Level: String(level),
            Computer: computer,
            Provider_Name: provider,
          })
          expect(Object.entries(stored).slice(SYSTEM_FIELDS)).toEqual(flat)
          for (const [own, one] of flat) expect(original.get(own)).toBe(one)
          const shape = original.shape ?? expect.fail('no shape')
          expect(shape.names.flatMap((own, at) => (original.at?.(at) === undefined ? [] : [own]))).toEqual(original.names())
          expect(original.names()).toEqual(Object.keys(stored))
        }
      }),
      { numRuns: 150 },
    )
  })
})
