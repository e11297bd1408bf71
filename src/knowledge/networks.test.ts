import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DOCUMENTATION_NETWORKS, networkTableBytes } from '../../test/network-table-bytes.ts'
import { networkTable, ownerWords } from './networks.ts'

const table = networkTable(DOCUMENTATION_NETWORKS)

test.each<[string, string]>([
  ['198.51.100.0', 'AS 64500 EXAMPLE-NET'],
  ['198.51.100.255', 'AS 64500 EXAMPLE-NET'],
  ['198.51.101.0', ''],
  ['203.0.113.127', 'AS 64500 EXAMPLE-NET, country ZZ'],
  ['203.0.113.128', 'AS 64501 Example "Two", Inc., country ZZ'],
  ['192.0.2.9', 'country AA'],
  ['2001:db8:1:2:3:4:5:6', 'AS 64501 Example "Two", Inc., country XX'],
  ['2001:db8:1::', 'AS 64501 Example "Two", Inc., country XX'],
  ['2001:db8:2::1', 'country XX'],
  ['2001:db9::1', ''],
  // Addresses inside a network belong to nobody the table could name.
  ['10.0.0.1', ''],
  ['fe80::1', ''],
  ['::1', ''],
  ['not an address', ''],
  ['2001:db8:1:zz::', ''],
  ['2001:db8', ''],
])('%s: %s', (address, words) => {
  const owner = table.ownerOf(address)
  expect(owner ? ownerWords(owner) : '').toBe(words)
})

test('finds of any ranges what a walk over all of them finds', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0x0b000000, max: 0x0b0000ff }), { minLength: 2, maxLength: 40 }),
      fc.integer({ min: 0x0b000000, max: 0x0b0000ff }),
      (edges, place) => {
        const sorted = edges.toSorted((a, b) => a - b)
        const rows = sorted.flatMap((from, index) => {
          const to = sorted[index + 1]
          return index % 2 === 0 && to !== undefined ? [[from, to, index + 1] as const] : []
        })
        const made = networkTable(networkTableBytes({ as4: rows }, []))
        const address = [place >>> 24, (place >>> 16) & 255, (place >>> 8) & 255, place & 255].join('.')
        expect(made.ownerOf(address)?.asn).toBe(rows.find(([from, to]) => from <= place && place <= to)?.[2])
      },
    ),
  )
})

test('the table that ships: made of what it says, and one resolver that everybody knows', () => {
  const shipped = networkTable(brotliDecompressSync(readFileSync(join(import.meta.dirname, '../../data/networks.bin'))))
  expect(shipped.date).toBe('2026-06-17')
  expect(shipped.sources).toEqual(['@ip-location-db/asn 2.3.2026061719', '@ip-location-db/asn-country 2.3.2026061719'])
  expect(shipped.ownerOf('1.1.1.1')).toEqual({ asn: 13335, name: 'Cloudflare, Inc.', country: 'AU' })
  expect(shipped.ownerOf('2606:4700:4700::1111')?.asn).toBe(13335)
  for (const documentation of ['192.0.2.1', '198.51.100.1', '203.0.113.1'])
    expect(shipped.ownerOf(documentation)?.asn).toBeUndefined()
})
