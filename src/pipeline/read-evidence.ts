import type { PartRange, Survey } from '../evidence/index.ts'
import type { Diagnostic, EvidenceId, Split } from '../model/index.ts'
import { type Case, CaseError, type CaseErrorCode, type CaseItem, type FinishedTask } from '../store/index.ts'
import { evidenceId, readingOf } from './item-names.ts'
import type { FoundItem } from './look.ts'
import type { ProgressListener } from './progress.ts'
import { type ReadAhead, readTask } from './read-ahead.ts'
import { VICTIM_FILE_FORMAT } from './read-part.ts'
import { readProblem } from './read-problem.ts'
import { byValue, wavesOf } from './reading-order.ts'
import { factsToRead, type KnownFacts } from './sources-file.ts'
import { forEachBounded, type WorkerPool } from './worker-pool.ts'
import type { TaskFailure } from './worker-task.ts'
import type { YaraScanner } from './yara/yara-scanner.ts'

/** What reading needs beside the items. */
export interface ReadContext {
  readonly opened: Case
  readonly pool: WorkerPool
  readonly facts: KnownFacts
  /** Names rules, detectors and program: segments made with others are made again. */
  readonly watchersDigest: string
  /** Records in unused space, too, of formats that have such. */
  readonly carve: boolean
  /** The user's YARA rules. */
  readonly yara: YaraScanner | undefined
  /** What was read while the evidence was looked through. */
  readonly ahead: ReadAhead
  readonly listener: ProgressListener
  readonly signal: AbortSignal | undefined
}

/** How reading went. */
export interface ReadSummary {
  /** Parts that an earlier run had done. */
  readonly takenOver: number
  readonly partsRead: number
  /** Items of a recognised format that could not be read. */
  readonly unreadable: number
  /** Failures of our own code; the hunt goes on, and says so. */
  readonly bugs: readonly TaskFailure[]
}

interface SurveyedItem {
  readonly found: FoundItem
  readonly survey: Survey | undefined
  readonly problem: Diagnostic | undefined
}

interface PlannedItem extends SurveyedItem {
  readonly item: CaseItem
  readonly parts: readonly PartRange[]
}

/** Nothing was come to. */
export const NOTHING_READ: ReadSummary = { takenOver: 0, partsRead: 0, unreadable: 0, bugs: [] }

/**
 * Hashes every item, writes the manifest, reads every part that is not done, and commits each as soon as its segments are in place.
 * What is small and tells much is read before large items are even hashed; when it is stopped, the manifest says of every item how far it was read.
 */
export async function readEvidence(items: readonly FoundItem[], context: ReadContext): Promise<ReadSummary> {
  noteWaiting(items, context)
  let summary = NOTHING_READ
  let later = sum(items, readableBytes)
  if (context.signal?.aborted) keepReadAhead(items, context)
  for (const wave of wavesOf(items)) {
    if (context.signal?.aborted) break
    later -= sum(wave, readableBytes)
    const read = await readWave(wave, context, later)
    summary = {
      takenOver: summary.takenOver + read.takenOver,
      partsRead: summary.partsRead + read.partsRead,
      unreadable: summary.unreadable + read.unreadable,
      bugs: [...summary.bugs, ...read.bugs],
    }
  }
  return summary
}

const readableBytes = ({ reader, bytes }: FoundItem) => (reader ? bytes : 0)

/** `later` is how many bytes of other groups are still to be read. */
async function readWave(items: readonly FoundItem[], context: ReadContext, later: number): Promise<ReadSummary> {
  const surveyed = await surveyAll(items, context)
  if (context.signal?.aborted) return NOTHING_READ
  const planned = planItems(surveyed, context)
  context.opened.manifest.putItems(
    planned.map(({ item, found, problem }) => ({ item, diagnostics: [...found.diagnostics, ...(problem ? [problem] : [])] })),
  )
  const summary = await readParts(planned, context, later)
  const unsurveyed = surveyed.filter(({ found, problem }) => problem && found.reader).length
  return { ...summary, unreadable: summary.unreadable + unsurveyed }
}

/**
 * Stopped before its turn came, what was read ahead is kept, so that the report shows what was told meanwhile. Not where another item may
 * have the same bytes: which of two copies is read must not depend on when somebody stops.
 */
