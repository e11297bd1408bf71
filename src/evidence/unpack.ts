import { createReadStream, rmSync, statSync } from 'node:fs'
import { type Diagnostic, type Micros, microsFromMillis } from '../model/index.ts'
import { Breath } from './breath.ts'
import { inflateBzip2 } from './bzip2.ts'
import { type ContainerType, containerType } from './container-type.ts'
import { type EvidenceFile, type EvidenceState, UNREADABLE_PATH } from './evidence-file.ts'
import { gzipHeader, gzipTrailer, inflateGzip, inflateZstd, type KnownContent } from './inflate.ts'
import { holdsScriptCode, type KnownType, knownType } from './known-types.ts'
import type { UnpackLimits } from './limits.ts'
import { emptySample, headOf, sampleOf, sampleOfBytes } from './sample.ts'
import { Budget, hashFile, holdsContent, type SpillEnd, spillPath, writeSpill } from './spill.ts'
import { tarMembers } from './tar.ts'
import { inflateXz } from './xz.ts'
import { zipMembers } from './zip.ts'

/** One file on its way to becoming items: a given file, or a member that was spilled. */
interface Candidate {
  readonly path: string
  readonly file: string
  readonly depth: number
  readonly container?: string
  readonly containerTime?: Micros
  readonly diagnostics: readonly Diagnostic[]
}

/** What all levels of one given archive share. */
interface Unpacking {
  readonly spillDirectory: string
  readonly limits: UnpackLimits
  readonly javaArchives: boolean
  /** Made when the first member comes. */
  budget(): Budget
  readonly breath: Breath
  /** SHA-256 of the given archive; reads it once, when the first member is spilled. */
  archive(): Promise<string>
  /** Way down so far to each used name, so that two members of one name stay two. */
  readonly names: Map<string, number>
}

/** The items of one file: the file itself, or the members of the archive that it is, however deep. */
export async function* itemsOf(
  path: string,
  file: string,
  {
    spillDirectory,
    limits,
    javaArchives = false,
    breath = new Breath(),
  }: {
    readonly spillDirectory: string
    readonly limits: UnpackLimits
    readonly javaArchives?: boolean
    readonly breath?: Breath
  },
): AsyncGenerator<EvidenceFile> {
  let hash: Promise<string> | undefined
  let budget: Budget | undefined
  const unpacking: Unpacking = {
    spillDirectory,
    limits,
    javaArchives,
    budget: () => {
      budget ??= new Budget(statSync(file).size, limits)
      return budget
    },
    breath,
    archive: () => {
      hash ??= hashFile(file)
      return hash
    },
    names: new Map(),
  }
  yield* examine({ path, file, depth: 0, diagnostics: [] }, unpacking)
}

async function* examine(candidate: Candidate, unpacking: Unpacking): AsyncGenerator<EvidenceFile> {
  const { head, size } = headOf(candidate.file)
  if (size === 0) {
    yield item(candidate, 'empty', 'the file is empty')
    return
  }
  const type = containerType(head)
  if (type === undefined) {
    yield plainItem(candidate, sampleOfBytes(candidate.path, head, size))
    return
  }
  if (candidate.depth >= unpacking.limits.depth) {
    yield refused(candidate, 'evidence/too-deep', `containers lie more than ${unpacking.limits.depth} deep in each other`)
    return
  }
  const unpacked =
    type === 'zip'
      ? yield* zipItems(candidate, unpacking)
      : type === 'tar'
        ? yield* archiveItems(candidate, tarMembers(fileChunks(candidate.file)), unpacking)
        : yield* compressedItems(candidate, type, unpacking)
  // An inner archive is only a step on the way: once unpacked, its members are what is kept.
  if (unpacked && candidate.depth > 0) rmSync(candidate.file, { force: true })
}

/** Item of a file that is no container. */
function plainItem(candidate: Candidate, sample: EvidenceFile['sample']): EvidenceFile {
  const base = { ...itemBase(candidate), file: candidate.file, bytes: sample.size, sample }
  const known = knownType(sample.head, sample.size, candidate.path)
  if (!known || (sample.size > 0 && holdsScriptCode(sample.head) && isCarrierOfCode(known.name)))
    return { ...base, state: 'readable', note: '', diagnostics: candidate.diagnostics }
  return recognised(candidate, sample, known)
}

