import { type EventQueries, type Finding, textOf } from '../model/index.ts'
import { machineOfAddress, type UnnamedMachines } from './case-finding.ts'
import { type ClockUnit, folderOf } from './clocks/units.ts'
import type { ArrivalMatch } from './entities/arrivals.ts'
import type { AddressHolder } from './entities/host-book.ts'
import { rowsFor } from './sql.ts'

/**
 * A log that does not say whose it is still belongs to one machine: web logs of one series in one folder are one server, named after
 * the log until the user names it; other logs beside it in that folder that name no machine either (auditd's, a history) are taken for
 * the same server's, unless the folder holds logs of machines with names, or of two servers.
 */
export async function unnamedMachines(
  queries: EventQueries,
  findings: readonly Finding[],
  units: readonly ClockUnit[],
): Promise<UnnamedMachines> {
  const wanted = new Set(
    findings
      .filter(finding => finding.hosts.length === 0)
      .flatMap(finding => finding.evidence.slice(0, 1).map(ref => ref.evidence)),
  )
  const paths = new Map(units.map(unit => [unit.evidence, unit.path]))
  const place = (evidence: string) => folderOf(paths.get(evidence) ?? evidence)
  const unnamed = units.filter(unit => unit.host === '')
  const folders = new Set([...wanted].map(place))
  const rows = await rowsFor(
    queries,
    unnamed.filter(unit => folders.has(folderOf(unit.path))).map(unit => unit.evidence),
    list => `
      select distinct evidence, series from http_activity where evidence in (${list}) and host = '' and product not in ('zeek', 'suricata')
      order by evidence, series`,
  )
  const servers = new Map<string, string>()
  for (const row of rows) {
    const evidence = textOf(row, 'evidence')
    const path = paths.get(evidence) ?? evidence
    const stem = textOf(row, 'series').split('|').at(-1) || path.slice(folderOf(path).length + 1)
    const folder = folderOf(path)
    servers.set(
      evidence,
      `web server of ${folder === '' ? '' : `${folder.split(/[\\/!]/).findLast(part => part !== '') ?? ''}/`}${stem.split('/').at(-1)}`,
    )
  }
  const named = new Set(units.filter(unit => unit.host !== '').map(unit => folderOf(unit.path)))
  const inFolder = Map.groupBy(servers, ([evidence]) => place(evidence))
  const machines = new Map<string, string>()
  for (const evidence of wanted) {
    const folder = place(evidence)
    const [only, other] = [...new Set((inFolder.get(folder) ?? []).map(([, name]) => name))]
    const name = servers.get(evidence) ?? (other === undefined && !named.has(folder) ? only : undefined)
    if (name !== undefined) machines.set(evidence, name)
  }
  return machines
}

/** The same machines under the names and addresses that were found for them since. */
export function foundMachines(
  unnamed: UnnamedMachines,
  matches: readonly ArrivalMatch[],
  holderOf: (match: ArrivalMatch) => AddressHolder | undefined,
): UnnamedMachines {
  const found = new Map(matches.map(match => [match.machine, holderOf(match)?.host ?? machineOfAddress(match.address)]))
  return new Map([...unnamed].map(([evidence, name]) => [evidence, found.get(name) ?? name]))
}
