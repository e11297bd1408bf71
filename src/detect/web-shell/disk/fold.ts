import { inflateAny, inflateRaw } from './inflate.ts'
import { md5 } from './md5.ts'
import type { Value } from './value.ts'

/** Texts longer than this are not built: the largest packed shell of the public collections unpacks to less. */
export const MAX_TEXT = 1 << 20
/** A list that is built element by element has a few thousand at most (a table of characters). */
export const MAX_ENTRIES = 8_192

export type Constant = string | number | boolean | null

/** Text of a constant as PHP and Basic convert it. */
export function textOf(value: Constant | undefined): string {
  if (value === undefined || value === null || value === false) return ''
  return value === true ? '1' : String(value)
}

/** Number of a constant as PHP converts it: leading digits count. */
export function numberOf(value: Constant | undefined): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === null || value === undefined) return 0
  const parsed = Number.parseFloat(value)
  return Number.isNaN(parsed) ? 0 : parsed
}

export function truthOf(value: Constant): boolean {
  return value !== '' && value !== '0' && Boolean(value)
}

/** Two texts mixed bit by bit, as long as the shorter one: PHP's `^`, `&`, `|` on strings. */
export function mixed(sign: string, left: string, right: string): string {
  const length = sign === '|' ? Math.max(left.length, right.length) : Math.min(left.length, right.length)
  const codes = new Uint8Array(Math.min(length, MAX_TEXT))
  for (let i = 0; i < codes.length; i++) {
    const a = left.charCodeAt(i) || 0
    const b = right.charCodeAt(i) || 0
    codes[i] = sign === '^' ? a ^ b : sign === '&' ? a & b : a | b
  }
  return fromBytes(codes)
}

export function fromBytes(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return text
}

/** Base64 as lenient decoders read it; bytes one character each. */
export function fromBase64(text: string): string | undefined {
  let clean = text.replace(/[^A-Za-z\d+/]/g, '')
  if (clean.length % 4 === 1) clean = clean.slice(0, -1)
  return clean === '' ? undefined : atob(clean)
}

export function rot13(text: string): string {
  return text.replace(/[a-z]/gi, letter => {
    const code = letter.charCodeAt(0)
    return String.fromCharCode(code + ((code & 31) <= 13 ? 13 : -13))
  })
}

/** Uuencoded lines: length, then groups of four characters of six bits each. */
export function fromUu(text: string): string {
  let out = ''
  for (const line of text.split('\n')) {
    const length = (line.charCodeAt(0) - 32) & 63
    if (line === '' || length === 0) continue
    let bytes = ''
    for (let at = 1; at < line.length; at += 4) {
      const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map(i => ((line.charCodeAt(at + i) || 32) - 32) & 63)
      bytes += String.fromCharCode((a << 2) | (b >> 4), ((b << 4) | (c >> 2)) & 255, ((c << 6) | d) & 255)
    }
    out += bytes.slice(0, length)
  }
  return out
}

/** Characters of a list in `trim($text, "a..f")`. */
function charactersOf(list: string | undefined): ReadonlySet<string> {
  if (list === undefined) return new Set(' \t\n\r\0\v')
  const set = new Set<string>()
  for (let i = 0; i < list.length; i++) {
    if (list.slice(i + 1, i + 3) === '..' && i + 3 < list.length) {
      for (let code = list.charCodeAt(i); code <= list.charCodeAt(i + 3); code++) set.add(String.fromCharCode(code))
      i += 3
    } else set.add(list.charAt(i))
  }
  return set
}

