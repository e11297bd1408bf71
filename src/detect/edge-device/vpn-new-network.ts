import {
  draftOf,
  isoFromMicros,
  listOf,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  type Micros,
  numberOf,
  type SetDetector,
  type Severity,
  textOf,
} from '../../model/index.ts'
import { DAY_OF, EDGE_PRODUCTS, networkName, networkOf, VPN_PROTOCOLS } from './places.ts'

/** An account whose log-ins are known from fewer days has no habit to compare with. */
const HABIT_DAYS = 2
/** An account that appears this long after the records begin was not in use before. */
const LATE_DAYS = 3
/** Half as many networks as days: a traveller, for whom one more says nothing. */
const TRAVELLER = 0.5
/** Without a record of its end a session is followed for a working day. */
const LONGEST_HOURS = 12
/** What several accounts reach over the VPN is what the VPN is for. */
const OTHER_ACCOUNTS = 2
/** SSH, RPC, SMB, RDP, WinRM. */
const ADMIN_PORTS = '(22, 135, 445, 3389, 5985, 5986)'
const PORT_NAMES: Readonly<Record<string, string>> = {
  22: 'SSH',
  135: 'RPC',
  445: 'SMB',
  3389: 'RDP',
  5985: 'WinRM',
  5986: 'WinRM',
}

