import { entryOffset, type Placed, type PlacedBox, passKey, SIZE } from './place.ts'
import type { Story, Way } from './story.ts'

/** Horizontal lines nearer than this look like one. */
export const LINE_ROOM = 6

interface Port {
  readonly way: number
  readonly wish: number
}

/** Height at which each way leaves its source: as straight as possible, apart from each other and from what comes in on that side. */
export function portsOf(story: Story, placed: Placed): readonly (number | undefined)[] {
  const ports: (number | undefined)[] = story.ways.map(() => undefined)
  for (const box of placed.boxes)
    for (const side of ['left', 'right'] as const) {
      const leaving: Port[] = []
      for (const [index, way] of story.ways.entries()) {
        const to = placed.byKey.get(way.to)
        if (way.from !== box.box.key || !to || (to.column < box.column ? 'left' : 'right') !== side) continue
        leaving.push({ way: index, wish: nextHeight(index, way, to, placed) })
      }
      if (leaving.length === 0) continue
      const taken = takenOn(side, box, story, placed)
      const avoid = facing(side, box, story, placed, ports)
      for (const [at, y] of spread(
        leaving.map(port => port.wish).toSorted((a, b) => a - b),
        box,
        taken,
        avoid,
      ).entries()) {
        const port = leaving.toSorted((a, b) => a.wish - b.wish || a.way - b.way)[at]
        if (port) ports[port.way] = y
      }
    }
  return ports
}

function nextHeight(index: number, way: Way, to: PlacedBox, placed: Placed): number {
  const [first] = placed.columns.passes[index] ?? []
  return first === undefined
    ? to.top + entryOffset(to, way.row)
    : (placed.passTop.get(passKey(index, first)) ?? 0) + SIZE.passHeight / 2
}

/** A trail that ends outside goes on to the left of the picture, any other to the right. */
export function trailSide(box: PlacedBox, placed: Placed): 'left' | 'right' {
  return box.box.lane === 'outside' && placed.columnWidths.length > 1 ? 'left' : 'right'
}

/** Heights on this side of the box where something comes in or the trail breaks off. */
function takenOn(side: 'left' | 'right', box: PlacedBox, story: Story, placed: Placed): number[] {
  const taken = story.ways.flatMap(way => {
    const from = placed.byKey.get(way.from)
    if (way.to !== box.box.key || !from) return []
    return (from.column < box.column ? 'left' : 'right') === side ? [box.top + entryOffset(box, way.row)] : []
  })
  if (box.trail && side === trailSide(box, placed)) taken.push(box.top + box.trail.top + box.trail.height / 2)
  return taken
}

/** Heights at which other ways end or pass at the far side of the gutter: a port there would put two lines on each other. */
function facing(
  side: 'left' | 'right',
  box: PlacedBox,
  story: Story,
  placed: Placed,
  ports: readonly (number | undefined)[],
): number[] {
  const column = side === 'right' ? box.column + 1 : box.column - 1
  return story.ways.flatMap((way, index) => {
    const from = placed.byKey.get(way.from)
    const to = placed.byKey.get(way.to)
    if (!from || !to || way.from === box.box.key) return []
    const heights: number[] = []
    const entersFrom = from.column < to.column ? 'left' : 'right'
    if (to.column === column && entersFrom !== side) heights.push(to.top + entryOffset(to, way.row))
    const port = ports[index]
    const leaves = to.column < from.column ? 'left' : 'right'
    if (from.column === column && leaves !== side && port !== undefined) heights.push(port)
    const top = placed.passTop.get(passKey(index, column))
    if (top !== undefined) heights.push(top + SIZE.passHeight / 2)
    return heights
  })
}

/** Free heights nearest to the wishes, in their order. */
function spread(wishes: readonly number[], box: PlacedBox, taken: readonly number[], avoid: readonly number[]): number[] {
  const free = freeHeights(box, taken, avoid, wishes.length)
  // Places at least one port apart, as many as there are.
  const result: number[] = []
  for (const [index, wish] of wishes.entries()) {
    const left = wishes.length - index - 1
    const after = (result.at(-1) ?? Number.NEGATIVE_INFINITY) + SIZE.port
    const candidates = free.filter(y => y >= after && roomAfter(free, y) >= left)
    const nearest = candidates.reduce<number | undefined>(
      (best, y) => (best === undefined || Math.abs(y - wish) < Math.abs(best - wish) ? y : best),
      undefined,
    )
    result.push(nearest ?? box.top + box.height - SIZE.port)
  }
  return result
}

/** Heights of a side that are clear of what comes in there and, as long as enough are left, of what lies opposite. */
function freeHeights(box: PlacedBox, taken: readonly number[], avoid: readonly number[], needed: number): number[] {
  const clear: number[] = []
  for (let y = box.top + SIZE.port; y <= box.top + box.height - SIZE.port; y++)
    if (taken.every(other => Math.abs(other - y) >= SIZE.port - 1)) clear.push(y)
  const clearer = clear.filter(y => avoid.every(other => Math.abs(other - y) >= LINE_ROOM))
  return roomAfter(clearer, Number.NEGATIVE_INFINITY) >= needed ? clearer : clear
}

/** How many more ports fit below `y`. */
function roomAfter(free: readonly number[], y: number): number {
  let count = 0
  let last = y
  for (const candidate of free)
    if (candidate >= last + SIZE.port) {
      count++
      last = candidate
    }
  return count
}

/** Ways a pass may move up or down inside the room it has. */
const NUDGES = [0, -4, 4, -5, 5] as const

/** Passes moved a little where a line of the next column ends at the same height: two lines would lie on each other in the gutter between. */
export function nudgePasses(story: Story, placed: Placed): Placed {
  const passTop = new Map(placed.passTop)
  for (const index of story.ways.keys())
    for (const column of placed.columns.passes[index] ?? []) {
      const key = passKey(index, column)
      const top = passTop.get(key)
      if (top === undefined) continue
      const fixed = story.ways.flatMap((other, at) => (at === index ? [] : heightsBeside(other, at, column, placed, passTop)))
      const clearance = (nudge: number) =>
        Math.min(LINE_ROOM, ...fixed.map(y => Math.abs(y - (top + nudge + SIZE.passHeight / 2))))
      const best = NUDGES.reduce<number>((chosen, nudge) => (clearance(nudge) > clearance(chosen) ? nudge : chosen), 0)
      passTop.set(key, top + best)
    }
  return { ...placed, passTop }
}

/** Heights at which a way ends or passes in the columns beside this one, on the side that faces it. */
function heightsBeside(way: Way, index: number, column: number, placed: Placed, passTop: ReadonlyMap<string, number>): number[] {
  const from = placed.byKey.get(way.from)
  const to = placed.byKey.get(way.to)
  if (!from || !to) return []
  const heights: number[] = []
  const entersFromLeft = from.column < to.column
  if (to.column === column + 1 && entersFromLeft) heights.push(to.top + entryOffset(to, way.row))
  if (to.column === column - 1 && !entersFromLeft) heights.push(to.top + entryOffset(to, way.row))
  for (const beside of [column - 1, column + 1]) {
    const top = passTop.get(passKey(index, beside))
    if (top !== undefined) heights.push(top + SIZE.passHeight / 2)
  }
  return heights
}
