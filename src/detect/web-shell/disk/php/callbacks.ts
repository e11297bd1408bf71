import type { Call, Machine } from '../dialect.ts'
import { MAX_ENTRIES } from '../fold.ts'
import type { Value } from '../value.ts'
import { either, mixture, UNKNOWN } from '../values.ts'

/** Functions that call a function they are given: place of the function, places of what it is called with. */
export const CALLBACKS: Readonly<Record<string, readonly [callee: number, ...args: number[]]>> = {
  call_user_func: [0, 1, 2, 3],
  call_user_func_array: [0, 1],
  forward_static_call: [0, 1, 2],
  forward_static_call_array: [0, 1],
  func_overload: [0, 1],
  array_map: [0, 1, 2],
  array_filter: [1, 0],
  array_walk: [1, 0, 2],
  array_walk_recursive: [1, 0, 2],
  array_reduce: [1, 0, 2],
  usort: [1, 0],
  uasort: [1, 0],
  uksort: [1, 0],
  array_udiff: [2, 0, 1],
  array_udiff_assoc: [2, 0, 1],
  array_udiff_uassoc: [2, 0, 1],
  array_uintersect: [2, 0, 1],
  array_uintersect_assoc: [2, 0, 1],
  array_uintersect_uassoc: [2, 0, 1],
  array_diff_uassoc: [2, 0, 1],
  array_diff_ukey: [2, 0, 1],
  array_intersect_uassoc: [2, 0, 1],
  array_intersect_ukey: [2, 0, 1],
  iterator_apply: [1, 2],
  register_shutdown_function: [0, 1, 2],
  register_tick_function: [0, 1, 2],
  preg_replace_callback: [1, 2],
  mb_ereg_replace_callback: [1, 2],
  set_error_handler: [0],
  set_exception_handler: [0],
  spl_autoload_register: [0],
  header_register_callback: [0],
  sqlite_create_function: [2],
  filter_var: [2, 0],
  filter_var_array: [1, 0],
  assert_options: [1],
}

export function calledBack(request: Call, machine: Machine): Value | undefined {
  const { name, args, line } = request
  const [place = 0, ...places] = CALLBACKS[name] ?? []
  // The function is the last argument of those that take any number of lists.
  const at = /^array_(?:u|diff_u|intersect_u)/.test(name) ? Math.max(place, args.length - 1) : place
  let callee = args[at]
  if (name === 'filter_var' || name === 'filter_var_array')
    callee = callee?.entries?.get('options') ?? (callee?.entries ? [...callee.entries.values()].at(-1) : undefined)
  if (callee?.entries && name.startsWith('filter_')) callee = callee.entries.get('options') ?? callee
  if (callee === undefined || callee.constant === null || (callee.constant === '' && callee.origins.length === 0))
    return undefined
  if (typeof callee.constant === 'number' || typeof callee.constant === 'boolean') return undefined
  const given = places.map(position => args[position]).filter(value => value !== undefined)
  const lists =
    name !== 'call_user_func' && name !== 'forward_static_call' && !name.startsWith('register_') && !name.startsWith('filter_')
  if (name === 'array_map' && given.length === 1) return mapped(callee, given[0] ?? UNKNOWN, line, machine)
  const spread = name.endsWith('_array') && !name.startsWith('filter')
  const values = spread
    ? [...(given[0]?.entries?.values() ?? []), ...(given[0]?.entries ? [] : given)]
    : lists
      ? given.map(elementOf)
      : given
  const result = machine.invoke(callee, values, line)
  return name.startsWith('call_') || name.startsWith('forward') ? result : either(mixture(given), result)
}

export function elementOf(list: Value): Value {
  if (list.entries === undefined) return list.type === 'source' ? { origins: list.origins } : list
  const all = [...list.entries.values()]
  return all.length === 1 ? (all[0] ?? UNKNOWN) : (all.find(({ origins }) => origins.length > 0) ?? all[0] ?? UNKNOWN)
}

function mapped(callee: Value, list: Value, line: number, machine: Machine): Value {
  if (list.entries === undefined || list.origins.length > 0) {
    const result = machine.invoke(callee, [elementOf(list)], line)
    return { ...mixture([result, list]) }
  }
  const entries = new Map<string, Value>()
  for (const [key, value] of [...list.entries].slice(0, MAX_ENTRIES)) entries.set(key, machine.invoke(callee, [value], line))
  return { entries, origins: [] }
}
