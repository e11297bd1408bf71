import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type {
  ColumnType,
  EventQueries,
  Micros,
  PreparedTable,
  Row,
  SetDetector,
  SourceRef,
  SqlDialect,
} from '../../model/index.ts'
import { isEventKind, type SegmentKind, segmentColumns, segmentKinds } from '../segments/segment-writer.ts'
import { duckDbDialect, literal, quotedName } from './dialect.ts'
import { findDuplicates } from './duplicates.ts'
import { Engine, type EngineLimits } from './engine.ts'

/** What the views need to know about one item. */
export interface QueriedItem {
  readonly evidence: string
  readonly path: string
  readonly format: string
  readonly sha256: string
  readonly bytes: number
  readonly records: number
  readonly events: number
  readonly firstTime: Micros | undefined
  readonly lastTime: Micros | undefined
}

/** The period an analysis is limited to, microseconds; records without a time are always in it. */
export interface Period {
  readonly since: Micros | undefined
  readonly until: Micros | undefined
}

/** A segment as the manifest knows it. */
export interface QueriedSegment {
  readonly kind: SegmentKind
  readonly file: string
  readonly rows: number
  /** Columns it was written with, see `columnsDigest`. */
  readonly columns: string
}

/**
 * Opening a file costs more than reading so few rows: small segments of one kind are first put together, where they are so many that it
 * pays to write them anew (28 files a kind did not: 2 of 40 s of a case of 1.2 million events).
 */
const SMALL_SEGMENT_ROWS = 5_000
const MANY_SMALL_SEGMENTS = 64
/** Rows of one INSERT statement. */
const INSERT_ROWS = 500

const SQL_TYPES: Readonly<Record<ColumnType, string>> = { text: 'varchar', int: 'bigint', real: 'double', flag: 'boolean' }

/** Names and types of a kind's columns as one text; a segment of another version may have others. */
export function columnsDigest(kind: SegmentKind): string {
  return segmentColumns(kind)
    .map(({ name, type }) => `${name}:${type}`)
    .join(',')
}

/** Queries over a set of segments: one view a kind, each record once. */
export class CaseQueries implements EventQueries {
  readonly dialect: SqlDialect = duckDbDialect
  readonly #engine: Engine
  readonly #scratch: string
  readonly #prepared = new Map<string, PreparedTable>()

  private constructor(engine: Engine, scratch: string) {
    this.#engine = engine
    this.#scratch = scratch
  }

  /** `scratch` is a folder of its own for spilling and for small segments put together; it is gone after `close`. */
  static async open(
    caseDirectory: string,
    scratch: string,
    items: readonly QueriedItem[],
    segments: readonly QueriedSegment[],
    limits: Omit<EngineLimits, 'temporaryDirectory'>,
    period: Period = { since: undefined, until: undefined },
  ): Promise<CaseQueries> {
    mkdirSync(scratch, { recursive: true })
    const engine = await Engine.open({ ...limits, temporaryDirectory: scratch })
    try {
      await createItems(engine, items)
      await createViews(engine, caseDirectory, scratch, segments, period)
      await engine.confine([caseDirectory, scratch])
    } catch (error) {
      engine.close()
      rmSync(scratch, { recursive: true, force: true })
      throw error
    }
    return new CaseQueries(engine, scratch)
  }

  /** Statements that needed more memory than they should and were run again with it. */
  get ranAgain(): number {
    return this.#engine.ranAgain
  }

  rows(query: string): Promise<Row[]> {
    return this.#engine.rows(query)
  }

