import { type Box, lanes, type Story, type Way } from './story.ts'

/** A box or, where a way passes a column, the gap kept free for it. */
export type Item = { readonly box: Box } | { readonly pass: number }

/** Which box stands in which column, and the order inside each column. */
export interface Columns {
  readonly columnOf: ReadonlyMap<string, number>
  readonly columns: readonly (readonly Item[])[]
  /** For each way the columns it passes between its ends, from source to target. */
  readonly passes: readonly (readonly number[])[]
}

/** More columns than these are too small to read on a laptop. */
const MAX_COLUMNS = 6
const SWEEPS = 8

/** Columns by lane; the inside lane is as deep as the way of the intruder through it. */
export function arrange(story: Story, stacked: boolean): Columns {
  const columnOf = stacked ? new Map(story.boxes.map(box => [box.key, 0])) : columnsByLane(story)
  const count = Math.max(0, ...columnOf.values()) + 1
  const column = (key: string) => columnOf.get(key) ?? 0
  const passes = story.ways.map(way => between(column(way.from), column(way.to)))
  const columns: Item[][] = Array.from({ length: count }, () => [])
  const ordered = story.boxes.toSorted((a, b) => lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || a.first - b.first)
  for (const box of ordered) columns[column(box.key)]?.push({ box })
  for (const [index, passed] of passes.entries()) for (const at of passed) columns[at]?.push({ pass: index })
  return { columnOf, columns: stacked ? columns : untangle(columns, story.ways, columnOf, passes), passes }
}

function between(from: number, to: number): number[] {
  const step = to > from ? 1 : -1
  const result: number[] = []
  for (let at = from + step; at !== to && from !== to; at += step) result.push(at)
  return result
}

function columnsByLane({ boxes, ways }: Story): ReadonlyMap<string, number> {
  const used = lanes.filter(lane => boxes.some(box => box.lane === lane))
  const deepest = Math.min(3, Math.max(1, MAX_COLUMNS - used.length))
  const depth = insideDepth(boxes, ways, deepest)
  const insideColumns = Math.max(0, ...boxes.filter(box => box.lane === 'inside').map(box => depth.get(box.key) ?? 0))
  const result = new Map<string, number>()
  for (const box of boxes) {
    const lane = used.indexOf(box.lane)
    const after = used.includes('inside') && lane > used.indexOf('inside') ? insideColumns : 0
    result.set(box.key, lane + after + (box.lane === 'inside' ? (depth.get(box.key) ?? 0) : 0))
  }
  return result
}

/** How many hosts lie before each inside box on the way the intruder first came to it, at most `deepest`. */
function insideDepth(boxes: readonly Box[], ways: readonly Way[], deepest: number): ReadonlyMap<string, number> {
  const inside = new Map(boxes.filter(box => box.lane === 'inside').map(box => [box.key, box]))
  const targets = new Map(boxes.map(box => [box.key, box]))
  const order = (way: Way) => targets.get(way.to)?.rows[way.row ?? 0]?.steps[0]?.order ?? 0
  const depth = new Map<string, number>()
  for (const way of ways.toSorted((a, b) => order(a) - order(b))) {
    if (inside.has(way.from) && !depth.has(way.from)) depth.set(way.from, 0)
    if (inside.has(way.to) && !depth.has(way.to))
      depth.set(way.to, inside.has(way.from) ? Math.min(deepest, (depth.get(way.from) ?? 0) + 1) : 0)
  }
  // Columns without any box left between are closed up.
  const levels = [...new Set(depth.values())].toSorted((a, b) => a - b)
  return new Map([...depth].map(([key, level]) => [key, levels.indexOf(level)]))
}

const nameOf = (item: Item) => ('box' in item ? item.box.key : `pass\u0000${item.pass}`)

/** Pairs of neighbours in adjoining columns, as item names per column. */
function links(
  ways: readonly Way[],
  columnOf: ReadonlyMap<string, number>,
  passes: Columns['passes'],
  column: number,
): [string, string][] {
  const result: [string, string][] = []
  for (const [index, way] of ways.entries()) {
    const route = [
      { column: columnOf.get(way.from) ?? 0, name: way.from },
      ...(passes[index] ?? []).map(at => ({ column: at, name: `pass\u0000${index}` })),
      { column: columnOf.get(way.to) ?? 0, name: way.to },
    ].toSorted((a, b) => a.column - b.column)
    for (const [at, stop] of route.entries()) {
      const next = route[at + 1]
      if (next && stop.column === column && next.column === column + 1) result.push([stop.name, next.name])
    }
  }
  return result
}

function crossings(columns: readonly (readonly Item[])[], all: readonly [string, string][][]): number {
  let count = 0
  for (const [column, pairs] of all.entries()) {
    const left = new Map(columns[column]?.map((item, index) => [nameOf(item), index]))
    const right = new Map(columns[column + 1]?.map((item, index) => [nameOf(item), index]))
    const places = pairs.map(([a, b]) => [left.get(a) ?? 0, right.get(b) ?? 0] as const)
    for (const [index, [a, b]] of places.entries())
      for (const [c, d] of places.slice(index + 1)) if ((a - c) * (b - d) < 0) count++
  }
  return count
}

/** Barycentre ordering (Sugiyama, Tagawa, Toda 1981): each item goes to the mean place of its neighbours, back and forth; the best order seen is kept. */
function untangle(
  start: readonly Item[][],
  ways: readonly Way[],
  columnOf: ReadonlyMap<string, number>,
  passes: Columns['passes'],
): readonly (readonly Item[])[] {
  const all = start.map((_, column) => links(ways, columnOf, passes, column))
  let current: Item[][] = start.map(items => [...items])
  let best: readonly (readonly Item[])[] = current
  let fewest = Number.POSITIVE_INFINITY
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0
    const next = current.map(items => [...items])
    for (let step = 1; step < next.length; step++) {
      const column = forward ? step : next.length - 1 - step
      const fixed = new Map(next[forward ? column - 1 : column + 1]?.map((item, index) => [nameOf(item), index]))
      const pairs = forward ? (all[column - 1] ?? []) : (all[column] ?? []).map(([a, b]): [string, string] => [b, a])
      const items = next[column] ?? []
      const wish = new Map(
        items.map((item, index) => {
          const places = pairs.filter(([, own]) => own === nameOf(item)).map(([other]) => fixed.get(other) ?? 0)
          const scale = fixed.size > 0 ? items.length / fixed.size : 1
          return [
            nameOf(item),
            places.length > 0 ? (places.reduce((sum, place) => sum + place + 0.5, 0) / places.length) * scale : index + 0.5,
          ]
        }),
      )
      next[column] = items.toSorted((a, b) => (wish.get(nameOf(a)) ?? 0) - (wish.get(nameOf(b)) ?? 0))
    }
    current = next
    const count = crossings(current, all)
    if (count < fewest) {
      fewest = count
      best = current
    }
  }
  return best
}
