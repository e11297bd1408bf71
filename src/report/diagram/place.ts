import { dayAndClock } from '../text/words.ts'
import { ellipsis, textWidth, wrapText } from './measure.ts'
import { arrange, type Columns, type Item } from './order.ts'
import { type Box, type Lane, lanes, type Row, type Story } from './story.ts'

/** Sizes of the drawing in pixels of its natural size. */
export const SIZE = {
  name: 14,
  kind: 10.5,
  detail: 11,
  title: 12,
  time: 10.5,
  pad: 10,
  icon: 14,
  pill: 20,
  titleLine: 15,
  timeLine: 13,
  rowGap: 8,
  boxGap: 20,
  passHeight: 12,
  port: 10,
} as const

/** A column is as wide as its longest name needs, within these limits, so that a usual picture fits a laptop without getting smaller. */
const WIDTH: Readonly<Record<Lane, readonly [least: number, most: number]>> = {
  outside: [122, 168],
  relays: [136, 168],
  edge: [164, 178],
  inside: [186, 196],
  services: [152, 164],
}
const STACKED_WIDTH = 236
const MAX_TITLE_LINES = 4

/** A line of a box with its place inside it. */
export interface PlacedRow {
  readonly row: Row
  readonly top: number
  readonly height: number
  readonly titleLines: readonly string[]
  /** The time, and how well the step is joined to the one before: on the same line where it fits. */
  readonly timeLines: readonly string[]
  readonly pillWidth: number
}

/** A box with everything written in it; places are relative to its top left corner until `top` is set. */
export interface PlacedBox {
  readonly box: Box
  readonly column: number
  left: number
  top: number
  readonly width: number
  height: number
  readonly nameLines: readonly string[]
  readonly detailLines: readonly string[]
  readonly headerHeight: number
  readonly rows: readonly PlacedRow[]
  readonly stateTop: number
  readonly trail: { readonly top: number; readonly height: number; readonly lines: readonly string[] } | undefined
}

/** Everything that has a vertical place; `passes` says where a way crosses a column it does not stop at. */
export interface Placed {
  readonly boxes: readonly PlacedBox[]
  readonly byKey: ReadonlyMap<string, PlacedBox>
  readonly columns: Columns
  readonly passTop: ReadonlyMap<string, number>
  readonly columnWidths: readonly number[]
  readonly height: number
  readonly laneTops: ReadonlyMap<Lane, number>
}

export const passKey = (way: number, column: number) => `${way}\u0000${column}`

/** Where a way ends in its target: the middle of the line's number, or of the head when it has no line. */
export function entryOffset(target: PlacedBox, row: number | undefined): number {
  const placed = row === undefined ? undefined : target.rows[row]
  return placed ? placed.top + SIZE.rowGap / 2 + SIZE.pill / 2 : 22
}

/** Boxes get sizes from their texts and places from their order. */
export function place(story: Story, stacked: boolean): Placed {
  const columns = arrange(story, stacked)
  const columnWidths = stacked
    ? [STACKED_WIDTH]
    : widen(columns.columns.map(items => Math.max(0, ...items.map(item => ('box' in item ? widthOf(item.box) : 0)))))
  const boxes = story.boxes.map(box => {
    const column = columns.columnOf.get(box.key) ?? 0
    return sized(box, column, columnWidths[column] ?? STACKED_WIDTH)
  })
  const byKey = new Map(boxes.map(placed => [placed.box.key, placed]))
  makeRoomForPorts(story, byKey)
  const laneTops = new Map<Lane, number>()
  const passTop = new Map<string, number>()
  if (stacked) stack(columns, byKey, laneTops)
  else relax(story, columns, byKey, passTop)
  const bottoms = [...boxes.map(placed => placed.top + placed.height), ...[...passTop.values()].map(top => top + SIZE.passHeight)]
  return { boxes, byKey, columns, passTop, columnWidths, height: Math.max(0, ...bottoms), laneTops }
}

/** A laptop's page; fewer columns share its width, so that titles need fewer lines. */
const PAGE = 1216
const USUAL_GUTTER = 66
const WIDEST = 300

function widen(widths: readonly number[]): readonly number[] {
  const spare = PAGE - widths.reduce((sum, width) => sum + width, 0) - (widths.length - 1) * USUAL_GUTTER
  return spare <= 0 ? widths : widths.map(width => Math.max(width, Math.min(WIDEST, Math.floor(width + spare / widths.length))))
}

function widthOf(box: Box): number {
  const [least, most] = WIDTH[box.lane]
  return Math.min(most, Math.max(least, Math.ceil(textWidth(box.name, SIZE.name, true)) + 2 * SIZE.pad))
}

