import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import { storeItems } from '../../test/contract/event-store.ts'
import { DOCUMENTATION_NETWORKS } from '../../test/network-table-bytes.ts'
import { correlate } from '../correlate/index.ts'
import { networkTable } from '../knowledge/index.ts'
import { namesOutside, outsideNetworks, withHabits, withOwners } from './outside-networks.ts'

const table = networkTable(DOCUMENTATION_NETWORKS)
const seen = (addresses: readonly string[]) =>
  draft('a/b', 'seen', { addresses, hosts: ['h1'], severity: 'high', time: '2024-01-01T10:00:00Z' })

test.each<[string, string, readonly string[], string]>([
  [
    'another network',
    '203.0.113.200',
    ['203.0.113.5', '198.51.100.7'],
    'it matters AS 64501 Example "Two", Inc., country ZZ is new: earlier log-ins came from AS 64500 EXAMPLE-NET, country ZZ (table of 2026-06-17).',
  ],
  [
    'another line of the same provider, far away by its number',
    '203.0.113.5',
    ['198.51.100.7'],
    'it matters AS 64500 EXAMPLE-NET, country ZZ is the network of earlier log-ins too: another line or number of the same provider (table of 2026-06-17).',
  ],
  ['a network nobody knows', '192.0.2.1', ['198.51.100.7'], 'it matters'],
  ['earlier networks nobody knows', '203.0.113.5', ['192.0.2.1'], 'it matters'],
])('%s', (_name, address, earlier, why) => {
  expect(withHabits([{ ...seen([address]), habit: { address, earlier } }], table).map(one => one.why)).toEqual([why])
})

test('findings and ends of trails name network, country and the date of the table, and no kind of line', async () => {
  const store = await storeItems([])
  const drafts = [seen(['203.0.113.5', '10.0.0.1'])]
  const found = withOwners(await correlate({ drafts, queries: store, assets: undefined, marks: [] }), table)
  store.close()
  const owner =
    '203.0.113.5 is AS 64500 EXAMPLE-NET, country ZZ, by the table of 2026-06-17: where the range is registered, not where its user is.'
  expect(found.findings.map(finding => finding.why)).toEqual([`it matters ${owner}`])
  const ends = found.incidents.flatMap(incident => incident.trailEnds).filter(end => end.at === '203.0.113.5')
  expect(ends.map(end => end.why.slice(end.why.indexOf(owner)))).toEqual(
    ends.map(() => `${owner} Whether it is a home line, a hosting provider or a business is not known.`),
  )
})

test('the kind of a network is told where a list of the user says it', async () => {
  const store = await storeItems([])
  const drafts = [seen(['203.0.113.5']), seen(['203.0.113.200'])]
  const kinds = { date: '2026-01-02', kinds: [[64_500, 'Cable/DSL/ISP']] as const }
  const found = withOwners(await correlate({ drafts, queries: store, assets: undefined, marks: [] }), table, kinds)
  store.close()
  const told = found.findings.map(({ why }) => why).join(' ')
  expect(told).toContain(
    '203.0.113.5 is AS 64500 EXAMPLE-NET, country ZZ, listed as Cable/DSL/ISP (lines of homes and offices) in PeeringDB of 2026-01-02',
  )
  expect(told.match(/listed as/g)).toHaveLength(1)
  const ends = found.incidents.flatMap(incident => incident.trailEnds).filter(end => end.at === '203.0.113.5')
  expect(ends.every(end => end.why.endsWith('What this one line is the list does not say.'))).toBe(true)
})

test('only outside addresses are a reason to load the table', () => {
  expect(namesOutside([seen(['10.0.0.1', 'web01'])])).toBe(false)
  expect(namesOutside([seen(['10.0.0.1', '203.0.113.5'])])).toBe(true)
})

test('a table that is missing or broken is told and stops nothing', () => {
  const directory = mkdtempSync(join(tmpdir(), 'barograph-networks-'))
  const broken = join(directory, 'networks.bin')
  writeFileSync(broken, 'not compressed')
  const codes = [join(directory, 'nothing.bin'), broken].map(file => outsideNetworks(file)).map(one => 'code' in one && one.code)
  rmSync(directory, { recursive: true })
  expect(codes).toEqual(['networks/no-table', 'networks/no-table'])
})