function keepReadAhead(items: readonly FoundItem[], context: ReadContext): void {
  const { opened, ahead } = context
  const alike = new Map<string, number>()
  const likeness = ({ bytes, reader }: FoundItem) => `${bytes} ${reader?.format}`
  for (const item of items) alike.set(likeness(item), (alike.get(likeness(item)) ?? 0) + 1)
  const surveyed = ahead.items().flatMap(found => {
    const survey = ahead.surveyOf(found)
    return survey && alike.get(likeness(found)) === 1 ? [{ found, survey, problem: undefined }] : []
  })
  const planned = planItems(surveyed, context)
  opened.manifest.putItems(planned.map(({ item, found }) => ({ item, diagnostics: found.diagnostics })))
  const finished = planned.flatMap(({ found, item, parts }) => {
    const done = opened.manifest.partsDone(item.evidence)
    return parts.flatMap((range, part): FinishedTask[] => {
      const result = done.has(part) ? undefined : ahead.take(readTask(found, item, part, range))
      if (!result || !('written' in result)) return []
      return [
        {
          evidence: item.evidence,
          part,
          reading: item.reading,
          written: result.written,
          diagnostics: result.outcome.diagnostics,
        },
      ]
    })
  })
  opened.manifest.commitTasks(finished)
}

/** Whenever the hunt ends, its case knows of every item: those it has not come to yet are named as such. */
function noteWaiting(items: readonly FoundItem[], { opened, facts, carve }: ReadContext): void {
  const known = new Set(opened.manifest.items().map(item => item.path))
  opened.manifest.putItems(
    items
      .filter(found => !known.has(found.path))
      .map(found => ({
        item: {
          evidence: evidenceId('', found.path, 1),
          path: found.path,
          sha256: '',
          bytes: found.bytes,
          state: 'waiting',
          format: found.reader?.format ?? '',
          note: '',
          facts: factsToRead(facts.of(found.path), found.reader, carve),
          reading: '',
          parts: 0,
        },
        diagnostics: [],
      })),
  )
}

const HASH_ONLY: Split = { by: 'nothing' }

async function surveyAll(
  items: readonly FoundItem[],
  { pool, ahead, listener, signal }: ReadContext,
): Promise<readonly SurveyedItem[]> {
  listener.phase(
    'hash',
    sum(items, item => item.bytes),
  )
  const surveyed = new Map<FoundItem, SurveyedItem>()
  await forEachBounded(items, pool.jobs * 2, signal, async found => {
    if (found.file === '') {
      surveyed.set(found, { found, survey: undefined, problem: undefined })
      return
    }
    const survey = ahead.surveyOf(found)
    const split = found.reader?.split ?? HASH_ONLY
    const [result] = survey
      ? [{ survey }]
      : await Promise.all([pool.survey({ file: found.file, split, encoding: found.encoding }), ahead.glimpse(found)])
    if ('survey' in result) surveyed.set(found, { found, survey: result.survey, problem: undefined })
    else if (result.failure.cause === 'read')
      surveyed.set(found, { found, survey: undefined, problem: readProblem(found.path, result.failure.message, COPY_AGAIN) })
    else throw new Error(`${found.path}: ${result.failure.stack ?? result.failure.message}`)
    listener.advance(found.bytes)
  })
  return items.flatMap(item => surveyed.get(item) ?? [])
}

/** Gives every item its id. The same bytes at several paths are read once, under the first path; the others are copies of it. */
function planItems(
  surveyed: readonly SurveyedItem[],
  { opened, facts, watchersDigest, carve }: ReadContext,
): readonly PlannedItem[] {
  const known = opened.manifest.items()
  const byPlace = new Map(known.map(item => [`${item.sha256}\n${item.path}`, item]))
  const readers = new Set(known.filter(item => item.state === 'read').map(item => item.sha256))
  const copies = new Map<string, number>()
  for (const item of known) copies.set(item.sha256, (copies.get(item.sha256) ?? 0) + 1)
  return surveyed.map(one => {
    const { found, survey } = one
    const sha256 = survey?.sha256 ?? ''
    const before = sha256 === '' ? undefined : byPlace.get(`${sha256}\n${found.path}`)
    const nth = (copies.get(sha256) ?? 0) + 1
    if (!before && sha256 !== '') copies.set(sha256, nth)
    const evidence = before?.evidence ?? evidenceId(sha256, found.path, nth)
    const isRead = survey !== undefined && found.reader !== undefined && (before ? before.state === 'read' : !readers.has(sha256))
    if (isRead) readers.add(sha256)
    const itemFacts = factsToRead(facts.of(found.path), found.reader, carve)
    const item: CaseItem = {
      evidence,
      path: found.path,
      sha256,
      bytes: survey?.bytes ?? found.bytes,
      state: stateOf(one, isRead),
      format: found.reader?.format ?? '',
      note: found.note,
      facts: itemFacts,
      reading: isRead ? readingOf(found.reader, itemFacts, watchersDigest) : '',
      parts: isRead ? survey.parts.length : 0,
    }
    return { ...one, item, parts: isRead ? survey.parts : [] }
  })
}

