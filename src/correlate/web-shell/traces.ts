import {
  type EventQueries,
  fileNameOf,
  MICROS_PER_SECOND,
  numberOf,
  type Row,
  type SourceRef,
  sourceRefOf,
  textOf,
} from '../../model/index.ts'
import { byPlace, overKinds, rowsFor, rowsOfRecords } from '../sql.ts'
import { type Member, type Shell, sameMachine } from './shells.ts'
import { type Published, type Side, segmentsOf } from './sides.ts'

/** Names and clocks of the case. */
export interface Places {
  /** The machine that a recording host means at a recorded moment; '' when the record names none. */
  machineOf(host: string, evidence: string, moment: number): string
  /** Microseconds to add to recorded times. */
  offset(evidence: string, host: string): number
}

/** One request, on the reference clock. */
export interface Visit {
  readonly machine: string
  readonly page: string
  readonly at: number
  readonly method: string
  readonly status: number
  readonly bytes: number | undefined
  readonly client: string
  readonly agent: string
  readonly account: string
  readonly duration: number
  readonly ref: SourceRef
}

/** What happened to a file. */
export interface FileTrace {
  readonly machine: string
  readonly path: string
  readonly action: string
  readonly at: number
  readonly image: string
  readonly hashes: string
  readonly size: number
  readonly ref: SourceRef
}

/** One start of a process by the web server. */
export interface Start {
  readonly machine: string
  readonly at: number
  readonly command: string
  readonly user: string
  readonly ref: SourceRef
}

/** Requests read in all; the first of each page come first, and a page with more is told by its findings. */
const MOST_VISITS = 50_000
/** Records of one finding of process starts that are compared with requests. */
const STARTS = 200
/**
 * A command starts while its request is being answered. Apache and nginx write when it began or ended, IIS when it ended, all in whole
 * seconds; a command that takes longer than this to come is a scheduled one.
 */
export const ANSWERED_WITHIN = 10 * MICROS_PER_SECOND

const lastPart = (column: string) => `reverse(substring(reverse(${column}), 1, position('/' in reverse(${column})) - 1))`
const ANY_PAGE = `regexp_replace(lower(path), ';.*$', '')`
const REQUEST = `evidence, record, "byteOffset", host, "time", ${ANY_PAGE} as page, method, status, bytes, "clientIp", "userAgent", "user", duration`

/** All requests to the pages, and to whatever page the files would be called by. */
export async function visitsTo(queries: EventQueries, shells: readonly Shell[], places: Places): Promise<readonly Visit[]> {
  const names = shells.map(({ url, file }) => segmentsOf(url || file).at(-1) ?? '')
  const rows = await rowsFor(
    queries,
    names,
    // A log has few different paths beside its requests: each is taken apart once.
    list => `
      select ${REQUEST} from http_activity where "time" is not null and path in (
        select path from (select path, ${ANY_PAGE} as page from (select path from http_activity where path <> '' group by path) as p) as paths
        where ${lastPart('page')} in (${list})
      ) order by "time", evidence, record limit ${MOST_VISITS}`,
  )
  return rows.map(row => visitOf(row, places))
}

/** Starts whose moment is looked up in the requests, and how many clocks the web logs of a case may have. */
const MOMENTS = 100
const CLOCKS = 8

/** Requests that were being answered while the processes started, whatever page they asked for. */
export async function visitsAround(queries: EventQueries, starts: readonly Start[], places: Places): Promise<readonly Visit[]> {
  if (starts.length === 0) return []
  const logs = await queries.rows('select distinct evidence, host from http_activity order by evidence, host')
  const offsets = [...new Set(logs.map(row => places.offset(textOf(row, 'evidence'), textOf(row, 'host'))))].slice(0, CLOCKS)
  const moments = starts.slice(0, MOMENTS).flatMap(({ at }) => offsets.map(offset => Math.round(at - offset)))
  const visits: Row[] = []
  for (let from = 0; from < moments.length; from += MOMENTS) {
    const near = moments
      .slice(from, from + MOMENTS)
      .map(moment => `"time" between ${moment - ANSWERED_WITHIN} and ${moment + ANSWERED_WITHIN}`)
    visits.push(
      ...(await queries.rows(`
        select ${REQUEST} from http_activity where status < 400 and (method = 'POST' or query <> '') and (${near.join(' or ')})
        order by "time", evidence, record limit ${MOST_VISITS}`)),
    )
  }
  const seen = new Set<string>()
  return visits
    .map(row => visitOf(row, places))
    .filter(({ ref }) => {
      const key = `${ref.evidence}:${ref.record}:${ref.offset}`
      return !seen.has(key) && seen.add(key).size > 0
    })
}

function visitOf(row: Row, places: Places): Visit {
  const bytes = row.bytes
  return {
    ...placed(row, places),
    page: textOf(row, 'page'),
    method: textOf(row, 'method'),
    status: numberOf(row, 'status'),
    bytes: bytes === null || bytes === undefined ? undefined : Number(bytes),
    client: textOf(row, 'clientIp'),
    agent: textOf(row, 'userAgent'),
    account: textOf(row, 'user'),
    duration: numberOf(row, 'duration'),
  }
}

function placed(row: Row, places: Places): Pick<Visit, 'machine' | 'at' | 'ref'> {
  const evidence = textOf(row, 'evidence')
  const host = textOf(row, 'host')
  const recorded = row.time
  const at = typeof recorded === 'number' ? recorded + places.offset(evidence, host) : Number.NaN
  return {
    machine: places.machineOf(host, evidence, at),
    at,
    ref: sourceRefOf(`${evidence}:${numberOf(row, 'record')}:${numberOf(row, 'byteOffset')}`),
  }
}

