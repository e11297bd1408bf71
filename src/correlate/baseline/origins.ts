import { bareAccountName, type EventQueries, MICROS_PER_DAY, numberOf, textOf } from '../../model/index.ts'
import { bareAccountSql, rowsFor } from '../sql.ts'
import { programSql } from './command-shape.ts'
import type { Run } from './usage.ts'

/** Since when a program was started by which parent, and since when which account came from which address. */
export interface Origins {
  /** By program: parent and when it first started it. */
  readonly parents: ReadonlyMap<string, readonly { readonly parent: string; readonly firstSeen: number }[]>
  /** By "host logon id": the address the session came from. */
  readonly sources: ReadonlyMap<string, string>
  /** By "account address": when the account first came from there. */
  readonly arrivals: ReadonlyMap<string, number>
}

const sessionKey = (host: string, logonId: string) => `${host} ${logonId}`
const arrivalKey = (account: string, address: string) => `${bareAccountName(account)} ${address}`

/** Looks up where the sessions of the given runs came from, and who else starts their programs. */
export async function originsOf(queries: EventQueries, runs: Iterable<readonly Run[]>): Promise<Origins> {
  const all = [...runs].flat()
  const started = await rowsFor(
    queries,
    all.map(run => run.program),
    (
      list,
      sql,
    ) => `select ${programSql(sql)} as program, ${programSql(sql, '"parentImage"')} as parent, min("time") as "firstSeen" from process_activity
      where action = 'start' and "time" is not null and "parentImage" <> '' and ${programSql(sql)} in (${list}) group by 1, 2 order by 1, 3, 2`,
  )
  const parents = Map.groupBy(
    started.map(row => ({
      program: textOf(row, 'program'),
      parent: textOf(row, 'parent'),
      firstSeen: numberOf(row, 'firstSeen'),
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
  const sources = new Map(sessions.map(row => [sessionKey(textOf(row, 'host'), textOf(row, 'logonId')), textOf(row, 'source')]))
  const came = await rowsFor(
    queries,
    sources.values(),
    (
      list,
      sql,
    ) => `select ${bareAccountSql(sql, '"user"')} as account, "srcIp" as source, min("time") as "firstSeen" from authentication
      where ${logons} and "srcIp" in (${list}) group by 1, 2 order by 1, 2`,
  )
  return {
    parents,
    sources,
    arrivals: new Map(came.map(row => [arrivalKey(textOf(row, 'account'), textOf(row, 'source')), numberOf(row, 'firstSeen')])),
  }
}

/** What is new about where a run came from, in words; '' when nothing is. New is what was never seen before the day of the finding. */
export function noveltyOf({ program, parent, host, logonId, account }: Run, moment: number, origins: Origins): string {
  const day = Math.floor(moment / MICROS_PER_DAY) * MICROS_PER_DAY
  const said: string[] = []
  const starters = origins.parents.get(program) ?? []
  const before = starters.filter(one => one.firstSeen < day).map(one => one.parent)
  if (parent !== '' && before.length > 0 && !before.includes(parent))
    said.push(`${program} was never started by ${parent} before, but by ${before.slice(0, 3).join(', ')}.`)
  const source = origins.sources.get(sessionKey(host, logonId))
  if (source !== undefined && (origins.arrivals.get(arrivalKey(account, source)) ?? 0) >= day)
    said.push(`The session came from ${source}, from where the account never came before.`)
  return said.join(' ')
}
