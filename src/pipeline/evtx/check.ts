import type { ByteSource, Micros } from '../../model/index.ts'
import type { ChunkFault } from '../../readers/evtx/chunk.ts'
import { CHUNK_BYTES, FILE_HEADER_BYTES, readFileHeader } from '../../readers/evtx/layout.ts'
import { LogWalk } from '../../readers/evtx/log-walk.ts'
import { openLogs } from './open-logs.ts'
import { type Numbering, RecordNumbers } from './record-ranges.ts'

/** Damage shown one by one; the rest is counted. */
const SHOWN_FAULTS = 50

/** What one log holds, lacks and hides. */
export interface LogCheck {
  readonly path: string
  /** Not an event log, or not to be opened: nothing else is known then. */
  readonly problem: string
  readonly bytes: number
  readonly header: 'sound' | 'open when copied' | 'checksum does not match' | 'damaged'
  readonly chunks: { readonly all: number; readonly stated: number; readonly withRecords: number }
  readonly records: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
  readonly channels: readonly string[]
  readonly computers: readonly string[]
  readonly numbering: Numbering
  /** Faults by code, and the first of them. */
  readonly faults: Readonly<Record<string, number>>
  readonly shown: readonly ChunkFault[]
  readonly carvable: { readonly records: number; readonly nameless: number; readonly unreadable: number }
  /** Something of it could not be read. */
  readonly lossy: boolean
}

const LOSSES: ReadonlySet<string> = new Set<ChunkFault['code']>(['unreadable-record', 'lost-records', 'truncated-chunk'])

/** Names listed; a forwarded log has thousands of computers. */
const MAX_NAMES = 20

/** Checks logs one after the other. */
export async function* checkLogs(paths: readonly string[]): AsyncGenerator<LogCheck> {
  for await (const { path, bytes, why } of openLogs(paths)) yield bytes ? checkLog(path, bytes) : noLog(path, why)
}

const NO_NUMBERS: Numbering = { ranges: [], duplicates: 0, stepsBack: 0, largestStepBack: undefined }

function noLog(path: string, problem: string): LogCheck {
  return {
    path,
    problem,
    bytes: 0,
    header: 'damaged',
    chunks: { all: 0, stated: 0, withRecords: 0 },
    records: 0,
    firstTime: undefined,
    lastTime: undefined,
    channels: [],
    computers: [],
    numbering: NO_NUMBERS,
    faults: {},
    shown: [],
    carvable: { records: 0, nameless: 0, unreadable: 0 },
    lossy: true,
  }
}

function checkLog(path: string, bytes: ByteSource): LogCheck {
  const numbers = new RecordNumbers()
  const channels = new Set<string>()
  const computers = new Set<string>()
  const faults: Record<string, number> = {}
  const shown: ChunkFault[] = []
  let records = 0
  let firstTime: Micros | undefined
  let lastTime: Micros | undefined
  let carved = 0
  const walk = new LogWalk(
    bytes,
    {
      record: (record, whence) => {
        if (whence !== 'whole') {
          carved += 1
          return
        }
        records += 1
        const time = record.timeOf('TimeCreated')
        numbers.add(record.recordId, time)
        if (time !== undefined) {
          if (firstTime === undefined || time < firstTime) firstTime = time
          if (lastTime === undefined || time > lastTime) lastTime = time
        }
        note(channels, record.get('Channel'))
        note(computers, record.get('Computer'))
      },
      fault: fault => {
        faults[fault.code] = (faults[fault.code] ?? 0) + 1
        if (shown.length < SHOWN_FAULTS) shown.push(fault)
      },
    },
    true,
  )
  let all = 0
  let withRecords = 0
  for (let offset = FILE_HEADER_BYTES, before = 0; walk.chunk(offset); offset += CHUNK_BYTES, before = records) {
    all += 1
    if (records > before) withRecords += 1
  }
  const carvable = { records: 0, nameless: 0, unreadable: 0 }
  for (const { nameless, unreadable } of walk.carve()) Object.assign(carvable, { nameless, unreadable })
  const header = readFileHeader(bytes.read(0, FILE_HEADER_BYTES))
  return {
    path,
    problem: '',
    bytes: bytes.size,
    header: !header ? 'damaged' : header.dirty ? 'open when copied' : header.isChecked ? 'sound' : 'checksum does not match',
    chunks: { all, stated: header?.statedChunks ?? 0, withRecords },
    records,
    firstTime,
    lastTime,
    channels: [...channels].sort(),
    computers: [...computers].sort(),
    numbering: numbers.finish(),
    faults,
    shown,
    carvable: { ...carvable, records: carved },
    lossy: Object.keys(faults).some(code => LOSSES.has(code)),
  }
}

function note(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && name !== '' && names.size < MAX_NAMES) names.add(name)
}
