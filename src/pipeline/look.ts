import { type EvidenceFile, type FactHints, hintsOf, isPathProblem, walkEvidence } from '../evidence/index.ts'
import type { Diagnostic, EvidenceSample, Reader, TextEncoding } from '../model/index.ts'
import { CaseError } from '../store/index.ts'
import type { ProgressListener } from './progress.ts'

/** An item as the walk found it, without its sample: there may be a hundred thousand of them. */
export interface FoundItem {
  readonly path: string
  readonly file: string
  readonly bytes: number
  readonly state: EvidenceFile['state'] | 'unknown'
  readonly note: string
  readonly reader: Reader | undefined
  readonly encoding: TextEncoding | undefined
  readonly hints: FactHints
  readonly diagnostics: readonly Diagnostic[]
  /** A path of the command line that is not there or not accessible. */
  readonly pathProblem: boolean
  /** A report of an earlier hunt: not evidence. */
  readonly isOwnReport: boolean
}

/** Where a look unpacks, and who hears of each item as it is found. */
export interface LookPlaces {
  readonly spillDirectory: string
  readonly caseDirectory: string
  found?(item: FoundItem): void
}

/** Walks the evidence and asks every reader for each item; what nobody knows is named. Stopped, it gives what it found by then. */
export async function lookAround(
  paths: readonly string[],
  readers: readonly Reader[],
  places: LookPlaces,
  listener: ProgressListener,
  signal: AbortSignal | undefined,
): Promise<readonly FoundItem[]> {
  const items: FoundItem[] = []
  const byName = readersByName(readers)
  const walk = walkEvidence(paths, {
    spillDirectory: places.spillDirectory,
    exclude: [places.caseDirectory],
    onSpace: (needed, free) => askForSpace(needed, free, places.caseDirectory, listener),
    signal,
  })
  try {
    for await (const found of walk) {
      const item = foundItem(found, byName)
      items.push(item)
      places.found?.(item)
      listener.looked?.(items.length, item.path)
      if (signal?.aborted) break
    }
  } catch (error) {
    // A stop ends the unpacking of a large member in the middle, too.
    if (!signal?.aborted) throw error
  }
  return items.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** The order in which readers are asked: by name, so that the order of folders does not matter. */
export function readersByName(readers: readonly Reader[]): readonly Reader[] {
  return readers.toSorted((a, b) => (a.format < b.format ? -1 : 1))
}

/** The reader that is surest; of equal ones the first. `readers` come from `readersByName`. */
export function recognise(sample: EvidenceSample, readers: readonly Reader[]): Reader | undefined {
  let best: { readonly reader: Reader; readonly score: number } | undefined
  for (const reader of readers) {
    const score = reader.recognise(sample)
    if (score > (best?.score ?? 0)) best = { reader, score }
  }
  return best?.reader
}

function foundItem(found: EvidenceFile, readers: readonly Reader[]): FoundItem {
  const { path, file, bytes, note, sample } = found
  const own = isOwnReport(sample)
  const reader = found.state === 'readable' && !own ? recognise(sample, readers) : undefined
  const unknown = found.state === 'readable' && !own && !reader
  const said = own ? [ownReport(path)] : unknown ? [unknownFormat(path)] : reader ? unprovenFormat(path, reader) : []
  const diagnostics: readonly Diagnostic[] = [...found.diagnostics, ...said]
  return {
    path,
    file,
    bytes,
    state: own || unknown ? 'unknown' : found.state,
    note,
    reader,
    encoding: sample.encoding,
    hints: hintsOf(found),
    diagnostics,
    pathProblem: isPathProblem(found),
    isOwnReport: own,
  }
}

/** A report of an earlier hunt says what we think, not what happened: it must never become evidence of itself. */
export function isOwnReport(sample: EvidenceSample): boolean {
  const begin = sample.lines.slice(0, 12).join('\n')
  return /^\s*\{\s*"schema":\s*"barograph\/report\/\d/.test(begin) || begin.includes('<meta name="generator" content="Barograph ')
}

/** A file that no reader knew is read as a table when somebody named its columns. */
export function asStatedTable(item: FoundItem, readers: readonly Reader[]): FoundItem {
  if (item.state !== 'unknown' || item.isOwnReport || item.encoding === undefined) return item
  const format = /\.(?:jsonl?|ndjson)(?:$|[.!])/i.test(item.path) ? 'table-json' : 'table'
  const reader = readers.find(one => one.format === format)
  if (!reader) return item
  return {
    ...item,
    reader,
    state: 'readable',
    diagnostics: item.diagnostics.filter(({ code }) => code !== 'evidence/unknown-format'),
  }
}

function ownReport(path: string): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'evidence/own-report',
    level: 'note',
    path,
    message: 'a report of an earlier hunt, not evidence; left out',
  }
}

function unknownFormat(path: string): Diagnostic {
  return {
    kind: 'diagnostic',
    code: 'evidence/unknown-format',
    level: 'note',
    path,
    message: 'no reader knows this format; nothing of it is in the result',
    hint: /\.(?:csv|tsv|txt|jsonl?|ndjson)$/i.test(path)
      ? 'If it is a table, its first line must name the columns (put such a line above it); then say in sources.yaml of the case what they mean and hunt again: columns: { time: NAME, srcIp: NAME, user: NAME }.'
      : 'If it is a log, export it in a format that the README lists.',
  }
}

/** A reader that never saw a real record of its format may be wrong about it, and the result must say so. */
function unprovenFormat(path: string, { format, title, about }: Reader): readonly Diagnostic[] {
  if (about?.builtFrom !== 'documentation') return []
  return [
    {
      kind: 'diagnostic',
      code: 'evidence/format-from-documentation',
      level: 'note',
      path,
      message: `read as ${title}; this reader was built from documentation and never checked on a real sample`,
      hint: `Compare a few events with the file: barograph timeline. What was checked: barograph formats ${format}`,
    },
  ]
}

function askForSpace(needed: number, free: number, caseDirectory: string, listener: ProgressListener): void {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`
  if (needed > free)
    throw new CaseError(
      'case/disk-full',
      `the archives need about ${megabytes(needed)} unpacked, and ${caseDirectory} has ${megabytes(free)} free`,
      'free space, or put the case on a larger disk with --out DIR',
    )
  listener.say(`Archives need about ${megabytes(needed)} in the case while they are read; ${megabytes(free)} are free.`)
}
