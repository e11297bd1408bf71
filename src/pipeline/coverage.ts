import {
  type Coverage,
  type CoverageRow,
  type EventQueries,
  eventKinds,
  isoFromMicros,
  type Micros,
  numberOf,
  type Row,
  textOf,
} from '../model/index.ts'
import type { CaseItem, ItemTotals } from '../store/index.ts'

type Telling = CoverageRow['commandLines']

/** Windows sources; the telling fields are asked of these only. */
const WINDOWS = new Set([
  'security',
  'system',
  'application',
  'sysmon',
  'powershell',
  'terminal-services',
  'wmi',
  'task-scheduler',
  'defender',
  'esent',
  'windows',
])
/** Sources that record the start of processes, with or without command lines. */
const PROCESS_SOURCES = new Set(['security', 'sysmon'])

/** How much of the evidence was understood, and per host and source the oldest and newest record and whether the telling fields are there. */
export async function coverageOf(
  queries: EventQueries,
  items: readonly CaseItem[],
  totals: ReadonlyMap<string, ItemTotals>,
): Promise<Coverage> {
  const rows = await queries.rows(SOURCES)
  const withSysmon = new Set(rows.filter(row => textOf(row, 'product') === 'sysmon').map(row => textOf(row, 'host')))
  const [areas = {}] = await queries.rows(AREAS)
  const read = items.filter(item => item.state === 'read')
  const notRead = items.filter(item => ['waiting', 'recognised-not-read', 'encrypted', 'unreadable'].includes(item.state))
  const sum = (some: readonly CaseItem[], value: (item: CaseItem) => number) =>
    some.reduce((total, item) => total + value(item), 0)
  return {
    items: items.length,
    itemsRead: read.length,
    itemsNotRead: notRead.length,
    itemsUnknown: items.filter(item => item.state === 'unknown').length,
    bytes: sum(items, item => item.bytes),
    bytesRead: sum(read, item => item.bytes),
    records: sum(read, item => totals.get(item.evidence)?.records ?? 0),
    events: sum(read, item => totals.get(item.evidence)?.events ?? 0),
    areas: {
      logons: areas['logons'] === true,
      processes: areas['processes'] === true,
      web: areas['web'] === true,
      network: areas['network'] === true,
    },
    sources: rows.map(row => coverageRow(row, withSysmon)),
    partial: items.some(
      item => item.state === 'waiting' || (item.state === 'read' && (totals.get(item.evidence)?.partsDone ?? 0) < item.parts),
    ),
  }
}

const SOURCES = `
  select host, product, min("time") as "firstTime", max("time") as "lastTime", cast(sum(events) as bigint) as events,
    max("commandLines") as "commandLines", max("scriptBlocks") as "scriptBlocks"
  from (${eventKinds
    .map(
      kind => `select host, product, min("time") as "time", count(*) as events,
        ${kind === 'process_activity' ? `max(case when "commandLine" <> '' then 1 else 0 end)` : '0'} as "commandLines",
        ${kind === 'script_activity' ? `max(case when code = '4104' then 1 else 0 end)` : '0'} as "scriptBlocks"
        from ${kind} group by host, product
        union all select host, product, max("time"), 0, 0, 0 from ${kind} group by host, product`,
    )
    .join(' union all ')})
  group by host, product order by host, product`

const AREAS = `select exists (select 1 from authentication) as logons, exists (select 1 from process_activity) as processes,
  exists (select 1 from http_activity) as web, exists (select 1 from network_activity) as network`

function coverageRow(row: Row, withSysmon: ReadonlySet<string>): CoverageRow {
  const host = textOf(row, 'host')
  const source = textOf(row, 'product')
  const when = (applies: boolean, holds: boolean): Telling => (applies ? (holds ? 'yes' : 'no') : 'not applicable')
  return {
    host,
    source,
    firstTime: isoOf(row['firstTime']),
    lastTime: isoOf(row['lastTime']),
    events: numberOf(row, 'events'),
    commandLines: when(PROCESS_SOURCES.has(source), numberOf(row, 'commandLines') > 0),
    scriptBlocks: when(source === 'powershell', numberOf(row, 'scriptBlocks') > 0),
    sysmon: when(WINDOWS.has(source), withSysmon.has(host)),
  }
}

/** ISO time of a column; '' when NULL. */
export function isoOf(value: unknown): string {
  return typeof value === 'number' ? isoFromMicros(value as Micros) : ''
}
