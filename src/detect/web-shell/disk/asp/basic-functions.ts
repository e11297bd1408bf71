import type { Call } from '../dialect.ts'
import { type Constant, numberOf, percentDecoded, textOf } from '../fold.ts'
import { asCode, asLetter, decodedBy, folded, known, knownText } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { constant, joined, mixture, originsOf, UNKNOWN } from '../values.ts'

/** MS-VBAL section 6.1: functions that only build text and numbers. */
const PURE: Readonly<Record<string, (...values: readonly Constant[]) => Constant | undefined>> = {
  chr: code => String.fromCharCode(basicNumber(code) & 0xffff),
  chrw: code => String.fromCharCode(basicNumber(code) & 0xffff),
  chrb: code => String.fromCharCode(basicNumber(code) & 0xff),
  asc: value => (textOf(value) === '' ? undefined : textOf(value).charCodeAt(0)),
  ascw: value => (textOf(value) === '' ? undefined : textOf(value).charCodeAt(0)),
  ascb: value => (textOf(value) === '' ? undefined : textOf(value).charCodeAt(0) & 255),
  mid: (value, from, length) =>
    textOf(value).substr(Math.max(0, numberOf(from) - 1), length === undefined ? undefined : numberOf(length)),
  midb: (value, from, length) =>
    textOf(value).substr(Math.max(0, numberOf(from) - 1), length === undefined ? undefined : numberOf(length)),
  left: (value, length) => textOf(value).slice(0, Math.max(0, numberOf(length))),
  right: (value, length) => (numberOf(length) <= 0 ? '' : textOf(value).slice(-numberOf(length))),
  strreverse: value => [...textOf(value)].toReversed().join(''),
  lcase: value => textOf(value).toLowerCase(),
  ucase: value => textOf(value).toUpperCase(),
  trim: value => textOf(value).trim(),
  ltrim: value => textOf(value).trimStart(),
  rtrim: value => textOf(value).trimEnd(),
  cstr: value => textOf(value),
  len: value => textOf(value).length,
  lenb: value => textOf(value).length,
  hex: value => (numberOf(value) >>> 0).toString(16).toUpperCase(),
  oct: value => (numberOf(value) >>> 0).toString(8),
  space: count => ' '.repeat(Math.min(Math.max(0, numberOf(count)), 10_000)),
  string: (count, letter) =>
    (typeof letter === 'number' ? String.fromCharCode(letter) : textOf(letter ?? '').charAt(0)).repeat(
      Math.min(Math.max(0, numberOf(count)), 10_000),
    ),
  instr: (...values) => {
    const [from, text, mark] = typeof values[0] === 'number' && values.length > 2 ? values : [1, ...values]
    return (
      textOf(text ?? '')
        .toLowerCase()
        .indexOf(textOf(mark ?? '').toLowerCase(), Math.max(0, numberOf(from) - 1)) + 1
    )
  },
  replace: (value, from, to) =>
    textOf(from) === '' ? textOf(value) : textOf(value).replaceAll(textOf(from), () => textOf(to ?? '')),
  fix: value => Math.trunc(numberOf(value)),
  int: value => Math.floor(numberOf(value)),
  abs: value => Math.abs(numberOf(value)),
  sqr: value => Math.sqrt(numberOf(value)),
  val: value => numberOf(value),
}
/** The result is a number whatever goes in. */
const NUMBERS = new Set(
  'cint clng cdbl csng cbool cbyte cdate ccur asc ascw ascb len lenb instr instrrev isnumeric isempty isnull isdate isobject isarray strcomp ubound lbound val int fix abs sqr hex oct timer rnd year month day hour minute second vartype typename datediff'.split(
    ' ',
  ),
)
/** Text goes through, whatever else happens to it. */
const CARRIERS = new Set(
  'mid midb left leftb right rightb strreverse lcase ucase trim ltrim rtrim cstr replace join split string array cvar ccur filter'.split(
    ' ',
  ),
)

/** Functions of VBScript and Visual Basic; undefined for all others. */
export function basicFunction({ name, args }: Call): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN] = args
  const base = name.replace(/\$$/, '')
  if (base === '(number)') {
    const value = known(first)
    return typeof value === 'string' ? constant(basicNumber(value)) : first
  }
  if (base === 'array') return { entries: new Map(args.map((arg, index) => [String(index), arg])), origins: [] }
  if (base === 'split') {
    const text = knownText(first)
    if (text === undefined) return mixture([first])
    const mark = knownText(second) ?? ' '
    return {
      entries: new Map(
        (mark === '' ? [text] : text.split(mark))
          .slice(0, 8_000)
          .map((part, index) => [String(index), { constant: part, origins: [], built: true }]),
      ),
      origins: [],
    }
  }
  if (base === 'join') return listJoined(first, args.length > 1 ? second : constant(' '))
  if (base === 'ubound' && first.entries) return constant(first.entries.size - 1)
  if (base === 'lbound') return constant(0)
  if (base === 'unescape') return decodedBy(first, 'unescape', unescaped)
  if (/^c(?:int|lng|dbl|byte)$/.test(base)) {
    const value = known(first)
    return value === undefined ? UNKNOWN : constant(basicNumber(value))
  }
  const pure = Object.hasOwn(PURE, base) ? PURE[base] : undefined
  if (pure) {
    const result = folded(args, pure)
    if (result !== undefined) return result
  }
  // A letter for a number of the visitor's: text that was sent in numbers.
  if (/^chr[wb]?$/.test(base) && first.origins.length > 0) return decodedBy(asLetter(first), base, () => undefined)
  if (/^asc[wb]?$/.test(base) && originsOf(first).length > 0) return asCode(first)
  if (NUMBERS.has(base)) return UNKNOWN
  return CARRIERS.has(base) ? mixture(base === 'replace' ? [first, args[2] ?? UNKNOWN] : [first]) : undefined
}

/** The elements of a list as one text. */
export function listJoined(list: Value, between: Value): Value {
  if (!list.entries || list.origins.length > 0) return mixture([list])
  return joined([...list.entries.values()].flatMap((entry, index) => (index === 0 ? [entry] : [between, entry])))
}

/** "&H41" is a number to Basic. */
function basicNumber(value: Constant): number {
  if (typeof value === 'number') return Math.round(value)
  const hex = /^\s*&h([\da-f]{1,8})&?\s*$/i.exec(textOf(value))
  return hex ? Number.parseInt(hex[1] ?? '0', 16) : numberOf(value)
}

/** unescape() of JScript and VBScript. */
export function unescaped(text: string): string {
  return percentDecoded(text.replace(/%u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))))
}
