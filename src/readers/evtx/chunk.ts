import { crc32 } from './crc32.ts'
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
import type { TemplateCache } from './template.ts'
import { eventTimeOf } from './values.ts'

/** What is wrong with a chunk or one of its records; `offset` counts from the beginning of the file. */
export interface ChunkFault {
  readonly code: 'chunk-magic' | 'chunk-checksum' | 'truncated-chunk' | 'unreadable-record' | 'lost-records'
  readonly offset: number
  readonly message: string
  readonly record?: number
}

/** Where the contents of a chunk go. */
export interface ChunkSink {
  record(record: EvtxRecord): void
  fault(fault: ChunkFault): void
}

/**
 * Reads a chunk of 64 KiB (less at the end of a cut file) that begins at `fileOffset`. `bytes` must stay unchanged as long as a
 * record is used. One bad record costs that record: reading goes on at the next record signature.
 */
export function readChunk(bytes: Buffer, fileOffset: number, cache: TemplateCache, sink: ChunkSink): void {
  if (bytes.length < CHUNK_HEADER_BYTES + SMALLEST_RECORD_BYTES) {
    if (!isBlank(bytes)) sink.fault(cutChunk(bytes, fileOffset))
    return
  }
  if (!isChunkHeader(bytes, 0)) {
    if (isBlank(bytes)) return
    const message = `no "ElfChnk" at the beginning of a chunk at offset ${hexOffset(fileOffset)}`
    sink.fault({ code: 'chunk-magic', offset: fileOffset, message })
    if (u32(bytes, CHUNK_HEADER_BYTES) !== RECORD_SIGNATURE) return
  } else if (bytes.length < CHUNK_BYTES) sink.fault(cutChunk(bytes, fileOffset))
  else checkSums(bytes, fileOffset, sink)
  new ChunkWalk(bytes, fileOffset, cache, sink).run()
}

const hexOffset = (offset: number) => `0x${offset.toString(16)}`

const cutChunk = (bytes: Buffer, offset: number): ChunkFault => ({
  code: 'truncated-chunk',
  offset,
  message: `the file ends ${bytes.length} bytes into a chunk of ${CHUNK_BYTES} at offset ${hexOffset(offset)}`,
})

const isBlank = (bytes: Buffer) => bytes.every(byte => byte === 0)

/** A wrong checksum costs nothing by itself, but tells that bytes changed after the service wrote them or while it did. */
function checkSums(bytes: Buffer, offset: number, sink: ChunkSink): void {
  // Flag 4: the writer left the checksums out.
  if ((u32(bytes, 120) & 4) !== 0) return
  const free = u32(bytes, 48)
  const header = crc32(bytes, 128, CHUNK_HEADER_BYTES, crc32(bytes, 0, 120)) === u32(bytes, 124)
  const records = free >= CHUNK_HEADER_BYTES && free <= CHUNK_BYTES && crc32(bytes, CHUNK_HEADER_BYTES, free) === u32(bytes, 52)
  if (header && records) return
  const what = header ? 'records do' : records ? 'header does' : 'header and records do'
  sink.fault({
    code: 'chunk-checksum',
    offset,
    message: `chunk at offset ${hexOffset(offset)}: its ${what} not match the checksum`,
  })
}

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
    this.parser = new InstanceParser(bytes, cache)
    const free = u32(bytes, 48)
    // An offset that cannot be right says nothing about where the records end.
    this.free = isChunkHeader(bytes, 0) && free > CHUNK_HEADER_BYTES && free <= CHUNK_BYTES ? free : CHUNK_BYTES
  }

  run(): void {
    let at = CHUNK_HEADER_BYTES
    while (at + SMALLEST_RECORD_BYTES <= this.bytes.length) {
      const size = this.recordSize(at)
      if (size > 0) {
        // Behind the stated end lie remains of older use of the chunk. A dirty header may state too early an end: what continues
        // the numbering is no remains.
        if (at >= this.free && u64(this.bytes, at + 8) !== this.lastId + 1) return
        this.one(at, size)
        at += size
        continue
      }
      if (at >= this.free) return
      const next = this.nextRecord(at + 1)
      const isEnd = next < 0 && this.isZero(at)
      if (!isEnd) this.lost(at, next < 0 ? Math.min(this.free, this.bytes.length) : next)
      if (next < 0) return
      at = next
    }
  }

  /** Size of the record at `at`, 0 when there is none: signature, room, and the copy of the size at its end must agree. */
  private recordSize(at: number): number {
    if (u32(this.bytes, at) !== RECORD_SIGNATURE) return 0
    const size = u32(this.bytes, at + 4)
    if (size < SMALLEST_RECORD_BYTES || at + size > this.bytes.length) return 0
    return u32(this.bytes, at + size - 4) === size ? size : 0
  }

  private nextRecord(from: number): number {
    for (
      let at = this.bytes.indexOf('**\0\0', from, 'latin1');
      at >= 0 && at < this.free;
      at = this.bytes.indexOf('**\0\0', at + 1, 'latin1')
    )
      if (at + SMALLEST_RECORD_BYTES <= this.bytes.length && this.recordSize(at) > 0) return at
    return -1
  }

  /** Is the record space empty from here? Then the records simply end before the stated place. */
  private isZero(at: number): boolean {
    return u32(this.bytes, at) === 0 && u32(this.bytes, at + 4) === 0 && u64(this.bytes, at + 8) === 0
  }

  private lost(from: number, to: number): void {
    const offset = this.fileOffset + from
    const message = `${to - from} bytes at offset ${hexOffset(offset)} hold no readable record header`
    this.sink.fault({ code: 'lost-records', offset, message })
  }

  private one(at: number, size: number): void {
    const recordId = u64(this.bytes, at + 8)
    this.lastId = recordId
    const offset = this.fileOffset + at
    const instances = this.parser.record(at + RECORD_HEADER_BYTES, at + size - 4)
    const [root] = instances
    const { fault } = this.parser
    if (fault || !root) {
      const reason = fault ? `${fault.fault} (at ${hexOffset(this.fileOffset + fault.at)})` : 'it holds no element'
      const message = `record ${recordId} at offset ${hexOffset(offset)}: ${reason}`
      this.sink.fault({ code: 'unreadable-record', offset, record: recordId, message })
      return
    }
    this.sink.record(new EvtxRecord(recordId, offset, eventTimeOf(this.bytes, at + 16), root, instances))
  }
}
