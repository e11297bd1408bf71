import type { Call } from '../dialect.ts'
import { numberOf, textOf } from '../fold.ts'
import {
  added,
  appended,
  base64Decoded,
  cutAt,
  decodedBy,
  folded,
  knownText,
  parsedNumber,
  partOf,
  spelled,
  spread,
  textOfBytes,
  urlDecoded,
  worked,
} from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, either, joined, mixture, originsOf, UNKNOWN } from '../values.ts'
import { CARRIERS, NUMBERS, TELLS } from './dotnet-names.ts'

/** Texts, lists and streams. */
export function textual({ name, args, out }: Call, receiver: Value): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN] = args
  const type = receiver.type ?? ''
  const self = receiver.entries?.get('text') ?? receiver
  switch (name) {
    case 'frombase64string':
      return base64Decoded(first)
    case 'frombase64transform':
    case 'transformfinalblock':
    case 'transformblock':
      return decodedBy(first, 'cipher', () => undefined)
    case 'urldecode':
    case 'unescapedatastring':
      return urlDecoded(first)
    case 'getstring':
    case 'getchars':
      return textOfBytes(first) === undefined ? mixture([first]) : spelled(first)
    case 'getbytes':
      return first
    case 'append':
    case 'appendline':
    case 'appendformat':
    case 'insert':
    case 'write':
    case 'writeline':
      if (receiver.entries?.has('text')) return appended(receiver, name === 'insert' ? second : spelled(first))
      if (name === 'insert' && originsOf(self).length > 0) return mixture([self, second])
      if (type === 'stream' && receiver.entries) receiver.entries.set('held', either(receiver.entries.get('held'), mixture(args)))
      return UNKNOWN
    case 'read':
      if (args.length > 0) out(0, mixture([receiver]))
      return mixture([receiver])
    case 'substring':
      return partOf(self, args)
    case 'replace':
      // Regex.Replace(text, pattern, instead)
      if (receiver.isClass) return mixture([first, args[2] ?? UNKNOWN])
      return (
        folded([self, first, second], (value, from, to) =>
          textOf(from) === '' ? undefined : textOf(value).replaceAll(textOf(from), () => textOf(to)),
        ) ?? mixture([self, second])
      )
    case 'tolower':
    case 'tolowerinvariant':
      return worked(self, text => text.toLowerCase())
    case 'toupper':
    case 'toupperinvariant':
      return worked(self, text => text.toUpperCase())
    case 'trim':
      return worked(self, text => text.trim())
    case 'concat': {
      const parts = receiver.isClass ? spread(args) : [self, ...spread(args)]
      return joined(parts)
    }
    case 'join': {
      const between = first
      const parts = spread(args.slice(1))
      return joined(parts.flatMap((part, index) => (index === 0 ? [part] : [between, part])))
    }
    case 'format': {
      const text = knownText(first)
      const values = spread(args.slice(1))
      if (text === undefined) return mixture(args)
      const pieces = text.split(/\{(\d{1,2})[^}]{0,20}\}/)
      return joined(pieces.map((piece, index) => (index % 2 === 0 ? constant(piece) : (values[Number(piece)] ?? UNKNOWN))))
    }
    case 'reverse':
      return folded([self], value => [...textOf(value)].toReversed().join('')) ?? mixture([self, ...args])
    case 'tostring':
      if (receiver.isClass) return mixture(args)
      return self.constant !== undefined || self !== receiver
        ? self
        : textOfBytes(self) === undefined
          ? mixture([self])
          : spelled(self)
    case 'tochar':
    case 'chr':
    case 'chrw':
      return folded([first], code => String.fromCharCode(numberOf(code) & 0xffff)) ?? UNKNOWN
    case 'split': {
      const text = knownText(self)
      const mark = knownText(first)
      return text === undefined || mark === undefined || mark === '' ? mixture([self]) : cutAt(text, mark)
    }
    case 'add':
      added(receiver, args.length > 1 ? first : undefined, args.length > 1 ? second : first)
      return UNKNOWN
    default:
  }
  if (TELLS.has(name)) return UNKNOWN
  if (NUMBERS.has(name)) return parsedNumber(args.slice(0, 2))
  if (CARRIERS.has(name)) return mixture(receiver.isClass ? args : [self, ...args])
  return undefined
}
