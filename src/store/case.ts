import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Diagnostic, EvidenceId, Finding, Mark, Micros, SourceFacts } from '../model/index.ts'
import { CaseError, writeError } from './case-error.ts'
import { CaseLock } from './case-lock.ts'
import { CASE_SCHEMA, CASE_SCHEMA_VERSION } from './case-schema.ts'
import { CaseQueries, columnsDigest, type Period, type QueriedItem } from './duckdb/case-queries.ts'
import type { EngineLimits } from './duckdb/engine.ts'
import { type SegmentKind, segmentKinds, type WrittenTask } from './duckdb/segment-writer.ts'

/** What became of an evidence item. Only `read` ones have events; a `copy` has the same bytes as another item, which is read for both. */
export type ItemState = 'read' | 'copy' | 'recognised-not-read' | 'unknown' | 'empty' | 'encrypted' | 'unreadable'

/** One evidence item of the manifest. */
export interface CaseItem {
  readonly evidence: EvidenceId
  readonly path: string
  /** '' when its bytes could not be read. */
  readonly sha256: string
  readonly bytes: number
  readonly state: ItemState
  /** Reader that reads it; '' when none does. */
  readonly format: string
  readonly note: string
  readonly facts: SourceFacts
  /** Names what the segments depend on beside the bytes: reader and its version, facts, rules. Another value means reading again. */
  readonly reading: string
  readonly parts: number
}

