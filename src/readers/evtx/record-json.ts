import { MICROS_PER_SECOND } from '../../model/index.ts'
import type { Slot } from './element-parser.ts'
import type { Instance } from './instance.ts'
import { u16, u32 } from './layout.ts'
import type { Plan, PlanField } from './plan.ts'
import {
  ANSI_TYPE,
  BINARY_TYPE,
  BINXML_TYPE,
  FILETIME_TYPE,
  fileTimeMicros,
  fileTimeTick,
  NULL_TYPE,
  STRING_TYPE,
  secondText,
  utf16Length,
  valueText,
  XML_TEXT_TYPE,
} from './values.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
const MINUS = 0x2d
const ZERO = 0x30
const LETTER_U = 0x75
const LETTER_X = 0x78
const LETTER_CAPITAL_Z = 0x5a
/** The longest escape of one UTF-16 unit, \uxxxx. */
const MAX_BYTES_PER_UNIT = 6
/** Quotes, and the longest of the values that are no text (a time, a GUID). */
const FIXED_ROOM = 64

const encoder = new TextEncoder()

/** `,"name":"` of each field, or all of it where the definition holds the text; made once for a definition. */
const prefixes = new WeakMap<Plan, readonly Uint8Array[]>()

function prefixesOf(plan: Plan): readonly Uint8Array[] {
  let known = prefixes.get(plan)
  if (!known) {
    known = plan.fields.map(field => encoder.encode(field.literalJson === undefined ? `,${field.key}"` : `,${field.literalJson}`))
    prefixes.set(plan, known)
  }
  return known
}

/**
 * The JSON text of a record of at most one embedded definition, byte for byte as `JSON.stringify` makes it, straight from the record's
 * values. Returns where it ends, -1 when the target has no room.
 */
export function writeRecordJson(root: Instance, target: Uint8Array, at: number): number {
  let end = writeInstance(root, target, at)
  if (end >= 0 && root.inner) end = writeInstance(root.inner, target, end)
  if (end < 0 || end + 2 > target.length) return -1
  if (end === at) target[end++] = OPEN
  // Every field begins with a comma; the first one's is the brace.
  else target[at] = OPEN
  target[end++] = CLOSE
  return end
}

function writeInstance(instance: Instance, target: Uint8Array, at: number): number {
  const { fields } = instance.plan
  const known = prefixesOf(instance.plan)
  let end = at
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as PlanField
    const prefix = known[index] as Uint8Array
    if (field.literalJson !== undefined) {
      if (end + prefix.length > target.length) return -1
      end = copy(prefix, target, end)
      continue
    }
    const { slot, onlyWith } = field
    if (onlyWith && instance.typeOf(onlyWith.index) === NULL_TYPE) continue
    if (!slot) {
      end = writeParts(instance, field, prefix, target, end)
      if (end < 0) return -1
      continue
    }
    const type = instance.typeOf(slot.index)
    if (type === BINXML_TYPE || (type === NULL_TYPE && slot.optional)) continue
    const size = instance.sizeOf(slot.index)
    if (end + prefix.length + FIXED_ROOM + (size >>> 1) * MAX_BYTES_PER_UNIT > target.length) return -1
    end = copy(prefix, target, end)
    end = writeValue(instance.bytes, type, instance.startOf(slot.index), size, target, end)
    if (end < 0 || end === target.length) return -1
    target[end++] = QUOTE
  }
  return end
}

/** A loop: fields' names are too short for a call into the runtime to pay. */
function copy(bytes: Uint8Array, target: Uint8Array, at: number): number {
  for (let index = 0; index < bytes.length; index++) target[at + index] = bytes[index] as number
  return at + bytes.length
}

/** A text made of several pieces. */
function writeParts(instance: Instance, { parts }: PlanField, prefix: Uint8Array, target: Uint8Array, at: number): number {
  let text = ''
  for (const part of parts) text += typeof part === 'string' ? part : slotText(instance, part)
  if (at + prefix.length + FIXED_ROOM > target.length) return -1
  const end = writeText(text, target, copy(prefix, target, at))
  if (end < 0 || end === target.length) return -1
  target[end] = QUOTE
  return end + 1
}

