import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { detectors } from '../detect/registry.ts'
import { MISSING_PATH } from '../evidence/index.ts'
import type { BaselineChoice, Diagnostic, Micros, Report, RuleFile } from '../model/index.ts'
import { readers } from '../readers/registry.ts'
import { type Case, openCase } from '../store/index.ts'
import { HUNT_STOPPED } from './analyse.ts'
import { checkAssetsOption, rememberAssets } from './assets.ts'
import { rememberCorrelations } from './correlation-findings.ts'
import { checkRoom } from './disk-room.ts'
import { type LoadedIntel, loadIntel } from './intel/intel-files.ts'
import { rememberIntel, rememberKinds } from './intel/intel-findings.ts'
import { asStatedTable, type FoundItem, lookAround } from './look.ts'
import { type ProgressListener, silentListener } from './progress.ts'
import { ReadAhead } from './read-ahead.ts'
import { type ReadSummary, readEvidence } from './read-evidence.ts'
import { VICTIM_FILE_FORMAT } from './read-part.ts'
import { reportOn } from './report-files.ts'
import { type LoadedRules, loadRules } from './rule-files.ts'
import { type RuleSettings, readRuleSettings, tuningDiagnostics } from './rule-settings.ts'
import { factsSoFar, factsToRead, settleFacts } from './sources-file.ts'
import { UsageError } from './usage-error.ts'
import { rememberRoots } from './verify.ts'
import { programVersion } from './version.ts'
import { WorkerPool } from './worker-pool.ts'
import { yaraFiles } from './yara/yara-files.ts'
import { YaraScanner, yaraDiagnostics } from './yara/yara-scanner.ts'

/** What a person asked for. */
export interface HuntOptions extends RuleSettings {
  readonly evidence: readonly string[]
  readonly caseDirectory: string
  readonly rules: readonly string[]
  /** Files and folders of YARA rules for the victim's files. */
  readonly yara?: readonly string[]
  readonly assets: string | undefined
  /** Files and folders of indicators. */
  readonly intel?: readonly string[]
  /** Values of `--source`. */
  readonly sources: readonly string[]
  readonly since: Micros | undefined
  readonly until: Micros | undefined
  /** What "usual" may be learned from; the evidence itself when nothing is said. */
  readonly baseline?: BaselineChoice
  readonly jobs: number
  /** Records in unused space, too. */
  readonly carve?: boolean
  /** As typed, for the audit trail. */
  readonly command: string
  /** Aborted: reading ends with the parts that are being read, and what was read by then is judged. */
  readonly signal?: AbortSignal
}

/** What came of a hunt. */
export interface HuntResult {
  readonly report: Report
  /** It was stopped: the report rests on what had been read, and on the detectors that had been asked, by then. */
  readonly stopped: boolean
  readonly summary: ReadSummary
  /** A given path, or a file in it, is not there or not accessible. */
  readonly pathProblem: boolean
  /** Parts that are done in the case, of all its parts, and items whose parts are not known yet. */
  readonly parts: { readonly done: number; readonly all: number; readonly itemsWaiting: number }
}

/** One hunt from evidence to report. Run again on the same case it goes on where it stopped. */
export async function hunt(options: HuntOptions, listener: ProgressListener = silentListener): Promise<HuntResult> {
  if (!options.evidence.some(path => existsSync(path)))
    throw new UsageError(
      'hunt/no-evidence',
      `no such file or folder: ${options.evidence.join(', ')}`,
      'name files, folders or archives that exist; nothing was written',
      3,
    )
  checkAssetsOption(options.assets)
  const intel = loadIntel(options.intel ?? [])
  const rules = loadRules(options.rules, readRuleSettings(options))
  const opened = openCase(options.caseDirectory, 'write')
  try {
    opened.beginAudit(options.command, programVersion)
    const result = await huntInto(opened, options, { rules, intel }, listener)
    opened.endAudit([...(result.stopped ? ['stopped'] : []), `verdict ${result.report.verdict.level}`].join(', '))
    return result
  } finally {
    opened.close()
  }
}

/** What a hunt looks with, read before anything is written. */
interface Loaded {
  readonly rules: LoadedRules
  readonly intel: LoadedIntel | undefined
}

async function huntInto(opened: Case, options: HuntOptions, loaded: Loaded, listener: ProgressListener): Promise<HuntResult> {
  const pool = new WorkerPool(opened.directory, options.jobs, loaded.rules)
  let read: ReadEvidence
  try {
    read = await lookAndRead(opened, pool, options, loaded.rules, listener)
  } finally {
    await pool.close()
  }
  return judgeWhatWasRead(opened, read, options, loaded, listener)
}

