import { ByteWriter } from './binxml.ts'

/**
 * A value of an event: text, text of several items (an array value), or one of the typed forms Windows uses.
 * `hex` is HexInt32 up to 0xffffffff and HexInt64 above; `guid` and `sid` are their usual text; `time` is microseconds since 1970 UTC.
 */
export type EvtxValue =
  | string
  | readonly string[]
  | null
  | { readonly uint8: number }
  | { readonly uint16: number }
  | { readonly uint32: number }
  | { readonly uint64: bigint }
  | { readonly int32: number }
  | { readonly double: number }
  | { readonly boolean: boolean }
  | { readonly hex: number | bigint }
  | { readonly guid: string }
  | { readonly sid: string }
  | { readonly time: number }
  | { readonly binary: Uint8Array }

/** A value as a record holds it: type code and bytes. */
export interface EncodedValue {
  readonly type: number
  readonly bytes: Uint8Array
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

function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}

const writer = () => new ByteWriter(0)

/** Type code and bytes of a value; the codes are those of the EVTX value types. */
export function encodeValue(value: EvtxValue): EncodedValue {
  if (value === null) return { type: 0x00, bytes: new Uint8Array(0) }
  if (typeof value === 'string') return { type: 0x01, bytes: writer().utf16(value).finish() }
  if ('uint8' in value) return { type: 0x04, bytes: writer().u8(value.uint8).finish() }
  if ('uint16' in value) return { type: 0x06, bytes: writer().u16(value.uint16).finish() }
  if ('int32' in value) return { type: 0x07, bytes: writer().u32(value.int32).finish() }
  if ('uint32' in value) return { type: 0x08, bytes: writer().u32(value.uint32).finish() }
  if ('uint64' in value) return { type: 0x0a, bytes: writer().u64(value.uint64).finish() }
  if ('double' in value) return { type: 0x0c, bytes: doubleBytes(value.double) }
  if ('boolean' in value)
    return {
      type: 0x0d,
      bytes: writer()
        .u32(value.boolean ? 1 : 0)
        .finish(),
    }
  if ('binary' in value) return { type: 0x0e, bytes: value.binary }
  if ('guid' in value) return { type: 0x0f, bytes: guidBytes(value.guid) }
  if ('time' in value) return { type: 0x11, bytes: writer().u64(fileTime(value.time)).finish() }
  if ('sid' in value) return { type: 0x13, bytes: sidBytes(value.sid) }
  if ('hex' in value)
    return value.hex <= 0xffffffff
      ? { type: 0x14, bytes: writer().u32(Number(value.hex)).finish() }
      : { type: 0x15, bytes: writer().u64(BigInt(value.hex)).finish() }
  return {
    type: 0x81,
    bytes: writer()
      .utf16(value.map(item => `${item}\0`).join(''))
      .finish(),
  }
}