  /** What a set detector asks, with the tables made that it needs and that are not there. */
  async ask(question: Pick<SetDetector, 'prepared' | 'query'>): Promise<Row[]> {
    for (const table of question.prepared ?? []) {
      if (this.#prepared.get(table.name) === table) continue
      const file = literal(this.#preparedFile(table))
      await this.#engine.run(`copy (${table.query(this.dialect)}) to ${file} (format parquet)`)
      await this.#engine.run(`create or replace view main.${quotedName(table.name)} as select * from read_parquet(${file})`)
      this.#prepared.set(table.name, table)
    }
    return this.rows(question.query(this.dialect))
  }

  /** Drops prepared tables but for these. */
  async keepPrepared(tables: readonly PreparedTable[]): Promise<void> {
    const left = [...this.#prepared.values()].filter(table => !tables.includes(table))
    for (const table of left) {
      await this.#engine.run(`drop view main.${quotedName(table.name)}`)
      rmSync(this.#preparedFile(table), { force: true })
      this.#prepared.delete(table.name)
    }
  }

  /** A file that is packed and read piece by piece: as a table in memory the requests of a large web log pushed everything else out of it. */
  #preparedFile({ name }: PreparedTable): string {
    return join(this.#scratch, `prepared-${name}.parquet`)
  }

  /** Result rows in batches, for results that do not fit into memory. */
  batches(query: string): AsyncIterable<Row[]> {
    return this.#engine.batches(query)
  }

  /** Kinds of which there is at least one event. */
  async kindsPresent(): Promise<ReadonlySet<SegmentKind>> {
    const parts = segmentKinds.map(kind => `select '${kind}' as kind where exists (select 1 from main.${kind})`)
    return new Set((await this.rows(parts.join(' union all '))).map(row => String(row['kind']) as SegmentKind))
  }

  /**
   * The records at these places, with their originals cut to `length` characters, as they come: all of them at once, sorted, were most of
   * the memory of an analysis. A place nobody has gives none, one of which several events were made gives a row for each.
   */
  async *recordsAt(places: Iterable<SourceRef>, length: number): AsyncGenerator<readonly Row[]> {
    await this.#engine.run('create or replace temp table wanted (evidence varchar, record bigint, "byteOffset" bigint)')
    const rows = [...places].map(({ evidence, record, offset }) => `(${literal(evidence)}, ${record}, ${offset})`)
    for (let start = 0; start < rows.length; start += INSERT_ROWS)
      await this.#engine.run(`insert into wanted values ${rows.slice(start, start + INSERT_ROWS).join(', ')}`)
    const kinds = segmentKinds.filter(isEventKind)
    const columns = `evidence, record, "byteOffset", "time", host, product, code, carved, left(original, ${length}) as original`
    const selects = kinds.map(
      kind => `select ${columns} from every.${kind} semi join wanted using (evidence, record, "byteOffset")`,
    )
    for (const select of selects) yield* this.batches(select)
    await this.#engine.run('drop table wanted')
  }

  close(): void {
    this.#engine.close()
    rmSync(this.#scratch, { recursive: true, force: true })
  }
}

async function createItems(engine: Engine, items: readonly QueriedItem[]): Promise<void> {
  await engine.run(`create table evidence_item (evidence varchar, path varchar, format varchar, sha256 varchar,
    bytes bigint, records bigint, events bigint, "firstTime" bigint, "lastTime" bigint)`)
  await engine.run('create temp table item_rank (evidence varchar, rank bigint, format varchar)')
  // The record stays with the item whose path comes first, whatever order the items were read in.
  const ranked = items.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.evidence < b.evidence ? -1 : 1))
  for (let start = 0; start < ranked.length; start += INSERT_ROWS) {
    const batch = ranked.slice(start, start + INSERT_ROWS)
    const rows = batch.map(item => {
      const numbers = [item.bytes, item.records, item.events, item.firstTime ?? 'null', item.lastTime ?? 'null']
      return `(${[item.evidence, item.path, item.format, item.sha256].map(literal).join(', ')}, ${numbers.join(', ')})`
    })
    await engine.run(`insert into evidence_item values ${rows.join(', ')}`)
    const ranks = batch.map((item, index) => `(${literal(item.evidence)}, ${start + index}, ${literal(item.format)})`)
    await engine.run(`insert into item_rank values ${ranks.join(', ')}`)
  }
}

async function createViews(
  engine: Engine,
  directory: string,
  scratch: string,
  segments: readonly QueriedSegment[],
  period: Period,
): Promise<void> {
  const sources = new Map<SegmentKind, string>()
  // `every.KIND` has the copies too, `KIND` each record once.
  await engine.run('create schema every')
  for (const kind of segmentKinds) {
    const own = segments.filter(segment => segment.kind === kind).toSorted((a, b) => (a.file < b.file ? -1 : 1))
    const source = own.length === 0 ? emptySource(kind) : await kindSource(engine, directory, scratch, kind, own)
    await engine.run(`create view every.${kind} as select * from ${source}`)
    if (own.length > 0) sources.set(kind, `every.${kind}`)
  }
  const events = [...sources].filter(([kind]) => isEventKind(kind)).map(([kind, source]) => ({ kind, source }))
  const duplicates = await findDuplicates(engine, events)
  await engine.run('drop table item_rank')
  for (const kind of segmentKinds) {
    const tables = isEventKind(kind) ? (duplicates.has(kind) ? [kind] : []) : [...duplicates]
    const left = tables.map(table => `select * from ${quotedName(`duplicate_${table}`)}`).join(' union ')
    const without = left === '' ? '' : ` anti join (${left}) using (evidence, record, "byteOffset")`
    await engine.run(`create view main.${kind} as select * from every.${kind}${without}${during(period)}`)
  }
}

/** Until excludes its moment, so that a day and the next share no record. */
function during({ since, until }: Period): string {
  const bounds = [since === undefined ? [] : `"time" >= ${since}`, until === undefined ? [] : `"time" < ${until}`].flat()
  return bounds.length === 0 ? '' : ` where "time" is null or (${bounds.join(' and ')})`
}

/** A FROM clause over all segments of a kind. */
async function kindSource(
  engine: Engine,
  directory: string,
  scratch: string,
  kind: SegmentKind,
  segments: readonly QueriedSegment[],
): Promise<string> {
  const small = segments.filter(segment => segment.rows < SMALL_SEGMENT_ROWS)
  const large = segments.filter(segment => segment.rows >= SMALL_SEGMENT_ROWS)
  const pathsOf = (some: readonly QueriedSegment[]) => some.map(segment => join(directory, segment.file))
  const current = columnsDigest(kind)
  const sameColumns = segments.every(segment => segment.columns === current)
  const read = (files: readonly string[]) => {
    const parquet = `read_parquet([${files.map(literal).join(', ')}]${sameColumns ? '' : ', union_by_name = true'})`
    // A segment written by an older version may lack a column; the empty row set names them all.
    return sameColumns ? parquet : `(select * from ${emptySource(kind)} union all by name select * from ${parquet})`
  }
  if (small.length <= MANY_SMALL_SEGMENTS) return read(pathsOf(segments))
  const joined = join(scratch, `${kind}.parquet`)
  await engine.run(`copy (select * from ${read(pathsOf(small))}) to ${literal(joined)} (format parquet)`)
  return read([...pathsOf(large), joined])
}

function emptySource(kind: SegmentKind): string {
  const columns = segmentColumns(kind).map(({ name, type }) => `null::${SQL_TYPES[type]} as ${quotedName(name)}`)
  return `(select ${columns.join(', ')} where false)`
}
