import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { eventsOf } from '../bench/relays/seen.ts'
import { multiplexedTunnel } from '../src/detect/network/multiplexed-tunnel.ts'
import { relayPairs } from '../src/detect/network/relay-match.ts'
import { relayPairing } from '../src/detect/network/relay-pairing.ts'
import { type FindingDraft, numberOf, type Row, textOf } from '../src/model/index.ts'
import { storeOf } from './set-detector.ts'

const RECORDINGS = join(import.meta.dirname, 'recordings', 'relays')
const { truth, chained, first, second, unmonitored } = JSON.parse(readFileSync(join(RECORDINGS, 'truth.json'), 'utf8')) as {
  readonly truth: readonly (readonly [string, string])[]
  readonly chained: readonly (readonly [string, string])[]
  readonly first: string
  readonly second: string
  readonly unmonitored: readonly (readonly [string, number])[]
}
const relayed = new Map(truth)
const next = new Map(chained)
const spill = mkdtempSync(join(tmpdir(), 'barograph-recorded-'))
afterAll(() => rmSync(spill, { recursive: true }))

async function seen(
  ...names: readonly string[]
): Promise<{ readonly pairs: readonly Row[]; readonly found: readonly FindingDraft[] }> {
  const events = await eventsOf(
    names.map(name => join(RECORDINGS, name)),
    spill,
  )
  const store = await storeOf(events ?? [])
  const result = { pairs: await store.ask(relayPairs), found: await store.find(relayPairing) }
  store.close()
  return result
}

const incomingOf = (pair: Row) => `${textOf(pair, 'client')}:${numberOf(pair, 'clientPort')} > ${numberOf(pair, 'viaPort')}`
function isRight(pair: Row): boolean {
  const onward = next.get(incomingOf(pair))
  return onward === undefined
    ? relayed.get(incomingOf(pair)) === `${textOf(pair, 'via')}:${numberOf(pair, 'outPort')}:${numberOf(pair, 'peerPort')}`
    : onward === `${textOf(pair, 'peer')}:${numberOf(pair, 'peerPort')}`
}

describe('real relays, recorded', () => {
  test.each([
    ['relays.relay.pcap.gz'],
    ['relays.nfdump.json.gz'],
    ['relays.softflowd-9.pcap.gz'],
    ['relays.softflowd-10.pcap.gz'],
  ])('%s: all found, none wrong, and said at what rate', async name => {
    const { pairs, found } = await seen(name)
    const matched = pairs.filter(pair => textOf(pair, 'level') === 'matched')
    const right = matched.filter(isRight)
    expect(right.filter(pair => relayed.has(incomingOf(pair))).length / relayed.size).toBeGreaterThanOrEqual(0.95)
    expect(1 - right.length / matched.length).toBeLessThanOrEqual(0.02)
    // socat, haproxy, SOCKS, DNAT and the two chains: each its own port
    expect(new Set(found.filter(({ title }) => !title.includes('possibly')).map(({ object }) => object))).toEqual(
      new Set([7001, 7002, 7003, 7004, 7010, 7020].map(port => `${first}:${port}`)),
    )
  })

  test('whole seconds: the same relays, never more than possible', async () => {
    const { pairs, found } = await seen('relays.nfdump.csv.gz')
    expect(pairs.filter(pair => textOf(pair, 'level') === 'matched')).toEqual([])
    expect(found.every(({ title, confidence }) => title.includes('possibly') && confidence === 'low')).toBe(true)
  })

  test.each([['control.nfdump.json.gz'], ['control.nfdump.csv.gz']])('%s: without relays nothing is matched', async name => {
    const { pairs, found } = await seen(name)
    expect(pairs.filter(pair => textOf(pair, 'level') === 'matched')).toEqual([])
    expect(found.filter(({ title }) => !title.includes('possibly'))).toEqual([])
  })

  test('two taps: the second hop is seen, the hop that crosses no tap is never bridged', async () => {
    const { pairs } = await seen('relays.relay.pcap.gz', 'relays.server.pcap.gz')
    const at = (via: string, port: number) =>
      pairs.filter(pair => textOf(pair, 'via') === via && numberOf(pair, 'viaPort') === port)
    expect(at(second, 7010).length).toBe(at(first, 7010).length)
    expect(unmonitored.flatMap(([via, port]) => at(via, port))).toEqual([])
  })
})

describe('real ssh with all other traffic of the machine beside it, recorded', () => {
  test.each([
    ['ssh-l.nfdump.json.gz', ['28 sessions of 10.211.7.20 with 10.211.7.50']],
    ['ssh-d.nfdump.json.gz', ['30 sessions of 10.211.7.20 with 5 addresses']],
    // the same sessions, made by the machine itself while somebody types
    ['ssh-work.nfdump.json.gz', []],
  ])('%s', async (name, expected) => {
    const store = await storeOf((await eventsOf([join(RECORDINGS, name)], spill)) ?? [])
    const found = await store.find(multiplexedTunnel)
    store.close()
    expect(found.map(({ title }) => title)).toEqual(
      expected.map(what => `${what} are consistent with coming out of the connection of 10.211.7.10 to 10.211.7.20:7022`),
    )
    expect(found.flatMap(({ hops = [] }) => hops.map(({ grade }) => grade))).toEqual(expected.map(() => 'consistent'))
  })
})
