import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Micros } from '../model/index.ts'
import { CaseError, writeError } from './case-error.ts'
import { CASE_SCHEMA, CASE_SCHEMA_VERSION } from './case-schema.ts'

/** A reader or a checkpoint may hold the database for a moment. */
const BUSY_MILLISECONDS = 10_000

/** One row by column name. */
export type DatabaseRow = Readonly<Record<string, unknown>>

/** case.sqlite: statements, transactions, and the version of its tables. Errors of writing are typed. */
export class CaseDatabase {
  readonly #directory: string
  readonly #database: DatabaseSync

  constructor(directory: string, file: string, mode: 'write' | 'read' | 'read-only-disk') {
    this.#directory = directory
    // On a disk that cannot be written SQLite cannot keep its index of the log, and nobody can be writing either.
    const place = mode === 'read-only-disk' ? new URL(`?immutable=1`, pathToFileURL(file)) : file
    this.#database = new DatabaseSync(place, { readOnly: mode !== 'write', timeout: BUSY_MILLISECONDS })
    try {
      // FULL: what was reported as done is on the disk before it is reported.
      if (mode === 'write') this.#database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
      const version = Number(this.#database.prepare('pragma user_version').get()?.['user_version'] ?? 0)
      if (version > CASE_SCHEMA_VERSION) throw newerVersion(directory, version)
      if (version === 0 && mode !== 'write')
        throw new CaseError('case/not-found', `${directory} has no manifest yet`, 'run the hunt that made it once more')
      if (version === 0) this.#database.exec(`begin; ${CASE_SCHEMA} pragma user_version = ${CASE_SCHEMA_VERSION}; commit`)
    } catch (error) {
      this.#database.close()
      throw mode === 'write' ? writeError(error, directory) : error
    }
  }

  close(): void {
    this.#database.close()
  }

  run(sql: string, values: readonly SQLInputValue[] = []): { readonly changes: number; readonly lastRow: number } {
    try {
      const { changes, lastInsertRowid } = this.#database.prepare(sql).run(...values)
      return { changes: Number(changes), lastRow: Number(lastInsertRowid) }
    } catch (error) {
      throw writeError(error, this.#directory)
    }
  }

  all(sql: string, values: readonly SQLInputValue[] = []): readonly DatabaseRow[] {
    return this.#database.prepare(sql).all(...values)
  }

  /** All of it or nothing; on the disk when it returns. */
  transaction(work: () => void): void {
    try {
      this.#database.exec('begin immediate')
      work()
      this.#database.exec('commit')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw writeError(error, this.#directory)
    }
  }
}

/** A time column; undefined when NULL. */
export function timeOf(value: unknown): Micros | undefined {
  return value === null || value === undefined ? undefined : (Number(value) as Micros)
}

function newerVersion(directory: string, version: number): CaseError {
  return new CaseError(
    'case/newer-version',
    `${directory} was written by a newer program (case version ${version}, this one knows ${CASE_SCHEMA_VERSION})`,
    'use the newer program, or choose another case with --out DIR',
  )
}
