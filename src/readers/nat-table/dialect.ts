import type { TableRow } from './translation.ts'

/** How one kind of device prints its table. */
export interface TableDialect {
  readonly name: string
  /** Does a record begin with this line? */
  begins(line: string): boolean
  /** A line that is part of the output and no record: a header, a sum, the rest of a record. */
  belongs(line: string): boolean
  /** What the lines of one record say; undefined when it is no translation of a connection. */
  read(lines: readonly string[]): TableRow | undefined
}
