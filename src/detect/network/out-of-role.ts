import { draftOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { flowGroups } from './flow-groups.ts'
import { ADMIN_PORT_NAME, ADMIN_PORTS, UNANSWERED } from './traffic.ts'

/** A role is known after a few days with some connections each. */
const DAYS_OF_ROLE = 3
const ENOUGH_CONNECTIONS = 20
/** What devices open by themselves: names, time, syslog, SNMP traps, TACACS+, RADIUS, LDAP, NetFlow, IKE, BGP, updates by HTTPS (published services of routers, switches, cameras). */
const DEVICE_PORTS =
  '(49, 53, 80, 123, 161, 162, 179, 389, 443, 500, 514, 636, 853, 1645, 1646, 1812, 1813, 2055, 3799, 4500, 4739, 5246, 5247, 6343, 6514, 9995, 9996)'
/** A machine that speaks more kinds of services is a computer. */
const FEW_SERVICES = 4

/** A machine that had only done what devices do begins to administer another one. */
export const outOfRole: SetDetector = {
  id: 'network/out-of-role',
  title: 'A device administers another machine',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1021'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Routers, cameras and firewalls ask for names and the time; one that opens remote desktop or SMB inside does it for somebody else.',
  innocent: 'an administrator who works from the device itself, or an address that was given to another machine',
  prepared: [flowGroups],
  query: sql => `
    with candidate as (
      -- who has not been seen for a day before the first time cannot be known by what it did
      select srcIp from flow_group where timed and action in ('flow', 'open') and dstPort is not null and known and fromInside group by srcIp
      having max(case when dstPort in ${ADMIN_PORTS} and toInside and silent < flows then latest end) - min(earliest) > ${MICROS_PER_DAY}),
    opened as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, dstPort, cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as day
      from network_activity
      where action in ('flow', 'open') and "time" is not null and srcIp <> '' and dstPort is not null and coalesce(initiatorKnown, true)
        and srcIp in (select srcIp from candidate) and not ${UNANSWERED}),
    turn as (
      select srcIp as who, min("time") as since from opened where dstPort in ${ADMIN_PORTS} and ${sql.isInternalAddress('dstIp')} group by srcIp),
    role as (
      select srcIp as device, count(distinct day) as days, count(*) as connections, ${sql.distinctList('cast(dstPort as varchar)', 8)} as services
      from opened join turn on who = srcIp where "time" < since
      group by srcIp
      having count(distinct day) >= ${DAYS_OF_ROLE} and count(*) >= ${ENOUGH_CONNECTIONS} and count(distinct dstPort) <= ${FEW_SERVICES}
        and count(*) filter (where dstPort not in ${DEVICE_PORTS}) = 0)
    select srcIp, dstIp, dstPort, ${ADMIN_PORT_NAME} as name, max(days) as days, max(connections) as connections, max(services) as services, count(*) as total,
      min("time") as firstTime, max("time") as lastTime, ${sql.records(500)} as refs
    from opened join role on device = srcIp
    where dstPort in ${ADMIN_PORTS} and ${sql.isInternalAddress('dstIp')}
    group by srcIp, dstIp, dstPort order by firstTime, srcIp, dstIp, dstPort`,
  finding(row) {
    const device = textOf(row, 'srcIp')
    const target = textOf(row, 'dstIp')
    return draftOf(this, {
      title: `${device} opened ${textOf(row, 'name')} to ${target}; for ${numberOf(row, 'days')} days before it had only done what devices do`,
      object: `${device} > ${target}:${numberOf(row, 'dstPort')}`,
      hosts: [device],
      addresses: [device, target],
      why: `${this.why} Before, it had opened ${numberOf(row, 'connections')} connections, all to port${listOf(row, 'services').length === 1 ? '' : 's'} ${listOf(row, 'services').join(', ')}.`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
