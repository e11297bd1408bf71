/** Algorithms of the lists in use, told by the length of the digest. */
export type Algorithm = 'md5' | 'sha1' | 'sha256' | 'sha512'

/** What a list says a file must be. */
export interface Checksum {
  readonly path: string
  readonly algorithm: Algorithm
  /** Lower case hex. */
  readonly digest: string
}

const BY_LENGTH: ReadonlyMap<number, Algorithm> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [64, 'sha256'],
  [128, 'sha512'],
])

/** "digest  path", "digest *path" of md5sum, sha1sum and sha256sum, and of dpkg's md5sums; a backslash in front marks an escaped name. */
const SUM_LINE = /^\\?([0-9a-f]{32,128})[ \t]+\*?(.+)$/i
/** "SHA256 (path) = digest" of BSD and of openssl dgst. */
const TAGGED_LINE = /^(?:MD5|SHA-?(?:1|256|512))\s?\((.+)\)\s?= ?([0-9a-f]{32,128})$/i

/** Reads a list of checksums: lines as the usual programs write them, or JSON. Undefined when it is none. */
export function readChecksums(text: string): readonly Checksum[] | undefined {
  const found = /^\s*[[{]/.test(text) ? jsonChecksums(text) : lineChecksums(text)
  return found.length > 0 ? found : undefined
}

function lineChecksums(text: string): readonly Checksum[] {
  const sums: Checksum[] = []
  for (const line of text.split('\n')) {
    const plain = line.trimEnd()
    const [, digest, path] = SUM_LINE.exec(plain) ?? []
    const [, taggedPath, taggedDigest] = digest === undefined ? (TAGGED_LINE.exec(plain) ?? []) : []
    const sum = checksum(path ?? taggedPath, digest ?? taggedDigest)
    if (sum) sums.push(plain.startsWith('\\') ? { ...sum, path: unescaped(sum.path) } : sum)
  }
  return sums
}

/** coreutils write a line feed in a name as \n and a backslash as \\. */
function unescaped(path: string): string {
  return path.replace(/\\(n|r|\\)/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter === 'r' ? '\r' : '\\'))
}

function checksum(path: unknown, digest: unknown): Checksum | undefined {
  if (typeof path !== 'string' || typeof digest !== 'string' || path === '') return undefined
  const plain = digest.replace(/^(?:md5|sha1|sha256|sha512)[:-]/i, '').toLowerCase()
  const algorithm = /^[0-9a-f]+$/.test(plain) ? BY_LENGTH.get(plain.length) : undefined
  return algorithm && { path, algorithm, digest: plain }
}

/** Lists of vendors differ in how they nest; deeper than this is no list of files. */
const MAX_NESTING = 6
const PATH_KEYS = ['path', 'file', 'filename', 'name'] as const
const DIGEST_KEYS = ['sha256', 'sha512', 'sha1', 'md5', 'hash', 'checksum', 'digest'] as const

/** {"index.php":"digest"}, {"checksums":{…}}, [{"path":…,"sha256":…}], {"index.php":{"sha256":…}} and what nests them. */
function jsonChecksums(text: string): readonly Checksum[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return [] // no JSON: no list, and the caller says so
  }
  const sums: Checksum[] = []
  collect(value, '', 0, sums)
  return sums
}

function collect(value: unknown, name: string, depth: number, sums: Checksum[]): void {
  const own = checksum(name, value)
  if (own) sums.push(own)
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return
  const entries = Object.entries(value)
  const fields = new Map<string, unknown>(Array.isArray(value) ? [] : entries)
  const path = PATH_KEYS.map(key => fields.get(key)).find(text => typeof text === 'string') ?? (name === '' ? undefined : name)
  const described = DIGEST_KEYS.map(key => checksum(path, fields.get(key))).find(sum => sum !== undefined)
  if (described) {
    sums.push(described)
    return
  }
  for (const [key, child] of entries) collect(child, Array.isArray(value) ? '' : key, depth + 1, sums)
}
