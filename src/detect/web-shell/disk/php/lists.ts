import { type Constant, constantsOf, MAX_ENTRIES, numberOf, PURE, replaced, textOf } from '../fold.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'

export function chosenEntry(name: string, list: Value, out: ((position: number, value: Value) => void) | undefined): Value {
  const { entries } = list
  if (entries && entries.size > 0 && list.origins.length === 0) {
    const keys = [...entries.keys()]
    const key = name === 'end' || name === 'array_pop' ? keys.at(-1) : name === 'next' ? keys[1] : keys[0]
    if (key === undefined) return UNKNOWN
    const found = entries.get(key) ?? UNKNOWN
    if ((name === 'array_pop' || name === 'array_shift') && out) {
      const rest = new Map(entries)
      rest.delete(key)
      out(0, {
        entries: name === 'array_shift' ? new Map([...rest.values()].map((value, index) => [String(index), value])) : rest,
        origins: [],
      })
    }
    return name === 'key' ? constant(key) : found
  }
  return originsOf(list).length > 0 ? { ...mixture([list]), ...(list.type === 'source' ? { type: 'source' } : {}) } : UNKNOWN
}

export function listFunction(name: string, args: readonly Value[]): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN, third = UNKNOWN] = args
  switch (name) {
    case 'array':
      return { entries: new Map(args.map((value, index) => [String(index), value])), origins: [] }
    case 'implode':
    case 'join': {
      const list = first.entries ? first : second
      const glue = textOf(known(first.entries ? second : first))
      if (list.entries === undefined) return mixture(args)
      const parts = [...list.entries.values()].flatMap((value, index) =>
        index > 0 && glue !== '' ? [constant(glue), value] : [value],
      )
      return { ...joined(parts), built: true }
    }
    case 'explode': {
      const [mark, text] = [known(first), known(second)]
      if (typeof mark !== 'string' || mark === '' || text === undefined) return mixture([second])
      return listOf(textOf(text).split(mark).slice(0, MAX_ENTRIES))
    }
    case 'str_split':
    case 'mb_str_split': {
      const text = known(first)
      const size = args.length > 1 ? numberOf(known(second)) : 1
      if (text === undefined || size < 1) return mixture([first])
      const whole = textOf(text)
      if (whole.length / size > MAX_ENTRIES) return UNKNOWN
      return listOf(Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.slice(i * size, (i + 1) * size)))
    }
    case 'chunk_split':
      return first
    case 'array_reverse':
      return first.entries ? reindexed([...first.entries.values()].toReversed()) : mixture([first])
    case 'array_values':
      // What the client said is among them.
      if (first.type === 'server') return fromSource('request', '$_SERVER', 0, 'source')
      return first.entries ? reindexed([...first.entries.values()]) : mixture([first])
    case 'array_keys':
      return first.entries ? listOf([...first.entries.keys()]) : mixture([first])
    case 'array_flip':
      return first.entries
        ? {
            entries: new Map(
              [...first.entries].flatMap(([key, value]) =>
                value.constant === undefined ? [] : [[textOf(value.constant), constant(key)] as const],
              ),
            ),
            origins: first.origins,
          }
        : mixture([first])
    case 'array_combine': {
      const keys = constantsOf(first)
      const values = second.entries ? [...second.entries.values()] : undefined
      return keys && values
        ? { entries: new Map(keys.map((key, index) => [textOf(key), values[index] ?? UNKNOWN])), origins: [] }
        : mixture(args)
    }
    case 'array_merge':
    case 'array_push':
    case 'array_unshift':
      return args.every(({ entries }) => entries) && name === 'array_merge'
        ? reindexed(args.flatMap(({ entries }) => [...(entries?.values() ?? [])]))
        : mixture(args)
    case 'array_slice': {
      if (!first.entries) return mixture([first])
      const from = numberOf(known(second))
      const length = known(third)
      const all = [...first.entries.values()]
      return reindexed(
        all.slice(
          from,
          length === undefined || length === null
            ? undefined
            : numberOf(length) < 0
              ? numberOf(length)
              : (from < 0 ? all.length + from : from) + numberOf(length),
        ),
      )
    }
    case 'range': {
      const [from, to] = [known(first), known(second)]
      if (from === undefined || to === undefined) return UNKNOWN
      if (typeof from === 'string' && typeof to === 'string' && from.length === 1 && to.length === 1 && !/\d/.test(from)) {
        const [a, b] = [from.charCodeAt(0), to.charCodeAt(0)]
        return listOf(Array.from({ length: Math.abs(b - a) + 1 }, (_, i) => String.fromCharCode(a < b ? a + i : a - i)))
      }
      const [a, b] = [numberOf(from), numberOf(to)]
      const step = Math.max(1, Math.abs(numberOf(known(third) ?? 1)))
      const size = Math.floor(Math.abs(b - a) / step) + 1
      return size > MAX_ENTRIES ? UNKNOWN : listOf(Array.from({ length: size }, (_, i) => (a < b ? a + i * step : a - i * step)))
    }
    case 'str_replace':
    case 'str_ireplace': {
      const subject = known(third)
      const searches = first.entries
        ? constantsOf(first)?.map(textOf)
        : known(first) === undefined
          ? undefined
          : [textOf(known(first))]
      const puts = second.entries
        ? constantsOf(second)?.map(textOf)
        : known(second) === undefined
          ? undefined
          : textOf(known(second))
      if (subject === undefined || searches === undefined || puts === undefined) return mixture([third, second])
      const result = replaced(searches, puts, textOf(subject), name === 'str_ireplace')
      return result === undefined
        ? UNKNOWN
        : { constant: result, origins: [], built: true, ...(third.layers ? { layers: third.layers } : {}) }
    }
    case 'strtr': {
      const text = known(first)
      if (text === undefined || !second.entries) return undefined
      let result = textOf(text)
      const pairs = [...second.entries].filter(([key]) => key !== '').sort(([a], [b]) => b.length - a.length)
      if (pairs.some(([, value]) => value.constant === undefined)) return UNKNOWN
      const table = new Map(pairs.map(([key, value]) => [key, textOf(value.constant)]))
      const longest = pairs[0]?.[0].length ?? 0
      let outText = ''
      for (let at = 0; at < result.length; ) {
        let size = Math.min(longest, result.length - at)
        while (size > 0 && !table.has(result.slice(at, at + size))) size--
        outText += size === 0 ? result.charAt(at) : (table.get(result.slice(at, at + size)) ?? '')
        at += Math.max(1, size)
      }
      result = outText
      return { constant: result, origins: [], built: true }
    }
    case 'vsprintf': {
      const values = constantsOf(second)
      const format = known(first)
      const result = values && format !== undefined ? PURE['sprintf']?.([format, ...values]) : undefined
      return result === undefined ? mixture(args) : { constant: result, origins: [], built: true }
    }
    case 'count':
    case 'sizeof':
      return first.entries && !first.entries.has('*') && first.origins.length === 0 ? constant(first.entries.size) : UNKNOWN
    case 'is_string':
      return typeof known(first) === 'string' ? constant(true) : UNKNOWN
    case 'is_array':
      return first.entries && first.origins.length === 0 ? constant(true) : UNKNOWN
    case 'compact':
      return UNKNOWN
    default:
      return undefined
  }
}

const listOf = (values: readonly Constant[]): Value => ({
  entries: new Map(values.map((value, index) => [String(index), { ...constant(value), built: true }])),
  origins: [],
})
const reindexed = (values: readonly Value[]): Value => ({
  entries: new Map(values.map((value, index) => [String(index), value])),
  origins: [],
})
