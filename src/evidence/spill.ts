import { createHash } from 'node:crypto'
import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { ByteSource } from '../model/index.ts'
import type { Breath } from './breath.ts'
import { SpillSpaceError } from './evidence-file.ts'
import type { KnownContent } from './inflate.ts'
import type { UnpackLimits } from './limits.ts'

/** What is left of the limits of one given archive, all levels together. */
export class Budget {
  #bytes: number
  #members: number

  constructor(packedBytes: number, limits: UnpackLimits) {
    this.#bytes = Math.min(limits.bytes, Math.max(limits.ratioFloor, packedBytes * limits.ratio))
    this.#members = limits.members
  }

  /** Takes `bytes` inflated bytes; false when they are more than was left. */
  takeBytes(bytes: number): boolean {
    this.#bytes -= bytes
    return this.#bytes >= 0
  }

  takeMember(): boolean {
    this.#members--
    return this.#members >= 0
  }
}

/** A small file is hashed at once: a stream with room for large ones costs more than the hash. */
const SMALL_BYTES = 1 << 20

/** SHA-256 of a file in hex, read once in order. */
export async function hashFile(file: string): Promise<string> {
  if (statSync(file).size <= SMALL_BYTES) return createHash('sha256').update(readFileSync(file)).digest('hex')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** SHA-256 in hex of what a byte source holds. */
export function hashSource(source: ByteSource): string {
  const hash = createHash('sha256')
  for (let offset = 0; offset < source.size; ) {
    const bytes = source.read(offset, 1 << 20)
    if (bytes.length === 0) break
    hash.update(bytes)
    offset += bytes.length
  }
  return hash.digest('hex')
}

/** Where a member lies after unpacking: the same for the same archive bytes and member in every run, and safe whatever the member is called. */
export function spillPath(directory: string, archiveSha256: string, way: string): string {
  const name = `${archiveSha256.slice(0, 16)}-${createHash('sha256').update(way).digest('hex').slice(0, 24)}`
  // Making a folder costs more than unpacking a small member: one for each of thousands of rotated logs would.
  return join(directory, name.slice(0, 2), name)
}

/** Outcome of writing one member. */
export interface SpillEnd {
  readonly bytes: number
  readonly problem: string
  /** The limits ended it: it is not kept. */
  readonly bomb: boolean
}

/**
 * Writes the chunks to `target`: under another name first and renamed when complete, so that a file of this name is never half a one.
 * Synchronous writes on purpose: the chunks come from a decoder in this thread, and the page cache is as fast as a queue.
 */
export async function writeSpill(
  chunks: AsyncGenerator<Buffer, string>,
  target: string,
  shownPath: string,
  budget: Budget,
  breath: Breath,
): Promise<SpillEnd> {
  const partial = `${target}.partial`
  let bytes = 0
  let renamed = false
  const fd = openedForWriting(partial)
  try {
    let step = await chunks.next()
    while (!step.done) {
      if (!budget.takeBytes(step.value.length)) return { bytes, problem: 'it unpacks to more than the limits allow', bomb: true }
      writeAll(fd, step.value)
      bytes += step.value.length
      await breath.take()
      step = await chunks.next()
    }
    renameSync(partial, target)
    renamed = true
    return { bytes, problem: step.value, bomb: false }
  } catch (error) {
    throw isNoSpace(error) ? new SpillSpaceError(dirname(target), shownPath) : error
  } finally {
    closeSync(fd)
    if (!renamed) rmSync(partial, { force: true })
    await chunks.return('')
  }
}

function openedForWriting(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    mkdirSync(dirname(file), { recursive: true })
    return openSync(file, 'w')
  }
}

function writeAll(fd: number, chunk: Buffer): void {
  for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done)
}

/** ENOSPC, or the user's quota. */
function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** Did an earlier run leave exactly this content? Its bytes are read again: after a power cut a file may have its size and no content. */
export async function holdsContent(target: string, { bytes, crc }: KnownContent): Promise<boolean> {
  if (statSync(target, { throwIfNoEntry: false })?.size !== bytes) return false
  let sum = 0
  for await (const chunk of createReadStream(target, { highWaterMark: 1 << 20 })) sum = crc32(chunk as Buffer, sum)
  return sum === crc
}