function sized(box: Box, column: number, width: number): PlacedBox {
  const inner = width - 2 * SIZE.pad
  const nameLines = wrapText(box.name, inner, SIZE.name, true, 2)
  const detailLines = box.details.map(detail => ellipsis(detail, inner, SIZE.detail))
  let top = SIZE.pad + SIZE.icon + 4 + nameLines.length * 17 + detailLines.length * 14 + 5
  const headerHeight = top
  const stateTop = top
  if (box.state !== undefined) top += 24
  const rows = box.rows.map(row => {
    const pillWidth = Math.max(SIZE.pill, textWidth(row.numbers, 11, true) + 10)
    const lines = wrapText(row.title, inner - pillWidth - 7, SIZE.title, false, MAX_TITLE_LINES)
    const timeLines = timeLinesOf(row, inner - pillWidth - 7)
    const height = Math.max(SIZE.pill, lines.length * SIZE.titleLine + 1 + timeLines.length * SIZE.timeLine) + SIZE.rowGap
    const placed = {
      row,
      top,
      height,
      titleLines: lines,
      timeLines,
      pillWidth,
    }
    top += height
    return placed
  })
  const trailLines =
    box.trailEnd === ''
      ? []
      : wrapText(
          /^the trail ends/i.test(box.trailEnd) ? box.trailEnd : `Trail ends: ${box.trailEnd}`,
          inner,
          SIZE.detail,
          false,
          3,
        )
  const trail = trailLines.length > 0 ? { top: top + 2, height: trailLines.length * 14 + 8, lines: trailLines } : undefined
  if (trail) top += trail.height + 4
  return { box, column, left: 0, top: 0, width, height: top + 4, nameLines, detailLines, headerHeight, rows, stateTop, trail }
}

/** Time and grade on one line, or on as many as they need. */
function timeLinesOf(row: Row, width: number): readonly string[] {
  const parts = rowTime(row)
  const grade = row.steps[0]?.hop?.grade
  const fits = (text: string) => textWidth(text, SIZE.time) <= width
  const when = fits(parts.join(' ')) ? [parts.join(' ')] : parts
  const [first = ''] = when
  if (grade === undefined) return when.map(line => ellipsis(line, width, SIZE.time))
  const joined = when.length === 1 && fits(`${first} · ${grade}`) ? [`${first} · ${grade}`] : [...when, grade]
  return joined.map(line => ellipsis(line, width, SIZE.time))
}

/** "15 Aug 05:36", and, where the last step of a shared line has another time, "to 06:10" or "to 16 Aug 05:36". */
function rowTime({ steps }: Row): readonly string[] {
  const [first] = steps
  const last = steps.at(-1)
  const start = dayAndClock(first?.orderedTime || first?.time || '')
  const end = dayAndClock(last?.orderedTime || last?.time || '')
  if (start === '') return ['time unknown']
  if (start === end || end === '') return [start]
  const day = start.slice(0, start.lastIndexOf(' ') + 1)
  return [start, `to ${end.startsWith(day) ? end.slice(day.length) : end}`]
}

/** What comes in, or a trail that breaks off, keeps a port free on both of its sides and may waste part of a third between them. */
const PORTS_TAKEN = 3

/** A box must be tall enough for every way that leaves it, on each side with room for what comes in there. */
function makeRoomForPorts(story: Story, byKey: ReadonlyMap<string, PlacedBox>): void {
  const leaving = { left: new Map<PlacedBox, number>(), right: new Map<PlacedBox, number>() }
  const taken = { left: new Map<PlacedBox, number>(), right: new Map<PlacedBox, number>() }
  const count = (of: Map<PlacedBox, number>, box: PlacedBox) => of.set(box, (of.get(box) ?? 0) + 1)
  for (const way of story.ways) {
    const from = byKey.get(way.from)
    const to = byKey.get(way.to)
    if (!from || !to) continue
    count(leaving[to.column < from.column ? 'left' : 'right'], from)
    count(taken[from.column < to.column ? 'left' : 'right'], to)
  }
  for (const side of ['left', 'right'] as const)
    for (const [box, ways] of leaving[side]) {
      const occupied = (taken[side].get(box) ?? 0) + (box.trail ? 1 : 0)
      box.height = Math.max(box.height, (ways + 2 + occupied * PORTS_TAKEN) * SIZE.port)
    }
}

const LANE_HEADING = 34

function stack(columns: Columns, byKey: ReadonlyMap<string, PlacedBox>, laneTops: Map<Lane, number>): void {
  let y = 0
  let lane: Lane | undefined
  for (const item of columns.columns[0] ?? []) {
    if (!('box' in item)) continue
    const placed = byKey.get(item.box.key)
    if (!placed) continue
    if (item.box.lane !== lane) {
      if (lane !== undefined) y += 10
      laneTops.set(item.box.lane, y)
      lane = item.box.lane
      y += LANE_HEADING
    }
    placed.top = y
    y += placed.height + 14
  }
}