function recognised(
  candidate: Candidate,
  sample: EvidenceFile['sample'],
  { name, shows, hint, isContainer }: Pick<KnownType, 'name' | 'shows' | 'hint' | 'isContainer'>,
): EvidenceFile {
  const message = isContainer
    ? `${name}: not unpacked; nothing in it is in the result`
    : `${name}: recognised, not read; it would have shown ${shows}`
  const problem: Diagnostic = {
    ...note(candidate.path, 'evidence/recognised-not-read', message, hint),
    ...(isContainer ? { level: 'warning' } : {}),
  }
  return {
    ...itemBase(candidate),
    file: candidate.file,
    bytes: sample.size,
    sample,
    state: 'recognised-not-read',
    note: `${name}; it would have shown ${shows}. ${hint}`,
    diagnostics: [...candidate.diagnostics, problem],
  }
}

/** Kinds of file a web server hands to its script engine when the name says so, and whose first bytes fool an upload check. */
function isCarrierOfCode(name: string): boolean {
  return name === 'picture' || name === 'PDF document' || name === 'font, sound or film'
}

/** The items of a container say whether it was unpacked, so that its own bytes are no longer needed. */
type Items = AsyncGenerator<EvidenceFile, boolean>

async function* zipItems(candidate: Candidate, unpacking: Unpacking): Items {
  const kind = await zipKind(candidate.file, unpacking.javaArchives)
  if (kind === 'java archive') {
    const sample = sampleOf(candidate.path, candidate.file)
    yield {
      ...itemBase(candidate),
      file: candidate.file,
      bytes: sample.size,
      sample,
      state: 'readable',
      note: '',
      diagnostics: candidate.diagnostics,
    }
    return false
  }
  if (kind) {
    yield recognised(candidate, sampleOf(candidate.path, candidate.file), kind)
    return false
  }
  return yield* archiveItems(candidate, smallFirst(zipMembers(candidate.file)), unpacking)
}

/** Documents and programs that are zips inside are one item, not an archive of evidence. */
async function zipKind(
  file: string,
  javaArchives: boolean,
): Promise<Pick<KnownType, 'name' | 'shows' | 'hint'> | 'java archive' | undefined> {
  const names: string[] = []
  for await (const { name } of zipMembers(file)) if (names.push(name) >= MEMBERS_THAT_TELL) break
  if (names.includes('[Content_Types].xml') || names[0] === 'mimetype')
    return { name: 'Office document', shows: 'possibly a lure with macros', hint: 'Look for macros with `olevba FILE`.' }
  const java = names.includes('META-INF/MANIFEST.MF') || names.some(name => name.endsWith('.class'))
  // A web archive (WEB-INF) holds pages, so it is unpacked.
  if (!java || javaArchives || names.some(name => name.startsWith('WEB-INF/'))) return undefined
  return 'java archive'
}

/** Office writes its table of contents among the first entries, Java its manifest; a class lies among the first thousands of any program. */
const MEMBERS_THAT_TELL = 2000

/** What archives of all kinds say about a member. */
interface Member {
  readonly name: string
  readonly bytes: number
  readonly modified: Micros | undefined
  readonly type: 'file' | 'folder' | 'link' | 'other'
  readonly target: string
  readonly known?: KnownContent | undefined
  readonly encrypted?: boolean
  /** Name of a compression method we do not know; '' when we know it. */
  readonly unknownMethod?: string
  open(): AsyncGenerator<Buffer, string>
}

async function* archiveItems(candidate: Candidate, members: AsyncGenerator<Member, string>, unpacking: Unpacking): Items {
  let count = 0
  try {
    for (;;) {
      const step = await members.next()
      if (step.done) {
        if (step.value !== '') yield brokenArchive(candidate, count, step.value)
        else if (count === 0) yield item(candidate, 'empty', 'the archive holds no files')
        return step.value === '' && count > 0
      }
      const member = step.value
      if (member.type === 'folder') continue
      count++
      if (!unpacking.budget().takeMember()) {
        yield refused(
          candidate,
          'evidence/too-many-members',
          `more than ${unpacking.limits.members} members; the rest was left out`,
        )
        return false
      }
      yield* memberItems(candidate, member, unpacking)
    }
  } finally {
    await members.return('')
  }
}

/** Members put in order at a time; the directory of a zip may name a million. */
const ORDERED_MEMBERS = 20_000
/** So much is unpacked in a moment, in whatever order. */
const SOON_UNPACKED_BYTES = 64 << 20

