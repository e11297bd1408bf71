import {
  draftOf,
  listOf,
  MICROS_PER_HOUR,
  micros,
  numberOf,
  type Row,
  type SetDetector,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import { plannedRelays, plannedWork } from './planned-relay.ts'
import { ADMIN_PORTS } from './traffic.ts'

/** A session whose end was not recorded is taken to last no longer than a working day. */
const LONGEST_SESSION = 10 * MICROS_PER_HOUR
/** Records of one machine are written within this. */
const EARLY = 2_000_000
/** From a machine with so many targets others are administered. */
const MANY_TARGETS = 5
/** Ways listed with one finding, and records that show it. */
const MOST_WAYS = 100
const SHOWN_RECORDS = 200

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`
/** Programs by which somebody goes on to another machine, and files with them. */
const CLIENTS = String.raw`(?i)(?:^|[\\/])(?:ssh|scp|sftp|rsync|telnet|plink|pscp|putty|mstsc|xfreerdp|rdesktop|vncviewer)(?:\.exe)?$`

/** Accounts without domain and realm, as both sides of the join write them. */
const bare = (sql: SqlDialect, column: string) =>
  sql.replaceAll(sql.replaceAll(`lower(${column})`, String.raw`^.*\\`, ''), '@.*$', '')

/** Somebody logs in to a machine by SSH, and their account goes on from there, or their session carries others on. */
export const sessionOnward: SetDetector = {
  id: 'network/session-onward',
  title: 'Logged in and gone on',
  on: 'set',
  reads: ['authentication', 'network_activity', 'process_activity', 'tunnel_activity', 'other_activity'],
  techniques: ['T1021.004'],
  severity: 'informational',
  confidence: 'moderate',
  why: 'The machine itself recorded who came and that the same account went on: the next machine sees only the one between.',
  innocent: 'an administrator who works over an intermediate machine',
  query: sql => `
    with login as (
      select evidence, record, "byteOffset", "time" as since, host, ${bare(sql, '"user"')} as account, srcIp as client, logonId as session, product
      from authentication
      where action = 'logon' and outcome = 'success' and host <> '' and "user" <> '' and srcIp not in ('', '127.0.0.1', '::1') and "time" is not null
        and (process like '%sshd%' or protocol in ('ssh', 'publickey'))),
    leave as (
      select host as left_, logonId as leftSession, "time" as leftAt from authentication where action = 'logoff' and logonId <> '' and "time" is not null),
    stay as (
      select l.evidence, l.record, l."byteOffset", l.since, l.host, l.account, l.client, l.session, l.product,
        coalesce(min(leftAt), max(l.since) + ${LONGEST_SESSION}) as until
      from login l left join leave on left_ = l.host and leftSession = l.session and l.session <> '' and leftAt between l.since and l.since + 7 * ${LONGEST_SESSION}
      group by l.evidence, l.record, l."byteOffset", l.since, l.host, l.account, l.client, l.session, l.product),
    onward as (
      select 'carried' as how, evidence, record, "byteOffset", "time", host, ${bare(sql, '"user"')} as account, dstIp as target, dstPort as targetPort, '' as session
      from network_activity
      where action = 'open' and host in (select host from login) and "user" <> '' and ${sql.matches('image', String.raw`(?:^|/)sshd(?:-session)?$`)} and dstIp not in ('', '127.0.0.1', '::1')
        and dstPort not in (53, 88, 123, 389, 636) and srcIp not in (select client from login)
      union all
      select 'carried' as how, evidence, record, "byteOffset", "time", host, ${bare(sql, '"user"')} as account, target, targetPort, tunnelId as session
      from tunnel_activity where protocol = 'ssh-forwarding' and action = 'seen' and host in (select host from login) and target not in ('', 'localhost', '127.0.0.1', '::1')
      union all
      select 'went' as how, evidence, record, "byteOffset", "time", host, ${bare(sql, '"user"')} as account, dstIp as target, dstPort as targetPort, '' as session
      from network_activity
      where action = 'open' and host in (select host from login) and "user" <> '' and dstIp not in ('', '127.0.0.1', '::1') and dstPort in ${ADMIN_PORTS}
        and ${sql.matches('image', CLIENTS)}
      union all
      select 'went' as how, evidence, record, "byteOffset", "time", host, ${bare(sql, '"user"')} as account, ${sql.captured('commandLine', String.raw`(?:@|\s)(${ADDRESS})(?:[\s:]|$)`)} as target,
        cast(null as bigint) as targetPort, logonId as session
      from process_activity
      where action = 'start' and host in (select host from login) and "user" <> '' and ${sql.matches('image', CLIENTS)} and ${sql.matches('commandLine', String.raw`(?:@|\s)${ADDRESS}(?:[\s:]|$)`)}),
    during as (
      select o.how as how, o.host as host, s.account as account, o.target as target, o.targetPort as targetPort, o.evidence as evidence, o.record as record, o."byteOffset" as "byteOffset", o."time" as "time",
        s.client as client, s.since as since, concat(s.evidence, ':', cast(s.record as varchar), ':', cast(s."byteOffset" as varchar)) as came,
        o.session <> '' and o.session = s.session as sameSession
      from onward o join stay s on s.host = o.host and (s.account = o.account or o.account = '')
      where o."time" between s.since - ${EARLY} and s.until and o.target <> s.client),
    -- what the account does as well when nobody has come is a job of its own
    alone as (
      select o.host as aloneHost, o.account as aloneAccount, o.target as aloneTarget, count(*) as times
      from onward o left join during d on d.evidence = o.evidence and d.record = o.record
      where d.record is null and o.account <> '' group by o.host, o.account, o.target),
    sure as (select evidence as e, record as r, count(distinct client) as clientsThen, max(case when sameSession then 1 else 0 end) as bySession from during group by evidence, record),
    tied as (
      select during.*, case when sameSession or (bySession = 0 and clientsThen = 1) then 1 else 0 end as proven
      from during join sure on e = evidence and r = record
      left join alone on aloneHost = host and aloneAccount = account and aloneTarget = target
      where times is null and (sameSession or bySession = 0)),
    hub as (select host as hubHost, count(distinct target) as targets from tied group by host),
    planned as (${plannedRelays(sql, 'tied', ['host'])}),
    led as (
      select how as ledHow, host as ledHost, account as ledAccount, client as ledClient, concat(target, ' ', coalesce(cast(max(targetPort) as varchar), '')) as leads, count(*) as passes
      from tied group by how, host, account, client, target),
    lead_list as (
      select ledHow, ledHost, ledAccount, ledClient, ${sql.distinctList(`concat(leads, ' ', cast(passes as varchar))`, MOST_WAYS)} as ways from led group by ledHow, ledHost, ledAccount, ledClient)
    select how, host, max(account) as account, client, count(*) as total, count(distinct target) as peers, min(target) as target, max(targetPort) as targetPort, max(targets) as targets, min(proven) as proven,
      max(case when sameSession then 1 else 0 end) as bySession, max(case when targetPort in ${ADMIN_PORTS} then 1 else 0 end) as admin,
      max(case when ${sql.isInternalAddress('client')} then 0 else 1 end) as fromOutside, max(coalesce(plannedRole, '')) as role,
      min(since) as firstTime, max("time") as lastTime, max(ways) as ways, ${sql.distinctList('came', SHOWN_RECORDS)} as logins, ${sql.records(SHOWN_RECORDS)} as refs
    from tied join hub on hubHost = host join lead_list on ledHow = how and ledHost = host and ledAccount = account and ledClient = client left join planned on plannedMachine = host
    group by how, host, account, client
    order by firstTime, host, client, how, account`,
  finding(row) {
    const [host, client, account] = [textOf(row, 'host'), textOf(row, 'client'), textOf(row, 'account')]
    const carried = textOf(row, 'how') === 'carried'
    const port = row['targetPort'] === null ? '' : `:${numberOf(row, 'targetPort')}`
    const target = numberOf(row, 'peers') === 1 ? `${textOf(row, 'target')}${port}` : `${numberOf(row, 'peers')} places`
    const total = numberOf(row, 'total')
    const proven = numberOf(row, 'proven') === 1
    const role = textOf(row, 'role')
    const who = account === '' ? 'Somebody' : account
    const basis = basisOf(row, proven, carried)
    const evidence = [...listOf(row, 'logins'), ...listOf(row, 'refs')]
    const ways = listOf(row, 'ways').map(way => way.split(' '))
    return draftOf(this, {
      title: carried
        ? `${who} came from ${client} to ${host} by SSH, and the session carried ${total === 1 ? 'a connection' : `${total} connections`} on to ${target}`
        : `${who} came from ${client} to ${host} by SSH and went on to ${target}`,
      object: `${host} > ${target}`,
      severity: severityOf(row, carried, role !== ''),
      ...(proven ? { confidence: 'high' as const } : {}),
      techniques: carried ? ['T1572', 'T1090.001'] : ['T1021.004'],
      hosts: [host],
      accounts: [account],
      addresses: [client, ...ways.map(([to = '']) => to).filter(to => /^[\da-f.:]+$/i.test(to))],
      why: `${this.why} Shown ${basis}.`,
      ...(role === '' ? {} : { innocent: plannedWork(role) }),
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      count: total,
      evidence,
      evidenceTotal: evidence.length,
      hops: ways.map(([to = '', toPort = '', count = '1']) => ({
        via: host,
        viaPort: undefined,
        from: client,
        to,
        toPort: toPort === '' ? undefined : Number(toPort),
        grade: proven ? 'proven' : 'consistent',
        basis,
        count: Number(count),
        firstTime: micros(numberOf(row, 'firstTime')),
        lastTime: micros(numberOf(row, 'lastTime')),
      })),
    })
  },
}

function basisOf(row: Row, proven: boolean, carried: boolean): string {
  const what = carried ? 'the server of SSH opened the connections for the account' : 'the account went on while it was logged in'
  if (numberOf(row, 'bySession') === 1) return `by its own records of one session: ${what}`
  return proven
    ? `by its own records: ${what}, and it was logged in from this address only`
    : `by its own records of the account, which was logged in from several addresses at that time`
}

/** People work over intermediate machines every day; a session from outside that carries others on to administer machines is rarer. */
function severityOf(row: Row, carried: boolean, planned: boolean) {
  if (planned || numberOf(row, 'targets') >= MANY_TARGETS) return 'informational'
  if (numberOf(row, 'fromOutside') === 0) return carried ? 'low' : 'informational'
  return carried && numberOf(row, 'admin') === 1 ? 'medium' : 'low'
}
