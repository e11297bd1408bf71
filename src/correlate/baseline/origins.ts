import { bareAccountName, type EventQueries, listOf, MICROS_PER_DAY, numberOf, type Row, textOf } from '../../model/index.ts'
import { bareAccountSql, rowsFor } from '../sql.ts'
import { programSql } from './command-shape.ts'
import { type Comparison, HABIT_DAYS, pastOf } from './judge.ts'
import type { Run } from './usage.ts'

/** Something that was done on some days. */
interface Habit {
  readonly count: number
  /** Days since 1970. */
  readonly days: readonly number[]
}

/** Which parents started a program where, and which account came from which address. */
export interface Origins {
  /** By program. */
  readonly starts: ReadonlyMap<string, readonly (Habit & { readonly parent: string; readonly host: string })[]>
  /** By "host logon id": the address the session came from. */
  readonly sources: ReadonlyMap<string, string>
  readonly arrivals: readonly (Habit & { readonly account: string; readonly source: string })[]
}

/** Where a run came from, compared with the past. */
export interface Origin {
  /** The parent or the address is new although there is a habit to compare with. */
  readonly isNew: boolean
  /** '' when nothing is new. */
  readonly sentence: string
}

/** Days listed for one parent on one machine, or one account from one address. */
const MOST_DAYS = 1_000
const DAY = `cast(cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as varchar)`

const sessionKey = (host: string, logonId: string) => `${host} ${logonId}`
const habitOf = (row: Row): Habit => ({ count: numberOf(row, 'total'), days: listOf(row, 'days').map(Number) })

/** Looks up where the sessions of the given runs came from, and who else starts their programs. */
export async function originsOf(queries: EventQueries, runs: Iterable<readonly Run[]>): Promise<Origins> {
  const all = [...runs].flat()
  const started = await rowsFor(
    queries,
    all.map(run => run.program),
    (
      list,
      sql,
    ) => `select ${programSql(sql)} as program, ${programSql(sql, '"parentImage"')} as parent, lower(host) as host, count(*) as total,
        ${sql.distinctList(DAY, MOST_DAYS)} as days from process_activity
      where action = 'start' and "time" is not null and "parentImage" <> '' and ${programSql(sql)} in (${list}) group by 1, 2, 3 order by 1, 2, 3`,
  )
  const starts = Map.groupBy(
    started.map(row => ({
      program: textOf(row, 'program'),
      parent: textOf(row, 'parent'),
      host: textOf(row, 'host'),
      ...habitOf(row),
    })),
    row => row.program,
  )
  const logons = `action = 'logon' and outcome = 'success' and "srcIp" <> '' and "time" is not null`
  const sessions = await rowsFor(
    queries,
    all.map(run => run.logonId),
    list => `select lower(host) as host, "logonId", min("srcIp") as source from authentication
      where ${logons} and "logonId" in (${list}) group by 1, 2 having count(distinct "srcIp") = 1 order by 1, 2`,
  )
  const came = await rowsFor(
    queries,
    sessions.length > 0 ? all.map(run => bareAccountName(run.account)) : [],
    (
      list,
      sql,
    ) => `select ${bareAccountSql(sql, '"user"')} as account, "srcIp" as source, count(*) as total, ${sql.distinctList(DAY, MOST_DAYS)} as days
      from authentication where ${logons} and ${bareAccountSql(sql, '"user"')} in (${list}) group by 1, 2 order by 1, 2`,
  )
  return {
    starts,
    sources: new Map(sessions.map(row => [sessionKey(textOf(row, 'host'), textOf(row, 'logonId')), textOf(row, 'source')])),
    arrivals: came.map(row => ({ account: textOf(row, 'account'), source: textOf(row, 'source'), ...habitOf(row) })),
  }
}

/** Is the parent of a run, or the address its session came from, one that was never met in the time compared with? */
export function originOf(run: Run, moment: number, comparison: Comparison, origins: Origins): Origin {
  const within = pastOf(moment, comparison)
  const before = <One extends Habit>(habits: readonly One[]) => habits.filter(({ days }) => days.some(within))
  const names = new Set(comparison.peers.map(peer => peer.host))
  const starts = before((origins.starts.get(run.program) ?? []).filter(({ host }) => names.has(host)))
  const source = origins.sources.get(sessionKey(run.host, run.logonId))
  const account = bareAccountName(run.account)
  const arrivals = source === undefined ? [] : before(origins.arrivals.filter(one => one.account === account))
  const said: string[] = []
  let isNew = false
  const isHabit = (habits: readonly Habit[]) => new Set(habits.flatMap(({ days }) => days.filter(within))).size >= HABIT_DAYS
  const days = (habits: readonly Habit[]) => {
    const count = new Set(habits.flatMap(({ days }) => days.filter(within))).size
    return `${count} ${count === 1 ? 'day' : 'days'}`
  }
  if (run.parent !== '' && starts.length > 0 && starts.every(({ parent }) => parent !== run.parent)) {
    const others = [...new Set(starts.map(({ parent }) => parent))]
    const hosts = new Set(starts.map(({ host }) => host)).size
    said.push(
      `${run.program} was never started by ${run.parent} before, but by ${others.slice(0, 3).join(', ')} (on ${days(starts)}, ${hosts} of ${comparison.peers.length} ${comparison.peerWord}).`,
    )
    isNew ||= isHabit(starts)
  }
  if (source !== undefined && arrivals.every(one => one.source !== source)) {
    const from = arrivals.length
    said.push(
      `The session came from ${source}, from where the account never came before (${from === 0 ? 'it has no recorded log-on from an address before' : `it came from ${from === 1 ? 'one other address' : `${from} other addresses`} on ${days(arrivals)}`}).`,
    )
    isNew ||= isHabit(arrivals)
  }
  return { isNew, sentence: said.join(' ') }
}
