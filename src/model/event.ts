import { type ColumnType, eventColumns } from './columns.ts'
import type { SourceRef } from './ids.ts'
import type { Micros } from './time.ts'

/** The kinds of event, named after OCSF classes. */
export type EventKind = keyof typeof eventColumns

/** All kinds in the order of the column table. */
export const eventKinds = Object.keys(eventColumns) as readonly EventKind[]

type ValueOf<T extends ColumnType> = T extends 'text' ? string : T extends 'flag' ? boolean : number
type RowOf<Columns extends Record<string, ColumnType>> = { readonly [Name in keyof Columns]?: ValueOf<Columns[Name]> | undefined }

/**
 * The ordered field names of records that are made alike, one object for all of them: whatever is derived from the names can be kept
 * by it (in a WeakMap: shapes come and go with the formats' own tables).
 */
export interface RecordShape {
  readonly names: readonly string[]
}

/**
 * The record under its own field names, decoded only when asked, so that fields nobody reads are never turned into strings.
 * Field names are as logged ("TargetUserName", "id.orig_h", "srcip"); values are the text a Sigma rule would see.
 */
export interface OriginalRecord {
  /** Value of a field; undefined when the record has no such field, '' when it is there and empty. */
  get(name: string): string | undefined
  names(): readonly string[]
  /** What is stored in the `original` column: a JSON object, or the line itself for text logs. */
  text(): string
  /**
   * Writes what `text()` says as UTF-8 from `at` on and returns where it ends, -1 when it does not fit: for records whose text can be
   * made without strings in between.
   */
  writeText?(target: Uint8Array, at: number): number
  /** Names by position, for readers whose records have few shapes; `at` is there when this is. */
  readonly shape?: RecordShape
  /**
   * Value of `shape.names[index]`, decoded now; undefined when this record leaves the field out. A name the shape does not hold may
   * still be answered by `get` ("Data" of a record with several unnamed values).
   */
  at?(index: number): string | undefined
  /**
   * Where that value lies in the record's bytes, when it is nothing but UTF-16LE text there; false when it is not, or the record leaves
   * it out. For those who look through many values and keep few.
   */
  spanAt?(index: number, span: TextSpan): boolean
  /** Is that value a whole number, an id, a time or a truth value, so that its text holds no other letters than `0x7f`, `true`, `S-1-5`, `T…Z`? */
  isFormattedAt?(index: number): boolean
}

/** UTF-16LE text of `length` code units at `at`; filled by who is asked, so that asking makes nothing. */
export interface TextSpan {
  bytes: Uint8Array
  at: number
  length: number
}

/** What every event carries beside the columns of its kind. */
export interface EventBase {
  readonly source: SourceRef
  /** Event time its source recorded; undefined when it has none, never invented. */
  readonly time: Micros | undefined
  /** Further times of the record by name (Sysmon "UtcTime", syslog "header"). */
  readonly alsoRecorded?: Readonly<Record<string, Micros>>
  readonly host: string
  readonly series: string
  readonly identity: number
  readonly product: string
  readonly code: string
  readonly original: OriginalRecord
  /** Found in unused space: left over from an earlier use, and perhaps not complete. */
  readonly carved?: true
}

/** One normalised record; `kind` selects the columns. Columns that are absent are unknown. */
export type SecurityEvent = { [Kind in EventKind]: EventOf<Kind> }[EventKind]
/** The event of one kind. */
export type EventOf<Kind extends EventKind> = Kind extends EventKind
  ? EventBase & { readonly kind: Kind } & RowOf<(typeof eventColumns)[Kind]>
  : never

/** The columns of one kind alone, as `map.ts` returns them before the reader adds source and time. */
export type EventFields<Kind extends EventKind = EventKind> = Kind extends EventKind
  ? { readonly kind: Kind } & RowOf<(typeof eventColumns)[Kind]>
  : never

/** Original of a text line. */
export function originalLine(line: string): OriginalRecord {
  return { get: () => undefined, names: () => [], text: () => line }
}

/** Original of a record whose fields are already text, for instance key=value or a parsed line; `line` is stored when given. */
export function originalFields(fields: Readonly<Record<string, string>>, line?: string): OriginalRecord {
  return {
    get: name => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    names: () => Object.keys(fields),
    text: () => line ?? JSON.stringify(fields),
  }
}
