import type {
  Diagnostic,
  EventKind,
  EventOf,
  EvidenceId,
  EvidencePart,
  EvidenceSample,
  Line,
  Reader,
  SecurityEvent,
  SourceFacts,
} from '../src/model/index.ts'

/** What a test says about the item beside its text. */
export interface TextItem {
  readonly path?: string
  readonly facts?: SourceFacts
  /** Byte offset where the part begins (a line start); 0 when absent. */
  readonly start?: number
  /** Byte offset where it ends; the end of the text when absent. */
  readonly end?: number
  readonly headerLines?: readonly string[]
}

/** A part of a UTF-8 text held in memory, lines counted and placed as the evidence stage does it. */
export function textPart(
  text: string,
  { path = 'test.log', facts = {}, start = 0, end: last, headerLines = [] }: TextItem = {},
): EvidencePart {
  const all = new TextEncoder().encode(text)
  const partEnd = last ?? all.length
  return {
    evidence: 'test' as EvidenceId,
    path,
    part: start === 0 ? 0 : 1,
    start,
    end: partEnd,
    facts,
    encoding: 'utf-8',
    bytes: { size: all.length, read: (offset, length) => all.subarray(offset, offset + length) },
    headerLines,
    *lines(): Iterable<Line> {
      let offset = start
      let number = 1
      for (let at = 0; at < start; at++) if (all[at] === 10) number++
      while (offset < partEnd) {
        const end = all.indexOf(10, offset)
        const stop = end < 0 ? all.length : end
        yield {
          text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(all.subarray(offset, stop)),
          number,
          offset,
          cut: false,
        }
        offset = stop + 1
        number++
      }
    },
  }
}

/** The sample of a UTF-8 text, as recognition sees it. */
export function textSample(text: string, path = 'test.log'): EvidenceSample {
  const head = new TextEncoder().encode(text).subarray(0, 65_536)
  const lines = text
    .slice(0, 65_536)
    .split(/\r?\n/)
    .filter(line => line !== '')
    .slice(0, 50)
  return { path, size: new TextEncoder().encode(text).length, head, encoding: 'utf-8', lines }
}

/** Everything a reader makes of a text. */
export function readText(
  reader: Reader,
  text: string,
  item: TextItem = {},
): { readonly events: readonly SecurityEvent[]; readonly diagnostics: readonly Diagnostic[] } {
  const events: SecurityEvent[] = []
  const diagnostics: Diagnostic[] = []
  reader.read(textPart(text, item), {
    event: event => events.push(event),
    diagnostic: diagnostic => diagnostics.push(diagnostic),
  })
  return { events, diagnostics }
}

/** The columns of an event's kind alone, without absent ones: what a table of cases compares. */
export function columnsOf(event: SecurityEvent | undefined): Readonly<Record<string, unknown>> {
  if (!event) return {}
  const { source, time, alsoRecorded, host, series, identity, product, code, original, ...columns } = event
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined && value !== ''))
}

/** The events of one kind. */
export function eventsOfKind<Kind extends EventKind>(events: readonly SecurityEvent[], kind: Kind): readonly EventOf<Kind>[] {
  return events.filter((event): event is EventOf<Kind> & SecurityEvent => event.kind === kind)
}
