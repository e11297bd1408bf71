import { type EventQueries, type Finding, listOf, MICROS_PER_DAY, numberOf, textOf } from '../../model/index.ts'
import { rowsFor, rowsOfRecords, textList } from '../sql.ts'
import { commandShapeSql, programSql } from './command-shape.ts'

/** Records of one finding whose commands are compared; a burst has fewer different ones. */
const RECORDS = 40
/** Different commands compared in one case, of the most severe findings first. */
const MOST_SHAPES = 2_000
/** Days listed for one command on one machine by one account. */
const MOST_DAYS = 1_000

/** A command of a finding. */
export interface Run {
  readonly shape: string
  /** File name of its program. */
  readonly program: string
  readonly host: string
  readonly account: string
  /** File name of what started it. */
  readonly parent: string
  readonly logonId: string
}

/** How one account used one command on one machine, over all the evidence. */
export interface Use extends Pick<Run, 'shape' | 'host' | 'account'> {
  readonly runs: number
  readonly firstSeen: number
  /** Days since 1970, ascending. */
  readonly days: readonly number[]
}

const START = `action = 'start' and "time" is not null`

/** The commands of findings: which of their records are process starts. */
export async function runsOf(queries: EventQueries, findings: readonly Finding[]): Promise<ReadonlyMap<string, readonly Run[]>> {
  const owners = new Map<string, string[]>()
  for (const finding of findings)
    for (const { evidence, record } of finding.evidence.slice(0, RECORDS)) {
      const key = `${evidence}:${record}`
      owners.set(key, [...(owners.get(key) ?? []), finding.id])
    }
  const rows = await rowsOfRecords(
    queries,
    owners.keys(),
    where => `select evidence, record, lower(host) as host, lower("user") as account, "logonId", ${programSql(queries.dialect, '"parentImage"')} as parent, ${programSql(queries.dialect)} as program,
        ${commandShapeSql(queries.dialect)} as shape from process_activity where ${where} and ${START} order by "time", evidence, record, shape`,
  )
  const runs = new Map<string, Map<string, Run>>()
  for (const row of rows) {
    const run = {
      shape: textOf(row, 'shape'),
      program: textOf(row, 'program'),
      host: textOf(row, 'host'),
      account: textOf(row, 'account'),
      parent: textOf(row, 'parent'),
      logonId: textOf(row, 'logonId'),
    }
    for (const id of owners.get(`${textOf(row, 'evidence')}:${numberOf(row, 'record')}`) ?? []) {
      const own = runs.get(id) ?? new Map<string, Run>()
      runs.set(id, own.set(`${run.shape}\n${run.host}\n${run.account}`, run))
    }
  }
  return new Map([...runs].map(([id, own]) => [id, [...own.values()]]))
}

/** Who used the given commands, where and on which days. */
export async function usesOf(
  queries: EventQueries,
  runs: Iterable<readonly Run[]>,
): Promise<ReadonlyMap<string, readonly Use[]>> {
  const all = [...runs].flat()
  const shapes = [...new Set(all.map(run => run.shape))].slice(0, MOST_SHAPES)
  // The shape costs far more to work out than the file name, so it is worked out for programs of the list only.
  const programs = [...new Set(all.map(run => run.program))].sort()
  const rows = await rowsFor(queries, shapes, (list, sql) => {
    return `with started as (
        select lower(host) as host, lower("user") as account, "time", cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as day, ${commandShapeSql(sql)} as shape
        from process_activity where ${START} and ${programSql(sql)} in (${textList(sql, programs)})
      )
      select shape, host, account, count(*) as runs, min("time") as "firstSeen", ${sql.distinctList('cast(day as varchar)', MOST_DAYS)} as days
      from started where shape in (${list}) group by shape, host, account order by shape, host, account`
  })
  const uses = rows.map(
    (row): Use => ({
      shape: textOf(row, 'shape'),
      host: textOf(row, 'host'),
      account: textOf(row, 'account'),
      runs: numberOf(row, 'runs'),
      firstSeen: numberOf(row, 'firstSeen'),
      days: listOf(row, 'days')
        .map(Number)
        .toSorted((a, b) => a - b),
    }),
  )
  return Map.groupBy(uses, use => use.shape)
}

/** How long and how densely the process starts of one machine are recorded. */
export interface HostHistory {
  readonly host: string
  readonly records: number
  readonly firstTime: number
  readonly lastTime: number
  readonly days: readonly number[]
}

export async function hostHistories(queries: EventQueries): Promise<readonly HostHistory[]> {
  const rows = await queries.rows(
    `select lower(host) as host, count(*) as records, min("time") as "firstTime", max("time") as "lastTime",
       ${queries.dialect.distinctList(`cast(cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as varchar)`, 5_000)} as days
     from process_activity where ${START} group by 1 order by 1`,
  )
  return rows.map(row => ({
    host: textOf(row, 'host'),
    records: numberOf(row, 'records'),
    firstTime: numberOf(row, 'firstTime'),
    lastTime: numberOf(row, 'lastTime'),
    days: listOf(row, 'days')
      .map(Number)
      .toSorted((a, b) => a - b),
  }))
}
