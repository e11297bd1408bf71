import type { Diagnostic, EvidenceSample, Micros } from '../model/index.ts'

/** What became of one file or archive member: `readable` is handed to the readers, all others are only accounted for. */
export type EvidenceState = 'readable' | 'recognised-not-read' | 'empty' | 'encrypted' | 'unreadable'

/** One file of the evidence, or one member of an archive, or an archive that could not be unpacked completely. */
export interface EvidenceFile {
  /** As shown to the user: name of the given folder, then the way down; for archive members "a.zip!/m/x.evtx". Unique within a walk. */
  readonly path: string
  /** Where the inflated bytes lie: the original, or a file under `spillDirectory`. '' when there are none. */
  readonly file: string
  /** Inflated size. */
  readonly bytes: number
  readonly sample: EvidenceSample
  readonly state: EvidenceState
  /** Why it is not readable, or what is known about it; '' when there is nothing to say. */
  readonly note: string
  readonly diagnostics: readonly Diagnostic[]
  /** Path of the archive or compressed file it came out of. */
  readonly container?: string
  /** Modification time the container recorded (gzip header, zip or tar member): a fact from inside the evidence, unlike the time of a copy. */
  readonly containerTime?: Micros
}

/** Code of the diagnostic of a given path that does not exist. */
export const MISSING_PATH = 'evidence/missing-path'
/** Code of the diagnostic of a file or folder the system would not let us read. */
export const UNREADABLE_PATH = 'evidence/unreadable-path'

/** Is this a path of the command line that is not there or not accessible? The command then ends with exit code 3. */
export function isPathProblem(item: EvidenceFile): boolean {
  return item.diagnostics.some(({ code }) => code === MISSING_PATH || code === UNREADABLE_PATH)
}

/** The disk that takes the unpacked evidence is full. What is already in the case stays readable. */
export class SpillSpaceError extends Error {
  readonly code = 'ENOSPC'
  readonly directory: string

  constructor(directory: string, path: string) {
    super(
      `no space left in ${directory} while unpacking ${path}: free some space or choose another case folder, then run the same command again`,
    )
    this.name = 'SpillSpaceError'
    this.directory = directory
  }
}
