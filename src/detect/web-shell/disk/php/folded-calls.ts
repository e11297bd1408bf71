import type { Call } from '../dialect.ts'
import { type Constant, DECODERS, PURE } from '../fold.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { mixture, UNKNOWN } from '../values.ts'
import { BUILT_IN } from './built-in.ts'
import { listFunction } from './lists.ts'
import { CLEANERS, ESCAPERS, UNASSIGNED } from './php-names.ts'

/** Functions whose result is known when what goes in is known. */
export function folded({ name, args }: Call): Value | undefined {
  const decoder = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined
  const pure = decoder ?? (Object.hasOwn(PURE, name) ? PURE[name] : undefined)
  if (pure) {
    const constants: Constant[] = []
    for (const value of args) {
      const own = known(value)
      if (own === undefined) break
      constants.push(own)
    }
    if (constants.length === args.length && args.length > 0) {
      const result = pure(constants)
      if (result !== undefined) {
        const layers = [...(args[0]?.layers ?? []), ...(decoder ? [name] : [])]
        return { constant: result, origins: [], built: true, ...(layers.length > 0 ? { layers } : {}) }
      }
    }
  }
  if (decoder) return decodedOf(name, args)
  return listFunction(name, args)
}

function decodedOf(name: string, args: readonly Value[]): Value {
  const all = mixture(name === 'pack' ? args : args.slice(0, 1))
  return {
    ...all,
    origins: all.origins.map(origin => ({
      ...origin,
      decoders: origin.decoders.length < 6 ? [...origin.decoders, name] : origin.decoders,
    })),
  }
}

/** Functions of PHP that hand on what they are given, with or without a check on the way. */
export function passed({ name, args }: Call): Value | undefined {
  if (CLEANERS.has(name)) return UNKNOWN
  // What is only spelled in another way is still what nobody assigned.
  if (args[0]?.type === UNASSIGNED.type && /^(?:stripslashes|trim|urldecode|rawurldecode|base64_decode)$/.test(name))
    return UNASSIGNED
  if (ESCAPERS.has(name)) return { ...mixture(args, 'escaped') }
  const path = known(args[0])
  if (typeof path === 'string' && (name === 'basename' || (name === 'pathinfo' && known(args[1]) === 2)))
    return { constant: path.replace(/[/\\]+$/, '').replace(/^.*[/\\]/s, ''), origins: [], built: args[0]?.built === true }
  if (name === 'basename' || name === 'pathinfo') return mixture(args.slice(0, 1), 'file-name')
  if (name === 'realpath') return mixture(args, 'checked')
  if (
    name === 'htmlspecialchars' ||
    name === 'htmlentities' ||
    name === 'strip_tags' ||
    name === 'urlencode' ||
    name === 'rawurlencode'
  )
    return mixture(args.slice(0, 1))
  return BUILT_IN.has(name) ? mixture(args) : undefined
}
