import { type EventQueries, MICROS_PER_SECOND, numberOf, type Row, type SourceRef, sourceRefOf, textOf } from '../model/index.ts'
import type { CaseFinding } from './case-finding.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { rowsFor, rowsOfRecords } from './sql.ts'

/** The same connections as a sensor or firewall saw them. */
export interface Corroboration {
  readonly sentence: string
  readonly evidence: readonly SourceRef[]
  /** What the sensor could not see of them. */
  readonly unseen?: string
}

/** By finding id. */
export type Corroborations = ReadonlyMap<string, Corroboration>

/** Records of a finding whose connections are looked up. */
const RECORDS = 12
/**
 * After the clocks are compared, both records of one connection lie this close: Sysmon writes seconds late, a clock that is set meanwhile
 * jumps, a sensor may miss the beginning. The same four numbers are not used again so soon (TIME-WAIT, RFC 9293 section 3.6.1).
 */
const SAME_MOMENT = 60 * MICROS_PER_SECOND

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
      select evidence, record, host, "time", "srcPort", ${ENDS} as ends from network_activity
      where ${where} and product in ('sysmon', 'security') and "time" is not null and "srcPort" > 0 order by evidence, record, ends`,
  )
  // Most flows are told apart by a number already, before their ends are put together as text.
  const ports = [...new Set(own.map(row => numberOf(row, 'srcPort')))].sort((a, b) => a - b)
  const seen = await rowsFor(
    queries,
    own.map(row => textOf(row, 'ends')),
    list => `
      select evidence, record, "byteOffset", host, "time", ${ENDS} as ends, duration, "bytesOut", "bytesIn", "packetsOut", "packetsIn", protocol from network_activity
      where product not in ('sysmon', 'security') and "time" is not null and "srcPort" in (${ports.join(', ')}) and ${ENDS} in (${list}) order by "time", evidence, record limit 10000`,
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
    [...found].map(([id, rows]) => {
      const unseen = unseenOf([...rows.values()])
      return [
        id,
        {
          sentence: `${sentenceOf([...rows.values()])}${unseen === undefined ? '' : ` ${unseen}`}`,
          evidence: [...rows.keys()].sort().map(sourceRefOf),
          ...(unseen === undefined ? {} : { unseen }),
        },
      ]
    }),
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

/** Payload of one direction that no connection can carry while the other side says nothing at all: requests and acknowledgements go back. */
const ONE_SIDED = 1_000

/**
 * A TCP peer that sends payload was asked for it and had it acknowledged; a sensor that counts nothing in the other direction stood where
 * only one passes (asymmetric routing, a span port of one direction). Nothing can then be said about what went the unseen way.
 */
function unseenOf(rows: readonly Row[]): string | undefined {
  const sides = rows
    .filter(row => textOf(row, 'protocol') === 'tcp')
    .map(row => [numberOf(row, 'bytesOut'), numberOf(row, 'bytesIn')] as const)
  if (sides.some(([out, back]) => out === 0 && back >= ONE_SIDED))
    return 'The sensor saw one direction only, what came in: whether data was taken out over it can be neither proven nor ruled out.'
  if (sides.some(([out, back]) => back === 0 && out >= ONE_SIDED))
    return 'The sensor saw one direction only, what went out: what came back over it cannot be told.'
  return undefined
}
