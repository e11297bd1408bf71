import { expect, test } from 'vitest'
import { parseAssets, whatIsMissing } from './reader.ts'
import { ASSET_TEMPLATE } from './template.ts'

const said = (text: string) =>
  whatIsMissing(parseAssets(text, 'a.yaml')).map(({ line, code, level }) => `${line} ${level} ${code}`)

test('the template is a list that lacks nothing', () => {
  const list = parseAssets(ASSET_TEMPLATE, 'assets.yaml')
  expect(list.diagnostics).toEqual([])
  expect(whatIsMissing(list)).toEqual([])
  expect(list.model.zones.map(({ level }) => level)).toEqual([undefined, 5, 4, 3.5, 2])
})

test.each([
  [
    'a machine alone',
    'assets:\n  - id: x\n',
    [
      '1 note assets/no-sites',
      '1 warning assets/no-edge',
      '1 warning assets/no-services',
      '1 warning assets/no-zones',
      '2 warning assets/without-address',
      '2 warning assets/without-role',
    ],
  ],
  [
    'an edge device without firmware',
    'assets:\n  - id: fw\n    role: edge firewall\n    addresses: [10.0.0.1]\n    vendor: Fortinet\n    model: FortiGate 60F\n',
    [
      '1 note assets/no-sites',
      '1 warning assets/no-services',
      '1 warning assets/no-zones',
      '2 warning assets/edge-without-version',
    ],
  ],
])('%s', (_name, text, expected) => {
  expect(said(text).toSorted()).toEqual(expected.toSorted())
})

const WHOLE = `sites:
  - id: main
zones:
  - { id: edge, kind: edge, networks: [192.0.2.0/28] }
  - { id: office, kind: it, level: 1, networks: [10.0.0.0/24] }
  - { id: plant, kind: ot, level: 5, networks: [10.1.0.0/24] }
  - { id: empty }
assets:
  - { id: fw, role: firewall, zone: edge, addresses: [192.0.2.1, 10.0.0.1], vendor: Cisco, model: RV320, firmware: 1.5.1.11 }
  - { id: pc, role: workstation, zone: office, addresses: [10.9.0.5] }
  - { id: plc, role: controller, addresses: [10.9.0.5] }
services:
  - { id: power, needs: "plc & heat" }
  - { id: heat, sector: Energy, site: main, fallbackHours: 1, customers: 5, needs: power }
`

test('zones, addresses and services that do not fit', () => {
  expect(said(WHOLE)).toEqual([
    '1 warning assets/no-conduits',
    '5 warning assets/level-and-kind',
    '6 warning assets/level-and-kind',
    '6 note assets/zone-without-assets',
    '7 note assets/zone-without-assets',
    '7 warning assets/zone-without-kind',
    '7 note assets/zone-without-level',
    '7 warning assets/zone-without-networks',
    '10 warning assets/address-outside-zone',
    '11 warning assets/address-twice',
    '11 warning assets/without-zone',
    '13 error assets/needs-itself',
    '13 note assets/service-without-site',
    '13 note assets/without-customers',
    '13 note assets/without-fallback',
    '13 warning assets/without-sector',
    '14 error assets/needs-itself',
  ])
  const circle = whatIsMissing(parseAssets(WHOLE, 'a.yaml')).find(({ code }) => code === 'assets/needs-itself')
  expect(circle?.message).toBe('service "power" needs itself: power needs heat needs power')
})