/** What the manifest adds up for one item from its finished parts. */
export interface ItemTotals {
  readonly partsDone: number
  readonly records: number
  readonly events: number
  readonly hits: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** A finished part, to be committed. */
export interface FinishedTask {
  readonly evidence: EvidenceId
  readonly part: number
  readonly reading: string
  readonly written: WrittenTask
  readonly diagnostics: readonly Diagnostic[]
}

/** A finding or incident as the last analysis left it, for queries and marks. */
export interface Snapshot {
  readonly id: string
  readonly severity: Finding['severity']
  readonly title: string
}

const DATABASE = 'case.sqlite'
/** Diagnostics about an item as a whole, not about one of its parts. */
const WHOLE_ITEM = -1

/** Opens a case; `write` makes the folder when it is not there and takes the lock, `read` needs a case and takes no lock. */
export function openCase(directory: string, mode: 'write' | 'read'): Case {
  try {
    const place = resolve(directory)
    return mode === 'write' ? Case.forWriting(place) : Case.forReading(place)
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

/** A case folder: manifest, findings, marks and audit trail in SQLite, events in Parquet segments. */
export class Case {
  readonly directory: string
  readonly #database: DatabaseSync
  readonly #lock: CaseLock | undefined
  #auditEntry: number | undefined

  private constructor(directory: string, database: DatabaseSync, lock: CaseLock | undefined) {
    this.directory = directory
    this.#database = database
    this.#lock = lock
  }

  static forReading(directory: string): Case {
    const file = join(directory, DATABASE)
    if (!existsSync(file))
      throw new CaseError(
        'case/not-found',
        `${directory} is not a case`,
        'name the case folder with --case DIR, or make one with `barograph hunt`',
      )
    const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MILLISECONDS })
    refuseNewer(database, directory)
    return new Case(directory, database, undefined)
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
      const database = new DatabaseSync(join(directory, DATABASE), { timeout: BUSY_MILLISECONDS })
      // FULL: what was reported as done is on the disk before it is reported.
      database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
      refuseNewer(database, directory)
      if (versionOf(database) === 0) database.exec(`begin; ${CASE_SCHEMA} pragma user_version = ${CASE_SCHEMA_VERSION}; commit`)
      const opened = new Case(directory, database, lock)
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
    const { lastInsertRowid } = this.#run('insert into audit (startedAt, version, command) values (?, ?, ?)', [
      new Date().toISOString(),
      version,
      command,
    ])
    this.#auditEntry = Number(lastInsertRowid)
  }

  endAudit(outcome: string): void {
    if (this.#auditEntry === undefined) return
    this.#run('update audit set endedAt = ?, outcome = ? where id = ?', [new Date().toISOString(), outcome, this.#auditEntry])
  }

  audit(): readonly { startedAt: string; endedAt: string; version: string; command: string; outcome: string }[] {
    return this.#all('select * from audit order by id').map(row => ({
      startedAt: String(row['startedAt']),
      endedAt: String(row['endedAt'] ?? ''),
      version: String(row['version']),
      command: String(row['command']),
      outcome: String(row['outcome'] ?? ''),
    }))
  }

  /** A named value of the case, for instance the assets it was hunted with; undefined when never set. */
  fact(name: string): string | undefined {
    const row = this.#all('select value from fact where name = ?', [name])[0]
    return row === undefined ? undefined : String(row['value'])
  }

  setFact(name: string, value: string): void {
    this.#run('insert into fact values (?, ?) on conflict (name) do update set value = excluded.value', [name, value])
  }

  items(): readonly CaseItem[] {
    return this.#all('select * from item order by path, sha256').map(row => ({
      evidence: String(row['evidence']) as EvidenceId,
      path: String(row['path']),
      sha256: String(row['sha256']),
      bytes: Number(row['bytes']),
      state: String(row['state']) as ItemState,
      format: String(row['format']),
      note: String(row['note']),
      facts: JSON.parse(String(row['facts'])) as SourceFacts,
      reading: String(row['reading']),
      parts: Number(row['parts']),
    }))
  }

  /** Adds or changes items. What was read of one in another way (other reader version, facts or rules) is dropped. */
  putItems(items: readonly { readonly item: CaseItem; readonly diagnostics: readonly Diagnostic[] }[]): void {
    this.#transaction(() => {
      for (const { item, diagnostics } of items) this.#putItem(item, diagnostics)
    })
  }

  /** Parts of an item that are done. */
  partsDone(evidence: EvidenceId): ReadonlySet<number> {
    return new Set(this.#all('select part from task where evidence = ?', [evidence]).map(row => Number(row['part'])))
  }

  /** From here on the parts are done: their segments are in place and this is on the disk when it returns. */
  commitTasks(tasks: readonly FinishedTask[]): void {
    this.#transaction(() => {
      for (const task of tasks) this.#putTask(task)
    })
  }

  /** A part that could not be read: it is not done, and this says why. */
  noteFailure(evidence: EvidenceId, part: number, diagnostic: Diagnostic): void {
    this.#transaction(() => this.#putDiagnostics(evidence, part, [diagnostic]))
  }

  totals(): ReadonlyMap<EvidenceId, ItemTotals> {
    const rows = this.#all(`select evidence, count(*) as done, sum(records) as records, sum(events) as events, sum(hits) as hits,
      min(firstTime) as first, max(lastTime) as last from task group by evidence`)
    return new Map(
      rows.map(row => [
        String(row['evidence']) as EvidenceId,
        {
          partsDone: Number(row['done']),
          records: Number(row['records']),
          events: Number(row['events']),
          hits: Number(row['hits']),
          firstTime: timeOf(row['first']),
          lastTime: timeOf(row['last']),
        },
      ]),
    )
  }

  /** Diagnostics by item, those about the item as a whole first, then part by part. */
  diagnostics(): ReadonlyMap<EvidenceId, readonly Diagnostic[]> {
    const byItem = new Map<EvidenceId, Diagnostic[]>()
    for (const row of this.#all('select evidence, json from diagnostic order by evidence, part, nth')) {
      const evidence = String(row['evidence']) as EvidenceId
      const list = byItem.get(evidence) ?? []
      list.push(JSON.parse(String(row['json'])) as Diagnostic)
      byItem.set(evidence, list)
    }
    return byItem
  }

  marks(): readonly Mark[] {
    return this.#all('select * from mark order by kind, target').map(row => ({
      kind: String(row['kind']) as Mark['kind'],
      target: String(row['target']),
      reason: String(row['reason']),
      until: timeOf(row['until']),
    }))
  }

  setMark({ kind, target, reason, until }: Mark): void {
    this.#run('insert or replace into mark values (?, ?, ?, ?, ?)', [
      kind,
      target,
      reason,
      until ?? null,
      new Date().toISOString(),
    ])
  }

  /** True when there was such a mark. */
  removeMark(kind: Mark['kind'], target: string): boolean {
    return Number(this.#run('delete from mark where kind = ? and target = ?', [kind, target]).changes) > 0
  }

  /** Replaces the findings and incidents of the last analysis. */
  saveAnalysis(findings: readonly Snapshot[], incidents: readonly Snapshot[]): void {
    this.#transaction(() => {
      this.#run('delete from finding')
      this.#run('delete from incident')
      for (const [table, rows] of [['finding', findings] as const, ['incident', incidents] as const])
        for (const row of rows)
          this.#run(`insert into ${table} values (?, ?, ?, ?)`, [row.id, row.severity, row.title, JSON.stringify(row)])
    })
  }

  findings(): readonly Snapshot[] {
    return this.#all('select json from finding').map(row => JSON.parse(String(row['json'])) as Snapshot)
  }

  /** Queries over all events of parts that are done, each record once. */
  queries(limits: Omit<EngineLimits, 'temporaryDirectory'>, period?: Period): Promise<CaseQueries> {
    const totals = this.totals()
    const items = this.items().map((item): QueriedItem => {
      const { records = 0, events = 0, firstTime, lastTime } = totals.get(item.evidence) ?? {}
      const { evidence, path, sha256, bytes, format, state } = item
      return { evidence, path, format: format === '' ? state : format, sha256, bytes, records, events, firstTime, lastTime }
    })
    const segments = this.#all('select * from segment order by file').map(row => ({
      kind: String(row['kind']) as SegmentKind,
      file: String(row['file']),
      rows: Number(row['rows']),
      columns: String(row['columns']),
    }))
    return CaseQueries.open(this.directory, join(this.directory, 'tmp', `query-${process.pid}`), items, segments, limits, period)
  }

  /** What a killed run left: half-written files, and segments whose task was never committed. Parts whose segments are gone are read again. */
  #removeLeftovers(): void {
    const temporary = join(this.directory, 'tmp')
    for (const name of readdirSync(temporary)) {
      const reader = /^query-(\d+)$/.exec(name)
      if (reader && isAlive(Number(reader[1]))) continue
      rmSync(join(temporary, name), { recursive: true, force: true })
    }
    const known = new Map(this.#all('select file, evidence, part, bytes from segment').map(row => [String(row['file']), row]))
    for (const kind of segmentKinds) {
      const folder = join(this.directory, 'segments', kind)
      if (!existsSync(folder)) continue
      for (const name of readdirSync(folder)) {
        const file = relative(this.directory, join(folder, name))
        const row = known.get(file)
        if (row && statSync(join(folder, name)).size === Number(row['bytes'])) known.delete(file)
        else rmSync(join(folder, name), { recursive: true, force: true })
      }
    }
    for (const row of known.values())
      this.#run('delete from task where evidence = ? and part = ?', [String(row['evidence']), Number(row['part'])])
  }

  #putItem(item: CaseItem, diagnostics: readonly Diagnostic[]): void {
    const { evidence, path, sha256, bytes, state, format, note, facts, reading, parts } = item
    // The same bytes at the same place are one item; a place that could not be read before is no item of its own any more.
    this.#run("delete from item where path = ? and sha256 in (?, '') and evidence <> ?", [path, sha256, evidence])
    this.#run(
      `insert into item values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (evidence) do update set path = excluded.path,
       sha256 = excluded.sha256, bytes = excluded.bytes, state = excluded.state, format = excluded.format, note = excluded.note,
       facts = excluded.facts, reading = excluded.reading, parts = excluded.parts`,
      [evidence, path, sha256, bytes, state, format, note, JSON.stringify(facts), reading, parts],
    )
    this.#run(
      'delete from diagnostic where evidence = ? and part not in (select part from task where evidence = ? and reading = ?)',
      [evidence, evidence, reading],
    )
    this.#run('delete from task where evidence = ? and reading <> ?', [evidence, reading])
    this.#putDiagnostics(evidence, WHOLE_ITEM, diagnostics)
  }

  #putTask({ evidence, part, reading, written, diagnostics }: FinishedTask): void {
    this.#run('delete from task where evidence = ? and part = ?', [evidence, part])
    this.#run('insert into task values (?, ?, ?, ?, ?, ?, ?, ?)', [
      evidence,
      part,
      reading,
      written.records,
      written.events,
      written.hits,
      written.firstTime ?? null,
      written.lastTime ?? null,
    ])
    for (const { file, kind, rows, bytes } of written.segments)
      this.#run('insert or replace into segment values (?, ?, ?, ?, ?, ?, ?)', [
        file,
        evidence,
        part,
        kind,
        rows,
        bytes,
        columnsDigest(kind),
      ])
    this.#putDiagnostics(evidence, part, diagnostics)
  }

  #putDiagnostics(evidence: EvidenceId, part: number, diagnostics: readonly Diagnostic[]): void {
    this.#run('delete from diagnostic where evidence = ? and part = ?', [evidence, part])
    diagnostics.forEach((diagnostic, index) => {
      this.#run('insert into diagnostic values (?, ?, ?, ?)', [evidence, part, index, JSON.stringify(diagnostic)])
    })
  }

  #transaction(work: () => void): void {
    try {
      this.#database.exec('begin immediate')
      work()
      this.#database.exec('commit')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw writeError(error, this.directory)
    }
  }

  #run(sql: string, values: readonly SQLInputValue[] = []) {
    try {
      return this.#database.prepare(sql).run(...values)
    } catch (error) {
      throw writeError(error, this.directory)
    }
  }

  #all(sql: string, values: readonly SQLInputValue[] = []) {
    return this.#database.prepare(sql).all(...values)
  }
}

/** A reader or a checkpoint may hold the database for a moment. */
const BUSY_MILLISECONDS = 10_000
/** Names that may be there before the database is: the user's facts, and what a run leaves that is killed at its very beginning. */
const OURS = new Set([
  'segments',
  'tmp',
  'writer.lock',
  'writer.json',
  'case.sqlite-journal',
  'case.sqlite-wal',
  'case.sqlite-shm',
])

function timeOf(value: unknown): Micros | undefined {
  return value === null || value === undefined ? undefined : (Number(value) as Micros)
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.['user_version'] ?? 0)
}

function refuseNewer(database: DatabaseSync, directory: string): void {
  const version = versionOf(database)
  if (version <= CASE_SCHEMA_VERSION) return
  database.close()
  throw new CaseError(
    'case/newer-version',
    `${directory} was written by a newer program (case version ${version}, this one knows ${CASE_SCHEMA_VERSION})`,
    'use the newer program, or choose another case with --out DIR',
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
