import { type EventQueries, MICROS_PER_DAY, numberOf, type SourceRef, sourceRefOf, textOf } from '../model/index.ts'
import type { ClockBook } from './clocks/clock-book.ts'
import { rowsFor } from './sql.ts'

/** How the machine of a session is named. */
export const SESSION_MACHINE = 'VPN session of '

/** One stay inside through a tunnel: who came from where, and which inside address they had meanwhile. */
export interface TunnelSession {
  /** "VPN session of ann at 10.0.9.7": a machine of its own, because the next one at this address is somebody else. */
  readonly machine: string
  readonly user: string
  /** The outside address, the last known hop. */
  readonly source: string
  readonly assigned: string
  readonly gateway: string
  readonly from: number
  readonly to: number
  readonly evidence: readonly SourceRef[]
}

/** A session whose end was not recorded is taken to last no longer than this; devices end idle ones within hours. */
const LONGEST_WITHOUT_END = MICROS_PER_DAY
/** Rows read at most; a larger concentrator's sessions beyond them are counted as cut. */
const MOST_ROWS = 50_000

/** The tunnel sessions that concern the given addresses, outside or assigned. */
export async function tunnelSessions(
  queries: EventQueries,
  addresses: readonly string[],
  clocks: ClockBook,
): Promise<readonly TunnelSession[]> {
  const rows = await rowsFor(
    queries,
    addresses,
    list => `
      select evidence, record, "byteOffset", host, "time", action, "user", "srcIp", "assignedIp", "tunnelId" from tunnel_activity
      where "time" is not null and "assignedIp" <> '' and "assignedIp" <> "srcIp" and ("srcIp" in (${list}) or "assignedIp" in (${list}))
      order by "time", evidence, record limit ${MOST_ROWS}`,
  )
  const open = new Map<string, TunnelSession>()
  const done = new Map<string, TunnelSession>()
  const ordered = rows
    .map(row => ({ row, time: numberOf(row, 'time') + clocks.offset(textOf(row, 'evidence'), textOf(row, 'host')) }))
    .toSorted((a, b) => a.time - b.time || numberOf(a.row, 'record') - numberOf(b.row, 'record'))
  for (const { row, time } of ordered) {
    const assigned = textOf(row, 'assignedIp')
    const source = textOf(row, 'srcIp')
    const key = `${textOf(row, 'host')}\n${assigned}`
    const ref = sourceRefOf(`${textOf(row, 'evidence')}:${numberOf(row, 'record')}:${numberOf(row, 'byteOffset')}`)
    const current = open.get(key)
    const ends = textOf(row, 'action') === 'down'
    const same = current && current.source === source && time - current.from <= LONGEST_WITHOUT_END * 7
    const session: TunnelSession = same
      ? { ...current, to: ends ? time : current.to, evidence: [...current.evidence, ref].slice(0, 100) }
      : {
          machine: `${SESSION_MACHINE}${textOf(row, 'user')} at ${assigned} (${time})`,
          user: textOf(row, 'user'),
          source,
          assigned,
          gateway: textOf(row, 'host'),
          from: time,
          to: ends ? time : time + LONGEST_WITHOUT_END,
          evidence: [ref],
        }
    // Whoever gets the address next ends the stay of the one before.
    if (current && !same) done.set(current.machine, { ...current, to: Math.min(current.to, time) })
    done.set(session.machine, session)
    if (ends) open.delete(key)
    else open.set(key, session)
  }
  return [...done.values()]
}

/** The session that had an inside address at a moment. */
export function sessionAt(sessions: readonly TunnelSession[], address: string, moment: number): TunnelSession | undefined {
  return sessions.findLast(session => session.assigned === address && session.from <= moment && moment <= session.to)
}