/** A large zip can be unpacked in any order, and its small members are what tells much: they need not wait for the gigabytes beside them. */
async function* smallFirst(members: AsyncGenerator<Member, string>): AsyncGenerator<Member, string> {
  try {
    for (;;) {
      const held: Member[] = []
      let step = await members.next()
      while (!step.done && held.push(step.value) < ORDERED_MEMBERS) step = await members.next()
      const bytes = held.reduce((sum, member) => sum + member.bytes, 0)
      yield* bytes > SOON_UNPACKED_BYTES ? held.toSorted((a, b) => a.bytes - b.bytes) : held
      if (step.done) return step.value
    }
  } finally {
    await members.return('')
  }
}

async function* fileChunks(file: string): AsyncGenerator<Buffer, string> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) yield chunk as Buffer
  return ''
}

function memberCandidate(parent: Candidate, member: Member, unpacking: Unpacking): Omit<Candidate, 'file' | 'diagnostics'> {
  const plain = `${parent.path}!/${member.name.replace(/^(?:\.?\/)+/, '')}`
  const times = (unpacking.names.get(plain) ?? 0) + 1
  unpacking.names.set(plain, times)
  return {
    path: times === 1 ? plain : `${plain}~${times}`,
    depth: parent.depth + 1,
    container: parent.path,
    ...(member.modified === undefined ? {} : { containerTime: member.modified }),
  }
}

async function* memberItems(parent: Candidate, member: Member, unpacking: Unpacking): AsyncGenerator<EvidenceFile> {
  const child = memberCandidate(parent, member, unpacking)
  if (member.type !== 'file') {
    const why = member.type === 'link' ? `a link to ${member.target}, not followed` : 'not a regular file'
    yield item(
      { ...child, file: '', diagnostics: [note(child.path, 'evidence/no-regular-file', why)] },
      'recognised-not-read',
      why,
    )
    return
  }
  const obstacle = obstacleOf(member)
  if (obstacle) {
    const problem = warning(child.path, obstacle.code, obstacle.why, obstacle.hint)
    yield { ...item({ ...child, file: '', diagnostics: [problem] }, obstacle.state, obstacle.why), bytes: member.bytes }
    return
  }
  const target = spillPath(unpacking.spillDirectory, await unpacking.archive(), child.path.slice(child.path.indexOf('!/')))
  const end = await spilled(target, member.known, () => member.open(), child.path, unpacking)
  yield* spilledItems({ ...child, file: target }, end, unpacking)
}

/** Why a member cannot be inflated. */
function obstacleOf({ encrypted, unknownMethod }: Member) {
  if (encrypted)
    return {
      state: 'encrypted',
      code: 'evidence/encrypted-member',
      why: 'the archive member is encrypted',
      hint: 'Unpack the archive with its password (`7z x -p FILE`) and give the folder.',
    } as const
  if (unknownMethod)
    return {
      state: 'unreadable',
      code: 'evidence/unknown-packing',
      why: `the archive member is packed with ${unknownMethod}`,
      hint: 'Unpack the archive with `7z x FILE` and give the folder.',
    } as const
  return undefined
}

/** Spills, or takes what an earlier run left when it is the very content. */
async function spilled(
  target: string,
  known: KnownContent | undefined,
  open: () => AsyncGenerator<Buffer, string>,
  path: string,
  { budget, breath }: Pick<Unpacking, 'budget' | 'breath'>,
): Promise<SpillEnd> {
  if (known && (await holdsContent(target, known)))
    return { bytes: known.bytes, problem: '', bomb: !budget().takeBytes(known.bytes) }
  return writeSpill(open(), target, path, budget(), breath)
}

async function* spilledItems(
  candidate: Omit<Candidate, 'diagnostics'>,
  end: SpillEnd,
  unpacking: Unpacking,
): AsyncGenerator<EvidenceFile> {
  if (end.bomb) {
    yield refused({ ...candidate, diagnostics: [] }, 'evidence/bomb', end.problem)
    return
  }
  const damage =
    end.problem === ''
      ? []
      : [
          warning(
            candidate.path,
            'evidence/damaged',
            `${end.problem}; ${end.bytes} bytes were unpacked and read`,
            'Copy the file again from its source.',
          ),
        ]
  if (end.bytes === 0 && end.problem !== '') {
    yield item({ ...candidate, file: '', diagnostics: damage }, 'unreadable', end.problem)
    return
  }
  yield* examine({ ...candidate, diagnostics: damage }, unpacking)
}

