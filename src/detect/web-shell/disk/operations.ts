import type { Sink } from './dialect.ts'
import { type Constant, mixed, numberOf, textOf } from './fold.ts'
import type { Value } from './value.ts'
import { constant, originsOf } from './values.ts'

/** Operators whose result says only whether something is so. */
export const COMPARISONS = new Set([
  '==',
  '===',
  '!=',
  '!==',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '<=>',
  'instanceof',
  'is',
  'like',
  'xor',
  '=',
])

/** A sink that a request reaches says more than the same one without. */
export function strength({ values }: Sink): number {
  let best = 0
  for (const value of values) {
    const [origin] = originsOf(value)
    if (!origin) continue
    best = Math.max(
      best,
      (origin.kind === 'request' ? 10 : origin.kind === 'upload' ? 8 : 4) -
        (value.cleaned === undefined ? 0 : 3) -
        (value.prefix === undefined ? 0 : 1),
    )
  }
  return best
}

/** The number the next element without a key gets. */
export function nextIndex(entries: ReadonlyMap<string, Value>): number {
  let next = entries.size
  while (entries.has(String(next))) next++
  return next
}

/** What `++` and `--` make of a value. */
export function stepped(value: Constant, up: boolean): Value {
  if (typeof value === 'string' && up && /^[a-z]+$/i.test(value)) return constant(letterAfter(value))
  return constant(numberOf(value) + (up ? 1 : -1))
}

/** `++` on letters: 'a' to 'b', 'Z' to 'AA' (shells without letters and digits count up from one). */
function letterAfter(text: string): string {
  const last = text.slice(-1)
  const rest = text.slice(0, -1)
  if (last === 'z') return `${rest === '' ? 'a' : letterAfter(rest)}a`
  if (last === 'Z') return `${rest === '' ? 'A' : letterAfter(rest)}A`
  return rest + String.fromCharCode(last.charCodeAt(0) + 1)
}

/** The result of an operator on known values; undefined when it is not worked out here. */
export function calculated(sign: string, a: Constant, b: Constant, isPhp: boolean): Constant | undefined {
  switch (sign) {
    case '^':
    case '&':
    case '|':
      if (typeof a === 'string' && typeof b === 'string') return mixed(sign, a, b)
      return sign === '^' ? numberOf(a) ^ numberOf(b) : sign === '&' ? numberOf(a) & numberOf(b) : numberOf(a) | numberOf(b)
    case '+':
      return !isPhp && (typeof a === 'string' || typeof b === 'string') ? textOf(a) + textOf(b) : numberOf(a) + numberOf(b)
    case '-':
      return numberOf(a) - numberOf(b)
    case '*':
      return numberOf(a) * numberOf(b)
    case '/':
      return numberOf(b) === 0 ? undefined : numberOf(a) / numberOf(b)
    case '%':
    case 'mod':
      return Math.trunc(numberOf(b)) === 0 ? undefined : Math.trunc(numberOf(a)) % Math.trunc(numberOf(b))
    case '**':
      return numberOf(a) ** numberOf(b)
    case '<<':
      return numberOf(a) << numberOf(b)
    case '>>':
      return numberOf(a) >> numberOf(b)
    case '==':
      return a === b || (typeof a !== typeof b && numberOf(a) === numberOf(b) && textOf(a) === textOf(b))
    case '===':
      return a === b
    case '!=':
    case '<>':
      return !(a === b || textOf(a) === textOf(b))
    case '!==':
      return a !== b
    case '<':
      return order(a, b) < 0
    case '>':
      return order(a, b) > 0
    case '<=':
      return order(a, b) <= 0
    case '>=':
      return order(a, b) >= 0
    default:
      return undefined
  }
}

/** Texts that are no numbers are compared letter by letter. */
function order(a: Constant, b: Constant): number {
  if (typeof a !== 'string' || typeof b !== 'string' || (/^\s*[-+.\d]/.test(a) && /^\s*[-+.\d]/.test(b)))
    return numberOf(a) - numberOf(b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** What an element of a list that comes from somewhere holds before it is set. */
export function heldBy({ origins }: Value): Value | undefined {
  return origins.length > 0 ? { origins } : undefined
}
