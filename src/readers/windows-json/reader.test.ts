import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { sharedData } from '../../../test/shared-data.ts'
import { textPart, textSample } from '../../../test/text-part.ts'
import { isoFromMicros, type Reader, type SecurityEvent } from '../../model/index.ts'
import { readers } from './reader.ts'

const [lines, stream] = readers as [Reader, Reader]

/** Reads a text with the reader that recognises it best, as a hunt does. */
function read(text: string, facts = {}) {
  const [ofLines = 0, ofStream = 0] = readers.map(reader => reader.recognise(textSample(text)))
  expect(Math.max(ofLines, ofStream)).toBeGreaterThanOrEqual(40)
  return readPart(ofStream > ofLines ? stream : lines, textPart(text, { facts }))
}

const evtxDump = {
  Event: {
    '#attributes': { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
    System: {
      Provider: { '#attributes': { Name: 'Microsoft-Windows-Security-Auditing', Guid: '54849625-5478-4994-A5BA-3E3B0328C30D' } },
      EventID: 4625,
      TimeCreated: { '#attributes': { SystemTime: '2024-02-03T04:05:06.789012Z' } },
      EventRecordID: 77,
      Execution: { '#attributes': { ProcessID: 600, ThreadID: 700 } },
      Channel: 'Security',
      Computer: 'WEB01.example',
      Security: null,
    },
    EventData: {
      TargetUserName: 'nora',
      TargetDomainName: 'EXAMPLE',
      IpAddress: '198.51.100.4',
      SubStatus: '0xc000006a',
      Status: '0xc000006d',
    },
  },
}
const winlogbeat = {
  '@timestamp': '2024-02-03T04:05:06.789Z',
  event: { code: '4625', created: '2024-02-03T04:05:09.000Z', provider: 'Microsoft-Windows-Security-Auditing' },
  host: { name: 'collector' },
  message: 'An account failed to log on.',
  winlog: {
    channel: 'Security',
    computer_name: 'WEB01.example',
    provider_name: 'Microsoft-Windows-Security-Auditing',
    event_id: '4625',
    record_id: 77,
    process: { pid: 600, thread: { id: 700 } },
    event_data: { TargetUserName: 'nora', TargetDomainName: 'EXAMPLE', IpAddress: '198.51.100.4', SubStatus: '0xc000006a' },
  },
}
const nxlog = {
  EventID: 4625,
  SourceName: 'Microsoft-Windows-Security-Auditing',
  Channel: 'Security',
  Hostname: 'WEB01.example',
  EventTime: '2024-02-03 14:05:06',
  EventReceivedTime: '2024-02-03 14:05:08',
  '@timestamp': '2024-02-03T04:05:06.789Z',
  RecordNumber: 77,
  ExecutionProcessID: 600,
  Keywords: '0x8010000000000000',
  TargetUserName: 'nora',
  TargetDomainName: 'EXAMPLE',
  IpAddress: '198.51.100.4',
  SubStatus: '0xc000006a',
  host: 'collector.example',
  port: 5140,
  tags: ['x'],
}
const azure = {
  Type: 'SecurityEvent',
  TimeGenerated: '2024-02-03T04:05:06.789Z',
  TimeCollected: '2024-02-03T04:06:00Z',
  Computer: 'WEB01.example',
  EventSourceName: 'Microsoft-Windows-Security-Auditing',
  Channel: 'Security',
  EventID: 4625,
  EventRecordId: '77',
  EventData:
    '<EventData xmlns="http://x">\r\n <Data Name="TargetUserName">nora</Data><Data Name="TargetDomainName">EXAMPLE</Data><Data Name="IpAddress">198.51.100.4</Data><Data Name="SubStatus">0xc000006a</Data></EventData>',
}
const azureDynamic = {
  ...azure,
  Type: 'WindowsEvent',
  Provider: azure.EventSourceName,
  EventSourceName: undefined,
  EventData: JSON.stringify(evtxDump.Event.EventData),
}
const dotted = Object.fromEntries([
  ['@timestamp', '2024-02-03T04:05:06.789Z'],
  ...Object.entries(winlogbeat.winlog.event_data).map(([name, value]) => [`winlog.event_data.${name}`, value]),
  ['winlog.channel', 'Security'],
  ['winlog.computer_name', 'WEB01.example'],
  ['winlog.provider_name', 'Microsoft-Windows-Security-Auditing'],
  ['winlog.event_id', 4625],
  ['winlog.record_id', 77],
])
const rawXml = {
  result: {
    _raw: `<Event xmlns='http://x'><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4625</EventID><TimeCreated SystemTime='2024-02-03T04:05:06.7890000Z'/><EventRecordID>77</EventRecordID><Channel>Security</Channel><Computer>WEB01.example</Computer></System><EventData><Data Name='TargetUserName'>nora</Data><Data Name='TargetDomainName'>EXAMPLE</Data><Data Name='IpAddress'>198.51.100.4</Data><Data Name='SubStatus'>0xc000006a</Data></EventData></Event>`,
  },
}

describe('one failed log-on in every shape gives the same event', () => {
  test.each<[string, object, Record<string, string>]>([
    ['evtx_dump', evtxDump, {}],
    ['Winlogbeat and Elastic Agent', winlogbeat, { 'event.created': '2024-02-03T04:05:09.000000Z' }],
    ['Elasticsearch hits', { _index: 'x', _source: winlogbeat }, { 'event.created': '2024-02-03T04:05:09.000000Z' }],
    ['dotted names', dotted, {}],
    ['nxlog and Mordor', nxlog, { EventTime: '2024-02-03T14:05:06.000000Z', EventReceivedTime: '2024-02-03T14:05:08.000000Z' }],
    ['Azure SecurityEvent', azure, { TimeCollected: '2024-02-03T04:06:00.000000Z' }],
    ['Azure WindowsEvent', azureDynamic, { TimeCollected: '2024-02-03T04:06:00.000000Z' }],
    ['event XML in a search result', rawXml, {}],
  ])('%s', (_name, object, alsoRecorded) => {
    for (const text of [
      `${JSON.stringify(object)}\n`,
      JSON.stringify([object]),
      JSON.stringify(object, null, 2),
      JSON.stringify({ value: [object] }),
    ]) {
      const { events, diagnostics } = read(text)
      expect(diagnostics).toEqual([])
      expect(events).toHaveLength(1)
      const event = events[0] as SecurityEvent & { kind: 'authentication' }
      expect({ ...event, original: 0, identity: 0, source: 0, time: 0, alsoRecorded: 0 }).toEqual({
        kind: 'authentication',
        source: 0,
        time: 0,
        alsoRecorded: 0,
        identity: 0,
        original: 0,
        host: 'web01.example',
        series: 'evtx|web01.example|security',
        product: 'security',
        code: '4625',
        action: 'logon',
        outcome: 'failure',
        user: 'EXAMPLE\\nora',
        subjectUser: '',
        logonType: undefined,
        logonId: '',
        srcIp: '198.51.100.4',
        srcPort: undefined,
        srcHost: '',
        protocol: '',
        process: '',
        reason: 'wrong password',
      })
      expect(event.time && isoFromMicros(event.time).slice(0, 23)).toBe('2024-02-03T04:05:06.789')
      expect(
        Object.fromEntries(Object.entries(event.alsoRecorded ?? {}).map(([name, time]) => [name, isoFromMicros(time)])),
      ).toEqual(alsoRecorded)
      const names = ['EventID', 'Channel', 'Computer', 'Provider_Name', 'EventRecordID', 'TargetUserName']
      expect(names.map(name => event.original.get(name))).toEqual([
        '4625',
        'Security',
        'WEB01.example',
        'Microsoft-Windows-Security-Auditing',
        '77',
        'nora',
      ])
    }
  })

  test('and the same identity, so that two exports of one log count once', () => {
    const identities = [evtxDump, winlogbeat, nxlog, azure, azureDynamic, dotted, rawXml].map(
      object => read(JSON.stringify(object)).events[0]?.identity,
    )
    expect(new Set(identities).size).toBe(1)
  })
})

const event = (more: object) => ({
  EventID: 4688,
  Channel: 'Security',
  SourceName: 'Microsoft-Windows-Security-Auditing',
  Hostname: 'a',
  ...more,
})

describe('times', () => {
  test.each<[string, object, object, string | undefined, object]>([
    [
      'a time with a zone beats one without',
      { TimeCreated: '2024-02-03 01:00:00', '@timestamp': '2024-02-03T06:00:00Z' },
      {},
      '2024-02-03T06:00:00.000000Z',
      { TimeCreated: '2024-02-03T01:00:00.000000Z' },
    ],
    ['without any zone: UTC, and said', { TimeCreated: '2024-02-03 01:00:00.250' }, {}, '2024-02-03T01:00:00.250000Z', {}],
    [
      'without any zone: the zone of the source',
      { TimeCreated: '2024-02-03 01:00:00' },
      { zone: 'Pacific/Guam' },
      '2024-02-02T15:00:00.000000Z',
      {},
    ],
    [
      'UtcTime is never the event time',
      { TimeCreated: '2024-02-03T01:00:00Z', UtcTime: '2024-02-02 20:00:00.1' },
      { zone: '+09:00' },
      '2024-02-03T01:00:00.000000Z',
      { UtcTime: '2024-02-02T20:00:00.100000Z' },
    ],
    ['PowerShell 5', { TimeCreated: '/Date(1706922000123)/' }, {}, '2024-02-03T01:00:00.123000Z', {}],
    [
      'PowerShell 5, wrapped',
      { TimeCreated: { value: '/Date(1706922000123)/', DisplayHint: 2, DateTime: 'Saturday' } },
      {},
      '2024-02-03T01:00:00.123000Z',
      {},
    ],
    ['.NET without culture', { TimeCreated: '2/3/2024 1:00:05 PM' }, { zone: 'UTC' }, '2024-02-03T13:00:05.000000Z', {}],
    ['no time', {}, {}, undefined, {}],
    ['an impossible time', { TimeCreated: '1601-01-01T00:00:00Z' }, {}, undefined, {}],
    ['31 February', { TimeCreated: '2024-02-31T00:00:00Z' }, {}, undefined, {}],
  ])('%s', (_name, more, facts, time, also) => {
    const { events, diagnostics } = read(JSON.stringify(event(more)), facts)
    const [only] = events
    expect(only?.time === undefined ? undefined : isoFromMicros(only.time)).toBe(time)
    expect(
      Object.fromEntries(Object.entries(only?.alsoRecorded ?? {}).map(([name, value]) => [name, isoFromMicros(value)])),
    ).toEqual(also)
    const codes = diagnostics.map(({ code }) => code)
    if (time === undefined) expect(codes).toContain('windows-json/no-time')
    else expect(codes).toEqual(_name.endsWith('and said') ? ['windows-json/no-zone'] : [])
  })
})

test('the same words on another day are another record, the same record in two exports is one', () => {
  const cleared = (time: string) =>
    JSON.stringify({ EventID: 1102, Channel: 'Security', Hostname: 'dc01.example', TimeCreated: time, SubjectUserName: 'ann' })
  const identities = (...times: readonly string[]) => times.map(time => read(cleared(time), {}).events[0]?.identity)
  const [monday, tuesday, again] = identities('2024-02-05T01:00:00Z', '2024-02-06T01:00:00Z', '2024-02-05T01:00:00.000Z')
  expect([monday === tuesday, monday === again]).toEqual([false, true])
})

describe('members of other shapes', () => {
  test('a 64-bit number keeps its digits, key words their bits', () => {
    const text = '{"EventID":1,"Channel":"X","LogonId":18446744073709551615,"Keywords":-9214364837600034816}'
    const { original } = read(text).events[0] ?? expect.fail('no event')
    expect([original.get('LogonId'), original.get('Keywords')]).toEqual(['18446744073709551615', '0x8020000000000000'])
  })

  test('Get-WinEvent: properties are unnamed values', () => {
    const text = JSON.stringify({
      Id: 400,
      ProviderName: 'PowerShell',
      LogName: 'Windows PowerShell',
      MachineName: 'WS1.example',
      RecordId: 5,
      ProcessId: 12,
      UserId: { Value: 'S-1-5-18' },
      TimeCreated: '2024-02-03T01:00:00.5+09:00',
      Properties: [
        { Value: 'Available' },
        { Value: 'None' },
        { Value: '\tHostApplication=powershell.exe -nop\r\n\tScriptName=' },
      ],
    })
    const [only] = read(text).events
    expect(only).toMatchObject({
      kind: 'script_activity',
      product: 'powershell',
      hostApplication: 'powershell.exe -nop',
      host: 'ws1.example',
    })
    expect(only?.original.get('Data')).toBe('Available\nNone\n\tHostApplication=powershell.exe -nop\r\n\tScriptName=')
    expect([only?.original.get('UserID'), only?.original.get('Execution_ProcessID')]).toEqual(['S-1-5-18', '12'])
  })

  test('UserData with the name of the cleared log', () => {
    const text = JSON.stringify({
      Event: {
        System: {
          Provider: { '@Name': 'Microsoft-Windows-Eventlog' },
          EventID: { '#text': '104' },
          Channel: 'System',
          Computer: 'a',
        },
        UserData: { LogFileCleared: { '@xmlns': 'x', SubjectUserName: 'nora', Channel: 'Setup' } },
      },
    })
    expect(read(text).events[0]).toMatchObject({ kind: 'log_activity', action: 'cleared', log: 'Setup', user: 'nora' })
  })

  test('an object of another kind in a recognised file is kept', () => {
    const { events, diagnostics } = read(
      `${JSON.stringify(event({ TimeCreated: '2024-02-03T01:00:00Z' }))}\n{"level":"info","message":"started","ctx":{"a":1}}\n`,
    )
    expect(events[1]).toMatchObject({ kind: 'other_activity', message: 'started' })
    expect(events[1]?.original.get('ctx.a')).toBe('1')
    expect(diagnostics.map(({ code }) => code)).toEqual(['windows-json/other-object', 'windows-json/no-time'])
  })

  test('records point back: line numbers in lines, ordinals in arrays, byte offsets in both', () => {
    const one = JSON.stringify(event({ TimeCreated: '2024-02-03T01:00:00Z', N: 'ä' }))
    const bytes = new TextEncoder().encode(one).length
    const sources = (text: string) => read(text).events.map(({ source }) => [source.record, source.offset])
    expect(sources(`${one}\n\n${one}\n`)).toEqual([
      [1, 0],
      [3, bytes + 2],
    ])
    expect(sources(`[${one},\n${one}]`)).toEqual([
      [1, 1],
      [2, bytes + 3],
    ])
  })

  test('several objects on one line, and a line that is none', () => {
    const one = JSON.stringify(event({ TimeCreated: '2024-02-03T01:00:00Z' }))
    const { events, diagnostics } = read(`${one}\n${one}${one}\n{"broken\n${one}\n`)
    expect(events.map(({ source }) => source.record)).toEqual([1, 2, 2, 4])
    expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([['windows-json/unreadable-object', 3]])
  })
})

describe('recognition', () => {
  test.each([
    ['Zeek', '{"ts":1.5,"uid":"C1","id.orig_h":"10.0.0.1","proto":"tcp"}\n'],
    ['Suricata', '{"timestamp":"2024-02-03T01:00:00Z","event_type":"alert","src_ip":"10.0.0.1"}\n'],
    ['an application log', '{"level":"info","message":"started"}\n'],
    ['a list of something', '[{"name":"x"}]'],
    ['text', 'EventID Channel\n'],
    ['nothing', ''],
  ])('%s is not ours', (_name, text) => {
    expect(readers.map(reader => reader.recognise(textSample(text)))).toEqual([0, 0])
  })

  test('an array in UTF-16, as PowerShell writes files', () => {
    const text = `\ufeff[\r\n${JSON.stringify(event({ TimeCreated: '2024-02-03T01:00:00Z', User: 'zoë' }), null, 4)}\r\n]`
    const bytes = Buffer.from(text, 'utf16le')
    const sample = {
      path: 'x',
      size: bytes.length,
      head: bytes,
      encoding: 'utf-16le',
      lines: text.slice(1).split('\r\n'),
    } as const
    expect(stream.recognise(sample)).toBe(90)
    const { events } = readPart(stream, { ...bytesPart(bytes), encoding: 'utf-16le' })
    expect(events.map(({ original }) => original.get('User'))).toEqual(['zoë'])
  })
})

describe('hostile input', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '\n',
    'null',
    '1e999',
    '"EventID"',
    '"Channel"',
    '{"EventID":1,"Channel":"x"}',
    '<Event>',
    '"\\ud800"',
    ' ',
  )

  test('no text throws, and what is written before it is still read', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), tail => {
        const text = `{"EventID":4688,"Channel":"Security"}\n${tail.join('')}`
        for (const reader of readers) expect(readPart(reader, textPart(text)).events[0]?.code).toBe('4688')
      }),
      { numRuns: 300 },
    )
  })

  test('an object that never closes does not swallow those behind it', () => {
    const text = `[{"EventID":1,"Channel":"x","a":"${'x'.repeat(9 << 20)},\n{"EventID":2,"Channel":"x"}]`
    const { events, diagnostics } = readPart(stream, bytesPart(new TextEncoder().encode(text)))
    expect(events.map(({ code }) => code)).toEqual(['2'])
    expect(diagnostics.map(({ code }) => code)).toEqual(['windows-json/cut-object', 'windows-json/no-time'])
  })

  test('deep nesting, names of the prototype and many members are bounded', () => {
    const deep = `{"EventID":1,"Channel":"x","__proto__":{"Computer":"evil"},"constructor":"c","a":${'{"b":'.repeat(50_000)}1${'}'.repeat(50_000)}}`
    const lists = `{"EventID":1,"Channel":"x","a":${'['.repeat(50_000)}12345678901234567890${']'.repeat(50_000)},"EventData":${'['.repeat(50_000)}1${']'.repeat(50_000)}}`
    const many = JSON.stringify({
      EventID: 1,
      Channel: 'x',
      ...Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`m${index}`, 1])),
    })
    const [first, second] = readPart(lines, textPart(`${deep}\n${many}\n${lists}\n`)).events
    expect([first?.host, first?.original.get('constructor'), first?.original.get('toString')]).toEqual(['', 'c', undefined])
    expect(second?.original.names().length).toBeLessThanOrEqual(4096)
  })
})

const twin = sharedData('sigma-regression')
test.skipIf(!twin)('JSON twins of regression samples are recognised and read', () => {
  const file = `${twin}/proc_creation_win_cmdkey_recon/07f8bdc2-c9b3-472a-9817-5a670b872f53.json`
  const [only] = read(readFileSync(file, 'utf8')).events
  expect(only).toMatchObject({
    kind: 'process_activity',
    action: 'start',
    pid: 7876,
    user: 'ATTACKRANGE\\Administrator',
    logonId: '0x529ae3',
  })
})
