import { draftOf, listOf, MICROS_PER_DAY, MICROS_PER_HOUR, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { ANSWERED_COLUMNS, flowGroups, flowsOf } from './flow-groups.ts'
import { ADMIN_PORT_NAME, ADMIN_PORTS, ADMIN_TECHNIQUES, bestView, sizeOf, UNANSWERED } from './traffic.ts'

/** A person at another machine sends commands, not data: a megabyte to a workstation over SMB is a tool that was copied. */
const TOOL_BYTES = 1_000_000
/** Pairs that meet on this many days are somebody's work, not somebody's visit. */
const HABIT_DAYS = 3
/** A machine that several others reach is a server; reaching it is what it is for. */
const SERVER_CLIENTS = 3

/** A machine administers another one that nobody else reaches so: two ways in within an hour, or a file pushed to it. */
export const adminSession: SetDetector = {
  id: 'network/admin-session',
  title: 'New administrative sessions between machines',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1021'],
  severity: 'low',
  confidence: 'low',
  why: 'With stolen credentials an intruder uses the ways administrators use; between two ordinary machines they are rare.',
  innocent: 'an administrator who helps a user or sets up a machine',
  prepared: [flowGroups],
  query: sql => `
    with administered as (
      select * from flow_group
      where timed and action in ('flow', 'open') and dstPort in ${ADMIN_PORTS} and protocol in ('tcp', '') and known and fromInside and toInside and srcIp <> dstIp and silent < flows),
    popular as (
      select dstIp as host, count(distinct srcIp) as clients from administered where dstPort <> 135 group by dstIp having count(distinct srcIp) < ${SERVER_CLIENTS}),
    visited as (select * from administered join popular on host = dstIp),
    call as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, protocol, series, action, coalesce(bytesOut, 0) as sent
      from ${flowsOf('visited', `evidence, record, "byteOffset", "time", initiatorKnown, bytesOut, ${ANSWERED_COLUMNS}`)} flow
      where "time" is not null and coalesce(initiatorKnown, true) and not ${UNANSWERED}),
    seen as (${bestView('call', 'srcIp, dstIp, dstPort')}),
    pair as (
      select srcIp as a, dstIp as b, min("time") as start, count(distinct cast(floor("time" / ${MICROS_PER_DAY}.0) as bigint)) as days
      from seen group by srcIp, dstIp),
    hourly as (
      select srcIp as ha, dstIp as hb, cast(floor("time" / ${MICROS_PER_HOUR}.0) as bigint) as hour,
        -- RPC opens the way for other protocols and is none of its own
        count(distinct case when dstPort <> 135 then ${ADMIN_PORT_NAME} end) as ways, sum(case when dstPort = 445 then sent else 0 end) as pushed
      from seen group by 1, 2, 3),
    busy as (select ha, hb, max(ways) as ways, max(pushed) as pushed from hourly group by ha, hb)
    select srcIp, dstIp, max(ways) as ways, max(pushed) as pushed, ${sql.distinctList(`case when dstPort <> 135 then ${ADMIN_PORT_NAME} else '' end`)} as names,
      count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from seen join pair on a = srcIp and b = dstIp join busy on ha = srcIp and hb = dstIp join popular on host = dstIp
    where days < ${HABIT_DAYS} and (ways >= 2 or (pushed >= ${TOOL_BYTES} and clients = 1))
    group by srcIp, dstIp
    order by firstTime, srcIp, dstIp`,
  finding(row) {
    const source = textOf(row, 'srcIp')
    const target = textOf(row, 'dstIp')
    const names = listOf(row, 'names')
    const pushed = numberOf(row, 'pushed')
    const both = numberOf(row, 'ways') >= 2 && pushed >= TOOL_BYTES
    return draftOf(this, {
      title: `${source} reached ${target} by ${names.join(' and ')}${pushed >= TOOL_BYTES ? `, sending ${sizeOf(pushed)}` : ''}`,
      object: `${source} > ${target}`,
      confidence: both ? 'moderate' : 'low',
      techniques: names.map(name => ADMIN_TECHNIQUES[name] ?? 'T1021').toSorted(),
      hosts: [source, target],
      addresses: [source, target],
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
