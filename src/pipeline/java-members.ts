import { decodeText, zipContent, zipEntries } from '../evidence/index.ts'
import { type ByteSource, type EvidencePart, MAX_VICTIM_FILE_BYTES, type VictimFile } from '../model/index.ts'

/** Of one archive so much is unpacked; the largest server programs have some hundred megabytes of classes in all their archives together. */
const MAX_UNPACKED = 192 << 20
/** A manifest of one class a line; more entries are made to waste time. */
const MAX_MEMBERS = 60_000

/**
 * What a class must hold as plain text to do harm on a server (its names and texts stand so in its constant pool): one of each group of a set.
 * Most classes end here, before anything of them is taken apart.
 */
const CLASS_NEEDS: readonly (readonly (readonly string[])[])[] = [
  [
    ['getParameter', 'getHeader', 'getInputStream', 'getReader', 'getQueryString', 'getCookies', 'getPart', 'getRequest'],
    ['exec', 'ProcessBuilder', 'defineClass', 'defineAnonymousClass', 'defineHiddenClass', 'ScriptEngine'],
  ],
  [['premain', 'agentmain', 'javassist/']],
]
const CLASS_MAGIC = 0xcafebabe
/** What any page begins its code with. */
const PAGE_MARKS = ['<%', '<jsp:', '<?php', '<?=', ':scriptlet', 'runat="server"', '${']
/** Pages and what may be one under another name; resources of programs are larger or have other endings. */
const PAGE_NAMES = /\.(?:jspx?|jspf|tagx?|php|aspx?|ashx|html?|txt|gif|png|jpe?g|ico|xml)$/i

/** Programs that start by themselves carry their libraries inside. */
const LIBRARY_NAME = /\.(?:jar|war)$/i
const MAX_LIBRARY = 32 << 20

/** How much of an archive was looked at. */
export interface Looked {
  members: number
  unpacked: number
  /** Entries left out when a limit was met. */
  left: number
}

/** The classes and pages of a Java archive that are worth judging, as files of their own: `lib.jar!/a/B.class`. */
export function* javaMembers(part: EvidencePart, host: string, looked: Looked): Generator<VictimFile> {
  yield* membersOf(part.bytes, { evidence: part.evidence, path: part.path, host }, looked, true)
}

function* membersOf(
  source: ByteSource,
  archive: Pick<VictimFile, 'evidence' | 'path' | 'host'>,
  looked: Looked,
  outer: boolean,
): Generator<VictimFile> {
  for (const entry of zipEntries(source) ?? []) {
    const inner = outer && LIBRARY_NAME.test(entry.name)
    if (!inner && !/\.class$/i.test(entry.name) && !PAGE_NAMES.test(entry.name)) continue
    if (looked.members >= MAX_MEMBERS || looked.unpacked + entry.bytes > MAX_UNPACKED) {
      looked.left++
      continue
    }
    looked.members++
    const content = zipContent(source, entry, inner ? MAX_LIBRARY : MAX_VICTIM_FILE_BYTES)
    if (content === undefined) continue
    looked.unpacked += content.length
    const path = `${archive.path}!/${entry.name}`
    if (inner) {
      yield* membersOf(inMemory(content), { ...archive, path }, looked, false)
      continue
    }
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
    const compiled = bytes.length > 16 && bytes.readUInt32BE(0) === CLASS_MAGIC
    const holds = (text: string) => bytes.includes(text, 0, 'latin1')
    if (compiled ? !CLASS_NEEDS.some(needs => needs.every(words => words.some(holds))) : !PAGE_MARKS.some(holds)) continue
    yield {
      ...archive,
      path,
      size: bytes.length,
      encoding: compiled ? 'latin1' : 'utf-8',
      bytes,
      text: compiled ? '' : decodeText(bytes, 'utf-8'),
    }
  }
}

const inMemory = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
})
