import {
  contentHash,
  draftOf,
  type EventFields,
  type EventKind,
  type EvidenceId,
  type FindingDraft,
  micros,
  microsFromIso,
  originalFields,
  type SecurityEvent,
  type Severity,
  type Witness,
} from '../src/model/index.ts'
import type { SegmentHit } from '../src/store/index.ts'
import type { StoredItem } from './contract/event-store.ts'

/** Builds one evidence item line by line: every event gets the next record number, times are ISO texts. */
export class ItemBuilder {
  readonly #events: SecurityEvent[] = []
  readonly #hits: SegmentHit[] = []
  readonly #evidence: EvidenceId
  readonly path: string

  constructor(path: string) {
    this.path = path
    this.#evidence = contentHash(path).toString(16).padStart(16, '0').slice(0, 16) as EvidenceId
  }

  /** Adds an event; returns the reference "evidence:record:offset" of its record. */
  add<Kind extends EventKind>(
    time: string,
    fields: EventFields<Kind>,
    facts: {
      readonly host?: string
      readonly product?: string
      readonly code?: string
      readonly also?: Readonly<Record<string, string>>
      readonly series?: string
    } = {},
  ): string {
    const record = this.#events.length + 1
    const also = Object.fromEntries(Object.entries(facts.also ?? {}).map(([name, text]) => [name, at(text)]))
    this.#events.push({
      source: { evidence: this.#evidence, record, offset: record * 100 },
      time: at(time),
      ...(facts.also ? { alsoRecorded: also } : {}),
      host: facts.host ?? '',
      series: facts.series ?? `evtx|${facts.host ?? ''}|${facts.product ?? ''}`,
      identity: contentHash(`${this.path}|${record}`),
      product: facts.product ?? 'sysmon',
      code: facts.code ?? '',
      original: originalFields({}),
      ...fields,
    } as SecurityEvent)
    return `${this.#evidence}:${record}:${record * 100}`
  }

  /** A rule or record detector hit the last event. */
  hit(rule: string, title: string, object: string, more: HitParts = {}): void {
    const event = this.#events.at(-1)
    if (!event) throw new Error('add an event first')
    const { severity = 'medium', source = 'barograph', techniques = ['T1059'], ...match } = more
    this.#hits.push({
      witness: { source, rule, title: rule, level: severity },
      card: { confidence: 'high', techniques, why: 'it matters', innocent: 'an administrator' },
      match: { title, object, severity, ...match },
      event,
    })
  }

  item(): StoredItem {
    return { path: this.path, events: this.#events, hits: this.#hits }
  }
}

/** What a hit may say beside rule, title and object. */
export interface HitParts {
  readonly severity?: Severity
  readonly source?: Witness['source']
  readonly techniques?: readonly string[]
  readonly accounts?: readonly string[]
  readonly addresses?: readonly string[]
  readonly hosts?: readonly string[]
  readonly succeeded?: boolean
}

/** Micros of an ISO text; a wrong text is a wrong test. */
export function at(text: string) {
  const time = microsFromIso(text)
  if (time === undefined) throw new Error(`not a time: ${text}`)
  return micros(time)
}

/** A draft as a set detector makes it. */
export function draft(
  rule: string,
  title: string,
  more: HitParts & { readonly object?: string; readonly time?: string; readonly evidence?: readonly string[] } = {},
): FindingDraft {
  const { severity = 'medium', techniques = ['T1059'], object = title, time, evidence = [], ...parts } = more
  const card = {
    id: rule,
    title: rule,
    techniques,
    severity,
    confidence: 'high',
    why: 'it matters',
    innocent: 'an administrator',
  } as const
  const firstTime = time === undefined ? null : at(time)
  return draftOf(card, {
    title,
    object,
    evidence,
    evidenceTotal: evidence.length,
    firstTime,
    lastTime: firstTime,
    severity,
    techniques,
    ...parts,
  })
}
