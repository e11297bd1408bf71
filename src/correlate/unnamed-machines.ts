import { type EventQueries, type Finding, textOf } from '../model/index.ts'
import type { UnnamedMachines } from './case-finding.ts'
import { type ClockUnit, folderOf } from './clocks/units.ts'
import { rowsFor } from './sql.ts'

/**
 * A web log that does not say whose it is still belongs to one server: logs of one series in one folder are one machine, named after
 * the log until the user names it.
 */
export async function unnamedMachines(
  queries: EventQueries,
  findings: readonly Finding[],
  units: readonly ClockUnit[],
): Promise<UnnamedMachines> {
  const wanted = findings
    .filter(finding => finding.hosts.length === 0)
    .flatMap(finding => finding.evidence.slice(0, 1).map(ref => ref.evidence))
  const paths = new Map(units.map(unit => [unit.evidence, unit.path]))
  const rows = await rowsFor(
    queries,
    wanted,
    list => `
      select distinct evidence, series from http_activity where evidence in (${list}) and host = '' and product not in ('zeek', 'suricata')
      order by evidence, series`,
  )
  const names = new Map<string, string>()
  for (const row of rows) {
    const evidence = textOf(row, 'evidence')
    const path = paths.get(evidence) ?? evidence
    const stem = textOf(row, 'series').split('|').at(-1) || path.slice(folderOf(path).length + 1)
    const folder = folderOf(path)
    names.set(
      evidence,
      `web server of ${folder === '' ? '' : `${folder.split(/[\\/!]/).findLast(part => part !== '') ?? ''}/`}${stem.split('/').at(-1)}`,
    )
  }
  return names
}
