import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { type EvidenceFile, filesUnder, isPathProblem, openedItems } from '../../evidence/index.ts'
import { type Diagnostic, newcomers, type TimedMember } from '../../model/index.ts'
import { inOrder } from '../match/in-order.ts'
import { UsageError } from '../usage-error.ts'
import type { YaraAnswer } from '../yara/yara-scanner.ts'
import { YaraScanner, yaraDiagnostics } from '../yara/yara-scanner.ts'
import { fileFinding, lateMember } from './file-finding.ts'
import { JudgePool } from './judge-pool.ts'
import type { FileOutcome, FileTask, JudgedFile } from './judged-file.ts'
import { knownTrees, type RootTrees } from './known-trees.ts'
import { OddNames } from './odd-names.ts'

/** What a person asked for. */
export interface WebrootOptions {
  /** Folders, files and archives. */
  readonly roots: readonly string[]
  /** Folders, archives and lists of checksums of what is known to be good. */
  readonly against: readonly string[]
  /** YARA files and folders. */
  readonly yara: readonly string[]
  readonly jobs: number
  readonly signal?: AbortSignal
}

/** Where the outcome goes, as it comes, in the order of the paths. */
export interface WebrootListener {
  /** A file that is not clean; false when nobody reads any more. */
  file(judged: JudgedFile): Promise<boolean>
  diagnostic(diagnostic: Diagnostic): void
  /** Lists, copies and rules that are used. */
  say(text: string): void
}

export interface WebrootSummary {
  readonly files: number
  readonly bytes: number
  readonly seconds: number
  /** Files in which no script could be a shell. */
  readonly prefiltered: number
  readonly parsed: number
  /** Files judged by their words alone, and files that could not be read. */
  readonly notParsed: number
  /** Files that are as their maker or a copy has them; they are not judged. */
  readonly known: number
  /** Paths that are not there, and files and archives that could not be read. */
  readonly unreadable: number
  readonly interrupted: boolean
  /** Files our own code failed on. */
  readonly bugs: number
}

/** What runs in a Java archive. */
const RUNS = /!\/.*\.(?:class|jspx?|jspf|tagx?)$/i
/** Members of one archive whose times are compared; the largest web archives have some ten thousand classes. */
const MAX_TIMED = 50_000

/** Keeps when a class or page was written, by the innermost archive. */
function remember(timed: Map<string, TimedMember[]>, path: string, time: number): void {
  if (!RUNS.test(path)) return
  const archive = path.slice(0, path.lastIndexOf('!/'))
  const members = timed.get(archive) ?? []
  if (members.length < MAX_TIMED) members.push({ path, time })
  timed.set(archive, members)
}

/** Files of one task: small enough that all workers have some, large enough that the way between threads costs little. */
const BATCH = 48
const BATCHES_A_WORKER = 3

/** A file to judge; a member of an archive has the time the archive says, not that of unpacking. */
type Found = FileTask & { readonly root: string; readonly spilled: boolean; readonly memberTime?: number }
type Answer = { readonly outcome: FileOutcome; readonly yara: YaraAnswer | undefined }

/** Looks for web shells in folders and archives; keeps nothing, and holds only what is being worked on. */
export async function webroot(options: WebrootOptions, listener: WebrootListener): Promise<WebrootSummary> {
  if (!options.roots.some(path => existsSync(path)))
    throw new UsageError(
      'webroot/no-folder',
      `no such file or folder: ${options.roots.join(', ')}`,
      'name folders, files or archives that exist',
      3,
    )
  const spillDirectory = mkdtempSync(join(tmpdir(), 'barograph-webroot-'))
  const scanner = options.yara.length > 0 ? new YaraScanner(options.yara, options.jobs) : undefined
  const pool = new JudgePool(options.jobs, options.signal)
  try {
    const look = new Look(options, listener, spillDirectory, pool, scanner)
    return await look.run()
  } finally {
    scanner?.close()
    await pool.close()
    rmSync(spillDirectory, { recursive: true, force: true })
  }
}

