import { availableParallelism } from 'node:os'
import { type Micros, micros, numberOf, type Row, textOf } from '../model/index.ts'
import { literal, openCase, queryError } from '../store/index.ts'
import { isoOf } from './coverage.ts'
import { everyEvent } from './event-line.ts'
import { excerptAround } from './excerpts.ts'
import { queriesOf } from './query-engine.ts'

/** One event in a list over all kinds. */
export interface EventLineRow {
  readonly time: string
  readonly host: string
  readonly kind: string
  readonly source: string
  readonly action: string
  readonly account: string
  readonly address: string
  readonly object: string
  /** File and record, so that a person finds it again. */
  readonly path: string
  readonly record: number
  /** Found in unused space of its file. */
  readonly carved: boolean
}

/** What a list is limited to. */
export interface ListLimits {
  readonly since: Micros | undefined
  readonly until: Micros | undefined
  readonly host: string | undefined
  /** 0 for all. */
  readonly limit: number
}

/** All events in time order, those without a time last. */
export async function* timeline(directory: string, limits: ListLimits): AsyncGenerator<EventLineRow> {
  for await (const row of listed(directory, limits, [], 'true')) yield lineOf(row)
}

/** Every event that holds the term, capital letters or not, with the piece of its record around it. */
export async function* search(
  directory: string,
  term: string,
  limits: ListLimits,
): AsyncGenerator<EventLineRow & { readonly excerpt: string }> {
  const column = 'lower(original)'
  // In a structured record the term stands as JSON writes it: a path has its backslashes doubled.
  const written = [...new Set([term, JSON.stringify(term).slice(1, -1)])].map(text => text.toLowerCase())
  const where = `(${[...written.map(text => `contains(${column}, ${literal(text)})`), `contains(host, ${literal(term.toLowerCase())})`].join(' or ')})`
  const at = `greatest(${written.map(text => `strpos(${column}, ${literal(text)})`).join(', ')})`
  const more = [`${at} as at`, `substr(original, greatest(1, ${at} - ${SEARCH_WINDOW}), ${2 * SEARCH_WINDOW}) as near`]
  for await (const row of listed(directory, limits, more, where))
    yield { ...lineOf(row), excerpt: excerptAround(textOf(row, 'near'), Math.min(numberOf(row, 'at'), SEARCH_WINDOW)) }
}

/** Characters kept on each side of what was searched for, before the piece is cut to a line. */
const SEARCH_WINDOW = 2_000

/** Any query over the views; rows as they come. A query that is wrong is a `CaseError`. */
export async function* query(directory: string, statement: string): AsyncGenerator<Row> {
  const opened = openCase(directory, 'read')
  try {
    const queries = await queriesOf(opened, availableParallelism())
    try {
      for await (const rows of queries.batches(statement)) yield* rows
    } catch (error) {
      throw queryError(error)
    } finally {
      queries.close()
    }
  } finally {
    opened.close()
  }
}

async function* listed(directory: string, limits: ListLimits, more: readonly string[], condition: string): AsyncGenerator<Row> {
  const conditions = [condition]
  if (limits.since !== undefined) conditions.push(`"time" >= ${limits.since}`)
  if (limits.until !== undefined) conditions.push(`"time" < ${limits.until}`)
  if (limits.host !== undefined)
    conditions.push(
      `(host = ${literal(limits.host.toLowerCase())} or starts_with(host, ${literal(`${limits.host.toLowerCase()}.`)}))`,
    )
  const where = conditions.join(' and ')
  yield* query(
    directory,
    `select e.*, i.path from (${everyEvent(more, () => where)}) e left join evidence_item i using (evidence)
     order by e."time" nulls last, i.path, e.record, e."byteOffset", e.kind${limits.limit > 0 ? ` limit ${limits.limit}` : ''}`,
  )
}

function lineOf(row: Row): EventLineRow {
  const { time } = row
  return {
    time: isoOf(typeof time === 'number' ? micros(time) : undefined),
    host: textOf(row, 'host'),
    kind: textOf(row, 'kind'),
    source: [textOf(row, 'product'), textOf(row, 'code')].filter(text => text !== '').join(' '),
    action: textOf(row, 'action'),
    account: textOf(row, 'account'),
    address: textOf(row, 'address'),
    object: textOf(row, 'object'),
    path: textOf(row, 'path'),
    record: numberOf(row, 'record'),
    carved: row['carved'] === true,
  }
}
