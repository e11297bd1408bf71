import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cutUnread, type PartPlan, surveyFile } from '../../evidence/index.ts'
import type { Diagnostic, EvidenceId, Reader } from '../../model/index.ts'
import { readers } from '../../readers/registry.ts'
import { type FoundItem, lookAround } from '../look.ts'
import { silentListener } from '../progress.ts'
import { readProblem } from '../read-problem.ts'
import { type LoadedRules, loadRules, ruleFilesOf } from '../rule-files.ts'
import { type RuleSettings, readRuleSettings } from '../rule-settings.ts'
import { factsToRead, statedFacts } from '../sources-file.ts'
import { threadPool } from '../thread-pool.ts'
import { UsageError } from '../usage-error.ts'
import { CorrelatedHits } from './correlated-hits.ts'
import { inOrder } from './in-order.ts'
import type { MatchResult, MatchStart, MatchTask } from './match-task.ts'

/** What a person asked for. */
export interface MatchOptions extends RuleSettings {
  readonly evidence: readonly string[]
  /** Files and folders of rules; our own when there are none. */
  readonly rules: readonly string[]
  /** Values of `--source`. */
  readonly sources: readonly string[]
  readonly jobs: number
  /** Records in unused space, too. */
  readonly carve?: boolean
  readonly signal?: AbortSignal
}

/** Where lines go. */
export interface MatchListener {
  /** Lines of one part; false when nobody reads them any more. */
  lines(text: string): Promise<boolean>
  /** Rules are loaded, evidence is not yet read. */
  rules(loaded: number, refused: readonly Diagnostic[]): void
}

/** What came of it. */
export interface MatchSummary {
  readonly items: number
  readonly records: number
  readonly hits: number
  /** Hits by level. */
  readonly levels: ReadonlyMap<string, number>
  /** A path is not there, or a recognised format could not be read. */
  readonly unreadable: number
  readonly diagnostics: readonly Diagnostic[]
  readonly interrupted: boolean
}

/**
 * Small parts: what one part can give at most is held in memory until the parts before it are written. A record gives a line for
 * each rule that holds, seldom more than one.
 */
const PART_BYTES = 8 << 20
const COPY_AGAIN = 'copy the file again and match once more'
const NURSERY_MEGABYTES = 16
/** Parts given out before the oldest one is back; more only hold memory. */
const PARTS_A_WORKER = 3

/**
 * Matches rules against evidence and keeps nothing: no case, no events, one line a hit. Lines are in the order of the items' paths,
 * in an item in the order of its records, of one record in the order of the rules' ids; the number of workers does not matter.
 * Hits of correlations come last, in order of time.
 */
export async function match(options: MatchOptions, listener: MatchListener): Promise<MatchSummary> {
  if (!options.evidence.some(path => existsSync(path)))
    throw new UsageError(
      'match/no-evidence',
      `no such file or folder: ${options.evidence.join(', ')}`,
      'name files, folders or archives that exist',
      3,
    )
  const settings = readRuleSettings(options)
  const rules = options.rules.length > 0 ? ruleFilesOf(options.rules, settings) : loadRules([], settings)
  listener.rules(
    rules.loaded,
    rules.diagnostics.filter(({ level }) => level !== 'note'),
  )
  const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-match-'))
  try {
    const found = await lookAround(
      options.evidence,
      readers,
      { spillDirectory, caseDirectory: spillDirectory },
      silentListener,
      options.signal,
    )
    return await matchItems(found, rules, options, listener)
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true })
  }
}

async function matchItems(
  found: readonly FoundItem[],
  { prepared, correlations }: LoadedRules,
  { jobs, signal, sources, carve = false }: MatchOptions,
  listener: MatchListener,
): Promise<MatchSummary> {
  const facts = statedFacts(sources, found)
  const diagnostics = found.flatMap(item => item.diagnostics)
  const levels = new Map<string, number>()
  let records = 0
  let hits = 0
  let unreadable = found.filter(item => item.pathProblem || item.state === 'unreadable').length
  const start: MatchStart = { rules: prepared }
  const pool = threadPool({
    directory: import.meta.dirname,
    name: 'match-worker',
    jobs,
    start,
    // Nearly everything is gone as soon as it is made: a large nursery only fills the memory.
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MEGABYTES },
  })
  const correlated = new CorrelatedHits(correlations)
  let isHeard = true
  try {
    await inOrder(
      tasksOf(found, (path, reader) => factsToRead(facts.of(path), reader, carve)),
      jobs * PARTS_A_WORKER,
      () => isHeard && signal?.aborted !== true,
      task => pool.run(task, { name: 'match' }) as Promise<MatchResult>,
      async (result, { plan }) => {
        if ('unreadable' in result) {
          unreadable += 1
          diagnostics.push(readProblem(plan.path, result.unreadable, COPY_AGAIN))
          return
        }
        records += result.records
        hits += result.hits
        for (const [level, count] of Object.entries(result.levels)) levels.set(level, (levels.get(level) ?? 0) + count)
        diagnostics.push(...result.diagnostics)
        correlated.add(result.feed)
        if (result.lines !== '') isHeard = await listener.lines(result.lines)
      },
    )
  } finally {
    await pool.destroy()
  }
  if (isHeard && signal?.aborted !== true) {
    const outcome = await correlated.lines(signal)
    diagnostics.push(...outcome.diagnostics)
    for (const [index, line] of outcome.lines.entries()) {
      const level = outcome.levels[index] ?? ''
      hits += 1
      levels.set(level, (levels.get(level) ?? 0) + 1)
      if (!(await listener.lines(line))) break
    }
  }
  const items = found.filter(item => item.reader).length
  return { items, records, hits, levels, unreadable, diagnostics, interrupted: signal?.aborted === true }
}

/** Parts of all items that have a reader, one item after the other: an item of lines is gone through once to be cut. */
export async function* tasksOf(
  found: readonly FoundItem[],
  factsOf: (path: string, reader: Reader) => PartPlan['facts'],
): AsyncGenerator<MatchTask> {
  for (const { path, file, bytes, reader, encoding } of found) {
    if (!reader || file === '') continue
    const { split, format } = reader
    const parts =
      split.by === 'lines'
        ? (await surveyFile(file, split, encoding, undefined, PART_BYTES)).parts
        : cutUnread(bytes, split, PART_BYTES)
    for (const [part, range] of parts.entries()) {
      // The path names the item: without a case there is no need for an id of its content.
      const plan = {
        ...range,
        evidence: path as EvidenceId,
        path,
        part,
        facts: factsOf(path, reader),
        encoding: encoding ?? 'latin1',
      }
      yield { file, format, plan: plan satisfies PartPlan }
    }
  }
}
