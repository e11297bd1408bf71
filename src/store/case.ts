import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { Finding, Mark } from '../model/index.ts'
import { CaseDatabase, timeOf } from './case-database.ts'
import { CaseError, writeError } from './case-error.ts'
import { CaseLock } from './case-lock.ts'
import { Manifest } from './case-manifest.ts'
import { CaseQueries, type Period, type QueriedItem } from './duckdb/case-queries.ts'
import type { EngineLimits } from './duckdb/engine.ts'
import { segmentKinds } from './segments/segment-writer.ts'

/** A finding or incident as the last analysis left it, for queries and marks. */
export interface Snapshot {
  readonly id: string
  readonly severity: Finding['severity']
  readonly title: string
}

const DATABASE = 'case.sqlite'

/** Opens a case; `write` makes the folder when it is not there and takes the lock, `read` needs a case and takes no lock. */
export function openCase(directory: string, mode: 'write' | 'change' | 'read'): Case {
  try {
    const place = resolve(directory)
    if (mode === 'read') return Case.forReading(place)
    if (mode === 'change') mustBeCase(place)
    return Case.forWriting(place)
  } catch (error) {
    if (error instanceof Error && /not a database|malformed|corrupt/i.test(error.message) && !(error instanceof CaseError))
      throw new CaseError(
        'case/damaged',
        `${join(directory, DATABASE)} is damaged: ${error.message}`,
        'the events in segments/ are not affected; hunt the evidence again into a new case with --out DIR',
        error,
      )
    throw writeError(error, directory)
  }
}

/** A mistyped folder must not pass for an empty case. */
function mustBeCase(directory: string): void {
  if (existsSync(join(directory, DATABASE))) return
  throw new CaseError(
    'case/not-found',
    `${directory} is not a case`,
    'name the case folder with --case DIR, or make one with `barograph hunt`',
  )
}

/** A case folder: manifest, findings, marks and audit trail in SQLite, events in Parquet segments. */
export class Case {
  readonly directory: string
  readonly manifest: Manifest
  readonly #database: CaseDatabase
  readonly #lock: CaseLock | undefined
  #auditEntry: number | undefined

  private constructor(directory: string, database: CaseDatabase, lock: CaseLock | undefined) {
    this.directory = directory
    this.#database = database
    this.manifest = new Manifest(database)
    this.#lock = lock
  }

  static forReading(directory: string): Case {
    mustBeCase(directory)
    const file = join(directory, DATABASE)
    return new Case(directory, new CaseDatabase(directory, file, isWritable(directory) ? 'read' : 'read-only-disk'), undefined)
  }

  static forWriting(directory: string): Case {
    if (existsSync(directory) && !statSync(directory).isDirectory())
      throw new CaseError('case/not-a-case', `${directory} is a file, not a folder`, 'choose another folder with --out DIR')
    if (existsSync(directory) && !existsSync(join(directory, DATABASE)) && readdirSync(directory).some(name => !OURS.has(name)))
      throw new CaseError(
        'case/not-a-case',
        `${directory} holds other files and is not a case`,
        'choose an empty or new folder with --out DIR; nothing was changed',
      )
    mkdirSync(join(directory, 'segments'), { recursive: true })
    mkdirSync(join(directory, 'tmp'), { recursive: true })
    const lock = CaseLock.take(directory, { pid: process.pid, since: new Date().toISOString(), host: hostname() })
    try {
      const opened = new Case(directory, new CaseDatabase(directory, join(directory, DATABASE), 'write'), lock)
      opened.#removeLeftovers()
      return opened
    } catch (error) {
      lock.release()
      throw error
    }
  }

  close(): void {
    this.#database.close()
    this.#lock?.release()
  }

