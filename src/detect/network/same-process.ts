import { draftOf, listOf, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { ADMIN_PORTS, lastingOf } from './traffic.ts'

/** A relay dials as soon as it is asked; a record of the host may be written late. */
const SOON = 2_000_000
const EARLY = 500_000
/** Only what lies in one of these spans or in neighbouring ones is compared. */
const SLOT = SOON
/** Of the connections that came in so many were passed on, or it is a server that calls somebody now and then. */
const PASSED_SHARE = 0.5
/** Behind a program that so many clients come to stands a published service. */
const MANY_CLIENTS = 5
/** Ways listed with one finding, and records that show it. */
const MOST_WAYS = 200
const SHOWN_RECORDS = 500

/** Parts of the system that are called and call others all day, for their own reasons. */
const SYSTEM =
  '(?i)(?:^|[\\\\/])(?:system|svchost\\.exe|lsass\\.exe|dns\\.exe|named|dfsrs?\\.exe|ntfrs\\.exe|spoolsv\\.exe|services\\.exe|wininit\\.exe|sqlservr\\.exe|mysqld|postgres|store\\.exe|edgetransport\\.exe|microsoft\\.exchange\\S*|msmpeng\\.exe|systemd|systemd-resolved|dnsmasq|unbound|chronyd|ntpd|avahi-daemon|snmpd|zabbix_\\w+|cfagent|puppet)$'
/** Names, tickets and groups: a server asks these about everybody who comes to it, which passes nobody on. */
const DIRECTORY_PORTS = '(53, 88, 389, 464, 636, 3268, 3269)'
/** Web servers and what runs their pages: they ask databases and other servers for each request; administering a machine is no part of that. */
const WEB_SERVER =
  '(?i)(?:^|[\\\\/])(?:w3wp\\.exe|iisexpress\\.exe|httpd(?:\\.exe)?|apache2|nginx(?:\\.exe)?|php-fpm\\S*|php-cgi(?:\\.exe)?|tomcat\\d*\\.exe|java(?:w)?(?:\\.exe)?|node(?:\\.exe)?|caddy|lighttpd|uwsgi|gunicorn|haproxy|envoy|traefik|varnishd)$'

/** One program accepted a connection and opened another one at once, again and again. */
export const sameProcess: SetDetector = {
  id: 'network/same-process',
  title: 'A program passes connections on',
  on: 'set',
  reads: ['network_activity', 'other_activity'],
  techniques: ['T1090.001'],
  severity: 'medium',
  confidence: 'high',
  why: 'The machine itself recorded both connections as one program’s: whoever is seen behind it is not who began.',
  innocent: 'a proxy, a gateway or a forwarder that the operator runs',
  query: sql => `
    with own as (
      select evidence, record, "byteOffset", "time", identity, host, image, srcIp, srcPort, dstIp, dstPort, ${sql.matches('image', WEB_SERVER)} as web,
        concat(host, ' ', case when processGuid <> '' then processGuid else concat(cast(coalesce(pid, 0) as varchar), ' ', image) end) as process,
        cast(floor("time" / ${SLOT}.0) as bigint) as slot
      from network_activity
      where action = 'open' and host <> '' and "time" is not null and (processGuid <> '' or (coalesce(pid, 0) > 4 and image <> ''))
        and not ${sql.matches('image', SYSTEM)} and srcIp not in ('127.0.0.1', '::1') and dstIp not in ('127.0.0.1', '::1')),
    opened as (select * from own where dstIp <> '' and dstPort is not null and (not web or dstPort in ${ADMIN_PORTS})),
    asking as (
      select o.*, slot + ahead as nearSlot from own o, (select -1 as ahead union all select 0 union all select 1) neighbours
      where srcIp <> '' and process in (select process from opened)),
    paired as (
      -- one address is the far end of what came in and the near end of what went out: the machine's own. Audit records of Linux name the other side only
      select a.identity as coming, o.identity as going, greatest(0, o."time" - a."time") as lag,
        row_number() over (partition by a.identity order by abs(o."time" - a."time"), o.identity) as ofComing,
        row_number() over (partition by o.identity order by abs(o."time" - a."time"), a.identity) as ofGoing
      from asking a join opened o on o.process = a.process and o.slot = a.nearSlot
      where o.identity <> a.identity and a.dstIp = o.srcIp and o.dstIp <> a.srcIp and o.dstIp <> a.dstIp
        and o."time" between a."time" - ${EARLY} and a."time" + ${SOON}),
    pass as (
      select a.process as process, a.host as host, a.image as image, a.web as web, a.srcIp as client, a.dstIp as near, case when a.dstIp = '' then a.host else a.dstIp end as via,
        a.dstPort as viaPort, o.dstIp as target, o.dstPort as targetPort, lag, a.evidence as evidence, a.record as record, a."byteOffset" as "byteOffset", a."time" as "time",
        concat(o.evidence, ':', cast(o.record as varchar), ':', cast(o."byteOffset" as varchar)) as onward
      from paired join own a on a.identity = coming join own o on o.identity = going where ofComing = 1 and ofGoing = 1),
    serves as (
      select o.process as server, count(*) as asked, count(distinct o.srcIp) as askers
      from own o join (select distinct process, near from pass) p on p.process = o.process and p.near = o.dstIp where o.srcIp <> '' group by o.process),
    planned as (${plannedRelays(sql, 'pass', ['host', 'via'])}),
    judged as (
      select pass.*, askers, asked, count(*) over (partition by process) as passedOn
      from pass join serves on server = process),
    kept as (
      select * from judged
      where (web or passedOn >= ${PASSED_SHARE} * asked) and not (targetPort in ${DIRECTORY_PORTS} and ${sql.isInternalAddress('client')})),
    led as (
      select process as ledProcess, concat(client, ' ', target, ' ', cast(targetPort as varchar)) as leads, count(*) as passes from kept group by process, client, target, targetPort),
    lead_list as (select ledProcess, ${sql.distinctList(`concat(leads, ' ', cast(passes as varchar))`, MOST_WAYS)} as ways from led group by ledProcess)
    select process, host, image, via, viaPort, max(case when web then 1 else 0 end) as web, count(*) as total, max(asked) as asked, max(askers) as clients, min(client) as client, count(distinct target) as targets,
      min(target) as target, min(targetPort) as targetPort, max(case when targetPort in ${ADMIN_PORTS} then 1 else 0 end) as admin,
      max(case when ${sql.isInternalAddress('client')} then 0 else 1 end) as fromOutside, max(case when ${sql.isInternalAddress('target')} then 0 else 1 end) as toOutside,
      ${sql.quantile('lag', 0.5)} as usualLag, max(coalesce(named.plannedRole, addressed.plannedRole, '')) as role, min("time") as firstTime, max("time") as lastTime, max(ways) as ways,
      ${sql.records(SHOWN_RECORDS)} as refs, ${sql.distinctList('onward', SHOWN_RECORDS)} as onward
    from kept join lead_list on ledProcess = process left join planned named on named.plannedMachine = host left join planned addressed on addressed.plannedMachine = via
    group by process, host, image, via, viaPort
    order by total desc, host, image, viaPort`,
  finding(row) {
    const [host, via] = [textOf(row, 'host'), textOf(row, 'via')]
    const program = textOf(row, 'image').replace(/^.*[\\/]/, '') || 'a program'
    const port = row['viaPort'] === null ? undefined : numberOf(row, 'viaPort')
    const total = numberOf(row, 'total')
    const clients = numberOf(row, 'clients')
    const client = clients === 1 ? textOf(row, 'client') : `${clients} addresses`
    const target =
      numberOf(row, 'targets') === 1
        ? `${textOf(row, 'target')}:${numberOf(row, 'targetPort')}`
        : `${numberOf(row, 'targets')} places`
    const [web, role] = [numberOf(row, 'web') === 1, textOf(row, 'role')]
    const planned = role !== ''
    const published = clients >= MANY_CLIENTS && numberOf(row, 'admin') === 0
    const ways = listOf(row, 'ways').map(way => way.split(' '))
    const evidence = [...listOf(row, 'refs'), ...listOf(row, 'onward')]
    const basis = web
      ? `by its own records: ${program} answers requests, and opened the connection while it did`
      : `by its own records: ${program} accepted one connection and opened the other`
    return draftOf(this, {
      title: `${program} on ${host} passed ${total === 1 ? 'a connection' : `${total} connections`} of ${client} on to ${target}`,
      object: `${via}:${port ?? ''} ${program}`,
      severity:
        planned || published
          ? 'informational'
          : numberOf(row, 'fromOutside') === 1 && numberOf(row, 'admin') === 1
            ? 'high'
            : this.severity,
      ...(web ? { confidence: 'moderate' as const } : {}),
      hosts: [host],
      addresses: [via, ...new Set(ways.flatMap(([from = '', to = '']) => [from, to]))].filter(address =>
        /^[\da-f.:]+$/i.test(address),
      ),
      why: `${this.why} ${program} had accepted ${numberOf(row, 'asked') === 1 ? 'one connection' : `${numberOf(row, 'asked')} connections`}${port === undefined ? '' : ` on port ${port}`} and opened ${total === 1 ? 'one' : total} within ${lastingOf(Math.max(0, numberOf(row, 'usualLag')) / 1e6)} of ${total === 1 ? 'it' : 'them'}${web ? '; it is a web server, and administering a machine is no part of its work; which request it was for the records do not say' : ''}.`,
      ...(planned ? { innocent: plannedWork(role) } : {}),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      count: total,
      evidence,
      evidenceTotal: evidence.length,
      hops: ways.map(([from = '', to = '', toPort = '', count = '1']) => ({
        via,
        viaPort: port,
        from,
        to,
        toPort: Number(toPort),
        grade: web ? 'consistent' : 'proven',
        basis,
        count: Number(count),
        firstTime: micros(numberOf(row, 'firstTime')),
        lastTime: micros(numberOf(row, 'lastTime')),
      })),
    })
  },
}
