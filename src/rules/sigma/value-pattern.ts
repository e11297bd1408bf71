import type { Pattern, PatternToken } from './ast.ts'
import { foldCase } from './fold-case.ts'

export const ANY_RUN: PatternToken = { any: 'run' }
export const ANY_ONE: PatternToken = { any: 'one' }
const isRun = (token: PatternToken | undefined): boolean => token !== undefined && 'any' in token && token.any === 'run'

/**
 * Splits a Sigma string into tokens (sigma-specification 2.1, "string wildcard" and "escape character"): `\*` and `\?` are literal, `\\`
 * is one backslash, a single backslash before anything else is itself.
 */
export function parseTokens(text: string): readonly PatternToken[] {
  const tokens: PatternToken[] = []
  let literal = ''
  const flush = (): void => {
    if (literal !== '') tokens.push({ literal })
    literal = ''
  }
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    const next = text.charAt(i + 1)
    if (letter === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      i++
    } else if (letter === '*' || letter === '?') {
      flush()
      tokens.push(letter === '*' ? ANY_RUN : ANY_ONE)
    } else literal += letter
  }
  flush()
  return tokens
}

/** Opens the ends a modifier opens; an end that is open already stays as it is. */
export function anchored(
  tokens: readonly PatternToken[],
  anchor: 'whole' | 'contains' | 'startswith' | 'endswith',
): readonly PatternToken[] {
  const before = (anchor === 'contains' || anchor === 'endswith') && !isRun(tokens[0])
  const after = (anchor === 'contains' || anchor === 'startswith') && !isRun(tokens.at(-1))
  return [...(before ? [ANY_RUN] : []), ...tokens, ...(after ? [ANY_RUN] : [])]
}

/** A pattern in its normal form: literals folded and joined, runs merged. */
export function patternOf(tokens: readonly PatternToken[], cased: boolean): Pattern {
  const normal: PatternToken[] = []
  for (const token of tokens) {
    const last = normal.at(-1)
    if ('any' in token) {
      if (!(token.any === 'run' && isRun(last))) normal.push(token)
    } else if (token.literal !== '') {
      const literal = cased ? token.literal : foldCase(token.literal)
      if (last !== undefined && 'literal' in last) normal[normal.length - 1] = { literal: last.literal + literal }
      else normal.push({ literal })
    }
  }
  return { cased, tokens: normal }
}

/** Who asks may keep how its texts are folded. */
export interface Folding {
  folded?(text: string): string
}

/** A test of whole values. Time is at most text times pattern; the usual shapes are one native search. */
export function patternTest(pattern: Pattern): (value: string, folding?: Folding) => boolean {
  const shape = shapeOf(pattern.tokens)
  return pattern.cased ? value => hasShape(shape, value) : (value, folding) => hasShape(shape, foldedOnce(value, folding))
}

/** Does a value fit one of the patterns? The lists of rules are long: a loop, and no function for each of their values. */
export function anyPatternTest(patterns: readonly Pattern[]): (value: string, folding?: Folding) => boolean {
  const shapesOf = (cased: boolean) => patterns.filter(pattern => pattern.cased === cased).map(({ tokens }) => shapeOf(tokens))
  const cased = shapesOf(true)
  const uncased = shapesOf(false)
  return (value, folding) => {
    for (const shape of cased) if (hasShape(shape, value)) return true
    if (uncased.length === 0) return false
    const folded = foldedOnce(value, folding)
    for (const shape of uncased) if (hasShape(shape, folded)) return true
    return false
  }
}

let lastValue = ''
let lastFolded = ''

/** Many patterns are asked of the same value one after the other. */
function foldedOnce(value: string, folding?: Folding): string {
  if (folding?.folded) return folding.folded(value)
  if (value !== lastValue) {
    lastFolded = foldCase(value)
    lastValue = value
  }
  return lastFolded
}

/** A pattern by what it asks for, the usual ones apart. */
interface Shape {
  readonly how: 'whole' | 'contains' | 'startswith' | 'endswith' | 'anything' | 'glob'
  readonly literal: string
  readonly tokens: readonly PatternToken[]
}

function shapeOf(tokens: readonly PatternToken[]): Shape {
  const open = isRun(tokens[0])
  const close = tokens.length > 1 ? isRun(tokens.at(-1)) : open
  const inner = tokens.slice(open ? 1 : 0, close && tokens.length > 1 ? -1 : undefined)
  const [only] = inner
  if (inner.length === 0) return { how: open ? 'anything' : 'whole', literal: '', tokens }
  if (inner.length > 1 || only === undefined || 'any' in only) return { how: 'glob', literal: '', tokens }
  const how = open ? (close ? 'contains' : 'endswith') : close ? 'startswith' : 'whole'
  return { how, literal: only.literal, tokens }
}

/** Expects a folded value, unless the pattern minds case. */
function hasShape({ how, literal, tokens }: Shape, value: string): boolean {
  switch (how) {
    case 'contains':
      return value.includes(literal)
    case 'endswith':
      return value.endsWith(literal)
    case 'startswith':
      return value.startsWith(literal)
    case 'whole':
      return value === literal
    case 'anything':
      return true
    case 'glob':
      return glob(tokens, value)
    default:
      return how satisfies never
  }
}

/** Greedy: only the last run is ever widened again, which is enough, since what stood before it matched at its earliest place. */
function glob(tokens: readonly PatternToken[], value: string): boolean {
  let token = 0
  let at = 0
  let runToken = -1
  let runAt = 0
  while (at < value.length || token < tokens.length) {
    const current = tokens[token]
    if (isRun(current)) {
      if (token === tokens.length - 1) return true
      runToken = token++
      runAt = at
      continue
    }
    const end = current === undefined ? -1 : step(current, value, at)
    if (end >= 0) {
      token++
      at = end
    } else if (runToken >= 0 && runAt < value.length) {
      const next = tokens[runToken + 1]
      // A literal after the run: go on at its next place, not letter by letter.
      const place = next !== undefined && 'literal' in next ? value.indexOf(next.literal, runAt + 1) : characterEnd(value, runAt)
      if (place < 0) return false
      runAt = place
      at = place
      token = runToken + 1
    } else return false
  }
  return true
}

/** Where a token that is no run ends when it stands at `at`; -1 when it does not. */
function step(token: PatternToken, value: string, at: number): number {
  if ('literal' in token) return value.startsWith(token.literal, at) ? at + token.literal.length : -1
  return at < value.length ? characterEnd(value, at) : -1
}

/** A character outside the basic plane is two units and still one character. */
function characterEnd(value: string, at: number): number {
  const unit = value.charCodeAt(at)
  if (unit < 0xd800 || unit > 0xdbff) return at + 1
  const second = value.charCodeAt(at + 1)
  return second >= 0xdc00 && second <= 0xdfff ? at + 2 : at + 1
}
