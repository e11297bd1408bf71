/** Bytes of one LZ4 block (github.com/lz4/lz4, doc/lz4_Block_format.md); undefined when it is broken or gives more than `size` bytes. */
export function inflateLz4Block(block: Uint8Array, size: number): Uint8Array | undefined {
  const out = new Uint8Array(size)
  let at = 0
  let to = 0
  const run = (begin: number): number => {
    let length = begin
    if (begin < 15) return length
    for (let byte = 255; byte === 255; ) {
      byte = block[at++] ?? -1
      if (byte < 0) return -1
      length += byte
    }
    return length
  }
  while (at < block.length) {
    const token = block[at++] ?? 0
    const literals = run(token >> 4)
    if (literals < 0 || at + literals > block.length || to + literals > size) return undefined
    out.set(block.subarray(at, at + literals), to)
    at += literals
    to += literals
    if (at >= block.length) break
    const offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8)
    at += 2
    const extra = run(token & 15)
    const match = extra + 4
    if (extra < 0 || offset === 0 || offset > to || to + match > size) return undefined
    // Source and target may overlap: copied byte by byte.
    for (let step = 0; step < match; step++, to++) out[to] = out[to - offset] ?? 0
  }
  return to === size ? out : undefined
}
