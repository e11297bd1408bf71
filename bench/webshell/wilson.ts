/** Quantile of the normal distribution for 95 % on both sides. */
const Z = 1.959964

/** E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927: the 95 % interval of a share. */
export function wilson(hits: number, all: number): readonly [number, number] {
  if (all === 0) return [0, 1]
  const share = hits / all
  const middle = (share + (Z * Z) / (2 * all)) / (1 + (Z * Z) / all)
  const half = (Z * Math.sqrt((share * (1 - share)) / all + (Z * Z) / (4 * all * all))) / (1 + (Z * Z) / all)
  // Exactly at the ends the formula misses them by the rounding of floating point.
  return [hits === 0 ? 0 : middle - half, hits === all ? 1 : middle + half]
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
