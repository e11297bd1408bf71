import {
  draftOf,
  listOf,
  MICROS_PER_DAY,
  micros,
  numberOf,
  type Row,
  type SetDetector,
  type SqlDialect,
  textOf,
} from '../../model/index.ts'
import { ADMIN_PORT_NAME, ADMIN_PORTS, ADMIN_TECHNIQUES, UNANSWERED } from './traffic.ts'

/** Somebody works: a look at a share or a health check carries less. */
const WORK_BYTES = 20_000
/** From a machine with so many targets others are administered: a jump host, a management server. */
const MANY_TARGETS = 5
/** A log-on is recorded when its connection has begun, or, where a password is typed first, minutes later. */
const BEFORE = 5_000_000
const AFTER = 300_000_000
/** Other credentials are named just before they are used. */
const NAMED_BEFORE = 120_000_000
/** Records of log-ons kept with one finding. */
const SHOWN_LOGONS = 50
/** Pairs seen on so many days are a habit. */
const HABIT_DAYS = 3

const REF = `concat(evidence, ':', cast(record as varchar), ':', cast("byteOffset" as varchar))`
const bare = (sql: SqlDialect, column: string) => sql.replaceAll(sql.replaceAll(`lower(${column})`, '^.*[\\\\]', ''), '@.*$', '')

/**
 * CTEs `came` and `went`: for each pair of sessions (xid, yid) the log-ons that the machines themselves recorded when the first and the
 * second one began (4624, 1149, 5140, sshd): places, accounts, refs; and `named`: other credentials (4648) that the one who came named
 * on the machine between.
 */
function logons(sql: SqlDialect): string {
  const between = (moment: string) => `l.seenAt between ${moment} - ${BEFORE} and ${moment} + ${AFTER}`
  const fits = (name: string) =>
    `case when ${name} = 'SSH' then l.way = 'ssh' when ${name} = 'RDP' then l.way in ('rdp', 'net') else l.way = 'net' end`
  return `
    logon as (
      select host, "time" as seenAt, srcIp as fromIp, ${bare(sql, '"user"')} as account, ${REF} as ref,
        case when logonType = 10 then 'rdp' when process like '%sshd%' or protocol in ('ssh', 'publickey') then 'ssh' when logonType = 3 then 'net' else '' end as way
      from authentication where action = 'logon' and outcome <> 'failure' and host <> '' and srcIp in (select one from path union select two from path) and "user" not like '%$'
      union all
      select host, "time" as seenAt, srcIp as fromIp, ${bare(sql, '"user"')} as account, ${REF} as ref, 'rdp' as way
      from rdp_activity where action in ('connect', 'logon') and host <> '' and srcIp in (select one from path union select two from path) and "user" <> ''
      union all
      select host, "time" as seenAt, srcIp as fromIp, ${bare(sql, '"user"')} as account, ${REF} as ref, 'net' as way
      from smb_activity where action = 'share' and host <> '' and srcIp in (select one from path union select two from path) and "user" not in ('', '-') and "user" not like '%$'),
    came_by as (select distinct xid, yid, host, account, ref from path join logon l on l.fromIp = one and ${between('xBegun')} and ${fits('firstName')}),
    went_by as (select distinct xid, yid, host, account, ref from path join logon l on l.fromIp = two and ${between('"time"')} and ${fits('secondName')}),
    came as (select xid, yid, count(distinct host) as places, min(host) as place, ${sql.distinctList('ref', SHOWN_LOGONS)} as cameRefs, min(account) as cameAs from came_by group by xid, yid),
    went as (select xid, yid, count(distinct host) as places, min(host) as place, ${sql.distinctList('ref', SHOWN_LOGONS)} as wentRefs, min(account) as wentAs from went_by group by xid, yid),
    same as (select distinct c.xid as xid, c.yid as yid, c.account as sameAccount from came_by c join went_by w on w.xid = c.xid and w.yid = c.yid and w.account = c.account),
    named as (
      select c.xid as xid, c.yid as yid, min(${bare(sql, 'a."user"')}) as namedAs, min(c.account) as namedBy, ${sql.distinctList(`concat(a.evidence, ':', cast(a.record as varchar), ':', cast(a."byteOffset" as varchar))`, SHOWN_LOGONS)} as namedRefs
      from came_by c join path p on p.xid = c.xid and p.yid = c.yid
      join authentication a on a.action = 'explicit' and a.host = c.host and ${bare(sql, 'a."subjectUser"')} = c.account and a."time" between p."time" - ${NAMED_BEFORE} and p."time" + ${BEFORE}
      join went_by w on w.xid = c.xid and w.yid = c.yid and w.account = ${bare(sql, 'a."user"')}
      group by c.xid, c.yid)`
}

