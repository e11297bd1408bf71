import type { ProgramFunction } from './program.ts'

/** What a function calls, read from its form without following values. */
interface Calls {
  readonly names: Set<string>
  /** Calls something whose name only a value tells. */
  dynamic: boolean
}

/**
 * Functions that can reach something that acts (runs, writes, calls by value), themselves or through functions they call. The others need not
 * be followed when nobody calls them: whatever a request puts into them, nothing comes of it.
 */
export function actingFunctions(
  functions: readonly ProgramFunction[],
  acts: ReadonlySet<string>,
  fold: (name: string) => string,
): Set<number> {
  const calls = functions.map(({ body }) => callsOf(body, fold))
  const acting = new Set<number>()
  const names = new Set<string>()
  const add = (index: number) => {
    acting.add(index)
    const name = functions[index]?.name
    if (name) names.add(fold(name))
  }
  for (const [index, called] of calls.entries()) if (called.dynamic || overlap(called.names, acts)) add(index)
  for (let before = -1; before < acting.size; ) {
    before = acting.size
    for (const [index, called] of calls.entries()) if (!acting.has(index) && overlap(called.names, names)) add(index)
  }
  return acting
}

function overlap(names: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const name of names) if (others.has(name)) return true
  return false
}

function callsOf(body: unknown, fold: (name: string) => string): Calls {
  const calls: Calls = { names: new Set(), dynamic: false }
  const open: unknown[] = [body]
  while (open.length > 0) {
    const node = open.pop()
    if (Array.isArray(node)) {
      for (const item of node) open.push(item)
      continue
    }
    if (node === null || typeof node !== 'object') continue
    if ('is' in node) {
      if (node.is === 'call-value' || node.is === 'function') calls.dynamic ||= node.is === 'call-value'
      else if ((node.is === 'call' || node.is === 'method') && 'name' in node) {
        if (typeof node.name === 'string') calls.names.add(fold(node.name))
        else calls.dynamic = true
      } else if (node.is === 'new' && 'type' in node && typeof node.type === 'string') calls.names.add(fold(node.type))
    }
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') open.push(value)
  }
  return calls
}
