import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Row, SqlValue } from '../../model/index.ts'
import { literal } from './dialect.ts'

/** How much of the machine one engine may take. */
export interface EngineLimits {
  readonly threads: number
  readonly memoryMegabytes: number
  /** Where large sorts and joins spill; inside the case, so that nothing of the evidence lands elsewhere. */
  readonly temporaryDirectory: string
}

/** One in-memory DuckDB. It keeps no data of its own: everything lasting is in Parquet segments. */
export class Engine {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  static async open(limits: EngineLimits): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(limits.threads),
      memory_limit: `${limits.memoryMegabytes}MB`,
      temp_directory: limits.temporaryDirectory,
      // Evidence is hostile and sites are offline: nothing is ever fetched or loaded into the process.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const connection = await instance.connect()
    await connection.run("set timezone = 'UTC'")
    return new Engine(instance, connection)
  }

  async run(statement: string): Promise<void> {
    await this.#connection.run(statement)
  }

  /** From here on statements reach these folders only, and cannot lift that: a query may have been copied from anywhere. */
  async confine(directories: readonly string[]): Promise<void> {
    const list = directories.map(directory => literal(`${directory}/`)).join(', ')
    await this.#connection.run(`set allowed_directories = [${list}]`)
    await this.#connection.run('set enable_external_access = false')
    await this.#connection.run('set lock_configuration = true')
  }

  /** All result rows; integers as numbers, lists as arrays of text. */
  async rows(query: string): Promise<Row[]> {
    const reader = await this.#connection.runAndReadAll(query)
    const names = reader.deduplicatedColumnNames()
    return reader.getRows().map(values => rowOf(names, values))
  }

  /** Result rows in batches, for results that do not fit into memory. */
  async *batches(query: string): AsyncGenerator<Row[]> {
    const result = await this.#connection.stream(query)
    const names = result.deduplicatedColumnNames()
    for await (const batch of result.yieldRows()) yield batch.map(values => rowOf(names, values))
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

function rowOf(names: readonly string[], values: readonly DuckDBValue[]): Row {
  const row: Record<string, SqlValue> = {}
  names.forEach((name, index) => {
    row[name] = sqlValueOf(values[index] ?? null)
  })
  return row
}

/** BIGINT and HUGEINT (sums) as numbers, lists as texts, everything DuckDB has beyond our types (dates, structs) as its text. */
function sqlValueOf(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint') return Number(value)
  if ('items' in value && Array.isArray(value.items)) return value.items.map(item => (item === null ? '' : String(item)))
  if ('toDouble' in value && typeof value.toDouble === 'function') return Number(value.toDouble())
  return String(value)
}
