// Sizes and offsets of the EVTX format: github.com/libyal/libevtx, "Windows XML Event Log (EVTX)", sections 2 to 4; [MS-EVEN6] for binary XML.

import { crc32 } from '../../evidence/index.ts'

export const FILE_HEADER_BYTES = 4096
export const CHUNK_BYTES = 65536
export const CHUNK_HEADER_BYTES = 512
export const RECORD_HEADER_BYTES = 24
/** Header, one token, and the copy of the size: nothing smaller is a record. */
export const SMALLEST_RECORD_BYTES = RECORD_HEADER_BYTES + 4 + 1

/** "2a 2a 00 00", the first bytes of a record. */
export const RECORD_SIGNATURE = 0x00002a2a

const FILE_MAGIC = [0x45, 0x6c, 0x66, 0x46, 0x69, 0x6c, 0x65, 0]
const CHUNK_MAGIC = [0x45, 0x6c, 0x66, 0x43, 0x68, 0x6e, 0x6b, 0]

const beginsWith = (bytes: Uint8Array, at: number, magic: readonly number[]) =>
  magic.every((byte, index) => bytes[at + index] === byte)

/** Does "ElfFile" stand at `at`? */
export const isFileHeader = (bytes: Uint8Array, at: number) => beginsWith(bytes, at, FILE_MAGIC)
/** Does "ElfChnk" stand at `at`? */
export const isChunkHeader = (bytes: Uint8Array, at: number) => beginsWith(bytes, at, CHUNK_MAGIC)

/** The bits of a file header that say how it was closed. */
export interface FileHeader {
  /** The service had the file open: the header may state too few chunks. */
  readonly dirty: boolean
  readonly statedChunks: number
  /** Its checksum is right, or it has none. */
  readonly isChecked: boolean
}

export function readFileHeader(bytes: Uint8Array): FileHeader | undefined {
  if (bytes.length < 128 || !isFileHeader(bytes, 0)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint32(120, true)
  // Flag 4: the writer left the checksums out.
  const isChecked = (flags & 4) !== 0 || crc32(bytes.subarray(0, 120)) === view.getUint32(124, true)
  return { dirty: (flags & 1) !== 0, statedChunks: view.getUint16(42, true), isChecked }
}

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0
/** A 64-bit number as a JavaScript number: exact below 2^53, which record numbers never leave. */
export const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + u32(bytes, at + 4) * 4294967296

/** Does a record of a possible size begin at `at`? */
export function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const size = u32(bytes, at + 4)
  return u32(bytes, at) === RECORD_SIGNATURE && size >= SMALLEST_RECORD_BYTES && size <= CHUNK_BYTES - CHUNK_HEADER_BYTES
}
