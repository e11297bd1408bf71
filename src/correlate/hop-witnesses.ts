import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../model/index.ts'
import type { Hop } from './hops.ts'

/** A log-on is recorded when its connection has begun, or, where a password is typed first, minutes later. */
const BEFORE = 5 * MICROS_PER_SECOND
const AFTER = 5 * MICROS_PER_MINUTE
/** Records kept of each side; the first ones show it. */
const RECORDS_OF_EACH = 25

/** Ways on which a log-on over the network, that does not say which, may have come. */
const NETWORK_WAYS = new Set(['T1021.001', 'T1021.002', 'T1021.006', 'T1047'])

/**
 * Log-ons and connections as one list of hops: a log-on and a connection between the same machines at the same time, by ways that fit each
 * other, are one hop with both witnesses, which says who (the log-on) and which way (the connection).
 */
export function withBothWitnesses(logons: readonly Hop[], flows: readonly Hop[]): readonly Hop[] {
  const byEnds = Map.groupBy(flows, ends)
  const told = new Set<Hop>()
  const joined = logons.map(logon => {
    const fitting = (byEnds.get(ends(logon)) ?? []).filter(flow => isOneWay(logon, flow))
    const [flow] = fitting
    if (!flow) return logon
    for (const one of fitting) told.add(one)
    return {
      ...logon,
      technique: flow.technique,
      from: Math.min(logon.from, flow.from),
      sources: Math.min(logon.sources, flow.sources),
      evidence: [...logon.evidence.slice(0, RECORDS_OF_EACH), ...flow.evidence.slice(0, RECORDS_OF_EACH)],
      evidenceTotal: logon.evidenceTotal + flow.evidenceTotal,
      bothSeen: true as const,
    }
  })
  return [...joined, ...flows.filter(flow => !told.has(flow))]
}

const ends = (hop: Hop) => `${hop.fromMachine}\n${hop.toMachine}`

function isOneWay(logon: Hop, flow: Hop): boolean {
  const fits = logon.technique === flow.technique || (logon.technique === 'T1021' && NETWORK_WAYS.has(flow.technique))
  return fits && logon.from <= flow.to + AFTER && logon.to >= flow.from - BEFORE
}
