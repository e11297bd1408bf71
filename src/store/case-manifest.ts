import type { Diagnostic, EvidenceId, Micros, SourceFacts } from '../model/index.ts'
import { type CaseDatabase, timeOf } from './case-database.ts'
import { columnsDigest, type QueriedSegment } from './duckdb/case-queries.ts'
import type { SegmentKind, WrittenTask } from './segments/segment-writer.ts'

/**
 * What became of an evidence item. Only `read` ones have events; a `copy` has the same bytes as another item, which is read for both;
 * of a `waiting` one nothing but its name is known yet.
 */
export type ItemState = 'waiting' | 'read' | 'copy' | 'recognised-not-read' | 'unknown' | 'empty' | 'encrypted' | 'unreadable'

/** One evidence item of the manifest. */
export interface CaseItem {
  readonly evidence: EvidenceId
  readonly path: string
  /** '' when its bytes could not be read. */
  readonly sha256: string
  readonly bytes: number
  readonly state: ItemState
  /** Reader that reads it; '' when none does. */
  readonly format: string
  readonly note: string
  readonly facts: SourceFacts
  /** Names what the segments depend on beside the bytes: reader and its version, facts, rules. Another value means reading again. */
  readonly reading: string
  readonly parts: number
}

/** What the manifest adds up for one item from its finished parts. */
export interface ItemTotals {
  readonly partsDone: number
  readonly records: number
  readonly events: number
  readonly hits: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** A finished part, to be committed. */
export interface FinishedTask {
  readonly evidence: EvidenceId
  readonly part: number
  readonly reading: string
  readonly written: WrittenTask
  readonly diagnostics: readonly Diagnostic[]
}

/** Diagnostics about an item as a whole, not about one of its parts. */
const WHOLE_ITEM = -1

/** Which items the case has, what of them is done, and where their segments lie. */
export class Manifest {
  readonly #database: CaseDatabase

  constructor(database: CaseDatabase) {
    this.#database = database
  }

