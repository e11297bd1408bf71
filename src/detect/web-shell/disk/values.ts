import { type Constant, MAX_TEXT, textOf } from './fold.ts'
import type { Origin, OriginKind, Value } from './value.ts'
import type { FlowStep } from './verdict.ts'

/** Nothing is known. */
export const UNKNOWN: Value = { origins: [] }

const STRENGTH: Readonly<Record<OriginKind, number>> = { request: 5, upload: 4, remote: 3, packed: 2, stored: 1 }
/** The strongest origins are enough to judge a value. */
const MAX_ORIGINS = 3
/** The way from source to sink is shown by its first and last steps. */
const MAX_STEPS = 10
/** Text around a value that tells what it is used for. */
const MAX_EDGE = 300
/** Lists are looked into this deep. */
const MAX_LOOK = 3
/** Elements of a list that are looked at, by depth: tables of data are longer, what a request fills is not. */
const MAX_LOOKED = [256, 32, 8] as const

export function constant(value: Constant): Value {
  return { constant: value, origins: [] }
}

export function fromSource(kind: OriginKind, label: string, line: number, type?: string): Value {
  return {
    origins: [{ kind, label, line, steps: [], decoders: [] }],
    ...(type === undefined ? {} : { type }),
  }
}

/** Origins of a value and of what it holds. */
export function originsOf(value: Value, depth = 0): readonly Origin[] {
  if (value.entries === undefined || depth >= MAX_LOOK || value.entries.size === 0) return value.origins
  const kept = value.entries.size >= LARGE ? inside.get(value.entries) : undefined
  if (kept) return united(value.origins, kept)
  let all: readonly Origin[] = []
  let looked = 0
  for (const entry of value.entries.values()) {
    if (++looked > MAX_LOOKED[depth as 0 | 1 | 2]) break
    if (entry.origins.length > 0 || entry.entries !== undefined) all = united(all, originsOf(entry, depth + 1))
  }
  if (value.entries.size >= LARGE) inside.set(value.entries, all)
  return united(value.origins, all)
}

/** Lists from this size on remember what they hold: they are asked far oftener than changed. */
const LARGE = 24
const inside = new WeakMap<ReadonlyMap<string, Value>, readonly Origin[]>()

/** Must be called when a list is changed in place. */
export function changed(entries: ReadonlyMap<string, Value>): void {
  inside.delete(entries)
}

export function united(left: readonly Origin[], right: readonly Origin[]): readonly Origin[] {
  if (right.length === 0 || left === right) return left
  if (left.length === 0) return right
  const all = [...left]
  for (const origin of right) if (!all.some(({ kind, label }) => kind === origin.kind && label === origin.label)) all.push(origin)
  if (all.length === left.length) return left
  return all.sort((a, b) => STRENGTH[b.kind] - STRENGTH[a.kind]).slice(0, MAX_ORIGINS)
}

/** The value after it went through an assignment or call. */
export function withStep(value: Value, step: FlowStep): Value {
  if (value.origins.length === 0) return value
  return {
    ...value,
    origins: value.origins.map(origin => {
      const last = origin.steps.at(-1)
      return origin.steps.length >= MAX_STEPS || (last?.line === step.line && last.what === step.what)
        ? origin
        : { ...origin, steps: [...origin.steps, step] }
    }),
  }
}

/** What may flow from any of these, when nothing better is known. */
export function mixture(values: readonly Value[], cleaned?: string): Value {
  let origins: readonly Origin[] = []
  let why: string | undefined
  let all = true
  for (const value of values) {
    const own = originsOf(value)
    if (own.length === 0) continue
    origins = united(origins, own)
    if (value.cleaned === undefined) all = false
    else why ??= value.cleaned
  }
  if (origins.length === 0) return UNKNOWN
  const mark = cleaned ?? (all ? why : undefined)
  return { origins, ...(mark === undefined ? {} : { cleaned: mark }) }
}

/** Either of two: what both agree on is certain, what the later one says stands in for the rest. */
export function either(before: Value | undefined, after: Value): Value {
  if (before === undefined || before === after || before === UNKNOWN) return after
  if (after === UNKNOWN && before.origins.length > 0) return before
  if (before.type === 'unassigned' && after.constant !== undefined && after.origins.length === 0) return before
  const origins = united(after.origins, originsOf(before))
  if (after.entries === undefined && before.entries !== undefined && after.constant === undefined)
    return { ...after, entries: before.entries, origins: united(after.origins, before.origins) }
  if (origins === after.origins) return after
  // A check or clean stands only when it stands on both ways.
  const cleaned =
    before.origins.length > 0 ? (after.origins.length > 0 ? (after.cleaned ?? before.cleaned) : before.cleaned) : after.cleaned
  const { cleaned: _, ...rest } = after
  return { ...rest, origins, ...(cleaned === undefined ? {} : { cleaned }) }
}

const LIST_AS_TEXT: Value = { constant: 'Array', origins: [], built: true }

/** Texts one after the other. */
export function joined(parts: readonly Value[]): Value {
  let text: string | undefined = ''
  let built = false
  let layers: readonly string[] | undefined
  for (const item of parts) {
    // A list turned into text is the word "Array" (PHP).
    const part =
      item.entries !== undefined &&
      !item.isObject &&
      item.origins.length === 0 &&
      item.constant === undefined &&
      originsOf(item).length === 0
        ? LIST_AS_TEXT
        : item
    if (part.constant === undefined || text === undefined || part.origins.length > 0) text = undefined
    else if (text.length + textOf(part.constant).length > MAX_TEXT) text = undefined
    else text += textOf(part.constant)
    built ||= part.built === true
    layers ??= part.layers
  }
  if (text !== undefined)
    return { constant: text, origins: [], ...(built || parts.length > 1 ? { built: true } : {}), ...(layers ? { layers } : {}) }
  const mixed = mixture(parts)
  // What nobody assigns stays what nobody assigns when fixed words stand around it.
  const nobody = mixed.origins.length === 0 && parts.some(({ type }) => type === 'unassigned')
  return { ...mixed, ...edges(parts), ...(built ? { built } : {}), ...(nobody ? { type: 'unassigned' } : {}) }
}

/** Known text before and after what is not known. */
function edges(parts: readonly Value[]): { prefix?: string; suffix?: string } {
  let prefix = ''
  let suffix = ''
  let open = false
  for (const part of parts) {
    const known = part.constant === undefined || part.origins.length > 0 ? undefined : textOf(part.constant)
    if (known === undefined) {
      const carries = part.origins.length > 0
      if (!open) prefix += carries ? (part.prefix ?? '') : '?'
      // What is unknown but of the script's own making stands before or after like known text.
      if (carries) {
        open = true
        suffix = part.suffix ?? ''
      } else if (open) suffix += '?'
    } else if (open) suffix += known
    else prefix += known
  }
  return {
    ...(prefix === '' ? {} : { prefix: prefix.slice(-MAX_EDGE) }),
    ...(suffix === '' ? {} : { suffix: suffix.slice(0, MAX_EDGE) }),
  }
}
