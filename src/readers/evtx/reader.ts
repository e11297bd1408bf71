import type { DiagnosticLevel, EventSink, EvidencePart, EvidenceSample, Reader, SecurityEvent } from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { type CarveCounts, carveRecords, DefinitionsByNumber } from './carve.ts'
import { type ChunkFault, type ReadChunk, readChunk } from './chunk.ts'
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

const SPACE_NOTES = {
  'evtx/carved': {
    level: 'note',
    message: 'records were found in unused space of the log, left over from an earlier use',
    hint: 'they are marked as carved; whole records of the same number and time stand for themselves',
  },
  'evtx/definition-gone': {
    level: 'warning',
    message: 'carved records whose definition was written over: their values have no names',
    hint: 'search for their texts; the log of the same machine from another day may hold the definition',
  },
  'evtx/carved-unreadable': {
    level: 'note',
    message: 'headers of records in unused space whose rest was written over',
  },
} as const satisfies Record<string, { level: DiagnosticLevel; message: string; hint?: string }>

/** What carving needs to know of the whole records of a part. */
class Carving {
  readonly definitions = new DefinitionsByNumber()
  readonly spaces: { readonly offset: number; readonly end: number }[] = []
  readonly counts: CarveCounts = { unreadable: 0, firstUnreadable: 0, nameless: 0, firstNameless: 0 }
  private readonly identities = new Set<number>()
  private readonly places = new Set<string>()

  note(offset: number, { end, definitions: found }: ReadChunk): void {
    this.definitions.add(found)
    if (end < CHUNK_BYTES) this.spaces.push({ offset, end })
  }

  /** A record is told once; copies of it in other parts and files are left out when the case is read. */
  isNew({ identity, source, time }: SecurityEvent, record: EvtxRecord): boolean {
    // A definition that is gone takes the computer's name with it: number and time alone must tell then.
    const place = `${source.record}|${time}`
    const isKnown = this.identities.has(identity) || ((record.get('Computer') ?? '') === '' && this.places.has(place))
    this.identities.add(identity)
    this.places.add(place)
    return !isKnown
  }
}

/** Definitions are the same in all logs of a machine, and mostly on all machines: one table for all parts a worker reads. */
const definitions = new TemplateCache()

class EvtxPart {
  private readonly part: EvidencePart
  private readonly sink: EventSink
  private readonly diagnostics: PartDiagnostics
  private readonly carving: Carving | undefined

  constructor(part: EvidencePart, sink: EventSink) {
    this.part = part
    this.sink = sink
    this.diagnostics = new PartDiagnostics(part, sink)
    this.carving = part.facts.carve === true ? new Carving() : undefined
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
      const read = readChunk(Buffer.from(bytes), offset, definitions, {
        record: record => this.record(record),
        fault: fault => this.fault(fault),
      })
      this.carving?.note(offset, read)
    }
    if (this.carving) this.carve(this.carving)
    this.diagnostics.finish()
  }

  /** A second pass over unused space, when all definitions and all whole records of the part are known. */
  private carve(carving: Carving): void {
    const { counts } = carving
    let carved = 0
    let first = 0
    for (const { offset, end } of carving.spaces) {
      const bytes = Buffer.from(this.part.bytes.read(offset, CHUNK_BYTES))
      for (const { record, isNameless } of carveRecords(bytes, offset, end, definitions, carving.definitions, counts)) {
        const event = recordEvent(record, this.part, isNameless ? 'carved, nameless' : 'carved')
        if (!carving.isNew(event, record)) continue
        if (carved++ === 0) first = record.offset
        this.sink.event(event)
      }
    }
    this.foundInSpace('evtx/carved', carved, first)
    this.foundInSpace('evtx/definition-gone', counts.nameless, counts.firstNameless)
    this.foundInSpace('evtx/carved-unreadable', counts.unreadable, counts.firstUnreadable)
  }

  private foundInSpace(code: keyof typeof SPACE_NOTES, count: number, offset: number): void {
    const { evidence, path } = this.part
    if (count > 0)
      this.sink.diagnostic({
        kind: 'diagnostic',
        code,
        evidence,
        path,
        offset,
        ...SPACE_NOTES[code],
        ...(count > 1 ? { count } : {}),
      })
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
    this.carving?.isNew(event, record)
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
