import { workerData } from 'piscina'
import { detectors } from '../detect/registry.ts'
import { surveyFile } from '../evidence/index.ts'
import { readers } from '../readers/registry.ts'
import { CaseError, SegmentWriter, writeError } from '../store/index.ts'
import { LIBRARY_FORMAT, readPart, VICTIM_FILE_FORMAT, watchersOf } from './read-part.ts'
import { compilePrepared } from './rule-cache.ts'
import { syntaxParsers } from './syntax-parsers.ts'
import type { ReadResult, ReadTask, SurveyResult, SurveyTask, TaskFailure, WorkerStart } from './worker-task.ts'

const start = workerData as WorkerStart
const byFormat = new Map(readers.map(reader => [reader.format, reader]))
const watchers = watchersOf(detectors, start.rules && compilePrepared(start.rules).matcher)

/** Hashes one item and cuts it into parts. */
export async function survey({ file, split, encoding }: SurveyTask): Promise<SurveyResult> {
  try {
    return { survey: await surveyFile(file, split, encoding) }
  } catch (error) {
    return { failure: failureOf(error, file) }
  }
}

/** Reads one part into segments. */
export async function read({ file, format, plan, name, yara }: ReadTask): Promise<ReadResult> {
  const reader = byFormat.get(format)
  if (!reader) throw new Error(`no reader for format ${format}`)
  let writer: SegmentWriter | undefined
  try {
    writer = new SegmentWriter(start.caseDirectory, name)
    const judges = reader.format === VICTIM_FILE_FORMAT || reader.format === LIBRARY_FORMAT
    const parsers = judges ? await syntaxParsers() : undefined
    const outcome = readPart(file, plan, reader, watchers, writer, yara, parsers)
    return { written: await writer.finish(), outcome }
  } catch (error) {
    return { failure: failureOf(error, file) }
  } finally {
    writer?.discard()
  }
}

function failureOf(error: unknown, evidenceFile: string): TaskFailure {
  const message = error instanceof Error ? error.message : String(error)
  if (
    error instanceof Error &&
    'syscall' in error &&
    (error.syscall === 'read' || ('path' in error && error.path === evidenceFile))
  )
    return { cause: 'read', message }
  const typed = writeError(error, start.caseDirectory)
  if (typed instanceof CaseError) return { cause: 'write', message: typed.message, code: typed.code, hint: typed.hint }
  return { cause: 'bug', message, stack: error instanceof Error ? (error.stack ?? '') : '' }
}
