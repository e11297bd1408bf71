import { crc32 as crcOf } from 'node:zlib'

/** CRC-32 (IEEE 802.3) of bytes; `before` continues an earlier one. For the checksums formats carry, not for identity. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return crcOf(bytes, before)
}
