import { isUtf8 } from 'node:buffer'
import * as yauzl from 'yauzl'
import { type Micros, microsFromMillis } from '../model/index.ts'
import { Checksum, inflateFrame, type KnownContent, type Packing, peek } from './inflate.ts'

/** One entry of a zip's central directory. */
export interface ZipMember {
  readonly name: string
  readonly bytes: number
  readonly known: KnownContent
  readonly modified: Micros | undefined
  readonly encrypted: boolean
  readonly type: 'file' | 'folder'
  readonly target: string
  /** Name of its compression method when we cannot inflate it, else ''. */
  readonly unknownMethod: string
  /** The bytes, and what was wrong in the end. */
  open(): AsyncGenerator<Buffer, string>
}

/** APPNOTE.TXT section 4.4.5. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'shrink',
  6: 'implode',
  9: 'deflate64',
  12: 'bzip2',
  14: 'LZMA',
  95: 'xz',
  98: 'PPMd',
}

/**
 * The members of a zip in the order of its central directory; returns what was wrong with the directory, '' when nothing was. Names,
 * sizes and offsets are the archive's claims: sizes and checksums are compared while inflating.
 */
export async function* zipMembers(file: string): AsyncGenerator<ZipMember, string> {
  let zip: yauzl.ZipFile
  try {
    zip = await openZip(file)
  } catch (error) {
    return messageOf(error)
  }
  try {
    for (;;) {
      const entry = await nextEntry(zip)
      if (typeof entry === 'string') return entry
      if (!entry) return ''
      yield memberOf(file, zip.fileSize, entry)
    }
  } finally {
    zip.close()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function openZip(file: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) =>
    yauzl.open(file, { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  )
}

/** The next entry, nothing at the end, or what is wrong with the directory. */
function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | string | undefined> {
  return new Promise(resolve => {
    const settle = (act: () => void) => {
      zip.removeListener('entry', onEntry).removeListener('end', onEnd).removeListener('error', onError)
      act()
    }
    const onEntry = (entry: yauzl.Entry) => settle(() => resolve(entry))
    const onEnd = () => settle(() => resolve(undefined))
    const onError = (error: Error) => settle(() => resolve(messageOf(error)))
    zip.once('entry', onEntry).once('end', onEnd).once('error', onError)
    zip.readEntry()
  })
}

function memberOf(file: string, size: number, entry: yauzl.Entry): ZipMember {
  const name = nameOf(entry.fileName as unknown as Buffer)
  const method = entry.compressionMethod
  const packing: Packing | undefined = method === 0 ? 'stored' : method === 8 ? 'deflate' : method === 93 ? 'zstd' : undefined
  return {
    name,
    bytes: entry.uncompressedSize,
    known: { bytes: entry.uncompressedSize, crc: entry.crc32 },
    modified: modifiedOf(entry),
    encrypted: (entry.generalPurposeBitFlag & 1) !== 0,
    type: name.endsWith('/') ? 'folder' : 'file',
    target: '',
    unknownMethod: packing === undefined ? (METHODS[method] ?? `method ${method}`) : '',
    open: () => readMember(file, size, entry, packing ?? 'stored'),
  }
}

/** UTF-8 where it is UTF-8, whatever the flag says; older tools wrote their code page, of which Latin-1 is the least surprising reading. */
function nameOf(raw: Buffer): string {
  return raw.toString(isUtf8(raw) ? 'utf8' : 'latin1').replaceAll('\\', '/')
}

const EXTENDED_TIMESTAMP = 0x5455

/** The extended timestamp (UTC) where there is one, else the DOS time, which names no zone and is taken as UTC. */
function modifiedOf(entry: yauzl.Entry): Micros | undefined {
  const extra = entry.extraFields?.find(({ id }) => id === EXTENDED_TIMESTAMP)?.data
  if (extra && extra.length >= 5 && ((extra[0] ?? 0) & 1) === 1) return microsFromMillis(extra.readInt32LE(1) * 1000)
  const { lastModFileDate: date, lastModFileTime: time } = entry
  const month = (date >> 5) & 15
  const day = date & 31
  if (month < 1 || month > 12 || day < 1) return undefined
  return microsFromMillis(Date.UTC(1980 + (date >> 9), month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2))
}

const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_BYTES = 30

async function* readMember(file: string, size: number, entry: yauzl.Entry, packing: Packing): AsyncGenerator<Buffer, string> {
  const header = peek(file, entry.relativeOffsetOfLocalHeader, LOCAL_HEADER_BYTES)
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER) return 'its local header is missing'
  const start = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (entry.compressedSize === 0) return entry.uncompressedSize === 0 ? '' : 'the compressed data is missing'
  const sum = new Checksum()
  const { problem } = yield* sum.over(inflateFrame(file, packing, start, Math.min(size, start + entry.compressedSize)))
  if (problem !== '') return problem
  if (sum.bytes !== entry.uncompressedSize) return `it has ${sum.bytes} bytes, its directory entry says ${entry.uncompressedSize}`
  return sum.crc === entry.crc32 ? '' : 'the checksum does not match'
}
