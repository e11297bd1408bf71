import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { cutUnread, PART_BYTES, type PartRange, type Survey } from '../evidence/index.ts'
import { type Reader, type SourceFacts, stableId, type TextEncoding } from '../model/index.ts'
import type { CaseItem } from '../store/index.ts'
import { evidenceId, readingOf } from './item-names.ts'
import type { FoundItem } from './look.ts'
import type { ProgressListener } from './progress.ts'
import { tellsMuch } from './reading-order.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { ReadResult, ReadTask } from './worker-task.ts'

/** A look that is over by then needs no help: the first findings come from the first group a moment later. */
const LONG_LOOK_MILLISECONDS = 1_000
/** Small items only: what is read ahead may have to be read again, when something found later says more about its host or zone. */
const MAX_ITEM_BYTES = 8 << 20
/** And not more of them than the second group would hold, whatever is still to be unpacked. */
const MAX_BYTES = 256 << 20
/** Guesses about hosts and zones grow surer with every item; asking for them goes through all items. */
const FACTS_MILLISECONDS = 1_000

/** Hashing an item takes seconds from here on, and what is hashed has no name to be read under yet. */
const HUGE_BYTES = 256 << 20

/** What reading ahead needs. */
export interface AheadContext {
  readonly pool: Pick<WorkerPool, 'survey' | 'read'>
  readonly caseDirectory: string
  readonly watchersDigest: string
  readonly listener: ProgressListener
  /** What is known of items by what was found so far. */
  facts(): { of(item: FoundItem): SourceFacts }
  /** Items that are read another way, such as those the user's YARA rules scan first. */
  isLeftOut(item: FoundItem): boolean
}

/** One part as it was read ahead. */
interface ReadPart {
  readonly key: string
  readonly result: ReadResult
}

/**
 * Reads small telling items in one worker while the evidence is still being looked through, because unpacking a large archive, or
 * recognising a hundred thousand files, takes minutes in which nothing would be known. What was read counts when the item's turn comes and it
 * would be read the very same way; else it is thrown away. What comes out does not depend on it.
 */
export class ReadAhead {
  readonly #context: AheadContext
  readonly #waiting: FoundItem[] = []
  readonly #surveys = new Map<FoundItem, Survey>()
  readonly #parts = new Map<string, ReadPart>()
  readonly #longLook: number
  readonly #begun = performance.now()
  #known: { readonly at: number; readonly facts: ReturnType<AheadContext['facts']> } | undefined
  #lane: Promise<void> | undefined
  #bytes = 0
  #ended = false

  constructor(context: AheadContext, longLook = LONG_LOOK_MILLISECONDS) {
    this.#context = context
    this.#longLook = longLook
  }