function slotText(instance: Instance, slot: Slot): string {
  const type = instance.typeOf(slot.index)
  if (type === NULL_TYPE || type === BINXML_TYPE) return ''
  return valueText(instance.bytes, type, instance.startOf(slot.index), instance.sizeOf(slot.index))
}

/** Any text, escaped, without the quotes around it. */
function writeText(text: string, target: Uint8Array, at: number): number {
  const json = JSON.stringify(text).slice(1, -1)
  const { read, written } = encoder.encodeInto(json, target.subarray(at))
  return read === json.length ? at + written : -1
}

/** A text that holds nothing to be escaped. */
function writeAscii(text: string, target: Uint8Array, at: number): number {
  if (at + text.length > target.length) return -1
  for (let index = 0; index < text.length; index++) target[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** The values that make nearly all of real records; every other one goes through its text. */
function writeValue(bytes: Buffer, type: number, at: number, size: number, target: Uint8Array, end: number): number {
  switch (type) {
    case STRING_TYPE:
      return writeUtf16(bytes, at, utf16Length(bytes, at, size), target, end)
    case 0x04:
      if (size >= 1) return writeDecimal(bytes[at] as number, target, end)
      break
    case 0x06:
      if (size >= 2) return writeDecimal(u16(bytes, at), target, end)
      break
    case 0x08:
      if (size >= 4) return writeDecimal(u32(bytes, at), target, end)
      break
    case 0x0a:
      if (size >= 8 && u32(bytes, at + 4) === 0) return writeDecimal(u32(bytes, at), target, end)
      break
    case 0x0f:
      if (size >= 16) return writeGuid(bytes, at, target, end)
      break
    case 0x14:
      if (size >= 4) return writeHex(0, u32(bytes, at), target, end)
      break
    case BINARY_TYPE:
      return writeBinary(bytes, at, size, target, end)
    case FILETIME_TYPE:
      if (size >= 8) return writeFileTime(bytes, at, target, end)
      break
    case 0x15:
      if (size >= 8) return writeHex(u32(bytes, at + 4), u32(bytes, at), target, end)
      break
    case ANSI_TYPE:
    case XML_TEXT_TYPE:
      return writeText(valueText(bytes, type, at, size), target, end)
    default:
  }
  // Whatever is no text is shown in digits, letters and hyphens.
  return writeAscii(valueText(bytes, type, at, size), target, end)
}

/** 1 for ASCII that stands as it is in a JSON text. */
const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => (code < 0x20 || code === QUOTE || code === BACKSLASH ? 0 : 1))
/** The letter behind the backslash for the characters that have one. */
const SHORT_ESCAPES: Readonly<Record<number, number>> = {
  8: 0x62,
  9: 0x74,
  10: 0x6e,
  12: 0x66,
  13: 0x72,
  [QUOTE]: QUOTE,
  [BACKSLASH]: BACKSLASH,
}
const CAPITAL_HEX_DIGITS = encoder.encode('0123456789ABCDEF')
const HEX_DIGITS = encoder.encode('0123456789abcdef')

function writeUtf16(bytes: Uint8Array, at: number, length: number, target: Uint8Array, to: number): number {
  let end = to
  const stop = at + 2 * length
  for (let from = at; from < stop; from += 2) {
    const low = bytes[from] as number
    const high = bytes[from + 1] as number
    if (high === 0 && low < 0x80) {
      if (PLAIN[low] === 1) target[end++] = low
      else end = writeEscape(low, target, end)
      continue
    }
    const unit = low | (high << 8)
    if (unit < 0x800) {
      target[end++] = 0xc0 | (unit >> 6)
      target[end++] = 0x80 | (unit & 0x3f)
    } else if (unit < 0xd800 || unit > 0xdfff) {
      target[end++] = 0xe0 | (unit >> 12)
      target[end++] = 0x80 | ((unit >> 6) & 0x3f)
      target[end++] = 0x80 | (unit & 0x3f)
    } else {
      const next = from + 3 < stop ? (bytes[from + 2] as number) | ((bytes[from + 3] as number) << 8) : 0
      // Half of a pair has no UTF-8; JSON writes it as its number.
      if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) end = writeUnicodeEscape(unit, target, end)
      else {
        const point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff)
        target[end++] = 0xf0 | (point >> 18)
        target[end++] = 0x80 | ((point >> 12) & 0x3f)
        target[end++] = 0x80 | ((point >> 6) & 0x3f)
        target[end++] = 0x80 | (point & 0x3f)
        from += 2
      }
    }
  }
  return end
}

