import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Row, SqlValue } from '../../model/index.ts'
import { literal } from './dialect.ts'

/** How much of the machine one engine may take. */
export interface EngineLimits {
  readonly threads: number
  readonly memoryMegabytes: number
  /** A statement that cannot do with that, even by spilling, is run once more with so much; not when left out. */
  readonly mostMegabytes?: number
  /** Where large sorts and joins spill; inside the case, so that nothing of the evidence lands elsewhere. */
  readonly temporaryDirectory: string
}

/** Freed memory of so much is returned; less is soon needed again. */
const RETURNED_FROM = '32MB'

/** One in-memory DuckDB. It keeps no data of its own: everything lasting is in Parquet segments. */
export class Engine {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #limits: EngineLimits
  /** Statements that were run again with more memory. */
  ranAgain = 0

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, limits: EngineLimits) {
    this.#instance = instance
    this.#connection = connection
    this.#limits = limits
  }

  static async open(limits: EngineLimits): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(limits.threads),
      memory_limit: `${limits.memoryMegabytes}MB`,
      temp_directory: limits.temporaryDirectory,
      // Evidence is hostile and sites are offline: nothing is ever fetched or loaded into the process.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // What a statement is done with goes back to the system: kept for the next one it was most of what the process held.
      allocator_flush_threshold: RETURNED_FROM,
      allocator_bulk_deallocation_flush_threshold: RETURNED_FROM,
    })
    const connection = await instance.connect()
    await connection.run("set timezone = 'UTC'")
    // Segments never change; without this every query reads and takes apart the footers of all of them anew.
    await connection.run('set parquet_metadata_cache = true')
    return new Engine(instance, connection, limits)
  }

  async run(statement: string): Promise<void> {
    await this.#withRoom(() => this.#connection.run(statement))
  }

  /** From here on statements reach these folders only, and cannot lift that: a query may have been copied from anywhere. */
  async confine(directories: readonly string[]): Promise<void> {
    const list = directories.map(directory => literal(`${directory}/`)).join(', ')
    await this.#connection.run(`set allowed_directories = [${list}]`)
    await this.#connection.run('set enable_external_access = false')
    // What a statement may take of the memory says nothing about where it may reach.
    await this.#connection.run("set allowed_configs = ['memory_limit']")
    await this.#connection.run('set lock_configuration = true')
  }

  /** Sorts, joins and groups spill; lists that one group collects cannot, and need what they need. */
  async #withRoom<Result>(run: () => Promise<Result>): Promise<Result> {
    const { memoryMegabytes, mostMegabytes = 0 } = this.#limits
    try {
      return await run()
    } catch (error) {
      if (!isOutOfMemory(error) || mostMegabytes <= memoryMegabytes) throw error
      this.ranAgain += 1
      await this.#connection.run(`set memory_limit = '${mostMegabytes}MB'`)
      try {
        return await run()
      } finally {
        await this.#connection.run(`set memory_limit = '${memoryMegabytes}MB'`)
      }
    }
  }

  /** All result rows; integers as numbers, lists as arrays of text. */
  async rows(query: string): Promise<Row[]> {
    const result = await this.#withRoom(() => this.#connection.run(query))
    const names = result.deduplicatedColumnNames()
    const rows: Row[] = []
    // Piece by piece: what the engine gave, its values and the rows made of them were three times the result.
    for await (const chunk of result) {
      const { rowCount } = chunk
      for (let index = 0; index < rowCount; index++) rows.push(rowOf(names, chunk.getRowValues(index)))
    }
    return rows
  }

  /** Result rows in batches, for results that do not fit into memory. */
  async *batches(query: string): AsyncGenerator<Row[]> {
    const { memoryMegabytes, mostMegabytes = 0 } = this.#limits
    let begun = false
    try {
      for await (const batch of this.#stream(query)) {
        begun = true
        yield batch
      }
    } catch (error) {
      // Rows that were handed out cannot be taken back; what is put in order first fails before there are any.
      if (begun || !isOutOfMemory(error) || mostMegabytes <= memoryMegabytes) throw error
      this.ranAgain += 1
      await this.#connection.run(`set memory_limit = '${mostMegabytes}MB'`)
      try {
        yield* this.#stream(query)
      } finally {
        await this.#connection.run(`set memory_limit = '${memoryMegabytes}MB'`)
      }
    }
  }

  async *#stream(query: string): AsyncGenerator<Row[]> {
    const result = await this.#connection.stream(query)
    const names = result.deduplicatedColumnNames()
    for await (const batch of result.yieldRows()) yield batch.map(values => rowOf(names, values))
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** "Out of Memory Error: could not allocate block …" is how the engine says that a limit was met. */
const isOutOfMemory = (error: unknown): boolean => error instanceof Error && /^Out of Memory Error/.test(error.message)

function rowOf(names: readonly string[], values: readonly DuckDBValue[]): Row {
  const row: Record<string, SqlValue> = {}
  names.forEach((name, index) => {
    row[name] = sqlValueOf(values[index] ?? null)
  })
  return row
}

/** The list itself where it is of texts: a finding has up to ten thousand of them. */
function textsOf(items: readonly DuckDBValue[]): readonly string[] {
  return items.every(item => typeof item === 'string') ? items : items.map(item => (item === null ? '' : String(item)))
}

/** BIGINT and HUGEINT (sums) as numbers, lists as texts, everything DuckDB has beyond our types (dates, structs) as its text. */
function sqlValueOf(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return Number(value)
  if ('items' in value && Array.isArray(value.items)) return textsOf(value.items)
  if ('toDouble' in value && typeof value.toDouble === 'function') return Number(value.toDouble())
  return String(value)
}
