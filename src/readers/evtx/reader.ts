import type { Diagnostic, DiagnosticLevel, EventSink, EvidencePart, EvidenceSample, Reader } from '../../model/index.ts'
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

/** Diagnostics of one kind told one by one; further ones are folded into one with a count. */
const TOLD_ONE_BY_ONE = 20

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
  'lost-records': { level: 'error', hint: 'reading went on at the next readable record' },
}

class EvtxPart {
  private readonly part: EvidencePart
  private readonly sink: EventSink
  private readonly cache = new TemplateCache()
  private readonly told = new Map<string, number>()
  private readonly folded = new Map<string, Diagnostic>()

  constructor(part: EvidencePart, sink: EventSink) {
    this.part = part
    this.sink = sink
  }

  read(): void {
    const { part } = this
    const first = Math.max(0, Math.ceil((part.start - FILE_HEADER_BYTES) / CHUNK_BYTES)) * CHUNK_BYTES + FILE_HEADER_BYTES
    if (part.start < FILE_HEADER_BYTES || part.part === 0) this.header()
    // Chunks are read to the end of the file whatever the header states: a dirty one states too few.
    for (let offset = first; offset < part.end; offset += CHUNK_BYTES) {
      const bytes = this.part.bytes.read(offset, CHUNK_BYTES)
      if (bytes.length === 0) break
      // The buffer is ours only until the next read, and records decode their values later.
      readChunk(Buffer.from(bytes), offset, this.cache, {
        record: record => this.record(record),
        fault: fault => this.fault(fault),
      })
    }
    for (const diagnostic of this.folded.values()) this.sink.diagnostic(diagnostic)
  }

  private header(): void {
    const header = readFileHeader(this.part.bytes.read(0, FILE_HEADER_BYTES))
    if (!header)
      this.tell('evtx/file-header', 'warning', 0, 'the file header is damaged; the chunks behind it were read', {
        hint: 'compare with the original log: a wiped header is one way to hide a log',
      })
    else if (header.dirty)
      this.tell(
        'evtx/dirty-header',
        'note',
        0,
        `the log was open when it was copied: the header states ${header.statedChunks} chunks`,
        {
          hint: 'all chunks of the file were read whatever the header states',
        },
      )
    if (this.part.bytes.size <= FILE_HEADER_BYTES)
      this.tell('evtx/no-chunks', 'note', FILE_HEADER_BYTES, 'the log holds no records')
  }

  private record(record: EvtxRecord): void {
    const event = recordEvent(record, this.part)
    if (event.time === undefined) {
      const message = `record ${record.recordId} carries no possible time`
      this.tell('evtx/no-time', 'warning', record.offset, message, { record: record.recordId })
    }
    this.sink.event(event)
  }

  private fault(fault: ChunkFault): void {
    const { level, hint } = FAULTS[fault.code]
    this.tell(`evtx/${fault.code}`, level, fault.offset, `${this.part.path}: ${fault.message}`, {
      hint,
      ...(fault.record === undefined ? {} : { record: fault.record }),
    })
  }

  private tell(code: string, level: DiagnosticLevel, offset: number, message: string, more: Partial<Diagnostic> = {}): void {
    const times = (this.told.get(code) ?? 0) + 1
    this.told.set(code, times)
    const diagnostic = {
      kind: 'diagnostic',
      code,
      level,
      message,
      evidence: this.part.evidence,
      path: this.part.path,
      offset,
      ...more,
    } as const
    if (times <= TOLD_ONE_BY_ONE) this.sink.diagnostic(diagnostic)
    else this.folded.set(code, { ...(this.folded.get(code) ?? diagnostic), count: times - TOLD_ONE_BY_ONE })
  }
}
