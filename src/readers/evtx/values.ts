import { isoFromMicros, MICROS_PER_SECOND, type Micros, micros } from '../../model/index.ts'
import { u16, u32 } from './layout.ts'

/** Type codes of binary XML values. */
export const NULL_TYPE = 0x00
export const STRING_TYPE = 0x01
const BOOLEAN_TYPE = 0x0d
const SIZE_TYPE = 0x10
export const FILETIME_TYPE = 0x11
export const BINXML_TYPE = 0x21
export const ANSI_TYPE = 0x02
export const BINARY_TYPE = 0x0e
export const XML_TEXT_TYPE = 0x23
export const ARRAY_FLAG = 0x80

/** Bytes of one item of a fixed-size type; 0 where the size is the value's own. */
const ITEM_BYTES: Readonly<Record<number, number>> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
}

/** More items than any real array; a hostile one of single bytes would give 65,535 fields a value. */
const MAX_ITEMS = 4096

/** 1970 counted in FILETIME ticks, its high and low half. */
const EPOCH_HIGH = 27_111_902
const EPOCH_LOW = 3_577_643_008
/** Nothing recorded an event before 1980 or after 2200: what lies outside is a broken clock or a broken record. */
const FIRST_MICROS = Date.UTC(1980, 0, 1) * 1000
const LAST_MICROS = Date.UTC(2200, 0, 1) * 1000

/** Microseconds since 1970 of a FILETIME (100 ns since 1601); sub-microsecond digits are cut. */
export function fileTimeMicros(low: number, high: number): number {
  const halves = high - EPOCH_HIGH
  return halves * 429_496_729 + Math.floor((halves * 6 + low - EPOCH_LOW) / 10)
}

/** A FILETIME as event time; undefined when no event can carry it. */
export function eventTimeOf(bytes: Uint8Array, at: number): Micros | undefined {
  const time = fileTimeMicros(u32(bytes, at), u32(bytes, at + 4))
  return time >= FIRST_MICROS && time < LAST_MICROS ? micros(time) : undefined
}

let lastSecond = Number.NaN
let lastSecondText = ''

/** The seventh digit of a FILETIME, which microseconds have no room for. */
export const fileTimeTick = (low: number, high: number) => ((((high - EPOCH_HIGH) * 6 + low - EPOCH_LOW) % 10) + 10) % 10

/** ISO 8601 until the point behind the seconds; records follow each other within one second. */
export function secondText(second: number): string {
  if (second !== lastSecond) {
    lastSecondText = isoFromMicros(micros(second * MICROS_PER_SECOND)).slice(0, -7)
    lastSecond = second
  }
  return lastSecondText
}

/** ISO 8601 with the seven digits of a FILETIME, as Windows prints it in event XML. */
function fileTimeText(low: number, high: number): string {
  const time = fileTimeMicros(low, high)
  const second = Math.floor(time / MICROS_PER_SECOND)
  const rest = String(time - second * MICROS_PER_SECOND).padStart(6, '0')
  return `${secondText(second)}${rest}${fileTimeTick(low, high)}Z`
}

