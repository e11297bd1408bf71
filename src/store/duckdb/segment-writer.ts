import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ColumnType,
  commonColumns,
  type DetectorCard,
  type EventKind,
  eventColumns,
  eventKinds,
  hitColumns,
  type Match,
  type Micros,
  type SecurityEvent,
  type Severity,
  type Witness,
} from '../../model/index.ts'
import { writeError } from '../case-error.ts'
import { literal } from './dialect.ts'
import type { Engine } from './engine.ts'
import { type Column, TsvTable } from './tsv-table.ts'

/** What a segment holds: the events of one kind, or what rules and detectors saw. */
export type SegmentKind = EventKind | 'rule_hit'

/** All kinds a segment can have. */
export const segmentKinds: readonly SegmentKind[] = [...eventKinds, 'rule_hit']

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

/** Rows in one row group: bounds what the Parquet writer holds of wide rows. */
const ROW_GROUP_ROWS = 40_960

/** Columns of an event that the writer makes; all others are read from the event as they are. */
const MADE_COLUMNS: ReadonlySet<string> = new Set(['evidence', 'record', 'byteOffset', 'alsoRecorded', 'original'])

/** The columns of a kind in segment order. */
export function segmentColumns(kind: SegmentKind): readonly Column[] {
  const columns: Readonly<Record<string, ColumnType>> =
    kind === 'rule_hit' ? hitColumns : { ...commonColumns, ...eventColumns[kind] }
  return Object.entries(columns).map(([name, type]) => ({ name, type }))
}

/**
 * Writes what one task read: one Parquet file a kind, named after the task, so that writing it twice is harmless.
 * Nothing is visible under its final name before it is complete and on the disk.
 */
export class SegmentWriter {
  readonly #engine: Engine
  readonly #directory: string
  readonly #name: string
  readonly #tables = new Map<SegmentKind, TsvTable>()
  #events = 0
  #records = 0
  #lastRecord = Number.NaN
  #lastOffset = Number.NaN
  #hits = 0
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(engine: Engine, caseDirectory: string, name: string) {
    this.#engine = engine
    this.#directory = caseDirectory
    this.#name = name
    mkdirSync(join(caseDirectory, 'tmp'), { recursive: true })
  }

  append(event: SecurityEvent): void {
    const { source, time, alsoRecorded } = event
    this.#events += 1
    // Several events of one record follow each other, so the last place is enough to count records.
    if (source.record !== this.#lastRecord || source.offset !== this.#lastOffset) this.#records += 1
    this.#lastRecord = source.record
    this.#lastOffset = source.offset
    if (time !== undefined) {
      if (time < this.#first) this.#first = time
      if (time > this.#last) this.#last = time
    }
    this.#table(event.kind).append(
      {
        evidence: source.evidence,
        record: source.record,
        byteOffset: source.offset,
        alsoRecorded: alsoRecorded === undefined ? '' : JSON.stringify(alsoRecorded),
        original: event.original.text(),
      },
      event as unknown as Readonly<Record<string, unknown>>,
    )
  }

  hit(hit: SegmentHit): void {
    const { witness, card, match, event } = hit
    this.#hits += 1
    const severity: Severity = match.severity ?? witness.level
    this.#table('rule_hit').append({
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

  /** Converts, syncs and renames everything; afterwards the task may be committed as done. */
  async finish(): Promise<WrittenTask> {
    const segments: Segment[] = []
    try {
      for (const kind of segmentKinds) {
        const table = this.#tables.get(kind)
        if (table) segments.push(await this.#write(kind, table))
      }
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

  /** Removes what a task that cannot be finished has spooled. */
  discard(): void {
    for (const [kind, table] of this.#tables) {
      table.abandon()
      rmSync(this.#spool(kind), { force: true })
      rmSync(this.#unfinished(kind), { force: true })
    }
    this.#tables.clear()
  }

  async #write(kind: SegmentKind, table: TsvTable): Promise<Segment> {
    table.close()
    const unfinished = this.#unfinished(kind)
    await this.#engine.run(
      `copy (${table.source()}) to ${literal(unfinished)} (format parquet, compression zstd, row_group_size ${ROW_GROUP_ROWS})`,
    )
    rmSync(this.#spool(kind), { force: true })
    const file = join('segments', kind, `${this.#name}.parquet`)
    const target = join(this.#directory, file)
    mkdirSync(join(this.#directory, 'segments', kind), { recursive: true })
    syncPath(unfinished)
    const { size } = statSync(unfinished)
    renameSync(unfinished, target)
    syncPath(join(this.#directory, 'segments', kind))
    return { kind, file, rows: table.rows, bytes: size }
  }

  #table(kind: SegmentKind): TsvTable {
    const existing = this.#tables.get(kind)
    if (existing) return existing
    const table = new TsvTable(this.#spool(kind), segmentColumns(kind), kind === 'rule_hit' ? undefined : MADE_COLUMNS)
    this.#tables.set(kind, table)
    return table
  }

  #spool(kind: SegmentKind): string {
    return join(this.#directory, 'tmp', `${this.#name}.${kind}.tsv`)
  }

  #unfinished(kind: SegmentKind): string {
    return join(this.#directory, 'tmp', `${this.#name}.${kind}.parquet`)
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
