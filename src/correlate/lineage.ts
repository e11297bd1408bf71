import { type EventKind, type EventQueries, fileNameOf, numberOf, type Row, textOf } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import { byPlace, overKinds, rowsFor, rowsOfRecords } from './sql.ts'

/** Records looked up for one finding: a burst of a thousand commands has one parent, which the first few show. */
const RECORDS = 12
/** Parents followed upwards; the deepest chains of real intrusions on record have eight. */
const DEPTH = 8
/** Process starts read for one step upwards; a machine that reuses numbers faster is cut here. */
const MOST_STARTS = 20_000

/** Processes that start everybody's work: two children of one of them have nothing in common. */
const ROOTS =
  /^(?:system|smss\.exe|csrss\.exe|wininit\.exe|winlogon\.exe|services\.exe|svchost\.exe|explorer\.exe|userinit\.exe|taskhostw?\.exe|taskeng\.exe|sihost\.exe|lsass\.exe|runtimebroker\.exe|systemd|init|sshd|cron|crond|launchd|)$/

/** Kinds whose records name the process that acted. */
const WITH_PROCESS: readonly EventKind[] = ['process_activity', 'file_activity', 'network_activity', 'registry_activity']

interface Process {
  readonly host: string
  readonly guid: string
  readonly pid: number
  readonly image: string
  readonly parentGuid: string
  readonly parentPid: number
  readonly parentImage: string
  readonly time: number
}

/**
 * The chain of processes behind each finding, up to but without the processes that start everybody's work. Two findings whose chains
 * meet were done by one actor, whatever the account says.
 */
export async function lineages(queries: EventQueries, findings: readonly CaseFinding[]): Promise<readonly ReadonlySet<string>[]> {
  const actors = await actingProcesses(queries, findings)
  const starts = new Starts()
  let wanted = [...actors.values()].flat()
  for (let depth = 0; depth < DEPTH && wanted.length > 0; depth++) wanted = await starts.load(queries, wanted)
  return findings.map((_, index) => {
    const chain = new Set<string>()
    for (const process of actors.get(index) ?? []) climb(process, starts, chain)
    return chain
  })
}

async function actingProcesses(queries: EventQueries, findings: readonly CaseFinding[]): Promise<ReadonlyMap<number, Process[]>> {
  const users = new Map<string, number[]>()
  findings.forEach(({ finding }, index) => {
    for (const ref of finding.evidence.slice(0, RECORDS)) {
      const key = `${ref.evidence}:${ref.record}`
      users.set(key, [...(users.get(key) ?? []), index])
    }
  })
  const columns = (kind: EventKind) => {
    const process = kind === 'process_activity'
    const own = process
      ? '"parentGuid", "parentPid", "parentImage", action'
      : `'' as "parentGuid", 0 as "parentPid", '' as "parentImage", action`
    return `select evidence, record, host, "processGuid", pid, image, ${own}, "time" from ${kind}`
  }
  const rows = byPlace(
    await rowsOfRecords(queries, users.keys(), where => overKinds(WITH_PROCESS, kind => `${columns(kind)} where ${where}`)),
  )
  const actors = new Map<number, Process[]>()
  for (const row of rows) {
    for (const index of users.get(`${textOf(row, 'evidence')}:${numberOf(row, 'record')}`) ?? [])
      actors.set(index, [...(actors.get(index) ?? []), processOf(row)])
  }
  return actors
}

function processOf(row: Row): Process {
  return {
    host: textOf(row, 'host'),
    guid: textOf(row, 'processGuid'),
    pid: numberOf(row, 'pid'),
    image: textOf(row, 'image'),
    parentGuid: textOf(row, 'parentGuid'),
    parentPid: numberOf(row, 'parentPid'),
    parentImage: textOf(row, 'parentImage'),
    time: numberOf(row, 'time'),
  }
}

/** Process starts that were looked up, by ProcessGuid, and by host and number for logs without one. */
class Starts {
  readonly #byGuid = new Map<string, Process>()
  readonly #byPid = new Map<string, Process[]>()

  /** The start of the process itself, where the event was something that it did later. */
  startOf(process: Process): Process {
    if (process.parentImage !== '') return process
    return (
      (process.guid === '' ? this.#latest(process.host, process.pid, process.time) : this.#byGuid.get(process.guid)) ?? process
    )
  }

  parentOf(process: Process): Process | undefined {
    if (process.parentGuid !== '') return this.#byGuid.get(process.parentGuid)
    return process.parentPid > 0 ? this.#latest(process.host, process.parentPid, process.time) : undefined
  }

  #latest(host: string, pid: number, before: number): Process | undefined {
    return this.#byPid.get(`${host}\n${pid}`)?.findLast(start => start.time <= before)
  }

  /** Reads the starts of the given processes and of their parents; returns what was new, to be followed further. */
  async load(queries: EventQueries, processes: readonly Process[]): Promise<Process[]> {
    const guids = processes
      .flatMap(process => [process.guid, process.parentGuid])
      .filter(guid => guid !== '' && !this.#byGuid.has(guid))
    const found: Process[] = []
    for (const row of await rowsFor(
      queries,
      guids,
      list => `${STARTS} and "processGuid" in (${list}) order by "time", record limit ${MOST_STARTS}`,
    )) {
      const process = processOf(row)
      if (this.#byGuid.has(process.guid)) continue
      this.#byGuid.set(process.guid, process)
      found.push(process)
    }
    const pids = processes
      .flatMap(({ guid, host, pid, parentGuid, parentPid }) => [
        ...(guid === '' && pid > 0 ? [`${host}\n${pid}`] : []),
        ...(parentGuid === '' && parentPid > 0 ? [`${host}\n${parentPid}`] : []),
      ])
      .filter(key => !this.#byPid.has(key))
    const query = (list: string) =>
      `${STARTS} and host || '\n' || cast(pid as varchar) in (${list}) order by "time", record limit ${MOST_STARTS}`
    for (const key of pids) this.#byPid.set(key, [])
    for (const row of await rowsFor(queries, pids, query)) {
      const process = processOf(row)
      this.#byPid.get(`${process.host}\n${process.pid}`)?.push(process)
      found.push(process)
    }
    return found
  }
}

const STARTS = `select host, "processGuid", pid, image, "parentGuid", "parentPid", "parentImage", "time" from process_activity where action = 'start'`

function climb(process: Process, starts: Starts, chain: Set<string>): void {
  let current: Process | undefined = starts.startOf(process)
  for (let depth = 0; current && depth <= DEPTH; depth++) {
    if (ROOTS.test(fileNameOf(current.image))) return
    chain.add(processKey(current))
    const parent = starts.parentOf(current)
    // A parent whose start was not recorded still has its number or guid.
    if (!parent && current.parentImage !== '' && !ROOTS.test(fileNameOf(current.parentImage))) chain.add(parentKey(current))
    current = parent
  }
}

const processKey = (process: Process) => process.guid || `${process.host} ${process.pid} ${fileNameOf(process.image)}`
const parentKey = (process: Process) =>
  process.parentGuid || `${process.host} ${process.parentPid} ${fileNameOf(process.parentImage)}`
