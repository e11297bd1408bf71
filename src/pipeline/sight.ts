import {
  type Correlation,
  type EventKind,
  type EventQueries,
  eventKinds,
  flagOf,
  isAddress,
  MICROS_PER_MINUTE,
  machineKinds,
  micros,
  numberOf,
  type Row,
  type Sight,
  type SightKind,
  type SqlDialect,
  shortHostName,
  sightKinds,
  textOf,
} from '../model/index.ts'

/** Records are counted in steps of ten minutes first, so that pauses are looked for between steps and not between records. */
const SLOT = 10 * MICROS_PER_MINUTE
/** With fewer records than these the steps count and not the records: one log-on writes several. */
const FEW = 20
/** Among records that come by chance a pause of five times the mean one is left to one in 150. */
const PAUSES = 5
/** The note that a log was emptied is among its first records, not always the very first. */
const AT_ONCE = MICROS_PER_MINUTE
/** Machines of incidents that are asked about; nobody reads the gaps of more. */
const MOST_MACHINES = 500

/** The kinds of event that show something of the machine that recorded them. */
const SHOWS: Readonly<Partial<Record<EventKind, SightKind>>> = {
  authentication: 'log-ons',
  rdp_activity: 'log-ons',
  tunnel_activity: 'log-ons',
  process_activity: 'processes',
  network_activity: 'connections',
  http_activity: 'web requests',
}
/** Logs that would show a kind if there were any: Windows audits log-ons unless somebody switches that off. */
const WOULD_SHOW: ReadonlyMap<string, SightKind> = new Map([['security', 'log-ons']])
/** sudo records what went through it and nothing else that ran. */
const PARTIAL_PROCESSES = new Set(['sudo'])

/** Which logs show what of the machines of the incidents, and when they were written: their own, and of connections those of sensors and other devices too. */
export async function sightOf(queries: EventQueries, { incidents, machineOfLog }: Correlation): Promise<readonly Sight[]> {
  const machines = incidents
    .flatMap(incident => incident.entities)
    .filter(entity => machineKinds.includes(entity.entity))
    .slice(0, MOST_MACHINES)
  const names = new Set(machines.flatMap(({ name, aliases }) => [name, ...aliases].map(shortHostName)))
  const addresses = new Set(machines.flatMap(entity => [entity.name, ...entity.addresses]).filter(isAddress))
  if (machines.length === 0) return []
  const hosts = (await queries.rows(HOSTS))
    .map(row => textOf(row, 'host'))
    .filter(host => names.has(shortHostName(host)) || addresses.has(host))
  const own = await logs(queries, sql => `host in (${textList(sql, hosts)})`)
  const seen = addresses.size === 0 ? [] : await queries.rows(sensorsOf(queries.dialect, [...addresses].sort()))
  const sensors = seen.filter(row => !hosts.includes(textOf(row, 'host')) || textOf(row, 'host') === '')
  const spans = new Map(
    (
      await logs(
        queries,
        sql =>
          `host in (${textList(sql, column(sensors, 'host'))}) and product in (${textList(sql, column(sensors, 'product'))})`,
      )
    ).map(row => [placeOf(row), row]),
  )
  const nameless: Sight[] = []
  for (const [machine, list] of Map.groupBy(machineOfLog ?? [], ([, name]) => name)) {
    if (!names.has(shortHostName(machine)) && !addresses.has(machine)) continue
    const evidence = list.map(([item]) => item).sort()
    const written = await logs(queries, sql => `host = '' and evidence in (${textList(sql, evidence)})`)
    nameless.push(...written.map(row => sight(row, machine, kindsOf(row), true)))
  }
  return [
    ...own.map(row => sight(row, textOf(row, 'host'), kindsOf(row), true)),
    ...nameless,
    ...sensors.flatMap(row => {
      const span = spans.get(placeOf(row))
      return span ? [sight(span, textOf(row, 'address'), ['connections'], false)] : []
    }),
  ]
}

const HOSTS = `select distinct host from (${eventKinds.map(kind => `select distinct host from ${kind}`).join(' union all ')}) where host <> '' order by host`

const placeOf = (row: Row) => `${textOf(row, 'host')}\n${textOf(row, 'product')}`
const column = (rows: readonly Row[], name: string) => [...new Set(rows.map(row => textOf(row, name)))].sort()
const textList = (sql: SqlDialect, values: readonly string[]) =>
  values.length === 0 ? 'null' : values.map(value => sql.literal(value)).join(', ')

/** First and last record of each log, how long it pauses, and the kinds it recorded. */
async function logs(queries: EventQueries, where: (sql: SqlDialect) => string): Promise<readonly Row[]> {
  const condition = where(queries.dialect)
  return queries.rows(`with slot as (
      ${eventKinds
        .map(
          kind => `select host, product, floor("time" / ${SLOT}) as slot, count(*) as n, min("time") as "first", max("time") as "last",
          ${kind === 'log_activity' ? `min(case when action = 'cleared' then "time" end)` : 'cast(null as bigint)'} as emptied, '${SHOWS[kind] ?? ''}' as shows
        from ${kind} where "time" is not null and ${condition} group by host, product, floor("time" / ${SLOT})`,
        )
        .join(' union all ')}
    ), step as (
      select host, product, slot, sum(n) as n, min("first") as "first", max("last") as "last", min(emptied) as emptied, ${sightKinds
        .map(shown => `max(case when shows = '${shown}' then 1 else 0 end) as "${shown}"`)
        .join(', ')}
      from slot group by host, product, slot
    ), spaced as (
      select *, "first" - lag("last", 1, "first") over (partition by host, product order by slot) as pause from step
    )
    select host, product, min("first") as "firstTime", max("last") as "lastTime", max(pause) as pause, count(*) as steps,
      cast(sum(n) as bigint) as n, coalesce(min(emptied) - min("first") <= ${AT_ONCE}, false) as emptied, ${sightKinds.map(shown => `max("${shown}") as "${shown}"`).join(', ')}
    from spaced group by host, product order by host, product`)
}

/** Who recorded connections of the given addresses. */
function sensorsOf(sql: SqlDialect, addresses: readonly string[]): string {
  const list = textList(sql, addresses)
  return `select distinct host, product, address from (
      select host, product, "srcIp" as address from network_activity where "srcIp" in (${list})
      union all select host, product, "dstIp" as address from network_activity where "dstIp" in (${list})
    ) order by host, product, address`
}

function kindsOf(row: Row): readonly SightKind[] {
  const source = textOf(row, 'product')
  return sightKinds.filter(
    kind =>
      (numberOf(row, kind) > 0 && !(kind === 'processes' && PARTIAL_PROCESSES.has(source))) || WOULD_SHOW.get(source) === kind,
  )
}

function sight(row: Row, machine: string, kinds: readonly SightKind[], own: boolean): Sight {
  return {
    machine,
    source: textOf(row, 'product'),
    own,
    kinds,
    firstTime: micros(numberOf(row, 'firstTime')),
    lastTime: micros(numberOf(row, 'lastTime')),
    usualSilence: usualSilence(row),
    emptied: flagOf(row, 'emptied'),
  }
}

/** The longest pause it made, or what its pace leaves to chance. */
function usualSilence(row: Row): number {
  const [steps, records] = [numberOf(row, 'steps'), numberOf(row, 'n')]
  if (steps < 2) return records < FEW ? Number.POSITIVE_INFINITY : 0
  const span = numberOf(row, 'lastTime') - numberOf(row, 'firstTime')
  return Math.max(numberOf(row, 'pause'), (PAUSES * span) / (records < FEW ? steps : records))
}
