import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readText, textSample } from '../../../test/text-part.ts'
import { needOf } from './needs.ts'
import { parseAssets, reader } from './reader.ts'

const LIST = `# an asset list
sites:
  - id: main
    place: Guam
zones:
  - id: plant
    kind: ot
    networks: [10.20.90.0/24]
assets:
  - id: scada01
    names: [scada01, scada01.example]
    addresses: 10.20.90.10, 10.20.90.11
    role: SCADA server
    site: main
    zone: plant
    firmware: 6.10
    neverCut: yes
  - { id: jump01, addresses: ["::FFFF:10.20.10.40"], site: main }
conduits:
  - { from: plant, to: plant, ports: [3389, "443"], via: jump01 }
services:
  - id: water
    name: Water
    sector: water
    site: main
    needs: scada01 & (jump01 | scada01)
    fallbackHours: 36
    customers: 41000
`

test('the whole list', () => {
  const { model, diagnostics } = parseAssets(LIST, 'assets.yaml')
  expect(diagnostics).toEqual([])
  const none = { role: '', site: '', zone: '', owner: '', vendor: '', model: '', firmware: '', neverCut: false }
  expect(model).toEqual({
    sites: [{ id: 'main', name: 'main', place: 'Guam' }],
    zones: [{ id: 'plant', name: 'plant', kind: 'ot', networks: ['10.20.90.0/24'] }],
    assets: [
      {
        ...none,
        id: 'scada01',
        names: ['scada01', 'scada01.example'],
        addresses: ['10.20.90.10', '10.20.90.11'],
        role: 'SCADA server',
        site: 'main',
        zone: 'plant',
        firmware: '6.10',
        neverCut: true,
      },
      { ...none, id: 'jump01', names: ['jump01'], addresses: ['10.20.10.40'], site: 'main' },
    ],
    conduits: [{ from: 'plant', to: 'plant', ports: [3389, 443], via: 'jump01' }],
    services: [
      {
        id: 'water',
        name: 'Water',
        sector: 'Water and Wastewater Systems',
        site: 'main',
        needs: { all: [{ one: 'scada01' }, { any: [{ one: 'jump01' }, { one: 'scada01' }] }] },
        fallbackHours: 36,
        customers: 41000,
      },
    ],
  })
})

test.each([
  ['a', { one: 'a' }],
  ['a & b | c', { any: [{ all: [{ one: 'a' }, { one: 'b' }] }, { one: 'c' }] }],
  ['a AND (b or c)', { all: [{ one: 'a' }, { any: [{ one: 'b' }, { one: 'c' }] }] }],
  ['2 of (a, b & c, d)', { atLeast: 2, of: [{ one: 'a' }, { all: [{ one: 'b' }, { one: 'c' }] }, { one: 'd' }] }],
  ['pump-1.a & 1 of (x)', { all: [{ one: 'pump-1.a' }, { atLeast: 1, of: [{ one: 'x' }] }] }],
])('needs "%s"', (text, expected) => {
  expect(needOf(text)).toEqual(expected)
})

test.each(['', 'a &', '(a', 'a b', '3 of (a, b)', '0 of (a)', 'a | | b', ')', `${'('.repeat(50)}a${')'.repeat(50)}`])(
  'needs "%s" is refused',
  text => {
    expect(() => needOf(text)).toThrow()
  },
)

test('needs as nested YAML', () => {
  const list = 'services:\n  - id: s\n    needs: {atLeast: 2, of: [a, {any: [b, c]}, [d, e]]}\n'
  expect(parseAssets(list, 'a.yaml').model.services[0]?.needs).toEqual({
    atLeast: 2,
    of: [{ one: 'a' }, { any: [{ one: 'b' }, { one: 'c' }] }, { all: [{ one: 'd' }, { one: 'e' }] }],
  })
})

