import type { Call, Machine } from '../dialect.ts'
import { hasOrigin, knownText, simpleName } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { mixture, originsOf, UNKNOWN } from '../values.ts'

/** System.Reflection: what is named is looked at as if it were written. */
export function reflected({ name, args, line }: Call, receiver: Value, machine: Machine): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN] = args
  switch (name) {
    case 'gettype': {
      const text = knownText(first)
      if (text !== undefined && args.length > 0)
        return {
          type: simpleName((text.split(',')[0] ?? '').trim().toLowerCase()),
          isClass: true,
          origins: [],
          ...(first.built ? { built: true } : {}),
        }
      if (args.length === 0) return { type: receiver.type ?? 'object', isClass: true, origins: [] }
      if (hasOrigin(first, 'request'))
        machine.sink({
          kind: 'dynamic-call',
          label: 'a type named by the request, GetType()',
          line,
          values: [first, ...args.slice(1)],
        })
      return { ...mixture([receiver, first]), type: 'type' }
    }
    case 'getmethod':
    case 'getmethods':
      return {
        type: 'methodinfo',
        isObject: true,
        entries: new Map([['owner', receiver], ...(name === 'getmethod' ? [['name', first] as const] : [])]),
        origins: originsOf(receiver),
      }
    case 'invoke':
    case 'invokemember': {
      if (name === 'invoke' && receiver.type !== 'methodinfo') return undefined
      const method = name === 'invokemember' ? first : receiver.entries?.get('name')
      const list = name === 'invokemember' ? args[4] : second
      const values = list?.entries && !list.isObject ? [...list.entries.values()] : list ? [list] : []
      // Without an object the member is one of the type itself.
      const onObject = args[3]?.constant === null ? undefined : args[3]
      const target = name === 'invokemember' ? (onObject ?? receiver) : (receiver.entries?.get('owner') ?? receiver)
      const text = knownText(method)
      if (text !== undefined && (target.type !== undefined || originsOf(target).length > 0))
        return machine.invoke(
          {
            entries: new Map([
              ['0', { ...target }],
              ['1', { constant: text, origins: [], built: method?.built === true || target.built === true }],
            ]),
            origins: [],
          },
          values,
          line,
        )
      const known = method && hasOrigin(method, 'request')
      if (known)
        machine.sink({
          kind: 'dynamic-call',
          label: `a method named by the request, ${name}()`,
          line,
          values: [method, ...values],
        })
      return mixture([receiver, ...args], 'unseen')
    }
    default:
      return undefined
  }
}
