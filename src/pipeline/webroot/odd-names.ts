import { Buffer } from 'node:buffer'
import { lstatSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** What stands in a name for bytes that are no UTF-8: a file system takes any bytes, and GBK names are common on Chinese servers. */
const LOST = '\ufffd'
const SLASH = Buffer.from('/')

/** A file whose name is no UTF-8: its path as it can be shown, and a link in a folder of ours by which it can be opened. */
export interface OddlyNamed {
  readonly path: string
  readonly file: string
}

/** Opens files whose names cannot be written as text, by links to their bytes; links among them are not followed. */
export class OddNames {
  readonly #links: string
  readonly #seen = new Set<string>()
  #count = 0

  /** `links` is a folder that is removed at the end. */
  constructor(links: string) {
    this.#links = links
  }

  /** The files behind a path that was shown with lost letters: those of its folder whose names look so, and what lies below them. */
  *at(path: string): Generator<OddlyNamed> {
    const cut = path.lastIndexOf('/')
    const name = path.slice(cut + 1)
    if (!name.includes(LOST) || this.#seen.has(path)) return
    this.#seen.add(path)
    const folder = Buffer.from(path.slice(0, Math.max(cut, 1)))
    for (const raw of namesIn(folder))
      if (raw.toString('utf8') === name) yield* this.#under(Buffer.concat([folder, SLASH, raw]), path, 0)
  }

  *#under(raw: Buffer, path: string, depth: number): Generator<OddlyNamed> {
    const kind = kindOf(raw)
    if (kind === 'file') {
      const file = join(this.#links, `odd-name-${this.#count++}`)
      symlinkSync(raw, file)
      yield { path, file }
    } else if (kind === 'folder' && depth < MAX_DEPTH)
      for (const name of namesIn(raw).toSorted(Buffer.compare))
        yield* this.#under(Buffer.concat([raw, SLASH, name]), `${path}/${name.toString('utf8')}`, depth + 1)
  }
}

/** Folders below an oddly named one; a loop of mounts ends here. */
const MAX_DEPTH = 100

function kindOf(path: Buffer): 'file' | 'folder' | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined
}

function namesIn(folder: Buffer): readonly Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' })
  } catch {
    return [] // whoever walked here has said that it cannot be read
  }
}
