import { closeSync, fsync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type ColumnType,
  commonColumns,
  type DetectorCard,
  type EventKind,
  eventColumns,
  eventKinds,
  feedColumns,
  hitColumns,
  type Match,
  type Micros,
  type SecurityEvent,
  type Severity,
  type Witness,
} from '../../model/index.ts'
import { writeError } from '../case-error.ts'
import type { ColumnWriter } from './column.ts'
import { ParquetFile } from './parquet-file.ts'

/** Segments that hold no events: what rules and detectors saw, and what correlations need of it. */
const recordKinds = ['rule_hit', 'rule_feed'] as const
type RecordKind = (typeof recordKinds)[number]
/** What a segment holds: the events of one kind, or something about records of any kind. */
export type SegmentKind = EventKind | RecordKind

export const isEventKind = (kind: SegmentKind): kind is EventKind => kind !== 'rule_hit' && kind !== 'rule_feed'

/** All kinds a segment can have. */
export const segmentKinds: readonly SegmentKind[] = [...eventKinds, ...recordKinds]

/** One finished Parquet file. */
export interface Segment {
  readonly kind: SegmentKind
  /** Relative to the case folder. */
  readonly file: string
  readonly rows: number
  readonly bytes: number
}

/** What one task wrote. */
export interface WrittenTask {
  readonly segments: readonly Segment[]
  readonly events: number
  /** Distinct records, told apart by their place in the item. */
  readonly records: number
  readonly hits: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** A hit of a record detector, a content detector or a rule on one record. */
export interface SegmentHit {
  readonly witness: Witness
  readonly card: Pick<DetectorCard, 'confidence' | 'techniques' | 'why' | 'innocent'>
  readonly match: Match
  readonly event: Pick<SecurityEvent, 'source' | 'time' | 'host'>
}

/** A hit of a rule that correlations refer to. */
export interface SegmentFeed {
  readonly rule: string
  readonly values: Readonly<Record<string, unknown>>
  readonly accounts: readonly string[] | undefined
  readonly addresses: readonly string[] | undefined
  readonly event: Pick<SecurityEvent, 'source' | 'time' | 'host'>
}

/** A column of a segment. */
export interface SegmentColumn {
  readonly name: string
  readonly type: ColumnType
}

/** The columns of a kind in segment order. */
export function segmentColumns(kind: SegmentKind): readonly SegmentColumn[] {
  const columns: Readonly<Record<string, ColumnType>> = isEventKind(kind)
    ? { ...commonColumns, ...eventColumns[kind] }
    : kind === 'rule_hit'
      ? hitColumns
      : feedColumns
  return Object.entries(columns).map(([name, type]) => ({ name, type }))
}

const synced = promisify(fsync)

type Maker = (event: SecurityEvent) => unknown

/** One kind while its rows come in. */
interface Table {
  readonly file: ParquetFile
  readonly columns: readonly { readonly name: string; readonly column: ColumnWriter; readonly make: Maker | undefined }[]
}

/** The JSON object of further times. They are numbers, nearly every event has some, and always under the same few names. */
function timesText(times: Readonly<Record<string, Micros>>): string {
  let text = ''
  for (const name in times) {
    let key = timeKeys.get(name)
    if (key === undefined) {
      key = `${JSON.stringify(name)}:`
      if (timeKeys.size < MAX_TIME_KEYS) timeKeys.set(name, key)
    }
    text += `${text === '' ? '{' : ','}${key}${times[name]}`
  }
  return text === '' ? '{}' : `${text}}`
}

const timeKeys = new Map<string, string>()
/** Names come from readers; some take them from the record. */
const MAX_TIME_KEYS = 1024

/** Columns of an event that the writer makes; all others are read from the event as they are. */
const MADE_COLUMNS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['evidence', ({ source }) => source.evidence],
  ['record', ({ source }) => source.record],
  ['byteOffset', ({ source }) => source.offset],
  ['alsoRecorded', ({ alsoRecorded }) => (alsoRecorded === undefined ? '' : timesText(alsoRecorded))],
])

/**
 * Writes what one task read: one Parquet file a kind, named after the task, so that writing it twice is harmless.
 * Nothing is visible under its final name before it is complete and on the disk.
 */
export class SegmentWriter {
  readonly #directory: string
  readonly #name: string
  readonly #tables = new Map<SegmentKind, Table>()
  #events = 0
  #records = 0
  #lastRecord = Number.NaN
  #lastOffset = Number.NaN
  #hits = 0
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(caseDirectory: string, name: string) {
    this.#directory = caseDirectory
    this.#name = name
    mkdirSync(join(caseDirectory, 'tmp'), { recursive: true })
  }

  append(event: SecurityEvent): void {
    this.appendAll([event])
  }

  /** A batch of some hundred at most: every kind's rows stay in their order. */
  appendAll(events: readonly SecurityEvent[]): void {
    const byKind = new Map<EventKind, SecurityEvent[]>()
    for (const event of events) {
      this.#count(event)
      const alike = byKind.get(event.kind)
      if (alike) alike.push(event)
      else byKind.set(event.kind, [event])
    }
    for (const [kind, alike] of byKind) {
      const { file, columns } = this.#table(kind)
      for (const { name, column, make } of columns) column.addAll(cellsOf(alike, name, make))
      file.endRows(alike.length)
    }
  }