function writeEscape(code: number, target: Uint8Array, at: number): number {
  const letter = SHORT_ESCAPES[code]
  if (letter === undefined) return writeUnicodeEscape(code, target, at)
  target[at] = BACKSLASH
  target[at + 1] = letter
  return at + 2
}

function writeUnicodeEscape(unit: number, target: Uint8Array, at: number): number {
  target[at] = BACKSLASH
  target[at + 1] = LETTER_U
  for (let digit = 0; digit < 4; digit++) target[at + 2 + digit] = HEX_DIGITS[(unit >> (12 - 4 * digit)) & 15] as number
  return at + 6
}

function writeDecimal(value: number, target: Uint8Array, at: number): number {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  let rest = value
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10)
    target[place] = ZERO + (rest - 10 * tenth)
    rest = tenth
  }
  return at + digits
}

/** ISO 8601 with seven digits; `FIXED_ROOM` has room for any year. */
function writeFileTime(bytes: Buffer, at: number, target: Uint8Array, to: number): number {
  const low = u32(bytes, at)
  const high = u32(bytes, at + 4)
  const time = fileTimeMicros(low, high)
  const second = Math.floor(time / MICROS_PER_SECOND)
  let rest = time - second * MICROS_PER_SECOND
  // Times beyond the exact numbers have a text that only the text itself knows.
  if (rest < 0 || rest >= MICROS_PER_SECOND) return writeAscii(valueText(bytes, FILETIME_TYPE, at, 8), target, to)
  const end = writeAscii(secondText(second), target, to)
  if (end < 0) return -1
  for (let place = end + 5; place >= end; place--) {
    const tenth = Math.floor(rest / 10)
    target[place] = ZERO + (rest - 10 * tenth)
    rest = tenth
  }
  target[end + 6] = ZERO + fileTimeTick(low, high)
  target[end + 7] = LETTER_CAPITAL_Z
  return end + 8
}

/** Bytes as capital hexadecimal digits; what `MAX_BYTES_PER_UNIT` leaves for each two of them is more. */
function writeBinary(bytes: Uint8Array, at: number, size: number, target: Uint8Array, to: number): number {
  let end = to
  for (let from = at; from < at + size; from++) {
    const byte = bytes[from] ?? 0
    target[end++] = CAPITAL_HEX_DIGITS[byte >> 4] as number
    target[end++] = CAPITAL_HEX_DIGITS[byte & 15] as number
  }
  return end
}

function writeHex(high: number, low: number, target: Uint8Array, at: number): number {
  target[at] = ZERO
  target[at + 1] = LETTER_X
  let end = at + 2
  let shift = 28
  if (high === 0) while (shift > 0 && low >>> shift === 0) shift -= 4
  else end = writeHex(0, high, target, at)
  for (; shift >= 0; shift -= 4) target[end++] = HEX_DIGITS[(low >>> shift) & 15] as number
  return end
}

/** Bytes of a GUID in the order they are printed; -1 for a hyphen. */
const GUID_ORDER = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15]

function writeGuid(bytes: Uint8Array, at: number, target: Uint8Array, to: number): number {
  let end = to
  target[end++] = OPEN
  for (const place of GUID_ORDER) {
    if (place < 0) target[end++] = MINUS
    else {
      const byte = bytes[at + place] as number
      target[end++] = HEX_DIGITS[byte >> 4] as number
      target[end++] = HEX_DIGITS[byte & 15] as number
    }
  }
  target[end++] = CLOSE
  return end
}
