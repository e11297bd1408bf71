import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readText, textSample } from '../../../test/text-part.ts'
import { isoFromMicros } from '../../model/index.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { parseIndicators, reader } from './reader.ts'
import { readPattern } from './stix-pattern.ts'
import { guessed } from './value.ts'

const day = (time: number | undefined) => (time === undefined ? '' : isoFromMicros(time as never).slice(0, 10))
const DIGEST = 'ab'.repeat(32)

test('cells of a line', () => {
  expect(csvCells('a,"b, ""c""",,d')).toEqual(['a', 'b, "c"', '', 'd'])
  expect(csvCells('"open')).toEqual(['open'])
  expect(csvCells('')).toEqual([''])
})

test.each([
  ['198.51.100[.]7', { type: 'address', value: '198.51.100.7' }],
  ['198.51.100.7:8443', { type: 'address', value: '198.51.100.7' }],
  ['198.51.100.0/24', { type: 'network', value: '198.51.100.0/24' }],
  ['2001:DB8::7', { type: 'address', value: '2001:db8::7' }],
  ['relay[.]example', { type: 'domain', value: 'relay.example' }],
  ['hxxps://relay[.]example:8443/fy.sh', { type: 'url', value: 'relay.example/fy.sh' }],
  ['https://relay.example/', { type: 'domain', value: 'relay.example' }],
  [DIGEST.toUpperCase(), { type: 'hash', value: DIGEST }],
  ['C:\\Users\\Public\\pro', { type: 'path', value: 'c:\\users\\public\\pro' }],
  ['cisco_up.exe', { type: 'file-name', value: 'cisco_up.exe' }],
  ['Mozilla/5.0  (X11)', { type: 'user-agent', value: 'mozilla/5.0 (x11)' }],
  ['hello world', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(guessed(text)).toEqual(expected)
})

test.each([
  ["[ipv4-addr:value = '198.51.100.7']", { any: [{ type: 'address', value: '198.51.100.7' }] }],
  [
    "[domain-name:value = 'a.example' OR domain-name:value = 'b.example']",
    {
      any: [
        { type: 'domain', value: 'a.example' },
        { type: 'domain', value: 'b.example' },
      ],
    },
  ],
  ["[file:hashes.'SHA-256' = 'ab' AND file:name = 'x']", { any: [{ type: 'hash', value: 'ab' }] }],
  [
    "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]",
    { any: [{ type: 'address', value: '198.51.100.7' }] },
  ],
  [
    "[ipv4-addr:value IN ('198.51.100.7', '198.51.100.8')]",
    {
      any: [
        { type: 'address', value: '198.51.100.7' },
        { type: 'address', value: '198.51.100.8' },
      ],
    },
  ],
  [
    "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl\\'s']",
    { any: [{ type: 'user-agent', value: "curl's" }] },
  ],
  [
    "[file:name = 'x' AND file:size = 5]",
    { refused: 'its pattern joins several things by AND, and one record can show only one of them' },
  ],
  ["[mutex:name = 'x']", { refused: 'it is about mutex:name, which no record of ours has' }],
  ["[file:name LIKE '%x']", { refused: 'its pattern compares by LIKE; only =, IN and ISSUBSET name a thing' }],
  [
    "[ipv4-addr:value = 'a'] FOLLOWEDBY [ipv4-addr:value = 'b']",
    { refused: 'its pattern asks for an order or a number of events (FOLLOWEDBY)' },
  ],
  ['', { refused: 'its pattern has no comparison' }],
])('pattern %s', (pattern, expected) => {
  expect(readPattern(pattern)).toEqual(expected)
})

const BUNDLE = JSON.stringify({
  type: 'bundle',
  id: 'bundle--1',
  objects: [
    { type: 'identity', id: 'identity--1', name: 'A lab' },
    {
      type: 'indicator',
      id: 'indicator--1',
      spec_version: '2.1',
      created_by_ref: 'identity--1',
      name: 'KV payload server',
      pattern: "[ipv4-addr:value = '198.51.100.7']",
      pattern_type: 'stix',
      valid_from: '2023-04-01T00:00:00Z',
      valid_until: '2024-01-01T00:00:00Z',
      confidence: 80,
    },
    { type: 'indicator', id: 'indicator--2', name: 'a rule', pattern: 'rule x {}', pattern_type: 'yara' },
    { type: 'indicator', id: 'indicator--3', name: 'old', revoked: true, pattern: "[url:value = 'x']", pattern_type: 'stix' },
    { type: 'malware', id: 'malware--1', name: 'KV botnet' },
    { type: 'relationship', relationship_type: 'indicates', source_ref: 'indicator--1', target_ref: 'malware--1' },
    { type: 'sighting', sighting_of_ref: 'indicator--1', first_seen: '2023-04-07T00:00:00Z', last_seen: '2023-12-05T00:00:00Z' },
  ],
})

test('a bundle: what is indicated, by whom, when it was seen, and what is left out', () => {
  const { indicators, diagnostics } = parseIndicators(BUNDLE, 'kv.json')
  expect(
    indicators.map(({ value, title, source, firstSeen, lastSeen, validUntil, grade, record }) => [
      value,
      title,
      source,
      day(firstSeen),
      day(lastSeen),
      day(validUntil),
      grade,
      record,
    ]),
  ).toEqual([['198.51.100.7', 'KV payload server, KV botnet', 'A lab', '2023-04-07', '2023-12-05', '2024-01-01', 80, 2]])
  expect(diagnostics.map(({ message }) => message)).toEqual([
    'indicator "a rule" is not used: its pattern is written in yara; give it with --rules or --yara',
    'indicator "old" is not used: its author took it back',
  ])
})

test('a list with a header, and one without', () => {
  const list = `# KV servers
Indicator;Type;First seen;Last seen;Confidence;Comment
198.51.100[.]7;ip;2022-05-02;2022-05-03;high;payload
10.0.0.5;ip;2022-05-02;2022-05-03;high;a mistake
x;mutex;;;;
198.51.100.7;ip;2022-08-01;2023-12-01;low;upstream
`
  const { indicators, diagnostics } = parseIndicators(list, 'kv.csv')
  expect(
    indicators.map(({ value, title, firstSeen, lastSeen, grade, record }) => [
      value,
      title,
      day(firstSeen),
      day(lastSeen),
      grade,
      record,
    ]),
  ).toEqual([['198.51.100.7', 'upstream', '2022-05-02', '2023-12-01', 15, 6]])
  expect(diagnostics.map(({ code, record }) => [code, record])).toEqual([
    ['intel/internal-address', 4],
    ['intel/unreadable-line', 5],
  ])
  expect(parseIndicators(`198.51.100.7\n\n${DIGEST}\n`, 'x.txt').indicators.map(({ type }) => type)).toEqual(['address', 'hash'])
})

test('our own indicators.csv is a list, too', () => {
  const own =
    'type,value,first_seen,last_seen,confidence,context\naddress,203.0.113.9,2023-08-15T05:34:25.000000Z,2023-08-16T05:34:25.000000Z,moderate,a shell\naccount,ora,,,high,x\n'
  const { indicators, diagnostics } = parseIndicators(own, 'indicators.csv')
  expect(indicators.map(({ type, value, title, grade }) => [type, value, title, grade])).toEqual([
    ['address', '203.0.113.9', 'a shell', 50],
  ])
  expect(diagnostics.map(({ code }) => code)).toEqual(['intel/unreadable-line'])
})

test('among the evidence it is named and not looked for', () => {
  expect(reader.recognise(textSample(BUNDLE))).toBe(92)
  expect(reader.recognise(textSample('ioc,type,first_seen\n198.51.100.7,ip,2023-01-01'))).toBe(60)
  expect(reader.recognise(textSample('{"type":"flow","id":"x"}'))).toBe(0)
  const { events, diagnostics } = readText(reader, BUNDLE)
  expect(events.length).toBe(1)
  expect(diagnostics.at(-1)?.code).toBe('intel/among-evidence')
})

test('whatever is in the file', () => {
  const mutated = fc
    .tuple(fc.nat(BUNDLE.length), fc.nat(20), fc.string({ maxLength: 8 }))
    .map(([at, drop, piece]) => BUNDLE.slice(0, at) + piece + BUNDLE.slice(at + drop))
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: 'binary', maxLength: 300 }), fc.json()), text => {
      for (const { value } of parseIndicators(text, 'x').indicators) expect(value).not.toBe('')
    }),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('[', ']', "'", 'a', ':', '=', ' ', '\\', 'AND ', 'OR ', '(', '.') }),
      pattern => {
        readPattern(pattern)
      },
    ),
    { numRuns: 200 },
  )
})