/** SYSTEMTIME: year, month, day of the week, day, hour, minute, second, millisecond; all zero is the beginning of Windows' time. */
function systemTimeText(bytes: Uint8Array, at: number): string {
  if (u16(bytes, at) === 0 && u16(bytes, at + 2) === 0) return '1601-01-01T00:00:00.000Z'
  const part = (index: number, digits = 2) => String(u16(bytes, at + index * 2)).padStart(digits, '0')
  return `${part(0, 4)}-${part(1)}-${part(3)}T${part(4)}:${part(5)}:${part(6)}.${part(7, 3)}Z`
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const hex = (bytes: Uint8Array, at: number) => HEX[bytes[at] ?? 0] ?? ''

/** "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}" in lower case, as Windows prints it in event XML. */
function guidText(bytes: Uint8Array, at: number): string {
  let text = '{'
  for (const index of [3, 2, 1, 0]) text += hex(bytes, at + index)
  text += `-${hex(bytes, at + 5)}${hex(bytes, at + 4)}-${hex(bytes, at + 7)}${hex(bytes, at + 6)}-${hex(bytes, at + 8)}${hex(bytes, at + 9)}-`
  for (let index = 10; index < 16; index++) text += hex(bytes, at + index)
  return `${text}}`
}

/** SID text ("S-1-5-21-…"); hex where the bytes are none. */
function sidText(bytes: Uint8Array, at: number, size: number): string {
  const parts = bytes[at + 1] ?? 0
  if (size < 8 || size < 8 + parts * 4) return binaryText(bytes, at, size)
  let authority = 0
  for (let index = 2; index < 8; index++) authority = authority * 256 + (bytes[at + index] ?? 0)
  let text = `S-${bytes[at]}-${authority}`
  for (let index = 0; index < parts; index++) text += `-${u32(bytes, at + 8 + index * 4)}`
  return text
}

function binaryText(bytes: Uint8Array, at: number, size: number): string {
  let text = ''
  for (let index = 0; index < size; index++) text += hex(bytes, at + index)
  return text.toUpperCase()
}

/** Whole numbers, truth values, GUID, size, times, SID and hexadecimal numbers: their texts are made of few letters. */
export function isFormatted(type: number): boolean {
  return (type >= 0x03 && type <= 0x0a) || type === BOOLEAN_TYPE || (type >= 0x0f && type <= 0x15)
}

/** Text of the machine's 8-bit code page, which the log does not name: Western European, the most usual one. */
const ansi = new TextDecoder('windows-1252')
const ansiText = (bytes: Uint8Array, at: number, size: number) => ansi.decode(bytes.subarray(at, at + size))

/** Bytes of one item of an array. */
function itemBytes(type: number, size: number): number {
  // The width of size_t is the machine's: 8 wherever the array can be made of such.
  if (type === SIZE_TYPE) return size % 8 === 0 ? 8 : 4
  return ITEM_BYTES[type] ?? size
}

/** UTF-16 text; NUL characters at the end are filling of fixed-size fields, not text. */
export function utf16Text(bytes: Buffer, at: number, size: number): string {
  return bytes.toString('utf16le', at, at + 2 * utf16Length(bytes, at, size))
}

/** Code units of UTF-16 text without the NUL characters at its end. */
export function utf16Length(bytes: Uint8Array, at: number, size: number): number {
  let end = at + (size & ~1)
  while (end > at && bytes[end - 1] === 0 && bytes[end - 2] === 0) end -= 2
  return (end - at) / 2
}

const signed64 = (bytes: Buffer, at: number) => bytes.readBigInt64LE(at).toString()
const unsigned64 = (bytes: Buffer, at: number) => {
  const high = u32(bytes, at + 4)
  return high < 0x200000 ? String(high * 4294967296 + u32(bytes, at)) : bytes.readBigUInt64LE(at).toString()
}

/** Real numbers with the digits a float really has. */
const floatText = (value: number) => String(Number(value.toPrecision(7)))

/** One value as the text a Sigma rule sees: hexadecimal as 0x…, GUID, SID, ISO times, decimal numbers. */
export function valueText(bytes: Buffer, type: number, at: number, size: number): string {
  const wanted = ITEM_BYTES[type]
  if (wanted !== undefined && size < wanted) return size === 0 ? '' : shortText(bytes, type, at, size)
  switch (type) {
    case STRING_TYPE:
    case XML_TEXT_TYPE:
      return utf16Text(bytes, at, size)
    case ANSI_TYPE:
      return ansiText(bytes, at, size).replace(/\0+$/, '')
    case 0x03:
      return String(bytes.readInt8(at))
    case 0x04:
      return String(bytes[at])
    case 0x05:
      return String(bytes.readInt16LE(at))
    case 0x06:
      return String(u16(bytes, at))
    case 0x07:
      return String(bytes.readInt32LE(at))
    case 0x08:
      return String(u32(bytes, at))
    case 0x09:
      return signed64(bytes, at)
    case 0x0a:
      return unsigned64(bytes, at)
    case 0x0b:
      return floatText(bytes.readFloatLE(at))
    case 0x0c:
      return String(bytes.readDoubleLE(at))
    case BOOLEAN_TYPE:
      // Real files hold other values than 0 and 1; everything but 0 is true.
      return u32(bytes, at) === 0 ? 'false' : 'true'
    case 0x0f:
      return guidText(bytes, at)
    case SIZE_TYPE:
      return size >= 8 ? hex64Text(bytes, at) : size >= 4 ? `0x${u32(bytes, at).toString(16)}` : binaryText(bytes, at, size)
    case FILETIME_TYPE:
      return fileTimeText(u32(bytes, at), u32(bytes, at + 4))
    case 0x12:
      return systemTimeText(bytes, at)
    case 0x13:
      return sidText(bytes, at, size)
    case 0x14:
      return `0x${u32(bytes, at).toString(16)}`
    case 0x15:
      return hex64Text(bytes, at)
    case NULL_TYPE:
      return ''
    default:
      return binaryText(bytes, at, size)
  }
}

/** A value of fewer bytes than its type has: true and false of one byte are seen, everything else is shown as it is. */
function shortText(bytes: Buffer, type: number, at: number, size: number): string {
  if (type !== BOOLEAN_TYPE) return binaryText(bytes, at, size)
  return bytes.subarray(at, at + size).every(byte => byte === 0) ? 'false' : 'true'
}

function hex64Text(bytes: Buffer, at: number): string {
  const high = u32(bytes, at + 4)
  return high === 0 ? `0x${u32(bytes, at).toString(16)}` : `0x${high.toString(16)}${u32(bytes, at).toString(16).padStart(8, '0')}`
}

/** The items of an array value; one of no bytes is one empty item, as Windows prints it. */
export function arrayTexts(bytes: Buffer, type: number, at: number, size: number): readonly string[] {
  const itemType = type & ~ARRAY_FLAG
  if (size === 0) return ['']
  if (itemType === STRING_TYPE || itemType === ANSI_TYPE) {
    const text = itemType === STRING_TYPE ? bytes.toString('utf16le', at, at + (size & ~1)) : ansiText(bytes, at, size)
    return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0', MAX_ITEMS)
  }
  if (itemType === 0x13) return sidTexts(bytes, at, size)
  const step = itemBytes(itemType, size)
  const items: string[] = []
  for (let offset = 0; offset + step <= size && items.length < MAX_ITEMS; offset += step)
    items.push(valueText(bytes, itemType, at + offset, step))
  return items.length ? items : [binaryText(bytes, at, size)]
}

function sidTexts(bytes: Buffer, at: number, size: number): readonly string[] {
  const items: string[] = []
  let offset = 0
  while (offset + 8 <= size && items.length < MAX_ITEMS) {
    const length = 8 + (bytes[at + offset + 1] ?? 0) * 4
    items.push(sidText(bytes, at + offset, Math.min(length, size - offset)))
    offset += length
  }
  return items
}
