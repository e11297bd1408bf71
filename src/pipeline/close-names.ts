/** Names suggested at most. */
const MOST_NAMES = 3
/** So many letters of three may differ: a slip, not another name. */
const LETTERS_OF_A_SLIP = 3

/** Longer ones are no account or host; comparing takes the product of both lengths. */
const LONGEST = 64

/** Known names that the given one is a slip of, or that begin or end as it does; the nearest first. */
export function closeNames(name: string, known: Iterable<string>): readonly string[] {
  const wanted = name.slice(0, LONGEST)
  return [...known]
    .filter(one => one !== '' && one.length <= LONGEST)
    .map(one => ({ one, distance: isPart(one, wanted) ? 0.5 : distanceOf(one, wanted) }))
    .filter(({ distance }) => distance <= Math.max(1, wanted.length / LETTERS_OF_A_SLIP))
    .toSorted((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(({ one }) => one)
}

/** "taitano" is part of "m.taitano"; two letters are part of everything. */
const isPart = (a: string, b: string) => Math.min(a.length, b.length) >= 3 && (a.includes(b) || b.includes(a))

/** Letters to put in, leave out or change (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    row = next
  }
  return row.at(-1) ?? 0
}