  /** Hears of an item as it is found. */
  offer(item: FoundItem): void {
    if (this.#ended || item.reader === undefined || item.file === '' || item.bytes > MAX_ITEM_BYTES) return
    if (!tellsMuch(item) || this.#bytes + item.bytes > MAX_BYTES || this.#context.isLeftOut(item)) return
    this.#bytes += item.bytes
    this.#waiting.push(item)
    if (performance.now() - this.#begun >= this.#longLook)
      this.#lane ??= this.#work().finally(() => {
        this.#lane = undefined
      })
  }

  /** Tells what the beginning of a huge item shows while it is still being hashed; it is read again when its name is known. */
  async glimpse(found: FoundItem): Promise<void> {
    const { pool, listener } = this.#context
    const range = found.bytes < HUGE_BYTES || this.#context.isLeftOut(found) ? undefined : beginningOf(found)
    if (!range || !found.reader) return
    const evidence = evidenceId(stableId('glimpse', found.path), found.path, 1)
    const facts = this.#facts().of(found)
    const item = { evidence, path: found.path, facts, format: found.reader.format, reading: 'glimpse' }
    const result = await pool.read(readTask(found, item, 0, range))
    if (!('written' in result)) return // met again, and told, when it is read
    for (const early of result.outcome.early) listener.found(early)
    this.#remove(result)
  }

  /** Nothing more is begun; what is being read is waited for. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#lane
  }

  /** Items that were read whole. */
  items(): readonly FoundItem[] {
    return [...this.#surveys.keys()]
  }

  surveyOf(item: FoundItem): Survey | undefined {
    return this.#surveys.get(item)
  }

  /** What came of this task, when it was done ahead; asked for once. */
  take(task: ReadTask): ReadResult | undefined {
    const part = this.#parts.get(task.name)
    // Read again under the same name, its segments are written over: they are no longer ours to remove.
    this.#parts.delete(task.name)
    return part?.key === JSON.stringify(task) ? part.result : undefined
  }

  /** Removes what nobody took, except what the case knows: its segments would lie there until the case is opened again. */
  discardRest(known: ReadonlySet<string>): void {
    for (const { result } of this.#parts.values()) this.#remove(result, known)
    this.#parts.clear()
  }

  #remove(result: ReadResult, known: ReadonlySet<string> = new Set()): void {
    if (!('written' in result)) return
    for (const { kind, file } of result.written.segments)
      if (!known.has(file)) rmSync(join(this.#context.caseDirectory, 'segments', kind, file), { force: true })
  }

  async #work(): Promise<void> {
    for (let item = this.#next(); item && !this.#ended; item = this.#next()) await this.#read(item)
  }

  /** The smallest of those that wait: a page of a web root tells as much as a log of some megabytes, and sooner. */
  #next(): FoundItem | undefined {
    let best = 0
    for (let at = 1; at < this.#waiting.length; at++)
      if ((this.#waiting[at]?.bytes ?? 0) < (this.#waiting[best]?.bytes ?? 0)) best = at
    return this.#waiting.splice(best, 1)[0]
  }

  async #read(found: FoundItem): Promise<void> {
    const { pool, listener, watchersDigest } = this.#context
    const { file, reader, encoding, path } = found
    if (!reader) return
    const surveyed = await pool.survey({ file, split: reader.split, encoding })
    if (!('survey' in surveyed)) return // met again, and told, when its turn comes
    const { sha256, parts } = surveyed.survey
    const facts = this.#facts().of(found)
    const item = {
      evidence: evidenceId(sha256, path, 1),
      path,
      facts,
      format: reader.format,
      reading: readingOf(reader, facts, watchersDigest),
    }
    for (const [part, range] of parts.entries()) {
      const task = readTask(found, item, part, range)
      const result = await pool.read(task)
      if (!('written' in result)) return
      this.#parts.set(task.name, { key: JSON.stringify(task), result })
      for (const early of result.outcome.early) listener.found(early)
    }
    this.#surveys.set(found, surveyed.survey)
  }

  #facts(): ReturnType<AheadContext['facts']> {
    const now = performance.now()
    if (!this.#known || now - this.#known.at > FACTS_MILLISECONDS) this.#known = { at: now, facts: this.#context.facts() }
    return this.#known.facts
  }
}

/** Where the first part of an item lies, as far as that is known without reading it whole; a last line that is cut is no loss here. */
function beginningOf({ bytes, reader }: FoundItem): PartRange | undefined {
  const split: Reader['split'] | undefined = reader?.split
  if (split === undefined || split.by === 'nothing') return undefined
  if (split.by === 'blocks') return cutUnread(bytes, split)[0]
  return { start: 0, end: Math.min(bytes, PART_BYTES), firstLine: 1, headerLines: [] }
}

/** How one part of an item is read. */
export function readTask(
  { file, encoding: known }: Pick<FoundItem, 'file' | 'encoding'>,
  { evidence, path, facts, reading, format }: Pick<CaseItem, 'evidence' | 'path' | 'facts' | 'reading' | 'format'>,
  part: number,
  range: PartRange,
): ReadTask {
  // Bytes that are no text carry no characters to lose in Latin-1.
  const encoding: TextEncoding = known ?? 'latin1'
  return { file, format, name: `${evidence}-${part}-${reading}`, plan: { ...range, evidence, path, part, facts, encoding } }
}