/** An account logs in to the VPN from a network it never used, and goes where it never went. */
export const vpnNewNetwork: SetDetector = {
  id: 'edge-device/vpn-new-network',
  title: 'VPN log-in from a network never seen for the account',
  on: 'set',
  reads: ['tunnel_activity', 'authentication', 'network_activity'],
  techniques: ['T1133', 'T1078'],
  severity: 'low',
  confidence: 'moderate',
  why: "Stolen credentials are used from other places than their owner's, often other people's home routers, and for other purposes.",
  innocent: 'the owner travels, moved, or has a new internet provider, and does something new that day',
  query: sql => `
    with attempt as (
      select evidence, record, "byteOffset", "time", host, lower(user) as account, srcIp, assignedIp as given from tunnel_activity
      where action in ('up', 'assigned') and user <> '' and "time" is not null
      union all
      select evidence, record, "byteOffset", "time", host, lower(user) as account, srcIp, '' as given from authentication
      where action = 'logon' and outcome = 'success' and protocol in ${VPN_PROTOCOLS} and user <> '' and "time" is not null),
    login as (
      select *, ${networkOf('srcIp')} as network, ${DAY_OF} as day from attempt where srcIp <> '' and not ${sql.isInternalAddress('srcIp')}),
    fresh as (select account, srcIp, min(network) as network, min("time") as start from login group by account, srcIp),
    record_start as (select min("time") as beginning from login),
    past as (
      select f.account as account, f.srcIp as place, f.network as network, f.start as start, count(distinct l.day) as days,
        count(distinct l.network) as networks, count(distinct l."time") as logins, min(l."time") as since,
        max(case when l.network = f.network then 1 else 0 end) as sameNetwork, ${sql.distinctList("coalesce(l.srcIp, '')", 50)} as earlier
      from fresh f left join login l on l.account = f.account and l."time" < f.start
      group by f.account, f.srcIp, f.network, f.start),
    candidate as (
      select account, place, network, start, days, networks, logins, since, sameNetwork, earlier from past cross join record_start
      where days >= ${HABIT_DAYS} or (logins = 0 and start - beginning >= ${LATE_DAYS * MICROS_PER_DAY})),
    lease as (
      select account, srcIp as place, given as leased, "time" as opened, lead("time", 1, "time" + ${LONGEST_HOURS * MICROS_PER_HOUR}) over (partition by given order by "time", record) as taken
      from login where given <> ''),
    ended as (select lower(user) as account, assignedIp as leased, "time" as closed from tunnel_activity where action = 'down' and assignedIp <> ''),
    visit as (
      select s.account as account, s.place as place, s.leased as leased, s.opened as opened,
        least(min(s.taken), coalesce(min(e.closed), s.opened + ${LONGEST_HOURS * MICROS_PER_HOUR}), s.opened + ${LONGEST_HOURS * MICROS_PER_HOUR}) as finish
      from lease s left join ended e on e.account = s.account and e.leased = s.leased and e.closed >= s.opened
      group by s.account, s.place, s.leased, s.opened),
    reached as (
      -- a firewall writes its line when the connection is over
      select evidence, record, "byteOffset", case when product in ${EDGE_PRODUCTS} then "time" - coalesce(duration, 0) else "time" end as "time",
        srcIp, dstIp as target, dstPort as port
      from network_activity
      where action in ('flow', 'open') and dstPort in ${ADMIN_PORTS} and srcIp in (select given from login) and ${sql.isInternalAddress('dstIp')}
        and coalesce(initiatorKnown, true) and coalesce(state, '') not in ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH')
      union all
      -- a log-on where no sensor saw the connection; the port is not known
      select evidence, record, "byteOffset", "time", srcIp, host as target, 0 as port from authentication
      where action = 'logon' and outcome = 'success' and srcIp in (select given from login) and host <> '' and protocol not in ${VPN_PROTOCOLS}),
    used as (
      select r.evidence as evidence, r.record as record, r."byteOffset" as "byteOffset", r."time" as "time", r.target as target, r.port as port,
        v.account as account, v.place as place, v.leased as leased
      from reached r join visit v on v.leased = r.srcIp and r."time" >= v.opened and r."time" <= v.finish),
    habit as (select account, target, port, min("time") as firstUse from used group by account, target, port),
    common as (select target, port, count(distinct account) as accounts from used group by target, port),
    novel as (
      select u.evidence as evidence, u.record as record, u."byteOffset" as "byteOffset", u."time" as "time", u.target as target, u.port as port, u.leased as leased,
        c.account as account, c.place as place
      from candidate c join used u on u.account = c.account and u.place = c.place and u."time" >= c.start
      join habit h on h.account = u.account and h.target = u.target and h.port = u.port
      join common o on o.target = u.target and o.port = u.port
      where h.firstUse >= c.start and o.accounts <= ${OTHER_ACCOUNTS}),
    proof as (
      select evidence, record, "byteOffset", "time", account, srcIp as place, host as device, given as leased, '' as target, 0 as port from login
      union all
      select evidence, record, "byteOffset", "time", account, place, '' as device, leased, target, port from novel)
    select account, place, earlier, max(network) as network, max(sameNetwork) as sameNetwork, max(days) as days, max(networks) as networks, max(logins) as logins, max(since) as since,
      count(distinct case when port > 0 then target end) as machines, count(distinct case when target <> '' and port = 0 then target end) as hosts,
      ${sql.distinctList("case when port > 0 then concat(target, ' ', cast(port as varchar)) else '' end", 12)} as ports,
      ${sql.distinctList("case when port = 0 then target else '' end", 12)} as names,
      ${sql.distinctList('device', 5)} as devices, ${sql.distinctList('leased', 20)} as leases,
      ${sql.distinctList("case when port > 0 then target else '' end", 20)} as targetAddresses,
      count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from proof join candidate using (account, place)
    group by account, place, earlier
    order by firstTime, account, place`,
  finding(row) {
    const account = textOf(row, 'account')
    const reachedCount = Math.max(numberOf(row, 'machines'), numberOf(row, 'hosts'))
    const logins = numberOf(row, 'logins')
    const traveller =
      logins > 0 && numberOf(row, 'networks') >= TRAVELLER * numberOf(row, 'days') && numberOf(row, 'networks') > 2
    const sameNetwork = numberOf(row, 'sameNetwork') === 1
    // A home line that got another number of its provider, or a traveller: the place alone says nothing.
    if ((traveller || sameNetwork) && reachedCount === 0) return undefined
    // Flows name a machine by address, its own log by name: the longer list is told, so that none is counted twice.
    const targets =
      numberOf(row, 'machines') >= numberOf(row, 'hosts')
        ? listOf(row, 'ports').map(target => target.replace(/ (\d+)$/, (_, port: string) => ` by ${PORT_NAMES[port] ?? port}`))
        : listOf(row, 'names')
    const place = textOf(row, 'place')
    const baseline =
      logins === 0
        ? 'The account had not logged in before although the records go back for days'
        : `Baseline: ${logins} earlier log-ins of the account on ${numberOf(row, 'days')} days since ${isoFromMicros(numberOf(row, 'since') as Micros)}, from ${numberOf(row, 'networks')} network${numberOf(row, 'networks') === 1 ? '' : 's'}; ${networkName(textOf(row, 'network'))} is ${sameNetwork ? 'one of them' : 'none of them'}`
    return draftOf(this, {
      title: `${account} logged in by VPN from ${place}, new for the account${reachedCount === 0 ? '' : `, and reached ${reachedCount} machine${reachedCount === 1 ? '' : 's'} it never used: ${targets.slice(0, 4).join(', ')}`}`,
      object: `${account} from ${place}`,
      severity: severityOf(reachedCount),
      confidence: reachedCount === 0 ? 'low' : 'moderate',
      hosts: [...listOf(row, 'devices'), ...listOf(row, 'names')],
      accounts: [account],
      addresses: [place, ...listOf(row, 'leases'), ...listOf(row, 'targetAddresses')],
      why: `${this.why} ${baseline}.`,
      habit: { address: place, earlier: listOf(row, 'earlier') },
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}

/** One new machine is a new task; several from a new place are somebody who does not know the way. */
function severityOf(machines: number): Severity {
  return machines >= 3 ? 'high' : machines === 2 ? 'medium' : 'low'
}
