import { draftOf, listOf, MICROS_PER_DAY, micros, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { ADMIN_PORT_NAME, ADMIN_PORTS, UNANSWERED } from './traffic.ts'

/** Somebody works: a look at a share or a health check carries less. */
const WORK_BYTES = 20_000
/** From a machine with so many targets others are administered: a jump host, a management server. */
const MANY_TARGETS = 5
/** Pairs seen on so many days are a habit. */
const HABIT_DAYS = 3

/** Somebody is worked on from one machine and meanwhile works on the next, on ways that nobody goes otherwise. */
export const lateralPath: SetDetector = {
  id: 'network/lateral-path',
  title: 'From machine to machine',
  on: 'set',
  reads: ['network_activity'],
  techniques: ['T1021'],
  severity: 'low',
  confidence: 'low',
  why: 'An intruder goes from machine to machine: while a session comes in, another one goes out, where none went before.',
  innocent: 'an administrator who works over an intermediate machine for the first time',
  query: sql => `
    with work as (
      select evidence, record, "byteOffset", "time" as begun, "time" + coalesce(duration, 0) as ended, srcIp, dstIp, dstPort, ${ADMIN_PORT_NAME} as name,
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
      select x.srcIp as one, x.dstIp as two, y.dstIp as three, x.name as firstName, y.name as secondName, y.dstPort as port, x.begun as begun, y.ended as ended,
        x.evidence as xe, x.record as xr, x."byteOffset" as xo, y.evidence as evidence, y.record as record, y."byteOffset" as "byteOffset", y.begun as "time"
      from rare x join rare y on y.srcIp = x.dstIp
      where y.dstIp <> x.srcIp and y.begun > x.begun and y.ended <= x.ended + 5000000)
    select one, two, three, min(firstName) as firstName, min(secondName) as secondName, min(port) as port, count(*) as total, min(begun) as firstTime, max(ended) as lastTime,
      ${sql.records(100)} as refs, ${sql.distinctList(`concat(xe, ':', cast(xr as varchar), ':', cast(xo as varchar))`, 100)} as firstRefs
    from path group by one, two, three order by firstTime, one, two, three`,
  finding(row) {
    const [one, two, three] = [textOf(row, 'one'), textOf(row, 'two'), textOf(row, 'three')]
    const evidence = [...listOf(row, 'firstRefs'), ...listOf(row, 'refs')]
    return draftOf(this, {
      title: `While ${one} worked on ${two} by ${textOf(row, 'firstName')}, ${two} worked on ${three} by ${textOf(row, 'secondName')}`,
      object: `${two} > ${three}:${numberOf(row, 'port')}`,
      hosts: [two, three],
      addresses: [one, two, three],
      why: `${this.why} The second session lay within the first one; neither way is a habit (fewer than ${HABIT_DAYS} days), and ${two} is no machine that many are administered from. Only time ties the two: a log-on record with the account would tell.`,
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
          grade: 'consistent',
          basis: 'by a session that lay within the one that came in',
          count: numberOf(row, 'total'),
          firstTime: micros(numberOf(row, 'firstTime')),
          lastTime: micros(numberOf(row, 'lastTime')),
        },
      ],
    })
  },
}
