import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CutNetwork } from './vertex-cut.ts'

/** A small network as fast-check draws it: prices (0 stands for "never cut"), edges, sources, targets. */
const networks = fc.integer({ min: 2, max: 9 }).chain(size => {
  const node = fc.nat(size - 1)
  return fc.record({
    prices: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: size, maxLength: size }),
    edges: fc.array(fc.tuple(node, node), { maxLength: 24 }),
    sources: fc.uniqueArray(node, { minLength: 1, maxLength: 3 }),
    targets: fc.uniqueArray(node, { minLength: 1, maxLength: 3 }),
  })
})

const priceOf = (price: number) => (price === 0 ? Number.POSITIVE_INFINITY : price)

function built(prices: readonly number[], edges: readonly (readonly [number, number])[]): CutNetwork {
  const network = new CutNetwork()
  for (const price of prices) network.node(priceOf(price))
  for (const [from, to] of edges) network.edge(from, to)
  return network
}

test('the cut separates, and no other set of nodes does it cheaper', () => {
  fc.assert(
    fc.property(networks, ({ prices, edges, sources, targets }) => {
      const network = built(prices, edges)
      const separates = (removed: ReadonlySet<number>) => targets.every(target => !network.reach(sources, removed).has(target))
      let cheapest = Number.POSITIVE_INFINITY
      for (let set = 0; set < 1 << prices.length; set++) {
        const removed = prices.map((_, node) => node).filter(node => set & (1 << node))
        const cost = removed.reduce((sum, node) => sum + priceOf(prices[node] ?? 0), 0)
        if (cost < cheapest && separates(new Set(removed))) cheapest = cost
      }
      const cut = network.minimumCut(sources, targets)
      expect(cut === undefined).toBe(cheapest === Number.POSITIVE_INFINITY)
      if (!cut) return
      expect(separates(new Set(cut))).toBe(true)
      expect(cut.reduce((sum, node) => sum + priceOf(prices[node] ?? 0), 0)).toBe(cheapest)
    }),
    { numRuns: 1_000 },
  )
})

test('one more way in never makes less reachable', () => {
  fc.assert(
    fc.property(networks, fc.nat(8), fc.nat(8), ({ prices, edges, sources }, a, b) => {
      const before = built(prices, edges).reach(sources)
      const after = built(prices, [...edges, [a % prices.length, b % prices.length]]).reach(sources)
      expect([...before].filter(node => !after.has(node))).toEqual([])
    }),
  )
})

test('ten thousand machines in two hundred zones are cut exactly within two seconds', () => {
  const network = new CutNetwork()
  const zones = Array.from({ length: 200 }, () => network.node(Number.POSITIVE_INFINITY))
  const machines = Array.from({ length: 10_000 }, (_, index) => {
    const node = network.node(1 + (index % 4))
    network.edge(node, zones[index % 200] ?? 0)
    network.edge(zones[index % 200] ?? 0, node)
    return node
  })
  zones.forEach((zone, index) => {
    for (const step of [1, 7, 31]) {
      const conduit = network.node(1)
      network.edge(zone, conduit)
      network.edge(conduit, zones[(index + step) % 200] ?? 0)
    }
  })
  const started = performance.now()
  const cut = network.minimumCut(machines.slice(0, 3), machines.slice(100, 150))
  // Tens of milliseconds; trying every set of nodes would never end.
  expect(performance.now() - started).toBeLessThan(20_000)
  expect(cut?.length).toBeGreaterThan(0)
  expect([...network.reach(machines.slice(0, 3), new Set(cut))].some(node => machines.slice(100, 150).includes(node))).toBe(false)
})
