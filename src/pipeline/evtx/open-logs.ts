import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPart } from '../../evidence/index.ts'
import type { ByteSource, EvidenceId } from '../../model/index.ts'
import { reader } from '../../readers/evtx/reader.ts'
import { lookAround } from '../look.ts'
import { silentListener } from '../progress.ts'
import { UsageError } from '../usage-error.ts'

/** One file or archive member among those named. */
export interface OpenedLog {
  readonly path: string
  /** Undefined where it is no event log, or could not be opened: `why` says it. */
  readonly bytes: ByteSource | undefined
  readonly why: string
}

/** Opens event logs one after the other: files, folders and archives, as a hunt takes them. */
export async function* openLogs(paths: readonly string[]): AsyncGenerator<OpenedLog> {
  if (!paths.some(path => existsSync(path)))
    throw new UsageError('evtx/no-file', `no such file or folder: ${paths.join(', ')}`, 'name event logs that exist', 3)
  const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-evtx-'))
  try {
    const found = await lookAround(paths, [reader], { spillDirectory, caseDirectory: spillDirectory }, silentListener, undefined)
    for (const item of found) {
      if (!item.reader || item.file === '') {
        yield { path: item.path, bytes: undefined, why: item.note || item.diagnostics[0]?.message || 'no event log' }
        continue
      }
      const { part, close } = openPart(item.file, {
        start: 0,
        end: item.bytes,
        firstLine: 1,
        headerLines: [],
        evidence: item.path as EvidenceId,
        path: item.path,
        part: 0,
        facts: {},
        encoding: 'latin1',
      })
      try {
        yield { path: item.path, bytes: part.bytes, why: '' }
      } finally {
        close()
      }
    }
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true })
  }
}
