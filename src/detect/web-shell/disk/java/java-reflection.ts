import type { Call, Machine } from '../dialect.ts'
import { hasOrigin, knownText, simpleName, spread } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { mixture, originsOf, UNKNOWN } from '../values.ts'
import type { JavaDialect } from './java-dialect.ts'

/** java.lang.reflect: names are resolved to what they stand for, and the call is looked at as if it were written. */
export function reflected(call: Call, receiver: Value, machine: Machine, dialect: JavaDialect): Value | undefined {
  const { name, args, line } = call
  const [first = UNKNOWN] = args
  switch (name) {
    case 'forName':
    case 'loadClass':
    case 'findClass': {
      const text = knownText(first)
      if (text !== undefined)
        return { type: simpleName(text), isClass: true, origins: [], ...(first.built ? { built: true } : {}) }
      if (hasOrigin(first, 'request'))
        machine.sink({ kind: 'dynamic-call', label: `a class named by the request, ${name}()`, line, values: [first] })
      return originsOf(first).length > 0 || name === 'forName' ? { ...mixture([first]), type: 'Class' } : undefined
    }
    case 'getClass':
      return { type: receiver.type ?? 'Object', isClass: true, origins: [] }
    case 'getMethod':
    case 'getDeclaredMethod':
    case 'getMethods':
    case 'getDeclaredMethods':
    case 'getConstructor':
    case 'getDeclaredConstructor':
    case 'getDeclaredConstructors':
    case 'getConstructors': {
      const isMaker = name.includes('Constructor')
      return {
        type: isMaker ? 'Constructor' : 'Method',
        isObject: true,
        entries: new Map([['owner', receiver], ...(isMaker || name.endsWith('s') ? [] : [['name', first] as const])]),
        origins: [],
      }
    }
    case 'invoke': {
      if (receiver.type === 'MethodHandle') return invokedHandle(receiver, args, line, machine)
      if (receiver.type !== 'Method' && receiver.type !== undefined) return undefined
      const method = receiver.entries?.get('name')
      const owner = receiver.entries?.get('owner')
      const text = knownText(method)
      const values = args.length === 2 && args[1]?.entries && !args[1].isObject ? [...args[1].entries.values()] : args.slice(1)
      if (text !== undefined) {
        const target =
          first.constant === null || first.type === undefined || first.type === 'Class'
            ? { ...owner, origins: owner?.origins ?? [] }
            : first
        const hidden = method?.built === true || owner?.built === true
        const known = machine.invoke(
          {
            entries: new Map([
              ['0', target],
              ['1', { constant: text, origins: [], ...(hidden ? { built: true } : {}) }],
            ]),
            origins: [],
          },
          values,
          line,
        )
        return known
      }
      if (method && hasOrigin(method, 'request')) {
        machine.sink({
          kind: 'dynamic-call',
          label: 'a method named by the request, invoke()',
          line,
          values: [method, ...values],
        })
        return mixture(args)
      }
      machine.sink({ kind: 'unresolved-call', label: 'invoke()', line, values: args, hidden: method?.built === true })
      return mixture(args, 'unseen')
    }
    case 'findVirtual':
    case 'findStatic':
    case 'findSpecial':
    case 'bind':
      // java.lang.invoke: a method by its name, like getMethod.
      if (!/^(?:Lookup|MethodHandles)?$/.test(receiver.type ?? '') || args.length < 2) return undefined
      return {
        type: 'MethodHandle',
        isObject: true,
        entries: new Map([
          ['owner', first],
          ['name', args[1] ?? UNKNOWN],
        ]),
        origins: [],
      }
    case 'invokeExact':
    case 'invokeWithArguments':
      return invokedHandle(receiver, args, line, machine)
    case 'newInstance':
    case 'newProxyInstance': {
      const maker = receiver.type === 'Constructor' ? receiver.entries?.get('owner') : receiver
      if (maker?.isClass && maker.type !== undefined && maker.type !== 'Class' && maker.type !== 'Array') {
        const made = dialect.create({ ...call, name: maker.type, args: spread(args), hidden: maker.built === true }, machine)
        return made ?? { ...mixture(args), type: maker.type }
      }
      return { ...mixture([receiver, ...args]), type: 'Object' }
    }
    default:
      return undefined
  }
}

/** A method handle takes its object as the first argument, unless the method is static. */
function invokedHandle({ entries }: Value, args: readonly Value[], line: number, machine: Machine): Value | undefined {
  const name = entries?.get('name')
  const owner = entries?.get('owner')
  if (knownText(name) === undefined || !name || !owner) return undefined
  const onObject = args[0]?.type === owner.type
  return machine.invoke(
    {
      entries: new Map([
        ['0', (onObject ? args[0] : owner) ?? owner],
        ['1', name],
      ]),
      origins: [],
    },
    spread(onObject ? args.slice(1) : args),
    line,
  )
}
