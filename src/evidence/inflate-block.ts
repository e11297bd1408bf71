import { zstdDecompressSync } from 'node:zlib'

/** The bytes of one Zstandard frame held in memory; undefined when it is broken or would give more than `limit` bytes. */
export function inflateZstd(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: limit })
  } catch (error) {
    if (error instanceof Error) return undefined // broken, cut, or a bomb: the decoder has one class of error for all
    throw error
  }
}