function trimmed(text: string, list: string | undefined, left: boolean, right: boolean): string {
  const drop = charactersOf(list)
  let from = 0
  let to = text.length
  while (left && from < to && drop.has(text.charAt(from))) from++
  while (right && to > from && drop.has(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

/** substr() of PHP: php.net/substr */
export function substring(text: string, start: number, length: number | undefined): string {
  const from = start < 0 ? Math.max(0, text.length + start) : start
  const to = length === undefined ? text.length : length < 0 ? text.length + length : from + length
  return text.slice(from, Math.max(from, to))
}

function numbered(text: string, digits: number, size: number): string {
  let out = ''
  for (let i = 0; i + size <= text.length; i += size) {
    const code = Number.parseInt(text.slice(i, i + size), digits)
    if (Number.isNaN(code)) return out
    out += String.fromCharCode(code)
  }
  return out
}

type Fold = (args: readonly Constant[]) => Constant | undefined

const text = (work: (value: string, ...rest: readonly Constant[]) => Constant | undefined): Fold => {
  return ([first, ...rest]) => (first === undefined ? undefined : work(textOf(first), ...rest))
}
const optionalNumber = (value: Constant | undefined) => (value === undefined || value === null ? undefined : numberOf(value))
const inflated = (data: string) => inflateAny(data, MAX_TEXT)?.text

/** Decoders: what passes through one was packed. */
export const DECODERS: Readonly<Record<string, Fold>> = {
  base64_decode: text(value => fromBase64(value)),
  gzinflate: text(value => inflateRaw(value, 0, MAX_TEXT)?.text ?? inflated(value)),
  gzuncompress: text(inflated),
  gzdecode: text(inflated),
  zlib_decode: text(inflated),
  str_rot13: text(rot13),
  strrev: text(value => [...value].toReversed().join('')),
  hex2bin: text(value => numbered(value, 16, 2)),
  convert_uudecode: text(fromUu),
  rawurldecode: text(percentDecoded),
  urldecode: text(value => percentDecoded(value.replaceAll('+', ' '))),
  quoted_printable_decode: text(value =>
    value.replace(/=\r?\n/g, '').replace(/=([\da-f]{2})/gi, (_, pair: string) => numbered(pair, 16, 2)),
  ),
  pack: args => packed(args),
  html_entity_decode: text(entities),
  htmlspecialchars_decode: text(entities),
}

function entities(value: string): string {
  return value
    .replace(/&#x([\da-f]{1,4});/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,5});/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

export function percentDecoded(value: string): string {
  return value.replace(/%([\da-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16)))
}

function packed([format, ...values]: readonly Constant[]): string | undefined {
  const code = /^([HhCcAa])(\*|\d*)$/.exec(textOf(format ?? ''))
  if (!code) return undefined
  if (code[1] === 'H') return numbered(textOf(values[0]), 16, 2)
  if (code[1] === 'h') return numbered(textOf(values[0]).replace(/(.)(.)/g, '$2$1'), 16, 2)
  if (/c/i.test(code[1] ?? '')) return values.map(value => String.fromCharCode(numberOf(value) & 255)).join('')
  return textOf(values[0])
}

/** Functions that only build text and numbers; names of PHP, other dialects map theirs to these. */
export const PURE: Readonly<Record<string, Fold>> = {
  chr: ([code]) => String.fromCharCode(((numberOf(code) % 256) + 256) % 256),
  ord: text(value => (value === '' ? 0 : value.charCodeAt(0) & 255)),
  strtolower: text(value => value.toLowerCase()),
  strtoupper: text(value => value.toUpperCase()),
  ucfirst: text(value => value.charAt(0).toUpperCase() + value.slice(1)),
  lcfirst: text(value => value.charAt(0).toLowerCase() + value.slice(1)),
  ucwords: text(value => value.replace(/(^|\s)[a-z]/g, letter => letter.toUpperCase())),
  trim: text((value, list) => trimmed(value, list === undefined ? undefined : textOf(list), true, true)),
  ltrim: text((value, list) => trimmed(value, list === undefined ? undefined : textOf(list), true, false)),
  rtrim: text((value, list) => trimmed(value, list === undefined ? undefined : textOf(list), false, true)),
  chop: text((value, list) => trimmed(value, list === undefined ? undefined : textOf(list), false, true)),
  stripslashes: text(value => value.replace(/\\(.?)/gs, '$1')),
  stripcslashes: text(value =>
    value.replace(/\\x([\da-f]{1,2})|\\([0-7]{1,3})|\\(.)/gis, (_, hex?: string, octal?: string, other?: string) =>
      hex
        ? String.fromCharCode(Number.parseInt(hex, 16))
        : octal
          ? String.fromCharCode(Number.parseInt(octal, 8) & 255)
          : (other ?? ''),
    ),
  ),
  substr: text((value, from, length) => substring(value, numberOf(from), optionalNumber(length))),
  mb_substr: text((value, from, length) => substring(value, numberOf(from), optionalNumber(length))),
  strlen: text(value => value.length),
  str_repeat: text((value, times) =>
    value.length * numberOf(times) > MAX_TEXT ? undefined : value.repeat(Math.max(0, Math.floor(numberOf(times)))),
  ),
  strstr: text((value, mark, before) => {
    const at = value.indexOf(textOf(mark))
    return at < 0 ? false : truthOf(before ?? false) ? value.slice(0, at) : value.slice(at)
  }),
  strrchr: text((value, mark) => {
    const at = value.lastIndexOf(textOf(mark).charAt(0))
    return at < 0 ? false : value.slice(at)
  }),
  strpos: text((value, mark, from) => positionOf(value.indexOf(textOf(mark), numberOf(from)))),
  stripos: text((value, mark, from) => positionOf(value.toLowerCase().indexOf(textOf(mark).toLowerCase(), numberOf(from)))),
  strrpos: text((value, mark) => positionOf(value.lastIndexOf(textOf(mark)))),
  strtr: text((value, from, to) => (to === undefined ? undefined : translated(value, textOf(from), textOf(to)))),
  substr_replace: text((value, put, from, length) => {
    const start = numberOf(from)
    const at = start < 0 ? Math.max(0, value.length + start) : start
    return value.slice(0, at) + textOf(put) + value.slice(at + (optionalNumber(length) ?? value.length))
  }),
  implode: () => undefined,
  dechex: ([value]) => numberOf(value).toString(16),
  hexdec: text(value => Number.parseInt(value, 16) || 0),
  bindec: text(value => Number.parseInt(value, 2) || 0),
  octdec: text(value => Number.parseInt(value, 8) || 0),
  decbin: ([value]) => numberOf(value).toString(2),
  base_convert: text((value, from, to) => {
    const [source, target] = [numberOf(from), numberOf(to)]
    if (source < 2 || source > 36 || target < 2 || target > 36) return undefined
    const number = Number.parseInt(value, source)
    return Number.isNaN(number) ? '0' : number.toString(target)
  }),
  bin2hex: text(value => [...value].map(letter => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('')),
  base64_encode: text(value => (/^[\0-\xff]*$/.test(value) ? btoa(value) : undefined)),
  urlencode: text(value => encodeURIComponent(value)),
  rawurlencode: text(value => encodeURIComponent(value)),
  intval: ([value]) => Math.trunc(numberOf(value)),
  floor: ([value]) => Math.floor(numberOf(value)),
  ceil: ([value]) => Math.ceil(numberOf(value)),
  round: ([value]) => Math.round(numberOf(value)),
  abs: ([value]) => Math.abs(numberOf(value)),
  pow: ([base, exponent]) => numberOf(base) ** numberOf(exponent),
  sprintf: args => formatted(args),
  vsprintf: () => undefined,
  nl2br: text(value => value),
  addslashes: text(value => value.replace(/['"\\]/g, '\\$&')),
  md5: text(value => md5(value)),
  strval: ([value]) => textOf(value),
  basename: text(value => value.replace(/[\\/]+$/, '').replace(/^.*[\\/]/s, '')),
  dirname: text(value => value.replace(/[\\/][^\\/]*$/, '')),
  lcg_value: () => undefined,
}

function positionOf(at: number): number | false {
  return at < 0 ? false : at
}

function translated(value: string, from: string, to: string): string {
  const length = Math.min(from.length, to.length)
  const map = new Map<string, string>()
  for (let i = 0; i < length; i++) map.set(from.charAt(i), to.charAt(i))
  let out = ''
  for (const letter of value) out += map.get(letter) ?? letter
  return out
}

function formatted([format, ...values]: readonly Constant[]): string | undefined {
  if (format === undefined) return undefined
  let next = 0
  return textOf(format).replace(
    /%(?:(\d{1,2})\$)?[-+0]?(?:'.)?\d{0,3}(?:\.\d{1,2})?([%bcdeufosxX])/g,
    (_, position: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const value = values[position === undefined ? next++ : Number(position) - 1]
      switch (kind) {
        case 'c':
          return String.fromCharCode(numberOf(value) & 255)
        case 'd':
        case 'u':
          return String(Math.trunc(numberOf(value)))
        case 'x':
          return numberOf(value).toString(16)
        case 'X':
          return numberOf(value).toString(16).toUpperCase()
        case 'o':
          return numberOf(value).toString(8)
        case 'b':
          return numberOf(value).toString(2)
        default:
          return textOf(value)
      }
    },
  )
}

/** str_replace() with lists or texts: php.net/str_replace */
export function replaced(
  search: readonly string[],
  put: readonly string[] | string,
  subject: string,
  ignoreCase: boolean,
): string | undefined {
  let out = subject
  for (const [index, part] of search.entries()) {
    if (part === '') continue
    const by = typeof put === 'string' ? put : (put[index] ?? '')
    if (ignoreCase) out = out.replace(new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), () => by)
    else out = out.replaceAll(part, () => by)
    if (out.length > MAX_TEXT) return undefined
  }
  return out
}

/** Elements of a list whose keys are all known and in order, as constants; undefined when one is not. */
export function constantsOf(value: Value): Constant[] | undefined {
  if (value.entries === undefined) return undefined
  const list: Constant[] = []
  for (const entry of value.entries.values()) {
    if (entry.constant === undefined) return undefined
    list.push(entry.constant)
  }
  return list
}
