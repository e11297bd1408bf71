import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { analyse } from '../../detect/web-shell/disk/analyse.ts'
import type { Judgement } from '../../detect/web-shell/disk/verdict.ts'
import { containerType, decodeText, encodingOf } from '../../evidence/index.ts'
import { MAX_VICTIM_FILE_BYTES, type SyntaxParsers, type TextEncoding } from '../../model/index.ts'
import { unifiedDifference } from './difference.ts'
import type { Change, FileOutcome, FileTask } from './judged-file.ts'
import type { Expectation } from './known-files.ts'

/** Of a longer file its end is judged, too: code is appended to pictures and logs. */
const TAIL_BYTES = 256 << 10
/** Copies larger than this are compared by their bytes only. */
const MAX_COMPARED_BYTES = 8 << 20

/** Judges one file; never throws on content. */
export function judgeFile({ path, file, expected }: FileTask, parsers?: SyntaxParsers): FileOutcome {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    return { state: 'unreadable', why: reasonOf(error) }
  }
  try {
    const stats = fstatSync(fd)
    const { size, mtimeMs: modifiedTime } = stats
    const bytes = part(fd, 0, Math.min(size, MAX_VICTIM_FILE_BYTES))
    const isSame = expected === undefined ? undefined : isUnchanged(expected, fd, size, bytes)
    if (isSame === true) return { state: 'known', bytes: size }
    if (containerType(bytes) !== undefined) return { state: 'container', bytes: size }
    const head = judged(path, bytes, parsers)
    const isLong = size > bytes.length
    const judgement = isLong ? worse(head, judged(path, part(fd, size - TAIL_BYTES, TAIL_BYTES), parsers)) : head
    const change = expected === undefined ? undefined : changeOf(expected, bytes, size)
    return { state: 'judged', bytes: size, judgement, modifiedTime, ...(change && { change }), ...(isLong && { partly: true }) }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return { state: 'unreadable', why: reasonOf(error) }
    // One file our code fails on must not hide the others; the command ends with the code of a bug.
    return {
      state: 'failed',
      bytes: fstatSync(fd).size,
      stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }
  } finally {
    closeSync(fd)
  }
}

function judged(path: string, bytes: Buffer, parsers: SyntaxParsers | undefined): Judgement {
  return analyse(new LazyText(path, bytes), parsers)
}

/** Most files are clean by their bytes alone: only who asks for the text has it decoded. */
class LazyText {
  readonly path: string
  readonly bytes: Buffer
  #text: string | undefined
  #oneByteEach: string | undefined

  constructor(path: string, bytes: Buffer) {
    this.path = path
    this.bytes = bytes
  }

  get oneByteEach(): string {
    this.#oneByteEach ??= this.bytes.toString('latin1')
    return this.#oneByteEach
  }

  get text(): string {
    this.#text ??= decodeText(this.bytes, quickEncoding(this.bytes))
    return this.#text
  }
}

/** The same answer as `encodingOf` for nearly all pages, from native code; pictures with code in them are no text, and Latin-1 loses none of their bytes. */
function quickEncoding(bytes: Buffer): TextEncoding {
  if (!bytes.includes(0) && bytes[0] !== 0xff && bytes[0] !== 0xfe) return isUtf8(bytes) ? 'utf-8' : 'latin1'
  return encodingOf(bytes.subarray(0, 1 << 16), bytes.length <= 1 << 16) ?? 'latin1'
}

function worse(a: Judgement, b: Judgement): Judgement {
  return b.verdict !== 'clean' && (a.verdict === 'clean' || b.score > a.score)
    ? { ...b, reasons: b.reasons.map(reason => ({ ...reason, what: `in the last ${TAIL_BYTES >> 10} KiB: ${reason.what}` })) }
    : a
}

function part(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, offset + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}

function isUnchanged(expected: Expectation, fd: number, size: number, head: Uint8Array): boolean {
  if ('copy' in expected) return sameAs(expected.copy, fd, size, head)
  const hash = createHash(expected.algorithm).update(head)
  for (let offset = head.length; offset < size; ) {
    const chunk = part(fd, offset, Math.min(1 << 20, size - offset))
    if (chunk.length === 0) break
    hash.update(chunk)
    offset += chunk.length
  }
  return hash.digest('hex') === expected.digest
}

function sameAs(copy: string, fd: number, size: number, head: Uint8Array): boolean {
  const other = openSync(copy, 'r')
  try {
    if (fstatSync(other).size !== size || Buffer.compare(part(other, 0, head.length), head) !== 0) return false
    for (let offset = head.length; offset < size; offset += 1 << 20)
      if (
        Buffer.compare(
          part(other, offset, Math.min(1 << 20, size - offset)),
          part(fd, offset, Math.min(1 << 20, size - offset)),
        ) !== 0
      )
        return false
    return true
  } finally {
    closeSync(other)
  }
}

function changeOf(expected: Expectation, bytes: Uint8Array, size: number): Change {
  const { from } = expected
  if (!('copy' in expected) || size > MAX_COMPARED_BYTES) return { from, difference: [] }
  const before = readFileSync(expected.copy)
  const encoding = encodingOf(bytes.subarray(0, 1 << 16), false)
  const older = encodingOf(before.subarray(0, 1 << 16), false)
  if (before.length > MAX_COMPARED_BYTES || encoding === undefined || (older === undefined && before.length > 0))
    return { from, difference: [] }
  return { from, difference: unifiedDifference(decodeText(before, older ?? encoding), decodeText(bytes, encoding)) }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