  #count({ source, time }: SecurityEvent): void {
    this.#events += 1
    // Several events of one record follow each other, so the last place is enough to count records.
    if (source.record !== this.#lastRecord || source.offset !== this.#lastOffset) this.#records += 1
    this.#lastRecord = source.record
    this.#lastOffset = source.offset
    if (time === undefined) return
    if (time < this.#first) this.#first = time
    if (time > this.#last) this.#last = time
  }

  hit(hit: SegmentHit): void {
    const { witness, card, match, event } = hit
    this.#hits += 1
    const severity: Severity = match.severity ?? witness.level
    this.#addCells('rule_hit', {
      evidence: event.source.evidence,
      record: event.source.record,
      byteOffset: event.source.offset,
      time: event.time,
      host: event.host,
      source: witness.source,
      rule: witness.rule,
      ruleTitle: witness.title,
      severity,
      confidence: match.confidence ?? card.confidence,
      title: match.title,
      object: match.object,
      techniques: joined(match.techniques ?? card.techniques),
      accounts: joined(match.accounts),
      addresses: joined(match.addresses),
      hosts: joined(match.hosts),
      why: match.why ?? card.why,
      innocent: match.innocent ?? card.innocent,
      succeeded: match.succeeded,
    })
  }

  feed({ rule, values, accounts, addresses, event }: SegmentFeed): void {
    this.#addCells('rule_feed', {
      evidence: event.source.evidence,
      record: event.source.record,
      byteOffset: event.source.offset,
      time: event.time,
      host: event.host,
      rule,
      fields: JSON.stringify(values),
      accounts: joined(accounts),
      addresses: joined(addresses),
    })
  }

  /** Completes, syncs and renames everything; afterwards the task may be committed as done. */
  async finish(): Promise<WrittenTask> {
    const segments: Segment[] = []
    try {
      const kinds = segmentKinds.filter(kind => this.#tables.has(kind))
      for (const kind of kinds) segments.push(this.#complete(kind))
      // All at once: the disk takes what waits for it in one go. None is closed before all are done.
      const waits = await Promise.allSettled(kinds.map(kind => synced(this.#table(kind).file.descriptor)))
      for (const wait of waits) if (wait.status === 'rejected') throw wait.reason
      for (const kind of kinds) this.#table(kind).file.close()
      for (const kind of kinds) renameSync(this.#unfinished(kind), join(this.#directory, this.#segment(kind)))
      await Promise.all(kinds.map(kind => syncFolder(join(this.#directory, 'segments', kind))))
    } catch (error) {
      throw writeError(error, this.#directory)
    } finally {
      this.discard()
    }
    return {
      segments,
      events: this.#events,
      records: this.#records,
      hits: this.#hits,
      firstTime: Number.isFinite(this.#first) ? (this.#first as Micros) : undefined,
      lastTime: Number.isFinite(this.#last) ? (this.#last as Micros) : undefined,
    }
  }

  /** Removes what a task that cannot be finished has written. */
  discard(): void {
    for (const [kind, { file }] of this.#tables) {
      file.close()
      rmSync(this.#unfinished(kind), { force: true })
    }
    this.#tables.clear()
  }

  /** Everything handed to the operating system, still under its temporary name. */
  #complete(kind: SegmentKind): Segment {
    const { file } = this.#table(kind)
    mkdirSync(join(this.#directory, 'segments', kind), { recursive: true })
    const bytes = file.finish()
    return { kind, file: this.#segment(kind), rows: file.rows, bytes }
  }

  #table(kind: SegmentKind): Table {
    const existing = this.#tables.get(kind)
    if (existing) return existing
    const described = segmentColumns(kind).map(({ name, type }) => ({
      name,
      type: name === 'original' ? ('original' as const) : type,
    }))
    const file = new ParquetFile(this.#unfinished(kind), described)
    const columns = described.map(({ name }, index) => ({
      name,
      column: file.columns[index] as ColumnWriter,
      make: MADE_COLUMNS.get(name),
    }))
    const table = { file, columns }
    this.#tables.set(kind, table)
    return table
  }

  #addCells(kind: RecordKind, cells: Readonly<Record<string, unknown>>): void {
    const { file, columns } = this.#table(kind)
    for (const { name, column } of columns) column.add(cells[name])
    file.endRow()
  }

  #segment(kind: SegmentKind): string {
    return join('segments', kind, `${this.#name}.parquet`)
  }

  #unfinished(kind: SegmentKind): string {
    return join(this.#directory, 'tmp', `${this.#name}.${kind}.parquet`)
  }
}

/** Values of one column. */
function cellsOf(events: readonly SecurityEvent[], name: string, make: Maker | undefined): readonly unknown[] {
  // Of its full length at once: a list that grows value by value is copied four times, for every column of every batch.
  const cells = new Array<unknown>(events.length)
  for (let row = 0; row < events.length; row++) {
    const event = events[row] as SecurityEvent
    cells[row] = make ? make(event) : (event as unknown as Readonly<Record<string, unknown>>)[name]
  }
  return cells
}

/** Waits until the names in a folder are on the disk. */
async function syncFolder(path: string): Promise<void> {
  const descriptor = openSync(path, 'r')
  try {
    await synced(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Lists are stored as one text; a line feed inside a value would end it early. */
function joined(values: readonly string[] | undefined): string {
  return (values ?? []).map(value => value.replaceAll('\n', ' ')).join('\n')
}

/** Waits until a file (or the names in a folder) is on the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
