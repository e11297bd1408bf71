import { type EventQueries, type Finding, MICROS_PER_MINUTE, MICROS_PER_SECOND, textOf } from '../model/index.ts'
import { machineOfAddress, type UnnamedMachines } from './case-finding.ts'
import { type ClockUnit, folderOf } from './clocks/units.ts'
import type { ArrivalMatch } from './entities/arrivals.ts'
import type { AddressHolder } from './entities/host-book.ts'
import { rowsFor, rowsOfRecords } from './sql.ts'

/**
 * A log that does not say whose it is still belongs to one machine: web logs of one series in one folder are one server, named after
 * the log until the user names it; other logs beside it in that folder that name no machine either (auditd's, a history) are taken for
 * the same server's, unless the folder holds logs of machines with names, or of two servers; elsewhere, what a log's processes were
 * started by tells whose it is.
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
  const rows = await rowsFor(
    queries,
    unnamed.map(unit => unit.evidence),
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
  for (const [evidence, name] of await startedByRequests(queries, findings, machines, servers)) machines.set(evidence, name)
  return machines
}

/** A worker starts what a request asks for while it answers it; server logs write the request's time when it came or when it was answered. */
const BEFORE = 10 * MICROS_PER_SECOND
const AFTER = 2 * MICROS_PER_SECOND
/** The same starts at other times: how many fall near requests by chance. */
const SHIFTS = [-97, -41, 41, 97].map(minutes => minutes * MICROS_PER_MINUTE)
/** Three starts that each fall within seconds of a request for one page, nearly all of a log's, and hardly any at other times. */
const LEAST = 3
const SHARE = 0.8
const CHANCE = 0.2

/** Logs of processes that name no machine and lie elsewhere than the web log: the server whose requests for one page they were started by. */
async function startedByRequests(
  queries: EventQueries,
  findings: readonly Finding[],
  known: ReadonlyMap<string, string>,
  servers: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const starts = findings
    .filter(
      ({ hosts, witnesses }) => hosts.length === 0 && witnesses.some(({ rule }) => rule === 'web-shell/worker-starts-shell'),
    )
    .flatMap(({ evidence }) => evidence)
    .filter(ref => !known.has(ref.evidence))
    .map(ref => `${ref.evidence}:${ref.record}`)
  if (starts.length < LEAST || servers.size === 0) return new Map()
  const near = (shift: number) => `r."time" between s."time" + ${shift - BEFORE} and s."time" + ${shift + AFTER}`
  const rows = await rowsOfRecords(
    queries,
    starts,
    where => `, start as (
      select evidence, record, "time" from process_activity where host = '' and "time" is not null and ${where}
    ), total as (select evidence, count(*) as starts from start group by evidence),
    pair as (
      select s.evidence as evidence, s.record as record, r.evidence as log, r.path as path, max(case when ${near(0)} then 1 else 0 end) as now,
        ${SHIFTS.map(shift => `max(case when ${near(shift)} then 1 else 0 end)`).join(' + ')} as chance
      from start as s join http_activity as r on ${[0, ...SHIFTS].map(shift => `(${near(shift)})`).join(' or ')}
      where r.host = '' and r.status < 400 and r.evidence in (${[...servers.keys()].map(id => queries.dialect.literal(id)).join(', ')})
      group by s.evidence, s.record, r.evidence, r.path
    )
    select p.evidence as evidence, p.log as log, cast(sum(p.now) as bigint) as hits, max(t.starts) as starts
    from pair as p join total as t on p.evidence = t.evidence group by p.evidence, p.log, p.path
    having sum(p.now) >= ${LEAST} and sum(p.now) >= ${SHARE} * max(t.starts) and sum(p.chance) <= ${CHANCE * SHIFTS.length} * sum(p.now)
    order by p.evidence, p.log`,
  )
  const found = new Map<string, string>()
  for (const [evidence, list] of Map.groupBy(rows, row => textOf(row, 'evidence'))) {
    const [name, other] = [...new Set(list.map(row => servers.get(textOf(row, 'log')) ?? ''))]
    if (name !== undefined && name !== '' && other === undefined) found.set(evidence, name)
  }
  return found
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
