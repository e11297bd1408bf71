import { ByteWriter, type ElementShape } from './binxml.ts'

/** Binary XML inside a value: an element of its own, or a definition with values; several stand one behind the other. */
export type EmbeddedXml =
  | { readonly element: ElementShape; readonly dependency?: false; readonly bare?: true }
  | { readonly template: ElementShape; readonly values: readonly EvtxValue[]; readonly dependency?: false }

/**
 * A value of an event: text, text of several items (an array value), or one of the typed forms Windows uses.
 * `hex` is HexInt32 up to 0xffffffff and HexInt64 above; `guid` and `sid` are their usual text; `time` is microseconds since 1970 UTC,
 * `fileTime` the ticks of 100 ns since 1601 themselves, `systemTime` the eight numbers of a SYSTEMTIME; `array` holds values of one
 * type of fixed size (or SIDs); `raw` is whatever a test wants.
 */
export type EvtxValue =
  | string
  | readonly string[]
  | null
  | { readonly int8: number }
  | { readonly uint8: number }
  | { readonly int16: number }
  | { readonly uint16: number }
  | { readonly int32: number }
  | { readonly uint32: number }
  | { readonly int64: bigint }
  | { readonly uint64: bigint }
  | { readonly float: number }
  | { readonly double: number }
  | { readonly boolean: boolean | number }
  | { readonly hex: number | bigint }
  | { readonly guid: string }
  | { readonly sid: string }
  | { readonly time: number }
  | { readonly fileTime: bigint }
  | { readonly systemTime: readonly number[] }
  | { readonly size32: number }
  | { readonly size64: bigint }
  | { readonly ansi: Uint8Array }
  | { readonly ansiArray: readonly Uint8Array[] }
  | { readonly xmlText: string }
  | { readonly binary: Uint8Array }
  | { readonly array: readonly EvtxValue[] }
  | { readonly xml: readonly EmbeddedXml[] }
  | { readonly raw: Uint8Array; readonly type: number }

/** A value as a record holds it: type code and bytes; binary XML is written where it stands, because its names depend on the place. */
export interface EncodedValue {
  readonly type: number
  readonly bytes: Uint8Array
  readonly xml?: readonly EmbeddedXml[]
}

/** Microseconds between 1601, where FILETIME begins, and 1970. */
const EPOCH_MICROS = 11_644_473_600_000_000n

export function fileTime(micros: number): bigint {
  return (BigInt(Math.trunc(micros)) + EPOCH_MICROS) * 10n
}

/** The 16 bytes of "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}", braces or not. */
export function guidBytes(text: string): Uint8Array {
  const digits = text.replace(/[{}-]/g, '')
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new RangeError(`not a GUID: ${text}`)
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  return Uint8Array.of(...[3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map(index => bytes[index] ?? 0))
}

function sidBytes(text: string): Uint8Array {
  const match = /^S-1-(\d+)((?:-\d+)*)$/.exec(text)
  if (!match) throw new RangeError(`not a SID: ${text}`)
  const authority = BigInt(match[1] ?? '0')
  const parts = (match[2] ?? '').split('-').slice(1)
  const out = new ByteWriter(0).u8(1, parts.length)
  for (let shift = 40n; shift >= 0n; shift -= 8n) out.u8(Number((authority >> shift) & 0xffn))
  for (const part of parts) out.u32(Number(part))
  return out.finish()
}

/** A number of any size and kind, little-endian. */
function numberBytes(size: number, set: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size)
  set(new DataView(bytes.buffer))
  return bytes
}

const utf16Bytes = (text: string) => new ByteWriter(0).utf16(text).finish()
const u64Bytes = (value: bigint) => numberBytes(8, view => view.setBigUint64(0, BigInt.asUintN(64, value), true))
const u32Bytes = (value: number) => numberBytes(4, view => view.setUint32(0, value >>> 0, true))
const u16Bytes = (value: number) => numberBytes(2, view => view.setUint16(0, value & 0xffff, true))
const joinedBytes = (pieces: readonly Uint8Array[]) => Uint8Array.from(pieces.flatMap(piece => [...piece]))

const ARRAY = 0x80

/** Type code and bytes of a value; the codes are those of the EVTX value types. */
export function encodeValue(value: EvtxValue): EncodedValue {
  if (value === null) return { type: 0x00, bytes: new Uint8Array(0) }
  if (typeof value === 'string') return { type: 0x01, bytes: utf16Bytes(value) }
  if (isTextList(value)) return { type: ARRAY | 0x01, bytes: utf16Bytes(value.map(item => `${item}\0`).join('')) }
  if ('ansi' in value) return { type: 0x02, bytes: value.ansi }
  if ('ansiArray' in value)
    return { type: ARRAY | 0x02, bytes: joinedBytes(value.ansiArray.flatMap(item => [item, Uint8Array.of(0)])) }
  if ('int8' in value) return { type: 0x03, bytes: Uint8Array.of(value.int8 & 0xff) }
  if ('uint8' in value) return { type: 0x04, bytes: Uint8Array.of(value.uint8) }
  if ('int16' in value) return { type: 0x05, bytes: u16Bytes(value.int16) }
  if ('uint16' in value) return { type: 0x06, bytes: u16Bytes(value.uint16) }
  if ('int32' in value) return { type: 0x07, bytes: u32Bytes(value.int32) }
  if ('uint32' in value) return { type: 0x08, bytes: u32Bytes(value.uint32) }
  if ('int64' in value) return { type: 0x09, bytes: u64Bytes(value.int64) }
  if ('uint64' in value) return { type: 0x0a, bytes: u64Bytes(value.uint64) }
  if ('float' in value) return { type: 0x0b, bytes: numberBytes(4, view => view.setFloat32(0, value.float, true)) }
  if ('double' in value) return { type: 0x0c, bytes: numberBytes(8, view => view.setFloat64(0, value.double, true)) }
  if ('boolean' in value) return { type: 0x0d, bytes: u32Bytes(Number(value.boolean)) }
  if ('binary' in value) return { type: 0x0e, bytes: value.binary }
  if ('guid' in value) return { type: 0x0f, bytes: guidBytes(value.guid) }
  if ('size32' in value) return { type: 0x10, bytes: u32Bytes(value.size32) }
  if ('size64' in value) return { type: 0x10, bytes: u64Bytes(value.size64) }
  if ('time' in value) return { type: 0x11, bytes: u64Bytes(fileTime(value.time)) }
  if ('fileTime' in value) return { type: 0x11, bytes: u64Bytes(value.fileTime) }
  if ('systemTime' in value) return { type: 0x12, bytes: joinedBytes(value.systemTime.map(u16Bytes)) }
  if ('sid' in value) return { type: 0x13, bytes: sidBytes(value.sid) }
  if ('hex' in value)
    return value.hex <= 0xffffffff
      ? { type: 0x14, bytes: u32Bytes(Number(value.hex)) }
      : { type: 0x15, bytes: u64Bytes(BigInt(value.hex)) }
  if ('xml' in value) return { type: 0x21, bytes: new Uint8Array(0), xml: value.xml }
  if ('xmlText' in value) return { type: 0x23, bytes: utf16Bytes(value.xmlText) }
  if ('raw' in value) return { type: value.type, bytes: value.raw }
  const items = value.array.map(encodeValue)
  return { type: ARRAY | (items[0]?.type ?? 0x01), bytes: joinedBytes(items.map(item => item.bytes)) }
}

const isTextList = (value: EvtxValue): value is readonly string[] => Array.isArray(value)
