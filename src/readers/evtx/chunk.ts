import { crc32 } from '../../evidence/index.ts'
import { ChunkNames } from './element-parser.ts'
import { InstanceParser } from './instance.ts'
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  isChunkHeader,
  RECORD_HEADER_BYTES,
  RECORD_SIGNATURE,
  SMALLEST_RECORD_BYTES,
  u32,
  u64,
} from './layout.ts'
import { EvtxRecord } from './record.ts'
import type { Template, TemplateCache } from './template.ts'

/** What is wrong with a chunk or one of its records; `offset` counts from the beginning of the file. */
export interface ChunkFault {
  readonly code: 'chunk-magic' | 'chunk-checksum' | 'truncated-chunk' | 'unreadable-record' | 'torn-record' | 'lost-records'
  readonly offset: number
  readonly message: string
  readonly record?: number
}

/** Where the contents of a chunk go. */
export interface ChunkSink {
  record(record: EvtxRecord): void
  fault(fault: ChunkFault): void
}

/** What reading a chunk leaves behind for those who look into unused space. */
export interface ReadChunk {
  /** Where in the chunk its records end and remains of older use may lie. */
  readonly end: number
  /** Definitions its records were made of, with the number instances name them by. */
  readonly definitions: Iterable<readonly [number, Template]>
}

/**
 * Reads a chunk of 64 KiB (less at the end of a cut file) that begins at `fileOffset`. `bytes` must stay unchanged as long as a
 * record is used. One bad record costs that record: reading goes on at the next record signature.
 */
export function readChunk(bytes: Buffer, fileOffset: number, cache: TemplateCache, sink: ChunkSink): ReadChunk {
  if (bytes.length < CHUNK_HEADER_BYTES + SMALLEST_RECORD_BYTES) {
    if (!isBlank(bytes)) sink.fault(cutChunk(bytes, fileOffset))
    return { end: bytes.length, definitions: [] }
  }
  if (!isChunkHeader(bytes, 0)) {
    if (isBlank(bytes)) return { end: bytes.length, definitions: [] }
    const message = `no "ElfChnk" at the beginning of a chunk at offset ${hexOffset(fileOffset)}`
    sink.fault({ code: 'chunk-magic', offset: fileOffset, message })
    if (u32(bytes, CHUNK_HEADER_BYTES) !== RECORD_SIGNATURE) return { end: 0, definitions: [] }
  } else if (bytes.length < CHUNK_BYTES) sink.fault(cutChunk(bytes, fileOffset))
  else checkSums(bytes, fileOffset, sink)
  return new ChunkWalk(bytes, fileOffset, cache, sink).run()
}

const hexOffset = (offset: number) => `0x${offset.toString(16)}`

const cutChunk = (bytes: Buffer, offset: number): ChunkFault => ({
  code: 'truncated-chunk',
  offset,
  message: `the file ends ${bytes.length} bytes into a chunk of ${CHUNK_BYTES} at offset ${hexOffset(offset)}`,
})

const BLANK = Buffer.alloc(CHUNK_BYTES)
const isBlank = (bytes: Buffer) => BLANK.subarray(0, bytes.length).equals(bytes)

/** A wrong checksum costs nothing by itself, but tells that bytes changed after the service wrote them or while it did. */
function checkSums(bytes: Buffer, offset: number, sink: ChunkSink): void {
  // Flag 4: the writer left the checksums out.
  if ((u32(bytes, 120) & 4) !== 0) return
  const free = u32(bytes, 48)
  const header = crc32(bytes.subarray(128, CHUNK_HEADER_BYTES), crc32(bytes.subarray(0, 120))) === u32(bytes, 124)
  const records =
    free >= CHUNK_HEADER_BYTES && free <= CHUNK_BYTES && crc32(bytes.subarray(CHUNK_HEADER_BYTES, free)) === u32(bytes, 52)
  if (header && records) return
  const what = header ? 'records do' : records ? 'header does' : 'header and records do'
  sink.fault({
    code: 'chunk-checksum',
    offset,
    message: `chunk at offset ${hexOffset(offset)}: its ${what} not match the checksum`,
  })
}

const SIGNATURE = Buffer.from([0x2a, 0x2a, 0, 0])

class ChunkWalk {
  private readonly bytes: Buffer
  private readonly fileOffset: number
  private readonly sink: ChunkSink
  private readonly parser: InstanceParser
  private readonly free: number
  private lastId = 0

