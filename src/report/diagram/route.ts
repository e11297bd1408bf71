import { entryOffset, type Placed, passKey, SIZE } from './place.ts'
import { LINE_ROOM, nudgePasses, portsOf, trailSide } from './ports.ts'
import type { Story, Way } from './story.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A way as corners of right-angled lines, from the source's side to the target's. */
export interface Route {
  readonly way: Way
  readonly points: readonly Point[]
}

/** The drawing with all places final. */
export interface Routed {
  readonly routes: readonly Route[]
  readonly width: number
  /** Left edges of the columns; the boxes know theirs already. */
  readonly columnLefts: readonly number[]
}

/** Space before a box for the arrow head, and beside it for a broken end. */
const PORT_ROOM = 22
const TRACK = 9
const MIN_GUTTER = 44
export const MARGIN = 14

/** One vertical change of a way in the gutter right of a column. */
interface Bend {
  readonly way: number
  readonly gutter: number
  readonly from: number
  readonly to: number
  /** Both ends at the left side of the gutter: the way returns to the column it came from. */
  readonly turns: boolean
  /** True when the way runs through the gutter from right to left. */
  readonly backward: boolean
  track: number
}

/** Right-angled ways through the gutters between the columns; nothing crosses a box because boxes are never in a gutter. */
export function route(story: Story, sorted: Placed): Routed {
  const placed = nudgePasses(story, sorted)
  const ports = portsOf(story, placed)
  const bends = story.ways.map((way, index) => bendsOf(way, index, placed, ports[index] ?? 0))
  const tracks = placed.columnWidths.map((_, gutter) => assignTracks(bends.flat().filter(bend => bend.gutter === gutter)))
  const columnLefts: number[] = []
  const gutterLefts: number[] = []
  let x =
    placed.boxes.some(box => box.trail && box.box.lane === 'outside') && placed.columnWidths.length > 1
      ? MARGIN + PORT_ROOM
      : MARGIN
  const last = placed.columnWidths.length - 1
  for (const [column, width] of placed.columnWidths.entries()) {
    columnLefts.push(x)
    x += width
    gutterLefts.push(x)
    const count = tracks[column] ?? 0
    const stub = placed.boxes.some(box => box.column === column && box.trail && trailSide(box, placed) === 'right')
    if (column < last) x += Math.max(MIN_GUTTER, PORT_ROOM * 2 + count * TRACK)
    else if (count > 0) x += PORT_ROOM + count * TRACK
    else if (stub) x += PORT_ROOM
  }
  for (const box of placed.boxes) box.left = columnLefts[box.column] ?? 0
  const trackX = (bend: Bend) => {
    const left = gutterLefts[bend.gutter] ?? 0
    const right = columnLefts[bend.gutter + 1]
    const count = tracks[bend.gutter] ?? 0
    const spare = right === undefined ? 0 : (right - left - 2 * PORT_ROOM - count * TRACK) / 2
    return left + PORT_ROOM + spare + (bend.track + 0.5) * TRACK
  }
  const routes = story.ways.map((way, index): Route => {
    const from = placed.byKey.get(way.from)
    const to = placed.byKey.get(way.to)
    if (!from || !to) return { way, points: [] }
    const backward = from.column > to.column
    const points: Point[] = [{ x: backward ? from.left : from.left + from.width, y: ports[index] ?? 0 }]
    for (const bend of bends[index] ?? [])
      if (bend.from !== bend.to) points.push({ x: trackX(bend), y: bend.from }, { x: trackX(bend), y: bend.to })
    points.push({ x: from.column < to.column ? to.left : to.left + to.width, y: to.top + entryOffset(to, way.row) })
    return { way, points }
  })
  return { routes, width: x + MARGIN, columnLefts }
}

