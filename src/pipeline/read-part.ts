import { decodeText, openPart, type PartPlan } from '../evidence/index.ts'
import {
  type ContentDetector,
  compareSeverity,
  type Detector,
  type Diagnostic,
  type EventKind,
  type EvidencePart,
  eventKinds,
  MAX_VICTIM_FILE_BYTES,
  type Reader,
  type RecordDetector,
  type RuleMatcher,
  type SecurityEvent,
  type SyntaxParsers,
  type TextEncoding,
  type VictimFile,
  witnessOf,
} from '../model/index.ts'
import type { YaraHit } from '../rules/yara/index.ts'
import type { SegmentFeed, SegmentHit, SegmentWriter } from '../store/index.ts'
import { DiagnosticFolder } from './fold-diagnostics.ts'
import { withActors } from './match-actors.ts'
import type { EarlyFinding } from './progress.ts'
import { cardOfRule, matchOfRule } from './rule-match.ts'
import { cardOfYara, matchOfYara } from './yara/yara-match.ts'

/** Format of items that are files of the victim: their content is judged as a whole. */
export const VICTIM_FILE_FORMAT = 'script'

/** Hits told before the hunt is over; a rule that matches everything must not flood the terminal. */
const MAX_EARLY_FINDINGS = 20

/** Everything that looks at events while they are read. */
export interface Watchers {
  readonly byKind: ReadonlyMap<EventKind, readonly RecordDetector[]>
  readonly content: readonly ContentDetector[]
  readonly matcher: RuleMatcher | undefined
}

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

/** Where events go, and what is seen in them. */
export type EventKeeper = Pick<SegmentWriter, 'append' | 'hit' | 'feed'>

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
  try {
    reader.read(opened.part, {
      event: event => {
        first ??= event
        writer.append(event)
        watch(event, watchers, keep, feed)
      },
      diagnostic: diagnostic => diagnostics.add(diagnostic),
    })
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

function watch(
  event: SecurityEvent,
  { byKind, matcher }: Watchers,
  keep: (hit: SegmentHit) => void,
  feed: (hit: SegmentFeed) => void,
): void {
  for (const detector of byKind.get(event.kind) ?? []) {
    const match = detector.detect(event)
    if (match)
      keep({
        witness: witnessOf(detector, match.severity ?? detector.severity),
        card: detector,
        match: withActors(match, event),
        event,
      })
  }
  if (matcher === undefined) return
  for (const hit of matcher.match(event)) {
    const match = matchOfRule(hit, event)
    const { rule, correlated } = hit
    if (correlated !== undefined)
      feed({ rule, values: correlated.values, accounts: match.accounts, addresses: match.addresses, event })
    if (correlated?.alone === false) continue
    keep({
      witness: { source: hit.source, rule, title: hit.ruleTitle, level: hit.severity },
      card: cardOfRule(hit),
      match,
      event,
    })
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
