import type { EventFields, EventKind, EventOf, EvidenceId, Match, RecordDetector, Severity } from '../src/model/index.ts'
import { micros, originalFields } from '../src/model/index.ts'

/** What a test may say about an event beside the columns of its kind. */
export interface EventFacts {
  readonly host?: string
  readonly product?: string
  readonly code?: string
  readonly record?: number
  readonly time?: number
  /** Fields under their logged names. */
  readonly original?: Readonly<Record<string, string>>
}

/** One event of a kind, as a reader would hand it over. */
export function eventOf<Kind extends EventKind>(fields: EventFields<Kind>, facts: EventFacts = {}): EventOf<Kind> {
  const base = {
    source: { evidence: '00000000000000aa' as EvidenceId, record: facts.record ?? 1, offset: 0 },
    time: micros(facts.time ?? 1_700_000_000_000_000),
    host: facts.host ?? 'web01.example',
    series: 'evtx|web01.example|test',
    identity: facts.record ?? 1,
    product: facts.product ?? 'sysmon',
    code: facts.code ?? '',
    original: originalFields(facts.original ?? {}),
  }
  return { ...base, ...fields } as unknown as EventOf<Kind>
}

type Fields<Kind extends EventKind> = Omit<EventFields<Kind>, 'kind'>

/** A process that starts. */
export function processStart(fields: Fields<'process_activity'>, facts?: EventFacts): EventOf<'process_activity'> {
  return eventOf<'process_activity'>(
    { kind: 'process_activity', action: 'start', ...fields } as EventFields<'process_activity'>,
    facts,
  )
}

/** A command typed into cmd.exe by an administrator. */
export function command(commandLine: string, fields: Fields<'process_activity'> = {}): EventOf<'process_activity'> {
  const program = /^"([^"]+)"|^(\S+)/.exec(commandLine)
  const name = program?.[1] ?? program?.[2] ?? ''
  const image =
    name.includes('\\') || name.startsWith('/') ? name : `C:\\Windows\\System32\\${/\.\w+$/.test(name) ? name : `${name}.exe`}`
  return processStart({ image, commandLine, parentImage: 'C:\\Windows\\System32\\cmd.exe', user: 'EXAMPLE\\ann', ...fields })
}

/**
 * What a detector says about an event, as tests compare it: "severity: title", '' when it keeps quiet.
 * Calls `detect` only for kinds the detector reads, as the pipeline does.
 */
export function saidBy<Kind extends EventKind>(detector: RecordDetector<Kind>, event: EventOf<EventKind>): string {
  const match = matchOf(detector, event)
  return match ? `${severityOf(detector, match)}: ${match.title}` : ''
}

/** The match itself. */
export function matchOf<Kind extends EventKind>(detector: RecordDetector<Kind>, event: EventOf<EventKind>): Match | undefined {
  const kinds: readonly EventKind[] = Array.isArray(detector.reads) ? detector.reads : [detector.reads as EventKind]
  return kinds.includes(event.kind) ? detector.detect(event as EventOf<Kind>) : undefined
}

/** Severity of the match, else of the card; '' when the detector keeps quiet. */
export function severityFor<Kind extends EventKind>(detector: RecordDetector<Kind>, event: EventOf<EventKind>): Severity | '' {
  const match = matchOf(detector, event)
  return match ? severityOf(detector, match) : ''
}

function severityOf(detector: { readonly severity: Severity }, match: Match): Severity {
  return match.severity ?? detector.severity
}
