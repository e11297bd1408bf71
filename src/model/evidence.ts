import type { Diagnostic } from './diagnostic.ts'
import type { OriginalRecord, SecurityEvent } from './event.ts'
import type { EvidenceId } from './ids.ts'
import type { Micros } from './time.ts'

/** Text encodings we read; UTF-16 with or without a byte order mark. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'

/** Facts a log cannot carry itself, given with `--source`, in sources.yaml, or guessed with a stated reason. */
export interface SourceFacts {
  readonly host?: string
  /** Minutes east of UTC, or an IANA zone name; undefined means the log's own zone or UTC. */
  readonly zone?: string
  /** Year of the FIRST record of a log without years; later records follow from month order. */
  readonly year?: number
  /** Column by what it means, for tables whose header does not say it ("time": "Zeitpunkt"); `kind` names the kind of event. */
  readonly columns?: Readonly<Record<string, string>>
  /** Path on the machine it came from, where a collection keeps it: "C:\\inetpub\\wwwroot\\a.aspx". */
  readonly originalPath?: string
  /** Modification time that the archive it came in recorded for the item; the time of a copy is none. */
  readonly modified?: Micros
  /** Asked for: records in unused space of the item, too, where the format has such. They are marked (`carved`). */
  readonly carve?: true
}

/** Random access to the bytes of one item (after inflating). */
export interface ByteSource {
  readonly size: number
  /** Bytes from `offset`, fewer at the end of the item; the buffer is the caller's until the next call. */
  read(offset: number, length: number): Uint8Array
}

/** One line of a text item. */
export interface Line {
  readonly text: string
  /** 1-based line number in the whole item. */
  readonly number: number
  readonly offset: number
  /** Longer than `MAX_LINE_BYTES`; `text` is its beginning. */
  readonly cut: boolean
}

/** A line longer than this is cut and said so: 1 MiB holds the longest script block and EVE record seen. */
export const MAX_LINE_BYTES = 1 << 20

/** What a format recognises an item by: its name and its first bytes, as text where they are text. */
export interface EvidenceSample {
  /** Path as shown to the user; only a hint, content decides. */
  readonly path: string
  readonly size: number
  /** First bytes, 64 KiB at most. */
  readonly head: Uint8Array
  /** Undefined when the head is not text. */
  readonly encoding: TextEncoding | undefined
  /** First non-empty lines of the head, 50 at most, without line ends; empty when not text. The last one may be incomplete only if it is the only one. */
  readonly lines: readonly string[]
}

/** A part of one item, the unit of work. Parts of one item are independent of each other. */
export interface EvidencePart {
  readonly evidence: EvidenceId
  readonly path: string
  readonly part: number
  /** Byte range [start, end). For line formats it begins and ends at line boundaries, for block formats at block boundaries. */
  readonly start: number
  readonly end: number
  readonly facts: SourceFacts
  readonly encoding: TextEncoding
  readonly bytes: ByteSource
  /** Lines of the item before `start` that begin with the format's `headerPrefix`, in order. */
  readonly headerLines: readonly string[]
  /** The lines of the range; bounded in length. */
  lines(): Iterable<Line>
}

/** A record of a Windows event log before a typed event is made of it. */
export interface UnmappedRecord {
  readonly original: OriginalRecord
  readonly product: string
  readonly code: string
  /** In lower case. */
  readonly channel: string
  /** In lower case. */
  readonly provider: string
  /** The event it becomes. */
  event(): SecurityEvent
}

/** Where a reader hands over what it read. */
export interface EventSink {
  event(event: SecurityEvent): void
  diagnostic(diagnostic: Diagnostic): void
  /**
   * For who keeps few events: a reader that can asks it of every record first, and makes no event of those it says no to. A reader
   * that cannot hands over all of them.
   */
  wants?(record: UnmappedRecord): boolean
  /** Whoever takes the events is done with each, and with its original, when `event` returns: a reader may use their bytes again. */
  readonly isPassing?: true
}

/** How an item may be cut so that several cores read it. */
export type Split =
  | { readonly by: 'lines' /** Lines that later lines need (#Fields), handed to every part. */; readonly headerPrefix?: string }
  | { readonly by: 'blocks'; readonly headerBytes: number; readonly blockBytes: number }
  | { readonly by: 'nothing' }

/** What a reader was built and checked on: records of others, software that was run, files a program of ours wrote, or only words. */
export type BuiltFrom = 'real sample' | 'recorded' | 'generated' | 'documentation'

/** What `barograph formats` and the page in docs/formats say of a format; plain sentences. */
export interface FormatAbout {
  /** What is read: products, versions, variants. */
  readonly reads: string
  /** How people copy or export it. */
  readonly exported: string
  readonly shows: string
  readonly cannotShow: string
  /** Host, zone and year: what the log says itself and what must be given. */
  readonly clock: string
  readonly builtFrom: BuiltFrom
  readonly checkedOn: string
  /** Page in docs/formats, where it is not called after the format. */
  readonly page?: string
}

/** One format: recognises an item, and turns a part of it into events and diagnostics. Never throws on content. */
export interface Reader {
  /** "evtx", "access-log", "zeek" … */
  readonly format: string
  readonly title: string
  /** Raised when the output for the same bytes changes; part of a segment's name. */
  readonly version: number
  readonly split: Split
  readonly about?: FormatAbout
  /** Looks into unused space of an item when `SourceFacts.carve` asks for it. */
  readonly carves?: true
  /** 0 not mine, 1-49 maybe, 50-89 likely, 90-100 certain (magic bytes, header lines, every sample line parses). The highest wins. */
  recognise(sample: EvidenceSample): number
  read(part: EvidencePart, sink: EventSink): void
}

/** Content kinds a detector may read as a whole: a victim's file that is itself evidence. */
export interface VictimFile {
  readonly evidence: EvidenceId
  readonly path: string
  readonly host: string
  readonly size: number
  readonly encoding: TextEncoding | undefined
  /** The whole content, at most `MAX_VICTIM_FILE_BYTES`. */
  readonly bytes: Uint8Array
  readonly text: string
}

/** Scripts larger than this are judged by their first part only and said so: the largest web shell of the public collections has 1.7 MB. */
export const MAX_VICTIM_FILE_BYTES = 2 << 20