interface Slot {
  readonly item: Item
  readonly height: number
  top: number
}

const PASSES = 10

/** Items keep their order; each goes as near to the mean height of its neighbours as the others let it. */
function relax(story: Story, columns: Columns, byKey: ReadonlyMap<string, PlacedBox>, passTop: Map<string, number>): void {
  const slots = columns.columns.map(items =>
    items.map(
      (item): Slot => ({ item, height: 'box' in item ? (byKey.get(item.box.key)?.height ?? 0) : SIZE.passHeight, top: 0 }),
    ),
  )
  const slotOf = new Map<string, Slot>()
  for (const [column, list] of slots.entries())
    for (const slot of list) slotOf.set('box' in slot.item ? slot.item.box.key : passKey(slot.item.pass, column), slot)
  const pulls = pullsOf(story, columns, byKey, slotOf)
  for (const list of slots) settle(list, () => 0)
  for (let pass = 0; pass < PASSES; pass++)
    for (const list of pass % 2 === 0 ? slots : slots.toReversed())
      settle(list, slot => {
        const wishes = pulls.get(slot) ?? []
        return wishes.length > 0 ? wishes.reduce((sum, wish) => sum + wish.other.top + wish.shift, 0) / wishes.length : slot.top
      })
  const highest = Math.min(...slots.flat().map(slot => slot.top))
  for (const [column, list] of slots.entries())
    for (const slot of list) {
      if ('box' in slot.item) {
        const placed = byKey.get(slot.item.box.key)
        if (placed) placed.top = slot.top - highest
      } else passTop.set(passKey(slot.item.pass, column), slot.top - highest)
    }
}

interface Pull {
  readonly other: Slot
  /** Add to the other's top to get the wished top of this one. */
  readonly shift: number
}

function pullsOf(
  story: Story,
  columns: Columns,
  byKey: ReadonlyMap<string, PlacedBox>,
  slotOf: ReadonlyMap<string, Slot>,
): ReadonlyMap<Slot, Pull[]> {
  const pulls = new Map<Slot, Pull[]>()
  const pull = (slot: Slot, other: Slot, shift: number) => pulls.set(slot, [...(pulls.get(slot) ?? []), { other, shift }])
  for (const [index, way] of story.ways.entries()) {
    const target = byKey.get(way.to)
    const stops = [
      { slot: slotOf.get(way.from), offset: 26 },
      ...(columns.passes[index] ?? []).map(column => ({ slot: slotOf.get(passKey(index, column)), offset: SIZE.passHeight / 2 })),
      { slot: slotOf.get(way.to), offset: target ? entryOffset(target, way.row) : 22 },
    ]
    for (const [at, stop] of stops.entries()) {
      const next = stops[at + 1]
      if (!stop.slot || !next?.slot || columns.columnOf.get(way.from) === columns.columnOf.get(way.to)) continue
      pull(stop.slot, next.slot, next.offset - stop.offset)
      pull(next.slot, stop.slot, stop.offset - next.offset)
    }
  }
  return pulls
}

/** Least squares under "each below the one before": isotonic regression by pooling adjacent violators. */
function settle(list: readonly Slot[], wish: (slot: Slot) => number): void {
  const offsets: number[] = []
  let offset = 0
  for (const [index, slot] of list.entries()) {
    offsets.push(offset)
    const next = list[index + 1]
    if (next) offset += slot.height + ('box' in slot.item && 'box' in next.item ? SIZE.boxGap : SIZE.boxGap / 2)
  }
  const pools: { sum: number; count: number }[] = []
  for (const [index, slot] of list.entries()) {
    pools.push({ sum: wish(slot) - (offsets[index] ?? 0), count: 1 })
    for (
      let last = pools.at(-1), before = pools.at(-2);
      last && before && before.sum / before.count > last.sum / last.count;
      last = pools.at(-1), before = pools.at(-2)
    ) {
      before.sum += last.sum
      before.count += last.count
      pools.pop()
    }
  }
  let index = 0
  for (const { sum, count } of pools)
    for (let i = 0; i < count; i++, index++) {
      const slot = list[index]
      if (slot) slot.top = Math.round(sum / count + (offsets[index] ?? 0))
    }
}

/** Lanes that are used, in order. */
export function usedLanes(boxes: readonly PlacedBox[]): readonly Lane[] {
  return lanes.filter(lane => boxes.some(placed => placed.box.lane === lane))
}