describe('what is wrong is said with file, line and what to do', () => {
  test.each([
    [
      'an address that is a name',
      'assets:\n  - id: a\n    addresses: [dc01]\n',
      'assets/bad-entry',
      'a.yaml:3: assets: "addresses" must be IP addresses; names belong into "names"; the entry is left out',
    ],
    [
      'no id',
      'assets:\n  - id: a\n  - role: x\n',
      'assets/bad-entry',
      'a.yaml:3: assets: "id" must be text; the entry is left out',
    ],
    [
      'a zone of no kind',
      'zones:\n  - id: z\n    kind: cloud\n',
      'assets/bad-entry',
      'a.yaml:3: zones: "kind" must be one of it, ot, dmz, edge, outside; the entry is left out',
    ],
    [
      'a port that is none',
      'conduits:\n  - from: a\n    to: b\n    ports: [70000]\n',
      'assets/bad-entry',
      'a.yaml:4: conduits: "ports.0" must be a port, 1 to 65535; the entry is left out',
    ],
    [
      'the same id twice',
      'assets:\n  - id: a\n  - id: A\n',
      'assets/twice',
      'a.yaml:3: "A" is already the id of the entry in line 2; this one is left out',
    ],
    [
      'a zone nobody knows',
      'assets:\n  - id: a\n    zone: z\n',
      'assets/unknown-reference',
      'a.yaml:3: assets: "zone" names "z", which is not in the list',
    ],
    [
      'needs of nobody',
      'services:\n  - id: s\n    needs: pump1\n',
      'assets/unknown-reference',
      'a.yaml:3: services: "needs" names "pump1", which is not in the list',
    ],
    [
      'needs that are no expression',
      'services:\n  - id: s\n    needs: a &\n',
      'assets/bad-needs',
      'a.yaml:3: "needs" ends where the id of an asset or a service was expected; the service is left out',
    ],
    [
      'a section nobody knows',
      'machines:\n  - id: a\n',
      'assets/unknown-section',
      'a.yaml:1: "machines" is no section of an asset list',
    ],
    [
      'a sector that is none',
      'assets:\n  - id: a\nservices:\n  - id: s\n    sector: Gambling\n    needs: a\n',
      'assets/unknown-sector',
      'a.yaml:5: sector "Gambling" is none of the 16 critical infrastructure sectors',
    ],
    ['text', 'hello', 'assets/no-sections', 'a.yaml:1: no asset list: the file has no sections'],
    ['a bomb of brackets', `assets: ${'['.repeat(5000)}`, 'assets/too-deep', 'a.yaml:1: the list is nested more than 60 deep'],
  ])('%s', (_name, text, code, message) => {
    const [first, ...more] = parseAssets(text, 'a.yaml').diagnostics
    expect([first?.code, first?.message, first?.hint === '', more.length < 3]).toEqual([code, message, false, true])
  })

  test('one bad entry does not cost the others', () => {
    const { model } = parseAssets('assets:\n  - id: a\n    addresses: [nowhere]\n  - id: b\n', 'a.yaml')
    expect(model.assets.map(asset => asset.id)).toEqual(['b'])
  })
})

test('CSV with the words people use', () => {
  const { model, diagnostics } = parseAssets(
    'Hostname;IP;Role;Zone;Zone kind;Colour\nplc1;10.1.1.1;controller;plant;OT;red\n"plc2";10.1.1.2;;plant;OT;\n',
    'a.csv',
  )
  expect(model.assets.map(({ id, names, addresses, role, zone }) => [id, names, addresses, role, zone])).toEqual([
    ['plc1', ['plc1'], ['10.1.1.1'], 'controller', 'plant'],
    ['plc2', ['plc2'], ['10.1.1.2'], '', 'plant'],
  ])
  expect(model.zones).toEqual([{ id: 'plant', name: 'plant', kind: 'ot', networks: [] }])
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ['assets/unknown-column', 'a.csv:1: column "Colour" has no meaning here and is not used'],
  ])
})

test('among the evidence it is recognised and gives one event per asset at its line', () => {
  const { events } = readText(reader, LIST, { path: 'assets.yaml' })
  expect(
    events.map(({ source, original }) => [source.record, original.get('id'), LIST.slice(source.offset).trimStart().slice(0, 4)]),
  ).toEqual([
    [10, 'scada01', '- id'],
    [18, 'jump01', '- { '],
  ])
  expect(reader.recognise(textSample(LIST))).toBe(90)
  expect(reader.recognise(textSample('hostname,ip,role\nplc1,10.1.1.1,controller'))).toBe(70)
})

test.each([
  ['a compose file', 'services:\n  web:\n    image: nginx\n'],
  ['a Sigma rule', 'title: x\nlogsource:\n  product: windows\ndetection:\n  a: b\n'],
  ['flows as CSV', 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr\n1,2,tcp,10.0.0.1,1,->,10.0.0.2'],
  ['an event export as CSV', 'TimeCreated,Id,Host,Message\n2024,4624,dc01,logon'],
])('%s is no asset list', (_name, text) => {
  expect(reader.recognise(textSample(text))).toBe(0)
})

test('the example of this repository', () => {
  const path = join(import.meta.dirname, '..', '..', '..', 'examples', 'guam', 'assets.yaml')
  const { model, diagnostics } = parseAssets(readFileSync(path, 'utf8'), path)
  expect(diagnostics).toEqual([])
  expect([model.zones.length, model.assets.length, model.conduits.length, model.services.length].every(count => count > 2)).toBe(
    true,
  )
})

test('random and mutated lists never throw', () => {
  const mutated = fc
    .tuple(fc.nat(LIST.length), fc.nat(30), fc.string({ unit: 'binary', maxLength: 8 }))
    .map(([at, drop, piece]) => LIST.slice(0, at) + piece + LIST.slice(at + drop))
  const csv = fc
    .array(
      fc.array(fc.string({ maxLength: 6 }), { maxLength: 5 }).map(cells => cells.join(',')),
      { maxLength: 5 },
    )
    .map(rows => ['id,ip,role', ...rows].join('\n'))
  fc.assert(
    fc.property(fc.oneof(mutated, csv, fc.string({ unit: 'binary', maxLength: 200 })), text => {
      reader.recognise(textSample(text))
      for (const event of readText(reader, text).events) expect(event.source.record).toBeGreaterThan(0)
    }),
    { numRuns: 400 },
  )
})

test('a line of blanks is no asset list, and is seen to be none at once', () => {
  const began = performance.now()
  expect(reader.recognise(textSample(`- ${' '.repeat(65_000)}x\n`))).toBe(0)
  // Twenty seconds when every blank was tried for both gaps; any machine does it in a few milliseconds now.
  expect(performance.now() - began).toBeLessThan(2_000)
})
