import { statfsSync } from 'node:fs'

/** Stable codes of what can go wrong with a case folder. */
export type CaseErrorCode =
  | 'case/in-use'
  | 'case/not-a-case'
  | 'case/not-found'
  | 'case/newer-version'
  | 'case/disk-full'
  | 'case/not-writable'
  | 'case/bad-query'
  | 'case/damaged'

/** A case folder cannot be used as asked; says what and what to do. */
export class CaseError extends Error {
  readonly code: CaseErrorCode
  readonly hint: string

  constructor(code: CaseErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CaseError'
    this.code = code
    this.hint = hint
  }
}

const DISK_FULL = /ENOSPC|EDQUOT|no space left|disk quota exceeded|database or disk is full|disk is full|out of disk/i
const NOT_WRITABLE = /EACCES|EPERM|EROFS|read-only file system|readonly database|permission denied/i

/** SQLite says no more than this when it cannot enlarge the index of its log (SQLITE_IOERR_SHMSIZE). */
const SQLITE_IO_ERROR = /disk I\/O error/i
/** That index grows by 32 KiB, and everything else of a new case has to be written as well. */
const NEARLY_NOTHING = 1 << 20

function isFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize < NEARLY_NOTHING
  } catch {
    // The disk does not even tell: then it is broken, not full.
    return false
  }
}

/** The error of a failed write, typed when the disk is full or not ours; anything else comes back as it is. */
export function writeError(error: unknown, directory: string): unknown {
  if (error instanceof CaseError) return error
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : String(error)
  if (DISK_FULL.test(text) || (SQLITE_IO_ERROR.test(text) && isFull(directory)))
    return new CaseError(
      'case/disk-full',
      `no space left while writing to ${directory}`,
      'free space on that disk and run the same command again; what was reported as done is kept, and the case can be read as it is',
      error,
    )
  if (NOT_WRITABLE.test(text))
    return new CaseError('case/not-writable', `cannot write to ${directory}`, 'choose another folder with --out DIR', error)
  return error
}

/** The error of a query that somebody typed. */
export function queryError(error: unknown): unknown {
  if (error instanceof CaseError || !(error instanceof Error)) return error
  return new CaseError(
    'case/bad-query',
    error.message.trim(),
    'one view a kind of event: `barograph sql "show tables"`, `barograph sql "describe process_activity"`; names with capitals in double quotes',
    error,
  )
}
