import { draftOf, listOf, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { ANSWERED_COLUMNS, flowGroups, flowsOf } from './flow-groups.ts'
import { forwardings } from './forwarding-settings.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { ADMIN_PORTS, BEGUN, UNANSWERED } from './traffic.ts'

/** A forwarder dials as soon as it is asked; clocks of whole seconds and of two sensors add theirs. */
const SOON = 2_000_000
const EARLY = 1_000_000
/** Both legs end together; where a record has no end, only the beginning can agree. */
const SAME_END = 5_000_000
/** Behind a port that so many clients come to stands a published service. */
const MANY_CLIENTS = 5
/** Ways listed with one finding, and records that show it. */
const MOST_WAYS = 200
const SHOWN_RECORDS = 100

const LEG = `evidence, record, "byteOffset", "time", identity, srcIp, srcPort, dstIp, dstPort, protocol, ${BEGUN} as begun, duration as lasted`

/** A device is set to lead a port on to another machine, and connections on both sides of it are where and when the setting says. */
export const configuredForwarding: SetDetector = {
  id: 'network/configured-forwarding',
  title: 'Passed on as its configuration says',
  on: 'set',
  reads: [
    'network_activity',
    'device_config',
    'process_activity',
    'service_activity',
    'scheduled_job_activity',
    'registry_activity',
    'other_activity',
  ],
  techniques: ['T1090.001'],
  severity: 'informational',
  confidence: 'high',
  why: 'Whoever is seen behind this machine is not who began: the one before it is.',
  innocent: 'a published server: the operator forwards a port to it on purpose',
  prepared: [flowGroups],
  query: sql => `
    with ${forwardings(sql)},
    led_group as (
      select * from flow_group where timed and known and action in ('flow', 'open', 'close') and silent < flows
        and (dstPort in (select listenPort from forwarding) or dstPort in (select targetPort from forwarding where target = dstIp))),
    seen as (
      select ${LEG} from ${flowsOf('led_group', `evidence, record, "byteOffset", "time", identity, srcPort, duration, product, initiatorKnown, ${ANSWERED_COLUMNS}`)} flow
      where "time" is not null and coalesce(initiatorKnown, true) and not ${UNANSWERED}),
    passed as (
      select f.host as host, f.said as said, f.how as how, f.evidence as fe, f.record as fr, f."byteOffset" as fo, i.srcIp as client, i.dstIp as via, i.dstPort as viaPort, o.dstIp as target,
        o.dstPort as targetPort, i.identity as coming, i.evidence as evidence, i.record as record, i."byteOffset" as "byteOffset", i."time" as "time",
        concat(o.evidence, ':', cast(o.record as varchar), ':', cast(o."byteOffset" as varchar)) as going, i.begun as begun
      from forwarding f
      join seen i on i.dstPort = f.listenPort
      join seen o on o.dstIp = f.target and o.dstPort = f.targetPort and o.protocol = i.protocol and o.identity <> i.identity
      left join own_address a on a.host = f.host and a.ownIp = o.srcIp
      left join own_address b on b.host = f.host and b.ownIp = i.dstIp
      where (coalesce(f.listenAt, '') = '' or f.listenAt = i.dstIp) and i.dstIp <> o.dstIp and o.begun between i.begun - ${EARLY} and i.begun + ${SOON}
        and (i.lasted is null or o.lasted is null or abs(i.begun + i.lasted - o.begun - o.lasted) <= ${SAME_END})
        -- the onward leg comes from the machine that was asked, or still bears the client's own address and port
        and (o.srcIp = i.dstIp or (o.srcIp = i.srcIp and o.srcPort = i.srcPort) or (a.ownIp is not null and b.ownIp is not null))),
    planned as (${plannedRelays(sql, 'passed', ['host', 'via'])}),
    led as (select said as ledSaid, via as ledVia, client as ledClient, count(distinct coming) as passes from passed group by said, via, client),
    lead_list as (select ledSaid, ledVia, ${sql.distinctList(`concat(ledClient, ' ', cast(passes as varchar))`, MOST_WAYS)} as ways from led group by ledSaid, ledVia)
    select host, said, how, via, viaPort, target, targetPort, count(distinct coming) as total, count(distinct client) as clients, min(client) as client,
      max(case when targetPort in ${ADMIN_PORTS} then 1 else 0 end) as admin, max(case when ${sql.isInternalAddress('client')} then 0 else 1 end) as fromOutside,
      max(coalesce(named.plannedRole, addressed.plannedRole, '')) as role, min(begun) as firstTime, max(begun) as lastTime, max(ways) as ways,
      max(concat(fe, ':', cast(fr as varchar), ':', cast(fo as varchar))) as setting, ${sql.records(SHOWN_RECORDS)} as refs, ${sql.distinctList('going', SHOWN_RECORDS)} as onward
    from passed join lead_list on ledSaid = said and ledVia = via left join planned named on named.plannedMachine = host left join planned addressed on addressed.plannedMachine = via
    group by host, said, how, via, viaPort, target, targetPort
    order by total desc, via, viaPort, target, targetPort, said`,
  finding(row) {
    const [via, target] = [textOf(row, 'via'), `${textOf(row, 'target')}:${numberOf(row, 'targetPort')}`]
    const place = `${via}:${numberOf(row, 'viaPort')}`
    const clients = numberOf(row, 'clients')
    const client = clients === 1 ? textOf(row, 'client') : `${clients} addresses`
    const total = numberOf(row, 'total')
    const role = textOf(row, 'role')
    const source = textOf(row, 'how') === 'program' ? 'by a program started on it' : 'by its own configuration'
    const basis = `${source} (“${shortened(textOf(row, 'said'))}”) and by connections on both sides of it`
    const ways = listOf(row, 'ways').map(way => way.split(' '))
    const evidence = [textOf(row, 'setting'), ...listOf(row, 'refs'), ...listOf(row, 'onward')]
    return draftOf(this, {
      title: `${place} led ${total === 1 ? 'a connection' : `${total} connections`} of ${client} on to ${target}, as it is set to`,
      object: place,
      severity:
        role === '' && clients < MANY_CLIENTS && numberOf(row, 'admin') === 1 && numberOf(row, 'fromOutside') === 1
          ? 'low'
          : 'informational',
      hosts: [textOf(row, 'host') || via],
      addresses: [via, textOf(row, 'target'), ...ways.map(([from = '']) => from)],
      why: `${this.why} Shown ${basis}.`,
      ...(role === '' ? {} : { innocent: plannedWork(role) }),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      count: total,
      evidence,
      evidenceTotal: evidence.length,
      hops: ways.map(([from = '', count = '1']) => ({
        via,
        viaPort: numberOf(row, 'viaPort'),
        from,
        to: textOf(row, 'target'),
        toPort: numberOf(row, 'targetPort'),
        grade: 'proven',
        basis,
        count: Number(count),
        firstTime: micros(numberOf(row, 'firstTime')),
        lastTime: micros(numberOf(row, 'lastTime')),
      })),
    })
  },
}

/** Words of a setting that are long enough to find it again. */
function shortened(said: string): string {
  const line = said.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 120 ? line : `${line.slice(0, 117)}…`
}
