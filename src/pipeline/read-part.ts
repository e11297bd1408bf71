import { decodeText, openPart, type PartPlan } from '../evidence/index.ts'
import {
  compareSeverity,
  type Detector,
  type Diagnostic,
  type EvidencePart,
  eventKinds,
  MAX_VICTIM_FILE_BYTES,
  type Reader,
  type RuleMatcher,
  type SecurityEvent,
  type SyntaxParsers,
  type TextEncoding,
  type VictimFile,
  witnessOf,
} from '../model/index.ts'
import type { YaraHit } from '../rules/yara/index.ts'
import type { SegmentFeed, SegmentHit } from '../store/index.ts'
import { EventBatch, type EventKeeper, type Watchers } from './event-batch.ts'
import { DiagnosticFolder } from './fold-diagnostics.ts'
import { javaMembers, type Looked } from './java-members.ts'
import type { EarlyFinding } from './progress.ts'
import { cardOfYara, matchOfYara } from './yara/yara-match.ts'

/** Format of items that are files of the victim: their content is judged as a whole. */
export const VICTIM_FILE_FORMAT = 'script'
/** Format of libraries: their classes and pages are judged one by one. */
export const LIBRARY_FORMAT = 'java-archive'

/** Hits told before the hunt is over; a rule that matches everything must not flood the terminal. */
const MAX_EARLY_FINDINGS = 20

/** Record detectors by the kind of event they read, so that an event is shown only to those that asked for it. */
export function watchersOf(detectors: readonly Detector[], matcher: RuleMatcher | undefined): Watchers {
  const records = detectors.filter(detector => detector.on === 'record')
  return {
    byKind: new Map(
      eventKinds.map(kind => [
        kind,
        records.filter(({ reads }) => (typeof reads === 'string' ? reads === kind : reads.includes(kind))),
      ]),
    ),
    content: detectors.filter(detector => detector.on === 'content'),
    matcher,
  }
}

/** What came of one part beside its segments. */
export interface PartOutcome {
  readonly diagnostics: readonly Diagnostic[]
  readonly early: readonly EarlyFinding[]
}

/** Reads one part: every event goes to the writer, and past the detectors and rules on its way. */
export function readPart(
  file: string,
  plan: PartPlan,
  reader: Reader,
  watchers: Watchers,
  writer: EventKeeper,
  yara: readonly YaraHit[] = [],
  parsers?: SyntaxParsers,
): PartOutcome {
  const diagnostics = new DiagnosticFolder()
  const early = new Map<string, EarlyFinding>()
  const keep = (hit: SegmentHit) => {
    writer.hit(hit)
    const severity = hit.match.severity ?? hit.witness.level
    if (compareSeverity(severity, 'high') < 0 || early.size >= MAX_EARLY_FINDINGS) return
    const { rule } = hit.witness
    const { title, hosts } = hit.match
    const host = hosts?.[0] ?? hit.event.host
    const key = `${rule}\n${host}`
    if (!early.has(key)) early.set(key, { severity, rule, title, host, path: plan.path })
  }
  const feed = (hit: SegmentFeed) => writer.feed(hit)
  let first: SecurityEvent | undefined
  const opened = openPart(file, plan)
  const batch = new EventBatch(watchers, writer, keep, feed)
  try {
    reader.read(opened.part, {
      event: event => {
        first ??= event
        batch.add(event)
      },
      diagnostic: diagnostic => diagnostics.add(diagnostic),
    })
    batch.end()
    if (reader.format === LIBRARY_FORMAT && plan.part === 0)
      for (const diagnostic of judgeMembers(opened.part, first, watchers, parsers, keep)) diagnostics.add(diagnostic)
    if (reader.format === VICTIM_FILE_FORMAT && plan.part === 0) {
      const file = victimFile(opened.part, first)
      for (const diagnostic of judge(file, first, watchers, parsers, keep)) diagnostics.add(diagnostic)
      for (const hit of yara)
        keep({
          witness: { source: 'yara', rule: hit.rule, title: hit.title, level: hit.level },
          card: cardOfYara(hit),
          match: matchOfYara(hit, file.path),
          event: placeOf(file, first),
        })
    }
  } finally {
    opened.close()
  }
  return { diagnostics: diagnostics.list(), early: [...early.values()] }
}

/** What the content detectors find in the classes and pages of a library. */
function* judgeMembers(
  part: EvidencePart,
  first: SecurityEvent | undefined,
  watchers: Watchers,
  parsers: SyntaxParsers | undefined,
  keep: (hit: SegmentHit) => void,
): Generator<Diagnostic> {
  const looked: Looked = { members: 0, unpacked: 0, left: 0 }
  for (const file of javaMembers(part, first?.host ?? part.facts.host ?? '', looked))
    yield* judge(file, first, watchers, parsers, keep)
  if (looked.left > 0)
    yield {
      kind: 'diagnostic',
      code: 'java-archive/not-all-judged',
      level: 'note',
      message: `${looked.members} classes and pages of the archive were judged, ${looked.left} were left out: it is larger than any library`,
      hint: 'Unpack it and give its classes as files.',
      evidence: part.evidence,
      path: part.path,
    }
}

/** What the content detectors find; returned is which of them could not read the file. */
function judge(
  file: VictimFile,
  first: SecurityEvent | undefined,
  { content }: Watchers,
  parsers: SyntaxParsers | undefined,
  keep: (hit: SegmentHit) => void,
): readonly Diagnostic[] {
  const event = placeOf(file, first)
  const unread: Diagnostic[] = []
  for (const detector of content) {
    if (!detector.wants(file)) continue
    const match = detector.judge(file, parsers)
    if (match) keep({ witness: witnessOf(detector, match.severity ?? detector.severity), card: detector, match, event })
    const why = detector.unread?.(file)
    if (why !== undefined)
      unread.push({
        kind: 'diagnostic',
        code: 'script/not-parsed',
        level: 'note',
        message: `judged by its words alone: ${why}`,
        hint: 'Look at it by hand when it lies where pages are served.',
        evidence: file.evidence,
        path: file.path,
      })
  }
  return unread
}

/** Where a finding about a whole file stands. */
function placeOf(file: VictimFile, first: SecurityEvent | undefined): SegmentHit['event'] {
  return { source: first?.source ?? { evidence: file.evidence, record: 1, offset: 0 }, time: first?.time, host: file.host }
}

function victimFile(part: EvidencePart, first: SecurityEvent | undefined): VictimFile {
  const bytes = part.bytes.read(0, Math.min(part.bytes.size, MAX_VICTIM_FILE_BYTES)).slice()
  const encoding: TextEncoding = part.encoding
  return {
    evidence: part.evidence,
    path: part.path,
    host: first?.host ?? part.facts.host ?? '',
    size: part.bytes.size,
    encoding,
    bytes,
    text: decodeText(bytes, encoding),
  }
}
