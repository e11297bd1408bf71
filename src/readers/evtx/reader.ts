import type { DiagnosticLevel, EventSink, EvidencePart, EvidenceSample, Reader } from '../../model/index.ts'
import { type Complaint, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import type { CarveCounts, Whence } from './carve.ts'
import type { ChunkFault } from './chunk.ts'
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  FILE_HEADER_BYTES,
  isChunkHeader,
  isFileHeader,
  isRecordHeader,
  readFileHeader,
} from './layout.ts'
import { firstChunk, type LogSink, LogWalk } from './log-walk.ts'
import { recordEvent, unmapped } from './map.ts'
import type { EvtxRecord } from './record.ts'

/** Windows event logs: github.com/libyal/libevtx/blob/main/documentation, [MS-EVEN6]. */
export const reader: Reader = {
  format: 'evtx',
  title: 'Windows event log (EVTX)',
  version: 2,
  about: {
    reads: 'Windows event logs (EVTX), whole, damaged or still open; with --carve records in unused space, too.',
    exported:
      '`wevtutil epl Security C:\\out\\Security.evtx` for each channel, or copy `C:\\Windows\\System32\\winevt\\Logs` as a whole (also from a shadow copy or image). Most telling: Security, System, Application (ESENT), Microsoft-Windows-Sysmon/Operational, PowerShell/Operational, TerminalServices-*, TaskScheduler/Operational, WMI-Activity/Operational.',
    shows:
      'As far as auditing was on: log-ons, process starts, services, tasks, shares, changes of accounts, script blocks, copies of the domain database.',
    cannotShow:
      'Command lines unless the policy "include command line in process creation events" was on, network connections without Sysmon 3 or 5156, anything older than the size of the log allows.',
    clock: 'Host in every record; times are UTC by the clock of the machine.',
    builtFrom: 'real sample',
    checkedOn: 'the logs counted below, Mordor sets and the regression samples of the Sigma project.',
  },
  carves: true,
  split: { by: 'blocks', headerBytes: FILE_HEADER_BYTES, blockBytes: CHUNK_BYTES },
  recognise,
  read: (part, sink) => new EvtxPart(part, sink).read(),
}

function recognise({ head, path, size }: EvidenceSample): number {
  if (isFileHeader(head, 0)) return 100
  // A wiped file header leaves the chunks as they are, and a wiped chunk header the records behind it.
  if (isChunkHeader(head, FILE_HEADER_BYTES)) return 95
  if (isRecordHeader(head, FILE_HEADER_BYTES + CHUNK_HEADER_BYTES)) return 90
  // Wiped from the front on: the name says what to look for behind it.
  return size > head.length && /\.evtx$/i.test(path) && head.every(byte => byte === 0) ? 60 : 0
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

class EvtxPart implements LogSink {
  private readonly part: EvidencePart
  private readonly sink: EventSink
  private readonly diagnostics: PartDiagnostics
  private carved = 0
  private firstCarved = 0

  constructor(part: EvidencePart, sink: EventSink) {
    this.part = part
    this.sink = sink
    this.diagnostics = new PartDiagnostics(part, sink)
  }

  read(): void {
    const { part } = this
    if (part.start < FILE_HEADER_BYTES || part.part === 0) this.header()
    const walk = new LogWalk(part.bytes, this, part.facts.carve === true, this.sink.isPassing === true)
    // Chunks are read to the end of the file whatever the header states: a dirty one states too few.
    for (let offset = firstChunk(part.start); offset < part.end && walk.chunk(offset); ) offset += CHUNK_BYTES
    let counts: CarveCounts | undefined
    for (const soFar of walk.carve()) counts = soFar
    this.foundInSpace('evtx/carved', this.carved, this.firstCarved)
    if (counts) {
      this.foundInSpace('evtx/definition-gone', counts.nameless, counts.firstNameless)
      this.foundInSpace('evtx/carved-unreadable', counts.unreadable, counts.firstUnreadable)
    }
    this.diagnostics.finish()
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

  record(record: EvtxRecord, whence: Whence): void {
    if (whence !== 'whole' && this.carved++ === 0) this.firstCarved = record.offset
    // Of a record without a time a diagnostic is to be given in any case.
    const seen = this.sink.wants && record.timeOf('TimeCreated') !== undefined ? unmapped(record, this.part, whence) : undefined
    if (seen && this.sink.wants?.(seen) === false) return
    const event = seen?.event() ?? recordEvent(record, this.part, whence)
    if (event.time === undefined) {
      const message = `record ${event.source.record} carries no possible time`
      this.diagnostics.each(
        { number: event.source.record, offset: record.offset },
        { code: 'evtx/no-time', level: 'warning', message },
      )
    }
    this.sink.event(event)
  }

  fault({ code, message, offset, record }: ChunkFault): void {
    const place = record === undefined ? { offset } : { offset, number: record }
    this.diagnostics.each(place, { code: `evtx/${code}`, message, ...FAULTS[code] })
  }
}
