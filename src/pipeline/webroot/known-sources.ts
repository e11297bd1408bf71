import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { containerType, filesUnder, openedItems, sampleOf } from '../../evidence/index.ts'
import { UsageError } from '../usage-error.ts'
import { readChecksums } from './checksums.ts'
import type { KnownEntry } from './known-files.ts'

/** Entries of one source of known files, before it is known how they lie on the scanned folder. */
export interface KnownSource {
  readonly name: string
  readonly entries: readonly KnownEntry[]
}

/** Lists longer than this are no lists of files of one server: four distributions together have fewer. */
const MAX_LIST_BYTES = 512 << 20

/** Reads what `--against` names: a folder, an archive, or a list of checksums. */
export async function knownSource(path: string, spillDirectory: string): Promise<KnownSource> {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined)
    throw new UsageError('webroot/no-known', `nothing at ${path}`, 'name a folder, an archive or a list of checksums that exists')
  const name = basename(path)
  if (stats.isDirectory()) return { name, entries: copiesIn(path) }
  if (containerType(sampleOf(path, path).head) !== undefined) {
    const members = await membersOf(path, spillDirectory)
    const [only] = members
    // A compressed list is a list.
    if (members.length === 1 && only !== undefined && 'copy' in only.expected && only.path === '')
      return listOf(path, only.expected.copy)
    return { name, entries: members }
  }
  return listOf(path, path)
}

function copiesIn(folder: string): readonly KnownEntry[] {
  const entries: KnownEntry[] = []
  for (const found of filesUnder([folder], { names: [''] }))
    if ('file' in found)
      entries.push({ path: found.path.replace(/^\/+/, ''), expected: { copy: found.file, from: basename(folder) } })
  return entries
}

async function membersOf(archive: string, spillDirectory: string): Promise<readonly KnownEntry[]> {
  const entries: KnownEntry[] = []
  for await (const item of openedItems('', archive, { spillDirectory, javaArchives: false }))
    if (item.file !== '')
      entries.push({ path: item.path.replace(/^!\//, ''), expected: { copy: item.file, from: basename(archive) } })
  return entries
}

function listOf(path: string, file: string): KnownSource {
  if (statSync(file).size > MAX_LIST_BYTES)
    throw new UsageError(
      'webroot/list-too-long',
      `${path} is larger than any list of checksums`,
      'name a folder, an archive or a list of checksums',
    )
  const sums = readChecksums(readFileSync(file, 'utf8'))
  if (sums === undefined)
    throw new UsageError(
      'webroot/no-checksums',
      `${path} is neither a folder nor an archive nor a list of checksums`,
      'lists are those of md5sum, sha1sum, sha256sum, or JSON with a digest for each path',
    )
  const from = basename(path)
  return {
    name: from,
    entries: sums.map(({ path: listed, algorithm, digest }) => ({ path: plain(listed), expected: { algorithm, digest, from } })),
  }
}

const plain = (path: string) => path.replace(/^(?:\.?\/)+/, '').replaceAll('\\', '/')

/** Where dpkg keeps the checksums of what it installed: deb-md5sums(5). */
const DPKG_LISTS = 'var/lib/dpkg/info'

/**
 * The lists of the package manager of the image or machine a folder belongs to, only the files below the folder. The packages' own
 * configuration files are not in them. Paths are relative to the folder.
 */
export function packageSource(folder: string): KnownSource | undefined {
  const real = realpathSync(folder)
  for (let root = real; ; root = dirname(root)) {
    const lists = join(root, DPKG_LISTS)
    if (existsSync(lists)) return packagesOf(root, real, lists)
    if (root === dirname(root)) return undefined
  }
}

function packagesOf(root: string, folder: string, lists: string): KnownSource | undefined {
  const below = folder === root ? '' : `${folder.slice(root.length + (root.endsWith(sep) ? 0 : 1))}/`.replaceAll(sep, '/')
  const entries: KnownEntry[] = []
  for (const name of readdirSync(lists).sort()) {
    if (!name.endsWith('.md5sums')) continue
    const from = `package ${name.slice(0, -'.md5sums'.length)}`
    const text = readFileSync(join(lists, name), 'utf8')
    // A machine has thousands of packages, and few of them have files in one folder.
    if (!text.includes(below)) continue
    for (const { path, algorithm, digest } of readChecksums(text) ?? []) {
      const listed = plain(path)
      if (listed.startsWith(below)) entries.push({ path: listed.slice(below.length), expected: { algorithm, digest, from } })
    }
  }
  return entries.length === 0 ? undefined : { name: 'packages', entries }
}