function stateOf({ found, survey, problem }: SurveyedItem, isRead: boolean): CaseItem['state'] {
  if (isRead) return 'read'
  if (problem) return 'unreadable'
  if (found.state === 'readable') return survey ? 'copy' : 'unreadable'
  return found.state
}

interface PartTask {
  readonly planned: PlannedItem
  readonly part: number
  readonly range: PartRange
}

/** Parts that are done in quick succession share a commit, because each waits for the disk. */
const COMMIT_MILLISECONDS = 50

async function readParts(items: readonly PlannedItem[], context: ReadContext, later: number): Promise<ReadSummary> {
  const { opened, pool, ahead, listener, signal } = context
  const tasks: PartTask[] = []
  let takenOver = 0
  for (const planned of items.toSorted((a, b) => byValue(a.found, b.found))) {
    const done = planned.parts.length > 0 ? opened.manifest.partsDone(planned.item.evidence) : new Set<number>()
    planned.parts.forEach((range, part) => {
      if (done.has(part)) takenOver += 1
      else tasks.push({ planned, part, range })
    })
  }
  listener.phase('read', sum(tasks, ({ range }) => range.end - range.start) + later)
  const finished: FinishedTask[] = []
  let lastCommit = 0
  const commit = () => {
    if (finished.length > 0) opened.manifest.commitTasks(finished.splice(0))
    lastCommit = performance.now()
  }
  const bugs: TaskFailure[] = []
  const unreadable = new Set<EvidenceId>()
  try {
    await forEachBounded(tasks, pool.jobs * 2, signal, async ({ planned, part, range }) => {
      const { item, found } = planned
      const { evidence, path, reading, format } = item
      const scanned =
        part === 0 && format === VICTIM_FILE_FORMAT ? await context.yara?.scan({ file: found.file, path, owner: '' }) : undefined
      const yara = scanned !== undefined && 'hits' in scanned ? scanned.hits : []
      const task = { ...readTask(found, item, part, range), ...(yara.length > 0 ? { yara } : {}) }
      const before = ahead.take(task)
      const result = before ?? (await pool.read(task))
      if ('written' in result) {
        const unscanned = scanned !== undefined && 'notScanned' in scanned ? [notScanned(path, scanned.notScanned)] : []
        finished.push({
          evidence,
          part,
          reading,
          written: result.written,
          diagnostics: [...result.outcome.diagnostics, ...unscanned],
        })
        if (performance.now() - lastCommit > COMMIT_MILLISECONDS) commit()
        if (!before) for (const early of result.outcome.early) listener.found(early)
      } else {
        const { failure } = result
        if (failure.cause === 'write') throw new CaseError(failure.code as CaseErrorCode, failure.message, failure.hint ?? '')
        if (failure.cause === 'bug') bugs.push(failure)
        else unreadable.add(evidence)
        opened.manifest.noteFailure(
          evidence,
          part,
          failure.cause === 'bug' ? bugProblem(path, part, failure) : readProblem(path, failure.message, COPY_AGAIN),
        )
      }
      listener.advance(range.end - range.start)
    })
  } finally {
    commit()
  }
  return { takenOver, partsRead: tasks.length, unreadable: unreadable.size, bugs }
}

function notScanned(path: string, why: string): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'yara/not-scanned',
    level: 'warning',
    path,
    message: `the YARA rules say nothing of it: ${why}`,
    hint: 'Scan it by itself: `barograph webroot FILE --yara DIR`.',
  }
}

const COPY_AGAIN = 'Copy the file again and hunt once more: what is done is not read again.'

function bugProblem(path: string, part: number, { message }: TaskFailure): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'internal/part-failed',
    level: 'error',
    path,
    message: `part ${part + 1} was given up because our own code failed: ${message}`,
    hint: 'Please report it. Everything else was read; this part is tried again in the next hunt.',
  }
}

function sum<Item>(items: readonly Item[], bytes: (item: Item) => number): number {
  return items.reduce((total, item) => total + bytes(item), 0)
}