class Look {
  readonly #options: WebrootOptions
  readonly #listener: WebrootListener
  readonly #spillDirectory: string
  readonly #oddNames: OddNames
  readonly #pool: JudgePool
  readonly #scanner: YaraScanner | undefined
  readonly #begun = performance.now()
  #trees: ReadonlyMap<string, RootTrees> = new Map()
  #heard = true
  /** Members of archives that are told for their content: one line a file. */
  readonly #told = new Set<string>()
  readonly #sum = { files: 0, bytes: 0, prefiltered: 0, parsed: 0, notParsed: 0, known: 0, unreadable: 0, bugs: 0 }

  constructor(
    options: WebrootOptions,
    listener: WebrootListener,
    spillDirectory: string,
    pool: JudgePool,
    scanner: YaraScanner | undefined,
  ) {
    this.#options = options
    this.#listener = listener
    this.#spillDirectory = spillDirectory
    this.#oddNames = new OddNames(spillDirectory)
    this.#pool = pool
    this.#scanner = scanner
  }

  async run(): Promise<WebrootSummary> {
    const { roots, against, signal } = this.#options
    const distinct = distinctRoots(roots)
    this.#trees = await knownTrees(distinct, against, this.#spillDirectory, text => this.#listener.say(text))
    if (this.#scanner) {
      const ready = await this.#scanner.ready()
      this.#listener.say(`${ready.loaded.toLocaleString('en')} YARA rules loaded, ${ready.refused.length} refused.`)
      for (const diagnostic of yaraDiagnostics(ready)) this.#listener.diagnostic(diagnostic)
    }
    await this.#judgeAll(batches(this.#found(distinct)))
    return {
      ...this.#sum,
      seconds: (performance.now() - this.#begun) / 1000,
      interrupted: signal?.aborted === true,
    }
  }

  async #judgeAll(tasks: AsyncIterable<readonly Found[]>): Promise<void> {
    await inOrder(
      tasks,
      this.#options.jobs * BATCHES_A_WORKER,
      () => this.#heard && this.#options.signal?.aborted !== true,
      files => this.#judge(files),
      (answers, files) => this.#take(answers, files),
    )
  }