  constructor(bytes: Buffer, fileOffset: number, cache: TemplateCache, sink: ChunkSink) {
    this.bytes = bytes
    this.fileOffset = fileOffset
    this.sink = sink
    this.parser = new InstanceParser(bytes, new ChunkNames(bytes), cache)
    const free = u32(bytes, 48)
    // An offset that cannot be right says nothing about where the records end.
    this.free = isChunkHeader(bytes, 0) && free > CHUNK_HEADER_BYTES && free <= CHUNK_BYTES ? free : CHUNK_BYTES
  }

  run(): ReadChunk {
    return { end: this.walk(), definitions: this.parser.known() }
  }

  /** Where the records end. */
  private walk(): number {
    let at = CHUNK_HEADER_BYTES
    while (at + SMALLEST_RECORD_BYTES <= this.bytes.length) {
      const size = this.statedSize(at)
      const isWhole = size > 0 && this.isRepeated(at, size)
      // Behind the stated end lie remains of older use of the chunk. A dirty header may state too early an end: what continues
      // the numbering is no remains.
      if (at >= this.free && !(isWhole && u64(this.bytes, at + 8) === this.lastId + 1)) return at
      if (size === 0) {
        const next = this.skip(at)
        if (next < 0) return at
        at = next
      } else {
        this.one(at, size, isWhole)
        const next = isWhole || this.isRecord(at + size) ? at + size : this.nextRecord(at + 4)
        if (next < 0) return at + size
        at = next
      }
    }
    return at
  }

  /** Goes on at the next readable record, and says what lies between; -1 when there is none. */
  private skip(at: number): number {
    const next = this.nextRecord(at + 1)
    // Nothing but zeros: the records simply end before the stated place.
    if (next < 0 && this.isZero(at)) return -1
    const to = next < 0 ? Math.min(this.free, this.bytes.length) : next
    const offset = this.fileOffset + at
    const message = `${to - at} bytes at offset ${hexOffset(offset)} hold no readable record header`
    this.sink.fault({ code: 'lost-records', offset, message })
    return next
  }

  /** Size a record header states; 0 when there is no header, or no room for what it states. */
  private statedSize(at: number): number {
    if (at + SMALLEST_RECORD_BYTES > this.bytes.length || u32(this.bytes, at) !== RECORD_SIGNATURE) return 0
    const size = u32(this.bytes, at + 4)
    return size >= SMALLEST_RECORD_BYTES && at + size <= this.bytes.length ? size : 0
  }

  /** A whole record repeats its size at its end. */
  private isRepeated(at: number, size: number): boolean {
    return u32(this.bytes, at + size - 4) === size
  }

  private isRecord(at: number): boolean {
    const size = this.statedSize(at)
    return size > 0 && this.isRepeated(at, size)
  }

  private nextRecord(from: number): number {
    let at = this.bytes.indexOf(SIGNATURE, from)
    while (at >= 0 && at < this.free && !this.isRecord(at)) at = this.bytes.indexOf(SIGNATURE, at + 1)
    return at >= 0 && at < this.free ? at : -1
  }

  private isZero(at: number): boolean {
    return u32(this.bytes, at) === 0 && u32(this.bytes, at + 4) === 0 && u64(this.bytes, at + 8) === 0
  }

  private one(at: number, size: number, isWhole: boolean): void {
    this.lastId = u64(this.bytes, at + 8)
    // No log has so many records: the number is damaged, and is no number to name the record by.
    const recordId = Number.isSafeInteger(this.lastId) ? this.lastId : 0
    const offset = this.fileOffset + at
    const root = this.parser.record(at + RECORD_HEADER_BYTES, at + size - 4)
    const { fault } = this.parser
    if (fault || !root) {
      const reason = fault ? `${fault.fault} (at ${hexOffset(this.fileOffset + fault.at)})` : 'it holds no element'
      const message = `record ${recordId} at offset ${hexOffset(offset)}: ${reason}`
      this.sink.fault({ code: 'unreadable-record', offset, record: recordId, message })
      return
    }
    if (!isWhole) {
      const message = `record ${recordId} at offset ${hexOffset(offset)} does not repeat its size at its end`
      this.sink.fault({ code: 'torn-record', offset, record: recordId, message })
    }
    this.sink.record(new EvtxRecord(recordId, offset, at, root))
  }
}