/** Everything that was recorded about files of these names: written, deleted, given another time, found in the evidence. */
export async function fileTraces(queries: EventQueries, shells: readonly Shell[], places: Places): Promise<readonly FileTrace[]> {
  const names = shells.map(({ url, file }) => segmentsOf(file || url).at(-1) ?? '')
  const rows = await rowsFor(
    queries,
    names,
    (list, sql) => `
      select * from (select evidence, record, "byteOffset", host, "time", action, path, image, hashes, size, replace(lower(path), ${sql.literal('\\')}, '/') as plain
        from file_activity where action in ('create', 'write', 'rename', 'delete', 'found', 'time-changed')) as touched
      where ${lastPart('plain')} in (${list}) order by "time", evidence, record limit ${MOST_VISITS}`,
  )
  return rows.map(row => traceOf(row, places))
}

function traceOf(row: Row, places: Places): FileTrace {
  return {
    ...placed(row, places),
    path: textOf(row, 'path'),
    action: textOf(row, 'action'),
    image: fileNameOf(textOf(row, 'image')),
    hashes: textOf(row, 'hashes'),
    size: numberOf(row, 'size'),
  }
}

/** The same bytes elsewhere: a shell that was copied to a second server. */
export async function copiesOf(queries: EventQueries, hashes: readonly string[], places: Places): Promise<readonly FileTrace[]> {
  const rows = await rowsFor(
    queries,
    hashes,
    list => `
      select evidence, record, "byteOffset", host, "time", action, path, image, hashes, size from file_activity
      where hashes in (${list}) order by "time", evidence, record limit 1000`,
  )
  return rows.map(row => traceOf(row, places))
}

/** The process starts that findings rest on. */
export async function startsOf(
  queries: EventQueries,
  members: readonly Member[],
  places: Places,
): Promise<ReadonlyMap<Member, readonly Start[]>> {
  const wanted = new Map<string, Set<Member>>()
  for (const member of members)
    for (const ref of member.entry.finding.evidence.slice(0, STARTS)) {
      const key = `${ref.evidence}:${ref.record}`
      wanted.set(key, (wanted.get(key) ?? new Set()).add(member))
    }
  const rows = byPlace(
    await rowsOfRecords(queries, wanted.keys(), where =>
      overKinds(
        ['process_activity', 'network_activity'],
        kind =>
          `select evidence, record, "byteOffset", host, "time", image, "user", ${kind === 'process_activity' ? '"commandLine"' : `'connection to ' || "dstIp" || ':' || cast("dstPort" as varchar)`} as command
         from ${kind} where ${where} and "time" is not null`,
      ),
    ),
  )
  const found = new Map<Member, Start[]>()
  for (const row of rows) {
    const start = {
      ...placed(row, places),
      command: textOf(row, 'command') || fileNameOf(textOf(row, 'image')),
      user: textOf(row, 'user'),
    }
    for (const member of wanted.get(`${start.ref.evidence}:${start.ref.record}`) ?? [])
      found.set(member, [...(found.get(member) ?? []), start])
  }
  for (const list of found.values()) list.sort((a, b) => a.at - b.at || a.ref.record - b.ref.record)
  return found
}

/** The requests during whose answer a process started; undefined when there is none. */
export function visitDuring(start: Start, visits: readonly Visit[]): Visit | undefined {
  let best: Visit | undefined
  for (const visit of visits) {
    const early = visit.at - visit.duration - ANSWERED_WITHIN
    const late = visit.at + visit.duration + ANSWERED_WITHIN
    if (start.at < early || start.at > late) continue
    if (!best || Math.abs(visit.at - start.at) < Math.abs(best.at - start.at)) best = visit
  }
  return best
}

/** Which sides the evidence could show on a machine, so that what is not seen can be told from what nobody looked at. */
export async function recordedSides(queries: EventQueries, places: Places): Promise<(machine: string, side: Side) => boolean> {
  const kinds = { file_activity: 'file', http_activity: 'requests', process_activity: 'process' } as const
  const telling = {
    file_activity: "action in ('create', 'found')",
    http_activity: "path <> ''",
    process_activity: "action = 'start'",
  }
  const rows = await queries.rows(
    overKinds(
      ['file_activity', 'http_activity', 'process_activity'],
      kind =>
        `select host, '${kind}' as kind, max("time") as last from ${kind} where ${telling[kind as keyof typeof kinds]} group by host`,
    ),
  )
  const known = rows.map(row => ({
    machine: places.machineOf(textOf(row, 'host'), '', numberOf(row, 'last')),
    side: kinds[textOf(row, 'kind') as keyof typeof kinds],
  }))
  return (machine, side) => known.some(entry => entry.side === side && sameMachine(entry.machine, machine))
}

/** Folders that configurations among the evidence publish; one without a host may be any machine's. */
export async function publishedBy(queries: EventQueries, places: Places): Promise<readonly Published[]> {
  const rows = await queries.rows(`
    select distinct evidence, host, attribute, command from device_config
    where product = 'web-server' and object = 'published-folder' order by evidence, host, attribute, command limit ${MOST_VISITS}`)
  return rows.map(row => ({
    machine: places.machineOf(textOf(row, 'host'), textOf(row, 'evidence'), Number.NaN),
    url: textOf(row, 'attribute'),
    folder: textOf(row, 'command'),
  }))
}
