import type { Call } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import {
  added,
  base64Decoded,
  cutAt,
  decodedBy,
  folded,
  known,
  knownText,
  parsedNumber,
  sliced,
  spelled,
  urlDecoded,
} from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, fromSource, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { CONSTANT_RESULTS } from './java-names.ts'

/** java.lang.String and its friends, and what only looks at a value. */
export function textual(call: Call, receiver: Value): Value | undefined {
  const { name, args } = call
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  const self = receiver.entries?.get('text') ?? receiver
  if (CONSTANT_RESULTS.has(name))
    return folded([self, ...args], (value, argument) => tells(name, textOf(value), textOf(argument))) ?? UNKNOWN
  switch (name) {
    case 'toString':
    case 'valueOf':
    case 'copyValueOf':
      if (/^(?:String|Character)$/.test(type) && receiver.isClass) {
        const code = known(first)
        return type === 'Character' && typeof code === 'number'
          ? { constant: String.fromCharCode(code), origins: [], built: true }
          : spelled(first)
      }
      if (receiver.isClass) return mixture(args, 'number')
      if (args.length > 0 && type !== 'ByteArrayOutputStream') return undefined
      return self.constant !== undefined || self !== receiver ? self : spelled(self)
    case 'trim':
    case 'strip':
    case 'intern':
      return folded([self], value => textOf(value).trim()) ?? kept(self)
    case 'toLowerCase':
      return folded([self], value => textOf(value).toLowerCase()) ?? kept(self)
    case 'toUpperCase':
      return folded([self], value => textOf(value).toUpperCase()) ?? kept(self)
    case 'concat':
      return joined([self, first])
    case 'substring':
    case 'subSequence':
      return sliced(self, args)
    case 'charAt':
      return folded([self, first], (value, at) => textOf(value).charAt(numberOf(at))) ?? mixture([self])
    case 'replace':
    case 'replaceAll':
    case 'replaceFirst':
      return (
        folded([self, first, second], (value, from, to) =>
          textOf(from) === '' || (name !== 'replace' && /[\\[\](){}.*+?^$|]/.test(textOf(from)))
            ? undefined
            : textOf(value).replaceAll(textOf(from), () => textOf(to)),
        ) ?? mixture([self, second])
      )
    case 'reverse':
      return folded([self], value => [...textOf(value)].toReversed().join('')) ?? mixture([self])
    case 'split': {
      const text = knownText(self)
      const mark = knownText(first)
      if (text === undefined || mark === undefined || mark === '') return mixture([self])
      const plain = mark.replace(/^\\(?=\W$)/, '')
      if (/[\\[\](){}.*+?^$|]/.test(plain) && plain === mark && plain.length > 1) return UNKNOWN
      return cutAt(text, plain)
    }
    case 'getRealPath':
    case 'getResource':
      return joined([constant('/'), first])
    case 'format':
    case 'join':
      return mixture(args)
    case 'decode':
    case 'decodeBuffer':
    case 'decodeBase64':
    case 'parseBase64Binary':
    case 'decodeFast':
    case 'decodeFromString':
      return type === 'URLDecoder' ? urlDecoded(first) : base64Decoded(first)
    case 'parseHexBinary':
    case 'decodeHex':
      return decodedBy(first, 'hex', value =>
        value.replace(/([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16))),
      )
    case 'doFinal':
    case 'update':
      return type === 'MessageDigest' ? UNKNOWN : decodedBy(first, 'cipher', () => undefined)
    case 'parseInt':
    case 'parseLong':
    case 'parseByte':
      return parsedNumber(args)
    case 'add':
    case 'addAll':
    case 'put':
    case 'push':
      added(receiver, name === 'put' ? first : undefined, name === 'put' ? second : first)
      return UNKNOWN
    case 'get':
    case 'getOrDefault':
    case 'remove': {
      const key = known(first)
      const found = key === undefined ? undefined : receiver.entries?.get(textOf(key))
      if (found) return found
      if (receiver.type === 'source')
        return fromSource(
          'request',
          `${receiver.origins[0]?.label ?? 'request'}.get(${textOf(key ?? '').slice(0, 30)})`,
          call.line,
        )
      return mixture([receiver])
    }
    case 'orElse':
    case 'orElseGet':
    case 'orElseThrow':
    case 'nextToken':
    case 'useDelimiter':
    case 'lines':
    case 'collect':
    case 'reduce':
    case 'chars':
    case 'limit':
    case 'skip':
      return originsOf(receiver).length > 0 ? mixture([receiver]) : undefined
    case 'toArray':
      return receiver.entries ? { entries: new Map(receiver.entries), origins: [] } : undefined
    case 'asList':
      return first.entries ? first : { entries: new Map(args.map((arg, index) => [String(index), arg])), origins: [] }
    default:
      return undefined
  }
}

/** The value with what is known around it: trimmed and folded text says the same. */
export function kept(value: Value): Value {
  const { entries: _, type: __, ...rest } = value
  return originsOf(value).length > 0 ? { ...rest, origins: originsOf(value) } : UNKNOWN
}

function tells(name: string, value: string, argument: string): boolean | number | undefined {
  switch (name) {
    case 'equals':
      return value === argument
    case 'equalsIgnoreCase':
      return value.toLowerCase() === argument.toLowerCase()
    case 'isEmpty':
      return value === ''
    case 'length':
      return value.length
    case 'indexOf':
      return value.indexOf(argument)
    case 'startsWith':
      return value.startsWith(argument)
    case 'endsWith':
      return value.endsWith(argument)
    case 'contains':
      return value.includes(argument)
    default:
      return undefined
  }
}
