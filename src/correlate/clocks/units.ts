import { type EventQueries, eventKinds, numberOf, textOf } from '../../model/index.ts'
import { overKinds } from '../sql.ts'

/** What wrote an event log's time is one clock: one machine in one evidence item. */
export interface ClockUnit {
  readonly evidence: string
  readonly host: string
  readonly path: string
  /** Products that came from it, sorted ("security", "sysmon"). */
  readonly products: readonly string[]
  readonly firstTime: number
  readonly lastTime: number
  readonly events: number
}

export const unitKey = (evidence: string, host: string) => `${evidence}\n${host}`

/** Everything that has a clock of its own in the case, with the time it covers. */
export async function clockUnits(queries: EventQueries): Promise<readonly ClockUnit[]> {
  const paths = new Map(
    (await queries.rows('select evidence, path from evidence_item')).map(row => [textOf(row, 'evidence'), textOf(row, 'path')]),
  )
  const rows = await queries.rows(`
    select evidence, host, product, min(first) as first, max(last) as last, cast(sum(n) as bigint) as n from (
      ${overKinds(
        eventKinds,
        kind =>
          `select evidence, host, product, min("time") as first, max("time") as last, count(*) as n from ${kind} where "time" is not null group by evidence, host, product`,
      )}
    ) as k group by evidence, host, product order by evidence, host, product`)
  const units = new Map<string, ClockUnit>()
  for (const row of rows) {
    const evidence = textOf(row, 'evidence')
    const host = textOf(row, 'host')
    const known = units.get(unitKey(evidence, host))
    units.set(unitKey(evidence, host), {
      evidence,
      host,
      path: paths.get(evidence) ?? evidence,
      products: [...(known?.products ?? []), textOf(row, 'product')],
      firstTime: Math.min(known?.firstTime ?? Number.POSITIVE_INFINITY, numberOf(row, 'first')),
      lastTime: Math.max(known?.lastTime ?? Number.NEGATIVE_INFINITY, numberOf(row, 'last')),
      events: (known?.events ?? 0) + numberOf(row, 'n'),
    })
  }
  return [...units.values()]
}

/** Does the unit hold what a sensor on the wire saw, rather than what a machine says about itself? */
export function isSensor(unit: ClockUnit): boolean {
  return unit.products.includes('zeek') || unit.products.includes('suricata')
}

/** Folder or archive that an item lies in. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), 0))
}
