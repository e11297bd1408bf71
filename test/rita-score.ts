/**
 * The beacon score of RITA v5 as its documentation and settings describe it (facts, no code of it): a quarter each for times, sizes, the
 * histogram of the day and how much of the day is covered. For comparing, not for finding.
 */
export function ritaScore(times: readonly number[], sizes: readonly number[], seconds = 86_400): number {
  const ordered = times.toSorted((a, b) => a - b)
  const gaps = ordered.slice(1).flatMap((time, index) => {
    const gap = Math.floor(time) - Math.floor(ordered[index] ?? 0)
    return gap > 0 ? [gap] : []
  })
  if (new Set(ordered.map(Math.floor)).size < 4) return 0
  const bars = Array.from({ length: 24 }, () => 0)
  const first = ordered[0] ?? 0
  for (const time of ordered)
    bars[Math.min(23, Math.floor((time / seconds) * 24))] = (bars[Math.min(23, Math.floor((time / seconds) * 24))] ?? 0) + 1
  const used = bars.filter(bar => bar > 0).length
  const covered = used >= 6 ? Math.min(1, Math.max(((ordered.at(-1) ?? 0) - first) / seconds, longestRun(bars) / 12)) : 0
  const parts = [evenness(gaps, 1), evenness(sizes, 0), Math.max(steadiness(bars), used >= 11 ? twoHeights(bars) : 0), covered]
  return Math.round(parts.reduce((sum, part) => sum + 0.25 * part, 0) * 1000) / 1000
}

/** Mean of symmetry (Bowley's skew of the quartiles) and of how near the values are to their median. */
function evenness(values: readonly number[], withoutMedian: number): number {
  const [low, median, high] = [0.25, 0.5, 0.75].map(share => quantile(values, share))
  if (low === undefined || median === undefined || high === undefined) return 0
  const skew = high - low < 10 || median === low || median === high ? 0 : (low + high - 2 * median) / (high - low)
  const spread = quantile(
    values.map(value => Math.abs(value - median)),
    0.5,
  )
  const near = median < 1 ? withoutMedian : Math.max(0, (median - spread) / median)
  return (1 - Math.abs(skew) + near) / 2
}

function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b)
  return ordered[Math.min(ordered.length - 1, Math.floor(share * ordered.length))] ?? 0
}

function steadiness(bars: readonly number[]): number {
  const mean = bars.reduce((sum, bar) => sum + bar, 0) / bars.length
  const variance = bars.reduce((sum, bar) => sum + (bar - mean) ** 2, 0) / bars.length
  return mean === 0 ? 0 : Math.max(0, 1 - Math.sqrt(variance) / mean)
}

/** Share of the bars that have one of the two most frequent heights, one outlier forgiven. */
function twoHeights(bars: readonly number[]): number {
  const width = Math.max(1, 0.05 * Math.max(...bars))
  const heights = new Map<number, number>()
  const used = bars.filter(bar => bar > 0)
  for (const bar of used) heights.set(Math.floor(bar / width), (heights.get(Math.floor(bar / width)) ?? 0) + 1)
  const [one = 0, two = 0] = [...heights.values()].toSorted((a, b) => b - a)
  return Math.min(1, (one + two) / Math.max(1, used.length - 1))
}

function longestRun(bars: readonly number[]): number {
  let longest = 0
  let run = 0
  // The day is a circle: a run may go over midnight.
  for (const bar of [...bars, ...bars]) {
    run = bar > 0 ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return Math.min(24, longest)
}