  items(): readonly CaseItem[] {
    return this.#database.all('select * from item order by path, sha256').map(row => ({
      evidence: String(row['evidence']) as EvidenceId,
      path: String(row['path']),
      sha256: String(row['sha256']),
      bytes: Number(row['bytes']),
      state: String(row['state']) as ItemState,
      format: String(row['format']),
      note: String(row['note']),
      facts: JSON.parse(String(row['facts'])) as SourceFacts,
      reading: String(row['reading']),
      parts: Number(row['parts']),
    }))
  }

  /** Adds or changes items. What was read of one in another way (other reader version, facts or rules) is dropped. */
  putItems(items: readonly { readonly item: CaseItem; readonly diagnostics: readonly Diagnostic[] }[]): void {
    this.#database.transaction(() => {
      for (const { item, diagnostics } of items) this.#putItem(item, diagnostics)
    })
  }

  /** Parts of an item that are done. */
  partsDone(evidence: EvidenceId): ReadonlySet<number> {
    return new Set(this.#database.all('select part from task where evidence = ?', [evidence]).map(row => Number(row['part'])))
  }

  /** From here on the parts are done: their segments are in place and this is on the disk when it returns. */
  commitTasks(tasks: readonly FinishedTask[]): void {
    this.#database.transaction(() => {
      for (const task of tasks) this.#putTask(task)
    })
  }

  /** A part that could not be read: it is not done, and this says why. */
  noteFailure(evidence: EvidenceId, part: number, diagnostic: Diagnostic): void {
    this.#database.transaction(() => this.#putDiagnostics(evidence, part, [diagnostic]))
  }

  totals(): ReadonlyMap<EvidenceId, ItemTotals> {
    const rows =
      this.#database.all(`select evidence, count(*) as done, sum(records) as records, sum(events) as events, sum(hits) as hits,
      min(firstTime) as first, max(lastTime) as last from task group by evidence`)
    return new Map(
      rows.map(row => [
        String(row['evidence']) as EvidenceId,
        {
          partsDone: Number(row['done']),
          records: Number(row['records']),
          events: Number(row['events']),
          hits: Number(row['hits']),
          firstTime: timeOf(row['first']),
          lastTime: timeOf(row['last']),
        },
      ]),
    )
  }

  /** Diagnostics by item, those about the item as a whole first, then part by part. */
  diagnostics(): ReadonlyMap<EvidenceId, readonly Diagnostic[]> {
    const byItem = new Map<EvidenceId, Diagnostic[]>()
    for (const row of this.#database.all('select evidence, json from diagnostic order by evidence, part, nth')) {
      const evidence = String(row['evidence']) as EvidenceId
      const list = byItem.get(evidence) ?? []
      list.push(JSON.parse(String(row['json'])) as Diagnostic)
      byItem.set(evidence, list)
    }
    return byItem
  }

  segments(): readonly (QueriedSegment & { readonly evidence: EvidenceId; readonly part: number; readonly bytes: number })[] {
    return this.#database.all('select * from segment order by file').map(row => ({
      kind: String(row['kind']) as SegmentKind,
      file: String(row['file']),
      rows: Number(row['rows']),
      columns: String(row['columns']),
      evidence: String(row['evidence']) as EvidenceId,
      part: Number(row['part']),
      bytes: Number(row['bytes']),
    }))
  }

  /** The part is to be read again. */
  forgetTask(evidence: EvidenceId, part: number): void {
    this.#database.run('delete from task where evidence = ? and part = ?', [evidence, part])
  }

  #putItem(item: CaseItem, diagnostics: readonly Diagnostic[]): void {
    const { evidence, path, sha256, bytes, state, format, note, facts, reading, parts } = item
    // The same bytes at the same place are one item; a place that could not be read before is no item of its own any more.
    this.#database.run("delete from item where path = ? and sha256 in (?, '') and evidence <> ?", [path, sha256, evidence])
    this.#database.run(
      `insert into item values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (evidence) do update set path = excluded.path,
       sha256 = excluded.sha256, bytes = excluded.bytes, state = excluded.state, format = excluded.format, note = excluded.note,
       facts = excluded.facts, reading = excluded.reading, parts = excluded.parts`,
      [evidence, path, sha256, bytes, state, format, note, JSON.stringify(facts), reading, parts],
    )
    this.#database.run(
      'delete from diagnostic where evidence = ? and part not in (select part from task where evidence = ? and reading = ?)',
      [evidence, evidence, reading],
    )
    this.#database.run('delete from task where evidence = ? and reading <> ?', [evidence, reading])
    this.#putDiagnostics(evidence, WHOLE_ITEM, diagnostics)
  }

  #putTask({ evidence, part, reading, written, diagnostics }: FinishedTask): void {
    this.#database.run('delete from task where evidence = ? and part = ?', [evidence, part])
    this.#database.run('insert into task values (?, ?, ?, ?, ?, ?, ?, ?)', [
      evidence,
      part,
      reading,
      written.records,
      written.events,
      written.hits,
      written.firstTime ?? null,
      written.lastTime ?? null,
    ])
    for (const { file, kind, rows, bytes } of written.segments)
      this.#database.run('insert or replace into segment values (?, ?, ?, ?, ?, ?, ?)', [
        file,
        evidence,
        part,
        kind,
        rows,
        bytes,
        columnsDigest(kind),
      ])
    this.#putDiagnostics(evidence, part, diagnostics)
  }

  #putDiagnostics(evidence: EvidenceId, part: number, diagnostics: readonly Diagnostic[]): void {
    this.#database.run('delete from diagnostic where evidence = ? and part = ?', [evidence, part])
    diagnostics.forEach((diagnostic, index) => {
      this.#database.run('insert into diagnostic values (?, ?, ?, ?)', [evidence, part, index, JSON.stringify(diagnostic)])
    })
  }
}
