import { expect, test } from 'vitest'
import { ItemBuilder } from '../../../test/case-events.ts'
import { storeItems } from '../../../test/contract/event-store.ts'
import type { EventQueries } from '../../model/index.ts'
import { clockAnchors } from './anchors.ts'
import { clockBook } from './clock-book.ts'
import { exportOffsets } from './export-offset.ts'
import { clockUnits } from './units.ts'

async function offsetsOf(queries: EventQueries) {
  const book = clockBook(await clockUnits(queries), await clockAnchors(queries), await exportOffsets(queries))
  return book.offsets.map(({ source, offset, basis }) => ({ source, offset: Math.round(offset), basis }))
}

const pad = (n: number) => String(n).padStart(2, '0')

/** A host whose export is 19 hours slow and whose own clock is three minutes ahead of the sensor's. */
function threeClocks(connections: number) {
  const host = new ItemBuilder('case/host.json')
  const wire = new ItemBuilder('case/conn.log')
  for (let i = 0; i < connections; i++) {
    const ports = { srcIp: '192.168.1.43', srcPort: 50_000 + i * 7, dstIp: '10.0.5.13', dstPort: 80, protocol: 'tcp' }
    host.add(
      `2023-08-15T05:${pad(30 + i)}:10Z`,
      { kind: 'network_activity', action: 'open', ...ports },
      {
        host: 'acct01.example',
        product: 'sysmon',
        code: '3',
        also: { UtcTime: `2023-08-16T00:${pad(30 + i)}:10.123Z` },
      },
    )
    wire.add(
      `2023-08-16T00:${pad(27 + i)}:10.2Z`,
      { kind: 'network_activity', action: 'flow', ...ports },
      { product: 'zeek', code: 'conn' },
    )
  }
  return { host, wire }
}

test('an export with a wrong clock and a sensor with another are both put on one clock', async () => {
  const { host, wire } = threeClocks(6)
  const store = await storeItems([host.item(), wire.item()])
  expect(await offsetsOf(store)).toEqual([
    {
      source: 'acct01.example (case/host.json)',
      offset: 19 * 3600 - 180,
      basis: 'median of 6 connections seen by both (same addresses and ports), spread 0 s, against case/conn.log',
    },
    { source: 'case/conn.log', offset: 0, basis: 'the reference the other clocks of its group are compared with' },
  ])
  store.close()
})

test('without a sensor the export is corrected by what Sysmon wrote itself', async () => {
  const { host } = threeClocks(6)
  const store = await storeItems([host.item()])
  expect(await offsetsOf(store)).toEqual([
    {
      source: 'acct01.example (case/host.json)',
      offset: 19 * 3600,
      basis:
        "6 Sysmon records whose own UtcTime stands 68400.12 s from the exported time (spread 0 s): the export's clock or zone is wrong",
    },
  ])
  store.close()
})

test('two common connections are a coincidence', async () => {
  const { host, wire } = threeClocks(2)
  const store = await storeItems([host.item(), wire.item()])
  expect(await offsetsOf(store)).toEqual([])
  store.close()
})

test('another log of the same machine keeps its clock, a log of two years later does not', async () => {
  const { host, wire } = threeClocks(6)
  const security = new ItemBuilder('case/security.evtx')
  security.add(
    '2023-08-16T01:00:00Z',
    { kind: 'authentication', action: 'logon' },
    { host: 'acct01.example', product: 'security', code: '4624' },
  )
  const later = new ItemBuilder('other/security.evtx')
  later.add(
    '2025-08-16T01:00:00Z',
    { kind: 'authentication', action: 'logon' },
    { host: 'acct01.example', product: 'security', code: '4624' },
  )
  const store = await storeItems([host.item(), wire.item(), security.item(), later.item()])
  expect((await offsetsOf(store)).map(({ source, offset }) => [source, offset])).toEqual([
    ['acct01.example (case/host.json)', 19 * 3600 - 180],
    ['acct01.example (case/security.evtx)', -180],
    ['case/conn.log', 0],
  ])
  store.close()
})

test('a web server and a sensor agree on a clock by the requests both saw', async () => {
  const server = new ItemBuilder('web/access.log')
  const wire = new ItemBuilder('net/http.log')
  for (let i = 0; i < 8; i++) {
    const request = {
      kind: 'http_activity',
      clientIp: '203.0.113.9',
      method: 'GET',
      path: `/page${i}`,
      query: '',
      status: 200,
    } as const
    server.add(`2024-01-01T10:00:${pad(i)}Z`, request, { host: 'web01', product: 'access-log' })
    wire.add(`2024-01-01T09:59:${pad(i)}.4Z`, request, { product: 'zeek', code: 'http' })
  }
  const store = await storeItems([server.item(), wire.item()])
  expect((await offsetsOf(store)).map(({ source, offset }) => [source, offset])).toEqual([
    ['net/http.log', 0],
    ['web01 (web/access.log)', -60],
  ])
  store.close()
})
