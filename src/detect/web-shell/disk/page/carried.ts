import { type Constant, fromBase64, numberOf, percentDecoded, textOf } from '../fold.ts'
import type { Origin, Value } from '../value.ts'
import { constant, joined, mixture, originsOf, UNKNOWN } from '../values.ts'

/** What is certain of a value; undefined when any of it comes from somewhere. */
export function known(value: Value | undefined): Constant | undefined {
  return value === undefined || value.origins.length > 0 ? undefined : value.constant
}

export function knownText(value: Value | undefined): string | undefined {
  const text = known(value)
  return typeof text === 'string' ? text : undefined
}

export function hasOrigin(value: Value, ...kinds: readonly Origin['kind'][]): boolean {
  return originsOf(value).some(({ kind }) => kinds.includes(kind))
}

/** The value after a decoder: what is certain is decoded, the rest carries the decoder's name along. */
export function decodedBy(value: Value, how: string, fold: (text: string) => string | undefined): Value {
  const text = textOfBytes(value)
  if (text !== undefined) {
    const plain = fold(text)
    return plain === undefined
      ? { origins: [{ kind: 'packed', label: how, line: 0, steps: [], decoders: [how] }] }
      : { constant: plain, origins: [], built: true, layers: [...(value.layers ?? []), how] }
  }
  const { constant: _, entries: __, ...rest } = value
  return {
    ...rest,
    origins: originsOf(value).map(origin =>
      origin.decoders.includes(how) ? origin : { ...origin, decoders: [...origin.decoders, how] },
    ),
  }
}

export const base64Decoded = (value: Value) => decodedBy(value, 'base64', fromBase64)
export const urlDecoded = (value: Value) => decodedBy(value, 'url', text => percentDecoded(text.replaceAll('+', ' ')))

/** Longer lists are tables of data. */
const MAX_BYTES = 1 << 16

/** Text of a value that is text, or a list of bytes or characters. */
export function textOfBytes(value: Value | undefined): string | undefined {
  if (value === undefined || value.origins.length > 0) return undefined
  if (typeof value.constant === 'string') return value.constant
  const { entries } = value
  if (entries === undefined || entries.size === 0 || entries.size > MAX_BYTES) return undefined
  let text = ''
  for (const entry of entries.values()) {
    if (entry.origins.length > 0) return undefined
    if (typeof entry.constant === 'number')
      text += String.fromCharCode(entry.constant < 0 ? entry.constant & 255 : entry.constant)
    else if (typeof entry.constant === 'string' && entry.constant.length === 1) text += entry.constant
    else return undefined
  }
  return text
}

/** Text made of bytes or characters: built, so that no search finds it. */
export function spelled(value: Value): Value {
  const text = textOfBytes(value)
  if (text === undefined) return mixture([value])
  return typeof value.constant === 'string' ? value : { constant: text, origins: [], built: true }
}

/** A pure function of constants; undefined when an argument is not certain. */
export function folded(
  args: readonly Value[],
  work: (...values: readonly Constant[]) => Constant | undefined,
): Value | undefined {
  const values: Constant[] = []
  let layers: readonly string[] | undefined
  for (const arg of args) {
    const value = known(arg) ?? textOfBytes(arg)
    if (value === undefined) return undefined
    values.push(value)
    layers ??= arg.layers
  }
  const result = work(...values)
  return result === undefined ? undefined : { ...constant(result), built: true, ...(layers ? { layers } : {}) }
}

/** Values with lists spread out: what is handed to a program as its words. */
export function spread(values: readonly Value[]): Value[] {
  return values.flatMap(value =>
    value.entries && !value.isObject && value.constant === undefined ? [...value.entries.values()] : [value],
  )
}

/** The last part of a qualified name. */
export function simpleName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1)
}

/** Longer lists of parts are tables of data. */
const MAX_PARTS = 8_000

/** A text cut at a mark. */
export function cutAt(text: string, mark: string): Value {
  return {
    entries: new Map(
      text
        .split(mark)
        .slice(0, MAX_PARTS)
        .map((part, index) => [String(index), { constant: part, origins: [], built: true }]),
    ),
    origins: [],
  }
}

/** The object after a value was put at the end of the text it builds up. */
export function appended(object: Value, value: Value): Value {
  object.entries?.set('text', joined([object.entries.get('text') ?? constant(''), value]))
  return object
}

/** The number of a letter: a number as long as nobody makes a letter of it again. */
const LETTER_CODE = 'code'

/** `asc("x")`, `"x".charCodeAt(0)` of text that comes from somewhere. */
export function asCode(text: Value): Value {
  return mixture([text], LETTER_CODE)
}

/** The letter of such a number, whatever was calculated with it on the way. */
export function asLetter(code: Value): Value {
  if (code.cleaned !== LETTER_CODE) return code
  const { cleaned: _, ...rest } = code
  return rest
}

/** A text worked on by a function; where it is not known, it still comes from where it came. */
export function worked(text: Value, work: (text: string) => string): Value {
  return folded([text], value => work(textOf(value))) ?? mixture([text])
}

/** `substring(from, to)` and `slice` of Java and JScript. */
export function sliced(text: Value, bounds: readonly Value[]): Value {
  return (
    folded([text, ...bounds], (value, from, to) =>
      textOf(value).slice(numberOf(from), to === undefined ? undefined : numberOf(to)),
    ) ?? mixture([text])
  )
}

/** `substr(from, length)` of JScript, `Substring` of .NET. */
export function partOf(text: Value, bounds: readonly Value[]): Value {
  return (
    folded([text, ...bounds], (value, from, length) =>
      textOf(value).substr(numberOf(from), length === undefined ? undefined : numberOf(length)),
    ) ?? mixture([text])
  )
}

/** A number read from a text. Of base 16 it is a letter of hidden text, and comes from where the text does. */
export function parsedNumber(args: readonly Value[]): Value {
  if (args[0] && known(args[1]) === 16 && originsOf(args[0]).length > 0) return decodedBy(args[0], 'hex', () => undefined)
  return folded(args, (value, base) => Number.parseInt(textOf(value), base === undefined ? 10 : numberOf(base))) ?? UNKNOWN
}

/** Puts a value into a list or table an object holds. */
export function added(object: Value, key: Value | undefined, value: Value): void {
  if (object.entries && object.isObject && object.entries.size < MAX_PARTS)
    object.entries.set(key === undefined ? String(object.entries.size) : (knownText(key) ?? '*'), value)
}
