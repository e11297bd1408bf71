import { draftOf, listOf, MICROS_PER_MINUTE, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** At a boot the event log writes 6009 (version of Windows) and 6005 (service started) one after the other. */
const TOGETHER = 2 * MICROS_PER_MINUTE

/** The event log service starts without the machine having started: somebody had stopped it. */
export const loggingRestarted: SetDetector = {
  on: 'set',
  id: 'log-gaps/logging-restarted',
  title: 'Event log service stopped while the machine ran',
  reads: ['log_activity', 'other_activity'],
  techniques: ['T1562.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Stopping the event log service or killing its threads leaves a time without records; the service says so only when it starts again.',
  innocent: 'the service crashed, or an update restarted it',
  query: sql => `with boot as (
      select distinct host, "time" as booted from other_activity where product = 'system' and code = '6009' and "time" is not null
    ), start as (
      select evidence, record, "byteOffset", "time", host from log_activity where action = 'started' and product = 'system' and code = '6005' and "time" is not null
    )
    select s.host as host, count(*) as starts, min(s."time") as "firstSeen", max(s."time") as "lastSeen", ${sql.records(100)} as records
    from start s
    where s.host in (select host from boot)
      and (s.host, s."time") not in (select t.host, t."time" from start t join boot b on t.host = b.host where b.booted between t."time" - ${TOGETHER} and t."time" + ${TOGETHER})
    group by s.host order by s.host`,
  finding(row) {
    const starts = numberOf(row, 'starts')
    return draftOf(loggingRestarted, {
      title: `The event log service was started ${starts} time${starts === 1 ? '' : 's'} without the machine starting`,
      object: 'event log service',
      evidence: listOf(row, 'records'),
      evidenceTotal: starts,
      firstTime: numberOf(row, 'firstSeen'),
      lastTime: numberOf(row, 'lastSeen'),
      hosts: [textOf(row, 'host')],
    })
  },
}