  /** Files below the roots as they lie there; what is left out is said. */
  async *#found(roots: readonly string[]): AsyncGenerator<Found> {
    for (const root of roots) {
      const name = root === sep ? '' : root.replace(/[/\\]+$/, '')
      for (const found of filesUnder([root], { names: [name], exclude: [this.#spillDirectory] })) {
        if ('file' in found) yield { ...this.#task(found.path, found.file, root), root, spilled: false }
        else {
          const odd = [...this.#oddNames.at(found.item.path)]
          for (const { path, file } of odd) yield { ...this.#task(path, file, root), root, spilled: true }
          if (odd.length === 0) this.#leftOut(found.item)
        }
      }
    }
  }

  #task(path: string, file: string, root: string): FileTask {
    const expected = this.#trees.get(root)?.expected(path)
    return { path, file, ...(expected && { expected }) }
  }

  #leftOut(item: EvidenceFile): void {
    if (isPathProblem(item)) this.#sum.unreadable++
    for (const diagnostic of item.diagnostics) this.#listener.diagnostic({ ...diagnostic, path: diagnostic.path ?? item.path })
  }

  async #judge(files: readonly Found[]): Promise<readonly Answer[]> {
    const scanner = this.#scanner
    const outcomes = await this.#pool.judge(
      files.map(({ path, file, expected }) => ({ path, file, ...(expected && { expected }) })),
    )
    return await Promise.all(
      outcomes.map(async (outcome, index): Promise<Answer> => {
        const { path = '', file = '' } = files[index] ?? {}
        const isScanned = scanner !== undefined && outcome.state === 'judged'
        return { outcome, yara: isScanned ? await scanner.scan({ file, path, owner: '' }) : undefined }
      }),
    )
  }

  async #take(answers: readonly Answer[], files: readonly Found[]): Promise<void> {
    for (const [index, { outcome, yara }] of answers.entries()) {
      const found = files[index]
      if (found === undefined || !this.#heard) continue
      if (outcome.state === 'container') await this.#archive(found)
      else await this.#count(found, outcome, yara)
      if (found.spilled) rmSync(found.file, { force: true })
    }
  }

  /** Members are judged as they come; when all are known, those that came into the archive long after the others are told. */
  async #archive(found: Found): Promise<void> {
    const timed = new Map<string, TimedMember[]>()
    await this.#judgeAll(batches(this.#members(found, timed)))
    for (const [archive, members] of timed) {
      const odd = newcomers(members)
      for (const member of odd?.late ?? [])
        if (this.#heard && !this.#told.has(member.path))
          this.#heard = await this.#listener.file(lateMember(member, archive, members.length, odd?.built ?? 0))
    }
  }

  async *#members({ path, file, root }: Found, timed: Map<string, TimedMember[]>): AsyncGenerator<Found> {
    for await (const item of openedItems(path, file, { spillDirectory: this.#spillDirectory, javaArchives: true })) {
      // An archive that is damaged is an item of its own, and has been told of by its members.
      if (item.file === '' || item.file === file || item.state === 'unreadable') {
        if (item.state === 'unreadable' || item.state === 'encrypted') this.#sum.unreadable++
        this.#leftOut(item)
        continue
      }
      const memberTime = Math.trunc((item.containerTime ?? 0) / 1000)
      remember(timed, item.path, memberTime)
      yield { ...this.#task(item.path, item.file, root), root, spilled: true, memberTime }
    }
  }

  async #count(found: Found, outcome: Exclude<FileOutcome, { state: 'container' }>, yara: YaraAnswer | undefined): Promise<void> {
    const { path, root, memberTime } = found
    const sum = this.#sum
    sum.files++
    if (outcome.state === 'unreadable') {
      sum.unreadable++
      sum.notParsed++
      this.#tell('webroot/unreadable', path, `it could not be read: ${outcome.why}`, 'error')
      return
    }
    sum.bytes += outcome.bytes
    if (outcome.state === 'failed') {
      sum.bugs++
      sum.notParsed++
      this.#tell('internal/bug', path, `it was not judged because our own code failed: ${outcome.stack}`, 'error')
      return
    }
    if (outcome.state === 'known') {
      sum.known++
      return
    }
    const { judgement } = outcome
    if (judgement.prefiltered) sum.prefiltered++
    else if (judgement.parsed) sum.parsed++
    else {
      sum.notParsed++
      this.#tell('webroot/not-parsed', path, judgement.whyNotParsed ?? 'judged by its words', 'note')
    }
    if (outcome.partly)
      this.#tell('webroot/partly', path, 'only its beginning and its end were judged: it is larger than any page', 'note')
    if (yara !== undefined && 'notScanned' in yara) this.#tell('yara/not-scanned', path, yara.notScanned, 'warning')
    const hits = yara !== undefined && 'hits' in yara ? yara.hits : []
    const timed = memberTime === undefined ? outcome : { ...outcome, modifiedTime: memberTime }
    const finding = fileFinding(path, timed, hits, this.#trees.get(root)?.context(path) ?? [])
    if (finding && memberTime !== undefined) this.#told.add(path)
    if (finding) this.#heard = await this.#listener.file(finding)
  }

  #tell(code: string, path: string, message: string, level: Diagnostic['level']): void {
    this.#listener.diagnostic({ kind: 'diagnostic', code, level, path, message })
  }
}

/** A folder given twice, or inside another one that is given, is looked at once. */
function distinctRoots(roots: readonly string[]): readonly string[] {
  const real = roots.map(path => (existsSync(path) ? realpathSync(path) : path))
  return roots.filter((_path, index) => {
    const own = real[index] ?? ''
    return !real.some(
      (other, at) =>
        (at < index && other === own) || (own !== other && own.startsWith(other.endsWith(sep) ? other : other + sep)),
    )
  })
}

async function* batches(found: AsyncIterable<Found>): AsyncGenerator<readonly Found[]> {
  let batch: Found[] = []
  for await (const file of found) {
    batch.push(file)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
