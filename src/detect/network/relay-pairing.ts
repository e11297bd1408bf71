import {
  type Confidence,
  draftOf,
  flagOf,
  listOf,
  micros,
  numberOf,
  type RelayHop,
  type Row,
  type SetDetector,
  type Severity,
  textOf,
} from '../../model/index.ts'
import { explicitProxies } from './explicit-proxy.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { shownLegs } from './relay-legs.ts'
import { relayMatches, relayTables } from './relay-match.ts'
import { ADMIN_PORTS, sizeOf } from './traffic.ts'

/** Fewer say little when nothing else is sure about them. */
const FEW_MATCHES = 3
/** Behind an address that so many clients come to stands a published service: a proxy, a load balancer, a gateway. */
const MANY_CLIENTS = 5
/** Sizes agree when they differ by no more than a proxy's greeting and what headers cannot tell. */
const SAME_SIZE = 64
/** Matches in which the sizes agree, for the word "carried". */
const AGREEING_SHARE = 0.8
/** Ways listed with one finding. */
const MOST_WAYS = 200

/** A machine connects onwards each time it is connected to, for as long and with as much: it passes on what comes in. */
export const relayPairing: SetDetector = {
  id: 'network/relay-pairing',
  title: 'Connections passed on',
  on: 'set',
  reads: ['network_activity', 'http_activity', 'tunnel_activity', 'other_activity'],
  techniques: ['T1090'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A machine that passes connections on hides who is behind them; the intruder is not at the address that the next machine sees.',
  innocent: 'a proxy, load balancer, port forwarding or jump host that the operator set up',
  prepared: relayTables,
  query: sql => `
    with ${relayMatches()},
    ${shownLegs('select incoming as leg from pair union all select outgoing as leg from pair')},
    way as (
      select p.box, incoming, outgoing, level, lag, endGap, exact, tick, controls, matchedRate, possibleRate, i.dstIp as via, i.srcIp as client, i.dstPort as viaPort, o.dstIp as peer, o.dstPort as peerPort, i.begun as begun, i.begun + i.lasted as ended,
        i.sent + i.got as bytes, abs(o.sent - i.sent) <= ${SAME_SIZE} + 0.02 * i.sent and abs(o.got - i.got) <= ${SAME_SIZE} + 0.02 * i.got as agrees,
        concat(i.srcIp, ' ', o.dstIp, ' ', cast(o.dstPort as varchar)) as leads
      from pair p join connection i on i.leg = incoming join connection o on o.leg = outgoing),
    explicit as (${explicitProxies(sql)}),
    planned as (${plannedRelays(sql, 'way', ['via'])}),
    record_of as (
      select box, viaPort, evidence, record, "byteOffset", "time" from way join connection on leg = incoming
      union all
      select box, viaPort, evidence, record, "byteOffset", "time" from way join connection on leg = outgoing),
    proof as (select box as proofBox, viaPort as proofPort, ${sql.records()} as refs from record_of group by box, viaPort),
    led as (
      select box as ledBox, viaPort as ledPort, leads, count(*) as passes from way group by box, viaPort, leads),
    lead_list as (
      select ledBox, ledPort, ${sql.distinctList(`concat(leads, ' ', cast(passes as varchar))`, MOST_WAYS)} as ways from led group by ledBox, ledPort),
    passed as (
      select box, via, viaPort, count(*) as total, count(*) filter (where level = 'matched') as sure, count(*) filter (where agrees) as agreeing,
      count(*) filter (where exact) as equal, sum(bytes) as bytes,
      count(distinct client) as clients, min(client) as client, count(distinct peer) as peers, min(peer) as peer, min(peerPort) as peerPort,
      max(case when ${sql.isInternalAddress('client')} then 1 else 0 end) as fromInside, max(case when ${sql.isInternalAddress('client')} then 0 else 1 end) as fromOutside,
      max(case when ${sql.isInternalAddress('peer')} then 1 else 0 end) as toInside, max(case when ${sql.isInternalAddress('peer')} then 0 else 1 end) as toOutside,
      max(case when peerPort in ${ADMIN_PORTS} then 1 else 0 end) as admin, ${sql.isInternalAddress('via')} as inside,
      ${sql.quantile('lag', 0.5)} as usualLag, ${sql.quantile('abs(endGap)', 0.5)} as usualEndGap, max(tick) as tick, max(controls) as controls,
      max(coalesce(matchedRate, 1)) as rate, max(possibleRate) as looseRate, min(begun) as firstTime, max(ended) as lastTime
      from way group by box, via, viaPort)
    -- the lists of a port stand beside it once, not beside each of its connections
    select passed.*, ways, case when proxyIp is null then 0 else 1 end as explicit, coalesce(plannedRole, '') as role, refs
    from passed join proof on proofBox = box and proofPort = viaPort join lead_list on ledBox = box and ledPort = viaPort
    left join explicit on proxyIp = via and proxyPort = viaPort left join planned on plannedMachine = via
    order by total desc, via, viaPort`,
  finding(row) {
    const via = textOf(row, 'via')
    const total = numberOf(row, 'total')
    const matched = isMatched(row)
    // A match or two of unlike sizes: somewhere in a large network that happens every day.
    if (!matched && total < FEW_MATCHES && numberOf(row, 'equal') === 0) return undefined
    const many = numberOf(row, 'clients') >= MANY_CLIENTS
    const client = numberOf(row, 'clients') === 1 ? textOf(row, 'client') : `${numberOf(row, 'clients')} addresses`
    const peer =
      numberOf(row, 'peers') === 1 ? `${textOf(row, 'peer')}:${numberOf(row, 'peerPort')}` : `${numberOf(row, 'peers')} addresses`
    const ways = listOf(row, 'ways').map(way => way.split(' '))
    const times = total === 1 ? 'once' : `${total} times`
    return draftOf(this, {
      title: matched
        ? `${via} passed connections from ${client} to its port ${numberOf(row, 'viaPort')} on to ${peer}, ${times}`
        : `${via} possibly passed connections from ${client} to its port ${numberOf(row, 'viaPort')} on to ${peer}, ${times}`,
      object: `${via}:${numberOf(row, 'viaPort')}`,
      // A proxy that is asked by name where to go says itself what it is; of others the asset list may.
      severity: numberOf(row, 'explicit') === 1 || textOf(row, 'role') !== '' ? 'informational' : severityOf(row, matched, many),
      confidence: confidenceOf(row, matched),
      techniques: flagOf(row, 'inside') || numberOf(row, 'fromInside') === 1 ? ['T1090.001'] : ['T1090'],
      hosts: [via],
      addresses: [via, ...new Set(ways.flatMap(([from = '', to = '']) => [from, to]))],
      why: `${this.why} ${basisOf(row, matched, client, peer)}`,
      ...(textOf(row, 'role') === '' ? {} : { innocent: plannedWork(textOf(row, 'role')) }),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      count: total,
      hops: hopsOf(row, matched, ways),
      evidenceTotal: listOf(row, 'refs').length,
    })
  },
}

function hopsOf(row: Row, matched: boolean, ways: readonly (readonly string[])[]): readonly RelayHop[] {
  const rate = percent(numberOf(row, matched ? 'rate' : 'looseRate'))
  return ways.map(([from = '', to = '', toPort = '', count = '1']) => ({
    via: textOf(row, 'via'),
    viaPort: numberOf(row, 'viaPort'),
    from,
    to,
    toPort: Number(toPort),
    grade: matched ? 'matched' : 'consistent',
    basis: matched
      ? `by both sides of it, which agree at both ends and in size (about ${rate} of such matches are wrong)`
      : `by its connections in and out, which agree no better than about ${rate} of such matches being wrong`,
    count: Number(count),
    firstTime: micros(numberOf(row, 'firstTime')),
    lastTime: micros(numberOf(row, 'lastTime')),
  }))
}

/** Matched twice, at both ends and in size, by a clock fine enough and better than chance by the stated rate; else only possible. */
function isMatched(row: Row): boolean {
  return (
    numberOf(row, 'sure') * 2 > numberOf(row, 'total') && numberOf(row, 'agreeing') >= AGREEING_SHARE * numberOf(row, 'total')
  )
}

function confidenceOf(row: Row, matched: boolean): Confidence {
  if (!matched) return 'low'
  return numberOf(row, 'equal') * 2 > numberOf(row, 'total') && numberOf(row, 'total') >= FEW_MATCHES ? 'high' : 'moderate'
}

/**
 * Between two outside addresses nobody needs us; to an administrative port inside, from outside or by few, somebody works through the
 * machine. A service of many clients is published, and what is only possible is no more than a hint.
 */
function severityOf(row: Row, matched: boolean, many: boolean): Severity {
  if (!matched) return many ? 'informational' : 'low'
  const from = (name: string) => numberOf(row, name) === 1
  if (from('fromOutside') && from('toOutside')) return many && !flagOf(row, 'inside') ? 'low' : 'high'
  if (many) return 'informational'
  if (from('fromOutside') && from('admin')) return 'high'
  return from('admin') || from('fromOutside') ? 'medium' : 'low'
}

function basisOf(row: Row, matched: boolean, client: string, peer: string): string {
  const total = numberOf(row, 'total')
  const coarse = numberOf(row, 'tick') >= 1e6
  const lag = millis(numberOf(row, 'usualLag'))
  const equal = numberOf(row, 'equal')
  const sizes =
    equal === total
      ? `carried the same bytes both ways (${sizeOf(numberOf(row, 'bytes'))} in all)`
      : `carried as much both ways (${sizeOf(numberOf(row, 'bytes'))} in all; the very same in ${equal} of ${total})`
  const chance = `Moved in time ${numberOf(row, 'controls')} times the same connections match by chance alone at a rate that makes ${percent(numberOf(row, matched ? 'rate' : 'looseRate'))} of such matches wrong`
  const what = `${total === 1 ? 'When' : 'Each time'} ${client} had connected, ${textOf(row, 'via')} connected to ${peer} ${coarse ? 'within the second' : `${lag} later`}, ended within ${coarse ? 'a second or two' : millis(numberOf(row, 'usualEndGap'))} of it and ${sizes}.`
  const limits = matched
    ? 'A sensor on both sides with other numbers, or a program on the machine that makes both connections for its own reasons, would refute it.'
    : `This is consistent with passing on and no proof${coarse ? ': the source tells times in whole seconds' : ''}; flows with milliseconds from both sides, or the machine's own NAT or proxy log, would tell.`
  return `${what} ${chance}. ${limits}`
}

const millis = (micros: number): string =>
  micros < 10_000 ? `${(micros / 1000).toFixed(1)} ms` : `${Math.round(micros / 1000)} ms`
const percent = (rate: number): string => `${rate < 0.1 ? (Math.max(rate, 0.001) * 100).toFixed(1) : Math.round(rate * 100)} %`
