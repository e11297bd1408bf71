/** Lines longer than this are cut: packed code is one line of a megabyte. */
const MAX_LINE = 300
/** Files of more lines are said to differ and not compared line by line. */
const MAX_LINES = 50_000
/** Insertions and deletions the search goes through; files that differ in more were replaced, not changed. */
const MAX_EDITS = 1_000
/** Lines of the difference that are kept. */
export const MAX_SHOWN_LINES = 60
/** Unchanged lines around a change. */
const CONTEXT = 2

/** The change from one text to another in unified form, bounded; what was cut is said. Inert: it is text, to be made visible before it is shown. */
export function unifiedDifference(before: string, after: string): readonly string[] {
  const old = before.split('\n')
  const now = after.split('\n')
  if (old.length > MAX_LINES || now.length > MAX_LINES)
    return [`(${old.length} and ${now.length} lines: too long to compare line by line)`]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const edits = editsOf(old.slice(head, old.length - tail), now.slice(head, now.length - tail))
  if (edits === undefined) return [`(more than ${MAX_EDITS} lines differ: the file was replaced)`]
  const lines: Line[] = [
    ...old.slice(0, head).map((text, index): Line => ({ sign: ' ', text, old: index + 1, now: index + 1 })),
    ...edits.map(edit => ({ ...edit, old: edit.old + head, now: edit.now + head })),
    ...old
      .slice(old.length - tail)
      .map((text, index): Line => ({ sign: ' ', text, old: old.length - tail + index + 1, now: now.length - tail + index + 1 })),
  ]
  return cut(hunks(lines))
}

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
  /** 1-based lines in both texts. */
  readonly old: number
  readonly now: number
}

/** E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986; undefined when more than `MAX_EDITS` are needed. */
function editsOf(old: readonly string[], now: readonly string[]): readonly Line[] | undefined {
  const limit = Math.min(MAX_EDITS, old.length + now.length)
  const width = 2 * limit + 3
  const trace: Int32Array[] = []
  const reach = new Int32Array(width)
  const at = (k: number) => k + limit + 1
  for (let d = 0; d <= limit; d++) {
    trace.push(reach.slice())
    for (let k = -d; k <= d; k += 2) {
      const left = reach[at(k - 1)] ?? 0
      const right = reach[at(k + 1)] ?? 0
      let x = k === -d || (k !== d && left < right) ? right : left + 1
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x++
      reach[at(k)] = x
      if (x >= old.length && x - k >= now.length) return walkBack(trace, old, now, d, at)
    }
  }
  return undefined
}

function walkBack(
  trace: readonly Int32Array[],
  old: readonly string[],
  now: readonly string[],
  edits: number,
  at: (k: number) => number,
): readonly Line[] {
  const lines: Line[] = []
  let x = old.length
  let y = now.length
  for (let d = edits; d >= 0; d--) {
    const reach = trace[d] ?? new Int32Array(0)
    const k = x - y
    const left = reach[at(k - 1)] ?? 0
    const right = reach[at(k + 1)] ?? 0
    const from = k === -d || (k !== d && left < right) ? k + 1 : k - 1
    const fromX = d === 0 ? 0 : (reach[at(from)] ?? 0)
    const fromY = d === 0 ? 0 : fromX - from
    while (x > fromX && y > fromY) lines.push({ sign: ' ', text: old[--x] ?? '', old: x + 1, now: y-- })
    if (d === 0) break
    if (x > fromX) lines.push({ sign: '-', text: old[--x] ?? '', old: x + 1, now: y + 1 })
    else lines.push({ sign: '+', text: now[--y] ?? '', old: x + 1, now: y + 1 })
  }
  return lines.reverse()
}

function hunks(lines: readonly Line[]): readonly string[] {
  const shown: string[] = []
  const changes = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  for (let i = 0; i < changes.length; ) {
    let j = i
    while (j + 1 < changes.length && (changes[j + 1] ?? 0) - (changes[j] ?? 0) <= 2 * CONTEXT + 1) j++
    const part = lines.slice(Math.max(0, (changes[i] ?? 0) - CONTEXT), (changes[j] ?? 0) + CONTEXT + 1)
    const count = (sign: '-' | '+') => part.filter(line => line.sign !== sign).length
    shown.push(`@@ -${part[0]?.old ?? 1},${count('+')} +${part[0]?.now ?? 1},${count('-')} @@`)
    for (const { sign, text } of part)
      shown.push(`${sign}${text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}… (${text.length} characters)` : text}`)
    if (shown.length > MAX_SHOWN_LINES) return shown
    i = j + 1
  }
  return shown
}

function cut(lines: readonly string[]): readonly string[] {
  return lines.length <= MAX_SHOWN_LINES ? lines : [...lines.slice(0, MAX_SHOWN_LINES), '(the difference goes on)']
}
