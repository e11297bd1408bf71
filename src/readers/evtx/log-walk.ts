import type { ByteSource } from '../../model/index.ts'
import { type CarveCounts, carveRecords, DefinitionsByNumber, type Whence } from './carve.ts'
import { type ChunkFault, type ReadChunk, readChunk } from './chunk.ts'
import { CHUNK_BYTES, FILE_HEADER_BYTES } from './layout.ts'
import type { EvtxRecord } from './record.ts'
import { TemplateCache } from './template.ts'

/** Who is told what a log holds. */
export interface LogSink {
  record(record: EvtxRecord, whence: Whence): void
  fault(fault: ChunkFault): void
}

/** Definitions are the same in all logs of a machine, and mostly on all machines: one table for all parts a worker reads. */
const cache = new TemplateCache()

/** Offset of the first chunk that begins at or behind `start`. */
export const firstChunk = (start: number): number =>
  Math.max(0, Math.ceil((start - FILE_HEADER_BYTES) / CHUNK_BYTES)) * CHUNK_BYTES + FILE_HEADER_BYTES

/** Goes through a log chunk by chunk, and then, if that is asked for, through the space its records leave. */
export class LogWalk {
  private readonly bytes: ByteSource
  private readonly sink: LogSink
  private readonly carving: Carving | undefined
  /** What every chunk is copied to, where nobody keeps records of the one before. */
  private readonly room: Buffer | undefined

  /** `isPassing`: a record is not used any more when `sink.record` returns. */
  constructor(bytes: ByteSource, sink: LogSink, carve: boolean, isPassing = false) {
    this.bytes = bytes
    this.sink = sink
    this.carving = carve ? new Carving() : undefined
    this.room = isPassing && !carve ? Buffer.allocUnsafeSlow(CHUNK_BYTES) : undefined
  }

  /** Reads the chunk at `offset`; false when the log ends before. */
  chunk(offset: number): boolean {
    const bytes = this.bytes.read(offset, CHUNK_BYTES)
    if (bytes.length === 0) return false
    // The buffer is ours only until the next read, and records decode their values later.
    const read = readChunk(this.copyOf(bytes), offset, cache, {
      record: record => {
        this.carving?.isNew(record)
        this.sink.record(record, 'whole')
      },
      fault: fault => this.sink.fault(fault),
    })
    this.carving?.note(offset, read)
    return true
  }

  private copyOf(bytes: Uint8Array): Buffer {
    if (!this.room) return Buffer.from(bytes)
    this.room.set(bytes)
    return bytes.length === this.room.length ? this.room : this.room.subarray(0, bytes.length)
  }

  /** Reads unused space, when all definitions and all whole records are known; one turn a chunk. */
  *carve(): Generator<CarveCounts> {
    const { carving } = this
    if (!carving) return
    for (const { offset, end } of carving.spaces) {
      const bytes = Buffer.from(this.bytes.read(offset, CHUNK_BYTES))
      for (const { record, isNameless } of carveRecords(bytes, offset, end, cache, carving.definitions, carving.counts))
        if (carving.isNew(record)) this.sink.record(record, isNameless ? 'carved, nameless' : 'carved')
      yield carving.counts
    }
  }
}

/** What carving needs to know of the whole records. */
class Carving {
  readonly definitions = new DefinitionsByNumber()
  readonly spaces: { readonly offset: number; readonly end: number }[] = []
  readonly counts: CarveCounts = { unreadable: 0, firstUnreadable: 0, nameless: 0, firstNameless: 0 }
  private readonly known = new Set<string>()

  note(offset: number, { end, definitions: found }: ReadChunk): void {
    this.definitions.add(found)
    if (end < CHUNK_BYTES) this.spaces.push({ offset, end })
  }

  /** A record is told once; copies of it in other parts and files are left out when the case is read. */
  isNew(record: EvtxRecord): boolean {
    const place = `${record.get('EventRecordID') ?? record.recordId}|${record.get('TimeCreated') ?? record.written}`
    const computer = record.get('Computer') ?? ''
    const name = `${place}|${computer}|${record.get('Channel') ?? ''}`
    // A definition that is gone takes the computer's name with it: number and time alone must tell then.
    const isNew = !this.known.has(computer === '' ? place : name)
    this.known.add(name).add(place)
    return isNew
  }
}
