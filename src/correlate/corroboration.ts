import { type EventQueries, MICROS_PER_SECOND, numberOf, type Row, type SourceRef, sourceRefOf, textOf } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { rowsFor, rowsOfRecords } from './sql.ts'

/** The same connections as a sensor or firewall saw them. */
export interface Corroboration {
  readonly sentence: string
  readonly evidence: readonly SourceRef[]
}

/** By finding id. */
export type Corroborations = ReadonlyMap<string, Corroboration>

/** Records of a finding whose connections are looked up. */
const RECORDS = 12
/** After the clocks are compared, both records of one connection lie this close; Sysmon writes up to seconds late. */
const SAME_MOMENT = 15 * MICROS_PER_SECOND

const ENDS = `"srcIp" || ' ' || cast("srcPort" as varchar) || ' ' || "dstIp" || ' ' || cast("dstPort" as varchar)`

/**
 * Looks up the connections that a machine logged about itself in what sensors and firewalls saw: same addresses and ports at the same
 * ordered time. It proves the join of host and network, and adds how long they lasted and how much went through.
 */
export async function corroborations(
  queries: EventQueries,
  findings: readonly CaseFinding[],
  clocks: ClockBook,
): Promise<Corroborations> {
  const users = new Map<string, Set<string>>()
  for (const { finding, peers } of findings) {
    if (peers.length === 0) continue
    for (const ref of finding.evidence.slice(0, RECORDS)) {
      const key = `${ref.evidence}:${ref.record}`
      users.set(key, (users.get(key) ?? new Set()).add(finding.id))
    }
  }
  const own = await rowsOfRecords(
    queries,
    users.keys(),
    where => `
      select evidence, record, host, "time", ${ENDS} as ends from network_activity
      where ${where} and product in ('sysmon', 'security') and "time" is not null and "srcPort" > 0`,
  )
  const seen = await rowsFor(
    queries,
    own.map(row => textOf(row, 'ends')),
    list => `
      select evidence, record, "byteOffset", host, "time", ${ENDS} as ends, duration, "bytesOut", "bytesIn" from network_activity
      where product not in ('sysmon', 'security') and "time" is not null and ${ENDS} in (${list}) order by "time", evidence, record limit 10000`,
  )
  const bySensor = Map.groupBy(seen, row => textOf(row, 'ends'))
  const found = new Map<string, Map<string, Row>>()
  for (const row of own) {
    const at = timeOf(row, clocks)
    const same = (bySensor.get(textOf(row, 'ends')) ?? []).filter(other => Math.abs(timeOf(other, clocks) - at) <= SAME_MOMENT)
    for (const id of users.get(`${textOf(row, 'evidence')}:${numberOf(row, 'record')}`) ?? [])
      for (const other of same) found.set(id, (found.get(id) ?? new Map()).set(refOf(other), other))
  }
  return new Map(
    [...found].map(([id, rows]) => [
      id,
      { sentence: sentenceOf([...rows.values()]), evidence: [...rows.keys()].sort().map(sourceRefOf) },
    ]),
  )
}

const timeOf = (row: Row, clocks: ClockBook) =>
  numberOf(row, 'time') + clocks.offset(textOf(row, 'evidence'), textOf(row, 'host'))
const refOf = (row: Row) => `${textOf(row, 'evidence')}:${numberOf(row, 'record')}:${numberOf(row, 'byteOffset')}`

function sentenceOf(rows: readonly Row[]): string {
  const longest = Math.max(...rows.map(row => numberOf(row, 'duration'))) / MICROS_PER_SECOND
  const out = rows.reduce((sum, row) => sum + numberOf(row, 'bytesOut'), 0)
  const back = rows.reduce((sum, row) => sum + numberOf(row, 'bytesIn'), 0)
  const count = rows.length === 1 ? 'the same connection' : `the same ${rows.length} connections`
  const lasted = longest > 0 ? ` lasting up to ${Math.round(longest)} s` : ''
  return `The network log has ${count}${lasted}, with ${out.toLocaleString('en-US')} bytes out and ${back.toLocaleString('en-US')} bytes back.`
}