  /** Notes the command in the audit trail; the outcome follows with `endAudit`. A command that was killed has none. */
  beginAudit(command: string, version: string): void {
    const { lastRow } = this.#database.run('insert into audit (startedAt, version, command) values (?, ?, ?)', [
      new Date().toISOString(),
      version,
      command,
    ])
    this.#auditEntry = lastRow
  }

  endAudit(outcome: string): void {
    if (this.#auditEntry === undefined) return
    this.#database.run('update audit set endedAt = ?, outcome = ? where id = ?', [
      new Date().toISOString(),
      outcome,
      this.#auditEntry,
    ])
  }

  audit(): readonly { startedAt: string; endedAt: string; version: string; command: string; outcome: string }[] {
    return this.#database.all('select * from audit order by id').map(row => ({
      startedAt: String(row['startedAt']),
      endedAt: String(row['endedAt'] ?? ''),
      version: String(row['version']),
      command: String(row['command']),
      outcome: String(row['outcome'] ?? ''),
    }))
  }

  /** A named value of the case, for instance the assets it was hunted with; undefined when never set. */
  fact(name: string): string | undefined {
    const row = this.#database.all('select value from fact where name = ?', [name])[0]
    return row === undefined ? undefined : String(row['value'])
  }

  setFact(name: string, value: string): void {
    this.#database.run('insert into fact values (?, ?) on conflict (name) do update set value = excluded.value', [name, value])
  }

  marks(): readonly Mark[] {
    return this.#database.all('select * from mark order by kind, target').map(row => ({
      kind: String(row['kind']) as Mark['kind'],
      target: String(row['target']),
      reason: String(row['reason']),
      until: timeOf(row['until']),
    }))
  }

  setMark({ kind, target, reason, until }: Mark): void {
    this.#database.run('insert or replace into mark values (?, ?, ?, ?, ?)', [
      kind,
      target,
      reason,
      until ?? null,
      new Date().toISOString(),
    ])
  }

  /** True when there was such a mark. */
  removeMark(kind: Mark['kind'], target: string): boolean {
    return this.#database.run('delete from mark where kind = ? and target = ?', [kind, target]).changes > 0
  }

  /** Replaces the findings and incidents of the last analysis; the records they quote stand in report.json alone, as most of it. */
  saveAnalysis(findings: readonly Snapshot[], incidents: readonly Snapshot[]): void {
    this.#database.transaction(() => {
      this.#database.run('delete from finding')
      this.#database.run('delete from incident')
      for (const [table, rows] of [['finding', findings] as const, ['incident', incidents] as const])
        for (const row of rows)
          this.#database.run(`insert into ${table} values (?, ?, ?, ?)`, [row.id, row.severity, row.title, JSON.stringify(row)])
    })
  }

  findings(): readonly Snapshot[] {
    return this.#database.all('select json from finding').map(row => JSON.parse(String(row['json'])) as Snapshot)
  }

  /** Queries over all events of parts that are done, each record once. */
  queries(limits: Omit<EngineLimits, 'temporaryDirectory'>, period?: Period): Promise<CaseQueries> {
    const totals = this.manifest.totals()
    const items = this.manifest.items().map((item): QueriedItem => {
      const { records = 0, events = 0, firstTime, lastTime } = totals.get(item.evidence) ?? {}
      const { evidence, path, sha256, bytes, format, state } = item
      return { evidence, path, format: format === '' ? state : format, sha256, bytes, records, events, firstTime, lastTime }
    })
    return CaseQueries.open(this.directory, this.#scratch(), items, this.manifest.segments(), limits, period)
  }

  /** A folder of its own for each set of queries, named after the process, so that a writer does not tidy it away under a reader. */
  #scratch(): string {
    const name = `query-${process.pid}-${queriesOpened++}`
    return isWritable(this.directory) ? join(this.directory, 'tmp', name) : join(tmpdir(), `barograph-${name}`)
  }

  /** What a killed run left: half-written files, and segments whose task was never committed. Parts whose segments are gone are read again. */
  #removeLeftovers(): void {
    const temporary = join(this.directory, 'tmp')
    for (const name of readdirSync(temporary)) {
      const reader = /^query-(\d+)-/.exec(name)
      if (reader && isAlive(Number(reader[1]))) continue
      rmSync(join(temporary, name), { recursive: true, force: true })
    }
    const known = new Map(this.manifest.segments().map(segment => [segment.file, segment]))
    for (const kind of segmentKinds) {
      const folder = join(this.directory, 'segments', kind)
      if (!existsSync(folder)) continue
      for (const name of readdirSync(folder)) {
        const file = relative(this.directory, join(folder, name))
        const segment = known.get(file)
        if (segment && statSync(join(folder, name)).size === segment.bytes) known.delete(file)
        else rmSync(join(folder, name), { recursive: true, force: true })
      }
    }
    for (const { evidence, part } of known.values()) this.manifest.forgetTask(evidence, part)
  }
}

/** Names that may be there before the database is: the user's facts, and what a run leaves that is killed at its very beginning. */
const OURS = new Set([
  'sources.yaml',
  'segments',
  'tmp',
  'writer.lock',
  'writer.json',
  'case.sqlite-journal',
  'case.sqlite-wal',
  'case.sqlite-shm',
])

let queriesOpened = 0

/** A case may lie on a disk that is mounted read-only, as evidence is. */
function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
