import { Readable } from 'node:stream'
import { type Entry, extract } from 'tar-stream'
import { type Micros, microsFromMillis } from '../model/index.ts'
import { paxSparse, type SparseMap, withHoles, withoutGnuSparse } from './sparse-tar.ts'

/** One member of a tar archive, in stream order: it must be read or skipped before the next one. */
export interface TarMember {
  readonly name: string
  readonly bytes: number
  readonly modified: Micros | undefined
  /** A tar has no checksum of its contents. */
  readonly known?: undefined
  readonly type: 'file' | 'folder' | 'link' | 'other'
  /** Target of a link. */
  readonly target: string
  open(): AsyncGenerator<Buffer, string>
}

/** The members of a tar archive whose bytes arrive in chunks; returns what was wrong with the archive, '' when nothing was. */
export async function* tarMembers(chunks: AsyncGenerator<Buffer, string>): AsyncGenerator<TarMember, string> {
  let problem = ''
  const maps: SparseMap[] = []
  const outcome = async function* () {
    problem = yield* withoutGnuSparse(chunks, maps)
  }
  const source = Readable.from(outcome(), { objectMode: false, highWaterMark: 1 << 20 })
  const archive = extract({ allowUnknownFormat: true })
  source.once('error', error => archive.destroy(error))
  source.pipe(archive)
  try {
    for await (const entry of archive) {
      yield memberOf(entry, maps)
      entry.resume()
    }
  } catch (error) {
    return problem || (error instanceof Error ? error.message : String(error))
  } finally {
    source.destroy()
    archive.destroy()
  }
  return problem
}

type ExtendedHeaders = Entry['header'] & { readonly pax?: Readonly<Record<string, string>> | null }

function memberOf(entry: Entry, maps: SparseMap[]): TarMember {
  // The library hands the extended header over, and its types do not say so.
  const { name, size = 0, mtime, type, linkname, pax } = entry.header as ExtendedHeaders
  const told = pax ? paxSparse(pax) : undefined
  const sparse = type === 'contiguous-file' ? maps.shift() : told?.map
  return {
    name: (told?.name || name).replaceAll('\\', '/'),
    bytes: sparse === undefined ? size : typeof sparse === 'number' ? sparse : sparse.size,
    modified: mtime && mtime.getTime() > 0 ? microsFromMillis(mtime.getTime()) : undefined,
    type:
      type === 'file' || type === 'contiguous-file'
        ? 'file'
        : type === 'directory'
          ? 'folder'
          : type === 'symlink' || type === 'link'
            ? 'link'
            : 'other',
    target: linkname ?? '',
    open: () => (sparse === undefined ? readEntry(entry, size) : withHoles(readEntry(entry, size), sparse)),
  }
}

async function* readEntry(entry: Entry, size: number): AsyncGenerator<Buffer, string> {
  let bytes = 0
  try {
    for await (const chunk of entry) {
      bytes += chunk.length
      yield chunk
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return bytes === size ? '' : `it has ${bytes} bytes, its header says ${size}`
}
