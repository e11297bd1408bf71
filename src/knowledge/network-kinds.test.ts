import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isPeeringDb, kindWords, peeringDbKinds } from './network-kinds.ts'

const rows = [
  { id: 1, asn: 64_500, name: 'Example', info_type: 'Cable/DSL/ISP', updated: '2026-01-02T03:04:05Z' },
  { id: 2, asn: 64_499, name: 'Example Two', info_type: 'Content', updated: '2025-11-02T03:04:05Z' },
  { id: 3, asn: 64_498, name: 'Example Three', info_type: 'Not Disclosed', updated: '2026-05-02T03:04:05Z' },
  { id: 4, asn: '64497', info_type: 'Content' },
  null,
]

test.each([
  ['the interface', JSON.stringify({ data: rows, meta: {} })],
  ['a dump of all tables', JSON.stringify({ net: { data: rows }, org: { data: [] } })],
])('%s', (_name, text) => {
  expect(isPeeringDb(text)).toBe(true)
  expect(peeringDbKinds(text)).toEqual({
    date: '2026-01-02',
    kinds: [
      [64_499, 'Content'],
      [64_500, 'Cable/DSL/ISP'],
    ],
  })
})

test.each([
  ['indicators', '{"type":"bundle","objects":[]}'],
  ['cut in the middle', JSON.stringify({ data: rows }).slice(0, 150)],
  ['no row that says something', JSON.stringify({ data: [rows[2]] })],
])('%s: none', (_name, text) => {
  expect(peeringDbKinds(text)).toBeUndefined()
})

test('words', () => {
  expect(kindWords('Cable/DSL/ISP', '2026-01-02')).toBe(
    'listed as Cable/DSL/ISP (lines of homes and offices) in PeeringDB of 2026-01-02',
  )
  expect([kindWords('Not Disclosed', ''), kindWords(undefined, ''), kindWords('constructor', '')]).toEqual(['', '', ''])
})

test('random text never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      isPeeringDb(text)
      peeringDbKinds(text)
    }),
  )
})
