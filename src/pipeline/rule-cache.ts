import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { RuleFile } from '../model/index.ts'
import { type CompiledRules, compileSigma, type ParsedRules, parseRules, type SigmaOptions } from '../rules/index.ts'
import { programVersion } from './version.ts'

/** Rules ready for any number of workers: read once, the bytes shared by all. Plain data. */
export interface PreparedRules {
  readonly parsed: SharedArrayBuffer
  readonly options: SigmaOptions
}

/** A file of the cache: digest of what follows; the rules. */
const DIGEST_BYTES = 32
/** Sets of rules kept: the public ones, the user's, and some they were before. */
const MAX_KEPT = 8
/** Writing takes less than a second; what is unfinished for longer was left by a run that was killed. */
const UNFINISHED_MILLISECONDS = 10 * 60 * 1000

/**
 * Reads rule files, or takes over what an earlier run read of the same ones: reading the YAML of the public rules takes seconds. The
 * name of what is kept is a digest of all that decides it, so it is never out of date; what is damaged is read anew.
 */
export function prepareRules(files: readonly RuleFile[], options: SigmaOptions): PreparedRules {
  const folder = cacheFolder()
  const name = `sigma-${digestOf(files, options)}`
  let payload = folder === undefined ? undefined : kept(join(folder, name))
  if (!payload) {
    payload = serialize(parseRules(files, options.placeholders))
    if (folder !== undefined) keep(folder, name, payload)
  }
  const shared = new SharedArrayBuffer(payload.length)
  new Uint8Array(shared).set(payload)
  return { parsed: shared, options }
}

/** Compiles prepared rules, in a worker as well. */
export function compilePrepared({ parsed, options }: PreparedRules): CompiledRules {
  return compileSigma([], { ...options, parsed: deserialize(Buffer.from(parsed)) as ParsedRules })
}

function digestOf(files: readonly RuleFile[], { placeholders }: SigmaOptions): string {
  const hash = createHash('sha256').update(`${programVersion}\n${process.versions.v8}\n${ownCode()}\n`)
  hash.update(JSON.stringify([...(placeholders ?? [])]))
  for (const { path, text } of files) hash.update(`\0${path}\0${text.length}\0${text}`)
  return hash.digest('hex').slice(0, 32)
}

/** Sizes and times of the code that reads and keeps rules: a version may change while it is being worked on. */
function ownCode(): string {
  const folder = join(import.meta.dirname, '..', 'rules', 'sigma')
  const code = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[jt]s$/.test(name))
    .sort()
    .map(name => join(folder, name))
  return [import.meta.filename, ...code]
    .map(file => {
      const { size, mtimeMs } = statSync(file)
      return `${file} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/** The user's own folder for what can be made again; BAROGRAPH_CACHE names another, or is "off". */
function cacheFolder(): string | undefined {
  const { BAROGRAPH_CACHE: wanted = '', XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = process.env
  if (wanted !== '') return wanted === 'off' ? undefined : wanted
  if (process.platform === 'win32') return local === '' ? undefined : join(local, 'barograph', 'cache')
  const base = xdg !== '' ? xdg : join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache')
  return join(base, 'barograph')
}

/** What is kept under a name, when it is there and whole. */
function kept(file: string): Buffer | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    // Nothing is kept, or it cannot be read: both mean reading the rules.
    return undefined
  }
  const payload = bytes.subarray(DIGEST_BYTES)
  if (!createHash('sha256').update(payload).digest().equals(bytes.subarray(0, DIGEST_BYTES))) return undefined
  used(file)
  return payload
}

/** What is used stays longest. */
function used(file: string): void {
  const now = new Date()
  try {
    utimesSync(file, now, now)
  } catch {
    // Another run may have removed it, or the folder may not be ours to write: then it is forgotten sooner.
  }
}

function keep(folder: string, name: string, payload: Buffer): void {
  const unfinished = join(folder, `${name}.${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(unfinished, Buffer.concat([createHash('sha256').update(payload).digest(), payload]), { mode: 0o600 })
    renameSync(unfinished, join(folder, name))
    forget(folder)
  } catch {
    // A home that is full or must not be written costs the next run some seconds, and is no reason to stop this one.
    if (existsSync(unfinished)) rmSync(unfinished)
  }
}

/** Removes what has not been used for longest, and what was never finished. */
function forget(folder: string): void {
  const files = readdirSync(folder)
    .filter(name => /^sigma-[0-9a-f]{32}(?:\.\d+)?$/.test(name))
    .map(name => ({ name, time: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.time - a.time)
  const isUnfinished = (name: string) => name.includes('.')
  const oldest = Date.now() - UNFINISHED_MILLISECONDS
  const left = files.filter(({ name, time }) => isUnfinished(name) && time < oldest)
  const surplus = files.filter(({ name }) => !isUnfinished(name)).slice(MAX_KEPT)
  for (const { name } of [...left, ...surplus]) rmSync(join(folder, name), { force: true })
}
