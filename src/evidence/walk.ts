import { type Dirent, lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, join, resolve, sep } from 'node:path'
import type { Diagnostic } from '../model/index.ts'
import { Breath } from './breath.ts'
import { type EvidenceFile, type EvidenceState, MISSING_PATH } from './evidence-file.ts'
import { UNPACK_LIMITS, type UnpackLimits } from './limits.ts'
import { emptySample } from './sample.ts'
import { bytesToUnpack, freeBytes } from './space.ts'
import { itemsOf, unreadableItem } from './unpack.ts'

export interface WalkOptions {
  /** Folder for unpacked members; made when the first one needs it. */
  readonly spillDirectory: string
  /** Paths left out without a word, for instance the case folder when it lies inside the evidence. */
  readonly exclude?: readonly string[]
  readonly limits?: UnpackLimits
  /**
   * Called once before the first member is unpacked, with an estimate of the bytes that all archives will take and the bytes that are
   * free; throwing ends the walk.
   */
  onSpace?(bytesNeeded: number, bytesFree: number): void | Promise<void>
  /** Aborted: the walk throws its reason. */
  readonly signal?: AbortSignal | undefined
}

/** A regular file, or something that is none, under the path shown to the user. */
export type FoundFile = { readonly path: string; readonly file: string } | { readonly item: EvidenceFile }

/** How one file is opened. */
export interface OpenOptions {
  readonly spillDirectory: string
  readonly limits?: UnpackLimits
  /** Programs of Java are opened as well: a hunt takes each as one item, who looks for web shells must see their classes. */
  readonly javaArchives?: boolean
  /** Shared by all files of one walk. */
  readonly breath?: Breath
}

/**
 * Every file of the given paths, archives unpacked, in an order that depends on names only. Nothing is left out in silence: what cannot
 * be read is an item that says why. Throws only when the disk for unpacked members is full (`SpillSpaceError`).
 */
export async function* walkEvidence(paths: readonly string[], options: WalkOptions): AsyncGenerator<EvidenceFile> {
  const { spillDirectory, limits = UNPACK_LIMITS, onSpace, signal } = options
  const breath = new Breath(signal)
  const exclude = new Set([spillDirectory, ...(options.exclude ?? [])].map(realPath))
  if (onSpace) {
    const needed = await bytesToUnpack(filesOf(paths, exclude), spillDirectory, breath)
    if (needed > 0) await onSpace(needed, freeBytes(spillDirectory))
  }
  for (const found of filesOf(paths, exclude)) {
    await breath.take()
    if ('item' in found) yield found.item
    else yield* openedItems(found.path, found.file, { spillDirectory, limits, breath })
  }
}

/** A file the system refuses to read in the middle is an item of its own, and the walk goes on. */
async function* guarded(path: string, items: () => AsyncGenerator<EvidenceFile>): AsyncGenerator<EvidenceFile> {
  try {
    yield* items()
  } catch (error) {
    if (!isReadError(error)) throw error
    yield unreadableItem(path, error)
  }
}

/**
 * Every file of the given paths as it lies there, nothing opened and nothing unpacked: for who reads each file whole anyway. The same
 * order, and the same words about what is left out.
 */
export function* filesUnder(
  paths: readonly string[],
  { names = shownNames(paths), exclude = [] }: { readonly names?: readonly string[]; readonly exclude?: readonly string[] } = {},
): Generator<FoundFile> {
  yield* filesOf(paths, new Set(exclude.map(realPath)), names)
}

/** What lies in one file: its members when it is an archive, however deep, else itself. Never throws on content. */
export async function* openedItems(path: string, file: string, options: OpenOptions): AsyncGenerator<EvidenceFile> {
  const { spillDirectory, limits = UNPACK_LIMITS, javaArchives = false, breath } = options
  yield* guarded(path, () => itemsOf(path, file, { spillDirectory, limits, javaArchives, ...(breath ? { breath } : {}) }))
}

/** Errors of the file system while reading; a full disk has a class of its own, everything else is our bug. */
function isReadError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error && error.code !== 'ENOSPC'
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path) // not there yet: nothing can be inside it
  }
}

/** Where a walk stands: one given path and the folders above the present one (device and inode), so that a loop of mounts ends. */
interface Place {
  readonly root: string
  readonly above: readonly string[]
}