/** Somebody is worked on from one machine and meanwhile works on the next, on ways that nobody goes otherwise. */
export const lateralPath: SetDetector = {
  id: 'network/lateral-path',
  title: 'From machine to machine',
  on: 'set',
  reads: ['network_activity', 'authentication', 'rdp_activity', 'smb_activity'],
  techniques: ['T1021'],
  severity: 'low',
  confidence: 'low',
  why: 'An intruder goes from machine to machine: while a session comes in, another one goes out, where none went before.',
  innocent: 'an administrator who works over an intermediate machine for the first time',
  query: sql => `
    with work as (
      select evidence, record, "byteOffset", identity, "time" as begun, "time" + coalesce(duration, 0) as ended, srcIp, dstIp, dstPort, ${ADMIN_PORT_NAME} as name,
        cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as day
      from network_activity
      where action = 'flow' and protocol = 'tcp' and "time" is not null and dstPort in ${ADMIN_PORTS} and srcIp <> '' and srcIp <> dstIp and coalesce(initiatorKnown, true)
        and coalesce(duration, 0) > 0 and coalesce(bytesOut, 0) + coalesce(bytesIn, 0) >= ${WORK_BYTES} and not ${UNANSWERED}
        and ${sql.isInternalAddress('srcIp')} and ${sql.isInternalAddress('dstIp')}),
    habit as (select srcIp as a, dstIp as b, count(distinct day) as days from work group by srcIp, dstIp),
    manager as (select srcIp as hub, count(distinct dstIp) as targets from work group by srcIp),
    served as (select dstIp as busy, count(distinct srcIp) as sources from work group by dstIp),
    rare as (
      select work.* from work join habit on a = srcIp and b = dstIp join manager on hub = srcIp join served on busy = dstIp
      where days < ${HABIT_DAYS} and targets < ${MANY_TARGETS} and sources < ${MANY_TARGETS}),
    path as (
      select x.srcIp as one, x.dstIp as two, y.dstIp as three, x.name as firstName, y.name as secondName, y.dstPort as port, x.begun as xBegun, y.ended as ended, x.identity as xid, y.identity as yid,
        x.evidence as xe, x.record as xr, x."byteOffset" as xo, y.evidence as evidence, y.record as record, y."byteOffset" as "byteOffset", y.begun as "time"
      from rare x join rare y on y.srcIp = x.dstIp
      where y.dstIp <> x.srcIp and y.begun > x.begun and y.ended <= x.ended + 5000000),
    ${logons(sql)}
    select one, two, three, min(firstName) as firstName, min(secondName) as secondName, min(port) as port, count(*) as total, min("time") as firstTime, max(ended) as lastTime,
      max(case when came.places is not null or went.places is not null then 1 else 0 end) as someSeen,
      max(case when came.places = 1 then sameAccount end) as sameAccount, max(case when came.places = 1 then namedBy end) as namedBy, max(case when came.places = 1 then namedAs end) as namedAs, min(cameAs) as cameAs, min(wentAs) as wentAs,
      max(cameRefs) as cameRefs, max(wentRefs) as wentRefs, max(namedRefs) as namedRefs,
      ${sql.records(100)} as refs, ${sql.distinctList(`concat(xe, ':', cast(xr as varchar), ':', cast(xo as varchar))`, 100)} as firstRefs
    from path p left join came on came.xid = p.xid and came.yid = p.yid left join went on went.xid = p.xid and went.yid = p.yid
    left join same on same.xid = p.xid and same.yid = p.yid left join named on named.xid = p.xid and named.yid = p.yid
    group by one, two, three order by firstTime, one, two, three`,
  finding(row) {
    const [one, two, three] = [textOf(row, 'one'), textOf(row, 'two'), textOf(row, 'three')]
    const evidence = ['firstRefs', 'refs', 'cameRefs', 'wentRefs', 'namedRefs'].flatMap(name => listOf(row, name))
    const [as, joined] = [whoSaid(row), joinedBy(row)]
    return draftOf(this, {
      title: `While ${one} worked on ${two} by ${textOf(row, 'firstName')}, ${two} worked on ${three} by ${textOf(row, 'secondName')}${as}`,
      techniques: [ADMIN_TECHNIQUES[textOf(row, 'secondName')] ?? 'T1021'],
      ...(joined === undefined ? {} : { severity: 'medium' as const, confidence: 'moderate' as const }),
      accounts: ['sameAccount', 'namedBy', 'namedAs', 'cameAs', 'wentAs']
        .map(name => textOf(row, name))
        .filter((name, at, all) => all.indexOf(name) === at),
      object: `${two} > ${three}:${numberOf(row, 'port')}`,
      hosts: [two, three],
      addresses: [one, two, three],
      why: `${this.why} The second session lay within the first one; neither way is a habit (fewer than ${HABIT_DAYS} days), and ${two} is no machine that many are administered from. ${joined === undefined ? untied(row) : `The log-ons recorded at the same time join the two: ${joined}.`}`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence,
      evidenceTotal: evidence.length,
      hops: [
        {
          via: two,
          viaPort: undefined,
          from: one,
          to: three,
          toPort: numberOf(row, 'port'),
          grade: joined === undefined ? 'consistent' : 'matched',
          basis:
            joined === undefined
              ? 'by a session that lay within the one that came in'
              : `by connections and log-ons at the same time: ${joined}`,
          count: numberOf(row, 'total'),
          firstTime: micros(numberOf(row, 'firstTime')),
          lastTime: micros(numberOf(row, 'lastTime')),
        },
      ],
    })
  },
}

/** What ties both ways to one somebody: the account, or that the one who came named the other credentials; undefined when only time does. */
function joinedBy(row: Row): string | undefined {
  const [same, by, named] = [textOf(row, 'sameAccount'), textOf(row, 'namedBy'), textOf(row, 'namedAs')]
  if (same !== '') return `${same} logged on at both ends`
  return by === '' ? undefined : `${by}, who had come in, gave the credentials of ${named} for it`
}

function whoSaid(row: Row): string {
  const [same, by, named] = [textOf(row, 'sameAccount'), textOf(row, 'namedBy'), textOf(row, 'namedAs')]
  if (same !== '') return ` (${same})`
  return by === '' ? '' : ` (${by}, from there on as ${named})`
}

function untied(row: Row): string {
  const [came, went] = [textOf(row, 'cameAs'), textOf(row, 'wentAs')]
  const accounts = came !== '' && went !== '' ? `: ${came} came in, ${went} went on` : ''
  return numberOf(row, 'someSeen') === 1
    ? `Log-ons were recorded at the same time, and do not say that it was the same somebody${accounts}.`
    : 'Only time ties the two: a log-on record with the account would tell.'
}
