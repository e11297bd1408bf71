import type { DiagnosticLevel, EventSink, EvidencePart, EvidenceSample, Reader } from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { type ChunkFault, readChunk } from './chunk.ts'
import { CHUNK_BYTES, FILE_HEADER_BYTES, isChunkHeader, isFileHeader, readFileHeader } from './layout.ts'
import { recordEvent } from './map.ts'
import type { EvtxRecord } from './record.ts'
import { TemplateCache } from './template.ts'

/** Windows event logs: github.com/libyal/libevtx/blob/main/documentation, [MS-EVEN6]. */
export const reader: Reader = {
  format: 'evtx',
  title: 'Windows event log (EVTX)',
  version: 1,
  split: { by: 'blocks', headerBytes: FILE_HEADER_BYTES, blockBytes: CHUNK_BYTES },
  recognise,
  read: (part, sink) => new EvtxPart(part, sink).read(),
}

function recognise({ head }: EvidenceSample): number {
  if (isFileHeader(head, 0)) return 100
  // A wiped file header leaves the chunks as they are.
  return isChunkHeader(head, FILE_HEADER_BYTES) ? 95 : 0
}

const FAULTS: Readonly<Record<ChunkFault['code'], { readonly level: DiagnosticLevel; readonly hint: string }>> = {
  'chunk-magic': { level: 'warning', hint: 'records that can be found in it were read all the same' },
  'chunk-checksum': {
    level: 'warning',
    hint: 'normal for the last chunk of a log copied while the service wrote it; elsewhere the bytes were changed later',
  },
  'truncated-chunk': {
    level: 'error',
    hint: 'copy the file again with the event log service stopped, or export it with `wevtutil epl`',
  },
  'unreadable-record': { level: 'error', hint: 'the other records of the chunk were read normally' },
  'torn-record': { level: 'warning', hint: 'it was read as it stands; its last values may be remains of another record' },
  'lost-records': { level: 'error', hint: 'reading went on at the next readable record' },
}

const DAMAGED_HEADER: Complaint = {
  code: 'evtx/file-header',
  level: 'warning',
  message: 'the file header is damaged; the chunks behind it were read',
  hint: 'compare with the original log: a wiped header is one way to hide a log',
}
const NO_CHUNKS: Complaint = { code: 'evtx/no-chunks', level: 'note', message: 'the log holds no records' }

/** Definitions are the same in all logs of a machine, and mostly on all machines: one table for all parts a worker reads. */
const definitions = new TemplateCache()

class EvtxPart {
  private readonly part: EvidencePart
  private readonly sink: EventSink
  private readonly diagnostics: PartDiagnostics

  constructor(part: EvidencePart, sink: EventSink) {
    this.part = part
    this.sink = sink
    this.diagnostics = new PartDiagnostics(part, sink)
  }

  read(): void {
    const { part } = this
    const first = Math.max(0, Math.ceil((part.start - FILE_HEADER_BYTES) / CHUNK_BYTES)) * CHUNK_BYTES + FILE_HEADER_BYTES
    if (part.start < FILE_HEADER_BYTES || part.part === 0) this.header()
    // Chunks are read to the end of the file whatever the header states: a dirty one states too few.
    for (let offset = first; offset < part.end; offset += CHUNK_BYTES) {
      const bytes = part.bytes.read(offset, CHUNK_BYTES)
      if (bytes.length === 0) break
      // The buffer is ours only until the next read, and records decode their values later.
      readChunk(Buffer.from(bytes), offset, definitions, {
        record: record => this.record(record),
        fault: fault => this.fault(fault),
      })
    }
    this.diagnostics.finish()
  }

  private header(): void {
    const header = readFileHeader(this.part.bytes.read(0, FILE_HEADER_BYTES))
    if (!header) this.diagnostics.once({ offset: 0 }, DAMAGED_HEADER)
    else if (header.dirty)
      this.diagnostics.once(
        { offset: 0 },
        {
          code: 'evtx/dirty-header',
          level: 'note',
          message: `the log was open when it was copied: the header states ${header.statedChunks} chunks`,
          hint: 'all chunks of the file were read whatever the header states',
        },
      )
    if (this.part.bytes.size <= FILE_HEADER_BYTES) this.diagnostics.once({ offset: FILE_HEADER_BYTES }, NO_CHUNKS)
  }

  private record(record: EvtxRecord): void {
    const event = recordEvent(record, this.part)
    if (event.time === undefined) {
      const message = `record ${event.source.record} carries no possible time`
      this.diagnostics.each(
        { number: event.source.record, offset: record.offset },
        { code: 'evtx/no-time', level: 'warning', message },
      )
    }
    this.sink.event(event)
  }

  private fault({ code, message, offset, record }: ChunkFault): void {
    const place = record === undefined ? { offset } : { offset, number: record }
    this.diagnostics.each(place, { code: `evtx/${code}`, message, ...FAULTS[code] })
  }
}
