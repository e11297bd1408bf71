/** Big-endian numbers of network headers; 0 beyond the end, so that callers check lengths once. */
export function u8(data: Uint8Array, at: number): number {
  return data[at] ?? 0
}

export function u16(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
}

export function u24(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0)
}

/** As a signed 32-bit number, which the engine keeps unboxed; `>>> 0` makes it unsigned. */
export function s32(data: Uint8Array, at: number): number {
  return ((data[at] ?? 0) << 24) | ((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0)
}

export function u32(data: Uint8Array, at: number): number {
  return s32(data, at) >>> 0
}

/** Little-endian. */
export function u16le(data: Uint8Array, at: number): number {
  return ((data[at + 1] ?? 0) << 8) | (data[at] ?? 0)
}

export function u32le(data: Uint8Array, at: number): number {
  return (((data[at + 3] ?? 0) << 24) | ((data[at + 2] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at] ?? 0)) >>> 0
}

/** Bytes as characters 0..255: protocols' own words are ASCII, and a sender may put anything there. */
export function latin1(data: Uint8Array, at: number, end: number): string {
  const stop = Math.min(end, data.length)
  if (stop - at > SHORT) return Buffer.from(data.buffer, data.byteOffset + at, stop - at).toString('latin1')
  let text = ''
  for (let index = at; index < stop; index++) text += String.fromCharCode(data[index] ?? 0)
  return text
}

/** Up to here adding characters is faster than a view and a call. */
const SHORT = 24

/** Lower-case hexadecimal. */
export function hex(data: Uint8Array, at = 0, end = data.length): string {
  let text = ''
  for (let index = at; index < end; index++) text += (data[index] ?? 0).toString(16).padStart(2, '0')
  return text
}
