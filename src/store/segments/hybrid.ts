/**
 * Parquet's hybrid of run lengths and bit packing for small numbers (levels, dictionary codes):
 * github.com/apache/parquet-format/blob/master/Encodings.md#run-length-encoding--bit-packing-hybrid-rle--3.
 */

/** Packed values come in groups of so many. */
const GROUP = 8

/** Most bytes the encoding of `count` values can take: a header for each group and run, and the packed bits. */
export function hybridBound(count: number, bitWidth: number): number {
  const groups = Math.ceil(count / GROUP)
  return groups * (bitWidth + 12) + 16
}

/** Writes the first `count` values at `at`; returns where they end. The room must be `hybridBound`. */
export function writeHybrid(
  values: Uint8Array | Uint16Array,
  count: number,
  bitWidth: number,
  out: Uint8Array,
  at: number,
): number {
  let end = at
  let packedFrom = 0
  let index = 0
  while (index < count) {
    const value = values[index] as number
    let stop = index + 1
    while (stop < count && values[stop] === value) stop++
    if (stop - index < GROUP && stop < count) {
      index += GROUP
      continue
    }
    if (packedFrom < index) end = writePacked(values, packedFrom, index, count, bitWidth, out, end)
    end = writeVarint((stop - index) * 2, out, end)
    for (let shift = 0; shift < bitWidth; shift += 8) out[end++] = (value >>> shift) & 0xff
    index = stop
    packedFrom = stop
  }
  return packedFrom < count ? writePacked(values, packedFrom, index, count, bitWidth, out, end) : end
}

/** Whole groups of values side by side, lowest bit first; behind the last value zeros fill the group. */
function writePacked(
  values: Uint8Array | Uint16Array,
  from: number,
  to: number,
  count: number,
  bitWidth: number,
  out: Uint8Array,
  at: number,
): number {
  let end = writeVarint(((to - from) / GROUP) * 2 + 1, out, at)
  let bits = 0
  let held = 0
  for (let index = from; index < to; index++) {
    bits |= (index < count ? (values[index] as number) : 0) << held
    held += bitWidth
    while (held >= 8) {
      out[end++] = bits & 0xff
      bits >>>= 8
      held -= 8
    }
  }
  return end
}

function writeVarint(value: number, out: Uint8Array, at: number): number {
  let end = at
  let rest = value
  while (rest >= 0x80) {
    out[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  out[end++] = rest
  return end
}