/** A gzip, Zstandard, xz or bzip2 file: its one content keeps the path of the compressed file, and a tar in it is read without a copy of its own. */
async function* compressedItems(candidate: Candidate, type: Exclude<ContainerType, 'zip' | 'tar'>, unpacking: Unpacking): Items {
  const { size } = statSync(candidate.file)
  const open = () =>
    type === 'gzip'
      ? inflateGzip(candidate.file, size)
      : type === 'zstd'
        ? inflateZstd(candidate.file, size)
        : type === 'xz'
          ? inflateXz(candidate.file)
          : inflateBzip2(candidate.file)
  const modified = type === 'gzip' ? (gzipHeader(candidate.file, 0)?.modified ?? 0) : 0
  const inner = {
    path: candidate.path,
    depth: candidate.depth + 1,
    container: candidate.container ?? candidate.path,
    ...(modified > 0
      ? { containerTime: microsFromMillis(modified * 1000) }
      : candidate.containerTime === undefined
        ? {}
        : { containerTime: candidate.containerTime }),
  }
  if (containerType(await firstBytes(open(), 512)) === 'tar') {
    return yield* archiveItems({ ...candidate, ...inner }, tarMembers(open()), unpacking)
  }
  const way = `${candidate.path.includes('!/') ? candidate.path.slice(candidate.path.indexOf('!/')) : ''}#${candidate.depth}`
  const target = spillPath(unpacking.spillDirectory, await unpacking.archive(), way)
  const known = type === 'gzip' ? gzipTrailer(candidate.file, size) : undefined
  const end = await spilled(target, known, open, candidate.path, unpacking)
  yield* spilledItems({ ...inner, file: target }, end, unpacking)
  return !end.bomb
}

async function firstBytes(chunks: AsyncGenerator<Buffer, string>, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes >= length) break
  }
  return Buffer.concat(parts)
}

function itemBase({ path, container, containerTime }: Omit<Candidate, 'file' | 'diagnostics'>) {
  return { path, ...(container === undefined ? {} : { container }), ...(containerTime === undefined ? {} : { containerTime }) }
}

function item(candidate: Candidate, state: EvidenceState, why: string): EvidenceFile {
  const { path, file, diagnostics } = candidate
  const own = state === 'empty' ? [note(path, 'evidence/empty', why)] : []
  return {
    ...itemBase(candidate),
    file,
    bytes: 0,
    sample: emptySample(path),
    state,
    note: why,
    diagnostics: [...diagnostics, ...own],
  }
}

/** A container one of the limits stopped. */
function refused(candidate: Candidate, code: string, why: string): EvidenceFile {
  const problem = warning(candidate.path, code, why, 'If it is genuine, unpack it yourself and give the folder.')
  return { ...item({ ...candidate, diagnostics: [...candidate.diagnostics, problem] }, 'unreadable', why), file: '' }
}

function brokenArchive(candidate: Candidate, members: number, reason: string): EvidenceFile {
  const why = `the archive is damaged: ${reason}; ${members} members were unpacked before`
  const problem: Diagnostic = {
    kind: 'diagnostic',
    code: 'evidence/damaged-archive',
    level: 'error',
    message: why,
    hint: 'Copy it again from its source, or repair it (`zip -FF FILE --out repaired.zip`, `7z x FILE`) and give the result.',
    path: candidate.path,
  }
  const { size } = statSync(candidate.file)
  return { ...item({ ...candidate, diagnostics: [...candidate.diagnostics, problem] }, 'unreadable', why), bytes: size }
}

function note(path: string, code: string, message: string, hint?: string): Diagnostic {
  return { kind: 'diagnostic', code, level: 'note', message, path, ...(hint === undefined ? {} : { hint }) }
}

function warning(path: string, code: string, message: string, hint: string): Diagnostic {
  return { kind: 'diagnostic', code, level: 'warning', message, hint, path }
}

/** An item for something the system would not let us read. */
export function unreadableItem(path: string, error: unknown): EvidenceFile {
  const why = error instanceof Error ? error.message : String(error)
  const problem: Diagnostic = {
    kind: 'diagnostic',
    code: UNREADABLE_PATH,
    level: 'error',
    message: `it could not be read: ${why}`,
    hint: 'Check the permissions of the file, or copy the evidence to a disk you can read.',
    path,
  }
  return { path, file: '', bytes: 0, sample: emptySample(path), state: 'unreadable', note: why, diagnostics: [problem] }
}