function* filesOf(
  paths: readonly string[],
  exclude: ReadonlySet<string>,
  names: readonly string[] = shownNames(paths),
): Generator<FoundFile> {
  const seen: string[] = []
  for (const [index, given] of paths.entries()) {
    const path = names[index] ?? given
    const stats = statOf(given)
    if (!stats) {
      yield { item: missing(given) }
      continue
    }
    const root = realPath(given)
    // Given twice, or inside a folder that is given too: each file is one item.
    if (seen.some(other => root === other || root.startsWith(other + sep))) continue
    seen.push(root)
    yield* entriesOf(path, root, stats, { root, above: [] }, exclude)
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // a name below a file (ENOTDIR), a name too long, or a folder we may not look into: not there for us
  }
}

function* entriesOf(path: string, file: string, stats: Stats, place: Place, exclude: ReadonlySet<string>): Generator<FoundFile> {
  if (exclude.has(file)) return
  if (stats.isSymbolicLink()) {
    yield { item: linkItem(path, file, place.root) }
  } else if (stats.isFile()) {
    yield { path, file }
  } else if (stats.isDirectory()) {
    const identity = `${stats.dev}:${stats.ino}`
    if (place.above.includes(identity))
      yield {
        item: leftOut(path, 'the folder contains itself', 'evidence/folder-loop', 'It is read once, at its first place.', 'note'),
      }
    else yield* folderEntries(path, file, { root: place.root, above: [...place.above, identity] }, exclude)
  } else {
    yield {
      item: leftOut(
        path,
        'not a regular file',
        'evidence/no-regular-file',
        'Copy what it delivers to a file and give that.',
        'note',
      ),
    }
  }
}

function* folderEntries(path: string, folder: string, place: Place, exclude: ReadonlySet<string>): Generator<FoundFile> {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    yield { item: unreadableItem(path, error) }
    return
  }
  // The folder says which are plain files: asking each for more would cost as much as opening it. A name that is no text is asked for, and missed.
  const plainFiles = new Set(entries.filter(entry => entry.isFile() && !entry.name.includes(LOST)).map(entry => entry.name))
  for (const name of entries.map(entry => entry.name).sort(byCodeUnit)) {
    const file = join(folder, name)
    const shown = path === '' ? name : `${path}/${name}`
    if (plainFiles.has(name)) {
      if (!exclude.has(file)) yield { path: shown, file }
      continue
    }
    let stats: Stats
    try {
      stats = lstatSync(file)
    } catch (error) {
      yield { item: unreadableItem(shown, error) }
      continue
    }
    yield* entriesOf(shown, file, stats, place, exclude)
  }
}

/** What stands in a name for bytes that are no UTF-8. */
const LOST = '\ufffd'

/** Not localeCompare: the order must not depend on the language of the machine. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The name each given path is shown under: its last segment, with as many of the segments above as it takes to tell two given paths
 * apart. It does not depend on the folder the command was typed in.
 */
export function shownNames(paths: readonly string[]): string[] {
  const segments = paths.map(path => realPath(path).split(sep).filter(Boolean))
  const distinct = new Set(segments.map(parts => parts.join('/')))
  return segments.map(parts => {
    for (let count = 1; count < parts.length; count++) {
      const end = parts.slice(-count).join('/')
      const rivals = [...distinct].filter(other => other === end || other.endsWith(`/${end}`))
      if (rivals.length === 1) return end
    }
    return parts.join('/')
  })
}

function missing(given: string): EvidenceFile {
  return leftOut(given, 'no such file or folder', MISSING_PATH, 'Check the spelling of the path.', 'error', 'unreadable')
}

function linkItem(path: string, file: string, root: string): EvidenceFile {
  let target: string
  try {
    target = readlinkSync(file)
  } catch (error) {
    return unreadableItem(path, error)
  }
  const real = realPath(file)
  const why = `a symbolic link to ${target}, not followed`
  if (real !== file && (real === root || real.startsWith(root + sep)))
    return leftOut(path, why, 'evidence/link-not-followed', 'Its target lies in the same evidence and is read there.', 'note')
  const hint = `Its target lies outside ${basename(root)} or does not exist; if it belongs to the evidence, give its path too.`
  return leftOut(path, why, 'evidence/link-not-followed', hint, 'warning')
}

function leftOut(
  path: string,
  why: string,
  code: string,
  hint: string,
  level: Diagnostic['level'],
  state: EvidenceState = 'recognised-not-read',
): EvidenceFile {
  const diagnostics: Diagnostic[] = [{ kind: 'diagnostic', code, level, message: why, hint, path }]
  return { path, file: '', bytes: 0, sample: emptySample(path), state, note: why, diagnostics }
}
