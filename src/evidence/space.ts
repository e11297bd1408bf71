import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Breath } from './breath.ts'
import { containerType } from './container-type.ts'
import { peek } from './inflate.ts'
import { zipMembers } from './zip.ts'

/** Logs shrink about ten to one; used where a container does not say what comes out. */
const USUAL_RATIO = 10

/**
 * An estimate of the bytes that unpacking these files takes, less what an earlier run already unpacked. Zip and tar say their sizes;
 * gzip says it modulo 4 GiB; for Zstandard, xz, bzip2, and for archives inside archives, the usual ratio is assumed.
 */
export async function bytesToUnpack(files: Iterable<object>, spillDirectory: string, breath?: Breath): Promise<number> {
  let bytes = 0
  for (const found of files) {
    await breath?.take()
    if ('file' in found && typeof found.file === 'string' && mayTakeSpace(found.file)) bytes += await unpackedBytes(found.file)
  }
  return Math.max(0, bytes - (bytes > 0 ? folderBytes(spillDirectory) : 0))
}

/** Names that containers have, or none that says what it is. */
const CONTAINER_NAME = /\.(?:zip|tar|t?gz|tgz|t?xz|t?bz2?|bz2|tbz2|t?zst|war|ear)(?:\.\d{1,4})?$|(?:^|[\\/])[^.\\/]+$/i
/** What a small file of another name unpacks to does not fill a disk. */
const TAKES_SPACE = 4 << 20

/** To open every file of a large folder for an estimate takes as long as to recognise it. */
function mayTakeSpace(file: string): boolean {
  return CONTAINER_NAME.test(file) || (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > TAKES_SPACE
}

async function unpackedBytes(file: string): Promise<number> {
  const opened = headAndSize(file)
  if (!opened) return 0 // the walk itself says what is wrong with it
  const { head, size } = opened
  switch (containerType(head)) {
    case 'zip': {
      let bytes = 0
      for await (const member of zipMembers(file))
        bytes += member.bytes * (/\.(?:gz|tgz|zst|xz|bz2|tbz2?|zip)$/i.test(member.name) ? 1 + USUAL_RATIO : 1)
      // A hostile directory claims anything; the limits end that, and the estimate must stay a number.
      return Number.isFinite(bytes) ? Math.min(bytes, 2 ** 50) : 0
    }
    case 'tar':
      return size
    case 'gzip': {
      const trailer = peek(file, size - 4, 4)
      const said = trailer.length === 4 ? trailer.readUInt32LE(0) : 0
      // Smaller than its packed form: more than 4 GiB, several members, or not text.
      return said > size / 2 && size < 2 ** 32 ? said : size * USUAL_RATIO
    }
    case 'zstd':
    case 'xz':
    case 'bzip2':
      return size * USUAL_RATIO
    default:
      return 0
  }
}

function headAndSize(file: string): { readonly head: Uint8Array; readonly size: number } | undefined {
  try {
    const fd = openSync(file, 'r')
    try {
      const head = new Uint8Array(512)
      return { head: head.subarray(0, readSync(fd, head, 0, 512, 0)), size: fstatSync(fd).size }
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined // the walk meets the same error and reports it
  }
}

function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}

/** Bytes free on the disk that will hold `folder`, which need not exist yet. */
export function freeBytes(folder: string): number {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  return bavail * bsize
}
