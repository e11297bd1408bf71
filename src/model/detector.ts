import type { EventKind, EventOf } from './event.ts'
import type { VictimFile } from './evidence.ts'
import type { AddressHabit, Confidence, FindingDraft, Severity, Witness } from './finding.ts'
import { MAX_EVIDENCE_REFERENCES } from './finding.ts'
import type { EvidenceId, SourceRef } from './ids.ts'
import type { PreparedTable, Row, SqlDialect } from './queries.ts'
import type { RelayHop } from './relay-hop.ts'
import type { SyntaxParsers } from './syntax.ts'
import { type Micros, micros } from './time.ts'

/** What all detectors say about themselves; the rule page of docs/detectors is written from it. */
export interface DetectorCard {
  /** "area/what", for instance "web-shell/worker-starts-shell". */
  readonly id: string
  readonly title: string
  readonly techniques: readonly string[]
  readonly severity: Severity
  readonly confidence: Confidence
  /** Why the behaviour matters, one sentence for a responder. */
  readonly why: string
  /** The most likely innocent explanation. */
  readonly innocent: string
}

/** What a record detector says about one event; everything not given is taken from the card and the event. */
export interface Match {
  /** Headline naming the actors: "w3wp.exe started cmd.exe". */
  readonly title: string
  /** Merge key together with host and technique: what was acted on or with. */
  readonly object: string
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly techniques?: readonly string[]
  readonly accounts?: readonly string[]
  readonly addresses?: readonly string[]
  /** Replaces the recording host, for instance when a domain controller logs what another host did. */
  readonly hosts?: readonly string[]
  readonly why?: string
  readonly innocent?: string
  readonly succeeded?: boolean
}

/** Looks at one event at a time, in the same pass that reads it. Must be cheap: it sees every event of its kinds. */
export interface RecordDetector<Kind extends EventKind = EventKind> extends DetectorCard {
  readonly on: 'record'
  readonly reads: Kind | readonly Kind[]
  detect(event: EventOf<Kind>): Match | undefined
}

/** A query over all events; no row is looped over in JavaScript except the few that come back. */
export interface SetDetector extends DetectorCard {
  readonly on: 'set'
  readonly reads: readonly EventKind[]
  /** Tables the query needs, each after those it is made of. */
  readonly prepared?: readonly PreparedTable[]
  query(sql: SqlDialect): string
  /** One result row to one finding; undefined when the row is not worth one. Use `draftOf`. */
  finding(row: Row): FindingDraft | undefined
}

/** Judges the content of a victim's file (script, page, configuration) that is itself evidence. */
export interface ContentDetector extends DetectorCard {
  readonly on: 'content'
  /** Cheap test on path and first bytes; content decides, the extension only helps. */
  wants(file: VictimFile): boolean
  /** `parsers` are there when syntax trees can be had; without them a detector says what the words alone tell. */
  judge(file: VictimFile, parsers?: SyntaxParsers): Match | undefined
  /** Why the file that `judge` was just asked about could be judged by its words alone; undefined when it was read. */
  unread?(file: VictimFile): string | undefined
}

export type Detector = RecordDetector | SetDetector | ContentDetector

/** What a set detector adds to its card; `evidence` is the list of `sql.records()`. */
export interface DraftParts {
  readonly title: string
  readonly object: string
  readonly evidence: readonly string[]
  readonly evidenceTotal: number
  readonly count?: number
  readonly firstTime?: number | null
  readonly lastTime?: number | null
  readonly severity?: Severity
  readonly confidence?: Confidence
  readonly techniques?: readonly string[]
  readonly hosts?: readonly string[]
  readonly accounts?: readonly string[]
  readonly addresses?: readonly string[]
  readonly why?: string
  readonly innocent?: string
  readonly succeeded?: boolean
  readonly hops?: readonly RelayHop[]
  readonly habit?: AddressHabit
}

/** A finding draft from a detector's card and what it saw. */
export function draftOf(card: DetectorCard, parts: DraftParts): FindingDraft {
  const severity = parts.severity ?? card.severity
  return {
    witness: witnessOf(card, severity),
    title: parts.title,
    severity,
    confidence: parts.confidence ?? card.confidence,
    techniques: parts.techniques ?? card.techniques,
    hosts: (parts.hosts ?? []).filter(host => host !== ''),
    accounts: (parts.accounts ?? []).filter(account => account !== ''),
    addresses: (parts.addresses ?? []).filter(address => address !== ''),
    object: parts.object.toLowerCase(),
    firstTime: timeOf(parts.firstTime),
    lastTime: timeOf(parts.lastTime),
    count: parts.count ?? parts.evidenceTotal,
    why: parts.why ?? card.why,
    benignExplanation: parts.innocent ?? card.innocent,
    evidence: parts.evidence.slice(0, MAX_EVIDENCE_REFERENCES).map(sourceRefOf),
    evidenceTotal: parts.evidenceTotal,
    ...(parts.succeeded === undefined ? {} : { succeeded: parts.succeeded }),
    ...(parts.hops === undefined || parts.hops.length === 0 ? {} : { hops: parts.hops }),
    ...(parts.habit === undefined || parts.habit.earlier.length === 0 ? {} : { habit: parts.habit }),
  }
}

/** The witness line of one of our own detectors. */
export function witnessOf(card: DetectorCard, level: Severity): Witness {
  return { source: 'barograph', rule: card.id, title: card.title, level }
}

/** Reads back a reference written by `SqlDialect.records`: "evidence:record:offset". */
export function sourceRefOf(reference: string): SourceRef {
  const [evidence = '', record = '0', offset = '0'] = reference.split(':')
  return { evidence: knownId(evidence), record: Number(record), offset: Number(offset) }
}

/** Items of a case are far fewer. */
const MOST_IDS = 100_000
const ids = new Map<string, EvidenceId>()

/** One text for all references to an item: a piece of each reference's own text would keep that one in memory. */
function knownId(text: string): EvidenceId {
  const known = ids.get(text)
  if (known !== undefined) return known
  if (ids.size >= MOST_IDS) ids.clear()
  const id = text as EvidenceId
  ids.set(id, id)
  return id
}

function timeOf(value: number | null | undefined): Micros | undefined {
  return value === null || value === undefined ? undefined : micros(value)
}

/** Text of a column of a result row; '' when NULL. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value)
}

/** Number of a column of a result row; 0 when NULL. */
export function numberOf(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : Number(value ?? 0)
}

/** Truth of a column of a result row: engines without a boolean type give 1; false when NULL. */
export function flagOf(row: Row, column: string): boolean {
  const value = row[column]
  return value === true || value === 1
}

/** List of text of a column of a result row; empty when NULL. */
export function listOf(row: Row, column: string): readonly string[] {
  const value = row[column]
  return Array.isArray(value) ? value : []
}
