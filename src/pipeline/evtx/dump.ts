import { isoFromMicros } from '../../model/index.ts'
import type { Whence } from '../../readers/evtx/carve.ts'
import { CHUNK_BYTES, FILE_HEADER_BYTES } from '../../readers/evtx/layout.ts'
import { LogWalk } from '../../readers/evtx/log-walk.ts'
import type { EvtxRecord } from '../../readers/evtx/record.ts'
import { escaped } from '../../readers/evtx/xml.ts'
import { openLogs } from './open-logs.ts'

/** How records are written. */
export interface DumpOptions {
  readonly format: 'ndjson' | 'xml'
  readonly carve: boolean
}

/** What a dump gives piece by piece: text for stdout, or what could not be read. */
export type DumpPiece =
  | { readonly text: string }
  | { readonly path: string; readonly problem: string; readonly code: string; readonly lost: boolean }

/** Faults that cost nothing are not worth a line beside the records. */
const LOSSES: ReadonlySet<string> = new Set(['unreadable-record', 'lost-records', 'truncated-chunk', 'chunk-magic'])

/** All records of logs as text, chunk by chunk, so that memory does not grow with the log. */
export async function* dumpLogs(paths: readonly string[], { format, carve }: DumpOptions): AsyncGenerator<DumpPiece> {
  if (format === 'xml') yield { text: '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n' }
  for await (const { path, bytes, why } of openLogs(paths)) {
    if (!bytes) {
      yield { path, problem: why, code: 'evtx/no-log', lost: true }
      continue
    }
    const problems: DumpPiece[] = []
    let text = ''
    const walk = new LogWalk(
      bytes,
      {
        record: (record, whence) => {
          text += format === 'xml' ? xmlOf(record, whence) : lineOf(record, whence, path)
        },
        fault: ({ code, message }) => {
          if (LOSSES.has(code)) problems.push({ path, problem: message, code: `evtx/${code}`, lost: code !== 'chunk-magic' })
        },
      },
      carve,
    )
    function* written(): Generator<DumpPiece> {
      if (text !== '') yield { text }
      yield* problems.splice(0)
      text = ''
    }
    for (let offset = FILE_HEADER_BYTES; walk.chunk(offset); offset += CHUNK_BYTES) yield* written()
    for (const _ of walk.carve()) yield* written()
  }
  if (format === 'xml') yield { text: '</Events>\n' }
}

/** One line: where the record is, and its fields as rules know them. */
function lineOf(record: EvtxRecord, whence: Whence, path: string): string {
  const { recordId, offset, written } = record
  const place = { path, record: recordId, offset, ...(written === undefined ? {} : { written: isoFromMicros(written) }) }
  const marked = whence === 'whole' ? place : { ...place, carved: true, ...(whence === 'carved' ? {} : { nameless: true }) }
  return `${JSON.stringify(marked).slice(0, -1)},"event":${record.text()}}\n`
}

function xmlOf(record: EvtxRecord, whence: Whence): string {
  const note = whence === 'whole' ? '' : `<!-- ${whence}, offset ${record.offset} -->\n`
  return `${note}${(whence === 'whole' ? record.xml() : undefined) ?? flatXml(record)}\n`
}

/** A record whose tree is gone with its definition: its fields in a row. */
function flatXml(record: EvtxRecord): string {
  const fields = record.names().map(name => `<Data Name="${escaped(name)}">${escaped(record.get(name) ?? '')}</Data>`)
  return `<Event><EventData>${fields.join('')}</EventData></Event>`
}
