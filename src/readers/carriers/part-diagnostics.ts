import type { Diagnostic, DiagnosticLevel, EventSink, EvidencePart } from '../../model/index.ts'

/** A file of another kind, or a broken one, would otherwise drown the report: enough to see the pattern, the rest is counted. */
const SHOWN_OF_EACH_CODE = 20

/** What a diagnostic of a text log says; place and count are added here. */
export interface Complaint {
  readonly code: string
  readonly level: DiagnosticLevel
  readonly message: string
  readonly hint?: string
}

/** Where in the item it is about. */
export interface Place {
  /** Absent where it is about a block of the file rather than one record. */
  readonly number?: number
  readonly offset: number
}

/** Diagnostics of one part: none is dropped, but repeats of a code are folded into a count. Call `finish` at the end of the part. */
export class PartDiagnostics {
  readonly #part: EvidencePart
  readonly #sink: EventSink
  readonly #folded = new Map<string, { diagnostic: Diagnostic; count: number }>()
  readonly #shown = new Map<string, number>()

  constructor(part: EvidencePart, sink: EventSink) {
    this.#part = part
    this.#sink = sink
  }

  /** One diagnostic a record for the first ones of a code, then a count. */
  each(place: Place, complaint: Complaint): void {
    const shown = this.#shown.get(complaint.code) ?? 0
    if (shown >= SHOWN_OF_EACH_CODE) this.once(place, complaint)
    else {
      this.#shown.set(complaint.code, shown + 1)
      this.#sink.diagnostic(this.#diagnostic(place, complaint))
    }
  }

  /** One diagnostic a part with the first place and a count: for what concerns the whole file, such as a missing year. */
  once(place: Place, complaint: Complaint): void {
    const known = this.#folded.get(complaint.code)
    if (known) known.count++
    else this.#folded.set(complaint.code, { diagnostic: this.#diagnostic(place, complaint), count: 1 })
  }

  finish(): void {
    for (const { diagnostic, count } of this.#folded.values())
      this.#sink.diagnostic(count === 1 ? diagnostic : { ...diagnostic, count })
    this.#folded.clear()
  }

  #diagnostic(place: Place, complaint: Complaint): Diagnostic {
    return {
      kind: 'diagnostic',
      ...complaint,
      evidence: this.#part.evidence,
      path: this.#part.path,
      ...(place.number === undefined ? {} : { record: place.number }),
      offset: place.offset,
    }
  }
}

/** A short piece of a hostile line for a message: no control characters, at most 80 characters. */
export function excerptOf(line: string): string {
  const start = line.slice(0, 80).replace(/[\u0000-\u001f\u007f-\u009f]/g, '.')
  return line.length > 80 ? `${start}…` : start
}
