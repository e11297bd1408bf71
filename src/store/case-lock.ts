import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CaseError } from './case-error.ts'

/** Who writes to a case at present. */
export interface CaseOwner {
  readonly pid: number
  /** ISO 8601; when that process took the case. */
  readonly since: string
  readonly host: string
}

const OWNER_FILE = 'writer.json'
const LOCK_FILE = 'writer.lock'

/**
 * One writer at a time. The lock itself is the operating system's lock on a file (taken through SQLite), so it ends with the process,
 * however that ends, and a process number used again cannot look like a live owner. The text beside it says whom to ask.
 */
export class CaseLock {
  readonly #directory: string
  readonly #handle: DatabaseSync

  private constructor(directory: string, handle: DatabaseSync) {
    this.#directory = directory
    this.#handle = handle
  }

  static take(directory: string, owner: CaseOwner): CaseLock {
    const handle = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 })
    try {
      handle.exec('begin exclusive')
    } catch (error) {
      handle.close()
      if (!(error instanceof Error && /locked|busy/i.test(error.message))) throw error
      const other = ownerOf(directory)
      const who = other ? `process ${other.pid} on ${other.host}, since ${other.since}` : 'another process'
      throw new CaseError(
        'case/in-use',
        `${directory} is being written by ${who}`,
        'wait for it to end, stop it, or choose another case with --out DIR',
        error,
      )
    }
    writeFileSync(join(directory, OWNER_FILE), `${JSON.stringify(owner)}\n`)
    return new CaseLock(directory, handle)
  }

  release(): void {
    rmSync(join(this.#directory, OWNER_FILE), { force: true })
    this.#handle.exec('rollback')
    this.#handle.close()
  }
}

/** What the present or last writer said about itself; undefined when nobody did. */
function ownerOf(directory: string): CaseOwner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, OWNER_FILE), 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    const { pid, since, host } = value as Partial<CaseOwner>
    return { pid: Number(pid), since: String(since), host: String(host) }
  } catch {
    return undefined // absent, or half written by a process that was killed: the lock itself does not depend on it
  }
}