function bendsOf(way: Way, index: number, placed: Placed, port: number): Bend[] {
  const from = placed.byKey.get(way.from)
  const to = placed.byKey.get(way.to)
  if (!from || !to) return []
  const end = to.top + entryOffset(to, way.row)
  if (from.column === to.column)
    return [{ way: index, gutter: from.column, from: port, to: end, turns: true, backward: false, track: 0 }]
  const backward = from.column > to.column
  const stops = [
    { column: from.column, y: port },
    ...(placed.columns.passes[index] ?? []).map(column => ({
      column,
      y: (placed.passTop.get(passKey(index, column)) ?? 0) + SIZE.passHeight / 2,
    })),
    { column: to.column, y: end },
  ]
  return stops.slice(1).map((stop, at) => ({
    way: index,
    gutter: Math.min(stop.column, stops[at]?.column ?? 0),
    from: stops[at]?.y ?? 0,
    to: stop.y,
    turns: false,
    backward,
    track: 0,
  }))
}

/**
 * Vertical lines of one gutter get tracks so that no two share one where they overlap. Ways that go down turn the earlier the lower
 * they start, ways that go up the other way round: so two parallel ways never cross. Returns the number of tracks.
 */
function assignTracks(bends: readonly Bend[]): number {
  const leftEnd = (bend: Bend) => (bend.backward ? bend.to : bend.from)
  const rightEnd = (bend: Bend) => (bend.backward ? bend.from : bend.to)
  const down = (bend: Bend) => rightEnd(bend) > leftEnd(bend)
  const bent = bends.filter(bend => bend.from !== bend.to)
  const order = [
    // A way that returns to its column keeps close to it; the shortest first, so that they nest.
    ...bent.filter(bend => bend.turns).toSorted((a, b) => Math.abs(a.to - a.from) - Math.abs(b.to - b.from) || a.way - b.way),
    ...bent.filter(bend => !bend.turns && down(bend)).toSorted((a, b) => leftEnd(b) - leftEnd(a) || a.way - b.way),
    ...bent.filter(bend => !bend.turns && !down(bend)).toSorted((a, b) => leftEnd(a) - leftEnd(b) || a.way - b.way),
  ]
  const done: Bend[] = []
  for (const bend of order) {
    const top = Math.min(bend.from, bend.to) - 4
    const bottom = Math.max(bend.from, bend.to) + 4
    const overlapping = done.filter(other => Math.min(other.from, other.to) < bottom && Math.max(other.from, other.to) > top)
    bend.track = Math.max(-1, ...overlapping.map(other => other.track)) + 1
    done.push(bend)
  }
  keepApart(order, { leftEnd, rightEnd })
  return Math.max(-1, ...bent.map(bend => bend.track)) + 1
}

/** Rounds after which a knot that cannot be undone stays as it is. */
const ROUNDS = 40

/**
 * Where one way leaves to the left at the height at which another leaves to the right, the first must turn before the second, or the two
 * would lie on each other between their turns.
 */
function keepApart(
  bends: readonly Bend[],
  { leftEnd, rightEnd }: Readonly<Record<'leftEnd' | 'rightEnd', (bend: Bend) => number>>,
): void {
  const overlap = (a: Bend, b: Bend) =>
    Math.min(a.from, a.to) < Math.max(b.from, b.to) + 4 && Math.min(b.from, b.to) < Math.max(a.from, a.to) + 4
  const leftEnds = (bend: Bend) => (bend.turns ? [bend.from, bend.to] : [leftEnd(bend)])
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    moved = false
    for (const [index, a] of bends.entries())
      for (const [other, b] of bends.entries()) {
        if (index === other) continue
        const mustBeLeft = !b.turns && leftEnds(a).some(y => Math.abs(y - rightEnd(b)) < LINE_ROOM)
        const sameTrack = a.track === b.track && index < other && overlap(a, b)
        if ((mustBeLeft && a.track >= b.track) || sameTrack) {
          b.track = a.track + 1
          moved = true
        }
      }
  }
}