/** What looking and reading gave for what follows. */
interface ReadEvidence {
  readonly paths: readonly string[]
  readonly items: readonly FoundItem[]
  readonly summary: ReadSummary
  readonly pathProblem: boolean
  /** What is to be said beside the items. */
  readonly diagnostics: readonly Diagnostic[]
}

const spillDirectoryOf = (opened: Case) => join(opened.directory, 'unpacked')

async function lookAndRead(
  opened: Case,
  pool: WorkerPool,
  options: HuntOptions,
  rules: LoadedRules,
  listener: ProgressListener,
): Promise<ReadEvidence> {
  const { signal, carve = false } = options
  const { refused } = rules
  if (options.rules.length > 0)
    listener.say(`${rules.loaded} rules loaded, ${refused} refused${refused > 0 ? ' (the report says why)' : ''}.`)
  listener.phase('look', 0)
  const digest = watchersDigest(rules, yaraFiles(options.yara ?? []))
  const soFar: FoundItem[] = []
  const ahead = readAhead(opened, pool, options, digest, listener, soFar)
  // The asset list is evidence of what the operator knows: what is said of a device points to its line there.
  const paths = [...options.evidence, ...(options.assets === undefined ? [] : [options.assets])]
  const places = {
    spillDirectory: spillDirectoryOf(opened),
    caseDirectory: opened.directory,
    found: (item: FoundItem) => {
      soFar.push(item)
      ahead.offer(item)
    },
  }
  const found = await lookAround(paths, readers, places, listener, signal)
  const lookedThrough = signal?.aborted !== true
  await ahead.end()
  // What was guessed from half of the evidence is not written down: the user's corrections and the next guesses build on what is there.
  const facts = (lookedThrough ? settleFacts : factsSoFar)(opened.directory, options.sources, found)
  // Neither a path that is not there nor a report of ours is an item of the evidence; what is to be said of them stands with the report.
  const leftOut = found.filter(item => item.isOwnReport || item.diagnostics.some(({ code }) => code === MISSING_PATH))
  const items = found
    .filter(item => !leftOut.includes(item))
    .map(item => (facts.of(item.path).columns === undefined ? item : asStatedTable(item, readers)))
  if (lookedThrough) checkRoom(items, opened, listener)
  const yara = lookedThrough ? await yaraOf(options, items, listener) : NO_YARA
  let summary: ReadSummary
  try {
    summary = await readEvidence(items, {
      opened,
      pool,
      facts,
      watchersDigest: digest,
      carve,
      yara: yara.scanner,
      ahead,
      listener,
      signal,
    })
  } finally {
    yara.scanner?.close()
    ahead.discardRest(new Set(opened.manifest.segments().map(({ file }) => file)))
  }
  if (summary.takenOver > 0) listener.say(`${summary.takenOver} parts were done before and are taken over.`)
  const stopped = signal?.aborted === true
  return {
    paths,
    items,
    summary,
    pathProblem: found.some(item => item.pathProblem),
    diagnostics: [
      ...(stopped ? stoppedEarly(partsOf(opened), lookedThrough ? undefined : found.length) : []),
      ...leftOut.flatMap(item => item.diagnostics),
      ...facts.diagnostics,
      ...rules.diagnostics,
      ...yara.diagnostics,
    ],
  }
}

/** What is known of an item by what was found so far; a file that waits for the user's YARA rules is not read before them. */
function readAhead(
  opened: Case,
  pool: WorkerPool,
  { sources, yara = [], carve = false }: HuntOptions,
  digest: string,
  listener: ProgressListener,
  soFar: readonly FoundItem[],
): ReadAhead {
  const known = new Set(opened.manifest.items().flatMap(({ path, state }) => (state === 'waiting' ? [] : [path])))
  return new ReadAhead({
    pool,
    caseDirectory: opened.directory,
    watchersDigest: digest,
    listener,
    facts: () => {
      const { of } = factsSoFar(opened.directory, sources, soFar)
      return { of: ({ path, reader }) => factsToRead(of(path), reader, carve) }
    },
    isLeftOut: ({ path, reader }) => known.has(path) || (yara.length > 0 && reader?.format === VICTIM_FILE_FORMAT),
  })
}

