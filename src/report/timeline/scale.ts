/** A stretch of time that is drawn to scale. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly left: number
  readonly right: number
}

/** A silence that is cut out of the axis. */
export interface Silence {
  readonly seconds: number
  readonly left: number
  readonly right: number
}

/** An axis that shows bursts of activity to scale and cuts the silence between them: an intrusion of years is minutes of work. */
export interface TimeScale {
  readonly stretches: readonly Stretch[]
  readonly silences: readonly Silence[]
  readonly x: (seconds: number) => number
}

/** A gap is cut when it takes more than this share of what is left: less would not be noticed on the axis. */
const NOTICED_SHARE = 0.2
/** Half a working day: shorter pauses belong to one visit of the intruder, unless the whole case is short. */
const SHORTEST_SILENCE = 4 * 3600
const SILENCE_WIDTH = 66
/** A stretch is at least as wide as the date written under it. */
const STRETCH_WIDTH = 92

/** A scale for the times (seconds) between `left` and `right`. */
export function timeScale(times: readonly number[], left: number, right: number): TimeScale {
  const sorted = [...new Set(times)].toSorted((a, b) => a - b)
  const [first = 0] = sorted
  const room = right - left
  const most = Math.max(0, Math.floor((room - STRETCH_WIDTH) / (SILENCE_WIDTH + STRETCH_WIDTH)))
  const cuts = cutsOf(sorted, Math.min(most, 7))
  const groups: number[][] = [[first]]
  for (const [index, time] of sorted.entries()) {
    if (index === 0) continue
    if (cuts.has(index)) groups.push([time])
    else groups.at(-1)?.push(time)
  }
  const spare = room - (groups.length - 1) * SILENCE_WIDTH - groups.length * STRETCH_WIDTH
  const weights = groups.map(group => Math.sqrt((group.at(-1) ?? 0) - (group[0] ?? 0)) + Math.sqrt(group.length))
  const sum = weights.reduce((total, weight) => total + weight, 0) || 1
  const stretches: Stretch[] = []
  const silences: Silence[] = []
  let at = left
  for (const [index, group] of groups.entries()) {
    const before = stretches.at(-1)
    const from = group[0] ?? 0
    if (before) {
      silences.push({ seconds: from - before.to, left: at, right: at + SILENCE_WIDTH })
      at += SILENCE_WIDTH
    }
    const width = STRETCH_WIDTH + (spare * (weights[index] ?? 0)) / sum
    stretches.push({ from, to: group.at(-1) ?? from, left: at, right: at + width })
    at += width
  }
  return { stretches, silences, x: seconds => position(stretches, seconds) }
}

/** Marks at the very ends of a stretch stay clear of the silence beside it. */
const INSET = 14

function position(stretches: readonly Stretch[], seconds: number): number {
  const stretch = stretches.findLast(item => item.from <= seconds) ?? stretches[0]
  if (!stretch) return 0
  const length = stretch.to - stretch.from
  const share = length > 0 ? Math.min(1, Math.max(0, (seconds - stretch.from) / length)) : 0
  return stretch.left + INSET + share * (stretch.right - stretch.left - 2 * INSET)
}

/** Indexes of the times before which the axis is cut: the largest gaps first, as long as each takes a noticeable share of the rest. */
function cutsOf(sorted: readonly number[], most: number): ReadonlySet<number> {
  const gaps = sorted.slice(1).map((time, index) => ({ index: index + 1, seconds: time - (sorted[index] ?? 0) }))
  const cuts = new Set<number>()
  let rest = gaps.reduce((sum, gap) => sum + gap.seconds, 0)
  const least = Math.min(SHORTEST_SILENCE, rest * 0.05)
  for (const gap of gaps.toSorted((a, b) => b.seconds - a.seconds || a.index - b.index)) {
    if (cuts.size >= most || gap.seconds < rest * NOTICED_SHARE || gap.seconds < least) break
    cuts.add(gap.index)
    rest -= gap.seconds
  }
  return cuts
}
