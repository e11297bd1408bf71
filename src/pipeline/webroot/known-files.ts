import type { Algorithm } from './checksums.ts'

/** What is known of how a file must be: its digest, or a copy of it. */
export type Expectation =
  | { readonly algorithm: Algorithm; readonly digest: string; readonly from: string }
  | { readonly copy: string; readonly from: string }

/** A known file as its list or copy names it. */
export interface KnownEntry {
  /** With "/" and without one in front. */
  readonly path: string
  readonly expected: Expectation
}

/** Folders of a path that may stand for the root on one side: "wordpress-6.4/", "var/www/html/". */
const MAX_STRIPPED = 5
/** Paths that are tried to find out how two trees lie on each other. */
const TRIED = 400

/** One list or copy, and where its root lies compared with that of the scanned folder. */
export class KnownTree {
  readonly #byPath: ReadonlyMap<string, Expectation>
  readonly #folders = new Map<string, number>()
  #stripKnown = 0
  #prefix = ''
  readonly name: string

  /** `scanned` are some paths below the scanned folder. */
  constructor(name: string, entries: readonly KnownEntry[], scanned: readonly string[]) {
    this.name = name
    this.#align(entries, scanned)
    const byPath = new Map<string, Expectation>()
    for (const { path, expected } of entries) {
      const own = stripped(path, this.#stripKnown)
      if (own === undefined) continue
      byPath.set(own, expected)
      const folder = own.slice(0, Math.max(0, own.lastIndexOf('/')))
      this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + 1)
    }
    this.#byPath = byPath
  }

  get size(): number {
    return this.#byPath.size
  }

  /** How a file below the scanned folder must be; undefined when it is not in the list. */
  expected(path: string): Expectation | undefined {
    return this.#byPath.get(this.#prefix + path)
  }

  /** Known files in the folder of this one. */
  besides(path: string): number {
    const own = this.#prefix + path
    return this.#folders.get(own.slice(0, Math.max(0, own.lastIndexOf('/')))) ?? 0
  }

  /** The two trees are laid on each other where most paths meet: a copy may begin some folders above or below what is scanned. */
  #align(entries: readonly KnownEntry[], scanned: readonly string[]): void {
    const names = spread(scanned, TRIED)
    const wanted = new Set(names.map(path => path.slice(path.lastIndexOf('/') + 1)))
    const rivals = entries.map(({ path }) => path).filter(path => wanted.has(path.slice(path.lastIndexOf('/') + 1)))
    let best = 0
    for (let strip = 0; strip <= MAX_STRIPPED; strip++) {
      const known = new Set(rivals.flatMap(path => stripped(path, strip) ?? []))
      const hits = names.filter(path => known.has(path)).length
      if (hits > best) {
        best = hits
        this.#stripKnown = strip
        this.#prefix = ''
      }
    }
    for (const [prefix, hits] of prefixes(rivals, names)) {
      if (hits <= best) continue
      best = hits
      this.#stripKnown = 0
      this.#prefix = prefix
    }
  }
}

/** What stands before scanned paths in known ones, with how often. */
function prefixes(known: readonly string[], scanned: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const byName = Map.groupBy(known, path => path.slice(path.lastIndexOf('/') + 1))
  for (const path of scanned) {
    const seen = new Set<string>()
    // A name that hundreds of folders have (index.php) says little about where they lie.
    for (const rival of (byName.get(path.slice(path.lastIndexOf('/') + 1)) ?? []).slice(0, 200))
      if (rival.endsWith(`/${path}`)) seen.add(rival.slice(0, rival.length - path.length))
    for (const prefix of seen) counts.set(prefix, (counts.get(prefix) ?? 0) + 1)
  }
  return counts
}

function stripped(path: string, folders: number): string | undefined {
  let at = 0
  for (let i = 0; i < folders; i++) {
    at = path.indexOf('/', at) + 1
    if (at === 0) return undefined
  }
  return at === 0 ? path : path.slice(at)
}

/** Every n-th, so that all folders have a say. */
function spread(paths: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, Math.floor(paths.length / count))
  return paths.filter((_path, index) => index % step === 0)
}