async function judgeWhatWasRead(
  opened: Case,
  { paths, items, summary, pathProblem, diagnostics: said }: ReadEvidence,
  options: HuntOptions,
  { rules, intel }: Loaded,
  listener: ProgressListener,
): Promise<HuntResult> {
  rememberAssets(opened, options.assets, items)
  rememberRoots(
    opened,
    paths.map(path => resolve(path)),
  )
  rememberCorrelations(opened, rules.correlations)
  if (intel) {
    rememberIntel(opened, intel.indicators)
    rememberKinds(opened, intel.kinds)
    listener.say(
      `${intel.indicators.length} indicators loaded${intel.kinds ? `, and kinds of ${intel.kinds.kinds.length} networks` : ''}.`,
    )
  }
  opened.setFact('period', JSON.stringify({ since: options.since, until: options.until }))
  const diagnostics: readonly Diagnostic[] = [
    ...said,
    ...(intel?.diagnostics ?? []),
    ...tuningDiagnostics(rules.options, latestRecord(opened)),
  ]
  opened.setFact('baseline', JSON.stringify(options.baseline ?? {}))
  opened.setFact('diagnostics', JSON.stringify(diagnostics))
  const report = await reportOn(opened, options.jobs, listener, rules.users, options.signal)
  const stopped = options.signal?.aborted === true
  // What was unpacked is needed again when the hunt goes on.
  if (!stopped) rmSync(spillDirectoryOf(opened), { recursive: true, force: true })
  return { report, stopped, summary, pathProblem, parts: partsOf(opened) }
}

/** Nothing when everything had been read by then. `found` is how many items a look that was stopped had come to. */
function stoppedEarly({ done, all, itemsWaiting }: HuntResult['parts'], found: number | undefined): readonly Diagnostic[] {
  if (found === undefined && done === all && itemsWaiting === 0) return []
  const unread = [
    ...(found === undefined
      ? []
      : [`the evidence was not looked through to its end (${found} ${found === 1 ? 'item was' : 'items were'} found)`]),
    ...(done < all ? [`${all - done} of ${all} parts were not read`] : []),
    ...(itemsWaiting > 0 ? [`${itemsWaiting} ${itemsWaiting === 1 ? 'item was' : 'items were'} not begun`] : []),
  ]
  return [
    {
      kind: 'diagnostic',
      code: HUNT_STOPPED,
      level: 'warning',
      message: `the hunt was stopped: ${unread.join(', ')}; this report rests on the rest`,
      hint: 'The same command again goes on from there.',
    },
  ]
}

function partsOf(opened: Case): HuntResult['parts'] {
  const totals = opened.manifest.totals()
  const items = opened.manifest.items()
  const read = items.filter(item => item.state === 'read')
  return {
    done: read.reduce((sum, item) => sum + (totals.get(item.evidence)?.partsDone ?? 0), 0),
    all: read.reduce((sum, item) => sum + item.parts, 0),
    itemsWaiting: items.filter(item => item.state === 'waiting').length,
  }
}

/** Time of the latest record of all that was read. */
function latestRecord(opened: Case): Micros | undefined {
  let latest: Micros | undefined
  for (const { lastTime } of opened.manifest.totals().values())
    if (lastTime !== undefined && (latest === undefined || lastTime > latest)) latest = lastTime
  return latest
}

/** Rules of the user and the processes that scan with them; none are started when no file of a victim is among the evidence. */
interface HuntYara {
  readonly scanner: YaraScanner | undefined
  readonly diagnostics: readonly Diagnostic[]
}

async function yaraOf(
  { yara = [], jobs }: HuntOptions,
  items: readonly FoundItem[],
  listener: ProgressListener,
): Promise<HuntYara> {
  if (yara.length === 0) return NO_YARA
  if (!items.some(({ reader }) => reader?.format === VICTIM_FILE_FORMAT)) {
    listener.say('No file of a victim is among the evidence: the YARA rules have nothing to scan.')
    return NO_YARA
  }
  const scanner = new YaraScanner(yara, Math.min(jobs, MAX_YARA_PROCESSES))
  const ready = await scanner.ready()
  listener.say(
    `${ready.loaded} YARA rules loaded, ${ready.refused.length} refused${ready.refused.length > 0 ? ' (the report says why)' : ''}.`,
  )
  return { scanner, diagnostics: yaraDiagnostics(ready) }
}

/** Each holds all rules compiled, some hundred megabytes of them. */
const MAX_YARA_PROCESSES = 2

const NO_YARA: HuntYara = { scanner: undefined, diagnostics: [] }

/** Changes with everything that decides which hits a record has: program, detectors and rules. */
function watchersDigest({ files, options }: Pick<LoadedRules, 'files' | 'options'>, yara: readonly RuleFile[]): string {
  const hash = createHash('sha256').update(programVersion)
  for (const detector of detectors) {
    if (detector.on === 'record') hash.update(`${detector.id}\n${detector.detect}`)
    if (detector.on === 'content') hash.update(`${detector.id}\n${detector.wants}\n${detector.judge}`)
  }
  for (const { path, text } of [...files, ...yara]) hash.update(`\0${path}\0${text}`)
  hash.update(`\0${JSON.stringify([[...(options.placeholders ?? [])], options.tuning?.asOf, options.tuning?.entries])}`)
  return hash.digest('hex')
}
